/* SPDX-License-Identifier: EUPL-1.2
 *
 * What waits: for its addressee, in his queue; or, held, for fresh revocation data, in no queue at
 * all, so that however much is held nothing stands behind it. A held message expires like any
 * other. */
#include "broker/store_lmdb.h"

#include <string.h>

/* ---- the queue ---- */

/* The two places of a message that waits to be taken. */
struct places {
	struct party to;
	struct key by_addressee, by_expiry;
};

static struct places
places_of(uint64_t seq, const struct entry_record *r)
{
	struct places p = {.by_expiry = key_and_seq(key_time(r->expires), seq)};

	memcpy(p.to.code, r->to, sizeof p.to.code);
	p.by_addressee = key_and_seq(key_party(&p.to), seq);
	return p;
}

static bool
is_queued(struct store_txn *t, const struct places *p)
{
	struct bytes value;
	enum err e;

	VIEW(v, t->s, t);
	e = table_get(&v, T_QUEUE, &p->by_addressee, &value);
	if (e != E_OK && e != E_NOT_FOUND)
		txn_failed(t, e);
	return e != E_NOT_FOUND;
}

void
store_dequeue(struct store_txn *t, uint64_t seq)
{
	struct entry_record r;
	struct places p;

	if (!step_entry(t, seq, &r))
		return;
	p = places_of(seq, &r);
	if (step_held(t, seq)) {
		struct key held = key_seq(seq);

		table_delete(t, T_HELD, &held);
		table_delete(t, T_EXPIRY, &p.by_expiry);
		return;
	}
	if (!is_queued(t, &p))
		return;
	table_delete(t, T_QUEUE, &p.by_addressee);
	table_delete(t, T_EXPIRY, &p.by_expiry);
	step_queued(t, &p.to, -1);
}

void
store_requeue(struct store_txn *t, uint64_t seq)
{
	struct entry_record r;
	struct places p;

	if (!step_entry(t, seq, &r))
		return;
	p = places_of(seq, &r);
	if (stage_final((enum stage)r.stage))
		txn_failed(t, E_STATE);
	if (step_held(t, seq) || is_queued(t, &p))
		return;
	table_put(t, T_QUEUE, &p.by_addressee,
		bytes_of(NULL, 0)); /* taken once: it does not expire */
	step_queued(t, &p.to, 1);
}

/* ---- held ---- */

bool
step_held(struct store_txn *t, uint64_t seq)
{
	struct key k = key_seq(seq);
	struct held_record r;

	return table_step(t, T_HELD, &k, &r, sizeof r);
}

void
store_hold(struct store_txn *t, uint64_t seq, int64_t since)
{
	const struct held_record held = {RECORD_VERSION, since};
	struct key k = key_seq(seq);
	struct entry_record r;
	struct places p;

	if (!step_entry(t, seq, &r) || step_held(t, seq))
		return;
	if (r.stage != ST_ACCEPTED)
		txn_failed(t, E_STATE);
	p = places_of(seq, &r);
	if (is_queued(t, &p)) {
		table_delete(t, T_QUEUE, &p.by_addressee);
		step_queued(t, &p.to, -1);
	}
	table_put(t, T_HELD, &k, bytes_of(&held, sizeof held));
}

void
store_release(struct store_txn *t, uint64_t seq)
{
	struct key k = key_seq(seq);
	struct entry_record r;
	struct places p;

	if (!step_entry(t, seq, &r) || !step_held(t, seq))
		return;
	p = places_of(seq, &r);
	table_delete(t, T_HELD, &k);
	table_put(t, T_QUEUE, &p.by_addressee, bytes_of(NULL, 0));
	step_queued(t, &p.to, 1);
}

size_t
store_held(struct store *s, struct store_txn *t, uint64_t after, struct held *out, size_t max)
{
	struct key from = key_seq(after + 1);
	struct bytes key, value;
	struct held_record r;
	size_t n = 0;

	VIEW(v, s, t);
	WALK(walk);
	walk_begin(&walk, &v, T_HELD, &from, 0);
	while (n < max && after < UINT64_MAX && walk_next(&walk, &key, &value) &&
		value.size == sizeof r) {
		memcpy(&r, value.data, sizeof r);
		out[n++] = (struct held){key_last_seq(key), r.since};
	}
	return n;
}

int64_t
store_held_since(struct store *s, struct store_txn *t, uint64_t seq)
{
	struct key k = key_seq(seq);
	struct held_record r;

	VIEW(v, s, t);
	return table_record(&v, T_HELD, &k, &r, sizeof r) == E_OK ? r.since : 0;
}

uint64_t
store_held_count(struct store *s, struct store_txn *t)
{
	MDB_stat stat;

	VIEW(v, s, t);
	if (v.error != E_OK)
		return 0;
	if (mdb_stat(v.txn, s->dbi[T_HELD], &stat) != 0)
		die("store: no information");
	return stat.ms_entries;
}
