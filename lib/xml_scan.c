/* SPDX-License-Identifier: EUPL-1.2
 *
 * The look at raw bytes before any parser sees them. It is one pass that keeps a few counters and
 * no memory, and it refuses everything that makes XML parsers slow or surprising: other encodings,
 * declarations, DTDs, comments, CDATA, processing instructions, entities, deep nesting, crowds of
 * attributes and namespaces. What passes is not yet well-formed; it is only harmless to parse.
 *
 * A `<' that is not inside a quoted value always begins a tag, since comments and CDATA were
 * refused at their first two characters. That is what makes such a small scanner sufficient. */
#include <string.h>

#include "lib/xml.h"

#define DEPTH_MAX 32
#define TAGS_MAX 4000
#define TAG_SIZE_MAX 8192
#define ATTRIBUTES_MAX 16	/* of one tag */
#define ATTRIBUTES_ALL_MAX 8000 /* each costs libxml2 2 us and 200 octets */
#define NAMESPACES_MAX 32

struct scan {
	const uint8_t *at, *end;
	size_t tags, attributes;
	size_t depth;
	size_t declared[DEPTH_MAX]; /* namespaces declared by each open element */
	size_t in_scope;	    /* and their sum */
	bool root_seen;
};

size_t
utf8_length(const uint8_t *p, const uint8_t *end)
{
	if (p[0] < 0x80)
		return 1;
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || (size_t)(end - p) < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	bool overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
	bool surrogate = p[0] == 0xed && p[1] > 0x9f;
	bool beyond = p[0] == 0xf4 && p[1] > 0x8f;

	return overlong || surrogate || beyond ? 0 : n;
}

/* XML 1.0 section 2.2: no control characters beside tab and line ends, no U+FFFE, no U+FFFF. */
static bool
is_xml_char(const uint8_t *p, size_t n)
{
	if (n == 1)
		return p[0] >= 0x20 || p[0] == '\t' || p[0] == '\n' || p[0] == '\r';
	return !(n == 3 && p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe);
}

static enum err
scan_characters(struct bytes doc)
{
	const uint8_t *end = doc.data + doc.size;

	if (memchr(doc.data, 0, doc.size) != NULL)
		return E_NOT_UTF8; /* UTF-16 without a mark, or a hidden second document */
	if (doc.size >= 3 && memcmp(doc.data, "\xef\xbb\xbf", 3) == 0)
		return E_NOT_UTF8;
	bool strange = false;
	for (const uint8_t *p = doc.data; p < end;) {
		if (*p >= 0x20 && *p < 0x80) {
			p++;
			continue;
		}
		size_t n = utf8_length(p, end);
		if (n == 0)
			return E_NOT_UTF8;
		strange |= !is_xml_char(p, n);
		p += n;
	}
	return strange ? E_MALFORMED : E_OK;
}

/* The five predefined entities, and the three references that canonical XML itself writes. */
static bool
reference_allowed(const uint8_t *p, const uint8_t *end)
{
	static const char *const allowed[] = {
		"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#xD;", "&#x9;", "&#xA;"};

	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		size_t n = strlen(allowed[i]);
		if ((size_t)(end - p) >= n && memcmp(p, allowed[i], n) == 0)
			return true;
	}
	return false;
}

/* `<!' and `<?' are looked for everywhere, also in quoted values, where `<' is not allowed anyway.
 */
static enum err
scan_markup(struct bytes doc)
{
	const uint8_t *end = doc.data + doc.size;

	for (const uint8_t *p = doc.data; p < end; p++) {
		if (*p == '<' && p + 1 < end && (p[1] == '!' || p[1] == '?'))
			return E_FORBIDDEN_MARKUP;
		if (*p == '&' && !reference_allowed(p, end))
			return E_FORBIDDEN_MARKUP;
	}
	return E_OK;
}

struct tag {
	size_t attributes;
	size_t namespaces;
	bool closing, empty;
};

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Counts the attribute whose `=' is at s->at and steps over its quoted value. */
static enum err
scan_attribute(struct scan *s, const uint8_t *name, struct tag *t)
{
	size_t length = (size_t)(s->at - name);
	bool declares = length >= 5 && memcmp(name, "xmlns", 5) == 0;

	t->attributes++;
	t->namespaces += declares ? 1 : 0;
	if (t->attributes > ATTRIBUTES_MAX || ++s->attributes > ATTRIBUTES_ALL_MAX)
		return E_TOO_COMPLEX;
	do {
		s->at++;
	} while (s->at < s->end && is_space(*s->at));
	if (s->at == s->end || (*s->at != '"' && *s->at != '\''))
		return E_MALFORMED;
	uint8_t quote = *s->at++;
	while (s->at < s->end && *s->at != quote) {
		if (*s->at == '<')
			return E_MALFORMED;
		s->at++;
	}
	if (s->at == s->end)
		return E_MALFORMED;
	s->at++;
	return E_OK;
}

/* From `<' to just behind `>'. */
static enum err
scan_tag(struct scan *s, struct tag *t)
{
	const uint8_t *start = s->at++;
	const uint8_t *word = s->at;

	if (s->at < s->end && *s->at == '/') {
		t->closing = true;
		s->at++;
	}
	while (s->at < s->end && *s->at != '>') {
		if (*s->at == '<' || *s->at == '"' || *s->at == '\'')
			return E_MALFORMED;
		if (*s->at == '=') {
			TRY(scan_attribute(s, word, t));
			word = s->at;
			continue;
		}
		if (is_space(*s->at) && s->at + 1 < s->end && !is_space(s->at[1]) &&
			s->at[1] != '=')
			word = s->at + 1;
		s->at++;
	}
	if (s->at == s->end)
		return E_MALFORMED;
	t->empty = s->at[-1] == '/' && s->at - start > 1 && !t->closing;
	s->at++;
	return (size_t)(s->at - start) > TAG_SIZE_MAX ? E_TOO_COMPLEX : E_OK;
}

static enum err
count_tag(struct scan *s, const struct tag *t)
{
	if (++s->tags > TAGS_MAX)
		return E_TOO_COMPLEX;
	if (t->closing) {
		if (s->depth == 0)
			return E_MALFORMED;
		s->in_scope -= s->declared[--s->depth];
		return E_OK;
	}
	if (s->depth == 0 && s->root_seen)
		return E_MALFORMED;
	s->root_seen = true;
	if (s->depth == DEPTH_MAX || s->in_scope + t->namespaces > NAMESPACES_MAX)
		return E_TOO_COMPLEX;
	if (t->empty)
		return E_OK;
	s->declared[s->depth++] = t->namespaces;
	s->in_scope += t->namespaces;
	return E_OK;
}

static enum err
scan_structure(struct bytes doc)
{
	struct scan s = {.at = doc.data, .end = doc.data + doc.size};

	while (s.at < s.end) {
		if (*s.at == '<') {
			struct tag t = {0};
			TRY(scan_tag(&s, &t));
			TRY(count_tag(&s, &t));
			continue;
		}
		if (s.depth == 0 && !is_space(*s.at))
			return E_MALFORMED;
		s.at++;
	}
	return s.root_seen && s.depth == 0 ? E_OK : E_MALFORMED;
}

enum err
xml_prescan(struct bytes doc)
{
	if (doc.size > XML_MESSAGE_MAX)
		return E_TOO_LARGE;
	if (doc.size == 0)
		return E_MALFORMED;
	TRY(scan_characters(doc));
	TRY(scan_markup(doc));
	return scan_structure(doc);
}
