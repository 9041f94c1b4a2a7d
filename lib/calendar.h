/* SPDX-License-Identifier: EUPL-1.2
 *
 * The calendars of civil registers, by own arithmetic; ICU is asked for the Umm al-Qura table alone
 * (lib/calendar_icu.c) and checks the rest in a test. A day is a Julian Day Number, which all
 * calendars share: it begins at midnight here. The Gregorian calendar is proleptic: the rule of
 * today, however far back. For the officer's tool and the adapters (libcivil), never for the
 * exchange. No state, any thread. */
#ifndef DAFTAR_CALENDAR_H
#define DAFTAR_CALENDAR_H

#include "lib/base.h"

/* In the order of the code list "calendar". ANY is for a text whose calendar nobody has told. */
enum calendar {
	CALENDAR_GREGORIAN,
	CALENDAR_ETHIOPIC,
	CALENDAR_COPTIC,
	CALENDAR_HIJRI_CIVIL,
	CALENDAR_HIJRI_UMALQURA,
	CALENDAR_N,
	CALENDAR_ANY = CALENDAR_N
};
#define CALENDAR_MONTHS 13  /* at most */
#define CALENDAR_LEEWAY 2   /* days by which a converted Hijri day may be wrong */
#define DAY_LEAST 1721426   /* 0001-01-01 */
#define DAY_MOST 5373484    /* 9999-12-31 */
#define DAY_OF_1970 2440588 /* of the clock's first day */

/* A date of one calendar; month and day count from 1. 0: not known, from the right. */
struct ymd {
	int year, month, day;
};
/* First and last day of what may be meant. */
struct day_span {
	int first, last;
};

/* "ethiopic": as in the code list. */
const char *calendar_word(enum calendar c);
/* The same and what people say ("hijri" and "islamic" are tabular civil, "umalqura", "ethiopian",
 * "amete-mihret", ...). */
bool calendar_of_word(const char *word, enum calendar *out) MUST_USE;
/* By which rule a date is converted, a stable word: "proleptic-gregorian", "ethiopic-am",
 * "coptic-am", "tabular-civil", "umalqura-icu". */
const char *calendar_rule(enum calendar c);
bool calendar_is_hijri(enum calendar c);
/* Has the conversion been held against the calendar's own tables? Not for Umm al-Qura outside of
 * 1420 to 1450, and not for any other Hijri table: the moon was watched. */
bool calendar_is_sure(enum calendar c, int year);

int calendar_months(enum calendar c);
/* 0 when there is no such month, or no table for that year. */
int calendar_days_in(enum calendar c, int year, int month);

/* Why there is no such date; FAULT_NONE when there is. A word of it: calendar_fault_word. */
enum date_fault {
	FAULT_NONE,
	FAULT_NO_DAY,	 /* the month is shorter: Pagume 2016 has five days */
	FAULT_NO_MONTH,	 /* the year has fewer */
	FAULT_NO_YEAR,	 /* before 1 */
	FAULT_RANGE,	 /* no table, or beyond the year 9999 */
	FAULT_AMBIGUOUS, /* several readings (date_said) */
	FAULT_UNREADABLE,
	FAULT_CONTRADICTION, /* a weekday, an era or a month of another calendar */
	FAULT_INCOMPLETE     /* a year of two digits, an age without its year */
};
const char *calendar_fault_word(enum date_fault f); /* "no-such-day" */
enum date_fault calendar_check(enum calendar c, const struct ymd *d);
/* The same with the sentence for people, in their language, appended to `out'. */
struct buf;
enum date_fault calendar_explain(enum calendar c, const struct ymd *d, struct buf *out);

/* For a date that calendar_check finds well and whose day is known. */
int day_of(enum calendar c, const struct ymd *d);
/* First and last day of a date, of its month or of its year. */
struct day_span span_of(enum calendar c, const struct ymd *d);
/* The date of a day; false when the calendar had not begun or has no table for it. */
bool ymd_of(enum calendar c, int day, struct ymd *out) MUST_USE;
int calendar_today(void); /* UTC */
/* 1 Monday to 7 Sunday. */
int weekday_of(int day);

/* ---- for people: `lang' is "en", "fr", "ar", "am", "ti", "so" or "sw"; others are told English
 * ---- */
const char *month_name(enum calendar c, int month, const char *lang);
const char *weekday_name(int weekday, const char *lang);
const char *calendar_name(enum calendar c); /* "Ethiopic", translated */
/* "11 September 2023", "Meskerem 2015", "1440". */
void date_text(enum calendar c, const struct ymd *d, const char *lang, struct buf *out);

/* ---- EDTF, the subset of schemas/types.xsd ---- */
#define EDTF_SIZE 25
/* "2023-09-11"; a month or a year of the Gregorian calendar as such; anything else as an interval.
 * `doubt' is one of ?~% or 0. */
void edtf_of_span(const struct day_span *s, char doubt, char out[EDTF_SIZE]);
/* What a value may mean; an open end is DAY_LEAST or DAY_MOST. */
bool span_of_edtf(const char *value, struct day_span *out) MUST_USE;

#endif
