/* SPDX-License-Identifier: EUPL-1.2
 *
 * One entry of a national register as a row of named texts, and what is made of it: the particulars
 * of an extract. A CSV file's header and a SELECT's column names use the same words (adapters/
 * column.def), so a register is described once, whatever it is kept in. Rows are personal data. */
#ifndef DAFTAR_ROW_H
#define DAFTAR_ROW_H

#include "lib/csv.h"
#include "lib/record.h"

#define ROW_MAX 96 /* columns */

/* Loans; columns that are not in adapters/column.def are nobody's business and stay unread. */
struct row {
	const char *name[ROW_MAX];
	const char *value[ROW_MAX]; /* NULL or "" for nothing */
	size_t n;
};

/* The next record of a file as a row whose cells live until csv_close. False at the end, and when
 * there is a fault, which a record of another length than the header is too (`bad' is set). */
bool row_next(struct csv *c, struct row *out, bool *bad);

/* "" when the row has no such column or nothing in it. */
const char *row_text(const struct row *r, const char *name);

/* The extract that the row holds, without id, certifier and issue date. E_REGISTER_DATA when
 * something that every record must have is missing or is no date, sex or place. */
enum err row_extract(const struct row *r, struct extract **out) MUST_USE;
/* Adds the marginal note of a row, if it has one, behind those that the extract has. */
enum err row_annotation(struct extract *x, const struct row *r) MUST_USE;

/* The search for the one row that a locator means: give it every row that may fit, ask at the end.
 */
struct finding {
	const struct locator *locator;
	struct extract *found;
	size_t n;
	bool unsure; /* a row that cannot be told from others */
	bool alike;  /* a row whose name is only heard alike */
	bool broken; /* a row that seems to be meant cannot be understood */
};
void finding_row(struct finding *f, const struct row *r);
/* E_OK, E_RECORD_NOT_FOUND, E_AMBIGUOUS or E_REGISTER_DATA; frees what it does not give. */
enum err finding_end(struct finding *f, struct extract **out) MUST_USE;

/* The columns, for messages and the manual; NULL at the end of the list. */
const char *row_column(size_t i, const char **sentence);

#endif
