/* SPDX-License-Identifier: EUPL-1.2
 *
 * A support bundle is read by people who may know nothing of what this exchange carries. So nothing
 * passes because nobody thought of it: a text is kept only under a key that is named, and even then
 * it is searched, word by word, for what looks like a name of somebody or something. */
#include "broker/ctl_redact.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/id.h"

#define WORD_MOST 160
#define HEX_LEAST 8 /* hexadecimal digits in a row that may be a part of a key */

void
redactor_open(struct redactor *r)
{
	r->parties = json_object();
	r->persons = json_object();
}

void
redactor_close(struct redactor *r)
{
	json_decref(r->parties);
	json_decref(r->persons);
}

/* ---- names ---- */

static long long
number_for(json_t *known, const char *name)
{
	const json_t *there = json_object_get(known, name);

	if (there == NULL) {
		json_object_set_new(
			known, name, json_integer((json_int_t)json_object_size(known) + 1));
		there = json_object_get(known, name);
	}
	return json_integer_value(there);
}

/* ---- words ---- */

static bool
is_number(const char *word)
{
	return word[strspn(word, "0123456789.,+-")] == '\0';
}

/* A part of a key or a fingerprint, or an id. */
static bool
is_secret(const char *word)
{
	size_t run = 0, digits = 0;

	for (const char *p = word; *p != '\0'; p++) {
		run = isxdigit((unsigned char)*p) ? run + 1 : 0;
		digits = run == 0 ? 0 : digits + (size_t)(isdigit((unsigned char)*p) != 0);
		if (run >= HEX_LEAST && digits > 1)
			return true;
	}
	return false;
}

/* Upper case and digits with dashes between: a tracking number. */
static bool
is_tracking(const char *word)
{
	char number[TRACKING_SIZE];

	return strncasecmp(word, "dft-", 4) == 0 ||
	       (strlen(word) >= 9 && tracking_parse(word, number));
}

static bool
is_address(const char *word)
{
	size_t dots = 0;

	for (const char *p = word; *p != '\0'; p++)
		dots += *p == '.';
	return strchr(word, '/') != NULL || strchr(word, '@') != NULL ||
	       strstr(word, "::") != NULL || (dots == 3 && isdigit((unsigned char)word[0]));
}

static bool
is_plain(const char *word)
{
	for (const char *p = word; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return false;
	return true;
}

static void
add_word(struct redactor *r, const char *word, struct buf *out)
{
	struct party party;
	int64_t ms;

	if (party_parse(word, &party))
		buf_printf(out, "P%lld", number_for(r->parties, word));
	else if (instant_parse(word, &ms) || (is_number(word) && !is_address(word)))
		buf_text(out, word);
	else if (!is_plain(word) || is_secret(word) || is_tracking(word) || is_address(word))
		buf_text(out, "#");
	else
		buf_text(out, word);
}

/* What may stand in a name, an address or a number. */
static bool
is_inside(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	       strchr("._-:/@+~%\\", c) != NULL;
}

/* A stop behind a word ends the sentence. */
static size_t
end_of(const char *text, size_t n)
{
	while (n > 1 && strchr(".:-", text[n - 1]) != NULL)
		n--;
	return n;
}

void
redact_text(struct redactor *r, const char *text, struct buf *out)
{
	char word[WORD_MOST + 1];

	while (*text != '\0') {
		size_t n = 0;

		while (text[n] != '\0' && is_inside(text[n]))
			n++;
		if (n == 0) {
			buf_add(out, text++, 1);
			continue;
		}
		n = end_of(text, n);
		if (n > WORD_MOST)
			buf_text(out, "#");
		else {
			memcpy(word, text, n);
			word[n] = '\0';
			add_word(r, word, out);
		}
		text += n;
	}
}

/* ---- answers ---- */

static bool
is_word_of(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; (p = strstr(p, word)) != NULL; p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

/* NULL: it does not stay. */
static json_t *
redact_string(struct redactor *r, const char *key, const char *text, const char *kept)
{
	OWNED_BUF(out) = {0};
	struct party party;
	int64_t ms;

	if (instant_parse(text, &ms))
		return json_string(text);
	if (party_parse(text, &party))
		return json_sprintf("P%lld", number_for(r->parties, text));
	if (is_word_of("by second acked_by", key) && text[0] != '\0')
		return json_sprintf("O%lld", number_for(r->persons, text));
	if (!is_word_of(kept, key))
		return NULL;
	redact_text(r, text, &out);
	return json_string(out.data != NULL ? (const char *)out.data : "");
}

static json_t *
redact_value(struct redactor *r, const char *key, const json_t *value, const char *kept)
{
	const json_t *item;
	json_t *list;
	size_t i;

	if (json_is_string(value))
		return redact_string(r, key, json_string_value(value), kept);
	if (json_is_object(value))
		return redact(r, value, kept);
	if (!json_is_array(value))
		return json_copy((json_t *)value);
	list = json_array();
	json_array_foreach(value, i, item)
	{
		json_t *stays = redact_value(r, key, item, kept);

		if (stays != NULL)
			json_array_append_new(list, stays);
	}
	return list;
}

/* A key that is no word of ours may be somebody's name. */
static bool
is_key(const char *key)
{
	return strlen(key) <= 32 &&
	       key[strspn(key,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] == '\0';
}

json_t *
redact(struct redactor *r, const json_t *data, const char *kept)
{
	json_t *out = json_object(), *value;
	const char *key;

	json_object_foreach((json_t *)data, key, value)
	{
		json_t *stays = is_key(key) ? redact_value(r, key, value, kept) : NULL;

		if (stays != NULL)
			json_object_set_new(out, key, stays);
	}
	return out;
}
