/* SPDX-License-Identifier: EUPL-1.2
 *
 * The matcher never guesses. A name fits when its letters do, habits of writing taken away
 * (lib/name_key.h: case, gaps, vowel signs, forms of one letter); one that is only heard alike, or
 * that tells less, is for a person to look at. A date fits when both texts may mean the same day.
 * Somebody else's record sent to another State cannot be called back, so what is merely similar is
 * a registrar's business, not ours.
 *
 * Upper and lower case are those of Unicode, not of the locale that the machine happens to have. */
#include "adapters/match.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

/* ---- days ---- */

#define HIJRI_SLACK 2
#define DAY_MIN (-719162) /* 0001-01-01 */
#define DAY_MAX 2932896	  /* 9999-12-31 */

/* Days from 1970-01-01 in the proleptic Gregorian calendar. */
static int64_t
day_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	unsigned of_era = (unsigned)(y - era * 400);
	unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static unsigned
days_in(int64_t year, unsigned month)
{
	return month == 12 ? 31 : (unsigned)(day_of(year, month + 1, 1) - day_of(year, month, 1));
}

void
day_format(int64_t day, char out[11])
{
	int64_t z = (day < DAY_MIN ? DAY_MIN : day > DAY_MAX ? DAY_MAX : day) + 719468;
	int64_t era = z / 146097;
	unsigned of_era = (unsigned)(z - era * 146097);
	unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153;
	char text[32];

	snprintf(text, sizeof text, "%04u-%02u-%02u",
		(unsigned)(year + (unsigned)era * 400 + (month >= 10 ? 1 : 0)),
		month < 10 ? month + 3 : month - 9, of_year - (153 * month + 2) / 5 + 1);
	memcpy(out, text, 10);
	out[10] = '\0';
}

int64_t
day_today(void)
{
	time_t now = time(NULL);
	struct tm local;

	if (localtime_r(&now, &local) == NULL)
		die("the clock");
	return day_of(local.tm_year + 1900, (unsigned)local.tm_mon + 1, (unsigned)local.tm_mday);
}

/* A field of `n' digits, any of them X: the least and the greatest number that it may mean. */
static bool
field(const char **at, size_t n, unsigned *least, unsigned *most)
{
	*least = *most = 0;
	for (size_t i = 0; i < n; i++, (*at)++) {
		bool open = **at == 'X';

		if (!open && (**at < '0' || **at > '9'))
			return false;
		*least = *least * 10 + (open ? 0 : (unsigned)(**at - '0'));
		*most = *most * 10 + (open ? 9 : (unsigned)(**at - '0'));
	}
	return true;
}

static unsigned
at_most(unsigned v, unsigned limit)
{
	return v < limit ? v : limit;
}

static unsigned
at_least(unsigned v, unsigned limit)
{
	return v > limit ? v : limit;
}

/* One date without interval: YYYY, YYYY-MM or YYYY-MM-DD, and a mark of doubt behind it. */
static bool
days_of_one(const char *value, struct days *out)
{
	unsigned y0, y1, m0 = 1, m1 = 12, d0 = 1, d1 = 31;

	if (!field(&value, 4, &y0, &y1))
		return false;
	if (*value == '-') {
		value++;
		if (!field(&value, 2, &m0, &m1) || m0 > 12 || m1 < 1)
			return false;
	}
	if (*value == '-') {
		value++;
		if (!field(&value, 2, &d0, &d1) || d0 > 31 || d1 < 1)
			return false;
	}
	if (*value != '\0' && strchr("?~%", *value) != NULL)
		value++;
	y0 = at_least(y0, 1);
	m0 = at_least(m0, 1);
	m1 = at_most(m1, 12);
	d0 = at_least(d0, 1);
	if (*value != '\0' || y1 < 1 || d0 > days_in(y0, m0))
		return false;
	out->first = day_of(y0, m0, d0);
	out->last = day_of(y1, m1, at_most(d1, days_in(y1, m1)));
	return out->first <= out->last;
}

bool
days_of_edtf(const char *value, struct days *out)
{
	const char *slash = strchr(value, '/');
	char first[16];
	struct days a = {INT64_MIN, 0}, b = {0, INT64_MAX};

	if (slash == NULL)
		return days_of_one(value, out);
	if ((size_t)(slash - value) >= sizeof first)
		return false;
	memcpy(first, value, (size_t)(slash - value));
	first[slash - value] = '\0';
	if (strcmp(first, "..") != 0 && !days_of_one(first, &a))
		return false;
	if (strcmp(slash + 1, "..") != 0 && !days_of_one(slash + 1, &b))
		return false;
	*out = (struct days){a.first, b.last};
	return out->first <= out->last;
}

static int64_t
moved(int64_t day, int64_t by)
{
	return day == INT64_MIN || day == INT64_MAX ? day : day + by;
}

bool
days_of_date(const struct record_date *d, struct days *out)
{
	char year[5] = "";

	if (d->value == NULL)
		return false;
	if (d->basis != NULL && strcmp(d->basis, "placeholder") == 0 && strlen(d->value) >= 4) {
		memcpy(year, d->value, 4);
		return days_of_edtf(year, out);
	}
	if (!days_of_edtf(d->value, out))
		return false;
	if (d->calendar != NULL && strncmp(d->calendar, "hijri", 5) == 0) {
		out->first = moved(out->first, -HIJRI_SLACK);
		out->last = moved(out->last, HIJRI_SLACK);
	}
	return true;
}

