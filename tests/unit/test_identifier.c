/* SPDX-License-Identifier: EUPL-1.2
 *
 * Identifiers: published values, what is enforced and what is only looked at again. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "lib/identifier.h"

/* The schemes' names in the file of vectors that are not ours. */
static const char *
our_scheme(const char *theirs)
{
	static const char *const pairs[][2] = {{"ee-ik", "ee-isikukood"}, {"verhoeff-12", "et-fin"},
		{"mosip-uin-verhoeff-10", "verhoeff"}, {"mosip-vid-verhoeff-16", "et-fan"},
		{"ke-kra-pin", NULL}};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (strcmp(pairs[i][0], theirs) == 0)
			return pairs[i][1];
	return theirs;
}

static void
check_vector(const char *scheme, const char *value, const char *expected)
{
	struct identifier_result r;
	const char *own;

	if (strcmp(scheme, "verhoeff") == 0) {
		assert_int_equal(verhoeff_fits(value), strcmp(expected, "valid") == 0);
		return;
	}
	own = identifier_scheme(scheme)->country;
	identifier_check(scheme, value, NULL, &r);
	assert_non_null(r.scheme);
	if (strncmp(scheme, "unhcr-", 6) == 0) {
		assert_int_equal(r.verdict, IDENTIFIER_INVALID);
		return;
	}
	assert_int_equal(
		r.verdict, strcmp(expected, "invalid") == 0 ? IDENTIFIER_WARN : IDENTIFIER_OK);
	assert_true((r.sentence == NULL) == (r.verdict == IDENTIFIER_OK));
	/* Only where the rule is public may its own State be refused. */
	identifier_check(scheme, value, own, &r);
	if (strcmp(expected, "invalid") == 0)
		assert_int_equal(r.verdict,
			strncmp(scheme, "et-", 3) == 0 ? IDENTIFIER_WARN : IDENTIFIER_INVALID);
}

static void
published_values_are_told_right(void **state)
{
	char path[512], row[512];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/data/identifiers/vectors.csv", tests_folder());
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(row, sizeof row, f) != NULL) {
		char *rest = row, *scheme = strsep(&rest, ","), *value = strsep(&rest, ","),
		     *expected = strsep(&rest, ",");
		const char *ours = our_scheme(scheme);

		if (n++ == 0 || ours == NULL)
			continue;
		check_vector(ours, value, expected);
	}
	fclose(f);
	assert_true(n > 150);
}

static void
digits_of_other_scripts_and_separators_are_taken_away(void **state)
{
	static const struct {
		const char *scheme, *typed, *normalized;
	} values[] = {
		{"ly-nid", "١١٩٩٩٠٠٠٠٠١٥", "119990000015"},
		{"ly-nid", "۱۱۹۹۹-۰۰۰۰۰۱ ۵", "119990000015"},
		{"es-nie", " x-5067615 w ", "X5067615W"},
		{"fr-nir", "2 95 10 99 126 111 93", "295109912611193"},
		{"de-registernummer", "g 123/2019", "G123/2019"},
		{"it-ansc",
			"2019\xe2\x80\x93"
			"12-3",
			"2019-12-3"},
		{"ly-nid",
			"\xe2\x80\x8f"
			"119990000015\xe2\x80\x8f",
			"119990000015"},
	};
	struct identifier_result r;

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		identifier_check(values[i].scheme, values[i].typed, NULL, &r);
		assert_string_equal(r.normalized, values[i].normalized);
		assert_int_equal(r.verdict, IDENTIFIER_OK);
	}
}

static void
number_tells_what_its_scheme_says(void **state)
{
	struct identifier_result r;

	identifier_check("fr-nir", "295109912611193", NULL, &r);
	assert_int_equal(r.sex, 'F');
	assert_int_equal(r.year, 95);
	assert_false(r.century);
	assert_int_equal(r.month, 10);
	assert_string_equal(r.place, "abroad");
	identifier_check("it-cf", "RCCMNL83S18D969H", NULL, &r);
	assert_int_equal(r.sex, 'M');
	assert_int_equal(r.month, 11);
	assert_int_equal(r.day, 18);
	assert_null(r.place);
	identifier_check("eg-nid", "29501023201952", NULL, &r);
	assert_int_equal(r.year, 1995);
	assert_int_equal(r.month, 1);
	assert_int_equal(r.day, 2);
	assert_int_equal(r.sex, 'M');
	identifier_check("eg-nid", "29513023201952", NULL, &r);
	assert_int_equal(r.verdict, IDENTIFIER_WARN);
	assert_int_equal(r.year, -1);
	identifier_check("ly-nid", "219990000015", NULL, &r);
	assert_int_equal(r.sex, 'F');
	assert_int_equal(r.year, 1999);
	identifier_check("ee-isikukood", "37605030299", NULL, &r);
	assert_int_equal(r.verdict, IDENTIFIER_OK);
	assert_int_equal(r.year, 1976);
	assert_int_equal(r.day, 3);
}

