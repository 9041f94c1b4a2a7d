/* SPDX-License-Identifier: EUPL-1.2
 *
 * The sheet: A4 in points, headings on the side where the first language begins, values beside
 * them. Everything is shaped by pango as plain text, so that nothing in a value is obeyed as
 * markup. */
#include "lib/paper.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_WIDTH 595.0
#define PAGE_HEIGHT 842.0
#define MARGIN 42.0
#define WIDTH (PAGE_WIDTH - 2 * MARGIN)
#define HEADING 190.0 /* width of the column of headings */
#define PAD 4.0
#define CODE 92.0 /* side of the square code with its quiet zone */
#define SIGN 64.0 /* room to sign and to stamp */
#define FOOT 58.0
#define FONT "Noto Sans, Noto Sans Arabic, Noto Sans Ethiopic, sans"

struct sheet {
	const struct paper *p;
	cairo_t *cr; /* NULL while only pages are counted */
	cairo_surface_t *surface;
	bool rtl;
	double y;
	int page, pages;
	size_t unknown;
};

/* ---- text ---- */

enum where { AT_START, AT_MIDDLE }; /* start: the side where the sheet's first language begins */
struct style {
	double size;
	bool bold;
	double grey;
	enum where where;
};

/* Left and right are pango's for a paragraph from left to right; in the other it turns them round.
 */
static void
align(const struct sheet *s, PangoLayout *l, enum where where)
{
	bool rtl = pango_layout_get_direction(l, 0) == PANGO_DIRECTION_RTL;

	pango_layout_set_alignment(l, where == AT_MIDDLE ? PANGO_ALIGN_CENTER
				      : rtl == s->rtl	 ? PANGO_ALIGN_LEFT
							 : PANGO_ALIGN_RIGHT);
}

