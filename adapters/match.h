/* SPDX-License-Identifier: EUPL-1.2
 *
 * Does an entry of the register fit a locator? Pure: no register, no disk. Used by every driver, so
 * that a child is found by the same rule whatever the national system is. */
#ifndef DAFTAR_MATCH_H
#define DAFTAR_MATCH_H

#include "lib/name_key.h"
#include "lib/record.h"

/* Days since 1970-01-01, both inclusive; INT64_MIN and INT64_MAX for an open end. */
struct days {
	int64_t first, last;
};

/* The days that an EDTF value (domain.md 4: Y-M-D, X digits, ? ~ %, a/b, ..) may mean; false when
 * it is not one. A placeholder date means its whole year, a converted Hijri date two days more on
 * each side. */
bool days_of_date(const struct record_date *d, struct days *out) MUST_USE;
bool days_of_edtf(const char *value, struct days *out) MUST_USE;
bool days_touch(const struct days *a, const struct days *b);
/* "2019-09-12"; days outside the years 0001 to 9999 give the nearest inside. */
void day_format(int64_t day, char out[11]);
/* The civil day of this machine's time zone, as registers write it. */
int64_t day_today(void);

/* Case folded, white space of any kind folded to one space, none at the ends: for numbers and
 * offices, whose letters are not a matter of taste. malloc'ed. */
char *text_key(const char *text);
/* How the best two written forms of the two fit (lib/name_key.h). */
enum name_likeness names_fit(const struct name *wanted, const struct name *held);

/* Everything that the locator gives must fit. E_OK; E_RECORD_NOT_FOUND; E_ALIKE when a name is only
 * heard alike (Mohamed, Maxamed): a person has to look; E_AMBIGUOUS when child and day fit but the
 * locator says nothing about the parents: that alone tells nobody apart. */
enum err locator_fits(const struct locator *l, const struct extract *x) MUST_USE;

#endif
