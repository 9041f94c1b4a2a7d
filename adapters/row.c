/* SPDX-License-Identifier: EUPL-1.2
 *
 * From a row of texts to an extract. What the register does not hold stays out; nothing is guessed
 * or filled in: a family name that is not there is said not to be there. What an extract must have
 * and the row has not is E_REGISTER_DATA, for a registrar to look at. */
#include "adapters/row.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/match.h"

static const struct {
	const char *name, *sentence;
} columns[] = {
#define COLUMN(name, sentence) {name, sentence},
#include "adapters/column.def"
#undef COLUMN
};

const char *
row_column(size_t i, const char **sentence)
{
	if (i >= ARRAY_LEN(columns))
		return NULL;
	*sentence = columns[i].sentence;
	return columns[i].name;
}

bool
row_next(struct csv *c, struct row *out, bool *bad)
{
	bool there = csv_record(c);

	*bad = c->fault.what != NULL || c->columns > ROW_MAX || (there && c->n != c->columns);
	if (!there || *bad)
		return false;
	out->n = c->n;
	memcpy(out->name, c->header, c->n * sizeof out->name[0]);
	memcpy(out->value, c->cell, c->n * sizeof out->value[0]);
	return true;
}

const char *
row_text(const struct row *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcasecmp(r->name[i], name) == 0)
			return r->value[i] != NULL ? r->value[i] : "";
	return "";
}

/* The row's text kept in the arena, NULL for nothing. */
static const char *
keep(struct arena *a, const struct row *r, const char *name)
{
	const char *v = row_text(r, name);

	return v[0] == '\0' ? NULL : arena_text(a, v);
}

/* A column of the child, mother or father: "mother" and "given" make "mother_given". */
static const char *
of(struct arena *a, const struct row *r, const char *who, const char *what)
{
	char name[48];

	snprintf(name, sizeof name, "%s_%s", who, what);
	return keep(a, r, name);
}

/* A code of a closed list, `otherwise' for nothing; E_REGISTER_DATA for any other word. */
static enum err
code(struct arena *a, const struct row *r, const char *column, const char *list,
	const char *otherwise, const char **out)
{
	const char *v = keep(a, r, column);

	*out = v != NULL ? v : otherwise;
	return v == NULL || code_known(list, v) ? E_OK : E_REGISTER_DATA;
}

/* ---- names ---- */

static void
add_part(struct arena *a, struct name_form *f, const char *kind, const char *value)
{
	struct name_part **at = &f->parts;

	if (value == NULL)
		return;
	while (*at != NULL)
		at = &(*at)->next;
	*at = arena_alloc(a, sizeof **at);
	(*at)->kind = kind;
	(*at)->value = value;
}

static struct name_form *
form_new(struct arena *a, const char *full, const char *script, const char *lang)
{
	struct name_form *f = arena_alloc(a, sizeof *f);

	f->full = full;
	f->script = script != NULL ? script : "Latn";
	f->lang = lang != NULL ? lang : "und";
	return f;
}

/* The register's own form with its typed parts, and the Latin one beside it where there is one. */
static void
fill_name(struct arena *a, const struct row *r, const char *who, struct name *out)
{
	const char *full = of(a, r, who, "name"), *latin = of(a, r, who, "latin");
	const char *family = of(a, r, who, "family");
	struct name_form *f;

	if (full == NULL)
		return;
	f = form_new(a, full, of(a, r, who, "script"), of(a, r, who, "lang"));
	f->authoritative = true;
	add_part(a, f, "given", of(a, r, who, "given"));
	add_part(a, f, "father", of(a, r, who, "father"));
	add_part(a, f, "grandfather", of(a, r, who, "grandfather"));
	add_part(a, f, "family", family);
	f->no_family_name = f->parts != NULL && family == NULL;
	if (f->parts == NULL)
		add_part(a, f, "unknown", full);
	out->forms = f;
	if (latin == NULL)
		return;
	f->next = form_new(a, latin, "Latn", "und");
	f->next->system = of(a, r, who, "latin_system");
	add_part(a, f->next, "unknown", latin);
}

/* ---- dates, places, numbers ---- */

static enum err
fill_date(struct arena *a, const char *value, struct record_date *out)
{
	struct days days;

	if (value == NULL || !days_of_edtf(value, &days))
		return E_REGISTER_DATA;
	*out = (struct record_date){
		arena_text(a, value), "gregorian", arena_text(a, value), "document"};
	return E_OK;
}

static enum err
fill_date_of(struct arena *a, const struct row *r, const char *column, struct record_date **out)
{
	const char *value = keep(a, r, column);

	if (value == NULL)
		return E_OK;
	*out = arena_alloc(a, sizeof **out);
	return fill_date(a, value, *out);
}

static enum err
fill_birth(struct extract *x, const struct row *r)
{
	struct arena *a = x->arena;
	const char *authored = keep(a, r, "birth_authored");

	TRY(fill_date(a, keep(a, r, "birth_date"), &x->birth_date));
	TRY(code(a, r, "birth_calendar", "calendar", "gregorian", &x->birth_date.calendar));
	TRY(code(a, r, "birth_basis", "basis", "document", &x->birth_date.basis));
	if (authored != NULL)
		x->birth_date.authored = authored;
	x->birth_time = keep(a, r, "birth_time");
	x->birth_place.text = keep(a, r, "birth_place");
	x->birth_place.country = keep(a, r, "birth_country");
	x->birth_place.iso = keep(a, r, "birth_iso");
	x->birth_place.pcode = keep(a, r, "birth_pcode");
	if (x->birth_place.text == NULL || x->birth_place.country == NULL)
		return E_REGISTER_DATA;
	return code(a, r, "multiplicity", "multiplicity", NULL, &x->multiplicity);
}

