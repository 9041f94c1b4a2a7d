/* SPDX-License-Identifier: EUPL-1.2
 *
 * What comes from others: deliveries and notices. A delivery is examined in the sandbox before this
 * process reads a field of it, is durable before TAKEN is said, and is refused with a signed
 * receipt when it can never be accepted. One that could not be judged now (the examiner stopped, no
 * room, a trust list older than the broker's) is left unanswered and comes again. */
#include "lib/talk_parts.h"

#include <stdio.h>
#include <string.h>

#include "lib/log.h"

#define FULL_MS 10000
#define REFUSALS_MOST 1000 /* not yet answered; what is beyond is left, and comes again */
#define TOLD_MOST 1000	   /* one that is answered gives its place to the next */
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
is_undecided(const struct talk *t, enum err e)
{
	return e == E_QUARANTINED || err_retry(e) ||
	       (rests_on_trust(e) && t->trust_offered > trust_version(t->o.trust));
}

static enum err
compose_refusal(struct talk *t, const struct header *h, const struct digest *d, enum err code,
	struct buf *out)
{
	const struct trust_party *broker = trust_exchange(t->o.trust);
	struct header r = {.action = A_RECEIPT,
		.id = id_new(),
		.conversation = h->conversation,
		.leg = h->leg,
		.from = t->o.self,
		.created = t->now,
		.has_ref = true,
		.ref = h->id,
		.ref_digest = *d};

	if (broker == NULL)
		return E_NO_TRUST;
	r.to = broker->code;
	r.expires = r.retain_until = r.created + REFUSAL_LIVES_MS;
	memcpy(r.realm, trust_realm(t->o.trust), strlen(trust_realm(t->o.trust)) + 1);
	strcpy(r.agreement, "NONE");
	strcpy(r.purpose, "RECEIPT");
	TRY(spool_next_seq(t->spool, &r.to, t->now, &r.channel_seq));
	return message_compose_receipt_seeing(&r, ST_REJECTED, err_word(code),
		bytes_of(t->log.head.note, strlen(t->log.head.note)), t->o.identity, out);
}

static void
refusal_name(const char *kind, const struct digest *d, char out[REFUSAL_NAME])
{
	strcpy(out, kind);
	digest_format(d, out + strlen(out));
}

enum err
talk_refusal(struct talk *t, const struct digest *of, struct buf *receipt)
{
	char name[REFUSAL_NAME];
	enum err e;

	refusal_name(TALK_REFUSALS, of, name);
	e = spool_fact(t->spool, name, receipt);
	if (e != E_NOT_FOUND)
		return e;
	refusal_name(TALK_REFUSALS_TOLD, of, name);
	return spool_fact(t->spool, name, receipt);
}

static bool
note_name(void *context, const char *key, struct bytes value)
{
	(void)value;
	snprintf(context, REFUSAL_NAME, "%s", key);
	return false;
}

/* A sender can make any number of messages that have to be refused. What the exchange has answered
 * it has in its log, and does not deliver again: only if it is brought back from a copy would a
 * refusal that has given its place be made anew. */
enum err
talk_refusal_told(struct talk *t, const struct digest *of)
{
	char from[REFUSAL_NAME], to[REFUSAL_NAME], other[REFUSAL_NAME] = "";
	OWNED_BUF(receipt) = {0};

	refusal_name(TALK_REFUSALS, of, from);
	refusal_name(TALK_REFUSALS_TOLD, of, to);
	if (spool_fact(t->spool, from, &receipt) == E_NOT_FOUND)
		return E_OK; /* told before */
	if (spool_count_facts(t->spool, TALK_REFUSALS_TOLD) >= TOLD_MOST) {
		TRY(spool_each_fact(t->spool, TALK_REFUSALS_TOLD, note_name, other));
		TRY(spool_drop_fact(t->spool, other));
	}
	return spool_move_fact(t->spool, from, to);
}

/* Our word does not change: what was refused once, and perhaps told, is refused again with the same
 * octets, even if it could be taken now. */
