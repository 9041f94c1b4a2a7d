/* SPDX-License-Identifier: EUPL-1.2
 *
 * One transaction of the spool: a run of steps that shares a fate. "The map is full" is an answer
 * to the caller; any other failure of LMDB ends the process. Values are written with a check and
 * read back against it. */
#include "lib/spool_lmdb.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"

#define SWEEP_MS 60000
#define OWED_EVER ((uint64_t)256 << 10) /* pages that are free but not yet to be had again */

static const char *const table_names[TABLES] = {
	[T_META] = "meta",
	[T_OUT] = "out",
	[T_OUT_BODY] = "out-body",
	[T_OUT_ID] = "out-id",
	[T_OUT_WAIT] = "out-wait",
	[T_EVIDENCE] = "evidence",
	[T_IN] = "in",
	[T_IN_BODY] = "in-body",
	[T_IN_ID] = "in-id",
	[T_IN_STATE] = "in-state",
	[T_ANSWER] = "answer",
	[T_FACT] = "fact",
	[T_CHANNEL] = "channel",
	[T_BOOK] = "book",
	[T_ENDED] = "ended",
	[T_URGENT] = "urgent",
};

/* Of the records of each table that are records; 1 where nothing is said. */
static const uint8_t versions[TABLES] = {
	[T_META] = META_VERSION, [T_OUT] = OUT_VERSION, [T_IN] = IN_VERSION};

/* Records of before that are read: what they hold is the beginning of today's. */
static const struct {
	enum table table;
	uint8_t version;
	size_t size;
} older[] = {
	{T_META, 2, sizeof(struct meta_record)},
	{T_OUT, 1, sizeof(struct out_record1)},
	{T_IN, 2, sizeof(struct in_record2)},
};

const char *
txn_table_name(enum table table)
{
	return table_names[table];
}

static struct bytes
meta_key(void)
{
	return bytes_of("meta", 4);
}

void
txn_fail(struct txn *t, enum err e)
{
	if (t->e == E_OK)
		t->e = e;
}

/* What LMDB says: "full" is an answer, anything else is the machine. */
static void
txn_rc(struct txn *t, int rc)
{
	if (rc == 0)
		return;
	if (rc == MDB_MAP_FULL) {
		txn_fail(t, E_SPOOL_FULL);
		return;
	}
	errno = rc > 0 ? rc : 0;
	die("spool %s: %s", t->s->directory, mdb_strerror(rc));
}

static void
txn_begin(struct txn *t, struct spool *s, unsigned flags)
{
	int dead, rc;

	assert(s->owner == getpid());
	t->s = s;
	t->e = E_OK;
	if (s->group != NULL) /* LMDB has no readers inside of a writer */
		flags &= ~(unsigned)MDB_RDONLY;
	if (monotonic_now() - s->swept > SWEEP_MS) {
		(void)mdb_reader_check(s->env, &dead);
		s->swept = monotonic_now();
	}
	rc = mdb_txn_begin(s->env, s->group, flags, &t->t);
	if (rc == MDB_MAP_RESIZED && mdb_env_set_mapsize(s->env, 0) == 0)
		rc = mdb_txn_begin(s->env, NULL, flags, &t->t);
	if (rc == MDB_READERS_FULL && mdb_reader_check(s->env, &dead) == 0)
		rc = mdb_txn_begin(s->env, NULL, flags, &t->t);
	if (rc == MDB_READERS_FULL)
		txn_fail(t, E_LOCKED);
	else
		txn_rc(t, rc);
}

void
txn_read(struct txn *t, struct spool *s)
{
	txn_begin(t, s, MDB_RDONLY);
	if (!txn_record(t, T_META, meta_key(), &t->meta, sizeof t->meta))
		txn_fail(t, E_IO);
}

/* The first one of all finds no tables and makes them. */
void
txn_write(struct txn *t, struct spool *s, enum room room)
{
	txn_begin(t, s, 0);
	t->room = room;
	if (s->dbi[T_META] != 0 && !txn_record(t, T_META, meta_key(), &t->meta, sizeof t->meta))
		txn_fail(t, E_IO);
}

enum err
txn_end(struct txn *t)
{
	enum err e = t->e;

	if (t->t != NULL)
		mdb_txn_abort(t->t);
	t->t = NULL;
	return e;
}

void
txn_cleanup(struct txn *t)
{
	(void)!txn_end(t);
}

/* What the entries that have not ended may still need: receipts for what was filed, and for what
 * was taken two answers with their own receipts and the settlement. Reserved when they come in, so
 * that whatever has begun can end. */
static size_t
owed(const struct spool *s, const struct meta_record *m)
{
	uint64_t out = m->out[OUT_FILED] + m->out[OUT_SENT] + m->out[OUT_DELIVERED];
	uint64_t in = m->in[IN_TAKEN] + m->in[IN_WAITING] + m->in[IN_CLAIMED];

	return (size_t)(out * s->owed_out + in * s->owed_in + OWED_EVER);
}

