/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a date of birth tells about an age. Dates of registers are often uncertain; a span of days
 * is taken, as wide as the doubt, and whoever asks takes the end that protects more. Days are
 * numbers YYYYMMDD: they are compared only, so a 31st of every month does no harm. */
#include <stdlib.h>
#include <string.h>

#include "lib/protect.h"
#include "lib/record_rule.h"

#define YEARS 10000
#define MONTHS 100
/* A converted day of the Hijri calendar is right within two days; three more because months are
 * taken as 31 days here. */
#define HIJRI_DAYS 5

static int
shift_days(int day, int by)
{
	int months = day / YEARS * 12 + day / MONTHS % 100 - 1, d = day % MONTHS + by;

	if (d < 1) {
		d += 31;
		months--;
	}
	if (d > 31) {
		d -= 31;
		months++;
	}
	return months / 12 * YEARS + (months % 12 + 1) * MONTHS + d;
}

static bool
is_among(const char *word, const char *a, const char *b)
{
	return word != NULL && (strcmp(word, a) == 0 || strcmp(word, b) == 0);
}

struct age
age_of(const struct record_date *birth)
{
	struct age a = {0};

	if (birth == NULL || birth->value == NULL || !edtf_span(birth->value, &a.first, &a.last))
		return a;
	a.known = a.first >= YEARS || a.last < EDTF_OPEN;
	if (is_among(birth->basis, "placeholder", "")) {
		a.first = a.first / YEARS * YEARS + 101;
		a.last = a.last / YEARS * YEARS + 1231;
	}
	if (is_among(birth->basis, "age-estimate", "") || strpbrk(birth->value, "?~%") != NULL) {
		a.first -= AGE_DOUBT * YEARS;
		a.last += AGE_DOUBT * YEARS;
	} else if (is_among(birth->calendar, "hijri-civil", "hijri-umalqura")) {
		a.first = shift_days(a.first, -HIJRI_DAYS);
		a.last = shift_days(a.last, HIJRI_DAYS);
	}
	return a;
}

/* YYYY-MM-DD */
static int
number_of(const char *day)
{
	return atoi(day) * YEARS + atoi(day + 5) * MONTHS + atoi(day + 8);
}

bool
age_may_be_under(const struct age *a, int age, const char *today)
{
	return !a->known || a->last + age * YEARS > number_of(today);
}

bool
age_may_have_reached(const struct age *a, int age, const char *today)
{
	return !a->known || a->first + age * YEARS <= number_of(today);
}
