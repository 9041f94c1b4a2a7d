/* SPDX-License-Identifier: EUPL-1.2
 * What is read out of a command line, and which words may come next. */
#include "tests/unit/test.h"

#include "lib/completion.h"

enum { OPT_FILE, OPT_JSON, OPT_WAIT, OPT_ITEM, OPT_N };

static const struct option_row options[OPT_N] = {
	{"file", "PATH", "a file"},
	{"json", NULL, "for programs"},
	{"wait", "[=STATE]", "stay"},
	{"item", "ID", "may come again"},
};

static const struct command commands[] = {
	{"box", "", 0, 0, 0, BIT(OPT_WAIT), NULL, "", "shows the box", ""},
	{"box drop", "NUMBER...", 1, 9, BIT(OPT_ITEM), 0, NULL, "", "drops from it", ""},
	{"send", "NUMBER[/N] [now|later]", 1, 2, 0, 0, NULL, "", "sends", ""},
	{"key make", "", 0, 0, 0, 0, NULL, "", "makes a key", ""},
	{"key show", "", 0, 0, 0, 0, NULL, "", "shows it", ""},
};

static const struct command_table table = {
	.program = "tool",
	.option = options,
	.options = OPT_N,
	.command = commands,
	.commands = ARRAY_LEN(commands),
	.everywhere = BIT(OPT_JSON),
	.letter = {{'f', OPT_FILE}, {'j', OPT_JSON}},
};

/* ---- reading ---- */

static const char *value[OPT_N], *word[32], *list[2];
static size_t listed;
static struct typed_line line;

#define READ(...) read_all((char *[]){"tool", __VA_ARGS__, NULL})

static enum line_fault
read_all(char **argv)
{
	memset(value, 0, sizeof value);
	listed = 0;
	line = (struct typed_line){value, word, 0, OPT_ITEM, list, ARRAY_LEN(list), &listed, -1};
	return line_read(&table, argv, &line);
}

static void
an_option_stands_anywhere_and_its_value_behind_it_or_next(void **state)
{
	assert_int_equal(READ("send", "--file", "a", "7", "--json"), LINE_OK);
	assert_string_equal(value[OPT_FILE], "a");
	assert_string_equal(value[OPT_JSON], "");
	assert_int_equal(line.words, 2);
	assert_string_equal(word[1], "7");
	assert_int_equal(READ("--file=b=c", "-"), LINE_OK);
	assert_string_equal(value[OPT_FILE], "b=c");
	assert_string_equal(word[0], "-");
	assert_int_equal(READ("-fx", "-j"), LINE_OK);
	assert_string_equal(value[OPT_FILE], "x");
	assert_int_equal(READ("-f", "y"), LINE_OK);
	assert_string_equal(value[OPT_FILE], "y");
	assert_int_equal(READ("--file="), LINE_OK);
	assert_string_equal(value[OPT_FILE], "");
}

static void
a_value_that_may_be_left_out_is_never_the_next_word(void **state)
{
	assert_int_equal(READ("--wait", "box"), LINE_OK);
	assert_string_equal(value[OPT_WAIT], "");
	assert_string_equal(word[0], "box");
	assert_int_equal(READ("--wait=ended"), LINE_OK);
	assert_string_equal(value[OPT_WAIT], "ended");
}

static void
behind_two_dashes_everything_is_a_word(void **state)
{
	assert_int_equal(READ("--", "--json", "-f", "--"), LINE_OK);
	assert_null(value[OPT_JSON]);
	assert_int_equal(line.words, 3);
	assert_string_equal(word[2], "--");
}

