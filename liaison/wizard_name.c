/* SPDX-License-Identifier: EUPL-1.2
 *
 * Names in the wizard. A person types the name as one line; what its parts are and how it might be
 * written in Latin letters is only proposed, and nothing of it is kept unasked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/name_text.h"
#include "lib/record_rule.h"
#include "liaison/wizard.h"

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* ---- the whole name ---- */

static json_t *
name_of(const char *full, const struct wizard_row *q)
{
	char script[SCRIPT_SIZE];
	bool first = strstr(q->path, "[1]") != NULL;

	script_of(full, script);
	return json_pack("{s:s s:s s:b}", "full", full, "script", script, "authoritative", first);
}

enum answer
ask_name(struct draft *d, const struct wizard_row *q, json_t **value)
{
	const json_t *now = draft_answer(d, q->id);
	const char *before = json_is_object(now) ? text_of(now, "full") : NULL;
	OWNED_BUF(typed) = {0};
	OWNED_BUF(tidy) = {0};
	enum answer a;

	if (q->may_lack && before == NULL)
		ask_say(N_("(Enter: none)\n"));
	while (true) {
		OWNED(char, problem, free_chars) = NULL;

		a = ask_with(before, &typed);
		if (a == ANSWER_NONE && q->may_lack) {
			*value = json_null();
			return ANSWER_GIVEN;
		}
		if (a == ANSWER_NONE) {
			ask_say(N_("This is needed. Type it, or ? for help.\n"));
			continue;
		}
		if (a != ANSWER_GIVEN)
			return a;
		buf_reset(&tidy);
		problem = name_text_problem((char *)typed.data);
		if (problem == NULL && name_tidy((char *)typed.data, &tidy) == E_OK)
			break;
		ask_say(N_("Not taken: %s\n"), problem != NULL ? problem : "");
	}
	if (name_text_doubt((char *)tidy.data) != NULL)
		ask_say(N_("Look again: %s\n"), _(name_text_doubt((char *)tidy.data)));
	*value = name_of((char *)tidy.data, q);
	return ANSWER_GIVEN;
}

char *
words_of_name(const json_t *value)
{
	return xprintf("%s (%s)", text_of(value, "full"), text_of(value, "script"));
}

/* ---- its parts ---- */

static void
put_parts(json_t *list, struct buf *words)
{
	const json_t *part;
	size_t i;

	json_array_foreach(list, i, part)
	{
		const char *sentence = code_sentence("name-part", text_of(part, "kind"));

		buf_printf(words, "%s%s (%s)", i > 0 ? ", " : "", text_of(part, "value"),
			sentence != NULL ? _(sentence) : "");
	}
}

char *
words_of_parts(const json_t *value)
{
	OWNED_BUF(words) = {0};

	put_parts(json_object_get(value, "parts"), &words);
	return xstrdup(words.data == NULL ? "" : (char *)words.data);
}

static json_t *
parts_said(const char *full, enum name_order order)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	struct name_form *form;
	json_t *list;

	if (name_form_said(a, full, order, &form) != E_OK)
		return NULL;
	list = json_array();
	for (const struct name_part *p = form->parts; p != NULL; p = p->next)
		json_array_append_new(
			list, json_pack("{s:s s:s}", "kind", p->kind, "value", p->value));
	return json_pack("{s:o s:b}", "parts", list, "noFamilyName", form->no_family_name);
}

static enum answer
ask_kind_of(const char *word, const char **kind)
{
	struct choice list[CODES_MOST];
	size_t n = codes_of("name-part", list, CODES_MOST), chosen = 0;
	enum answer a;

	ask_say(N_("What is %s?\n"), line(word));
	a = ask_choice(list, n, -1, &chosen);
	*kind = list[chosen].word;
	return a;
}

static bool
has_family(const json_t *parts)
{
	const json_t *part;
	size_t i;

	json_array_foreach(
		parts, i, part) if (strncmp(text_of(part, "kind"), "family", 6) == 0) return true;
	return false;
}

/* Word by word. */
static enum answer
ask_each_part(const char *full, json_t **value)
{
	OWNED(char, copy, free_chars) = xstrdup(full);
	json_t *list = json_array();
	enum answer a = ANSWER_GIVEN;
	const char *kind;
	char *rest = copy, *word;

	while (a == ANSWER_GIVEN && (word = strsep(&rest, " ")) != NULL) {
		if (word[0] == '\0')
			continue;
		a = ask_kind_of(word, &kind);
		if (a == ANSWER_GIVEN)
			json_array_append_new(
				list, json_pack("{s:s s:s}", "kind", kind, "value", word));
	}
	if (a == ANSWER_GIVEN)
		*value = json_pack("{s:O s:b}", "parts", list, "noFamilyName", !has_family(list));
	json_decref(list);
	return a;
}

