/* SPDX-License-Identifier: EUPL-1.2
 *
 * RFC 4180 in both directions. The reader works in place and never past the end; a quote in the
 * wrong place, a NUL or too many cells end it with a fault. */
#include "lib/csv.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "lib/lang.h"
#include "lib/xml.h"

static const char mark[] = "\xef\xbb\xbf";

/* What makes a spreadsheet compute a cell instead of showing it; the apostrophe itself is among
 * them so that every cell can be read back as it was. */
static bool
is_formula(char c)
{
	return c != '\0' && strchr("=+-@\t\r\n'", c) != NULL;
}

/* ---- before anything is read ---- */

static size_t
characters(const uint8_t *from, const uint8_t *to)
{
	size_t n = 0;

	for (; from < to; from++)
		n += (*from & 0xc0) != 0x80;
	return n;
}

static const char *
what_it_may_be(struct bytes text, uint8_t octet)
{
	bool utf16 = text.size >= 2 && (memcmp(text.data, "\xff\xfe", 2) == 0 ||
					       memcmp(text.data, "\xfe\xff", 2) == 0);

	if (utf16 || (text.size >= 2 && (text.data[0] == 0 || text.data[1] == 0)))
		return N_("this is UTF-16; save it anew as \"CSV UTF-8\"");
	if (octet == 0)
		return N_("there is a NUL character; this is no text file");
	return N_("this is not UTF-8 (it may be Windows-1252, Latin-1 or Windows-1256); save it "
		  "anew as \"CSV UTF-8\"");
}

bool
csv_text_ok(struct bytes text, struct csv_fault *out)
{
	const uint8_t *p = text.data, *end = p + text.size, *line = p;
	size_t n;

	*out = (struct csv_fault){.line = 1};
	for (; p < end; p += n) {
		n = utf8_length(p, end);
		if (n == 0 || *p == 0) {
			out->column = characters(line, p) + 1;
			out->what = what_it_may_be(text, *p);
			return false;
		}
		if (*p == '\n' || (*p == '\r' && (p + 1 == end || p[1] != '\n'))) {
			out->line++;
			line = p + 1;
		}
	}
	*out = (struct csv_fault){.what = NULL};
	return true;
}

/* How often it stands in the first record, outside of quotes. */
static size_t
count_of(const struct csv *c, char separator)
{
	bool quoted = false;
	size_t n = 0;

	for (size_t i = c->at; i < c->size; i++) {
		if (!quoted && (c->text[i] == '\n' || c->text[i] == '\r'))
			break;
		quoted ^= c->text[i] == '"';
		n += !quoted && c->text[i] == separator;
	}
	return n;
}

static void
find_separator(struct csv *c, const char *candidates)
{
	static const char says[] = "sep=";
	size_t most = 0, n;

	c->separator = candidates[0];
	if (candidates[1] == '\0')
		return;
	if (c->size - c->at > 5 && memcmp(c->text + c->at, says, 4) == 0 &&
		c->text[c->at + 4] != '\0' && strchr(candidates, c->text[c->at + 4]) != NULL &&
		strchr("\r\n", c->text[c->at + 5]) != NULL) {
		c->separator = c->text[c->at + 4];
		c->at += c->text[c->at + 5] == '\r' ? 7 : 6;
		c->at = c->at < c->size ? c->at : c->size;
		c->line++;
		return;
	}
	for (; *candidates != '\0'; candidates++) {
		n = count_of(c, *candidates);
		if (n > most) {
			most = n;
			c->separator = *candidates;
		}
	}
}

/* ---- reading ---- */

static void
fault(struct csv *c, size_t line, const char *what)
{
	if (c->fault.what == NULL)
		c->fault = (struct csv_fault){.line = line, .what = what};
}

/* A quoted cell from its opening quote. */
static void
read_quoted(struct csv *c, char **cell)
{
	char *to = c->text + c->at + 1;
	size_t from = c->at + 1, line = c->line;

	*cell = to;
	while (from < c->size) {
		if (c->text[from] != '"') {
			line += c->text[from] == '\n' ||
				(c->text[from] == '\r' &&
					(from + 1 == c->size || c->text[from + 1] != '\n'));
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
		c->line = line;
		return;
	}
	fault(c, c->line, N_("a quote that is opened in this line is never closed"));
}

static void
read_plain(struct csv *c, char **cell)
{
	*cell = c->text + c->at;
	for (; c->at < c->size; c->at++) {
		char here = c->text[c->at];

		if (here == c->separator || here == '\r' || here == '\n')
			break;
		if (here == '"')
			fault(c, c->line,
				N_("a quote stands inside a cell: quote the cell and double it"));
		if (here == '\0')
			fault(c, c->line, N_("there is a NUL character; this is no text file"));
	}
}

/* Passes over the separator or the end of the record; true when another cell follows. */
static bool
read_separator(struct csv *c)
{
	size_t here = c->at;
	char sep = here < c->size ? c->text[here] : '\n';

	c->text[here] = '\0';
	c->at = here + 1;
	if (sep == '\r' && c->at < c->size && c->text[c->at] == '\n')
		c->at++;
	if (sep != c->separator && sep != '\r' && sep != '\n')
		fault(c, c->line, N_("something stands between a closing quote and the separator"));
	if (sep == c->separator)
		return true;
	c->line++;
	return false;
}

static size_t
read_record(struct csv *c, const char **cell)
{
	bool more = true;
	size_t n = 0;

	c->began = c->line;
	while (more && c->fault.what == NULL) {
		char *text;

		if (n == CSV_COLUMNS) {
			fault(c, c->line, N_("there are more than 256 columns"));
			break;
		}
		if (c->at < c->size && c->text[c->at] == '"')
			read_quoted(c, &text);
		else
			read_plain(c, &text);
		if (c->fault.what != NULL)
			break;
		more = read_separator(c);
		cell[n++] = text[0] == '\'' && is_formula(text[1]) ? text + 1 : text;
	}
	return n;
}

void
csv_open(struct csv *c, struct buf *text, const char *separators)
{
	*c = (struct csv){.line = 1};
	c->text = (char *)buf_take(text, &c->size); /* one octet of room behind: the NUL */
	c->separator = separators[0];
	if (memchr(c->text, '\0', c->size) != NULL) {
		fault(c, 1, N_("there is a NUL character; this is no text file"));
		return;
	}
	c->marked = c->size >= 3 && memcmp(c->text, mark, 3) == 0;
	c->at = c->marked ? 3 : 0;
	find_separator(c, separators);
	c->columns = read_record(c, c->header);
}

void
csv_close(struct csv *c)
{
	if (c->text != NULL)
		OPENSSL_cleanse(c->text, c->size);
	free(c->text);
	*c = (struct csv){.line = 0};
}

bool
csv_record(struct csv *c)
{
	do {
		c->n = 0;
		if (c->fault.what != NULL || c->at >= c->size)
			return false;
		c->n = read_record(c, c->cell);
	} while (c->fault.what == NULL && c->n == 1 && c->cell[0][0] == '\0');
	return c->fault.what == NULL;
}

/* ---- writing ---- */

void
csv_cell_with(struct buf *b, char separator, const char *text)
{
	bool first = b->size == 0 || b->data[b->size - 1] == '\n' ||
		     (b->size == 3 && memcmp(b->data, mark, 3) == 0);

	if (!first)
		buf_u8(b, (uint8_t)separator);
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
csv_cell(struct buf *b, const char *text)
{
	csv_cell_with(b, ',', text);
}

void
csv_end(struct buf *b)
{
	buf_text(b, "\r\n");
}

void
csv_mark(struct buf *b)
{
	buf_text(b, mark);
}
