/* SPDX-License-Identifier: EUPL-1.2
 *
 * Blocks of a screen: sections, facts, cards, tables, marks. */
#include <stdio.h>
#include <string.h>

#include "dashboard/screen.h"

static const struct {
	const char *class, *sign;
} marks[] = {
	[MARK_GOOD] = {"good", "\u2713"},
	[MARK_WARN] = {"warn", "!"},
	[MARK_BAD] = {"bad", "\u2717"},
	[MARK_IDLE] = {"idle", "\u2013"},
};

void
p_mark(struct page *p, enum mark mark, const char *words)
{
	p_raw(p, "<span class=\"mark ");
	p_raw(p, marks[mark].class);
	p_raw(p, "\"><span class=\"sign\" aria-hidden=\"true\">");
	p_raw(p, marks[mark].sign);
	p_raw(p, "</span> ");
	p_words(p, "%s", _(words));
	p_raw(p, "</span>");
}

void
p_section(struct page *p, const char *id, const char *words)
{
	p_raw(p, "<section aria-labelledby=\"");
	p_text(p, id);
	p_raw(p, "\"><h2 id=\"");
	p_text(p, id);
	p_raw(p, "\">");
	p_text(p, _(words));
	p_raw(p, "</h2>");
}

void
p_section_end(struct page *p)
{
	p_raw(p, "</section>");
}

static void
element(struct page *p, const char *open, const char *words, const char *close)
{
	p_raw(p, open);
	p_text(p, _(words));
	p_raw(p, close);
}

void
p_heading(struct page *p, const char *words)
{
	element(p, "<h3>", words, "</h3>");
}

void
p_note(struct page *p, const char *words)
{
	element(p, "<p class=\"note\">", words, "</p>");
}

void
p_empty(struct page *p, const char *words)
{
	element(p, "<p class=\"empty\">", words, "</p>");
}

void
p_facts(struct page *p)
{
	p_raw(p, "<dl class=\"facts\">");
}

void
p_fact(struct page *p, const char *words)
{
	element(p, "<div><dt>", words, "</dt><dd>");
}

void
p_fact_end(struct page *p)
{
	p_raw(p, "</dd></div>");
}

void
p_facts_end(struct page *p)
{
	p_raw(p, "</dl>");
}

void
p_fact_number(struct page *p, const char *words, int64_t n)
{
	p_fact(p, words);
	p_number(p, n);
	p_fact_end(p);
}

void
p_fact_code(struct page *p, const char *words, const char *code)
{
	p_fact(p, words);
	p_code(p, code);
	p_fact_end(p);
}

void
p_fact_bdi(struct page *p, const char *words, const char *text)
{
	p_fact(p, words);
	p_bdi(p, text);
	p_fact_end(p);
}

void
p_cards(struct page *p)
{
	p_raw(p, "<div class=\"cards\">");
}

void
p_card(struct page *p, const char *id, enum mark mark, const char *words)
{
	p_raw(p, "<article class=\"card ");
	p_raw(p, marks[mark].class);
	p_raw(p, "\" aria-labelledby=\"");
	p_text(p, id);
	p_raw(p, "\"><h2 id=\"");
	p_text(p, id);
	p_raw(p, "\"><span class=\"sign\" aria-hidden=\"true\">");
	p_raw(p, marks[mark].sign);
	p_raw(p, "</span> ");
	p_text(p, _(words));
	p_raw(p, "</h2>");
}

void
p_card_end(struct page *p)
{
	p_raw(p, "</article>");
}

void
p_cards_end(struct page *p)
{
	p_raw(p, "</div>");
}

/* What was asked for is not there: the list of those that are. An exchange that is away: again. */
static void
put_way_on(struct page *p, enum err e)
{
	const struct screen *all =
		p->screen->parent[0] == '\0' ? NULL : screen_find(p->screen->parent);

	if (e == E_UNREACHABLE && p->screen->path[0] != '\0') {
		p_raw(p, "<p>");
		p_link_here(p, N_("Reload to see what is new."), "lang", NULL);
		p_raw(p, "</p>");
	} else if (e == E_NOT_FOUND && all != NULL) {
		p_raw(p, "<p>");
		p_link_words(p, all->title, all->path, NULL);
		p_raw(p, "</p>");
	}
}

