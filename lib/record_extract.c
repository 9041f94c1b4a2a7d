/* SPDX-License-Identifier: EUPL-1.2
 *
 * b:CertifiedExtract, written and read. The order of the pieces is the schema's (birth.xsd); writer
 * and reader stand beside each other, piece by piece, so that they can be compared by eye. The seal
 * is verified by lib/seal.h over the bytes; the reader passes over it. */
#include <string.h>

#include "lib/record_part.h"

#define AT(member) offsetof(struct extract, member)
#define PROTECTED "protected"

struct extract *
extract_new(void)
{
	struct arena *a = arena_new();
	struct extract *x = arena_alloc(a, sizeof *x);

	x->arena = a;
	return x;
}

void
extract_free(struct extract **x)
{
	struct extract *old = TAKE(*x);
	struct arena *a = old == NULL ? NULL : old->arena;

	arena_free(&a);
}

/* ---- the entry ---- */

static const struct field ids[] = {
	{"ExtractId", NULL, RULE_UUID, NULL, true, AT(id)},
	{"Kind", NULL, RULE_CODE, "extract-kind", true, AT(kind)},
};
static const struct field entry_numbers[] = {
	{"Number", NULL, RULE_NUMBER, NULL, true, AT(entry.number)},
	{"Volume", NULL, RULE_NUMBER, NULL, false, AT(entry.volume)},
	{"Page", NULL, RULE_NUMBER, NULL, false, AT(entry.page)},
	{"Serial", NULL, RULE_NUMBER, NULL, false, AT(entry.serial)},
	{"Office", NULL, RULE_LINE, NULL, true, AT(entry.office)},
};
static const struct field entry_late[] = {
	{"Late", NULL, RULE_CODE, "late", false, AT(entry.late)},
};

static void
put_entry(struct buf *b, const struct extract *x)
{
	xml_open(b, "b:Entry", NULL);
	put_fields(b, "b", FIELDS(entry_numbers), x);
	put_date(b, "b:RegisteredOn", x->entry.registered_on);
	put_fields(b, "b", FIELDS(entry_late), x);
	xml_close(b, "b:Entry");
}

static void
take_entry(struct walk *w, struct extract *x)
{
	const xmlNode *node = walk_need(w, "Entry");
	struct walk in = walk_child(w, node);

	walk_only(w, node, "");
	take_fields(&in, FIELDS(entry_numbers), x);
	x->entry.registered_on = take_date(&in, walk_take(&in, "RegisteredOn"));
	take_fields(&in, FIELDS(entry_late), x);
	walk_end(&in);
}

/* ---- the person ---- */

static void
put_nationalities(struct buf *b, const struct text_item *list)
{
	for (const struct text_item *t = list; t != NULL; t = t->next) {
		xml_open(
			b, "b:Nationality", "status", t->detail, "visibility", t->visibility, NULL);
		xml_put_text(b, t->value);
		xml_close(b, "b:Nationality");
	}
}

static struct text_item *
take_nationalities(struct walk *w)
{
	struct text_item *first = NULL, **end = &first;
	const xmlNode *node;
	size_t n = 0;

	while ((node = walk_take(w, "Nationality")) != NULL) {
		struct text_item *t = *end = arena_alloc(w->arena, sizeof *t);

		t->detail = walk_attribute(w, node, "status", RULE_CODE, "nationality-status");
		t->visibility = walk_attribute(w, node, "visibility", RULE_CODE, "visibility");
		walk_only(w, node, "status visibility");
		t->value = walk_text(w, node, RULE_NATIONALITY, NULL);
		end = &t->next;
		if (++n > 4)
			walk_fault(w);
	}
	return first;
}

static const struct field sex[] = {
	{"Sex", NULL, RULE_CODE, "sex", true, AT(sex)},
};

static void
put_subject(struct buf *b, const struct extract *x)
{
	xml_open(b, "b:Subject", NULL);
	put_name(b, &x->name);
	put_fields(b, "b", FIELDS(sex), x);
	put_identifiers(b, x->identifier);
	put_nationalities(b, x->nationality);
	xml_close(b, "b:Subject");
}

