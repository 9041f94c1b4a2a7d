/* SPDX-License-Identifier: EUPL-1.2
 *
 * Countries and the corridors between them as a picture: countries on a circle, always in the order
 * in which they are given, so that one finds them again; a corridor as wide as what it carries,
 * dashed and crossed when it is closed. States have a form, a sign and a colour. From right to left
 * the picture is mirrored. No style and no script inside; texts are escaped here. */
#ifndef DAFTAR_DASHBOARD_SVG_GRAPH_H
#define DAFTAR_DASHBOARD_SVG_GRAPH_H

#include "lib/buf.h"

#define GRAPH_NODES_MAX 40

enum graph_state { GRAPH_GOOD, GRAPH_WARN, GRAPH_BAD };

struct graph_node {
	char name[16]; /* some letters: "KE" */
	enum graph_state state;
};

struct graph_edge {
	size_t from, to; /* places in the list of nodes */
	double flow;	 /* messages of a day */
	bool closed;
	enum graph_state state;
};

struct graph {
	const char *id;
	const char *title, *desc;
	const struct graph_node *nodes;
	size_t n; /* at most GRAPH_NODES_MAX */
	const struct graph_edge *edges;
	size_t edges_n;
	bool rtl;
};

/* Writes the picture. An edge from a node to itself is left out. */
void svg_graph(struct buf *out, const struct graph *g);

/* Class and sign of a state: "good", "warn", "bad"; a tick, an exclamation mark, a cross. */
const char *graph_state_class(enum graph_state s);
const char *graph_state_sign(enum graph_state s);

#endif
