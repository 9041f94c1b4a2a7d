/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tables whose columns are data: a screen says what stands in each, and the cells are opened and
 * closed here. */
#include "dashboard/page.h"

void
p_list_begin(struct page *p, const char *id, const char *caption, const struct column *columns)
{
	p_table(p, id, caption);
	for (const struct column *c = columns; c->words != NULL; c++)
		if (c->number != NULL || c->figure)
			p_column_number(p, c->words);
		else
			p_column(p, c->words);
	p_rows(p);
}

static void
put_cell(struct page *p, const struct column *c, const json_t *row)
{
	if (c->number != NULL || c->figure)
		p_cell_number(p);
	else
		p_cell(p);
	if (c->put != NULL)
		c->put(p, row);
	else if (c->text != NULL)
		c->text(p, text_of(row, c->key));
	else if (c->time != NULL)
		c->time(p, instant_of(row, c->key));
	else
		c->number(p, number_of(row, c->key));
	p_cell_end(p);
}

void
p_list_row(struct page *p, const char *id, const struct column *columns, const json_t *row)
{
	p_row(p, id);
	for (const struct column *c = columns; c->words != NULL; c++)
		put_cell(p, c, row);
	p_row_end(p);
}

void
p_list(struct page *p, const char *id, const char *caption, const struct column *columns,
	const json_t *rows)
{
	const json_t *row;
	size_t i;

	p_list_begin(p, id, caption, columns);
	json_array_foreach(rows, i, row) p_list_row(p, NULL, columns, row);
	p_table_end(p);
}
