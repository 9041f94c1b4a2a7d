/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rules of the exchange. Read this file first: it is what daftar's broker does.
 *
 *	frames of a peer: HELLO CREDIT BYE TAKEN RECON   exchange_peer_frames --.
 *	an examined message: SUBMIT SETTLED              exchange_examined -----+--> decided here,
 *	the clock                                        exchange_tick ---------'    written down
 *	                                                                             in the open
 *	                                                                             transaction,
 *	                                                                             only promised
 *	seal the log, commit to disk, then answer        exchange_commit
 *	offer what is due                                exchange_dispatch
 *
 * Many events share one transaction (a group). Each is decided against what the earlier ones of its
 * group have written, so a group behaves as if its events had come one by one. Nothing is sent from
 * inside it: what was decided becomes true with the commit, and only then may anybody hear of it.
 *
 * Beside this file: exchange_message.c (how a message moves), exchange_standing.c (who may speak),
 * exchange_held.c (what waits for revocation data), exchange_restored.c (what one that was put back
 * from a copy cannot know), exchange_damage.c (what a damaged record may stop), exchange_consent.c
 * (what a consent lets through), exchange_aside.c (what people do with a message that does not get
 * through), exchange_dispatch.c (what goes out), reconcile.c (comparing books), promise.c (answers
 * that wait for the commit), dispatch.c (who is offered what), peers.c (who is here). */
#include "broker/exchange_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A peer that says nothing for so long is gone; CREDIT comes every 10 s. */
#define SILENT_MS 35000
#define LOOK_AGAIN_MS 60000
#define EXPIRE_AT_ONCE 1024 /* the rest at the next tick, so that a group stays small */

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
	x->newest = store_newest(store);
	x->dispatch = dispatch_new(store, &x->fx);
	dispatch_guard(x->dispatch, consent_withholds, x);
	dispatch_aside_after(x->dispatch, EXCHANGE_ASIDE_AFTER);
	x->reconcile = reconcile_new(store, &x->peers, &x->promises, &x->fx);
	reconcile_on(x->reconcile, consent_lost, exchange_shown, x);
	held_learn(x);
	return x;
}

void
exchange_free(struct exchange **x)
{
	if (*x == NULL)
		return;
	reconcile_free(&(*x)->reconcile);
	dispatch_free(&(*x)->dispatch);
	peers_free(&(*x)->peers);
	promises_free(&(*x)->promises);
	held_free(&(*x)->held);
	free((*x)->caught);
	free((*x)->speakers);
	free(*x);
	*x = NULL;
}

void
exchange_share(struct exchange *x, unsigned percent)
{
	x->share = percent;
}

void
exchange_seed(struct exchange *x, uint64_t seed)
{
	dispatch_seed(x->dispatch, seed);
}

/* ---- messages ---- */

bool
exchange_is_served(const struct exchange *x, struct store_txn *t, const struct peer *p)
{
	return store_reconciled(x->store, t, &p->party);
}

enum err
exchange_hears(struct exchange *x, struct store_txn *t, peer_no peer)
{
	const struct peer *p = peers_find(&x->peers, peer);

	if (p == NULL)
		return E_NOT_READY;
	return exchange_is_served(x, t, p) ? E_OK : E_RECONCILING;
}

/* What is signed for good waits for revocation data as a message does. */
static void
state(struct exchange *x, struct store_txn *t, struct peer *p, const struct verdict *v,
	struct bytes message, int64_t now)
{
	if (v->code == E_OK && v->held)
		exchange_put_off(x, p, &v->header.id, E_HELD);
	else
		reconcile_state(x->reconcile, t, p, v, message, now);
}

void
exchange_examined(struct exchange *x, struct store_txn *t, peer_no peer, const struct verdict *v,
	struct bytes message, const struct id *settles, int64_t now)
{
	struct peer *p = peers_find(&x->peers, peer);
	const struct id *id = settles != NULL ? settles : &v->header.id;
	size_t promised = exchange_event(x, t);
	struct verdict judged;

	x->now = now;
	if (p != NULL) {
		judged = exchange_judged_here(x, t, p, v);
		v = &judged;
	}
	if (p == NULL)
		promise_refusal(&x->promises, peer, id, E_NOT_READY);
	else if (!exchange_is_served(x, t, p))
		exchange_put_off(x, p, id, E_RECONCILING);
	else if (settles == NULL && v->header.action == A_RECONCILIATION_STATEMENT &&
		 party_equal(&v->header.to, &trust_exchange(x->trust)->code))
		state(x, t, p, v, message, now);
	else if (settles == NULL && exchange_is_suspended(x, t, p))
		exchange_put_off(x, p, id, E_SUSPENDED);
	else if (settles == NULL)
		exchange_submitted(x, t, p, v, message, now);
	else
		exchange_settled(x, t, p, v, message, settles, now);
	exchange_event_done(x, t, promised);
}

/* ---- peers come and go ---- */

