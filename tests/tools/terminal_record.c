/* SPDX-License-Identifier: EUPL-1.2
 *
 * A recording that any player of asciicast version 2 shows: a line of JSON with the size, then one
 * for each piece of output with the seconds since the start. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/id.h"
#include "tests/tools/terminal.h"

struct recording {
	FILE *to;
	int64_t start;
	struct buf rest; /* the beginning of a character */
};

struct recording *
recording_new(const char *file, int columns, int rows)
{
	struct recording *r = xcalloc(1, sizeof *r);

	r->to = fopen(file, "w");
	if (r->to == NULL)
		die("%s", file);
	r->start = monotonic_now();
	fprintf(r->to,
		"{\"version\":2,\"width\":%d,\"height\":%d,\"timestamp\":%lld,"
		"\"env\":{\"TERM\":\"xterm-256color\"}}\n",
		columns, rows, (long long)time(NULL));
	return r;
}

/* Octets of the character that begins here; 0: it is not whole yet, -1: it is none. */
static int
length_of(const uint8_t *s, size_t left)
{
	int n = s[0] < 0x80   ? 1
		: s[0] < 0xc2 ? -1
		: s[0] < 0xe0 ? 2
		: s[0] < 0xf0 ? 3
		: s[0] < 0xf5 ? 4
			      : -1;

	for (int i = 1; i < n; i++) {
		if ((size_t)i >= left)
			return 0;
		if ((s[i] & 0xc0) != 0x80)
			return -1;
	}
	return n;
}

static void
put_character(FILE *to, const uint8_t *s, int n)
{
	if (n < 0)
		fputs("\\ufffd", to);
	else if (n == 1 && (s[0] < ' ' || s[0] == 0x7f))
		fprintf(to, "\\u%04x", s[0]);
	else if (n == 1 && (s[0] == '"' || s[0] == '\\'))
		fprintf(to, "\\%c", s[0]);
	else
		fwrite(s, 1, (size_t)n, to);
}

static void
begin(struct recording *r, char kind)
{
	int64_t ms = monotonic_now() - r->start;

	fprintf(r->to, "[%lld.%03lld,\"%c\",\"", (long long)ms / 1000, (long long)ms % 1000, kind);
}

void
recording_put(struct recording *r, const void *octets, size_t size)
{
	OWNED_BUF(all) = {0};
	size_t at = 0;
	int n = 1;

	if (r == NULL)
		return;
	buf_add_bytes(&all, buf_bytes(&r->rest));
	buf_add(&all, octets, size);
	buf_reset(&r->rest);
	begin(r, 'o');
	for (; at < all.size; at += (size_t)(n < 0 ? 1 : n)) {
		n = length_of(all.data + at, all.size - at);
		if (n == 0)
			break;
		put_character(r->to, all.data + at, n);
	}
	buf_add(&r->rest, all.data + at, all.size - at);
	fputs("\"]\n", r->to);
}

void
recording_resize(struct recording *r, int columns, int rows)
{
	if (r == NULL)
		return;
	begin(r, 'r');
	fprintf(r->to, "%dx%d\"]\n", columns, rows);
}

void
recording_free(struct recording **r)
{
	if (*r == NULL)
		return;
	if (fclose((*r)->to) != 0)
		die("the recording");
	buf_free(&(*r)->rest);
	free(*r);
	*r = NULL;
}
