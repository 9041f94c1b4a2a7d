/* SPDX-License-Identifier: EUPL-1.2
 *
 * The model as lines. Every text is clipped to the width, with what a terminal would obey shown by
 * its number; the first line tells always where one is, and whether it counts. */
#include <stdlib.h>
#include <string.h>

#include "liaison/terminal.h"
#include "liaison/tui.h"

#define WIDE 72	  /* columns from which the road is shown */
#define WIDER 100 /* and when it changed */
#define DAY_MS INT64_C(86400000)

struct page {
	struct tui_line *line;
	int n, rows, columns;
};

static void
put(struct page *p, enum tui_look look, const char *text)
{
	if (p->n >= p->rows)
		return;
	p->line[p->n].text = xstrdup(clipped(line(text), (size_t)p->columns));
	p->line[p->n].look = look;
	p->n++;
}

static void
fill(struct page *p, int upto)
{
	while (p->n < upto && p->n < p->rows)
		put(p, LOOK_PLAIN, "");
}

/* ---- title, message, keys ---- */

static void
put_title(struct page *p, const struct tui *t)
{
	OWNED(char, text, free_chars) =
		xprintf("%s%s%s%s", t->training ? _("TRAINING, nothing here counts") : "daftar",
			"  ", t->title, t->syncing ? _("  ... on line") : "");

	put(p, LOOK_TITLE, on_screen(text));
}

static const char *
question(const struct tui *t)
{
	const char *number = t->at_out < t->n_out ? t->out[t->at_out].number : "";
	OWNED(char, text, free_chars) = xprintf("%s %s  [y/N]",
		t->asked == WANT_DROP ? _("Drop this request for good?")
				      : _("Ask the exchange again?"),
		number);

	return line(text);
}

static void
put_foot(struct page *p, const struct tui *t)
{
	static const char *const keys[] = {
		[VIEW_QUEUE] =
			N_("q quit  ? help  Enter open  / find  s send+fetch  o outbox  r reload"),
		[VIEW_CASE] = N_("Esc back  p particulars  q quit  ? help  s send+fetch  r reload"),
		[VIEW_OUTBOX] = N_("Esc back  a ask again  d drop  q quit  ? help  s send+fetch"),
		[VIEW_HELP] = N_("Esc back  q quit"),
	};
	OWNED(char, sought, free_chars) = xprintf("/%s", t->sought);

	fill(p, p->rows - 2);
	if (t->asked != WANT_NOTHING)
		put(p, LOOK_QUESTION, on_screen(question(t)));
	else if (t->said.size > 0)
		put(p, LOOK_WARN, on_screen((const char *)t->said.data));
	else if (t->searching)
		put(p, LOOK_QUESTION, sought);
	else if (t->view == VIEW_QUEUE && t->describe != NULL && t->at_item < t->n_item)
		put(p, LOOK_PLAIN, on_screen(t->describe(t->context, t->item[t->at_item].at)));
	else
		put(p, LOOK_PLAIN, "");
	put(p, LOOK_HELP, on_screen(_(keys[t->view])));
}

/* ---- the queue ---- */

static const char *
day(int64_t ms)
{
	OWNED(char, text, free_chars) = xprintf("%.10s", when(ms));

	return line(text);
}

static const char *
row_of(const struct tui_item *e, bool selected, int columns)
{
	OWNED_BUF(b) = {0};

	buf_printf(&b, "%s %s  %s", selected ? ">" : " ", e->number,
		padded(on_screen(label_of(e->state)), 19));
	if (columns >= WIDE)
		buf_printf(&b, "  %s > %s", padded(e->to, 10), padded(e->destination, 10));
	if (e->due != 0)
		buf_printf(&b, "  < %s%s", day(e->due), e->due < instant_now() ? " !" : "");
	else if (columns >= WIDE)
		buf_text(&b, "              ");
	if (columns >= WIDER)
		buf_printf(&b, "  %s", when(e->since));
	return line((char *)b.data);
}

static const char *const part_titles[PART_N] = {
	[PART_DECIDE] = N_("To answer or decide"),
	[PART_DUE] = N_("Due within a week, or late"),
	[PART_DRAFT] = N_("Drafts"),
	[PART_WAITING] = N_("Waiting for others"),
	[PART_FINISHED] = N_("Finished"),
};

static size_t
in_part(const struct tui *t, enum tui_part part)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_item; i++)
		n += t->item[i].part == part;
	return n;
}

/* In rows, headings included: that of the item that is selected. */
static size_t
selected_row(const struct tui *t)
{
	size_t row = 0;

	for (size_t i = 0; i <= t->at_item && i < t->n_item; i++) {
		row += i == 0 || t->item[i].part != t->item[i - 1].part;
		row += i > 0;
	}
	return row;
}

