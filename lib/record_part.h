/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pieces that civil records and the papers of a case are made of, written and read: runs of
 * simple elements described by tables, names, dates, places, identifiers. Used by lib/record*.c.
 *
 * Writing: qualified names have the prefix of the document; what is in the types' namespace
 * declares its own prefix, so that every piece is canonical where it stands. Pieces that are NULL
 * are left out.
 *
 * Reading: a walk goes through the children of one element in their order and takes them one by
 * one. The first fault is kept, every later step does nothing, the caller asks once. What was not
 * taken at the end is a fault too: nothing unknown is passed over. */
#ifndef DAFTAR_RECORD_PART_H
#define DAFTAR_RECORD_PART_H

#include "lib/record_rule.h"
#include "lib/xml.h"

/* One simple element whose text is kept as a const char * in a struct, and its key in an officer's
 * file. */
struct field {
	const char *element; /* local name */
	const char *key;     /* NULL: not in an officer's file */
	enum rule rule;
	const char *list; /* of codes, for RULE_CODE */
	bool needed;
	size_t at; /* offset of the const char * */
};
#define FIELDS(table) table, ARRAY_LEN(table)

/* What is wrong with a value, NULL when nothing; never names the value. */
const char *value_problem(enum rule rule, const char *list, const char *value);

/* ---- writing ---- */
/* As xml_open and xml_element; `prefix' and `name' make the qualified name. */
void put_fields(
	struct buf *b, const char *prefix, const struct field *f, size_t n, const void *from);
void put_name(struct buf *b, const struct name *n);
void put_date(struct buf *b, const char *qname, const struct record_date *d);
/* `visibility' NULL: no such attribute. */
void put_place(struct buf *b, const char *qname, const struct place *p, const char *visibility);
void put_identifiers(struct buf *b, const struct identifier *list);
void put_documents(struct buf *b, const struct document *list);

/* ---- reading ---- */
struct walk {
	struct arena *arena;
	const char *ns; /* of the elements that are taken by their local name alone */
	const xmlNode *next;
	enum err *err; /* shared by a walk and those into its children */
};
struct walk walk_into(struct arena *a, const char *ns, const xmlNode *parent, enum err *err);
/* Into a root of this name, whose schemaVersion is ours. */
struct walk walk_document(
	struct arena *a, const char *ns, const char *name, const xmlNode *root, enum err *err);
struct walk walk_child(const struct walk *w, const xmlNode *parent);
/* The next element if it has this name; NULL when it has not, which is a fault if it is needed. */
const xmlNode *walk_take(struct walk *w, const char *name);
const xmlNode *walk_need(struct walk *w, const char *name);
const xmlNode *walk_take_of(struct walk *w, const char *ns, const char *name);
/* Nothing may be left. */
void walk_end(struct walk *w);
void walk_fault(struct walk *w);
/* The text of an element, an attribute; a fault when it does not follow the rule. NULL quietly for
 * no element and for an attribute that is not there. */
const char *walk_text(struct walk *w, const xmlNode *node, enum rule rule, const char *list);
const char *walk_attribute(
	struct walk *w, const xmlNode *node, const char *name, enum rule rule, const char *list);
const char *walk_need_attribute(
	struct walk *w, const xmlNode *node, const char *name, enum rule rule, const char *list);
const char *walk_lang(struct walk *w, const xmlNode *node);
/* The element may have these attributes (words with a space between) and no others. */
void walk_only(struct walk *w, const xmlNode *node, const char *names);

void take_fields(struct walk *w, const struct field *f, size_t n, void *into);
void take_name(struct walk *w, struct name *into);
/* The content of a date or place element that was taken; NULL for NULL. */
struct record_date *take_date(struct walk *w, const xmlNode *node);
struct place *take_place(struct walk *w, const xmlNode *node, bool has_visibility);
struct identifier *take_identifiers(struct walk *w);
/* All c:Document that come next, up to 16. */
struct document *take_documents(struct walk *w);
/* Passes over up to four t:Extension; true when there was one. */
bool take_extensions(struct walk *w);

#endif
