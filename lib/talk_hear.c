/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the broker says about what we have said. Nothing it says is kept without proof: a receipt
 * has to lead to a checkpoint signed with the log key of the trust list and to speak of exactly the
 * message it is said to be for. What does not is logged and dropped, and asked for again. */
#include "lib/talk_parts.h"

#include <string.h>

#include "lib/log.h"

#define RECON_THIN_MS (12 * 3600 * INT64_C(1000))
#define STUBBORN_MS 60000 /* between two tellings of a settlement that is refused for good */

/* ---- greeting ---- */

static void
hear_welcome(struct talk *t, const struct wire *w)
{
	const struct trust_party *broker = trust_exchange(t->o.trust);

	if (broker == NULL || w->text.size != strlen(broker->code.code) ||
		memcmp(w->text.data, broker->code.code, w->text.size) != 0) {
		log_line(LOG_ERROR,
			"link: welcomed by another party than the trust list's exchange");
		return;
	}
	if (spool_offer(t->spool) != E_OK) {
		log_line(LOG_ERROR, "link: the spool cannot note that what it holds may leave");
		return;
	}
	t->phase = PHASE_UP;
	t->trust_offered = w->number;
	t->credited = t->tick;
	t->owes_credit = false;
	/* Nothing was lost since then, or the exchange says RECONCILING, or asks. */
	t->recon.next = t->tick + (t->o.thin && recon_is_recent(t) ? RECON_THIN_MS : 0);
	log_welcomed(t);
	revocation_welcome(t);
	if (t->up)
		return;
	t->up = true;
	log_line(LOG_NOTICE, "link: up broker=%s epoch=%llu", broker->code.code,
		(unsigned long long)t->o.epoch);
	if (t->fx.up != NULL)
		t->fx.up(t->fx.context);
}

static void
hear_trust(struct talk *t, const struct wire *w)
{
	if (w->number <= trust_version(t->o.trust) || t->fx.trust == NULL)
		return;
	t->fx.trust(t->fx.context, w->body);
}

/* ---- receipts ---- */

enum err
talk_receipt(struct talk *t, const struct id *id, struct bytes receipt, struct receipt *out)
{
	TRY(receipt_verify(receipt, trust_log_name(t->o.trust), trust_log_key(t->o.trust), out));
	return id_equal(&out->what.id, id) ? log_seen_in(t, out) : E_NOT_FOUND;
}

static void
forged(const struct wire *w, enum err e)
{
	log_message(LOG_ERROR, &w->id, "dropped what=%s code=%s: it does not prove what it says",
		verb_word(w->verb), err_word(e));
}

/* The receipt for a message of ours. */
static enum err
receipt_for_ours(struct talk *t, const struct wire *w, const struct statement *what)
{
	struct out_entry e;

	TRY(spool_out(t->spool, &w->id, &e, NULL));
	if (!digest_equal(&what->digest, &e.digest) || !party_equal(&what->to, &e.header.to) ||
		what->stage != ST_ACCEPTED)
		return E_NOT_FOUND;
	return spool_sent(t->spool, &w->id, w->body, t->now);
}

/* The receipt for a refusal, which has no place in the inbox. */
static enum err
receipt_for_refusal(struct talk *t, const struct statement *what)
{
	OWNED_BUF(refusal) = {0};
	struct digest d;

	TRY(talk_refusal(t, &what->digest, &refusal));
	digest_of(refusal.data, refusal.size, &d);
	if (!what->has_by || !digest_equal(&what->by, &d))
		return E_NOT_FOUND;
	return talk_refusal_told(t, &what->digest);
}

/* The receipt for a settlement of ours: it names our signed answer by digest. */
static enum err
receipt_for_settlement(struct talk *t, const struct wire *w, const struct statement *what)
{
	OWNED_BUF(answer) = {0};
	struct in_entry e;
	struct digest d;

	if (spool_in(t->spool, &what->from, &w->id, &e, NULL) == E_NOT_FOUND)
		return receipt_for_refusal(t, what);
	TRY(spool_answer(t->spool, &what->from, &w->id, &answer));
	digest_of(answer.data, answer.size, &d);
	if (!digest_equal(&what->digest, &e.digest) || !what->has_by ||
		!digest_equal(&what->by, &d))
		return E_NOT_FOUND;
	return spool_told(t->spool, &what->from, &w->id);
}

