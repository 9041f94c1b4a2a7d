/* SPDX-License-Identifier: EUPL-1.2
 *
 * Spans that are said with more than one date: "between 1990 and 1993", and an age with the time
 * when it was told, "7 years in 2024". */
#include <string.h>

#include "lib/date_parts.h"
#include "lib/lang.h"

#define AGE_MOST 130 /* years */

/* ---- two dates ---- */

/* The ends of "between .. and ..", "from .. to ..", "1990-1993". */
static bool
split(const struct tokens *t, struct tokens *a, struct tokens *b)
{
	size_t begin = 0, used = 1, middle = 0, after = 0;
	struct word w = {.meaning = MEAN_NOTHING};

	if (t->n == 3 && t->t[0].digits == 4 && t->t[1].kind == TOKEN_SIGN && *t->t[1].at == '-' &&
		t->t[2].digits == 4) {
		middle = 1;
		after = 2;
	} else if (t->n > 0 && t->t[0].kind == TOKEN_WORD) {
		word_at(t, 0, &w, &used);
		begin = used;
	}
	for (size_t i = begin; middle == 0 && i < t->n && begin > 0; i += used) {
		used = 1;
		if (t->t[i].kind != TOKEN_WORD)
			continue;
		word_at(t, i, &w, &used);
		if (i > begin && (w.meaning == MEAN_AND || w.meaning == MEAN_UNTIL)) {
			middle = i;
			after = i + used;
		}
	}
	if (middle == 0 || after >= t->n)
		return false;
	a->n = middle - begin;
	memcpy(a->t, t->t + begin, a->n * sizeof a->t[0]);
	b->n = t->n - after;
	memcpy(b->t, t->t + after, b->n * sizeof b->t[0]);
	return true;
}

static bool
begins_span(const struct tokens *t)
{
	struct word w;
	size_t used;

	if (t->n == 0 || t->t[0].kind != TOKEN_WORD)
		return t->n == 3;
	word_at(t, 0, &w, &used);
	return w.meaning == MEAN_BETWEEN || w.meaning == MEAN_SINCE || w.meaning == MEAN_NOISE;
}

bool
read_between(const struct tokens *t, const struct wish *w, struct date_said *out)
{
	struct tokens ends[2];
	struct date_said a, b;
	struct wish same = *w;
	struct date_reading r;

	if (!begins_span(t) || !split(t, &ends[0], &ends[1]))
		return false;
	read_one(&ends[0], w, &a);
	if (a.n != 1) {
		*out = a;
		return a.n != 0 || a.fault != FAULT_UNREADABLE;
	}
	same.calendar = a.reading[0].calendar;
	read_one(&ends[1], &same, &b);
	*out = b;
	if (b.n != 1)
		return b.n != 0 || b.fault != FAULT_UNREADABLE;
	r = a.reading[0];
	r.to = b.reading[0].to;
	r.days.last = b.reading[0].days.last;
	r.doubt = a.reading[0].doubt != 0 ? a.reading[0].doubt : b.reading[0].doubt;
	r.value[0] = '\0';
	out->n = 0;
	out->others = a.others & b.others;
	said_add(out, &r);
	return true;
}

/* ---- ages ---- */

struct age_said {
	int years, months;
	bool has_years, has_months;
	struct tokens rest; /* when it was told */
};

static void
keep(struct tokens *to, const struct tokens *from, size_t at, size_t n)
{
	memcpy(to->t + to->n, from->t + at, n * sizeof to->t[0]);
	to->n += n;
}

/* "7 years", "7 months"; "7 year" only where it stands first, for "15/3 year 2001" is no age. */
static bool
take_unit(const struct tokens *t, size_t at, bool first, struct age_said *a, size_t *used)
{
	struct word w;
	const struct token *n = &t->t[at];

	if (n->kind != TOKEN_NUMBER || n->digits > 3 || at + 1 == t->n ||
		t->t[at + 1].kind != TOKEN_WORD)
		return false;
	word_at(t, at + 1, &w, used);
	(*used)++;
	if (w.meaning == MEAN_MONTHS && !a->has_months) {
		a->months = n->value;
		return a->has_months = true;
	}
	if ((w.meaning == MEAN_YEARS || (w.meaning == MEAN_YEAR && first)) && !a->has_years) {
		a->years = n->value;
		return a->has_years = true;
	}
	return false;
}

