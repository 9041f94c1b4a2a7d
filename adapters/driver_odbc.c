/* SPDX-License-Identifier: EUPL-1.2
 *
 * The driver of a register that is a data base, through unixODBC. Their entry and our mark of the
 * key (table daftar_mark, adapters/sql/) stand in one transaction: both are there or neither is.
 *
 * Whether the register holds an act already is never concluded from an SQLSTATE, which every data
 * base chooses as it likes: after any failure everything is undone and the mark is looked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/driver.h"
#include "adapters/match.h"
#include "adapters/names.h"
#include "adapters/odbc_connection.h"

/* The statements of adapter.conf, in the order of the settings below. */
enum statement {
	FIND_NUMBER,
	FIND_PERSON,
	RESERVE,
	NUMBER,
	NOTES,
	OTHER,
	ENTER,
	ENTER_PARENT,
	ENTER_ORIGIN,
	COUNT,
	STATEMENT_N
};

static const struct setting settings[] = {
	{"odbc-find-number", SET_TEXT,
		"SELECT * FROM daftar_birth WHERE entry_number = :entry_number", 0, 0,
		"SELECT of entries by number, columns as in adapters/column.def"},
	{"odbc-find-person", SET_TEXT,
		"SELECT * FROM daftar_birth WHERE birth_date BETWEEN :born_from AND :born_to "
		"UNION ALL SELECT * FROM daftar_birth "
		"WHERE (length(birth_date) <> 10 OR birth_date LIKE '%X%' "
		"OR birth_date LIKE '%/%') "
		"AND (substr(birth_date, 1, 4) BETWEEN :year_from AND :year_to "
		"OR birth_date LIKE '%X%' OR birth_date LIKE '%/%')",
		0, 0, "SELECT of all entries that may be of these days"},
	{"odbc-reserve", SET_TEXT,
		"UPDATE entry_series SET last_no = last_no + 1 WHERE series = 'abroad'", 0, 0,
		"statement that reserves the next entry number; may be empty"},
	{"odbc-number", SET_TEXT,
		"SELECT prefix || substr('000000' || CAST(last_no AS VARCHAR(12)), "
		"length(CAST(last_no AS VARCHAR(12))) + 1, 6) AS entry_number "
		"FROM entry_series WHERE series = 'abroad'",
		0, 0, "SELECT of the reserved entry_number"},
	{"odbc-notes", SET_TEXT,
		"SELECT kind AS annotation_kind, note_text AS annotation_text "
		"FROM marginal_note WHERE entry_no = :entry_number ORDER BY note_no",
		0, 0, "SELECT of an entry's marginal notes; may be empty"},
	{"odbc-other", SET_TEXT,
		"SELECT o.entry_no AS entry_number, e.registered_on AS entered_on "
		"FROM foreign_origin o JOIN birth_entry e ON e.entry_no = o.entry_no "
		"WHERE o.country = :issuing_country AND o.office = :issuing_office "
		"AND o.foreign_entry_no = :issuing_entry",
		0, 0, "SELECT of an entry of the same act that was made by another road"},
	{"odbc-enter", SET_TEXT,
		"INSERT INTO birth_entry (entry_no, office_code, registered_on, child_name, "
		"child_given, child_surname, sex, birth_date, birth_authored, birth_calendar, "
		"birth_basis, birth_place, birth_country, birth_iso, birth_pcode) "
		"VALUES (:entry_number, 'ABROAD', :entered_on, :child_name, :given_names, "
		":family_name, :sex, :birth_date, :birth_authored, :birth_calendar, :birth_basis, "
		":birth_place, :birth_country, :birth_iso, :birth_pcode)",
		0, 0, "INSERT of the entry"},
	{"odbc-enter-parent", SET_TEXT,
		"INSERT INTO birth_parent (entry_no, role, full_name, birth_date, nationality) "
		"VALUES (:entry_number, :role, :parent_name, :parent_birth_date, "
		":parent_nationality)",
		0, 0, "INSERT for each parent; may be empty"},
	{"odbc-enter-origin", SET_TEXT,
		"INSERT INTO foreign_origin (entry_no, country, office, foreign_entry_no) "
		"VALUES (:entry_number, :issuing_country, :issuing_office, :issuing_entry)",
		0, 0, "INSERT of where the act comes from; may be empty"},
	{"odbc-count", SET_TEXT, "SELECT COUNT(*) AS n FROM birth_entry", 0, 0,
		"SELECT of the number of entries"},
	{"odbc-connection", SET_TEXT, "", 0, 0,
		"connection string, such as Driver=SQLite3;Database=/var/lib/register.db"},
	{0},
};

