/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an exchange that reads nothing does for a consent. It knows tokens only: whom a case may be
 * known to, until when, and who may stop it. A Cancellation acts in the transaction that accepts
 * it, before any answer:
 *
 *	what the message is		after a withdrawal
 *	never offered			WITHDRAWN, its body forgotten; its addressee never learns
 *	offered and not taken		not offered again, its body forgotten; awaited
 *	taken				its addressee's to end
 *	submitted later			refused
 *
 * A hold takes whatever of the case is queued out of its queue, a release puts it back. The
 * Cancellation itself goes on to its addressee only if that knows of the case: otherwise it ends
 * here, as NOT-HELD, and is never told to him.
 *
 * Stopping is taken at its word also where fresh revocation data is missing; only a release waits
 * for it. */
#include "broker/exchange_parts.h"

#include <string.h>

#define AT_ONCE 64

/* ---- who may say what ---- */

bool
consent_stops_case(const struct header *h)
{
	return h->action == A_CANCELLATION;
}

static bool
is_withdrawal(const struct header *h)
{
	return consent_stops_case(h) && strcmp(h->purpose, PURPOSE_WITHDRAWAL) == 0;
}

static bool
is_party_of(const struct consent_token *k, const struct party *p)
{
	return party_equal(p, &k->by) || party_equal(p, &k->holder) ||
	       party_equal(p, &k->destination);
}

/* Anyone of the three may freeze a case; only the office that took the consent ends it, or lets it
 * go on. */
static enum err
may_stop(const struct verdict *v)
{
	const struct header *h = &v->header;
	bool own = party_equal(&h->from, &h->token.by);

	if (!is_party_of(&h->token, &h->from) || !is_party_of(&h->token, &h->to) ||
		!id_equal(&h->conversation, &h->token.conversation))
		return E_CONSENT_SCOPE;
	if (strcmp(h->purpose, PURPOSE_HOLD) == 0)
		return E_OK;
	if (strcmp(h->purpose, PURPOSE_RELEASE) == 0)
		return !own ? E_CONSENT_SCOPE : v->held ? E_HELD : E_OK;
	if (strcmp(h->purpose, PURPOSE_WITHDRAWAL) == 0)
		return own ? E_OK : E_CONSENT_SCOPE;
	return E_PURPOSE;
}

/* The consent that lets it travel is withdrawn, or has run out. */
static bool
is_gone(const struct exchange *x, struct store_txn *t, const struct header *h, int64_t now)
{
	if (!h->has_token || consent_stops_case(h))
		return false;
	return (h->token.valid_until <= now && !outlives_consent(h->action)) ||
	       store_is_withdrawn(x->store, t, &h->token);
}

/* ---- who knows ---- */

bool
consent_is_known(const struct exchange *x, const struct entry *e)
{
	return e->shown || (!stage_final(e->stage) && dispatch_was_offered(x->dispatch, e));
}

static bool
tells(const struct exchange *x, const struct entry *e, const struct party *p)
{
	if (consent_stops_case(&e->header))
		return false;
	return party_equal(&e->header.from, p) ||
	       (party_equal(&e->header.to, p) && consent_is_known(x, e));
}

/* For each message of the consent, or of the conversation, that can be read. False: enough. */
typedef bool visit(struct exchange *x, struct store_txn *t, const struct entry *e, void *context);

static void
each_of(struct exchange *x, struct store_txn *t, const struct consent_token *k, bool of_case,
	visit *each, void *context)
{
	uint64_t seq[AT_ONCE], after = 0;
	size_t n = AT_ONCE;
	struct entry e;

	while (n == AT_ONCE) {
		n = of_case ? store_of_case(x->store, t, &k->conversation, after, seq, AT_ONCE)
			    : store_of_token(x->store, t, k, after, seq, AT_ONCE);
		for (size_t i = 0; i < n; i++) {
			after = seq[i];
			if (exchange_looked_up(x, store_entry(x->store, t, seq[i], &e), &e) ==
					E_OK &&
				!each(x, t, &e, context))
				return;
		}
	}
}

struct record {
	const struct digest *key;
	bool other;
};

static bool
ask_record(struct exchange *x, struct store_txn *t, const struct entry *e, void *context)
{
	struct record *r = context;

	(void)x;
	(void)t;
	r->other = e->header.action == A_CERTIFIED_EXTRACT && !digest_equal(&e->header.key, r->key);
	return !r->other;
}

/* A consent is for one record: whoever may use its token must not send the next child's under it.
 */
static bool
is_of_another_record(struct exchange *x, struct store_txn *t, const struct header *h)
{
	struct record r = {.key = &h->key};
	uint64_t at_hand = x->at_hand;

	each_of(x, t, &h->token, false, ask_record, &r);
	x->at_hand = at_hand;
	return r.other;
}

