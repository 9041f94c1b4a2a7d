/* SPDX-License-Identifier: EUPL-1.2
 *
 * c:TranscriptionRequest, written and read. */
#include <string.h>

#include "lib/record_request.h"

struct request *
request_new(void)
{
	struct arena *a = arena_new();
	struct request *r = arena_alloc(a, sizeof *r);

	r->arena = a;
	return r;
}

void
request_free(struct request **r)
{
	struct request *old = TAKE(*r);
	struct arena *a = old == NULL ? NULL : old->arena;

	arena_free(&a);
}

/* ---- the tables ---- */

#define AT(member) offsetof(struct request, member)
static const struct field case_fields[] = {
	{"CaseType", "caseType", RULE_CODE, "case-type", true, AT(case_type)},
};
static const struct field urgency_fields[] = {
	{"Urgency", "urgency", RULE_CODE, "urgency", false, AT(urgency)},
};
static const struct field basis_fields[] = {
	{"LegalBasis", "legalBasis", RULE_LINE, NULL, true, AT(legal_basis)},
};
#undef AT
#define AT(member) offsetof(struct locator, member)
static const struct field office_fields[] = {
	{"Office", "office", RULE_LINE, NULL, false, AT(office)},
};
static const struct field number_fields[] = {
	{"EntryNumber", "entryNumber", RULE_NUMBER, NULL, false, AT(entry_number)},
};
#undef AT
#define AT(member) offsetof(struct consent, member)
static const struct field who_fields[] = {
	{"ConsentId", "id", RULE_UUID, NULL, true, AT(id)},
	{"Subject", "subject", RULE_CODE, "consent-subject", true, AT(subject)},
	{"GivenBy", "givenBy", RULE_CODE, "consent-giver", true, AT(given_by)},
	{"CapacityBasis", "capacityBasis", RULE_CODE, "capacity", true, AT(capacity_basis)},
};
static const struct field scope_fields[] = {
	{"Destination", "destination", RULE_PARTY, NULL, true, AT(destination)},
	{"Purpose", "purpose", RULE_CODE, "purpose", true, AT(purpose)},
	{"FieldSet", "fieldSet", RULE_CODE, "field-set", true, AT(field_set)},
};
static const struct field how_fields[] = {
	{"Language", "language", RULE_LANGUAGE, NULL, true, AT(language)},
	{"Interpreter", "interpreter", RULE_OFFICER, NULL, false, AT(interpreter)},
};
static const struct field rest_fields[] = {
	{"GivenOn", "givenOn", RULE_DAY, NULL, true, AT(given_on)},
	{"ValidUntil", "validUntil", RULE_DAY, NULL, true, AT(valid_until)},
	{"WithdrawalChannel", "withdrawalChannel", RULE_CODE, "withdrawal-channel", true,
		AT(withdrawal_channel)},
	{"EvidenceDigest", "evidenceDigest", RULE_DIGEST, NULL, true, AT(evidence_digest)},
	{"WitnessedBy", "witnessedBy", RULE_OFFICER, NULL, true, AT(witnessed_by)},
};
#undef AT
#define AT(member) offsetof(struct assent, member)
static const struct field assent_fields[] = {
	{"On", "on", RULE_DAY, NULL, true, AT(on)},
	{"Language", "language", RULE_LANGUAGE, NULL, true, AT(language)},
	{"WitnessedBy", "witnessedBy", RULE_OFFICER, NULL, true, AT(witnessed_by)},
};
#undef AT
#define AT(member) offsetof(struct risk_clearance, member)
static const struct field risk_fields[] = {
	{"Officer", "officer", RULE_OFFICER, NULL, true, AT(officer)},
	{"Result", "result", RULE_CODE, "risk-result", true, AT(result)},
	{"On", "on", RULE_DAY, NULL, true, AT(on)},
};
static const struct field approval_fields[] = {
	{NULL, "cert", RULE_DIGEST, NULL, true, AT(approval_cert)},
	{NULL, "value", RULE_SIGNATURE, NULL, true, AT(approval_value)},
};
#undef AT

const struct field_run request_runs[] = {
	[REQUEST_CASE] = {FIELDS(case_fields)},
	[REQUEST_URGENCY] = {FIELDS(urgency_fields)},
	[REQUEST_BASIS] = {FIELDS(basis_fields)},
};
const struct field_run locator_runs[] = {
	[LOCATOR_OFFICE] = {FIELDS(office_fields)},
	[LOCATOR_NUMBER] = {FIELDS(number_fields)},
};
const struct field_run consent_runs[] = {
	[CONSENT_WHO] = {FIELDS(who_fields)},
	[CONSENT_SCOPE] = {FIELDS(scope_fields)},
	[CONSENT_HOW] = {FIELDS(how_fields)},
	[CONSENT_REST] = {FIELDS(rest_fields)},
};
const struct field_run assent_run = {FIELDS(assent_fields)};
const struct field_run risk_run = {FIELDS(risk_fields)};
const struct field_run approval_run = {FIELDS(approval_fields)};

static void
put_run(struct buf *b, const struct field_run *run, const void *from)
{
	put_fields(b, "c", run->field, run->n, from);
}

