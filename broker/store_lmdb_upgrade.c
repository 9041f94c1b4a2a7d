/* SPDX-License-Identifier: EUPL-1.2
 *
 * From the first layout to the second. In the first, a value began with the first eight octets of
 * SHA-256 over table, key and content, without a key, and there was no book. The first step writes
 * the new `schema' and where the work is, so that an older program does not open the store any
 * more; after it, values are rewritten in batches, each of which says how far it got. Whatever ends
 * the process in between, the next opening goes on from there. */
#include "broker/store_lmdb.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/log.h"

#define OLD_CHECK_SIZE 8
#define LAST_OLD_TABLE T_CHECKPOINT
#define BATCH 256

/* How far it got: everything up to this key of this table is rewritten. */
struct progress_record {
	uint8_t version, table, size;
	uint8_t key[sizeof((struct key *)NULL)->octet];
} PACKED;

struct figures_record_1 {
	uint8_t version;
	uint64_t messages, queued, log_size;
	uint64_t stage[STAGES_ON_DISK];
} PACKED;
_Static_assert(sizeof(struct figures_record_1) == 89, "figures of the first layout");

/* ---- values of the first layout ---- */

static void
old_check(enum table table, const struct key *k, struct bytes content, uint8_t out[OLD_CHECK_SIZE])
{
	uint8_t octets[EVP_MAX_MD_SIZE], number = (uint8_t)table;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1 ||
		EVP_DigestUpdate(ctx, &number, 1) != 1 ||
		EVP_DigestUpdate(ctx, k->octet, k->size) != 1 ||
		EVP_DigestUpdate(ctx, content.data, content.size) != 1 ||
		EVP_DigestFinal_ex(ctx, octets, NULL) != 1)
		die("store: SHA-256 failed");
	EVP_MD_CTX_free(ctx);
	memcpy(out, octets, OLD_CHECK_SIZE);
}

static enum err
old_content(MDB_txn *txn, MDB_dbi dbi, enum table table, const struct key *k, struct bytes *content)
{
	MDB_val key = {k->size, (void *)(uintptr_t)k->octet}, v;
	uint8_t check[OLD_CHECK_SIZE];

	if (mdb_get(txn, dbi, &key, &v) != 0)
		return E_NOT_FOUND;
	if (v.mv_size < OLD_CHECK_SIZE)
		return E_DAMAGED;
	*content = bytes_of((uint8_t *)v.mv_data + OLD_CHECK_SIZE, v.mv_size - OLD_CHECK_SIZE);
	old_check(table, k, *content, check);
	return memcmp(check, v.mv_data, OLD_CHECK_SIZE) == 0 ? E_OK : E_DAMAGED;
}

static enum err
old_record(MDB_txn *txn, MDB_dbi meta, const char *name, void *out, size_t size)
{
	struct key k = key_text(name);
	struct bytes content;

	TRY(old_content(txn, meta, T_META, &k, &content));
	if (content.size != size || content.data[0] != RECORD_VERSION)
		return E_VERSION;
	memcpy(out, content.data, size);
	return E_OK;
}

bool
upgrade_is_due(MDB_txn *txn, MDB_dbi meta)
{
	struct schema_record r;

	return old_record(txn, meta, "schema", &r, sizeof r) == E_OK && r.schema == 1;
}

/* ---- the work ---- */

static void
put_progress(struct store_txn *t, enum table table, const struct key *last)
{
	struct progress_record r = {RECORD_VERSION, (uint8_t)table, (uint8_t)last->size, {0}};
	struct key k = key_text("upgrade");

	memcpy(r.key, last->octet, last->size);
	table_put(t, T_META, &k, bytes_of(&r, sizeof r));
}

