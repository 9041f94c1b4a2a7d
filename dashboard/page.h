/* SPDX-License-Identifier: EUPL-1.2
 *
 * How a screen is written. A screen is one function, `void screen_x(struct page *p)', with a row in
 * dashboard/screens.def; it asks the broker (p_ask) and writes what goes between the frame's head
 * and foot. Everything that comes from outside goes through a writer that escapes it: p_raw takes
 * literals of the source only. Texts for people are marked N_() and translated here.
 *
 * The same function makes the page for a browser without scripts and for the live stream: parts
 * between p_part and p_part_end, and table rows that have an id, are compared with what the browser
 * has and sent when they differ. Ages do not count as a difference; the browser moves them on. */
#ifndef DAFTAR_DASHBOARD_PAGE_H
#define DAFTAR_DASHBOARD_PAGE_H

#include <jansson.h>

#include "dashboard/broker.h"
#include "dashboard/query.h"
#include "lib/buf.h"
#include "lib/lang.h"

#define PAGE_PARTS 256
#define PAGE_COLUMNS 16

/* Bits, as in the control protocol's table of verbs. */
enum role {
	ROLE_VIEWER = 1,
	ROLE_OPERATOR = 2,
	ROLE_SECURITY = 4,
	ROLE_AUDITOR = 8,
	ROLE_ANY = 15
};

struct viewer {
	char user[33];
	unsigned roles;
	char lang[3];	     /* "en", "fr", "ar" */
	char scheme[6];	     /* "", "light", "dark" */
	char csrf[65];	     /* masked anew in every answer */
	struct flash *flash; /* what came of the last act; NULL: nobody is logged in */
	int64_t ends;	     /* when the session ends unless it is used, ms UTC */
};

struct part {
	char id[64];
	char into[64]; /* rows: the container on whose top a new one goes */
	size_t begin, end;
	uint64_t digest; /* of the HTML without its ages */
};

struct screen;
struct flash;

struct page {
	struct buf *out;
	struct broker *broker;
	const struct query *query;
	const struct viewer *viewer;
	const struct screen *screen;
	int status;	 /* 200; a screen that finds nothing says 404 */
	char title[120]; /* "": the screen's own */
	int64_t now;	 /* ms UTC, one for the whole page */
	bool away;	 /* the exchange did not answer: what stands here is not what there is */
	/* the writer's own */
	struct part part[PAGE_PARTS];
	size_t n_parts;
	size_t open_part; /* place + 1, 0: none */
	struct {
		size_t begin, end;
	} age[PAGE_PARTS];
	size_t n_ages;
	size_t token[4]; /* where form tokens stand */
	size_t n_tokens;
	char table[64];
	const char *column[PAGE_COLUMNS];
	size_t n_columns, at_column;
};

/* ---- asking ---- */
/* The broker's answer, a loan for this page. NULL: the error was written as a block that says what
 * is still safe and what to do next. Takes `args' (may be NULL). */
const json_t *p_ask(struct page *p, const char *verb, json_t *args);
/* Members of an answer: "" and 0 when they are not there or of another type. */
const char *text_of(const json_t *o, const char *key);
int64_t number_of(const json_t *o, const char *key);
bool is_true(const json_t *o, const char *key);
int64_t instant_of(const json_t *o, const char *key); /* ms UTC of an instant in text, 0: none */

/* ---- text ---- */
void p_raw(struct page *p, const char *html);			    /* a literal of the source */
void p_numbers(struct page *p, const char *html, ...) PRINTF(2, 3); /* literal and numbers, no %s */
void p_text(struct page *p, const char *text);			    /* escaped */
void p_comma(struct page *p);		       /* of the language, between two of a list */
void p_bdi(struct page *p, const char *text);  /* escaped, and its direction kept to itself */
void p_code(struct page *p, const char *text); /* the same, as code: ids, digests, error codes */
/* p_words(p, N_("from %s"), x): translated, filled in, then escaped as a whole. */
void p_words(struct page *p, const char *format, ...) PRINTF(2, 3);
/* p_count(p, n, "%lld message waits", "%lld messages wait"): in the language's own plural. */
void p_count(struct page *p, int64_t n, const char *one, const char *many);
/* A sentence of the broker's code list, e.g. p_sentence(p, "EXPIRED"), translated. */
void p_sentence(struct page *p, const char *code);
void p_number(struct page *p, int64_t n); /* 12 345 */
void p_octets(struct page *p, int64_t n); /* 1.4 MB */

/* ---- time ---- */
void p_time(
	struct page *p, const char *instant); /* "2026-11-27T..Z" as UTC; the browser adds local */
void p_instant(struct page *p, int64_t ms);
void p_age(struct page *p, int64_t since_ms);  /* "3 min", moves on; 0: a dash */
void p_left(struct page *p, int64_t until_ms); /* "in 3 d", "2 h late" */
void p_span(struct page *p, int64_t ms);       /* "90 s", stands still */
void p_units(struct page *p);		       /* attributes by which the script says spans */

/* ---- marks: a sign, a word and a colour, never colour alone ---- */
enum mark { MARK_GOOD, MARK_WARN, MARK_BAD, MARK_IDLE };
void p_mark(struct page *p, enum mark mark, const char *words); /* N_() */
void p_stage(struct page *p, const char *stage);		/* of a message, as a chip */

