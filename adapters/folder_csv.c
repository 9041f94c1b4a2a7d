/* SPDX-License-Identifier: EUPL-1.2
 *
 * RFC 4180 in both directions. The reader works in place and never past the end; a quote in the
 * wrong place, a NUL or a record of the wrong length ends it with `bad', because a shifted column
 * would put one person's particulars on another's record. */
#include "adapters/folder_csv.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

/* What makes a spreadsheet compute a cell instead of showing it; the apostrophe itself is among
 * them so that every cell can be read back as it was. */
static bool
is_formula(char c)
{
	return c != '\0' && strchr("=+-@\t\r\n'", c) != NULL;
}

/* A quoted cell from its opening quote; true when it was closed. */
static bool
read_quoted(struct csv *c, char **cell)
{
	char *to = c->text + c->at + 1;
	size_t from = c->at + 1;

	*cell = to;
	while (from < c->size) {
		if (c->text[from] != '"') {
			*to++ = c->text[from++];
			continue;
		}
		if (from + 1 < c->size && c->text[from + 1] == '"') {
			*to++ = '"';
			from += 2;
			continue;
		}
		c->at = from + 1;
		*to = '\0';
		return true;
	}
	return false;
}

static void
read_plain(struct csv *c, char **cell)
{
	*cell = c->text + c->at;
	while (c->at < c->size && strchr(",\r\n", c->text[c->at]) == NULL) {
		c->bad |= c->text[c->at] == '"' || c->text[c->at] == '\0';
		c->at++;
	}
}

/* Passes over the comma or the end of the record; true when another cell follows. */
static bool
read_separator(struct csv *c)
{
	size_t here = c->at;
	char sep = here < c->size ? c->text[here] : '\n';

	c->text[here] = '\0';
	c->at = here + 1;
	if (sep == '\r' && c->at < c->size && c->text[c->at] == '\n')
		c->at++;
	c->bad |= sep != ',' && sep != '\r' && sep != '\n';
	return sep == ',';
}

static size_t
read_record(struct csv *c, const char **cell)
{
	bool more = true;
	size_t n = 0;

	while (more && !c->bad) {
		char *text;

		if (n == ROW_MAX) {
			c->bad = true;
			break;
		}
		if (c->at < c->size && c->text[c->at] == '"') {
			c->bad |= !read_quoted(c, &text);
		} else {
			read_plain(c, &text);
		}
		if (c->bad)
			break;
		more = read_separator(c);
		cell[n++] = text[0] == '\'' && is_formula(text[1]) ? text + 1 : text;
	}
	return n;
}

void
csv_open(struct csv *c, struct buf *text)
{
	static const char mark[] = "\xef\xbb\xbf";

	*c = (struct csv){0};
	c->text = (char *)buf_take(text, &c->size); /* one octet of room behind: the NUL */
	c->bad = memchr(c->text, '\0', c->size) != NULL;
	if (c->size >= 3 && memcmp(c->text, mark, 3) == 0)
		c->at = 3;
	c->columns = read_record(c, c->header);
}

void
csv_close(struct csv *c)
{
	if (c->text != NULL)
		OPENSSL_cleanse(c->text, c->size);
	free(c->text);
	*c = (struct csv){0};
}

bool
csv_next(struct csv *c, struct row *out)
{
	if (c->bad || c->at >= c->size)
		return false;
	out->n = read_record(c, out->value);
	if (!c->bad && out->n == 1 && out->value[0][0] == '\0')
		return csv_next(c, out); /* an empty line */
	if (c->bad || out->n != c->columns) {
		c->bad = true;
		return false;
	}
	memcpy(out->name, c->header, c->columns * sizeof out->name[0]);
	return true;
}

void
csv_cell(struct buf *b, const char *text)
{
	if (b->size > 0 && b->data[b->size - 1] != '\n')
		buf_u8(b, ',');
	buf_u8(b, '"');
	if (is_formula(text[0]))
		buf_u8(b, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_u8(b, '"');
		buf_u8(b, (uint8_t)*text);
	}
	buf_u8(b, '"');
}

void
csv_end(struct buf *b)
{
	buf_text(b, "\r\n");
}
