/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which item of which document stands on its form, in the order of ICCS Convention 16 Form A. What
 * a code means is said in the language in force (lib/lang.h). */
#include "lib/paper.h"

#include "lib/lang.h"

static void
add_joined(struct buf *b, const char *text, const char *detail)
{
	if (text == NULL)
		return;
	buf_printf(b, "%s%s", b->size > 0 ? "\n" : "", text);
	if (detail != NULL)
		buf_printf(b, " (%s)", detail);
}

static const char *
said(const char *list, const char *code)
{
	const char *sentence = code == NULL ? NULL : code_sentence(list, code);

	return sentence == NULL ? code : _(sentence);
}

/* ---- the request ---- */

static void
add_consents(struct paper *p, const struct request *r)
{
	OWNED_BUF(b) = {0};

	for (const struct consent *k = &r->consent; k != NULL; k = k->next)
		if (k->given_by != NULL)
			buf_printf(&b, "%s%s, %s, %s - %s", b.size > 0 ? "\n" : "",
				said("consent-giver", k->given_by), k->language, k->given_on,
				k->valid_until);
	paper_add(p, "consent", (char *)b.data);
}

static void
add_documents(struct paper *p, const struct request *r)
{
	OWNED_BUF(b) = {0};

	for (const struct document *d = r->documents; d != NULL; d = d->next)
		buf_printf(&b, "%s%s (%.12s)", b.size > 0 ? "\n" : "", said("document", d->kind),
			d->digest);
	paper_add(p, "documents", (char *)b.data);
}

void
paper_request(struct paper *p, const struct request *r)
{
	const struct locator *l = &r->locator;

	paper_add(p, "issuer", r->requested_of.code);
	paper_add(p, "office", l->office);
	paper_add(p, "entry", l->entry_number);
	paper_add_date(p, "birth-date", l->birth_date);
	paper_add_place(p, "birth-place", l->birth_place);
	paper_add_name(p, "name", &l->name);
	paper_add_name(p, "father", &l->father);
	paper_add_name(p, "mother", &l->mother);
	paper_add(p, "destination", r->destination.code);
	paper_add(p, "applicant", said("relation", r->applicant_relation));
	add_consents(p, r);
	add_documents(p, r);
	paper_add(p, "legal-basis", r->legal_basis);
	paper_add(p, "signature", NULL);
}

/* ---- the extract ---- */

static void
add_numbers(struct paper *p, const char *field, const struct identifier *first)
{
	OWNED_BUF(b) = {0};

	/* an identity number is preceded by the State that assigned it */
	for (const struct identifier *i = first; i != NULL; i = i->next)
		buf_printf(&b, "%s%s %s", b.size > 0 ? "\n" : "", i->country, i->value);
	paper_add(p, field, (char *)b.data);
}

static void
add_items(struct paper *p, const char *field, const struct text_item *first)
{
	OWNED_BUF(b) = {0};

	for (const struct text_item *i = first; i != NULL; i = i->next)
		add_joined(&b, i->value, i->detail);
	paper_add(p, field, (char *)b.data);
}

static void
add_parents(struct paper *p, const struct extract *x)
{
	bool any = false;

	for (const struct parent *q = x->parents; q != NULL; q = q->next) {
		paper_add_name(p, q->role, &q->name);
		any = true;
	}
	if (any)
		return;
	paper_add(p, "father", NULL);
	paper_add(p, "mother", NULL);
}

static void
add_annotations(struct paper *p, const struct extract *x)
{
	OWNED_BUF(b) = {0};

	for (const struct text_item *a = x->annotation; a != NULL; a = a->next)
		buf_printf(&b, "%s%s %s%s%s", b.size > 0 ? "\n" : "", said("annotation", a->value),
			a->date != NULL ? a->date : "", a->detail != NULL ? ": " : "",
			a->detail != NULL ? a->detail : "");
	paper_add(p, "other", (char *)b.data);
}

static void
add_certification(struct paper *p, const struct extract *x)
{
	OWNED_BUF(b) = {0};

	buf_printf(&b, "%s\n%s, %s\n%s", x->issued_on, x->certified_office, x->issued_place,
		x->certifier);
	paper_add(p, "issued", (char *)b.data);
}

void
paper_extract(struct paper *p, const struct extract *x)
{
	paper_add(p, "state", x->birth_place.country);
	paper_add(p, "office", x->entry.office);
	paper_add(p, "entry", x->entry.number);
	paper_add_date(p, "registered-on", x->entry.registered_on);
	paper_add_date(p, "birth-date", &x->birth_date);
	paper_add_place(p, "birth-place", &x->birth_place);
	paper_add_name(p, "name", &x->name);
	paper_add(p, "sex", x->sex);
	add_parents(p, x);
	add_numbers(p, "identifier", x->identifier);
	add_items(p, "nationality", x->nationality);
	add_annotations(p, x);
	add_certification(p, x);
}

/* ---- the outcome ---- */

static void
add_reasons(struct paper *p, const struct outcome *o)
{
	OWNED_BUF(b) = {0};

	for (const struct text_item *r = o->reason; r != NULL; r = r->next)
		add_joined(&b, r->value,
			said(o->result == OUTCOME_DEFERRED ? "query" : "refusal", r->value));
	if (o->explanation != NULL)
		add_joined(&b, o->explanation, NULL);
	if (o->legal_provision != NULL)
		add_joined(&b, o->legal_provision, NULL);
	paper_add(p, "reasons", (char *)b.data);
}

static void
add_appeal(struct paper *p, const struct outcome *o)
{
	OWNED_BUF(b) = {0};

	if (o->appeal_body != NULL)
		add_joined(&b, o->appeal_body, o->appeal_by);
	paper_add(p, "appeal", (char *)b.data);
}

static void
add_entry(struct paper *p, const struct outcome *o)
{
	paper_add(p, "office", o->office);
	paper_add(p, "entry", o->entry_number);
	paper_add(p, "entered-on", o->entered_on);
	paper_add(p, "entered-as", o->entered_as);
}

void
paper_outcome(struct paper *p, const struct outcome *o)
{
	paper_add(p, "result", outcome_word(o));
	if (o->result == OUTCOME_TRANSCRIBED || o->result == OUTCOME_ALREADY)
		add_entry(p, o);
	else
		add_reasons(p, o);
	if (o->result == OUTCOME_REFUSED)
		add_appeal(p, o);
	if (o->until != NULL)
		paper_add(p, "until", o->until);
	paper_add(p, "signature", NULL);
}