static const char mark_insert[] =
	"INSERT INTO daftar_mark (mark_key, entry_number, entered_on, entered_as, issuer, message, "
	"extract) VALUES (:key, :entry_number, :entered_on, :entered_as, :issuer, :message, "
	":extract)";
static const char mark_select[] =
	"SELECT entry_number, entered_on, entered_as FROM daftar_mark WHERE mark_key = :key";
static const char mark_list[] =
	"SELECT mark_key, entry_number, entered_on, entered_as, message FROM daftar_mark "
	"WHERE mark_key BETWEEN :first AND :last";
static const char mark_count[] = "SELECT COUNT(*) AS n FROM daftar_mark";

struct driver {
	struct odbc odbc;
	char *statement[STATEMENT_N]; /* NULL: none */
	char *rule;
	char *script;
};

/* ---- open and close ---- */

static void
close_driver(struct driver **d)
{
	if (*d == NULL)
		return;
	odbc_free(&(*d)->odbc);
	for (size_t i = 0; i < STATEMENT_N; i++)
		free((*d)->statement[i]);
	free((*d)->rule);
	free((*d)->script);
	free(*d);
	*d = NULL;
}

static bool
may_be_empty(size_t i)
{
	return i == RESERVE || i == NOTES || i == OTHER || i == ENTER_PARENT || i == ENTER_ORIGIN;
}

static enum err
check_statement(const char *sql, size_t i)
{
	struct odbc_text t;
	bool good;

	if (sql == NULL && may_be_empty(i))
		return E_OK;
	good = sql != NULL && odbc_text_of(sql, &t);
	if (sql != NULL)
		buf_free(&t.sql);
	if (good)
		return E_OK;
	fprintf(stderr, "%s %s\n", settings[i].name,
		sql == NULL ? "must be given"
			    : "has too many parameters or one of too long a name");
	return E_CONFIG;
}

static char *
copy_of(const char *v)
{
	return v != NULL ? xstrdup(v) : NULL;
}

static enum err
open_driver(const struct conf *c, struct driver **out)
{
	OWNED(struct driver, d, close_driver) = xcalloc(1, sizeof *d);

	if (conf_text(c, "odbc-connection") == NULL) {
		fprintf(stderr, "odbc-connection must be given where driver is odbc\n");
		return E_CONFIG;
	}
	for (size_t i = 0; i < STATEMENT_N; i++) {
		TRY(check_statement(conf_text(c, settings[i].name), i));
		d->statement[i] = copy_of(conf_text(c, settings[i].name));
	}
	d->rule = copy_of(conf_text(c, "name-rule"));
	d->script = copy_of(conf_text(c, "script"));
	odbc_init(&d->odbc, conf_text(c, "odbc-connection"));
	*out = TAKE(d);
	return E_OK;
}

/* ---- one operation ---- */

typedef enum err operation(struct driver *d, void *context);

/* Everything an operation reads or writes is one transaction, undone unless it was committed. A
 * connection that does not work is thrown away; the next operation makes a new one. */
static enum err
once(struct driver *d, operation *run, void *context)
{
	enum err e;

	TRY(odbc_up(&d->odbc));
	e = run(d, context);
	odbc_rollback(&d->odbc);
	if (e == E_REGISTER)
		odbc_down(&d->odbc);
	return e;
}

