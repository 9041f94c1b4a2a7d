/* SPDX-License-Identifier: EUPL-1.2
 *
 * The arithmetic of five calendars over one count of days. Each is a row of a table: how many
 * months a year has, how long they are, and how many days lie before a year. What is common (a date
 * to its day and back, spans, EDTF) is written once, over the rows. Division rounds down
 * everywhere. */
#include "lib/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "lib/calendar_parts.h"
#include "lib/record_rule.h"

#define EPOCH_GREGORIAN 1721426
#define EPOCH_ETHIOPIC 1724221
#define EPOCH_COPTIC 1825030
#define EPOCH_HIJRI 1948440 /* civil: a Friday */
#define YEAR_MOST 9999

/* ---- the rows ---- */

static bool
gregorian_leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int
gregorian_days(int y, int m)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[m - 1] + (m == 2 && gregorian_leap(y));
}

static int
gregorian_new_year(int y)
{
	int before = y - 1;

	return EPOCH_GREGORIAN + 365 * before + before / 4 - before / 100 + before / 400;
}

/* Ethiopic and Coptic: twelve months of thirty days, and five or six days that are left. */
static int
thirteen_days(int y, int m)
{
	return m <= 12 ? 30 : y % 4 == 3 ? 6 : 5;
}

static int
ethiopic_new_year(int y)
{
	return EPOCH_ETHIOPIC + 365 * (y - 1) + y / 4;
}

static int
coptic_new_year(int y)
{
	return EPOCH_COPTIC + 365 * (y - 1) + y / 4;
}

/* Eleven of thirty years are leap years: 2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29. */
static int
civil_new_year(int y)
{
	return EPOCH_HIJRI + 354 * (y - 1) + (3 + 11 * y) / 30;
}

static int
civil_days(int y, int m)
{
	if (m < 12)
		return 29 + m % 2;
	return civil_new_year(y + 1) - civil_new_year(y) - 325;
}

static const struct row {
	const char *word, *rule;
	int months;
	int (*days)(int y, int m);
	int (*new_year)(int y);
	int first, last; /* years */
} rows[CALENDAR_N] = {
	[CALENDAR_GREGORIAN] = {"gregorian", "proleptic-gregorian", 12, gregorian_days,
		gregorian_new_year, 1, YEAR_MOST},
	[CALENDAR_ETHIOPIC] = {"ethiopic", "ethiopic-am", 13, thirteen_days, ethiopic_new_year, 1,
		9991},
	[CALENDAR_COPTIC] = {"coptic", "coptic-am", 13, thirteen_days, coptic_new_year, 1, 9715},
	[CALENDAR_HIJRI_CIVIL] = {"hijri-civil", "tabular-civil", 12, civil_days, civil_new_year, 1,
		9665},
	[CALENDAR_HIJRI_UMALQURA] = {"hijri-umalqura", "umalqura-icu", 12, umalqura_days,
		umalqura_new_year, UMALQURA_FIRST, UMALQURA_LAST},
};

/* What people call them. */
static const struct {
	const char *word;
	enum calendar calendar;
} other_words[] = {
	{"g", CALENDAR_GREGORIAN},
	{"western", CALENDAR_GREGORIAN},
	{"gregorien", CALENDAR_GREGORIAN},
	{"iso", CALENDAR_GREGORIAN},
	{"ethiopian", CALENDAR_ETHIOPIC},
	{"ethiopien", CALENDAR_ETHIOPIC},
	{"amete-mihret", CALENDAR_ETHIOPIC},
	{"ec", CALENDAR_ETHIOPIC},
	{"geez", CALENDAR_ETHIOPIC},
	{"copte", CALENDAR_COPTIC},
	{"hijri", CALENDAR_HIJRI_CIVIL},
	{"islamic", CALENDAR_HIJRI_CIVIL},
	{"tabular-civil", CALENDAR_HIJRI_CIVIL},
	{"hegire", CALENDAR_HIJRI_CIVIL},
	{"umalqura", CALENDAR_HIJRI_UMALQURA},
	{"umm-al-qura", CALENDAR_HIJRI_UMALQURA},
	{"umalqura-icu", CALENDAR_HIJRI_UMALQURA},
};

