/* SPDX-License-Identifier: EUPL-1.2
 *
 * The lists of places, read whole and sorted by code. A code is found by looking, never by its
 * pattern; a P-code deeper than the lists is held against the one that it lies in, and against the
 * lengths that its country's codes have. */
#include "lib/place_code.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/child.h"
#include "lib/csv.h"
#include "lib/file.h"
#include "lib/lang.h"
#include "lib/name_key.h"
#include "lib/text.h"

#define LIST_MAX ((size_t)1 << 20)
#define LEVELS 4
#define COUNTRY_MAX 300

/* How long the P-codes of a country are, level by level; 0: its codes do not go that deep. */
struct lengths {
	const char *country;
	size_t level[LEVELS];
};

struct place_list {
	struct csv file[3];
	struct arena *arena;
	struct place_row *row;
	size_t n, room;
	struct lengths lengths[COUNTRY_MAX];
	size_t n_lengths;
};

/* ---- reading ---- */

void
place_list_free(struct place_list **l)
{
	struct place_list *old = *l;

	if (old == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(old->file); i++)
		csv_close(&old->file[i]);
	arena_free(&old->arena);
	free(old->row);
	free(old);
	*l = NULL;
}

/* "KE-30": "KE"; "KE047": "KE". */
static const char *
country_of(struct place_list *l, const char *code)
{
	return arena_text_n(l->arena, code, strlen(code) < 2 ? strlen(code) : 2);
}

static int
level_of(const struct place_list *l, const struct place_row *r)
{
	if (r->within[0] == '\0')
		return 0;
	if (r->system == PLACE_ISO)
		return strlen(r->within) == 2 ? 1 : 2;
	for (size_t i = 0; i < l->n_lengths; i++)
		for (int k = 0; k < LEVELS; k++)
			if (strcmp(l->lengths[i].country, r->country) == 0 &&
				l->lengths[i].level[k] == strlen(r->code))
				return k + 1;
	return 1;
}

static void
add_row(struct place_list *l, const char *const *cell, enum place_system system)
{
	struct place_row *r;

	if (l->n == l->room) {
		l->room = l->room == 0 ? 8192 : l->room * 2;
		l->row = xrealloc(l->row, l->room * sizeof *l->row);
	}
	r = &l->row[l->n++];
	*r = (struct place_row){.system = cell[1][0] == '\0' ? PLACE_COUNTRY : system,
		.code = cell[0],
		.within = cell[1],
		.name = cell[2],
		.country = country_of(l, cell[0])};
	r->level = level_of(l, r);
}

static void
add_lengths(struct place_list *l, const char *const *cell)
{
	struct lengths *one = &l->lengths[l->n_lengths];

	if (l->n_lengths == COUNTRY_MAX)
		return;
	one->country = cell[0];
	for (size_t i = 0; i < LEVELS; i++)
		one->level[i] = (size_t)strtoul(cell[i + 1], NULL, 10);
	l->n_lengths++;
}

static enum err
open_file(const char *folder, const char *name, struct csv *out)
{
	OWNED(char, path, free_chars) = xprintf("%s/%s", folder, name);
	OWNED_BUF(text) = {0};
	struct csv_fault fault;

	TRY(file_read(path, LIST_MAX, &text));
	if (!csv_text_ok(buf_bytes(&text), &fault))
		return E_INPUT;
	csv_open(out, &text, ",");
	return E_OK;
}

static int
by_code(const void *a, const void *b)
{
	return strcmp(((const struct place_row *)a)->code, ((const struct place_row *)b)->code);
}

static enum err
read_all(struct place_list *l, const char *folder)
{
	TRY(open_file(folder, "places-lengths.csv", &l->file[0]));
	while (csv_record(&l->file[0]) && l->file[0].n == LEVELS + 1)
		add_lengths(l, l->file[0].cell);
	TRY(open_file(folder, "places-iso.csv", &l->file[1]));
	while (csv_record(&l->file[1]) && l->file[1].n == 3)
		add_row(l, l->file[1].cell, PLACE_ISO);
	TRY(open_file(folder, "places-ocha.csv", &l->file[2]));
	while (csv_record(&l->file[2]) && l->file[2].n == 3)
		add_row(l, l->file[2].cell, PLACE_PCODE);
	for (size_t i = 0; i < ARRAY_LEN(l->file); i++)
		if (l->file[i].fault.what != NULL)
			return E_INPUT;
	qsort(l->row, l->n, sizeof *l->row, by_code);
	return l->n > 0 ? E_OK : E_INPUT;
}

enum err
place_list_load(struct place_list **out)
{
	OWNED(struct place_list, l, place_list_free) = xcalloc(1, sizeof *l);
	OWNED(char, folder, free_chars) = schemas_find();

	if (folder == NULL)
		return E_IO;
	l->arena = arena_new();
	TRY(read_all(l, folder));
	*out = TAKE(l);
	return E_OK;
}

/* ---- finding ---- */

const struct place_row *
place_of_code(const struct place_list *l, const char *code)
{
	const struct place_row key = {.code = code};

	return bsearch(&key, l->row, l->n, sizeof *l->row, by_code);
}

static bool
is_of(const struct place_row *r, const char *country)
{
	return country == NULL || strcasecmp(country, r->country) == 0;
}

static bool
key_begins(const char *name, const char *key)
{
	OWNED(char, own, free_chars) = name_key(name);
	size_t n = strlen(key);

	return strncmp(own, key, n) == 0 && (own[n] == '\0' || own[n] == ' ');
}

