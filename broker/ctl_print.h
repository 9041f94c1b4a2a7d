/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl's answers for people: aligned plain text from the data of the control protocol. Keys
 * that are missing print as nothing. */
#ifndef DAFTAR_CTL_PRINT_H
#define DAFTAR_CTL_PRINT_H

#include <jansson.h>
#include <stdio.h>

#include "lib/buf.h"

typedef void ctl_print(const json_t *data);

#define PRINTS(print) ctl_print print;
#include "broker/ctl_rows.h"

/* How books stand, as an exit status: 0 they agree, 1 they differ, 3 it cannot be told. */
int ctl_books(const json_t *data);

/* Adds the text, and nothing that a terminal would obey; the columns that it takes. */
size_t safe_add(struct buf *out, const char *text);
/* The same to a file; the columns that it took. */
int put_safely(FILE *to, const char *text);
/* In so many columns and a space behind, or as it is when width is 0. Standard output. */
void put(int width, const char *text);
/* A line: a name, and what is said of it. */
void print_field(const char *name, const char *fmt, ...) PRINTF(2, 3);
struct column {
	const char *title, *key;
	int width;
};
void print_table(const json_t *rows, const struct column *columns, size_t n);
/* A line for each key that is there. */
void print_known(const json_t *data, const struct column *fields, size_t n);
/* Texts of a list, on one line. */
void print_words(const char *name, const json_t *words);
const char *cell_of(const json_t *row, const char *key, char room[32]);

/* ---- broker/ctl_waits.c: whom messages wait for since a restore; nothing when for nobody ---- */
void print_waits(const json_t *status);
void print_message_waits(const json_t *message);

/* How to go on, when there may be more. */
void print_next_page(const json_t *data, const char *option);
/* A new list of the same rows; what is compared are pointers to them. */
json_t *sorted_rows(const json_t *list, int (*compare)(const void *a, const void *b));
/* Corridors sorted, the most trouble first; a new reference. */
json_t *corridors_by_trouble(const json_t *data);
/* The day's figures and the age of the oldest, beside the others. */
void corridor_flatten(json_t *row);

/* Text of a key, "" when there is none; a loan. */
const char *text_of(const json_t *o, const char *key);
int64_t number_of(const json_t *o, const char *key); /* 0 when there is none */
/* "4 s", "3 min", "2 h", "5 days"; returns `out'. */
const char *age_text(int64_t ms, char out[32]);

#endif
