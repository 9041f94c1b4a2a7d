/* SPDX-License-Identifier: EUPL-1.2
 *
 * One row for each particular: where it hangs in the struct is also how it is asked for and how it
 * is dropped. tests/unit/test_extract_fields.c holds the rows against the elements of birth.xsd, so
 * that a new particular cannot be forgotten here. */
#include "lib/extract_fields.h"

#include <stddef.h>
#include <string.h>

enum kind {
	CORE,	  /* always allowed */
	COMMON,	  /* allowed where there is no list */
	PROTECTED /* allowed where a list names it, never otherwise */
};

struct particular {
	const char *path;
	enum kind kind;
	bool of_parent;	  /* `at' is in each parent */
	size_t at;	  /* of a pointer; unused in the core */
	const char *told; /* what the redaction names, NULL: the path */
};

#define IN_EXTRACT(member) false, offsetof(struct extract, member), NULL
#define IN_PARENT(member) true, offsetof(struct parent, member), NULL
#define NOWHERE false, 0, NULL

static const struct particular particulars[] = {
	{"b:ExtractId", CORE, NOWHERE},
	{"b:Kind", CORE, NOWHERE},
	{"b:Entry/b:Number", CORE, NOWHERE},
	{"b:Entry/b:Volume", COMMON, IN_EXTRACT(entry.volume)},
	{"b:Entry/b:Page", COMMON, IN_EXTRACT(entry.page)},
	{"b:Entry/b:Serial", COMMON, IN_EXTRACT(entry.serial)},
	{"b:Entry/b:Office", CORE, NOWHERE},
	{"b:Entry/b:RegisteredOn", CORE, NOWHERE},
	{"b:Entry/b:Late", COMMON, IN_EXTRACT(entry.late)},
	{"b:Subject/t:Name", CORE, NOWHERE},
	{"b:Subject/b:Sex", CORE, NOWHERE},
	{"b:Subject/t:Identifier", COMMON, IN_EXTRACT(identifier)},
	{"b:Subject/b:Nationality", COMMON, IN_EXTRACT(nationality)},
	{"b:Birth/b:Date", CORE, NOWHERE},
	{"b:Birth/b:Time", COMMON, IN_EXTRACT(birth_time)},
	{"b:Birth/b:Time", COMMON, IN_EXTRACT(birth_clock)},
	{"b:Birth/b:Place", CORE, NOWHERE},
	{"b:Birth/b:Multiplicity", COMMON, IN_EXTRACT(multiplicity)},
	/* No parent without a name: this row is before those of its particulars. */
	{"b:Parent/t:Name", COMMON, false, offsetof(struct extract, parents), "b:Parent"},
	{"b:Parent/b:BirthDate", COMMON, IN_PARENT(birth_date)},
	{"b:Parent/b:BirthPlace", COMMON, IN_PARENT(birth_place)},
	{"b:Parent/b:Nationality", COMMON, IN_PARENT(nationality)},
	{"b:Parent/t:Identifier", COMMON, IN_PARENT(identifier)},
	{"b:Parent/b:Residence", PROTECTED, IN_PARENT(residence)},
	{"b:Parent/b:MaritalStatus", PROTECTED, IN_PARENT(marital_status)},
	{"b:Declarant", PROTECTED, IN_EXTRACT(declarant)},
	{"b:Annotation", COMMON, IN_EXTRACT(annotation)},
	{"b:VerbatimText", COMMON, IN_EXTRACT(verbatim)},
	{"b:Translation", COMMON, IN_EXTRACT(translation)},
	{"b:Redaction", CORE, NOWHERE},
	{"b:ConsentRef", CORE, NOWHERE},
	{"b:Certification", CORE, NOWHERE},
	{"b:ValidUntil", CORE, NOWHERE},
	{"t:Extension", COMMON, IN_EXTRACT(extension)},
};

/* ---- lists ---- */

/* Is it the listed element, or below it? */
static bool
is_below(const char *path, const char *listed)
{
	size_t n = strlen(listed);

	return strncmp(path, listed, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

static bool
is_allowed(const struct particular *p, const char *const *allowed, size_t n)
{
	if (p->kind == CORE)
		return true;
	if (n == 0)
		return p->kind == COMMON;
	for (size_t i = 0; i < n; i++)
		if (is_below(p->path, allowed[i]))
			return true;
	return false;
}

const char *
extract_field_at(size_t i)
{
	const char *last = "";

	for (size_t k = 0; k < ARRAY_LEN(particulars); k++) {
		const struct particular *p = &particulars[k];

		if (p->kind == CORE || strcmp(p->path, last) == 0)
			continue;
		last = p->path;
		if (i-- == 0)
			return p->path;
	}
	return NULL;
}

bool
extract_field_known(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(particulars); i++)
		if (is_below(particulars[i].path, path))
			return true;
	return false;
}

/* ---- the struct ---- */

/* The members are pointers to many kinds; only whether they are NULL is asked. */
static bool
is_set(const void *base, size_t at)
{
	void *value;

	memcpy(&value, (const char *)base + at, sizeof value);
	return value != NULL;
}

static bool
unset(void *base, size_t at)
{
	void *const none = NULL;
	bool was = is_set(base, at);

	memcpy((char *)base + at, &none, sizeof none);
	return was;
}

static bool
is_present(const struct extract *x, const struct particular *p)
{
	if (p->kind == CORE)
		return false;
	if (!p->of_parent)
		return is_set(x, p->at);
	for (const struct parent *parent = x->parents; parent != NULL; parent = parent->next)
		if (is_set(parent, p->at))
			return true;
	return false;
}

static bool
drop(struct extract *x, const struct particular *p)
{
	bool was = false;

	if (!p->of_parent)
		return unset(x, p->at);
	for (struct parent *parent = x->parents; parent != NULL; parent = parent->next)
		was |= unset(parent, p->at);
	return was;
}

static void
tell(struct extract *x, const char *path, const char *reason)
{
	struct text_item **at = &x->redaction;

	for (; *at != NULL; at = &(*at)->next)
		if (strcmp((*at)->value, path) == 0 && strcmp((*at)->detail, reason) == 0)
			return;
	*at = arena_alloc(x->arena, sizeof **at);
	(*at)->value = path;
	(*at)->detail = reason;
}

void
extract_cut(struct extract *x, const char *const *allowed, size_t n, const char *reason)
{
	for (size_t i = 0; i < ARRAY_LEN(particulars); i++) {
		const struct particular *p = &particulars[i];

		if (!is_allowed(p, allowed, n) && drop(x, p))
			tell(x, p->told != NULL ? p->told : p->path, reason);
	}
}

const char *
extract_extra(const struct extract *x, const char *const *allowed, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(particulars); i++)
		if (!is_allowed(&particulars[i], allowed, n) && is_present(x, &particulars[i]))
			return particulars[i].path;
	return NULL;
}