static bool
named(const struct place_row *r, const char *key)
{
	static const char *const langs[] = {"en", "fr", "ar"};
	char name[200];

	if (key_begins(r->name, key))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(langs) && r->system == PLACE_COUNTRY; i++) {
		text_country(r->code, langs[i], name, sizeof name);
		if (name[0] != '\0' && key_begins(name, key))
			return true;
	}
	return false;
}

struct search {
	const char *text, *key, *country;
	place_visit *each;
	void *context;
	size_t n;
	bool enough;
};

typedef bool fits(const struct search *s, const struct place_row *r);

static bool
by_its_code(const struct search *s, const struct place_row *r)
{
	return strcasecmp(s->text, r->code) == 0;
}

static bool
by_its_name(const struct search *s, const struct place_row *r)
{
	return s->key[0] != '\0' && named(r, s->key);
}

static bool
by_its_sound(const struct search *s, const struct place_row *r)
{
	return names_compare(s->text, r->name) == NAME_ALIKE;
}

static bool
any(const struct search *s, const struct place_row *r)
{
	(void)s;
	(void)r;
	return true;
}

static void
search(struct search *s, const struct place_list *l, fits *fit)
{
	for (size_t i = 0; i < l->n && !s->enough; i++)
		if (is_of(&l->row[i], s->country) && fit(s, &l->row[i])) {
			s->n++;
			s->enough = !s->each(s->context, &l->row[i]);
		}
}

size_t
place_find(const struct place_list *l, const char *text, const char *country, place_visit *each,
	void *context)
{
	OWNED(char, key, free_chars) = name_key(text);
	static fits *const ways[] = {by_its_code, by_its_name, by_its_sound};
	struct search s = {text, key, country, each, context, 0, false};

	for (size_t i = 0; i < ARRAY_LEN(ways) && s.n == 0; i++)
		search(&s, l, ways[i]);
	return s.n;
}

size_t
place_each(const struct place_list *l, const char *country, place_visit *each, void *context)
{
	struct search s = {"", "", country, each, context, 0, false};

	search(&s, l, any);
	return s.n;
}

/* ---- what is wrong with a place of a record ---- */

static const struct place_row *
first_level(const struct place_list *l, const char *code)
{
	const struct place_row *r = place_of_code(l, code);

	while (r != NULL && r->level > 1)
		r = place_of_code(l, r->within);
	return r;
}

static const struct lengths *
lengths_of(const struct place_list *l, const char *country)
{
	for (size_t i = 0; i < l->n_lengths; i++)
		if (strcmp(l->lengths[i].country, country) == 0)
			return &l->lengths[i];
	return NULL;
}

/* The deepest code of the lists that this one lies in. */
static const struct place_row *
known_part(const struct place_list *l, const struct lengths *k, const char *pcode)
{
	char part[16];

	for (size_t i = LEVELS; i-- > 0;) {
		const struct place_row *r;

		if (k->level[i] == 0 || k->level[i] > strlen(pcode) || k->level[i] >= sizeof part)
			continue;
		memcpy(part, pcode, k->level[i]);
		part[k->level[i]] = '\0';
		r = place_of_code(l, part);
		if (r != NULL)
			return r;
	}
	return NULL;
}

static const char *
pcode_doubt(const struct place_list *l, const char *country, const char *pcode)
{
	const struct lengths *k = lengths_of(l, country);
	const struct place_row *part;
	bool length = false;

	if (k == NULL || place_of_code(l, pcode) != NULL)
		return NULL;
	for (size_t i = 0; i < LEVELS; i++)
		length |= k->level[i] == strlen(pcode);
	if (!length)
		return N_("no P-code of this country has so many digits");
	part = known_part(l, k, pcode);
	/* The lists end at the second level. */
	if (part != NULL && part->level == 2)
		return NULL;
	return N_("the P-code is not among those of this country");
}

/* The name of the one is the name of another unit of the other list. */
static const char *
codes_doubt(const struct place_list *l, const char *iso, const char *pcode)
{
	const struct place_row *i = first_level(l, iso), *p = first_level(l, pcode);

	if (i == NULL || p == NULL || names_compare(i->name, p->name) != NAME_OTHER)
		return NULL;
	for (size_t k = 0; k < l->n; k++) {
		const struct place_row *r = &l->row[k];

		if (r->level != 1 || strcmp(r->country, i->country) != 0)
			continue;
		if ((r->system == PLACE_ISO && names_compare(r->name, p->name) == NAME_SAME) ||
			(r->system == PLACE_PCODE && names_compare(r->name, i->name) == NAME_SAME))
			return N_("the two codes seem to mean two places");
	}
	return NULL;
}

const char *
place_problem(const struct place_list *l, const struct place *p, bool *wrong)
{
	*wrong = true;
	if (p->iso != NULL && strncmp(p->iso, p->country, 2) != 0)
		return N_("the ISO code is one of another country");
	if (p->pcode != NULL && strncmp(p->pcode, p->country, 2) != 0)
		return N_("the P-code is one of another country");
	*wrong = false;
	if (place_of_code(l, p->country) == NULL)
		return N_("there is no such country in ISO 3166-1 today");
	if (p->iso != NULL && place_of_code(l, p->iso) == NULL)
		return N_("the code is not in ISO 3166-2 today");
	if (p->pcode != NULL && pcode_doubt(l, p->country, p->pcode) != NULL)
		return pcode_doubt(l, p->country, p->pcode);
	return p->iso != NULL && p->pcode != NULL ? codes_doubt(l, p->iso, p->pcode) : NULL;
}
