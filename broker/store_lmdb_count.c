/* SPDX-License-Identifier: EUPL-1.2
 *
 * Counters by corridor and hour, kept at commit. What happens in a transaction is gathered; at its
 * end the events of one corridor and hour are added to one record, and to the record of all
 * corridors together, whose corridor is "" to "". Hours older than COUNT_HOURS_KEPT become days,
 * one whole hour with each commit that counts something. */
#include "broker/store_lmdb_index.h"

#include <stdlib.h>
#include <string.h>

static const struct corridor all_corridors = {{""}, {""}};

const int64_t waits_until[WAITS_N] = {
	60000, 600000, 3600000, 86400000, INT64_C(604800000), INT64_MAX};

/* ---- one record ---- */

static void
add_record(struct count_record *sum, const struct count_record *more)
{
	for (int i = 0; i < STAGES_ON_DISK; i++)
		sum->reached[i] += more->reached[i];
	for (int i = 0; i < WAITS_N; i++)
		sum->waits[i] += more->waits[i];
	sum->ended += more->ended;
	sum->wait_ms += more->wait_ms;
}

void
counts_add(struct counts *sum, const struct counts *more)
{
	for (int i = 0; i < STAGE_N; i++)
		sum->reached[i] += more->reached[i];
	for (int i = 0; i < WAITS_N; i++)
		sum->waits[i] += more->waits[i];
	sum->ended += more->ended;
	sum->wait_ms += more->wait_ms;
}

bool
count_read(struct bytes content, struct counts *out)
{
	struct count_record r;

	if (content.size != sizeof r || content.data[0] != RECORD_VERSION)
		return false;
	memcpy(&r, content.data, sizeof r);
	*out = (struct counts){.ended = r.ended, .wait_ms = r.wait_ms};
	for (int i = 0; i < STAGE_N; i++)
		out->reached[i] = r.reached[i];
	for (int i = 0; i < WAITS_N; i++)
		out->waits[i] = r.waits[i];
	return true;
}

static void
add_event(struct count_record *sum, const struct count_event *e)
{
	uint64_t change = (uint64_t)(int64_t)e->change;
	int i = 0;

	sum->reached[e->stage] += change;
	if (!stage_final(e->stage))
		return;
	while (e->wait > waits_until[i])
		i++;
	sum->waits[i] += change;
	sum->ended += change;
	sum->wait_ms += (uint64_t)e->wait * change;
}

/* What stands there; all zero where nothing does. A damaged counter is no reason to commit nothing
 * any more: it begins anew, and the scrub finds that it does not agree with the entries. */
static void
counter_at(struct store_txn *t, enum table table, const struct key *k, void *out, size_t size)
{
	VIEW(v, t->s, t);
	memset(out, 0, size);
	if (table_record(&v, table, k, out, size) != E_OK)
		*(uint8_t *)out = RECORD_VERSION;
}

static void
add_to(struct store_txn *t, enum table table, const struct key *k, const struct count_record *more)
{
	struct count_record r;

	counter_at(t, table, k, &r, sizeof r);
	add_record(&r, more);
	table_put(t, table, k, bytes_of(&r, sizeof r));
}

/* ---- what a transaction gathers ---- */

void
count_reached(
	struct store_txn *t, const struct entry_record *r, enum stage stage, int64_t at, int change)
{
	int64_t wait = at - r->at[ST_ACCEPTED];

	if (t->n_events == t->room_events) {
		t->room_events = t->room_events == 0 ? 64 : 2 * t->room_events;
		t->events = xrealloc(t->events, t->room_events * sizeof *t->events);
	}
	t->events[t->n_events++] = (struct count_event){.corridor = record_corridor(r),
		.hour = hour_of(at),
		.stage = stage,
		.wait = wait > 0 ? wait : 0,
		.untaken = r->at[ST_DELIVERED] == 0,
		.change = change};
}

static int
by_corridor(const void *a, const void *b)
{
	const struct count_event *x = a, *y = b;
	int order = strcmp(x->corridor.from.code, y->corridor.from.code);

	if (order == 0)
		order = strcmp(x->corridor.to.code, y->corridor.to.code);
	return order != 0 ? order : (x->hour > y->hour) - (x->hour < y->hour);
}

