/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rules of the exchange. Read this file first: it is what daftar's broker does.
 *
 *	frames of a peer: HELLO CREDIT BYE TAKEN     exchange_peer_frames ---.
 *	an examined message: SUBMIT SETTLED          exchange_examined ------+--> decided here,
 *	the clock                                    exchange_tick ----------'    written down in
 *	                                                                          the open
 *transaction, answers only promised seal the log, commit to disk, then answer    exchange_commit
 *	offer what is due                            exchange_dispatch
 *
 * A message goes one way: ACCEPTED, DELIVERED (its addressee has it on disk), and one of its ends:
 * COMMITTED or REJECTED by the addressee's signed receipt, EXPIRED by the clock. Every step is a
 * statement in the log, earns a receipt, and is told to the sender.
 *
 * Many events share one transaction (a group). Each is decided against what the earlier ones of its
 * group have written, so a group behaves as if its events had come one by one. Nothing is sent from
 * inside it: what was decided becomes true with the commit, and only then may anybody hear of it.
 *
 * Beside this file: promise.c (answers that wait for the commit), dispatch.c (who is offered what,
 * and when), peers.c (who is connected). */
#include "broker/exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/dispatch.h"
#include "broker/peers.h"
#include "broker/promise.h"

#define SILENT_MS                                                                                  \
	35000 /* a peer that says nothing for so long is gone; CREDIT comes every 10 s             \
	       */
#define EXPIRE_AT_ONCE 1024 /* the rest at the next tick, so that a group stays small */

struct exchange {
	struct store *store;
	const struct trust *trust;
	store_signer *sign;
	void *sign_context;
	struct exchange_effects fx;
	struct peers peers;
	struct dispatch *dispatch;
	struct promises promises;
};

static const struct id no_id;

struct exchange *
exchange_new(struct store *store, const struct trust *trust, store_signer *sign, void *sign_context,
	const struct exchange_effects *fx)
{
	struct exchange *x = xcalloc(1, sizeof *x);

	x->store = store;
	x->trust = trust;
	x->sign = sign;
	x->sign_context = sign_context;
	x->fx = *fx;
	x->dispatch = dispatch_new(store, &x->fx);
	return x;
}

void
exchange_free(struct exchange **x)
{
	if (*x == NULL)
		return;
	dispatch_free(&(*x)->dispatch);
	peers_free(&(*x)->peers);
	promises_free(&(*x)->promises);
	free(*x);
	*x = NULL;
}

void
exchange_seed(struct exchange *x, uint64_t seed)
{
	dispatch_seed(x->dispatch, seed);
}

/* ---- how a message moves ---- */

static struct statement
statement_of(const struct entry *e, enum stage stage, int64_t now)
{
	return (struct statement){.id = e->header.id,
		.digest = e->digest,
		.from = e->header.from,
		.to = e->header.to,
		.stage = stage,
		.at = now};
}

/* The addressee's queue lets go of it. */
static void
leave_queue(struct exchange *x, struct store_txn *t, const struct entry *e)
{
	uint32_t attempts = dispatch_done(x->dispatch, &e->header.to, e->seq);

	if (attempts > 0)
		store_attempts(t, e->seq, attempts);
	store_dequeue(t, e->seq);
}

/* Every step after the first: written down, logged, told to the sender. */
static void
advance(struct exchange *x, struct store_txn *t, const struct entry *e,
	const struct statement *what, struct bytes signed_receipt, const char *news)
{
	store_state(t, e->seq, what, true, signed_receipt);
	if (e->stage == ST_ACCEPTED)
		leave_queue(x, t, e);
	if (stage_final(what->stage))
		store_forget_body(t, e->seq);
	peers_owe_notices(&x->peers, &e->header.from);
	promise_news(&x->promises, news, e->seq);
}

/* ---- SUBMIT ---- */

/* May this message of this peer enter? The examiner has looked at the document; what is asked here
 * once more is what an examiner that was taken over would lie about. */
static enum err
may_enter(const struct exchange *x, const struct peer *p, const struct verdict *v)
{
	const struct header *h = &v->header;

	if (v->code != E_OK)
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
	enum accept_result result = store_accept(t, v, message, now, e);
	struct statement accepted = statement_of(e, ST_ACCEPTED, now);

	assert(result == ACCEPT_NEW); /* the caller has looked */
	store_state(t, e->seq, &accepted, false, bytes_of(NULL, 0));
	dispatch_arrived(x->dispatch, &e->header.to);
}

