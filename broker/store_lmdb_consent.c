/* SPDX-License-Identifier: EUPL-1.2
 *
 * Consents, as far as an exchange that cannot read them has to know of them: which messages carry
 * a token, which consents were withdrawn, which cases are frozen, and which messages are stopped by
 * either. What was withdrawn stays so for ever. */
#include "broker/store_lmdb_aside.h"
#include "broker/store_lmdb_consent.h"

#include <string.h>

struct key
key_case(const struct id *conversation, const struct party *by)
{
	struct key party = key_party(by);

	return key_and(key_id(conversation), party.octet, party.size);
}

struct key
key_token(const struct consent_token *k)
{
	return key_case(&k->id, &k->by);
}

/* ---- withdrawn ---- */

void
store_withdraw(struct store_txn *t, const struct consent_token *k, uint64_t seq, int64_t when)
{
	struct withdrawn_record r = {RECORD_VERSION, when, seq};
	struct key key = key_token(k);

	if (!store_is_withdrawn(t->s, t, k))
		table_put(t, T_WITHDRAWN, &key, bytes_of(&r, sizeof r));
}

bool
store_is_withdrawn(struct store *s, struct store_txn *t, const struct consent_token *k)
{
	struct key key = key_token(k);
	struct withdrawn_record r;

	VIEW(v, s, t);
	return table_record(&v, T_WITHDRAWN, &key, &r, sizeof r) != E_NOT_FOUND;
}

/* ---- frozen ---- */

void
store_freeze(
	struct store_txn *t, const struct consent_token *k, const struct party *who, int64_t since)
{
	struct frozen_record r = {.version = RECORD_VERSION, .since = since}, before;
	struct key key = key_case(&k->conversation, &k->by);

	memcpy(r.who, who->code, sizeof r.who);
	memcpy(r.holder, k->holder.code, sizeof r.holder);
	memcpy(r.destination, k->destination.code, sizeof r.destination);
	if (!table_step(t, T_FROZEN, &key, &before, sizeof before))
		table_put(t, T_FROZEN, &key, bytes_of(&r, sizeof r));
}

void
store_thaw(struct store_txn *t, const struct consent_token *k)
{
	struct key key = key_case(&k->conversation, &k->by);

	table_delete(t, T_FROZEN, &key);
}

static bool
is_among(const struct party *p, const struct frozen_record *r, struct bytes key)
{
	return strncmp(p->code, r->holder, sizeof r->holder) == 0 ||
	       strncmp(p->code, r->destination, sizeof r->destination) == 0 ||
	       (key.size > ID_SIZE &&
		       strncmp(p->code, (const char *)key.data + ID_SIZE, key.size - ID_SIZE) == 0);
}

/* Without a token: of any frozen case of its conversation that it can be of. */
static bool
is_of_frozen(const struct view *v, const struct header *h)
{
	struct key from = key_id(&h->conversation);
	struct frozen_record r;
	struct bytes key, value;

	WALK(walk);
	for (walk_begin(&walk, v, T_FROZEN, &from, from.size); walk_next(&walk, &key, &value);) {
		if (value.size != sizeof r)
			return true;
		memcpy(&r, value.data, sizeof r);
		if (is_among(&h->from, &r, key) && is_among(&h->to, &r, key))
			return true;
	}
	return false;
}

bool
store_is_frozen(struct store *s, struct store_txn *t, const struct header *h)
{
	struct key key = key_case(&h->conversation, &h->token.by);
	struct frozen_record r;

	VIEW(v, s, t);
	if (!h->has_token)
		return is_of_frozen(&v, h);
	return table_record(&v, T_FROZEN, &key, &r, sizeof r) != E_NOT_FOUND;
}

/* ---- stopped ---- */

enum stop
step_stopped(struct store_txn *t, uint64_t seq)
{
	struct key k = key_seq(seq);
	struct stopped_record r;

	return table_step(t, T_STOPPED, &k, &r, sizeof r) ? (enum stop)r.why : STOP_NOT;
}

enum stop
store_stopped(struct store *s, struct store_txn *t, uint64_t seq, int64_t *since)
{
	struct key k = key_seq(seq);
	struct stopped_record r;

	VIEW(v, s, t);
	if (table_record(&v, T_STOPPED, &k, &r, sizeof r) != E_OK)
		return STOP_NOT;
	if (since != NULL)
		*since = r.since;
	return (enum stop)r.why;
}

