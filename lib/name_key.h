/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys by which names are compared, for finding and for duplicates. A key is never kept as the
 *name, never shown as one, and never leaves the computer in clear. (libcivil: ICU)
 *
 *	letters	what remains when spelling habits are taken away: case, width of gaps, NFC; Latin
 *		diacritics and apostrophes; Arabic tatweel, vowel signs, forms of alef, yeh and alef
 *		maqsura, teh marbuta and heh; Ethiopic letters that sound alike. Marks of scripts
 *		that write vowels with them (Devanagari, Burmese, Thai) stay. Two texts of one
 *		key are the same name, written by two hands.
 *	class	letters without any mark, and every word that belongs to a family of spellings
 *(Mohamed, Muhammad, Maxamed) by that family, others by their consonants. Two texts of one class
 *may be the same name: a person has to look. */
#ifndef DAFTAR_NAME_KEY_H
#define DAFTAR_NAME_KEY_H

#include "lib/buf.h"

/* malloc'ed; "" when nothing remains, which fits nothing. */
char *name_key(const char *text);
char *name_class(const char *text);

enum name_likeness {
	NAME_OTHER,
	NAME_ALIKE, /* of one class only: a person has to look */
	NAME_SAME   /* the same letters */
};
enum name_likeness names_compare(const char *a, const char *b);

#endif