void
exchange_drop_peer(struct exchange *x, struct peer *p)
{
	dispatch_lost(x->dispatch, p);
	reconcile_gone(x->reconcile, p->no);
	peers_remove(&x->peers, p);
}

void
exchange_peer_gone(struct exchange *x, peer_no peer)
{
	struct peer *p = peers_find(&x->peers, peer);

	if (p != NULL)
		exchange_drop_peer(x, p);
}

static uint64_t
credit_of(peer_no no, const struct wire *w)
{
	uint64_t most = no == PEER_COURIER ? DISPATCH_COURIER_CREDIT : DISPATCH_CREDIT_MAX;

	return w->number < most ? w->number : most;
}

/* Where its notices go on. A spool that has kept more than there are is that of an exchange which
 * was brought back from a backup and counts on from where it was: all that there are is kept, and
 * the next has a number that the spool has seen. */
static uint64_t
resume_of(const struct exchange *x, const struct party *party, const struct wire *w)
{
	uint64_t last = store_last_notice(x->store, party);

	return w->resume < last ? w->resume : last;
}

/* Behind the program: "list=12", the trust list that it has, "thin", and "most=9000". All may be
 * missing. */
static bool
has_word(const struct wire *w, const char *word, uint64_t *number)
{
	char text[256], *rest = text, *each;
	size_t length = strlen(word);

	if (w->text.size > 0)
		memcpy(text, w->text.data, w->text.size);
	text[w->text.size] = '\0';
	while ((each = strsep(&rest, " ")) != NULL) {
		if (strncmp(each, word, length) != 0)
			continue;
		*number = strtoull(each + length, NULL, 10);
		return true;
	}
	return false;
}

/* The first word; a longer one is cut. */
static void
keep_program(struct peer *p, const struct wire *w)
{
	const char *text = (const char *)w->text.data;
	size_t n = 0;

	while (n < w->text.size && n < sizeof p->program - 1 && text[n] != ' ')
		n++;
	if (n > 0)
		memcpy(p->program, text, n);
}

/* One connection lives for a key: the newest that is not from the past. */
static void
hello(struct exchange *x, struct store_txn *t, peer_no no, const uint8_t key[CURVE_KEY_SIZE],
	const struct wire *w, int64_t now, int64_t tick)
{
	const struct trust_party *who = trust_by_curve(x->trust, key);
	struct recon_result last;
	uint64_t list;
	struct peer *p;

	if (who == NULL || store_standing(x->store, t, &who->code) == STANDING_CUT) {
		promise_refusal(&x->promises, no, &no_id, who == NULL ? E_UNKNOWN_PARTY : E_CUT);
		return;
	}
	if (!exchange_take_epoch(x, t, &who->code, key, w, now)) {
		promise_refusal(&x->promises, no, &no_id, E_STALE_EPOCH);
		return;
	}
	exchange_peer_gone(x, no);
	if ((p = peers_of_key(&x->peers, key)) != NULL)
		exchange_drop_peer(x, p);
	p = peers_add(&x->peers, no, key);
	p->party = who->code;
	p->epoch = w->epoch;
	p->since = now;
	p->heard = tick;
	p->credit = credit_of(no, w);
	p->notice_kept = p->notice_told = resume_of(x, &p->party, w);
	p->owed_notices = p->fresh = true;
	keep_program(p, w);
	p->thin = has_word(w, "thin", &list);
	if (!has_word(w, "most=", &p->most))
		p->most = 0;
	p->owed_trust = no == PEER_COURIER || !has_word(w, "list=", &list) ||
			list < trust_version(x->trust);
	p->asked = tick; /* it begins by itself when it is welcomed */
	dispatch_hello(x->dispatch, p);
	if (store_recon(x->store, &who->code, &last) == E_OK)
		p->compared = last.at;
	promise_welcome(&x->promises, no);
}

/* What the peer has kept moves forward; anything else means that its spool is not the one that it
 * was, and telling begins again from where it says. */
static void
credit(const struct exchange *x, struct peer *p, const struct wire *w)
{
	uint64_t resume = resume_of(x, &p->party, w);

	p->credit = credit_of(p->no, w);
	if (resume < p->notice_kept || resume > p->notice_told)
		p->notice_told = resume;
	p->notice_kept = resume;
	p->owed_notices = true;
}

static void
heard_recon(struct exchange *x, struct store_txn *t, struct peer *p, const struct wire *w,
	int64_t now, int64_t tick)
{
	bool before = exchange_is_served(x, t, p);
	int64_t last = p->compared;

	reconcile_hear(x->reconcile, x->trust, t, p, w->body, now, tick);
	if (p->compared != last && exchange_is_served(x, t, p))
		exchange_was_compared(x, &p->party, !before, now, tick);
}