/* "aged 7", and what unit follows. */
static bool
take_aged(const struct tokens *t, size_t at, struct age_said *a, size_t *used)
{
	struct word w;
	size_t unit;

	word_at(t, at, &w, used);
	if (w.meaning != MEAN_AGE)
		return false;
	while (at + *used < t->n && t->t[at + *used].kind == TOKEN_WORD) {
		word_at(t, at + *used, &w, &unit);
		if (w.meaning != MEAN_NOISE || w.is_month || w.weekday != 0)
			return true;
		*used += unit;
	}
	if (at + *used >= t->n || t->t[at + *used].kind != TOKEN_NUMBER ||
		t->t[at + *used].digits > 3)
		return true;
	if (take_unit(t, at + *used, true, a, &unit)) {
		*used += unit;
		return true;
	}
	a->years = t->t[at + *used].value;
	a->has_years = true;
	(*used)++;
	return true;
}

/* "miaka 7": the unit stands before. */
static bool
take_unit_before(const struct tokens *t, size_t at, struct age_said *a, size_t *used)
{
	struct word w;

	word_at(t, at, &w, used);
	if ((w.meaning != MEAN_YEARS && w.meaning != MEAN_MONTHS) || at + *used >= t->n ||
		t->t[at + *used].kind != TOKEN_NUMBER || t->t[at + *used].digits > 3)
		return false;
	if (w.meaning == MEAN_YEARS) {
		a->years = t->t[at + *used].value;
		a->has_years = true;
	} else {
		a->months = t->t[at + *used].value;
		a->has_months = true;
	}
	(*used)++;
	return true;
}

static bool
find_age(const struct tokens *t, struct age_said *a)
{
	bool aged = false;

	memset(a, 0, sizeof *a);
	for (size_t i = 0, used; i < t->n; i += used) {
		used = 1;
		if (t->t[i].kind == TOKEN_WORD && take_aged(t, i, a, &used))
			aged = true;
		else if (t->t[i].kind == TOKEN_WORD && take_unit_before(t, i, a, &used))
			continue;
		else if (!take_unit(t, i, i == 0, a, &used)) {
			used = 1;
			keep(&a->rest, t, i, 1);
		}
	}
	return aged || a->has_years || a->has_months;
}

static int
months_before(int day, int months)
{
	struct ymd d;
	int at;

	if (!ymd_of(CALENDAR_GREGORIAN, day, &d))
		return DAY_LEAST;
	at = d.year * 12 + d.month - 1 - months;
	if (at < 12)
		return DAY_LEAST;
	d.year = at / 12;
	d.month = at % 12 + 1;
	if (d.day > calendar_days_in(CALENDAR_GREGORIAN, d.year, d.month))
		d.day = calendar_days_in(CALENDAR_GREGORIAN, d.year, d.month);
	return day_of(CALENDAR_GREGORIAN, &d);
}

/* Who has lived `years' when it is told has not yet lived one more. Told by the year only, whole
 * years of that calendar are as exact as it is. */
static void
born(const struct age_said *a, struct date_reading *r)
{
	int least = a->years * 12 + a->months;
	int most = least + (a->has_months ? 1 : 12);

	if (!a->has_months && r->from.month == 0 && r->from.year > a->years + 1) {
		r->from.year -= a->years + 1;
		r->to.year -= a->years;
		if (calendar_check(r->calendar, &r->from) == FAULT_NONE) {
			r->days = (struct day_span){span_of(r->calendar, &r->from).first,
				span_of(r->calendar, &r->to).last};
			return;
		}
	}
	r->days.first = months_before(r->days.first, most) + 1;
	r->days.last = months_before(r->days.last, least);
	if (!ymd_of(r->calendar, r->days.first, &r->from))
		r->from = (struct ymd){0, 0, 0};
	if (!ymd_of(r->calendar, r->days.last, &r->to))
		r->to = (struct ymd){0, 0, 0};
}

static bool
is_finite(const struct date_reading *r)
{
	return r->days.first > DAY_LEAST && r->days.last < DAY_MOST;
}

bool
read_age(const struct tokens *t, const struct wish *w, struct date_said *out)
{
	struct date_said told;
	struct age_said a;

	if (!find_age(t, &a))
		return false;
	if ((!a.has_years && !a.has_months) || a.rest.n == 0) {
		said_fault(out, FAULT_INCOMPLETE,
			N_("an age needs its number and when it was told: 7 years in 2024"));
		return true;
	}
	if (a.years > AGE_MOST || a.months > AGE_MOST * 12) {
		said_fault(out, FAULT_CONTRADICTION, N_("nobody has lived so long"));
		return true;
	}
	read_one(&a.rest, w, &told);
	*out = told;
	out->n = 0;
	for (size_t i = 0; i < told.n; i++) {
		struct date_reading r = told.reading[i];

		if (!is_finite(&r)) {
			said_fault(out, FAULT_UNREADABLE,
				N_("an age needs its number and when it was told: 7 years in "
				   "2024"));
			return true;
		}
		born(&a, &r);
		r.value[0] = '\0';
		r.basis = "age-estimate";
		said_add(out, &r);
	}
	return true;
}
