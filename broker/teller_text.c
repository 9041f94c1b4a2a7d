/* SPDX-License-Identifier: EUPL-1.2
 *
 * One mail for all news at hand: the worst is its subject, and below stands what each is, since
 * when, and where to read what to do. */
#include "broker/teller_text.h"

#include <stdio.h>
#include <string.h>

#include "lib/id.h"
#include "lib/lang.h"

const char silence_sentence[] = N_("the exchange does not answer");
const char trial_sentence[] = N_("this is a trial: all is well");

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

/* No control character passes: a line of ours stays one line, and the head stays the head. */
static void
add_line(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		buf_u8(out, (unsigned char)*text < 0x20 || *text == 0x7f ? '?' : (uint8_t)*text);
}

/* A word of RFC 2047, in pieces that fit its 75 characters and never cut a letter. */
static void
add_encoded(struct buf *out, const char *text)
{
	size_t size = strlen(text);

	while (size > 0) {
		size_t n = size < 42 ? size : 42;

		while (n < size && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
		buf_text(out, "=?UTF-8?B?");
		buf_base64(out, text, n);
		buf_text(out, "?=");
		text += n;
		size -= n;
		if (size > 0)
			buf_text(out, "\n ");
	}
}

static bool
is_critical(const json_t *item)
{
	return strcmp(text_of(item, "severity"), "critical") == 0;
}

static bool
has_ended(const json_t *item)
{
	return strcmp(text_of(item, "news"), "ended") == 0;
}

/* The one that the subject is about: what lasts before what has ended, then the worst. */
static const json_t *
worst(const json_t *news)
{
	const json_t *item, *found = json_array_get(news, 0);
	size_t i;

	json_array_foreach(news, i, item)
	{
		if (has_ended(item) != has_ended(found) ? has_ended(found)
							: is_critical(item) && !is_critical(found))
			found = item;
	}
	return found;
}

static const char *
word_of(const json_t *item)
{
	if (has_ended(item))
		return _("over");
	return is_critical(item) ? _("CRITICAL") : _("warning");
}

static void
add_subject(struct buf *out, const struct letter *l, const json_t *news)
{
	const json_t *item = worst(news);
	OWNED_BUF(text) = {0};
	size_t more = json_array_size(news) - 1;

	buf_printf(&text, "[daftar %s] %s: %s", l->exchange, word_of(item),
		gettext(text_of(item, "what")));
	if (text_of(item, "subject")[0] != '\0')
		buf_printf(&text, ": %s", text_of(item, "subject"));
	if (more > 0)
		buf_printf(&text, " (+%zu)", more);
	buf_text(out, "Subject: ");
	add_encoded(out, (const char *)text.data);
	buf_u8(out, '\n');
}

static void
add_head(struct buf *out, const struct letter *l, const json_t *news, int64_t now)
{
	if (l->from != NULL) {
		buf_text(out, "From: ");
		add_line(out, l->from);
		buf_u8(out, '\n');
	}
	buf_text(out, "To: ");
	for (size_t i = 0; i < l->n_to; i++) {
		buf_text(out, i > 0 ? ", " : "");
		add_line(out, l->to[i]);
	}
	buf_u8(out, '\n');
	add_subject(out, l, news);
	buf_printf(out,
		"Auto-Submitted: auto-generated\nPrecedence: bulk\nX-Daftar-Sent: %lld\n"
		"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: 8bit\n\n",
		(long long)(now / 1000));
}

static void
add_args(struct buf *out, const json_t *item)
{
	const json_t *args = json_object_get(item, "args");
	const json_t *n = json_object_get(args, "n");

	if (json_is_integer(n))
		buf_printf(out, "   %lld %s\n", (long long)json_integer_value(n),
			gettext(text_of(args, "unit")));
	if (text_of(args, "at")[0] != '\0') {
		buf_text(out, "   ");
		add_line(out, text_of(args, "at"));
		buf_u8(out, '\n');
	}
}

/* Whom to call at the party that it is about, as its operator has written it down. */
static void
add_contacts(struct buf *out, const json_t *item)
{
	const json_t *text;
	size_t i;

	json_array_foreach(json_object_get(item, "contacts"), i, text)
	{
		if (!json_is_string(text))
			continue;
		buf_printf(out, "\n   %s: ", _("whom to call"));
		add_line(out, json_string_value(text));
	}
}

static void
add_item(struct buf *out, const json_t *item)
{
	OWNED_BUF(text) = {0};

	buf_printf(&text, "%s  %s", word_of(item), gettext(text_of(item, "what")));
	if (text_of(item, "subject")[0] != '\0')
		buf_printf(&text, ": %s", text_of(item, "subject"));
	add_line(out, (const char *)text.data);
	buf_u8(out, '\n');
	add_args(out, item);
	buf_printf(out, "   %s ", _("since"));
	add_line(out, text_of(item, "since"));
	if (has_ended(item)) {
		buf_printf(out, ", %s ", _("over at"));
		add_line(out, text_of(item, "ended"));
	}
	buf_reset(&text);
	buf_printf(&text, "\n   daftarctl alert ack %s --reason ...", text_of(item, "id"));
	if (!has_ended(item) && strcmp(text_of(item, "id"), "0") != 0)
		buf_text(out, (const char *)text.data);
	if (!has_ended(item))
		add_contacts(out, item);
	buf_printf(out, "\n   %s: OPERATIONS, ", _("what to do"));
	add_line(out, text_of(item, "runbook"));
	buf_text(out, "\n\n");
}

void
letter_write(struct buf *out, const struct letter *l, const json_t *news, int64_t now)
{
	size_t n = json_array_size(news), shown = n < NEWS_MOST ? n : NEWS_MOST;

	add_head(out, l, news, now);
	for (size_t i = 0; i < shown; i++)
		add_item(out, json_array_get(news, i));
	if (n > shown)
		buf_printf(out, _("and %zu more: daftarctl alert list\n"), n - shown);
	if (l->more != NULL) {
		add_line(out, l->more);
		buf_u8(out, '\n');
	}
}

void
letter_json(struct buf *out, const struct letter *l, const json_t *news, int64_t now)
{
	size_t n = json_array_size(news), shown = n < NEWS_MOST ? n : NEWS_MOST;
	OWNED(json_t, o, json_decrefp) = NULL;
	OWNED(char, text, free_chars) = NULL;
	json_t *list = json_array();
	char sent[INSTANT_TEXT_SIZE];

	for (size_t i = 0; i < shown; i++)
		json_array_append(list, json_array_get(news, i));
	instant_format(now, sent);
	o = json_pack("{s:s, s:s, s:o, s:I}", "exchange", l->exchange, "sent", sent, "alerts", list,
		"more", (json_int_t)(n - shown));
	text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	if (text == NULL)
		die("memory");
	buf_text(out, text);
	buf_u8(out, '\n');
}
