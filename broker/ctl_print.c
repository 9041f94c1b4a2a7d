/* SPDX-License-Identifier: EUPL-1.2
 *
 * Everything that daftarctl prints goes through put_safely(), so nothing that came from elsewhere
 * can steer a terminal. Columns are as wide as what usually stands in them; a longer value moves
 * the rest of its line and is never cut. */
#include "broker/ctl_print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/obeyed.h"

const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

int64_t
number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* What a terminal would obey is spelt out, octets that are no UTF-8 as \xHH. */
size_t
safe_add(struct buf *out, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t left = strlen(text), length, columns = 0;

	for (; left > 0; p += length, left -= length) {
		uint32_t c = char_of_utf8(p, left, &length);
		char spelt[16] = "";

		if (length == 0) {
			length = 1;
			snprintf(spelt, sizeof spelt, "\\x%02x", p[0]);
		} else if (char_is_obeyed(c))
			snprintf(spelt, sizeof spelt, "\\u{%x}", (unsigned)c);
		if (spelt[0] != '\0')
			buf_text(out, spelt);
		else
			buf_add(out, p, length);
		columns += spelt[0] != '\0' ? strlen(spelt) : 1;
	}
	return columns;
}

int
put_safely(FILE *to, const char *text)
{
	OWNED_BUF(out) = {0};
	size_t columns = safe_add(&out, text);

	if (out.size > 0)
		fwrite(out.data, 1, out.size, to);
	return (int)columns;
}

/* Left-aligned in `width' columns and a space behind, or as it is when width is 0. */
void
put(int width, const char *text)
{
	int column = put_safely(stdout, text);

	if (width > 0)
		printf("%*s", width > column ? width - column + 1 : 1, "");
}

void
print_field(const char *name, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	put(12, name);
	put(0, text);
	putchar('\n');
}

const char *
age_text(int64_t ms, char out[32])
{
	int64_t s = ms < 0 ? 0 : ms / 1000;

	if (s < 120)
		snprintf(out, 32, "%" PRId64 " s", s);
	else if (s < 7200)
		snprintf(out, 32, "%" PRId64 " min", s / 60);
	else if (s < 172800)
		snprintf(out, 32, "%" PRId64 " h", s / 3600);
	else
		snprintf(out, 32, "%" PRId64 " days", s / 86400);
	return out;
}

/* ---- tables ---- */

const char *
cell_of(const json_t *row, const char *key, char room[32])
{
	const json_t *v = json_object_get(row, key);

	if (json_is_boolean(v))
		return json_is_true(v) ? "yes" : "no";
	if (!json_is_integer(v))
		return json_is_string(v) && json_string_length(v) > 0 ? json_string_value(v) : "-";
	snprintf(room, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	return room;
}

void
print_table(const json_t *rows, const struct column *columns, size_t n)
{
	const json_t *row;
	char room[32];
	size_t i;

	for (size_t c = 0; c < n; c++)
		put(columns[c].width, columns[c].title);
	putchar('\n');
	json_array_foreach(rows, i, row)
	{
		for (size_t c = 0; c < n; c++)
			put(columns[c].width, cell_of(row, columns[c].key, room));
		putchar('\n');
	}
}

void
print_words(const char *name, const json_t *words)
{
	const json_t *word;
	size_t i;

	put(12, name);
	json_array_foreach(words, i, word) put(1, json_string_value(word));
	putchar('\n');
}

void
print_known(const json_t *data, const struct column *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_object_get(data, fields[i].key);
		char room[32];

		if (v != NULL)
			print_field(fields[i].title, "%s", cell_of(data, fields[i].key, room));
	}
}

void
print_verbs(const json_t *data)
{
	static const struct column columns[] = {
		{"verb", "verb", 16}, {"arguments", "args", 18}, {"what it does", "sentence", 0}};

	print_table(json_object_get(data, "verbs"), columns, ARRAY_LEN(columns));
}

/* ---- in another order ---- */

static void
free_rows(const json_t ***rows)
{
	free(*rows);
}

json_t *
sorted_rows(const json_t *list, int (*compare)(const void *a, const void *b))
{
	size_t n = json_array_size(list);
	OWNED(const json_t *, rows, free_rows) = xcalloc(n + 1, sizeof *rows);
	json_t *sorted = json_array();

	for (size_t i = 0; i < n; i++)
		rows[i] = json_array_get(list, i);
	qsort(rows, n, sizeof *rows, compare);
	for (size_t i = 0; i < n; i++)
		json_array_append(sorted, (json_t *)rows[i]);
	return sorted;
}
