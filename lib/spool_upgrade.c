/* SPDX-License-Identifier: EUPL-1.2
 *
 * From the first layout to the second: values get their MAC in place of a check without a key,
 * entries of the inbox say how they ended, the book is made. A batch is one commit, and a mark in
 * the meta table says how far it has come; the meta record is turned first, so that a daftar of
 * before fails from then on. A value whose old check does not fit is left for spool_scrub to find:
 * it gets a MAC that fits nothing. */
#include "lib/spool_lmdb.h"

#include <string.h>

#include "lib/header.h"
#include "lib/log.h"

#define CHECK_SIZE 8
#define BATCH 32
#define BATCH_SIZE ((size_t)1 << 20)

static const struct bytes meta = {(const uint8_t *)"meta", 4};
static const struct bytes mark = {(const uint8_t *)"upgrade", 7};

static bool
raw_get(struct txn *t, enum table table, struct bytes key, struct bytes *raw)
{
	MDB_val k = {key.size, (void *)(uintptr_t)key.data}, v;

	if (mdb_get(t->t, t->s->dbi[table], &k, &v) != 0)
		return false;
	*raw = bytes_of(v.mv_data, v.mv_size);
	return true;
}

/* The content of a value of the first layout: the first eight octets of SHA-256 over table, key and
 * content stand at its end. */
static bool
old_value(enum table table, struct bytes key, struct bytes raw, struct bytes *value)
{
	OWNED_BUF(b) = {0};
	struct digest d;

	if (raw.size < CHECK_SIZE)
		return false;
	*value = bytes_of(raw.data, raw.size - CHECK_SIZE);
	buf_u32(&b, (uint32_t)key.size);
	buf_text(&b, txn_table_name(table));
	buf_add_bytes(&b, key);
	buf_add_bytes(&b, *value);
	digest_of(b.data, b.size, &d);
	return memcmp(d.octet, value->data + value->size, CHECK_SIZE) == 0;
}

bool
upgrade_wanted(struct txn *t)
{
	struct bytes raw, value;

	return t->e == E_OK && raw_get(t, T_META, meta, &raw) &&
	       raw.size == sizeof(struct meta_record1) + CHECK_SIZE &&
	       old_value(T_META, meta, raw, &value) && value.data[0] == 1;
}

bool
upgrade_is_second(struct txn *t)
{
	struct bytes raw;

	return t->e == E_OK && raw_get(t, T_META, meta, &raw) &&
	       raw.size == sizeof(struct meta_record) + MAC_SIZE && raw.data[0] == 2;
}

void
upgrade_begin(struct txn *t)
{
	struct meta_record1 old;
	struct bytes raw;

	if (!raw_get(t, T_META, meta, &raw)) {
		txn_fail(t, E_IO);
		return;
	}
	memcpy(&old, raw.data, sizeof old);
	memset(&t->meta, 0, sizeof t->meta);
	t->meta.version = META_VERSION;
	t->meta.epoch = old.epoch;
	t->meta.notice = old.notice;
	t->meta.out_last = old.out_last;
	t->meta.in_last = old.in_last;
	memcpy(t->meta.out, old.out, sizeof old.out);
	memcpy(t->meta.in, old.in, sizeof old.in);
	txn_put(t, T_META, mark, bytes_of("\1", 1));
}

/* ---- one record ---- */

static void
line_out(struct txn *t, struct bytes key, struct bytes value)
{
	struct lines none = {.book = false}, lines;
	struct out_record r = {.version = OUT_VERSION};

	if (value.size != sizeof(struct out_record1) || value.data[0] != 1) {
		txn_fail(t, E_VERSION);
		return;
	}
	memcpy(&r, value.data, value.size);
	lines_of_out(t, key_order_of(key), &r, &lines);
	lines_turn(t, &none, &lines);
}

/* How it ended stands in our answer, which a later batch turns. */
static void
turn_in(struct txn *t, struct bytes key, struct buf *content)
{
	struct lines none = {.book = false}, lines;
	struct in_record r = {.version = IN_VERSION};
	struct in_record1 old;
	struct bytes raw, answer = bytes_of(NULL, 0);

	if (content->size != sizeof old || content->data[0] != 1) {
		txn_fail(t, E_VERSION);
		return;
	}
	memcpy(&old, content->data, sizeof old);
	memcpy(&r, &old, sizeof old);
	r.version = IN_VERSION;
	if (in_state_of(&r) >= IN_DONE) {
		if (raw_get(t, T_ANSWER, key, &raw))
			(void)!old_value(T_ANSWER, key, raw, &answer);
		in_stage_set(&r, answer);
	}
	lines_of_in(t, key_order_of(key), &r, &lines);
	lines_turn(t, &none, &lines);
	buf_reset(content);
	buf_add(content, &r, sizeof r);
}

