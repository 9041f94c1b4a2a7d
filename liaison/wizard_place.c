/* SPDX-License-Identifier: EUPL-1.2
 *
 * Countries and places in the wizard, looked up in the lists that come with the program. A code is
 * only offered; the text of the papers is what counts. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/place_code.h"
#include "lib/record_rule.h"
#include "liaison/wizard.h"

#define FOUND_MOST 9

struct found {
	const struct place_row *row[FOUND_MOST];
	size_t n;
};

static const struct place_list *
places(void)
{
	static struct place_list *list;

	if (list == NULL && place_list_load(&list) != E_OK)
		return NULL;
	return list;
}

/* ---- countries ---- */

static bool
collect_country(void *context, const struct place_row *row)
{
	struct found *f = context;

	if (row->system == PLACE_COUNTRY && f->n < FOUND_MOST)
		f->row[f->n++] = row;
	return f->n < FOUND_MOST;
}

/* Two letters of a country: of the list, or, without one, by their form. */
static bool
country_said(const char *typed, char out[3])
{
	struct found f = {.n = 0};
	char two[3] = "";

	if (strlen(typed) == 2 && isalpha((unsigned char)typed[0]) &&
		isalpha((unsigned char)typed[1])) {
		two[0] = (char)toupper((unsigned char)typed[0]);
		two[1] = (char)toupper((unsigned char)typed[1]);
	}
	if (places() == NULL)
		return two[0] != '\0' && rule_problem(RULE_COUNTRY, two) == NULL &&
		       copy_text(out, 3, two);
	place_find(places(), two[0] != '\0' ? two : typed, NULL, collect_country, &f);
	return f.n == 1 && copy_text(out, 3, f.row[0]->code);
}

static const char *
country_name(const char *code)
{
	const struct place_row *row =
		places() != NULL && code != NULL ? place_of_code(places(), code) : NULL;

	return row != NULL ? row->name : "";
}

char *
words_of_country(const json_t *value)
{
	const char *code = json_string_value(value);

	return xprintf("%s %s", code, country_name(code));
}

enum answer
ask_country(struct draft *d, const struct wizard_row *q, json_t **value)
{
	OWNED(char, fallback, free_chars) = proposed(d, q);
	OWNED_BUF(typed) = {0};
	char code[3];
	enum answer a;

	while (true) {
		a = ask_with(fallback, &typed);
		if (a == ANSWER_NONE) {
			ask_say(N_("This is needed. Type it, or ? for help.\n"));
			continue;
		}
		if (a != ANSWER_GIVEN)
			return a;
		if (country_said((char *)typed.data, code)) {
			ask_say("  %s %s\n", code, country_name(code));
			*value = json_string(code);
			return ANSWER_GIVEN;
		}
		ask_say(N_("Not taken: this is not the name of one country. Type its two letters, "
			   "such as KE.\n"));
	}
}

/* ---- States that are feared ---- */

static bool
means_none(const char *typed)
{
	static const char *const words[] = {N_("no"), N_("none"), "-"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(typed, words[i]) == 0 || strcasecmp(typed, _(words[i])) == 0)
			return true;
	return false;
}

/* A list of codes; NULL, and told, when one of them is no country. */
static json_t *
countries_said(const char *typed)
{
	OWNED(char, copy, free_chars) = xstrdup(typed);
	json_t *list = json_array();
	char *rest = copy, *one, code[3];

	while ((one = strsep(&rest, ",;")) != NULL) {
		one += strspn(one, " ");
		for (size_t n = strlen(one); n > 0 && one[n - 1] == ' '; n--)
			one[n - 1] = '\0';
		if (one[0] == '\0')
			continue;
		if (!country_said(one, code) || json_array_size(list) == 8) {
			ask_say(N_("Not taken: %s is not the name of one country. Type two "
				   "letters, such as SO, and commas between several (up to 8).\n"),
				line(one));
			json_decref(list);
			return NULL;
		}
		ask_say("  %s %s\n", code, country_name(code));
		json_array_append_new(list, json_string(code));
	}
	return list;
}

static char *
feared_before(const struct draft *d, const struct wizard_row *q)
{
	const json_t *now = draft_answer(d, q->id), *one;
	OWNED_BUF(b) = {0};
	size_t i;

	if (now == NULL)
		return NULL;
	json_array_foreach(now, i, one)
		buf_printf(&b, "%s%s", i > 0 ? ", " : "", json_string_value(one));
	return xstrdup(b.size == 0 ? _("no") : (char *)b.data);
}

/* Nobody answers this with Enter alone by mistake. */
enum answer
ask_feared(struct draft *d, const struct wizard_row *q, json_t **value)
{
	OWNED(char, before, free_chars) = feared_before(d, q);
	OWNED_BUF(typed) = {0};
	enum answer a;

	ask_say(N_("(a country, or no)\n"));
	while (true) {
		a = ask_with(before, &typed);
		if (a == ANSWER_NONE) {
			ask_say(N_("Type no when the person fears no State; otherwise which.\n"));
			continue;
		}
		if (a != ANSWER_GIVEN)
			return a;
		*value = means_none((char *)typed.data) ? json_array()
							: countries_said((char *)typed.data);
		if (*value != NULL)
			return ANSWER_GIVEN;
	}
}

/* ---- codes of places ---- */

static bool
collect_place(void *context, const struct place_row *row)
{
	struct found *f = context;

	for (size_t i = 0; i < f->n; i++)
		if (f->row[i] == row)
			return true;
	if (row->system != PLACE_COUNTRY && f->n < FOUND_MOST)
		f->row[f->n++] = row;
	return f->n < FOUND_MOST;
}

/* The text as a whole, and what stands between its commas. */
static void
look_up(const char *text, const char *country, struct found *f)
{
	OWNED(char, copy, free_chars) = xstrdup(text);
	char *rest = copy, *one;

	place_find(places(), text, country, collect_place, f);
	while ((one = strsep(&rest, ",")) != NULL)
		if (one[strspn(one, " ")] != '\0')
			place_find(places(), one + strspn(one, " "), country, collect_place, f);
}

enum answer
ask_place_code(struct draft *d, const struct wizard_row *q, json_t **value)
{
	struct choice list[FOUND_MOST + 1];
	char *shown[FOUND_MOST] = {NULL};
	struct found f = {.n = 0};
	size_t chosen = 0;
	enum answer a = ANSWER_GIVEN;

	(void)q;
	if (places() != NULL)
		look_up(draft_text(d, "place"), draft_text(d, "place-country"), &f);
	list[0] = (struct choice){"none", _("none of them; the text alone counts")};
	for (size_t i = 0; i < f.n; i++) {
		const struct place_row *in = place_of_code(places(), f.row[i]->within);

		shown[i] = xprintf("%s%s%s (%s)", f.row[i]->name, in != NULL ? ", " : "",
			in != NULL ? in->name : "", f.row[i]->code);
		list[i + 1] = (struct choice){f.row[i]->code, shown[i]};
	}
	if (f.n > 0)
		a = ask_choice(list, f.n + 1, -1, &chosen);
	if (a == ANSWER_GIVEN)
		*value = chosen == 0
				 ? json_null()
				 : json_pack("{s:s}",
					   f.row[chosen - 1]->system == PLACE_ISO ? "iso" : "pcode",
					   f.row[chosen - 1]->code);
	for (size_t i = 0; i < f.n; i++)
		free_chars(&shown[i]);
	return a;
}
