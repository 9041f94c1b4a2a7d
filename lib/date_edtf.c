/* SPDX-License-Identifier: EUPL-1.2
 *
 * EDTF's own form, in any calendar: "199X", "2015-13", "2014/2016", "../2012". The subset is that
 * of schemas/types.xsd; what is typed is Gregorian unless a calendar is named, as ISO 8601 has it.
 */
#include <string.h>

#include "lib/date_parts.h"

struct edtf_end {
	bool open, unknown;
	struct ymd first, last;
	char doubt;
};

/* Two digits, or XX: unknown. */
static bool
take_pair(const char **s, int *n)
{
	const char *p = *s;

	*n = 0;
	if (strncmp(p, "xx", 2) == 0) {
		*s += 2;
		return true;
	}
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*n = (p[0] - '0') * 10 + (p[1] - '0');
	if (*n == 0)
		*n = -1; /* an explicit 0 is no unknown month or day */
	*s += 2;
	return true;
}

static bool
take_year(const char **s, struct edtf_end *e)
{
	bool open = false;

	for (int i = 0; i < 4; i++, (*s)++) {
		char c = **s;

		if (c != 'x' && (open || c < '0' || c > '9'))
			return false;
		open |= c == 'x';
		e->first.year = e->first.year * 10 + (c == 'x' ? 0 : c - '0');
		e->last.year = e->last.year * 10 + (c == 'x' ? 9 : c - '0');
		e->unknown |= c == 'x' && i == 0;
	}
	return !open || **s != '-';
}

static bool
take_end(const char **s, struct edtf_end *e)
{
	memset(e, 0, sizeof *e);
	if (strncmp(*s, "..", 2) == 0) {
		*s += 2;
		return e->open = true;
	}
	if (!take_year(s, e))
		return false;
	if (**s == '-') {
		(*s)++;
		if (!take_pair(s, &e->first.month))
			return false;
		if (**s == '-') {
			(*s)++;
			if (!take_pair(s, &e->first.day) ||
				(e->first.month == 0 && e->first.day != 0))
				return false;
		}
		e->last.month = e->first.month;
		e->last.day = e->first.day;
	}
	if (**s != '\0' && strchr("?~%", **s) != NULL)
		e->doubt = *(*s)++;
	return true;
}

/* "199X" of a calendar that begins within the decade, or the year 0. */
static void
within(enum calendar c, struct edtf_end *e)
{
	int first, last;

	calendar_years(c, &first, &last);
	if (e->first.year == e->last.year)
		return;
	if (e->first.year < first)
		e->first.year = first;
	if (e->last.year > last)
		e->last.year = last;
}

static void
edtf_in(enum calendar c, struct edtf_end *a, struct edtf_end *b, struct date_said *out)
{
	struct edtf_end *ends[2] = {a, b};
	struct date_reading r = {.calendar = c, .days = {DAY_LEAST, DAY_MOST}};

	for (size_t i = 0; i < 2; i++) {
		if (ends[i]->open || ends[i]->unknown)
			continue;
		within(c, ends[i]);
		if (calendar_check(c, &ends[i]->first) != FAULT_NONE) {
			said_impossible(out, c, &ends[i]->first);
			return;
		}
		if (calendar_check(c, &ends[i]->last) != FAULT_NONE) {
			said_impossible(out, c, &ends[i]->last);
			return;
		}
	}
	if (!a->open && !a->unknown) {
		r.from = a->first;
		r.days.first = span_of(c, &a->first).first;
	}
	if (!b->open && !b->unknown) {
		r.to = b->last;
		r.days.last = span_of(c, &b->last).last;
	}
	r.doubt = a->doubt != 0 ? a->doubt : b->doubt;
	said_add(out, &r);
}

/* Kept as it was typed where it is Gregorian: it says how it is not known. */
static void
keep_form(const char *folded, struct date_said *out)
{
	struct date_reading *r = &out->reading[0];
	struct day_span s;
	size_t n = strlen(folded);
	char value[EDTF_SIZE] = "";

	if (out->n != 1 || r->calendar != CALENDAR_GREGORIAN || n >= sizeof value)
		return;
	for (size_t i = 0; i < n; i++)
		value[i] = folded[i] == 'x' ? 'X' : folded[i];
	if (span_of_edtf(value, &s))
		memcpy(r->value, value, sizeof value);
}

/* Nobody has named the calendar: ISO 8601 is Gregorian. What else it could be is told. */
static void
edtf_in_any(struct edtf_end *a, struct edtf_end *b, struct date_said *out)
{
	bool unlikely;

	edtf_in(CALENDAR_GREGORIAN, a, b, out);
	unlikely = out->n > 0 && out->reading[0].days.last < DAY_LIKELY_FIRST;
	for (enum calendar c = CALENDAR_ETHIOPIC; c < CALENDAR_N; c++) {
		struct date_said other = {.n = 0};
		struct edtf_end a2 = *a, b2 = *b;

		edtf_in(c, &a2, &b2, &other);
		if (!said_is_likely(&other))
			continue;
		out->others |= BIT_OF(c);
		if (unlikely)
			said_add(out, &other.reading[0]);
	}
}

bool
read_edtf(const char *folded, enum calendar c, struct date_said *out)
{
	struct edtf_end a, b;
	const char *s = folded;

	if (!take_end(&s, &a))
		return false;
	b = a;
	if (*s == '/') {
		s++;
		if (!take_end(&s, &b))
			return false;
	} else if (a.open)
		return false;
	if (*s != '\0' || (a.open && b.open))
		return false;
	memset(out, 0, sizeof *out);
	if (c == CALENDAR_ANY)
		edtf_in_any(&a, &b, out);
	else
		edtf_in(c, &a, &b, out);
	keep_form(folded, out);
	return true;
}
