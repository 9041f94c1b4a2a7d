/* SPDX-License-Identifier: EUPL-1.2
 *
 * Comma-separated values as people's spreadsheets read and write them: RFC 4180, UTF-8, the first
 * record is the header. A cell that a spreadsheet would take for a formula is written with an
 * apostrophe in front, and read back without it. */
#ifndef DAFTAR_FOLDER_CSV_H
#define DAFTAR_FOLDER_CSV_H

#include "adapters/row.h"

struct csv {
	char *text; /* owned, changed while it is read: cells end in NUL where the comma was */
	size_t size, at;
	const char *header[ROW_MAX];
	size_t columns;
	bool bad; /* not RFC 4180, or a record of another length than the header */
};

/* Takes the text and reads the header. A byte order mark is passed over: spreadsheets leave one. */
void csv_open(struct csv *c, struct buf *text);
void csv_close(struct csv *c);
/* The next record as a row whose cells live until csv_close. False at the end, and for ever after
 * something bad. */
bool csv_next(struct csv *c, struct row *out);

/* Writing: cells of a record, then its end. */
void csv_cell(struct buf *b, const char *text);
void csv_end(struct buf *b);

#endif
