/* SPDX-License-Identifier: EUPL-1.2
 *
 * What comes from others: deliveries and notices. A delivery is examined in the sandbox before this
 * process reads a field of it, is durable before TAKEN is said, and is refused with a signed
 * receipt when it can never be accepted. One that could not be judged now (the examiner stopped, no
 * room, a trust list older than the broker's) is left unanswered and comes again. */
#include "lib/link_parts.h"

#include <string.h>

#include "lib/log.h"

#define FULL_MS 10000
#define REFUSAL_LIVES_MS (INT64_C(30) * 86400000)

/* ---- deliveries ---- */

/* Verdicts that a newer trust list may turn round. */
static bool
rests_on_trust(enum err e)
{
	static const enum err those[] = {E_UNKNOWN_CERT, E_UNKNOWN_PARTY, E_CERT_CHAIN,
		E_CERT_EXPIRED, E_NO_AGREEMENT, E_PURPOSE};

	for (size_t i = 0; i < ARRAY_LEN(those); i++)
		if (those[i] == e)
			return true;
	return false;
}

static bool
is_undecided(const struct link *l, enum err e)
{
	return e == E_QUARANTINED || err_retry(e) ||
	       (rests_on_trust(e) && l->trust_offered > trust_version(l->o.trust));
}

static enum err
compose_refusal(struct link *l, const struct header *h, const struct digest *d, enum err code,
	struct buf *out)
{
	const struct trust_party *broker = trust_exchange(l->o.trust);
	struct header r = {.action = A_RECEIPT,
		.id = id_new(),
		.conversation = h->conversation,
		.leg = h->leg,
		.from = l->o.self,
		.created = instant_now(),
		.has_ref = true,
		.ref = h->id,
		.ref_digest = *d};

	if (broker == NULL)
		return E_NO_TRUST;
	r.to = broker->code;
	r.expires = r.retain_until = r.created + REFUSAL_LIVES_MS;
	memcpy(r.realm, trust_realm(l->o.trust), strlen(trust_realm(l->o.trust)) + 1);
	strcpy(r.agreement, "NONE");
	strcpy(r.purpose, "RECEIPT");
	TRY(spool_next_seq(l->spool, &r.to, &r.channel_seq));
	return message_compose_receipt(&r, ST_REJECTED, err_word(code), l->o.identity, out);
}

/* Not kept: if it is lost the delivery comes again and is refused again. */
static void
refuse(struct link *l, const struct verdict *v, enum err code)
{
	static const struct id none;
	OWNED_BUF(receipt) = {0};
	struct wire w = {.verb = V_SETTLED, .id = v->header.id};
	enum err e;

	if (l->o.identity == NULL || id_equal(&v->header.id, &none))
		return;
	e = compose_refusal(l, &v->header, &v->digest, code, &receipt);
	if (e != E_OK) {
		log_message(LOG_ERROR, &w.id, "refusal not made code=%s", err_word(e));
		return;
	}
	w.body = buf_bytes(&receipt);
	(void)!link_say(l, &w);
}

/* Taken before: what we have to say about it is said again. */
static void
taken_again(struct link *l, const struct header *h)
{
	struct in_entry e;

	if (spool_in(l->spool, &h->from, &h->id, &e, NULL) == E_OK && e.state >= IN_DONE &&
		flight_find(l->settle, &h->id) == NULL)
		(void)!link_settle(l, &h->from, &h->id);
}

static enum err
take(struct link *l, const struct wire *w, const struct verdict *v)
{
	struct wire taken = {.verb = V_TAKEN, .id = v->header.id, .digest = v->digest};
	bool again = false;

	TRY(spool_take(l->spool, w->body, instant_now(), &again));
	(void)!link_say(l, &taken); /* unsaid, it comes again */
	l->owes_credit = true;
	log_message(LOG_NOTICE, &v->header.id, "taken from=%s action=%s%s", v->header.from.code,
		action_word(v->header.action), again ? " again" : "");
	if (again)
		taken_again(l, &v->header);
	else
		link_changed(l);
	return E_OK;
}

/* The broker's own receipt for what it delivers: it must have accepted it. */
static enum err
accepted(struct link *l, const struct wire *w, const struct verdict *v)
{
	struct receipt r;

	if (w->extra.size == 0)
		return E_OK;
	TRY(link_receipt(l, &v->header.id, w->extra, &r));
	return digest_equal(&r.what.digest, &v->digest) ? E_OK : E_PROOF;
}

