/* SPDX-License-Identifier: EUPL-1.2
 *
 * The broker's counters are turned into points; what is said of a chart (its description) is made
 * of the same numbers, for those who do not see it. */
#include "dashboard/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dashboard/svg_chart.h"

#define BINS_MAX 12

static void
free_doubles(double **v)
{
	free(*v);
	*v = NULL;
}

int
series_hours(const struct page *p)
{
	int64_t hours = query_number(p->query, "hours", 24, 1, 720);

	return hours >= 720 ? 720 : hours >= 168 ? 168 : 24;
}

void
series_choice(struct page *p)
{
	static const struct {
		int hours;
		const char *value, *words;
	} spans[] = {{24, "24", N_("24 hours")}, {168, "168", N_("7 days")},
		{720, "720", N_("30 days")}};

	p_raw(p, "<p class=\"choice\">");
	for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
		if (spans[i].hours == series_hours(p)) {
			p_raw(p, "<b aria-current=\"true\">");
			p_words(p, "%s", _(spans[i].words));
			p_raw(p, "</b> ");
		} else {
			p_link_here(p, spans[i].words, "hours", spans[i].value);
			p_raw(p, " ");
		}
	}
	p_raw(p, "</p>");
}

/* The last of the points, as many as are drawn. */
static size_t
points_of(const json_t *series, const json_t **points)
{
	size_t n;

	*points = json_object_get(series, "points");
	n = json_array_size(*points);
	return n < CHART_POINTS_MAX ? n : CHART_POINTS_MAX;
}

static void
fill_times(struct chart *c, const json_t *series, const json_t *points)
{
	c->from = instant_of(json_array_get(points, json_array_size(points) - c->n), "at");
	c->step = number_of(series, "step_ms") > 0 ? number_of(series, "step_ms") : 3600000;
	c->axis = _("From (UTC)");
}

static void
put_figure(struct page *p, const struct chart *c, void (*draw)(struct buf *, const struct chart *))
{
	char part[32];

	snprintf(part, sizeof part, "chart-%s", c->id);
	p_raw(p, "<figure class=\"figure\"><figcaption>");
	p_text(p, c->title);
	p_raw(p, "</figcaption>");
	p_part(p, part);
	p_slowly(p);
	draw(p->out, c);
	p_slowly_end(p);
	p_part_end(p);
	if (c->series_n > 1)
		svg_legend(p->out, c);
	svg_table(p->out, c);
	p_raw(p, "</figure>");
}

static double
sum(const double *v, size_t n)
{
	double all = 0;

	for (size_t i = 0; i < n; i++)
		all += isfinite(v[i]) ? v[i] : 0;
	return all;
}

void
series_flow(struct page *p, const json_t *series)
{
	const json_t *points;
	size_t n = points_of(series, &points), first = json_array_size(points) - n;
	OWNED(double, v, free_doubles) = xcalloc(3 * n + 1, sizeof *v);
	const struct chart_series lines[] = {
		{_("Accepted"), v}, {_("Committed"), v + n}, {_("Ended otherwise"), v + 2 * n}};
	struct chart c = {.id = "flow",
		.unit = CHART_COUNT,
		.n = n,
		.series = lines,
		.series_n = ARRAY_LEN(lines),
		.rtl = lang_is_rtl()};
	char desc[256];

	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(points, first + i);

		v[i] = (double)number_of(o, "accepted");
		v[n + i] = (double)number_of(o, "committed");
		v[2 * n + i] = (double)(number_of(o, "rejected") + number_of(o, "expired") +
					number_of(o, "dead") + number_of(o, "withdrawn"));
	}
	fill_times(&c, series, points);
	c.title = c.step < 86400000 ? _("Messages an hour") : _("Messages a day");
	snprintf(desc, sizeof desc, _("%.0f accepted, %.0f committed, %.0f ended otherwise."),
		sum(v, n), sum(v + n, n), sum(v + 2 * n, n));
	c.desc = desc;
	put_figure(p, &c, svg_lines);
}

void
series_pace(struct page *p, const json_t *series)
{
	const json_t *points;
	size_t n = points_of(series, &points), first = json_array_size(points) - n;
	OWNED(double, v, free_doubles) = xcalloc(n + 1, sizeof *v);
	const struct chart_series line = {_("On average"), v};
	struct chart c = {.id = "pace",
		.unit = CHART_DURATION,
		.n = n,
		.series = &line,
		.series_n = 1,
		.rtl = lang_is_rtl()};
	double all = 0, of = 0;
	OWNED_BUF(desc) = {0};

	for (size_t i = 0; i < n; i++) {
		const json_t *o = json_array_get(points, first + i);
		double ended = (double)number_of(o, "wait_n");

		v[i] = ended > 0 ? (double)number_of(o, "wait_ms_sum") / ended : NAN;
		all += (double)number_of(o, "wait_ms_sum");
		of += ended;
	}
	fill_times(&c, series, points);
	c.title = _("From acceptance to the end, on average");
	if (of > 0) {
		OWNED_BUF(span) = {0};

		chart_label(&span, CHART_DURATION, all / of);
		buf_printf(&desc, _("%s on average."), (const char *)span.data);
	} else {
		buf_text(&desc, _("Nothing ended in this time."));
	}
	c.desc = (const char *)desc.data;
	put_figure(p, &c, svg_lines);
}

void
series_ages(struct page *p, const json_t *waiting)
{
	const json_t *le = json_object_get(waiting, "le"), *counts = json_object_get(waiting, "n");
	size_t n = json_array_size(counts) < BINS_MAX ? json_array_size(counts) : BINS_MAX;
	double v[BINS_MAX];
	const char *labels[BINS_MAX];
	OWNED_BUF(texts) = {0};
	const struct chart_series bars = {_("Messages"), v};
	struct chart c = {.id = "ages",
		.unit = CHART_COUNT,
		.n = n,
		.labels = labels,
		.series = &bars,
		.series_n = 1,
		.rtl = lang_is_rtl()};
	size_t at[BINS_MAX];
	char desc[160];

	for (size_t i = 0; i < n; i++) {
		const json_t *until = json_array_get(le, i);

		v[i] = (double)json_integer_value(json_array_get(counts, i));
		at[i] = texts.size;
		if (json_is_integer(until))
			chart_label(&texts, CHART_DURATION, (double)json_integer_value(until));
		else
			buf_text(&texts, _("more"));
		buf_u8(&texts, 0);
	}
	for (size_t i = 0; i < n; i++)
		labels[i] = (const char *)texts.data + at[i];
	c.axis = _("Up to");
	c.title = _("Waiting now, by age (up to)");
	snprintf(desc, sizeof desc, _("%.0f messages wait."), sum(v, n));
	c.desc = desc;
	put_figure(p, &c, svg_bars);
}