static bool
was_refused(struct talk *t, const struct verdict *v)
{
	struct wire w = {.verb = V_SETTLED, .id = v->header.id};
	OWNED_BUF(receipt) = {0};

	if (talk_refusal(t, &v->digest, &receipt) != E_OK)
		return false;
	w.body = buf_bytes(&receipt);
	(void)!talk_say(t, &w);
	return true;
}

/* Kept before it is said, by the digest of what is refused: if it is lost, the delivery comes
 * again.
 */
static void
refuse(struct talk *t, const struct verdict *v, enum err code)
{
	static const struct id none;
	OWNED_BUF(receipt) = {0};
	struct wire w = {.verb = V_SETTLED, .id = v->header.id};
	char name[REFUSAL_NAME];
	enum err e;

	if (t->o.identity == NULL || id_equal(&v->header.id, &none))
		return;
	refusal_name(TALK_REFUSALS, &v->digest, name);
	e = spool_count_facts(t->spool, TALK_REFUSALS) < REFUSALS_MOST ? E_OK : E_SPOOL_FULL;
	if (e == E_OK)
		e = compose_refusal(t, &v->header, &v->digest, code, &receipt);
	if (e == E_OK)
		e = spool_set_fact(t->spool, name, buf_bytes(&receipt));
	if (e != E_OK) {
		log_message(LOG_ERROR, &w.id, "refusal not made code=%s", err_word(e));
		return;
	}
	w.body = buf_bytes(&receipt);
	(void)!talk_say(t, &w);
}

/* Taken before: what we have to say about it is said again, until it is answered. E_STATE: there is
 * no answer of ours. */
static void
taken_again(struct talk *t, const struct header *h)
{
	enum err e = spool_retell(t->spool, &h->from, &h->id);

	if (e == E_OK && flight_find(&t->settle, &h->id) == NULL)
		(void)!talk_settle(t, &h->from, &h->id);
	else if (e != E_OK && e != E_STATE)
		log_message(LOG_ERROR, &h->id, "settlement not told again code=%s", err_word(e));
}

/* What was taken once stays taken: its certificate, its agreement or its time may have ended since,
 * but our work on it has begun, and may have ended in an entry. */
static bool
was_taken(struct talk *t, const struct verdict *v)
{
	struct in_entry e;

	return spool_in(t->spool, &v->header.from, &v->header.id, &e, NULL) == E_OK &&
	       digest_equal(&e.digest, &v->digest);
}

static enum err
take(struct talk *t, const struct wire *w, const struct verdict *v)
{
	struct wire taken = {.verb = V_TAKEN, .id = v->header.id, .digest = v->digest};
	bool again = false;

	if (!was_taken(t, v)) {
		if (v->header.action != A_CANCELLATION &&
			spool_crowded(t->spool, &v->header.from, w->body.size))
			return E_QUOTA; /* left: others are still taken */
		if (v->held)
			TRY(revocation_hold(t, &v->header));
	}
	TRY(spool_take(t->spool, w->body, t->now, &again));
	(void)!talk_say(t, &taken); /* unsaid, it comes again */
	t->owes_credit = true;
	log_message(LOG_NOTICE, &v->header.id, "taken from=%s action=%s%s", v->header.from.code,
		action_word(v->header.action), again ? " again" : "");
	if (again)
		taken_again(t, &v->header);
	else
		talk_changed(t);
	return E_OK;
}

/* The broker's own receipt for what it delivers: it must have accepted it, so that whatever it
 * makes us do stands in its log. */
static enum err
accepted(struct talk *t, const struct wire *w, const struct verdict *v)
{
	struct receipt r;

	TRY(talk_receipt(t, &v->header.id, w->extra, &r));
	return digest_equal(&r.what.digest, &v->digest) &&
			       party_equal(&r.what.from, &v->header.from) &&
			       party_equal(&r.what.to, &v->header.to) && r.what.stage == ST_ACCEPTED
		       ? E_OK
		       : E_PROOF;
}

