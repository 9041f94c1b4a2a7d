/* SPDX-License-Identifier: EUPL-1.2
 *
 * Between the files that make calendars: lib/calendar*.c and lib/date_*.c. */
#ifndef DAFTAR_CALENDAR_PARTS_H
#define DAFTAR_CALENDAR_PARTS_H

#include "lib/buf.h"
#include "lib/calendar.h"

/* ---- ICU (lib/calendar_icu.c) ---- */
/* The years of which ICU has the table; outside of them it reckons by another rule and does not say
 * so. */
#define UMALQURA_FIRST 1300
#define UMALQURA_LAST 1600
int umalqura_days(int year, int month);
int umalqura_new_year(int year); /* to UMALQURA_LAST + 1 */
/* What ICU makes of a date, or of a day: for the test that holds our arithmetic against it. False:
 * it knows no such date. */
struct icu;
struct icu *icu_new(enum calendar c);
void icu_free(struct icu **icu);
bool icu_day_of(struct icu *icu, const struct ymd *d, int *day) MUST_USE;
bool icu_ymd_of(struct icu *icu, int day, struct ymd *out) MUST_USE;
/* A text as it is compared: decomposed, lower case, without marks, joiners and apostrophes; digits
 * of all scripts and Ge'ez numerals as 0 to 9; one kind of dash, slash and gap; letters that are
 * written for one another in Arabic and Ge'ez as one. E_NOT_UTF8. */
enum err date_fold(const char *text, struct buf *out) MUST_USE;

/* ---- lib/calendar.c ---- */
void calendar_years(enum calendar c, int *first, int *last);

/* ---- names (lib/calendar_text.c) ---- */
/* The name of a month as folded text without gaps and dashes: in which calendars it is one and
 * which. month[c] is 0 where it is none. */
bool month_of_key(const char *key, int month[CALENDAR_N]) MUST_USE;
/* 1 to 7, 0: none. */
int weekday_of_key(const char *key);
/* Takes out of folded text what makes no difference in a name. */
void key_of(const char *folded, size_t size, struct buf *out);

#endif
