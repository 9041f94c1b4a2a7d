/* SPDX-License-Identifier: EUPL-1.2
 *
 * Dates as people say them, in their languages, digits and calendars; and what is refused, and why.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <unicode/udat.h>
#include <unicode/ustring.h>

#include "lib/calendar_parts.h"
#include "lib/date_said.h"

#define G CALENDAR_GREGORIAN
#define E CALENDAR_ETHIOPIC
#define C CALENDAR_COPTIC
#define H CALENDAR_HIJRI_CIVIL
#define U CALENDAR_HIJRI_UMALQURA
#define ANY CALENDAR_ANY

/* ---- what is understood ---- */

static const struct {
	enum calendar asked;
	const char *text;
	enum calendar c;
	const char *value;
} understood[] = {
	/* the form of EDTF, domain facts section 4 */
	{G, "2024", G, "2024"},
	{G, "2024-05", G, "2024-05"},
	{G, "2024-05-17", G, "2024-05-17"},
	{G, " 2024-05-17 ", G, "2024-05-17"},
	{G, "1994?", G, "1994?"},
	{G, "1994~", G, "1994~"},
	{G, "1994%", G, "1994%"},
	{G, "199X", G, "199X"},
	{G, "199x", G, "199X"},
	{G, "19XX", G, "19XX"},
	{G, "1994-XX", G, "1994-XX"},
	{G, "1994-XX-XX", G, "1994-XX-XX"},
	{G, "1994-05-XX", G, "1994-05-XX"},
	{G, "XXXX", G, "XXXX"},
	{G, "2021/2022", G, "2021/2022"},
	{G, "../2022", G, "../2022"},
	{G, "2021/..", G, "2021/.."},
	{G, "2021-03-01~/2022", G, "2021-03-01~/2022"},
	/* the same in other calendars */
	{E, "2015-13-06", E, "2023-09-11"},
	{E, "2015-13", E, "2023-09-06/2023-09-11"},
	{E, "2012", E, "2019-09-12/2020-09-10"},
	{E, "201X", E, "2017-09-11/2027-09-11"},
	{E, "2012~", E, "2019-09-12~/2020-09-10~"},
	{E, "2012/2014", E, "2019-09-12/2022-09-10"},
	{E, "2016-01-01", E, "2023-09-12"},
	{E, "2017-01-01", E, "2024-09-11"},
	{E, "../2012", E, "../2020-09-10"},
	{C, "1739-13-06", C, "2023-09-11"},
	{H, "1440", H, "2018-09-12/2019-08-31"},
	{U, "1440-09-05", U, "2019-05-10"},
	{H, "XXXX", H, "XXXX"},
	/* English */
	{ANY, "12 March 2019", G, "2019-03-12"},
	{ANY, "March 12, 2019", G, "2019-03-12"},
	{ANY, "2019 MARCH 12", G, "2019-03-12"},
	{ANY, "9th March 2024", G, "2024-03-09"},
	{ANY, "the 1st of June 2001", G, "2001-06-01"},
	{ANY, "12 Sept. 2019", G, "2019-09-12"},
	{ANY, "12-Mar-2001", G, "2001-03-12"},
	{ANY, "12mar2001", G, "2001-03-12"},
	{ANY, "born on Monday 12 March 2001", G, "2001-03-12"},
	{ANY, "March 2001", G, "2001-03"},
	{ANY, "3/2001", G, "2001-03"},
	{ANY, "2001/3", G, "2001-03"},
	{ANY, "2019/03/04", G, "2019-03-04"},
	{ANY, "2019.3.4", G, "2019-03-04"},
	{ANY, "13/04/2019", G, "2019-04-13"},
	{ANY, "04/13/2019", G, "2019-04-13"},
	{ANY, "4.4.2019", G, "2019-04-04"},
	{ANY, "about 1994", G, "1994~"},
	{ANY, "circa March 1994", G, "1994-03~"},
	{ANY, "c. 1994", G, "1994~"},
	{ANY, "perhaps 1994", G, "1994?"},
	{ANY, "1994 ?", G, "1994?"},
	{ANY, "probably about 1994", G, "1994%"},
	{ANY, "the 1990s", G, "199X"},
	{ANY, "between 1990 and 1993", G, "1990/1993"},
	{ANY, "from March 2001 to June 2001", G, "2001-03/2001-06"},
	{ANY, "1990-1993", G, "1990/1993"},
	{ANY, "before 1994", G, "../1993"},
	{ANY, "until 1994", G, "../1994"},
	{ANY, "after 1994", G, "1995/.."},
	{ANY, "since March 1994", G, "1994-03/.."},
	{ANY, "5 Pagume 2015", E, "2023-09-10"},
	{ANY, "6 Pagumen 2015", E, "2023-09-11"},
	{ANY, "Meskerem 1, 2016", E, "2023-09-12"},
	{ANY, "12 Meskerem 2015 E.C.", E, "2022-09-22"},
	{E, "12 Tiqimt 2015", E, "2022-10-22"},
	{E, "Genbot 2015", E, "2023-05-09/2023-06-07"},
	{ANY, "6 Nasie 1739", C, "2023-09-11"},
	{ANY, "1 Tout 1740", C, "2023-09-12"},
	{H, "5 Ramadan 1440", H, "2019-05-10"},
	{H, "5 Ramadan 1440 AH", H, "2019-05-10"},
	{U, "1 Dhu al-Hijjah 1440", U, "2019-08-02"},
	{H, "1 Dhu al-Hijjah 1440", H, "2019-08-03"},
	{H, "1 Dhul Hijja 1440", H, "2019-08-03"},
	{H, "7 Rabi' II 1440", H, "2018-12-16"},
	{H, "7 Rabi al-Thani 1440", H, "2018-12-16"},
	/* French */
	{ANY, "le 1er mars 1994", G, "1994-03-01"},
	{ANY, "1ᵉʳ mars 1994", G, "1994-03-01"},
	{ANY, "né le 12 août 2001", G, "2001-08-12"},
	{ANY, "12 aout 2001", G, "2001-08-12"},
	{ANY, "12 AOU\xcc\x82T 2001", G, "2001-08-12"}, /* in two characters */
	{ANY, "lundi 12 mars 2001", G, "2001-03-12"},
	{ANY, "vers 1994", G, "1994~"},
	{ANY, "aux environs de mars 1994", G, "1994-03~"},
	{ANY, "en février 2001", G, "2001-02"},
	{ANY, "les années 1990", G, "199X"},
	{ANY, "entre mars 2001 et juin 2001", G, "2001-03/2001-06"},
	{ANY, "du 3 mars 2001 au 5 mars 2001", G, "2001-03-03/2001-03-05"},
	{ANY, "avant 1994", G, "../1993"},
	{H, "5 chaabane 1440", H, "2019-04-11"},
	{E, "5 pagumén 2015", E, "2023-09-10"},
	/* Arabic, in three kinds of digits */
	{ANY, "١٢ مارس ٢٠١٩", G, "2019-03-12"},
	{ANY, "۱۲ مارس ۲۰۱۹", G, "2019-03-12"},
	{ANY, "12 آذار 2019", G, "2019-03-12"},
	{ANY, "12 كانون الثاني 1994", G, "1994-01-12"},
	{ANY, "12 جانفي 1994", G, "1994-01-12"},
	{ANY, "12 غشت 1994", G, "1994-08-12"},
	{ANY, "12 الفاتح 1994", G, "1994-09-12"}, /* Libya before 2011 */
	{ANY, "1 أي النار 1994", G, "1994-01-01"},
	{ANY, "15 مارس سنة 2001", G, "2001-03-15"},
	{ANY, "الاثنين ١٢ مارس ٢٠٠١ م", G, "2001-03-12"},
	{ANY, "\u200f١٢\u200f مارس ٢٠١٩", G, "2019-03-12"}, /* marks that copying brings along */
	{ANY, "حوالي ١٩٩٤", G, "1994~"},
	{ANY, "١٣/٤/٢٠١٩", G, "2019-04-13"},
	{ANY, "بين 1990 و 1993", G, "1990/1993"},
	{H, "٥ رمضان ١٤٤٠", H, "2019-05-10"},
	{H, "٥ رَمَضَان ١٤٤٠ هـ", H, "2019-05-10"},
	{H, "٥ ذي الحجّة ١٤٤٠", H, "2019-08-07"},
	{H, "5 جمادى الآخرة 1440", H, "2019-02-11"},
	{H, "5 جمادي الاخره 1440", H, "2019-02-11"},
	{E, "5 مسكريم 2015", E, "2022-09-15"},
	{C, "5 طوبة 1740", C, "2024-01-14"},
	/* Amharic and Tigrinya, with Ge'ez numerals and sounds written for one another */
	{E, "፲፪ መስከረም ፳፻፲፮", E, "2023-09-23"},
	{E, "መስከረም 12 2016 ዓ.ም", E, "2023-09-23"},
	{E, "መስከረም 12 ቀን 2016 ዓ.ም.", E, "2023-09-23"},
	{E, "5 ጳጉሜ 2015", E, "2023-09-10"},
	{E, "12 ኅዳር 2015", E, "2022-11-21"},
	{E, "12 ሕዳር 2015", E, "2022-11-21"},
	{E, "12 ህዳር 2015", E, "2022-11-21"},
	{E, "12 ሓምለ 2015", E, "2023-07-19"},
	{E, "12 ሐምሌ 2015", E, "2023-07-19"},
	{ANY, "እ.ኤ.አ. ማርች 12 2015", G, "2015-03-12"},
	{ANY, "12 ሴፕቴምበር 2015", G, "2015-09-12"},
	{G, "ጥሪ 1994", G, "1994-01"}, /* Eritrea: January */
	{E, "ጥሪ 1994", E, "2002-01-09/2002-02-07"},
	/* Somali, Swahili, Italian */
	{ANY, "12 Luuliyo 2001", G, "2001-07-12"},
	{ANY, "12 Bisha Kow iyo Tobnaad 2001", G, "2001-11-12"},
	{H, "12 Soon Ramadaan 1440", CALENDAR_ANY, NULL},
	{H, "12 Dul Xijja 1440", H, "2019-08-14"},
	{ANY, "tarehe 12 Machi 2001", G, "2001-03-12"},
	{ANY, "12 Agosti 2001", G, "2001-08-12"},
	{ANY, "12 agosto 1938", G, "1938-08-12"},
};

