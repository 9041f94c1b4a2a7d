/* SPDX-License-Identifier: EUPL-1.2
 *
 * Counters by the hour, and how long what waits has waited: read from what was kept at commit. */
#include <stdlib.h>

#include "broker/control_look.h"

#define HOURS_USUAL 24
#define HOURS_MOST 720

static void
free_counts(struct counts **list)
{
	free(*list);
	*list = NULL;
}

json_t *
counts_json(const struct counts *n)
{
	json_t *o = json_object();

	json_put_number(o, "accepted", n->reached[ST_ACCEPTED]);
	json_put_number(o, "delivered", n->reached[ST_DELIVERED]);
	json_put_number(o, "committed", n->reached[ST_COMMITTED]);
	json_put_number(o, "rejected", n->reached[ST_REJECTED]);
	json_put_number(o, "withdrawn", n->reached[ST_WITHDRAWN]);
	json_put_number(o, "expired", n->reached[ST_EXPIRED]);
	json_put_number(o, "dead", n->reached[ST_DEAD_LETTER]);
	json_put_number(o, "wait_n", n->ended);
	json_put_number(o, "wait_ms_sum", n->wait_ms);
	return o;
}

size_t
hours_arg(const json_t *args)
{
	json_int_t hours = json_integer_value(json_object_get(args, "hours"));

	if (hours <= 0)
		return HOURS_USUAL;
	return hours < HOURS_MOST ? (size_t)hours : HOURS_MOST;
}

static json_t *
points_json(const struct counts *n, size_t size, int64_t since, int64_t step)
{
	json_t *list = json_array();

	for (size_t i = 0; i < size; i++) {
		json_t *o = counts_json(&n[i]);

		json_put(o, "at", json_instant(since + (int64_t)i * step));
		json_add(list, o);
	}
	return list;
}

/* Bounds in ms, the last null, and how many are not older. */
static json_t *
steps_json(const uint64_t n[WAITS_N])
{
	json_t *o = json_object(), *le = json_array(), *list = json_array();

	for (size_t i = 0; i < WAITS_N; i++) {
		json_add(le,
			i + 1 < WAITS_N ? json_integer((json_int_t)waits_until[i]) : json_null());
		json_add(list, json_integer((json_int_t)n[i]));
	}
	json_put(o, "le", le);
	json_put(o, "n", list);
	return o;
}

enum err
series_put(struct daftard *d, const struct corridor *c, size_t hours, json_t *o)
{
	/* A week is looked at by the hour, longer by the day. */
	int64_t step = hours <= 168 ? COUNT_HOUR_MS : COUNT_DAY_MS;
	size_t size = hours <= 168 ? hours : (hours + 23) / 24;
	int64_t now = instant_now(), since = now / step * step - (int64_t)(size - 1) * step;
	OWNED(struct counts, n, free_counts) = xcalloc(size, sizeof *n);
	struct counts all = {.ended = 0};
	uint64_t ages[WAITS_N];

	TRY(store_series(d->store, c, since, step, n, size));
	for (size_t i = 0; i < size; i++)
		counts_add(&all, &n[i]);
	store_ages(d->store, c, now, ages);
	json_put_number(o, "step_ms", (uint64_t)step);
	json_put(o, "since", json_instant(since));
	json_put(o, "points", points_json(n, size, since, step));
	json_put(o, "sum", counts_json(&all));
	json_put(o, "waiting", steps_json(ages));
	json_put(o, "waits", steps_json(all.waits));
	return E_OK;
}

static enum err
verb_stats_series(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	struct corridor c = {{""}, {""}};
	json_t *o;
	enum err e;

	if (!party_in(args, "from", &c.from) || !party_in(args, "to", &c.to) ||
		(c.from.code[0] == '\0') != (c.to.code[0] == '\0'))
		return E_USAGE;
	group_end(d);
	o = json_object();
	e = series_put(d, &c, hours_arg(args), o);
	if (e != E_OK)
		json_decref(o);
	else
		*data = o;
	return e;
}

const struct control_verb stats_verbs[] = {
	{"stats.series", CONTROL_LOOKS, 0,
		"what was accepted and how it ended, by hour or day; what waits, by age",
		verb_stats_series,
		{{"hours", CONTROL_NUMBER, CONTROL_OPTIONAL, "how far back, 24 without it", 1,
			 HOURS_MOST},
			{"from", CONTROL_PARTY, CONTROL_OPTIONAL, "of one corridor: its sender ..",
				0, 0},
			{"to", CONTROL_PARTY, CONTROL_OPTIONAL, ".. and its addressee", 0, 0}}},
	{0},
};
