/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether a request may be answered at all: who is competent, whom the person fears, what was
 * consented to (lib/protect.h, as in the officer's tool), and whether the consent token that came
 * along says no more than the consents inside. Asked before the register is looked at, and once
 * more with the date of birth that it holds. A refusal goes to whoever asked, and nowhere else. */
#include <string.h>

#include "adapters/core_parts.h"
#include "lib/protect.h"

#define ASK_AGAIN "; nothing was passed on, ask the person again and file the request anew"

typedef bool holds(const struct job *j, const struct request *r);

static bool
is_ours(const struct job *j, const struct request *r)
{
	return party_equal(&r->requested_of, &j->c->o.self);
}

static bool
has_agreement(const struct job *j, const struct request *r)
{
	return answer_agreement(j->c, &r->destination, A_CERTIFIED_EXTRACT) != NULL;
}

/* ---- what the road to the destination demands of the token that came with the request ---- */

static bool
has_token(const struct job *j, const struct request *r)
{
	const struct trust_agreement *g =
		answer_agreement(j->c, &r->destination, A_CERTIFIED_EXTRACT);

	return g == NULL || !g->consent_required || j->in.header.has_token;
}

static bool
token_fits(const struct job *j, const struct request *r)
{
	const struct header *h = &j->in.header;
	const struct consent_token *k = &h->token;

	return !h->has_token ||
	       (party_equal(&k->by, &h->from) && party_equal(&k->holder, &j->c->o.self) &&
		       party_equal(&k->destination, &r->destination) &&
		       id_equal(&k->conversation, &h->conversation) &&
		       strcmp(k->purpose, h->purpose) == 0);
}

/* The exchange goes by the token alone: it may not outlast what the persons have said. */
static bool
token_ends_in_time(const struct job *j, const struct request *r)
{
	return !j->in.header.has_token || j->in.header.token.valid_until <= protect_until(r);
}

static bool
token_lasts(const struct job *j, const struct request *r)
{
	(void)r;
	return !j->in.header.has_token || j->now < j->in.header.token.valid_until;
}

/* False when the message does not say. */
static bool
signer_of(const struct job *j, struct digest *cert)
{
	OWNED(xmlDoc, doc, xml_free) = NULL;
	uint8_t der[8192];
	size_t size = sizeof der;

	if (xml_parse(buf_bytes(&j->message), &doc) != E_OK || seal_cert(doc, der, &size) != E_OK)
		return false;
	digest_of(der, size, cert);
	return true;
}

/* Who files is who granted, so that a second officer's clearance is another's. */
static bool
token_is_the_signers(const struct job *j, const struct request *r)
{
	struct digest cert;

	(void)r;
	return !j->in.header.has_token ||
	       (signer_of(j, &cert) && digest_equal(&cert, &j->in.header.token.cert));
}

static const struct {
	holds *holds;
	const char *code, *why;
} rules[] = {
	{has_token, "P01", "the road to the destination needs a consent token" ASK_AGAIN},
	{token_fits, "P01", "the consent token is for another case, road or purpose" ASK_AGAIN},
	{token_ends_in_time, "P01", "the consent token lasts longer than a consent" ASK_AGAIN},
	{token_is_the_signers, "P01", "another officer granted the consent token" ASK_AGAIN},
	{token_lasts, "P02", "the consent token has expired" ASK_AGAIN},
	{has_agreement, "P07", NULL},
};

/* ---- the rules of protection ---- */

static const char *
country_of(const struct job *j, const struct party *p)
{
	const struct trust_party *t = trust_party(j->c->o.trust, p);

	return t != NULL ? t->country : "";
}

/* The lower of what the two registries have said. */
static int
assent_age(const struct job *j, const struct request *r)
{
	const struct trust_party *self = trust_party(j->c->o.trust, &j->c->o.self);
	const struct trust_party *to = trust_party(j->c->o.trust, &r->destination);

	return protect_assent_age(self != NULL ? (int)self->profile.assent_age : 0,
		to != NULL ? (int)to->profile.assent_age : 0);
}

static const char *
protect(const struct job *j, const struct request *r, const struct record_date *birth,
	bool record_follows, const char **why)
{
	struct digest signer = {0};
	char today[11];
	struct protect_context k = {
		.requested_country = country_of(j, &r->requested_of),
		.destination_country = country_of(j, &r->destination),
		.purpose = j->in.header.purpose,
		.today = today,
		.assent_age = assent_age(j, r),
		.birth = birth,
		.record_follows = record_follows,
		.liaison = trust_party(j->c->o.trust, &j->in.header.from),
		.signer = &signer,
	};

	core_day(j->now, 0, today);
	if (!signer_of(j, &signer))
		k.liaison = NULL;
	return protect_request(r, &k, why);
}

bool
request_is_refused(const struct job *j, const struct request *r, struct refusal *why)
{
	*why = (struct refusal){0};
	if (!is_ours(j, r))
		why->code = "L05";
	else
		why->code = protect(j, r, NULL, true, &why->explanation);
	for (size_t i = 0; why->code == NULL && i < ARRAY_LEN(rules); i++)
		if (!rules[i].holds(j, r))
			*why = (struct refusal){.code = rules[i].code, .explanation = rules[i].why};
	return why->code != NULL;
}

bool
request_is_refused_for(
	const struct job *j, const struct request *r, const struct extract *x, struct refusal *why)
{
	*why = (struct refusal){0};
	why->code = protect(j, r, &x->birth_date, false, &why->explanation);
	return why->code != NULL;
}
