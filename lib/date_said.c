/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the parts of a text may mean. Each way to read them is tried: a date that exists is a
 * reading; one reading is an answer, several are a question, and of none the first reason is told.
 */
#include "lib/date_said.h"

#include <stdio.h>
#include <string.h>

#include "lib/date_parts.h"
#include "lib/lang.h"

#define NOT_UNDERSTOOD                                                                             \
	N_("not understood as a date: write 12 March 2019, 2019-03-12, March 2019, about 2019, "   \
	   "between 2018 and 2020, or 7 years in 2024")

/* ---- what is said of it ---- */

static void
set_problem(struct date_said *out, const char *text)
{
	size_t n = strlen(text);

	if (n >= sizeof out->problem)
		n = sizeof out->problem - 1;
	while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--;
	memcpy(out->problem, text, n);
	out->problem[n] = '\0';
}

void
said_fault(struct date_said *out, enum date_fault f, const char *sentence)
{
	out->n = 0;
	out->fault = f;
	set_problem(out, _(sentence));
}

void
said_impossible(struct date_said *out, enum calendar c, const struct ymd *d)
{
	OWNED_BUF(b) = {0};
	enum date_fault f = calendar_explain(c, d, &b);

	if (out->n > 0 || out->fault != FAULT_NONE)
		return;
	out->fault = f;
	set_problem(out, (const char *)b.data);
}

void
said_add(struct date_said *out, const struct date_reading *r)
{
	struct date_reading *to = &out->reading[out->n];

	if (out->n == DATE_READINGS)
		return;
	if (r->days.first > r->days.last) {
		if (out->n == 0)
			said_fault(out, FAULT_CONTRADICTION, N_("it ends before it begins"));
		return;
	}
	*to = *r;
	if (to->value[0] == '\0')
		edtf_of_span(&to->days, to->doubt, to->value);
	if (to->basis == NULL)
		to->basis = "document";
	out->n++;
	out->fault = FAULT_NONE;
	out->problem[0] = '\0';
}

/* Of several readings: all of them, and what makes it one. */
static void
tell_readings(struct date_said *out)
{
	OWNED_BUF(b) = {0};
	bool calendars = false, hijri = true;

	buf_text(&b, _("it can be read in more than one way:"));
	for (size_t i = 0; i < out->n; i++) {
		const struct date_reading *r = &out->reading[i];

		calendars |= r->calendar != out->reading[0].calendar;
		hijri &= calendar_is_hijri(r->calendar);
		buf_text(&b, i == 0 ? " " : "; ");
		date_text(r->calendar, &r->from, lang_now(), &b);
		buf_printf(&b, " (%s, %s)", calendar_name(r->calendar), r->value);
	}
	buf_text(&b, ". ");
	if (!calendars)
		buf_text(&b, _("Write the month as a word, or the date as year-month-day."));
	else if (!hijri)
		buf_text(&b, _("Say which calendar it is."));
	else
		buf_text(&b, _("Say which table it is; where the papers do not tell, take "
			       "hijri-civil."));
	out->fault = FAULT_AMBIGUOUS;
	set_problem(out, (const char *)b.data);
}

/* ---- one date of one calendar ---- */

static char
doubt_of(const struct parts *p)
{
	return p->about && p->unsure ? '%' : p->about ? '~' : p->unsure ? '?' : '\0';
}

static struct day_span
related(const struct day_span *s, enum meaning relation)
{
	if (relation == MEAN_BEFORE)
		return (struct day_span){DAY_LEAST, s->first - 1};
	if (relation == MEAN_UNTIL)
		return (struct day_span){DAY_LEAST, s->last};
	if (relation == MEAN_AFTER)
		return (struct day_span){s->last + 1, DAY_MOST};
	if (relation == MEAN_SINCE)
		return (struct day_span){s->first, DAY_MOST};
	return *s;
}

/* An explicit 0 is no unknown month or day. */
static int
counted(int n)
{
	return n == 0 ? -1 : n;
}

static void
add_date(struct date_said *out, enum calendar c, const struct parts *p, struct ymd d,
	bool month_first)
{
	struct date_reading r = {.calendar = c,
		.from = d,
		.to = d,
		.doubt = doubt_of(p),
		.month_first = month_first};

	if (p->decade && d.month == 0 && d.year % 10 == 0)
		r.to.year += 9;
	if (calendar_check(c, &d) != FAULT_NONE) {
		said_impossible(out, c, &d);
		return;
	}
	if (calendar_check(c, &r.to) != FAULT_NONE) {
		said_impossible(out, c, &r.to);
		return;
	}
	r.days = (struct day_span){span_of(c, &r.from).first, span_of(c, &r.to).last};
	r.days = related(&r.days, p->relation);
	said_add(out, &r);
}

