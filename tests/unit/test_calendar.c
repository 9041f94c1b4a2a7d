/* SPDX-License-Identifier: EUPL-1.2
 *
 * The calendars: our arithmetic against ICU's day by day, known dates, and every way in which a
 * date can be none. */
#include "tests/unit/test.h"

#include "lib/calendar_parts.h"

static int
gregorian(int year, int month, int day)
{
	struct ymd d = {year, month, day};

	return day_of(CALENDAR_GREGORIAN, &d);
}

/* 365 days for ever: 200 years, two ways, four calendars with arithmetic of our own. */
static void
every_day_of_two_centuries_is_as_icu_has_it(void **state)
{
	int first = gregorian(1900, 1, 1), last = gregorian(2099, 12, 31), differences = 0;

	assert_int_equal(last - first + 1, 73049);
	for (enum calendar c = CALENDAR_GREGORIAN; c < CALENDAR_N; c++) {
		struct icu *icu = icu_new(c);

		for (int day = first; day <= last; day++) {
			struct ymd ours, theirs;
			int back;

			assert_true(ymd_of(c, day, &ours));
			assert_true(icu_ymd_of(icu, day, &theirs));
			assert_int_equal(day_of(c, &ours), day);
			assert_true(icu_day_of(icu, &theirs, &back));
			differences += memcmp(&ours, &theirs, sizeof ours) != 0 || back != day;
		}
		icu_free(&icu);
	}
	assert_int_equal(differences, 0);
}

/* Before the Gregorian calendar began ICU counts Julian days unless it is told not to. */
static void
gregorian_days_are_proleptic(void **state)
{
	struct icu *icu = icu_new(CALENDAR_GREGORIAN);
	struct ymd d;

	assert_int_equal(gregorian(1582, 10, 15) - gregorian(1582, 10, 4), 11);
	for (int day = gregorian(1, 1, 1); day < gregorian(2000, 1, 1); day += 97) {
		struct ymd ours;

		assert_true(ymd_of(CALENDAR_GREGORIAN, day, &ours));
		assert_true(icu_ymd_of(icu, day, &d));
		assert_memory_equal(&ours, &d, sizeof d);
	}
	icu_free(&icu);
	assert_int_equal(
		calendar_check(CALENDAR_GREGORIAN, &(struct ymd){1900, 2, 29}), FAULT_NO_DAY);
	assert_int_equal(
		calendar_check(CALENDAR_GREGORIAN, &(struct ymd){1582, 10, 10}), FAULT_NONE);
}

static void
icu_takes_no_day_that_does_not_exist(void **state)
{
	static const struct {
		enum calendar c;
		struct ymd d;
	} none[] = {
		{CALENDAR_GREGORIAN, {2023, 2, 29}},
		{CALENDAR_GREGORIAN, {2023, 13, 1}},
		{CALENDAR_ETHIOPIC, {2016, 13, 6}},
		{CALENDAR_COPTIC, {1740, 13, 6}},
		{CALENDAR_HIJRI_CIVIL, {1440, 2, 30}},
		{CALENDAR_HIJRI_UMALQURA, {1440, 1, 31}},
	};

	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		struct icu *icu = icu_new(none[i].c);
		int day;

		assert_false(icu_day_of(icu, &none[i].d, &day));
		icu_free(&icu);
	}
}

static void
known_dates_are_where_they_belong(void **state)
{
	static const struct {
		enum calendar c;
		struct ymd d, gregorian;
		int weekday;
	} known[] = {
		{CALENDAR_GREGORIAN, {1970, 1, 1}, {1970, 1, 1}, 4},
		{CALENDAR_GREGORIAN, {1, 1, 1}, {1, 1, 1}, 1},
		{CALENDAR_GREGORIAN, {9999, 12, 31}, {9999, 12, 31}, 5},
		{CALENDAR_ETHIOPIC, {2015, 13, 6}, {2023, 9, 11}, 1},
		{CALENDAR_ETHIOPIC, {2016, 1, 1}, {2023, 9, 12}, 2}, /* before a leap year */
		{CALENDAR_ETHIOPIC, {2017, 1, 1}, {2024, 9, 11}, 3},
		{CALENDAR_ETHIOPIC, {2000, 1, 1}, {2007, 9, 12}, 3},
		{CALENDAR_ETHIOPIC, {1966, 1, 2}, {1973, 9, 12}, 3},
		{CALENDAR_ETHIOPIC, {1, 1, 1}, {8, 8, 27}, 3},
		{CALENDAR_COPTIC, {1740, 1, 1}, {2023, 9, 12}, 2},
		{CALENDAR_COPTIC, {1739, 13, 6}, {2023, 9, 11}, 1},
		{CALENDAR_COPTIC, {1, 1, 1}, {284, 8, 29}, 5},
		{CALENDAR_HIJRI_CIVIL, {1, 1, 1}, {622, 7, 19}, 5},
		{CALENDAR_HIJRI_CIVIL, {1440, 9, 5}, {2019, 5, 10}, 5},
		{CALENDAR_HIJRI_CIVIL, {1445, 12, 30}, {2024, 7, 7}, 7}, /* leap year */
		{CALENDAR_HIJRI_UMALQURA, {1440, 9, 5}, {2019, 5, 10}, 5},
		{CALENDAR_HIJRI_UMALQURA, {1420, 1, 1}, {1999, 4, 17}, 6},
		{CALENDAR_HIJRI_UMALQURA, {1445, 1, 1}, {2023, 7, 19}, 3},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		int day = day_of(known[i].c, &known[i].d);
		struct ymd back;

		assert_int_equal(day, day_of(CALENDAR_GREGORIAN, &known[i].gregorian));
		assert_int_equal(weekday_of(day), known[i].weekday);
		assert_true(ymd_of(known[i].c, day, &back));
		assert_memory_equal(&back, &known[i].d, sizeof back);
	}
}