/* Egypt's check digit is told in three ways, so that nobody may be refused by it. */
static void
what_is_not_verified_is_never_enforced(void **state)
{
	for (size_t i = 0; i < identifier_schemes_n; i++) {
		const struct identifier_scheme *s = &identifier_schemes[i];
		struct identifier_result r;

		identifier_check(s->code, "!", s->country, &r);
		if (strncmp(s->code, "unhcr-", 6) == 0)
			continue;
		assert_int_equal(r.verdict, s->mark == 'V' ? IDENTIFIER_INVALID : IDENTIFIER_WARN);
		identifier_check(s->code, "!", NULL, &r);
		assert_int_equal(r.verdict, IDENTIFIER_WARN);
		assert_non_null(r.next);
	}
	struct identifier_result r;
	identifier_check("eg-nid", "29501023201952", "EG", &r);
	assert_int_equal(r.verdict, IDENTIFIER_OK);
	identifier_check("et-fin", "492634230076", "ET", &r);
	assert_int_equal(r.verdict, IDENTIFIER_WARN);
}

static void
number_of_unhcr_stands_in_no_record(void **state)
{
	static const char *const held[] = {"123-45C67890", "the file 123-45-67890", "nbo-12345678",
		"see 845-19C00012, Dadaab"};
	static const char *const clean[] = {"0440001009", "2019-03-23", "Agreement, clause 12-3",
		"123-456-7890", "DFT-7Q2K-M9XA-P", "", "1-123-45C67890"};
	struct identifier_result r;

	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		assert_true(holds_unhcr_number(held[i]));
	for (size_t i = 0; i < ARRAY_LEN(clean); i++)
		assert_false(holds_unhcr_number(clean[i]));
	identifier_check("UNHCR-IND", "nbo-12345678", NULL, &r);
	assert_int_equal(r.verdict, IDENTIFIER_INVALID);
	assert_non_null(strstr(r.sentence, "P04"));
	assert_false(r.scheme->record);
}

static void
unknown_scheme_is_no_fault(void **state)
{
	struct identifier_result r;

	identifier_check("zz-number", "12-34 x", NULL, &r);
	assert_null(r.scheme);
	assert_int_equal(r.verdict, IDENTIFIER_OK);
	assert_string_equal(r.normalized, "12-34X");
	identifier_check("ke-upi",
		"1234567890123456789012345678901234567890123456789012345678901234567890", NULL, &r);
	assert_int_equal(r.verdict, IDENTIFIER_WARN);
	assert_string_equal(r.normalized, "");
	identifier_check("ke-upi", "\xff\xfe", NULL, &r);
	assert_int_equal(r.verdict, IDENTIFIER_WARN);
}

/* A single wrong digit and two that changed places: what the check digits are for. */
static void
every_slip_of_a_digit_is_seen(void **state)
{
	static const char good[] = "492634230075";
	char one[sizeof good];

	for (size_t i = 0; good[i] != '\0'; i++)
		for (char d = '0'; d <= '9'; d++) {
			memcpy(one, good, sizeof good);
			one[i] = d;
			assert_int_equal(verhoeff_fits(one), d == good[i]);
		}
	for (size_t i = 0; good[i + 1] != '\0'; i++) {
		memcpy(one, good, sizeof good);
		one[i] = good[i + 1];
		one[i + 1] = good[i];
		assert_int_equal(verhoeff_fits(one), good[i] == good[i + 1]);
	}
	assert_false(verhoeff_fits(""));
	assert_false(verhoeff_fits("12a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_values_are_told_right),
		cmocka_unit_test(digits_of_other_scripts_and_separators_are_taken_away),
		cmocka_unit_test(number_tells_what_its_scheme_says),
		cmocka_unit_test(what_is_not_verified_is_never_enforced),
		cmocka_unit_test(number_of_unhcr_stands_in_no_record),
		cmocka_unit_test(unknown_scheme_is_no_fault),
		cmocka_unit_test(every_slip_of_a_digit_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