/* Where the number with four digits stands, 3: nowhere; two of them are no date. */
static size_t
year_at(const struct parts *p)
{
	size_t at = 3;

	for (size_t i = 0; i < p->n; i++)
		if (p->digits[i] >= 4)
			at = at == 3 ? i : 4;
	return at;
}

static void
say_incomplete(struct date_said *out, const struct parts *p)
{
	bool short_year = p->n > (p->has_month ? 1u : 2u);

	for (size_t i = 0; i < p->n; i++)
		short_year |= p->digits[i] == 2 && p->number[i] > 31;
	if (p->n == 0 && !p->has_month)
		said_fault(out, FAULT_UNREADABLE, NOT_UNDERSTOOD);
	else
		said_fault(out, FAULT_INCOMPLETE,
			short_year ? N_("the year needs four digits") : N_("the year is missing"));
}

/* "12 March 2019", "March 12, 2019", "March 2019" */
static void
with_month(struct date_said *out, enum calendar c, const struct parts *p, size_t at)
{
	struct ymd d = {p->number[at], p->month[c], 0};

	if (p->n == 2)
		d.day = counted(p->number[1 - at]);
	if (p->n > 2)
		said_fault(out, FAULT_UNREADABLE, NOT_UNDERSTOOD);
	else
		add_date(out, c, p, d, false);
}

/* Of two wrong ways the one is told whose month exists. */
static void
in_both_orders(struct date_said *out, enum calendar c, enum date_order order, const struct parts *p,
	int year, int a, int b)
{
	struct ymd day_first = {year, counted(b), counted(a)};
	struct ymd month_first = {year, counted(a), counted(b)};
	bool month_only = b > calendar_months(c) && a >= 1 && a <= calendar_months(c);

	if (order == ORDER_DAY_FIRST || a == b) {
		add_date(out, c, p, day_first, false);
		return;
	}
	if (order == ORDER_MONTH_FIRST) {
		add_date(out, c, p, month_first, true);
		return;
	}
	if (!month_only)
		add_date(out, c, p, day_first, false);
	if (month_only || calendar_check(c, &month_first) == FAULT_NONE)
		add_date(out, c, p, month_first, true);
}

static void
with_numbers(struct date_said *out, enum calendar c, enum date_order order, const struct parts *p,
	size_t at)
{
	int year = p->number[at];

	if (p->n == 1)
		add_date(out, c, p, (struct ymd){year, 0, 0}, false);
	else if (p->n == 2)
		add_date(out, c, p, (struct ymd){year, counted(p->number[1 - at]), 0}, false);
	else if (at == 0)
		add_date(out, c, p,
			(struct ymd){year, counted(p->number[1]), counted(p->number[2])}, false);
	else if (at == 2)
		in_both_orders(out, c, order, p, year, p->number[0], p->number[1]);
	else
		said_fault(out, FAULT_UNREADABLE, NOT_UNDERSTOOD);
}

static void
in_calendar(struct date_said *out, enum calendar c, enum date_order order, const struct parts *p)
{
	size_t at = year_at(p);

	if (at == 4)
		said_fault(out, FAULT_UNREADABLE, NOT_UNDERSTOOD);
	else if (at == 3)
		say_incomplete(out, p);
	else if (p->has_month)
		with_month(out, c, p, at);
	else
		with_numbers(out, c, order, p, at);
}

/* ---- which calendar ---- */

/* Bits of the calendars that the text itself allows. */
static unsigned
named_calendars(const struct parts *p)
{
	unsigned bits = p->eras;

	if (!p->has_month)
		return bits;
	bits = 0;
	for (enum calendar c = 0; c < CALENDAR_N; c++)
		if (p->month[c] != 0)
			bits |= BIT_OF(c);
	return p->eras != 0 ? bits & p->eras : bits;
}

/* Readings of another calendar that could be meant: a birth that somebody alive may ask about. */
bool
said_is_likely(const struct date_said *s)
{
	return s->n > 0 && s->reading[0].days.last >= DAY_LIKELY_FIRST &&
	       s->reading[0].days.first <= calendar_today();
}

/* Digits alone, and nobody has named the calendar: Gregorian where that is likely. What else they
 * could be is told in any case, and asked where it is not. */
static void
in_no_calendar(struct date_said *out, enum date_order order, const struct parts *p)
{
	struct date_said other[CALENDAR_N];
	bool unlikely;

	in_calendar(out, CALENDAR_GREGORIAN, order, p);
	unlikely = out->n > 0 && out->reading[0].days.last < DAY_LIKELY_FIRST;
	for (enum calendar c = CALENDAR_ETHIOPIC; c < CALENDAR_N; c++) {
		memset(&other[c], 0, sizeof other[c]);
		in_calendar(&other[c], c, order, p);
		if (!said_is_likely(&other[c]))
			continue;
		out->others |= BIT_OF(c);
		for (size_t i = 0; unlikely && i < other[c].n; i++)
			said_add(out, &other[c].reading[i]);
	}
}