/* ---- links; names and values end with NULL: p_link(p, "text", "/message", "id", id, NULL) ---- */
void p_link(struct page *p, const char *text, const char *path, ...) __attribute__((sentinel));
void p_link_words(struct page *p, const char *words, const char *path, ...)
	__attribute__((sentinel));
/* Begins <a href>, for content of your own; p_link_end closes it. */
void p_link_begin(struct page *p, const char *path, ...) __attribute__((sentinel));
void p_link_end(struct page *p);
/* To this page with its filters, and these changed (NULL value: without it; then two NULLs end). */
void p_link_here(struct page *p, const char *words, const char *name, const char *value);
/* "Older", when `next' is not NULL: this page with ?before=next. */
void p_more(struct page *p, const char *name, const json_t *next);
/* To the runbook: /help/RUNBOOK, with words of its own when NULL. */
void p_runbook(struct page *p, const char *anchor);

/* ---- blocks ---- */
void p_section(struct page *p, const char *id, const char *words); /* <section> with its h2 */
void p_section_end(struct page *p);
void p_heading(struct page *p, const char *words); /* h3 */
void p_note(struct page *p, const char *words);	   /* a quiet paragraph */
void p_empty(struct page *p, const char *words);   /* what stands where a list has nothing */
/* Name and value in a definition list: p_facts, p_fact .. p_fact_end, p_facts_end. */
void p_facts(struct page *p);
void p_fact(struct page *p, const char *words);
void p_fact_end(struct page *p);
void p_facts_end(struct page *p);
/* One that is nothing but a number, a code, a text of the broker's. */
void p_fact_number(struct page *p, const char *words, int64_t n);
void p_fact_code(struct page *p, const char *words, const char *code);
void p_fact_bdi(struct page *p, const char *words, const char *text);
/* A card of the grid that p_cards opens; the edge has the mark's colour and its sign. */
void p_cards(struct page *p);
void p_card(struct page *p, const char *id, enum mark mark, const char *words);
void p_card_end(struct page *p);
void p_cards_end(struct page *p);
/* An error in the house form: what happened, what is still safe, what to do next, the code. */
void p_error(struct page *p, enum err e, const char *what);

/* ---- tables ----
 *	p_table(p, "messages", N_("Newest first"));
 *	p_column(p, N_("Tracking")); p_column(p, N_("From"));
 *	p_rows(p);
 *	p_row(p, id);  p_cell(p); p_bdi(p, ..); p_cell_end(p);  ..  p_row_end(p);
 *	p_table_end(p);
 * On a phone each row becomes a card with the columns' names. The first cell is the row's header.
 */
void p_table(struct page *p, const char *id, const char *caption);
/* Its beginning alone, up to the first <th>: for a matrix, which makes its own columns. */
void p_table_head(struct page *p, const char *id, const char *caption, bool matrix);
void p_column(struct page *p, const char *words);
void p_column_number(struct page *p, const char *words); /* over p_cell_number */
void p_rows(struct page *p);
void p_row(struct page *p, const char *id); /* live when `id' is not NULL: "" needs none */
void p_cell(struct page *p);
void p_cell_number(struct page *p); /* right-hand, tabular figures */
void p_cell_end(struct page *p);
void p_row_end(struct page *p);
void p_table_end(struct page *p);

/* ---- a table of a list: a row for each object, a cell for each column ---- */
struct column {
	const char *words; /* N_(), over it */
	/* What stands in a cell: `put' writes it, or the object has it as `key'. */
	void (*put)(struct page *p, const json_t *row);
	const char *key;
	void (*text)(struct page *p, const char *text);
	void (*time)(struct page *p, int64_t ms); /* of an instant */
	void (*number)(struct page *p, int64_t n);
	bool figure; /* right-hand; `number' is so by itself */
};
/* Columns end with one without words. The table stays open for rows, until p_table_end. */
void p_list_begin(
	struct page *p, const char *id, const char *caption, const struct column *columns);
/* id: as of p_row. */
void p_list_row(struct page *p, const char *id, const struct column *columns, const json_t *row);
/* All of it, rows without ids. */
void p_list(struct page *p, const char *id, const char *caption, const struct column *columns,
	const json_t *rows);

/* ---- live parts: not nested, id of [a-z0-9-] ---- */
void p_part(struct page *p, const char *id);
void p_part_end(struct page *p);
/* What stands between them, inside a part, is news when the minute has changed, not sooner. */
void p_slowly(struct page *p);
void p_slowly_end(struct page *p);

/* ---- acts and forms ---- */
/* A button that leads to the page of this row of dashboard/acts.def, where the reason is asked and
 * the sentence confirmed; arguments end with NULL. Nothing when the viewer has not the role. */
void p_act(struct page *p, const char *path, ...) __attribute__((sentinel));
/* A form of filters (GET, this page): p_filter .. fields .. p_filter_end. */
void p_filter(struct page *p, const char *words);
void p_filter_end(struct page *p);
void p_field(struct page *p, const char *name, const char *words, const char *hint);
/* `values' and `words' side by side, "" first for any; ends with NULL in `values'. */
void p_choice(struct page *p, const char *name, const char *label, const char *const *values,
	const char *const *words);
/* The hidden field that every form with method="post" needs. */
void p_token(struct page *p);
bool p_may(const struct page *p, unsigned roles);
/* The answer's status for a page whose subject was not shown: 404, or 503 when nobody was asked. */
void p_is_missing(struct page *p);

#endif
