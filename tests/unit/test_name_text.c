/* SPDX-License-Identifier: EUPL-1.2
 *
 * Names as people type them: what is refused and why, scripts, parts, proposals in Latin letters.
 */
#include "tests/unit/test.h"

#include <stdio.h>

#include "lib/name_text.h"
#include "lib/text.h"

/* ---- what may stand in a name ---- */

static const struct {
	const char *text;
	enum name_fault_kind kind;
	size_t place;
	const char *called;
} faults[] = {
	{"Hodan Abdi", NAME_WELL, 0, ""},
	{"هودن عبدي ورسمه", NAME_WELL, 0, ""},
	{"ሰላም ተስፋዬ", NAME_WELL, 0, ""},
	{"O'Neill-d’Arc", NAME_WELL, 0, ""},
	{"N\xcc\x83unez", NAME_WELL, 0, ""},
	{"مي\xe2\x80\x8cنا", NAME_WELL, 0, ""},
	{"", NAME_EMPTY, 0, ""},
	{"12-3", NAME_NO_LETTER, 4, ""},
	{"\xff", NAME_NOT_UTF8, 1, ""},
	{"Ho\xed\xa0\x80", NAME_NOT_UTF8, 3, ""},
	{"Ho\nda", NAME_CONTROL, 3, "U+000A LINE FEED"},
	{"Ho\x1b[1m", NAME_CONTROL, 3, "U+001B ESCAPE"},
	{"Ho\xc2\x9b", NAME_CONTROL, 3, "U+009B CONTROL SEQUENCE INTRODUCER"},
	{"a\xe2\x80\xa8", NAME_CONTROL, 2, "U+2028 LINE SEPARATOR"},
	{"ab\xe2\x80\xae"
	 "c",
		NAME_DIRECTION, 3, "U+202E RIGHT-TO-LEFT OVERRIDE"},
	{"\xe2\x81\xa6"
	 "a",
		NAME_DIRECTION, 1, "U+2066 LEFT-TO-RIGHT ISOLATE"},
	{"a\xe2\x80\x8f", NAME_DIRECTION, 2, "U+200F RIGHT-TO-LEFT MARK"},
	{"a\xd8\x9c", NAME_DIRECTION, 2, "U+061C ARABIC LETTER MARK"},
	{"a\xe2\x80\x8d"
	 "b",
		NAME_INVISIBLE, 2, "U+200D ZERO WIDTH JOINER"},
	{"علي\xe2\x80\x8c", NAME_INVISIBLE, 4, "U+200C ZERO WIDTH NON-JOINER"},
	{"a\xe2\x80\x8b", NAME_INVISIBLE, 2, "U+200B ZERO WIDTH SPACE"},
	{"\xef\xbb\xbfHodan", NAME_INVISIBLE, 1, "U+FEFF ZERO WIDTH NO-BREAK SPACE"},
	{"a\xc2\xad", NAME_INVISIBLE, 2, "U+00AD SOFT HYPHEN"},
	{"a\xe3\x85\xa4", NAME_INVISIBLE, 2, "U+3164 HANGUL FILLER"},
	{"a\xf3\xa0\x81\x81", NAME_INVISIBLE, 2, "U+E0041 TAG LATIN CAPITAL LETTER A"},
	{"a\xee\x80\x80", NAME_PRIVATE, 2, "U+E000"},
	{"a\xf4\x8f\xbf\xbd", NAME_PRIVATE, 2, "U+10FFFD"},
	{"a\xcd\xb8", NAME_UNASSIGNED, 2, "U+0378"},
	{"a\xef\xbf\xbf", NAME_UNASSIGNED, 2, "U+FFFF"},
};

static void
hostile_character_is_named_with_its_place_and_reason(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct name_fault f;

		if (name_fault_of(faults[i].text, NAME_MOST, &f) != faults[i].kind)
			print_message("# row %zu: %d\n", i, (int)f.kind);
		assert_int_equal(f.kind, faults[i].kind);
		assert_string_equal(f.called, faults[i].called);
		assert_true((f.why == NULL) == (f.kind == NAME_WELL));
		if (faults[i].place > 0)
			assert_int_equal(f.place, faults[i].place);
	}
}

static void
sentence_names_the_character_and_not_the_name(void **state)
{
	OWNED(char, problem, free_chars) = name_text_problem("Hodan\xe2\x80\xae Abdi");

	assert_string_equal(problem, "character 6 is U+202E RIGHT-TO-LEFT OVERRIDE: it turns the "
				     "direction of what is read; delete it");
	assert_null(name_text_problem("Hodan Abdi"));
}

static void
length_counts_characters(void **state)
{
	struct name_fault f;
	char text[301 * 3 + 1] = "";

	for (size_t i = 0; i < 300; i++)
		strcat(text, "ሰ");
	assert_int_equal(name_fault_of(text, NAME_MOST, &f), NAME_WELL);
	strcat(text, "ሰ");
	assert_int_equal(name_fault_of(text, NAME_MOST, &f), NAME_TOO_LONG);
	assert_int_equal(name_fault_of(text, NAME_PART_MOST, &f), NAME_TOO_LONG);
}