static void
take_subject(struct walk *w, struct extract *x)
{
	const xmlNode *node = walk_need(w, "Subject");
	struct walk in = walk_child(w, node);

	walk_only(w, node, "");
	take_name(&in, &x->name);
	take_fields(&in, FIELDS(sex), x);
	x->identifier = take_identifiers(&in);
	x->nationality = take_nationalities(&in);
	walk_end(&in);
}

/* ---- the birth ---- */

static const struct field multiplicity[] = {
	{"Multiplicity", NULL, RULE_CODE, "multiplicity", false, AT(multiplicity)},
};

static void
put_birth(struct buf *b, const struct extract *x)
{
	xml_open(b, "b:Birth", NULL);
	put_date(b, "b:Date", &x->birth_date);
	if (x->birth_time != NULL) {
		xml_open(b, "b:Time", "value", x->birth_clock, NULL);
		xml_put_text(b, x->birth_time);
		xml_close(b, "b:Time");
	}
	put_place(b, "b:Place", &x->birth_place, NULL);
	put_fields(b, "b", FIELDS(multiplicity), x);
	xml_close(b, "b:Birth");
}

static void
take_birth(struct walk *w, struct extract *x)
{
	const xmlNode *node = walk_need(w, "Birth"), *time;
	struct walk in = walk_child(w, node);
	const struct record_date *date;
	const struct place *place;

	walk_only(w, node, "");
	date = take_date(&in, walk_need(&in, "Date"));
	time = walk_take(&in, "Time");
	x->birth_clock = walk_attribute(&in, time, "value", RULE_CLOCK, NULL);
	walk_only(&in, time, "value");
	x->birth_time = walk_text(&in, time, RULE_SHORT, NULL);
	place = take_place(&in, walk_need(&in, "Place"), false);
	take_fields(&in, FIELDS(multiplicity), x);
	walk_end(&in);
	if (date != NULL && place != NULL) {
		x->birth_date = *date;
		x->birth_place = *place;
	}
}

/* ---- parents ---- */

static void
put_parents(struct buf *b, const struct parent *list)
{
	for (const struct parent *p = list; p != NULL; p = p->next) {
		xml_open(b, "b:Parent", "role", p->role, "visibility", p->visibility, NULL);
		put_name(b, &p->name);
		put_date(b, "b:BirthDate", p->birth_date);
		put_place(b, "b:BirthPlace", p->birth_place, NULL);
		put_nationalities(b, p->nationality);
		put_identifiers(b, p->identifier);
		put_place(b, "b:Residence", p->residence, PROTECTED);
		if (p->marital_status != NULL) {
			xml_open(b, "b:MaritalStatus", "visibility", PROTECTED, NULL);
			xml_put_text(b, p->marital_status);
			xml_close(b, "b:MaritalStatus");
		}
		xml_close(b, "b:Parent");
	}
}

/* Residence, marital status and declarant are protected particulars: the mark must be there. */
static void
need_protected(struct walk *w, const xmlNode *node)
{
	const char *v = walk_need_attribute(w, node, "visibility", RULE_CODE, "visibility");

	if (v != NULL && strcmp(v, PROTECTED) != 0)
		walk_fault(w);
}

static struct parent *
take_parent(struct walk *w, const xmlNode *node)
{
	struct parent *p = arena_alloc(w->arena, sizeof *p);
	struct walk in = walk_child(w, node);
	const xmlNode *at;

	p->role = walk_need_attribute(w, node, "role", RULE_CODE, "parent-role");
	p->visibility = walk_attribute(w, node, "visibility", RULE_CODE, "visibility");
	walk_only(w, node, "role visibility");
	take_name(&in, &p->name);
	p->birth_date = take_date(&in, walk_take(&in, "BirthDate"));
	p->birth_place = take_place(&in, walk_take(&in, "BirthPlace"), false);
	p->nationality = take_nationalities(&in);
	p->identifier = take_identifiers(&in);
	at = walk_take(&in, "Residence");
	need_protected(&in, at);
	p->residence = take_place(&in, at, true);
	at = walk_take(&in, "MaritalStatus");
	need_protected(&in, at);
	walk_only(&in, at, "visibility");
	p->marital_status = walk_text(&in, at, RULE_CODE, "marital-status");
	walk_end(&in);
	return p;
}