/* An operation that only reads is tried again on a fresh connection: the data base may have been
 * restarted since the last one. */
static enum err
reading(struct driver *d, operation *run, void *context)
{
	bool kept = d->odbc.up;
	enum err e = once(d, run, context);

	return e == E_REGISTER && kept ? once(d, run, context) : e;
}

static void
set(struct row *r, const char *name, const char *value)
{
	assert(r->n < ROW_MAX);
	r->name[r->n] = name;
	r->value[r->n++] = value;
}

/* ---- finding ---- */

struct search {
	const struct locator *locator;
	struct extract *found;
};

static void
look_at(void *context, const struct row *r)
{
	finding_row(context, r);
}

static enum err
find_number(struct driver *d, struct finding *f)
{
	struct row values = {0};

	set(&values, "entry_number", f->locator->entry_number);
	return odbc_run(&d->odbc, d->statement[FIND_NUMBER], &values, look_at, f);
}

static enum err
find_person(struct driver *d, struct finding *f)
{
	char first[11], last[11], year_first[5], year_last[5];
	struct row values = {0};
	struct days days;

	if (f->locator->birth_date == NULL || !days_of_date(f->locator->birth_date, &days))
		return E_OK; /* nothing can fit */
	day_format(days.first, first);
	day_format(days.last, last);
	snprintf(year_first, sizeof year_first, "%.4s", first);
	snprintf(year_last, sizeof year_last, "%.4s", last);
	set(&values, "born_from", first);
	set(&values, "born_to", last);
	set(&values, "year_from", year_first);
	set(&values, "year_to", year_last);
	return odbc_run(&d->odbc, d->statement[FIND_PERSON], &values, look_at, f);
}

struct notes {
	struct extract *x;
	enum err e;
};

static void
take_note(void *context, const struct row *r)
{
	struct notes *n = context;

	if (n->e == E_OK)
		n->e = row_annotation(n->x, r);
}

/* A note that cannot be read is no reason to send the record without it. */
static enum err
read_notes(struct driver *d, struct extract *x)
{
	struct notes n = {.x = x};
	struct row values = {0};

	if (d->statement[NOTES] == NULL)
		return E_OK;
	set(&values, "entry_number", x->entry.number);
	TRY(odbc_run(&d->odbc, d->statement[NOTES], &values, take_note, &n));
	return n.e;
}

static enum err
find(struct driver *d, void *context)
{
	struct search *s = context;
	struct finding f = {.locator = s->locator};
	enum err e = s->locator->entry_number != NULL ? find_number(d, &f) : find_person(d, &f);
	enum err end = finding_end(&f, &s->found);

	if (e == E_OK && end == E_OK)
		e = read_notes(d, s->found);
	if (e != E_OK && end == E_OK)
		extract_free(&s->found);
	return e != E_OK ? e : end;
}

static enum err
odbc_find(struct driver *d, const struct locator *l, struct extract **out)
{
	struct search s = {.locator = l};

	TRY(reading(d, find, &s));
	*out = s.found;
	return E_OK;
}

/* ---- marks ---- */

struct marked {
	const char *key;
	struct made *made;
	bool found;
};

static void
take_made(void *context, const struct row *r)
{
	struct marked *m = context;

	m->found = true;
	made_fill(m->made, row_text(r, "entry_number"), row_text(r, "entered_on"),
		row_text(r, "entered_as"));
}

static enum err
lookup(struct driver *d, void *context)
{
	struct marked *m = context;
	struct row values = {0};

	set(&values, "key", m->key);
	TRY(odbc_run(&d->odbc, mark_select, &values, take_made, m));
	return m->found ? E_OK : E_NOT_FOUND;
}

static enum err
odbc_lookup(struct driver *d, const struct digest *key, struct made *made)
{
	char text[DIGEST_TEXT_SIZE];
	struct marked m = {text, made, false};

	digest_format(key, text);
	return reading(d, lookup, &m);
}

