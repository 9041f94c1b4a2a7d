/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bodies that leave otherwise than at the end of their message, and which are here. */
#include "broker/store_lmdb.h"

#include <string.h>

static const char *const words[GONE_N] = {
	[GONE_RETAIN] = "retain-until",
	[GONE_LIFTED] = "hold-lifted",
	[GONE_HAND] = "by-hand",
};

const char *
gone_word(enum gone_why why)
{
	return words[why];
}

void
forget_body(struct store_txn *t, uint64_t seq, const struct entry_record *r)
{
	struct key k = key_seq(seq);
	struct party from;

	memcpy(from.code, r->from, sizeof from.code);
	step_share(t, &from, -(int64_t)r->size);
	table_delete(t, T_BODY, &k);
	t->s->dropped = mdb_txn_id(t->txn);
}

void
store_drop_body(struct store_txn *t, uint64_t seq, const struct gone *g)
{
	struct gone_record gone = {
		.version = RECORD_VERSION, .why = (uint8_t)g->why, .at = g->at, .uid = g->uid};
	struct key k = key_seq(seq);
	struct entry_record r;

	if (!store_has_body(t->s, t, seq) || !step_entry(t, seq, &r))
		return;
	forget_body(t, seq, &r);
	memcpy(gone.by, g->by, sizeof gone.by);
	memcpy(gone.reason, g->reason, sizeof gone.reason);
	table_put(t, T_GONE, &k, bytes_of(&gone, sizeof gone));
}

enum err
store_gone(struct store *s, struct store_txn *t, uint64_t seq, struct gone *out)
{
	struct key k = key_seq(seq);
	struct gone_record r;

	VIEW(v, s, t);
	TRY(table_record(&v, T_GONE, &k, &r, sizeof r));
	if (r.why >= GONE_N)
		return E_DAMAGED;
	*out = (struct gone){.why = (enum gone_why)r.why, .at = r.at, .uid = r.uid};
	memcpy(out->by, r.by, sizeof out->by - 1);
	memcpy(out->reason, r.reason, sizeof out->reason - 1);
	return E_OK;
}

bool
store_has_body(struct store *s, struct store_txn *t, uint64_t seq)
{
	struct key k = key_seq(seq);
	MDB_val key = {k.size, k.octet}, value;

	VIEW(v, s, t);
	return v.error == E_OK && mdb_get(v.txn, s->dbi[T_BODY], &key, &value) == 0;
}

/* By their keys alone: a body that nobody asks for is not read. */
size_t
store_bodies(struct store *s, struct store_txn *t, uint64_t after, uint64_t *seq, size_t max)
{
	struct key from = key_seq(after + 1);
	MDB_val key = {from.size, from.octet}, value;
	MDB_cursor *cursor;
	size_t n = 0;
	int rc;

	VIEW(v, s, t);
	if (v.error != E_OK || after == UINT64_MAX)
		return 0;
	if (mdb_cursor_open(v.txn, s->dbi[T_BODY], &cursor) != 0)
		die("store: no cursor");
	rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	while (n < max && rc == 0 && key.mv_size == 8) {
		seq[n++] = key_last_seq(bytes_of(key.mv_data, 8));
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return n;
}

size_t
store_from(struct store *s, uint64_t after, struct entry *out, size_t max)
{
	size_t n = 0;

	while (n < max && after < s->figures.messages &&
		store_entry(s, NULL, after + 1, &out[n]) == E_OK) {
		after++;
		n++;
	}
	return n;
}

const char *
check_gone(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct gone_record r;
	struct entry_record e;
	struct bytes body;

	if (content.size != sizeof r || k->size != 8)
		return "no dropped body of ours";
	memcpy(&r, content.data, sizeof r);
	if (r.why >= GONE_N ||
		entry_record_get(run->view, key_last_seq(bytes_of(k->octet, 8)), &e) != E_OK)
		return "its entry is missing";
	return table_get(run->view, T_BODY, k, &body) == E_NOT_FOUND
		       ? NULL
		       : "its body was dropped, and is there";
}