static void
take_parents(struct walk *w, struct extract *x)
{
	struct parent **end = &x->parents;
	const xmlNode *node;
	size_t n = 0;

	while ((node = walk_take(w, "Parent")) != NULL) {
		*end = take_parent(w, node);
		end = &(*end)->next;
		if (++n > 4)
			walk_fault(w);
	}
}

static void
put_declarant(struct buf *b, const struct extract *x)
{
	if (x->declarant == NULL)
		return;
	xml_open(b, "b:Declarant", "relation", x->declarant, "visibility", PROTECTED, NULL);
	xml_close(b, "b:Declarant");
}

static void
take_declarant(struct walk *w, struct extract *x)
{
	const xmlNode *node = walk_take(w, "Declarant");

	x->declarant = walk_need_attribute(w, node, "relation", RULE_CODE, "declarant");
	need_protected(w, node);
	walk_only(w, node, "relation visibility");
	if (node != NULL && node->children != NULL)
		walk_fault(w);
}

/* ---- annotations, texts, redactions ---- */

static void
put_annotations(struct buf *b, const struct text_item *list)
{
	for (const struct text_item *t = list; t != NULL; t = t->next) {
		xml_open(b, "b:Annotation", "date", t->date, "kind", t->value, "visibility",
			t->visibility, NULL);
		xml_put_text(b, t->detail != NULL ? t->detail : "");
		xml_close(b, "b:Annotation");
	}
}

static void
take_annotations(struct walk *w, struct extract *x)
{
	struct text_item **end = &x->annotation;
	const xmlNode *node;
	size_t n = 0;

	while ((node = walk_take(w, "Annotation")) != NULL) {
		struct text_item *t = *end = arena_alloc(w->arena, sizeof *t);

		t->date = walk_attribute(w, node, "date", RULE_DAY, NULL);
		t->value = walk_need_attribute(w, node, "kind", RULE_CODE, "annotation");
		t->visibility = walk_attribute(w, node, "visibility", RULE_CODE, "visibility");
		walk_only(w, node, "date kind visibility");
		t->detail = walk_text(w, node, RULE_TEXT, NULL);
		end = &t->next;
		if (++n > 32)
			walk_fault(w);
	}
}

static void
put_act_texts(struct buf *b, const char *qname, const struct act_text *list)
{
	for (const struct act_text *t = list; t != NULL; t = t->next) {
		xml_open(b, qname, "by", t->by, "xml:lang", t->lang, NULL);
		xml_put_text(b, t->text);
		xml_close(b, qname);
	}
}

static struct act_text *
take_act_texts(struct walk *w, const char *name, bool translated)
{
	struct act_text *first = NULL, **end = &first;
	const xmlNode *node;
	size_t n = 0;

	while ((node = walk_take(w, name)) != NULL) {
		struct act_text *t = *end = arena_alloc(w->arena, sizeof *t);

		if (translated)
			t->by = walk_need_attribute(w, node, "by", RULE_SHORT, NULL);
		t->lang = walk_lang(w, node);
		walk_only(w, node, translated ? "by xml:lang" : "xml:lang");
		t->text = walk_text(w, node, RULE_ACT, NULL);
		end = &t->next;
		if (++n > 3)
			walk_fault(w);
	}
	return first;
}

static void
put_redactions(struct buf *b, const struct text_item *list)
{
	for (const struct text_item *t = list; t != NULL; t = t->next) {
		xml_open(b, "b:Redaction", "field", t->value, "reason", t->detail, NULL);
		xml_close(b, "b:Redaction");
	}
}

static void
take_redactions(struct walk *w, struct extract *x)
{
	struct text_item **end = &x->redaction;
	const xmlNode *node;
	size_t n = 0;

	while ((node = walk_take(w, "Redaction")) != NULL) {
		struct text_item *t = *end = arena_alloc(w->arena, sizeof *t);

		t->value = walk_need_attribute(w, node, "field", RULE_PATH, NULL);
		t->detail = walk_need_attribute(w, node, "reason", RULE_CODE, "redaction");
		walk_only(w, node, "field reason");
		end = &t->next;
		if (node->children != NULL || ++n > 32)
			walk_fault(w);
	}
}

