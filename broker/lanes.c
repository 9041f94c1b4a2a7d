/* SPDX-License-Identifier: EUPL-1.2
 *
 *	lane:  [done] [given] [given] [waiting] [waiting]
 *	          \________\______\___ the oldest that is not done holds the others back
 *
 * A lane lives as long as it has a job; whoever removes the last one frees it. */
#include "broker/lanes.h"

#include <stdlib.h>

#define FIRST_GUESS 1000 /* microseconds, of a party that nothing is known of */

void
lanes_open(struct lanes *ls)
{
	TAILQ_INIT(&ls->all);
	TAILQ_INIT(&ls->turns);
}

/* ---- accounts ---- */

static size_t
account_of(struct lanes *ls, const struct party *party)
{
	size_t i = 0;

	while (i < ls->n_accounts && !party_equal(&ls->account[i].party, party))
		i++;
	if (i < ls->n_accounts)
		return i;
	ls->account = xrealloc(ls->account, ++ls->n_accounts * sizeof(*ls->account));
	ls->account[i] = (struct account){.party = *party, .usual = FIRST_GUESS};
	return i;
}

static void
join(struct lanes *ls, struct job *j)
{
	struct account *a = &ls->account[j->account];

	if (a->jobs++ == 0 && a->used < ls->clock)
		a->used = ls->clock;
}

static void
charge(struct lanes *ls, struct job *j)
{
	struct account *a = &ls->account[j->account];

	ls->clock = a->used;
	j->charged = a->usual;
	a->used += j->charged;
}

static void
refund(struct lanes *ls, struct job *j)
{
	ls->account[j->account].used -= j->charged;
	j->charged = 0;
}

/* What it really cost instead of what was expected. */
static void
settle(struct lanes *ls, struct job *j, int64_t us)
{
	struct account *a = &ls->account[j->account];

	refund(ls, j);
	a->used += us;
	a->usual = (7 * a->usual + us) / 8;
}

/* ---- lanes ---- */

static struct lane *
find_lane(const struct lanes *ls, peer_no peer, bool stops)
{
	struct lane *l;

	for (l = TAILQ_FIRST(&ls->all); l != NULL; l = TAILQ_NEXT(l, next))
		if (l->peer == peer && l->stops == stops && !l->gone)
			break;
	return l;
}

static struct lane *
lane_of(struct lanes *ls, peer_no peer, bool stops)
{
	struct lane *l = find_lane(ls, peer, stops);

	if (l != NULL)
		return l;
	l = xcalloc(1, sizeof(*l));
	l->peer = peer;
	l->stops = stops;
	TAILQ_INIT(&l->jobs);
	TAILQ_INSERT_TAIL(&ls->all, l, next);
	return l;
}

static void
start_waiting(struct lanes *ls, struct job *j)
{
	j->state = JOB_WAITING;
	ls->waiting++;
	if (j->lane->waiting++ == 0)
		TAILQ_INSERT_TAIL(&ls->turns, j->lane, turn);
}

static void
stop_waiting(struct lanes *ls, struct job *j)
{
	ls->waiting--;
	if (--j->lane->waiting == 0)
		TAILQ_REMOVE(&ls->turns, j->lane, turn);
}

/* What stops a case takes room of its own. */
static void
count(struct lanes *ls, struct job *j, int64_t change)
{
	j->lane->octets += (size_t)change;
	if (j->lane->stops) {
		ls->stop_octets += (size_t)change;
		return;
	}
	ls->octets += (size_t)change;
	ls->account[j->account].octets += (size_t)change;
}

static void
remove_job(struct lanes *ls, struct job *j)
{
	struct lane *l = j->lane;

	if (j->state == JOB_WAITING)
		stop_waiting(ls, j);
	count(ls, j, -(int64_t)j->message.size);
	ls->account[j->account].jobs--;
	TAILQ_REMOVE(&l->jobs, j, next);
	buf_free(&j->message);
	free(j);
	if (!TAILQ_EMPTY(&l->jobs))
		return;
	TAILQ_REMOVE(&ls->all, l, next);
	free(l);
}

static bool
party_has_room(const struct lanes *ls, const struct party *party, size_t size)
{
	for (size_t i = 0; i < ls->n_accounts; i++)
		if (party_equal(&ls->account[i].party, party))
			return ls->account[i].octets + size <= PARTY_MAX;
	return true;
}

bool
lanes_have_room(const struct lanes *ls, peer_no peer, const struct party *party, size_t size)
{
	const struct lane *l = find_lane(ls, peer, false);

	return ls->octets + size <= LANES_MAX && (l == NULL || l->octets + size <= LANE_MAX) &&
	       (party == NULL || party_has_room(ls, party, size));
}

bool
lanes_have(const struct lanes *ls, peer_no peer)
{
	return find_lane(ls, peer, false) != NULL || find_lane(ls, peer, true) != NULL;
}

