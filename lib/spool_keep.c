/* SPDX-License-Identifier: EUPL-1.2
 *
 * How long the bodies of what has ended are kept. They are kept at all because an exchange, or a
 * register, that was restored from a backup has to be told again; they are dropped by age, and
 * earlier, the oldest end first, when new work needs their room. */
#include "lib/spool_lmdb.h"

#include <string.h>
#include <unistd.h>

#include "lib/log.h"

#define SPARE 60 /* percent of the map that dropping aims at */
#define BATCH 256
#define WIPE_AT_ONCE ((size_t)1 << 20)

void
spool_keep(struct spool *s, int64_t ms)
{
	s->keep = ms;
}

void
spool_owe(struct spool *s, size_t out, size_t in)
{
	s->owed_out = out;
	s->owed_in = in;
}

static bool
is_over(struct txn *t, int percent)
{
	MDB_envinfo info;

	if (mdb_env_info(t->s->env, &info) != 0)
		die("spool %s", t->s->directory);
	return txn_used(t) > info.me_mapsize / 100 * (size_t)percent;
}

/* Time, kind, order: the key of one that has ended. */
static bool
drop_one(struct txn *t, int64_t before, int percent)
{
	struct bytes key, value;
	struct key k, o;
	struct cursor c;
	enum table table;
	int64_t ended;

	if (!txn_seek(t, T_ENDED, bytes_of(NULL, 0), &key, &value))
		return false;
	k = key_more((struct key){.size = 0}, key.data, key.size);
	c = cursor_of(key_bytes(&k));
	ended = (int64_t)(cursor_u64(&c) ^ (uint64_t)1 << 63);
	table = cursor_u8(&c) == 'o' ? T_OUT_BODY : T_IN_BODY;
	o = key_order(cursor_u64(&c));
	if (ended >= before && !is_over(t, percent))
		return false;
	txn_delete(t, table, key_bytes(&o));
	txn_delete(t, T_ENDED, key_bytes(&k));
	return true;
}

static enum err
drop_batch(struct spool *s, int64_t before, int percent, uint64_t *n)
{
	TXN(t);

	*n = 0;
	txn_write(&t, s, ROOM_FINISH);
	while (*n < BATCH && t.e == E_OK && drop_one(&t, before, percent))
		(*n)++;
	return *n == 0 ? txn_end(&t) : txn_commit(&t);
}

enum err
spool_drop(struct spool *s, int64_t before, int percent, uint64_t *n)
{
	uint64_t more = BATCH;

	for (*n = 0; more == BATCH; *n += more)
		TRY(drop_batch(s, before, percent, &more));
	if (*n > 0)
		log_line(LOG_NOTICE, "spool: dropped the bodies of %llu messages that had ended",
			(unsigned long long)*n);
	return E_OK;
}

enum err
spool_sweep(struct spool *s, int64_t now)
{
	uint64_t n;

	TRY(spool_drop(s, now - s->keep, SPARE, &n));
	return spool_wipe(s);
}

/* In pieces, so that others of this user can work in between. */
static enum err
wipe_piece(struct spool *s, bool *more)
{
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	*more = t.e == E_OK && wipe_some(&s->wipe, t.t, WIPE_AT_ONCE);
	return txn_end(&t);
}

enum err
spool_wipe(struct spool *s)
{
	bool more = true;
	int fd;

	if (s->dropped == 0)
		return E_OK;
	assert(s->group == NULL);
	TRY(spool_age(s)); /* what the last commit has freed is within reach after the next */
	while (more)
		TRY(wipe_piece(s, &more));
	if (mdb_env_get_fd(s->env, &fd) != 0 || fdatasync(fd) != 0)
		return E_IO;
	if (s->wipe.upto >= s->dropped)
		s->dropped = 0;
	return E_OK;
}

bool
spool_made_room(struct spool *s, int64_t now)
{
	uint64_t n;

	/* what a commit has freed can be had again by the next but one */
	return spool_drop(s, now - s->keep, SPARE, &n) == E_OK && n > 0 && spool_age(s) == E_OK &&
	       spool_age(s) == E_OK;
}