/* ---- certification ---- */

static const struct field certification[] = {
	{"Officer", NULL, RULE_SHORT, NULL, true, AT(certifier)},
	{"Office", NULL, RULE_LINE, NULL, true, AT(certified_office)},
	{"IssuedOn", NULL, RULE_DAY, NULL, true, AT(issued_on)},
	{"Place", NULL, RULE_LINE, NULL, true, AT(issued_place)},
};
static const struct field validity[] = {
	{"ValidUntil", NULL, RULE_DAY, NULL, false, AT(valid_until)},
};

static void
put_consent_ref(struct buf *b, const struct extract *x)
{
	if (x->consent_digest == NULL)
		return;
	xml_open(b, "b:ConsentRef", "digest", x->consent_digest, "digestAlg", "sha256", NULL);
	xml_close(b, "b:ConsentRef");
}

static void
take_consent_ref(struct walk *w, struct extract *x)
{
	const xmlNode *node = walk_take(w, "ConsentRef");
	const char *alg = walk_need_attribute(w, node, "digestAlg", RULE_CODE, NULL);

	x->consent_digest = walk_need_attribute(w, node, "digest", RULE_DIGEST, NULL);
	walk_only(w, node, "digest digestAlg");
	if (alg != NULL && (strcmp(alg, "sha256") != 0 || node->children != NULL))
		walk_fault(w);
}

static void
take_certification(struct walk *w, struct extract *x)
{
	const xmlNode *node = walk_need(w, "Certification");
	struct walk in = walk_child(w, node);

	walk_only(w, node, "");
	take_fields(&in, FIELDS(certification), x);
	walk_end(&in);
}

/* ---- the document ---- */

void
extract_compose(const struct extract *x, struct buf *out)
{
	xml_open(out, "b:CertifiedExtract", "xmlns:b", NS_BIRTH, "schemaVersion", "1.0", NULL);
	put_fields(out, "b", FIELDS(ids), x);
	put_entry(out, x);
	put_subject(out, x);
	put_birth(out, x);
	put_parents(out, x->parents);
	put_declarant(out, x);
	put_annotations(out, x->annotation);
	put_act_texts(out, "b:VerbatimText", x->verbatim);
	put_act_texts(out, "b:Translation", x->translation);
	put_redactions(out, x->redaction);
	put_consent_ref(out, x);
	xml_open(out, "b:Certification", NULL);
	put_fields(out, "b", FIELDS(certification), x);
	xml_close(out, "b:Certification");
	put_fields(out, "b", FIELDS(validity), x);
	xml_close(out, "b:CertifiedExtract");
}

static enum err
take_extract(const xmlNode *root, struct extract *x)
{
	enum err err = E_OK;
	struct walk w = walk_document(x->arena, NS_BIRTH, "CertifiedExtract", root, &err);

	take_fields(&w, FIELDS(ids), x);
	take_entry(&w, x);
	take_subject(&w, x);
	take_birth(&w, x);
	take_parents(&w, x);
	take_declarant(&w, x);
	take_annotations(&w, x);
	x->verbatim = take_act_texts(&w, "VerbatimText", false);
	x->translation = take_act_texts(&w, "Translation", true);
	take_redactions(&w, x);
	take_consent_ref(&w, x);
	take_certification(&w, x);
	take_fields(&w, FIELDS(validity), x);
	x->extension = take_extensions(&w) ? "t:Extension" : NULL;
	(void)walk_take_of(&w, NS_DSIG, "Signature");
	walk_end(&w);
	return err;
}

enum err
extract_parse(struct bytes doc, struct extract **out)
{
	OWNED(xmlDoc, d, xml_free) = NULL;
	OWNED(struct extract, x, extract_free) = extract_new();

	TRY(xml_parse(doc, &d));
	TRY(take_extract(xml_root(d), x));
	*out = TAKE(x);
	return E_OK;
}