bool
lanes_have_room_to_stop(const struct lanes *ls, peer_no peer, size_t size)
{
	const struct lane *l = find_lane(ls, peer, true);

	return ls->stop_octets + size <= STOPS_MAX && (l == NULL || l->octets + size <= STOP_MAX);
}

static struct job *
add(struct lanes *ls, struct lane *l, const struct party *party, struct bytes message,
	const struct id *settles)
{
	struct job *j = xcalloc(1, sizeof(*j));

	j->lane = l;
	j->party = *party;
	j->account = account_of(ls, party);
	join(ls, j);
	j->settles = settles != NULL;
	if (settles != NULL)
		j->settled = *settles;
	buf_add_bytes(&j->message, message);
	TAILQ_INSERT_TAIL(&j->lane->jobs, j, next);
	count(ls, j, (int64_t)message.size);
	start_waiting(ls, j);
	return j;
}

struct job *
lanes_add(struct lanes *ls, peer_no peer, const struct party *party, struct bytes message,
	const struct id *settles)
{
	return add(ls, lane_of(ls, peer, false), party, message, settles);
}

struct job *
lanes_add_stop(struct lanes *ls, peer_no peer, const struct party *party, struct bytes message)
{
	return add(ls, lane_of(ls, peer, true), party, message, NULL);
}

static struct job *
first_waiting(const struct lane *l)
{
	struct job *j = TAILQ_FIRST(&l->jobs);

	while (j->state != JOB_WAITING)
		j = TAILQ_NEXT(j, next);
	return j;
}

enum turn { TURN_STOP, TURN_SETTLEMENT, TURN_ANY };

static bool
has_turn(const struct lane *l, const struct job *j, enum turn turn)
{
	return turn == TURN_ANY || (turn == TURN_STOP ? l->stops : j->settles);
}

/* Of the party that has used least; of its connections, and of equals, the one that waits longest.
 */
static struct lane *
poorest(const struct lanes *ls, enum turn turn)
{
	struct lane *best = NULL, *l;
	int64_t least = 0;

	for (l = TAILQ_FIRST(&ls->turns); l != NULL; l = TAILQ_NEXT(l, turn)) {
		const struct job *j = first_waiting(l);
		int64_t used = ls->account[j->account].used;

		if (!has_turn(l, j, turn) || (best != NULL && used >= least))
			continue;
		best = l;
		least = used;
	}
	return best;
}

/* Whose turn it is. */
static struct lane *
next_lane(struct lanes *ls)
{
	struct lane *l = poorest(ls, TURN_STOP);

	if (l != NULL)
		return l;
	ls->settlements = !ls->settlements;
	if (ls->settlements)
		l = poorest(ls, TURN_SETTLEMENT);
	return l != NULL ? l : poorest(ls, TURN_ANY);
}

/* A lane that was served goes to the end. */
struct job *
lanes_next(struct lanes *ls)
{
	struct lane *l = next_lane(ls);
	struct job *j;

	if (l == NULL)
		return NULL;
	j = first_waiting(l);
	stop_waiting(ls, j);
	j->state = JOB_GIVEN;
	charge(ls, j);
	if (l->waiting > 0) {
		TAILQ_REMOVE(&ls->turns, l, turn);
		TAILQ_INSERT_TAIL(&ls->turns, l, turn);
	}
	return j;
}

void
lanes_again(struct lanes *ls, struct job *j)
{
	refund(ls, j);
	if (j->lane->gone)
		remove_job(ls, j);
	else
		start_waiting(ls, j);
}

void
lanes_done(struct lanes *ls, struct job *j, int64_t us, lanes_out *out, void *context)
{
	struct lane *l = j->lane;
	struct job *next;

	settle(ls, j, us);
	j->state = JOB_DONE;
	for (j = TAILQ_FIRST(&l->jobs); j != NULL && j->state == JOB_DONE; j = next) {
		next = TAILQ_NEXT(j, next);
		if (!l->gone)
			out(context, j);
		remove_job(ls, j);
	}
}

static void
remove_jobs(struct lanes *ls, struct lane *l, bool given_too)
{
	struct job *j, *next;

	for (j = TAILQ_FIRST(&l->jobs); j != NULL; j = next) {
		next = TAILQ_NEXT(j, next);
		if (given_too || j->state != JOB_GIVEN)
			remove_job(ls, j);
	}
}

void
lanes_forget(struct lanes *ls, peer_no peer)
{
	for (int stops = 0; stops <= 1; stops++) {
		struct lane *l = find_lane(ls, peer, stops != 0);

		if (l == NULL)
			continue;
		l->gone = true;
		remove_jobs(ls, l, false);
	}
}

void
lanes_close(struct lanes *ls)
{
	struct lane *l;

	while ((l = TAILQ_FIRST(&ls->all)) != NULL)
		remove_jobs(ls, l, true);
	free(ls->account);
	ls->account = NULL;
	ls->n_accounts = 0;
}
