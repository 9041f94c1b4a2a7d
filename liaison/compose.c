/* SPDX-License-Identifier: EUPL-1.2
 *
 * What this office sends: the request with its consent token, and what stops a case. */
#include <string.h>

#include "lib/protect.h"
#include "liaison/consent.h"

#define DAY_MS INT64_C(86400000)
#define EXPIRES_MS (30 * DAY_MS)
#define RETAIN_MS (120 * DAY_MS)

/* ---- the consent token ---- */

/* Of one case in every copy of the office: a copy that was restored from before the request was
 * filed stops by this id what the other has sent. It has the time that the conversation's id has,
 * and tells nothing more. */
static struct id
token_id(const struct officer_case *c)
{
	static const char what[] = "daftar consent token id 1";
	OWNED_BUF(from) = {0};
	struct id id = c->conversation;
	struct digest d;

	buf_add(&from, what, sizeof what);
	buf_add(&from, c->message.octet, sizeof c->message.octet);
	digest_of(from.data, from.size, &d);
	memcpy(id.octet + 6, d.octet, sizeof id.octet - 6);
	id.octet[6] = (uint8_t)(0x70 | (id.octet[6] & 0x0f));
	id.octet[8] = (uint8_t)(0x80 | (id.octet[8] & 0x3f));
	return id;
}

static enum err
start_token(const struct office *o, const struct officer_case *c, struct consent_token *t)
{
	*t = (struct consent_token){.id = token_id(c),
		.conversation = c->conversation,
		.by = o->self,
		.holder = c->to,
		.destination = c->destination,
		.issued = instant_now()};
	return copy_text(t->purpose, sizeof t->purpose, c->purpose) ? E_OK : E_PURPOSE;
}

/* For all consents of the request at once, until the first of them ends. */
static enum err
grant(struct office *o, struct officer_case *c, const struct request *r)
{
	struct consent_token t;

	TRY(start_token(o, c, &t));
	t.valid_until = protect_until(r);
	if (t.valid_until <= t.issued)
		return E_CONSENT;
	buf_reset(&c->token);
	return consent_token_grant(&t, o->sign, &c->token);
}

bool
case_token(const struct officer_case *c, struct consent_token *out)
{
	return c->token.size > 0 && consent_token_read(buf_bytes(&c->token), out);
}

enum err
case_grant(struct office *o, struct officer_case *c)
{
	OWNED(struct request, r, request_free) = NULL;
	struct consent_token t;

	/* What a second officer has signed stays as it is. */
	if (case_token(c, &t) && t.cleared)
		return consent_token_verify(
			buf_bytes(&c->token), &t, o->trust, NULL, instant_now());
	TRY(request_parse(buf_bytes(&c->body), &r));
	return grant(o, c, r);
}

enum err
case_grant_stop(struct office *o, struct officer_case *c)
{
	struct consent_token t;
	struct out_entry e;

	struct consent_token kept;
	bool has = case_token(c, &kept);

	/* One that was made before there were consents was filed without a token. */
	if (!has && c->n_consent == 0)
		return E_OK;
	/* Nobody takes one any more whose certificate the trust list has given up. */
	if (has && consent_token_verify(
			   buf_bytes(&c->token), &kept, o->trust, NULL, instant_now()) == E_OK)
		return E_OK;
	TRY(start_token(o, c, &t));
	t.valid_until = t.issued + RETAIN_MS;
	if (has)
		t.id = kept.id;
	else if (spool_out(o->spool, &c->message, &e, NULL) == E_OK && e.header.has_token)
		t.id = e.header.token.id;
	buf_reset(&c->token);
	return consent_token_grant(&t, o->sign, &c->token);
}

/* ---- headers ---- */

static enum err
start_header(struct office *o, const struct officer_case *c, const struct party *to,
	enum action action, const char *purpose, struct header *h)
{
	const struct trust_agreement *g = trust_agreement(o->trust, &o->self, to, action);

	h->conversation = c->conversation;
	h->leg = id_new();
	h->action = action;
	h->from = o->self;
	h->to = *to;
	h->created = instant_now();
	h->expires = h->created + EXPIRES_MS;
	h->retain_until = h->created + RETAIN_MS;
	if (g == NULL)
		return E_NO_AGREEMENT;
	if (!copy_text(h->realm, sizeof h->realm, trust_realm(o->trust)) ||
		!copy_text(h->agreement, sizeof h->agreement, g->id) ||
		!copy_text(h->purpose, sizeof h->purpose, purpose))
		return E_CONFIG;
	h->has_token = case_token(c, &h->token);
	return E_OK;
}

