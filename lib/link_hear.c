/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the broker says about what we have said. Nothing it says is kept without proof: a receipt
 * has to lead to a checkpoint signed with the log key of the trust list and to speak of exactly the
 * message it is said to be for. What does not is logged and dropped, and asked for again. */
#include "lib/link_parts.h"

#include <string.h>

#include "lib/log.h"

#define STUBBORN_MS 60000 /* between two tellings of a settlement that is refused for good */

/* ---- greeting ---- */

static void
hear_welcome(struct link *l, const struct wire *w)
{
	const struct trust_party *broker = trust_exchange(l->o.trust);

	if (broker == NULL || w->text.size != strlen(broker->code.code) ||
		memcmp(w->text.data, broker->code.code, w->text.size) != 0) {
		log_line(LOG_ERROR,
			"link: welcomed by another party than the trust list's exchange");
		return;
	}
	l->phase = PHASE_UP;
	l->trust_offered = w->number;
	l->credited = monotonic_now();
	l->owes_credit = false;
	if (l->up)
		return;
	l->up = true;
	log_line(LOG_NOTICE, "link: up broker=%s epoch=%llu", broker->code.code,
		(unsigned long long)l->epoch);
	if (l->h.up != NULL)
		l->h.up(l->h.context);
}

static void
hear_trust(struct link *l, const struct wire *w)
{
	if (w->number <= trust_version(l->o.trust) || l->h.trust == NULL)
		return;
	l->h.trust(l->h.context, w->body);
}

/* ---- receipts ---- */

enum err
link_receipt(struct link *l, const struct id *id, struct bytes receipt, struct receipt *out)
{
	TRY(receipt_verify(receipt, trust_log_name(l->o.trust), trust_log_key(l->o.trust), out));
	return id_equal(&out->what.id, id) ? E_OK : E_NOT_FOUND;
}

static void
forged(const struct wire *w, enum err e)
{
	log_message(LOG_ERROR, &w->id, "dropped what=%s code=%s: it does not prove what it says",
		verb_word(w->verb), err_word(e));
}

/* The receipt for a message of ours. */
static enum err
receipt_for_ours(struct link *l, const struct wire *w, const struct statement *what)
{
	struct out_entry e;

	TRY(spool_out(l->spool, &w->id, &e, NULL));
	if (!digest_equal(&what->digest, &e.digest) || !party_equal(&what->to, &e.header.to) ||
		what->stage != ST_ACCEPTED)
		return E_NOT_FOUND;
	return spool_sent(l->spool, &w->id, w->body, instant_now());
}

/* The receipt for a settlement of ours: it names our signed answer by digest. */
static enum err
receipt_for_settlement(struct link *l, const struct wire *w, const struct statement *what)
{
	OWNED_BUF(answer) = {0};
	struct in_entry e;
	struct digest d;

	TRY(spool_in(l->spool, &what->from, &w->id, &e, NULL));
	TRY(spool_answer(l->spool, &what->from, &w->id, &answer));
	digest_of(answer.data, answer.size, &d);
	if (!digest_equal(&what->digest, &e.digest) || !what->has_by ||
		!digest_equal(&what->by, &d))
		return E_NOT_FOUND;
	return spool_told(l->spool, &what->from, &w->id);
}

static void
hear_receipt(struct link *l, const struct wire *w)
{
	struct flight *f;
	struct receipt r;
	enum err e = link_receipt(l, &w->id, w->body, &r);
	bool ours;

	if (e != E_OK) {
		forged(w, e);
		return;
	}
	ours = party_equal(&r.what.from, &l->o.self);
	if (!ours && !party_equal(&r.what.to, &l->o.self)) {
		forged(w, E_NOT_ADDRESSEE);
		return;
	}
	e = ours ? receipt_for_ours(l, w, &r.what) : receipt_for_settlement(l, w, &r.what);
	if (e != E_OK) {
		forged(w, e);
		return;
	}
	l->put_off = 0;
	f = flight_find(ours ? l->submit : l->settle, &w->id);
	if (f != NULL)
		flight_end(l, f);
	log_message(LOG_NOTICE, &w->id, "%s", ours ? "sent" : "settled");
	link_changed(l);
}

/* ---- refusals ---- */

static void
refused_message(struct link *l, struct flight *f, const struct wire *w)
{
	enum err e;

	flight_end(l, f);
	if (w->retry) {
		l->hold = monotonic_now() + link_backoff(++l->put_off);
		l->has_cursor = false;
		e = spool_put_off(l->spool, &w->id, w->code);
	} else
		e = spool_refused(l->spool, &w->id, w->code, instant_now());
	log_message(w->retry ? LOG_NOTICE : LOG_ERROR, &w->id, "%s code=%s",
		w->retry ? "put off" : "refused", err_word(w->code));
	if (e != E_OK)
		log_message(LOG_ERROR, &w->id, "refusal not kept code=%s", err_word(e));
	link_changed(l);
}

/* FINAL: the message ended otherwise meanwhile, so our word is of no use any more. Whatever else is
 * wrong, the settlement stays to be told. */
static void
refused_settlement(struct link *l, struct flight *f, const struct wire *w)
{
	enum err e = E_OK;

	if (w->code == E_FINAL) {
		e = spool_told(l->spool, &f->from, &w->id);
		flight_end(l, f);
		link_changed(l);
	} else
		f->due = monotonic_now() + (w->retry ? link_backoff(1) : STUBBORN_MS);
	log_message(LOG_WARNING, &w->id, "settlement refused code=%s", err_word(w->code));
	if (e != E_OK && e != E_STATE)
		log_message(LOG_ERROR, &w->id, "settlement not kept code=%s", err_word(e));
}

static void
hear_refused(struct link *l, const struct wire *w)
{
	struct flight *f = flight_find(l->submit, &w->id);

	if (w->code == E_STALE_EPOCH) {
		link_fence(l);
		return;
	}
	if (w->code == E_NOT_READY) { /* the broker has forgotten us */
		l->phase = PHASE_DOWN;
		if (monotonic_now() - l->greeted > 1000)
			link_greet(l);
		return;
	}
	if (f != NULL) {
		refused_message(l, f, w);
		return;
	}
	f = flight_find(l->settle, &w->id);
	if (f != NULL)
		refused_settlement(l, f, w);
	else
		log_message(LOG_WARNING, &w->id, "refused code=%s", err_word(w->code));
}

/* ---- every verb ---- */

static const struct {
	enum verb verb;
	void (*hear)(struct link *l, const struct wire *w);
	bool early; /* may be heard before WELCOME */
} verbs[] = {
	{V_WELCOME, hear_welcome, true},
	{V_REFUSED, hear_refused, true},
	{V_TRUST, hear_trust, true},
	{V_RECEIPT, hear_receipt, false},
	{V_DELIVER, hear_deliver, false},
	{V_CONFIRM, hear_confirm, false},
};

void
link_hear(struct link *l, const struct wire *w)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (verbs[i].verb == w->verb && (verbs[i].early || l->phase == PHASE_UP)) {
			verbs[i].hear(l, w);
			return;
		}
}
