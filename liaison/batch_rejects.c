/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rows that were rejected, in a table of the same columns with line and reason behind: mended
 * there, it is a batch itself. It is the owner's alone and is written whole or not at all. A file
 * that a person has worked in is never overwritten: unless it is as it was written here, or named
 * by --rejects, the next free name is taken. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "liaison/batch.h"

#define ENDING ".csv"
#define NAMED ".rejects"
#define NAMES_MOST 99
#define FACT "batch/rejects/"
#define SIZE_MOST ((size_t)128 << 20)

/* ---- what stands in it ---- */

static bool
is_copied(const struct batch *b, size_t column)
{
	return b->map.at[COLUMN_LINE] != (int)column && b->map.at[COLUMN_REASON] != (int)column;
}

static void
put_row(const struct batch *b, size_t n, const char *const *cell, const char *line,
	const char *reason, struct buf *out)
{
	for (size_t i = 0; i < b->csv.columns; i++)
		if (is_copied(b, i))
			csv_cell_with(out, b->csv.separator, i < n ? cell[i] : "");
	csv_cell_with(out, b->csv.separator, line);
	csv_cell_with(out, b->csv.separator, reason);
	csv_end(out);
}

static size_t
put_rejects(const struct batch *b, struct buf *out)
{
	size_t n = 0;

	csv_mark(out);
	put_row(b, b->csv.columns, b->csv.header, "line", "reason", out);
	for (size_t i = 0; i < b->n; i++) {
		const struct batch_record *r = &b->record[i];
		char line[24];

		if (b->done[i].end != ROW_REJECTED)
			continue;
		snprintf(line, sizeof line, "%zu", r->line);
		put_row(b, r->n, r->cell, line, b->done[i].reason, out);
		n++;
	}
	return n;
}

/* ---- where it stands ---- */

/* "a/march.csv" to "a/march.rejects.csv", and that to "a/march.rejects2.csv". */
static char *
name_of(const char *path, unsigned number)
{
	size_t n = strlen(path), digits;
	OWNED(char, stem, free_chars) = NULL;
	unsigned before = 0;

	if (n > strlen(ENDING) && strcasecmp(path + n - strlen(ENDING), ENDING) == 0)
		n -= strlen(ENDING);
	stem = xstrdup(path);
	stem[n] = '\0';
	for (digits = 0; n > digits && stem[n - digits - 1] >= '0' && stem[n - digits - 1] <= '9';)
		digits++;
	if (digits < 3 && n - digits > strlen(NAMED) &&
		strncmp(stem + n - digits - strlen(NAMED), NAMED, strlen(NAMED)) == 0) {
		before = digits > 0 ? (unsigned)atoi(stem + n - digits) : 1;
		stem[n - digits - strlen(NAMED)] = '\0';
	}
	number += before;
	return number <= 1 ? xprintf("%s%s%s", stem, NAMED, ENDING)
			   : xprintf("%s%s%u%s", stem, NAMED, number, ENDING);
}

static char *
fact_of(const struct batch *b, const char *path)
{
	OWNED(char, whole, free_chars) = realpath(path, NULL);
	const char *name = whole != NULL ? whole : path;
	char hex[DIGEST_TEXT_SIZE];
	struct digest d;

	digest_hmac(batch_secret(b), bytes_of(name, strlen(name)), &d);
	digest_format(&d, hex);
	return xprintf(FACT "%s", hex);
}

/* Nothing there, or what was written by us and left as it was. */
static bool
is_ours(const struct batch *b, const char *path)
{
	OWNED(char, fact, free_chars) = NULL;
	OWNED_BUF(there) = {0};
	OWNED_BUF(noted) = {0};
	struct digest d;

	if (access(path, F_OK) != 0)
		return errno == ENOENT;
	fact = fact_of(b, path);
	if (file_read(path, SIZE_MOST, &there) != E_OK ||
		spool_fact(b->o->spool, fact, &noted) != E_OK || noted.size != sizeof d)
		return false;
	digest_hmac(batch_secret(b), buf_bytes(&there), &d);
	return memcmp(noted.data, d.octet, sizeof d) == 0;
}

static char *
free_name(const struct batch *b)
{
	const char *path = strcmp(b->path, "-") == 0 ? "batch.csv" : b->path;

	for (unsigned i = 1; i <= NAMES_MOST; i++) {
		OWNED(char, name, free_chars) = name_of(path, i);

		if (strcmp(name, b->path) != 0 && is_ours(b, name))
			return TAKE(name);
	}
	return NULL;
}

/* So that the next run may replace it. */
static void
note_written(const struct batch *b, const char *path, struct bytes content)
{
	OWNED(char, fact, free_chars) = fact_of(b, path);
	struct digest d;

	digest_hmac(batch_secret(b), content, &d);
	(void)!spool_set_fact(b->o->spool, fact, bytes_of(d.octet, sizeof d.octet));
}

enum err
batch_rejects(struct batch *b, const char *asked, char **path)
{
	OWNED(char, name, free_chars) = asked != NULL ? xstrdup(asked) : free_name(b);
	OWNED_BUF(text) = {0};
	enum err e;

	*path = NULL;
	if (put_rejects(b, &text) == 0)
		return E_OK;
	if (name == NULL)
		return E_IO;
	e = file_replace_personal(name, buf_bytes(&text));
	if (e == E_OK) {
		note_written(b, name, buf_bytes(&text));
		*path = TAKE(name);
	}
	return e;
}
