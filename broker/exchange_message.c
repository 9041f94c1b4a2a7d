/* SPDX-License-Identifier: EUPL-1.2
 *
 * How a message moves: what SUBMIT, TAKEN, SETTLED and the clock do to it. It goes one way:
 * ACCEPTED, DELIVERED (its addressee has it on disk), and one of its ends: COMMITTED or REJECTED by
 * the addressee's signed receipt, EXPIRED by the clock, DEAD-LETTER when what is stored of it is
 * damaged. Every step is a statement in the log, earns a receipt, and is told to the sender.
 *
 * Statements are dated by the clock, but never before the log's newest: a clock that was set back
 * does not write history out of order. */
#include "broker/exchange_parts.h"

#include <string.h>

#define CLOCK_BEHIND_MS 5000 /* further back, and nothing new is accepted */

/* ---- steps ---- */

bool
exchange_clock_behind(const struct exchange *x, int64_t now)
{
	return now < x->newest - CLOCK_BEHIND_MS;
}

static int64_t
date_of(struct exchange *x, int64_t now)
{
	if (now > x->newest)
		x->newest = now;
	return x->newest;
}

static struct statement
statement_of(struct exchange *x, const struct entry *e, enum stage stage, int64_t now)
{
	return (struct statement){.id = e->header.id,
		.digest = e->digest,
		.from = e->header.from,
		.to = e->header.to,
		.stage = stage,
		.at = date_of(x, now)};
}

void
exchange_leave_lane(struct exchange *x, struct store_txn *t, const struct entry *e)
{
	uint32_t attempts = dispatch_done(x->dispatch, &e->header.to, e->seq);

	if (attempts > e->attempts)
		store_attempts(t, e->seq, attempts);
}

/* The addressee's queue lets go of it, when it is there. */
static void
leave_queue(struct exchange *x, struct store_txn *t, const struct entry *e)
{
	exchange_leave_lane(x, t, e);
	store_dequeue(t, e->seq);
}

/* Every step after the first: written down, logged, told to the sender. */
static void
advance(struct exchange *x, struct store_txn *t, const struct entry *e,
	const struct statement *what, struct bytes signed_receipt, const char *news)
{
	store_state(t, e->seq, what, true, signed_receipt);
	leave_queue(x, t, e);
	if (stage_final(what->stage))
		store_forget_body(t, e->seq);
	peers_owe_notices(&x->peers, &e->header.from);
	promise_news(&x->promises, news, e->seq);
}

static const char *
news_of(enum stage end)
{
	static const char *const news[STAGE_N] = {[ST_COMMITTED] = "committed",
		[ST_REJECTED] = "rejected",
		[ST_WITHDRAWN] = "withdrawn",
		[ST_EXPIRED] = "expired",
		[ST_DEAD_LETTER] = "dead-letter"};

	return news[end];
}

enum err
exchange_looked_up(struct exchange *x, enum err e, const struct entry *found)
{
	if (e == E_IO)
		return E_DAMAGED;
	if (e != E_OK)
		return e;
	x->at_hand = found->seq;
	return exchange_is_damaged(x, found->seq) ? E_DAMAGED : E_OK;
}

/* ---- SUBMIT ---- */

/* After a restore: a message that we may have accepted in time and have forgotten. Its addressee
 * may have answered it; only when it is here again can the answer be told. Time is what an examiner
 * looks at last, so nothing else is wrong with it. */
static bool
comes_back_late(const struct exchange *x, const struct verdict *v)
{
	return (v->code == E_EXPIRED || v->code == E_CONSENT_EXPIRED) &&
	       store_is_restored(x->store) &&
	       v->header.created / 1000 < (int64_t)store_generation(x->store);
}

/* May this message of this peer enter? The examiner has looked at the document; what is asked here
 * once more is what an examiner that was taken over would lie about. */
static enum err
may_enter(const struct exchange *x, const struct peer *p, const struct verdict *v)
{
	const struct header *h = &v->header;

	if (v->code != E_OK && !comes_back_late(x, v))
		return (enum err)v->code;
	if (!party_equal(&h->from, &p->party))
		return E_SENDER_MISMATCH;
	/* Receipts come as SETTLED; nothing else is addressed to the exchange. */
	if (h->action == A_RECEIPT || party_equal(&h->to, &trust_exchange(x->trust)->code))
		return E_ACTION;
	return E_OK;
}

