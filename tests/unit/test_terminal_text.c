/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a line looks like on a screen: how wide it is, where it is folded, what stays together, and
 * in which order and letter forms Arabic goes to a terminal that shows what it gets. */
#include "tests/unit/test.h"

#include <locale.h>

#undef fail /* cmocka's */

#include "liaison/bidi.h"
#include "liaison/layout.h"
#include "liaison/say.h"

static struct layout
wide(size_t columns)
{
	return (struct layout){.columns = columns};
}

static void
assert_laid(struct layout how, const char *text, const char *wanted)
{
	OWNED_BUF(out) = {0};

	layout_line(&how, text, strlen(text), &out);
	assert_string_equal(out.data != NULL ? (char *)out.data : "", wanted);
}

/* ---- width ---- */

static void
combining_marks_take_no_column_and_wide_characters_two(void **state)
{
	(void)state;
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("e\xcc\x81"), 1);		       /* e, acute */
	assert_int_equal(text_columns("\xd9\x85\xd9\x8e"), 1);	       /* meem, fatha */
	assert_int_equal(text_columns("\xe1\x8a\xa0\xe1\x88\x88"), 2); /* Ge'ez */
	assert_int_equal(text_columns("\xe4\xb8\xad"), 2);
	assert_int_equal(text_columns("\xff\xfe"), 2);
	assert_int_equal(text_columns(""), 0);
}

static void
a_text_is_padded_and_clipped_by_columns(void **state)
{
	(void)state;
	assert_string_equal(padded("\xe1\x8a\xa0", 3), "\xe1\x8a\xa0  ");
	assert_string_equal(padded("abcd", 3), "abcd");
	assert_string_equal(clipped("abcdef", 4), "abc…");
	assert_string_equal(clipped("abcd", 4), "abcd");
	assert_string_equal(clipped("\xe4\xb8\xad\xe4\xb8\xad", 3), "\xe4\xb8\xad…");
}

/* ---- folding ---- */

static void
lines_are_folded_between_words(void **state)
{
	(void)state;
	assert_laid(wide(10), "one two three four", "one two\nthree four");
	assert_laid(wide(0), "one two three four", "one two three four");
	assert_laid(wide(10), "one two th", "one two th");
	assert_laid(wide(10), "", "");
	assert_laid(wide(10), "  in two three", "  in two\n  three");
	assert_laid(wide(12), "- item of a list", "- item of a\n  list");
	assert_laid(wide(20), "ab  column of words here", "ab  column of words\n    here");
}

static void
a_word_longer_than_the_line_stays_whole(void **state)
{
	(void)state;
	assert_laid(wide(10), "see tcp://exchange.example:7001 now",
		"see\ntcp://exchange.example:7001\nnow");
}

static void
numbers_and_commands_are_never_broken(void **state)
{
	(void)state;
	assert_laid(wide(20), "next: daftar track DFT-7Q2K-M9XA-P --wait",
		"next:\ndaftar track DFT-7Q2K-M9XA-P --wait");
	assert_laid(wide(24), "then daftar sync fetches one", "then daftar sync fetches\none");
	assert_laid(wide(16), "then daftar sync fetches", "then daftar sync\nfetches");
	assert_laid(wide(12), "then daftar sync", "then\ndaftar sync");
	assert_laid(wide(20), "it is (daftar request file FILE), not that",
		"it is\n(daftar request file FILE),\nnot that");
	assert_laid(wide(16), "say daftar track X --timeout abc more",
		"say\ndaftar track X --timeout abc\nmore");
	assert_laid(wide(20), "since 2026-11-24 08:00:00 UTC here",
		"since\n2026-11-24 08:00:00 UTC\nhere");
	assert_laid(wide(12), "une question ?", "une\nquestion ?");
}

