/* SPDX-License-Identifier: EUPL-1.2
 *
 * A name as a person types it: what may stand in it, its script, its parts, and how it might be
 * written in Latin letters. Nothing here decides: parts and romanisations are proposals, and what
 * is stored is what a person has chosen. Texts are UTF-8. Whoever gets a malloc'ed text frees it.
 * For the officer's tool and the adapters (libcivil: ICU). */
#ifndef DAFTAR_NAME_TEXT_H
#define DAFTAR_NAME_TEXT_H

#include "lib/buf.h"
#include "lib/record.h"

#define SCRIPT_SIZE 5 /* "Arab" and its end */

/* ---- what may stand in a name ---- */

enum name_fault_kind {
	NAME_WELL,
	NAME_NOT_UTF8,
	NAME_EMPTY,
	NAME_TOO_LONG,
	NAME_CONTROL,	 /* C0 and C1, line and paragraph separators */
	NAME_DIRECTION,	 /* bidirectional overrides, isolates and marks */
	NAME_INVISIBLE,	 /* characters of no width, and joiners that are not between Arabic letters
			  */
	NAME_UNASSIGNED, /* no character of Unicode, or none that this program knows */
	NAME_PRIVATE,	 /* private use: another computer shows something else */
	NAME_NO_LETTER,	 /* nothing but signs and digits */
};
struct name_fault {
	enum name_fault_kind kind;
	const char *why;  /* N_ sentence: "it turns the direction of what is read" */
	uint32_t c;	  /* the character, where it is one */
	size_t place;	  /* it is the place-th, from 1 */
	char called[100]; /* "U+202E RIGHT-TO-LEFT OVERRIDE" */
};
/* Looks at a text that is to be a name (at most 300 characters) or a part of one (100). NAME_WELL
 * when nothing is wrong. */
enum name_fault_kind name_fault_of(const char *text, size_t most, struct name_fault *out);
#define NAME_MOST 300
#define NAME_PART_MOST 100
/* The same as a sentence in the language in force, malloc'ed: "character 3 is U+202E RIGHT-TO-LEFT
 * OVERRIDE: it turns the direction of what is read". NULL when nothing is wrong. It never repeats
 * the name. */
char *name_text_problem(const char *text);

/* What a person should look at again though it may stand: letters of two scripts in one word, a
 * letter that looks like another script's (UTS 39), Arabic digits beside others. An N_ sentence, or
 * NULL. */
const char *name_text_doubt(const char *text);

/* The script of most of its letters, ISO 15924 ("Latn", "Arab", "Ethi"); "Zyyy" without letters. */
void script_of(const char *text, char out[SCRIPT_SIZE]);

/* ---- what was typed ---- */

/* White space folded to one space and none at the ends, NFC: how a typed name is kept. E_NOT_UTF8.
 */
enum err name_tidy(const char *typed, struct buf *out) MUST_USE;

/* In which order people of a place write their names. */
enum name_order {
	NAME_CHAIN, /* given, father, grandfather, great-grandfather: the Horn, Sudan, Egypt */
	NAME_GIVEN_FAMILY, /* given names, then one family name */
	NAME_FAMILY_GIVEN,
	NAME_ORDERS
};
extern const struct name_order_row {
	const char *word;     /* "chain", for --json and scripts */
	const char *sentence; /* N_: what it means */
} name_orders[NAME_ORDERS];

/* The form of a name that was typed as one line: full text, script, parts in order, the marker that
 * there is no family name. On `a'. Language and system are left NULL, it is not authoritative yet.
 * A particle of Arabic ("bint", "ibn", "al-", "Abu") stays with the word that it belongs to.
 * E_INPUT when name_fault_of finds something, or there are more than 12 parts. */
enum err name_form_said(
	struct arena *a, const char *typed, enum name_order order, struct name_form **out) MUST_USE;

/* ---- romanisation: proposed, marked, never stored unasked ---- */

#define SYSTEM_ICAO "x-icao9303"
struct name_proposal {
	const char *system;  /* "am-Latn-t-am-m0-bgn", "x-icao9303": goes into name_form.system */
	const char *caution; /* N_ sentence: what it is good for and what not */
	char *text;
};
#define PROPOSALS_MAX 4
/* Ways to write the name in Latin letters, for a person to choose from or to correct. `lang' is the
 * name's language ("am", "ti", "ar") or NULL. None for a name in Latin letters but that of travel
 * documents. Their number. */
size_t name_proposals(const char *text, const char *lang, struct name_proposal out[PROPOSALS_MAX]);
void name_proposals_free(struct name_proposal *p, size_t n);

/* ---- before signing ---- */

/* Puts every text of the request that is a person's or a place's name into NFC, on its arena. True
 * in *changed when there was anything to change. E_NOT_UTF8. */
enum err request_nfc(struct request *r, bool *changed) MUST_USE;
/* The same for what a registry makes of its register, but for the entry's number and office. */
enum err extract_nfc(struct extract *x) MUST_USE;
/* Is the text in NFC? */
bool text_is_nfc(const char *text);

#endif
