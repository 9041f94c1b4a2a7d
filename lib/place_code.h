/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes of places: ISO 3166-1 and -2, and the P-codes of OCHA, side by side. Neither is ever made
 * from the other by its pattern: KE-01 is Baringo, KE001 is Mombasa. Both are looked up in the
 * lists that come with the program (schemas/places-*.csv). (libcivil) */
#ifndef DAFTAR_PLACE_CODE_H
#define DAFTAR_PLACE_CODE_H

#include "lib/record.h"

enum place_system { PLACE_COUNTRY, PLACE_ISO, PLACE_PCODE };
struct place_row {
	enum place_system system;
	const char *country; /* ISO 3166-1 alpha-2 */
	const char *code;    /* "KE", "KE-30", "KE047" */
	const char *name;
	const char *within; /* code of what it lies in, "" for the country itself */
	int level;	    /* 0 a country, 1, 2: administrative level */
};

struct place_list;
/* Reads the lists from the folder of the schemas. E_IO, E_INPUT. */
enum err place_list_load(struct place_list **out) MUST_USE;
void place_list_free(struct place_list **l);

typedef bool place_visit(void *context, const struct place_row *row); /* false: enough */
/* Every row whose code this is, or whose name it is by its letters (lib/name_key.h); `country'
 * NULL: of any. The number of rows. */
size_t place_find(const struct place_list *l, const char *name_or_code, const char *country,
	place_visit *each, void *context);
/* Every row of a country. */
size_t place_each(
	const struct place_list *l, const char *country, place_visit *each, void *context);
/* NULL: not in the lists. */
const struct place_row *place_of_code(const struct place_list *l, const char *code);

/* What is wrong with the codes of a place of a record. *wrong: it may not be kept (a code of
 * another country, a country that does not exist); otherwise somebody should look again. N_
 * sentence, NULL when nothing is to be said. */
const char *place_problem(const struct place_list *l, const struct place *p, bool *wrong);

#endif
