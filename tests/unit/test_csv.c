/* SPDX-License-Identifier: EUPL-1.2
 *
 * Comma-separated values: what is read is what was written, lines are those of an editor, and what
 * is no RFC 4180 ends the reading before a column can shift. */
#include "tests/unit/test.h"

#include "lib/csv.h"

static void
open_text(struct csv *c, const char *text, const char *separators)
{
	struct buf b = {0};

	buf_text(&b, text);
	csv_open(c, &b, separators);
}

static void
cells_are_as_they_were_written(void **state)
{
	static const char *const cells[] = {"", "plain", "a,b", "a\"b", "two\nlines",
		"two\r\nlines", "=1+1", "+254", "-5", "@SUM", "'", "'=x", "'Abd", "\tx",
		"\xd8\xa2\xd9\x85"};
	struct buf b = {0};
	struct csv c;

	(void)state;
	csv_cell(&b, "row");
	for (size_t i = 1; i < ARRAY_LEN(cells); i++)
		csv_cell(&b, "h");
	csv_end(&b);
	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		csv_cell(&b, cells[i]);
	csv_end(&b);
	csv_open(&c, &b, ",");
	assert_true(csv_record(&c));
	assert_int_equal(c.n, ARRAY_LEN(cells));
	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		assert_string_equal(c.cell[i], cells[i]);
	assert_false(csv_record(&c));
	assert_null(c.fault.what);
	csv_close(&c);
}

static void
no_spreadsheet_computes_a_cell(void **state)
{
	static const char *const hostile[] = {
		"=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		OWNED_BUF(b) = {0};

		csv_cell(&b, hostile[i]);
		assert_memory_equal(b.data, "\"'", 2);
	}
}

static void
lines_are_those_of_an_editor(void **state)
{
	struct csv c;

	(void)state;
	open_text(&c,
		"\xef\xbb\xbf"
		"a,b\r\n1,\"x\r\ny\nz\"\r\n\r\n\n2,\"\"\r3,4",
		",");
	assert_true(c.marked);
	assert_string_equal(c.header[0], "a");
	assert_true(csv_record(&c));
	assert_int_equal(c.began, 2);
	assert_string_equal(c.cell[1], "x\r\ny\nz");
	assert_true(csv_record(&c));
	assert_int_equal(c.began, 7);
	assert_true(csv_record(&c));
	assert_int_equal(c.began, 8);
	assert_string_equal(c.cell[1], "4");
	assert_false(csv_record(&c));
	csv_close(&c);
}

static void
separator_is_found(void **state)
{
	static const struct {
		const char *text;
		char separator;
		size_t columns, line;
	} rows[] = {
		{"a;b;c\n1;2;3\n", ';', 3, 2},
		{"a\tb\n1\t2\n", '\t', 2, 2},
		{"a\n1\n", ',', 1, 2},
		{"\"a;;;\",b\n1,2\n", ',', 2, 2},
		{"sep=;\r\na,x;b\r\n1;2\r\n", ';', 2, 3},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct csv c;

		open_text(&c, rows[i].text, ",;\t");
		assert_int_equal(c.separator, rows[i].separator);
		assert_int_equal(c.columns, rows[i].columns);
		assert_true(csv_record(&c));
		assert_int_equal(c.began, rows[i].line);
		assert_int_equal(c.n, rows[i].columns);
		csv_close(&c);
	}
}

static void
adapters_know_commas_only(void **state)
{
	struct csv c;

	(void)state;
	open_text(&c, "a;b;c\n", ",");
	assert_int_equal(c.columns, 1);
	csv_close(&c);
}

static void
what_is_no_csv_ends_it_with_its_line(void **state)
{
	static const struct {
		const char *text;
		size_t line;
	} rows[] = {
		{"a,b\n1,2\n3,\"open\n4,5\n6,7\n", 3},
		{"a,b\n1,x\"y\n", 2},
		{"a,b\n\"1\"x,2\n", 2},
		{"a,b\n\n\"1\n\"x,2\n", 4},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct csv c;

		open_text(&c, rows[i].text, ",");
		while (csv_record(&c))
			;
		assert_non_null(c.fault.what);
		assert_int_equal(c.fault.line, rows[i].line);
		assert_false(csv_record(&c));
		csv_close(&c);
	}
}

static void
there_is_a_most_of_columns(void **state)
{
	struct buf b = {0};
	struct csv c;

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		buf_text(&b, "x,");
	csv_open(&c, &b, ",;\t");
	assert_non_null(c.fault.what);
	assert_false(csv_record(&c));
	csv_close(&c);
}

static void
record_of_another_length_says_so(void **state)
{
	struct csv c;

	(void)state;
	open_text(&c, "a,b\n1\n1,2,3\n", ",");
	assert_true(csv_record(&c));
	assert_int_equal(c.n, 1);
	assert_true(csv_record(&c));
	assert_int_equal(c.n, 3);
	csv_close(&c);
}

static void
nothing_at_all_is_nothing(void **state)
{
	struct csv c;

	(void)state;
	open_text(&c, "", ",;\t");
	assert_false(csv_record(&c));
	csv_close(&c);
}

static void
text_that_is_not_utf8_is_told_by_line_and_column(void **state)
{
	static const struct {
		struct bytes text;
		size_t line, column;
		const char *word;
	} rows[] = {
#define TEXT(s) {(const uint8_t *)(s), sizeof(s) - 1}
		{TEXT("a,b\r\n\xc3\xa9,Andr\xe9\r\n"), 2, 7, "Latin-1"},
		{TEXT("\xff\xfe"
		      "a\0,\0"),
			1, 1, "UTF-16"},
		{TEXT("a\0,\0b\0"), 1, 2, "UTF-16"},
		{TEXT("a,b\n1,\0\n"), 2, 3, "NUL"},
		{TEXT("a\xed\xa0\x80"), 1, 2, "UTF-8"},
#undef TEXT
	};
	struct csv_fault f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_false(csv_text_ok(rows[i].text, &f));
		assert_int_equal(f.line, rows[i].line);
		assert_int_equal(f.column, rows[i].column);
		assert_non_null(strstr(f.what, rows[i].word));
	}
	assert_true(csv_text_ok(bytes_of("\xef\xbb\xbf"
					 "a",
					4),
		&f));
	assert_true(csv_text_ok(bytes_of(NULL, 0), &f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_as_they_were_written),
		cmocka_unit_test(no_spreadsheet_computes_a_cell),
		cmocka_unit_test(lines_are_those_of_an_editor),
		cmocka_unit_test(separator_is_found),
		cmocka_unit_test(adapters_know_commas_only),
		cmocka_unit_test(what_is_no_csv_ends_it_with_its_line),
		cmocka_unit_test(there_is_a_most_of_columns),
		cmocka_unit_test(record_of_another_length_says_so),
		cmocka_unit_test(nothing_at_all_is_nothing),
		cmocka_unit_test(text_that_is_not_utf8_is_told_by_line_and_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