/* What may have been accepted before a restore is accepted again, though it goes no further: its
 * addressee may have answered it. */
enum err
consent_allows(struct exchange *x, struct store_txn *t, const struct verdict *v, int64_t now)
{
	const struct header *h = &v->header;

	if (!h->has_token)
		return consent_stops_case(h) ? E_CONSENT_MISSING : E_OK;
	if (consent_stops_case(h))
		return may_stop(v);
	if (h->action == A_CERTIFIED_EXTRACT && is_of_another_record(x, t, h))
		return E_CONSENT_SCOPE;
	if (!is_gone(x, t, h, now) || store_is_made_before(x->store, h))
		return E_OK;
	return store_is_withdrawn(x->store, t, &h->token) ? E_CONSENT_WITHDRAWN : E_CONSENT_EXPIRED;
}

struct question_of_case {
	const struct party *party;
	bool knows;
};

static bool
ask_one(struct exchange *x, struct store_txn *t, const struct entry *e, void *context)
{
	struct question_of_case *q = context;

	(void)t;
	q->knows = tells(x, e, q->party);
	return !q->knows;
}

/* A store that was put back may have forgotten what was of this consent. */
static bool
is_from_before(const struct exchange *x, const struct consent_token *k)
{
	const struct header granted = {.created = k->issued};

	return store_is_made_before(x->store, &granted);
}

/* It took the consent, or sent something of the case, or something of it was offered to it; or may
 * have been, before a restore: who holds the record must hear that it is not to be entered. */
static bool
knows(struct exchange *x, struct store_txn *t, const struct consent_token *k,
	const struct party *party)
{
	struct question_of_case q = {
		.party = party, .knows = party_equal(party, &k->by) || is_from_before(x, k)};

	if (!q.knows)
		each_of(x, t, k, false, ask_one, &q);
	return q.knows;
}

/* ---- stopping ---- */

/* Not offered again, whoever asks for it. */
static void
stop_for_good(struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now)
{
	exchange_leave_lane(x, t, e);
	store_stop(t, e->seq, STOP_CONSENT, now);
	store_show(t, e->seq);
	store_forget_body(t, e->seq);
}

static bool
withdraw_one(struct exchange *x, struct store_txn *t, const struct entry *e, void *context)
{
	int64_t now = *(int64_t *)context;

	if (stage_final(e->stage) || consent_stops_case(&e->header))
		return true;
	if (!consent_is_known(x, e))
		exchange_end(x, t, e, ST_WITHDRAWN, E_CONSENT_WITHDRAWN, now);
	else if (exchange_waits(x, t, e))
		stop_for_good(x, t, e, now);
	else
		store_forget_body(t, e->seq); /* taken */
	return true;
}

static bool
freeze_one(struct exchange *x, struct store_txn *t, const struct entry *e, void *context)
{
	int64_t now = *(int64_t *)context;
	bool waits = exchange_waits(x, t, e);

	if (stage_final(e->stage) || consent_stops_case(&e->header) || !waits ||
		!store_is_frozen(x->store, t, &e->header))
		return true;
	exchange_leave_lane(x, t, e);
	store_stop(t, e->seq, STOP_FROZEN, now);
	promise_news(&x->promises, "frozen", e->seq);
	return true;
}

static bool
thaw_one(struct exchange *x, struct store_txn *t, const struct entry *e, void *context)
{
	(void)context;
	if (store_stopped(x->store, t, e->seq, NULL) != STOP_FROZEN ||
		store_is_frozen(x->store, t, &e->header))
		return true;
	store_resume(t, e->seq);
	if (store_is_queued(x->store, t, e))
		dispatch_returned(x->dispatch, e);
	promise_news(&x->promises, "thawed", e->seq);
	return true;
}

static void
act(struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now)
{
	const struct consent_token *k = &e->header.token;

	if (is_withdrawal(&e->header)) {
		store_withdraw(t, k, e->seq, now);
		each_of(x, t, k, false, withdraw_one, &now);
	} else if (strcmp(e->header.purpose, PURPOSE_HOLD) == 0) {
		store_freeze(t, k, &e->header.from, now);
		each_of(x, t, k, true, freeze_one, &now);
	} else {
		store_thaw(t, k);
		each_of(x, t, k, true, thaw_one, NULL);
	}
	x->at_hand = e->seq;
}

bool
consent_entered(struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now)
{
	const struct header *h = &e->header;

	if (consent_stops_case(h)) {
		act(x, t, e, now);
		if (!knows(x, t, &h->token, &h->to)) {
			exchange_end(x, t, e, ST_WITHDRAWN, E_NOT_HELD, now);
			return false;
		}
		store_show(t, e->seq);
		return true;
	}
	if (is_gone(x, t, h, now)) { /* it has come back after a restore */
		stop_for_good(x, t, e, now);
		return false;
	}
	if (store_is_frozen(x->store, t, h)) {
		store_stop(t, e->seq, STOP_FROZEN, now);
		promise_news(&x->promises, "frozen", e->seq);
	}
	return true;
}