/* In this order: the same message again has its receipt, whatever has become of it, of its
 * certificate or of our room since then. Only after that is it judged. */
static void
submitted(struct exchange *x, struct store_txn *t, const struct peer *p, const struct verdict *v,
	struct bytes message, int64_t now)
{
	const struct id *id = &v->header.id;
	struct entry e;
	bool known = store_find(x->store, t, &p->party, id, &e) == E_OK;
	enum err code = may_enter(x, p, v);

	if (known && digest_equal(&e.digest, &v->digest)) {
		promise_receipt(&x->promises, p->no, id, e.seq, ST_ACCEPTED);
		promise_news(&x->promises, "repeated", e.seq);
	} else if (code != E_OK) {
		promise_refusal(&x->promises, p->no, id, code);
	} else if (known) {
		promise_conflict(&x->promises, p->no, id, &e.digest, &v->digest);
		promise_news(&x->promises, "conflict", e.seq);
	} else if (!store_has_room(x->store)) {
		promise_refusal(&x->promises, p->no, id, E_STORE_FULL);
	} else {
		enter(x, t, v, message, now, &e);
		promise_receipt(&x->promises, p->no, id, e.seq, ST_ACCEPTED);
		promise_news(&x->promises, "accepted", e.seq);
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
static void
taken(struct exchange *x, struct store_txn *t, const struct peer *p, const struct wire *w,
	int64_t now)
{
	struct statement delivered;
	struct entry e;
	enum err code = store_find_to(x->store, t, &p->party, &w->id, &w->digest, &e);

	if (code != E_OK) {
		promise_refusal(&x->promises, p->no, &w->id, code);
	} else if (!digest_equal(&e.digest, &w->digest)) {
		promise_conflict(&x->promises, p->no, &w->id, &e.digest, &w->digest);
	} else if (ended_without_addressee(e.stage)) {
		promise_refusal(&x->promises, p->no, &w->id, E_FINAL);
	} else if (e.stage == ST_ACCEPTED) {
		delivered = statement_of(&e, ST_DELIVERED, now);
		advance(x, t, &e, &delivered, bytes_of(NULL, 0), "delivered");
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
	return E_OK;
}

static void
settle(struct exchange *x, struct store_txn *t, const struct entry *e, const struct verdict *v,
	struct bytes message, int64_t now)
{
	struct statement what = statement_of(e, (enum stage)v->stage, now);

	memcpy(what.code, v->receipt_code, sizeof what.code);
	what.has_by = true;
	what.by = v->digest;
	advance(x, t, e, &what, message, v->stage == ST_COMMITTED ? "committed" : "rejected");
}

/* As with SUBMIT, the same octets again have the same answer before anything else is asked. Other
 * octets for a message that has ended are refused even when they say the same: our receipt names
 * the octets that ended it, and would prove nothing about these. TAKEN may have been lost on the
 * way: a settlement says as much. */
static void
settled(struct exchange *x, struct store_txn *t, const struct peer *p, const struct verdict *v,
	struct bytes message, const struct id *id, int64_t now)
{
	const struct digest *ref = &v->header.ref_digest;
	enum err code = may_settle(x, p, v, id), found;
	struct entry e;

	found = store_find_to(x->store, t, &p->party, id, ref, &e);
	if (found == E_OK && stage_final(e.stage) && digest_equal(&e.by, &v->digest)) {
		promise_receipt(&x->promises, p->no, id, e.seq, e.stage);
	} else if (code != E_OK || found != E_OK) {
		promise_refusal(&x->promises, p->no, id, code != E_OK ? code : found);
	} else if (!digest_equal(&e.digest, ref)) {
		promise_conflict(&x->promises, p->no, id, &e.digest, ref);
	} else if (stage_final(e.stage)) {
		promise_refusal(&x->promises, p->no, id, E_FINAL);
	} else {
		settle(x, t, &e, v, message, now);
		promise_receipt(&x->promises, p->no, id, e.seq, (enum stage)v->stage);
	}
}

void
exchange_examined(struct exchange *x, struct store_txn *t, peer_no peer, const struct verdict *v,
	struct bytes message, const struct id *settles, int64_t now)
{
	const struct peer *p = peers_find(&x->peers, peer);

	if (p == NULL)
		promise_refusal(&x->promises, peer, settles ? settles : &v->header.id, E_NOT_READY);
	else if (settles == NULL)
		submitted(x, t, p, v, message, now);
	else
		settled(x, t, p, v, message, settles, now);
}

/* ---- peers come and go ---- */

static void
drop_peer(struct exchange *x, struct peer *p)
{
	dispatch_lost(x->dispatch, p);
	peers_remove(&x->peers, p);
}

void
exchange_peer_gone(struct exchange *x, peer_no peer)
{
	struct peer *p = peers_find(&x->peers, peer);

	if (p != NULL)
		drop_peer(x, p);
}

static uint64_t
credit_of(peer_no no, const struct wire *w)
{
	uint64_t most = no == PEER_COURIER ? DISPATCH_COURIER_CREDIT : DISPATCH_CREDIT_MAX;

	return w->number < most ? w->number : most;
}

/* One connection lives for a key: the newest that is not from the past. An adapter raises its epoch
 * each time it starts, so its stale twin (a paused machine, a restored snapshot) says a lower one
 * and is fenced off; the same epoch again is the same adapter on a new connection. */
static void
hello(struct exchange *x, struct store_txn *t, peer_no no, const uint8_t key[CURVE_KEY_SIZE],
	const struct wire *w, int64_t now, int64_t tick)
{
	const struct trust_party *who = trust_by_curve(x->trust, key);
	struct peer *p;
	uint64_t epoch;

	if (who == NULL) {
		promise_refusal(&x->promises, no, &no_id, E_UNKNOWN_PARTY);
		return;
	}
	epoch = store_epoch(x->store, t, &who->code, key, NULL);
	if (w->epoch < epoch) {
		promise_refusal(&x->promises, no, &no_id, E_STALE_EPOCH);
		return;
	}
	if (w->epoch > epoch)
		store_set_epoch(t, &who->code, key, w->epoch, &w->id);
	exchange_peer_gone(x, no);
	if ((p = peers_of_key(&x->peers, key)) != NULL)
		drop_peer(x, p);
	p = peers_add(&x->peers, no, key);
	p->party = who->code;
	p->epoch = w->epoch;
	p->since = now;
	p->heard = tick;
	p->credit = credit_of(no, w);
	p->notice_kept = p->notice_told = w->resume;
	p->owed_notices = p->owed_trust = p->fresh = true;
	promise_welcome(&x->promises, no);
}

/* What the peer has kept moves forward; anything else means that its spool is not the one that it
 * was, and telling begins again from where it says. */
static void
credit(struct peer *p, const struct wire *w)
{
	p->credit = credit_of(p->no, w);
	if (w->resume < p->notice_kept || w->resume > p->notice_told)
		p->notice_told = w->resume;
	p->notice_kept = w->resume;
	p->owed_notices = true;
}

void
exchange_peer_frames(struct exchange *x, struct store_txn *t, peer_no peer,
	const uint8_t key[CURVE_KEY_SIZE], const struct wire *w, int64_t now, int64_t tick)
{
	struct peer *p = peers_find(&x->peers, peer);

	if (w->verb == V_HELLO) {
		hello(x, t, peer, key, w, now, tick);
		return;
	}
	if (p == NULL || memcmp(p->key, key, CURVE_KEY_SIZE) != 0) {
		promise_refusal(&x->promises, peer, &w->id, E_NOT_READY);
		return;
	}
	p->heard = tick;
	switch (w->verb) {
	case V_TAKEN:
		taken(x, t, p, w, now);
		break;
	case V_CREDIT:
		credit(p, w);
		break;
	case V_BYE:
		drop_peer(x, p);
		break;
	case V_RECON:
		promise_refusal(&x->promises, peer, &no_id, E_ACTION);
		break;
	case V_SUBMIT: /* a sign of life; the message itself comes by exchange_examined */
	case V_SETTLED:
	case V_HELLO: /* above */
		break;
	case V_WELCOME:
	case V_RECEIPT:
	case V_REFUSED:
	case V_DELIVER:
	case V_CONFIRM:
	case V_TRUST:
	case VERB_N:
		promise_refusal(&x->promises, peer, &w->id, E_WIRE);
		break;
	}
}

/* Whoever the new list does not know under its key is out at once; everybody else gets the list. */
void
exchange_trust(struct exchange *x, const struct trust *trust)
{
	x->trust = trust;
	for (size_t i = x->peers.n; i-- > 0;) {
		struct peer *p = x->peers.list[i];
		const struct trust_party *who = trust_by_curve(trust, p->key);

		if (who == NULL || !party_equal(&who->code, &p->party))
			drop_peer(x, p);
		else
			p->owed_trust = true;
	}
}

/* ---- the clock ---- */

static void
expire(struct exchange *x, struct store_txn *t, uint64_t seq, int64_t now)
{
	struct statement expired;
	struct entry e;

	if (store_entry(x->store, t, seq, &e) != E_OK)
		return;
	expired = statement_of(&e, ST_EXPIRED, now);
	strcpy(expired.code, err_word(E_EXPIRED));
	advance(x, t, &e, &expired, bytes_of(NULL, 0), "expired");
}

void
exchange_tick(struct exchange *x, struct store_txn *t, int64_t now, int64_t tick)
{
	uint64_t seq[EXPIRE_AT_ONCE];
	size_t n = store_expired(x->store, t, now, seq, EXPIRE_AT_ONCE);

	for (size_t i = 0; i < n; i++)
		expire(x, t, seq[i], now);
	for (size_t i = x->peers.n; i-- > 0;)
		if (tick - x->peers.list[i]->heard >= SILENT_MS)
			drop_peer(x, x->peers.list[i]);
}

/* ---- the end of a group ---- */

static void
lost(void *context, peer_no peer)
{
	exchange_peer_gone(context, peer);
}

/* A HELLO that was not committed has not happened: its peer is told to say it again. */
static void
settle_peers(struct exchange *x, bool committed)
{
	for (size_t i = x->peers.n; i-- > 0;) {
		struct peer *p = x->peers.list[i];

		if (p->fresh && !committed)
			drop_peer(x, p);
		else
			p->fresh = false;
	}
}

enum err
exchange_commit(struct exchange *x, struct store_txn **t)
{
	enum err e;

	store_seal(*t, x->sign, x->sign_context);
	e = store_commit(t);
	errno = 0;
	if (e != E_OK && e != E_STORE_FULL)
		die("exchange: the store has failed: %s", err_sentence(e));
	dispatch_settle(x->dispatch, e == E_OK);
	settle_peers(x, e == E_OK);
	if (e == E_OK)
		promises_keep(&x->promises, x->store, x->trust, &x->fx, lost, x);
	else
		promises_break(&x->promises, &x->fx, lost, x);
	return e;
}

static void
send_trust(struct exchange *x, struct peer *p)
{
	const struct wire w = {
		.verb = V_TRUST, .number = trust_version(x->trust), .body = trust_bytes(x->trust)};

	p->gone = !x->fx.send(x->fx.context, p->no, &w);
	p->owed_trust = false;
}

void
exchange_dispatch(struct exchange *x, int64_t now, int64_t tick)
{
	for (size_t i = 0; i < x->peers.n; i++) {
		struct peer *p = x->peers.list[i];

		if (!p->fresh && p->owed_trust)
			send_trust(x, p);
		if (!p->fresh && !p->gone)
			dispatch_notices(x->dispatch, p, tick);
		if (!p->fresh && !p->gone)
			dispatch_offers(x->dispatch, p, now, tick);
	}
	for (size_t i = x->peers.n; i-- > 0;)
		if (x->peers.list[i]->gone)
			drop_peer(x, x->peers.list[i]);
}

void
exchange_each_peer(struct exchange *x, exchange_peer_visit *each, void *context)
{
	for (size_t i = 0; i < x->peers.n; i++) {
		const struct peer *p = x->peers.list[i];
		const struct peer_state state = {.no = p->no,
			.party = p->party,
			.epoch = p->epoch,
			.credit = p->credit,
			.under_way = p->under_way,
			.since = p->since};

		each(context, &state);
	}
}
