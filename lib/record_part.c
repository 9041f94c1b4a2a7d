/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pieces of records, written and read: see the header. The writer trusts its structs and leaves out
 * what is not there; whether the result is a valid document is for the schema to say. The reader
 * trusts nothing, though its documents were validated before. */
#include <stdio.h>
#include <string.h>

#include "lib/record_part.h"

#define QNAME_SIZE 64

const char *
value_problem(enum rule rule, const char *list, const char *value)
{
	if (rule == RULE_CODE && list != NULL && !code_known(list, value))
		return rule_problem(RULE_CODE, NULL);
	return rule_problem(rule, value);
}

/* ---- writing ---- */

static const char *
text_at(const void *base, size_t offset)
{
	const char *text;

	memcpy(&text, (const char *)base + offset, sizeof text);
	return text;
}

void
put_fields(struct buf *b, const char *prefix, const struct field *f, size_t n, const void *from)
{
	char qname[QNAME_SIZE];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(qname, sizeof qname, "%s:%s", prefix, f[i].element);
		xml_element(b, qname, text_at(from, f[i].at));
	}
}

static void
put_form(struct buf *b, const struct name_form *f)
{
	xml_open(b, "t:Form", "authoritative", f->authoritative ? "true" : NULL, "script",
		f->script, "system", f->system, "xml:lang", f->lang, NULL);
	xml_element(b, "t:Full", f->full);
	for (const struct name_part *p = f->parts; p != NULL; p = p->next) {
		xml_open(b, "t:Part", "kind", p->kind, NULL);
		xml_put_text(b, p->value);
		xml_close(b, "t:Part");
	}
	if (f->no_family_name)
		xml_element(b, "t:NoFamilyName", "");
	xml_close(b, "t:Form");
}

void
put_name(struct buf *b, const struct name *n)
{
	if (n->forms == NULL)
		return;
	xml_open(b, "t:Name", "xmlns:t", NS_TYPES, NULL);
	for (const struct name_form *f = n->forms; f != NULL; f = f->next)
		put_form(b, f);
	xml_close(b, "t:Name");
}

void
put_date(struct buf *b, const char *qname, const struct record_date *d)
{
	if (d == NULL || d->authored == NULL)
		return;
	xml_open(b, qname, "basis", d->basis, "calendar", d->calendar, "value", d->value, NULL);
	xml_put_text(b, d->authored);
	xml_close(b, qname);
}

void
put_place(struct buf *b, const char *qname, const struct place *p, const char *visibility)
{
	if (p == NULL || p->text == NULL)
		return;
	xml_open(b, qname, "country", p->country, "iso", p->iso, "pcode", p->pcode, "visibility",
		visibility, NULL);
	xml_put_text(b, p->text);
	xml_close(b, qname);
}

void
put_identifiers(struct buf *b, const struct identifier *list)
{
	for (const struct identifier *i = list; i != NULL; i = i->next) {
		xml_open(b, "t:Identifier", "xmlns:t", NS_TYPES, "issuingCountry", i->country,
			"normalized", i->normalized, "scheme", i->scheme, "visibility",
			i->visibility, NULL);
		xml_put_text(b, i->value);
		xml_close(b, "t:Identifier");
	}
}

/* ---- the walk ---- */

void
walk_fault(struct walk *w)
{
	if (*w->err == E_OK)
		*w->err = E_SCHEMA;
}

/* Only elements may stand between elements: canonical documents have no white space there. */
static const xmlNode *
element_or_fault(struct walk *w, const xmlNode *node)
{
	if (node != NULL && node->type != XML_ELEMENT_NODE) {
		walk_fault(w);
		return NULL;
	}
	return node;
}

struct walk
walk_into(struct arena *a, const char *ns, const xmlNode *parent, enum err *err)
{
	struct walk w = {a, ns, NULL, err};

	if (parent != NULL)
		w.next = element_or_fault(&w, parent->children);
	return w;
}

struct walk
walk_child(const struct walk *w, const xmlNode *parent)
{
	return walk_into(w->arena, w->ns, parent, w->err);
}

const xmlNode *
walk_take_of(struct walk *w, const char *ns, const char *name)
{
	const xmlNode *node = w->next;

	if (*w->err != E_OK || !xml_is(node, ns, name))
		return NULL;
	w->next = element_or_fault(w, node->next);
	return node;
}

