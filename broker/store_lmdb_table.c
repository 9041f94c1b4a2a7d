/* SPDX-License-Identifier: EUPL-1.2
 *
 * The store's tables: looking, writing, transactions, and how much room is left. What LMDB says is
 * judged in three places: txn_try() for steps, seen() for look-ups, store_commit for the promise.
 * "The map is full" is an answer; anything else is the machine, and the process ends. */
#include "broker/store_lmdb_index.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

/* What an accepted message may still need until its end: two statements, their receipts, the
 * addressee's signed receipt, a notice each, and the pages above them. */
#define ROOM_TO_FINISH (16 * 1024)
/* What accepting takes beside the message itself. */
#define ROOM_TO_ACCEPT (16 * 1024)

static void NORETURN
machine(const char *what, int rc)
{
	errno = rc > 0 ? rc : 0;
	die("store: %s: %s", what, mdb_strerror(rc));
}

/* ---- the authentication in front of every value ---- */

static MDB_val
val_of(const struct key *k)
{
	return (MDB_val){k->size, (void *)(uintptr_t)k->octet};
}

void
table_mac(struct mac *m, enum table table, const struct key *k, struct bytes content,
	uint8_t out[MAC_SIZE])
{
	const uint8_t place[2] = {(uint8_t)table, (uint8_t)k->size};
	const struct bytes parts[] = {
		bytes_of(place, sizeof place), bytes_of(k->octet, k->size), content};

	mac_over(m, parts, ARRAY_LEN(parts), out);
}

enum err
value_content(struct store *s, enum table table, const struct key *k, const MDB_val *v,
	struct bytes *content)
{
	char hex[2 * sizeof k->octet + 1] = "";
	uint8_t mac[MAC_SIZE];

	s->reads++;
	if (v->mv_size >= MAC_SIZE) {
		*content = bytes_of((uint8_t *)v->mv_data + MAC_SIZE, v->mv_size - MAC_SIZE);
		table_mac(s->mac, table, k, *content, mac);
		if (equal_bytes(mac, v->mv_data, MAC_SIZE))
			return E_OK;
	}
	for (size_t i = 0; i < k->size; i++)
		sprintf(hex + 2 * i, "%02x", k->octet[i]);
	log_line(LOG_ERROR, "store: damaged record table=%s key=%s", table_name(table), hex);
	*content = bytes_of(NULL, 0);
	return E_DAMAGED;
}

/* ---- looking ---- */

struct view
view_of(struct store *s, struct store_txn *t)
{
	int rc;

	if (t != NULL)
		return (struct view){s, t->txn, t->error};
	assert(!s->reading);
	rc = mdb_txn_renew(s->reader);
	if (rc != 0)
		machine("look-up", rc);
	s->reading = true;
	return (struct view){s, s->reader, E_OK};
}

void
view_end(struct view *v)
{
	if (v->txn != v->s->reader)
		return;
	mdb_txn_reset(v->s->reader);
	v->s->reading = false;
}

static bool
seen(int rc)
{
	if (rc != 0 && rc != MDB_NOTFOUND)
		machine("look-up", rc);
	return rc == 0;
}

enum err
table_get(const struct view *v, enum table table, const struct key *k, struct bytes *content)
{
	MDB_val key = val_of(k), value;

	if (v->error != E_OK)
		return v->error;
	if (!seen(mdb_get(v->txn, v->s->dbi[table], &key, &value)))
		return E_NOT_FOUND;
	return value_content(v->s, table, k, &value, content);
}

enum err
table_record(const struct view *v, enum table table, const struct key *k, void *out, size_t size)
{
	struct bytes content;

	TRY(table_get(v, table, k, &content));
	if (content.size != size || content.data[0] != RECORD_VERSION)
		return E_VERSION;
	memcpy(out, content.data, size);
	return E_OK;
}

uint64_t
table_last_seq(const struct view *v, enum table table)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	uint64_t last = 0;

	if (v->error != E_OK)
		return 0;
	if (mdb_cursor_open(v->txn, v->s->dbi[table], &cursor) != 0)
		die("store: no cursor");
	if (mdb_cursor_get(cursor, &key, &value, MDB_LAST) == 0 && key.mv_size == 8)
		last = key_last_seq(bytes_of(key.mv_data, key.mv_size));
	mdb_cursor_close(cursor);
	return last;
}

