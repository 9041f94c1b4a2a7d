/* SPDX-License-Identifier: EUPL-1.2
 *
 * The exchange's operator: sets messages aside and puts them back, returns some to their senders,
 * closes channels and opens them, drains the exchange and lets it take again. All of it through the
 * exchange's own doors, in the open group, as broker/control_act.c does. Whatever it does, the
 * promises hold; when everything is healed, it has put everything back. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define LOOK_AT 64

/* It is told so; true when the exchange has done it. */
typedef bool act(struct node *n, struct store_txn *t);

struct wish {
	act *act;
	enum fault counts; /* FAULTS: none */
};

static void
does(struct node *n, void *what)
{
	const struct wish *w = what;

	if (w->act(n, broker_group(n)) && w->counts != FAULTS)
		world.count[w->counts]++;
}

static void
goes(struct node *none, void *what)
{
	struct node *n = node_at(PLACE_BROKER);

	(void)none;
	if (n->up && n->exchange != NULL)
		(void)!as_node(n, does, what);
}

static void
wish(int64_t delay, act *act, enum fault counts)
{
	struct wish *w = xcalloc(1, sizeof *w);

	w->act = act;
	w->counts = counts;
	after(delay, NULL, goes, w);
}

/* ---- messages ---- */

static bool
some_waiting(struct node *n, struct entry *e)
{
	static struct entry newest[LOOK_AT];
	size_t got = store_recent(n->store, 0, newest, LOOK_AT), from;

	from = got > 0 ? chance(got) : 0;
	for (size_t i = 0; i < got; i++) {
		*e = newest[(from + i) % got];
		if (!stage_final(e->stage) && e->header.action != A_CANCELLATION)
			return true;
	}
	return false;
}

static bool
put_back(struct node *n, struct store_txn *t)
{
	uint64_t seq[LOOK_AT];
	size_t got = store_asides(n->store, t, 0, seq, LOOK_AT);

	return got > 0 && exchange_put_back(n->exchange, t, seq[chance(got)], happens(0.5),
				  node_clock(n)) == E_OK;
}

static bool
set_aside(struct node *n, struct store_txn *t)
{
	struct aside a = {.since = node_clock(n), .by = "operator", .reason = "a look"};
	struct entry e;

	strcpy(a.code, err_word(E_ASIDE));
	if (!some_waiting(n, &e) || exchange_set_aside(n->exchange, t, e.seq, &a) != E_OK)
		return false;
	tell("set aside by hand");
	wish(happens(0.7) ? between(SECOND, 5 * MINUTE) : between(HOUR, 30 * HOUR), put_back,
		FAULTS);
	return true;
}

/* By the exchange's own books. Of the rest its addressee may have made an entry, and only people
 * find out (decision 7). */
static bool
was_never_offered(const struct entry *e)
{
	return e->attempts == 0 && e->shown == !e->header.has_token;
}

static bool
return_one(struct node *n, struct store_txn *t)
{
	struct aside a = {.since = node_clock(n), .by = "operator", .reason = "a look"};
	struct entry e;

	strcpy(a.code, err_word(E_ASIDE));
	if (!some_waiting(n, &e) || exchange_set_aside(n->exchange, t, e.seq, &a) != E_OK ||
		store_entry(n->store, t, e.seq, &e) != E_OK)
		return false;
	if (was_never_offered(&e) &&
		exchange_return(n->exchange, t, e.seq, E_RETURNED, node_clock(n)) == E_OK)
		return true;
	wish(between(SECOND, MINUTE), put_back, FAULTS);
	return false;
}

static bool
set_one_aside(struct node *n, struct store_txn *t)
{
	struct aside a = {.since = node_clock(n), .by = "operator", .reason = "a look"};
	struct entry e;

	strcpy(a.code, err_word(E_ASIDE));
	return some_waiting(n, &e) && was_never_offered(&e) &&
	       exchange_set_aside(n->exchange, t, e.seq, &a) == E_OK;
}