const xmlNode *
walk_take(struct walk *w, const char *name)
{
	return walk_take_of(w, w->ns, name);
}

const xmlNode *
walk_need(struct walk *w, const char *name)
{
	const xmlNode *node = walk_take(w, name);

	if (node == NULL)
		walk_fault(w);
	return node;
}

void
walk_end(struct walk *w)
{
	if (w->next != NULL)
		walk_fault(w);
}

static const char *
checked(struct walk *w, const char *value, enum rule rule, const char *list)
{
	if (value == NULL || value_problem(rule, list, value) != NULL) {
		walk_fault(w);
		return NULL;
	}
	return value;
}

const char *
walk_text(struct walk *w, const xmlNode *node, enum rule rule, const char *list)
{
	return node == NULL ? NULL : checked(w, xml_text(w->arena, node), rule, list);
}

const char *
walk_attribute(
	struct walk *w, const xmlNode *node, const char *name, enum rule rule, const char *list)
{
	const char *value = xml_attribute(w->arena, node, name);

	return value == NULL ? NULL : checked(w, value, rule, list);
}

const char *
walk_need_attribute(
	struct walk *w, const xmlNode *node, const char *name, enum rule rule, const char *list)
{
	if (node == NULL)
		return NULL;
	return checked(w, xml_attribute(w->arena, node, name), rule, list);
}

static bool
is_lang(const xmlAttr *at)
{
	return at->ns != NULL && xmlStrEqual(at->ns->href, XML_XML_NAMESPACE) &&
	       strcmp((const char *)at->name, "lang") == 0;
}

const char *
walk_lang(struct walk *w, const xmlNode *node)
{
	const xmlAttr *at = node == NULL ? NULL : node->properties;

	while (at != NULL && !is_lang(at))
		at = at->next;
	if (at == NULL || at->children == NULL || at->children->next != NULL ||
		at->children->type != XML_TEXT_NODE) {
		walk_fault(w);
		return NULL;
	}
	return checked(
		w, arena_text(w->arena, (const char *)at->children->content), RULE_LANGUAGE, NULL);
}

