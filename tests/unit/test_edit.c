/* SPDX-License-Identifier: EUPL-1.2
 *
 * The line that a person types: characters are erased whole, and what a terminal would obey never
 * gets into an answer. */
#include "liaison/edit.h"

#include <locale.h>
#include <string.h>

#include "tests/unit/test.h"

static bool
is_hostile(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e);
}

/* The event of the last octet that had one. */
static enum edit_event
type(struct edit *e, const char *octets)
{
	enum edit_event last = EDIT_NOTHING, now;

	for (; *octets != '\0'; octets++) {
		now = edit_octet(e, (uint8_t)*octets);
		if (now != EDIT_NOTHING)
			last = now;
	}
	return last;
}

#define EDIT(name) __attribute__((cleanup(edit_free))) struct edit name = {.hostile = is_hostile}
#define holds(e, wanted)                                                                           \
	assert_string_equal((e)->text.data == NULL ? "" : (char *)(e)->text.data, wanted)

static void
what_is_typed_is_the_text(void **state)
{
	EDIT(e);

	(void)state;
	assert_int_equal(type(&e, "Hodan"), EDIT_CHANGED);
	assert_int_equal(type(&e, "\r"), EDIT_ENTER);
	holds(&e, "Hodan");
}

static void
backspace_erases_a_character_however_many_octets_it_has(void **state)
{
	EDIT(e);

	(void)state;
	(void)type(&e, "aé\u0623\u1200\U0001f600");
	(void)type(&e, "\x7f");
	holds(&e, "aé\u0623\u1200");
	(void)type(&e, "\x7f\b");
	holds(&e, "aé");
	assert_int_equal(type(&e, "\x7f\x7f\x7f"), EDIT_CHANGED);
	holds(&e, "");
	assert_int_equal(type(&e, "\x7f"), EDIT_NOTHING);
}

static void
the_cursor_moves_by_characters(void **state)
{
	EDIT(e);

	(void)state;
	(void)type(&e, "نور\033[D\033[D-");
	holds(&e, "ن-ور");
	(void)type(&e, "\033[3~");
	holds(&e, "ن-ر");
	(void)type(&e, "\001x\005y");
	holds(&e, "xن-رy");
	(void)type(&e, "\033[H\033[C\033[C|");
	holds(&e, "xن|-رy");
}

static void
a_word_or_the_line_is_erased_at_once(void **state)
{
	EDIT(e);

	(void)state;
	(void)type(&e, "Hodan Abdi Warsame \x17");
	holds(&e, "Hodan Abdi ");
	(void)type(&e, "\x15");
	holds(&e, "");
}

static void
a_line_with_what_a_terminal_obeys_is_refused_whole(void **state)
{
	EDIT(e);

	(void)state;
	assert_int_equal(type(&e, "Ho\u202edan\r"), EDIT_REFUSED);
	assert_int_equal(e.refused, 0x202e);
	holds(&e, "");
	e.refused = 0;
	assert_int_equal(type(&e, "\xc2\x9b"
				  "31m\r"),
		EDIT_REFUSED);
	assert_int_equal(e.refused, 0x9b);
}

static void
octets_that_are_no_utf8_are_refused(void **state)
{
	static const char *const bad[] = {
		"\xff", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\x80"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		EDIT(e);

		(void)type(&e, bad[i]);
		assert_int_equal(type(&e, "a\r"), EDIT_REFUSED);
		assert_int_equal(e.refused, 0xfffd);
	}
}

static void
a_paste_is_taken_whole_or_not_at_all(void **state)
{
	EDIT(e);

	(void)state;
	assert_int_equal(type(&e, "ab\033[200~cd\033[201~e"), EDIT_CHANGED);
	holds(&e, "abcde");
	assert_int_equal(type(&e, "\033[200~x\u202ey\033[201~"), EDIT_REFUSED);
	assert_int_equal(e.refused, 0x202e);
	holds(&e, "abcde");
}

static void
a_paste_of_several_lines_answers_nothing(void **state)
{
	EDIT(e);

	(void)state;
	assert_int_not_equal(type(&e, "\033[200~one\rtwo\r"), EDIT_ENTER);
	assert_int_equal(type(&e, "\033[201~"), EDIT_REFUSED);
	assert_int_equal(e.refused, '\n');
	holds(&e, "");
}

