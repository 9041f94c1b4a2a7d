/* SPDX-License-Identifier: EUPL-1.2
 *
 * The full screen without a terminal: what keys do, what is asked first, and what the lines hold.
 */
#include <locale.h>
#include <stdlib.h>

#include "liaison/terminal.h"
#include "liaison/tui.h"

#include "tests/unit/test.h" /* last: it takes the word `fail' for its own */

#define ROWS 14

struct full {
	struct tui t;
	struct tui_line line[200];
	int rows;
};

static struct tui_item
item(const char *number, enum tui_part part, int64_t due, size_t at)
{
	struct tui_item e = {.part = part, .state = "sent", .due = due, .at = at};

	strcpy(e.number, number);
	strcpy(e.to, "KE.CRS");
	strcpy(e.destination, "SO.NIRA");
	return e;
}

static void
give_items(struct tui *t, const struct tui_item *from, size_t n)
{
	struct tui_item *items = xcalloc(n, sizeof *items);

	memcpy(items, from, n * sizeof *items);
	tui_set_items(t, &items, n);
	assert_null(items);
}

static void
give_out(struct tui *t, const char *no_drop)
{
	struct tui_out *out = xcalloc(1, sizeof *out);

	strcpy(out->number, "DFT-0000-0003-3");
	strcpy(out->to, "KE.CRS");
	out->word = "waiting";
	out->action = "TranscriptionRequest";
	out->no_drop = no_drop;
	tui_set_outbox(t, &out, 1);
}

static int
setup(void **state)
{
	struct full *g = xcalloc(1, sizeof *g);
	const struct tui_item items[] = {item("DFT-0000-0001-1", PART_FINISHED, 0, 0),
		item("DFT-0000-0002-2", PART_DUE, 2000, 1),
		item("DFT-0000-0003-3", PART_DUE, 1000, 2),
		item("DFT-7Q2K-M9XA-P", PART_DECIDE, 0, 3)};

	strcpy(g->t.title, "UNHCR.NBO  demo");
	give_items(&g->t, items, ARRAY_LEN(items));
	*state = g;
	return 0;
}

static int
teardown(void **state)
{
	struct full *g = *state;

	tui_lines_free(g->line, g->rows);
	tui_free(&g->t);
	free(g);
	return 0;
}

static void
draw(struct full *g, int columns, int rows)
{
	tui_lines_free(g->line, g->rows);
	g->rows = rows;
	tui_draw(&g->t, columns, rows, g->line);
	for (int i = 0; i < rows; i++)
		if (g->line[i].text != NULL)
			assert_true(text_columns(g->line[i].text) <= (size_t)columns);
}

static bool
shows(const struct full *g, const char *text)
{
	for (int i = 0; i < g->rows; i++)
		if (g->line[i].text != NULL && strstr(g->line[i].text, text) != NULL)
			return true;
	return false;
}

static enum tui_want
press(struct full *g, enum tui_key key)
{
	return tui_press(&g->t, (struct tui_press){.key = key});
}

static enum tui_want
type(struct full *g, const char *text)
{
	enum tui_want want = WANT_NOTHING;

	for (; *text != '\0'; text++)
		want = tui_press(&g->t, (struct tui_press){KEY_IS_CHAR, (uint32_t)*text});
	return want;
}

static const char *
selected(const struct full *g)
{
	return g->t.item[g->t.at_item].number;
}

/* ---- the queue ---- */

static void
what_waits_for_this_office_comes_first(void **state)
{
	struct full *g = *state;

	assert_string_equal(g->t.item[0].number, "DFT-7Q2K-M9XA-P");
	assert_string_equal(g->t.item[1].number, "DFT-0000-0003-3"); /* due before the next */
	assert_string_equal(g->t.item[2].number, "DFT-0000-0002-2");
	assert_int_equal(g->t.item[3].part, PART_FINISHED);
}