static void
what_is_wrong_is_named_as_it_was_typed(void **state)
{
	static const struct {
		char *typed;
		enum line_fault fault;
		int option;
	} rows[] = {
		{"--nosuch=1", LINE_UNKNOWN, -1},
		{"--fil", LINE_UNKNOWN, -1},
		{"--=x", LINE_UNKNOWN, -1},
		{"-x", LINE_UNKNOWN, -1},
		{"-jx", LINE_UNKNOWN, -1},
		{"--json=1", LINE_NO_VALUE, OPT_JSON},
		{"--file", LINE_VALUE, OPT_FILE},
		{"-f", LINE_VALUE, OPT_FILE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(READ("send", rows[i].typed), rows[i].fault);
		assert_int_equal(line.option, rows[i].option);
		assert_string_equal(line.typed, rows[i].typed);
	}
}

static void
an_option_that_comes_again_is_kept_while_there_is_room(void **state)
{
	assert_int_equal(READ("--item", "a", "--item=b"), LINE_OK);
	assert_int_equal(listed, 2);
	assert_string_equal(list[0], "a");
	assert_string_equal(list[1], "b");
	assert_int_equal(READ("--item", "a", "--item=b", "--item", "c"), LINE_TOO_OFTEN);
	assert_int_equal(listed, 2);
}

static void
a_command_takes_its_options_and_those_of_all(void **state)
{
	assert_int_equal(READ("--json", "--wait"), LINE_OK);
	assert_int_equal(line_check(&table, &commands[0], &line), LINE_OK);
	assert_int_equal(line_check(&table, &commands[1], &line), LINE_NOT_HERE);
	assert_int_equal(line.option, OPT_WAIT);
	assert_int_equal(READ("--json"), LINE_OK);
	assert_int_equal(line_check(&table, &commands[1], &line), LINE_MISSING);
	assert_int_equal(line.option, OPT_ITEM);
}

static void
two_words_name_a_command_before_one_does(void **state)
{
	const char *drop[] = {"box", "drop"}, *box[] = {"box", "7"}, *none[] = {"key", "7"};
	int used;

	assert_ptr_equal(command_find(&table, drop, 2, &used), &commands[1]);
	assert_int_equal(used, 2);
	assert_ptr_equal(command_find(&table, box, 2, &used), &commands[0]);
	assert_int_equal(used, 1);
	assert_null(command_find(&table, none, 2, &used));
	assert_null(command_find(&table, none, 0, &used));
	assert_true(command_is_beginning(&table, "key"));
	assert_false(command_is_beginning(&table, "send"));
	assert_false(command_is_beginning(&table, "ke"));
}

/* ---- completion ---- */

static void
offer_value(struct completion *t, int option, const struct command *c)
{
	static const char *const ids[] = {"one", "two", NULL};

	if (option == OPT_FILE)
		completion_files(t);
	else
		completion_offer_list(t, ids);
}

static void
offer_argument(struct completion *t, const struct command *c, const char *what)
{
	completion_offer(t, strcmp(what, "NUMBER") == 0 ? "4711" : what, "");
}

static void
offer_help(struct completion *t)
{
	completion_offer(t, "dates", "a topic");
}

static void
assert_next(const char *const *typed, int n, const char *expected)
{
	const char *given[OPT_N] = {NULL};
	OWNED_BUF(out) = {0};
	struct completion t = {.table = &table,
		.word = typed,
		.n = n,
		.value = given,
		.out = &out,
		.offer_value = offer_value,
		.offer_argument = offer_argument,
		.offer_help = offer_help};

	completion_next(&t);
	buf_u8(&out, '\0');
	assert_string_equal((char *)out.data, expected);
}

#define NEXT(expected, ...)                                                                        \
	assert_next((const char *const[]){__VA_ARGS__},                                            \
		(int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)), expected)

static void
words_that_fit_come_next(void **state)
{
	NEXT("box\tshows the box\nsend\tsends\nkey\t\nhelp\t\n", "");
	NEXT("key\t\n", "--file", "a", "k");
	NEXT("make\tmakes a key\nshow\tshows it\n", "key", "");
	NEXT("drop\tdrops from it\n", "box", "");
	NEXT("4711\t\n", "send", "");
	NEXT("now\t\nlater\t\n", "send", "4711", "");
	NEXT("", "send", "4711", "now", "");
	NEXT("4711\t\n", "box", "drop", "1", "2", "");
	NEXT("dates\ta topic\n", "help", "d");
	NEXT("show\tshows it\n", "help", "key", "s");
}

static void
options_and_their_values_come_next(void **state)
{
	NEXT("--json\tfor programs\n", "send", "--");
	NEXT("--json\tfor programs\n--wait\tstay\n", "box", "--");
	NEXT("@files\n", "send", "--file", "");
	NEXT("@files\n", "-f", "");
	NEXT("one\t\ntwo\t\n", "box", "drop", "--item", "");
	NEXT("drop\tdrops from it\n", "box", "--wait", ""); /* its value is in the same word */
}

static void
a_shell_is_told_whom_to_ask(void **state)
{
	static const char *const shells[] = {"bash", "zsh", "fish"};

	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		OWNED_BUF(out) = {0};

		assert_true(completion_script("tool", shells[i], &out));
		buf_u8(&out, '\0');
		assert_non_null(strstr((char *)out.data, "tool completion next -- "));
		assert_non_null(strstr((char *)out.data, "@files"));
	}
	OWNED_BUF(none) = {0};
	assert_false(completion_script("tool", "tcsh", &none));
	assert_int_equal(none.size, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_option_stands_anywhere_and_its_value_behind_it_or_next),
		cmocka_unit_test(a_value_that_may_be_left_out_is_never_the_next_word),
		cmocka_unit_test(behind_two_dashes_everything_is_a_word),
		cmocka_unit_test(what_is_wrong_is_named_as_it_was_typed),
		cmocka_unit_test(an_option_that_comes_again_is_kept_while_there_is_room),
		cmocka_unit_test(a_command_takes_its_options_and_those_of_all),
		cmocka_unit_test(two_words_name_a_command_before_one_does),
		cmocka_unit_test(words_that_fit_come_next),
		cmocka_unit_test(options_and_their_values_come_next),
		cmocka_unit_test(a_shell_is_told_whom_to_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