static void
take_run(struct walk *w, const struct field_run *run, void *into)
{
	take_fields(w, run->field, run->n, into);
}

/* ---- locator ---- */

static void
put_parent_name(struct buf *b, const char *qname, const struct name *n)
{
	if (n->forms == NULL)
		return;
	xml_open(b, qname, NULL);
	put_name(b, n);
	xml_close(b, qname);
}

static void
take_parent_name(struct walk *w, const char *name, struct name *into)
{
	const xmlNode *node = walk_take(w, name);
	struct walk in = walk_child(w, node);

	if (node == NULL)
		return;
	walk_only(w, node, "");
	take_name(&in, into);
	walk_end(&in);
}

static void
put_locator(struct buf *b, const struct locator *l)
{
	xml_open(b, "c:Locator", NULL);
	put_run(b, &locator_runs[LOCATOR_OFFICE], l);
	put_run(b, &locator_runs[LOCATOR_NUMBER], l);
	if (l->name.forms != NULL) {
		xml_open(b, "c:Particulars", NULL);
		put_name(b, &l->name);
		put_date(b, "c:BirthDate", l->birth_date);
		put_place(b, "c:BirthPlace", l->birth_place, NULL);
		put_parent_name(b, "c:Mother", &l->mother);
		put_parent_name(b, "c:Father", &l->father);
		xml_close(b, "c:Particulars");
	}
	xml_close(b, "c:Locator");
}

static void
take_particulars(struct walk *w, struct locator *l)
{
	const xmlNode *node = walk_take(w, "Particulars");
	struct walk in = walk_child(w, node);

	if (node == NULL) {
		if (l->entry_number == NULL)
			walk_fault(w);
		return;
	}
	walk_only(w, node, "");
	take_name(&in, &l->name);
	l->birth_date = take_date(&in, walk_take(&in, "BirthDate"));
	l->birth_place = take_place(&in, walk_take(&in, "BirthPlace"), false);
	take_parent_name(&in, "Mother", &l->mother);
	take_parent_name(&in, "Father", &l->father);
	walk_end(&in);
}

static void
take_locator(struct walk *w, struct locator *l)
{
	const xmlNode *node = walk_need(w, "Locator");
	struct walk in = walk_child(w, node);

	walk_only(w, node, "");
	take_run(&in, &locator_runs[LOCATOR_OFFICE], l);
	take_run(&in, &locator_runs[LOCATOR_NUMBER], l);
	take_particulars(&in, l);
	walk_end(&in);
}

/* ---- consent ---- */

static void
put_assent(struct buf *b, const struct assent *a)
{
	if (a == NULL)
		return;
	xml_open(b, "c:Assent", NULL);
	put_run(b, &assent_run, a);
	xml_close(b, "c:Assent");
}

static struct assent *
take_assent(struct walk *w)
{
	const xmlNode *node = walk_take(w, "Assent");
	struct walk in = walk_child(w, node);
	struct assent *a;

	if (node == NULL)
		return NULL;
	a = arena_alloc(w->arena, sizeof *a);
	walk_only(w, node, "");
	take_run(&in, &assent_run, a);
	walk_end(&in);
	return a;
}

static void
put_consents(struct buf *b, const struct consent *list)
{
	for (const struct consent *k = list; k != NULL; k = k->next) {
		xml_open(b, "c:Consent", NULL);
		put_run(b, &consent_runs[CONSENT_WHO], k);
		xml_open(b, "c:Scope", NULL);
		put_run(b, &consent_runs[CONSENT_SCOPE], k);
		xml_close(b, "c:Scope");
		put_run(b, &consent_runs[CONSENT_HOW], k);
		xml_element(b, "c:RisksExplained", k->risks_explained ? "true" : NULL);
		xml_element(b, "c:NoConditionality", k->no_conditionality ? "true" : NULL);
		put_run(b, &consent_runs[CONSENT_REST], k);
		put_assent(b, k->assent);
		xml_close(b, "c:Consent");
	}
}

/* A statement that has one value only: it was made, or there is no consent. */
static bool
take_true(struct walk *w, const char *name)
{
	const xmlNode *node = walk_need(w, name);
	const char *text = walk_text(w, node, RULE_CODE, NULL);

	walk_only(w, node, "");
	if (text != NULL && strcmp(text, "true") != 0)
		walk_fault(w);
	return text != NULL;
}

static void
take_consent(struct walk *w, const xmlNode *node, struct consent *k)
{
	struct walk in = walk_child(w, node), scope;
	const xmlNode *at;

	walk_only(w, node, "");
	take_run(&in, &consent_runs[CONSENT_WHO], k);
	at = walk_need(&in, "Scope");
	scope = walk_child(&in, at);
	walk_only(&in, at, "");
	take_run(&scope, &consent_runs[CONSENT_SCOPE], k);
	walk_end(&scope);
	take_run(&in, &consent_runs[CONSENT_HOW], k);
	k->risks_explained = take_true(&in, "RisksExplained");
	k->no_conditionality = take_true(&in, "NoConditionality");
	take_run(&in, &consent_runs[CONSENT_REST], k);
	k->assent = take_assent(&in);
	walk_end(&in);
}