static void
doubts_are_told_and_nothing_more(void **state)
{
	static const char *const doubtful[] = {"Hod\xd0\xb0n", "هودنAbdi", "unknown", "N/A", "Baby",
		"Hodan 2", "Hodan (Abdi)", "Hodan@", "مجهول", "a١2"};
	static const char *const plain[] = {"Hodan Abdi", "هودن عبدي", "ሰላም ተስፋዬ", "Nguyễn Thị",
		"D’Angelo", "Жанна", "山田 はな", "ገብረ፡መድኅን", "Abdi-Nur", "St. John"};

	for (size_t i = 0; i < ARRAY_LEN(doubtful); i++) {
		if (name_text_doubt(doubtful[i]) == NULL)
			print_message("# %s\n", doubtful[i]);
		assert_non_null(name_text_doubt(doubtful[i]));
	}
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		if (name_text_doubt(plain[i]) != NULL)
			print_message("# %s\n", plain[i]);
		assert_null(name_text_doubt(plain[i]));
	}
}

static void
script_is_that_of_most_letters(void **state)
{
	static const char *const rows[][2] = {{"Hodan", "Latn"}, {"هودن", "Arab"}, {"ሰላም", "Ethi"},
		{"Жанна", "Cyrl"}, {"123 - '", "Zyyy"}, {"", "Zyyy"}, {"محمد A", "Arab"},
		{"e\xcc\x81", "Latn"}, {"\xff", "Zyyy"}};
	char script[SCRIPT_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		script_of(rows[i][0], script);
		assert_string_equal(script, rows[i][1]);
	}
}

/* ---- parts ---- */

static void
typed_line_becomes_parts(void **state)
{
	static const struct {
		const char *typed;
		enum name_order order;
		const char *parts; /* "kind=value|..." */
	} rows[] = {
		{"  Hodan   Abdi Warsame ", NAME_CHAIN,
			"given=Hodan|father=Abdi|grandfather=Warsame|"},
		{"Hodan Abdi Warsame Ali Nur", NAME_CHAIN,
			"given=Hodan|father=Abdi|grandfather=Warsame|great-grandfather=Ali|unknown="
			"Nur|"},
		{"Ben Jean Dupont", NAME_GIVEN_FAMILY, "given=Ben|given=Jean|family=Dupont|"},
		{"Dupont Jean", NAME_FAMILY_GIVEN, "family=Dupont|given=Jean|"},
		{"Hodan", NAME_GIVEN_FAMILY, "given=Hodan|"},
		{"Abd al-Rahman Omar", NAME_CHAIN, "given=Abd al-Rahman|father=Omar|"},
		{"Omar Abd el Rahman", NAME_CHAIN, "given=Omar|father=Abd el Rahman|"},
		{"Hodan bint Abdi", NAME_CHAIN, "given=Hodan|father=bint Abdi|"},
		{"عبد الرحمن بن علي", NAME_CHAIN, "given=عبد الرحمن|father=بن علي|"},
		{"ገብረ መድኅን ተስፋዬ", NAME_CHAIN, "given=ገብረ መድኅን|father=ተስፋዬ|"},
		{"Abd", NAME_CHAIN, "given=Abd|"},
		{"Jos\x65\xcc\x81 Abu", NAME_CHAIN, "given=Jos\xc3\xa9|father=Abu|"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(struct arena, a, arena_free) = arena_new();
		OWNED_BUF(b) = {0};
		struct name_form *f;

		assert_int_equal(name_form_said(a, rows[i].typed, rows[i].order, &f), E_OK);
		for (const struct name_part *p = f->parts; p != NULL; p = p->next)
			buf_printf(&b, "%s=%s|", p->kind, p->value);
		assert_string_equal((char *)b.data, rows[i].parts);
		assert_true(text_is_nfc(f->full));
		assert_int_equal(f->no_family_name, rows[i].order == NAME_CHAIN);
		assert_false(f->authoritative);
	}
}

static void
what_is_no_name_gives_no_parts(void **state)
{
	static const char *const bad[] = {"", "   ", "a\xe2\x80\xae", "\xff", "1 2 3",
		"a b c d e f g h i j k l m", "Hodan - Abdi"};
	OWNED(struct arena, a, arena_free) = arena_new();
	char longest[202] = "";
	struct name_form *f = NULL;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_true(name_form_said(a, bad[i], NAME_CHAIN, &f) != E_OK);
	memset(longest, 'a', 101);
	assert_int_equal(name_form_said(a, longest, NAME_CHAIN, &f), E_INPUT);
	longest[100] = '\0';
	assert_int_equal(name_form_said(a, longest, NAME_CHAIN, &f), E_OK);
}

/* ---- proposals ---- */

static const char *
proposal(const char *text, const char *lang, const char *system, char *out, size_t size)
{
	struct name_proposal p[PROPOSALS_MAX];
	size_t n = name_proposals(text, lang, p);

	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		assert_non_null(p[i].caution);
		if (strcmp(p[i].system, system) == 0)
			snprintf(out, size, "%s", p[i].text);
	}
	name_proposals_free(p, n);
	return out;
}

