/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests, extracts, outcomes, questions and their answers as JSON objects whose keys a person can
 * read. What is not there is left out. */
#include "adapters/record_json.h"

#include <string.h>

#include "lib/json_text.h"

/* An object that holds nothing is left out. */
static void
set_object(json_t *o, const char *key, json_t *value)
{
	if (json_object_size(value) > 0)
		json_object_set_new(o, key, value);
	else
		json_decref(value);
}

static void
set_list(json_t *o, const char *key, json_t *value)
{
	if (json_array_size(value) > 0)
		json_object_set_new(o, key, value);
	else
		json_decref(value);
}

/* ---- pieces ---- */

static json_t *
parts_json(const struct name_form *f)
{
	json_t *list = json_array();

	for (const struct name_part *p = f->parts; p != NULL; p = p->next) {
		json_t *part = json_object();

		json_set_text(part, p->kind, p->value);
		json_array_append_new(list, part);
	}
	return list;
}

static void
set_name(json_t *o, const char *key, const struct name *n)
{
	json_t *list = json_array();

	for (const struct name_form *f = n->forms; f != NULL; f = f->next) {
		json_t *form = json_object();

		json_set_text(form, "full", f->full);
		set_list(form, "parts", parts_json(f));
		json_set_text(form, "script", f->script);
		json_set_text(form, "language", f->lang);
		if (f->authoritative)
			json_object_set_new(form, "authoritative", json_true());
		if (f->no_family_name)
			json_object_set_new(form, "noFamilyName", json_true());
		json_array_append_new(list, form);
	}
	set_list(o, key, list);
}

static void
set_date(json_t *o, const char *key, const struct record_date *d)
{
	json_t *date = json_object();

	if (d != NULL) {
		json_set_text(date, "authored", d->authored);
		json_set_text(date, "calendar", d->calendar);
		json_set_text(date, "value", d->value);
		json_set_text(date, "basis", d->basis);
	}
	set_object(o, key, date);
}

static void
set_place(json_t *o, const char *key, const struct place *p)
{
	json_t *place = json_object();

	if (p != NULL) {
		json_set_text(place, "text", p->text);
		json_set_text(place, "country", p->country);
		json_set_text(place, "iso", p->iso);
		json_set_text(place, "pcode", p->pcode);
	}
	set_object(o, key, place);
}

static void
set_items(json_t *o, const char *key, const struct text_item *t, const char *first,
	const char *second)
{
	json_t *list = json_array();

	for (; t != NULL; t = t->next) {
		json_t *item = json_object();

		json_set_text(item, first, t->value);
		json_set_text(item, second, t->detail);
		json_array_append_new(list, item);
	}
	set_list(o, key, list);
}

static void
set_identifiers(json_t *o, const struct identifier *i)
{
	json_t *list = json_array();

	for (; i != NULL; i = i->next) {
		json_t *item = json_object();

		json_set_text(item, "scheme", i->scheme);
		json_set_text(item, "value", i->value);
		json_array_append_new(list, item);
	}
	set_list(o, "identifiers", list);
}

/* ---- the extract ---- */

static json_t *
entry_json(const struct register_entry *e)
{
	json_t *o = json_object();

	json_set_text(o, "number", e->number);
	json_set_text(o, "office", e->office);
	set_date(o, "registeredOn", e->registered_on);
	json_set_text(o, "late", e->late);
	return o;
}

static json_t *
parent_json(const struct parent *p)
{
	json_t *o = json_object();

	json_set_text(o, "role", p->role);
	set_name(o, "name", &p->name);
	set_date(o, "birthDate", p->birth_date);
	set_place(o, "birthPlace", p->birth_place);
	set_items(o, "nationality", p->nationality, "country", "status");
	set_identifiers(o, p->identifier);
	return o;
}

static json_t *
certification_json(const struct extract *x)
{
	json_t *o = json_object();

	json_set_text(o, "officer", x->certifier);
	json_set_text(o, "office", x->certified_office);
	json_set_text(o, "issuedOn", x->issued_on);
	json_set_text(o, "place", x->issued_place);
	return o;
}

static json_t *
extract_json(const struct extract *x)
{
	json_t *o = json_object(), *parents = json_array();

	json_set_text(o, "extractId", x->id);
	json_set_text(o, "kind", x->kind);
	set_object(o, "entry", entry_json(&x->entry));
	set_name(o, "name", &x->name);
	json_set_text(o, "sex", x->sex);
	set_identifiers(o, x->identifier);
	set_items(o, "nationality", x->nationality, "country", "status");
	set_date(o, "birthDate", &x->birth_date);
	json_set_text(o, "birthTime", x->birth_time);
	set_place(o, "birthPlace", &x->birth_place);
	json_set_text(o, "multiplicity", x->multiplicity);
	for (const struct parent *p = x->parents; p != NULL; p = p->next)
		json_array_append_new(parents, parent_json(p));
	set_list(o, "parents", parents);
	set_items(o, "annotations", x->annotation, "kind", "text");
	set_items(o, "leftOut", x->redaction, "field", "reason");
	set_object(o, "certification", certification_json(x));
	return o;
}

/* ---- the request ---- */

