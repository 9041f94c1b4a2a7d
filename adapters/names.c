/* SPDX-License-Identifier: EUPL-1.2
 *
 * The name rules. Each says which part of the name goes into the column for family names; all other
 * parts stay, in their order, in the column for given names. */
#include "adapters/names.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

typedef const struct name_part *pick(const struct name_form *f);

static const struct name_part *
part_of_kind(const struct name_form *f, const char *kind)
{
	for (const struct name_part *p = f->parts; p != NULL; p = p->next)
		if (strcmp(p->kind, kind) == 0)
			return p;
	return NULL;
}

static const struct name_part *
pick_family(const struct name_form *f)
{
	return part_of_kind(f, "family");
}

/* A name of one part has no last one to spare. */
static const struct name_part *
pick_last(const struct name_form *f)
{
	const struct name_part *p = f->parts;

	if (p == NULL || p->next == NULL)
		return NULL;
	while (p->next != NULL)
		p = p->next;
	return p;
}

static const struct name_part *
pick_father(const struct name_form *f)
{
	return part_of_kind(f, "father");
}

static const struct name_part *
pick_none(const struct name_form *f)
{
	return NULL;
}

static const struct {
	const char *rule;
	pick *pick;
} rules[] = {
	{"as-authored", pick_family},
	{"last-part", pick_last},
	{"father", pick_father},
	{"all-in-given", pick_none},
};

static const struct name_part *
family_by_rule(const struct name_form *f, const char *rule)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (strcmp(rules[i].rule, rule) == 0)
			return rules[i].pick(f);
	return NULL;
}

static const struct name_form *
form_in(const struct name *n, const char *script)
{
	const struct name_form *own = n->forms;

	for (const struct name_form *f = n->forms; f != NULL; f = f->next) {
		if (script != NULL && strcmp(f->script, script) == 0)
			return f;
		if (f->authoritative)
			own = f;
	}
	return own;
}

static char *
parts_but(const struct name_form *f, const struct name_part *family)
{
	struct buf b = {0};

	for (const struct name_part *p = f->parts; p != NULL; p = p->next)
		if (p != family)
			buf_printf(&b, "%s%s", b.size > 0 ? " " : "", p->value);
	return (char *)buf_take(&b, NULL);
}

void
name_enter(const struct name *n, const char *rule, const char *script, struct entered_name *out)
{
	const struct name_form *f = form_in(n, script);
	const struct name_part *family;

	*out = (struct entered_name){0};
	if (f == NULL)
		return;
	family = family_by_rule(f, rule);
	out->full = xstrdup(f->full);
	out->given = family == NULL ? xstrdup(f->full) : parts_but(f, family);
	out->family = xstrdup(family == NULL ? "" : family->value);
	out->as = family == NULL || strcmp(rule, "as-authored") == 0
			  ? xstrdup(f->full)
			  : xprintf("%s, %s", out->family, out->given);
}

static void
wipe(char **s)
{
	if (*s != NULL)
		OPENSSL_cleanse(*s, strlen(*s));
	free(*s);
	*s = NULL;
}

void
entered_name_clear(struct entered_name *n)
{
	wipe(&n->given);
	wipe(&n->family);
	wipe(&n->full);
	wipe(&n->as);
}

static void
shorten(char *dst, size_t size, const char *src)
{
	size_t n = strnlen(src, size);

	if (n == size)
		for (n = size - 1; n > 0 && ((unsigned char)src[n] & 0xc0) == 0x80;)
			n--;
	memcpy(dst, src, n);
	dst[n] = '\0';
}

void
made_fill(struct made *made, const char *number, const char *on, const char *as)
{
	shorten(made->entry_number, sizeof made->entry_number, number);
	shorten(made->entered_on, sizeof made->entered_on, on);
	shorten(made->entered_as, sizeof made->entered_as, as);
}