static void
nothing_is_aligned_for_a_screen_reader(void **state)
{
	struct layout how = {.columns = 0, .plain = true, .visual = false, .rtl = true};

	(void)state;
	assert_laid(how, "   ok    trust      version 1", "ok trust version 1");
	assert_laid(how, "  \xd8\xa7\xd8\xa8  x", "\xd8\xa7\xd8\xa8 x");
}

static void
marks_are_taken_out(void **state)
{
	struct layout how = wide(40);

	(void)state;
	assert_laid(how, "\001a\003 \004ok\016 \006b\016", "a ok b");
	how.colours = true;
	assert_laid(how, "\004ok\016", "\033[32mok\033[0m");
}

/* ---- right to left ---- */

#define ALEF "\xd8\xa7"
#define BEH "\xd8\xa8"
#define LAM "\xd9\x84"
#define MEEM "\xd9\x85"

static const struct layout xterm = {.columns = 20, .visual = true, .rtl = true};

static void
arabic_is_turned_and_joined_and_stands_at_the_right(void **state)
{
	struct layout how = xterm;

	(void)state;
	/* beh (first form), meem (last form): shown from the left as meem, beh */
	assert_laid(how, BEH MEEM, "                  \xef\xbb\xa2\xef\xba\x91");
	/* lam and alef are one letter, which takes one column */
	assert_laid(how, LAM ALEF, "                   \xef\xbb\xbb");
	how.columns = 0;
	assert_laid(how, BEH MEEM, "\xef\xbb\xa2\xef\xba\x91");
	/* a terminal that does it itself gets what was said */
	how.visual = false;
	assert_laid(how, BEH MEEM, BEH MEEM);
}

static void
commands_stay_in_order_in_an_arabic_line(void **state)
{
	struct layout how = {.columns = 0, .visual = true, .rtl = true};

	(void)state;
	assert_laid(how, ALEF ": daftar track DFT-7Q2K-M9XA-P --wait",
		"daftar track DFT-7Q2K-M9XA-P --wait :\xef\xba\x8d");
	assert_laid(how, ALEF " --wait " ALEF, "\xef\xba\x8d --wait \xef\xba\x8d");
	assert_laid(how, ALEF " --wait", "--wait \xef\xba\x8d");
	assert_laid(how, ALEF " daftar sync.", ".daftar sync \xef\xba\x8d");
	assert_laid(how, ALEF " 2026-11-24 08:00:00 UTC", "2026-11-24 08:00:00 UTC \xef\xba\x8d");
	assert_laid(how, ALEF " KE.CRS\xd8\x8c " ALEF, "\xef\xba\x8d \xd8\x8cKE.CRS \xef\xba\x8d");
	assert_laid(how, ALEF " (USAGE)", "(USAGE) \xef\xba\x8d");
	assert_laid(how, ALEF " Hodan Abdi Warsame", "Hodan Abdi Warsame \xef\xba\x8d");
}

static void
a_cell_keeps_its_place_and_its_own_order(void **state)
{
	struct layout how = {.columns = 0, .visual = true, .rtl = true};

	(void)state;
	assert_laid(how, "\001DFT-1\003  \001" ALEF "\003  \001KE.CRS\003  \001SO.NIRA\003",
		"SO.NIRA  KE.CRS  \xef\xba\x8d  DFT-1");
}

static void
an_arabic_name_in_an_english_line_does_not_move_the_rest(void **state)
{
	struct layout how = {.columns = 40, .visual = true, .rtl = false};

	(void)state;
	assert_laid(how, "name: " BEH MEEM " (1994)", "name: \xef\xbb\xa2\xef\xba\x91 (1994)");
}

static void
a_line_without_arabic_is_left_alone_in_arabic_too(void **state)
{
	(void)state;
	assert_laid(xterm, "  daftar sync", "  daftar sync");
}

/* ---- what a terminal obeys ---- */

