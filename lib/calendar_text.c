/* SPDX-License-Identifier: EUPL-1.2
 *
 * Names of months and days in the languages of the corridors, from lib/month.def, and the sentences
 * that say why there is no such date. The names are found by their folded key: the table is folded
 * once, at the first question, and sorted. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/calendar_parts.h"
#include "lib/lang.h"

static const struct month_row {
	enum calendar calendar;
	const char *lang;
	const char *name[CALENDAR_MONTHS];
} month_rows[] = {
#define MONTHS(calendar, lang, ...) {calendar, lang, {__VA_ARGS__}},
#define WEEKDAYS(lang, ...)
#include "lib/month.def"
#undef MONTHS
#undef WEEKDAYS
};

static const struct weekday_row {
	const char *lang;
	const char *name[7];
} weekday_rows[] = {
#define MONTHS(calendar, lang, ...)
#define WEEKDAYS(lang, ...) {lang, {__VA_ARGS__}},
#include "lib/month.def"
#undef MONTHS
#undef WEEKDAYS
};

/* ---- names that are said ---- */

static enum calendar
family_of(enum calendar c)
{
	return calendar_is_hijri(c) ? CALENDAR_HIJRI_CIVIL : c;
}

const char *
month_name(enum calendar c, int month, const char *lang)
{
	assert(c < CALENDAR_N && month >= 1 && month <= calendar_months(c));
	for (size_t i = 0; i < ARRAY_LEN(month_rows); i++)
		if (month_rows[i].calendar == family_of(c) && strcmp(month_rows[i].lang, lang) == 0)
			return month_rows[i].name[month - 1];
	return month_name(c, month, "en");
}

const char *
weekday_name(int weekday, const char *lang)
{
	assert(weekday >= 1 && weekday <= 7);
	for (size_t i = 0; i < ARRAY_LEN(weekday_rows); i++)
		if (strcmp(weekday_rows[i].lang, lang) == 0)
			return weekday_rows[i].name[weekday - 1];
	return weekday_rows[0].name[weekday - 1];
}

const char *
calendar_name(enum calendar c)
{
	static const char *const names[CALENDAR_N] = {
		[CALENDAR_GREGORIAN] = N_("Gregorian"),
		[CALENDAR_ETHIOPIC] = N_("Ethiopic"),
		[CALENDAR_COPTIC] = N_("Coptic"),
		[CALENDAR_HIJRI_CIVIL] = N_("Hijri, tabular"),
		[CALENDAR_HIJRI_UMALQURA] = N_("Hijri, Umm al-Qura"),
	};

	return _(names[c]);
}

void
date_text(enum calendar c, const struct ymd *d, const char *lang, struct buf *out)
{
	bool first = d->day == 1 && c == CALENDAR_GREGORIAN && strcmp(lang, "fr") == 0;

	if (d->day > 0)
		buf_printf(out, "%d%s ", d->day, first ? "er" : "");
	if (d->month > 0)
		buf_printf(out, "%s ", month_name(c, d->month, lang));
	buf_printf(out, "%d", d->year);
}

/* ---- names that are found ---- */

struct entry {
	char *key;
	enum calendar calendar;
	int month;
};
#define ENTRIES (ARRAY_LEN(month_rows) * CALENDAR_MONTHS)
static struct entry entries[ENTRIES];
static size_t n_entries;
static char *weekday_keys[ARRAY_LEN(weekday_rows)][7];
static pthread_once_t once = PTHREAD_ONCE_INIT;

void
key_of(const char *folded, size_t size, struct buf *out)
{
	for (size_t i = 0; i < size; i++)
		if (folded[i] != ' ' && folded[i] != '-' && folded[i] != '.')
			buf_u8(out, (uint8_t)folded[i]);
	buf_add(out, "", 0);
}

static char *
key_of_name(const char *name)
{
	OWNED_BUF(folded) = {0};
	struct buf key = {0};

	if (date_fold(name, &folded) != E_OK)
		die("a name of a month is no text");
	key_of((const char *)folded.data, folded.size, &key);
	return (char *)buf_take(&key, NULL);
}

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static void
read_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(month_rows); i++)
		for (int m = 0; m < CALENDAR_MONTHS; m++) {
			const char *name = month_rows[i].name[m];

			if (name == NULL || name[0] == '\0')
				continue;
			entries[n_entries++] =
				(struct entry){key_of_name(name), month_rows[i].calendar, m + 1};
		}
	qsort(entries, n_entries, sizeof entries[0], by_key);
	for (size_t i = 0; i < ARRAY_LEN(weekday_rows); i++)
		for (int d = 0; d < 7; d++)
			weekday_keys[i][d] = key_of_name(weekday_rows[i].name[d]);
}

