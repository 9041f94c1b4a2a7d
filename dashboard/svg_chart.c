/* SPDX-License-Identifier: EUPL-1.2
 *
 * The outer picture has no view box, so that its letters keep their size; it holds an inner one
 * that is stretched over the place between the axes. Places outside are shares of the width. */
#include "dashboard/svg_chart.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "dashboard/svg_parts.h"
#include "dashboard/view.h"
#include "lib/lang.h"

#define PLOT_AT 13    /* of 100 of the width: where the plot begins */
#define PLOT_WIDE 84  /* ... and how wide it is */
#define PLOT_TOP 10   /* pixels */
#define PLOT_HIGH 150 /* pixels */
#define HIGH 186      /* of everything */
#define INNER_HIGH 100.0
#define INNER_STEP 10.0 /* between two points */
#define LABELS_MAX 5
#define HOUR_MS 3600000ll
#define DAY_MS (24 * HOUR_MS)

/* How values lie on the inner picture. */
struct scale {
	double top;   /* value of the uppermost tick */
	double tick;  /* between two */
	double width; /* of the inner picture */
};

double
chart_tick(enum chart_unit unit, double max)
{
	static const int64_t clock[] = {1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000,
		300000, 600000, 900000, 1800000, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS,
		12 * HOUR_MS, DAY_MS, 2 * DAY_MS, 7 * DAY_MS, 14 * DAY_MS, 30 * DAY_MS};
	static const double round[] = {1, 2, 5, 10};
	double power;

	if (unit == CHART_DURATION)
		for (size_t i = 0; i < ARRAY_LEN(clock); i++)
			if (max <= 4.0 * (double)clock[i])
				return (double)clock[i];
	if (!(max > 4))
		return 1;
	power = pow(10, floor(log10(max / 4)));
	for (size_t i = 0; i < ARRAY_LEN(round); i++)
		if (max <= 4 * round[i] * power)
			return round[i] * power;
	return 10 * power;
}

static void
label_count(struct buf *out, double v)
{
	if (v >= 1e6)
		buf_printf(out, fmod(v, 1e6) == 0 ? "%.0fM" : "%.1fM", v / 1e6);
	else if (v >= 1e4)
		buf_printf(out, fmod(v, 1e3) == 0 ? "%.0fk" : "%.1fk", v / 1e3);
	else if (v >= 1e3)
		buf_printf(out, "%.0f\u202f%03.0f", floor(v / 1e3), fmod(v, 1e3));
	else
		buf_printf(out, "%.0f", v);
}

static void
label_duration(struct buf *out, double ms)
{
	double s = ms / 1000;

	if (s > 0 && s < 1)
		buf_printf(out, _("%.1f sec"), s);
	else if (s < 60)
		buf_printf(out, _("%.0f sec"), s);
	else if (s < 3600)
		buf_printf(out, _("%.0f min"), s / 60);
	else if (s < 2 * 86400)
		buf_printf(out, _("%.0f hr"), s / 3600);
	else
		buf_printf(out, _("%.0f days"), s / 86400);
}

void
chart_label(struct buf *out, enum chart_unit unit, double value)
{
	if (unit == CHART_COUNT)
		label_count(out, value);
	else
		label_duration(out, value);
}

/* "14:00"; days where more than two of them are shown: "11-27". */
static void
put_instant(struct buf *out, const struct chart *c, size_t i)
{
	time_t s = (time_t)((c->from + (int64_t)i * c->step) / 1000);
	struct tm tm;
	char text[32] = "";

	if (gmtime_r(&s, &tm) != NULL)
		strftime(text, sizeof text,
			(int64_t)c->n * c->step > 2 * DAY_MS ? "%m-%d" : "%H:%M", &tm);
	buf_text(out, text);
}

/* The same for the table, where there is room. */
static void
put_point(struct buf *out, const struct chart *c, size_t i)
{
	time_t s = (time_t)((c->from + (int64_t)i * c->step) / 1000);
	struct tm tm;
	char text[32] = "";

	if (c->labels != NULL) {
		html_text(out, c->labels[i]);
		return;
	}
	if (gmtime_r(&s, &tm) != NULL)
		strftime(text, sizeof text, "%m-%d %H:%M", &tm);
	buf_text(out, text);
}

