/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar place': the codes of a place in both systems, side by side. */
#include <ctype.h>
#include <string.h>

#include "lib/place_code.h"
#include "lib/text.h"
#include "liaison/lookup.h"
#include "liaison/terminal.h"

#define UNTOUCHED "nothing was changed"
#define ROWS_MAX 200

static const char *const systems[] = {
	[PLACE_COUNTRY] = "ISO 3166-1", [PLACE_ISO] = "ISO 3166-2", [PLACE_PCODE] = "OCHA"};

struct listing {
	const struct place_list *list;
	struct table *table;
	size_t n;
};

static const char *
name_of(const struct place_row *r, char *room, size_t size)
{
	if (r->system == PLACE_COUNTRY)
		text_country(r->code, lang_now(), room, size);
	return r->system == PLACE_COUNTRY && room[0] != '\0' ? room : r->name;
}

static bool
say_place(void *context, const struct place_row *r)
{
	struct listing *l = context;
	const struct place_row *within = place_of_code(l->list, r->within);
	char own[200], outer[200];

	if (say_in_json())
		say_json(json_pack("{s:s s:s s:s s:s s:s s:i}", "system", systems[r->system],
			"code", r->code, "country", r->country, "name", r->name, "within",
			r->within, "level", r->level));
	else {
		const char *const cells[] = {r->code, name_of(r, own, sizeof own),
			within != NULL ? name_of(within, outer, sizeof outer) : "",
			systems[r->system]};

		table_add(l->table, cells);
	}
	return ++l->n < ROWS_MAX;
}

/* A code of a country lists what lies in it, too. */
static void
say_inside(struct listing *l, const char *asked)
{
	char code[3];

	if (strlen(asked) != 2)
		return;
	for (size_t i = 0; i < 3; i++)
		code[i] = (char)toupper((unsigned char)asked[i]);
	if (place_of_code(l->list, code) != NULL)
		place_each(l->list, code, say_place, l);
}

enum ending
command_place(const struct options *options)
{
	static const char *const titles[] = {
		N_("code"), N_("place"), N_("lies in"), N_("codes of")};
	OWNED(struct place_list, list, place_list_free) = NULL;
	const char *asked = options->argument[0], *country = options->value[OPT_COUNTRY];
	struct listing l = {0};
	enum err e = place_list_load(&list);

	if (e != E_OK)
		return fail(e, UNTOUCHED, "daftar doctor", "the lists of places cannot be read");
	if (country != NULL && strlen(country) != 2)
		return fail(E_USAGE, UNTOUCHED, "daftar help place",
			"--country is two letters, such as KE");
	l.list = list;
	l.table = table_new(ARRAY_LEN(titles), titles);
	say_inside(&l, asked);
	if (l.n == 0)
		place_find(list, asked, country, say_place, &l);
	table_say(&l.table);
	if (l.n == 0)
		return fail(E_NOT_FOUND, UNTOUCHED, "daftar place COUNTRY",
			"no place with the name or code %s is in the lists", line(asked));
	if (l.n == ROWS_MAX)
		note("These are the first %d; --country narrows it down.\n", ROWS_MAX);
	note("A record may name both codes of a place: iso and pcode. Neither is made from the "
	     "other.\n");
	return END_DONE;
}
