/* SPDX-License-Identifier: EUPL-1.2
 *
 * The driver of a register that is a folder (layout: adapters/folder_register.h), for offices of
 * tier 0 and 1. An act is entered when new/KEY.xml is there; the same call made again finds it, or
 * finds the number that was reserved, and goes on from there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/driver.h"
#include "adapters/folder_register.h"
#include "adapters/match.h"
#include "adapters/names.h"

#define FORMAT "daftar-birth-entry-1"

struct driver {
	char *path;
	char *prefix;
	char *rule;
	char *script;
};

static const struct setting settings[] = {
	{"folder-path", SET_PATH, "", 0, 0, "the register's folder"},
	{"folder-prefix", SET_TEXT, "TR-", 0, 0, "what stands before an entry's number"},
	{0},
};

static void
folder_close(struct driver **d)
{
	if (*d == NULL)
		return;
	free((*d)->path);
	free((*d)->prefix);
	free((*d)->rule);
	free((*d)->script);
	free(*d);
	*d = NULL;
}

static char *
setting_of(const struct conf *c, const char *name)
{
	const char *v = conf_text(c, name);

	return xstrdup(v != NULL ? v : "");
}

static enum err
folder_open(const struct conf *c, struct driver **out)
{
	const char *prefix = conf_text(c, "folder-prefix");
	struct driver *d;

	if (conf_text(c, "folder-path") == NULL) {
		fprintf(stderr, "folder-path must be given where driver is folder\n");
		return E_CONFIG;
	}
	if (prefix != NULL && strlen(prefix) > 32) {
		fprintf(stderr, "folder-prefix may have 32 characters\n");
		return E_CONFIG;
	}
	d = xcalloc(1, sizeof *d);
	d->path = setting_of(c, "folder-path");
	d->prefix = setting_of(c, "folder-prefix");
	d->rule = setting_of(c, "name-rule");
	d->script = setting_of(c, "script");
	*out = d;
	return E_OK;
}

/* ---- finding ---- */

typedef void visit_row(void *context, const struct row *r);

/* E_REGISTER_DATA when the file is no CSV to its end: a person has to look at it. */
static enum err
each_row(const struct folder *f, const char *name, visit_row *visit, void *context)
{
	struct buf text = {0};
	struct csv c;
	struct row r;
	bool bad;

	TRY(folder_read(f->root, name, &text));
	if (text.size == 0) {
		buf_free(&text);
		return E_OK;
	}
	csv_open(&c, &text, ",");
	while (row_next(&c, &r, &bad))
		visit(context, &r);
	csv_close(&c);
	return bad ? E_REGISTER_DATA : E_OK;
}

static void
look_at(void *context, const struct row *r)
{
	finding_row(context, r);
}

static enum err
folder_find(struct driver *d, const struct locator *l, struct extract **out)
{
	struct finding finding = {.locator = l};
	struct folder f;
	enum err e, end;

	TRY(folder_begin(d->path, FOLDER_READ, &f));
	e = each_row(&f, "records.csv", look_at, &finding);
	folder_end(&f);
	end = finding_end(&finding, out);
	if (e != E_OK && end == E_OK)
		extract_free(out);
	return e != E_OK ? e : end;
}

static enum err
folder_lookup(struct driver *d, const struct digest *key, struct made *made)
{
	char name[DIGEST_TEXT_SIZE];
	struct folder f;
	enum err e;

	digest_format(key, name);
	TRY(folder_begin(d->path, FOLDER_LOOK, &f));
	e = folder_made(&f, name, made);
	folder_end(&f);
	return e;
}

/* ---- the same act by another road ---- */

struct other {
	const struct civil_act *act;
	struct made *made;
	bool found;
};

static bool
same_text(const char *a, const char *b)
{
	OWNED(char, ka, free_chars) = text_key(a);
	OWNED(char, kb, free_chars) = text_key(b);

	return strcmp(ka, kb) == 0;
}

/* An office that is not named in other.csv may be any: better a question too much than an entry. */
static void
compare_other(void *context, const struct row *r)
{
	struct other *o = context;
	const struct register_entry *e = &o->act->extract->entry;
	const char *office = row_text(r, "issuing_office");

	if (o->found || strcasecmp(row_text(r, "issuing_country"), o->act->country) != 0 ||
		!same_text(row_text(r, "issuing_entry"), e->number) ||
		(office[0] != '\0' && !same_text(office, e->office)))
		return;
	o->found = true;
	made_fill(o->made, row_text(r, "entry_number"), row_text(r, "entered_on"),
		row_text(r, "entered_as"));
}

static enum err
by_another_road(const struct folder *f, const struct civil_act *act, struct made *made)
{
	struct other o = {.act = act, .made = made};

	TRY(each_row(f, "other.csv", compare_other, &o));
	return o.found ? E_ALREADY : E_OK;
}

/* ---- entering ---- */