static void
txn_check_room(struct txn *t)
{
	MDB_envinfo info;
	size_t used;

	if (t->e != E_OK || t->room == ROOM_FINISH)
		return;
	txn_rc(t, mdb_env_info(t->s->env, &info));
	used = txn_used(t);
	if (used > info.me_mapsize / 100 * (size_t)t->room ||
		used + owed(t->s, &t->meta) > info.me_mapsize)
		txn_fail(t, E_SPOOL_FULL);
}

#define HEAD_OCTETS 152
#define HEAD_NUMBER (HEAD_OCTETS - 8) /* the commit's */

/* LMDB keeps two heads (page 0 and page 1) and goes by the one with the greater number, which has
 * no check of its own: a flipped bit there brings back the state before the last commit, whole and
 * without a trace. So every commit says what the head before it looks like. */
struct head {
	uint8_t octet[HEAD_OCTETS];
	off_t at;
	int fd;
};

static void
head_read(struct txn *t, size_t number, struct head *out)
{
	MDB_stat st;

	if (mdb_env_get_fd(t->s->env, &out->fd) != 0 || mdb_env_stat(t->s->env, &st) != 0)
		die("spool %s: cannot read its head", t->s->directory);
	out->at = (off_t)((number & 1) * st.ms_psize);
	if (pread(out->fd, out->octet, HEAD_OCTETS, out->at) != HEAD_OCTETS)
		die("spool %s: cannot read its head", t->s->directory);
}

void
txn_head(struct txn *t, size_t number, uint8_t out[HEAD_SIZE])
{
	struct head head;
	struct digest d;

	head_read(t, number, &head);
	digest_of(head.octet, HEAD_OCTETS, &d);
	memcpy(out, d.octet, HEAD_SIZE);
}

/* When the head cannot be written, LMDB gives it its old number back, but not its old tables. It
 * does not count then; yet the head that does says what this one looked like, so it is made to look
 * so again. Not if its number says that LMDB has not been here, or somebody else has since. */
static void
head_put_back(const struct head *old)
{
	uint8_t is[HEAD_OCTETS];

	if (pread(old->fd, is, sizeof is, old->at) == HEAD_OCTETS &&
		memcmp(is + HEAD_NUMBER, old->octet + HEAD_NUMBER, sizeof(size_t)) == 0 &&
		memcmp(is, old->octet, HEAD_OCTETS) != 0)
		(void)!pwrite(old->fd, old->octet, HEAD_OCTETS, old->at);
}

enum err
txn_commit(struct txn *t)
{
	struct head old;
	int rc;

	if (t->e == E_OK && t->wrote) {
		t->meta.txn = mdb_txn_id(t->t);
		txn_head(t, t->meta.txn - 1, t->meta.before);
		txn_put(t, T_META, meta_key(), bytes_of(&t->meta, sizeof t->meta));
		txn_check_room(t);
	}
	if (t->e != E_OK)
		return txn_end(t);
	head_read(t, mdb_txn_id(t->t), &old);
	rc = mdb_txn_commit(TAKE(t->t));
	if (rc != 0 && rc != MDB_MAP_FULL)
		head_put_back(&old);
	txn_rc(t, rc);
	return t->e;
}

enum err
spool_age(struct spool *s)
{
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	t.wrote = true;
	return txn_commit(&t);
}

/* Splits what stands on disk into content and MAC. */
static bool
txn_checked(
	struct txn *t, enum table table, struct bytes key, const MDB_val *raw, struct bytes *value)
{
	uint8_t mac[MAC_SIZE];

	if (raw->mv_size >= MAC_SIZE) {
		*value = bytes_of(raw->mv_data, raw->mv_size - MAC_SIZE);
		record_mac(t->s->mac, table_names[table], key, *value, mac);
		if (equal_bytes(mac, value->data + value->size, MAC_SIZE))
			return true;
	}
	log_line(LOG_ERROR, "spool: a record of %s in %s is damaged", table_names[table],
		t->s->directory);
	txn_fail(t, E_IO);
	return false;
}

bool
txn_get(struct txn *t, enum table table, struct bytes key, struct bytes *value)
{
	MDB_val k = {key.size, (void *)(uintptr_t)key.data}, v;
	int rc;

	if (t->e != E_OK)
		return false;
	rc = mdb_get(t->t, t->s->dbi[table], &k, &v);
	if (rc == MDB_NOTFOUND)
		return false;
	txn_rc(t, rc);
	return txn_checked(t, table, key, &v, value);
}