static void
selection_stays_with_its_case(void **state)
{
	struct full *g = *state;
	const struct tui_item fewer[] = {item("DFT-0000-0002-2", PART_WAITING, 0, 0),
		item("DFT-0000-0009-9", PART_WAITING, 0, 1)};

	press(g, KEY_IS_END);
	press(g, KEY_IS_UP);
	assert_string_equal(selected(g), "DFT-0000-0002-2");
	give_items(&g->t, fewer, 2);
	assert_string_equal(selected(g), "DFT-0000-0002-2");
	press(g, KEY_IS_PAGE_DOWN);
	assert_string_equal(selected(g), "DFT-0000-0009-9");
	give_items(&g->t, fewer, 1);
	assert_string_equal(selected(g), "DFT-0000-0002-2");
	give_items(&g->t, fewer, 0);
	press(g, KEY_IS_DOWN);
	assert_int_equal(press(g, KEY_IS_ENTER), WANT_NOTHING);
	draw(g, 80, ROWS);
	assert_true(shows(g, "no case yet"));
}

static void
selected_row_is_always_shown(void **state)
{
	struct full *g = *state;
	struct tui_item *many = xcalloc(300, sizeof *many);

	for (size_t i = 0; i < 300; i++) {
		char number[TRACKING_SIZE];

		snprintf(number, sizeof number, "DFT-0000-%04zu-0", i);
		many[i] = item(number, i < 100 ? PART_WAITING : PART_FINISHED, 0, i);
	}
	tui_set_items(&g->t, &many, 300);
	for (int i = 0; i < 320; i++) {
		draw(g, 80, TUI_ROWS);
		assert_true(shows(g, selected(g)));
		press(g, KEY_IS_DOWN);
	}
	press(g, KEY_IS_HOME);
	draw(g, 80, TUI_ROWS);
	assert_true(shows(g, selected(g)));
	assert_true(shows(g, "(100)"));
}

static void
number_is_found_in_any_spelling(void **state)
{
	struct full *g = *state;

	press(g, KEY_IS_END);
	type(g, "/");
	assert_int_equal(type(g, "7q2km"), WANT_NOTHING); /* q does not quit here */
	assert_string_equal(selected(g), "DFT-7Q2K-M9XA-P");
	type(g, "zzz");
	assert_true(g->t.said.size > 0);
	assert_string_equal(selected(g), "DFT-7Q2K-M9XA-P");
	for (int i = 0; i < 40; i++)
		type(g, "9");
	for (int i = 0; i < 40; i++)
		press(g, KEY_IS_BACKSPACE);
	press(g, KEY_IS_ESC);
	assert_int_equal(type(g, "q"), WANT_QUIT);
}

/* ---- a case ---- */

static void
particulars_are_shown_on_a_key_and_do_not_stay(void **state)
{
	struct full *g = *state;

	assert_int_equal(press(g, KEY_IS_ENTER), WANT_CASE);
	assert_false(g->t.personal);
	assert_int_equal(type(g, "p"), WANT_CASE);
	assert_true(g->t.personal);
	tui_set_text(&g->t, bytes_of("name: Hodan\n", 12));
	draw(g, 80, ROWS);
	assert_true(shows(g, "Hodan"));
	press(g, KEY_IS_ESC);
	assert_false(g->t.personal);
	assert_int_equal(g->t.text.size, 0);
	draw(g, 80, ROWS);
	assert_false(shows(g, "Hodan"));
	press(g, KEY_IS_ENTER);
	assert_false(g->t.personal);
	type(g, "p");
	type(g, "?"); /* nor through help */
	assert_false(g->t.personal);
	assert_int_equal(g->t.text.size, 0);
}

static void
long_lines_are_folded_and_scrolled(void **state)
{
	struct full *g = *state;
	static const char text[] =
		"first\nthis sentence is a good deal longer than a screen of forty "
		"columns can hold in a row\nWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
		"WWWWWWWWWWWWW\nlast\n";

	press(g, KEY_IS_ENTER);
	tui_set_text(&g->t, bytes_of(text, strlen(text)));
	draw(g, 40, 20);
	assert_true(shows(g, "first"));
	assert_true(shows(g, "in a row"));
	assert_true(shows(g, "last"));
	for (int i = 0; i < 50; i++)
		press(g, KEY_IS_DOWN);
	press(g, KEY_IS_UP);
	draw(g, 40, 20);
	assert_false(shows(g, "first"));
	assert_true(shows(g, "last"));
}

