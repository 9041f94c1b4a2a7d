/* SPDX-License-Identifier: EUPL-1.2
 *
 * What waits: for its addressee, in his queue (what stops a case in one of its own); or, held, for
 * fresh revocation data, or stopped, or set aside, in no queue at all, so that however much is held
 * nothing stands behind it. A held message expires like any other. */
#include "broker/store_lmdb_aside.h"
#include "broker/store_lmdb_consent.h"

#include <string.h>

/* ---- the queue ---- */

struct places
places_of(uint64_t seq, const struct entry_record *r)
{
	struct places p = {.queue = record_is_urgent(r) ? T_URGENT : T_QUEUE,
		.by_expiry = key_and_seq(key_time(record_due(r)), seq)};

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
	e = table_get(&v, p->queue, &p->by_addressee, &value);
	if (e != E_OK && e != E_NOT_FOUND)
		txn_failed(t, e);
	return e != E_NOT_FOUND;
}

void
queue_enter(struct store_txn *t, const struct places *p)
{
	table_put(t, p->queue, &p->by_addressee, bytes_of(NULL, 0));
	step_queued(t, &p->to, 1);
}

void
queue_leave(struct store_txn *t, const struct places *p)
{
	if (!is_queued(t, p))
		return;
	table_delete(t, p->queue, &p->by_addressee);
	step_queued(t, &p->to, -1);
}

bool
store_is_queued(struct store *s, struct store_txn *t, const struct entry *e)
{
	struct key k = key_and_seq(key_party(&e->header.to), e->seq);
	struct bytes value;

	VIEW(v, s, t);
	return table_get(&v, T_QUEUE, &k, &value) != E_NOT_FOUND ||
	       table_get(&v, T_URGENT, &k, &value) != E_NOT_FOUND;
}

bool
is_free(struct store_txn *t, uint64_t seq)
{
	return !step_held(t, seq) && step_stopped(t, seq) == STOP_NOT && !step_aside(t, seq);
}

void
store_dequeue(struct store_txn *t, uint64_t seq)
{
	struct key by_seq = key_seq(seq);
	struct entry_record r;
	struct places p;

	if (!step_entry(t, seq, &r))
		return;
	p = places_of(seq, &r);
	table_delete(t, T_HELD, &by_seq);
	table_delete(t, T_STOPPED, &by_seq);
	aside_leave(t, seq, &r);
	table_delete(t, T_EXPIRY, &p.by_expiry);
	queue_leave(t, &p);
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
	if (is_free(t, seq) && !is_queued(t, &p))
		queue_enter(t, &p); /* taken once: it does not expire */
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
	queue_leave(t, &p);
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
	if (is_free(t, seq))
		queue_enter(t, &p);
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
