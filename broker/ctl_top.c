/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl top: asks, draws, hears keys, and asks again. An exchange that does not answer leaves
 * the last picture standing, with the time of it. */
#include "broker/ctl_top.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/id.h"

#define EVERY_MS 2000
#define EVERY_MOST 60000
#define MINUTE_MS 60000.0

/* ---- asking ---- */

static void
replace(json_t **old, json_t *fresh)
{
	json_decref(*old);
	*old = fresh;
}

/* NULL when it is not to be had: another role. */
static json_t *
ask_for(const struct options *o, const char *verb, json_t *args)
{
	OWNED(json_t, given, json_decrefp) = args;
	json_t *data = NULL;

	return ctl_call(o, verb, given, &data) == E_OK ? data : NULL;
}

/* A minute, from two looks. A daftard that was restarted counts its store as before. */
static void
measure(struct top *t)
{
	int64_t accepted = number_of(t->status, "messages"), ended = top_ended(t->status);
	double minutes = (double)(t->at - t->before.at) / MINUTE_MS;

	if (t->before.at != 0 && minutes > 0 && accepted >= t->before.accepted) {
		t->accepted = (double)(accepted - t->before.accepted) / minutes;
		t->ended =
			ended >= t->before.ended ? (double)(ended - t->before.ended) / minutes : 0;
	}
	t->before.at = t->at;
	t->before.accepted = accepted;
	t->before.ended = ended;
}

static void
ask_all(const struct options *o, struct top *t)
{
	json_t *status = NULL;

	t->failed = ctl_call(o, "status", NULL, &status);
	if (t->failed != E_OK)
		return;
	t->at = instant_now();
	replace(&t->status, status);
	replace(&t->alerts, ask_for(o, "alert.list", NULL));
	replace(&t->corridors, ask_for(o, "corridor.list", NULL));
	if (t->view == VIEW_WAITING)
		replace(&t->waiting, ask_for(o, "deadline.list", json_pack("{s:i}", "limit", 100)));
	measure(t);
}

/* ---- keys ---- */

static void
show(struct top *t, enum top_view view)
{
	t->view = view;
	t->first = 0;
}

static void
pace(struct top *t, int64_t by)
{
	t->every += by;
	t->every = t->every < 1000 ? 1000 : t->every > EVERY_MOST ? EVERY_MOST : t->every;
}

static const struct {
	char letter;
	enum top_view view;
} views[] = {
	{'c', VIEW_CORRIDORS},
	{'p', VIEW_PARTIES},
	{'a', VIEW_ALERTS},
	{'w', VIEW_WAITING},
	{'?', VIEW_HELP},
	{'h', VIEW_HELP},
};

/* True: the exchange is to be asked now. */
static bool
hear(struct top *t, int key)
{
	const size_t page = 10;

	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		if (key == KEY_LETTER + views[i].letter) {
			show(t, views[i].view);
			return views[i].view == VIEW_WAITING;
		}
	if (key == KEY_LETTER + ' ')
		t->paused = !t->paused;
	else if (key == KEY_LETTER + '+')
		pace(t, -1000);
	else if (key == KEY_LETTER + '-')
		pace(t, 1000);
	else if (key == KEY_DOWN || key == KEY_LETTER + 'j')
		t->first++;
	else if ((key == KEY_UP || key == KEY_LETTER + 'k') && t->first > 0)
		t->first--;
	else if (key == KEY_PAGE_DOWN)
		t->first += page;
	else if (key == KEY_PAGE_UP)
		t->first -= t->first < page ? t->first : page;
	else if (key == KEY_HOME)
		t->first = 0;
	return key == KEY_LETTER + 'r';
}

/* ---- the three ways to look ---- */

static json_t *
as_json(const struct top *t)
{
	char at[INSTANT_TEXT_SIZE];

	instant_format(t->at, at);
	return json_pack("{s:s, s:O, s:O*, s:O*, s:f, s:f}", "at", at, "status", t->status,
		"corridors", json_object_get(t->corridors, "corridors"), "alerts",
		json_object_get(t->alerts, "alerts"), "accepted_a_minute",
		t->accepted < 0 ? 0 : t->accepted, "ended_a_minute", t->ended < 0 ? 0 : t->ended);
}

static int
print_once(const struct options *o, const struct command *c, struct top *t)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	struct picture p = {.n = 0};

	ask_all(o, t);
	if (t->failed != E_OK)
		return ctl_complain(o, c, NULL, t->failed);
	if (o->json) {
		data = as_json(t);
		ctl_json(data);
		return EXIT_SUCCESS;
	}
	top_draw(t, 0, &p);
	picture_print(&p);
	picture_clear(&p);
	return EXIT_SUCCESS;
}

/* For programs: an object each time, until nobody reads. */
static int
print_on(const struct options *o, const struct command *c, struct top *t)
{
	int status = print_once(o, c, t);

	while (status == EXIT_SUCCESS && !ferror(stdout)) {
		usleep((useconds_t)t->every * 1000);
		status = print_once(o, c, t);
	}
	return status;
}

static int
draw_on(const struct options *o, const struct command *c, struct top *t)
{
	struct picture p = {.n = 0};
	int columns, rows, key = KEY_NOTHING;
	int64_t due;

	ask_all(o, t);
	if (t->failed != E_OK)
		return ctl_complain(o, c, NULL, t->failed);
	screen_open();
	due = monotonic_now() + t->every;
	while (key != KEY_QUIT) {
		bool now = false;
		int64_t left;

		screen_size(&columns, &rows);
		top_draw(t, rows, &p);
		screen_draw(&p);
		picture_clear(&p);
		left = due - monotonic_now();
		key = screen_key(left > 0 ? left : 0);
		if (key != KEY_NOTHING)
			now = hear(t, key);
		if (!now && monotonic_now() < due)
			continue;
		if (now || !t->paused)
			ask_all(o, t);
		due = monotonic_now() + t->every;
	}
	screen_close();
	return EXIT_SUCCESS;
}

void
print_top(const json_t *data)
{
	(void)data; /* it is drawn */
}

static bool
read_pace(const char *text, int64_t *ms)
{
	char *end;
	long s;

	if (text == NULL)
		return true;
	s = strtol(text, &end, 10);
	*ms = (int64_t)s * 1000;
	return end != text && *end == '\0' && s >= 1 && s <= 60;
}

int
ctl_top(const struct options *o, const struct command *c, json_t *args)
{
	struct top t = {.accepted = -1, .ended = -1, .every = EVERY_MS};
	int status;

	(void)args;
	if (!read_pace(o->value[OPT_EVERY], &t.every))
		return ctl_fail(o, E_USAGE, "daftarctl help top",
			"--every takes 1 to 60 seconds, "
			"not %s",
			o->value[OPT_EVERY]);
	if (o->value[OPT_ONCE] != NULL)
		status = print_once(o, c, &t);
	else if (o->json)
		status = print_on(o, c, &t);
	else if (!isatty(STDOUT_FILENO))
		status = print_once(o, c, &t);
	else if (!screen_is_fit())
		status = ctl_fail(o, E_USAGE, "daftarctl top --once",
			"this terminal cannot be drawn on (TERM)");
	else
		status = draw_on(o, c, &t);
	json_decref(t.status);
	json_decref(t.alerts);
	json_decref(t.corridors);
	json_decref(t.waiting);
	return status;
}