/* ---- entering ---- */

struct entering {
	const struct civil_act *act;
	struct made *made;
	char key[DIGEST_TEXT_SIZE];
	char message[ID_TEXT_SIZE];
	char today[11];
	struct entered_name name;
	struct buf sealed; /* as text */
	struct row values;
};

static void
set_values(struct entering *e)
{
	const struct extract *x = e->act->extract;
	const struct {
		const char *name, *value;
	} all[] = {
		{"key", e->key},
		{"entered_on", e->today},
		{"entered_as", e->name.as},
		{"given_names", e->name.given},
		{"family_name", e->name.family},
		{"child_name", e->name.full},
		{"sex", x->sex},
		{"birth_date", x->birth_date.value},
		{"birth_authored", x->birth_date.authored},
		{"birth_calendar", x->birth_date.calendar},
		{"birth_basis", x->birth_date.basis},
		{"birth_time", x->birth_time},
		{"birth_place", x->birth_place.text},
		{"birth_country", x->birth_place.country},
		{"birth_iso", x->birth_place.iso},
		{"birth_pcode", x->birth_place.pcode},
		{"multiplicity", x->multiplicity},
		{"issuer", e->act->issuer.code},
		{"issuing_country", e->act->country},
		{"issuing_office", x->entry.office},
		{"issuing_entry", x->entry.number},
		{"issued_on", x->issued_on},
		{"message", e->message},
		{"extract", (const char *)e->sealed.data},
	};

	e->values.n = 0;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		set(&e->values, all[i].name, all[i].value);
}

static enum err
run_statement(struct driver *d, enum statement which, struct entering *e, odbc_visit *visit,
	void *context)
{
	if (d->statement[which] == NULL)
		return E_OK;
	return odbc_run(&d->odbc, d->statement[which], &e->values, visit, context);
}

static enum err
by_another_road(struct driver *d, struct entering *e)
{
	struct marked other = {.made = e->made};

	TRY(run_statement(d, OTHER, e, take_made, &other));
	return other.found ? E_ALREADY : E_OK;
}

static void
take_number(void *context, const struct row *r)
{
	struct entering *e = context;

	made_fill(e->made, row_text(r, "entry_number"), e->today, e->name.as);
}

/* The counter's row is written first: whoever else enters waits here, and what is read afterwards
 * is what they left. */
static enum err
take_reserved(struct driver *d, struct entering *e)
{
	*e->made = (struct made){0};
	TRY(run_statement(d, RESERVE, e, NULL, NULL));
	TRY(run_statement(d, NUMBER, e, take_number, e));
	if (e->made->entry_number[0] == '\0')
		return E_REGISTER;
	set(&e->values, "entry_number", e->made->entry_number);
	return E_OK;
}

static enum err
insert_parents(struct driver *d, struct entering *e)
{
	size_t own = e->values.n;

	for (const struct parent *p = e->act->extract->parents; p != NULL; p = p->next) {
		e->values.n = own;
		set(&e->values, "role", p->role);
		set(&e->values, "parent_name", name_full(&p->name));
		set(&e->values, "parent_birth_date",
			p->birth_date != NULL ? p->birth_date->value : NULL);
		set(&e->values, "parent_nationality",
			p->nationality != NULL ? p->nationality->value : NULL);
		TRY(run_statement(d, ENTER_PARENT, e, NULL, NULL));
	}
	e->values.n = own;
	return E_OK;
}

static enum err
insert_all(struct driver *d, struct entering *e)
{
	set_values(e);
	TRY(take_reserved(d, e));
	TRY(odbc_run(&d->odbc, mark_insert, &e->values, NULL, NULL));
	TRY(by_another_road(d, e));
	TRY(run_statement(d, ENTER, e, NULL, NULL));
	TRY(insert_parents(d, e));
	return run_statement(d, ENTER_ORIGIN, e, NULL, NULL);
}

