/* SPDX-License-Identifier: EUPL-1.2
 *
 * The book of one party against the exchange's: the last comparison, the differences that it named
 * down to the message, and the days before. */
#include <string.h>

#include "dashboard/books.h"

#define DIFFERENCES_SHOWN 200

/* Who mends a difference, by the word of lib/difference.h. */
static const char *
mend_words(const char *mend)
{
	static const struct {
		const char *mend, *words;
	} list[] = {
		{"NONE", N_("It settles by itself")},
		{"PERSON", N_("A person has to look")},
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (strcmp(list[i].mend, mend) == 0)
			return list[i].words;
	return mend[0] == '\0' ? N_("Not known here") : N_("The party mends it by itself");
}

static void
put_facts(struct page *p, const json_t *row)
{
	p_part(p, "book-facts");
	p_facts(p);
	p_fact(p, N_("Books"));
	p_books_mark(p, text_of(row, "state"));
	p_fact_end(p);
	p_fact(p, N_("Compared"));
	p_instant(p, instant_of(row, "at"));
	p_raw(p, " (");
	p_age(p, instant_of(row, "at"));
	p_raw(p, ")");
	p_fact_end(p);
	p_fact_number(p, N_("Messages in its book"), number_of(row, "elements"));
	p_fact_number(p, N_("Differences found"), number_of(row, "differences"));
	p_fact_number(p, N_("Mended"), number_of(row, "mended"));
	p_fact_number(p, N_("Still open"), number_of(row, "open"));
	p_fact_code(p, N_("Fingerprint of the book"), text_of(row, "fingerprint"));
	p_facts_end(p);
	p_part_end(p);
}

static void
put_message(struct page *p, const json_t *d)
{
	p_link_begin(p, "/message", "id", text_of(d, "id"), NULL);
	p_code(p, text_of(d, "id"));
	p_link_end(p);
}

static void
put_meaning(struct page *p, const json_t *d)
{
	const char *sentence = text_of(d, "sentence");

	p_text(p, sentence[0] == '\0' ? "" : _(sentence));
}

static void
put_mender(struct page *p, const json_t *d)
{
	p_text(p, _(mend_words(text_of(d, "mend"))));
}

static const struct column difference_columns[] = {
	{N_("Message"), .put = put_message},
	{N_("Sent by"), .key = "from", .text = p_bdi},
	{N_("Difference"), .key = "difference", .text = p_code},
	{N_("What it means"), .put = put_meaning},
	{N_("Who mends it"), .put = put_mender},
	{0},
};

/* The party speaks: "they" are the exchange. */
static void
put_differences(struct page *p, const json_t *list)
{
	const json_t *d;
	size_t i;

	p_section(p, "differences", N_("Differences, message by message"));
	p_note(p, N_("As the party has named them: `we' is the party, `they' is the exchange."));
	if (json_array_size(list) == 0)
		p_empty(p,
			N_("The party has named none since the exchange was started. Compare the "
			   "books now to have them named."));
	else {
		p_list_begin(p, "named", N_("What the party named at its last comparison"),
			difference_columns);
		json_array_foreach(list, i, d) if (i < DIFFERENCES_SHOWN)
			p_list_row(p, NULL, difference_columns, d);
		p_table_end(p);
	}
	p_section_end(p);
}

static void
put_day(struct page *p, const char *day, const json_t *cell)
{
	p_row(p, "");
	p_cell(p);
	p_raw(p, "<time>");
	p_bdi(p, day);
	p_raw(p, "</time>");
	p_cell_end(p);
	p_cell(p);
	p_books_mark(p, text_of(cell, "state"));
	p_cell_end(p);
	p_cell(p);
	p_instant(p, instant_of(cell, "at"));
	p_cell_end(p);
	p_books_numbers(p, cell);
	p_row_end(p);
}

static void
put_days(struct page *p, const char *code)
{
	const json_t *m = p_ask(p, "reconcile.matrix", json_pack("{s:i}", "days", BOOKS_DAYS));
	const json_t *row, *cell;
	size_t i, k;

	p_section(p, "days", N_("Day by day"));
	p_table(p, "book-days", N_("The last comparison of each day"));
	p_column(p, N_("Day"));
	p_column(p, N_("Books"));
	p_column(p, N_("Compared"));
	p_column_number(p, N_("Messages"));
	p_column_number(p, N_("Differences"));
	p_column_number(p, N_("Mended"));
	p_column_number(p, N_("Open"));
	p_rows(p);
	json_array_foreach(json_object_get(m, "parties"), i, row)
	{
		if (strcmp(text_of(row, "code"), code) != 0)
			continue;
		json_array_foreach(json_object_get(row, "cells"), k, cell) put_day(
			p, text_of(json_array_get(json_object_get(m, "days"), k), "day"), cell);
	}
	p_table_end(p);
	p_section_end(p);
}

void
screen_book_party(struct page *p)
{
	const char *code = query_text(p->query, "party");
	const json_t *diff;

	if (code == NULL) {
		p->status = 404;
		p_error(p, E_NOT_FOUND, N_("No party was named"));
		return;
	}
	diff = p_ask(p, "reconcile.diff", json_pack("{s:s}", "party", code));
	if (diff == NULL) {
		p_is_missing(p);
		return;
	}
	(void)!copy_text(p->title, sizeof p->title, code);
	put_facts(p, json_array_get(json_object_get(diff, "parties"), 0));
	p_raw(p, "<p class=\"acts\">");
	p_act(p, "/act/reconcile-run", "party", code, NULL);
	p_link_words(p, N_("Page of this party"), "/party", "code", code, NULL);
	p_raw(p, "</p>");
	put_differences(p, json_object_get(diff, "differences"));
	put_days(p, code);
}
