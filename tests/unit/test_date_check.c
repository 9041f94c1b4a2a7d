/* SPDX-License-Identifier: EUPL-1.2
 *
 * A record's date held against itself: which differences stop it, which are shown, which are none.
 */
#include "tests/unit/test.h"

#include "lib/date_said.h"

#define G CALENDAR_GREGORIAN
#define E CALENDAR_ETHIOPIC
#define H CALENDAR_HIJRI_CIVIL
#define ANY CALENDAR_ANY

static void
placeholders_are_recognised(void **state)
{
	static const struct {
		enum calendar c;
		const char *text;
		bool placed;
	} rows[] = {{G, "1 January 1994", true}, {G, "1 July 1994", true},
		{G, "1 June 1994", false}, {G, "1994", false}, {E, "1 Meskerem 2015", true},
		{E, "2 Meskerem 2015", false}, {H, "1 Muharram 1440", true},
		{H, "1 Rajab 1440", false}};
	struct date_said s;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(date_said(rows[i].text, rows[i].c, &s));
		assert_int_equal(date_looks_placed(&s.reading[0]), rows[i].placed);
	}
}

/* ---- a record's date against itself ---- */

static void
records_date_has_to_say_what_its_text_says(void **state)
{
	static const struct {
		const char *calendar, *authored, *value, *basis;
		enum date_finding finding;
	} rows[] = {
		{"gregorian", "9th March 2024", "2024-03-09", "document", DATE_FITS},
		{"gregorian", "9th March 2024", "2024-03-10", "document", DATE_PROBLEM},
		{"gregorian", "9th March 2024", "2023-03-09", "document", DATE_PROBLEM},
		{"gregorian", "9th March 2024", "2024-03", "document", DATE_FITS},
		{"gregorian", "9th March 2024", "2024", "document", DATE_FITS},
		{"gregorian", "June 2021", "2021-06", "declaration", DATE_FITS},
		{"gregorian", "June 2021", "2021-06-15", "document", DATE_LOOK},
		{"gregorian", "June 2021", "2021-07", "document", DATE_PROBLEM},
		{"gregorian", "2019", "2019-01-01", "placeholder", DATE_FITS},
		{"gregorian", "2019", "2019-01-01", "document", DATE_LOOK},
		{"gregorian", "1 January 2019", "2019-01-01", "document", DATE_LOOK},
		{"gregorian", "1 July 2019", "2019-07-01", "declaration", DATE_LOOK},
		{"gregorian", "1 July 2019", "2019-07-01", "court", DATE_FITS},
		{"gregorian", "1 January 2019", "2019-01-01", "placeholder", DATE_FITS},
		{"gregorian", "03/04/2019", "2019-04-03", "document", DATE_LOOK},
		{"gregorian", "03/04/2019", "2019-03-04", "document", DATE_LOOK},
		{"gregorian", "03/04/2019", "2019-05-03", "document", DATE_PROBLEM},
		{"gregorian", "30 February 2019", "2019-02-28", "document", DATE_PROBLEM},
		{"gregorian", "12 Ramadan 1440", "2019-05-17", "document", DATE_LOOK},
		{"gregorian", "the xxiii of Oqtuvzember", "2019-10-23", "document", DATE_LOOK},
		{"gregorian", "about 1994", "1994~", "declaration", DATE_FITS},
		{"gregorian", "about 1994", "1995~", "declaration", DATE_LOOK},
		{"gregorian", "7 years in 2024", "2016/2017", "age-estimate", DATE_FITS},
		{"gregorian", "7 years in 2024", "2010", "age-estimate", DATE_LOOK},
		{"gregorian", "9 March 2999", "2999-03-09", "document", DATE_PROBLEM},
		{"gregorian", "after 1994", "1995/..", "document", DATE_FITS},
		{"gregorian", "not known", "XXXX", "document", DATE_LOOK},
		{"ethiopic", "፲፪ መስከረም ፳፻፲፮", "2023-09-23", "declaration", DATE_FITS},
		{"ethiopic", "፲፪ መስከረም ፳፻፲፮", "2023-09-22", "declaration", DATE_PROBLEM},
		{"ethiopic", "12 Meskerem 2016", "2016-01-12", "document", DATE_PROBLEM},
		{"ethiopic", "6 Pagume 2016", "2024-09-11", "document", DATE_PROBLEM},
		{"ethiopic", "2012", "2019/2020", "document", DATE_FITS},
		{"ethiopic", "2012", "2019-09-12/2020-09-10", "document", DATE_FITS},
		{"ethiopic", "2012", "2020", "document", DATE_LOOK},
		{"ethiopic", "2012", "2012", "document", DATE_PROBLEM},
		{"coptic", "6 Nasie 1739", "2023-09-11", "document", DATE_FITS},
		{"coptic", "6 Nasie 1739", "2023-09-12", "document", DATE_PROBLEM},
		{"hijri-civil", "5 Ramadan 1440", "2019-05-10", "document", DATE_FITS},
		{"hijri-civil", "5 Ramadan 1440", "2019-05-12", "document", DATE_FITS},
		{"hijri-civil", "5 Ramadan 1440", "2019-05-08", "document", DATE_FITS},
		{"hijri-civil", "5 Ramadan 1440", "2019-05-13", "document", DATE_LOOK},
		{"hijri-umalqura", "5 Ramadan 1440", "2019-05-07", "document", DATE_LOOK},
		{"hijri-civil", "30 Safar 1440", "2018-11-09", "document", DATE_LOOK},
		{"hijri-civil", "5 Ramadan", "2019-05-10", "document", DATE_LOOK},
		{"hijri-civil", "13 Ramadan 1440, month 13", "2019-05-10", "document", DATE_LOOK},
	};
	int today = 2461360; /* 2026-11-15 */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct record_date d = {.calendar = rows[i].calendar,
			.authored = rows[i].authored,
			.value = rows[i].value,
			.basis = rows[i].basis};
		OWNED_BUF(why) = {0};
		enum date_finding f = date_check(&d, today, &why);

		if (f != rows[i].finding)
			fail_msg("%s %s: %d %s", rows[i].authored, rows[i].value, (int)f,
				why.data == NULL ? "" : (char *)why.data);
		assert_true((f == DATE_FITS) == (why.size == 0));
		/* the sentence tells nothing that stands in the date */
		assert_true(why.size == 0 || strpbrk((char *)why.data, "0123456789") == NULL);
	}
}