static void
turn(struct txn *t, enum table table, struct bytes key, struct bytes raw, struct buf *content)
{
	static const uint8_t fits_nothing[MAC_SIZE];
	uint8_t mac[MAC_SIZE];
	struct bytes value;

	buf_reset(content);
	if (!old_value(table, key, raw, &value)) {
		log_line(LOG_ERROR, "spool: a record of %s in %s is damaged", txn_table_name(table),
			t->s->directory);
		buf_add_bytes(content, raw);
		txn_put_new(t, table, key, buf_bytes(content), fits_nothing);
		return;
	}
	buf_add_bytes(content, value);
	if (table == T_OUT)
		line_out(t, key, buf_bytes(content));
	else if (table == T_IN)
		turn_in(t, key, content);
	record_mac(t->s->mac, txn_table_name(table), key, buf_bytes(content), mac);
	txn_put_new(t, table, key, buf_bytes(content), mac);
}

/* ---- batches ---- */

/* How far it has come: a table, and the last key in it that is done. */
struct place {
	enum table table;
	uint8_t octet[512];
	size_t size;
};

static bool
place_read(struct txn *t, struct place *p)
{
	struct bytes v;

	if (!txn_get(t, T_META, mark, &v))
		return false;
	if (v.size < 1 || v.size - 1 > sizeof p->octet - 1 || v.data[0] >= T_BOOK) {
		txn_fail(t, E_IO);
		return false;
	}
	p->table = (enum table)v.data[0];
	p->size = v.size - 1;
	memcpy(p->octet, v.data + 1, p->size);
	return true;
}

static void
place_write(struct txn *t, const struct place *p)
{
	OWNED_BUF(b) = {0};

	if (p->table == T_BOOK) {
		txn_delete(t, T_META, mark);
		return;
	}
	buf_u8(&b, (uint8_t)p->table);
	buf_add(&b, p->octet, p->size);
	txn_put(t, T_META, mark, buf_bytes(&b));
}

/* The first key behind the place; false when the table is done. */
static bool
place_next(struct txn *t, struct place *p, struct bytes *raw)
{
	MDB_val k = {p->size, p->octet}, v;
	MDB_cursor *c;
	int rc;

	if (p->size > 0)
		p->octet[k.mv_size++] = 0;
	if (mdb_cursor_open(t->t, t->s->dbi[p->table], &c) != 0)
		die("spool %s: cannot be read", t->s->directory);
	rc = mdb_cursor_get(c, &k, &v, p->size == 0 ? MDB_FIRST : MDB_SET_RANGE);
	mdb_cursor_close(c);
	if (rc == MDB_NOTFOUND)
		return false;
	if (rc != 0 || k.mv_size >= sizeof p->octet)
		die("spool %s: %s", t->s->directory, mdb_strerror(rc));
	memcpy(p->octet, k.mv_data, k.mv_size);
	p->size = k.mv_size;
	*raw = bytes_of(v.mv_data, v.mv_size);
	return true;
}

static enum err
batch(struct spool *s, bool *done)
{
	OWNED_BUF(content) = {0};
	size_t n = 0, size = 0;
	struct bytes raw;
	struct place p;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	*done = !place_read(&t, &p);
	if (*done)
		return txn_end(&t);
	while (t.e == E_OK && p.table != T_BOOK && n < BATCH && size < BATCH_SIZE) {
		if (!place_next(&t, &p, &raw)) {
			p.table++;
			p.size = 0;
			continue;
		}
		n++;
		size += raw.size;
		turn(&t, p.table, bytes_of(p.octet, p.size), raw, &content);
	}
	place_write(&t, &p);
	return txn_commit(&t);
}

enum err
spool_upgrade(struct spool *s)
{
	bool done = false;

	while (!done)
		TRY(batch(s, &done));
	return E_OK;
}