static void
not_that_calendar(struct date_said *out, unsigned named)
{
	OWNED_BUF(b) = {0};
	size_t n = 0;

	buf_text(&b, _("the text itself names another calendar:"));
	for (enum calendar c = 0; c < CALENDAR_N; c++)
		if ((named & BIT_OF(c)) != 0)
			buf_printf(&b, "%s%s", n++ == 0 ? " " : "; ", calendar_name(c));
	out->n = 0;
	out->fault = FAULT_CONTRADICTION;
	set_problem(out, (const char *)b.data);
}

static void
in_calendars(struct date_said *out, const struct wish *w, const struct parts *p)
{
	unsigned named = named_calendars(p);

	if (named == 0 && (p->has_month || p->eras != 0))
		said_fault(out, FAULT_CONTRADICTION,
			N_("its month and its era are of different calendars"));
	else if (w->calendar == CALENDAR_ANY && named == 0)
		in_no_calendar(out, w->order, p);
	else if (w->calendar == CALENDAR_ANY) {
		for (enum calendar c = 0; c < CALENDAR_N; c++)
			if ((named & BIT_OF(c)) != 0)
				in_calendar(out, c, w->order, p);
	} else if (named != 0 && (named & BIT_OF(w->calendar)) == 0)
		not_that_calendar(out, named);
	else
		in_calendar(out, w->calendar, w->order, p);
}

/* ---- the day of the week ---- */

/* A converted Hijri day may be two days off: its day of the week proves nothing. */
static bool
weekday_fits(const struct date_reading *r, int weekday)
{
	return r->days.first != r->days.last || calendar_is_hijri(r->calendar) ||
	       weekday_of(r->days.first) == weekday;
}

static void
hold_against_weekday(struct date_said *out, int weekday)
{
	struct date_said fit = *out;
	OWNED_BUF(b) = {0};

	fit.n = 0;
	for (size_t i = 0; i < out->n; i++)
		if (weekday_fits(&out->reading[i], weekday))
			fit.reading[fit.n++] = out->reading[i];
	if (fit.n > 0 || out->n == 0) {
		*out = fit;
		return;
	}
	buf_printf(&b, _("that day was another day of the week: %s"),
		weekday_name(weekday_of(out->reading[0].days.first), lang_now()));
	out->n = 0;
	out->fault = FAULT_CONTRADICTION;
	set_problem(out, (const char *)b.data);
}

void
read_one(const struct tokens *t, const struct wish *w, struct date_said *out)
{
	struct parts p;

	memset(out, 0, sizeof *out);
	if (t->n == 0 || !parts_of(t, &p))
		said_fault(out, FAULT_UNREADABLE, NOT_UNDERSTOOD);
	else if (p.before_christ)
		said_impossible(out, CALENDAR_GREGORIAN, &(struct ymd){-1, 0, 0});
	else
		in_calendars(out, w, &p);
	if (out->n > 0 && p.weekday != 0)
		hold_against_weekday(out, p.weekday);
}

/* ---- the whole ---- */

static void
trim(struct buf *b)
{
	size_t lead = strspn((const char *)b->data, " ");

	while (b->size > lead && b->data[b->size - 1] == ' ')
		b->data[--b->size] = '\0';
	b->size -= lead;
	memmove(b->data, b->data + lead, b->size + 1);
}

static void
read_folded(const char *folded, const struct wish *w, struct date_said *out)
{
	struct tokens t;

	if (read_edtf(folded, w->calendar, out))
		return;
	if (!tokens_of(folded, &t))
		said_fault(out, FAULT_UNREADABLE, NOT_UNDERSTOOD);
	else if (!read_age(&t, w, out) && !read_between(&t, w, out))
		read_one(&t, w, out);
}

bool
date_said_as(const char *text, enum calendar c, enum date_order order, struct date_said *out)
{
	const struct wish w = {c, order};
	OWNED_BUF(folded) = {0};

	memset(out, 0, sizeof *out);
	if (date_fold(text, &folded) != E_OK)
		said_fault(out, FAULT_UNREADABLE, NOT_UNDERSTOOD);
	else {
		trim(&folded);
		read_folded((const char *)folded.data, &w, out);
	}
	if (out->n > 1)
		tell_readings(out);
	return out->n == 1;
}

bool
date_said(const char *text, enum calendar c, struct date_said *out)
{
	return date_said_as(text, c, ORDER_UNKNOWN, out);
}