bool
days_touch(const struct days *a, const struct days *b)
{
	return a->first <= b->last && b->first <= a->last;
}

/* ---- names ---- */

static locale_t
unicode(void)
{
	static locale_t kept;

	if (kept == (locale_t)0)
		kept = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (kept == (locale_t)0)
		die("the locale C.UTF-8, which is part of the C library, is missing");
	return kept;
}

/* A no-break space and its narrow sister are gaps too, which iswspace denies. */
static bool
is_gap(wchar_t w)
{
	return w == 0xa0 || w == 0x202f || w == 0x2007 || iswspace_l((wint_t)w, unicode()) != 0;
}

/* The next character of UTF-8 text; an octet that is not UTF-8 stands for itself. */
static wchar_t
next_char(const char **at, mbstate_t *state)
{
	wchar_t w;
	size_t n = mbrtowc(&w, *at, strlen(*at), state);

	if (n == 0 || n == (size_t)-1 || n == (size_t)-2) {
		memset(state, 0, sizeof *state);
		w = (wchar_t)(0xdc00 + (unsigned char)**at);
		n = 1;
	}
	*at += n;
	return w;
}

static void
add_char(struct buf *b, wchar_t w, mbstate_t *state)
{
	char octets[MB_LEN_MAX];
	size_t n = wcrtomb(octets, w, state);

	if (n == (size_t)-1) { /* an octet that was not UTF-8 */
		memset(state, 0, sizeof *state);
		octets[0] = (char)w;
		n = 1;
	}
	buf_add(b, octets, n);
}

char *
text_key(const char *text)
{
	locale_t before = uselocale(unicode());
	mbstate_t in = {0}, out = {0};
	struct buf b = {0};
	bool gap = false;

	while (*text != '\0') {
		wchar_t w = next_char(&text, &in);

		if (is_gap(w)) {
			gap = b.size > 0;
			continue;
		}
		if (gap)
			buf_u8(&b, ' ');
		gap = false;
		add_char(&b, (wchar_t)towlower((wint_t)towupper((wint_t)w)), &out);
	}
	uselocale(before);
	buf_add(&b, "", 0);
	return (char *)buf_take(&b, NULL);
}

static bool
texts_fit(const char *a, const char *b)
{
	OWNED(char, ka, free_chars) = text_key(a);
	OWNED(char, kb, free_chars) = text_key(b);

	return ka[0] != '\0' && strcmp(ka, kb) == 0;
}

enum name_likeness
names_fit(const struct name *wanted, const struct name *held)
{
	enum name_likeness best = NAME_OTHER;

	for (const struct name_form *w = wanted->forms; w != NULL; w = w->next)
		for (const struct name_form *h = held->forms; h != NULL && best != NAME_SAME;
			h = h->next) {
			enum name_likeness one = texts_fit(w->full, h->full)
							 ? NAME_SAME
							 : names_compare(w->full, h->full);

			best = one > best ? one : best;
		}
	return best;
}

/* ---- the locator ---- */

static const struct name *
parent_name(const struct extract *x, const char *role)
{
	for (const struct parent *p = x->parents; p != NULL; p = p->next)
		if (strcmp(p->role, role) == 0)
			return &p->name;
	return NULL;
}

/* What is not asked about fits. */
static enum name_likeness
parent_fits(const struct name *wanted, const struct extract *x, const char *role)
{
	const struct name *held = parent_name(x, role);

	if (wanted->forms == NULL)
		return NAME_SAME;
	return held != NULL ? names_fit(wanted, held) : NAME_OTHER;
}

/* As the least of the three names does. */
static enum name_likeness
people_fit(const struct locator *l, const struct extract *x)
{
	const enum name_likeness each[] = {
		l->name.forms == NULL ? NAME_SAME : names_fit(&l->name, &x->name),
		parent_fits(&l->mother, x, "mother"), parent_fits(&l->father, x, "father")};
	enum name_likeness least = NAME_SAME;

	for (size_t i = 0; i < ARRAY_LEN(each); i++)
		least = each[i] < least ? each[i] : least;
	return least;
}

static bool
date_fits(const struct record_date *wanted, const struct record_date *held)
{
	struct days w, h;

	if (wanted == NULL)
		return true;
	return days_of_date(wanted, &w) && days_of_date(held, &h) && days_touch(&w, &h);
}

enum err
locator_fits(const struct locator *l, const struct extract *x)
{
	enum name_likeness likeness;

	if (l->entry_number != NULL && strcmp(l->entry_number, x->entry.number) != 0)
		return E_RECORD_NOT_FOUND;
	if (l->office != NULL && !texts_fit(l->office, x->entry.office))
		return E_RECORD_NOT_FOUND;
	if (l->entry_number == NULL && (l->name.forms == NULL || l->birth_date == NULL))
		return E_RECORD_NOT_FOUND;
	if (!date_fits(l->birth_date, &x->birth_date))
		return E_RECORD_NOT_FOUND;
	likeness = people_fit(l, x);
	if (likeness != NAME_SAME)
		return likeness == NAME_ALIKE ? E_ALIKE : E_RECORD_NOT_FOUND;
	if (l->entry_number != NULL)
		return E_OK;
	return l->mother.forms == NULL && l->father.forms == NULL ? E_AMBIGUOUS : E_OK;
}
