/* SPDX-License-Identifier: EUPL-1.2
 *
 * ICU, for what has no arithmetic: the Umm al-Qura table and the classes of characters. Its
 * calendars have traps, all of them met here: months count from 0, a 31 February is carried over to
 * March unless leniency is switched off, the Gregorian calendar turns into the Julian one before
 * October 1582 unless it is told not to, and outside of its table Umm al-Qura silently becomes the
 * civil one. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "lib/calendar_parts.h"

#define DAY_MS 86400000.0
#define LONG_AGO (-1e18) /* ms: before any date, so that no day is Julian */

/* ---- ICU's calendars ---- */

struct icu {
	UCalendar *cal;
};

struct icu *
icu_new(enum calendar c)
{
	static const char *const locales[CALENDAR_N] = {"en@calendar=gregorian",
		"en@calendar=ethiopic", "en@calendar=coptic", "en@calendar=islamic-civil",
		"en@calendar=islamic-umalqura"};
	static const UChar utc[] = {'U', 'T', 'C', 0};
	UErrorCode status = U_ZERO_ERROR;
	struct icu *icu = xcalloc(1, sizeof *icu);

	icu->cal = ucal_open(utc, 3, locales[c],
		c == CALENDAR_GREGORIAN ? UCAL_GREGORIAN : UCAL_TRADITIONAL, &status);
	if (U_SUCCESS(status) && c == CALENDAR_GREGORIAN)
		ucal_setGregorianChange(icu->cal, LONG_AGO, &status);
	if (U_FAILURE(status))
		die("ICU has no data for calendars: %s", u_errorName(status));
	ucal_setAttribute(icu->cal, UCAL_LENIENT, 0);
	return icu;
}

void
icu_free(struct icu **icu)
{
	if (*icu != NULL)
		ucal_close((*icu)->cal);
	free(*icu);
	*icu = NULL;
}

bool
icu_day_of(struct icu *icu, const struct ymd *d, int *day)
{
	UErrorCode status = U_ZERO_ERROR;
	UDate ms;

	ucal_clear(icu->cal);
	/* the later era: ours */
	ucal_set(icu->cal, UCAL_ERA, ucal_getLimit(icu->cal, UCAL_ERA, UCAL_MAXIMUM, &status));
	ucal_set(icu->cal, UCAL_YEAR, d->year);
	ucal_set(icu->cal, UCAL_MONTH, d->month - 1);
	ucal_set(icu->cal, UCAL_DATE, d->day);
	ms = ucal_getMillis(icu->cal, &status);
	if (U_FAILURE(status))
		return false;
	*day = DAY_OF_1970 + (int)floor(ms / DAY_MS);
	return true;
}

bool
icu_ymd_of(struct icu *icu, int day, struct ymd *out)
{
	UErrorCode status = U_ZERO_ERROR;

	ucal_setMillis(icu->cal, (day - DAY_OF_1970) * DAY_MS, &status);
	*out = (struct ymd){ucal_get(icu->cal, UCAL_YEAR, &status),
		ucal_get(icu->cal, UCAL_MONTH, &status) + 1,
		ucal_get(icu->cal, UCAL_DATE, &status)};
	return U_SUCCESS(status);
}

/* ---- the Umm al-Qura table, read once ---- */