static void
future_begins_behind_tomorrow(void **state)
{
	struct record_date d = {.calendar = "gregorian",
		.authored = "x",
		.value = "2026-11-16",
		.basis = "document"};
	OWNED_BUF(why) = {0};
	int today = 2461360; /* 2026-11-15 */

	/* it may be tomorrow already where she is */
	assert_int_equal(date_check(&d, today, &why), DATE_LOOK);
	d.value = "2026-11-17";
	assert_int_equal(date_check(&d, today, &why), DATE_PROBLEM);
	d.value = "2026";
	assert_int_equal(date_check(&d, today, &why), DATE_LOOK);
	d.value = "2027";
	assert_int_equal(date_check(&d, today, &why), DATE_PROBLEM);
}

static void
readings_become_dates_of_records(void **state)
{
	struct arena *a = arena_new();
	struct record_date d;
	struct date_said s;

	assert_true(date_said("5 Pagume 2015", ANY, &s));
	date_record(&s.reading[0], "5 Pagume 2015", a, &d);
	assert_string_equal(d.calendar, "ethiopic");
	assert_string_equal(d.value, "2023-09-10");
	assert_string_equal(d.authored, "5 Pagume 2015");
	assert_string_equal(d.basis, "document");
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placeholders_are_recognised),
		cmocka_unit_test(records_date_has_to_say_what_its_text_says),
		cmocka_unit_test(future_begins_behind_tomorrow),
		cmocka_unit_test(readings_become_dates_of_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
