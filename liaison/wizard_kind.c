/* SPDX-License-Identifier: EUPL-1.2
 *
 * How each kind of question is asked and its answer told. What an answer may be is said by the
 * rules of the record (lib/record_rule.h), so that nobody learns at the end that the third answer
 * will not do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/name_text.h"
#include "lib/record_rule.h"
#include "liaison/wizard.h"

/* ---- what Enter takes ---- */

static char *
remembered(const struct draft *d, const struct wizard_row *q)
{
	OWNED_BUF(plain) = {0};
	json_t *all;
	const char *text;
	char *copy = NULL;

	if (!q->remembered || sealed_get(d->o, "habit", &plain) != E_OK)
		return NULL;
	all = json_loadb((char *)plain.data, plain.size, 0, NULL);
	text = json_string_value(json_object_get(all, q->id));
	if (text != NULL)
		copy = xstrdup(text);
	json_decref(all);
	return copy;
}

/* What follows from another answer. */
static const char *
derived(const struct draft *d, const struct wizard_row *q)
{
	static const char *const givers[] = {"self", "mother", "father", "guardian"};
	const char *by = draft_text(d, "consent-by"), *applicant = draft_text(d, "applicant");

	if (strcmp(q->id, "consent-right") == 0) {
		if (strcmp(by, "guardian") == 0)
			return "guardianship";
		return strcmp(by, "self") == 0 || draft_is(d, "consent-subject", by)
			       ? "self"
			       : "parental-authority";
	}
	if (strcmp(q->id, "assent-witness") == 0)
		return draft_text(d, "witness");
	if (strcmp(q->id, "assent-language") == 0)
		return draft_text(d, "consent-language");
	for (size_t i = 0; strcmp(q->id, "consent-by") == 0 && i < ARRAY_LEN(givers); i++)
		if (strcmp(applicant, givers[i]) == 0)
			return applicant;
	if (strcmp(q->id, "place-country") == 0) {
		const struct trust_party *p = NULL;
		struct party issuing;

		if (party_parse(draft_text(d, "issuing"), &issuing))
			p = trust_party(d->o->trust, &issuing);
		return p != NULL ? p->country : NULL;
	}
	return NULL;
}

char *
proposed(const struct draft *d, const struct wizard_row *q)
{
	const json_t *now = draft_answer(d, q->id);
	char *habit = NULL;
	const char *text;

	if (json_is_string(now))
		return xstrdup(json_string_value(now));
	text = derived(d, q);
	if (text == NULL || text[0] == '\0')
		habit = remembered(d, q);
	if (habit != NULL)
		return habit;
	if (text == NULL || text[0] == '\0')
		text = q->fallback;
	return text != NULL ? xstrdup(text) : NULL;
}

enum answer
ask_with(const char *fallback, struct buf *out)
{
	enum answer a;

	if (fallback != NULL)
		ask_say(N_("(Enter: %s)\n"), line(fallback));
	a = ask_line(fallback, out);
	if (a == ANSWER_NONE && fallback != NULL) {
		buf_text(out, fallback);
		return ANSWER_GIVEN;
	}
	return a;
}

/* Enter alone where nothing is proposed: there is none, or the question stands. True: ask again. */
static bool
lacks(const struct wizard_row *q, enum answer *a, json_t **value)
{
	if (*a != ANSWER_NONE)
		return false;
	if (!q->may_lack) {
		ask_say(N_("This is needed. Type it, or ? for help.\n"));
		return true;
	}
	*value = json_null();
	*a = ANSWER_GIVEN;
	return false;
}

/* ---- text ---- */

static enum answer
ask_text(struct draft *d, const struct wizard_row *q, json_t **value)
{
	OWNED(char, fallback, free_chars) = proposed(d, q);
	OWNED_BUF(typed) = {0};
	OWNED_BUF(tidy) = {0};
	const char *problem;
	enum answer a;

	if (q->may_lack && fallback == NULL)
		ask_say(N_("(Enter: there is none)\n"));
	while (true) {
		a = ask_with(fallback, &typed);
		if (lacks(q, &a, value))
			continue;
		if (a != ANSWER_GIVEN || *value != NULL)
			return a;
		buf_reset(&tidy);
		problem = name_tidy((char *)typed.data, &tidy) != E_OK
				  ? N_("is not valid UTF-8")
				  : rule_problem((enum rule)q->rule, (char *)tidy.data);
		if (problem == NULL) {
			*value = json_string((char *)tidy.data);
			return ANSWER_GIVEN;
		}
		ask_say(N_("Not taken: it %s. For example: %s\n"), _(problem),
			q->example != NULL ? _(q->example) : "");
	}
}

/* ---- choice ---- */

static const struct {
	const char *list, *code, *sentence;
} codes[] = {
#define CODE(list, code, sentence) {list, code, sentence},
#include "lib/codes.def"
#undef CODE
};

size_t
codes_of(const char *list, struct choice *out, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(codes) && n < most; i++)
		if (strcmp(codes[i].list, list) == 0)
			out[n++] = (struct choice){codes[i].code, _(codes[i].sentence)};
	return n;
}

static int
place_in(const struct choice *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n && word != NULL; i++)
		if (strcmp(list[i].word, word) == 0)
			return (int)i;
	return -1;
}

static enum answer
ask_code(struct draft *d, const struct wizard_row *q, json_t **value)
{
	OWNED(char, fallback, free_chars) = proposed(d, q);
	struct choice list[CODES_MOST];
	size_t n = codes_of(q->list, list, CODES_MOST), chosen;
	enum answer a = ask_choice(list, n, place_in(list, n, fallback), &chosen);

	if (a == ANSWER_GIVEN)
		*value = json_string(list[chosen].word);
	return a;
}