/* ---- later ---- */

struct not_held {
	struct party by;
	int64_t now;
};

static bool
end_not_held(struct exchange *x, struct store_txn *t, const struct entry *e, void *context)
{
	const struct not_held *n = context;

	if (!stage_final(e->stage) && party_equal(&e->header.to, &n->by) &&
		store_stopped(x->store, t, e->seq, NULL) == STOP_CONSENT &&
		!exchange_is_unasked(x, t, e, n->now))
		exchange_end(x, t, e, ST_WITHDRAWN, E_CONSENT_WITHDRAWN, n->now);
	return true;
}

/* "Nothing of it was here": then what was offered has not arrived, and never will. After a restore
 * it may have been refused there before, which is nothing either: then its end is still to come. */
void
consent_settled(struct exchange *x, struct store_txn *t, const struct entry *e,
	const struct verdict *v, int64_t now)
{
	struct not_held n = {e->header.to, now};

	if (is_withdrawal(&e->header) && v->stage == ST_COMMITTED &&
		strcmp(v->receipt_code, err_word(E_NOT_HELD)) == 0)
		each_of(x, t, &e->header.token, false, end_not_held, &n);
	x->at_hand = e->seq;
}

void
consent_awaited(struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now)
{
	if (is_gone(x, t, &e->header, now) &&
		store_stopped(x->store, t, e->seq, NULL) != STOP_CONSENT)
		stop_for_good(x, t, e, now);
}

enum err
consent_end(const struct exchange *x, struct store_txn *t, const struct entry *e)
{
	const struct header *h = &e->header;

	if (!h->has_token || consent_stops_case(h))
		return E_EXPIRED;
	if (store_is_withdrawn(x->store, t, &h->token))
		return E_CONSENT_WITHDRAWN;
	return h->token.valid_until <= h->expires && !outlives_consent(h->action)
		       ? E_CONSENT_EXPIRED
		       : E_EXPIRED;
}

struct asking {
	const struct party *party;
	bool open;
};

static bool
ask_stop(struct exchange *x, struct store_txn *t, const struct entry *e, void *context)
{
	struct asking *a = context;

	(void)x;
	(void)t;
	a->open = is_withdrawal(&e->header) && !stage_final(e->stage) &&
		  party_equal(&e->header.to, a->party);
	return !a->open;
}

/* A withdrawal is on its way to the addressee: its answer will end this. */
static bool
is_being_asked(struct exchange *x, struct store_txn *t, const struct entry *e)
{
	struct asking a = {.party = &e->header.to};

	each_of(x, t, &e->header.token, false, ask_stop, &a);
	x->at_hand = e->seq;
	return a.open;
}

/* What was taken, and must not be sent again, has nobody left who ends it: whether the addressee's
 * register has it a person has to see. */
void
consent_lost(void *exchange, struct store_txn *t, const struct entry *e, int64_t now)
{
	struct exchange *x = exchange;

	if (is_gone(x, t, &e->header, now) && e->stage == ST_DELIVERED &&
		!is_being_asked(x, t, e)) {
		exchange_bury(x, t, e->seq, E_CONSENT_WITHDRAWN, now);
		return;
	}
	if (is_gone(x, t, &e->header, now)) {
		stop_for_good(x, t, e, now);
		return;
	}
	if (!store_has_body(x->store, t, e->seq)) { /* past RetainUntil: its sender files anew */
		exchange_bury(x, t, e->seq, E_EXPIRED, now);
		return;
	}
	if (store_is_frozen(x->store, t, &e->header) && !consent_stops_case(&e->header))
		store_stop(t, e->seq, STOP_FROZEN, now);
	else
		store_requeue(t, e->seq);
	dispatch_again(x->dispatch, &e->header.to);
}

/* ---- going out ---- */

bool
consent_is_in_doubt(const struct exchange *x, const struct consent_token *k)
{
	return is_from_before(x, k) && !exchange_has_caught_up(x, NULL, &k->by);
}

bool
consent_withholds(void *exchange, const struct entry *e, int64_t now)
{
	const struct exchange *x = exchange;
	const struct header *h = &e->header;

	if (consent_stops_case(h))
		return false;
	if (exchange_may_be_shown(x, e))
		return true;
	return is_gone(x, NULL, h, now) || store_is_frozen(x->store, NULL, h) ||
	       (h->has_token && consent_is_in_doubt(x, &h->token));
}
