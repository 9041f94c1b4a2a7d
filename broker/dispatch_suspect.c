/* SPDX-License-Identifier: EUPL-1.2
 *
 * Messages that are offered and not taken, again and again. A line that breaks is no reason to
 * suspect one, so an offer counts against a message only when the line cannot have been the cause:
 *
 *	its addressee took something that was offered to it later, over the same connection: what
 *	was offered before has come through, and was left
 *	its addressee's program was started anew (a higher epoch) while it was under way
 *
 * A suspect lets everything else go first, and is offered when nothing else is under way, so that
 * it cannot pull others down with it; of several the one with the fewest offers against it, so that
 * those that were only under way at the wrong moment are soon taken. Enough offers against it, and
 * its addressee has taken others meanwhile: then it is to be set aside. What stops a case never is.
 *
 * All this is memory only: after a restart of the exchange it is counted anew. */
#include "broker/dispatch_parts.h"

#include <string.h>

#define SUSPECT_AFTER 3
#define SUSPECT_WAITS_MS 300000 /* at most, for others */

static void
count_against(const struct lane *l, struct offer *o)
{
	if (o->against++ == 0)
		o->taken_before = l->taken;
	o->counted = true;
}

bool
offer_is_suspect(const struct offer *o)
{
	return o->against >= SUSPECT_AFTER;
}

void
dispatch_was_taken(struct dispatch *d, const struct party *to, uint64_t seq)
{
	struct lane *l = lane_find(d, to);
	const struct offer *taken;
	size_t at;

	if (l == NULL || !lane_offer(l, seq, &at))
		return;
	taken = lane_at(l, at);
	l->taken++;
	for (size_t i = 0; taken->to != NULL && i < lane_count(l); i++) {
		struct offer *o = lane_at(l, i);

		if (o->to == taken->to && o->number < taken->number && !o->counted)
			count_against(l, o);
	}
}

/* What a courier carries may not even have arrived. */
void
suspect_lost(struct offer *o, const struct peer *p)
{
	o->lost = p->no != PEER_COURIER && !p->left;
	o->lost_epoch = p->epoch;
	memcpy(o->lost_key, p->key, sizeof o->lost_key);
}

void
dispatch_hello(struct dispatch *d, const struct peer *p)
{
	struct lane *l = lane_find(d, &p->party);

	for (size_t i = 0; l != NULL && i < lane_count(l); i++) {
		struct offer *o = lane_at(l, i);

		if (!o->lost || memcmp(o->lost_key, p->key, sizeof o->lost_key) != 0)
			continue;
		o->lost = false;
		if (p->epoch > o->lost_epoch && !o->counted)
			count_against(l, o);
	}
}

/* ---- whose turn it is ---- */

static bool
has_waited(const struct offer *o, int64_t tick)
{
	return tick - o->offered >= SUSPECT_WAITS_MS;
}

bool
suspect_waits(const struct offer *o, const struct peer *p, int64_t tick)
{
	return p->no != PEER_COURIER && o->to == NULL && offer_is_suspect(o) &&
	       !has_waited(o, tick);
}

static struct offer *
first_suspect(const struct lane *l)
{
	struct offer *best = NULL;

	for (size_t i = 0; i < lane_count(l); i++) {
		struct offer *o = lane_at(l, i);

		if (o->to == NULL && o->before == NULL && offer_is_suspect(o) &&
			(best == NULL || o->against < best->against))
			best = o;
	}
	return best;
}

bool
suspect_has_turn(const struct lane *l, const struct offer *o, const struct peer *p)
{
	return p->under_way == 0 && first_suspect(l) == o;
}

/* ---- enough ---- */

void
dispatch_aside_after(struct dispatch *d, unsigned offers)
{
	d->aside_after = offers;
}

bool
dispatch_not_taken(struct dispatch *d, uint64_t *seq)
{
	for (size_t i = 0; i < d->n && d->aside_after > 0; i++)
		for (size_t k = 0; k < lane_count(d->lanes[i]); k++) {
			const struct offer *o = lane_at(d->lanes[i], k);

			if (o->urgent || o->against < d->aside_after ||
				d->lanes[i]->taken == o->taken_before)
				continue;
			*seq = o->seq;
			return true;
		}
	return false;
}

void
dispatch_acquit(struct dispatch *d, uint64_t seq)
{
	size_t at;

	for (size_t i = 0; i < d->n; i++)
		if (lane_offer(d->lanes[i], seq, &at))
			lane_at(d->lanes[i], at)->against = 0;
}

/* ---- behind what is set aside ---- */

/* How often something was offered is written down first: what is dropped here is forgotten. */
static bool
is_written(const struct lane *l)
{
	for (size_t i = 0; i < lane_count(l); i++)
		if (lane_at(l, i)->attempts != lane_at(l, i)->written)
			return false;
	return true;
}

bool
lane_is_behind_aside(struct dispatch *d, struct lane *l, const struct offer *o)
{
	if (o->to != NULL || o->urgent ||
		!store_is_behind_aside(d->store, NULL, &o->conversation, &l->party, o->seq))
		return false;
	l->passed_aside = true;
	l->aside_changes = store_aside_changes(d->store);
	return true;
}

void
lane_look_again(struct dispatch *d, struct lane *l)
{
	if (!l->passed_aside || l->aside_changes == store_aside_changes(d->store) || !is_written(l))
		return;
	l->passed_aside = false;
	lane_empty(l);
}