void
p_error(struct page *p, enum err e, const char *what)
{
	p_raw(p, "<div class=\"error\" role=\"alert\"><p><strong>");
	p_text(p, what != NULL ? _(what) : _(err_sentence(e)));
	p_raw(p, "</strong></p>");
	if (what != NULL) {
		p_raw(p, "<p>");
		p_text(p, _(err_sentence(e)));
		p_raw(p, "</p>");
	}
	p_raw(p, "<p>");
	if (e == E_UNREACHABLE)
		p_words(p, N_("What was accepted is on the exchange's disk; parties keep what they "
			      "file in their spools. Look with: systemctl status daftard"));
	else
		p_words(p, N_("Nothing was changed."));
	p_raw(p, "</p><p>");
	p_words(p, N_("Code"));
	p_raw(p, ": ");
	p_code(p, err_word(e));
	if (e == E_UNREACHABLE) {
		p_raw(p, " ");
		p_runbook(p, "unreachable");
	}
	p_raw(p, "</p>");
	put_way_on(p, e);
	p_raw(p, "</div>");
}

/* ---- tables ---- */

void
p_table_head(struct page *p, const char *id, const char *caption, bool matrix)
{
	if (!copy_text(p->table, sizeof p->table, id))
		assert(!"the id of a table is too long");
	p_raw(p, matrix ? "<div class=\"wide matrix" : "<div class=\"wide");
	p_raw(p, "\" role=\"region\" tabindex=\"0\" aria-labelledby=\"");
	p_text(p, id);
	p_raw(p, "-caption\"><table id=\"");
	p_text(p, id);
	p_raw(p, "\"><caption id=\"");
	p_text(p, id);
	p_raw(p, "-caption\">");
	p_text(p, _(caption));
	p_raw(p, "</caption><thead><tr>");
}

void
p_table(struct page *p, const char *id, const char *caption)
{
	p->n_columns = p->at_column = 0;
	p_table_head(p, id, caption, false);
}

static void
column(struct page *p, const char *open, const char *words)
{
	assert(p->n_columns < PAGE_COLUMNS);
	p->column[p->n_columns++] = words;
	element(p, open, words, "</th>");
}

void
p_column(struct page *p, const char *words)
{
	column(p, "<th scope=\"col\">", words);
}

void
p_column_number(struct page *p, const char *words)
{
	column(p, "<th scope=\"col\" class=\"n\">", words);
}

void
p_rows(struct page *p)
{
	p_raw(p, "</tr></thead><tbody id=\"");
	p_text(p, p->table);
	p_raw(p, "-rows\">");
}

static void
open_cell(struct page *p, const char *class)
{
	const char *title = p->at_column < p->n_columns ? p->column[p->at_column] : "";

	p_raw(p, p->at_column == 0 ? "<th scope=\"row\"" : "<td");
	p_raw(p, class);
	p_raw(p, " data-label=\"");
	p_words(p, "%s", title[0] == '\0' ? "" : _(title));
	p_raw(p, "\">");
}

void
p_cell(struct page *p)
{
	open_cell(p, "");
}

void
p_cell_number(struct page *p)
{
	open_cell(p, " class=\"number\"");
}

void
p_cell_end(struct page *p)
{
	p_raw(p, p->at_column == 0 ? "</th>" : "</td>");
	p->at_column++;
}

void
p_table_end(struct page *p)
{
	p_raw(p, "</tbody></table></div>");
}

/* In the reader's language, the word of the protocol beside it for whoever compares with a log; its
 * colour says whether it is an end. */
void
p_stage(struct page *p, const char *stage)
{
	static const struct {
		const char *stage, *words;
		const char *class;
	} rows[] = {
		{"ACCEPTED", N_("Accepted"), "going"},
		{"DELIVERED", N_("Delivered"), "going"},
		{"COMMITTED", N_("Committed"), "good"},
		{"REJECTED", N_("Rejected"), "warn"},
		{"WITHDRAWN", N_("Withdrawn"), "idle"},
		{"EXPIRED", N_("Expired"), "warn"},
		{"DEAD-LETTER", N_("Dead letter"), "bad"},
	};
	const char *class = "going", *words = stage;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].stage, stage) == 0)
			class = rows[i].class, words = _(rows[i].words);
	p_raw(p, "<span class=\"stage ");
	p_raw(p, class);
	p_raw(p, "\" title=\"");
	p_text(p, stage);
	p_raw(p, "\">");
	p_text(p, words);
	p_raw(p, "</span>");
}
