/* SPDX-License-Identifier: EUPL-1.2
 *
 * c:TranscriptionOutcome, written and read. Each result is a row of one table: its word, and what
 * it holds; what a result does not hold is not written, whatever else the struct carries. */
#include <string.h>

#include "lib/record_part.h"

#define AT(member) offsetof(struct outcome, member)

struct outcome *
outcome_new(void)
{
	struct arena *a = arena_new();
	struct outcome *o = arena_alloc(a, sizeof *o);

	o->arena = a;
	return o;
}

void
outcome_free(struct outcome **o)
{
	struct outcome *old = TAKE(*o);
	struct arena *a = old == NULL ? NULL : old->arena;

	arena_free(&a);
}

/* ---- what the results hold ---- */

static const struct field transcribed[] = {
	{"Register", NULL, RULE_LINE, NULL, true, AT(register_name)},
	{"EntryNumber", NULL, RULE_NUMBER, NULL, true, AT(entry_number)},
	{"EnteredOn", NULL, RULE_DAY, NULL, true, AT(entered_on)},
	{"Office", NULL, RULE_LINE, NULL, true, AT(office)},
};
static const struct field already[] = {
	{"Register", NULL, RULE_LINE, NULL, false, AT(register_name)},
	{"EntryNumber", NULL, RULE_NUMBER, NULL, true, AT(entry_number)},
	{"EnteredOn", NULL, RULE_DAY, NULL, true, AT(entered_on)},
	{"Office", NULL, RULE_LINE, NULL, false, AT(office)},
};
static const struct field refused[] = {
	{"Explanation", NULL, RULE_TEXT, NULL, false, AT(explanation)},
};
static const struct field appeal[] = {
	{"LegalProvision", NULL, RULE_LINE, NULL, true, AT(legal_provision)},
	{"AppealBody", NULL, RULE_LINE, NULL, true, AT(appeal_body)},
	{"AppealBy", NULL, RULE_DAY, NULL, true, AT(appeal_by)},
};
static const struct field tacit[] = {
	{"Deadline", NULL, RULE_DAY, NULL, true, AT(until)},
	{"Provision", NULL, RULE_LINE, NULL, true, AT(legal_provision)},
};
static const struct field deferred_until[] = {
	{"Until", NULL, RULE_DAY, NULL, true, AT(until)},
};
static const struct field deferred_since[] = {
	{"VerificationOpenedOn", NULL, RULE_DAY, NULL, false, AT(verification_opened)},
};

static void
put_entered_as(struct buf *b, const struct outcome *o)
{
	if (o->entered_as == NULL)
		return;
	xml_open(b, "c:EnteredAs", "rule", o->name_rule, NULL);
	xml_put_text(b, o->entered_as);
	xml_close(b, "c:EnteredAs");
}

static void
take_entered_as(struct walk *w, struct outcome *o)
{
	const xmlNode *node = walk_take(w, "EnteredAs");

	o->name_rule = walk_attribute(w, node, "rule", RULE_CODE, "name-rule");
	walk_only(w, node, "rule");
	o->entered_as = walk_text(w, node, RULE_LINE, NULL);
}

static void
put_transcribed(struct buf *b, const struct outcome *o)
{
	put_fields(b, "c", FIELDS(transcribed), o);
	put_entered_as(b, o);
}

static void
take_transcribed(struct walk *w, struct outcome *o)
{
	take_fields(w, FIELDS(transcribed), o);
	take_entered_as(w, o);
}

static void
take_already(struct walk *w, struct outcome *o)
{
	take_fields(w, FIELDS(already), o);
	take_entered_as(w, o);
}

static bool
is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static void
put_refused(struct buf *b, const struct outcome *o)
{
	for (const struct text_item *t = o->reason; t != NULL; t = t->next)
		xml_element(b, "c:ReasonCode", t->value);
	put_fields(b, "c", FIELDS(refused), o);
	if (is_given(o->legal_provision) && is_given(o->appeal_body) && is_given(o->appeal_by))
		put_fields(b, "c", FIELDS(appeal), o);
}

/* A registrar's refusal can be appealed, and says where and until when. */
static bool
needs_appeal(const struct outcome *o)
{
	for (const struct text_item *t = o->reason; t != NULL; t = t->next)
		if (t->value != NULL && t->value[0] == 'L')
			return true;
	return false;
}

static void
take_refused(struct walk *w, struct outcome *o)
{
	struct text_item **end = &o->reason;
	const xmlNode *node;
	size_t n = 0;

	while ((node = walk_take(w, "ReasonCode")) != NULL) {
		*end = arena_alloc(w->arena, sizeof **end);
		(*end)->value = walk_text(w, node, RULE_CODE, "refusal");
		walk_only(w, node, "");
		end = &(*end)->next;
		n++;
	}
	if (n < 1 || n > 8)
		walk_fault(w);
	take_fields(w, FIELDS(refused), o);
	if (w->next != NULL || needs_appeal(o))
		take_fields(w, FIELDS(appeal), o);
}

