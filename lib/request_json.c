/* SPDX-License-Identifier: EUPL-1.2
 *
 * The officer's case file, JSON, made into a request: what the keys are, and which of them must fit
 * together. The file's form is described in daftar-request(5). */
#include <string.h>

#include "lib/record_request.h"
#include "lib/request_read.h"

#define FILE_MAX ((size_t)256 * 1024)

/* ---- the locator ---- */

/* An entry's number finds the record; without one, name and date of birth have to. */
static void
check_locator(struct reading *in, json_t *object, const struct locator *l)
{
	bool has_name = json_object_get(object, "name") != NULL;

	if (json_object_get(object, "entryNumber") == NULL) {
		if (!has_name)
			read_problem(in, "name", "missing, and there is no entryNumber either");
		if (json_object_get(object, "birthDate") == NULL)
			read_problem(
				in, "birthDate", "missing, and there is no entryNumber either");
		return;
	}
	if (!has_name && (l->birth_date != NULL || l->birth_place != NULL ||
				 l->mother.forms != NULL || l->father.forms != NULL))
		read_problem(in, "name", "missing beside the other particulars");
}

static void
read_locator(struct reading *in, json_t *root, struct locator *l)
{
	static const char *const keys[] = {"office", "entryNumber", "name", "birthDate",
		"birthPlace", "mother", "father", NULL};
	json_t *object = read_object(in, root, "locator", true);
	size_t before;

	if (object == NULL)
		return;
	before = read_enter(in, "locator", -1);
	read_only(in, object, keys);
	for (size_t i = 0; i < LOCATOR_RUNS; i++)
		read_fields(in, object, locator_runs[i].field, locator_runs[i].n, l);
	read_name(in, object, "name", &l->name);
	l->birth_date = read_date(in, object, "birthDate");
	l->birth_place = read_place(in, object, "birthPlace");
	read_name(in, object, "mother", &l->mother);
	read_name(in, object, "father", &l->father);
	check_locator(in, object, l);
	read_leave(in, before);
}

/* ---- consent and risk ---- */

/* Who consents, by which right: a person for itself, a parent or guardian for a child. */
static const struct {
	const char *given_by;
	const char *capacity;
} capacities[] = {
	{"self", "self"},
	{"mother", "parental-authority"},
	{"father", "parental-authority"},
	{"guardian", "guardianship"},
};

static bool
capacity_fits(const struct consent *k)
{
	for (size_t i = 0; i < ARRAY_LEN(capacities); i++)
		if (strcmp(k->given_by, capacities[i].given_by) == 0)
			return strcmp(k->capacity_basis, capacities[i].capacity) == 0;
	return false;
}

/* A parent speaks for itself when the particulars at stake are its own. */
static bool
speaks_for_itself(const struct consent *k)
{
	return strcmp(k->subject, k->given_by) == 0 && strcmp(k->capacity_basis, "self") == 0;
}

static void
check_consent(struct reading *in, const struct consent *k, const struct request *r)
{
	if (k->destination != NULL && r->destination.code[0] != '\0' &&
		strcmp(k->destination, r->destination.code) != 0)
		read_problem(in, "destination", "must be the destination of the request");
	if (k->given_on != NULL && k->valid_until != NULL &&
		strcmp(k->given_on, k->valid_until) > 0)
		read_problem(in, "validUntil", "must not be before givenOn");
	if (k->subject != NULL && k->given_by != NULL && k->capacity_basis != NULL &&
		!capacity_fits(k) && !speaks_for_itself(k))
		read_problem(in, "capacityBasis", "does not fit givenBy");
}

static struct assent *
read_assent(struct reading *in, json_t *consent)
{
	static const char *const keys[] = {"on", "language", "witnessedBy", NULL};
	json_t *object = read_object(in, consent, "assent", false);
	struct assent *a;
	size_t before;

	if (object == NULL)
		return NULL;
	a = arena_alloc(in->arena, sizeof *a);
	before = read_enter(in, "assent", -1);
	read_only(in, object, keys);
	read_fields(in, object, assent_run.field, assent_run.n, a);
	read_leave(in, before);
	return a;
}

