/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a single value of a record may look like: the simple types of schemas/types.xsd once more,
 * for values that have not met a schema (an officer's file), with what the schema language cannot
 * say (days that exist, joiners between Arabic letters only). Used by lib/record*.c. */
#ifndef DAFTAR_RECORD_RULE_H
#define DAFTAR_RECORD_RULE_H

#include "lib/record.h"

enum rule {
#define RULE(name, ok, problem) name,
#include "lib/record_rule.def"
#undef RULE
	RULE_N
};

/* NULL when the value follows the rule, otherwise what it must be ("must be a day YYYY-MM-DD"):
 * never the value. NULL is no value and follows none. */
const char *rule_problem(enum rule rule, const char *value);

/* What is wrong with a name as a whole, NULL when it is well: one authoritative form, parts in
 * every form, and no family name where there is said to be none. `n' must have at least one form.
 */
const char *name_problem(const struct name *n);

/* Is this an EDTF value of the subset that types.xsd describes, of days that exist? */
bool edtf_ok(const char *value);
/* The same, and the first and last day that it may mean, YYYYMMDD (a last day may be a 31st that
 * its month has not): 0 and EDTF_OPEN where an end is open or the year is not known at all. */
#define EDTF_OPEN 99991231
bool edtf_span(const char *value, int *first, int *last);

#endif