/* Nothing that tells of a person outlives the consent. */
static void
end_with_token(struct header *h)
{
	if (h->has_token && h->expires > h->token.valid_until)
		h->expires = h->token.valid_until;
}

static enum err
finish(struct office *o, const struct officer_case *c, struct header *h, struct bytes body,
	struct buf *out)
{
	X509 *to[TRUST_RECIPIENTS];
	size_t n = trust_recipients(
		o->trust, trust_agreement_by_id(o->trust, h->agreement), to, ARRAY_LEN(to));

	if (n == 0)
		return E_UNKNOWN_PARTY;
	TRY(trust_allows(o->trust, h, h->created));
	TRY(spool_next_seq(o->spool, &h->to, instant_now(), &h->channel_seq));
	return message_compose_small(h, buf_bytes(&c->token), body, to, n, o->sign, out);
}

/* ---- messages ---- */

static enum err
compose_granted(struct office *o, struct officer_case *c, struct header *h, struct buf *out)
{
	*h = (struct header){.id = c->message};
	TRY(start_header(o, c, &c->to, A_TRANSCRIPTION_REQUEST, c->purpose, h));
	end_with_token(h);
	return finish(o, c, h, buf_bytes(&c->body), out);
}

enum err
compose_request(struct office *o, struct officer_case *c, struct buf *out)
{
	struct header h;

	TRY(case_grant(o, c));
	return compose_granted(o, c, &h, out);
}

enum err
compose_request_of(struct office *o, struct officer_case *c, const struct request *r,
	struct header *h, struct buf *out)
{
	TRY(grant(o, c, r));
	return compose_granted(o, c, h, out);
}

enum err
compose_reply(struct office *o, const struct officer_case *c, const struct in_entry *asked,
	const struct id *id, struct bytes body, struct buf *out)
{
	const struct header *q = &asked->header;
	struct header h = {.id = *id};

	TRY(start_header(o, c, &q->from, A_QUERY_REPLY, c->purpose, &h));
	h.leg = q->leg;
	h.has_ref = true;
	h.ref = q->id;
	h.ref_digest = asked->digest;
	end_with_token(&h);
	return finish(o, c, &h, body, out);
}

enum err
compose_attachment(struct office *o, const struct officer_case *c, struct header *h,
	struct bytes body, struct buf *out)
{
	struct out_entry request;

	TRY(spool_out(o->spool, &c->message, &request, NULL));
	TRY(start_header(o, c, &c->to, A_ATTACHMENT, c->purpose, h));
	h->leg = request.header.leg;
	h->has_ref = true;
	h->ref = c->message;
	h->ref_digest = request.digest;
	end_with_token(h);
	return finish(o, c, h, body, out);
}

/* How each kind of stop is said. */
static const struct {
	const char *purpose, *kind, *erase;
} stops[STOP_N] = {
	[STOP_WITHDRAWAL] = {PURPOSE_WITHDRAWAL, "CONSENT-WITHDRAWN", "bodies"},
	[STOP_HOLD] = {PURPOSE_HOLD, "PROTECTION-HOLD", "none"},
	[STOP_RELEASE] = {PURPOSE_RELEASE, "PROTECTION-RELEASE", "none"},
};

enum err
compose_stop(struct office *o, const struct officer_case *c, enum stop_kind kind, bool to_holder,
	struct buf *out)
{
	const struct case_stop *stop = &c->stop[kind];
	struct cancellation x = {.kind = stop->reason[0] != '\0' ? stop->reason : stops[kind].kind,
		.effective = stop->at,
		.from = o->self.code,
		.erase = stops[kind].erase};
	struct header h = {.id = to_holder ? stop->to_holder : stop->to_destination};
	char token[ID_TEXT_SIZE];
	OWNED_BUF(body) = {0};

	TRY(start_header(o, c, to_holder ? &c->to : &c->destination, A_CANCELLATION,
		stops[kind].purpose, &h));
	if (!h.has_token)
		return E_CONSENT_MISSING;
	/* It has to arrive, however long the registry is away. */
	h.expires = h.retain_until;
	id_format(&h.token.id, token);
	x.consent = token;
	cancellation_compose(&x, &body);
	return finish(o, c, &h, buf_bytes(&body), out);
}
