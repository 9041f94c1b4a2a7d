/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tables and facts. A table is kept until it is whole: only then is it known how wide its columns
 * are, and whether they fit. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "liaison/bidi.h"
#include "liaison/layout.h"
#include "liaison/say.h"

#define GAP 2
#define LAST_LEAST 30 /* columns in which the last cell can be folded */

struct table {
	size_t columns, n; /* n rows */
	const char *title[TABLE_COLUMNS];
	size_t width[TABLE_COLUMNS];
	char **cell; /* columns * n, escaped */
	size_t room;
};

struct table *
table_new(size_t columns, const char *const titles[])
{
	struct table *t = xcalloc(1, sizeof *t);

	assert(columns > 0 && columns <= TABLE_COLUMNS);
	t->columns = columns;
	for (size_t i = 0; i < columns; i++)
		t->title[i] = titles[i][0] != '\0' ? _(titles[i]) : "";
	return t;
}

static char *
cell_of(const char *text)
{
	OWNED_BUF(b) = {0};

	escape(&b, text != NULL ? text : "", false);
	return b.data != NULL ? (char *)buf_take(&b, NULL) : xstrdup("");
}

void
table_add(struct table *t, const char *const cells[])
{
	char **row;

	if (t->n == t->room) {
		t->room = t->room == 0 ? 64 : t->room * 2;
		t->cell = xrealloc(t->cell, t->room * t->columns * sizeof *t->cell);
	}
	row = &t->cell[t->n++ * t->columns];
	for (size_t i = 0; i < t->columns; i++) {
		size_t width;

		row[i] = cell_of(cells[i]);
		width = text_columns(row[i]);
		t->width[i] = width > t->width[i] ? width : t->width[i];
	}
}

static void
put_row(const struct table *t, const char *const cells[])
{
	OWNED_BUF(b) = {0};
	size_t last = t->columns;

	while (last > 1 && (cells[last - 1][0] == '\0' || t->width[last - 1] == 0))
		last--;
	for (size_t i = 0; i < last; i++) {
		if (t->width[i] == 0)
			continue;
		buf_text(&b, b.size > 0 ? "  " : "");
		if (i > 0 && i + 1 == t->columns)
			buf_add(&b, &(char){MARK_HANG}, 1);
		buf_printf(&b, "%c%s%c", MARK_CELL, cells[i], MARK_END);
		if (i + 1 < last && text_columns(cells[i]) < t->width[i])
			buf_printf(&b, "%*s", (int)(t->width[i] - text_columns(cells[i])), "");
	}
	buf_text(&b, "\n");
	put_text(stdout, b.data, b.size);
}

static void
put_block(const struct table *t, const char *const cells[])
{
	OWNED_BUF(b) = {0};
	const char *colon = _(": ");

	for (size_t i = 0; i < t->columns; i++)
		if (cells[i][0] != '\0')
			buf_printf(&b, "%s%s%c%s%c\n", t->title[i],
				t->title[i][0] != '\0' ? colon : "", MARK_CELL, cells[i], MARK_END);
	put_text(stdout, b.data, b.size);
}

static bool
fits(struct table *t, bool titles)
{
	size_t columns = terminal_columns(STDOUT_FILENO), all = 0, last = t->columns - 1;

	if (terminal_is_plain())
		return false;
	for (size_t i = 0; i < t->columns; i++) {
		size_t title = text_columns(t->title[i]);

		if (titles && t->width[i] > 0 && title > t->width[i])
			t->width[i] = title;
		all += t->width[i] + (t->width[i] > 0 && all > 0 ? GAP : 0);
	}
	return columns == 0 || all <= columns ||
	       (last > 0 && all - t->width[last] + LAST_LEAST <= columns);
}

static void
table_free(struct table **t)
{
	for (size_t i = 0; i < (*t)->n * (*t)->columns; i++)
		free((*t)->cell[i]);
	free((*t)->cell);
	free(*t);
	*t = NULL;
}

void
table_say(struct table **t)
{
	bool titles = (*t)->n > 0 && terminal_columns(STDOUT_FILENO) != 0;
	bool wide = fits(*t, titles);

	if (wide && titles)
		put_row(*t, (*t)->title);
	for (size_t i = 0; i < (*t)->n; i++) {
		const char *const *row = (const char *const *)&(*t)->cell[i * (*t)->columns];

		if (!wide && i > 0)
			put_text(stdout, "\n", 1);
		if (wide)
			put_row(*t, row);
		else
			put_block(*t, row);
	}
	table_free(t);
}

void
say_fact(const char *label, const char *value)
{
	OWNED_BUF(b) = {0};

	if (value == NULL || value[0] == '\0')
		return;
	buf_printf(&b, "%s%s%c", _(label), _(": "), MARK_CELL);
	escape(&b, value, false);
	buf_printf(&b, "%c\n", MARK_END);
	put_text(stdout, b.data, b.size);
}