#define YEARS (UMALQURA_LAST - UMALQURA_FIRST + 1)
static int begins[YEARS * 12 + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
read_table(void)
{
	OWNED(struct icu, cal, icu_free) = icu_new(CALENDAR_HIJRI_UMALQURA);
	struct ymd last = {UMALQURA_LAST, 12, 29};
	int ignored;

	for (int i = 0; i < YEARS * 12; i++) {
		struct ymd d = {UMALQURA_FIRST + i / 12, i % 12 + 1, 1};

		if (!icu_day_of(cal, &d, &begins[i]))
			die("ICU's table of Umm al-Qura has a hole");
	}
	/* The year behind the table is reckoned otherwise: is there a 30th in its last month? */
	if (!icu_day_of(cal, &last, &begins[YEARS * 12]))
		die("ICU's table of Umm al-Qura ends early");
	begins[YEARS * 12]++;
	last.day = 30;
	if (icu_day_of(cal, &last, &ignored))
		begins[YEARS * 12]++;
}

static int
month_begins(int year, int month)
{
	int at = (year - UMALQURA_FIRST) * 12 + month - 1;

	assert(at >= 0 && at <= YEARS * 12);
	if (pthread_once(&once, read_table) != 0)
		die("threads");
	return begins[at];
}

int
umalqura_new_year(int year)
{
	return month_begins(year, 1);
}

int
umalqura_days(int year, int month)
{
	return month_begins(year, month + 1) - month_begins(year, month);
}

/* ---- text as it is compared ---- */

/* Written for one another: of Arabic the final forms, of Ge'ez the series that sound alike. */
static UChar32
same_letter(UChar32 c)
{
	static const struct {
		UChar32 first, last, to;
	} series[] = {
		{0x1210, 0x1217, 0x1200}, /* hha: ha */
		{0x1280, 0x1287, 0x1200}, /* xa: ha */
		{0x1220, 0x1227, 0x1230}, /* sza: sa */
		{0x12D0, 0x12D7, 0x12A0}, /* pharyngeal a: a */
		{0x1340, 0x1347, 0x1338}, /* tza: tsa */
	};

	for (size_t i = 0; i < ARRAY_LEN(series); i++)
		if (c >= series[i].first && c <= series[i].last)
			c = series[i].to + (c - series[i].first);
	switch (c) {
	case 0x1203: /* haa */
		return 0x1200;
	case 0x12A3: /* aa */
		return 0x12A0;
	case 0x1315: /* gwe: gu, as in Pagume */
		return 0x1309;
	case 0x0671: /* alef wasla */
		return 0x0627;
	case 0x0649: /* alef maksura, and Farsi yeh */
	case 0x06CC:
		return 0x064A;
	case 0x0629: /* teh marbuta, and other forms of heh */
	case 0x06C1:
	case 0x06D5:
		return 0x0647;
	case 0x06A9: /* keheh */
		return 0x0643;
	case 0x0131: /* dotless i */
		return 'i';
	default:
		return c;
	}
}

static bool
is_dropped(UChar32 c)
{
	static const UChar32 apostrophes[] = {
		'\'', '`', 0xB4, 0x2B9, 0x2BB, 0x2BC, 0x2BD, 0x2BE, 0x2BF, 0x2018, 0x2019, 0x640};
	int8_t type = u_charType(c);

	for (size_t i = 0; i < ARRAY_LEN(apostrophes); i++)
		if (c == apostrophes[i])
			return true;
	/* Marks, and what Arabic text brings along from other programs; overrides are not dropped:
	 * they make a text unreadable, as it should be. */
	return type == U_NON_SPACING_MARK || c == 0x200C || c == 0x200D || c == 0x200E ||
	       c == 0x200F || c == 0x61C;
}

static UChar32
plain_sign(UChar32 c)
{
	if (u_charType(c) == U_DASH_PUNCTUATION || c == 0x2212)
		return '-';
	if (c == 0x2044 || c == 0x2215 || c == 0x60D)
		return '/';
	if (c == 0x60C || c == 0x1363)
		return ',';
	if (c == 0x61F)
		return '?';
	if (c == 0x66A)
		return '%';
	if (c == 0x1362 || c == 0x6D4)
		return '.';
	return c == 0x1361 || (c != '\n' && u_isblank(c)) ? ' ' : c;
}

static void
add_char(struct buf *out, UChar32 c)
{
	char utf8[U8_MAX_LENGTH];
	int32_t n = 0;
	int digit = u_charDigitValue(c);

	c = same_letter(plain_sign(u_tolower(c)));
	if (digit >= 0)
		c = '0' + digit;
	U8_APPEND_UNSAFE(utf8, n, c);
	if (!is_dropped(c))
		buf_add(out, utf8, (size_t)n);
}

/* A number in Ge'ez: units and tens before a hundred count hundreds, all before a ten thousand
 * count these. 0 when it is too long to be a date's. */
static int
geez_number(const UChar *s, int32_t n, int32_t *at)
{
	int whole = 0, hundreds = 0, low = 0, signs = 0;

	for (; *at < n && s[*at] >= 0x1369 && s[*at] <= 0x137C; (*at)++, signs++) {
		UChar c = s[*at];

		if (signs > 8)
			continue;
		if (c <= 0x1371)
			low += c - 0x1368;
		else if (c <= 0x137A)
			low += (c - 0x1371) * 10;
		else if (c == 0x137B) {
			hundreds += (low == 0 ? 1 : low) * 100;
			low = 0;
		} else {
			whole += (hundreds + low == 0 ? 1 : hundreds + low) * 10000;
			hundreds = low = 0;
		}
	}
	return signs > 8 ? 0 : whole + hundreds + low;
}

static void
fold_units(const UChar *s, int32_t n, struct buf *out)
{
	for (int32_t i = 0; i < n;) {
		UChar32 c;

		if (s[i] >= 0x1369 && s[i] <= 0x137C) {
			buf_printf(out, "%d", geez_number(s, n, &i));
			continue;
		}
		U16_NEXT(s, i, n, c);
		add_char(out, c);
	}
}

/* A date is short, and no character of it becomes more than 18 (UAX 15). */
#define TEXT_MOST 200

enum err
date_fold(const char *text, struct buf *out)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFKDInstance(&status);
	UChar units[TEXT_MOST + 1], apart[TEXT_MOST * 18 + 1];
	int32_t n = 0, made;

	buf_add(out, "", 0);
	if (strlen(text) > TEXT_MOST)
		return E_TOO_LARGE;
	u_strFromUTF8(units, TEXT_MOST + 1, &n, text, -1, &status);
	made = unorm2_normalize(form, units, n, apart, ARRAY_LEN(apart), &status);
	if (U_FAILURE(status))
		return E_NOT_UTF8;
	fold_units(apart, made, out);
	return E_OK;
}