static bool
is_among(const char *names, const char *name)
{
	size_t size = strlen(name);

	for (const char *at = names; (at = strstr(at, name)) != NULL; at += size)
		if ((at == names || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
			return true;
	return false;
}

void
walk_only(struct walk *w, const xmlNode *node, const char *names)
{
	for (const xmlAttr *at = node == NULL ? NULL : node->properties; at != NULL; at = at->next)
		if (!is_among(names, is_lang(at) ? "xml:lang" : (const char *)at->name) ||
			(at->ns != NULL && !is_lang(at)))
			walk_fault(w);
}

struct walk
walk_document(struct arena *a, const char *ns, const char *name, const xmlNode *root, enum err *err)
{
	struct walk w = walk_into(a, ns, root, err);
	const char *version = walk_need_attribute(&w, root, "schemaVersion", RULE_CODE, NULL);

	walk_only(&w, root, "schemaVersion");
	if (!xml_is(root, ns, name) || version == NULL || strcmp(version, "1.0") != 0)
		walk_fault(&w);
	return w;
}

/* ---- reading pieces ---- */

void
take_fields(struct walk *w, const struct field *f, size_t n, void *into)
{
	for (size_t i = 0; i < n; i++) {
		const xmlNode *node = walk_take(w, f[i].element);
		const char *text = walk_text(w, node, f[i].rule, f[i].list);

		walk_only(w, node, "");
		if (node == NULL && f[i].needed)
			walk_fault(w);
		memcpy((char *)into + f[i].at, &text, sizeof text);
	}
}

static struct name_part *
take_parts(struct walk *w)
{
	struct name_part *first = NULL, **end = &first;
	const xmlNode *node;
	size_t n = 0;

	while ((node = walk_take_of(w, NS_TYPES, "Part")) != NULL) {
		*end = arena_alloc(w->arena, sizeof **end);
		(*end)->kind = walk_need_attribute(w, node, "kind", RULE_CODE, "name-part");
		(*end)->value = walk_text(w, node, RULE_NAME_PART, NULL);
		walk_only(w, node, "kind");
		end = &(*end)->next;
		if (++n > 12)
			walk_fault(w);
	}
	return first;
}

static struct name_form *
take_form(struct walk *names, const xmlNode *node)
{
	struct name_form *f = arena_alloc(names->arena, sizeof *f);
	struct walk w = walk_child(names, node);
	const char *authoritative = walk_attribute(&w, node, "authoritative", RULE_CODE, NULL);
	const xmlNode *full, *none;

	if (authoritative != NULL && strcmp(authoritative, "true") != 0)
		walk_fault(&w);
	f->authoritative = authoritative != NULL;
	f->script = walk_need_attribute(&w, node, "script", RULE_SCRIPT, NULL);
	f->system = walk_attribute(&w, node, "system", RULE_SYSTEM, NULL);
	f->lang = walk_lang(&w, node);
	walk_only(&w, node, "authoritative script system xml:lang");
	full = walk_need(&w, "Full");
	walk_only(&w, full, "");
	f->full = walk_text(&w, full, RULE_NAME, NULL);
	f->parts = take_parts(&w);
	none = walk_take(&w, "NoFamilyName");
	f->no_family_name = none != NULL;
	if (none != NULL && (none->children != NULL || none->properties != NULL))
		walk_fault(&w);
	walk_end(&w);
	return f;
}

void
take_name(struct walk *w, struct name *into)
{
	const xmlNode *node = walk_take_of(w, NS_TYPES, "Name");
	struct walk forms = walk_into(w->arena, NS_TYPES, node, w->err);
	struct name_form **end = &into->forms;
	size_t n = 0;

	if (node == NULL)
		walk_fault(w);
	walk_only(w, node, "");
	while ((node = walk_take(&forms, "Form")) != NULL) {
		*end = take_form(&forms, node);
		end = &(*end)->next;
		if (++n > 6)
			walk_fault(w);
	}
	walk_end(&forms);
	if (*w->err == E_OK && name_problem(into) != NULL)
		walk_fault(w);
}

struct record_date *
take_date(struct walk *w, const xmlNode *node)
{
	struct record_date *d;

	if (node == NULL)
		return NULL;
	d = arena_alloc(w->arena, sizeof *d);
	d->basis = walk_need_attribute(w, node, "basis", RULE_CODE, "basis");
	d->calendar = walk_need_attribute(w, node, "calendar", RULE_CODE, "calendar");
	d->value = walk_need_attribute(w, node, "value", RULE_EDTF, NULL);
	walk_only(w, node, "basis calendar value");
	d->authored = walk_text(w, node, RULE_SHORT, NULL);
	return d;
}

struct place *
take_place(struct walk *w, const xmlNode *node, bool has_visibility)
{
	struct place *p;

	if (node == NULL)
		return NULL;
	p = arena_alloc(w->arena, sizeof *p);
	p->country = walk_need_attribute(w, node, "country", RULE_COUNTRY, NULL);
	p->iso = walk_attribute(w, node, "iso", RULE_SUBDIVISION, NULL);
	p->pcode = walk_attribute(w, node, "pcode", RULE_PCODE, NULL);
	walk_only(w, node, has_visibility ? "country iso pcode visibility" : "country iso pcode");
	p->text = walk_text(w, node, RULE_LINE, NULL);
	return p;
}

struct identifier *
take_identifiers(struct walk *w)
{
	struct identifier *first = NULL, **end = &first;
	const xmlNode *node;
	size_t n = 0;

	while ((node = walk_take_of(w, NS_TYPES, "Identifier")) != NULL) {
		struct identifier *i = *end = arena_alloc(w->arena, sizeof *i);

		i->country = walk_need_attribute(w, node, "issuingCountry", RULE_COUNTRY, NULL);
		i->normalized = walk_attribute(w, node, "normalized", RULE_NORMALIZED, NULL);
		i->scheme = walk_need_attribute(w, node, "scheme", RULE_SCHEME, NULL);
		i->visibility = walk_attribute(w, node, "visibility", RULE_CODE, "visibility");
		walk_only(w, node, "issuingCountry normalized scheme visibility");
		i->value = walk_text(w, node, RULE_VALUE, NULL);
		end = &i->next;
		if (++n > 8)
			walk_fault(w);
	}
	return first;
}

bool
take_extensions(struct walk *w)
{
	size_t n = 0;

	while (n < 4 && walk_take_of(w, NS_TYPES, "Extension") != NULL)
		n++;
	return n > 0;
}