static void
put_queue(struct page *p, const struct tui *t)
{
	size_t room = p->rows > 3 ? (size_t)p->rows - 3 : 1, row = 0;
	size_t selected = selected_row(t), first = selected < room ? 0 : selected - room + 1;

	if (t->n_item == 0)
		put(p, LOOK_PLAIN, on_screen(_("There is no case yet: daftar request new")));
	for (size_t i = 0; i < t->n_item && p->n < p->rows - 2; i++) {
		const struct tui_item *e = &t->item[i];

		if (i == 0 || e->part != t->item[i - 1].part) {
			if (row >= first) {
				OWNED(char, title, free_chars) = xprintf(
					"%s (%zu)", _(part_titles[e->part]), in_part(t, e->part));

				put(p, LOOK_PART, on_screen(title));
			}
			row++;
		}
		if (row >= first && p->n < p->rows - 2)
			put(p,
				i == t->at_item		 ? LOOK_SELECTED
				: e->part == PART_DECIDE ? LOOK_WARN
							 : LOOK_PLAIN,
				row_of(e, i == t->at_item, p->columns));
		row++;
	}
}

/* ---- a case, the outbox, help ---- */

/* Folded between words where it is too long. */
static void
put_folded(struct page *p, const char *text, size_t skip)
{
	OWNED(char, copy, free_chars) = xstrdup(text);
	char *rest = copy, *row;

	while ((row = strsep(&rest, "\n")) != NULL) {
		size_t columns = (size_t)p->columns;

		if (skip > 0) {
			skip--;
			continue;
		}
		while (text_columns(row) > columns) {
			size_t cut = strlen(clipped(row, columns)) - strlen("…"), at;

			for (at = cut; at > cut / 2 && row[at] != ' '; at--)
				;
			if (row[at] != ' ')
				break; /* one word: clipped */
			row[at] = '\0';
			if (p->n < p->rows - 2)
				put(p, LOOK_PLAIN, on_screen(row));
			row += at;
			*row = ' ';
			row += strspn(row, " ");
		}
		if (p->n < p->rows - 2)
			put(p, LOOK_PLAIN, on_screen(row));
	}
}

static void
put_case(struct page *p, const struct tui *t)
{
	put(p, LOOK_PART,
		on_screen(t->personal ? _("The case, with its particulars: who looks on?")
				      : _("The case; p shows its particulars")));
	put_folded(p, t->text.data == NULL ? "" : (const char *)t->text.data, t->scrolled);
}

static void
put_outbox(struct page *p, const struct tui *t)
{
	size_t room = p->rows > 4 ? (size_t)p->rows - 4 : 1;
	size_t first = t->at_out < room ? 0 : t->at_out - room + 1;

	put(p, LOOK_PART, on_screen(_("What has not left this computer")));
	if (t->n_out == 0)
		put(p, LOOK_PLAIN, on_screen(_("Nothing waits.")));
	for (size_t i = first; i < t->n_out && p->n < p->rows - 2; i++) {
		const struct tui_out *e = &t->out[i];
		OWNED(char, text, free_chars) =
			xprintf("%s %s  %s  %s > %s  %s", i == t->at_out ? ">" : " ", e->number,
				padded(on_screen(label_of(e->word)), 9), line(e->action), e->to,
				e->code == NULL ? when(e->filed) : line(e->code));

		put(p, i == t->at_out ? LOOK_SELECTED : LOOK_PLAIN, text);
	}
}

static const char help[] = N_(
	"Up, Down, PageUp, PageDown, Home, End: move\n"
	"Enter: open the case. Esc: back\n"
	"/ and a part of a number: find a case\n"
	"p: show or hide what is about the person. It is hidden until then, because of who may\n"
	"look over your shoulder, and the case's ledger notes it\n"
	"o: what has not left this computer. There, a asks the exchange again, d drops what has\n"
	"never left; both are asked about first\n"
	"s: send what waits and fetch what has come; you can go on meanwhile\n"
	"r: look at everything again\n"
	"q: quit. Nothing is lost by that\n"
	"\n"
	"A date behind < is what is expected by when; ! means that it has passed.\n"
	"Everything here can be done with commands as well: daftar help");

void
tui_draw(struct tui *t, int columns, int rows, struct tui_line *out)
{
	struct page p = {.line = out, .rows = rows, .columns = columns};

	memset(out, 0, (size_t)rows * sizeof *out);
	t->rows = rows;
	if (columns < TUI_COLUMNS || rows < TUI_ROWS) {
		OWNED(char, text, free_chars) =
			xprintf(_("The window has to be %dx%d at least."), TUI_COLUMNS, TUI_ROWS);

		put_folded(&p, text, 0);
		fill(&p, rows);
		return;
	}
	put_title(&p, t);
	switch (t->view) {
	case VIEW_QUEUE:
		put_queue(&p, t);
		break;
	case VIEW_CASE:
		put_case(&p, t);
		break;
	case VIEW_OUTBOX:
		put_outbox(&p, t);
		break;
	case VIEW_HELP:
		put_folded(&p, _(help), t->scrolled);
		break;
	}
	put_foot(&p, t);
}

void
tui_lines_free(struct tui_line *l, int rows)
{
	for (int i = 0; i < rows; i++)
		free_chars(&l[i].text);
}
