/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rows of the table of schemes, for identifier*.c alone. */
#ifndef DAFTAR_IDENTIFIER_PARTS_H
#define DAFTAR_IDENTIFIER_PARTS_H

#include "lib/identifier.h"

/* How the check digit of a value whose form fits stands. */
typedef bool check_fits(const char *value);
/* What the value tells about birth and sex; false when it tells a day that does not exist. */
typedef bool value_tells(const char *value, struct identifier_result *out);

struct identifier_rule {
	const char *form;   /* 9 digit, A capital, N either, [..] one of, {least,most}; others stand
			       for themselves */
	const char *keeps;  /* separators that belong to the value */
	check_fits *fits;   /* NULL: no check digit, or none that is known */
	value_tells *tells; /* NULL: tells nothing */
};
/* In the order of identifier_schemes[]. */
extern const struct identifier_rule identifier_rules[];

bool value_has_form(const char *form, const char *value);

/* ---- identifier_check.c ---- */
check_fits fits_verhoeff, fits_nir, fits_codice_fiscale, fits_dni, fits_isikukood;
value_tells tells_nir, tells_codice_fiscale, tells_isikukood, tells_egypt, tells_libya;
value_tells tells_mosip;

#endif