/* ---- what changes something ---- */

static void
nothing_is_changed_without_a_yes(void **state)
{
	struct full *g = *state;

	give_out(&g->t, NULL);
	assert_int_equal(type(g, "o"), WANT_RELOAD);
	for (const char *no = "nq sdo?"; *no != '\0'; no++) {
		assert_int_equal(type(g, "d"), WANT_NOTHING);
		draw(g, 80, ROWS);
		assert_true(shows(g, "[y/N]"));
		assert_int_equal(type(g, (char[]){*no, '\0'}), WANT_NOTHING);
		assert_int_equal(g->t.view, VIEW_OUTBOX);
	}
	type(g, "d");
	assert_int_equal(press(g, KEY_IS_ENTER), WANT_NOTHING);
	assert_int_equal(type(g, "y"), WANT_NOTHING);
	type(g, "d");
	assert_int_equal(type(g, "y"), WANT_DROP);
	type(g, "a");
	assert_int_equal(type(g, "y"), WANT_RETRY);
	/* what was asked about is not there any more */
	type(g, "d");
	give_out(&g->t, NULL);
	assert_int_equal(type(g, "y"), WANT_NOTHING);
	give_out(&g->t, "it has left");
	type(g, "d");
	draw(g, 80, ROWS);
	assert_true(shows(g, "it has left"));
	assert_int_equal(type(g, "y"), WANT_NOTHING);
}

static void
line_that_is_open_is_not_opened_twice(void **state)
{
	struct full *g = *state;

	assert_int_equal(type(g, "s"), WANT_SYNC);
	g->t.syncing = true;
	assert_int_equal(type(g, "s"), WANT_NOTHING);
	draw(g, 80, ROWS);
	assert_true(shows(g, "on line"));
}

/* ---- lines ---- */

static void
training_is_told_in_every_view(void **state)
{
	struct full *g = *state;
	static const char *const keys[] = {"", "o", "?"};

	g->t.training = true;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		type(g, keys[i]);
		draw(g, TUI_COLUMNS, TUI_ROWS);
		assert_non_null(strstr(g->line[0].text, "TRAINING"));
	}
	press(g, KEY_IS_ESC);
	press(g, KEY_IS_ENTER);
	draw(g, TUI_COLUMNS, TUI_ROWS);
	assert_non_null(strstr(g->line[0].text, "TRAINING"));
}

static void
hostile_texts_are_inert_and_fit(void **state)
{
	struct full *g = *state;
	static const char text[] =
		"\033[2J\033]0;x\a \xe2\x80\xae \xff\xfe e\xcc\x81\xcc\x81\xcc\x81\xcc\x81 "
		"\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\n\r\t\x01\x02\x03\n";

	press(g, KEY_IS_ENTER);
	tui_set_text(&g->t, bytes_of(text, strlen(text)));
	tui_say(&g->t, text);
	for (int columns = 1; columns < 90; columns += 7)
		for (int rows = 1; rows < 30; rows += 5) {
			draw(g, columns, rows);
			for (int i = 0; i < rows; i++)
				assert_true(g->line[i].text == NULL ||
					    strpbrk(g->line[i].text, "\033\a\r\n\t\001\002\003") ==
						    NULL);
		}
}

static void
small_window_says_what_it_needs(void **state)
{
	struct full *g = *state;

	draw(g, 39, 24);
	assert_true(shows(g, "40x12"));
	draw(g, 80, 11);
	assert_true(shows(g, "40x12"));
	draw(g, TUI_COLUMNS, TUI_ROWS);
	assert_true(shows(g, "DFT-7Q2K-M9XA-P"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_waits_for_this_office_comes_first),
		T(selection_stays_with_its_case),
		T(selected_row_is_always_shown),
		T(number_is_found_in_any_spelling),
		T(particulars_are_shown_on_a_key_and_do_not_stay),
		T(long_lines_are_folded_and_scrolled),
		T(nothing_is_changed_without_a_yes),
		T(line_that_is_open_is_not_opened_twice),
		T(training_is_told_in_every_view),
		T(hostile_texts_are_inert_and_fit),
		T(small_window_says_what_it_needs),
	};

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
