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
#define CHECK_SIZE 8
#define OWED_OUT ((uint64_t)36 << 10)
#define OWED_IN ((uint64_t)112 << 10)
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
	if (monotonic_now() - s->swept > SWEEP_MS) {
		(void)mdb_reader_check(s->env, &dead);
		s->swept = monotonic_now();
	}
	rc = mdb_txn_begin(s->env, NULL, flags, &t->t);
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
owed(const struct meta_record *m)
{
	uint64_t out = m->out[OUT_FILED] + m->out[OUT_SENT] + m->out[OUT_DELIVERED];
	uint64_t in = m->in[IN_TAKEN] + m->in[IN_WAITING] + m->in[IN_CLAIMED];

	return (size_t)(out * OWED_OUT + in * OWED_IN + OWED_EVER);
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
		used + owed(&t->meta) > info.me_mapsize)
		txn_fail(t, E_SPOOL_FULL);
}

enum err
txn_commit(struct txn *t)
{
	if (t->e == E_OK && t->wrote) {
		txn_put(t, T_META, meta_key(), bytes_of(&t->meta, sizeof t->meta));
		txn_check_room(t);
	}
	if (t->e != E_OK)
		return txn_end(t);
	txn_rc(t, mdb_txn_commit(TAKE(t->t)));
	return t->e;
}

static void
check_of(enum table table, struct bytes key, struct bytes value, uint8_t out[CHECK_SIZE])
{
	struct buf b = {0};
	struct digest d;

	buf_u32(&b, (uint32_t)key.size);
	buf_text(&b, table_names[table]);
	buf_add_bytes(&b, key);
	buf_add_bytes(&b, value);
	digest_of(b.data, b.size, &d);
	memcpy(out, d.octet, CHECK_SIZE);
	buf_free(&b);
}

/* Splits what stands on disk into content and check. */
static bool
txn_checked(
	struct txn *t, enum table table, struct bytes key, const MDB_val *raw, struct bytes *value)
{
	uint8_t check[CHECK_SIZE];

