/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading an officer's file: problems collected with the path of their key, values checked against
 * the tables of the record, names, dates and places. See the header. */
#include <stdio.h>
#include <string.h>

#include "lib/request_read.h"

/* ---- problems and paths ---- */

void
read_problem(struct reading *in, const char *key, const char *what)
{
	const char *dot = in->path[0] != '\0' && key[0] != '\0' ? "." : "";
	const char *file = in->path[0] == '\0' && key[0] == '\0' ? "the file" : "";

	if (++in->n_problems <= PROBLEMS_MAX)
		buf_printf(in->problems, "%s%s%s%s: %s\n", file, in->path, dot, key, what);
}

size_t
read_enter(struct reading *in, const char *key, int index)
{
	size_t before = strlen(in->path);
	char *end = in->path + before;
	size_t room = sizeof in->path - before;

	if (index < 0)
		(void)snprintf(end, room, "%s%s", before > 0 ? "." : "", key);
	else
		(void)snprintf(end, room, "%s%s[%d]", before > 0 ? "." : "", key, index + 1);
	return before;
}

void
read_leave(struct reading *in, size_t before)
{
	in->path[before] = '\0';
}

/* A key is printed when it can be one: not a sentence that somebody pasted to its place. */
static bool
is_printable_key(const char *key)
{
	size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");

	return n > 0 && n <= 32 && key[n] == '\0';
}

static bool
is_among(const char *const *keys, const char *key)
{
	for (; *keys != NULL; keys++)
		if (strcmp(*keys, key) == 0)
			return true;
	return false;
}

void
read_only(struct reading *in, json_t *object, const char *const *keys)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		if (is_among(keys, key))
			continue;
		if (is_printable_key(key))
			read_problem(in, key, "unknown key");
		else
			read_problem(in, "", "unknown key that is not shown");
	}
}

/* ---- values ---- */

static const char *
text_problem(const struct field *f, const json_t *value)
{
	if (value == NULL)
		return f->needed ? "missing" : NULL;
	if (!json_is_string(value))
		return "must be a text in quotes";
	return value_problem(f->rule, f->list, json_string_value(value));
}

static void
code_problem(struct reading *in, const struct field *f)
{
	OWNED_BUF(what) = {0};

	buf_text(&what, "must be one of ");
	code_words(f->list, &what);
	read_problem(in, f->key, (const char *)what.data);
}

void
read_fields(struct reading *in, json_t *object, const struct field *f, size_t n, void *into)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_object_get(object, f[i].key);
		const char *problem = text_problem(&f[i], value);
		const char *text = NULL;

		if (problem == NULL && value != NULL)
			text = arena_text(in->arena, json_string_value(value));
		else if (problem != NULL && json_is_string(value) && f[i].rule == RULE_CODE)
			code_problem(in, &f[i]);
		else if (problem != NULL)
			read_problem(in, f[i].key, problem);
		memcpy((char *)into + f[i].at, &text, sizeof text);
	}
}

/* NULL when the key is not there, and after a problem when it is no object. */
json_t *
read_object(struct reading *in, json_t *parent, const char *key, bool needed)
{
	json_t *value = json_object_get(parent, key);

	if (json_is_object(value))
		return value;
	if (value != NULL)
		read_problem(in, key, "must be an object in braces");
	else if (needed)
		read_problem(in, key, "missing");
	return NULL;
}

/* The same for a list of `min' to `max' members. */
json_t *
read_list(struct reading *in, json_t *parent, const char *key, size_t min, size_t max)
{
	json_t *value = json_object_get(parent, key);
	char what[64];

	if (value == NULL)
		return NULL;
	if (json_is_array(value) && json_array_size(value) >= min && json_array_size(value) <= max)
		return value;
	(void)snprintf(
		what, sizeof what, "must be a list in brackets of %zu to %zu members", min, max);
	read_problem(in, key, what);
	return NULL;
}

/* One member of a list, NULL after a problem when it is no object. */
json_t *
read_member(struct reading *in, json_t *list, size_t i)
{
	json_t *value = json_array_get(list, i);

	if (!json_is_object(value))
		read_problem(in, "", "must be an object in braces");
	return json_is_object(value) ? value : NULL;
}

/* A statement that has to have been made. */
bool
read_true(struct reading *in, json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (value == NULL)
		read_problem(in, key, "missing");
	else if (!json_is_true(value))
		read_problem(in, key, "must be true: without it there is no consent");
	return json_is_true(value);
}

static bool
read_flag(struct reading *in, json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (value != NULL && !json_is_boolean(value))
		read_problem(in, key, "must be true or false");
	return json_is_true(value);
}

/* ---- names ---- */

