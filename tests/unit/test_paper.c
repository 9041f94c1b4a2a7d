/* SPDX-License-Identifier: EUPL-1.2
 *
 * Forms on paper: the code that ties a sheet to its document, and what stands on it. That the code
 * is read by a reader that is not ours, and the letters by another, is in
 * tests/scenario/print.bats. */
#include "lib/paper.h"
#include "tests/unit/test.h"

#define NUMBER "DFT-7Q2K-M9XA-"

static const struct digest some = {{0x4f, 0x1c, 0x9b, 0x20, 0xff}};

static void
a_number(char out[TRACKING_SIZE])
{
	struct id id = id_new();

	tracking_of(&id, out);
}

static void
a_code_is_read_again(void **state)
{
	char number[TRACKING_SIZE], code[PAPER_CODE_SIZE], again[TRACKING_SIZE];
	struct digest d;

	for (int i = 0; i < 200; i++) {
		a_number(number);
		paper_code(number, &some, code);
		assert_memory_equal(code, "DFT1:", 5);
		assert_int_equal(paper_code_read(code, again, &d), E_OK);
		assert_string_equal(again, number);
		assert_true(digest_equal(&d, &some));
	}
}

/* A reader, or a person, that takes one character for another is told. */
static void
a_misread_character_is_told(void **state)
{
	char number[TRACKING_SIZE], code[PAPER_CODE_SIZE], again[TRACKING_SIZE];
	struct digest d;

	a_number(number);
	paper_code(number, &some, code);
	for (size_t i = 0; code[i] != '\0'; i++) {
		char kept = code[i];

		for (const char *other = "0A7:-Z"; *other != '\0'; other++) {
			if (*other == kept)
				continue;
			code[i] = *other;
			assert_int_not_equal(paper_code_read(code, again, &d), E_OK);
		}
		code[i] = kept;
	}
	code[strlen(code) - 1] = '\0';
	assert_int_equal(paper_code_read(code, again, &d), E_INPUT);
	assert_int_equal(paper_code_read("", again, &d), E_INPUT);
	assert_int_equal(paper_code_read("DFT1:::", again, &d), E_INPUT);
}

static void
every_heading_has_the_three_languages(void **state)
{
	static const char *const fields[] = {
#define WORD(code, ...) code,
#include "lib/paper_words.def"
#undef WORD
	};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		for (enum paper_language l = PAPER_EN; l <= PAPER_AR; l++)
			assert_true(paper_word(fields[i], l)[0] != '\0');
}

static void
sheet(struct paper *p, enum paper_language first, enum paper_language second)
{
	char number[TRACKING_SIZE];

	a_number(number);
	p->first = first;
	p->second = second;
	paper_begin(p, "title-request", number, &some);
}

static void
a_sheet_is_a_pdf_and_every_letter_has_a_shape(void **state)
{
	OWNED_PAPER(p);
	OWNED_BUF(pdf) = {0};
	size_t unknown = 99;

	sheet(&p, PAPER_AR, PAPER_FR);
	paper_add(&p, "name", "هودن عبدي ورسمه\nሰላም ተስፋዬ\nHodan Cabdi Warsame");
	paper_add(&p, "mother", "");
	assert_int_equal(paper_pdf(&p, &pdf, &unknown), E_OK);
	assert_int_equal(unknown, 0);
	assert_memory_equal(pdf.data, "%PDF-", 5);
}

static void
a_letter_without_a_shape_is_counted(void **state)
{
	OWNED_PAPER(p);
	OWNED_BUF(pdf) = {0};
	size_t unknown = 0;

	sheet(&p, PAPER_EN, PAPER_FR);
	paper_add(&p, "name", "\xf3\xb0\x80\x80"); /* private use */
	assert_int_equal(paper_pdf(&p, &pdf, &unknown), E_OK);
	assert_true(unknown > 0);
}

/* Markup of pango's own language in a name is letters. */
static void
markup_in_a_value_is_text(void **state)
{
	OWNED_PAPER(p);
	OWNED_BUF(pdf) = {0};
	size_t unknown = 0;

	sheet(&p, PAPER_EN, PAPER_EN);
	paper_add(&p, "name", "<b>&amp;</span> <u");
	assert_int_equal(paper_pdf(&p, &pdf, &unknown), E_OK);
	assert_int_equal(unknown, 0);
}

static void
more_rows_than_a_page_holds_go_on_the_next(void **state)
{
	OWNED_PAPER(p);
	OWNED_BUF(one) = {0};
	OWNED_BUF(many) = {0};
	size_t unknown;

	sheet(&p, PAPER_EN, PAPER_AR);
	paper_add(&p, "name", "A");
	assert_int_equal(paper_pdf(&p, &one, &unknown), E_OK);
	for (int i = 0; i < PAPER_ROWS + 5; i++)
		paper_add(&p, "name", "A\nB\nC\nD\nE");
	assert_int_equal(p.rows, PAPER_ROWS);
	assert_int_equal(paper_pdf(&p, &many, &unknown), E_OK);
	assert_non_null(memmem(one.data, one.size, "/Count 1", 8));
	assert_null(memmem(many.data, many.size, "/Count 1\n", 9));
}

static void
a_date_keeps_its_words_and_shows_its_day(void **state)
{
	const struct record_date d = {"2023-09-11", "ethiopic", "ጳጉሜን 6 2015", "document"};
	OWNED_PAPER(p);

	sheet(&p, PAPER_EN, PAPER_FR);
	paper_add_date(&p, "birth-date", &d);
	assert_string_equal(p.row[0].value, "ጳጉሜን 6 2015 (ethiopic)\nJo 11  Mo 09  An 2023");
	paper_add_date(&p, "birth-date", NULL);
	assert_string_equal(p.row[1].value, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_read_again),
		cmocka_unit_test(a_misread_character_is_told),
		cmocka_unit_test(every_heading_has_the_three_languages),
		cmocka_unit_test(a_sheet_is_a_pdf_and_every_letter_has_a_shape),
		cmocka_unit_test(a_letter_without_a_shape_is_counted),
		cmocka_unit_test(markup_in_a_value_is_text),
		cmocka_unit_test(more_rows_than_a_page_holds_go_on_the_next),
		cmocka_unit_test(a_date_keeps_its_words_and_shows_its_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
