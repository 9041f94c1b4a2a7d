/* SPDX-License-Identifier: EUPL-1.2
 *
 * What somebody should look at again, and what stops nothing: said at once, and kept for the object
 * that a program reads. Of a table with many rows the first are said; a thousand are kept. */
#include "liaison/daftar.h"

#define TOLD_MOST 20
#define KEPT_MOST 1000

static json_t *looked;
static const char *place; /* ours; NULL: there is one paper only */
static size_t told;

void
look_where(const char *where)
{
	place = where;
}

static void
tell(const char *item)
{
	if (place == NULL)
		note("look again: %s\n", line(item));
	else if (++told <= TOLD_MOST)
		note("%s: look again: %s\n", line(place), line(item));
	else if (told == TOLD_MOST + 1)
		note("There is more to look at again; --json tells all of it.\n");
}

void
look_again(const char *item)
{
	OWNED(char, text, free_chars) =
		place == NULL ? xstrdup(item) : xprintf("%s: %s", place, item);

	if (looked == NULL)
		looked = json_array();
	if (json_array_size(looked) < KEPT_MOST)
		json_array_append_new(looked, json_string(line(text)));
	tell(item);
}

json_t *
looked_again(void)
{
	json_t *list = looked;

	looked = NULL;
	return list;
}

void
looked_put(json_t *j)
{
	json_t *list = looked_again();

	if (list != NULL)
		json_object_set_new(j, "warnings", list);
}
