/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing canonical XML by hand, and cutting canonical bytes apart. What is written here is its own
 * exclusive canonical form, so it can be hashed and signed without a canonicaliser: no white space
 * between elements, start and end tag for an empty element, double quotes, and the replacements of
 * Canonical XML 1.0 section 2.3. In such bytes `<' begins a tag wherever it stands, which is what
 * lets xml_cut find elements by comparing octets. */
#include <stdarg.h>
#include <string.h>

#include "lib/xml.h"

/* One of the two tables of Canonical XML: attribute values and text differ. */
static const char *
replacement(char c, bool in_attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '\r':
		return "&#xD;";
	case '>':
		return in_attribute ? NULL : "&gt;";
	case '"':
		return in_attribute ? "&quot;" : NULL;
	case '\t':
		return in_attribute ? "&#x9;" : NULL;
	case '\n':
		return in_attribute ? "&#xA;" : NULL;
	}
	return NULL;
}

static void
put_escaped(struct buf *b, const char *text, bool in_attribute)
{
	const char *plain = text;

	for (const char *p = text; *p != '\0'; p++) {
		const char *instead = replacement(*p, in_attribute);
		if (instead == NULL)
			continue;
		buf_add(b, plain, (size_t)(p - plain));
		buf_text(b, instead);
		plain = p + 1;
	}
	buf_text(b, plain);
}

/* Canonical order: namespace declarations by prefix (the default one first), then attributes
 * without prefix by name, then xml:lang. Other prefixed attributes are sorted by their namespaces,
 * which a writer of octets can't know, so none are used. */
static bool
in_order(const char *before, const char *name)
{
	bool declares = strncmp(name, "xmlns", 5) == 0, language = strcmp(name, "xml:lang") == 0;

	assert(declares || language || strchr(name, ':') == NULL);
	if (before == NULL)
		return true;
	bool declared = strncmp(before, "xmlns", 5) == 0;
	if (declares != declared)
		return declared;
	if (strcmp(before, "xml:lang") == 0)
		return false;
	return language || strcmp(before, name) < 0;
}

void
xml_open(struct buf *b, const char *qname, ...)
{
	va_list list;
	const char *before = NULL;

	buf_text(b, "<");
	buf_text(b, qname);
	va_start(list, qname);
	for (;;) {
		const char *name = va_arg(list, const char *);
		if (name == NULL)
			break;
		const char *value = va_arg(list, const char *);
		assert(in_order(before, name));
		before = name;
		if (value == NULL)
			continue;
		buf_text(b, " ");
		buf_text(b, name);
		buf_text(b, "=\"");
		put_escaped(b, value, true);
		buf_text(b, "\"");
	}
	va_end(list);
	buf_text(b, ">");
}

void
xml_close(struct buf *b, const char *qname)
{
	buf_text(b, "</");
	buf_text(b, qname);
	buf_text(b, ">");
}

void
xml_put_text(struct buf *b, const char *text)
{
	put_escaped(b, text, false);
}

void
xml_element(struct buf *b, const char *qname, const char *text)
{
	if (text == NULL)
		return;
	xml_open(b, qname, NULL);
	xml_put_text(b, text);
	xml_close(b, qname);
}

/* The first place behind `from' where `<qname' is followed by the end of the name. */
static const uint8_t *
find_start(struct bytes doc, const uint8_t *from, const char *qname)
{
	const uint8_t *end = doc.data + doc.size;
	size_t n = strlen(qname);

	for (const uint8_t *p = from; p < end; p++) {
		p = memchr(p, '<', (size_t)(end - p));
		if (p == NULL || (size_t)(end - p) < n + 2)
			return NULL;
		if (memcmp(p + 1, qname, n) == 0 && (p[n + 1] == '>' || p[n + 1] == ' '))
			return p;
	}
	return NULL;
}

bool
xml_cut(struct bytes doc, const char *qname, struct bytes *out)
{
	if (doc.size == 0)
		return false;
	const uint8_t *start = find_start(doc, doc.data, qname);
	if (start == NULL || find_start(doc, start + 1, qname) != NULL)
		return false;

	OWNED(char, closing, free_chars) = xprintf("</%s>", qname);
	size_t n = strlen(closing);
	const uint8_t *last = memmem(start, doc.size - (size_t)(start - doc.data), closing, n);
	if (last == NULL)
		return false;
	*out = bytes_of(start, (size_t)(last - start) + n);
	return true;
}
