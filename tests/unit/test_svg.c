/* SPDX-License-Identifier: EUPL-1.2
 * Charts and the picture of countries: figures in, SVG out, that no text can break. */
#include "tests/unit/test.h"

#include <math.h>

#include "dashboard/svg_chart.h"
#include "dashboard/svg_graph.h"

static bool
has(const struct buf *b, const char *text)
{
	return strstr((const char *)b->data, text) != NULL;
}

static size_t
count(const struct buf *b, const char *text)
{
	size_t n = 0;

	for (const char *at = (const char *)b->data; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

static void
ticks_are_round_and_few(void **state)
{
	static const struct {
		enum chart_unit unit;
		double max, tick;
	} rows[] = {{CHART_COUNT, 0, 1}, {CHART_COUNT, 3, 1}, {CHART_COUNT, 4, 1},
		{CHART_COUNT, 5, 2}, {CHART_COUNT, 17, 5}, {CHART_COUNT, 40, 10},
		{CHART_COUNT, 41, 20}, {CHART_COUNT, 1e6, 500000}, {CHART_COUNT, NAN, 1},
		{CHART_DURATION, 0, 1000}, {CHART_DURATION, 4000, 1000},
		{CHART_DURATION, 90000, 30000}, {CHART_DURATION, 3600000 * 5.0, 3600000 * 2.0},
		{CHART_DURATION, 86400000 * 300.0, 1e10}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double tick = chart_tick(rows[i].unit, rows[i].max);

		assert_true(fabs(tick - rows[i].tick) < 1e-6 * rows[i].tick);
		assert_false(ceil(rows[i].max / tick) > 5);
	}
}

static void
labels_are_short(void **state)
{
	static const struct {
		enum chart_unit unit;
		double value;
		const char *text;
	} rows[] = {{CHART_COUNT, 0, "0"}, {CHART_COUNT, 999, "999"},
		{CHART_COUNT, 1200, "1\u202f200"}, {CHART_COUNT, 1005, "1\u202f005"},
		{CHART_COUNT, 15000, "15k"}, {CHART_COUNT, 2.5e6, "2.5M"},
		{CHART_DURATION, 0, "0 sec"}, {CHART_DURATION, 250, "0.2 sec"},
		{CHART_DURATION, 30000, "30 sec"}, {CHART_DURATION, 300000, "5 min"},
		{CHART_DURATION, 7200000, "2 hr"}, {CHART_DURATION, 259200000, "3 days"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF(b) = {0};

		chart_label(&b, rows[i].unit, rows[i].value);
		assert_string_equal((char *)b.data, rows[i].text);
	}
}

static const double day[] = {0, 4, 2, NAN, 1};

static struct chart
chart_of(const struct chart_series *series, size_t n)
{
	return (struct chart){.id = "c",
		.title = "a <b> & \"c\"",
		.desc = "</svg>",
		.axis = "at",
		.n = ARRAY_LEN(day),
		.from = INT64_C(1795737600000),
		.step = 3600000,
		.series = series,
		.series_n = n};
}

static void
a_line_breaks_where_nothing_is_known(void **state)
{
	const struct chart_series s = {"<i>", day};
	struct chart c = chart_of(&s, 1);
	OWNED_BUF(b) = {0};

	svg_lines(&b, &c);
	assert_true(has(&b, "d=\"M0,100L10,0L20,50\"/><path class=\"line dot s1\""));
	assert_true(has(&b, "d=\"M40,75h0\""));
	assert_true(has(&b, "role=\"img\""));
	assert_true(has(&b, "<title id=\"c-t\">a &lt;b&gt; &amp; &quot;c&quot;</title>"));
	assert_int_equal(count(&b, "<svg"), count(&b, "</svg>"));
	assert_false(has(&b, "style="));
	assert_false(has(&b, "<b>"));
}

static void
time_runs_to_the_left_where_people_read_so(void **state)
{
	const struct chart_series s = {"x", day};
	struct chart c = chart_of(&s, 1);
	OWNED_BUF(b) = {0};

	c.rtl = true;
	svg_lines(&b, &c);
	assert_true(has(&b, "d=\"M40,100L30,0L20,50\""));
	assert_true(has(&b, "d=\"M0,75h0\""));
	assert_true(has(&b, "<g text-anchor=\"start\"><line class=\"base\" x1=\"3%\" x2=\"87%\""));
}

static void
bars_stand_on_each_other(void **state)
{
	static const double one[] = {1, 0}, two[] = {3, -5};
	const struct chart_series s[] = {{"one", one}, {"two", two}};
	struct chart c = chart_of(s, 2);
	OWNED_BUF(b) = {0};

	c.n = 2;
	svg_bars(&b, &c);
	assert_int_equal(count(&b, "<rect"), 2);
	assert_true(
		has(&b, "<rect class=\"bar s1\" x=\"1.5\" y=\"75\" width=\"7\" height=\"25\"/>"));
	assert_true(
		has(&b, "<rect class=\"bar s2\" x=\"1.5\" y=\"0\" width=\"7\" height=\"75\"/>"));
}

static void
a_histogram_tells_its_counts(void **state)
{
	static const double n[] = {7, 0, 2};
	static const char *const labels[] = {"1 min", "<1 h>", "more"};
	const struct chart_series s = {"n", n};
	struct chart c = chart_of(&s, 1);
	OWNED_BUF(b) = {0};

	c.n = 3;
	c.labels = labels;
	svg_bars(&b, &c);
	assert_true(has(&b, "<g class=\"count\" text-anchor=\"middle\"><text x=\"27%\" y=\""));
	assert_true(has(&b, "\">7</text>"));
	assert_true(has(&b, "&lt;1 h&gt;"));
	buf_reset(&b);
	svg_table(&b, &c);
	assert_true(has(&b, "<th scope=\"row\">&lt;1 h&gt;</th><td class=\"n\">0</td>"));
	assert_true(has(&b, "<caption>"));
}

static void
a_chart_of_nothing_is_still_a_chart(void **state)
{
	const struct chart_series s = {"x", day};
	struct chart c = chart_of(&s, 1);
	OWNED_BUF(b) = {0};

	c.n = 0;
	svg_lines(&b, &c);
	svg_bars(&b, &c);
	svg_spark(&b, &c);
	svg_table(&b, &c);
	svg_legend(&b, &c);
	assert_int_equal(count(&b, "<svg"), count(&b, "</svg>"));
	assert_false(has(&b, "nan"));
	assert_false(has(&b, "inf"));
}

/* A day of hours with three lines is small enough to be sent again. */
static void
a_day_takes_less_than_two_kilobytes(void **state)
{
	double v[24];
	const struct chart_series s[] = {{"Accepted", v}, {"Committed", v}, {"Else", v}};
	struct chart c = chart_of(s, 3);
	OWNED_BUF(b) = {0};

	for (size_t i = 0; i < 24; i++)
		v[i] = (double)(i * i * 37 % 971);
	c.n = 24;
	c.desc = "1 204 accepted, 1 190 committed, 14 ended otherwise.";
	svg_lines(&b, &c);
	assert_in_range(b.size, 500, 2000);
}

static struct graph
graph_of(const struct graph_node *nodes, size_t n, const struct graph_edge *edges, size_t m)
{
	return (struct graph){.id = "g",
		.title = "t",
		.desc = "d",
		.nodes = nodes,
		.n = n,
		.edges = edges,
		.edges_n = m};
}

static void
a_closed_corridor_is_dashed_and_crossed(void **state)
{
	static const struct graph_node nodes[] = {{"KE", GRAPH_GOOD}, {"SO", GRAPH_BAD}};
	static const struct graph_edge edges[] = {{0, 1, 10, false, GRAPH_GOOD},
		{1, 0, 0, true, GRAPH_WARN}, {1, 1, 5, false, GRAPH_GOOD}};
	struct graph g = graph_of(nodes, 2, edges, 3);
	OWNED_BUF(b) = {0};

	svg_graph(&b, &g);
	assert_true(has(&b, "<g class=\"edge good\"><path class=\"way\" stroke-width=\"8\""));
	assert_true(
		has(&b, "<g class=\"edge warn closed\"><path class=\"way\" stroke-width=\"1.5\""));
	assert_int_equal(count(&b, "class=\"cross\""), 1);
	assert_int_equal(count(&b, "class=\"head\""), 2); /* none from a country to itself */
	assert_true(has(&b, "\u2717</text>"));
	assert_true(has(&b, "<circle cx=\"60\" cy=\"190\""));
}

static void
the_picture_is_mirrored(void **state)
{
	static const struct graph_node nodes[] = {{"KE", GRAPH_GOOD}, {"SO", GRAPH_GOOD}};
	struct graph g = graph_of(nodes, 2, NULL, 0);
	OWNED_BUF(b) = {0};

	g.rtl = true;
	svg_graph(&b, &g);
	assert_true(has(&b, "<circle cx=\"340\" cy=\"190\" r=\"15\"/><text class=\"sign\" "
			    "text-anchor=\"middle\" x=\"340\""));
}

static void
forty_countries_fit(void **state)
{
	struct graph_node nodes[GRAPH_NODES_MAX];
	struct graph_edge edges[GRAPH_NODES_MAX];
	struct graph g = graph_of(nodes, GRAPH_NODES_MAX, edges, GRAPH_NODES_MAX);
	OWNED_BUF(b) = {0};

	for (size_t i = 0; i < GRAPH_NODES_MAX; i++) {
		nodes[i] = (struct graph_node){.state = i % 3};
		snprintf(nodes[i].name, sizeof nodes[i].name, "C%zu", i);
		edges[i] = (struct graph_edge){
			i, (i * 7 + 3) % GRAPH_NODES_MAX, (double)i, i % 5 == 0, i % 3};
	}
	svg_graph(&b, &g);
	assert_int_equal(count(&b, "class=\"name\""), GRAPH_NODES_MAX);
	assert_false(has(&b, "nan"));
	assert_false(has(&b, "\"-")); /* nothing left of the picture */
	buf_reset(&b);
	g = graph_of(nodes, 1, NULL, 0);
	svg_graph(&b, &g);
	g.n = 0;
	svg_graph(&b, &g);
	assert_false(has(&b, "nan"));
}

static void
a_hostile_name_stays_text(void **state)
{
	static const struct graph_node nodes[] = {{"<a>&\"'", GRAPH_WARN}};
	struct graph g = graph_of(nodes, 1, NULL, 0);
	OWNED_BUF(b) = {0};

	svg_graph(&b, &g);
	assert_true(has(&b, ">&lt;a&gt;&amp;&quot;&#39;</text>"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_are_round_and_few),
		cmocka_unit_test(labels_are_short),
		cmocka_unit_test(a_line_breaks_where_nothing_is_known),
		cmocka_unit_test(time_runs_to_the_left_where_people_read_so),
		cmocka_unit_test(bars_stand_on_each_other),
		cmocka_unit_test(a_histogram_tells_its_counts),
		cmocka_unit_test(a_chart_of_nothing_is_still_a_chart),
		cmocka_unit_test(a_day_takes_less_than_two_kilobytes),
		cmocka_unit_test(a_closed_corridor_is_dashed_and_crossed),
		cmocka_unit_test(the_picture_is_mirrored),
		cmocka_unit_test(forty_countries_fit),
		cmocka_unit_test(a_hostile_name_stays_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