static void
read_consent(struct reading *in, json_t *object, const struct request *r, struct consent *k)
{
	static const char *const keys[] = {"id", "subject", "givenBy", "capacityBasis",
		"destination", "purpose", "fieldSet", "language", "interpreter", "risksExplained",
		"noConditionality", "givenOn", "validUntil", "withdrawalChannel", "evidenceDigest",
		"witnessedBy", "assent", NULL};

	read_only(in, object, keys);
	for (size_t i = 0; i < CONSENT_RUNS; i++)
		read_fields(in, object, consent_runs[i].field, consent_runs[i].n, k);
	k->risks_explained = read_true(in, object, "risksExplained");
	k->no_conditionality = read_true(in, object, "noConditionality");
	k->assent = read_assent(in, object);
	check_consent(in, k, r);
}

/* One consent as an object, several as a list. */
static void
read_consents(struct reading *in, json_t *root, struct request *r)
{
	json_t *value = json_object_get(root, "consent"), *list;
	struct consent *k = &r->consent;
	size_t before;

	if (!json_is_array(value)) {
		value = read_object(in, root, "consent", true);
		before = read_enter(in, "consent", -1);
		if (value != NULL)
			read_consent(in, value, r, k);
		read_leave(in, before);
		return;
	}
	list = read_list(in, root, "consent", 1, CONSENTS_MAX);
	for (size_t i = 0; i < json_array_size(list); i++) {
		before = read_enter(in, "consent", (int)i);
		value = read_member(in, list, i);
		if (i > 0)
			k = k->next = arena_alloc(in->arena, sizeof *k);
		if (value != NULL)
			read_consent(in, value, r, k);
		read_leave(in, before);
	}
}

static void
read_feared(struct reading *in, json_t *object, struct risk_clearance *risk)
{
	json_t *list = read_list(in, object, "fearedCountry", 0, FEARED_MAX);
	struct text_item **end = &risk->feared;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		size_t before = read_enter(in, "fearedCountry", (int)i);

		if (rule_problem(RULE_COUNTRY, text) != NULL)
			read_problem(in, "", rule_problem(RULE_COUNTRY, text));
		else {
			*end = arena_alloc(in->arena, sizeof **end);
			(*end)->value = arena_text(in->arena, text);
			end = &(*end)->next;
		}
		read_leave(in, before);
	}
}

/* What the second officer's tool has written (protect_clear). */
static void
read_approval(struct reading *in, json_t *risk, struct risk_clearance *into)
{
	static const char *const keys[] = {"cert", "value", NULL};
	json_t *object = read_object(in, risk, "approval", false);
	size_t before;

	if (object == NULL)
		return;
	before = read_enter(in, "approval", -1);
	read_only(in, object, keys);
	read_fields(in, object, approval_run.field, approval_run.n, into);
	read_leave(in, before);
}

static void
read_risk(struct reading *in, json_t *root, struct request *r)
{
	static const char *const keys[] = {
		"officer", "result", "on", "fearedCountry", "approval", NULL};
	json_t *object = read_object(in, root, "riskClearance", false);
	size_t before;

	if (object == NULL)
		return;
	r->risk = arena_alloc(in->arena, sizeof *r->risk);
	before = read_enter(in, "riskClearance", -1);
	read_only(in, object, keys);
	read_fields(in, object, risk_run.field, risk_run.n, r->risk);
	read_feared(in, object, r->risk);
	read_approval(in, object, r->risk);
	read_leave(in, before);
}

/* ---- documents ---- */

#define AT(member) offsetof(struct document, member)
static const struct field document_fields[] = {
	{NULL, "kind", RULE_CODE, "document", true, AT(kind)},
	{NULL, "digest", RULE_DIGEST, NULL, true, AT(digest)},
	{NULL, "mediaType", RULE_CODE, "media-type", true, AT(media_type)},
};
#undef AT

static void
read_documents(struct reading *in, json_t *root, struct request *r)
{
	static const char *const keys[] = {"kind", "digest", "mediaType", NULL};
	json_t *list = read_list(in, root, "documents", 0, DOCUMENTS_MAX);
	struct document **end = &r->documents;

	for (size_t i = 0; i < json_array_size(list); i++) {
		size_t before = read_enter(in, "documents", (int)i);
		json_t *object = read_member(in, list, i);

		if (object != NULL) {
			*end = arena_alloc(in->arena, sizeof **end);
			read_only(in, object, keys);
			read_fields(in, object, FIELDS(document_fields), *end);
			end = &(*end)->next;
		}
		read_leave(in, before);
	}
}

/* ---- the file ---- */

static void
read_party(struct reading *in, json_t *root, const char *key, struct party *into)
{
	const struct field f = {NULL, key, RULE_PARTY, NULL, true, 0};
	const char *text;

	read_fields(in, root, &f, 1, &text);
	if (text != NULL && !party_parse(text, into))
		read_problem(in, key, rule_problem(RULE_PARTY, NULL));
}