enum err
figures_read(const struct view *v, struct figures_record *out)
{
	struct key k = key_text("figures");
	struct bytes content;

	TRY(table_get(v, T_META, &k, &content));
	if (content.size != sizeof *out || content.data[0] != FIGURES_VERSION)
		return E_VERSION;
	memcpy(out, content.data, sizeof *out);
	return E_OK;
}

void
walk_begin(struct walk *w, const struct view *v, enum table table, const struct key *from,
	size_t prefix)
{
	int rc;

	*w = (struct walk){.view = v, .table = table, .from = *from, .prefix = prefix};
	if (v->error != E_OK)
		return;
	rc = mdb_cursor_open(v->txn, v->s->dbi[table], &w->cursor);
	if (rc != 0)
		machine("cursor", rc);
}

bool
walk_next(struct walk *w, struct bytes *key, struct bytes *content)
{
	MDB_val k = val_of(&w->from), v;
	MDB_cursor_op first = w->from.size == 0 ? MDB_FIRST : MDB_SET_RANGE;
	struct key copy = {.size = 0};

	if (w->cursor == NULL ||
		!seen(mdb_cursor_get(w->cursor, &k, &v, w->begun ? MDB_NEXT : first)))
		return false;
	w->begun = true;
	if (k.mv_size < w->prefix || memcmp(k.mv_data, w->from.octet, w->prefix) != 0)
		return false;
	if (k.mv_size > sizeof copy.octet) {
		log_line(LOG_ERROR, "store: damaged key table=%s", table_name(w->table));
		return false;
	}
	copy = key_and(copy, k.mv_data, k.mv_size);
	*key = bytes_of(k.mv_data, k.mv_size);
	return value_content(w->view->s, w->table, &copy, &v, content) == E_OK;
}

void
walk_done(struct walk *w)
{
	if (w->cursor != NULL)
		mdb_cursor_close(w->cursor);
	w->cursor = NULL;
}

/* ---- steps ---- */

void
txn_failed(struct store_txn *t, enum err e)
{
	if (t->error == E_OK)
		t->error = e;
}

bool
txn_try(struct store_txn *t, int rc)
{
	if (rc == MDB_MAP_FULL)
		txn_failed(t, E_STORE_FULL);
	else if (rc != 0)
		machine("write", rc);
	return rc == 0;
}

static void
put(struct store_txn *t, enum table table, const struct key *k, struct bytes content, unsigned how)
{
	MDB_val key = val_of(k), value = {MAC_SIZE + content.size, NULL};
	uint8_t mac[MAC_SIZE];

	if (t->error != E_OK)
		return;
	/* First, because content may be a loan from the page that is about to be written. */
	table_mac(t->s->mac, table, k, content, mac);
	if (!txn_try(t, mdb_put(t->txn, t->s->dbi[table], &key, &value, how | MDB_RESERVE)))
		return;
	memcpy(value.mv_data, mac, MAC_SIZE);
	if (content.size > 0)
		memcpy((uint8_t *)value.mv_data + MAC_SIZE, content.data, content.size);
	t->wrote = true;
}

void
table_put(struct store_txn *t, enum table table, const struct key *k, struct bytes content)
{
	put(t, table, k, content, 0);
}

void
table_append(struct store_txn *t, enum table table, const struct key *k, struct bytes content)
{
	put(t, table, k, content, MDB_APPEND);
}

void
table_delete(struct store_txn *t, enum table table, const struct key *k)
{
	MDB_val key = val_of(k);
	int rc;

	if (t->error != E_OK)
		return;
	rc = mdb_del(t->txn, t->s->dbi[table], &key, NULL);
	if (rc != MDB_NOTFOUND && txn_try(t, rc))
		t->wrote = true;
}

bool
table_step(struct store_txn *t, enum table table, const struct key *k, void *out, size_t size)
{
	VIEW(v, t->s, t);
	enum err e = table_record(&v, table, k, out, size);

	if (e != E_OK && e != E_NOT_FOUND)
		txn_failed(t, e);
	return e == E_OK;
}