static void
enter(struct exchange *x, struct store_txn *t, const struct verdict *v, struct bytes message,
	int64_t now, struct entry *e)
{
	enum accept_result result = store_accept(t, v, message, date_of(x, now), e);
	struct statement accepted = statement_of(x, e, ST_ACCEPTED, now);

	assert(result == ACCEPT_NEW); /* the caller has looked */
	store_state(t, e->seq, &accepted, false, bytes_of(NULL, 0));
	if (!consent_entered(x, t, e, now))
		return;
	dispatch_arrived(x->dispatch, &e->header.to);
	if (!consent_stops_case(&e->header))
		held_enter(x, t, v, e, accepted.at);
}

/* Other octets under an id that is taken, and both signed by their sender: he or we made a mistake,
 * or somebody forges. Both sides get a proof that names both digests. */
static void
conflict(struct exchange *x, struct store_txn *t, const struct peer *p, const struct entry *e,
	const struct digest *offered, int64_t now)
{
	struct statement what = statement_of(x, e, ST_CONFLICT, now);

	what.digest = *offered;
	what.has_by = true;
	what.by = e->digest;
	if (store_has_room(x->store) && store_conflict(t, e->seq, &what)) {
		peers_owe_notices(&x->peers, &e->header.from);
		peers_owe_notices(&x->peers, &e->header.to);
	}
	promise_conflict(&x->promises, p->no, e, offered, true);
	promise_news(&x->promises, "conflict", e->seq);
}

void
exchange_put_off(struct exchange *x, struct peer *p, const struct id *id, enum err code)
{
	p->put_off = p->no == PEER_COURIER;
	promise_refusal(&x->promises, p->no, id, code);
}

static void
refuse(struct exchange *x, struct peer *p, const struct id *id, enum err code)
{
	if (err_retry(code))
		exchange_put_off(x, p, id, code);
	else
		promise_refusal(&x->promises, p->no, id, code);
}

/* One sender, whoever it is, leaves room for the others. */
static bool
has_share(const struct exchange *x, struct store_txn *t, const struct party *from, size_t size)
{
	const struct trust_party *p = trust_party(x->trust, from);
	uint64_t percent = p != NULL && p->quota.share != 0 ? p->quota.share : x->share;

	return percent == 0 || store_share(x->store, t, from) + size <=
				       (uint64_t)store_size(x->store) / 100 * percent;
}

/* What stops a case may take room that nothing else may: stopping frees some. */
static bool
has_room(const struct exchange *x, const struct header *h)
{
	return consent_stops_case(h) ? store_has_room_to_stop(x->store) : store_has_room(x->store);
}

/* In a bundle nothing that is behind goes where this did not, even if it could meanwhile. */
static enum err
is_shut(struct exchange *x, struct store_txn *t, struct peer *p, const struct header *h)
{
	enum err code = exchange_shut(x, t, h);

	for (size_t i = 0; i < p->n_shut && code == E_OK && !consent_stops_case(h); i++)
		if (party_equal(&p->shut[i], &h->to))
			code = E_CLOSED;
	if (code != E_CLOSED || p->no != PEER_COURIER)
		return code;
	if (p->n_shut < PEER_SHUT_MOST)
		p->shut[p->n_shut++] = h->to;
	else
		p->put_off = true;
	return code;
}

static void
take_in(struct exchange *x, struct store_txn *t, struct peer *p, const struct verdict *v,
	struct bytes message, int64_t now)
{
	const struct id *id = &v->header.id;
	enum err shut = is_shut(x, t, p, &v->header);
	struct entry e;

	if (shut == E_CLOSED) { /* others, for others, are taken */
		promise_refusal(&x->promises, p->no, id, shut);
	} else if (shut != E_OK) {
		exchange_put_off(x, p, id, shut);
	} else if (p->put_off) {
		exchange_put_off(x, p, id, E_BUSY);
	} else if (exchange_clock_behind(x, now)) {
		p->put_off = p->no == PEER_COURIER;
		promise_refusal_saying(&x->promises, p->no, id, E_CLOCK,
			"the exchange's clock is behind its own log; its operator has to set it");
	} else if (!has_room(x, &v->header)) {
		exchange_put_off(x, p, id, E_STORE_FULL);
	} else if (!consent_stops_case(&v->header) &&
		   !has_share(x, t, &v->header.from, message.size)) {
		exchange_put_off(x, p, id, E_QUOTA);
	} else {
		enter(x, t, v, message, now, &e);
		promise_receipt(&x->promises, p->no, id, e.seq, ST_ACCEPTED);
		promise_news(&x->promises, "accepted", e.seq);
	}
}

/* In this order: the same message again has its receipt, whatever has become of it, of its
 * certificate or of our room since then. Only after that is it judged. */
