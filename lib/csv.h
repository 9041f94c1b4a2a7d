/* SPDX-License-Identifier: EUPL-1.2
 *
 * Comma-separated values as people's spreadsheets read and write them: RFC 4180, the first record
 * is the header, and the lines that a person sees in an editor are counted. For register folders
 * (adapters/) and batches (liaison/). A cell that a spreadsheet would take for a formula is written
 * with an apostrophe in front, and read back without it. Cells are personal data. */
#ifndef DAFTAR_CSV_H
#define DAFTAR_CSV_H

#include "lib/buf.h"

#define CSV_COLUMNS 256

/* Where a text cannot be read on, and why: a sentence for people (lib/lang.h), never the text. */
struct csv_fault {
	size_t line, column; /* from 1; the column counts characters; 0: the whole line */
	const char *what;    /* NULL: nothing is wrong */
};

struct csv {
	char *text; /* owned, changed while it is read: cells end in NUL where the comma was */
	size_t size, at;
	size_t line;	/* that begins at, or holds, text[at] */
	size_t began;	/* line in which the record begins that csv_record has read */
	char separator; /* that was found */
	bool marked;	/* a byte order mark stood in front */
	const char *header[CSV_COLUMNS];
	size_t columns;
	const char *cell[CSV_COLUMNS];
	size_t n;		/* of the record; a caller holds it against `columns' */
	struct csv_fault fault; /* what ended it; nothing is read behind it */
};

/* Is it text in UTF-8 without NUL? Otherwise where it is not, and what it may be. */
bool csv_text_ok(struct bytes text, struct csv_fault *out) MUST_USE;
/* Takes the text and reads the header. A byte order mark is passed over: spreadsheets leave one.
 * The separator is that of `separators' which the header has most often, the first where it has
 * none; where there is a choice, a first line "sep=;" names it. */
void csv_open(struct csv *c, struct buf *text, const char *separators);
void csv_close(struct csv *c);
/* The next record that is no empty line; its cells live until csv_close. False at the end, and for
 * ever after a fault: a shifted column would put one person's particulars on another's record. */
bool csv_record(struct csv *c);

/* Writing: cells of a record, then its end. */
void csv_cell(struct buf *b, const char *text);
void csv_cell_with(struct buf *b, char separator, const char *text);
void csv_end(struct buf *b);
/* The mark that lets a spreadsheet see that it is UTF-8. */
void csv_mark(struct buf *b);

#endif
