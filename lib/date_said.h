/* SPDX-License-Identifier: EUPL-1.2
 *
 * A date as people say it: "12 Meskerem 2015", "le 1er mars 1994", "about 1994", "1994?", "199X",
 * "7 years in 2024", with month names of the seven languages, in Arabic, Persian, Ge'ez or western
 * digits. Nothing is guessed: what can be read in two ways has two readings. For the officer's tool
 * and the adapters (libcivil). */
#ifndef DAFTAR_DATE_SAID_H
#define DAFTAR_DATE_SAID_H

#include "lib/calendar.h"
#include "lib/record.h"

enum date_order { ORDER_UNKNOWN, ORDER_DAY_FIRST, ORDER_MONTH_FIRST };

#define DATE_READINGS 6
#define DATE_PROBLEM_SIZE 800

struct date_reading {
	enum calendar calendar;
	struct ymd from,
		to; /* in that calendar, the same for a plain date; year 0: open or open end */
	struct day_span days;
	char value[EDTF_SIZE];
	char doubt;	   /* ?~% or 0 */
	const char *basis; /* "document", "age-estimate" of an age; "placeholder" of nothing: the
			      person says so, see date_looks_placed */
	bool month_first;  /* 3/4/2019 read as 4 March */
};
struct date_said {
	size_t n; /* 1: understood. 0: not. More: each is possible, and none may be taken */
	struct date_reading reading[DATE_READINGS];
	enum date_fault fault;
	char problem[DATE_PROBLEM_SIZE]; /* sentence in the person's language, "" when n is 1 */
	unsigned others; /* bits of calendars in which the text would be a date as well: to be told,
			    where nobody has named the calendar */
};

/* Reads it. True when there is exactly one reading. CALENDAR_ANY: nobody has named one; then a date
 * in digits is Gregorian where it can be, and `others' tells what else. */
bool date_said(const char *text, enum calendar c, struct date_said *out);
/* The same for a column or a paper of which it is known what comes first. */
bool date_said_as(const char *text, enum calendar c, enum date_order order, struct date_said *out);

/* A record's date from the only reading; texts are copied into the arena. */
void date_record(
	const struct date_reading *r, const char *text, struct arena *a, struct record_date *out);

/* 1 January or 1 July, of the Gregorian calendar or as written in the date's own: what an office
 * writes when the day is not known. It is marked with basis "placeholder", and matches as a year.
 */
bool date_looks_placed(const struct date_reading *r);

/* ---- a record's date held against itself ---- */
enum date_finding {
	DATE_FITS,
	DATE_PROBLEM, /* may not be kept */
	DATE_LOOK     /* somebody should look again */
};
/* Does the value say what the authored text says? The sentence, in the person's language and
 * without anything that stands in the date, is appended to `why'. `today' is a day
 * (calendar_today). */
enum date_finding date_check(const struct record_date *d, int today, struct buf *why);

#endif
