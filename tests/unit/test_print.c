/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a registrar's terminal is shown of a text from abroad, and how her command line is read. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "adapters/commands.h"

static void
text_cannot_move_the_cursor_or_turn_round(void **state)
{
	static const char *const cases[][2] = {
		{"Hodan Abdi", "Hodan Abdi"},
		{"\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d", "\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d"},
		{"\xd9\x87\xd9\x88\xd8\xaf\xd9\x86", "\xd9\x87\xd9\x88\xd8\xaf\xd9\x86"},
		{"\xf0\x9f\x91\xb6", "\xf0\x9f\x91\xb6"},
		{"a\x1b[2Jb", "a<U+001B>[2Jb"},
		{"a\rb\nc\td", "a<U+000D>b<U+000A>c<U+0009>d"},
		{"a\x7f", "a<U+007F>"},
		{"\xc2\x9b"
		 "31m",
			"<U+009B>31m"},
		{"\xe2\x80\xae"
		 "abc",
			"<U+202E>abc"},
		{"\xe2\x81\xa6x\xe2\x81\xa9", "<U+2066>x<U+2069>"},
		{"\xe2\x80\x8b\xef\xbb\xbf", "<U+200B><U+FEFF>"},
		{"\x9b\x31m", "<U+0080>1m"},
		{"\xe2\x80", "<U+0080><U+0080>"},
		{"\xc0\x9b", "<U+0080><U+0080>"},
		{"", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *shown = NULL;
		size_t size;
		FILE *out = open_memstream(&shown, &size);

		assert_non_null(out);
		print_safe(out, cases[i][0]);
		fclose(out);
		assert_string_equal(shown, cases[i][1]);
		free(shown);
	}
}

static enum err
parse(struct command_line *l, const char *a, const char *b, const char *c, const char *d)
{
	const char *argv[] = {"daftar-adapter", a, b, c, d};
	int argc = 1;

	while (argc < 5 && argv[argc] != NULL)
		argc++;
	return command_parse(argc, (char **)argv, l);
}

static void
command_line_is_read(void **state)
{
	struct command_line l;

	assert_int_equal(parse(&l, NULL, NULL, NULL, NULL), E_OK);
	assert_null(l.command);
	assert_int_equal(parse(&l, "transcribe", "ID", "--entry-number", "17"), E_OK);
	assert_string_equal(l.id, "ID");
	assert_string_equal(l.value[OPT_ENTRY_NUMBER], "17");
	assert_int_equal(parse(&l, "-c", "file", "inbox", "--all"), E_OK);
	assert_string_equal(l.value[OPT_CONFIG], "file");
	assert_non_null(l.value[OPT_ALL]);
}

static void
wrong_command_line_is_refused(void **state)
{
	static const char *const wrong[][4] = {
		{"frobnicate"},
		{"--frobnicate"},
		{"show"},
		{"show", "ID", "more"},
		{"inbox", "ID"},
		{"inbox", "--code", "L04"},
		{"refuse", "ID", "--code"},
		{"-c"},
	};
	struct command_line l;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(
			parse(&l, wrong[i][0], wrong[i][1], wrong[i][2], wrong[i][3]), E_USAGE);
}

static void
exit_status_tells_what_to_do(void **state)
{
	assert_int_equal(exit_status(E_OK), 0);
	assert_int_equal(exit_status(E_LOCKED), 1);
	assert_int_equal(exit_status(E_USAGE), 2);
	assert_int_equal(exit_status(E_UNREACHABLE), 3);
	assert_int_equal(exit_status(E_CONFIG), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_cannot_move_the_cursor_or_turn_round),
		cmocka_unit_test(command_line_is_read),
		cmocka_unit_test(wrong_command_line_is_refused),
		cmocka_unit_test(exit_status_tells_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
