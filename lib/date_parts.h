/* SPDX-License-Identifier: EUPL-1.2
 *
 * Between the files that read a date: lib/date_words.c finds the parts of a text, lib/date_said.c
 * makes dates of them, lib/date_span.c spans of two dates and of ages, lib/date_edtf.c reads EDTF.
 */
#ifndef DAFTAR_DATE_PARTS_H
#define DAFTAR_DATE_PARTS_H

#include "lib/calendar_parts.h"
#include "lib/date_said.h"

/* ---- words and signs of a folded text ---- */
enum token_kind { TOKEN_NUMBER, TOKEN_WORD, TOKEN_SIGN };
struct token {
	enum token_kind kind;
	int value;	/* of a number, at most 999999999 */
	size_t digits;	/* of a number */
	const char *at; /* into the folded text */
	size_t size;
};
#define TOKENS_MOST 40
struct tokens {
	struct token t[TOKENS_MOST];
	size_t n;
};
/* False: too many. */
bool tokens_of(const char *folded, struct tokens *out) MUST_USE;

/* What a word other than the name of a month or weekday says. */
enum meaning {
	MEAN_NOTHING, /* the word is not known */
	MEAN_NOISE,
	MEAN_ABOUT,
	MEAN_UNSURE,
	MEAN_BEFORE,
	MEAN_UNTIL,
	MEAN_AFTER,
	MEAN_SINCE,
	MEAN_BETWEEN,
	MEAN_AND,
	MEAN_DECADE,
	MEAN_AGE,    /* "aged": a number follows */
	MEAN_YEARS,  /* of age: a number stands before */
	MEAN_YEAR,   /* "year": of age behind a number that stands first, noise otherwise */
	MEAN_MONTHS, /* of age */
	MEAN_GREGORIAN,
	MEAN_ETHIOPIC,
	MEAN_COPTIC,
	MEAN_HIJRI,
	MEAN_MERCY,   /* Amete Mihret, written beside Ethiopic and Gregorian years */
	MEAN_MARTYRS, /* AM in Latin: Amete Mihret or anno martyrum */
	MEAN_BEFORE_CHRIST
};
/* What a run of words from t->t[at] on says. *used is how many tokens it took, at least 1. */
struct word {
	int month[CALENDAR_N]; /* all 0: no month */
	bool is_month;
	int weekday;
	enum meaning meaning;
};
void word_at(const struct tokens *t, size_t at, struct word *out, size_t *used);

/* ---- the parts of one date ---- */
struct parts {
	int number[3];
	size_t digits[3];
	size_t n;
	int month[CALENDAR_N];
	bool has_month;
	unsigned eras; /* bits of the calendars that the text names; 0: none */
	bool before_christ;
	int weekday;
	bool about, unsure, decade, is_dashed;
	enum meaning relation; /* MEAN_BEFORE, UNTIL, AFTER, SINCE or NOTHING */
};
/* False when there is something that is no part of a date. */
bool parts_of(const struct tokens *t, struct parts *out) MUST_USE;

/* ---- between the readers ---- */
#define BIT_OF(c) (1u << (c))
struct wish {
	enum calendar calendar;
	enum date_order order;
};
/* One date, without spans and ages; *out is set anew. */
void read_one(const struct tokens *t, const struct wish *w, struct date_said *out);
/* "between .. and ..", "1990-1993"; false: there is none in the text. */
bool read_between(const struct tokens *t, const struct wish *w, struct date_said *out);
/* An age and when it was told; false: there is none in the text. */
bool read_age(const struct tokens *t, const struct wish *w, struct date_said *out);
/* A text in the form of EDTF, in the calendar's own years and months; false: it has not that form.
 */
bool read_edtf(const char *folded, enum calendar c, struct date_said *out);
/* The subject of a case was born between this day and today. */
#define DAY_LIKELY_FIRST 2396759 /* 1850-01-01 */
bool said_is_likely(const struct date_said *s);
/* Takes everything back and says why. */
void said_fault(struct date_said *out, enum date_fault f, const char *sentence);
/* Adds a reading whose dates are set; days and value are made. Drops what has been said already. */
void said_add(struct date_said *out, const struct date_reading *r);
/* A date that there is not. The sentence stays the first one's. */
void said_impossible(struct date_said *out, enum calendar c, const struct ymd *d);

#endif