enum answer
ask_parts(struct draft *d, const struct wizard_row *q, json_t **value)
{
	const char *full = text_of(draft_answer(d, q->of), "full");
	struct choice list[NAME_ORDERS + 1];
	json_t *proposal[NAME_ORDERS] = {NULL};
	OWNED_BUF(words) = {0};
	char *shown[NAME_ORDERS] = {NULL};
	size_t n = 0, chosen = 0;
	enum answer a;

	for (size_t i = 0; i < NAME_ORDERS; i++) {
		proposal[n] = parts_said(full, (enum name_order)i);
		if (proposal[n] == NULL)
			continue;
		shown[n] = words_of_parts(proposal[n]);
		list[n] = (struct choice){name_orders[i].word, shown[n]};
		if (n > 0 && strcmp(shown[n], shown[0]) == 0) {
			json_decref(proposal[n]);
			proposal[n] = NULL;
			free_chars(&shown[n]);
			continue;
		}
		n++;
	}
	list[n] = (struct choice){"other", _("other: say it word by word")};
	a = ask_choice(list, n + 1, n > 0 ? 0 : -1, &chosen);
	if (a == ANSWER_GIVEN && chosen < n)
		*value = json_incref(proposal[chosen]);
	for (size_t i = 0; i < n; i++) {
		json_decref(proposal[i]);
		free_chars(&shown[i]);
	}
	return a == ANSWER_GIVEN && chosen == n ? ask_each_part(full, value) : a;
}

/* ---- in Latin letters ---- */

static json_t *
latin_form(const char *text, const char *system)
{
	json_t *form = parts_said(text, NAME_CHAIN);

	if (form == NULL)
		return NULL;
	json_object_set_new(form, "full", json_string(text));
	json_object_set_new(form, "script", json_string("Latn"));
	json_object_set_new(form, "system", json_string(system));
	json_object_set_new(form, "authoritative", json_false());
	return form;
}

enum answer
ask_latin(struct draft *d, const struct wizard_row *q, json_t **value)
{
	const char *full = text_of(draft_answer(d, q->of), "full");
	struct name_proposal p[PROPOSALS_MAX];
	struct choice list[PROPOSALS_MAX + 1];
	char *shown[PROPOSALS_MAX] = {NULL};
	size_t n = name_proposals(full, draft_text(d, "language"), p), chosen;
	enum answer a;

	list[0] = (struct choice){"none", _("leave it out")};
	for (size_t i = 0; i < n; i++) {
		shown[i] = xprintf("%s  (%s)", p[i].text, _(p[i].caution));
		list[i + 1] = (struct choice){p[i].text, shown[i]};
	}
	a = n == 0 ? ANSWER_GIVEN : ask_choice(list, n + 1, 0, &chosen);
	if (a == ANSWER_GIVEN)
		*value = n == 0 || chosen == 0
				 ? json_null()
				 : latin_form(p[chosen - 1].text, p[chosen - 1].system);
	if (a == ANSWER_GIVEN && *value == NULL)
		*value = json_null();
	for (size_t i = 0; i < n; i++)
		free_chars(&shown[i]);
	name_proposals_free(p, n);
	return a;
}

/* ---- languages ---- */

static const struct {
	const char *tag, *name;
} languages[] = {
	{"so", N_("Somali")},
	{"ar", N_("Arabic")},
	{"am", N_("Amharic")},
	{"ti", N_("Tigrinya")},
	{"om", N_("Oromo")},
	{"aa", N_("Afar")},
	{"din", N_("Dinka")},
	{"nus", N_("Nuer")},
	{"sw", N_("Swahili")},
	{"fr", N_("French")},
	{"en", N_("English")},
	{"it", N_("Italian")},
	{"und", N_("not known")},
};

char *
words_of_language(const json_t *v)
{
	const char *tag = json_string_value(v);

	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		if (strcmp(languages[i].tag, tag) == 0)
			return xprintf("%s (%s)", _(languages[i].name), tag);
	return xstrdup(tag);
}

enum answer
ask_language(struct draft *d, const struct wizard_row *q, json_t **value)
{
	OWNED(char, fallback, free_chars) = proposed(d, q);
	struct choice list[ARRAY_LEN(languages)];
	OWNED_BUF(typed) = {0};
	enum answer a;
	int meant;

	for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
		list[i] = (struct choice){languages[i].tag, _(languages[i].name)};
		ask_say("  %2zu  %s (%s)\n", i + 1, list[i].sentence, list[i].word);
	}
	while (true) {
		a = ask_with(fallback, &typed);
		if (a == ANSWER_NONE)
			ask_say(N_("This is needed. Type it, or ? for help.\n"));
		if (a == ANSWER_NONE)
			continue;
		if (a != ANSWER_GIVEN)
			return a;
		meant = ask_meant(list, ARRAY_LEN(languages), (char *)typed.data);
		if (meant >= 0)
			*value = json_string(list[meant].word);
		else if (rule_problem(RULE_LANGUAGE, (char *)typed.data) == NULL)
			*value = json_string((char *)typed.data);
		if (*value != NULL)
			return ANSWER_GIVEN;
		ask_say(N_("Type the number, or the language's code, such as so or ar.\n"));
	}
}