static void
dates_are_understood_as_people_say_them(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(understood); i++) {
		struct date_said s;
		bool well = date_said(understood[i].text, understood[i].asked, &s);

		if (well != (understood[i].value != NULL) ||
			(well && (strcmp(s.reading[0].value, understood[i].value) != 0 ||
					 s.reading[0].calendar != understood[i].c)))
			fail_msg("%s: %zu %s %s", understood[i].text, s.n,
				well ? s.reading[0].value : calendar_fault_word(s.fault),
				well ? calendar_word(s.reading[0].calendar) : s.problem);
	}
}

static void
values_are_of_the_subset_that_schemas_allow(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(understood); i++) {
		struct date_said s;
		struct day_span span;

		if (!date_said(understood[i].text, understood[i].asked, &s))
			continue;
		assert_true(strlen(s.reading[0].value) < EDTF_SIZE);
		assert_true(span_of_edtf(s.reading[0].value, &span));
		assert_memory_equal(&span, &s.reading[0].days, sizeof span);
	}
}

/* Every name that CLDR has for our languages and calendars; where it has none it prints English. */
static void
names_of_cldr_are_understood(void **state)
{
	static const char *const langs[] = {"en", "fr", "ar", "ar_DZ", "ar_MA", "ar_LB", "ar_TN",
		"am", "ti", "ti_ER", "so", "sw", "it"};
	static const struct {
		enum calendar c;
		const char *locale, *year;
	} rows[] = {{G, "gregorian", "2001"}, {E, "ethiopic", "2001"}, {C, "coptic", "1740"},
		{H, "islamic-civil", "1440"}};

	for (size_t i = 0; i < ARRAY_LEN(langs) * ARRAY_LEN(rows); i++) {
		enum calendar c = rows[i % ARRAY_LEN(rows)].c;
		UErrorCode status = U_ZERO_ERROR;
		char text[200];
		UDateFormat *f;

		snprintf(text, sizeof text, "%s@calendar=%s", langs[i / ARRAY_LEN(rows)],
			rows[i % ARRAY_LEN(rows)].locale);
		f = udat_open(UDAT_LONG, UDAT_LONG, text, NULL, 0, NULL, 0, &status);
		assert_true(U_SUCCESS(status));
		for (int m = 0; m < calendar_months(c); m++) {
			UChar units[100];
			struct date_said s;
			int n;

			udat_getSymbols(f, UDAT_MONTHS, m, units, 100, &status);
			n = snprintf(text, sizeof text, "3 ");
			u_strToUTF8(text + n, 150, NULL, units, -1, &status);
			strcat(text, " ");
			strcat(text, rows[i % ARRAY_LEN(rows)].year);
			if (!date_said(text, c, &s) || s.reading[0].from.month != m + 1)
				fail_msg("%s: %s", text, s.problem);
		}
		udat_close(f);
	}
}