static void
put_tacit(struct buf *b, const struct outcome *o)
{
	put_fields(b, "c", FIELDS(tacit), o);
}

static void
take_tacit(struct walk *w, struct outcome *o)
{
	take_fields(w, FIELDS(tacit), o);
}

static void
put_deferred(struct buf *b, const struct outcome *o)
{
	put_fields(b, "c", FIELDS(deferred_until), o);
	xml_element(b, "c:Reason", o->reason != NULL ? o->reason->value : NULL);
	put_fields(b, "c", FIELDS(deferred_since), o);
}

static void
take_deferred(struct walk *w, struct outcome *o)
{
	const xmlNode *node;

	take_fields(w, FIELDS(deferred_until), o);
	node = walk_need(w, "Reason");
	o->reason = arena_alloc(w->arena, sizeof *o->reason);
	o->reason->value = walk_text(w, node, RULE_CODE, "query");
	walk_only(w, node, "");
	take_fields(w, FIELDS(deferred_since), o);
}

static const struct {
	const char *word;
	const char *qname;
	void (*put)(struct buf *b, const struct outcome *o);
	void (*take)(struct walk *w, struct outcome *o);
} results[] = {
	[OUTCOME_TRANSCRIBED] = {"Transcribed", "c:Transcribed", put_transcribed, take_transcribed},
	[OUTCOME_ALREADY] = {"AlreadyTranscribed", "c:AlreadyTranscribed", put_transcribed,
		take_already},
	[OUTCOME_REFUSED] = {"Refused", "c:Refused", put_refused, take_refused},
	[OUTCOME_TACIT] = {"TacitRefusal", "c:TacitRefusal", put_tacit, take_tacit},
	[OUTCOME_DEFERRED] = {"Deferred", "c:Deferred", put_deferred, take_deferred},
};

const char *
outcome_word(const struct outcome *o)
{
	return results[o->result].word;
}

/* ---- the document ---- */

static void
put_answers(struct buf *b, const struct outcome *o)
{
	char id[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE];

	id_format(&o->answers, id);
	digest_format(&o->answers_digest, digest);
	xml_open(b, "c:Answers", "digest", digest, "digestAlg", "sha256", "id", id, NULL);
	xml_close(b, "c:Answers");
	if (o->extract_id == NULL)
		return;
	xml_open(b, "c:ForExtract", "id", o->extract_id, NULL);
	xml_close(b, "c:ForExtract");
}

static void
take_answers(struct walk *w, struct outcome *o)
{
	const xmlNode *node = walk_need(w, "Answers");
	const char *alg = walk_need_attribute(w, node, "digestAlg", RULE_CODE, NULL);
	const char *id = walk_need_attribute(w, node, "id", RULE_UUID, NULL);
	const char *digest = walk_need_attribute(w, node, "digest", RULE_DIGEST, NULL);

	walk_only(w, node, "digest digestAlg id");
	if (alg == NULL || id == NULL || digest == NULL)
		return;
	if (strcmp(alg, "sha256") != 0 || !id_parse(id, &o->answers) ||
		!digest_parse(digest, &o->answers_digest) || node->children != NULL)
		walk_fault(w);
	node = walk_take(w, "ForExtract");
	o->extract_id = walk_need_attribute(w, node, "id", RULE_UUID, NULL);
	walk_only(w, node, "id");
	if (node != NULL && node->children != NULL)
		walk_fault(w);
}

void
outcome_compose(const struct outcome *o, struct buf *out)
{
	assert(o->result < ARRAY_LEN(results));
	xml_open(out, "c:TranscriptionOutcome", "xmlns:c", NS_CASE, "schemaVersion", "1.0", NULL);
	put_answers(out, o);
	xml_open(out, results[o->result].qname, NULL);
	results[o->result].put(out, o);
	xml_close(out, results[o->result].qname);
	xml_close(out, "c:TranscriptionOutcome");
}

static void
take_result(struct walk *w, struct outcome *o)
{
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		const xmlNode *node = walk_take(w, results[i].word);
		struct walk in = walk_child(w, node);

		if (node == NULL)
			continue;
		o->result = i;
		walk_only(w, node, "");
		results[i].take(&in, o);
		walk_end(&in);
		return;
	}
	walk_fault(w);
}

enum err
outcome_parse(struct bytes doc, struct outcome **out)
{
	OWNED(xmlDoc, d, xml_free) = NULL;
	OWNED(struct outcome, o, outcome_free) = outcome_new();
	enum err err = E_OK;
	struct walk w;

	TRY(xml_parse(doc, &d));
	w = walk_document(o->arena, NS_CASE, "TranscriptionOutcome", xml_root(d), &err);
	take_answers(&w, o);
	take_result(&w, o);
	(void)take_extensions(&w);
	walk_end(&w);
	TRY(err);
	*out = TAKE(o);
	return E_OK;
}
