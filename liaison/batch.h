/* SPDX-License-Identifier: EUPL-1.2
 *
 * Many requests from one table: a row is the case file of daftar-request(5), told in columns, and
 * goes the way of every case file (liaison/check.c). For the files batch*.c. */
#ifndef DAFTAR_BATCH_H
#define DAFTAR_BATCH_H

#include "lib/csv.h"
#include "liaison/consent.h"

enum column {
#define COLUMN(constant, name, kind, path, example, sentence) COLUMN_##constant,
#include "liaison/batch_column.def"
#undef COLUMN
	COLUMN_N
};
enum column_kind {
	KIND_KEY,
	KIND_TEXT,
	KIND_NAME,
	KIND_DATE,
	KIND_DAY,
	KIND_TRUE,
	KIND_IDS,
	KIND_WORDS,
	KIND_DOCUMENTS,
	KIND_OTHER, /* goes with another column */
	KIND_PASSED
};
extern const struct batch_column {
	const char *name;
	enum column_kind kind;
	const char *path; /* of the case file's key */
	const char *example, *sentence;
} batch_columns[COLUMN_N];

/* ---- what the columns are called (liaison/batch_map.c) ---- */
struct batch_map {
	int at[COLUMN_N];	  /* in the file, -1: it has no such column */
	char *constant[COLUMN_N]; /* for every row that has nothing there; NULL */
	struct batch_renamed {
		char *theirs;
		int ours; /* -1: passed over */
		bool used;
	} * renamed;
	size_t n;
};
void batch_map_free(struct batch_map *m);
/* "theirs=ours,..." or the name of a file with a line each. E_INPUT, after blame(). */
enum err batch_map_read(const char *given, struct batch_map *m) MUST_USE;
/* Finds the columns of a header. E_INPUT, after blame(): unknown, twice, or mapped and not there.
 */
enum err batch_map_header(struct batch_map *m, const struct csv *c) MUST_USE;
/* A record of the file: loans, as long as its csv is open. */
struct batch_record {
	size_t line, n;
	const char **cell;
};
/* What it has in a column, white space at the ends left away; "" for nothing. On `a'. */
const char *batch_value(const struct batch_map *m, const struct batch_record *r, enum column column,
	struct arena *a);

/* ---- a row (liaison/batch_row.c) ---- */
struct batch_row {
	size_t line;
	const char *value[COLUMN_N];
	struct digest key, content; /* keyed: they tell nobody what stands in the row */
	char consent[ID_TEXT_SIZE]; /* for a consent that has no id in its columns */
};
/* Reads it off a record, and names it. On `a'. */
void batch_row_read(const struct batch_map *m, const struct batch_record *record,
	struct bytes secret, struct arena *a, struct batch_row *out);
/* The case file, for json_decref() whatever is answered. E_INPUT with a line "column: sentence" for
 * everything that is wrong with the columns themselves. */
enum err batch_row_json(
	const struct batch_row *r, struct arena *a, json_t **out, struct buf *problems) MUST_USE;
/* A line about a case file's key, "locator.birthDate.value: ..", by the name of its column. */
void batch_reword(const char *problem, struct buf *out);

/* ---- the file (liaison/batch_load.c) ---- */
enum row_end {
	ROW_LEFT,    /* nobody has looked at it */
	ROW_GOOD,    /* it could be filed */
	ROW_FILED,   /* now, and durably */
	ROW_ALREADY, /* before, or by a row above */
	ROW_WAITS,   /* a draft: a second officer has to clear it */
	ROW_REJECTED,
	ROW_ENDS
};
const char *row_end_word(enum row_end e); /* "filed", for programs */
struct batch_done {
	enum row_end end;
	enum err code;		    /* why rejected */
	char number[TRACKING_SIZE]; /* of its case; "" for none */
	char *reason;		    /* in words, NULL: none */
	struct digest key, content;
	size_t twin;  /* line of an earlier row of the same reference, 0: none */
	bool differs; /* and of other content */
	bool dropped; /* filed before, and dropped before it left */
};
struct batch {
	struct office *o;
	const char *path;
	struct csv csv;
	struct batch_map map;
	struct batch_record *record;
	struct batch_done *done; /* of each record */
	size_t n;
	uint8_t secret[DIGEST_SIZE];
};
void batch_free(struct batch **b);
/* Opens the office, reads the whole file and names its rows, or an ending that was told. */
enum ending batch_load(const struct options *options, struct batch **out) MUST_USE;
struct bytes batch_secret(const struct batch *b);
/* What the office keeps of a row that it has: E_NOT_FOUND. */
enum err batch_row_find(struct office *o, const struct digest *key, struct digest *content,
	char number[TRACKING_SIZE], bool *draft) MUST_USE;
enum err batch_row_keep(struct office *o, const struct digest *key, const struct digest *content,
	const char *number, bool draft) MUST_USE;

/* ---- checking and filing (liaison/batch_file.c) ---- */
/* Looks at every row; with `file' files those that may be. What stopped it, E_OK: nothing has, or
 * a signal (then rows are left). */
enum err batch_run(struct batch *b, bool file) MUST_USE;

/* ---- what was rejected (liaison/batch_rejects.c) ---- */
/* Writes the rows that were rejected beside the file, or where --rejects says; the name is
 * malloc'ed, NULL when there is nothing to write. */
enum err batch_rejects(struct batch *b, const char *asked, char **path) MUST_USE;

#endif