/* On a line nothing of a conversation is offered behind a message that is not taken. A bundle has
 * it all, so what is behind one that was left is left too, and comes with the next. */
static void
leave(struct talk *t, const struct verdict *v)
{
	static const struct id none;

	if (t->o.in_order)
		return;
	if (t->n_left == TALK_LEFT || id_equal(&v->header.id, &none))
		t->full = INT64_MAX; /* of which conversation, is not known */
	else
		t->left[t->n_left++] = v->header.conversation;
}

/* What stops a case is behind nothing. */
static bool
is_behind(const struct talk *t, const struct verdict *v)
{
	if (v->header.action == A_CANCELLATION)
		return false;
	for (unsigned i = 0; i < t->n_left; i++)
		if (id_equal(&t->left[i], &v->header.conversation))
			return true;
	return false;
}

/* Not taken now. */
static void
put_aside(struct talk *t, const struct verdict *v, enum err e)
{
	bool undecided = is_undecided(t, e);

	log_message(LOG_ERROR, &v->header.id, "%s code=%s", undecided ? "left" : "refused",
		err_word(e));
	if (e == E_SPOOL_FULL) { /* no more before there may be room */
		t->full = t->tick + FULL_MS;
		t->owes_credit = true;
	}
	if (undecided)
		leave(t, v);
	else
		refuse(t, v, e);
}

/* Its id stands for another message that we have taken, and the exchange has accepted both: it has
 * forgotten the first (a restore) and its sender made a second one, or one of them lies. The
 * receipt that came with the second is the proof. */
static void
alarm_second(struct talk *t, const struct wire *w, const struct verdict *v)
{
	struct in_entry first;
	struct receipt r;

	if (spool_in(t->spool, &v->header.from, &v->header.id, &first, NULL) != E_OK ||
		talk_receipt(t, &v->header.id, w->extra, &r) != E_OK)
		return;
	r.what.has_by = true;
	r.what.by = first.digest;
	talk_alarm(t, &r.what, w->extra);
}

void
hear_deliver(struct talk *t, const struct wire *w)
{
	struct verdict v;
	enum err e;

	if (t->fx.examine == NULL || talk_credit(t) == 0)
		return;
	memset(&v, 0, sizeof v);
	e = t->fx.examine(t->fx.context, EXAMINE_AS_ADDRESSEE, w->body, &v);
	if (was_refused(t, &v))
		return;
	if (e != E_OK && was_taken(t, &v))
		e = E_OK;
	/* Nothing else is wrong with it; and stopping errs on the side of the person. */
	if (e == E_EXPIRED && v.header.action == A_CANCELLATION)
		e = E_OK;
	if (!is_undecided(t, e) && accepted(t, w, &v) != E_OK) {
		log_message(LOG_ERROR, &v.header.id, "left: the broker's receipt is not for it");
		leave(t, &v);
		return;
	}
	if (e == E_OK && is_behind(t, &v))
		return;
	if (e == E_OK)
		e = take(t, w, &v);
	if (e == E_CONFLICT)
		alarm_second(t, w, &v);
	if (e != E_OK)
		put_aside(t, &v, e);
}

/* ---- notices ---- */

/* What time alone has made of a receipt does not unsay it: the log says when it was given. */
static bool
is_only_old(enum err e)
{
	return e == E_EXPIRED || e == E_CERT_EXPIRED || e == E_CERT_REVOKED;
}

static bool
needs_addressee(enum stage s)
{
	return s == ST_COMMITTED || s == ST_REJECTED;
}

/* The exchange stops what rests on a consent that was withdrawn, and does not deliver the news of a
 * case to somebody who never heard of it. It ends nothing else so. */
static bool
may_be_withdrawn(const struct statement *what, const struct header *h)
{
	if (what->has_by)
		return false;
	if (strcmp(what->code, err_word(E_NOT_HELD)) == 0)
		return h == NULL || h->action == A_CANCELLATION;
	return strcmp(what->code, err_word(E_CONSENT_WITHDRAWN)) == 0 &&
	       (h == NULL || h->has_token);
}

