/* SPDX-License-Identifier: EUPL-1.2
 * Configuration: what is understood, and that every mistake is named with its line. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/conf.h"

static const struct setting of_a_user[] = {
	{"certificate", SET_TEXT, "", 0, 0, "whose"},
	{"role", SET_TEXT, "viewer", 0, 0, "may what"},
	{NULL, SET_TEXT, NULL, 0, 0, NULL},
};
static const struct setting table[] = {
	{"listen", SET_TEXT, NULL, 0, 0, "where peers connect"},
	{"store", SET_PATH, "store", 0, 0, "folder of the store"},
	{"examiners", SET_NUMBER, "2", 1, 16, "how many examiners"},
	{"strict", SET_SWITCH, "yes", 0, 0, "be strict"},
	{"parties", SET_LIST, "", 0, 0, "some parties"},
	{"note", SET_TEXT, "", 0, 0, "a text that may be left out"},
	{"user", SET_TITLED, "", 0, 0, "who may come in", SET_AT_RESTART, of_a_user},
	{NULL, SET_TEXT, NULL, 0, 0, NULL},
};

static char folder[] = "/tmp/daftar-conf-XXXXXX";
static char file[64], said[4096];

/* Writes the text, loads it, and keeps what was said on standard error. */
static enum err
load(const char *text, struct conf **out)
{
	FILE *f = fopen(file, "w");
	int keep = dup(STDERR_FILENO);
	FILE *err = tmpfile();
	enum err e;
	size_t n;

	assert_non_null(f);
	assert_non_null(err);
	fputs(text, f);
	fclose(f);
	fflush(stderr);
	dup2(fileno(err), STDERR_FILENO);
	e = conf_load(file, table, out);
	fflush(stderr);
	dup2(keep, STDERR_FILENO);
	close(keep);
	rewind(err);
	n = fread(said, 1, sizeof said - 1, err);
	said[n] = '\0';
	fclose(err);
	return e;
}

static void
settings_and_their_defaults_are_read(void **state)
{
	OWNED(struct conf, c, conf_free) = NULL;
	const char *const *items;
	char expected[80];

	assert_int_equal(load("# a comment\nlisten = \"tcp://127.0.0.1:*\"\nexaminers = 4\n"
			      "parties = {\"KE.CRS\", \"SO.NIRA\"}\n",
				 &c),
		E_OK);
	assert_string_equal(conf_text(c, "listen"), "tcp://127.0.0.1:*");
	assert_int_equal(conf_number(c, "examiners"), 4);
	assert_true(conf_switch(c, "strict"));
	assert_int_equal(conf_list(c, "parties", &items), 2);
	assert_string_equal(items[1], "SO.NIRA");
	assert_null(conf_text(c, "note"));
	snprintf(expected, sizeof expected, "%s/store", folder);
	assert_string_equal(conf_text(c, "store"), expected);
}

static void
an_unknown_key_is_named_with_its_line(void **state)
{
	OWNED(struct conf, c, conf_free) = NULL;

	assert_int_equal(load("listen = x\n\nlisen = y\n", &c), E_CONFIG);
	assert_non_null(strstr(said, "x.conf:3:"));
	assert_non_null(strstr(said, "lisen"));
	assert_null(c);
}

static void
comments_do_not_shift_the_line(void **state)
{
	OWNED(struct conf, c, conf_free) = NULL;

	assert_int_equal(
		load("# one\n// two\n/* three\n# four */ listen = \"a # b\" # five\n\nlisen = y\n",
			&c),
		E_CONFIG);
	assert_non_null(strstr(said, "x.conf:6:"));
	assert_int_equal(load("/* a */ listen = \"tcp://x # y\" # z\n", &c), E_OK);
	assert_string_equal(conf_text(c, "listen"), "tcp://x # y");
}

static void
other_mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *word;
	} rows[] = {
		{"examiners = 2\n", "listen must be given"},
		{"listen = x\nexaminers = 99\n", "must be from 1 to 16"},
		{"listen = x\nexaminers = many\n", "x.conf:2:"},
		{"listen = x\nstrict = perhaps\n", "x.conf:2:"},
		{"listen = \"x\n", "x.conf:"},
		{"listen\n", "x.conf:"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(struct conf, c, conf_free) = NULL;

		assert_int_equal(load(rows[i].text, &c), E_CONFIG);
		assert_non_null(strstr(said, rows[i].word));
	}
}

static void
a_missing_file_is_an_error(void **state)
{
	OWNED(struct conf, c, conf_free) = NULL;

	assert_int_equal(conf_load("/nowhere/at-all.conf", table, &c), E_CONFIG);
	assert_int_equal(conf_load("/proc/self", table, &c), E_CONFIG);
}

static int
make_folder(void **state)
{
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof file, "%s/x.conf", folder);
	return 0;
}

static int
drop_folder(void **state)
{
	unlink(file);
	return rmdir(folder);
}

static void
titled_sections_are_read_and_come_once(void **state)
{
	OWNED(struct conf, c, conf_free) = NULL;
	OWNED(struct conf, d, conf_free) = NULL;

	assert_int_equal(load("listen = x\nuser amina { role = \"operator\" }\n"
			      "user \"otieno\" {\n  certificate = \"ab\"\n}\n",
				 &c),
		E_OK);
	assert_int_equal(conf_titled(c, "user"), 2);
	assert_string_equal(conf_title(c, "user", 0), "amina");
	assert_string_equal(conf_inside(c, "user", 0, "role"), "operator");
	assert_null(conf_inside(c, "user", 0, "certificate"));
	assert_string_equal(conf_inside(c, "user", 1, "role"), "viewer");
	assert_string_equal(conf_inside(c, "user", 1, "certificate"), "ab");
	assert_int_equal(load("listen = x\nuser a {}\nuser a {}\n", &d), E_CONFIG);
	assert_non_null(strstr(said, "x.conf:3:"));
	assert_int_equal(load("listen = x\nuser a {\n rolle = \"b\"\n}\n", &d), E_CONFIG);
	assert_non_null(strstr(said, "rolle"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_and_their_defaults_are_read),
		cmocka_unit_test(an_unknown_key_is_named_with_its_line),
		cmocka_unit_test(comments_do_not_shift_the_line),
		cmocka_unit_test(other_mistakes_are_named),
		cmocka_unit_test(a_missing_file_is_an_error),
		cmocka_unit_test(titled_sections_are_read_and_come_once),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
