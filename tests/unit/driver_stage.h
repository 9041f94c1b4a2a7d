/* SPDX-License-Identifier: EUPL-1.2
 *
 * The stage for the tests of drivers: a register of its own for each test, and the things that a
 * test does behind the driver's back, as the national system or as a mishap. */
#ifndef DAFTAR_DRIVER_STAGE_H
#define DAFTAR_DRIVER_STAGE_H

#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/names.h"
#include "adapters/row.h"
#include "adapters/settings.h"
#include "lib/child.h"
#include "lib/log.h"

struct stage;
struct stage_kind {
	const struct driver_kind *driver;
	void (*make)(struct stage *s);	 /* an empty register, and its settings in s->extra */
	void (*unmake)(struct stage *s); /* may be NULL */
	void (*put)(struct stage *s, const struct row *r); /* a native entry */
	void (*put_other)(struct stage *s, const char *country, const char *office,
		const char *entry, const char *number); /* the same act by another road */
	void (*lock)(struct stage *s);
	void (*unlock)(struct stage *s);
	uint64_t (*made)(struct stage *s);   /* entries through the driver, counted from outside */
	void (*break_down)(struct stage *s); /* the register is not there */
	void (*mend)(struct stage *s);
};

struct stage {
	const struct stage_kind *kind;
	char folder[64];
	struct buf extra; /* lines of adapter.conf */
	struct conf *conf;
	struct driver *d;
	int held;	  /* of lock */
	void *connection; /* of the stage's own */
};

/* ---- the stage ---- */

static inline void
stage_open(struct stage *s)
{
	assert_int_equal(s->kind->driver->open(s->conf, &s->d), E_OK);
}

static inline void
stage_reopen(struct stage *s)
{
	s->kind->driver->close(&s->d);
	stage_open(s);
}

static inline void
stage_conf(struct stage *s)
{
	OWNED(char, file, free_chars) = xprintf("%s/adapter.conf", s->folder);
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fprintf(f,
		"party = SO.NIRA\nparty-dir = keys\ntrust-list = trust.xml\n"
		"operator-certificate = operator.pem\nbroker = \"tcp://127.0.0.1:1\"\n"
		"spool = spool\ncontrol = control\ndriver = %s\nliaison = UNHCR.NBO\n"
		"register-name = \"Register of births\"\noffice = \"Mogadishu\"\n"
		"place = Mogadishu\ncertifier = Registrar\nlegal-provision = \"Law 1\"\n"
		"appeal-body = \"Court\"\nname-rule = \"last-part\"\n%s",
		s->kind->driver->name, s->extra.data != NULL ? (char *)s->extra.data : "");
	fclose(f);
	assert_int_equal(conf_load(file, settings_table(), &s->conf), E_OK);
	assert_int_equal(settings_check(s->conf), E_OK);
}

static inline void
shell(const char *fmt, ...)
{
	char *command;
	va_list ap;

	va_start(ap, fmt);
	assert_true(vasprintf(&command, fmt, ap) > 0);
	va_end(ap);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
	free(command);
}

static inline int
stage_setup(void **state, const struct stage_kind *kind)
{
	struct stage *s = xcalloc(1, sizeof *s);

	s->kind = kind;
	s->held = -1;
	assert_true(scratch_folder(s->folder, sizeof s->folder, "driver"));
	kind->make(s);
	stage_conf(s);
	stage_open(s);
	*state = s;
	return 0;
}

static inline int
stage_teardown(void **state)
{
	struct stage *s = *state;

	s->kind->driver->close(&s->d);
	if (s->kind->unmake != NULL)
		s->kind->unmake(s);
	conf_free(&s->conf);
	buf_free(&s->extra);
	shell("rm -rf '%s'", s->folder);
	free(s);
	return 0;
}

/* ---- records ---- */

static inline void
put(struct row *r, const char *name, const char *value)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->name[i], name) == 0) {
			r->value[i] = value;
			return;
		}
	r->name[r->n] = name;
	r->value[r->n++] = value;
}

/* A sound entry, to be changed by a test. */
static inline struct row
child_row(const char *number)
{
	struct row r = {0};

	put(&r, "entry_number", number);
	put(&r, "office", "Westlands");
	put(&r, "registered_on", "2024-02-20");
	put(&r, "child_name", "Amina Hassan Yusuf");
	put(&r, "child_given", "Amina");
	put(&r, "child_father", "Hassan");
	put(&r, "child_grandfather", "Yusuf");
	put(&r, "child_family", NULL);
	put(&r, "sex", "F");
	put(&r, "birth_date", "2024-01-12");
	put(&r, "birth_place", "Pumwani, Nairobi");
	put(&r, "birth_country", "KE");
	put(&r, "mother_name", "Fadumo Ali Warsame");
	put(&r, "father_name", "Hassan Yusuf Abdi");
	return r;
}

static inline struct extract *
extract_of(const struct row *r)
{
	struct extract *x = NULL;

	assert_int_equal(row_extract(r, &x), E_OK);
	x->issued_on = "2024-03-01";
	return x;
}

static inline struct digest
key_of(const char *name)
{
	struct digest d;

	digest_of(name, strlen(name), &d);
	return d;
}

static inline enum err
enter_row(struct stage *s, const char *key, const struct row *r, struct made *made)
{
	OWNED(struct extract, x, extract_free) = extract_of(r);
	struct digest d = key_of(key);
	struct civil_act act = {.extract = x,
		.sealed = bytes_of("<x>\xc3\xa4</x>", 9),
		.country = "KE",
		.message = id_new()};

	strcpy(act.issuer.code, "KE.CRS");
	memset(made, 0, sizeof *made);
	return s->kind->driver->enter(s->d, &d, &act, made);
}

static inline enum err
enter(struct stage *s, const char *key, struct made *made)
{
	struct row r = child_row("0100020000");

	return enter_row(s, key, &r, made);
}

static inline enum err
look_up(struct stage *s, const char *key, struct made *made)
{
	struct digest d = key_of(key);

	memset(made, 0, sizeof *made);
	return s->kind->driver->lookup(s->d, &d, made);
}

static inline void
assert_same(const struct made *a, const struct made *b)
{
	assert_string_equal(a->entry_number, b->entry_number);
	assert_string_equal(a->entered_on, b->entered_on);
	assert_string_equal(a->entered_as, b->entered_as);
}

/* ---- a locator ---- */

struct wanted {
	struct locator l;
	struct name_form child, mother, father;
	struct record_date date;
};

static inline void
want_person(struct wanted *w, const char *child, const char *date, const char *mother)
{
	memset(w, 0, sizeof *w);
	w->child.full = child;
	w->l.name.forms = &w->child;
	w->date.value = date;
	w->l.birth_date = &w->date;
	w->mother.full = mother;
	w->l.mother.forms = mother != NULL ? &w->mother : NULL;
}

static inline enum err
find(struct stage *s, const struct locator *l, const char *expected_number)
{
	OWNED(struct extract, x, extract_free) = NULL;
	enum err e = s->kind->driver->find(s->d, l, &x);

	if (e == E_OK && expected_number != NULL)
		assert_string_equal(x->entry.number, expected_number);
	return e;
}

#endif
