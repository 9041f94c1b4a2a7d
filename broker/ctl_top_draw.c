/* SPDX-License-Identifier: EUPL-1.2
 *
 * The picture of daftarctl top: what needs somebody first, then rates and waiting ages, then the
 * list that was chosen, the worst first. It fits 80 columns; what is wider is cut at the right. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/ctl_top.h"
#include "lib/buf.h"
#include "lib/id.h"

#define MIB (1024 * 1024)
#define WARNINGS_MOST 3

/* Everything of an answer goes through here. */
static void
cell(struct buf *line, int width, const char *text)
{
	size_t columns = safe_add(line, text);

	if (width > 0)
		buf_printf(line, "%*s", (size_t)width > columns ? width - (int)columns : 1, "");
}

/* ---- the head ---- */

static void
draw_title(const struct top *t, struct picture *out)
{
	OWNED_BUF(line) = {0};
	const char *state = text_of(t->status, "state");
	char at[INSTANT_TEXT_SIZE];

	instant_format(t->at, at);
	buf_printf(&line, " daftar top   realm ");
	cell(&line, 0, text_of(t->status, "realm"));
	buf_printf(&line, "   %s   %.10s %.8s UTC   ",
		strcmp(state, "ok") == 0	? "OK"
		: strcmp(state, "warning") == 0 ? "WARNING"
						: "CRITICAL",
		at, at + 11);
	if (t->paused)
		buf_text(&line, "PAUSED");
	else
		buf_printf(&line, "every %d s", (int)(t->every / 1000));
	picture_add(out, LOOK_TITLE, "%s", (const char *)line.data);
	if (t->failed != E_OK)
		picture_add(out, LOOK_WARN,
			"! the exchange does not answer (%s): this is what it said at %.8s",
			err_word(t->failed), at + 11);
}

static void
draw_warnings(const struct top *t, struct picture *out)
{
	const json_t *warnings = json_object_get(t->status, "warnings"), *warning;
	size_t i, n = json_array_size(warnings);

	json_array_foreach(warnings, i, warning)
	{
		OWNED_BUF(line) = {0};

		if (i == WARNINGS_MOST) {
			picture_add(out, LOOK_WARN, "! and %zu more: daftarctl status", n - i);
			break;
		}
		buf_text(&line, "! ");
		cell(&line, 0, json_string_value(warning));
		picture_add(out, LOOK_WARN, "%s", (const char *)line.data);
	}
}

int64_t
top_ended(const json_t *status)
{
	static const char *const ends[] = {
		"COMMITTED", "REJECTED", "WITHDRAWN", "EXPIRED", "DEAD-LETTER"};
	const json_t *stages = json_object_get(status, "stages");
	int64_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		n += number_of(stages, ends[i]);
	return n;
}

static const char *
rate(double a_minute, char out[32])
{
	if (a_minute < 0)
		snprintf(out, 32, "-");
	else
		snprintf(out, 32, a_minute < 10 ? "%.1f" : "%.0f", a_minute);
	return out;
}

static void
draw_figures(const struct top *t, struct picture *out)
{
	const json_t *st = t->status;
	int64_t queued = number_of(st, "queued"), size = number_of(st, "store_size");
	int64_t oldest = queued > 0 ? t->at - number_of(st, "oldest_queued_ms") : 0;
	char in[32], ended[32], age[32];

	picture_add(out, LOOK_PLAIN,
		"messages  %" PRId64 " accepted (%s a minute), %" PRId64 " ended (%s a minute)",
		number_of(st, "messages"), rate(t->accepted, in), top_ended(st),
		rate(t->ended, ended));
	if (queued > 0)
		picture_add(out, LOOK_PLAIN,
			"waiting   %" PRId64 ", the oldest for %s; held %" PRId64
			", set aside %" PRId64,
			queued, age_text(oldest, age), number_of(st, "held"),
			number_of(st, "aside"));
	else
		picture_add(out, LOOK_PLAIN, "waiting   none; held %" PRId64 ", set aside %" PRId64,
			number_of(st, "held"), number_of(st, "aside"));
	picture_add(out, LOOK_PLAIN,
		"store     %" PRId64 " of %" PRId64 " MiB (%" PRId64 " %%), log %" PRId64
		" entries%s",
		number_of(st, "store_used") / MIB, size / MIB,
		size > 0 ? number_of(st, "store_used") * 100 / size : 0, number_of(st, "log_size"),
		json_is_true(json_object_get(st, "draining")) ? "; DRAINING" : "");
}

/* ---- lists ---- */

struct list {
	const char *title; /* of the view */
	struct column column[10];
};

