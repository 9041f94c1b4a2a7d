/* SPDX-License-Identifier: EUPL-1.2
 *
 * Form encoding (WHATWG URL, application/x-www-form-urlencoded), with limits. */
#include "dashboard/query.h"

#include <stdlib.h>
#include <string.h>

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One octet of a value, decoded; -1 at the end or for a bad escape. */
static int
next_octet(struct cursor *c)
{
	uint8_t o = cursor_u8(c);
	int high, low;

	if (o != '%')
		return o == '+' ? ' ' : o;
	high = hex_digit(cursor_u8(c));
	low = hex_digit(cursor_u8(c));
	return c->bad || high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Strict UTF-8 (RFC 3629) of printable characters. */
static bool
is_fit(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s != '\0') {
		size_t more = *s < 0x80 ? 0 : *s >= 0xf0 ? 3 : *s >= 0xe0 ? 2 : 1;
		uint32_t c = more == 0 ? *s : *s & (0x3fu >> more);

		if (*s < 0x20 || *s == 0x7f || (*s >= 0x80 && *s < 0xc2) || *s > 0xf4)
			return false;
		for (size_t i = 1; i <= more; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return false;
			c = c << 6 | (s[i] & 0x3f);
		}
		if ((more == 2 && c < 0x800) || (more == 3 && (c < 0x10000 || c > 0x10ffff)) ||
			(c >= 0xd800 && c <= 0xdfff) || (c >= 0x80 && c < 0xa0))
			return false;
		s += more + 1;
	}
	return true;
}

static bool
decode(struct bytes in, char *out, size_t room)
{
	struct cursor c = cursor_of(in);
	size_t n = 0;

	while (c.left > 0) {
		int o = next_octet(&c);

		if (o <= 0 || n + 1 >= room)
			return false;
		out[n++] = (char)o;
	}
	out[n] = '\0';
	return is_fit(out);
}

static bool
take_pair(struct bytes in, struct query *q)
{
	const uint8_t *equals = in.size > 0 ? memchr(in.data, '=', in.size) : NULL;
	size_t n = equals == NULL ? in.size : (size_t)(equals - in.data);
	struct query_pair pair;

	if (in.size == 0)
		return true;
	if (!decode(bytes_of(in.data, n), pair.name, sizeof pair.name) || pair.name[0] == '\0')
		return false;
	if (equals == NULL || n + 1 == in.size)
		return query_text(q, pair.name) == NULL;
	if (!decode(bytes_of(equals + 1, in.size - n - 1), pair.value, sizeof pair.value))
		return false;
	if (query_text(q, pair.name) != NULL || q->n == QUERY_MAX)
		return false;
	q->pair[q->n++] = pair;
	return true;
}

bool
query_parse(struct bytes text, struct query *out)
{
	out->n = 0;
	while (text.size > 0) {
		const uint8_t *end = memchr(text.data, '&', text.size);
		size_t n = end == NULL ? text.size : (size_t)(end - text.data);

		if (!take_pair(bytes_of(text.data, n), out)) {
			out->n = 0;
			return false;
		}
		n += end != NULL;
		text = bytes_of(text.data + n, text.size - n);
	}
	return true;
}

static struct query_pair *
find(struct query *q, const char *name)
{
	for (size_t i = 0; i < q->n; i++)
		if (strcmp(q->pair[i].name, name) == 0)
			return &q->pair[i];
	return NULL;
}

const char *
query_text(const struct query *q, const char *name)
{
	for (size_t i = 0; i < q->n; i++)
		if (strcmp(q->pair[i].name, name) == 0)
			return q->pair[i].value;
	return NULL;
}

int64_t
query_number(const struct query *q, const char *name, int64_t fallback, int64_t least, int64_t most)
{
	const char *text = query_text(q, name);
	char *end;
	long long v;

	if (text == NULL || strlen(text) > 18 || strspn(text, "-0123456789") != strlen(text))
		return fallback;
	v = strtoll(text, &end, 10);
	return *end != '\0' || end == text || v < least || v > most ? fallback : v;
}

bool
query_set(struct query *q, const char *name, const char *value)
{
	struct query_pair *p = find(q, name);

	if (value == NULL || value[0] == '\0') {
		if (p != NULL) {
			memmove(p, p + 1, (size_t)(&q->pair[q->n] - (p + 1)) * sizeof *p);
			q->n--;
		}
		return true;
	}
	if (strlen(name) >= QUERY_NAME_SIZE || strlen(value) >= QUERY_VALUE_SIZE)
		return false;
	if (p == NULL) {
		if (q->n == QUERY_MAX)
			return false;
		p = &q->pair[q->n++];
	}
	return copy_text(p->name, sizeof p->name, name) &&
	       copy_text(p->value, sizeof p->value, value);
}

void
query_encode(const char *value, struct buf *out)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (const char *s = value; *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL)
			buf_add(out, s, 1);
		else
			buf_printf(out, "%%%02X", (unsigned)(uint8_t)*s);
	}
}

void
query_write(const struct query *q, struct buf *out)
{
	for (size_t i = 0; i < q->n; i++) {
		buf_text(out, i == 0 ? "" : "&");
		query_encode(q->pair[i].name, out);
		buf_text(out, "=");
		query_encode(q->pair[i].value, out);
	}
}
