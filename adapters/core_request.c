/* SPDX-License-Identifier: EUPL-1.2
 *
 * The issuing side: a liaison's request becomes a sealed extract for the receiving registry, or a
 * refusal to the liaison. What must hold before the register is even asked (who is competent, what
 * the consent covers, whom the family fears) is a table, the first rule that does not hold gives
 * the code. */
#include <string.h>

#include "adapters/core_parts.h"
#include "lib/log.h"

/* ---- may it be done at all ---- */

typedef bool holds(const struct job *j, const struct request *r);

static bool
is_ours(const struct job *j, const struct request *r)
{
	return party_equal(&r->requested_of, &j->c->o.self);
}

static bool
every_consent(const struct job *j, const struct request *r,
	bool (*good)(const struct job *j, const struct request *r, const struct consent *c))
{
	for (const struct consent *c = &r->consent; c != NULL; c = c->next)
		if (!good(j, r, c))
			return false;
	return true;
}

static bool
covers(const struct job *j, const struct request *r, const struct consent *c)
{
	return c->destination != NULL && strcmp(c->destination, r->destination.code) == 0 &&
	       c->purpose != NULL && strcmp(c->purpose, j->in.header.purpose) == 0 &&
	       c->risks_explained && c->no_conditionality;
}

static bool
lasts(const struct job *j, const struct request *r, const struct consent *c)
{
	char today[11];

	core_day(j->now, 0, today);
	return c->valid_until != NULL && strcmp(today, c->valid_until) <= 0;
}

static bool
consent_covers(const struct job *j, const struct request *r)
{
	return every_consent(j, r, covers);
}

static bool
consent_lasts(const struct job *j, const struct request *r)
{
	return every_consent(j, r, lasts);
}

static bool
is_cleared(const struct request *r)
{
	return r->risk != NULL && strcmp(r->risk->result, "CLEARED") == 0;
}

/* Asking a State about a person who fled from it tells it where the person is: only with an
 * officer's clearance (domain.md 1.2). The same for a destination that the family fears. */
static bool
is_safe(const struct job *j, const struct request *r)
{
	const struct trust_party *to = trust_party(j->c->o.trust, &r->destination);

	if (is_cleared(r))
		return true;
	if (r->risk != NULL && strcmp(r->risk->result, "BLOCKED") == 0)
		return false;
	if (strcmp(r->case_type, "ORIGIN-EXTRACT") == 0)
		return false;
	for (const struct text_item *f = r->risk != NULL ? r->risk->feared : NULL; f != NULL;
		f = f->next)
		if (to != NULL && strcmp(f->value, to->country) == 0)
			return false;
	return true;
}

static bool
has_agreement(const struct job *j, const struct request *r)
{
	return answer_agreement(j->c, &r->destination, A_CERTIFIED_EXTRACT) != NULL;
}

/* What the road to the destination demands of the consent token that came with the request. */
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
	const struct consent_token *k = &j->in.header.token;

	return !j->in.header.has_token || (party_equal(&k->holder, &j->c->o.self) &&
						  party_equal(&k->destination, &r->destination));
}

static bool
token_lasts(const struct job *j, const struct request *r)
{
	(void)r;
	return !j->in.header.has_token || j->now < j->in.header.token.valid_until;
}

static const struct {
	holds *holds;
	const char *code;
} rules[] = {
	{is_ours, "L05"},
	{is_safe, "P04"},
	{consent_covers, "P01"},
	{consent_lasts, "P02"},
	{has_token, "P01"},
	{token_fits, "P01"},
	{token_lasts, "P02"},
	{has_agreement, "P07"},
};

static const char *
broken_rule(const struct job *j, const struct request *r)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (!rules[i].holds(j, r))
			return rules[i].code;
	return NULL;
}

/* ---- the extract ---- */

static void
complete(struct job *j, struct extract *x)
{
	const struct profile *p = &j->c->o.profile;
	struct id id = id_new();
	char text[ID_TEXT_SIZE], today[11];

	id_format(&id, text);
	core_day(j->now, 0, today);
	x->id = arena_text(x->arena, text);
	x->certifier = p->certifier;
	x->certified_office = p->office;
	x->issued_on = arena_text(x->arena, today);
	x->issued_place = p->place;
}

/* The sealed document is read back as the addressee will read it: what the register holds may be
 * such that no extract can be made of it. */
static enum err
seal_checked(
	struct job *j, const struct trust_agreement *g, const struct extract *x, struct buf *sealed)
{
	OWNED(struct extract, again, extract_free) = NULL;
	OWNED(xmlDoc, doc, xml_free) = NULL;
	OWNED_BUF(plain) = {0};
	char where[96] = "";

	extract_compose(x, &plain);
	TRY(seal_extract(buf_bytes(&plain), j->c->o.sign, j->now, sealed));
	if (xml_parse(buf_bytes(sealed), &doc) == E_OK &&
		xml_validate(doc, SCHEMA_BIRTH, where, sizeof where) == E_OK &&
		extract_parse(buf_bytes(sealed), &again) == E_OK)
		return extract_within(j, g, again);
	log_message(LOG_WARNING, &j->in.header.id,
		"the register's entry makes no valid extract where=\"%s\"", where);
	return E_REGISTER_DATA;
}

static enum err
key_of(struct job *j, const struct party *receiver, const struct extract *x, struct digest *key)
{
	const struct trust_party *self = trust_party(j->c->o.trust, &j->c->o.self);
	uint8_t secret[32];

	if (self == NULL)
		return E_UNKNOWN_PARTY;
	TRY(j->c->o.pair_secret(j->c->o.context, receiver, secret));
	record_key(bytes_of(secret, sizeof secret), receiver, self->country, &x->entry, key);
	explicit_bzero(secret, sizeof secret);
	return E_OK;
}

static enum err
send_extract(struct job *j, const struct request *r, struct extract *x)
{
	struct answer what = {.action = A_CERTIFIED_EXTRACT, .to = r->destination};
	const struct trust_agreement *g = answer_agreement(j->c, &what.to, what.action);
	ANSWERS(a) = {0};
	OWNED_BUF(sealed) = {0};
	struct digest key;

	if (g == NULL)
		return E_NO_AGREEMENT;
	TRY(key_of(j, &r->destination, x, &key));
	extract_limit(j, r, g, x);
	complete(j, x);
	TRY(seal_checked(j, g, x, &sealed));
	what.key = &key;
	TRY(answers_add(&a, j, &what, buf_bytes(&sealed)));
	return answers_file(&a, j, ST_COMMITTED, E_OK, NULL, "certified");
}

static enum err
find(struct job *j, const struct request *r, const char *number, const char *office,
	struct extract **out)
{
	const struct locator chosen = {.entry_number = number, .office = office};
	const struct core_options *o = &j->c->o;

	return o->kind->find(o->driver, number != NULL ? &chosen : &r->locator, out);
}

enum err
request_certify(struct job *j, const char *number, const char *office)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED(struct extract, x, extract_free) = NULL;
	struct refusal why = {0};

	TRY(job_open(j));
	TRY(request_parse(buf_bytes(&j->body), &r));
	why.code = broken_rule(j, r);
	if (why.code != NULL)
		return job_refuse(j, NULL, &why);
	TRY(find(j, r, number, office, &x));
	return send_extract(j, r, x);
}