/* ---- ages ---- */

static void
ages_are_spans_and_marked(void **state)
{
	static const struct {
		enum calendar asked;
		const char *text, *value;
	} rows[] = {
		{ANY, "7 years in 2024", "2016/2017"},
		{ANY, "7 years old in 2024", "2016/2017"},
		{ANY, "aged 7 in 2024", "2016/2017"},
		{ANY, "aged 7 years in 2024", "2016/2017"},
		{ANY, "0 years in 2024", "2023/2024"},
		{ANY, "about 7 years in 2024", "2016~/2017~"},
		{ANY, "aged 7 on 2024-05-17", "2016-05-18/2017-05-17"},
		{ANY, "7 years on 29 February 2024", "2016-03/2017-02"},
		{ANY, "7 months in March 2024", "2023-07-02/2023-08-31"},
		{ANY, "1 year 3 months on 2024-05-17", "2023-01-18/2023-02-17"},
		{ANY, "7 ans en 2024", "2016/2017"},
		{ANY, "âgée de 7 ans en 2024", "2016/2017"},
		{ANY, "عمره 7 سنوات في 2024", "2016/2017"},
		{ANY, "عمرها ٧ سنوات في ٢٠٢٤", "2016/2017"},
		{ANY, "7 ዓመት በ2024", "2016/2017"},
		{ANY, "7 jir 2024", "2016/2017"},
		{ANY, "umri wa miaka 7 mwaka 2024", "2016/2017"},
		{E, "7 years in 2016", "2015-09-12/2017-09-10"},
		{H, "7 years in 1440", "2010-12-08/2012-11-14"},
	};
	static const char *const incomplete[] = {"7 years", "aged 7", "7 years old", "aged",
		"7 ans", "aged in 2024", "7 years before 2024"};
	struct date_said s;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!date_said(rows[i].text, rows[i].asked, &s) ||
			strcmp(s.reading[0].value, rows[i].value) != 0)
			fail_msg("%s: %s%s", rows[i].text, s.problem, s.reading[0].value);
		assert_string_equal(s.reading[0].basis, "age-estimate");
	}
	for (size_t i = 0; i < ARRAY_LEN(incomplete); i++) {
		assert_false(date_said(incomplete[i], ANY, &s));
		assert_int_not_equal(s.problem[0], '\0');
	}
	assert_false(date_said("131 years in 2024", ANY, &s));
	assert_int_equal(s.fault, FAULT_CONTRADICTION);
	assert_false(date_said("999 years in 0500", ANY, &s));
}