void
exchange_submitted(struct exchange *x, struct store_txn *t, struct peer *p, const struct verdict *v,
	struct bytes message, int64_t now)
{
	const struct id *id = &v->header.id;
	struct entry e;
	enum err found =
		exchange_looked_up(x, store_find(x->store, t, &p->party, &v->header.id, &e), &e);
	enum err code = may_enter(x, p, v);

	if (found == E_OK && digest_equal(&e.digest, &v->digest)) {
		promise_receipt(&x->promises, p->no, id, e.seq, ST_ACCEPTED);
		promise_news(&x->promises, "repeated", e.seq);
	} else if (code != E_OK) {
		refuse(x, p, id, code);
	} else if (found == E_OK) {
		conflict(x, t, p, &e, &v->digest, now);
	} else if (found != E_NOT_FOUND) {
		promise_refusal(&x->promises, p->no, id, E_DAMAGED);
	} else if ((code = consent_allows(x, t, v, now)) != E_OK) {
		refuse(x, p, id, code);
	} else {
		take_in(x, t, p, v, message, now);
	}
}

/* ---- TAKEN ---- */

/* Ended by somebody else than its addressee: nothing that the addressee says changes that. */
static bool
ended_without_addressee(enum stage s)
{
	return stage_final(s) && s != ST_COMMITTED && s != ST_REJECTED;
}

/* A peer learns nothing about messages that are not addressed to its party, not even that they
 * exist. TAKEN has no answer when all is well; said again, it changes nothing. */
void
exchange_taken(struct exchange *x, struct store_txn *t, const struct peer *p, const struct wire *w,
	int64_t now)
{
	struct statement delivered;
	struct entry e;
	enum err code;

	code = exchange_looked_up(
		x, store_find_to(x->store, t, &p->party, &w->id, &w->digest, &e), &e);
	if (code == E_OK && !consent_is_known(x, &e))
		code = E_NOT_FOUND;
	if (code != E_OK) {
		promise_refusal(&x->promises, p->no, &w->id, code);
	} else if (!digest_equal(&e.digest, &w->digest)) {
		promise_conflict(&x->promises, p->no, &e, &w->digest, false);
	} else if (ended_without_addressee(e.stage)) {
		promise_refusal(&x->promises, p->no, &w->id, E_FINAL);
	} else if (e.stage == ST_ACCEPTED) {
		dispatch_was_taken(x->dispatch, &p->party, e.seq);
		delivered = statement_of(x, &e, ST_DELIVERED, now);
		advance(x, t, &e, &delivered, bytes_of(NULL, 0), "delivered");
	} else {
		leave_queue(x, t, &e); /* it had lost the message, and has it again */
	}
}

/* ---- SETTLED ---- */

/* A statement has no room for characters that XML would have to escape. */
static bool
is_code(const char code[32])
{
	return memchr(code, '\0', 32) != NULL &&
	       strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == strlen(code);
}

/* Is this a receipt, by this peer's party, to us, for this message? */
static enum err
may_settle(const struct exchange *x, const struct peer *p, const struct verdict *v,
	const struct id *settles)
{
	const struct header *h = &v->header;

	if (v->code != E_OK)
		return (enum err)v->code;
	if (h->action != A_RECEIPT || !v->has_receipt)
		return E_ACTION;
	if (!party_equal(&h->from, &p->party))
		return E_SENDER_MISMATCH;
	if (!party_equal(&h->to, &trust_exchange(x->trust)->code))
		return E_NOT_ADDRESSEE;
	if (!h->has_ref || !id_equal(&h->ref, settles))
		return E_WIRE;
	if ((v->stage != ST_COMMITTED && v->stage != ST_REJECTED) || !is_code(v->receipt_code))
		return E_SCHEMA;
	return v->held ? E_HELD : E_OK; /* said again, until newer revocation data is here */
}

static void
settle(struct exchange *x, struct store_txn *t, const struct entry *e, const struct verdict *v,
	struct bytes message, int64_t now)
{
	struct statement what = statement_of(x, e, (enum stage)v->stage, now);

	memcpy(what.code, v->receipt_code, sizeof what.code);
	what.has_by = true;
	what.by = v->digest;
	advance(x, t, e, &what, message, news_of(what.stage));
}

/* As with SUBMIT, the same octets again have the same answer before anything else is asked. Other
 * octets for a message that has ended are refused even when they say the same: our receipt names
 * the octets that ended it, and would prove nothing about these. TAKEN may have been lost on the
 * way: a settlement says as much. */
