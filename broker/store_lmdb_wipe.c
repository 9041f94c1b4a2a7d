/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bodies that have left, and are to leave the file as well. */
#include "broker/store_lmdb.h"

#include "lib/log.h"

/* A commit of nothing. */
static void
age(struct store *s)
{
	struct store_txn *t = store_begin(s);

	t->wrote = true;
	if (store_commit(&t) != E_OK)
		log_line(LOG_WARNING, "store: no room for a commit; what was deleted stays");
}

static size_t
last_commit(struct store *s)
{
	MDB_envinfo info;

	if (mdb_env_info(s->env, &info) != 0)
		die("store: no information");
	return info.me_last_txnid;
}

uint64_t
store_commits(const struct store *s)
{
	return s->commits;
}

void
wipe_begin(struct store *s)
{
	s->dropped = last_commit(s);
}

bool
store_wipe(struct store *s, size_t most, bool idle)
{
	MDB_txn *txn;
	bool more;

	assert(s->open == NULL);
	if (idle && s->dropped >= last_commit(s))
		age(s);
	if (mdb_txn_begin(s->env, NULL, 0, &txn) != 0)
		die("store: a transaction cannot be begun");
	more = wipe_some(&s->wipe, txn, most);
	mdb_txn_abort(txn);
	return more || s->wipe.upto < s->dropped;
}