static PangoLayout *
layout_of(struct sheet *s, const char *text, double width, const struct style *style)
{
	PangoLayout *l = pango_cairo_create_layout(s->cr);
	PangoFontDescription *font = pango_font_description_from_string(FONT);

	pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
	pango_font_description_set_weight(
		font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(l, font);
	pango_font_description_free(font);
	pango_layout_set_width(l, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_text(l, text, -1);
	align(s, l, style->where);
	return l;
}

static double
line_at(struct sheet *s, double x, double y, double width, const struct style *style,
	const char *text, bool draw)
{
	PangoLayout *l = layout_of(s, text, width, style);
	int w, height;

	pango_layout_get_size(l, &w, &height);
	if (draw) {
		s->unknown += (size_t)pango_layout_get_unknown_glyphs_count(l);
		cairo_set_source_rgb(s->cr, style->grey, style->grey, style->grey);
		cairo_move_to(s->cr, x, y);
		pango_cairo_show_layout(s->cr, l);
	}
	g_object_unref(l);
	return (double)height / PANGO_SCALE;
}

/* Line by line, since each has a direction of its own. Draws, or only measures with `draw' false;
 * the height either way. */
static double
text_at(struct sheet *s, double x, double y, double width, const struct style *style,
	const char *text, bool draw)
{
	OWNED(char, all, free_chars) = xstrdup(text);
	double height = 0;

	for (char *next, *one = all; one != NULL; one = next) {
		next = strchr(one, '\n');
		if (next != NULL)
			*next++ = '\0';
		height += line_at(s, x, y + height, width, style, one, draw);
	}
	return height;
}

static void
rule(struct sheet *s, double x, double y, double width, double thickness)
{
	cairo_set_source_rgb(s->cr, 0.2, 0.2, 0.2);
	cairo_set_line_width(s->cr, thickness);
	cairo_move_to(s->cr, x, y);
	cairo_line_to(s->cr, x + width, y);
	cairo_stroke(s->cr);
}

/* In both languages, one below the other; the one that lacks a word is left out. */
static void
both(const struct paper *p, const char *code, struct buf *out)
{
	const char *first = paper_word(code, p->first), *second = paper_word(code, p->second);

	if (first[0] == '\0' && second[0] == '\0')
		first = paper_word(code, PAPER_EN);
	buf_text(out, first);
	if (p->second != p->first && second[0] != '\0')
		buf_printf(out, "%s%s", first[0] != '\0' ? "\n" : "", second);
}

/* ---- head and foot ---- */

static void
draw_code(struct sheet *s, double x, double y)
{
	char text[PAPER_CODE_SIZE];
	uint8_t *squares;
	double side;
	int n;

	paper_code(s->p->number, &s->p->digest, text);
	squares = paper_squares(text, &n);
	side = CODE / (n + 8); /* four squares of quiet on each side (ISO/IEC 18004) */
	cairo_set_source_rgb(s->cr, 0, 0, 0);
	for (int row = 0; row < n; row++)
		for (int column = 0; column < n; column++)
			if (squares[row * n + column] != 0)
				cairo_rectangle(s->cr, x + side * (column + 4),
					y + side * (row + 4), side, side);
	cairo_fill(s->cr);
	free(squares);
}

static void
draw_training(struct sheet *s)
{
	static const struct style big = {40, true, 0.86, AT_MIDDLE};
	OWNED_BUF(words) = {0};

	both(s->p, "training", &words);
	text_at(s, MARGIN, PAGE_HEIGHT / 2 - 60, WIDTH, &big, (char *)words.data, true);
}

static void
draw_head(struct sheet *s)
{
	static const struct style title = {15, true, 0, AT_START};
	static const struct style number = {13, true, 0, AT_START};
	double x = s->rtl ? MARGIN + CODE + PAD : MARGIN, width = WIDTH - CODE - PAD;
	OWNED_BUF(words) = {0};
	double y = MARGIN;

	if (s->p->training)
		draw_training(s);
	draw_code(s, s->rtl ? MARGIN : PAGE_WIDTH - MARGIN - CODE, MARGIN);
	both(s->p, s->p->title, &words);
	y += text_at(s, x, y, width, &title, (char *)words.data, true) + PAD;
	text_at(s, x, y, width, &number, s->p->number, true);
	s->y = MARGIN + CODE + PAD;
	rule(s, MARGIN, s->y, WIDTH, 1);
}

static void
draw_foot(struct sheet *s)
{
	static const struct style small = {7.5, false, 0.25, AT_START};
	static const struct style middle = {7.5, false, 0.25, AT_MIDDLE};
	double y = PAGE_HEIGHT - MARGIN - FOOT + 2 * PAD;
	OWNED_BUF(words) = {0};
	OWNED(char, page, free_chars) = xprintf("%s   %d / %d", s->p->number, s->page, s->pages);

	rule(s, MARGIN, y - PAD, WIDTH, 0.5);
	both(s->p, "symbols", &words);
	buf_text(&words, "\n");
	both(s->p, "not-an-act", &words);
	text_at(s, MARGIN, y, WIDTH, &small, (char *)words.data, true);
	text_at(s, MARGIN, PAGE_HEIGHT - MARGIN + PAD, WIDTH, &middle, page, true);
}

static void
next_page(struct sheet *s)
{
	if (s->page > 0) {
		draw_foot(s);
		cairo_show_page(s->cr);
	}
	s->page++;
	draw_head(s);
}

/* ---- rows ---- */

/* The item's number after the first language's heading, where it stands in the paragraph's order.
 */
static void
heading_text(struct sheet *s, const struct paper_row *r, struct buf *out)
{
	const char *item = paper_item(r->field), *end;
	OWNED_BUF(words) = {0};

	both(s->p, r->field, &words);
	end = strchrnul((char *)words.data, '\n');
	buf_add(out, words.data, (size_t)(end - (char *)words.data));
	if (item[0] != '\0')
		buf_printf(out, "  (%s)", item);
	buf_text(out, end);
}

/* What is not known is struck through (Convention 16, article 2). */
static void
strike(struct sheet *s, double x, double y, double width)
{
	rule(s, x, y, width, 1);
}

static void
draw_row(struct sheet *s, const struct paper_row *r)
{
	static const struct style heading = {8, false, 0.3, AT_START};
	static const struct style value = {11, false, 0, AT_START};
	double hx = s->rtl ? PAGE_WIDTH - MARGIN - HEADING : MARGIN;
	double vx = s->rtl ? MARGIN : MARGIN + HEADING + 2 * PAD;
	double vw = WIDTH - HEADING - 2 * PAD, hh, vh, height;
	bool to_sign = strcmp(r->field, "signature") == 0;
	OWNED_BUF(words) = {0};

	heading_text(s, r, &words);
	hh = text_at(s, hx, 0, HEADING, &heading, (char *)words.data, false);
	vh = text_at(s, vx, 0, vw, &value, r->value, false);
	height = (hh > vh ? hh : vh) + 2 * PAD;
	if (to_sign)
		height = SIGN;
	if (s->y + height > PAGE_HEIGHT - MARGIN - FOOT)
		next_page(s);
	text_at(s, hx, s->y + PAD, HEADING, &heading, (char *)words.data, true);
	if (r->value[0] == '\0' && !to_sign)
		strike(s, vx, s->y + height / 2, vw);
	else if (r->value[0] != '\0')
		text_at(s, vx, s->y + PAD, vw, &value, r->value, true);
	s->y += height;
	rule(s, MARGIN, s->y, WIDTH, 0.25);
}

static void
draw_all(struct sheet *s)
{
	s->page = 0;
	s->unknown = 0;
	next_page(s);
	for (size_t i = 0; i < s->p->rows; i++)
		draw_row(s, &s->p->row[i]);
	draw_foot(s);
	cairo_show_page(s->cr);
}

/* ---- the file ---- */

static cairo_status_t
append(void *to, const unsigned char *data, unsigned size)
{
	buf_add(to, data, size);
	return CAIRO_STATUS_SUCCESS;
}

static enum err
draw_into(struct sheet *s, struct buf *out)
{
	cairo_status_t status;

	s->surface = cairo_pdf_surface_create_for_stream(append, out, PAGE_WIDTH, PAGE_HEIGHT);
	cairo_pdf_surface_set_metadata(s->surface, CAIRO_PDF_METADATA_TITLE, s->p->number);
	s->cr = cairo_create(s->surface);
	draw_all(s);
	cairo_surface_finish(s->surface);
	status = cairo_status(s->cr);
	cairo_destroy(s->cr);
	cairo_surface_destroy(s->surface);
	return status == CAIRO_STATUS_SUCCESS ? E_OK : E_IO;
}

/* Twice: how many pages there are is known when all are drawn. */
enum err
paper_pdf(const struct paper *p, struct buf *out, size_t *unknown)
{
	struct sheet s = {.p = p, .rtl = paper_is_rtl(p->first), .pages = 1};
	OWNED_BUF(first) = {0};

	TRY(draw_into(&s, &first));
	s.pages = s.page;
	TRY(draw_into(&s, out));
	*unknown = s.unknown;
	return E_OK;
}
