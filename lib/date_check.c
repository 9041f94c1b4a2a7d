/* SPDX-License-Identifier: EUPL-1.2
 *
 * A record's date held against itself. The text is the legal datum, in its own calendar; the value
 * is what machines compare. Where both are exact and say different days, one of them is wrong and
 * the date may not be kept. What is only likely to be wrong is shown to somebody. No sentence tells
 * anything that stands in the date (P10). */
#include <string.h>

#include "lib/date_said.h"
#include "lib/lang.h"

void
date_record(
	const struct date_reading *r, const char *text, struct arena *a, struct record_date *out)
{
	*out = (struct record_date){.value = arena_text(a, r->value),
		.calendar = calendar_word(r->calendar),
		.authored = arena_text(a, text),
		.basis = r->basis};
}

/* 1 January or 1 July. */
static bool
is_placed(enum calendar c, int day)
{
	struct ymd d;

	return ymd_of(c, day, &d) && d.day == 1 &&
	       (d.month == 1 || (c == CALENDAR_GREGORIAN && d.month == 7));
}

bool
date_looks_placed(const struct date_reading *r)
{
	return r->days.first == r->days.last &&
	       (is_placed(r->calendar, r->days.first) ||
		       is_placed(CALENDAR_GREGORIAN, r->days.first));
}

/* ---- the value and the text ---- */

static bool
is_day(const struct day_span *s)
{
	return s->first == s->last;
}

static bool
touches(const struct day_span *a, const struct day_span *b, int leeway)
{
	return a->first <= b->last + leeway && b->first <= a->last + leeway;
}

static bool
holds(const struct day_span *a, const struct day_span *b, int leeway)
{
	return a->first - leeway <= b->first && a->last + leeway >= b->last;
}

static bool
has_basis(const struct record_date *d, const char *basis)
{
	return d->basis != NULL && strcmp(d->basis, basis) == 0;
}

struct held {
	enum date_finding finding;
	const char *why;
};

static struct held
compare(const struct record_date *d, const struct day_span *value, const struct date_reading *r)
{
	bool hijri = calendar_is_hijri(r->calendar);
	int leeway = hijri ? CALENDAR_LEEWAY : 0;
	bool loose = has_basis(d, "placeholder") || has_basis(d, "age-estimate") || r->doubt != 0;

	if (!touches(value, &r->days, leeway)) {
		if (hijri)
			return (struct held){
				DATE_LOOK, N_("value and text are more than two days apart")};
		return (struct held){
			loose ? DATE_LOOK : DATE_PROBLEM, N_("value and text are different days: "
							     "daftar date reads the text and shows "
							     "the value")};
	}
	if (!loose && !holds(value, &r->days, leeway))
		return (struct held){DATE_LOOK,
			N_("the value is more exact than the text, or not the same span")};
	return (struct held){DATE_FITS, NULL};
}

/* Several readings: the value has to be one of them, and somebody should see that it is the right
 * one. */
static struct held
compare_all(const struct record_date *d, const struct day_span *value, const struct date_said *said)
{
	struct held h = {DATE_FITS, NULL};

	for (size_t i = 0; i < said->n; i++) {
		h = compare(d, value, &said->reading[i]);
		if (h.finding == DATE_FITS)
			break;
	}
	if (said->n > 1 && h.finding == DATE_FITS)
		return (struct held){DATE_LOOK,
			N_("the text can be read as two dates; make sure that the value is the one "
			   "that is meant")};
	return h;
}

static struct held
unread(const struct date_said *said, enum calendar c)
{
	switch (said->fault) {
	case FAULT_NO_DAY:
	case FAULT_NO_MONTH:
	case FAULT_NO_YEAR:
		if (calendar_is_hijri(c) && said->fault == FAULT_NO_DAY)
			return (struct held){DATE_LOOK, N_("the tables have no such day of the "
							   "month; where the moon was watched "
							   "there may have been one")};
		return (struct held){DATE_PROBLEM,
			N_("there is no such date in that calendar: daftar date says why")};
	case FAULT_CONTRADICTION:
		return (struct held){DATE_LOOK,
			N_("the text contradicts itself or its calendar: daftar date says how")};
	case FAULT_NONE:
	case FAULT_RANGE:
	case FAULT_AMBIGUOUS:
	case FAULT_UNREADABLE:
	case FAULT_INCOMPLETE:
		break;
	}
	return (struct held){DATE_LOOK,
		N_("the text is not understood as a date, so the value was not held against it")};
}

static struct held
look_at_placed(const struct record_date *d, const struct day_span *value)
{
	if (is_day(value) && is_placed(CALENDAR_GREGORIAN, value->first) &&
		(has_basis(d, "document") || has_basis(d, "declaration")))
		return (struct held){DATE_LOOK, N_("such a day is often written when only the year "
						   "is known; if so, the basis is "
						   "placeholder")};
	return (struct held){DATE_FITS, NULL};
}

enum date_finding
date_check(const struct record_date *d, int today, struct buf *why)
{
	struct held h;
	struct date_said said;
	struct day_span value;
	enum calendar c;

	if (d->value == NULL || d->authored == NULL || d->calendar == NULL ||
		!calendar_of_word(d->calendar, &c) || !span_of_edtf(d->value, &value))
		return DATE_FITS; /* told by the rules of the record */
	if (value.first > today + 1 && value.first > DAY_LEAST)
		h = (struct held){DATE_PROBLEM, N_("it lies in the future")};
	else {
		(void)date_said(d->authored, c, &said);
		h = said.n > 0 ? compare_all(d, &value, &said) : unread(&said, c);
	}
	if (h.finding == DATE_FITS)
		h = look_at_placed(d, &value);
	if (h.why != NULL)
		buf_text(why, _(h.why));
	return h.finding;
}