/* ---- transactions ---- */

struct store_txn *
store_begin(struct store *s)
{
	struct store_txn *t = xcalloc(1, sizeof *t);
	int rc;

	assert(s->open == NULL);
	rc = mdb_txn_begin(s->env, NULL, 0, &t->txn);
	if (rc != 0)
		machine("begin", rc);
	t->s = s;
	s->open = t;
	VIEW(v, s, t);
	if (figures_read(&v, &t->figures) != E_OK)
		txn_failed(t, E_DAMAGED);
	return t;
}

enum err
store_error(const struct store_txn *t)
{
	return t->error;
}

static void
forget(struct store_txn **t)
{
	(*t)->s->open = NULL;
	buf_free(&(*t)->statements);
	free((*t)->pending);
	free((*t)->events);
	free(*t);
	*t = NULL;
}

void
store_abort(struct store_txn **t)
{
	if (*t == NULL)
		return;
	mdb_txn_abort((*t)->txn);
	forget(t);
}

void
figures_put(struct store_txn *t)
{
	struct key k = key_text("figures");

	t->figures.commit = mdb_txn_id(t->txn);
	table_put(t, T_META, &k, bytes_of(&t->figures, sizeof t->figures));
}

enum err
store_commit(struct store_txn **t)
{
	struct store *s = (*t)->s;
	enum err e;
	int rc;

	assert((*t)->error != E_OK || (*t)->n_pending == 0); /* sealed */
	count_put(*t);
	if ((*t)->wrote)
		figures_put(*t);
	e = (*t)->error;
	if (e != E_OK || !(*t)->wrote) {
		store_abort(t);
		return e;
	}
	/* This is the promise: after it returns 0, both flushes have been made. Whatever else it
	 * returns but "full", nobody knows what the disk holds: only opening it again tells. */
	rc = seal_commit(s, (*t)->txn);
	if (rc != 0 && rc != MDB_MAP_FULL)
		machine("commit", rc);
	if (rc == 0) {
		s->figures = (*t)->figures;
		s->commits++;
		s->aside_changes += (*t)->aside_changed;
		seal_write(s);
	}
	forget(t);
	return rc == 0 ? E_OK : E_STORE_FULL;
}

/* ---- room ---- */

/* Pages that LMDB holds for reuse, from its own table of them: each value begins with how many. */
static size_t
count_free_pages(struct store *s)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	size_t pages = 0, n;

	VIEW(v, s, NULL);
	if (mdb_cursor_open(v.txn, 0, &cursor) != 0)
		die("store: no cursor");
	while (seen(mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) && value.mv_size >= sizeof n) {
		memcpy(&n, value.mv_data, sizeof n);
		pages += n;
	}
	mdb_cursor_close(cursor);
	return pages;
}

static size_t
high_water(const struct store *s)
{
	MDB_envinfo info;

	if (mdb_env_info(s->env, &info) != 0)
		die("store: no information");
	return (info.me_last_pgno + 1) * s->page_size;
}

size_t
table_used(struct store *s)
{
	if (s->measured != s->commits) {
		s->free_pages = count_free_pages(s);
		s->measured = s->commits;
	}
	return high_water(s) - s->free_pages * s->page_size;
}

/* Everything accepted and not ended, committed or under way, keeps room for its end. */
static bool
has_room(struct store *s, unsigned tenths)
{
	const struct figures_record *f = s->open != NULL ? &s->open->figures : &s->figures;
	uint64_t unfinished = f->stage[ST_ACCEPTED] + f->stage[ST_DELIVERED];
	size_t most = s->map_size / 10 * tenths;
	size_t owed = (size_t)unfinished * ROOM_TO_FINISH;

	if (s->open != NULL)
		owed += s->open->taken_in +
			ROOM_TO_ACCEPT * (s->open->figures.messages - s->figures.messages);
	/* Counting free pages costs a walk, so only when the mark is high. */
	return high_water(s) + owed < most || table_used(s) + owed < most;
}

/* A fifth of the map is for nobody, because pages are not always full. */
bool
store_has_room(struct store *s)
{
	return has_room(s, 8);
}

bool
store_has_room_to_stop(struct store *s)
{
	return has_room(s, 9);
}