/* What failed before the commit is undone, and then the register is asked: a mark that stopped us
 * was there before. A commit that failed may have happened all the same; that is left to the
 * core's next look, which knows whose it would be. */
static enum err
enter(struct driver *d, void *context)
{
	struct entering *e = context;
	struct marked m = {.key = e->key, .made = e->made};
	enum err result = insert_all(d, e), held;

	if (result == E_OK)
		return odbc_commit(&d->odbc);
	if (result == E_ALREADY)
		return E_ALREADY;
	odbc_rollback(&d->odbc);
	if (!d->odbc.up)
		return E_REGISTER;
	held = lookup(d, &m);
	return held == E_OK ? E_ALREADY : result;
}

static enum err
odbc_enter(
	struct driver *d, const struct digest *key, const struct civil_act *act, struct made *made)
{
	struct entering e = {.act = act, .made = made};
	enum err result;

	digest_format(key, e.key);
	id_format(&act->message, e.message);
	day_format(day_today(), e.today);
	name_enter(&act->extract->name, d->rule, d->script, &e.name);
	buf_add_bytes(&e.sealed, act->sealed);
	result = once(d, enter, &e);
	entered_name_clear(&e.name);
	buf_free(&e.sealed);
	return result;
}

/* ---- counting ---- */

struct counting {
	uint64_t *all, *ours;
};

static void
take_count(void *context, const struct row *r)
{
	uint64_t *n = context;

	*n = strtoull(row_text(r, "n"), NULL, 10);
}

static enum err
count(struct driver *d, void *context)
{
	struct counting *c = context;

	TRY(odbc_run(&d->odbc, d->statement[COUNT], NULL, take_count, c->all));
	return odbc_run(&d->odbc, mark_count, NULL, take_count, c->ours);
}

static enum err
odbc_count(struct driver *d, uint64_t *all, uint64_t *ours)
{
	struct counting c = {all, ours};

	*all = *ours = 0;
	return reading(d, count, &c);
}

/* ---- the register's own book ---- */

struct listing {
	driver_visit *each;
	void *context;
};

static void
take_mark(void *context, const struct row *r)
{
	const struct listing *l = context;
	const char *key = row_text(r, "mark_key");
	struct digest digest;
	struct made made = {0};
	struct id message = {0};

	if (!hex_decode(key, strlen(key), digest.octet, sizeof digest.octet))
		return; /* CHAR(64) that is no digest is not a mark of ours */
	made_fill(&made, row_text(r, "entry_number"), row_text(r, "entered_on"),
		row_text(r, "entered_as"));
	if (!id_parse(row_text(r, "message"), &message))
		memset(&message, 0, sizeof message);
	l->each(l->context, &digest, &made, &message);
}

/* By the first digit of the key, because no statement may have more than so many rows. */
static enum err
list_marks(struct driver *d, void *context)
{
	for (const char *digit = "0123456789abcdef"; *digit != '\0'; digit++) {
		struct row values = {0};
		char first[DIGEST_TEXT_SIZE], last[DIGEST_TEXT_SIZE];

		memset(first, '0', sizeof first);
		memset(last, 'f', sizeof last);
		first[0] = last[0] = *digit;
		first[DIGEST_TEXT_SIZE - 1] = last[DIGEST_TEXT_SIZE - 1] = '\0';
		set(&values, "first", first);
		set(&values, "last", last);
		TRY(odbc_run(&d->odbc, mark_list, &values, take_mark, context));
	}
	return E_OK;
}

static enum err
odbc_list(struct driver *d, driver_visit *each, void *context)
{
	struct listing l = {each, context};

	return once(d, list_marks, &l);
}

const struct driver_kind driver_odbc = {
	"odbc",
	settings,
	open_driver,
	close_driver,
	odbc_find,
	odbc_lookup,
	odbc_enter,
	odbc_count,
	odbc_list,
};
