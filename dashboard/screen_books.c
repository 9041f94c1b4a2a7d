/* SPDX-License-Identifier: EUPL-1.2
 *
 * Do the books agree: a matrix of corridors and days from the statements that both sides have
 * signed, and one of parties and days from their comparisons with the exchange. Each cell leads to
 * what stands behind it. */
#include <string.h>

#include "dashboard/books.h"

static const struct {
	const char *state;
	enum mark mark;
	const char *words;
} cells[] = {
	{"equal", MARK_GOOD, N_("equal")},
	{"differs", MARK_BAD, N_("differs")},
	{"half", MARK_WARN, N_("one side heard")},
	{"unheard", MARK_IDLE, N_("not yet heard")},
	{"agrees", MARK_GOOD, N_("equal")},
	{"never", MARK_IDLE, N_("not yet heard")},
	{"reconciling", MARK_WARN, N_("must compare before it is served")},
};

void
p_books_mark(struct page *p, const char *state)
{
	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		if (strcmp(cells[i].state, state) == 0) {
			p_mark(p, cells[i].mark, cells[i].words);
			return;
		}
	p_code(p, state);
}

/* The word is heard, and read where there is no style sheet; the sheet shows a sign in its place.
 * Short, for a row is sent anew when one of its cells changes. */
static void
put_sign(struct page *p, const char *state)
{
	for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
		if (strcmp(cells[i].state, state) != 0)
			continue;
		p_raw(p, "<span class=\"sq ");
		p_raw(p, cells[i].state);
		p_raw(p, "\">");
		p_text(p, _(cells[i].words));
		p_raw(p, "</span>");
		return;
	}
}

static void
put_key(struct page *p)
{
	p_raw(p, "<ul class=\"key\">");
	for (size_t i = 0; i < 4; i++) {
		p_raw(p, "<li><span class=\"sq ");
		p_raw(p, cells[i].state);
		p_raw(p, "\" aria-hidden=\"true\"></span>");
		p_text(p, _(cells[i].words));
		p_raw(p, "</li>");
	}
	p_raw(p, "</ul>");
}

/* ---- the matrix ---- */

/* Day and month; the year is in the day's title. */
static void
put_days(struct page *p, const char *id, const char *caption, const char *first, const json_t *days)
{
	const json_t *day;
	size_t i;

	p_table_head(p, id, caption, true);
	p_raw(p, "<th scope=\"col\">");
	p_text(p, _(first));
	p_raw(p, "</th>");
	json_array_foreach(days, i, day)
	{
		const char *text = text_of(day, "day");

		p_raw(p, "<th scope=\"col\" class=\"day\"><time datetime=\"");
		p_text(p, text);
		p_raw(p, "\" title=\"");
		p_text(p, text);
		p_raw(p, "\"><span class=\"unseen\">");
		p_text(p, text);
		p_raw(p, "</span><span aria-hidden=\"true\">");
		p_text(p, strlen(text) == 10 ? text + 8 : text);
		p_raw(p, "</span></time></th>");
	}
	p_raw(p, "</tr></thead><tbody id=\"");
	p_text(p, id);
	p_raw(p, "-rows\">");
}

static void
put_days_end(struct page *p)
{
	p_raw(p, "</tbody></table></div>");
}

static void
put_corridor(struct page *p, const json_t *row, const json_t *days)
{
	const char *from = text_of(row, "from"), *to = text_of(row, "to");
	const json_t *cell;
	size_t i;

	OWNED(char, id, free_chars) = xprintf("m-%s-%s", from, to);
	p_row(p, id);
	p_raw(p, "<th scope=\"row\">");
	p_link_begin(p, "/reconciliation/corridor", "from", from, "to", to, NULL);
	p_bdi(p, from);
	p_raw(p, " <span class=\"arrow\" aria-hidden=\"true\"></span><span class=\"unseen\">");
	p_words(p, N_("to"));
	p_raw(p, "</span> ");
	p_bdi(p, to);
	p_link_end(p);
	p_raw(p, "</th>");
	json_array_foreach(json_object_get(row, "cells"), i, cell)
	{
		bool heard = strcmp(text_of(cell, "state"), "unheard") != 0;

		p_raw(p, "<td>");
		if (heard)
			p_link_begin(p, "/reconciliation/corridor", "from", from, "to", to, "day",
				text_of(json_array_get(days, i), "day"), NULL);
		put_sign(p, text_of(cell, "state"));
		if (heard)
			p_link_end(p);
		p_raw(p, "</td>");
	}
	p_row_end(p);
}

static void
put_party(struct page *p, const json_t *row)
{
	const char *code = text_of(row, "code");
	const json_t *cell;
	size_t i;

	OWNED(char, id, free_chars) = xprintf("d-%s", code);
	p_row(p, id);
	p_raw(p, "<th scope=\"row\">");
	p_link(p, code, "/reconciliation/party", "party", code, NULL);
	p_raw(p, "</th>");
	json_array_foreach(json_object_get(row, "cells"), i, cell)
	{
		p_raw(p, "<td>");
		put_sign(p, text_of(cell, "state"));
		p_raw(p, "</td>");
	}
	p_row_end(p);
}