void
exchange_settled(struct exchange *x, struct store_txn *t, const struct peer *p,
	const struct verdict *v, struct bytes message, const struct id *id, int64_t now)
{
	const struct digest *ref = &v->header.ref_digest;
	enum err code = may_settle(x, p, v, id), found;
	struct entry e;

	found = exchange_looked_up(x, store_find_to(x->store, t, &p->party, id, ref, &e), &e);
	if (found == E_OK && !consent_is_known(x, &e))
		found = E_NOT_FOUND;
	if (found == E_OK && stage_final(e.stage) && digest_equal(&e.by, &v->digest)) {
		promise_receipt(&x->promises, p->no, id, e.seq, e.stage);
	} else if (code != E_OK || found != E_OK) {
		promise_refusal(&x->promises, p->no, id, code != E_OK ? code : found);
	} else if (!digest_equal(&e.digest, ref)) {
		promise_conflict(&x->promises, p->no, &e, ref, false);
	} else if (stage_final(e.stage)) {
		promise_refusal(&x->promises, p->no, id, E_FINAL);
	} else {
		dispatch_was_taken(x->dispatch, &p->party, e.seq);
		settle(x, t, &e, v, message, now);
		consent_settled(x, t, &e, v, now);
		promise_receipt(&x->promises, p->no, id, e.seq, (enum stage)v->stage);
	}
}

/* ---- ends without the addressee ---- */

void
exchange_end(struct exchange *x, struct store_txn *t, const struct entry *e, enum stage stage,
	enum err code, int64_t now)
{
	struct statement what = statement_of(x, e, stage, now);

	strcpy(what.code, err_word(code));
	/* What stops a case was shown when it was accepted, or never is. */
	if (!e->shown && !consent_stops_case(&e->header) && consent_is_known(x, e))
		store_show(t, e->seq);
	advance(x, t, e, &what, bytes_of(NULL, 0), news_of(stage));
}

void
exchange_end_again(struct exchange *x, struct store_txn *t, const struct entry *e,
	const struct statement *before, struct bytes answer, int64_t now)
{
	struct statement what = *before;

	what.at = date_of(x, now);
	advance(x, t, e, &what, answer, news_of(what.stage));
}

void
exchange_expire(struct exchange *x, struct store_txn *t, uint64_t seq, int64_t now)
{
	struct entry e;

	enum err code;

	if (exchange_looked_up(x, store_entry(x->store, t, seq, &e), &e) != E_OK ||
		e.stage != ST_ACCEPTED)
		return;
	code = consent_end(x, t, &e);
	if (exchange_is_awaited(x, t, &e, now))
		consent_awaited(x, t, &e, now);
	else
		exchange_end(x, t, &e, code == E_CONSENT_WITHDRAWN ? ST_WITHDRAWN : ST_EXPIRED,
			code, now);
}

void
exchange_bury(struct exchange *x, struct store_txn *t, uint64_t seq, enum err code, int64_t now)
{
	struct entry e;

	if (store_entry(x->store, t, seq, &e) == E_OK && !stage_final(e.stage))
		exchange_end(x, t, &e, ST_DEAD_LETTER, code, now);
}

/* ---- judged once more ---- */

/* What a held message comes to its end by. An examiner that stopped, or time alone, is no reason:
 * the clock ends what has expired. */
static bool
ends_held(enum err code)
{
	return code != E_QUARANTINED && code != E_EXPIRED && !err_retry(code);
}

static bool
is_revoked(enum err code)
{
	return code == E_CERT_REVOKED || code == E_CONSENT_FORGED;
}

/* Of what is queued only the revoked ends, and what the revoked have let pass; everything else was
 * settled when it was accepted. What its addressee may have is his to end. */
void
exchange_judged(struct exchange *x, struct store_txn *t, const struct entry *e,
	const struct verdict *v, int64_t now)
{
	bool held = store_held_since(x->store, t, e->seq) != 0;

	x->at_hand = e->seq;
	if (e->stage != ST_ACCEPTED || exchange_is_damaged(x, e->seq))
		return;
	if (held)
		store_add_access(t, e->seq, &(struct access){.kind = ACCESS_JUDGED, .at = now});
	if (v->code != E_OK) {
		if ((is_revoked((enum err)v->code) || (held && ends_held((enum err)v->code))) &&
			!dispatch_was_offered(x->dispatch, e))
			exchange_end(x, t, e, ST_DEAD_LETTER, (enum err)v->code, now);
	} else if (held && !v->held) {
		store_release(t, e->seq);
		if (store_is_queued(x->store, t, e))
			dispatch_returned(x->dispatch, e);
		promise_news(&x->promises, "released", e->seq);
	}
}