static const struct list lists[] = {
	[VIEW_CORRIDORS] = {"corridors, the most trouble first",
		{{"from", "from", 12}, {"to", "to", 12}, {"state", "state", 7},
			{"waiting", "waiting", 8}, {"oldest", "age", 8}, {"taken", "accepted", 6},
			{"done", "committed", 6}, {"dead", "dead", 5},
			{"trouble", "trouble_word", 0}}},
	[VIEW_PARTIES] = {"parties, away and waited for first",
		{{"party", "code", 16}, {"role", "role", 9}, {"connected", "connected", 10},
			{"queued", "queued", 8}, {"under way", "under_way", 10},
			{"standing", "standing", 10}, {"last heard", "heard", 0}}},
	[VIEW_ALERTS] = {"alerts",
		{{"alert", "id", 6}, {"severity", "severity", 9}, {"state", "state", 7},
			{"since", "since", 25}, {"what", "sentence", 0}}},
	[VIEW_WAITING] = {"what waits, the soonest deadline first",
		{{"left", "left", 9}, {"why", "why", 8}, {"tracking", "tracking", 16},
			{"kind", "action", 21}, {"from", "from", 12}, {"to", "to", 0}}},
};

static int
by_queue(const void *a, const void *b)
{
	const json_t *x = *(const json_t *const *)a, *y = *(const json_t *const *)b;
	bool away_x = !json_is_true(json_object_get(x, "connected"));
	bool away_y = !json_is_true(json_object_get(y, "connected"));
	int64_t more = number_of(y, "queued") - number_of(x, "queued");

	if (more != 0)
		return more > 0 ? 1 : -1;
	return away_x != away_y ? away_y - away_x : strcmp(text_of(x, "code"), text_of(y, "code"));
}

static json_t *
parties_by_queue(const json_t *status)
{
	return sorted_rows(json_object_get(status, "parties"), by_queue);
}

/* A new reference, or NULL: it could not be asked. */
static json_t *
rows_of(const struct top *t)
{
	json_t *rows = NULL, *row;
	char text[32];
	size_t i;

	switch (t->view) {
	case VIEW_CORRIDORS:
		if (t->corridors == NULL)
			return NULL;
		rows = corridors_by_trouble(t->corridors);
		json_array_foreach(rows, i, row) corridor_flatten(row);
		return rows;
	case VIEW_PARTIES:
		return parties_by_queue(t->status);
	case VIEW_ALERTS:
		return json_incref(json_object_get(t->alerts, "alerts"));
	case VIEW_WAITING:
		rows = json_object_get(t->waiting, "messages");
		json_array_foreach(rows, i, row) json_object_set_new(row, "left",
			json_string(number_of(row, "left_ms") <= 0
					    ? "OVER"
					    : age_text(number_of(row, "left_ms"), text)));
		return json_incref(rows);
	case VIEW_HELP:
		break;
	}
	return NULL;
}

static void
draw_row(const struct list *l, const json_t *row, struct picture *out)
{
	OWNED_BUF(line) = {0};
	char room[32];

	for (const struct column *c = l->column; c->title != NULL; c++)
		cell(&line, c->width, row != NULL ? cell_of(row, c->key, room) : c->title);
	picture_add(out, row != NULL ? LOOK_PLAIN : LOOK_HEAD, "%s", (const char *)line.data);
}

/* From row `first', but a list that fits is shown from its beginning. */
static void
draw_list(const struct top *t, size_t room, struct picture *out)
{
	const struct list *l = &lists[t->view];
	OWNED(json_t, rows, json_decrefp) = rows_of(t);
	size_t n = json_array_size(rows), first = t->first;

	if (room == 0 || n <= room)
		first = 0;
	else if (first > n - room)
		first = n - room;
	if (first > 0)
		picture_add(out, LOOK_MARK, "%s (%zu, from the %zuth)", l->title, n, first + 1);
	else
		picture_add(out, LOOK_MARK, "%s (%zu)", l->title, n);
	if (rows == NULL) {
		picture_add(out, LOOK_PLAIN, "not to be had: the exchange does not tell it to you");
		return;
	}
	if (n > 0)
		draw_row(l, NULL, out);
	for (size_t i = first; i < n && (room == 0 || i < first + room); i++)
		draw_row(l, json_array_get(rows, i), out);
}

static void
draw_help(struct picture *out)
{
	static const char *const lines[] = {"q, Esc      quit", "space       pause, and go on",
		"r           ask now", "+  -        more often, less often",
		"c           corridors, the most trouble first", "p           parties",
		"a           alerts", "w           what waits, the soonest deadline first",
		"up down     one row; PgUp and PgDn ten, Home the first", "",
		"! at the left: look at it now; daftarctl status tells more"};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		picture_add(out, LOOK_PLAIN, "%s", lines[i]);
}

void
top_draw(const struct top *t, int rows, struct picture *out)
{
	size_t room;

	draw_title(t, out);
	draw_warnings(t, out);
	draw_figures(t, out);
	picture_add(out, LOOK_PLAIN, "%s", "");
	room = rows == 0 ? 0 : (size_t)rows > out->n + 4 ? (size_t)rows - out->n - 3 : 1;
	if (t->view == VIEW_HELP)
		draw_help(out);
	else
		draw_list(t, room, out);
	if (rows == 0)
		return;
	while (out->n + 1 < (size_t)rows && out->n + 1 < PICTURE_ROWS)
		picture_add(out, LOOK_PLAIN, "%s", "");
	while (out->n > 0 && out->n + 1 > (size_t)rows)
		free(out->row[--out->n].text);
	picture_add(out, LOOK_TITLE,
		" q quit  space pause  c corridors  p parties  a alerts  w waiting  ? keys");
}