static void
put_corridors(struct page *p, const json_t *m)
{
	const json_t *days = json_object_get(m, "days"), *rows = json_object_get(m, "channels");
	const json_t *row;
	size_t i;

	p_section(p, "corridors", N_("Corridors"));
	p_note(p, N_("Each night both sides of a corridor state, signed, what their books hold of "
		     "the "
		     "day before. Equal: both statements are borne out by the exchange's book."));
	put_key(p);
	if (json_array_size(rows) == 0)
		p_empty(p, N_("The trust list has no agreement yet, so there is no corridor."));
	else {
		put_days(p, "matrix",
			N_("Corridors by day, the newest first; days of the month in UTC"),
			N_("Corridor"), days);
		json_array_foreach(rows, i, row) put_corridor(p, row, days);
		put_days_end(p);
	}
	p_more(p, "after", json_object_get(m, "next"));
	p_section_end(p);
}

static void
put_parties(struct page *p, const json_t *m)
{
	const json_t *row;
	size_t i;

	if (json_object_get(m, "parties") == NULL)
		return;
	p_section(p, "by-party", N_("Parties"));
	p_note(p, N_("Each party compares its whole book with the exchange's once a day."));
	put_days(p, "party-days", N_("Parties by day, the newest first; days of the month in UTC"),
		N_("Party"), json_object_get(m, "days"));
	json_array_foreach(json_object_get(m, "parties"), i, row) put_party(p, row);
	put_days_end(p);
	p_section_end(p);
}

/* ---- the answer on top ---- */

static void
put_answer(struct page *p, const json_t *show)
{
	int64_t equal = 0, differ = 0, missing = 0;
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(show, "parties"), i, row)
	{
		const char *state = text_of(row, "state");

		equal += strcmp(state, "agrees") == 0;
		differ += strcmp(state, "differs") == 0;
		missing += strcmp(state, "never") == 0 || strcmp(state, "reconciling") == 0;
	}
	p_part(p, "books-answer");
	p_cards(p);
	p_card(p, "books-equal",
		differ > 0    ? MARK_BAD
		: missing > 0 ? MARK_WARN
			      : MARK_GOOD,
		N_("Do the books agree?"));
	p_raw(p, "<p class=\"answer\">");
	p_words(p, differ > 0	 ? N_("The books differ")
		   : missing > 0 ? N_("The books agree where they were compared")
				 : N_("The books agree"));
	p_raw(p, "</p><p>");
	p_count(p, equal, "%lld party holds the same as the exchange",
		"%lld parties hold the same as the exchange");
	p_raw(p, "</p>");
	if (differ > 0) {
		p_raw(p, "<p>");
		p_count(p, differ, "%lld party differs", "%lld parties differ");
		p_raw(p, "</p>");
	}
	if (missing > 0) {
		p_raw(p, "<p>");
		p_count(p, missing, "%lld party was not yet heard",
			"%lld parties were not yet heard");
		p_raw(p, "</p>");
	}
	p_act(p, "/act/reconcile-run", NULL);
	p_card_end(p);
	p_cards_end(p);
	p_part_end(p);
}

/* What is open now, whichever day it was found. */
static void
put_open(struct page *p, const json_t *show)
{
	const json_t *row;
	size_t i;

	p_table(p, "books-now", N_("The last comparison of each party"));
	p_column(p, N_("Party"));
	p_column(p, N_("Books"));
	p_column(p, N_("Compared"));
	p_column_number(p, N_("Messages"));
	p_column_number(p, N_("Differences"));
	p_column_number(p, N_("Mended"));
	p_column_number(p, N_("Open"));
	p_rows(p);
	json_array_foreach(json_object_get(show, "parties"), i, row)
	{
		const char *code = text_of(row, "code");

		p_row(p, code);
		p_cell(p);
		p_link(p, code, "/reconciliation/party", "party", code, NULL);
		p_cell_end(p);
		p_cell(p);
		p_books_mark(p, text_of(row, "state"));
		p_cell_end(p);
		p_cell(p);
		p_age(p, instant_of(row, "at"));
		p_cell_end(p);
		p_books_numbers(p, row);
		p_row_end(p);
	}
	p_table_end(p);
}

void
p_books_numbers(struct page *p, const json_t *row)
{
	static const char *const names[] = {"elements", "differences", "mended", "open"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		p_cell_number(p);
		p_number(p, number_of(row, names[i]));
		p_cell_end(p);
	}
}

void
screen_reconciliation(struct page *p)
{
	int64_t after = query_number(p->query, "after", 0, 0, INT32_MAX);
	const json_t *show = p_ask(p, "reconcile.show", NULL), *m;

	if (show == NULL)
		return;
	put_answer(p, show);
	m = p_ask(p, "reconcile.matrix",
		json_pack("{s:i, s:I}", "days", BOOKS_DAYS, "after", (json_int_t)after));
	if (m == NULL)
		return;
	put_corridors(p, m);
	put_parties(p, m);
	p_section(p, "last", N_("Last comparisons"));
	put_open(p, show);
	p_section_end(p);
}
