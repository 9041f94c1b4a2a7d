/* SPDX-License-Identifier: EUPL-1.2
 *
 * How a failure is told: what happened and to which item, why, what is still safe, the next command
 * to type. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liaison/layout.h"
#include "liaison/say.h"

static const struct {
	enum err first, last; /* in the order of lib/err.def */
	enum ending ending;
} endings[] = {
	{E_OK, E_OK, END_DONE},
	{E_TOO_LARGE, E_SCHEMA, END_DOCUMENT},
	{E_UNSIGNED, E_HEADER_MISMATCH, END_TRUST},
	{E_UNKNOWN_PARTY, E_PURPOSE, END_REFUSED},
	{E_CONFLICT, E_CONFLICT, END_CONFLICT},
	{E_FINAL, E_FINAL, END_CONFLICT},
	{E_NOT_FOUND, E_NOT_FOUND, END_NOT_FOUND},
	{E_WITHDRAWN, E_WITHDRAWN, END_REFUSED},
	{E_PROOF, E_CHECKPOINT, END_TRUST},
	{E_UNREACHABLE, E_UNREACHABLE, END_UNREACHED},
	{E_NO_KEY, E_WEAK_KEY, END_TRUST},
	{E_USAGE, E_USAGE, END_USAGE},
	{E_INPUT, E_INPUT, END_DOCUMENT},
	{E_DATE, E_DATE, END_DOCUMENT},
	{E_CONSENT, E_CONSENT, END_REFUSED},
	{E_CONSENT_MISSING, E_NOT_HELD, END_REFUSED},
};

enum ending
ending_of(enum err e)
{
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (e >= endings[i].first && e <= endings[i].last)
			return endings[i].ending;
	return END_FAILED;
}

/* For the next failure. */
static json_t *blamed; /* a list of texts */
static const char *item_of, *advice;

void
about(const char *item)
{
	item_of = line(item);
}

void
advise(const char *code)
{
	advice = code;
}

void
blame(const char *item)
{
	if (blamed == NULL)
		blamed = json_array();
	json_array_append_new(blamed, json_string(line(item)));
}

/* "consent[1]: it was withdrawn": where it is, and a sentence that may have a translation. */
static const char *
sentence_of(const char *item)
{
	const char *at = item;

	while (at != NULL && _(at) == at) {
		at = strstr(at, ": ");
		at = at != NULL ? at + 2 : NULL;
	}
	return at != NULL ? at : item + strlen(item);
}

void
blame_take(struct buf *out)
{
	const json_t *item;
	size_t i;

	json_array_foreach(blamed, i, item)
	{
		const char *text = json_string_value(item), *sentence = sentence_of(text);

		buf_printf(out, "%.*s%s\n", (int)(sentence - text), text,
			sentence[0] != '\0' ? _(sentence) : "");
	}
	json_decref(blamed);
	blamed = NULL;
	advice = NULL;
}

static void
put_blame(struct buf *b)
{
	const json_t *item;
	size_t i;

	json_array_foreach(blamed, i, item)
	{
		const char *text = json_string_value(item), *sentence = sentence_of(text);
		OWNED(char, place, free_chars) = xprintf("%.*s", (int)(sentence - text), text);

		buf_text(b, "\n  - ");
		escape(b, place, false);
		if (sentence[0] != '\0')
			escape(b, _(sentence), false);
	}
}

void
say_blamed(void)
{
	OWNED_BUF(b) = {0};

	put_blame(&b);
	buf_text(&b, "\n");
	put_text(stderr, b.data, b.size);
	json_decref(blamed);
	blamed = NULL;
	advice = NULL;
}

/* What to type next, with the number of the case that the failure is about. */
static char *
with_number(const char *next)
{
	const char *at = strstr(next, "NUMBER");
	char number[TRACKING_SIZE];

	if (at == NULL || item_of == NULL || !tracking_parse(item_of, number))
		return xstrdup(next);
	return xprintf("%.*s%s%s", (int)(at - next), next, number, at + strlen("NUMBER"));
}

enum ending
fail(enum err e, const char *safe, const char *next, const char *what, ...)
{
	OWNED(char, typed, free_chars) = next != NULL ? with_number(next) : NULL;
	OWNED_BUF(b) = {0};
	char *text = NULL;
	va_list ap;

	va_start(ap, what);
	if (vasprintf(&text, _(what), ap) < 0)
		die("memory");
	va_end(ap);
	buf_printf(&b, "%cdaftar:%c ", MARK_BAD, MARK_PLAIN);
	escape(&b, text, true);
	put_blame(&b);
	buf_printf(
		&b, _("\n  why:  %s (%s)\n  safe: %s\n"), _(err_sentence(e)), err_word(e), _(safe));
	if (next != NULL) {
		OWNED(char, said, free_chars) = with_number(_(next));

		buf_text(&b, _("  next: "));
		escape(&b, said, false);
		buf_text(&b, "\n");
	}
	if (advice != NULL)
		buf_printf(&b, _("  advice: %s: %s\n"), advice, _(code_sentence("advice", advice)));
	put_rest(stdout);
	put_text(stderr, b.data, b.size);
	if (say_in_json())
		say_json(json_pack("{s:b s:s s:i s:s s:s* s:s s:s s:s* s:s* s:O*}", "ok", 0, "code",
			err_word(e), "exit", (int)ending_of(e), "what", line(text), "item", item_of,
			"why", err_sentence(e), "safe", safe, "next", typed, "advice", advice,
			"items", blamed));
	json_decref(blamed);
	blamed = NULL;
	advice = NULL;
	free(text);
	return ending_of(e);
}