static double
sum_at(const struct chart *c, size_t i)
{
	double sum = 0;

	for (size_t k = 0; k < c->series_n; k++)
		if (isfinite(c->series[k].values[i]))
			sum += c->series[k].values[i];
	return sum;
}

static double
largest(const struct chart *c, bool stacked)
{
	double max = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (stacked)
			max = fmax(max, sum_at(c, i));
		for (size_t k = 0; !stacked && k < c->series_n; k++)
			if (isfinite(c->series[k].values[i]))
				max = fmax(max, c->series[k].values[i]);
	}
	return max;
}

static struct scale
scale_of(const struct chart *c, bool stacked)
{
	double max = largest(c, stacked);
	struct scale s = {.tick = chart_tick(c->unit, max)};
	double steps = stacked ? (double)c->n : (double)c->n - 1;

	s.top = s.tick * fmax(1, ceil(max / s.tick));
	s.width = fmax(1, steps) * INNER_STEP;
	return s;
}

static double
high(const struct scale *s, double value)
{
	return INNER_HIGH - fmin(fmax(value, 0), s->top) / s->top * INNER_HIGH;
}

/* A share of the inner width as a share of the outer one. */
static double
outer(const struct chart *c, double share)
{
	if (c->rtl)
		share = 1 - share;
	return (c->rtl ? 100 - PLOT_AT - PLOT_WIDE : PLOT_AT) + share * PLOT_WIDE;
}

static void
put_begin(struct buf *out, const struct chart *c)
{
	assert(c->n <= CHART_POINTS_MAX && c->series_n <= CHART_SERIES_MAX);
	buf_printf(out,
		"<svg class=\"chart\" role=\"img\" width=\"100%%\" height=\"%d\" direction=\"ltr\" "
		"aria-labelledby=\"%s-t %s-d\">",
		HIGH, c->id, c->id);
	svg_said(out, c->id, c->title, c->desc);
}

/* A line across. */
static void
put_across(struct buf *out, const struct chart *c, const char *class, double y)
{
	buf_printf(out, "<line class=\"%s\" x1=\"%d%%\" x2=\"%d%%\" y1=\"", class,
		c->rtl ? 100 - PLOT_AT - PLOT_WIDE : PLOT_AT,
		c->rtl ? 100 - PLOT_AT : PLOT_AT + PLOT_WIDE);
	svg_number(out, y);
	buf_text(out, "\" y2=\"");
	svg_number(out, y);
	buf_text(out, "\"/>");
}

/* Lines across, and what they are worth. */
static void
put_ticks(struct buf *out, const struct chart *c, const struct scale *s)
{
	buf_printf(out, "<g text-anchor=\"%s\">", c->rtl ? "start" : "end");
	for (double v = 0; v <= s->top * 1.001; v += s->tick) {
		double y = PLOT_TOP + high(s, v) / INNER_HIGH * PLOT_HIGH;

		put_across(out, c, v == 0 ? "base" : "grid", y);
		buf_printf(out, "<text x=\"%d%%\" y=\"", c->rtl ? 100 - PLOT_AT + 1 : PLOT_AT - 1);
		svg_number(out, y + 4);
		buf_text(out, "\">");
		chart_label(out, c->unit, v);
		buf_text(out, "</text>");
	}
	buf_text(out, "</g>");
}

/* Does a label belong under this point? Whole hours and days, and at most LABELS_MAX of them. */
static bool
has_label(const struct chart *c, size_t i)
{
	static const int64_t rounds[] = {HOUR_MS, 2 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, DAY_MS,
		2 * DAY_MS, 7 * DAY_MS, 10 * DAY_MS};
	int64_t span = (int64_t)c->n * c->step, every = c->step;

	if (c->labels != NULL)
		return true;
	for (size_t k = 0; k < ARRAY_LEN(rounds) && span / every > LABELS_MAX; k++)
		if (rounds[k] > every)
			every = rounds[k];
	return (c->from + (int64_t)i * c->step) % every < c->step;
}

