/* SPDX-License-Identifier: EUPL-1.2
 *
 * Numbers that States give to people and records: what is known of each scheme, and how sure that
 * is. Nothing is enforced that was not found in a public source: a number that does not fit is
 * looked at again, not refused. The value is personal data: nothing here logs, and no sentence
 * repeats it. (libcivil) */
#ifndef DAFTAR_IDENTIFIER_H
#define DAFTAR_IDENTIFIER_H

#include "lib/buf.h"

#define IDENTIFIER_SIZE 41 /* a normalized value and its end (schemas/types.xsd) */

struct identifier_scheme {
	const char *code;    /* "fr-nir" */
	const char *country; /* ISO 3166-1 alpha-2, "" for a scheme of no State */
	const char *called;  /* in its country: "numéro d'inscription au répertoire" */
	char mark;	     /* 'V' seen in a public source, 'B' believed, 'X' sources disagree */
	char check_mark;     /* the same of its check digit; '-' where there is none */
	bool record;	     /* may stand in a record */
	const char *form;    /* N_: what it looks like */
	const char *source;  /* N_: where that comes from */
};
extern const struct identifier_scheme identifier_schemes[];
extern const size_t identifier_schemes_n;

enum identifier_verdict {
	IDENTIFIER_OK,
	IDENTIFIER_WARN,    /* look again: it may be right all the same */
	IDENTIFIER_INVALID, /* its own registry may not send it; nobody may, where it is not for
			       records */
};
extern const char *const identifier_verdicts[]; /* "ok", "warn", "invalid" */

struct identifier_result {
	const struct identifier_scheme *scheme; /* NULL: not known, which is no fault */
	enum identifier_verdict verdict;
	char normalized[IDENTIFIER_SIZE]; /* ASCII digits, capitals, no separators; "" when too long
					   */
	const char *sentence;		  /* N_: what is wrong; NULL when nothing is */
	const char *next;		  /* N_: what to do about it; NULL when nothing is */
	/* What the number itself tells, where its scheme says so; for comparison only. */
	char sex;	      /* M F, 0: does not tell */
	int year, month, day; /* of birth; 0 for month or day: does not tell, -1 for the year */
	bool century;	      /* the year is whole; otherwise its last two digits alone are known */
	const char *place;    /* N_: "abroad"; NULL: does not tell */
};
/* `sender': the country of the registry whose number this claims to be and who says so, NULL for
 * anybody else (an officer, another State): then nothing but a number that no record may hold is
 * invalid. */
void identifier_check(
	const char *scheme, const char *value, const char *sender, struct identifier_result *out);
/* NULL when unknown; in any case of letters. */
const struct identifier_scheme *identifier_scheme(const char *code);

/* The digit at the end makes Verhoeff's check of the digits 0. False for anything but digits. */
bool verhoeff_fits(const char *digits);

/* A text that holds what looks like a UNHCR case or individual number: it would tell that somebody
 * asked for asylum, and may stand nowhere in a record (P04). */
bool holds_unhcr_number(const char *text);

#endif