static int
by_hour(const void *a, const void *b)
{
	const struct count_event *x = a, *y = b;

	return (x->hour > y->hour) - (x->hour < y->hour);
}

static bool
same_corridor(const struct count_event *a, const struct count_event *b)
{
	return party_equal(&a->corridor.from, &b->corridor.from) &&
	       party_equal(&a->corridor.to, &b->corridor.to);
}

/* The sum of the events from *i on that are of one hour, and of one corridor unless `all'. */
static struct count_record
run_of(const struct store_txn *t, size_t *i, bool all)
{
	const struct count_event *first = &t->events[*i];
	struct count_record sum = {.version = RECORD_VERSION};

	for (; *i < t->n_events && t->events[*i].hour == first->hour &&
		(all || same_corridor(first, &t->events[*i]));
		++*i)
		add_event(&sum, &t->events[*i]);
	return sum;
}

static int64_t
day_of(int64_t hour)
{
	return hour / 24 - (hour % 24 < 0);
}

static void
put_hour(struct store_txn *t, int64_t hour, const struct corridor *c, bool by_day,
	const struct count_record *sum)
{
	struct key k = key_hour(by_day ? day_of(hour) : hour, c);

	add_to(t, by_day ? T_DAY : T_HOUR, &k, sum);
}

static void
add_to_corridor(struct corridor_record *r, const struct count_event *e)
{
	uint64_t change = (uint64_t)(int64_t)e->change;

	if (e->stage == ST_ACCEPTED) {
		r->messages += change;
		r->open += change;
		r->waiting += change;
	} else if (e->stage == ST_DELIVERED) {
		r->waiting -= change;
	} else {
		r->open -= change;
		r->waiting -= e->untaken ? change : 0;
	}
}

static void
put_corridors(struct store_txn *t)
{
	for (size_t i = 0; i < t->n_events;) {
		const struct count_event *first = &t->events[i];
		struct key k = key_corridor(&first->corridor);
		struct corridor_record r;

		counter_at(t, T_CORRIDOR, &k, &r, sizeof r);
		for (; i < t->n_events && same_corridor(first, &t->events[i]); i++)
			add_to_corridor(&r, &t->events[i]);
		table_put(t, T_CORRIDOR, &k, bytes_of(&r, sizeof r));
	}
}

/* ---- hours become days ---- */

/* The first hour that there is, and the last; false: none. */
static bool
hours_kept(const struct view *v, int64_t *first, int64_t *last)
{
	MDB_val key, value;
	MDB_cursor *cursor;
	bool any;

	if (mdb_cursor_open(v->txn, v->s->dbi[T_HOUR], &cursor) != 0)
		die("store: no cursor");
	any = mdb_cursor_get(cursor, &key, &value, MDB_FIRST) == 0 && key.mv_size >= 8;
	if (any)
		*first = key_to_time(bytes_of(key.mv_data, 8));
	any = any && mdb_cursor_get(cursor, &key, &value, MDB_LAST) == 0 && key.mv_size >= 8;
	if (any)
		*last = key_to_time(bytes_of(key.mv_data, 8));
	mdb_cursor_close(cursor);
	return any;
}

int64_t
count_first_hour(const struct view *v)
{
	int64_t first, last;

	return hours_kept(v, &first, &last) ? first : INT64_MIN;
}

/* The first key of this hour. False: there is none left. */
static bool
first_of_hour(struct store_txn *t, int64_t hour, struct key *out)
{
	struct key from = key_time(hour);
	MDB_val key = {from.size, from.octet}, value;
	MDB_cursor *cursor;
	bool is;

	if (mdb_cursor_open(t->txn, t->s->dbi[T_HOUR], &cursor) != 0)
		die("store: no cursor");
	is = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE) == 0 &&
	     key.mv_size <= sizeof out->octet && key.mv_size >= from.size &&
	     memcmp(key.mv_data, from.octet, from.size) == 0;
	if (is)
		*out = key_and((struct key){.size = 0}, key.mv_data, key.mv_size);
	mdb_cursor_close(cursor);
	return is;
}

