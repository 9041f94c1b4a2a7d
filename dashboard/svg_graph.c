/* SPDX-License-Identifier: EUPL-1.2
 *
 * An edge bends to its own right side, so that both directions of a pair stand beside each other.
 * Arrow heads are drawn as what they are: a marker could not take the colour of its line. */
#include "dashboard/svg_graph.h"

#include <assert.h>
#include <math.h>

#include "dashboard/svg_parts.h"
#include "dashboard/view.h"

#define WIDE 400.0
#define HIGH 380.0
#define AROUND 140.0 /* radius of the circle of countries */
#define BEND 0.16    /* of its length, how far an edge leaves the straight line */
#define THIN 1.5
#define THICK 8.0
#define MANY 24	 /* countries: smaller letters */
#define CROWD 16 /* more edges than this are drawn thinner */

struct point {
	double x, y;
};

static const struct {
	const char *class, *sign;
} states[] = {
	[GRAPH_GOOD] = {"good", "\u2713"},
	[GRAPH_WARN] = {"warn", "!"},
	[GRAPH_BAD] = {"bad", "\u2717"},
};

const char *
graph_state_class(enum graph_state s)
{
	return states[s].class;
}

const char *
graph_state_sign(enum graph_state s)
{
	return states[s].sign;
}

/* Many countries need smaller signs. */
static double
radius_of(const struct graph *g)
{
	return g->n <= 12 ? 15 : g->n <= MANY ? 12 : 9;
}

static double
mirrored(const struct graph *g, double x)
{
	return g->rtl ? WIDE - x : x;
}

/* Where the i-th country is, `out' further from the centre than the others. The first is on the
 * left (two are beside each other then), the others follow clockwise. */
static struct point
place_of(const struct graph *g, size_t i, double out)
{
	double angle = M_PI + 2 * M_PI * (double)i / (double)g->n;
	double r = g->n == 1 ? out : AROUND + out;

	return (struct point){mirrored(g, WIDE / 2 + r * cos(angle)), HIGH / 2 + r * sin(angle)};
}

static void
put_point(struct buf *out, const char *command, struct point p)
{
	buf_text(out, command);
	svg_number(out, p.x);
	buf_text(out, ",");
	svg_number(out, p.y);
}

static struct point
moved(struct point from, struct point to, double by)
{
	double length = fmax(hypot(to.x - from.x, to.y - from.y), 0.001);

	return (struct point){
		from.x + (to.x - from.x) * by / length, from.y + (to.y - from.y) * by / length};
}

/* The point that draws the curve from a to b aside. */
static struct point
aside_of(const struct graph *g, struct point a, struct point b)
{
	double side = g->rtl ? -BEND : BEND;

	return (struct point){
		(a.x + b.x) / 2 - (b.y - a.y) * side, (a.y + b.y) / 2 + (b.x - a.x) * side};
}

static void
put_head(struct buf *out, struct point tip, struct point from, double size)
{
	struct point back = moved(tip, from, size);
	double dx = (tip.y - back.y) * 0.5, dy = (back.x - tip.x) * 0.5;

	put_point(out, "<path class=\"head\" d=\"M", tip);
	put_point(out, "L", (struct point){back.x + dx, back.y + dy});
	put_point(out, "L", (struct point){back.x - dx, back.y - dy});
	buf_text(out, "z\"/>");
}

static void
put_cross(struct buf *out, struct point at)
{
	put_point(out, "<path class=\"cross\" d=\"M", (struct point){at.x - 5, at.y - 5});
	buf_text(out, "l10,10m0,-10l-10,10\"/>");
}

static double
width_of(const struct graph *g, const struct graph_edge *e)
{
	double thick = g->edges_n > CROWD ? THICK / 2 : THICK, most = 0;

	for (size_t i = 0; i < g->edges_n; i++)
		most = fmax(most, g->edges[i].flow);
	return most > 0 ? THIN + (thick - THIN) * sqrt(fmax(e->flow, 0) / most) : THIN;
}

