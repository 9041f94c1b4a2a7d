/* SPDX-License-Identifier: EUPL-1.2
 *
 * The demo's register: it is the same every time, every case file of tests/data/cases means exactly
 * one entry of it (or none, where the case says so), and every entry makes a valid extract. */
#include "tests/unit/driver_stage.h"

#include "lib/xml.h"

static void
make(struct stage *s)
{
	shell("for f in register mark; do sqlite3 -bail '%s/register.db' <'%s'/../adapters/sql/"
	      "$f.sql || exit 1; done; '%s/data/kenya/generate' >'%s/fill.sql' && "
	      "sqlite3 -bail '%s/register.db' <'%s/fill.sql'",
		s->folder, tests_folder(), tests_folder(), s->folder, s->folder, s->folder);
	buf_printf(&s->extra, "odbc-connection = \"Driver=SQLite3;Database=%s/register.db\"\n",
		s->folder);
}

static const struct stage_kind kind = {.driver = &driver_odbc, .make = make};

static int
setup(void **state)
{
	return stage_setup(state, &kind);
}

static struct request *
case_of(const char *name)
{
	OWNED(char, file, free_chars) = xprintf("%s/data/cases/%s.json", tests_folder(), name);
	OWNED_BUF(problems) = {0};
	struct request *r = NULL;
	char text[16384];
	FILE *f = fopen(file, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof text, f);
	fclose(f);
	assert_int_equal(request_of_json(text, n, &r, &problems), E_OK);
	return r;
}

static void
every_case_means_one_entry(void **state)
{
	static const struct {
		const char *name, *number;
		enum err expected;
	} cases[] = {
		{"hodan", "0412873920", E_OK},
		{"yuusuf", "0421550318", E_OK},
		{"selam", "0430550127", E_OK},
		{"no-entry", NULL, E_RECORD_NOT_FOUND},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		OWNED(struct request, r, request_free) = case_of(cases[i].name);
		OWNED(struct extract, x, extract_free) = NULL;

		assert_int_equal(driver_odbc.find(s->d, &r->locator, &x), cases[i].expected);
		if (x != NULL)
			assert_string_equal(x->entry.number, cases[i].number);
	}
}

/* The child is also found without its number, by what the family knows. */
static void
every_case_is_found_by_particulars(void **state)
{
	static const char *const names[] = {"hodan", "yuusuf", "selam"};
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED(struct request, r, request_free) = case_of(names[i]);
		OWNED(struct extract, x, extract_free) = NULL;

		r->locator.entry_number = NULL;
		assert_int_equal(driver_odbc.find(s->d, &r->locator, &x), E_OK);
	}
}

static void
assert_valid(struct stage *s, const char *number)
{
	OWNED(struct extract, x, extract_free) = NULL;
	OWNED(xmlDoc, doc, xml_free) = NULL;
	OWNED_BUF(out) = {0};
	const struct locator l = {.entry_number = number};
	char where[96];

	assert_int_equal(driver_odbc.find(s->d, &l, &x), E_OK);
	x->id = "018f6c2e-7a51-7d33-9b2a-5f0c1d2e3f40";
	x->certifier = "Registrar";
	x->certified_office = x->issued_place = "Nairobi";
	x->issued_on = "2026-11-24";
	extract_compose(x, &out);
	assert_int_equal(xml_parse(buf_bytes(&out), &doc), E_OK);
	if (xml_validate(doc, SCHEMA_BIRTH, where, sizeof where) != E_OK)
		fail_msg("entry %s: %s", number, where);
}

static void
every_entry_makes_a_valid_extract(void **state)
{
	struct stage *s = *state;
	OWNED(char, command, free_chars) =
		xprintf("sqlite3 '%s/register.db' 'SELECT entry_no FROM birth_entry'", s->folder);
	FILE *f = popen(command, "r");
	char number[32];
	size_t n = 0;

	assert_non_null(f);
	for (; fscanf(f, "%31s", number) == 1; n++)
		assert_valid(s, number);
	pclose(f);
	assert_int_equal(n, 303);
}

static void
same_seed_gives_the_same_register(void **state)
{
	struct stage *s = *state;

	shell("'%s/data/kenya/generate' 1 300 | cmp - '%s/fill.sql'", tests_folder(), s->folder);
	shell("! '%s/data/kenya/generate' 2 300 | cmp -s - '%s/fill.sql'", tests_folder(),
		s->folder);
}

#define REGISTER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		REGISTER_TEST(every_case_means_one_entry),
		REGISTER_TEST(every_case_is_found_by_particulars),
		REGISTER_TEST(every_entry_makes_a_valid_extract),
		REGISTER_TEST(same_seed_gives_the_same_register),
	};
	OWNED(char, schemas, free_chars) = schemas_find();

	log_open("test_register", LOG_ERROR);
	xml_init();
	if (schemas == NULL)
		schemas = xprintf("%s/../schemas", tests_folder());
	if (xml_load_schemas(schemas) != E_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