	if (raw->mv_size >= CHECK_SIZE) {
		*value = bytes_of(raw->mv_data, raw->mv_size - CHECK_SIZE);
		check_of(table, key, *value, check);
		if (memcmp(check, value->data + value->size, CHECK_SIZE) == 0)
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

void
txn_put(struct txn *t, enum table table, struct bytes key, struct bytes value)
{
	MDB_val k = {key.size, (void *)(uintptr_t)key.data}, v = {value.size + CHECK_SIZE, NULL};
	int rc;

	if (t->e != E_OK)
		return;
	rc = mdb_put(t->t, t->s->dbi[table], &k, &v, MDB_RESERVE);
	txn_rc(t, rc);
	if (rc != 0)
		return;
	if (value.size > 0)
		memcpy(v.mv_data, value.data, value.size);
	check_of(table, key, value, (uint8_t *)v.mv_data + value.size);
	t->wrote = true;
}

void
txn_delete(struct txn *t, enum table table, struct bytes key)
{
	MDB_val k = {key.size, (void *)(uintptr_t)key.data};
	int rc;

	if (t->e != E_OK)
		return;
	rc = mdb_del(t->t, t->s->dbi[table], &k, NULL);
	if (rc != MDB_NOTFOUND)
		txn_rc(t, rc);
	t->wrote = true;
}

bool
txn_record(struct txn *t, enum table table, struct bytes key, void *out, size_t size)
{
	struct bytes v;

	if (!txn_get(t, table, key, &v))
		return false;
	if (v.size != size || v.data[0] != RECORD_VERSION) {
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

/* ---- keys and shared parts of records ---- */

struct key
key_order(uint64_t order)
{
	struct key k = {.size = 8};

	for (int i = 0; i < 8; i++)
		k.octet[i] = (uint8_t)(order >> (56 - 8 * i));
	return k;
}

struct key
key_more(struct key k, const void *data, size_t size)
{
	assert(k.size + size <= sizeof k.octet);
	memcpy(k.octet + k.size, data, size);
	k.size += size;
	return k;
}

struct bytes
key_bytes(const struct key *k)
{
	return bytes_of(k->octet, k->size);
}

uint64_t
key_order_of(struct bytes key)
{
	struct cursor c = cursor_of(key);

	return cursor_u64(&c);
}

void
word_pack(char *out, size_t size, const char *word)
{
	memset(out, 0, size);
	if (!copy_text(out, size, word))
		assert(!"a word that does not fit its field");
}

void
header_pack(const struct header *h, struct header_record *out)
{
	memset(out, 0, sizeof *out);
	word_pack(out->realm, sizeof out->realm, h->realm);
	memcpy(out->id, h->id.octet, ID_SIZE);
	memcpy(out->conversation, h->conversation.octet, ID_SIZE);
	memcpy(out->leg, h->leg.octet, ID_SIZE);
	word_pack(out->action, sizeof out->action, action_word(h->action));
	word_pack(out->from, PARTY_SIZE, h->from.code);
	word_pack(out->to, PARTY_SIZE, h->to.code);
	if (h->has_on_behalf_of)
		word_pack(out->on_behalf_of, PARTY_SIZE, h->on_behalf_of.code);
	out->created = h->created;
	out->expires = h->expires;
	out->retain_until = h->retain_until;
	out->channel_seq = h->channel_seq;
	out->has_ref = h->has_ref;
	if (h->has_ref) {
		memcpy(out->ref, h->ref.octet, ID_SIZE);
		memcpy(out->ref_digest, h->ref_digest.octet, DIGEST_SIZE);
	}
	out->has_key = h->has_key;
	if (h->has_key)
		memcpy(out->key, h->key.octet, DIGEST_SIZE);
	word_pack(out->agreement, AGREEMENT_SIZE, h->agreement);
	word_pack(out->purpose, PURPOSE_SIZE, h->purpose);
}

void
header_unpack(const struct header_record *r, struct header *out)
{
	memset(out, 0, sizeof *out);
	memcpy(out->realm, r->realm, REALM_SIZE);
	memcpy(out->id.octet, r->id, ID_SIZE);
	memcpy(out->conversation.octet, r->conversation, ID_SIZE);
	memcpy(out->leg.octet, r->leg, ID_SIZE);
	if (!action_parse(r->action, &out->action))
		out->action = ACTION_N;
	memcpy(out->from.code, r->from, PARTY_SIZE);
	memcpy(out->to.code, r->to, PARTY_SIZE);
	memcpy(out->on_behalf_of.code, r->on_behalf_of, PARTY_SIZE);
	out->has_on_behalf_of = r->on_behalf_of[0] != '\0';
	out->created = r->created;
	out->expires = r->expires;
	out->retain_until = r->retain_until;
	out->channel_seq = r->channel_seq;
	out->has_ref = r->has_ref != 0;
	memcpy(out->ref.octet, r->ref, ID_SIZE);
	memcpy(out->ref_digest.octet, r->ref_digest, DIGEST_SIZE);
	out->has_key = r->has_key != 0;
	memcpy(out->key.octet, r->key, DIGEST_SIZE);
	memcpy(out->agreement, r->agreement, AGREEMENT_SIZE);
	memcpy(out->purpose, r->purpose, PURPOSE_SIZE);
}

void
txn_body(struct txn *t, enum table table, uint64_t order, const uint8_t digest[DIGEST_SIZE],
	struct buf *out)
{
	struct key k = key_order(order);
	struct digest d;
	struct bytes v;

	buf_reset(out);
	if (!txn_get(t, table, key_bytes(&k), &v)) {
		txn_fail(t, E_IO);
		return;
	}
	digest_of(v.data, v.size, &d);
	if (memcmp(d.octet, digest, DIGEST_SIZE) != 0)
		txn_fail(t, E_IO);
	else
		buf_add_bytes(out, v);
}

bool
txn_has_body(struct txn *t, enum table table, uint64_t order)
{
	struct key o = key_order(order);
	MDB_val k = {o.size, o.octet}, v;
	int rc;

	if (t->e != E_OK)
		return false;
	rc = mdb_get(t->t, t->s->dbi[table], &k, &v);
	if (rc != MDB_NOTFOUND)
		txn_rc(t, rc);
	return rc == 0;
}