static void
put_labels(struct buf *out, const struct chart *c, bool stacked)
{
	buf_text(out, "<g text-anchor=\"middle\">");
	for (size_t i = 0; i < c->n; i++) {
		double steps = stacked ? (double)c->n : fmax(1, (double)c->n - 1);
		double share = ((double)i + (stacked ? 0.5 : 0)) / steps;

		if (!has_label(c, i))
			continue;
		buf_text(out, "<text x=\"");
		svg_number(out, outer(c, share));
		buf_printf(out, "%%\" y=\"%d\">", PLOT_TOP + PLOT_HIGH + 18);
		if (c->labels != NULL)
			html_text(out, c->labels[i]);
		else
			put_instant(out, c, i);
		buf_text(out, "</text>");
	}
	buf_text(out, "</g>");
}

static void
put_inner(struct buf *out, const struct chart *c, const struct scale *s)
{
	buf_printf(out,
		"<svg x=\"%d%%\" y=\"%d\" width=\"%d%%\" height=\"%d\" viewBox=\"0 0 %.0f %.0f\" "
		"preserveAspectRatio=\"none\">",
		c->rtl ? 100 - PLOT_AT - PLOT_WIDE : PLOT_AT, PLOT_TOP, PLOT_WIDE, PLOT_HIGH,
		s->width, INNER_HIGH);
}

static void
put_place(struct buf *out, const struct chart *c, const struct scale *s, size_t k, size_t i)
{
	double x = (double)i * INNER_STEP;

	svg_number(out, c->rtl ? s->width - x : x);
	buf_text(out, ",");
	svg_number(out, high(s, c->series[k].values[i]));
}

/* Nothing is known right before it and right behind it. */
static bool
is_alone(const struct chart *c, size_t k, size_t i)
{
	const double *v = c->series[k].values;

	return isfinite(v[i]) && (i == 0 || !isfinite(v[i - 1])) &&
	       (i + 1 == c->n || !isfinite(v[i + 1]));
}

/* A point that stands alone is a line without length: its round ends are a dot. */
static void
put_dots(struct buf *out, const struct chart *c, const struct scale *s, size_t k)
{
	bool any = false;

	for (size_t i = 0; i < c->n; i++) {
		if (!is_alone(c, k, i))
			continue;
		if (!any)
			buf_printf(out,
				"<path class=\"line dot s%zu\" "
				"vector-effect=\"non-scaling-stroke\" "
				"d=\"",
				k + 1);
		any = true;
		buf_text(out, "M");
		put_place(out, c, s, k, i);
		buf_text(out, "h0");
	}
	if (any)
		buf_text(out, "\"/>");
}

static void
put_line(struct buf *out, const struct chart *c, const struct scale *s, size_t k)
{
	const double *v = c->series[k].values;
	bool open = false;

	buf_printf(
		out, "<path class=\"line s%zu\" vector-effect=\"non-scaling-stroke\" d=\"", k + 1);
	for (size_t i = 0; i < c->n; i++) {
		if (isfinite(v[i]) && !is_alone(c, k, i)) {
			buf_text(out, open ? "L" : "M");
			put_place(out, c, s, k, i);
		}
		open = isfinite(v[i]);
	}
	buf_text(out, "\"/>");
	put_dots(out, c, s, k);
}

static void
put_bar(struct buf *out, const struct chart *c, const struct scale *s, size_t i)
{
	double below = 0, x = ((double)i + 0.15) * INNER_STEP, wide = INNER_STEP * 0.7;

	for (size_t k = 0; k < c->series_n; k++) {
		double v = c->series[k].values[i], y;

		if (!isfinite(v) || v <= 0)
			continue;
		y = high(s, below + v);
		buf_printf(out, "<rect class=\"bar s%zu\" x=\"", k + 1);
		svg_number(out, c->rtl ? s->width - x - wide : x);
		buf_text(out, "\" y=\"");
		svg_number(out, y);
		buf_text(out, "\" width=\"");
		svg_number(out, wide);
		buf_text(out, "\" height=\"");
		svg_number(out, fmax(high(s, below) - y, 0.7));
		buf_text(out, "\"/>");
		below += v;
	}
}

void
svg_lines(struct buf *out, const struct chart *c)
{
	struct scale s = scale_of(c, false);

	put_begin(out, c);
	put_ticks(out, c, &s);
	put_labels(out, c, false);
	put_inner(out, c, &s);
	for (size_t k = 0; k < c->series_n; k++)
		put_line(out, c, &s, k);
	buf_text(out, "</svg></svg>");
}