static void
hear_receipt(struct talk *t, const struct wire *w)
{
	struct flights *flying;
	struct flight *f;
	struct receipt r;
	enum err e = talk_receipt(t, &w->id, w->body, &r);
	bool ours;

	if (e != E_OK) {
		forged(w, e);
		return;
	}
	ours = party_equal(&r.what.from, &t->o.self);
	if (!ours && !party_equal(&r.what.to, &t->o.self)) {
		forged(w, E_NOT_ADDRESSEE);
		return;
	}
	e = ours ? receipt_for_ours(t, w, &r.what) : receipt_for_settlement(t, w, &r.what);
	if (e != E_OK) {
		forged(w, e);
		return;
	}
	t->put_off = 0;
	flying = ours ? &t->submit : &t->settle;
	f = flight_find(flying, &w->id);
	if (f != NULL)
		flight_end(t, flying, f);
	log_message(LOG_NOTICE, &w->id, "%s", ours ? "sent" : "settled");
	talk_changed(t);
}

/* ---- refusals ---- */

static void
refused_message(struct talk *t, struct flight *f, const struct wire *w)
{
	bool urgent = f->urgent;
	int64_t *hold = urgent ? &t->hold_urgent : &t->hold;
	enum err e;

	flight_end(t, &t->submit, f);
	if (w->retry) {
		if (w->code != E_CLOSED || urgent || !talk_shut(t, &w->id))
			*hold = t->tick + talk_backoff(t, ++t->put_off);
		t->has_cursor = false;
		e = spool_put_off(t->spool, &w->id, w->code);
	} else
		e = spool_refused(t->spool, &w->id, w->code, t->now);
	log_message(w->retry ? LOG_NOTICE : LOG_ERROR, &w->id, "%s code=%s",
		w->retry ? "put off" : "refused", err_word(w->code));
	if (e != E_OK)
		log_message(LOG_ERROR, &w->id, "refusal not kept code=%s", err_word(e));
	talk_changed(t);
}

/* FINAL: the message ended otherwise meanwhile, so our word is of no use any more. Whatever else is
 * wrong, the settlement stays to be told. */
static void
refused_settlement(struct talk *t, struct flight *f, const struct wire *w)
{
	enum err e = E_OK;

	if (w->code == E_FINAL) {
		e = spool_told(t->spool, &f->from, &w->id);
		flight_end(t, &t->settle, f);
		talk_changed(t);
	} else
		f->due = t->tick +
			 (w->retry && w->code != E_HELD ? talk_backoff(t, 1) : STUBBORN_MS);
	log_message(LOG_WARNING, &w->id, "settlement refused code=%s", err_word(w->code));
	if (e != E_OK && e != E_STATE)
		log_message(LOG_ERROR, &w->id, "settlement not kept code=%s", err_word(e));
}

static void
hear_refused(struct talk *t, const struct wire *w)
{
	struct flight *f = flight_find(&t->submit, &w->id);

	if (revocation_refused(t, w) || log_is_refused(t, w) || ledger_is_refused(t, w))
		return;
	if (w->code == E_STALE_EPOCH) {
		talk_fence(t);
		return;
	}
	if (w->code == E_NOT_READY) { /* the broker has forgotten us */
		t->phase = PHASE_DOWN;
		if (t->tick - t->greeted > 1000)
			talk_greet(t);
		return;
	}
	if (w->code == E_RECONCILING)
		recon_wanted(t);
	if (w->code == E_CONFLICT && w->extra.size > 0)
		talk_hear_conflict(t, w);
	if (f != NULL) {
		refused_message(t, f, w);
		return;
	}
	f = flight_find(&t->settle, &w->id);
	if (f != NULL)
		refused_settlement(t, f, w);
	else
		log_message(LOG_WARNING, &w->id, "refused code=%s", err_word(w->code));
}

/* ---- every verb ---- */

static const struct {
	enum verb verb;
	void (*hear)(struct talk *t, const struct wire *w);
	bool early; /* may be heard before WELCOME */
} verbs[] = {
	{V_WELCOME, hear_welcome, true},
	{V_REFUSED, hear_refused, true},
	{V_TRUST, hear_trust, true},
	{V_RECEIPT, hear_receipt, false},
	{V_DELIVER, hear_deliver, false},
	{V_CONFIRM, hear_confirm, false},
	{V_RECON, recon_hear, false},
	{V_STATUS, hear_status, false},
	{V_HEAD, log_hear, false},
	{V_LEDGER, ledger_hear, false},
};

void
talk_hear_verb(struct talk *t, const struct wire *w)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (verbs[i].verb == w->verb && (verbs[i].early || t->phase == PHASE_UP)) {
			verbs[i].hear(t, w);
			return;
		}
}