static void
heard(struct exchange *x, struct store_txn *t, peer_no peer, const uint8_t key[CURVE_KEY_SIZE],
	const struct wire *w, int64_t now, int64_t tick)
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
		if (exchange_is_served(x, t, p))
			exchange_taken(x, t, p, w, now);
		else
			promise_refusal(&x->promises, peer, &w->id, E_RECONCILING);
		break;
	case V_CREDIT:
		credit(x, p, w);
		break;
	case V_BYE:
		p->left = true;
		exchange_drop_peer(x, p);
		break;
	case V_RECON:
		heard_recon(x, t, p, w, now, tick);
		break;
	case V_STATUS: /* what it brings goes to an examiner first */
		held_heard(x, p, w);
		break;
	case V_LOG:
		exchange_asked_log(x, p, w, tick);
		break;
	case V_LEDGER:
		exchange_asked_ledger(x, p, w, tick);
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
	case V_HEAD:
	case VERB_N:
		promise_refusal(&x->promises, peer, &w->id, E_WIRE);
		break;
	}
}

void
exchange_peer_frames(struct exchange *x, struct store_txn *t, peer_no peer,
	const uint8_t key[CURVE_KEY_SIZE], const struct wire *w, int64_t now, int64_t tick)
{
	size_t promised = exchange_event(x, t);

	x->now = now;
	heard(x, t, peer, key, w, now, tick);
	exchange_event_done(x, t, promised);
}

/* Whoever the new list does not know under its key is out at once; everybody else gets the list. */
void
exchange_trust(struct exchange *x, const struct trust *trust)
{
	x->trust = trust;
	held_sweep_all(x);
	for (size_t i = x->peers.n; i-- > 0;) {
		struct peer *p = x->peers.list[i];
		const struct trust_party *who = trust_by_curve(trust, p->key);

		if (who == NULL || !party_equal(&who->code, &p->party))
			exchange_drop_peer(x, p);
		else
			p->owed_trust = true;
	}
}

/* ---- the clock ---- */

/* What may not expire yet is passed by, and looked at again a while later. */
static void
expire(struct exchange *x, struct store_txn *t, int64_t now)
{
	uint64_t seq[EXPIRE_AT_ONCE];
	size_t n;

	if (x->tick - x->looked >= LOOK_AGAIN_MS || now < x->due.at) {
		x->due = (struct due){0};
		x->looked = x->tick;
	}
	n = store_expired(x->store, t, now, &x->due, seq, EXPIRE_AT_ONCE);
	for (size_t i = 0; i < n; i++) {
		size_t promised = exchange_event(x, t);

		exchange_expire(x, t, seq[i], now);
		exchange_event_done(x, t, promised);
	}
}

/* What could not be offered because the store cannot read it any more. */
static void
bury_damaged(struct exchange *x, struct store_txn *t, int64_t now)
{
	uint64_t seq;

	while (dispatch_damaged(x->dispatch, &seq)) {
		size_t promised = exchange_event(x, t);

		x->at_hand = seq;
		exchange_bury(x, t, seq, E_DAMAGED, now);
		exchange_event_done(x, t, promised);
	}
}

void
exchange_tick(struct exchange *x, struct store_txn *t, int64_t now, int64_t tick)
{
	x->now = now;
	x->tick = tick;
	if (x->begun == 0) {
		x->begun = tick;
		held_sweep_all(x);
	}
	expire(x, t, now);
	bury_damaged(x, t, now);
	aside_tick(x, t, now);
	exchange_retain(x, t, now);
	if (store_has_room(x->store))
		dispatch_write_attempts(x->dispatch, t, tick);
	reconcile_tick(x->reconcile, now, tick);
	for (size_t i = x->peers.n; i-- > 0;)
		if (tick - x->peers.list[i]->heard >= SILENT_MS)
			exchange_drop_peer(x, x->peers.list[i]);
}

/* ---- the end of a group ---- */

static void
lost(void *context, peer_no peer)
{
	exchange_peer_gone(context, peer);
}

/* A HELLO that was not committed has not happened: its peer is told to say it again. So is all that
 * a bundle has said. */
static void
settle_peers(struct exchange *x, bool committed)
{
	for (size_t i = x->peers.n; i-- > 0;) {
		struct peer *p = x->peers.list[i];

		p->put_off |= !committed && p->no == PEER_COURIER;
		if (p->fresh && !committed)
			exchange_drop_peer(x, p);
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
	dispatch_settle(x->dispatch, e == E_OK);
	settle_peers(x, e == E_OK);
	held_settle(x, e == E_OK);
	if (e != E_OK) {
		x->newest = store_newest(x->store);
		x->due = (struct due){0};
		promises_break(&x->promises, e == E_STORE_FULL ? e : E_BUSY, &x->fx, lost, x);
		errno = 0;
		if (!exchange_met_damage(x, e) && e != E_STORE_FULL)
			die("exchange: the store has failed: %s", err_sentence(e));
	}
	promises_keep(&x->promises, x->store, x->trust, &x->fx, lost, x);
	return e == E_STORE_FULL ? e : E_OK;
}