void
hear_deliver(struct link *l, const struct wire *w)
{
	struct verdict v;
	enum err e;

	if (l->examiner == NULL || monotonic_now() < l->full)
		return;
	memset(&v, 0, sizeof v);
	e = examiner_examine(l->examiner, EXAMINE_AS_ADDRESSEE, &l->o.self, w->body, &v);
	if (e == E_OK && accepted(l, w, &v) != E_OK) {
		log_message(LOG_ERROR, &v.header.id, "left: the broker's receipt is not for it");
		return;
	}
	if (e == E_OK)
		e = take(l, w, &v);
	if (e == E_OK)
		return;
	log_message(LOG_ERROR, &v.header.id, "%s code=%s", is_undecided(l, e) ? "left" : "refused",
		err_word(e));
	if (e == E_SPOOL_FULL) { /* no more before there may be room */
		l->full = monotonic_now() + FULL_MS;
		l->owes_credit = true;
	}
	if (!is_undecided(l, e))
		refuse(l, &v, e);
}

/* ---- notices ---- */

/* What time alone has made of a receipt does not unsay it: the log says when it was given. */
static bool
is_only_old(enum err e)
{
	return e == E_EXPIRED || e == E_CERT_EXPIRED || e == E_CERT_REVOKED;
}

/* The addressee's own signed word: the digest that the broker's log names, and a receipt by the
 * addressee about this message. */
static enum err
check_addressee(struct link *l, const struct wire *w, const struct statement *what)
{
	struct verdict v;
	struct digest d;
	enum err e;

	if (!what->has_by)
		return w->extra.size == 0 ? E_OK : E_PROOF;
	digest_of(w->extra.data, w->extra.size, &d);
	if (!digest_equal(&d, &what->by))
		return E_PROOF;
	e = examiner_examine(l->examiner, EXAMINE_FILE, NULL, w->extra, &v);
	if (e != E_OK && !is_only_old(e))
		return e;
	if (!v.has_receipt || v.stage != (uint32_t)what->stage || !v.header.has_ref ||
		!id_equal(&v.header.ref, &what->id) ||
		!digest_equal(&v.header.ref_digest, &what->digest) ||
		!party_equal(&v.header.from, &what->to))
		return E_PROOF;
	return E_OK;
}

static bool
needs_addressee(enum stage s)
{
	return s == ST_COMMITTED || s == ST_REJECTED;
}

static enum err
check_notice(struct link *l, const struct wire *w, struct receipt *r)
{
	struct out_entry e;

	TRY(link_receipt(l, &w->id, w->body, r));
	if (!party_equal(&r->what.from, &l->o.self))
		return E_SENDER_MISMATCH;
	if (spool_out(l->spool, &w->id, &e, NULL) == E_OK &&
		(!digest_equal(&e.digest, &r->what.digest) ||
			!party_equal(&e.header.to, &r->what.to)))
		return E_CONFLICT;
	if (needs_addressee(r->what.stage) && !r->what.has_by)
		return E_PROOF;
	return check_addressee(l, w, &r->what);
}

/* Notices are numbered, and keeping one acknowledges all before it: so when one is dropped, the
 * later ones are not heard until the broker has been asked to begin again after the last one kept.
 */
void
hear_confirm(struct link *l, const struct wire *w)
{
	struct receipt r;
	enum err e;

	/* Without an examiner an addressee's word can not be judged: left for a link that has one.
	 */
	if (l->examiner == NULL && w->extra.size > 0)
		l->deaf = true;
	if (l->deaf)
		return;
	e = check_notice(l, w, &r);
	if (e == E_OK)
		e = spool_notice(l->spool, w->number, &r.what, w->body, w->extra, instant_now());
	if (e != E_OK) {
		log_message(LOG_ERROR, &w->id, "dropped what=CONFIRM number=%llu code=%s",
			(unsigned long long)w->number, err_word(e));
		l->deaf = true;
		return;
	}
	l->owes_credit = true;
	log_message(LOG_NOTICE, &w->id, "told stage=%s number=%llu", stage_word(r.what.stage),
		(unsigned long long)w->number);
	link_changed(l);
}