/* ---- what is refused, and why ---- */

static void
impossible_and_unclear_dates_are_refused_with_the_reason(void **state)
{
	static const struct {
		enum calendar asked;
		const char *text;
		enum date_fault fault;
		const char *says;
	} rows[] = {
		{E, "2016-13-06", FAULT_NO_DAY, "Pagume 2016 has 5 days"},
		{E, "6 Pagume 2016", FAULT_NO_DAY, "a leap year such as 2015"},
		{E, "31 Meskerem 2016", FAULT_NO_DAY, "Meskerem 2016 has 30 days"},
		{E, "2015-14-01", FAULT_NO_MONTH, "13 months"},
		{C, "6 Nasie 1740", FAULT_NO_DAY, "Nasie 1740 has 5 days"},
		{G, "29 February 2023", FAULT_NO_DAY, "February 2023 has 28 days"},
		{G, "29/02/1900", FAULT_NO_DAY, "February 1900 has 28 days"},
		{G, "31/4/2019", FAULT_NO_DAY, "April 2019 has 30 days"},
		{G, "4/31/2019", FAULT_NO_DAY, "April 2019 has 30 days"},
		{G, "2019-13-01", FAULT_NO_MONTH, "12 months"},
		{G, "2001-21", FAULT_NO_MONTH, "12 months"}, /* a season of EDTF */
		{G, "0/5/1994", FAULT_NO_DAY, "counted from 1"},
		{G, "2019-00-05", FAULT_NO_MONTH, "counted from 1"},
		{G, "2019-05-00", FAULT_NO_DAY, "counted from 1"},
		{G, "0000", FAULT_NO_YEAR, "no year 0"},
		{G, "44 BC", FAULT_NO_YEAR, "no year 0"},
		{G, "12 March 99999", FAULT_RANGE, "9999"},
		{G, "99999999999999999999-01-01", FAULT_RANGE, "9999"},
		{G, "12 March 4294967297", FAULT_RANGE, "9999"}, /* 2^32 + 1 */
		{H, "30 Safar 1440", FAULT_NO_DAY, "where the moon was watched"},
		{H, "31 Muharram 1440", FAULT_NO_DAY, "Muharram 1440 has 30 days"},
		{U, "1 Muharram 1299", FAULT_RANGE, "1300 to 1600"},
		{U, "1601", FAULT_RANGE, "1300 to 1600"},
		{G, "03/04/2019", FAULT_AMBIGUOUS,
			"3 April 2019 (Gregorian, 2019-04-03); 4 March 2019"},
		{ANY, "٠٣/٠٤/٢٠١٩", FAULT_AMBIGUOUS, "Write the month as a word"},
		{E, "12/9/2015", FAULT_AMBIGUOUS, "12 Ginbot 2015"},
		{ANY, "5 Ramadan 1440", FAULT_AMBIGUOUS, "take hijri-civil"},
		{ANY, "1440-09-05", FAULT_AMBIGUOUS, "Say which calendar"},
		{ANY, "ጥሪ 1994", FAULT_AMBIGUOUS, "Say which calendar"},
		{ANY, "12 ኅዳር 2015", FAULT_AMBIGUOUS, "12 November 2015"},
		{G, "12/9/19", FAULT_INCOMPLETE, "four digits"},
		{G, "March '94", FAULT_INCOMPLETE, "four digits"},
		{G, "5 March", FAULT_INCOMPLETE, "the year is missing"},
		{G, "5/3", FAULT_INCOMPLETE, "the year is missing"},
		{G, "12 Ramadan 1440", FAULT_CONTRADICTION, "another calendar"},
		{H, "12 March 2019", FAULT_CONTRADICTION, "Gregorian"},
		{G, "12/13/1440 هـ", FAULT_CONTRADICTION, "Hijri"},
		{ANY, "12 Ramadan 2019 AD", FAULT_CONTRADICTION, "different calendars"},
		{ANY, "Tuesday 12 March 2001", FAULT_CONTRADICTION, "Monday"},
		{G, "2021/2019", FAULT_CONTRADICTION, "ends before"},
		{G, "between 1993 and 1990", FAULT_CONTRADICTION, "ends before"},
		{G, "", FAULT_UNREADABLE, "not understood"},
		{G, " ", FAULT_UNREADABLE, "not understood"},
		{G, "the xxiii of Oqtuvzember", FAULT_UNREADABLE, NULL},
		{G, "-0044", FAULT_UNREADABLE, NULL},
		{G, "Y17E7", FAULT_UNREADABLE, NULL},
		{G, "[1990,1992]", FAULT_UNREADABLE, NULL},
		{G, "{1990..1992}", FAULT_UNREADABLE, NULL},
		{G, "../..", FAULT_UNREADABLE, NULL},
		{G, "..", FAULT_UNREADABLE, NULL},
		{G, "1994-XX-05", FAULT_UNREADABLE, NULL},
		{G, "19X4", FAULT_UNREADABLE, NULL},
		{G, "2001-02-03T10:00", FAULT_UNREADABLE, NULL},
		{G, "10:00 12 March 2001", FAULT_UNREADABLE, NULL},
		{G, "12 13 14 2001", FAULT_UNREADABLE, NULL},
		{G, "March April 2001", FAULT_UNREADABLE, NULL},
		{G, "1990 1991", FAULT_UNREADABLE, NULL},
		{G, "12//3/2001", FAULT_UNREADABLE, NULL},
		{G, "/3/2001", FAULT_UNREADABLE, NULL},
		{G, "20010312", FAULT_RANGE, NULL},
		{G, "12 March 2001\n", FAULT_UNREADABLE, NULL},
		{G, "12 \x1b[31mMarch 2001", FAULT_UNREADABLE, NULL},
		{G, "\u202e1002 hcraM 21", FAULT_UNREADABLE, NULL},
		{G, "12 March \u202d2001", FAULT_UNREADABLE, NULL},
		{G,
			"12 M\xff"
			"arch 2001",
			FAULT_UNREADABLE, NULL},
		{G, "\xed\xa0\x80", FAULT_UNREADABLE, NULL},
		{G, "12 %s%n March 2001", FAULT_UNREADABLE, NULL},
		{E, "፼፼፼፼፼፼፼፼፼ መስከረም", FAULT_INCOMPLETE, NULL},
		{E, "፲፪ መስከረም ፼፼፼፼", FAULT_RANGE, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct date_said s;

		if (date_said(rows[i].text, rows[i].asked, &s) || s.fault != rows[i].fault ||
			s.problem[0] == '\0' ||
			(rows[i].says != NULL && strstr(s.problem, rows[i].says) == NULL))
			fail_msg("%zu %s: %zu %s: %s", i, rows[i].text, s.n,
				calendar_fault_word(s.fault), s.problem);
	}
}

static void
long_texts_are_refused(void **state)
{
	char text[5000];
	struct date_said s;

	memset(text, '1', sizeof text);
	for (size_t n = 100; n < sizeof text; n += 97) {
		text[n] = '\0';
		assert_false(date_said(text, ANY, &s));
		text[n] = '1';
	}
	for (size_t n = 0; n + 2 < sizeof text; n += 2)
		memcpy(text + n, "1 ", 2);
	text[150] = '\0';
	assert_false(date_said(text, ANY, &s));
	memset(text, 'x', 200);
	text[200] = '\0';
	assert_false(date_said(text, ANY, &s));
	/* one sign that NFKD makes eighteen of */
	for (size_t n = 0; n < 198; n += 3)
		memcpy(text + n, "\xef\xb7\xba", 3);
	text[198] = '\0';
	assert_false(date_said(text, ANY, &s));
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

/* Pieces of dates in any order: never a crash, and a reading is always one that the schemas allow.
 */
static void
whatever_is_typed_is_read_or_refused(void **state)
{
	static const char *const pieces[] = {"12", "3", "2019", "0", "99999", "March", "Ramadan",
		"መስከረም", "رمضان", "Pagume", "-", "/", ".", "..", "?", "~", "%", "X", "199X", "XX",
		"about", "before", "between", "and", "aged", "years", "7", "months", "AH", "BC",
		"፲፪", "٢٠١٩", " ", "Monday", "s", "\xff", "\u202e", "2015-13-06", "year", "since"};
	uint32_t seed = 7;

	for (int i = 0; i < 20000; i++) {
		char text[300] = "";
		struct date_said s;
		struct day_span span;

		for (uint32_t k = next_random(&seed) % 7; k < 8; k++) {
			strcat(text, pieces[next_random(&seed) % ARRAY_LEN(pieces)]);
			strcat(text, next_random(&seed) % 4 == 0 ? "" : " ");
		}
		date_said(text, (enum calendar)(next_random(&seed) % (CALENDAR_N + 1)), &s);
		assert_true(s.n == 1 || s.problem[0] != '\0');
		assert_true((s.n == 1) == (s.fault == FAULT_NONE));
		for (size_t k = 0; k < s.n; k++)
			if (!span_of_edtf(s.reading[k].value, &span))
				fail_msg("%s: %s", text, s.reading[k].value);
	}
}

static void
order_that_is_known_makes_it_one_date(void **state)
{
	struct date_said s;

	assert_true(date_said_as("03/04/2019", G, ORDER_DAY_FIRST, &s));
	assert_string_equal(s.reading[0].value, "2019-04-03");
	assert_true(date_said_as("03/04/2019", G, ORDER_MONTH_FIRST, &s));
	assert_string_equal(s.reading[0].value, "2019-03-04");
	assert_true(s.reading[0].month_first);
	assert_false(date_said_as("13/04/2019", G, ORDER_MONTH_FIRST, &s));
	assert_int_equal(s.fault, FAULT_NO_MONTH);
	/* the day of the week tells as well */
	assert_true(date_said("Wednesday 03/04/2019", G, &s));
	assert_string_equal(s.reading[0].value, "2019-04-03");
}

static void
other_calendars_are_told_of_where_nobody_named_one(void **state)
{
	struct date_said s;

	assert_true(date_said("2015-03-06", ANY, &s));
	assert_int_equal(s.reading[0].calendar, G);
	assert_int_equal(s.others, 1u << E);
	assert_true(date_said("2015-03-06", G, &s));
	assert_int_equal(s.others, 0);
	/* no Gregorian date at all, and still nothing is guessed */
	assert_false(date_said("2015-13-06", ANY, &s));
	assert_int_equal(s.others, 1u << E);
	assert_true(date_said("6 March 2015", ANY, &s));
	assert_int_equal(s.others, 0);
	assert_false(date_said("1740-01-05", ANY, &s));
	assert_true((s.others & 1u << C) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_understood_as_people_say_them),
		cmocka_unit_test(values_are_of_the_subset_that_schemas_allow),
		cmocka_unit_test(names_of_cldr_are_understood),
		cmocka_unit_test(ages_are_spans_and_marked),
		cmocka_unit_test(impossible_and_unclear_dates_are_refused_with_the_reason),
		cmocka_unit_test(long_texts_are_refused),
		cmocka_unit_test(whatever_is_typed_is_read_or_refused),
		cmocka_unit_test(order_that_is_known_makes_it_one_date),
		cmocka_unit_test(other_calendars_are_told_of_where_nobody_named_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
