/* SPDX-License-Identifier: EUPL-1.2
 *
 * What ends within 12 months, as a picture: each on a line of its own from today to its end, with
 * the marks of 7, 30 and 90 days. Places are shares of the width, so that letters keep their size
 * on any screen; from right to left time runs to the left. Colours are classes of the style sheet,
 * and each end has the sign of its mark as well. */
#include <stdio.h>
#include <string.h>

#include "dashboard/certs.h"
#include "dashboard/view.h"
#include "lib/id.h"

#define YEAR_MS (366 * CERT_DAY_MS)
#define LINES_MOST 24
#define TOP 26
#define LINE_HIGH 30
#define FOOT 22
#define EDGE 7 /* a share of the width: half a name on a phone */

struct timeline {
	struct buf *out;
	int64_t now; /* the day that has begun: the picture moves once a day */
	int64_t exact;
	bool rtl;
	size_t lines;
};

static double
place_of(const struct timeline *t, int64_t ms)
{
	double share = (double)(ms - t->now) / (double)YEAR_MS;

	share = 1 + 97 * (share < 0 ? 0 : share > 1 ? 1 : share);
	return t->rtl ? 100 - share : share;
}

static const struct {
	int64_t days;
	const char *class, *sign;
} bands[] = {
	{7, "bad", "\u2717"},
	{30, "warn", "!"},
	{90, "soon", "\u25d0"},
	{INT32_MAX, "good", "\u25cf"},
};

static size_t
band_of(int64_t left)
{
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(bands) && left >= bands[i].days * CERT_DAY_MS)
		i++;
	return i;
}

/* ---- the axis ---- */

static void
put_line(struct timeline *t, const char *class, double x, unsigned from, unsigned to)
{
	buf_printf(t->out, "<line class=\"%s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%u\" y2=\"%u\"/>",
		class, x, x, from, to);
}

/* Where a name would stand half outside, it begins at its line. */
static const char *
anchor_of(const struct timeline *t, double x)
{
	bool first = t->rtl ? x > 100 - EDGE : x < EDGE;

	return !first ? "middle" : t->rtl ? "end" : "start";
}

/* The first day of each month, every third with its name. */
static void
put_months(struct timeline *t, unsigned high)
{
	char text[INSTANT_TEXT_SIZE], last[8] = "";
	unsigned n = 0;

	for (int64_t ms = t->now + CERT_DAY_MS; ms < t->now + YEAR_MS; ms += CERT_DAY_MS) {
		instant_format(ms, text);
		if (strncmp(text + 8, "01", 2) != 0 || strncmp(text, last, 7) == 0)
			continue;
		memcpy(last, text, 7);
		put_line(
			t, n % 3 == 0 ? "quarter" : "month", place_of(t, ms), TOP - 6, high - FOOT);
		if (n++ % 3 == 0)
			buf_printf(t->out,
				"<text class=\"tick\" direction=\"ltr\" text-anchor=\"%s\" "
				"x=\"%.2f%%\" y=\"14\">%.7s</text>",
				anchor_of(t, place_of(t, ms)), place_of(t, ms), text);
	}
}

static void
put_marks(struct timeline *t, unsigned high)
{
	for (size_t i = 0; i + 1 < ARRAY_LEN(bands); i++) {
		double x = place_of(t, t->now + bands[i].days * CERT_DAY_MS);
		OWNED(char, class, free_chars) = xprintf("limit %s", bands[i].class);

		put_line(t, class, x, TOP - 6, high - FOOT);
		buf_printf(t->out,
			"<text class=\"tick\" direction=\"ltr\" text-anchor=\"middle\" "
			"x=\"%.2f%%\" y=\"%u\">%lld</text>",
			x, high - 6, (long long)bands[i].days);
	}
}

/* ---- a line ---- */

static void
put_end(struct timeline *t, const json_t *c, int64_t until)
{
	size_t band = band_of(until - t->exact);
	unsigned y = TOP + (unsigned)t->lines * LINE_HIGH;
	double start = place_of(t, t->now), end = place_of(t, until);

	buf_printf(t->out, "<text class=\"name\" text-anchor=\"start\" x=\"%.2f%%\" y=\"%u\">",
		start, y + 11);
	html_text(t->out, text_of(c, "party"));
	buf_text(t->out, text_of(c, "party")[0] != '\0' ? " " : "");
	html_text(t->out, _(expiry_words(text_of(c, "what"))));
	buf_printf(t->out,
		"</text><line class=\"life %s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%u\" y2=\"%u\"/>"
		"<text class=\"end %s\" text-anchor=\"middle\" x=\"%.2f%%\" y=\"%u\">%s</text>",
		bands[band].class, start, end, y + 19, y + 19, bands[band].class, end, y + 24,
		bands[band].sign);
	t->lines++;
}

static bool
is_shown(const json_t *c, int64_t now, int64_t *until)
{
	const char *state = text_of(c, "state");

	*until = instant_of(c, "until");
	return *until < now + YEAR_MS && strcmp(state, "revoked") != 0 &&
	       strcmp(state, "revoked-here") != 0;
}

static size_t
count_shown(const json_t *list, int64_t now)
{
	const json_t *c;
	int64_t until;
	size_t i, n = 0;

	json_array_foreach(list, i, c) n += is_shown(c, now, &until);
	return n < LINES_MOST ? n : LINES_MOST;
}

void
svg_expiry(struct buf *out, const json_t *list, int64_t now, bool rtl)
{
	struct timeline t = {.out = out, .now = now - now % CERT_DAY_MS, .exact = now, .rtl = rtl};
	unsigned high = TOP + (unsigned)count_shown(list, now) * LINE_HIGH + FOOT;
	const json_t *c;
	int64_t until;
	size_t i;

	buf_printf(out,
		"<svg class=\"expiry\" role=\"img\" aria-labelledby=\"expiry-title\" "
		"width=\"100%%\" height=\"%u\"><title id=\"expiry-title\">",
		high);
	html_text(out, _(N_("What ends within 12 months; the table below says the same")));
	buf_text(out, "</title>");
	put_months(&t, high);
	put_marks(&t, high);
	json_array_foreach(list, i, c) if (t.lines < LINES_MOST && is_shown(c, now, &until))
		put_end(&t, c, until);
	buf_text(out, "</svg>");
}