static void
take_consents(struct walk *w, struct consent *first)
{
	struct consent *k = first;
	const xmlNode *node = walk_need(w, "Consent");

	for (size_t n = 1; node != NULL; n++) {
		take_consent(w, node, k);
		if (n > CONSENTS_MAX)
			walk_fault(w);
		node = walk_take(w, "Consent");
		if (node != NULL)
			k = k->next = arena_alloc(w->arena, sizeof *k);
	}
}

/* ---- risk ---- */

static void
put_approval(struct buf *b, const struct risk_clearance *r)
{
	if (r->approval_cert == NULL)
		return;
	xml_open(b, "c:Approval", "cert", r->approval_cert, NULL);
	xml_put_text(b, r->approval_value);
	xml_close(b, "c:Approval");
}

static void
take_approval(struct walk *w, struct risk_clearance *r)
{
	const xmlNode *node = walk_take(w, "Approval");

	if (node == NULL)
		return;
	r->approval_cert = walk_need_attribute(w, node, "cert", RULE_DIGEST, NULL);
	walk_only(w, node, "cert");
	r->approval_value = walk_text(w, node, RULE_SIGNATURE, NULL);
}

static void
put_risk(struct buf *b, const struct risk_clearance *r)
{
	if (r == NULL)
		return;
	xml_open(b, "c:RiskClearance", NULL);
	put_run(b, &risk_run, r);
	for (const struct text_item *t = r->feared; t != NULL; t = t->next)
		xml_element(b, "c:FearedCountry", t->value);
	put_approval(b, r);
	xml_close(b, "c:RiskClearance");
}

static struct risk_clearance *
take_risk(struct walk *w)
{
	const xmlNode *node = walk_take(w, "RiskClearance"), *at;
	struct walk in = walk_child(w, node);
	struct risk_clearance *r;
	struct text_item **end;
	size_t n = 0;

	if (node == NULL)
		return NULL;
	r = arena_alloc(w->arena, sizeof *r);
	walk_only(w, node, "");
	take_run(&in, &risk_run, r);
	end = &r->feared;
	while ((at = walk_take(&in, "FearedCountry")) != NULL) {
		*end = arena_alloc(w->arena, sizeof **end);
		(*end)->value = walk_text(w, at, RULE_COUNTRY, NULL);
		walk_only(w, at, "");
		end = &(*end)->next;
		if (++n > FEARED_MAX)
			walk_fault(w);
	}
	take_approval(&in, r);
	walk_end(&in);
	return r;
}

/* ---- the document ---- */

void
request_compose(const struct request *r, struct buf *out)
{
	xml_open(out, "c:TranscriptionRequest", "xmlns:c", NS_CASE, "schemaVersion", "1.0", NULL);
	put_run(out, &request_runs[REQUEST_CASE], r);
	xml_element(out, "c:RequestedOf", r->requested_of.code);
	xml_element(out, "c:Destination", r->destination.code);
	put_run(out, &request_runs[REQUEST_URGENCY], r);
	xml_open(out, "c:Applicant", "relation", r->applicant_relation, NULL);
	xml_close(out, "c:Applicant");
	put_locator(out, &r->locator);
	put_consents(out, &r->consent);
	put_risk(out, r->risk);
	put_documents(out, r->documents);
	put_run(out, &request_runs[REQUEST_BASIS], r);
	xml_close(out, "c:TranscriptionRequest");
}

static void
take_party(struct walk *w, const char *name, struct party *into)
{
	const xmlNode *node = walk_need(w, name);
	const char *text = walk_text(w, node, RULE_PARTY, NULL);

	walk_only(w, node, "");
	if (text != NULL && !party_parse(text, into))
		walk_fault(w);
}

static void
take_applicant(struct walk *w, struct request *r)
{
	const xmlNode *node = walk_need(w, "Applicant");

	r->applicant_relation = walk_need_attribute(w, node, "relation", RULE_CODE, "relation");
	walk_only(w, node, "relation");
	if (node != NULL && node->children != NULL)
		walk_fault(w);
}

enum err
request_parse(struct bytes doc, struct request **out)
{
	OWNED(xmlDoc, d, xml_free) = NULL;
	OWNED(struct request, r, request_free) = request_new();
	enum err err = E_OK;
	struct walk w;

	TRY(xml_parse(doc, &d));
	w = walk_document(r->arena, NS_CASE, "TranscriptionRequest", xml_root(d), &err);
	take_run(&w, &request_runs[REQUEST_CASE], r);
	take_party(&w, "RequestedOf", &r->requested_of);
	take_party(&w, "Destination", &r->destination);
	take_run(&w, &request_runs[REQUEST_URGENCY], r);
	take_applicant(&w, r);
	take_locator(&w, &r->locator);
	take_consents(&w, &r->consent);
	r->risk = take_risk(&w);
	r->documents = take_documents(&w);
	take_run(&w, &request_runs[REQUEST_BASIS], r);
	(void)take_extensions(&w);
	walk_end(&w);
	TRY(err);
	*out = TAKE(r);
	return E_OK;
}
