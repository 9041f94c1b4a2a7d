/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar id': what is known of a number that a State has given, and how sure that is. The number
 * is shown to the one who typed it and written nowhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/identifier.h"
#include "liaison/lookup.h"
#include "liaison/terminal.h"

#define TYPED_MAX 4096
#define UNTOUCHED "nothing was kept"

const char *
typed_text(const char *argument, enum ending *end)
{
	static char kept[TYPED_MAX + 1];
	OWNED_BUF(text) = {0};

	*end = END_DONE;
	if (strcmp(argument, "-") != 0)
		return argument;
	if (input_read("-", TYPED_MAX, &text) != E_OK) {
		*end = fail(E_INPUT, UNTOUCHED, NULL, "standard input cannot be read");
		return NULL;
	}
	(void)!copy_text(kept, sizeof kept, text.data == NULL ? "" : (const char *)text.data);
	kept[strcspn(kept, "\r\n")] = '\0';
	return kept;
}

/* ---- the list ---- */

static const char *
word_of_mark(char mark)
{
	switch (mark) {
	case 'V':
		return _("verified in a public source");
	case 'B':
		return _("believed");
	case 'X':
		return _("not known for sure");
	default:
		return _("none");
	}
}

static json_t *
scheme_json(const struct identifier_scheme *s)
{
	const char mark[2] = {s->mark, '\0'}, check[2] = {s->check_mark, '\0'};

	return json_pack("{s:s s:s s:s s:s s:s s:b s:s s:s}", "scheme", s->code, "country",
		s->country, "called", s->called, "mark", mark, "checkMark", check, "record",
		(int)s->record, "form", s->form, "source", s->source);
}

enum ending
command_id_list(const struct options *options)
{
	static const char *const titles[] = {
		N_("scheme"), N_("country"), N_("form"), N_("how sure"), N_("check digit")};
	struct table *t = table_new(ARRAY_LEN(titles), titles);

	(void)options;
	for (size_t i = 0; i < identifier_schemes_n; i++) {
		const struct identifier_scheme *s = &identifier_schemes[i];
		const char *const cells[] = {s->code, s->country, _(s->form), word_of_mark(s->mark),
			word_of_mark(s->check_mark)};

		if (say_in_json())
			say_json(scheme_json(s));
		else
			table_add(t, cells);
	}
	table_say(&t);
	note("next: daftar id check SCHEME NUMBER\n");
	return END_DONE;
}

/* ---- a number ---- */

/* "1951-09-23", "09 of a year that ends in 51". */
static const char *
born_text(const struct identifier_result *r, char *out, size_t size)
{
	int n = snprintf(out, size, r->century ? "%04d" : "XX%02d", r->year);

	if (n > 0 && r->month > 0)
		n += snprintf(out + n, size - (size_t)n, "-%02d", r->month);
	if (n > 0 && r->day > 0)
		(void)snprintf(out + n, size - (size_t)n, "-%02d", r->day);
	return out;
}

static json_t *
result_json(const struct identifier_result *r)
{
	json_t *o = r->scheme != NULL ? scheme_json(r->scheme) : json_object();
	const char sex[2] = {r->sex, '\0'};
	char born[32];

	json_object_set_new(o, "normalized", json_string(r->normalized));
	json_object_set_new(o, "verdict", json_string(identifier_verdicts[r->verdict]));
	if (r->sentence != NULL)
		json_object_set_new(o, "why", json_string(r->sentence));
	if (r->next != NULL)
		json_object_set_new(o, "advice", json_string(r->next));
	if (r->sex != 0)
		json_object_set_new(o, "sex", json_string(sex));
	if (r->year >= 0)
		json_object_set_new(o, "born", json_string(born_text(r, born, sizeof born)));
	if (r->place != NULL)
		json_object_set_new(o, "place", json_string(r->place));
	return o;
}

static void
say_result(const struct identifier_result *r)
{
	const struct identifier_scheme *s = r->scheme;
	const char sex[2] = {r->sex, '\0'};
	char born[32];

	say_fact(N_("scheme"), s->code);
	say_fact(N_("called"), s->called);
	say_fact(N_("country"), s->country);
	say_fact(N_("written"), r->normalized);
	say_fact(N_("form"), _(s->form));
	say_fact(N_("how sure"), word_of_mark(s->mark));
	say_fact(N_("check digit"), word_of_mark(s->check_mark));
	say_fact(N_("source"), _(s->source));
	say_fact(N_("it says: sex"), r->sex != 0 ? sex : NULL);
	say_fact(N_("it says: born"), r->year >= 0 ? born_text(r, born, sizeof born) : NULL);
	say_fact(N_("it says: born where"), r->place != NULL ? _(r->place) : NULL);
	switch (r->verdict) {
	case IDENTIFIER_OK:
		note("Nothing speaks against it.\n");
		break;
	case IDENTIFIER_WARN:
		note("Look again: %s.\nnext: %s\n", _(r->sentence), _(r->next));
		break;
	case IDENTIFIER_INVALID:
		break;
	}
}

enum ending
command_id_check(const struct options *options)
{
	struct identifier_result r;
	enum ending end;
	const char *value = typed_text(options->argument[1], &end);

	if (value == NULL)
		return end;
	about(options->argument[0]);
	identifier_check(options->argument[0], value, NULL, &r);
	if (r.scheme == NULL)
		return fail(E_NOT_FOUND, UNTOUCHED, "daftar id list", "there is no scheme %s",
			line(options->argument[0]));
	if (say_in_json())
		say_json(result_json(&r));
	else
		say_result(&r);
	if (r.verdict != IDENTIFIER_INVALID)
		return END_DONE;
	return fail(E_INPUT, UNTOUCHED, _(r.next), "%s", _(r.sentence));
}
