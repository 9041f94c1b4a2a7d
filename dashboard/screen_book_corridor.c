/* SPDX-License-Identifier: EUPL-1.2
 *
 * What both sides of a corridor have stated, day by day, and the last statements as they were
 * signed: by the party, and counter-signed by the exchange. */
#include <string.h>

#include "dashboard/books.h"
#include "lib/id.h"

#define DAY_MS INT64_C(86400000)
#define PAGES_MOST 60 /* of the matrix that are turned in search of a corridor */
#define CORRIDORS_A_PAGE 200
#define DAYS_ASKED 3 /* have a button; of others the day has to be chosen in the matrix */

/* Whose row it is, of whichever page of the matrix; *days are the days of its cells. */
static const json_t *
find_row(struct page *p, const char *from, const char *to, const json_t **days)
{
	json_int_t after = 0;

	for (int turned = 0; turned < PAGES_MOST; turned++) {
		const json_t *m = p_ask(p, "reconcile.matrix",
			json_pack("{s:i, s:i, s:I}", "days", BOOKS_DAYS, "limit", CORRIDORS_A_PAGE,
				"after", after));
		const json_t *row, *next = json_object_get(m, "next");
		size_t i;

		*days = json_object_get(m, "days");
		json_array_foreach(json_object_get(m, "channels"), i,
			row) if (strcmp(text_of(row, "from"), from) == 0 &&
				 strcmp(text_of(row, "to"), to) == 0) return row;
		if (!json_is_integer(next))
			return NULL;
		after = json_integer_value(next);
	}
	return NULL;
}

/* ---- days ---- */

/* Both sides can be asked to state a day that is over. */
static void
put_ask(struct page *p, const char *from, const char *to, const json_t *day)
{
	OWNED(char, start, free_chars) = xprintf("%sT00:00:00.000Z", text_of(day, "day"));
	OWNED(char, since, free_chars) = NULL;
	OWNED(char, until, free_chars) = NULL;
	int64_t ms;

	if (!is_true(day, "over") || !instant_parse(start, &ms))
		return;
	since = xprintf("%lld", (long long)ms);
	until = xprintf("%lld", (long long)(ms + DAY_MS));
	p_act(p, "/act/reconcile-sign", "from", from, "to", to, "since", since, "until", until,
		NULL);
}

static void
put_day(struct page *p, const char *from, const char *to, const json_t *day, const json_t *cell,
	bool is_new)
{
	const char *text = text_of(day, "day"), *chosen = query_text(p->query, "day");
	bool equal = strcmp(text_of(cell, "state"), "equal") == 0;
	bool is_chosen = chosen != NULL && strcmp(chosen, text) == 0;

	p_row(p, text);
	p_cell(p);
	if (is_chosen)
		p_raw(p, "<strong>");
	p_bdi(p, text);
	if (is_chosen)
		p_raw(p, "</strong>");
	p_cell_end(p);
	p_cell(p);
	if (is_true(day, "over"))
		p_books_mark(p, text_of(cell, "state"));
	else
		p_mark(p, MARK_IDLE, N_("the day is not over"));
	p_cell_end(p);
	p_cell(p);
	p_books_mark(p, text_of(cell, "sender"));
	p_cell_end(p);
	p_cell(p);
	p_books_mark(p, text_of(cell, "addressee"));
	p_cell_end(p);
	p_cell_number(p);
	if (json_object_get(cell, "elements") != NULL)
		p_number(p, number_of(cell, "elements"));
	p_cell_end(p);
	p_cell(p);
	if (!equal && (is_new || is_chosen))
		put_ask(p, from, to, day);
	p_cell_end(p);
	p_row_end(p);
}