void
upgrade_start(struct store_txn *t)
{
	const struct schema_record now = {RECORD_VERSION, SCHEMA_VERSION};
	struct key schema = key_text("schema"), none = {.size = 0};
	struct figures_record_1 old;
	enum err e = old_record(t->txn, t->s->dbi[T_META], "figures", &old, sizeof old);

	if (e != E_OK) {
		txn_failed(t, E_DAMAGED);
		return;
	}
	log_line(LOG_NOTICE, "store: rewriting its records under a key");
	t->figures = (struct figures_record){.version = FIGURES_VERSION,
		.messages = old.messages,
		.queued = old.queued,
		.log_size = old.log_size};
	memcpy(t->figures.stage, old.stage, sizeof old.stage);
	table_put(t, T_META, &schema, bytes_of(&now, sizeof now));
	put_progress(t, T_META + 1, &none);
}

/* The keys after the last one that is done. */
static size_t
next_keys(struct store_txn *t, enum table table, const struct key *last, struct key list[BATCH])
{
	MDB_val key = {last->size, (void *)(uintptr_t)last->octet}, value;
	MDB_cursor *cursor;
	size_t n = 0;
	int rc = mdb_cursor_open(t->txn, t->s->dbi[table], &cursor);

	if (rc != 0)
		die("store: cursor: %s", mdb_strerror(rc));
	rc = mdb_cursor_get(cursor, &key, &value, last->size == 0 ? MDB_FIRST : MDB_SET_RANGE);
	for (; rc == 0 && n < BATCH; rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
		if (key.mv_size > sizeof list[n].octet) {
			txn_failed(t, E_DAMAGED);
			break;
		}
		list[n] = key_and((struct key){.size = 0}, key.mv_data, key.mv_size);
		if (list[n].size != last->size ||
			memcmp(list[n].octet, last->octet, last->size) != 0)
			n++;
	}
	mdb_cursor_close(cursor);
	return n;
}

static void
rewrite(struct store_txn *t, enum table table, const struct key *k)
{
	struct entry_record r = {.version = 0};
	struct bytes content;
	OWNED_BUF(copy) = {0};
	enum err e = old_content(t->txn, t->s->dbi[table], table, k, &content);

	if (e == E_OK && table == T_ENTRY && entry_record_read(content, &r) != E_OK)
		e = E_DAMAGED;
	if (e != E_OK) {
		log_line(LOG_ERROR, "store: damaged record table=%s", table_name(table));
		txn_failed(t, e);
		return;
	}
	buf_add_bytes(&copy, content);
	table_put(t, table, k, buf_bytes(&copy));
	if (table == T_ENTRY)
		book_enter(t, key_last_seq(bytes_of(k->octet, k->size)), &r);
}

static void
free_keys(struct key **list)
{
	free(*list);
	*list = NULL;
}

/* One batch, or the step to the next table, or the end. True while there is more. */
static bool
batch(struct store_txn *t, struct progress_record *at)
{
	OWNED(struct key, list, free_keys) = xcalloc(BATCH, sizeof *list);
	struct key last = key_and((struct key){.size = 0}, at->key, at->size);
	struct key k = key_text("upgrade");
	size_t n = next_keys(t, (enum table)at->table, &last, list);

	for (size_t i = 0; i < n && t->error == E_OK; i++)
		rewrite(t, (enum table)at->table, &list[i]);
	if (n > 0)
		put_progress(t, (enum table)at->table, &list[n - 1]);
	else if (at->table < LAST_OLD_TABLE)
		put_progress(t, (enum table)(at->table + 1), &(struct key){.size = 0});
	else
		table_delete(t, T_META, &k);
	return t->error == E_OK && (n > 0 || at->table < LAST_OLD_TABLE);
}

enum err
upgrade_finish(struct store *s)
{
	struct key k = key_text("upgrade");
	struct progress_record at;
	bool more = true;

	while (more) {
		struct store_txn *t = store_begin(s);

		more = table_step(t, T_META, &k, &at, sizeof at) && at.table < TABLES &&
		       at.size <= sizeof at.key && batch(t, &at);
		TRY(store_commit(&t));
	}
	return E_OK;
}