static enum answer
ask_bool(struct draft *d, const struct wizard_row *q, json_t **value)
{
	const json_t *now = draft_answer(d, q->id);
	int fallback = json_is_boolean(now)  ? json_is_true(now)
		       : q->fallback == NULL ? -1
					     : strcmp(q->fallback, "yes") == 0;
	enum answer a;
	bool yes;

	a = ask_yes(fallback, &yes);
	if (a == ANSWER_GIVEN)
		*value = json_boolean(yes);
	return a;
}

static enum answer
ask_statement(struct draft *d, const struct wizard_row *q, json_t **value)
{
	enum answer a = ask_bool(d, q, value);

	while (a == ANSWER_GIVEN && !json_is_true(*value)) {
		ask_say(N_("Then there is no consent, and nothing may be filed. Do it now, in the "
			   "person's language, and answer again; or type save and go on another "
			   "day.\n"));
		a = ask_bool(d, q, value);
	}
	return a;
}

/* ---- the table ---- */

static char *
words_plain(const struct draft *d, const struct wizard_row *q, const json_t *v)
{
	const char *sentence;

	(void)d;
	if (json_is_boolean(v))
		return xstrdup(json_is_true(v) ? _("yes") : _("no"));
	sentence = q->list != NULL ? code_sentence(q->list, json_string_value(v)) : NULL;
	return xstrdup(sentence != NULL ? _(sentence) : json_string_value(v));
}

static char *
words_party(const struct draft *d, const struct wizard_row *q, const json_t *v)
{
	(void)q;
	return words_of_party(d, v);
}

static char *
words_of_purpose(const json_t *v)
{
	const char *sentence = code_sentence("purpose", json_string_value(v));

	return xstrdup(sentence != NULL ? _(sentence) : json_string_value(v));
}

#define WORDS(function, of)                                                                        \
	static char *function(const struct draft *d, const struct wizard_row *q, const json_t *v)  \
	{                                                                                          \
		(void)d;                                                                           \
		(void)q;                                                                           \
		return of(v);                                                                      \
	}
WORDS(words_language, words_of_language)
WORDS(words_purpose, words_of_purpose)
WORDS(words_name, words_of_name)
WORDS(words_parts, words_of_parts)
WORDS(words_date, words_of_date)
WORDS(words_country, words_of_country)

static char *
words_list(const struct draft *d, const struct wizard_row *q, const json_t *v)
{
	OWNED_BUF(b) = {0};
	const json_t *one;
	size_t i;

	(void)d;
	(void)q;
	json_array_foreach(v, i, one)
	{
		const json_t *kind = json_object_get(one, "kind");
		const char *sentence =
			kind != NULL ? code_sentence("document", json_string_value(kind)) : NULL;

		buf_printf(&b, "%s%s", i > 0 ? ", " : "",
			sentence != NULL ? _(sentence) : json_string_value(one));
	}
	return xstrdup(b.size == 0 ? "-" : (char *)b.data);
}

static char *
words_consent(const struct draft *d, const struct wizard_row *q, const json_t *v)
{
	if (json_is_array(v))
		return words_list(d, q, v);
	return xstrdup(_("a new one, recorded here"));
}

static char *
words_code(const struct draft *d, const struct wizard_row *q, const json_t *v)
{
	const char *iso = json_string_value(json_object_get(v, "iso"));
	const char *pcode = json_string_value(json_object_get(v, "pcode"));

	(void)d;
	(void)q;
	return xprintf("%s%s%s", iso != NULL ? iso : "", iso != NULL && pcode != NULL ? ", " : "",
		pcode != NULL ? pcode : "");
}

static const struct {
	enum answer (*ask)(struct draft *d, const struct wizard_row *q, json_t **value);
	char *(*words)(const struct draft *d, const struct wizard_row *q, const json_t *value);
} kinds[KIND_N] = {
	[KIND_TEXT] = {ask_text, words_plain},
	[KIND_CHOICE] = {ask_code, words_plain},
	[KIND_YES] = {ask_bool, words_plain},
	[KIND_STATEMENT] = {ask_statement, words_plain},
	[KIND_ISSUER] = {ask_issuer, words_party},
	[KIND_RECEIVER] = {ask_receiver, words_party},
	[KIND_PURPOSE] = {ask_purpose, words_purpose},
	[KIND_COUNTRY] = {ask_country, words_country},
	[KIND_FEARED] = {ask_feared, words_list},
	[KIND_NAME] = {ask_name, words_name},
	[KIND_PARTS] = {ask_parts, words_parts},
	[KIND_LATIN] = {ask_latin, words_name},
	[KIND_LANGUAGE] = {ask_language, words_language},
	[KIND_DATE] = {ask_date, words_date},
	[KIND_DAY] = {ask_day, words_plain},
	[KIND_PLACE_CODE] = {ask_place_code, words_code},
	[KIND_CONSENT] = {ask_consent, words_consent},
	[KIND_SCAN] = {ask_scan, words_plain},
	[KIND_DOCUMENTS] = {ask_documents, words_list},
};

enum answer
row_ask(struct draft *d, const struct wizard_row *q, json_t **value)
{
	*value = NULL;
	return kinds[q->kind].ask(d, q, value);
}

char *
row_words(const struct draft *d, const struct wizard_row *q)
{
	const json_t *value = draft_answer(d, q->id);

	if (value == NULL)
		return xstrdup(_("not answered yet"));
	if (json_is_null(value))
		return xstrdup("-");
	return kinds[q->kind].words(d, q, value);
}
