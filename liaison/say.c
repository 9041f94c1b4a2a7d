/* SPDX-License-Identifier: EUPL-1.2
 *
 * The tool's one mouth. Texts come from case files, from other countries' registers and from the
 * broker; a terminal obeys control characters, and bidirectional controls make a line read as
 * something else than it says. So every octet on its way out is looked at here. Nothing is
 * coloured: the words are enough, and NO_COLOR has nothing to switch off. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liaison/daftar.h"

static bool in_json, is_quiet;
static struct arena *kept; /* texts that live until the end */

void
say_open(bool json, bool quiet)
{
	in_json = json;
	is_quiet = quiet;
}

bool
say_in_json(void)
{
	return in_json;
}

static struct arena *
keep(void)
{
	if (kept == NULL)
		kept = arena_new();
	return kept;
}

/* ---- escaping ---- */

struct span {
	uint32_t first, last;
};

/* What a terminal or the bidirectional algorithm obeys instead of showing. */
static const struct span obeyed[] = {
	{0x00, 0x1f},
	{0x7f, 0x9f},
	{0x061c, 0x061c},
	{0x200b, 0x200b},
	{0x200e, 0x200f},
	{0x2028, 0x202e},
	{0x2060, 0x206f},
	{0xfeff, 0xfeff},
	{0xfff9, 0xfffb},
	{0xe0000, 0xe0fff},
};

static bool
is_obeyed(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(obeyed); i++)
		if (c >= obeyed[i].first && c <= obeyed[i].last)
			return true;
	return false;
}

/* One character of UTF-8; *length is 0 where the octets are none. */
static uint32_t
decode(const uint8_t *s, size_t left, size_t *length)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] < 0x80	     ? 1
		   : s[0] >> 5 == 6  ? 2
		   : s[0] >> 4 == 14 ? 3
		   : s[0] >> 3 == 30 ? 4
				     : 0;
	uint32_t c = n == 1 ? s[0] : n == 0 ? 0 : s[0] & (0x7fu >> n);

	*length = 0;
	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*length = n;
	return c;
}

static void
escape(struct buf *out, const char *text, bool lines)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t left = strlen(text), n;
	uint32_t c;

	for (; left > 0; s += n, left -= n) {
		c = decode(s, left, &n);
		if (n == 0) {
			buf_printf(out, "\\x%02x", s[0]);
			n = 1;
		} else if (is_obeyed(c) && !(lines && c == '\n'))
			buf_printf(out, "\\u{%x}", (unsigned)c);
		else
			buf_add(out, s, n);
	}
}

const char *
line(const char *text)
{
	OWNED_BUF(b) = {0};

	if (text == NULL)
		return "";
	escape(&b, text, false);
	return arena_text_n(keep(), b.data == NULL ? (uint8_t *)"" : b.data, b.size);
}

/* ---- out ---- */

/* A reader that has gone away (head, less) is no error of ours. */
static void
put(FILE *to, const char *octets, size_t size)
{
	if (size > 0 && fwrite(octets, 1, size, to) != size)
		exit(END_FAILED);
	if (fflush(to) != 0)
		exit(END_FAILED);
}

static void
put_words(FILE *to, const char *prefix, const char *fmt, va_list ap)
{
	OWNED_BUF(b) = {0};
	char *text = NULL;

	if (vasprintf(&text, fmt[0] == '\0' ? "" : _(fmt), ap) < 0)
		die("memory");
	buf_text(&b, prefix);
	escape(&b, text, true);
	free(text);
	put(to, (char *)b.data, b.size);
}

void
say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_words(stdout, "", fmt, ap);
	va_end(ap);
}

void
note(const char *fmt, ...)
{
	va_list ap;

	if (is_quiet)
		return;
	va_start(ap, fmt);
	put_words(stderr, "", fmt, ap);
	va_end(ap);
}

/* Everything above ASCII is escaped by JSON's own means, so that no terminal obeys it. */
void
say_json(json_t *o)
{
	json_t *whole = json_pack("{s:i}", "v", 1);
	char *text;

	json_object_update(whole, o);
	text = json_dumps(whole, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (text == NULL)
		die("memory");
	put(stdout, text, strlen(text));
	put(stdout, "\n", 1);
	free(text);
	json_decref(whole);
	json_decref(o);
}

void
say_octets(struct bytes v)
{
	put(stdout, (const char *)v.data, v.size);
}

/* ---- errors ---- */

static const struct {
	enum err first, last; /* in the order of lib/err.def */
	enum ending ending;
} endings[] = {
	{E_OK, E_OK, END_DONE},
	{E_TOO_LARGE, E_SCHEMA, END_DOCUMENT},
	{E_UNSIGNED, E_HEADER_MISMATCH, END_TRUST},
	{E_UNKNOWN_PARTY, E_PURPOSE, END_REFUSED},
	{E_CONFLICT, E_CONFLICT, END_CONFLICT},
	{E_NOT_FOUND, E_NOT_FOUND, END_NOT_FOUND},
	{E_WITHDRAWN, E_WITHDRAWN, END_REFUSED},
	{E_PROOF, E_CHECKPOINT, END_TRUST},
	{E_UNREACHABLE, E_UNREACHABLE, END_UNREACHED},
	{E_NO_KEY, E_WEAK_KEY, END_TRUST},
	{E_USAGE, E_USAGE, END_USAGE},
	{E_INPUT, E_INPUT, END_DOCUMENT},
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

static void
put_blame(struct buf *b)
{
	const json_t *item;
	size_t i;

	json_array_foreach(blamed, i, item)
	{
		buf_text(b, "\n  - ");
		escape(b, json_string_value(item), false);
	}
}

enum ending
fail(enum err e, const char *safe, const char *next, const char *what, ...)
{
	OWNED_BUF(b) = {0};
	char *text = NULL;
	va_list ap;

	va_start(ap, what);
	if (vasprintf(&text, _(what), ap) < 0)
		die("memory");
	va_end(ap);
	buf_text(&b, "daftar: ");
	escape(&b, text, true);
	put_blame(&b);
	buf_printf(
		&b, _("\n  why:  %s (%s)\n  safe: %s\n"), _(err_sentence(e)), err_word(e), _(safe));
	if (next != NULL) {
		buf_text(&b, _("  next: "));
		escape(&b, _(next), false);
		buf_text(&b, "\n");
	}
	if (advice != NULL)
		buf_printf(&b, _("  advice: %s: %s\n"), advice, _(code_sentence("advice", advice)));
	put(stderr, (char *)b.data, b.size);
	if (in_json)
		say_json(json_pack("{s:b s:s s:i s:s s:s* s:s s:s s:s* s:s* s:O*}", "ok", 0, "code",
			err_word(e), "exit", (int)ending_of(e), "what", line(text), "item", item_of,
			"why", err_sentence(e), "safe", safe, "next", next, "advice", advice,
			"items", blamed));
	json_decref(blamed);
	blamed = NULL;
	advice = NULL;
	free(text);
	return ending_of(e);
}

/* ---- times ---- */

const char *
when(int64_t ms)
{
	char text[INSTANT_TEXT_SIZE];
	OWNED_BUF(b) = {0};

	if (ms == 0)
		return "";
	instant_format(ms, text);
	buf_printf(&b, "%.10s %.8s UTC", text, text + 11);
	return arena_text(keep(), (char *)b.data);
}
