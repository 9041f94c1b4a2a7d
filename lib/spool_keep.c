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

/* One that has ended and has its body, as its key says: time, kind, order. */
struct ended {
	struct key key;
	int64_t at;
	bool out;
	uint64_t order;
};

/* The first whose key is not less than `from'. */
static bool
find_ended(struct txn *t, struct bytes from, struct ended *out)
{
	struct bytes key, value;
	struct cursor c;

	if (!txn_seek(t, T_ENDED, from, &key, &value))
		return false;
	out->key = key_more((struct key){.size = 0}, key.data, key.size);
	c = cursor_of(key_bytes(&out->key));
	out->at = (int64_t)(cursor_u64(&c) ^ (uint64_t)1 << 63);
	out->out = cursor_u8(&c) == 'o';
	out->order = cursor_u64(&c);
	return true;
}

static void
drop(struct txn *t, const struct ended *e)
{
	struct key o = key_order(e->order);

	txn_delete(t, e->out ? T_OUT_BODY : T_IN_BODY, key_bytes(&o));
	txn_delete(t, T_ENDED, key_bytes(&e->key));
}

static bool
drop_one(struct txn *t, int64_t before, int percent)
{
	struct ended e;

	if (!find_ended(t, bytes_of(NULL, 0), &e) || (e.at >= before && !is_over(t, percent)))
		return false;
	drop(t, &e);
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

static int64_t
retain_until(struct txn *t, const struct ended *e)
{
	struct out_record out = {.version = 0};
	struct in_record in = {.version = 0};

	if (e->out) {
		out_at(t, e->order, &out);
		return out.header.retain_until;
	}
	in_at(t, e->order, &in);
	return in.header.retain_until;
}

/* Those whose sender's RetainUntil has passed, from the one behind `from' on. */
static size_t
find_retained(struct spool *s, int64_t now, struct key *from, struct ended *out)
{
	size_t n = 0;
	TXN(t);

	txn_read(&t, s);
	while (n < BATCH && find_ended(&t, key_bytes(from), &out[n])) {
		*from = key_more(out[n].key, "", 1); /* the least key behind it */
		if (retain_until(&t, &out[n]) <= now && t.e == E_OK)
			n++;
	}
	return n;
}

static enum err
drop_retained(struct spool *s, int64_t now)
{
	struct ended list[BATCH];
	struct key from = {.size = 0};
	size_t n = BATCH, all = 0;

	for (; n == BATCH; all += n) {
		TXN(t);

		n = find_retained(s, now, &from, list);
		if (n == 0)
			break;
		txn_write(&t, s, ROOM_FINISH);
		for (size_t i = 0; i < n; i++)
			if (txn_has(&t, T_ENDED, key_bytes(&list[i].key)))
				drop(&t, &list[i]);
		TRY(txn_commit(&t));
	}
	if (all > 0)
		log_line(LOG_NOTICE, "spool: dropped the bodies of %zu messages at RetainUntil",
			all);
	return E_OK;
}

enum err
spool_sweep(struct spool *s, int64_t now)
{
	uint64_t n;

	TRY(spool_drop(s, now - s->keep, SPARE, &n));
	TRY(drop_retained(s, now));
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