static const char *
parent_text(const struct extract *x, const char *role)
{
	for (const struct parent *p = x->parents; p != NULL; p = p->next)
		if (strcmp(p->role, role) == 0)
			return name_full(&p->name);
	return "";
}

/* The entry as a spreadsheet shows it: a record of names and a record of values. */
static void
write_csv(const struct civil_act *act, const char *key, const struct made *made,
	const struct entered_name *name, struct buf *out)
{
	const struct extract *x = act->extract;
	char message[ID_TEXT_SIZE];
	const struct {
		const char *column, *value;
	} cells[] = {
		{"format", FORMAT},
		{"key", key},
		{"entry_number", made->entry_number},
		{"entered_on", made->entered_on},
		{"entered_as", name->as},
		{"family_name", name->family},
		{"given_names", name->given},
		{"sex", x->sex},
		{"birth_date", x->birth_date.value},
		{"birth_authored", x->birth_date.authored},
		{"birth_place", x->birth_place.text},
		{"birth_country", x->birth_place.country},
		{"mother", parent_text(x, "mother")},
		{"father", parent_text(x, "father")},
		{"issuer", act->issuer.code},
		{"issuing_country", act->country},
		{"issuing_office", x->entry.office},
		{"issuing_entry", x->entry.number},
		{"issued_on", x->issued_on},
		{"message", message},
	};

	id_format(&act->message, message);
	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		csv_cell(out, cells[i].column);
	csv_end(out);
	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		csv_cell(out, cells[i].value != NULL ? cells[i].value : "");
	csv_end(out);
}

static enum err
store_entry(struct driver *d, const struct folder *f, const char *key, const struct civil_act *act,
	struct made *made)
{
	struct entered_name name;
	struct buf csv = {0};
	char today[11];
	uint64_t number;
	enum err e;

	TRY(folder_reserve(f, key, &number));
	OWNED(char, text, free_chars) = xprintf("%s%06llu", d->prefix, (unsigned long long)number);
	day_format(day_today(), today);
	name_enter(&act->extract->name, d->rule, d->script, &name);
	made_fill(made, text, today, name.as);
	write_csv(act, key, made, &name, &csv);
	e = folder_store(f, key, buf_bytes(&csv), act->sealed);
	buf_free(&csv);
	entered_name_clear(&name);
	return e;
}

static enum err
enter_locked(struct driver *d, const struct folder *f, const char *key, const struct civil_act *act,
	struct made *made)
{
	enum err e = folder_made(f, key, made);

	if (e != E_NOT_FOUND)
		return e == E_OK ? E_ALREADY : e;
	TRY(by_another_road(f, act, made));
	return store_entry(d, f, key, act, made);
}

static enum err
folder_enter(
	struct driver *d, const struct digest *key, const struct civil_act *act, struct made *made)
{
	char name[DIGEST_TEXT_SIZE];
	struct folder f;
	enum err e;

	digest_format(key, name);
	TRY(folder_begin(d->path, FOLDER_WRITE, &f));
	e = enter_locked(d, &f, name, act, made);
	folder_end(&f);
	return e;
}

/* ---- counting ---- */

static void
count_row(void *context, const struct row *r)
{
	uint64_t *n = context;

	(*n)++;
}

static enum err
count_entry(void *context, const char *key)
{
	uint64_t *n = context;

	(void)key;
	(*n)++;
	return E_OK;
}

static enum err
count_open(const struct folder *f, uint64_t *all, uint64_t *ours)
{
	*all = *ours = 0;
	TRY(folder_each_new(f, count_entry, ours));
	TRY(each_row(f, "records.csv", count_row, all));
	TRY(each_row(f, "other.csv", count_row, all));
	*all += *ours;
	return E_OK;
}

static enum err
folder_count(struct driver *d, uint64_t *all, uint64_t *ours)
{
	struct folder f;
	enum err e;

	TRY(folder_begin(d->path, FOLDER_READ, &f));
	e = count_open(&f, all, ours);
	folder_end(&f);
	return e;
}

/* ---- the register's own book ---- */

struct listing {
	const struct folder *folder;
	driver_visit *each;
	void *context;
};

static enum err
list_entry(void *context, const char *key)
{
	const struct listing *l = context;
	struct digest digest;
	struct made made = {0};
	struct id message;

	if (!hex_decode(key, strlen(key), digest.octet, sizeof digest.octet))
		return E_OK; /* somebody else's file */
	TRY(folder_made_by(l->folder, key, &made, &message));
	l->each(l->context, &digest, &made, &message);
	return E_OK;
}

static enum err
folder_list(struct driver *d, driver_visit *each, void *context)
{
	struct folder f;
	struct listing l = {&f, each, context};
	enum err e;

	TRY(folder_begin(d->path, FOLDER_READ, &f));
	e = folder_each_new(&f, list_entry, &l);
	folder_end(&f);
	return e;
}

const struct driver_kind driver_folder = {
	"folder",
	settings,
	folder_open,
	folder_close,
	folder_find,
	folder_lookup,
	folder_enter,
	folder_count,
	folder_list,
};