static void
fold(struct store_txn *t, int64_t hour)
{
	struct count_record r;
	struct corridor c;
	struct key k;
	int64_t is;

	while (t->error == E_OK && first_of_hour(t, hour, &k)) {
		counter_at(t, T_HOUR, &k, &r, sizeof r);
		table_delete(t, T_HOUR, &k);
		if (key_to_hour(bytes_of(k.octet, k.size), &is, &c))
			put_hour(t, hour, &c, true, &r);
	}
}

/* ---- the end of a transaction ---- */

/* Which hours go to their days at once: those before what is kept by the hour. Events are dated in
 * order; only where an older store is indexed are there such. */
static int64_t
hours_end(struct store_txn *t, int64_t *first, int64_t *kept)
{
	int64_t last = INT64_MIN, newest = INT64_MIN;

	VIEW(v, t->s, t);
	*first = INT64_MAX;
	(void)!hours_kept(&v, first, &last);
	for (size_t i = 0; i < t->n_events; i++)
		newest = t->events[i].hour > newest ? t->events[i].hour : newest;
	*kept = (newest > last ? newest : last) - COUNT_HOURS_KEPT;
	return *first < *kept ? *first : *kept;
}

void
count_put(struct store_txn *t)
{
	int64_t first, kept, days;

	if (t->n_events == 0 || t->error != E_OK)
		return;
	days = hours_end(t, &first, &kept);
	qsort(t->events, t->n_events, sizeof *t->events, by_corridor);
	put_corridors(t);
	for (size_t i = 0; i < t->n_events;) {
		const struct count_event *e = &t->events[i];
		struct count_record sum = run_of(t, &i, false);

		put_hour(t, e->hour, &e->corridor, e->hour < days, &sum);
	}
	qsort(t->events, t->n_events, sizeof *t->events, by_hour);
	for (size_t i = 0; i < t->n_events;) {
		const struct count_event *e = &t->events[i];
		struct count_record sum = run_of(t, &i, true);

		put_hour(t, e->hour, &all_corridors, e->hour < days, &sum);
	}
	t->n_events = 0;
	if (first < kept)
		fold(t, first);
}

/* ---- looking ---- */

static enum err
add_hours(const struct view *v, enum table table, const struct corridor *c, int64_t from, int64_t n,
	struct counts *sum)
{
	for (int64_t i = 0; i < n; i++) {
		struct key k = key_hour(from + i, c);
		struct counts more;
		struct bytes content;
		enum err e = table_get(v, table, &k, &content);

		if (e == E_NOT_FOUND)
			continue;
		if (e != E_OK || !count_read(content, &more))
			return E_DAMAGED;
		counts_add(sum, &more);
	}
	return E_OK;
}

enum err
store_series(struct store *s, const struct corridor *c, int64_t since, int64_t step,
	struct counts *out, size_t n)
{
	int64_t hours = step / COUNT_HOUR_MS;
	int64_t first = hour_of(since / hours); /* which step of its size since 1970 */

	assert(hours == 1 || hours == 24);
	VIEW(v, s, NULL);
	memset(out, 0, n * sizeof *out);
	for (size_t i = 0; i < n; i++) {
		int64_t at = first + (int64_t)i;

		if (hours == 24)
			TRY(add_hours(&v, T_DAY, c, at, 1, &out[i]));
		TRY(add_hours(&v, T_HOUR, c, at * hours, hours, &out[i]));
	}
	return E_OK;
}

void
store_each_count(struct store *s, int64_t since, store_count_visit *each, void *context)
{
	struct key from = key_time(hour_of(since));
	struct bytes key, value;
	struct corridor c;
	struct counts n;
	int64_t hour;

	VIEW(v, s, NULL);
	WALK(walk);
	for (walk_begin(&walk, &v, T_HOUR, &from, 0); walk_next(&walk, &key, &value);) {
		if (!key_to_hour(key, &hour, &c) || !count_read(value, &n))
			return;
		if (c.from.code[0] != '\0')
			each(context, &c, &n);
	}
}