static void
read_applicant(struct reading *in, json_t *root, struct request *r)
{
	static const char *const keys[] = {"relation", NULL};
	static const struct field f = {NULL, "relation", RULE_CODE, "relation", true, 0};
	json_t *object = read_object(in, root, "applicant", true);
	size_t before;

	if (object == NULL)
		return;
	before = read_enter(in, "applicant", -1);
	read_only(in, object, keys);
	read_fields(in, object, &f, 1, &r->applicant_relation);
	read_leave(in, before);
}

static void
read_request(struct reading *in, json_t *root, struct request *r)
{
	static const char *const keys[] = {"caseType", "requestedOf", "destination", "urgency",
		"applicant", "locator", "consent", "riskClearance", "documents", "legalBasis",
		NULL};

	read_only(in, root, keys);
	for (size_t i = 0; i < REQUEST_RUNS; i++)
		read_fields(in, root, request_runs[i].field, request_runs[i].n, r);
	read_party(in, root, "requestedOf", &r->requested_of);
	read_party(in, root, "destination", &r->destination);
	if (r->destination.code[0] != '\0' && party_equal(&r->requested_of, &r->destination))
		read_problem(in, "destination", "must be another registry than requestedOf");
	read_applicant(in, root, r);
	read_locator(in, root, &r->locator);
	read_consents(in, root, r);
	read_risk(in, root, r);
	read_documents(in, root, r);
}

/* jansson's own texts quote the file; these do not. */
static const struct {
	enum json_error_code code;
	const char *problem;
} syntax[] = {
	{json_error_premature_end_of_input,
		"the file ends too early; a bracket, brace or quote is not closed"},
	{json_error_end_of_input_expected, "there is something behind the end of the case"},
	{json_error_duplicate_key, "a key is there twice"},
	{json_error_invalid_utf8, "not valid UTF-8"},
	{json_error_null_character, "contains a NUL character"},
	{json_error_null_byte_in_key, "contains a NUL character"},
	{json_error_stack_overflow, "too many levels"},
	{json_error_numeric_overflow, "a number is too large"},
};

static const char *
syntax_problem(enum json_error_code code)
{
	for (size_t i = 0; i < ARRAY_LEN(syntax); i++)
		if (syntax[i].code == code)
			return syntax[i].problem;
	return "not JSON here or just before; a comma, colon or quote is missing or too much";
}

static json_t *
load(const char *text, size_t size, struct buf *problems)
{
	json_error_t error;
	json_t *root;

	if (size > FILE_MAX) {
		buf_text(problems, "the file is larger than 256 KiB\n");
		return NULL;
	}
	root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		buf_printf(problems, "line %d: %s\n", error.line < 1 ? 1 : error.line,
			syntax_problem(json_error_code(&error)));
	else if (!json_is_object(root))
		buf_text(problems, "line 1: the file must be one object in braces\n");
	if (json_is_object(root))
		return root;
	json_decref(root);
	return NULL;
}

static enum err
problems_end(struct reading *in, struct request **r, struct request **out)
{
	if (in->n_problems > PROBLEMS_MAX)
		buf_printf(in->problems, "and %zu more\n", in->n_problems - PROBLEMS_MAX);
	if (in->n_problems > 0)
		return E_INPUT;
	*out = TAKE(*r);
	return E_OK;
}

enum err
request_of_object(json_t *root, struct request **out, struct buf *problems)
{
	OWNED(struct request, r, request_free) = request_new();
	struct reading in = {r->arena, problems, 0, ""};

	read_request(&in, root, r);
	return problems_end(&in, &r, out);
}

enum err
request_of_json(const char *text, size_t size, struct request **out, struct buf *problems)
{
	json_t *root = load(text, size, problems);
	enum err e = root == NULL ? E_INPUT : request_of_object(root, out, problems);

	json_decref(root);
	return e;
}

enum err
consents_of_json(const char *text, size_t size, struct request **out, struct buf *problems)
{
	static const char *const keys[] = {"consent", NULL};
	OWNED(struct request, r, request_free) = request_new();
	struct reading in = {r->arena, problems, 0, ""};
	json_t *root = load(text, size, problems);

	if (root == NULL)
		return E_INPUT;
	read_only(&in, root, keys);
	read_consents(&in, root, r);
	json_decref(root);
	return problems_end(&in, &r, out);
}