static json_t *
locator_json(const struct locator *l)
{
	json_t *o = json_object();

	json_set_text(o, "entryNumber", l->entry_number);
	json_set_text(o, "office", l->office);
	set_name(o, "name", &l->name);
	set_date(o, "birthDate", l->birth_date);
	set_place(o, "birthPlace", l->birth_place);
	set_name(o, "mother", &l->mother);
	set_name(o, "father", &l->father);
	return o;
}

static json_t *
consents_json(const struct request *r)
{
	json_t *list = json_array();

	for (const struct consent *c = &r->consent; c != NULL; c = c->next) {
		json_t *o = json_object();

		json_set_text(o, "subject", c->subject);
		json_set_text(o, "givenBy", c->given_by);
		json_set_text(o, "destination", c->destination);
		json_set_text(o, "purpose", c->purpose);
		json_set_text(o, "fieldSet", c->field_set);
		json_set_text(o, "givenOn", c->given_on);
		json_set_text(o, "validUntil", c->valid_until);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
request_json(const struct request *r)
{
	json_t *o = json_object();

	json_set_text(o, "caseType", r->case_type);
	json_set_text(o, "requestedOf", r->requested_of.code);
	json_set_text(o, "destination", r->destination.code);
	json_set_text(o, "urgency", r->urgency);
	json_set_text(o, "applicant", r->applicant_relation);
	set_object(o, "locator", locator_json(&r->locator));
	set_list(o, "consents", consents_json(r));
	if (r->risk != NULL)
		json_set_text(o, "risk", r->risk->result);
	json_set_text(o, "legalBasis", r->legal_basis);
	return o;
}

/* ---- the outcome ---- */

static json_t *
outcome_json(const struct outcome *x)
{
	json_t *o = json_object();

	json_set_text(o, "result", outcome_word(x));
	json_set_text(o, "extractId", x->extract_id);
	json_set_text(o, "register", x->register_name);
	json_set_text(o, "entryNumber", x->entry_number);
	json_set_text(o, "enteredOn", x->entered_on);
	json_set_text(o, "office", x->office);
	json_set_text(o, "enteredAs", x->entered_as);
	set_items(o, "reasons", x->reason, "code", "detail");
	json_set_text(o, "explanation", x->explanation);
	json_set_text(o, "legalProvision", x->legal_provision);
	json_set_text(o, "appealBody", x->appeal_body);
	json_set_text(o, "appealBy", x->appeal_by);
	json_set_text(o, "until", x->until);
	return o;
}

/* ---- questions and answers ---- */

static void
set_documents(json_t *o, const char *key, const struct document *d)
{
	json_t *list = json_array();

	for (; d != NULL; d = d->next) {
		json_t *one = json_object();

		json_set_text(one, "kind", d->kind);
		json_set_text(one, "mediaType", d->media_type);
		json_set_text(one, "digest", d->digest);
		json_array_append_new(list, one);
	}
	set_list(o, key, list);
}

static json_t *
query_json(const struct query *q)
{
	json_t *o = json_object();

	json_set_text(o, "about", q->about);
	set_documents(o, "document", q->document);
	json_set_text(o, "code", q->code);
	json_set_text(o, "text", q->question);
	json_set_text(o, "answerBy", q->answer_by);
	return o;
}

static json_t *
reply_json(const struct query_reply *r)
{
	json_t *o = json_object();

	json_set_text(o, "answer", r->answer);
	json_set_text(o, "explanation", r->explanation);
	set_documents(o, "documents", r->documents);
	return o;
}

/* ---- by action ---- */

static enum err
of_request(struct bytes body, json_t **out)
{
	OWNED(struct request, r, request_free) = NULL;

	TRY(request_parse(body, &r));
	*out = request_json(r);
	return E_OK;
}

static enum err
of_extract(struct bytes body, json_t **out)
{
	OWNED(struct extract, x, extract_free) = NULL;

	TRY(extract_parse(body, &x));
	*out = extract_json(x);
	return E_OK;
}

static enum err
of_outcome(struct bytes body, json_t **out)
{
	OWNED(struct outcome, x, outcome_free) = NULL;

	TRY(outcome_parse(body, &x));
	*out = outcome_json(x);
	return E_OK;
}

static enum err
of_query(struct bytes body, json_t **out)
{
	OWNED(struct query, q, query_free) = NULL;

	TRY(query_parse(body, &q));
	*out = query_json(q);
	return E_OK;
}

static enum err
of_reply(struct bytes body, json_t **out)
{
	OWNED(struct query_reply, r, query_reply_free) = NULL;

	TRY(query_reply_parse(body, &r));
	*out = reply_json(r);
	return E_OK;
}

enum err
record_json(enum action action, struct bytes body, json_t **out)
{
	if (action == A_TRANSCRIPTION_REQUEST)
		return of_request(body, out);
	if (action == A_CERTIFIED_EXTRACT)
		return of_extract(body, out);
	if (action == A_TRANSCRIPTION_OUTCOME)
		return of_outcome(body, out);
	if (action == A_QUERY)
		return of_query(body, out);
	if (action == A_QUERY_REPLY)
		return of_reply(body, out);
	return E_ACTION;
}