static void
put_edge(struct buf *out, const struct graph *g, const struct graph_edge *e)
{
	struct point a = place_of(g, e->from, 0), b = place_of(g, e->to, 0);
	struct point c = aside_of(g, a, b), tip, back;
	double r = radius_of(g) + 3, width = width_of(g, e), size = 7 + width;

	tip = moved(b, c, r);
	back = moved(tip, c, size * 0.8);
	buf_printf(out, "<g class=\"edge %s%s\">", graph_state_class(e->state),
		e->closed ? " closed" : "");
	buf_text(out, "<path class=\"way\" stroke-width=\"");
	svg_number(out, width);
	put_point(out, "\" d=\"M", moved(a, c, r));
	put_point(out, "Q", c);
	put_point(out, " ", back);
	buf_text(out, "\"/>");
	put_head(out, tip, c, size);
	if (e->closed)
		put_cross(
			out, (struct point){(a.x + 2 * c.x + b.x) / 4, (a.y + 2 * c.y + b.y) / 4});
	buf_text(out, "</g>");
}

/* A circle, a triangle or a square: what a state is can be seen without its colour. */
static void
put_form(struct buf *out, enum graph_state state, struct point p, double r)
{
	switch (state) {
	case GRAPH_GOOD:
		buf_text(out, "<circle cx=\"");
		svg_number(out, p.x);
		buf_text(out, "\" cy=\"");
		svg_number(out, p.y);
		buf_text(out, "\" r=\"");
		svg_number(out, r);
		buf_text(out, "\"/>");
		return;
	case GRAPH_WARN:
		put_point(out, "<path d=\"M", (struct point){p.x, p.y - r * 1.25});
		put_point(out, "L", (struct point){p.x + r * 1.15, p.y + r * 0.85});
		put_point(out, "L", (struct point){p.x - r * 1.15, p.y + r * 0.85});
		buf_text(out, "z\"/>");
		return;
	case GRAPH_BAD:
		put_point(out, "<path d=\"M", (struct point){p.x - r, p.y - r});
		buf_printf(out, "h%.0fv%.0fh-%.0fz\"/>", 2 * r, 2 * r, 2 * r);
		return;
	}
}

static void
put_word(struct buf *out, const char *class, const char *anchor, struct point p, const char *word)
{
	buf_printf(out, "<text class=\"%s\" text-anchor=\"%s\" x=\"", class, anchor);
	svg_number(out, p.x);
	buf_text(out, "\" y=\"");
	svg_number(out, p.y + 4.5);
	buf_text(out, "\">");
	html_text(out, word);
	buf_text(out, "</text>");
}

/* The name stands outside of the circle, and grows away from it. */
static void
put_node(struct buf *out, const struct graph *g, size_t i)
{
	const struct graph_node *n = &g->nodes[i];
	double r = radius_of(g);
	struct point p = place_of(g, i, 0), name = place_of(g, i, r * 1.3 + 8);
	double above = g->n > MANY ? 8 : 40; /* so near to the middle stands a name over it */
	const char *anchor = name.x < WIDE / 2 - above	 ? "end"
			     : name.x > WIDE / 2 + above ? "start"
							 : "middle";

	if (g->n == 1)
		name.y = p.y + r + 14, name.x = p.x, anchor = "middle";
	buf_printf(out, "<g class=\"node %s\">", graph_state_class(n->state));
	put_form(out, n->state, p, r);
	put_word(out, "sign", "middle", p, graph_state_sign(n->state));
	put_word(out, "name", anchor, name, n->name);
	buf_text(out, "</g>");
}

/* What is in trouble is drawn over what is not. */
static void
put_edges(struct buf *out, const struct graph *g, enum graph_state state)
{
	for (size_t i = 0; i < g->edges_n; i++) {
		const struct graph_edge *e = &g->edges[i];

		assert(e->from < g->n && e->to < g->n);
		if (e->from != e->to && e->state == state)
			put_edge(out, g, e);
	}
}

void
svg_graph(struct buf *out, const struct graph *g)
{
	assert(g->n <= GRAPH_NODES_MAX);
	buf_printf(out,
		"<svg class=\"graph%s\" role=\"img\" viewBox=\"0 0 %.0f %.0f\" direction=\"ltr\" "
		"aria-labelledby=\"%s-t %s-d\">",
		g->n > MANY ? " many" : "", WIDE, HIGH, g->id, g->id);
	svg_said(out, g->id, g->title, g->desc);
	for (enum graph_state s = GRAPH_GOOD; s <= GRAPH_BAD; s++)
		put_edges(out, g, s);
	for (size_t i = 0; i < g->n; i++)
		put_node(out, g, i);
	buf_text(out, "</svg>");
}
