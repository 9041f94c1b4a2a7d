/* SPDX-License-Identifier: EUPL-1.2
 *
 * Looking for damage. Every record of every table is read by its authentication and then asked
 * whether it agrees with the others (broker/store_lmdb_check.c); at the end the totals. In pieces:
 * LMDB keeps every page that the oldest look-up may still see, so one look-up over the whole store
 * would make the file grow under a busy writer. Within a piece everything is of one commit. */
#include "broker/store_lmdb_index.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"

#define PIECE_RECORDS 50000
#define PIECE_MS 250
#define SAID_AT_MOST 20 /* damages that are written to the log */

void
scrub_found(struct scrub_run *run, const char *fmt, ...)
{
	char text[sizeof run->out->first];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (run->out->damaged == 0)
		memcpy(run->out->first, text, sizeof text);
	if (run->out->damaged < SAID_AT_MOST)
		log_line(LOG_ERROR, "store: scrub: %s", text);
	run->out->damaged++;
}

void
scrub_found_at(struct scrub_run *run, enum table table, const struct key *k, const char *what)
{
	char hex[2 * 24 + 1] = "";

	for (size_t i = 0; i < k->size && i < 24; i++)
		sprintf(hex + 2 * i, "%02x", k->octet[i]);
	scrub_found(run, "table=%s key=%s: %s", table_name(table), hex, what);
}

/* ---- a table in pieces ---- */

static void
look(struct scrub_run *run, enum table table, const struct key *k, const MDB_val *value)
{
	struct bytes content;
	const char *complaint = "not what was written";

	run->out->records++;
	if (value_content(run->s, table, k, value, &content) == E_OK)
		complaint = check_record(run, table, k, content);
	if (complaint != NULL)
		scrub_found_at(run, table, k, complaint);
}

/* The cursor on the first record after `last'. */
static int
go_after(MDB_cursor *cursor, const struct key *last, MDB_val *key, MDB_val *value)
{
	int rc;

	*key = (MDB_val){last->size, (void *)(uintptr_t)last->octet};
	if (last->size == 0)
		return mdb_cursor_get(cursor, key, value, MDB_FIRST);
	rc = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
	if (rc == 0 && key->mv_size == last->size &&
		memcmp(key->mv_data, last->octet, last->size) == 0)
		rc = mdb_cursor_get(cursor, key, value, MDB_NEXT);
	return rc;
}

/* False when the table has come to its end. */
static bool
scrub_records(struct scrub_run *run, enum table table, struct key *last, MDB_cursor *cursor)
{
	int64_t end = monotonic_now() + PIECE_MS;
	MDB_val key, value;
	int rc = go_after(cursor, last, &key, &value);

	for (unsigned n = 0; rc == 0; n++) {
		if (key.mv_size > sizeof last->octet) {
			scrub_found(run, "table=%s: a key that is too long", table_name(table));
			return false;
		}
		*last = key_and((struct key){.size = 0}, key.mv_data, key.mv_size);
		look(run, table, last, &value);
		if (n >= PIECE_RECORDS || (n % 64 == 63 && monotonic_now() >= end))
			return true;
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	if (rc != MDB_NOTFOUND)
		scrub_found(run, "table=%s: %s", table_name(table), mdb_strerror(rc));
	return false;
}

static bool
scrub_piece(struct scrub_run *run, enum table table, struct key *last)
{
	MDB_cursor *cursor;
	bool more;

	VIEW(v, run->s, NULL);
	run->view = &v;
	if (figures_read(&v, &run->figures) != E_OK) {
		scrub_found(run, "table=meta: no figures");
		return false;
	}
	if (mdb_cursor_open(v.txn, run->s->dbi[table], &cursor) != 0)
		die("store: no cursor");
	more = scrub_records(run, table, last, cursor);
	mdb_cursor_close(cursor);
	return more;
}

/* ---- the whole ---- */

static void
scrub_totals(struct scrub_run *run)
{
	VIEW(v, run->s, NULL);
	run->view = &v;
	if (figures_read(&v, &run->figures) == E_OK)
		check_totals(run);
}

static void
begin(struct scrub_run *run)
{
	VIEW(v, run->s, NULL);
	run->began = mdb_txn_id(v.txn);
	run->first_hour = count_first_hour(&v);
}

enum err
store_scrub(struct store *s, struct scrub *out)
{
	struct scrub_run run = {.s = s, .out = out};

	assert(s->open == NULL);
	*out = (struct scrub){.records = 0};
	begin(&run);
	for (enum table table = 0; table < TABLES; table++) {
		struct key last = {.size = 0};

		while (scrub_piece(&run, table, &last))
			;
	}
	scrub_totals(&run);
	return out->damaged == 0 ? E_OK : E_DAMAGED;
}
