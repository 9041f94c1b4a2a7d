/* SPDX-License-Identifier: EUPL-1.2
 *
 * Forms on paper: a request, an extract, an outcome, as a PDF. The items are those of ICCS
 * Convention 16 Form A, with headings in one or two languages (lib/paper_words.def); what is not
 * known is struck through and never guessed (article 2). A code in the corner ties the sheet to its
 * document.
 *
 * Personal data pass through here into the PDF and nowhere else: nothing is logged, and the PDF's
 * own metadata hold the tracking number only. For the officer's tool and the adapters (libpaper).
 */
#ifndef DAFTAR_PAPER_H
#define DAFTAR_PAPER_H

#include "lib/record.h"

enum paper_language {
	PAPER_EN,
	PAPER_FR,
	PAPER_AR,
	PAPER_AM,
	PAPER_SO,
	PAPER_SW,
	PAPER_TI,
	PAPER_LANGUAGES
};
bool paper_language_of(const char *code, enum paper_language *out) MUST_USE; /* "fr" */
const char *paper_language_code(enum paper_language l);
bool paper_is_rtl(enum paper_language l);

#define PAPER_ROWS 48
struct paper_row {
	const char *field; /* code of lib/paper_words.def */
	const char *value; /* lines; "" is struck through */
};
struct paper {
	const char *title; /* a code, as `field' is */
	char number[TRACKING_SIZE];
	struct digest
		digest; /* of the document that the sheet shows, or of the message it came in */
	enum paper_language first, second; /* the same twice: one language */
	bool training;
	struct arena *arena;
	struct paper_row row[PAPER_ROWS];
	size_t rows;
};
/* Everything that is added is copied. The languages and `training' are set before, and stay. */
void paper_begin(struct paper *p, const char *title, const char *number, const struct digest *d);
void paper_end(struct paper *p); /* wiped and freed */
#define OWNED_PAPER(name) __attribute__((cleanup(paper_end))) struct paper name = {.rows = 0}
void paper_add(struct paper *p, const char *field, const char *value); /* NULL is "" */
/* Every written form, the register's own first. */
void paper_add_name(struct paper *p, const char *field, const struct name *n);
/* As authored with its calendar; the day after it as "Jo 09 Mo 03 An 2024". */
void paper_add_date(struct paper *p, const char *field, const struct record_date *d);
void paper_add_place(struct paper *p, const char *field, const struct place *where);

/* ---- what goes on which form ---- */
void paper_request(struct paper *p, const struct request *r);
void paper_extract(struct paper *p, const struct extract *x);
void paper_outcome(struct paper *p, const struct outcome *o);

/* "fr,ar", or "fr" alone, as people say it. False: not one or two languages that are known. */
bool paper_languages_of(const char *text, struct paper *p) MUST_USE;
/* The heading's words; "" where the language has none. Item is "4", or "". */
const char *paper_word(const char *code, enum paper_language l);
const char *paper_item(const char *code);

/* A4, appended to `out'. *unknown is how many characters no font here can show: such a sheet should
 * not be handed out. E_IO. */
enum err paper_pdf(const struct paper *p, struct buf *out, size_t *unknown) MUST_USE;

/* ---- the code: "DFT1:7Q2KM9XAP:4F1C..:1A2B3C4D" ---- */
#define PAPER_CODE_SIZE 100
/* Tracking number without dashes, SHA-256 in upper-case hex, and the first 8 hex digits of the
 * SHA-256 over what stands before them, against a misread digit. */
void paper_code(const char *number, const struct digest *d, char out[PAPER_CODE_SIZE]);
/* What a reader has read, in any case; E_INPUT when it is no such code or a digit is wrong. */
enum err paper_code_read(const char *text, char number[TRACKING_SIZE], struct digest *d) MUST_USE;

/* The code as squares, row by row, 1 is dark; malloc'ed. (lib/paper_qr.c) */
uint8_t *paper_squares(const char *text, int *width);

#endif