static void
what_a_terminal_obeys_is_shown_by_its_number(void **state)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{"a\033[2Jb", "a\\u{1b}[2Jb"},
		{"a\nb", "a\\u{a}b"},
		{"\r", "\\u{d}"},
		{"\001\002\003\004\016", "\\u{1}\\u{2}\\u{3}\\u{4}\\u{e}"},
		{"\x7f\xc2\x9b", "\\u{7f}\\u{9b}"},
		{"\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f", "\\u{202e}\\u{2066}\\u{200f}"},
		{"\xd8\x9c", "\\u{61c}"},
		{"\xe2\x80\x8b\xef\xbb\xbf", "\\u{200b}\\u{feff}"},
		{"\xf3\xa0\x81\x81", "\\u{e0041}"},
		{"\xff\xc0\x80", "\\xff\\xc0\\x80"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"\xe2\x80", "\\xe2\\x80"},
		{"\xe1\x8a\xa0 \xd8\xa7\xe2\x80\x8c\xd8\xa8",
			"\xe1\x8a\xa0 \xd8\xa7\xe2\x80\x8c\xd8\xa8"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF(b) = {0};

		escape(&b, rows[i].text, false);
		assert_string_equal((char *)b.data, rows[i].shown);
	}
}

/* ---- what the terminal is ---- */

static void
visual_order_is_for_terminals_without_bidi(void **state)
{
	static const struct {
		const char *name, *value;
		bool visual;
	} rows[] = {
		{"VTE_VERSION", "7200", false},
		{"VTE_VERSION", "5202", true},
		{"KONSOLE_VERSION", "221203", false},
		{"MLTERM", "3.9.2", false},
		{"TERM_PROGRAM", "Apple_Terminal", false},
		{"TERM", "putty-256color", false},
		{"TERM", "linux", true},
		{"TERM", "xterm-256color", true},
		{"TERM", "screen", true},
		{"DAFTAR_BIDI", "logical", false},
		{"DAFTAR_BIDI", "visual", true},
		{"DAFTAR_BIDI", "auto", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		unsetenv(rows[i].name);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		setenv(rows[i].name, rows[i].value, 1);
		assert_int_equal(terminal_is_visual(), rows[i].visual);
		unsetenv(rows[i].name);
	}
	setenv("VTE_VERSION", "7200", 1);
	setenv("DAFTAR_BIDI", "visual", 1);
	assert_true(terminal_is_visual());
	terminal_open(true);
	assert_false(terminal_is_visual());
	unsetenv("VTE_VERSION");
	unsetenv("DAFTAR_BIDI");
	terminal_open(false);
}

static int
in_utf8(void **state)
{
	(void)state;
	unsetenv("DAFTAR_PLAIN");
	return setlocale(LC_CTYPE, "C.UTF-8") != NULL ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(combining_marks_take_no_column_and_wide_characters_two),
		cmocka_unit_test(a_text_is_padded_and_clipped_by_columns),
		cmocka_unit_test(lines_are_folded_between_words),
		cmocka_unit_test(a_word_longer_than_the_line_stays_whole),
		cmocka_unit_test(numbers_and_commands_are_never_broken),
		cmocka_unit_test(nothing_is_aligned_for_a_screen_reader),
		cmocka_unit_test(marks_are_taken_out),
		cmocka_unit_test(arabic_is_turned_and_joined_and_stands_at_the_right),
		cmocka_unit_test(commands_stay_in_order_in_an_arabic_line),
		cmocka_unit_test(a_cell_keeps_its_place_and_its_own_order),
		cmocka_unit_test(an_arabic_name_in_an_english_line_does_not_move_the_rest),
		cmocka_unit_test(a_line_without_arabic_is_left_alone_in_arabic_too),
		cmocka_unit_test(what_a_terminal_obeys_is_shown_by_its_number),
		cmocka_unit_test(visual_order_is_for_terminals_without_bidi),
	};

	return cmocka_run_group_tests(tests, in_utf8, NULL);
}