static bool
end_one(struct node *n, struct store_txn *t)
{
	uint64_t seq[LOOK_AT];
	size_t got = store_asides(n->store, t, 0, seq, LOOK_AT), from;
	struct entry e;

	from = got > 0 ? chance(got) : 0;
	for (size_t i = 0; i < got; i++)
		if (store_entry(n->store, t, seq[(from + i) % got], &e) == E_OK &&
			was_never_offered(&e) &&
			exchange_return(n->exchange, t, e.seq,
				happens(0.5) ? E_RETURNED : E_DISCARDED, node_clock(n)) == E_OK)
			return true;
	return false;
}

void
operator_sets_aside(int64_t delay)
{
	wish(delay, set_one_aside, F_ASIDE);
}

void
operator_returns(int64_t delay)
{
	wish(delay, end_one, F_RETURNED);
}

/* ---- channels, draining ---- */

static const enum seat roads[][2] = {{PLACE_OFFICE, PLACE_KENYA}, {PLACE_OFFICE, PLACE_SOMALIA},
	{PLACE_KENYA, PLACE_SOMALIA}, {PLACE_SOMALIA, PLACE_KENYA}, {PLACE_KENYA, PLACE_OFFICE},
	{PLACE_SOMALIA, PLACE_OFFICE}};

static struct decision
decided(struct node *n, bool off)
{
	return (struct decision){.standing = off ? STANDING_SUSPENDED : STANDING_GOOD,
		.since = node_clock(n),
		.by = "operator",
		.reason = "a look"};
}

static bool
open_all(struct node *n, struct store_txn *t)
{
	const struct decision open = decided(n, false);

	for (size_t i = 0; i < ARRAY_LEN(roads); i++) {
		const struct party from = party_at(roads[i][0]), to = party_at(roads[i][1]);

		if (store_is_closed(n->store, t, &from, &to))
			store_set_closed(t, &from, &to, &open);
	}
	return true;
}

static bool
close_one(struct node *n, struct store_txn *t)
{
	const struct decision closed = decided(n, true);
	size_t i = chance(ARRAY_LEN(roads));
	const struct party from = party_at(roads[i][0]), to = party_at(roads[i][1]);

	store_set_closed(t, &from, &to, &closed);
	wish(between(10 * SECOND, 5 * MINUTE), open_all, FAULTS);
	tell("a channel is closed");
	return true;
}

static bool
drain_off(struct node *n, struct store_txn *t)
{
	const struct decision off = decided(n, false);

	if (store_is_draining(n->store, t))
		store_set_drain(t, &off);
	return true;
}

static bool
drain_on(struct node *n, struct store_txn *t)
{
	const struct decision on = decided(n, true);

	store_set_drain(t, &on);
	wish(between(10 * SECOND, 3 * MINUTE), drain_off, FAULTS);
	tell("it drains");
	return true;
}

void
operator_does(enum fault f)
{
	static const struct {
		enum fault f;
		act *act;
	} acts[] = {{F_ASIDE, set_aside}, {F_RETURNED, return_one}, {F_CLOSED, close_one},
		{F_DRAINED, drain_on}};

	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		if (acts[i].f == f)
			wish(0, acts[i].act, f);
}

/* ---- in the end ---- */

static bool
put_all_back(struct node *n, struct store_txn *t)
{
	uint64_t seq[LOOK_AT], after_seq = 0;
	size_t got;

	do {
		got = store_asides(n->store, t, after_seq, seq, LOOK_AT);
		for (size_t i = 0; i < got; i++) {
			after_seq = seq[i];
			(void)!exchange_put_back(n->exchange, t, seq[i], true, node_clock(n));
		}
	} while (got == LOOK_AT);
	return open_all(n, t) && drain_off(n, t);
}

/* Again and again, since a group may come to nothing, and what the exchange sets aside by itself
 * is put back too. A restored one ends nothing of before as long as it is in doubt: ten minutes. */
void
operator_heals(void)
{
	bool ends_some = world.chance[F_RETURN_FORGOTTEN] > 0;

	for (unsigned i = 0; ends_some && i < 3; i++)
		operator_returns(between(11 * MINUTE, 14 * MINUTE));
	for (int64_t at = ends_some ? 15 * MINUTE : 0; at < 2 * HOUR; at += 10 * MINUTE)
		wish(at, put_all_back, FAULTS);
}