void
store_stop(struct store_txn *t, uint64_t seq, enum stop why, int64_t since)
{
	const struct stopped_record stopped = {RECORD_VERSION, (uint8_t)why, since};
	struct key k = key_seq(seq);
	struct entry_record r;
	struct places p;

	assert(why == STOP_FROZEN || why == STOP_CONSENT);
	if (!step_entry(t, seq, &r) || step_stopped(t, seq) >= why)
		return;
	if (stage_final((enum stage)r.stage))
		txn_failed(t, E_STATE);
	p = places_of(seq, &r);
	queue_leave(t, &p);
	if (why == STOP_CONSENT) /* never offered again: no person need decide that */
		aside_leave(t, seq, &r);
	table_put(t, T_STOPPED, &k, bytes_of(&stopped, sizeof stopped));
}

void
store_resume(struct store_txn *t, uint64_t seq)
{
	struct key k = key_seq(seq);
	struct entry_record r;
	struct places p;

	if (step_stopped(t, seq) != STOP_FROZEN || !step_entry(t, seq, &r))
		return;
	p = places_of(seq, &r);
	table_delete(t, T_STOPPED, &k);
	if (is_free(t, seq))
		queue_enter(t, &p);
}

/* ---- which messages ---- */

static size_t
numbers_after(struct store *s, struct store_txn *t, enum table table, struct key prefix,
	uint64_t after, uint64_t *seq, size_t max)
{
	struct key from = key_and_seq(prefix, after + 1);
	struct bytes key, value;
	size_t n = 0;

	VIEW(v, s, t);
	WALK(walk);
	walk_begin(&walk, &v, table, &from, prefix.size);
	while (n < max && after < UINT64_MAX && walk_next(&walk, &key, &value))
		seq[n++] = key_last_seq(key);
	return n;
}

size_t
store_of_token(struct store *s, struct store_txn *t, const struct consent_token *k, uint64_t after,
	uint64_t *seq, size_t max)
{
	return numbers_after(s, t, T_TOKEN, key_token(k), after, seq, max);
}

size_t
store_of_case(struct store *s, struct store_txn *t, const struct id *conversation, uint64_t after,
	uint64_t *seq, size_t max)
{
	return numbers_after(s, t, T_CONVERSATION, key_id(conversation), after, seq, max);
}

/* ---- scrub ---- */

static bool
entry_at_end(struct scrub_run *run, const struct key *k, struct entry *out)
{
	uint64_t seq = k->size < 8 ? 0 : key_last_seq(bytes_of(k->octet, k->size));
	struct entry_record r;

	return entry_record_get(run->view, seq, &r) == E_OK && entry_unpack(&r, seq, out) == E_OK;
}

const char *
check_token(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct key should;
	struct entry e;

	(void)content;
	if (!entry_at_end(run, k, &e) || !e.header.has_token)
		return "its entry is missing, or has no token";
	should = key_and_seq(key_token(&e.header.token), e.seq);
	return k->size == should.size && memcmp(k->octet, should.octet, should.size) == 0
		       ? NULL
		       : "its entry carries another token";
}

const char *
check_withdrawn(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct withdrawn_record r;
	struct key by_seq, should;
	struct entry e;

	if (content.size != sizeof r)
		return "no withdrawn consent of ours";
	memcpy(&r, content.data, sizeof r);
	by_seq = key_seq(r.seq);
	if (!entry_at_end(run, &by_seq, &e) || !e.header.has_token)
		return "the message that withdrew it is missing";
	should = key_token(&e.header.token);
	return k->size == should.size && memcmp(k->octet, should.octet, should.size) == 0
		       ? NULL
		       : "the message that withdrew it is about another consent";
}

const char *
check_frozen(struct scrub_run *run, const struct key *k, struct bytes content)
{
	(void)run;
	return k->size > ID_SIZE && content.size == sizeof(struct frozen_record)
		       ? NULL
		       : "no frozen case of ours";
}

const char *
check_stopped(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct stopped_record r;
	struct entry e;

	if (content.size != sizeof r || k->size != 8 || !entry_at_end(run, k, &e))
		return "its entry is missing";
	memcpy(&r, content.data, sizeof r);
	if (r.why != STOP_FROZEN && r.why != STOP_CONSENT)
		return "stopped for no reason of ours";
	return stage_final(e.stage) ? "has ended and is stopped" : NULL;
}