static void
a_pasted_escape_sequence_does_nothing(void **state)
{
	static const char *const bad[] = {"\033[2J", "\033]0;title\007", "\033[A", "\x03", "\x04"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		EDIT(e);

		(void)type(&e, "\033[200~a");
		(void)type(&e, bad[i]);
		assert_int_equal(type(&e, "\033[201~"), EDIT_REFUSED);
		holds(&e, "");
	}
}

static void
unknown_keys_type_nothing(void **state)
{
	EDIT(e);

	(void)state;
	assert_int_equal(type(&e, "\033[15~\033OP\033[1;5C\x0e\x0f"), EDIT_NOTHING);
	holds(&e, "");
	/* Esc alone, then a letter */
	(void)type(&e, "\033x");
	holds(&e, "x");
	/* no end of a sequence is waited for for ever */
	(void)type(&e, "\033[11111111111111111111111111");
	assert_int_equal(type(&e, "\r"), EDIT_REFUSED);
}

static void
control_keys_end_the_line(void **state)
{
	EDIT(e);

	(void)state;
	assert_int_equal(type(&e, "\x04"), EDIT_END);
	assert_int_equal(type(&e, "a\x03"), EDIT_INTERRUPT);
	assert_int_equal(edit_octet(&e, 4), EDIT_NOTHING);
	assert_int_equal(type(&e, "\x1a"), EDIT_SUSPEND);
	assert_int_equal(type(&e, "\033[A"), EDIT_RECALL);
}

static void
an_answer_has_an_end(void **state)
{
	EDIT(e);

	(void)state;
	for (size_t i = 0; i < EDIT_MAX + 100; i++)
		(void)!edit_octet(&e, 'a');
	assert_int_equal(e.text.size, EDIT_MAX);
}

static void
a_long_line_is_shown_around_the_cursor(void **state)
{
	OWNED_BUF(shown) = {0};
	EDIT(e);

	(void)state;
	(void)type(&e, "Hodan Abdi Warsame");
	assert_int_equal(edit_show(&e, 80, &shown), 18);
	assert_string_equal((char *)shown.data, "Hodan Abdi Warsame");
	for (size_t columns = 1; columns < 18; columns++) {
		buf_reset(&shown);
		assert_true(edit_show(&e, columns, &shown) < columns);
		assert_true(
			shown.size == 0 || edit_width((char *)shown.data, shown.size) < columns);
	}
	(void)type(&e, "\001");
	buf_reset(&shown);
	assert_int_equal(edit_show(&e, 6, &shown), 0);
	assert_string_equal((char *)shown.data, "Hodan");
}

static void
any_octets_leave_a_text_that_is_utf8(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		EDIT(e);
		OWNED_BUF(shown) = {0};

		for (int i = 0; i < 60; i++) {
			seed = seed * 1664525 + 1013904223;
			(void)!edit_octet(&e, (uint8_t)(seed >> 24));
			assert_true(e.at <= e.text.size);
			assert_true(e.at == e.text.size || (e.text.data[e.at] & 0xc0) != 0x80);
			assert_true(e.text.size == 0 ||
				    mbstowcs(NULL, (char *)e.text.data, 0) != (size_t)-1);
		}
		(void)edit_show(&e, seed % 30, &shown);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_is_the_text),
		cmocka_unit_test(backspace_erases_a_character_however_many_octets_it_has),
		cmocka_unit_test(the_cursor_moves_by_characters),
		cmocka_unit_test(a_word_or_the_line_is_erased_at_once),
		cmocka_unit_test(a_line_with_what_a_terminal_obeys_is_refused_whole),
		cmocka_unit_test(octets_that_are_no_utf8_are_refused),
		cmocka_unit_test(a_paste_is_taken_whole_or_not_at_all),
		cmocka_unit_test(a_paste_of_several_lines_answers_nothing),
		cmocka_unit_test(a_pasted_escape_sequence_does_nothing),
		cmocka_unit_test(unknown_keys_type_nothing),
		cmocka_unit_test(control_keys_end_the_line),
		cmocka_unit_test(an_answer_has_an_end),
		cmocka_unit_test(a_long_line_is_shown_around_the_cursor),
		cmocka_unit_test(any_octets_leave_a_text_that_is_utf8),
	};

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		die("no C.UTF-8 locale");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
