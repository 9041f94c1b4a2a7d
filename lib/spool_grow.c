/* SPDX-License-Identifier: EUPL-1.2
 *
 * For a long run of work: a larger map before it begins, since what is refused in the middle of it
 * for want of room would have to be explained to somebody; and filing without reading again. */
#include <errno.h>

#include "lib/log.h"
#include "lib/spool_lmdb.h"

#define PAGE 4096
#define BEGIN_PERCENT 80 /* what begins work may fill (spool_open) */

enum err
spool_room_for(struct spool *s, size_t more, size_t each, size_t *map_size)
{
	struct spool_counts c;
	size_t open, filled, want;

	TRY(spool_count(s, &c));
	open = (size_t)(c.out[OUT_FILED] + c.out[OUT_SENT] + c.out[OUT_DELIVERED]);
	filled = c.map_used + more * each;
	want = filled + (open + more) * s->owed_out;
	want += (size_t)(c.in[IN_TAKEN] + c.in[IN_WAITING] + c.in[IN_CLAIMED]) * s->owed_in;
	if (want < filled / BEGIN_PERCENT * 100)
		want = filled / BEGIN_PERCENT * 100;
	*map_size = (want + ((size_t)1 << 20)) / PAGE * PAGE;
	return E_OK;
}

enum err
spool_grow(struct spool *s, size_t map_size)
{
	MDB_envinfo info;
	int rc;

	assert(s->group == NULL);
	map_size = (map_size + PAGE - 1) / PAGE * PAGE;
	if (mdb_env_info(s->env, &info) != 0)
		die("spool %s", s->directory);
	if (map_size <= info.me_mapsize)
		return E_OK;
	TRY(spool_allocate(s, map_size));
	rc = mdb_env_set_mapsize(s->env, map_size);
	if (rc == 0)
		return spool_age(s); /* the first commit writes the new size down */
	errno = rc > 0 ? rc : 0;
	log_line(LOG_ERROR, "spool: %s cannot be made larger: %s", s->directory, mdb_strerror(rc));
	return E_IO;
}

enum err
spool_file_made(struct spool *s, const struct header *h, struct bytes message, int64_t now)
{
	struct id_record known;
	struct digest d;
	TXN(t);

	digest_of(message.data, message.size, &d);
	txn_write(&t, s, ROOM_BEGIN);
	if (out_find(&t, &h->id, &known))
		txn_fail(&t, E_STATE);
	else if (t.e == E_OK)
		out_file_new(&t, h, &d, &message, now);
	return txn_commit(&t);
}
