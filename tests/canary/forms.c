/* SPDX-License-Identifier: EUPL-1.2
 *
 * The forms that a text can hide in: other cases, UTF-16, base64 at each of its three alignments,
 * percent signs, hexadecimal, the escapes of JSON, C and XML, and its SHA-256, which for a name or
 * a date is as good as the text itself. */
#include "tests/canary/forms.h"

#include <ctype.h>
#include <string.h>

#include "lib/id.h"

typedef void form_fn(struct bytes text, struct buf *out);

static void
as_it_is(struct bytes text, struct buf *out)
{
	buf_add_bytes(out, text);
}

static void
mapped(struct bytes text, int (*map)(int), struct buf *out)
{
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = (uint8_t)map(text.data[i]);

		buf_add(out, &c, 1);
	}
}

static int
lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static int
upper(int c)
{
	return c >= 'a' && c <= 'z' ? c - 32 : c;
}

static int
swapped(int c)
{
	return lower(c) == c ? upper(c) : lower(c);
}

static void
in_lower_case(struct bytes text, struct buf *out)
{
	mapped(text, lower, out);
}

static void
in_upper_case(struct bytes text, struct buf *out)
{
	mapped(text, upper, out);
}

static void
in_swapped_case(struct bytes text, struct buf *out)
{
	mapped(text, swapped, out);
}

/* ---- code points ---- */

/* The texts are written by the test: UTF-8 of the basic plane. */
static uint32_t
next_point(struct bytes *rest)
{
	uint8_t c = rest->data[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : 3;
	uint32_t point = n == 1 ? c : n == 2 ? c & 0x1fu : c & 0xfu;

	assert(n <= rest->size);
	for (size_t i = 1; i < n; i++)
		point = point << 6 | (rest->data[i] & 0x3fu);
	rest->data += n;
	rest->size -= n;
	return point;
}

static void
utf16(struct bytes text, int high, struct buf *out)
{
	while (text.size > 0) {
		uint32_t point = next_point(&text);
		uint8_t pair[2];

		pair[high] = (uint8_t)(point >> 8);
		pair[!high] = (uint8_t)point;
		buf_add(out, pair, sizeof pair);
	}
}

static void
in_utf16le(struct bytes text, struct buf *out)
{
	utf16(text, 1, out);
}

static void
in_utf16be(struct bytes text, struct buf *out)
{
	utf16(text, 0, out);
}

/* ---- escapes: what is not ASCII stands as its number ---- */

enum escape { JSON_LOWER, JSON_UPPER, XML_HEX, XML_DECIMAL };

static void
put_escape(enum escape how, uint32_t point, struct buf *out)
{
	switch (how) {
	case JSON_LOWER:
		buf_printf(out, "\\u%04x", point);
		break;
	case JSON_UPPER:
		buf_printf(out, "\\u%04X", point);
		break;
	case XML_HEX:
		buf_printf(out, "&#x%X;", point);
		break;
	case XML_DECIMAL:
		buf_printf(out, "&#%u;", point);
		break;
	}
}

static void
escaped(struct bytes text, enum escape how, struct buf *out)
{
	while (text.size > 0) {
		uint32_t point = next_point(&text);

		if (point < 0x80)
			buf_u8(out, (uint8_t)point);
		else
			put_escape(how, point, out);
	}
}

static void
in_json(struct bytes text, struct buf *out)
{
	escaped(text, JSON_LOWER, out);
}

static void
in_json_capitals(struct bytes text, struct buf *out)
{
	escaped(text, JSON_UPPER, out);
}

static void
in_xml_hex(struct bytes text, struct buf *out)
{
	escaped(text, XML_HEX, out);
}

static void
in_xml_decimal(struct bytes text, struct buf *out)
{
	escaped(text, XML_DECIMAL, out);
}

/* ---- octets as digits ---- */

/* `plain': those of letters and digits stand as they are. */
static void
octets(struct bytes text, const char *mark, bool capitals, bool plain, struct buf *out)
{
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];

		if (plain && c < 0x80 && (isalnum(c) || strchr("-._~", c) != NULL))
			buf_u8(out, c);
		else
			buf_printf(out, capitals ? "%s%02X" : "%s%02x", mark, c);
	}
}