/* How many there are stands on a bar that is told by a label. */
static void
put_counts(struct buf *out, const struct chart *c, const struct scale *s)
{
	buf_text(out, "<g class=\"count\" text-anchor=\"middle\">");
	for (size_t i = 0; i < c->n; i++) {
		double sum = sum_at(c, i);

		buf_text(out, "<text x=\"");
		svg_number(out, outer(c, ((double)i + 0.5) / (double)c->n));
		buf_text(out, "%\" y=\"");
		svg_number(out, fmax(PLOT_TOP + high(s, sum) / INNER_HIGH * PLOT_HIGH - 4, 11));
		buf_text(out, "\">");
		chart_label(out, c->unit, sum);
		buf_text(out, "</text>");
	}
	buf_text(out, "</g>");
}

void
svg_bars(struct buf *out, const struct chart *c)
{
	struct scale s = scale_of(c, true);

	if (c->labels != NULL)
		s.top += s.tick; /* room for the count on the highest one */
	put_begin(out, c);
	if (c->labels != NULL)
		put_across(out, c, "base", PLOT_TOP + PLOT_HIGH); /* each bar tells its own */
	else
		put_ticks(out, c, &s);
	put_labels(out, c, true);
	put_inner(out, c, &s);
	for (size_t i = 0; i < c->n; i++)
		put_bar(out, c, &s, i);
	buf_text(out, "</svg>");
	if (c->labels != NULL)
		put_counts(out, c, &s);
	buf_text(out, "</svg>");
}

void
svg_spark(struct buf *out, const struct chart *c)
{
	struct scale s = scale_of(c, false);

	buf_printf(out,
		"<svg class=\"spark\" role=\"img\" viewBox=\"0 -2 %.0f 104\" "
		"preserveAspectRatio=\"none\"><title>",
		s.width);
	html_text(out, c->title);
	buf_text(out, "</title>");
	put_line(out, c, &s, 0);
	buf_text(out, "</svg>");
}

void
svg_legend(struct buf *out, const struct chart *c)
{
	buf_text(out, "<ul class=\"legend\">");
	for (size_t k = 0; k < c->series_n; k++) {
		buf_printf(out,
			"<li><svg class=\"swatch\" aria-hidden=\"true\" width=\"28\" height=\"10\">"
			"<line class=\"line s%zu\" x1=\"1\" x2=\"27\" y1=\"5\" y2=\"5\"/></svg>",
			k + 1);
		html_text(out, c->series[k].name);
		buf_text(out, "</li>");
	}
	buf_text(out, "</ul>");
}

static void
put_row(struct buf *out, const struct chart *c, size_t i)
{
	buf_text(out, "<tr><th scope=\"row\">");
	put_point(out, c, i);
	buf_text(out, "</th>");
	for (size_t k = 0; k < c->series_n; k++) {
		buf_text(out, "<td class=\"n\">");
		if (isfinite(c->series[k].values[i]))
			chart_label(out, c->unit, c->series[k].values[i]);
		else
			buf_text(out, "\u2013");
		buf_text(out, "</td>");
	}
	buf_text(out, "</tr>");
}

void
svg_table(struct buf *out, const struct chart *c)
{
	buf_text(out, "<details class=\"figures\"><summary>");
	html_text(out, _("Figures"));
	buf_text(out, "</summary><div class=\"wide\" tabindex=\"0\"><table><caption>");
	html_text(out, c->title);
	buf_text(out, "</caption><thead><tr><th scope=\"col\">");
	html_text(out, c->axis);
	buf_text(out, "</th>");
	for (size_t k = 0; k < c->series_n; k++) {
		buf_text(out, "<th scope=\"col\" class=\"n\">");
		html_text(out, c->series[k].name);
		buf_text(out, "</th>");
	}
	buf_text(out, "</tr></thead><tbody>");
	for (size_t i = c->n; i-- > 0;)
		put_row(out, c, c->labels != NULL ? c->n - 1 - i : i);
	buf_text(out, "</tbody></table></div></details>");
}