#define AT(member) offsetof(struct name_part, member)
static const struct field part_fields[] = {
	{NULL, "kind", RULE_CODE, "name-part", true, AT(kind)},
	{NULL, "value", RULE_NAME_PART, NULL, true, AT(value)},
};
#undef AT
#define AT(member) offsetof(struct name_form, member)
static const struct field form_fields[] = {
	{NULL, "script", RULE_SCRIPT, NULL, true, AT(script)},
	{NULL, "lang", RULE_LANGUAGE, NULL, true, AT(lang)},
	{NULL, "system", RULE_SYSTEM, NULL, false, AT(system)},
	{NULL, "full", RULE_NAME, NULL, true, AT(full)},
};
#undef AT

static struct name_part *
read_parts(struct reading *in, json_t *form)
{
	static const char *const keys[] = {"kind", "value", NULL};
	json_t *list = read_list(in, form, "parts", 1, 12);
	struct name_part *first = NULL, **end = &first;

	if (json_object_get(form, "parts") == NULL)
		read_problem(in, "parts", "missing");
	for (size_t i = 0; i < json_array_size(list); i++) {
		size_t before = read_enter(in, "parts", (int)i);
		json_t *part = read_member(in, list, i);

		if (part != NULL) {
			*end = arena_alloc(in->arena, sizeof **end);
			read_only(in, part, keys);
			read_fields(in, part, FIELDS(part_fields), *end);
			end = &(*end)->next;
		}
		read_leave(in, before);
	}
	return first;
}

static struct name_form *
read_form(struct reading *in, json_t *form)
{
	static const char *const keys[] = {
		"script", "lang", "system", "authoritative", "full", "parts", "noFamilyName", NULL};
	struct name_form *f = arena_alloc(in->arena, sizeof *f);

	read_only(in, form, keys);
	read_fields(in, form, FIELDS(form_fields), f);
	f->authoritative = read_flag(in, form, "authoritative");
	f->no_family_name = read_flag(in, form, "noFamilyName");
	f->parts = read_parts(in, form);
	return f;
}

void
read_name(struct reading *in, json_t *object, const char *key, struct name *into)
{
	json_t *list = read_list(in, object, key, 1, 6);
	struct name_form **end = &into->forms;
	size_t problems = in->n_problems;

	for (size_t i = 0; i < json_array_size(list); i++) {
		size_t before = read_enter(in, key, (int)i);
		json_t *form = read_member(in, list, i);

		if (form != NULL) {
			*end = read_form(in, form);
			end = &(*end)->next;
		}
		read_leave(in, before);
	}
	if (into->forms != NULL && problems == in->n_problems && name_problem(into) != NULL)
		read_problem(in, key, name_problem(into));
}

/* ---- dates and places ---- */

#define AT(member) offsetof(struct record_date, member)
static const struct field date_fields[] = {
	{NULL, "value", RULE_EDTF, NULL, true, AT(value)},
	{NULL, "calendar", RULE_CODE, "calendar", true, AT(calendar)},
	{NULL, "authored", RULE_SHORT, NULL, true, AT(authored)},
	{NULL, "basis", RULE_CODE, "basis", true, AT(basis)},
};
#undef AT
#define AT(member) offsetof(struct place, member)
static const struct field place_fields[] = {
	{NULL, "text", RULE_LINE, NULL, true, AT(text)},
	{NULL, "country", RULE_COUNTRY, NULL, true, AT(country)},
	{NULL, "iso", RULE_SUBDIVISION, NULL, false, AT(iso)},
	{NULL, "pcode", RULE_PCODE, NULL, false, AT(pcode)},
};
#undef AT

struct record_date *
read_date(struct reading *in, json_t *parent, const char *key)
{
	static const char *const keys[] = {"value", "calendar", "authored", "basis", NULL};
	json_t *object = read_object(in, parent, key, false);
	struct record_date *d;
	size_t before;

	if (object == NULL)
		return NULL;
	d = arena_alloc(in->arena, sizeof *d);
	before = read_enter(in, key, -1);
	read_only(in, object, keys);
	read_fields(in, object, FIELDS(date_fields), d);
	read_leave(in, before);
	return d;
}

struct place *
read_place(struct reading *in, json_t *parent, const char *key)
{
	static const char *const keys[] = {"text", "country", "iso", "pcode", NULL};
	json_t *object = read_object(in, parent, key, false);
	struct place *p;
	size_t before;

	if (object == NULL)
		return NULL;
	p = arena_alloc(in->arena, sizeof *p);
	before = read_enter(in, key, -1);
	read_only(in, object, keys);
	read_fields(in, object, FIELDS(place_fields), p);
	read_leave(in, before);
	return p;
}
