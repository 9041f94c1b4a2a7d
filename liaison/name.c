/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar name': how a name is read here: its script, its parts, what is odd about it, and how it
 * might be written in Latin letters. Nothing of it is kept. */
#include <string.h>

#include "lib/name_key.h"
#include "lib/name_text.h"
#include "liaison/lookup.h"
#include "liaison/terminal.h"

#define UNTOUCHED "nothing was kept"

static bool
order_of(const char *word, enum name_order *out)
{
	*out = NAME_CHAIN;
	for (int i = 0; word != NULL && i < NAME_ORDERS; i++)
		if (strcmp(word, name_orders[i].word) == 0) {
			*out = (enum name_order)i;
			return true;
		}
	return word == NULL;
}

static json_t *
form_json(const struct name_form *f)
{
	json_t *parts = json_array();

	for (const struct name_part *p = f->parts; p != NULL; p = p->next)
		json_array_append_new(
			parts, json_pack("{s:s s:s}", "kind", p->kind, "value", p->value));
	return json_pack("{s:s s:s s:o s:b}", "full", f->full, "script", f->script, "parts", parts,
		"noFamilyName", (int)f->no_family_name);
}

static void
say_name_json(const struct name_form *f, const struct name_proposal *p, size_t n)
{
	OWNED(char, key, free_chars) = name_key(f->full);
	OWNED(char, class, free_chars) = name_class(f->full);
	const char *doubt = name_text_doubt(f->full);
	json_t *o = form_json(f), *list = json_array();

	json_object_set_new(o, "key", json_string(key));
	json_object_set_new(o, "class", json_string(class));
	if (doubt != NULL)
		json_object_set_new(o, "look", json_string(doubt));
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:s s:s s:s}", "system", p[i].system,
						    "text", p[i].text, "caution", p[i].caution));
	json_object_set_new(o, "proposals", list);
	say_json(o);
}

static void
say_parts(const struct name_form *f)
{
	static const char *const titles[] = {N_("part"), N_("written"), N_("what it is")};
	struct table *t = table_new(ARRAY_LEN(titles), titles);

	for (const struct name_part *p = f->parts; p != NULL; p = p->next) {
		const char *const cells[] = {
			p->kind, p->value, _(code_sentence("name-part", p->kind))};

		table_add(t, cells);
	}
	table_say(&t);
}

static void
say_proposals(const struct name_proposal *p, size_t n)
{
	static const char *const titles[] = {N_("in Latin letters"), N_("system"), N_("good for")};
	struct table *t = table_new(ARRAY_LEN(titles), titles);

	for (size_t i = 0; i < n; i++) {
		const char *const cells[] = {p[i].text, p[i].system, _(p[i].caution)};

		table_add(t, cells);
	}
	table_say(&t);
}

static void
say_name(const struct name_form *f, const struct name_proposal *p, size_t n)
{
	OWNED(char, class, free_chars) = name_class(f->full);
	const char *doubt = name_text_doubt(f->full);

	say_fact(N_("name"), f->full);
	say_fact(N_("script"), f->script);
	say_fact(N_("compared as"), class);
	say_parts(f);
	if (n > 0)
		say_proposals(p, n);
	if (doubt != NULL)
		note("Look again: %s.\n", _(doubt));
	if (n > 0)
		note("These are proposals: the person chooses, and the case file says by which "
		     "system.\n");
	note("next: daftar request new\n");
}

enum ending
command_name(const struct options *options)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	OWNED_BUF(tidy) = {0};
	OWNED(char, problem, free_chars) = NULL;
	struct name_proposal p[PROPOSALS_MAX];
	struct name_form *f;
	enum name_order order;
	enum ending end;
	size_t n;
	const char *typed = typed_text(options->argument[0], &end);

	if (typed == NULL)
		return end;
	if (!order_of(options->value[OPT_ORDER], &order))
		return fail(E_USAGE, UNTOUCHED, "daftar help name",
			"--order is chain, given-family or family-given");
	if (name_tidy(typed, &tidy) == E_OK)
		problem = name_text_problem(tidy.data == NULL ? "" : (const char *)tidy.data);
	if (tidy.data == NULL && problem == NULL)
		problem = name_text_problem(typed);
	if (problem != NULL)
		return fail(E_INPUT, UNTOUCHED, "daftar help names", "this cannot be a name: %s",
			problem);
	if (name_form_said(a, typed, order, &f) != E_OK)
		return fail(E_INPUT, UNTOUCHED, "daftar help names",
			"a name has at most 12 parts of 100 characters, each with a letter");
	n = name_proposals(f->full, NULL, p);
	if (say_in_json())
		say_name_json(f, p, n);
	else
		say_name(f, p, n);
	name_proposals_free(p, n);
	return END_DONE;
}