/* The digest that the broker's log names, and a receipt by the addressee about this message, whose
 * header is `h'; NULL where it is not known. */
enum err
talk_check_answer(
	struct talk *t, const struct statement *what, const struct header *h, struct bytes answer)
{
	struct verdict v;
	struct digest d;
	enum err e;

	if (what->stage == ST_WITHDRAWN && !may_be_withdrawn(what, h))
		return E_PROOF;
	if (!what->has_by)
		return answer.size == 0 && !needs_addressee(what->stage) ? E_OK : E_PROOF;
	if (t->fx.examine == NULL)
		return E_QUARANTINED;
	digest_of(answer.data, answer.size, &d);
	if (!digest_equal(&d, &what->by))
		return E_PROOF;
	e = t->fx.examine(t->fx.context, EXAMINE_FILE, answer, &v);
	if (e != E_OK && !is_only_old(e))
		return e;
	if (!v.has_receipt || v.stage != (uint32_t)what->stage || !v.header.has_ref ||
		!id_equal(&v.header.ref, &what->id) ||
		!digest_equal(&v.header.ref_digest, &what->digest) ||
		!party_equal(&v.header.from, &what->to))
		return E_PROOF;
	log_told(t, answer);
	return E_OK;
}

/* The exchange's own word that nobody has it, and not before its time, or its consent's. */
static bool
expired_too_soon(const struct out_entry *e, const struct statement *what)
{
	const struct header *h = &e->header;
	bool of_consent = h->has_token && strcmp(what->code, err_word(E_CONSENT_EXPIRED)) == 0;
	int64_t end =
		of_consent && h->token.valid_until < h->expires ? h->token.valid_until : h->expires;

	return what->stage == ST_EXPIRED && !what->has_by && what->at < end;
}

static enum err
check_notice(struct talk *t, const struct wire *w, struct receipt *r)
{
	struct out_entry e;
	bool known;

	TRY(talk_receipt(t, &w->id, w->body, r));
	if (r->what.stage == ST_CONFLICT)
		return talk_check_conflict(t, &r->what);
	if (!party_equal(&r->what.from, &t->o.self))
		return E_SENDER_MISMATCH;
	known = spool_out(t->spool, &w->id, &e, NULL) == E_OK;
	if (known && (!digest_equal(&e.digest, &r->what.digest) ||
			     !party_equal(&e.header.to, &r->what.to)))
		return E_CONFLICT;
	if (known && expired_too_soon(&e, &r->what))
		return E_PROOF;
	/* What was taken over from the exchange's book came without its token. */
	known = known && (e.body || e.header.has_token);
	return talk_check_answer(t, &r->what, known ? &e.header : NULL, w->extra);
}

/* Notices are numbered, and keeping one acknowledges all before it: so when one is dropped
 * or was lost, the later ones are not heard until the broker has been asked to begin again after
 * the last one kept. */
void
hear_confirm(struct talk *t, const struct wire *w)
{
	struct receipt r;
	enum err e;

	/* Without an examiner an addressee's word can not be judged: left for a link that has one.
	 */
	if (t->fx.examine == NULL && w->extra.size > 0)
		t->deaf = true;
	if (t->deaf)
		return;
	if (w->number > spool_last_notice(t->spool) + 1) {
		t->deaf = true; /* one before it was lost on the way */
		return;
	}
	e = check_notice(t, w, &r);
	if (e == E_OK && r.what.stage == ST_CONFLICT)
		talk_alarm(t, &r.what, w->body);
	if (e == E_OK)
		e = spool_notice(t->spool, w->number, &r.what, w->body, w->extra, t->now);
	if (e != E_OK) {
		log_message(LOG_ERROR, &w->id, "dropped what=CONFIRM number=%llu code=%s",
			(unsigned long long)w->number, err_word(e));
		t->deaf = true;
		return;
	}
	t->owes_credit = true;
	log_message(LOG_NOTICE, &w->id, "told stage=%s number=%llu", stage_word(r.what.stage),
		(unsigned long long)w->number);
	talk_changed(t);
}