static void
put_days(struct page *p, const char *from, const char *to)
{
	const json_t *days = NULL, *row = find_row(p, from, to, &days), *day;
	size_t i;

	p_section(p, "days", N_("Day by day"));
	if (row == NULL) {
		p_empty(p, N_("The trust list has no agreement for this corridor."));
		p_section_end(p);
		return;
	}
	p_table(p, "stated", N_("What each side has stated, signed"));
	p_column(p, N_("Day"));
	p_column(p, N_("Books"));
	p_column(p, N_("Sender"));
	p_column(p, N_("Addressee"));
	p_column_number(p, N_("Messages"));
	p_column(p, N_("Ask"));
	p_rows(p);
	json_array_foreach(days, i, day) put_day(p, from, to, day,
		json_array_get(json_object_get(row, "cells"), i), i <= DAYS_ASKED);
	p_table_end(p);
	p_section_end(p);
}

/* ---- statements ---- */

/* p_text shows the end of a line by its number. */
static void
put_lines(struct page *p, const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		OWNED(char, line, free_chars) = xprintf("%.*s", (int)n, text);

		p_text(p, line);
		p_raw(p, "<br>");
		text += n + (text[n] == '\n');
	}
}

static void
put_statement(struct page *p, const json_t *c)
{
	p_raw(p, "<article class=\"statement\">");
	p_raw(p, "<h3>");
	p_words(p, N_("Stated by %s"), text_of(c, "by"));
	p_raw(p, "</h3>");
	p_facts(p);
	p_fact(p, N_("Period"));
	p_instant(p, instant_of(c, "since"));
	p_raw(p, " \u2013 ");
	p_instant(p, instant_of(c, "until"));
	p_fact_end(p);
	p_fact(p, N_("Result"));
	if (is_true(c, "agreed"))
		p_mark(p, MARK_GOOD, N_("equal, and counter-signed by the exchange"));
	else
		p_mark(p, MARK_BAD, N_("differs"));
	p_fact_end(p);
	p_fact_number(p, N_("Messages"), number_of(c, "count"));
	p_fact_number(p, N_("Not ended then"), number_of(c, "open"));
	p_fact_code(p, N_("Fingerprint of the book"), text_of(c, "fingerprint"));
	p_fact_code(p, N_("Digest of the signed statement"), text_of(c, "digest"));
	p_facts_end(p);
	p_raw(p, "<details><summary>");
	p_words(p, N_("The exchange's counter-signature"));
	p_raw(p, "</summary><pre dir=\"ltr\" tabindex=\"0\">");
	put_lines(p, text_of(c, "note"));
	p_raw(p, "</pre></details></article>");
}

static void
put_statements(struct page *p, const char *from, const char *to)
{
	enum err why = E_OK;
	const json_t *list = broker_ask(p->broker, "reconcile.closing",
			     json_pack("{s:s, s:s}", "from", from, "to", to), &why),
		     *c;
	size_t i;

	p_section(p, "statements", N_("The last statements as signed"));
	if (list == NULL && why != E_NOT_FOUND)
		p_error(p, why, NULL);
	else if (list == NULL)
		p_empty(p, N_("Neither side has signed a statement that our book bears out yet."));
	p_raw(p, "<div class=\"cards\">");
	json_array_foreach(json_object_get(list, "closings"), i, c)
	{
		p_part(p, i == 0 ? "statement-1" : "statement-2");
		put_statement(p, c);
		p_part_end(p);
	}
	p_raw(p, "</div>");
	p_raw(p, "<p class=\"note\">");
	p_words(p, N_("The signed documents themselves, for a court or an auditor:"));
	p_raw(p, " <code dir=\"ltr\">daftarctl --json reconcile closing FROM TO</code></p>");
	p_section_end(p);
}

void
screen_book_corridor(struct page *p)
{
	const char *from = query_text(p->query, "from"), *to = query_text(p->query, "to");

	if (from == NULL || to == NULL) {
		p->status = 404;
		p_error(p, E_NOT_FOUND, N_("No corridor was named"));
		return;
	}
	OWNED(char, title, free_chars) = xprintf("%s \u2192 %s", from, to);
	(void)!copy_text(p->title, sizeof p->title, title);
	p_raw(p, "<p class=\"acts\">");
	p_link_words(p, N_("Page of this corridor"), "/corridor", "from", from, "to", to, NULL);
	p_raw(p, "</p>");
	put_days(p, from, to);
	put_statements(p, from, to);
}