static void
in_percent(struct bytes text, struct buf *out)
{
	octets(text, "%", true, true, out);
}

static void
in_small_percent(struct bytes text, struct buf *out)
{
	octets(text, "%", false, true, out);
}

static void
in_percent_throughout(struct bytes text, struct buf *out)
{
	octets(text, "%", true, false, out);
}

static void
in_hex(struct bytes text, struct buf *out)
{
	octets(text, "", false, false, out);
}

static void
in_capital_hex(struct bytes text, struct buf *out)
{
	octets(text, "", true, false, out);
}

static void
in_c(struct bytes text, struct buf *out)
{
	octets(text, "\\x", false, true, out);
}

/* ---- base64 ---- */

/* With `shift' octets of something else before it: only the letters that the text alone decides. */
static void
base64_behind(struct bytes text, size_t shift, struct buf *out)
{
	OWNED_BUF(shifted) = {0};
	OWNED_BUF(letters) = {0};
	size_t from = (shift * 8 + 5) / 6, until = (shift + text.size) * 8 / 6;

	buf_add(&shifted, "\0\0", shift);
	buf_add_bytes(&shifted, text);
	buf_base64(&letters, shifted.data, shifted.size);
	buf_add(out, letters.data + from, until - from);
}

static void
in_base64(struct bytes text, struct buf *out)
{
	base64_behind(text, 0, out);
}

static void
in_base64_behind_one(struct bytes text, struct buf *out)
{
	base64_behind(text, 1, out);
}

static void
in_base64_behind_two(struct bytes text, struct buf *out)
{
	base64_behind(text, 2, out);
}

/* ---- digests ---- */

static void
as_digest(struct bytes text, struct buf *out)
{
	struct digest d;

	digest_of(text.data, text.size, &d);
	buf_add(out, d.octet, sizeof d.octet);
}

static void
as_digest_in_hex(struct bytes text, struct buf *out)
{
	struct digest d;

	digest_of(text.data, text.size, &d);
	buf_hex(out, d.octet, sizeof d.octet);
}

static void
as_digest_in_base64(struct bytes text, struct buf *out)
{
	OWNED_BUF(whole) = {0};
	struct digest d;

	digest_of(text.data, text.size, &d);
	buf_base64(&whole, d.octet, sizeof d.octet);
	buf_add(out, whole.data, 42); /* what the digest alone decides */
}

static const struct {
	const char *name;
	form_fn *make;
} forms[] = {
	{"utf-8", as_it_is},
	{"lower-case", in_lower_case},
	{"upper-case", in_upper_case},
	{"swapped-case", in_swapped_case},
	{"utf-16le", in_utf16le},
	{"utf-16be", in_utf16be},
	{"json", in_json},
	{"json-capitals", in_json_capitals},
	{"xml-hex", in_xml_hex},
	{"xml-decimal", in_xml_decimal},
	{"c", in_c},
	{"percent", in_percent},
	{"percent-small", in_small_percent},
	{"percent-throughout", in_percent_throughout},
	{"hex", in_hex},
	{"hex-capitals", in_capital_hex},
	{"base64", in_base64},
	{"base64-behind-1", in_base64_behind_one},
	{"base64-behind-2", in_base64_behind_two},
	{"sha256", as_digest},
	{"sha256-hex", as_digest_in_hex},
	{"sha256-base64", as_digest_in_base64},
};

const char *
form_make(size_t i, struct bytes text, struct buf *out)
{
	if (i >= ARRAY_LEN(forms))
		return NULL;
	buf_reset(out);
	forms[i].make(text, out);
	return forms[i].name;
}
