/* SPDX-License-Identifier: EUPL-1.2
 *
 * Corridors: a picture of the countries and what flows between them, and the same as a table. */
#include "dashboard/corridors.h"
#include "dashboard/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dashboard/svg_graph.h"

#define EDGES_MAX 400
#define MOST 200 /* rows of the table */

struct map {
	struct graph_node node[GRAPH_NODES_MAX];
	struct graph_edge edge[EDGES_MAX];
	struct graph graph;
	size_t left_out; /* corridors that the picture has no room for */
};

static void
free_map(struct map **m)
{
	free(*m);
	*m = NULL;
}

/* The country of a party: what stands before the dot of its code. */
static void
country_of(const char *party, char out[static 16])
{
	snprintf(out, 16, "%.*s", (int)strcspn(party, "."), party);
}

static enum graph_state
graph_state(enum mark mark)
{
	return mark == MARK_BAD ? GRAPH_BAD : mark == MARK_WARN ? GRAPH_WARN : GRAPH_GOOD;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct graph_node *)a)->name, ((const struct graph_node *)b)->name);
}

static size_t
find_node(const struct map *m, const char *party)
{
	char name[16];
	size_t i = 0;

	country_of(party, name);
	while (i < m->graph.n && strcmp(m->node[i].name, name) != 0)
		i++;
	return i;
}

static void
add_node(struct map *m, const char *party)
{
	if (m->graph.n == GRAPH_NODES_MAX || find_node(m, party) < m->graph.n)
		return;
	country_of(party, m->node[m->graph.n].name);
	m->graph.n++;
}

static struct graph_edge *
edge_between(struct map *m, size_t from, size_t to)
{
	struct graph_edge *e;

	for (size_t i = 0; i < m->graph.edges_n; i++)
		if (m->edge[i].from == from && m->edge[i].to == to)
			return &m->edge[i];
	if (m->graph.edges_n == EDGES_MAX)
		return NULL;
	e = &m->edge[m->graph.edges_n++];
	*e = (struct graph_edge){.from = from, .to = to, .closed = true};
	return e;
}

/* Several corridors of one pair of countries are one edge: as bad as the worst, closed when all
 * are. */
static void
add_corridor(struct map *m, const json_t *c)
{
	size_t from = find_node(m, text_of(c, "from")), to = find_node(m, text_of(c, "to"));
	enum graph_state state = graph_state(corridor_mark(c));
	struct graph_edge *e;

	if (from == m->graph.n || to == m->graph.n || (e = edge_between(m, from, to)) == NULL) {
		m->left_out++;
		return;
	}
	e->flow += (double)number_of(json_object_get(c, "day"), "accepted");
	e->closed = e->closed && corridor_is_closed(c);
	if (state > e->state)
		e->state = state;
	for (size_t i = 0; i < 2; i++) {
		struct graph_node *n = &m->node[i == 0 ? from : to];

		if (state > n->state)
			n->state = state;
	}
}

static void
fill_map(struct map *m, const json_t *corridors)
{
	const json_t *c;
	size_t i;

	m->graph.nodes = m->node;
	m->graph.edges = m->edge;
	json_array_foreach(corridors, i, c)
	{
		add_node(m, text_of(c, "from"));
		add_node(m, text_of(c, "to"));
	}
	qsort(m->node, m->graph.n, sizeof m->node[0], by_name);
	json_array_foreach(corridors, i, c) add_corridor(m, c);
}

/* What the lines and signs mean; the picture itself is told by its description and by the table. */
static void
put_legend(struct page *p)
{
	static const struct {
		enum graph_state state;
		const char *words;
	} rows[] = {{GRAPH_GOOD, N_("no trouble")}, {GRAPH_WARN, N_("look at it")},
		{GRAPH_BAD, N_("trouble")}};

	p_raw(p, "<ul class=\"legend\">");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		p_raw(p, "<li>");
		p_mark(p,
			rows[i].state == GRAPH_GOOD   ? MARK_GOOD
			: rows[i].state == GRAPH_WARN ? MARK_WARN
						      : MARK_BAD,
			rows[i].words);
		p_raw(p, "</li>");
	}
	p_raw(p, "<li>");
	p_words(p, N_("width: messages of 24 hours"));
	p_raw(p, "</li><li>");
	p_words(p, N_("dashed, with a cross: closed"));
	p_raw(p, "</li></ul>");
}

static void
put_graph(struct page *p, const json_t *corridors)
{
	OWNED(struct map, m, free_map) = xcalloc(1, sizeof *m);
	size_t troubled = 0, closed = 0;
	char desc[256];

	fill_map(m, corridors);
	if (m->graph.n == 0)
		return;
	for (size_t i = 0; i < m->graph.edges_n; i++) {
		troubled += m->edge[i].state != GRAPH_GOOD;
		closed += m->edge[i].closed;
	}
	snprintf(desc, sizeof desc,
		_("%zu countries, %zu ways between them; %zu with trouble, %zu closed. The table "
		  "below "
		  "holds the same."),
		m->graph.n, m->graph.edges_n, troubled, closed);
	m->graph.id = "map";
	m->graph.title = _("Countries and what flows between them");
	m->graph.desc = desc;
	m->graph.rtl = lang_is_rtl();
	p_raw(p, "<figure class=\"figure map\">");
	svg_graph(p->out, &m->graph);
	put_legend(p);
	if (m->left_out > 0)
		p_note(p, N_("Not all corridors fit into the picture; the table holds them all."));
	p_raw(p, "</figure>");
}

/* Does a party's code begin with what was asked for, "ke" or "KE.CRS"? */
static bool
fits(const char *party, const char *wanted)
{
	return strncasecmp(party, wanted, strlen(wanted)) == 0;
}

/* Those of one country or party only; a new list. */
static json_t *
chosen(const struct page *p, const json_t *corridors)
{
	const char *wanted = query_text(p->query, "party");
	json_t *list = json_array();
	json_t *c;
	size_t i;

	json_array_foreach(
		corridors, i, c) if (wanted == NULL || fits(text_of(c, "from"), wanted) ||
				     fits(text_of(c, "to"), wanted)) json_array_append(list, c);
	return list;
}

static void
free_list(json_t **list)
{
	json_decref(*list);
	*list = NULL;
}

void
screen_corridors(struct page *p)
{
	const json_t *answer = p_ask(p, "corridor.list", NULL);

	if (answer == NULL)
		return;
	OWNED(json_t, corridors, free_list) = chosen(p, json_object_get(answer, "corridors"));
	put_graph(p, corridors);
	p_filter(p, N_("Filters"));
	p_field(p, "party", N_("Country or party"), "KE");
	p_filter_end(p);
	corridor_table(p, "corridors", N_("Worst first"), corridors, MOST, false);
	if (json_array_size(corridors) > MOST)
		p_note(p, N_("Only the worst 200 are shown: choose a country or a party."));
}