static void
have_rows(void)
{
	if (pthread_once(&once, read_rows) != 0)
		die("threads");
}

bool
month_of_key(const char *key, int month[CALENDAR_N])
{
	const struct entry *e;
	struct entry wanted = {(char *)(uintptr_t)key, CALENDAR_ANY, 0};

	have_rows();
	memset(month, 0, CALENDAR_N * sizeof *month);
	e = bsearch(&wanted, entries, n_entries, sizeof entries[0], by_key);
	if (e == NULL)
		return false;
	while (e > entries && strcmp(e[-1].key, key) == 0)
		e--;
	for (; e < entries + n_entries && strcmp(e->key, key) == 0; e++)
		month[e->calendar] = e->month;
	month[CALENDAR_HIJRI_UMALQURA] = month[CALENDAR_HIJRI_CIVIL];
	return true;
}

int
weekday_of_key(const char *key)
{
	have_rows();
	for (size_t i = 0; i < ARRAY_LEN(weekday_rows); i++)
		for (int d = 0; d < 7; d++)
			if (strcmp(weekday_keys[i][d], key) == 0)
				return d + 1;
	return 0;
}

/* ---- why there is no such date ---- */

const char *
calendar_fault_word(enum date_fault f)
{
	static const char *const words[] = {
		[FAULT_NONE] = "",
		[FAULT_NO_DAY] = "no-such-day",
		[FAULT_NO_MONTH] = "no-such-month",
		[FAULT_NO_YEAR] = "no-such-year",
		[FAULT_RANGE] = "out-of-range",
		[FAULT_AMBIGUOUS] = "ambiguous",
		[FAULT_UNREADABLE] = "unreadable",
		[FAULT_CONTRADICTION] = "contradiction",
		[FAULT_INCOMPLETE] = "incomplete",
	};

	return words[f];
}

/* The year nearest before in which the month has a day more. */
static int
longer_year(enum calendar c, const struct ymd *d, int days)
{
	for (int y = d->year; y > 0 && y > d->year - 8; y--)
		if (calendar_days_in(c, y, d->month) > days)
			return y;
	return 0;
}

static void
explain_day(enum calendar c, const struct ymd *d, struct buf *out)
{
	int days = calendar_days_in(c, d->year, d->month);
	const char *name;
	int longer;

	if (d->day < 0 || days == 0) {
		buf_text(out, _("days are counted from 1"));
		return;
	}
	name = month_name(c, d->month, lang_now());
	longer = calendar_is_hijri(c) ? 0 : longer_year(c, d, days);
	buf_printf(out, ngettext("%s %d has %d day", "%s %d has %d days", (unsigned long)days),
		name, d->year, days);
	if (calendar_is_hijri(c) && d->day == 30)
		buf_text(out,
			_("; where the moon was watched it may have had 30: keep the text as it is "
			  "and give the month only"));
	else if (longer > 0 && d->day == days + 1)
		buf_printf(out, _("; it has one more in a leap year such as %d"), longer);
}

static void
explain_range(enum calendar c, struct buf *out)
{
	int first, last;

	calendar_years(c, &first, &last);
	if (c == CALENDAR_HIJRI_UMALQURA)
		buf_printf(out,
			_("the Umm al-Qura tables reach from %d to %d; for another year use "
			  "hijri-civil"),
			first, last);
	else
		buf_printf(out, _("years are counted from %d to %d here"), first, last);
}

enum date_fault
calendar_explain(enum calendar c, const struct ymd *d, struct buf *out)
{
	enum date_fault f = calendar_check(c, d);
	int months = calendar_months(c);

	switch (f) {
	case FAULT_NO_DAY:
		explain_day(c, d, out);
		break;
	case FAULT_NO_MONTH:
		if (d->month < 0)
			buf_text(out, _("months are counted from 1"));
		else
			buf_printf(out,
				ngettext("%s: a year has %d month", "%s: a year has %d months",
					(unsigned long)months),
				calendar_name(c), months);
		break;
	case FAULT_NO_YEAR:
		buf_text(out, _("years are counted from 1; there is no year 0"));
		break;
	case FAULT_RANGE:
		explain_range(c, out);
		break;
	case FAULT_NONE:
	case FAULT_AMBIGUOUS:
	case FAULT_UNREADABLE:
	case FAULT_CONTRADICTION:
	case FAULT_INCOMPLETE:
		break;
	}
	return f;
}
