/* SPDX-License-Identifier: EUPL-1.2
 *
 * Charts made by the server: from numbers to SVG, for whoever shows a page. No style and no script
 * is inside (the policy of the page forbids both): colours come from classes of the style sheet,
 * "s1", "s2", ... a series. Lines are told apart by their dashes too, and below each chart stand
 * its figures as a table. Texts come translated and are escaped here. Drawn for a width that nobody
 * knows: the plot is stretched, the letters are not. From right to left time runs to the left. */
#ifndef DAFTAR_DASHBOARD_SVG_CHART_H
#define DAFTAR_DASHBOARD_SVG_CHART_H

#include "lib/buf.h"

#define CHART_SERIES_MAX 6
#define CHART_POINTS_MAX 1000

enum chart_unit { CHART_COUNT, CHART_DURATION /* milliseconds */ };

struct chart_series {
	const char *name;
	const double *values; /* one a point; NAN: nothing is known */
};

struct chart {
	const char *id;		  /* [a-z-]+, once on a page */
	const char *title, *desc; /* what is drawn; what it says, in a sentence */
	const char *axis;	  /* head of the table's first column */
	enum chart_unit unit;
	size_t n;		   /* points */
	int64_t from, step;	   /* ms UTC of the first point, and between two */
	const char *const *labels; /* of the points instead of times */
	const struct chart_series *series;
	size_t series_n;
	bool rtl;
};

/* A line a series. */
void svg_lines(struct buf *out, const struct chart *c);
/* A bar a point, of which each series is a part; with one series and labels: a histogram. */
void svg_bars(struct buf *out, const struct chart *c);
/* A small line without axes, of the first series. */
void svg_spark(struct buf *out, const struct chart *c);
/* Which class is which series. */
void svg_legend(struct buf *out, const struct chart *c);
/* The figures, behind "Figures". */
void svg_table(struct buf *out, const struct chart *c);

/* The distance between two ticks, so that at most 5 of them reach `max': 1, 2 or 5 times a power of
 * ten, or of durations what a clock shows. */
double chart_tick(enum chart_unit unit, double max) MUST_USE;
/* "1 200", "15k", "2.5M"; "30 s", "5 min", "2 h", "3 d". */
void chart_label(struct buf *out, enum chart_unit unit, double value);

#endif