const char *
calendar_word(enum calendar c)
{
	return rows[c].word;
}

bool
calendar_of_word(const char *word, enum calendar *out)
{
	for (enum calendar c = 0; c < CALENDAR_N; c++)
		if (strcasecmp(word, rows[c].word) == 0) {
			*out = c;
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(other_words); i++)
		if (strcasecmp(word, other_words[i].word) == 0) {
			*out = other_words[i].calendar;
			return true;
		}
	return false;
}

const char *
calendar_rule(enum calendar c)
{
	return rows[c].rule;
}

bool
calendar_is_hijri(enum calendar c)
{
	return c == CALENDAR_HIJRI_CIVIL || c == CALENDAR_HIJRI_UMALQURA;
}

bool
calendar_is_sure(enum calendar c, int year)
{
	if (c == CALENDAR_HIJRI_UMALQURA)
		return year >= 1420 && year <= 1450;
	return c != CALENDAR_HIJRI_CIVIL;
}

int
calendar_months(enum calendar c)
{
	return rows[c].months;
}

static bool
has_year(const struct row *r, int year)
{
	return year >= r->first && year <= r->last;
}

int
calendar_days_in(enum calendar c, int year, int month)
{
	const struct row *r = &rows[c];

	return has_year(r, year) && month >= 1 && month <= r->months ? r->days(year, month) : 0;
}

void
calendar_years(enum calendar c, int *first, int *last)
{
	*first = rows[c].first;
	*last = rows[c].last;
}

enum date_fault
calendar_check(enum calendar c, const struct ymd *d)
{
	const struct row *r = &rows[c];

	if (d->year < 1)
		return FAULT_NO_YEAR;
	if (d->month < 0 || d->month > r->months)
		return FAULT_NO_MONTH;
	if (!has_year(r, d->year))
		return FAULT_RANGE;
	if (d->day < 0 || (d->month == 0 && d->day != 0))
		return FAULT_NO_DAY;
	return d->month > 0 && d->day > r->days(d->year, d->month) ? FAULT_NO_DAY : FAULT_NONE;
}

/* ---- days ---- */

static int
month_begins(const struct row *r, int year, int month)
{
	int day = r->new_year(year);

	for (int m = 1; m < month; m++)
		day += r->days(year, m);
	return day;
}

int
day_of(enum calendar c, const struct ymd *d)
{
	assert(calendar_check(c, d) == FAULT_NONE && d->month > 0 && d->day > 0);
	return month_begins(&rows[c], d->year, d->month) + d->day - 1;
}

struct day_span
span_of(enum calendar c, const struct ymd *d)
{
	const struct row *r = &rows[c];
	int first;

	assert(calendar_check(c, d) == FAULT_NONE);
	if (d->month == 0) {
		first = r->new_year(d->year);
		return (struct day_span){first,
			month_begins(r, d->year, r->months) + r->days(d->year, r->months) - 1};
	}
	first = month_begins(r, d->year, d->month);
	if (d->day > 0)
		return (struct day_span){first + d->day - 1, first + d->day - 1};
	return (struct day_span){first, first + r->days(d->year, d->month) - 1};
}

