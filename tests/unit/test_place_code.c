/* SPDX-License-Identifier: EUPL-1.2
 *
 * Places: two systems of codes side by side, neither made from the other. */
#include "tests/unit/test.h"

#include "lib/place_code.h"

static struct place_list *list;

static int
load(void **state)
{
	return place_list_load(&list) == E_OK ? 0 : -1;
}

static int
unload(void **state)
{
	place_list_free(&list);
	return 0;
}

static bool
note_code(void *context, const struct place_row *row)
{
	buf_printf(context, "%s ", row->code);
	return true;
}

static void
place_is_found_by_code_name_and_sound(void **state)
{
	static const struct {
		const char *asked, *country, *codes;
	} rows[] = {
		{"KE-01", NULL, "KE-01 "},
		{"ke001", NULL, "KE001 "},
		{"Baringo", "KE", "KE-01 KE030 KE030158 KE030159 KE030160 "},
		{"MOMBASA", "ke", "KE-28 KE001 "},
		{"Nairobi", "KE", "KE-30 KE047 "},
		{"Elgeyo Marakwet", "KE", "KE-05 KE028 "},
		{"Muranga", "KE", "KE-29 KE021 "},
		{"Éthiopie", NULL, "ET "},
		{"السودان", NULL, "SD "},
		{"kenya", NULL, "KE "},
		{"Atlantis", NULL, ""},
		{"", NULL, ""},
		{"'", NULL, ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF(codes) = {0};

		buf_add(&codes, "", 0);
		place_find(list, rows[i].asked, rows[i].country, note_code, &codes);
		assert_string_equal((char *)codes.data, rows[i].codes);
	}
}

static void
row_knows_its_country_level_and_system(void **state)
{
	const struct place_row *r = place_of_code(list, "ET0101");

	assert_non_null(r);
	assert_int_equal(r->system, PLACE_PCODE);
	assert_int_equal(r->level, 2);
	assert_string_equal(r->country, "ET");
	assert_string_equal(r->within, "ET01");
	assert_int_equal(place_of_code(list, "ET-AA")->system, PLACE_ISO);
	assert_int_equal(place_of_code(list, "ET")->level, 0);
	assert_null(place_of_code(list, "et"));
	assert_null(place_of_code(list, ""));
}

/* Every row of the lists hangs on another one that is there. */
static bool
hangs_somewhere(void *context, const struct place_row *r)
{
	if (r->system != PLACE_COUNTRY)
		assert_non_null(place_of_code(list, r->within));
	assert_true(r->name[0] != '\0');
	++*(size_t *)context;
	return true;
}

static void
lists_are_whole(void **state)
{
	size_t n = 0, told = place_each(list, NULL, hangs_somewhere, &n);

	assert_int_equal(told, n);
	assert_true(n > 7000);
}

static void
codes_of_a_record_are_held_against_the_lists(void **state)
{
	static const struct {
		const char *country, *iso, *pcode;
		bool told, wrong;
	} rows[] = {
		{"KE", NULL, NULL, false, false}, {"KE", "KE-30", "KE047", false, false},
		{"KE", "KE-28", "KE001", false, false},
		{"KE", "KE-01", "KE001", true, false}, /* Baringo and Mombasa */
		{"KE", "SO-BN", NULL, true, true}, {"KE", NULL, "SO11", true, true},
		{"KE", "KE-99", NULL, true, false}, {"KE", NULL, "KE999", true, false},
		{"KE", NULL, "KE04", true, false},
		{"ET", NULL, "ET010101", false, false}, /* third level, below one that is known */
		{"ET", NULL, "ET990101", true, false},
		{"ET", "ET-TI", "ET01", false, false}, /* Tigrai, Tigray */
		{"SU", NULL, NULL, true, false},
		{"FR", "FR-44", "FR12345", false, false}, /* no P-codes of France in the lists */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct place p = {"", rows[i].country, rows[i].iso, rows[i].pcode};
		bool wrong;
		const char *told = place_problem(list, &p, &wrong);

		if ((told != NULL) != rows[i].told)
			print_message("# row %zu: %s\n", i, told == NULL ? "" : told);
		assert_int_equal(told != NULL, rows[i].told);
		assert_int_equal(told != NULL && wrong, rows[i].wrong);
	}
}

static void
no_lists_are_told_and_nothing_is_guessed(void **state)
{
	struct place_list *none = NULL;
	OWNED(char, before, free_chars) =
		xstrdup(getenv("DAFTAR_SCHEMAS") != NULL ? getenv("DAFTAR_SCHEMAS") : "");

	setenv("DAFTAR_SCHEMAS", tests_folder(), 1);
	assert_int_not_equal(place_list_load(&none), E_OK);
	assert_null(none);
	setenv("DAFTAR_SCHEMAS", before, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(place_is_found_by_code_name_and_sound),
		cmocka_unit_test(row_knows_its_country_level_and_system),
		cmocka_unit_test(lists_are_whole),
		cmocka_unit_test(codes_of_a_record_are_held_against_the_lists),
		cmocka_unit_test(no_lists_are_told_and_nothing_is_guessed),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