bool
txn_seek(struct txn *t, enum table table, struct bytes from, struct bytes *key, struct bytes *value)
{
	MDB_val k = {from.size, (void *)(uintptr_t)from.data}, v;
	MDB_cursor *c;
	int rc;

	if (t->e != E_OK)
		return false;
	txn_rc(t, mdb_cursor_open(t->t, t->s->dbi[table], &c));
	rc = mdb_cursor_get(c, &k, &v, from.size == 0 ? MDB_FIRST : MDB_SET_RANGE);
	mdb_cursor_close(c);
	if (rc == MDB_NOTFOUND)
		return false;
	txn_rc(t, rc);
	*key = bytes_of(k.mv_data, k.mv_size);
	return txn_checked(t, table, *key, &v, value);
}

/* Every record but the one that holds the sum goes in and out of the sum by its MAC. */
static void
sum_turn(struct txn *t, enum table table, const uint8_t mac[MAC_SIZE])
{
	for (size_t i = 0; i < MAC_SIZE && table != T_META; i++)
		t->meta.sum[i] ^= mac[i];
}

static void
sum_leave(struct txn *t, enum table table, struct bytes key)
{
	MDB_val k = {key.size, (void *)(uintptr_t)key.data}, v;
	int rc = mdb_get(t->t, t->s->dbi[table], &k, &v);

	if (rc == MDB_NOTFOUND)
		return;
	txn_rc(t, rc);
	if (rc == 0 && v.mv_size >= MAC_SIZE)
		sum_turn(t, table, (const uint8_t *)v.mv_data + v.mv_size - MAC_SIZE);
}

void
txn_put_new(struct txn *t, enum table table, struct bytes key, struct bytes value,
	const uint8_t mac[MAC_SIZE])
{
	MDB_val k = {key.size, (void *)(uintptr_t)key.data}, v = {value.size + MAC_SIZE, NULL};
	int rc;

	if (t->e != E_OK)
		return;
	rc = mdb_put(t->t, t->s->dbi[table], &k, &v, MDB_RESERVE);
	txn_rc(t, rc);
	if (rc != 0)
		return;
	if (value.size > 0)
		memcpy(v.mv_data, value.data, value.size);
	memcpy((uint8_t *)v.mv_data + value.size, mac, MAC_SIZE);
	sum_turn(t, table, mac);
	t->wrote = true;
}

void
txn_put(struct txn *t, enum table table, struct bytes key, struct bytes value)
{
	uint8_t mac[MAC_SIZE];

	if (t->e != E_OK)
		return;
	record_mac(t->s->mac, table_names[table], key, value, mac);
	sum_leave(t, table, key);
	txn_put_new(t, table, key, value, mac);
}

void
txn_delete(struct txn *t, enum table table, struct bytes key)
{
	MDB_val k = {key.size, (void *)(uintptr_t)key.data};
	int rc;

	if (t->e != E_OK)
		return;
	sum_leave(t, table, key);
	rc = mdb_del(t->t, t->s->dbi[table], &k, NULL);
	if (rc != MDB_NOTFOUND)
		txn_rc(t, rc);
	t->wrote = true;
	if (table == T_IN_BODY || table == T_OUT_BODY || table == T_FACT)
		t->s->dropped = mdb_txn_id(t->t);
}

static bool
is_older(enum table table, struct bytes v)
{
	for (size_t i = 0; i < ARRAY_LEN(older); i++)
		if (older[i].table == table && older[i].version == v.data[0] &&
			older[i].size == v.size)
			return true;
	return false;
}

bool
txn_record(struct txn *t, enum table table, struct bytes key, void *out, size_t size)
{
	const uint8_t version = versions[table] != 0 ? versions[table] : 1;
	struct bytes v;

	if (!txn_get(t, table, key, &v))
		return false;
	if (v.size > 0 && is_older(table, v)) {
		memset(out, 0, size);
		memcpy(out, v.data, v.size);
		*(uint8_t *)out = version;
		return true;
	}
	if (v.size != size || v.data[0] != version) {
		log_line(LOG_ERROR, "spool: %s was made by another version of daftar",
			t->s->directory);
		txn_fail(t, E_VERSION);
		return false;
	}
	memcpy(out, v.data, size);
	return true;
}

size_t
txn_used(struct txn *t)
{
	size_t pages = 2, page = 4096; /* the two meta pages */
	MDB_stat st;

	for (int i = -2; i < TABLES; i++) { /* LMDB's own: the free list and the list of tables */
		MDB_dbi dbi = i < 0 ? (MDB_dbi)(i + 2) : t->s->dbi[i];

		if (mdb_stat(t->t, dbi, &st) != 0)
			continue;
		pages += st.ms_branch_pages + st.ms_leaf_pages + st.ms_overflow_pages;
		page = st.ms_psize;
	}
	return pages * page;
}

bool
txn_has(struct txn *t, enum table table, struct bytes key)
{
	MDB_val k = {key.size, (void *)(uintptr_t)key.data}, v;
	int rc;

	if (t->e != E_OK)
		return false;
	rc = mdb_get(t->t, t->s->dbi[table], &k, &v);
	if (rc != MDB_NOTFOUND)
		txn_rc(t, rc);
	return rc == 0;
}