/* The year is found by halving: no calendar needs its rule turned round for that. */
static int
year_of(const struct row *r, int day)
{
	int low = r->first, high = r->last;

	while (low < high) {
		int middle = low + (high - low + 1) / 2;

		if (r->new_year(middle) <= day)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

bool
ymd_of(enum calendar c, int day, struct ymd *out)
{
	const struct row *r = &rows[c];
	int year = year_of(r, day), month = 1, left = day - r->new_year(year);

	*out = (struct ymd){0, 0, 0};
	if (left < 0 || day < DAY_LEAST || day > DAY_MOST)
		return false;
	for (; month <= r->months && left >= r->days(year, month); month++)
		left -= r->days(year, month);
	if (month > r->months)
		return false;
	*out = (struct ymd){year, month, left + 1};
	return true;
}

int
calendar_today(void)
{
	return DAY_OF_1970 + (int)(time(NULL) / 86400);
}

int
weekday_of(int day)
{
	return day % 7 + 1;
}

/* ---- EDTF ---- */

#define END_SIZE 11

enum precision { BY_YEAR, BY_MONTH, BY_DAY };

static void
edtf_end(int day, enum precision p, bool open, char out[END_SIZE])
{
	static const int width[] = {[BY_YEAR] = 4, [BY_MONTH] = 7, [BY_DAY] = 10};
	struct ymd d;
	char text[40];

	if (open || !ymd_of(CALENDAR_GREGORIAN, day, &d)) {
		strcpy(out, "..");
		return;
	}
	snprintf(text, sizeof text, "%04d-%02d-%02d", d.year, d.month, d.day);
	memcpy(out, text, (size_t)width[p]);
	out[width[p]] = '\0';
}

/* How little has to be said so that just these days are meant. */
static enum precision
precision_of(const struct day_span *s)
{
	struct ymd a, b;

	if (!ymd_of(CALENDAR_GREGORIAN, s->first, &a) || !ymd_of(CALENDAR_GREGORIAN, s->last, &b))
		return BY_DAY;
	if (a.day != 1 || b.day != gregorian_days(b.year, b.month))
		return BY_DAY;
	return a.month == 1 && b.month == 12 ? BY_YEAR : BY_MONTH;
}

/* "199X", "19XX", when exactly these years are meant. */
static bool
edtf_years(const struct day_span *s, char out[END_SIZE])
{
	struct ymd a, b;

	if (precision_of(s) != BY_YEAR || !ymd_of(CALENDAR_GREGORIAN, s->first, &a) ||
		!ymd_of(CALENDAR_GREGORIAN, s->last, &b))
		return false;
	if (a.year % 100 == 0 && b.year == a.year + 99)
		snprintf(out, END_SIZE, "%02dXX", a.year / 100 % 100);
	else if (a.year % 10 == 0 && b.year == a.year + 9)
		snprintf(out, END_SIZE, "%03dX", a.year / 10 % 1000);
	else
		return false;
	return true;
}

void
edtf_of_span(const struct day_span *s, char doubt, char out[EDTF_SIZE])
{
	char first[END_SIZE], last[END_SIZE], mark[2] = {doubt, '\0'};
	bool from_ever = s->first <= DAY_LEAST, for_ever = s->last >= DAY_MOST;
	enum precision p = precision_of(s);

	if (from_ever && for_ever) {
		snprintf(out, EDTF_SIZE, "XXXX%s", mark);
		return;
	}
	edtf_end(s->first, p, from_ever, first);
	edtf_end(s->last, p, for_ever, last);
	if (strcmp(first, last) == 0 || edtf_years(s, first))
		snprintf(out, EDTF_SIZE, "%s%s", first, mark);
	else
		snprintf(out, EDTF_SIZE, "%s%s/%s%s", first, from_ever ? "" : mark, last,
			for_ever ? "" : mark);
}

/* YYYYMMDD as edtf_span gives it: a last day may be a 31st that its month has not. */
static int
day_of_number(int n)
{
	struct ymd d = {n / 10000, n / 100 % 100, n % 100};
	int days;

	if (d.year < 1)
		return DAY_LEAST;
	days = gregorian_days(d.year, d.month);
	if (d.day > days)
		d.day = days;
	return day_of(CALENDAR_GREGORIAN, &d);
}

bool
span_of_edtf(const char *value, struct day_span *out)
{
	int first, last;

	*out = (struct day_span){DAY_LEAST, DAY_MOST};
	if (!edtf_span(value, &first, &last))
		return false;
	*out = (struct day_span){day_of_number(first), day_of_number(last)};
	return out->first <= out->last;
}
