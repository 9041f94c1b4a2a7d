/* SPDX-License-Identifier: EUPL-1.2
 *
 * The issuing side: a liaison's request becomes a sealed extract for the receiving registry, or a
 * refusal to the liaison. Whether it may be answered at all is asked twice (core_protect.c): before
 * the register is looked at, and with what the record says. */
#include <string.h>

#include "adapters/core_parts.h"
#include "lib/identifier.h"
#include "lib/log.h"
#include "lib/name_text.h"

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

/* A number of this State that does not follow its own published rule (lib/identifier.h): a slip of
 * the register's, which another State could not tell from a forgery. Numbers of others pass. */
static bool
number_holds(const struct job *j, const char *country, const struct identifier *i)
{
	struct identifier_result r;

	for (; i != NULL; i = i->next) {
		identifier_check(i->scheme, i->value, country, &r);
		if (r.verdict != IDENTIFIER_INVALID)
			continue;
		log_message(LOG_WARNING, &j->in.header.id,
			"the register holds a number that cannot be one scheme=%s", i->scheme);
		return false;
	}
	return true;
}

static enum err
check_numbers(const struct job *j, const struct extract *x)
{
	const struct trust_party *self = trust_party(j->c->o.trust, &j->c->o.self);
	const char *country = self != NULL ? self->country : NULL;
	bool hold = number_holds(j, country, x->identifier);

	for (const struct parent *p = x->parents; p != NULL; p = p->next)
		hold &= number_holds(j, country, p->identifier);
	return hold ? E_OK : E_REGISTER_DATA;
}

static enum err
make_extract(struct job *j, const struct request *r, struct extract *x, struct answers *a)
{
	struct answer what = {.action = A_CERTIFIED_EXTRACT, .to = r->destination};
	const struct trust_agreement *g = answer_agreement(j->c, &what.to, what.action);
	OWNED_BUF(sealed) = {0};
	struct digest key;

	if (g == NULL)
		return E_NO_AGREEMENT;
	TRY(key_of(j, &r->destination, x, &key));
	extract_limit(j, r, g, x);
	complete(j, x);
	TRY(check_numbers(j, x));
	if (extract_nfc(x) != E_OK)
		return E_REGISTER_DATA;
	TRY(seal_checked(j, g, x, &sealed));
	what.key = &key;
	return answers_add(a, j, &what, buf_bytes(&sealed));
}

static enum err
send_extract(struct job *j, const struct request *r, struct extract *x)
{
	ANSWERS(a) = {0};

	TRY(make_extract(j, r, x, &a));
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
	struct refusal why;

	TRY(job_open(j));
	TRY(request_parse(buf_bytes(&j->body), &r));
	if (request_is_refused(j, r, &why))
		return job_refuse(j, NULL, &why);
	TRY(find(j, r, number, office, &x));
	if (request_is_refused_for(j, r, x, &why))
		return job_refuse(j, NULL, &why);
	return send_extract(j, r, x);
}

enum err
request_extract_again(struct job *j, const char *number, const char *office, struct answers *a)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED(struct extract, x, extract_free) = NULL;
	struct refusal why;
	enum err e;

	TRY(request_parse(buf_bytes(&j->body), &r));
	if (request_is_refused(j, r, &why))
		return E_PROTECTION;
	e = find(j, r, number, office, &x);
	TRY(e == E_RECORD_NOT_FOUND ? E_NOT_FOUND : e);
	if (request_is_refused_for(j, r, x, &why))
		return E_PROTECTION;
	return make_extract(j, r, x, a);
}
