/* SPDX-License-Identifier: EUPL-1.2
 *
 * Dates in columns. What can be read in two ways is no date: the row says so, and its column
 * date_order tells which comes first. */
#include "liaison/batch_date.h"

#include <string.h>
#include <strings.h>

#include "lib/date_said.h"
#include "lib/lang.h"
#include "lib/record_rule.h"

/* NULL: understood. */
static const char *
read_said(const char *text, enum calendar c, const char *order, struct date_said *out)
{
	static char problem[DATE_PROBLEM_SIZE];
	enum date_order o = ORDER_UNKNOWN;

	if (strcasecmp(order, "day-first") == 0)
		o = ORDER_DAY_FIRST;
	else if (strcasecmp(order, "month-first") == 0)
		o = ORDER_MONTH_FIRST;
	else if (order[0] != '\0')
		return _("date_order must be day-first or month-first");
	if (date_said_as(text, c, o, out))
		return NULL;
	memcpy(problem, out->problem, sizeof problem);
	return problem;
}

const char *
batch_day(const char *said, const char *order, char out[BATCH_DAY_SIZE])
{
	struct date_said d;
	const char *wrong;

	if (rule_problem(RULE_DAY, said) == NULL) {
		memcpy(out, said, BATCH_DAY_SIZE);
		return NULL;
	}
	wrong = read_said(said, CALENDAR_GREGORIAN, order, &d);
	if (wrong != NULL)
		return wrong;
	if (d.reading[0].days.first != d.reading[0].days.last || d.reading[0].doubt != 0)
		return _("must be one day");
	memcpy(out, d.reading[0].value, BATCH_DAY_SIZE - 1);
	out[BATCH_DAY_SIZE - 1] = '\0';
	return NULL;
}

const char *
batch_date(const char *order, struct arena *a, struct record_date *d)
{
	enum calendar c = CALENDAR_ANY;
	struct date_said said;
	struct record_date r;
	const char *wrong;

	if (d->calendar[0] != '\0' && !calendar_of_word(d->calendar, &c))
		return _("birth_calendar must be one of the list: daftar codes calendar");
	if (d->value[0] != '\0') { /* somebody has converted it */
		d->calendar = calendar_word(c == CALENDAR_ANY ? CALENDAR_GREGORIAN : c);
		d->basis = d->basis[0] != '\0' ? d->basis : "document";
		return NULL;
	}
	wrong = read_said(d->authored, c, order, &said);
	if (wrong != NULL)
		return wrong;
	if (c == CALENDAR_ANY && said.others != 0)
		return _("is a day of more than one calendar: say which in birth_calendar");
	date_record(&said.reading[0], d->authored, a, &r);
	d->calendar = r.calendar;
	d->value = r.value;
	if (d->basis[0] == '\0')
		d->basis = r.basis;
	return NULL;
}
