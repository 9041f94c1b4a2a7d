/* SPDX-License-Identifier: EUPL-1.2
 *
 * Names and days: how the matcher compares them, and how a name fills the columns of a register. */
#include "tests/unit/test.h"

#include "adapters/match.h"
#include "adapters/names.h"

/* ---- names and days ---- */

static struct name_part parts[] = {{"given", "Hodan", &parts[1]}, {"father", "Abdi", &parts[2]},
	{"grandfather", "Warsame", NULL}};
static struct name_form form = {
	.script = "Latn", .authoritative = true, .full = "Hodan Abdi Warsame", .parts = parts};

static void
name_rules_fill_two_columns(void **state)
{
	static const char *const expected[][4] = {
		{"as-authored", "Hodan Abdi Warsame", "", "Hodan Abdi Warsame"},
		{"last-part", "Hodan Abdi", "Warsame", "Warsame, Hodan Abdi"},
		{"father", "Hodan Warsame", "Abdi", "Abdi, Hodan Warsame"},
		{"all-in-given", "Hodan Abdi Warsame", "", "Hodan Abdi Warsame"},
	};
	struct name n = {&form};

	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		struct entered_name e;

		name_enter(&n, expected[i][0], "Latn", &e);
		assert_string_equal(e.given, expected[i][1]);
		assert_string_equal(e.family, expected[i][2]);
		assert_string_equal(e.as, expected[i][3]);
		entered_name_clear(&e);
	}
}

static void
long_name_ends_at_a_whole_character(void **state)
{
	char as[600];
	struct made m;

	memset(as, 'a', 254);
	strcpy(as + 254, "\xe1\x88\xb0\xe1\x88\xb0");
	made_fill(&m, "1", "2026-11-24", as);
	assert_int_equal(strlen(m.entered_as), 254);
}

static void
edtf_values_are_spans_of_days(void **state)
{
	static const struct {
		const char *value;
		const char *first, *last;
	} good[] = {
		{"2024-02-29", "2024-02-29", "2024-02-29"},
		{"2024-02", "2024-02-01", "2024-02-29"},
		{"1900-02", "1900-02-01", "1900-02-28"},
		{"2024", "2024-01-01", "2024-12-31"},
		{"199X", "1990-01-01", "1999-12-31"},
		{"2024-XX-XX", "2024-01-01", "2024-12-31"},
		{"2024-06-XX", "2024-06-01", "2024-06-30"},
		{"2024-06-01~", "2024-06-01", "2024-06-01"},
		{"2020/2021-03", "2020-01-01", "2021-03-31"},
		{"../2021", "0001-01-01", "2021-12-31"},
		{"2021/..", "2021-01-01", "9999-12-31"},
	};
	static const char *const bad[] = {"", "24", "2024-13", "2024-00", "2024-02-30", "2024-2-3",
		"2024-01-01x", "2024/2023", "12 March 2024", "2023-02-29", "0000"};
	struct days d;
	char text[11];

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(days_of_edtf(good[i].value, &d));
		day_format(d.first, text);
		assert_string_equal(text, good[i].first);
		day_format(d.last, text);
		assert_string_equal(text, good[i].last);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(days_of_edtf(bad[i], &d));
}

static void
placeholder_and_hijri_days_are_wider(void **state)
{
	struct record_date placeholder = {.value = "2019-01-01", .basis = "placeholder"};
	struct record_date hijri = {.value = "2019-03-10", .calendar = "hijri-civil"};
	struct days d;
	char text[11];

	assert_true(days_of_date(&placeholder, &d));
	day_format(d.last, text);
	assert_string_equal(text, "2019-12-31");
	assert_true(days_of_date(&hijri, &d));
	day_format(d.first, text);
	assert_string_equal(text, "2019-03-08");
	day_format(d.last, text);
	assert_string_equal(text, "2019-03-12");
}

static void
text_keys_fold_case_and_gaps_only(void **state)
{
	static const char *const same[][2] = {
		{"Amina  Hassan", "AMINA\tHASSAN "},
		{"\xc3\x89lodie", "\xc3\xa9lodie"},
		{"A\xe2\x80\xaf"
		 "B",
			"a b"},
		{"\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d", "\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d"},
		{"\xff", "\xff"},
	};
	static const char *const other[][2] = {
		{"Elodie", "\xc3\xa9lodie"},
		{"Amina-Hassan", "Amina Hassan"},
		{"AminaHassan", "Amina Hassan"},
	};

	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		OWNED(char, a, free_chars) = text_key(same[i][0]);
		OWNED(char, b, free_chars) = text_key(same[i][1]);

		assert_string_equal(a, b);
	}
	for (size_t i = 0; i < ARRAY_LEN(other); i++) {
		OWNED(char, a, free_chars) = text_key(other[i][0]);
		OWNED(char, b, free_chars) = text_key(other[i][1]);

		assert_string_not_equal(a, b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_rules_fill_two_columns),
		cmocka_unit_test(long_name_ends_at_a_whole_character),
		cmocka_unit_test(edtf_values_are_spans_of_days),
		cmocka_unit_test(placeholder_and_hijri_days_are_wider),
		cmocka_unit_test(text_keys_fold_case_and_gaps_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