static void
impossible_dates_are_explained(void **state)
{
	static const struct {
		enum calendar c;
		struct ymd d;
		enum date_fault fault;
		const char *says;
	} none[] = {
		{CALENDAR_ETHIOPIC, {2016, 13, 6}, FAULT_NO_DAY,
			"Pagume 2016 has 5 days; it has one more in a leap year such as 2015"},
		{CALENDAR_ETHIOPIC, {2015, 13, 7}, FAULT_NO_DAY, "Pagume 2015 has 6 days"},
		{CALENDAR_ETHIOPIC, {2015, 12, 31}, FAULT_NO_DAY, "Nehase 2015 has 30 days"},
		{CALENDAR_ETHIOPIC, {2015, 14, 1}, FAULT_NO_MONTH,
			"Ethiopic: a year has 13 months"},
		{CALENDAR_COPTIC, {1740, 13, 6}, FAULT_NO_DAY,
			"Nasie 1740 has 5 days; it has one more in a leap year such as 1739"},
		{CALENDAR_GREGORIAN, {2023, 2, 29}, FAULT_NO_DAY,
			"February 2023 has 28 days; it has one more in a leap year such as 2020"},
		{CALENDAR_GREGORIAN, {1900, 2, 29}, FAULT_NO_DAY,
			"February 1900 has 28 days; it has one more in a leap year such as 1896"},
		{CALENDAR_GREGORIAN, {2024, 2, 30}, FAULT_NO_DAY, "February 2024 has 29 days"},
		{CALENDAR_GREGORIAN, {2023, 4, 31}, FAULT_NO_DAY, "April 2023 has 30 days"},
		{CALENDAR_GREGORIAN, {2023, 13, 1}, FAULT_NO_MONTH,
			"Gregorian: a year has 12 months"},
		{CALENDAR_GREGORIAN, {0, 1, 1}, FAULT_NO_YEAR,
			"years are counted from 1; there is no year 0"},
		{CALENDAR_GREGORIAN, {-44, 3, 15}, FAULT_NO_YEAR,
			"years are counted from 1; there is no year 0"},
		{CALENDAR_GREGORIAN, {10000, 1, 1}, FAULT_RANGE,
			"years are counted from 1 to 9999 here"},
		{CALENDAR_GREGORIAN, {INT32_MAX, 12, 31}, FAULT_RANGE,
			"years are counted from 1 to 9999 here"},
		{CALENDAR_GREGORIAN, {2023, -1, 0}, FAULT_NO_MONTH, "months are counted from 1"},
		{CALENDAR_GREGORIAN, {2023, 5, -1}, FAULT_NO_DAY, "days are counted from 1"},
		{CALENDAR_GREGORIAN, {2023, 0, 5}, FAULT_NO_DAY, "days are counted from 1"},
		{CALENDAR_HIJRI_CIVIL, {1440, 2, 30}, FAULT_NO_DAY,
			"Safar 1440 has 29 days; where the moon was watched it may have had 30: "
			"keep "
			"the text as it is and give the month only"},
		{CALENDAR_HIJRI_CIVIL, {1440, 1, 31}, FAULT_NO_DAY, "Muharram 1440 has 30 days"},
		{CALENDAR_HIJRI_CIVIL, {1440, 13, 1}, FAULT_NO_MONTH,
			"Hijri, tabular: a year has 12 months"},
		{CALENDAR_HIJRI_UMALQURA, {1299, 12, 1}, FAULT_RANGE,
			"the Umm al-Qura tables reach from 1300 to 1600; for another year use "
			"hijri-civil"},
		{CALENDAR_HIJRI_UMALQURA, {1601, 1, 1}, FAULT_RANGE, NULL},
		{CALENDAR_ETHIOPIC, {9992, 1, 1}, FAULT_RANGE, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		OWNED_BUF(b) = {0};

		assert_int_equal(calendar_explain(none[i].c, &none[i].d, &b), none[i].fault);
		if (none[i].says != NULL)
			assert_string_equal((char *)b.data, none[i].says);
	}
}

/* The last year of each calendar ends before 10000, and the first day of each is there. */
static void
calendars_end_where_edtf_ends(void **state)
{
	for (enum calendar c = 0; c < CALENDAR_N; c++) {
		struct ymd d = {0, 0, 0};
		struct day_span s;
		int first, last;

		calendar_years(c, &first, &last);
		d.year = last;
		s = span_of(c, &d);
		assert_true(s.last <= DAY_MOST);
		assert_true(c == CALENDAR_HIJRI_UMALQURA || s.last + 400 > DAY_MOST);
		d.year = first;
		assert_true(span_of(c, &d).first >= DAY_LEAST);
		assert_false(ymd_of(c, DAY_LEAST - 1, &d));
		assert_false(ymd_of(c, DAY_MOST + 1, &d));
	}
}

static void
umalqura_is_sure_for_thirty_years_only(void **state)
{
	struct ymd d;

	assert_true(calendar_is_sure(CALENDAR_HIJRI_UMALQURA, 1420));
	assert_true(calendar_is_sure(CALENDAR_HIJRI_UMALQURA, 1450));
	assert_false(calendar_is_sure(CALENDAR_HIJRI_UMALQURA, 1419));
	assert_false(calendar_is_sure(CALENDAR_HIJRI_UMALQURA, 1451));
	assert_false(calendar_is_sure(CALENDAR_HIJRI_CIVIL, 1440));
	assert_true(calendar_is_sure(CALENDAR_ETHIOPIC, 1440));
	/* the table's own ends */
	for (int y = UMALQURA_FIRST; y <= UMALQURA_LAST; y++)
		for (int m = 1; m <= 12; m++) {
			int days = calendar_days_in(CALENDAR_HIJRI_UMALQURA, y, m);

			assert_true(days == 29 || days == 30);
		}
	assert_false(ymd_of(CALENDAR_HIJRI_UMALQURA, gregorian(1800, 1, 1), &d));
	assert_false(ymd_of(CALENDAR_HIJRI_UMALQURA, gregorian(2200, 1, 1), &d));
}

static void
spans_are_said_in_edtf_and_read_back(void **state)
{
	static const struct {
		enum calendar c;
		struct ymd d;
		char doubt;
		const char *value;
	} rows[] = {
		{CALENDAR_GREGORIAN, {2024, 2, 29}, 0, "2024-02-29"},
		{CALENDAR_GREGORIAN, {2024, 2, 0}, 0, "2024-02"},
		{CALENDAR_GREGORIAN, {2024, 0, 0}, '~', "2024~"},
		{CALENDAR_GREGORIAN, {1, 0, 0}, '~', "../0001~"},
		{CALENDAR_ETHIOPIC, {2015, 13, 6}, 0, "2023-09-11"},
		{CALENDAR_ETHIOPIC, {2015, 13, 0}, 0, "2023-09-06/2023-09-11"},
		{CALENDAR_ETHIOPIC, {2016, 1, 0}, '?', "2023-09-12?/2023-10-11?"},
		{CALENDAR_ETHIOPIC, {2015, 0, 0}, 0, "2022-09-11/2023-09-11"},
		{CALENDAR_HIJRI_CIVIL, {1440, 0, 0}, 0, "2018-09-12/2019-08-31"},
	};
	static const struct {
		int y0, y1;
		const char *value;
	} years[] = {
		{1990, 1999, "199X"},
		{1900, 1999, "19XX"},
		{1991, 1999, "1991/1999"},
		{2016, 2017, "2016/2017"},
	};
	struct day_span s, back;
	char value[EDTF_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		s = span_of(rows[i].c, &rows[i].d);
		edtf_of_span(&s, rows[i].doubt, value);
		assert_string_equal(value, rows[i].value);
		assert_true(span_of_edtf(value, &back));
		assert_memory_equal(&s, &back, sizeof s);
	}
	for (size_t i = 0; i < ARRAY_LEN(years); i++) {
		s = (struct day_span){gregorian(years[i].y0, 1, 1), gregorian(years[i].y1, 12, 31)};
		edtf_of_span(&s, 0, value);
		assert_string_equal(value, years[i].value);
	}
	s = (struct day_span){DAY_LEAST, DAY_MOST};
	edtf_of_span(&s, 0, value);
	assert_string_equal(value, "XXXX");
	s.first = gregorian(2021, 3, 1);
	edtf_of_span(&s, 0, value);
	assert_string_equal(value, "2021-03/..");
}

static void
edtf_outside_of_the_subset_is_none(void **state)
{
	static const char *const bad[] = {"", "2024-13", "2024-21", "Y17E7", "-0044", "[1990,1992]",
		"{1990..1992}", "2024-02-30", "2024/2023", "1994-5", "199x", "1994-XX-01",
		"2024-01-01T10:00", "../..", "XXXX-12", "1?994", "\xff"};
	struct day_span s;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(span_of_edtf(bad[i], &s));
	assert_true(span_of_edtf("2024-02", &s));
	assert_int_equal(s.last, gregorian(2024, 2, 29));
	assert_true(span_of_edtf("../2024-02-01", &s));
	assert_int_equal(s.first, DAY_LEAST);
	assert_true(span_of_edtf("2021/..", &s));
	assert_int_equal(s.last, DAY_MOST);
}

/* A key in two months of one calendar would be a guess. */
static void
no_name_is_two_months_of_a_calendar(void **state)
{
	static const struct row {
		enum calendar calendar;
		const char *lang;
		const char *name[CALENDAR_MONTHS];
	} rows[] = {
#define MONTHS(calendar, lang, ...) {calendar, lang, {__VA_ARGS__}},
#define WEEKDAYS(lang, ...)
#include "lib/month.def"
#undef MONTHS
#undef WEEKDAYS
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int m = 0; m < CALENDAR_MONTHS; m++) {
			OWNED_BUF(folded) = {0};
			OWNED_BUF(key) = {0};
			int month[CALENDAR_N];

			if (rows[i].name[m] == NULL || rows[i].name[m][0] == '\0')
				continue;
			assert_int_equal(date_fold(rows[i].name[m], &folded), E_OK);
			key_of((char *)folded.data, folded.size, &key);
			assert_true(month_of_key((char *)key.data, month));
			if (month[rows[i].calendar] != m + 1)
				fail_msg("%s is month %d and %d", rows[i].name[m], m + 1,
					month[rows[i].calendar]);
		}
}

static void
every_language_has_every_month(void **state)
{
	static const char *const langs[] = {"en", "fr", "ar", "am", "ti", "so", "sw", "xx"};

	for (size_t i = 0; i < ARRAY_LEN(langs); i++)
		for (enum calendar c = 0; c < CALENDAR_N; c++)
			for (int m = 1; m <= calendar_months(c); m++)
				assert_true(strlen(month_name(c, m, langs[i])) >= 3);
	/* what CLDR has not */
	assert_string_equal(month_name(CALENDAR_ETHIOPIC, 2, "ti"), "ጥቅምቲ");
	assert_string_equal(weekday_name(1, "fr"), "lundi");
	assert_string_equal(weekday_name(7, "xx"), "Sunday");
}

static void
calendars_are_found_by_what_people_call_them(void **state)
{
	static const struct {
		const char *word;
		enum calendar c;
	} rows[] = {
		{"gregorian", CALENDAR_GREGORIAN},
		{"Ethiopic", CALENDAR_ETHIOPIC},
		{"ethiopian", CALENDAR_ETHIOPIC},
		{"coptic", CALENDAR_COPTIC},
		{"hijri", CALENDAR_HIJRI_CIVIL},
		{"HIJRI-CIVIL", CALENDAR_HIJRI_CIVIL},
		{"umalqura", CALENDAR_HIJRI_UMALQURA},
		{"hijri-umalqura", CALENDAR_HIJRI_UMALQURA},
	};
	enum calendar c;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(calendar_of_word(rows[i].word, &c));
		assert_int_equal(c, rows[i].c);
	}
	assert_false(calendar_of_word("julian", &c));
	assert_false(calendar_of_word("", &c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_two_centuries_is_as_icu_has_it),
		cmocka_unit_test(gregorian_days_are_proleptic),
		cmocka_unit_test(icu_takes_no_day_that_does_not_exist),
		cmocka_unit_test(known_dates_are_where_they_belong),
		cmocka_unit_test(impossible_dates_are_explained),
		cmocka_unit_test(calendars_end_where_edtf_ends),
		cmocka_unit_test(umalqura_is_sure_for_thirty_years_only),
		cmocka_unit_test(spans_are_said_in_edtf_and_read_back),
		cmocka_unit_test(edtf_outside_of_the_subset_is_none),
		cmocka_unit_test(no_name_is_two_months_of_a_calendar),
		cmocka_unit_test(every_language_has_every_month),
		cmocka_unit_test(calendars_are_found_by_what_people_call_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