static struct text_item *
nationality_of(struct arena *a, const struct row *r, const char *who)
{
	const char *value = of(a, r, who, "nationality");
	struct text_item *t;

	if (value == NULL)
		return NULL;
	t = arena_alloc(a, sizeof *t);
	t->value = value;
	return t;
}

/* A number whose scheme does not begin with a country ("unhcr-case") is not the register's to pass
 * on: the receiving State must not see it (domain.md, P4). */
static struct identifier *
identifier_of(struct arena *a, const struct row *r, const char *who)
{
	const char *scheme = of(a, r, who, "id_scheme"), *value = of(a, r, who, "id");
	struct identifier *i;
	char country[3];

	if (value == NULL || scheme == NULL || strlen(scheme) < 4 || scheme[2] != '-')
		return NULL;
	country[0] = (char)toupper((unsigned char)scheme[0]);
	country[1] = (char)toupper((unsigned char)scheme[1]);
	country[2] = '\0';
	i = arena_alloc(a, sizeof *i);
	i->scheme = scheme;
	i->country = arena_text(a, country);
	i->value = value;
	return i;
}

/* ---- persons ---- */

static const struct {
	const char *held, *code;
} sexes[] = {
	{"M", "M"},
	{"F", "F"},
	{"X", "X"},
	{"U", "U"},
	{"male", "M"},
	{"female", "F"},
	{"unknown", "U"},
};

static enum err
fill_sex(struct extract *x, const struct row *r)
{
	const char *held = row_text(r, "sex");

	for (size_t i = 0; i < ARRAY_LEN(sexes); i++)
		if (strcasecmp(held, sexes[i].held) == 0) {
			x->sex = sexes[i].code;
			return E_OK;
		}
	return E_REGISTER_DATA;
}

static enum err
add_parent(struct extract *x, const struct row *r, const char *role)
{
	struct parent **at = &x->parents, *p;
	char column[32];

	snprintf(column, sizeof column, "%s_name", role);
	if (row_text(r, column)[0] == '\0')
		return E_OK;
	while (*at != NULL)
		at = &(*at)->next;
	p = *at = arena_alloc(x->arena, sizeof *p);
	p->role = role;
	fill_name(x->arena, r, role, &p->name);
	p->nationality = nationality_of(x->arena, r, role);
	p->identifier = identifier_of(x->arena, r, role);
	snprintf(column, sizeof column, "%s_birth_date", role);
	return fill_date_of(x->arena, r, column, &p->birth_date);
}

enum err
row_annotation(struct extract *x, const struct row *r)
{
	struct text_item **at = &x->annotation, *t;

	if (row_text(r, "annotation_kind")[0] == '\0')
		return E_OK;
	while (*at != NULL)
		at = &(*at)->next;
	t = *at = arena_alloc(x->arena, sizeof *t);
	t->detail = keep(x->arena, r, "annotation_text");
	return code(x->arena, r, "annotation_kind", "annotation", NULL, &t->value);
}

static enum err
fill_entry(struct extract *x, const struct row *r)
{
	struct register_entry *e = &x->entry;

	e->number = keep(x->arena, r, "entry_number");
	e->office = keep(x->arena, r, "office");
	if (e->number == NULL || e->office == NULL)
		return E_REGISTER_DATA;
	TRY(code(x->arena, r, "late", "late", NULL, &e->late));
	return fill_date_of(x->arena, r, "registered_on", &e->registered_on);
}

enum err
row_extract(const struct row *r, struct extract **out)
{
	OWNED(struct extract, x, extract_free) = extract_new();

	x->kind = "extract";
	TRY(fill_entry(x, r));
	fill_name(x->arena, r, "child", &x->name);
	if (x->name.forms == NULL)
		return E_REGISTER_DATA;
	TRY(fill_sex(x, r));
	TRY(fill_birth(x, r));
	x->nationality = nationality_of(x->arena, r, "child");
	x->identifier = identifier_of(x->arena, r, "child");
	TRY(add_parent(x, r, "mother"));
	TRY(add_parent(x, r, "father"));
	TRY(row_annotation(x, r));
	*out = TAKE(x);
	return E_OK;
}

/* ---- the search ---- */

/* A row that cannot be understood hides nothing as long as somebody else is meant. */
static bool
seems_meant(const struct locator *l, const struct row *r)
{
	struct name_form raw = {.full = row_text(r, "child_name")};
	struct name held = {&raw};

	if (l->entry_number != NULL)
		return strcmp(l->entry_number, row_text(r, "entry_number")) == 0;
	return names_fit(&l->name, &held) != NAME_OTHER;
}

void
finding_row(struct finding *f, const struct row *r)
{
	OWNED(struct extract, x, extract_free) = NULL;
	enum err e = row_extract(r, &x);

	if (e != E_OK) {
		f->broken |= seems_meant(f->locator, r);
		return;
	}
	e = locator_fits(f->locator, x);
	if (e == E_RECORD_NOT_FOUND)
		return;
	if (e == E_ALIKE) {
		f->alike = true;
		return;
	}
	f->unsure |= e != E_OK;
	f->n++;
	if (f->found == NULL)
		f->found = TAKE(x);
}

enum err
finding_end(struct finding *f, struct extract **out)
{
	OWNED(struct extract, x, extract_free) = TAKE(f->found);

	if (f->n > 1 || f->unsure)
		return E_AMBIGUOUS;
	if (f->alike) /* beside one that fits, too: two hands may have written one child */
		return E_ALIKE;
	if (f->broken)
		return E_REGISTER_DATA;
	if (f->n == 0)
		return E_RECORD_NOT_FOUND;
	*out = TAKE(x);
	return E_OK;
}