static void
proposals_say_by_which_system(void **state)
{
	static const struct {
		const char *text, *system, *latin;
	} rows[] = {
		{"محمد", SYSTEM_ICAO, "MXHMD"},
		{"فاطمة", SYSTEM_ICAO, "FAXTTMXAH"},
		{"خديجة علي", SYSTEM_ICAO, "XKHDYJXAH ELY"},
		{"أَحْمَد", SYSTEM_ICAO, "XAEXHMD"},
		{"محمّد", SYSTEM_ICAO, "MXHMMD"},
		{"مـحـمـد", SYSTEM_ICAO, "MXHMD"},
		{"يحيى", SYSTEM_ICAO, "YXHYXAY"},
		{"محمد علي", "x-usual", "Mohamed Ali"},
		{"محمد زقوط", "x-usual", ""},
		{"ሰላም ተስፋዬ", "am-Latn-t-am-m0-bgn", "Selami Tesifayē"},
		{"ሰላም ተስፋዬ", "x-plain", "Selam Tesfaye"},
		{"ምሕረት ገብረመድኅን", "x-plain", "Mihret Gebremedhin"},
		{"ብርሃነ ክብሮም", "x-plain", "Birhane Kibrom"},
		{"ትርሃስ", "x-plain", "Tirhas"},
		{"Élodie Müller", SYSTEM_ICAO, "ELODIE MUELLER"},
		{"Ørsted-Åse", SYSTEM_ICAO, "OERSTED AASE"},
		{"Straße d’Arc", SYSTEM_ICAO, "STRASSE DARC"},
		{"ڑالہ", SYSTEM_ICAO, ""},
		{"123", SYSTEM_ICAO, ""},
	};
	char latin[200];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(
			proposal(rows[i].text, NULL, rows[i].system, latin, sizeof latin),
			rows[i].latin);
}

/* ---- before signing ---- */

static void
request_is_put_into_normal_form_and_once_only(void **state)
{
	OWNED(struct request, r, request_free) = request_new();
	struct name_part part = {"given", "E\xcc\x81lodie", NULL};
	struct name_form form = {.full = "E\xcc\x81lodie", .parts = &part};
	struct record_date date = {.authored = "1 fe\xcc\x81vrier 2019"};
	struct place place = {.text = "Orle\xcc\x81"
				      "ans"};
	bool changed;

	r->locator.name.forms = &form;
	r->locator.birth_date = &date;
	r->locator.birth_place = &place;
	r->locator.office = "Dadaab";
	assert_int_equal(request_nfc(r, &changed), E_OK);
	assert_true(changed);
	assert_string_equal(form.full, "\xc3\x89lodie");
	assert_string_equal(part.value, "\xc3\x89lodie");
	assert_string_equal(date.authored, "1 f\xc3\xa9vrier 2019");
	assert_string_equal(place.text, "Orl\xc3\xa9"
					"ans");
	assert_int_equal(request_nfc(r, &changed), E_OK);
	assert_false(changed);
	part.value = "\xff";
	assert_int_equal(request_nfc(r, &changed), E_NOT_UTF8);
}

static void
extract_is_put_into_normal_form_but_for_its_entry(void **state)
{
	OWNED(struct extract, x, extract_free) = extract_new();
	struct name_part part = {"given", "E\xcc\x81lodie", NULL};
	struct name_form form = {.full = "E\xcc\x81lodie", .parts = &part};
	struct place home = {.text = "Orle\xcc\x81"
				     "ans"};
	struct parent mother = {.role = "mother", .name = {&form}, .residence = &home};

	struct name_form own = {.full = "E\xcc\x81lodie"};

	x->name.forms = &own;
	x->parents = &mother;
	x->entry.office = "Orle\xcc\x81"
			  "ans";
	assert_int_equal(extract_nfc(x), E_OK);
	assert_true(text_is_nfc(own.full));
	assert_string_equal(part.value, "\xc3\x89lodie");
	assert_true(text_is_nfc(home.text));
	assert_false(text_is_nfc(x->entry.office));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_character_is_named_with_its_place_and_reason),
		cmocka_unit_test(sentence_names_the_character_and_not_the_name),
		cmocka_unit_test(length_counts_characters),
		cmocka_unit_test(doubts_are_told_and_nothing_more),
		cmocka_unit_test(script_is_that_of_most_letters),
		cmocka_unit_test(typed_line_becomes_parts),
		cmocka_unit_test(what_is_no_name_gives_no_parts),
		cmocka_unit_test(proposals_say_by_which_system),
		cmocka_unit_test(request_is_put_into_normal_form_and_once_only),
		cmocka_unit_test(extract_is_put_into_normal_form_but_for_its_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
