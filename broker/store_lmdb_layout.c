/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which tables a store has. A new table is added at the end of the list: a store says how many it
 * was given, and those behind them are made when it is opened. One of those that it was given and
 * does not have is damage. */
#include "broker/store_lmdb_index.h"

static const char *const table_names[TABLES] = {
	[T_META] = "meta",
	[T_ENTRY] = "entry",
	[T_BODY] = "body",
	[T_EXTRA] = "extra",
	[T_RECEIPT] = "receipt",
	[T_ID] = "id",
	[T_CONVERSATION] = "conversation",
	[T_QUEUE] = "queue",
	[T_EXPIRY] = "expiry",
	[T_PARTY] = "party",
	[T_NOTICE] = "notice",
	[T_EPOCH] = "epoch",
	[T_LEAF] = "leaf",
	[T_NODE] = "node",
	[T_CHECKPOINT] = "checkpoint",
	[T_BOOK] = "book",
	[T_CONFLICT] = "conflict",
	[T_RECON] = "recon",
	[T_CLOSING] = "closing",
	[T_STANDING] = "standing",
	[T_BARRED] = "barred",
	[T_CHANGE] = "change",
	[T_HELD] = "held",
	[T_REVOCATION] = "revocation",
	[T_REVOKER] = "revoker",
	[T_SHARE] = "share",
	[T_ACCESS] = "access",
	[T_TOKEN] = "token",
	[T_WITHDRAWN] = "withdrawn",
	[T_FROZEN] = "frozen",
	[T_STOPPED] = "stopped",
	[T_URGENT] = "urgent",
	[T_GONE] = "gone",
	[T_LEGAL] = "legal",
	[T_COMPARED] = "compared",
	[T_ALERT] = "alert",
	[T_TRACKING] = "tracking",
	[T_BY_CORRIDOR] = "by-corridor",
	[T_OPEN] = "open",
	[T_ENDED] = "ended",
	[T_CORRIDOR] = "corridor",
	[T_HOUR] = "hour",
	[T_DAY] = "day",
	[T_ASIDE] = "aside",
	[T_BEHIND] = "behind",
	[T_RETRIED] = "retried",
	[T_CLOSED] = "closed",
};

const char *
table_name(enum table table)
{
	return table_names[table];
}

/* A table that is missing from a store that was there before is damage, and never made anew. */
static void
open_table(struct store_txn *t, enum table table, bool create)
{
	int rc = mdb_dbi_open(
		t->txn, table_names[table], create ? MDB_CREATE : 0, &t->s->dbi[table]);

	if (rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE)
		txn_failed(t, E_DAMAGED);
	else
		(void)txn_try(t, rc);
}

/* Nothing was ever committed here: LMDB begins with 1. So does a compact copy, but that has tables.
 */
static bool
is_new(struct store_txn *t)
{
	MDB_stat stat;

	return mdb_env_stat(t->s->env, &stat) == 0 && stat.ms_entries == 0 &&
	       mdb_txn_id(t->txn) <= 2;
}

/* How many of the tables this store was made with, or has been given since. */
static unsigned
count_tables(struct store_txn *t)
{
	struct key k = key_text("tables");
	struct tables_record r;

	return table_step(t, T_META, &k, &r, sizeof r) ? r.tables : T_CLOSING + 1;
}

/* A store made by a newer version, or with tables that we do not know, is left as it is. */
static void
check_schema(struct store_txn *t)
{
	struct key schema = key_text("schema");
	struct schema_record r;

	if (!table_step(t, T_META, &schema, &r, sizeof r))
		txn_failed(t, E_DAMAGED);
	else if (r.schema > SCHEMA_VERSION || count_tables(t) > TABLES)
		txn_failed(t, E_VERSION);
}

/* The number of the commit that the figures speak of is that of the page that made it count. One
 * that LMDB has just copied begins to count anew. */
static void
check_figures(struct store_txn *t)
{
	uint64_t last = mdb_txn_id(t->txn) - 1;

	VIEW(v, t->s, t);
	if (t->error != E_OK)
		return;
	if (figures_read(&v, &t->figures) != E_OK || (last > 1 && t->figures.commit != last))
		txn_failed(t, E_DAMAGED);
}

/* The first that may be missing. */
static unsigned
first_new_table(struct store_txn *t, bool new, bool old)
{
	if (new)
		return T_META;
	return old ? T_BOOK : count_tables(t);
}

static void
put_layout(struct store_txn *t)
{
	const struct tables_record tables = {RECORD_VERSION, TABLES};
	const struct schema_record schema = {RECORD_VERSION, SCHEMA_VERSION};
	struct key of_tables = key_text("tables"), of_schema = key_text("schema");

	table_put(t, T_META, &of_tables, bytes_of(&tables, sizeof tables));
	table_put(t, T_META, &of_schema, bytes_of(&schema, sizeof schema));
}

void
layout_open(struct store_txn *t)
{
	bool new = is_new(t), old;
	unsigned known;

	open_table(t, T_META, new);
	old = !new && t->error == E_OK &&upgrade_is_due(t->txn, t->s->dbi[T_META]);
	if (t->error == E_OK && !new && !old)
		check_schema(t);
	known = t->error == E_OK ? first_new_table(t, new, old) : TABLES;
	for (unsigned i = T_META + 1; i < TABLES && t->error == E_OK; i++)
		open_table(t, (enum table)i, i >= known);
	if (t->error != E_OK)
		return;
	if (new)
		t->figures = (struct figures_record){.version = FIGURES_VERSION};
	else if (old)
		upgrade_start(t);
	else
		check_figures(t);
	if (known < TABLES)
		put_layout(t);
	if (known <= T_TRACKING)
		index_start(t);
	generation_begin(t);
	if (t->wrote)
		figures_put(t);
}

/* The tables of a store that is only looked at. */
enum err
layout_find(struct store *s, MDB_txn *txn)
{
	const struct view v = {s, txn, E_OK};
	struct key schema = key_text("schema"), generation = key_text("generation");
	struct key tables = key_text("tables");
	struct tables_record all;
	struct schema_record r;
	enum err e;

	if (mdb_dbi_open(txn, table_names[T_META], 0, &s->dbi[T_META]) != 0)
		return E_DAMAGED;
	if (upgrade_is_due(txn, s->dbi[T_META]))
		return E_VERSION;
	TRY(table_record(&v, T_META, &schema, &r, sizeof r));
	if (r.schema != SCHEMA_VERSION)
		return E_VERSION;
	TRY(table_record(&v, T_META, &tables, &all, sizeof all));
	if (all.tables != TABLES || index_is_due(&v))
		return E_VERSION;
	for (int i = T_META + 1; i < TABLES; i++)
		if (mdb_dbi_open(txn, table_names[i], 0, &s->dbi[i]) != 0)
			return E_DAMAGED;
	e = table_record(&v, T_META, &generation, &s->generation, sizeof s->generation);
	return e != E_OK ? e : figures_read(&v, &s->figures);
}
