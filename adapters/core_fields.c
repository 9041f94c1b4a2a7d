/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a consent lets out of the register (domain.md, P5). The field set is a ladder: the core, the
 * parents' names beside it, everything. What stands higher than the consent reaches is taken out of
 * the extract, and the extract says so: a particular that is left out must not look as if the
 * register did not hold it. Of several consents the narrowest counts.
 *
 * The day of registration belongs to the entry's name and always travels: the key under which the
 * addressee enters the act is made of it, and two requests with different consents must not become
 * two acts. */
#include <string.h>

#include "adapters/core_parts.h"

enum level { LEVEL_CORE, LEVEL_PARENTS, LEVEL_FULL };

static const char *const words[] = {
	[LEVEL_CORE] = "BIRTH-CORE",
	[LEVEL_PARENTS] = "BIRTH-PARENTS",
	[LEVEL_FULL] = "BIRTH-FULL",
};

/* A word that is not on the ladder reaches nothing beyond the core. */
static enum level
level_of(const struct request *r)
{
	enum level least = LEVEL_FULL;

	for (const struct consent *c = &r->consent; c != NULL; c = c->next) {
		enum level l = LEVEL_FULL;

		while (l > LEVEL_CORE &&
			(c->field_set == NULL || strcmp(words[l], c->field_set) != 0))
			l--;
		if (l < least)
			least = l;
	}
	return least;
}

/* ---- what can be taken out: true when there was something ---- */

static bool
drop(const void **at)
{
	bool was = *at != NULL;

	*at = NULL;
	return was;
}
#define DROP(member) drop((const void **)&(member))

static bool
drop_parents(struct extract *x)
{
	return DROP(x->parents);
}

static bool
drop_late(struct extract *x)
{
	return DROP(x->entry.late);
}

static bool
drop_identifiers(struct extract *x)
{
	return DROP(x->identifier);
}

static bool
drop_nationalities(struct extract *x)
{
	return DROP(x->nationality);
}

static bool
drop_time(struct extract *x)
{
	x->birth_clock = NULL;
	return DROP(x->birth_time);
}

static bool
drop_multiplicity(struct extract *x)
{
	return DROP(x->multiplicity);
}

static bool
drop_annotations(struct extract *x)
{
	return DROP(x->annotation);
}

static bool
drop_parents_particulars(struct extract *x)
{
	bool was = false;

	for (struct parent *p = x->parents; p != NULL; p = p->next) {
		was |= DROP(p->birth_date);
		was |= DROP(p->birth_place);
		was |= DROP(p->nationality);
		was |= DROP(p->identifier);
		was |= DROP(p->residence);
		was |= DROP(p->marital_status);
	}
	return was;
}

static const struct {
	enum level needed;
	bool (*drop)(struct extract *x);
	const char *path; /* told to the addressee */
} fields[] = {
	{LEVEL_PARENTS, drop_parents, "b:Parent"},
	{LEVEL_FULL, drop_parents_particulars, "b:Parent/b:BirthDate"},
	{LEVEL_FULL, drop_late, "b:Entry/b:Late"},
	{LEVEL_FULL, drop_identifiers, "b:Subject/t:Identifier"},
	{LEVEL_FULL, drop_nationalities, "b:Subject/b:Nationality"},
	{LEVEL_FULL, drop_time, "b:Birth/b:Time"},
	{LEVEL_FULL, drop_multiplicity, "b:Birth/b:Multiplicity"},
	{LEVEL_FULL, drop_annotations, "b:Annotation"},
};

void
extract_limit(struct extract *x, const struct request *r)
{
	enum level allowed = level_of(r);
	struct text_item **at = &x->redaction;

	while (*at != NULL)
		at = &(*at)->next;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		if (allowed >= fields[i].needed || !fields[i].drop(x))
			continue;
		*at = arena_alloc(x->arena, sizeof **at);
		(*at)->value = fields[i].path;
		(*at)->detail = "field-set";
		at = &(*at)->next;
	}
}
