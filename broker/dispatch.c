/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lanes and what moves along them. An offer is a message in a lane's window; offers of one
 * conversation are chained, so that "is anything before me?" is one pointer. A lane reads on in the
 * store from where it has read to, never from the start, so a queue of a million costs no more than
 * a short one. */
#include "broker/dispatch_parts.h"

#include <stdlib.h>
#include <string.h>

#define BACKOFF_FIRST 10000
#define BACKOFF_MOST 300000
#define WITHHELD_MS 1000   /* what may not go out now is looked at again */
#define NOTICE_AGAIN 30000 /* told and not kept for so long: told again */
#define WRITE_AFTER 1000   /* what is taken at once costs no record of how often it was offered */
#define WRITE_AT_ONCE 256
#define THIN_SMALL (16 * 1024) /* goes before what is larger */
#define THIN_OCTETS (32 * 1024)
#define THIN_MS 1      /* for an octet: no line that is used at all is slower than that */
#define SOURCE_SHARE 3 /* times the credit that is left, of one source */

struct dispatch *
dispatch_new(struct store *store, const struct exchange_effects *fx)
{
	struct dispatch *d = xcalloc(1, sizeof *d);

	d->store = store;
	d->fx = fx;
	return d;
}

void
dispatch_free(struct dispatch **d)
{
	if (*d == NULL)
		return;
	for (size_t i = 0; i < (*d)->n; i++) {
		lane_free((*d)->lanes[i]);
	}
	free((*d)->lanes);
	free((*d)->show);
	buf_free(&(*d)->message);
	buf_free(&(*d)->receipt);
	buf_free(&(*d)->extra);
	free(*d);
	*d = NULL;
}

void
dispatch_seed(struct dispatch *d, uint64_t seed)
{
	d->random = seed;
}

void
dispatch_guard(struct dispatch *d, dispatch_withholds *withholds, void *context)
{
	d->withholds = withholds;
	d->context = context;
}

/* SplitMix64: small, and the same on every machine. */
static uint64_t
dispatch_random(struct dispatch *d)
{
	uint64_t z = d->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* ---- news ---- */

void
dispatch_arrived(struct dispatch *d, const struct party *to)
{
	struct lane *l = lane_find(d, to);

	if (l != NULL)
		l->arrived = true;
}

uint32_t
dispatch_done(struct dispatch *d, const struct party *to, uint64_t seq)
{
	struct lane *l = lane_find(d, to);
	uint32_t attempts;
	size_t i;

	if (l == NULL)
		return 0;
	l->left = true;
	if (!lane_offer(l, seq, &i))
		return 0;
	attempts = lane_at(l, i)->attempts;
	lane_drop(l, i);
	return attempts;
}

bool
dispatch_was_offered(const struct dispatch *d, const struct entry *e)
{
	const struct lane *l = lane_find(d, &e->header.to);
	size_t i;

	if (e->attempts > 0 || store_is_from_before(d->store, e->seq) ||
		e->at[ST_ACCEPTED] >= entry_due(e)) /* before a restore */
		return true;
	if (e->header.has_token && (e->shown || store_is_made_before(d->store, &e->header)))
		return true;
	return l != NULL && lane_offer(l, e->seq, &i) && lane_at(l, i)->attempts > 0;
}

/* True when it is done for now: enough was written. */
static bool
lane_write_attempts(struct lane *l, struct store_txn *t, int64_t tick, size_t *room)
{
	for (size_t i = 0; i < lane_count(l) && *room != 0; i++) {
		struct offer *o = lane_at(l, i);

		if (o->attempts == o->written || tick - o->offered < WRITE_AFTER)
			continue;
		store_attempts(t, o->seq, o->attempts);
		o->written = o->attempts;
		l->wrote = true;
		--*room;
	}
	return *room == 0;
}

void
dispatch_write_attempts(struct dispatch *d, struct store_txn *t, int64_t tick)
{
	size_t room = WRITE_AT_ONCE;

	for (size_t i = 0; i < d->n; i++)
		if (lane_write_attempts(d->lanes[i], t, tick, &room))
			return;
}

bool
dispatch_damaged(struct dispatch *d, uint64_t *seq)
{
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < lane_count(d->lanes[i]); k++) {
			struct offer *o = lane_at(d->lanes[i], k);

			if (!o->damaged)
				continue;
			o->damaged = false;
			*seq = o->seq;
			return true;
		}
	return false;
}

void
dispatch_again(struct dispatch *d, const struct party *to)
{
	struct lane *l = lane_find(d, to);

	if (l == NULL)
		return;
	lane_empty(l);
	l->left = true;
}

void
dispatch_returned(struct dispatch *d, const struct entry *e)
{
	struct lane *l = lane_find(d, &e->header.to);

	if (l == NULL)
		return;
	l->left = true; /* undone by emptying it, if this is not committed */
	lane_return(l, e);
}

void
dispatch_settle(struct dispatch *d, bool committed)
{
	for (size_t i = 0; i < d->n; i++) {
		struct lane *l = d->lanes[i];

		if (l->left && !committed)
			lane_empty(l); /* what it let go of is still queued: read again */
		for (size_t k = 0; l->wrote && !committed && k < lane_count(l); k++)
			lane_at(l, k)->written = 0;
		l->more |= l->arrived;
		l->more_urgent |= l->arrived;
		l->arrived = l->left = l->wrote = false;
	}
}

void
dispatch_lost(struct dispatch *d, struct peer *p)
{
	struct lane *l = lane_find(d, &p->party);

	for (size_t i = 0; l != NULL && i < lane_count(l); i++)
		if (lane_at(l, i)->to == p) {
			suspect_lost(lane_at(l, i), p);
			lane_at(l, i)->to = NULL;
			lane_at(l, i)->tries = 0;
			lane_at(l, i)->due = 0;
		}
}

/* ---- notices ---- */

/* False when it cannot be sent now: the peer is gone, or the store is damaged here. */
static bool
tell(struct dispatch *d, struct peer *p, const struct notice *n, int64_t tick)
{
	struct wire w = {.verb = V_CONFIRM, .number = n->number};
	struct entry e;
	enum err extra;

	if (store_entry(d->store, NULL, n->seq, &e) != E_OK ||
		store_receipt(d->store, NULL, n->seq, n->stage, &d->receipt) != E_OK)
		return false;
	buf_reset(&d->extra);
	if (n->stage == ST_COMMITTED || n->stage == ST_REJECTED) {
		extra = store_extra(d->store, n->seq, &d->extra);
		if (extra != E_OK)
			return false;
	}
	w.id = e.header.id;
	w.body = buf_bytes(&d->receipt);
	w.extra = buf_bytes(&d->extra);
	p->gone = !d->fx->send(d->fx->context, p->no, &w);
	p->notice_told = n->number;
	p->told = tick;
	return !p->gone;
}

void
dispatch_notices(struct dispatch *d, struct peer *p, int64_t tick)
{
	struct notice notices[DISPATCH_NOTICES];
	size_t room, got;

	if (p->notice_told > p->notice_kept && tick - p->told >= NOTICE_AGAIN) {
		p->notice_told = p->notice_kept;
		p->owed_notices = true;
	}
	room = DISPATCH_NOTICES - (size_t)(p->notice_told - p->notice_kept);
	if (!p->owed_notices || room == 0)
		return;
	got = store_notices(d->store, &p->party, p->notice_told, notices, room);
	p->owed_notices = false; /* if there are more, the window is full, and CREDIT opens it */
	for (size_t i = 0; i < got; i++)
		if (!tell(d, p, &notices[i], tick))
			return;
}

/* ---- offers ---- */

static int64_t
backoff(struct dispatch *d, unsigned tries)
{
	int64_t most = BACKOFF_FIRST;

	while (--tries > 0 && most < BACKOFF_MOST)
		most *= 2;
	if (most > BACKOFF_MOST)
		most = BACKOFF_MOST;
	/* Up to a quarter less, so that what failed together is not tried together. */
	return most - (int64_t)(dispatch_random(d) % (uint64_t)(most / 4));
}

/* Of its conversation; in a bundle, where nothing can overtake, behind what is in the bundle too.
 */
static bool
is_first(const struct offer *o, const struct peer *p)
{
	return o->before == NULL || (p->no == PEER_COURIER && o->before->to == p);
}

/* A thin line has little under way, so that what comes next does not wait for minutes; and what is
 * larger than its peer wishes it leaves out. */
static bool
has_room(const struct offer *o, const struct peer *p)
{
	if (p->most > 0 && o->size > p->most)
		return false;
	return !p->thin || p->octets == 0 || p->octets + o->size <= THIN_OCTETS;
}

static bool
is_due(const struct lane *l, const struct offer *o, const struct peer *p, int64_t tick)
{
	if (o->due > tick)
		return false;
	if (o->to != NULL)
		return o->to == p && p->no != PEER_COURIER; /* once is enough in a file */
	if (o->urgent)
		return urgent_has_credit(p) && urgent_has_turn(l, o, p);
	return p->under_way < p->credit && is_first(o, p) && has_room(o, p);
}

/* Each source may have three times what is left of the credit: so one alone leaves a quarter of it,
 * and there is always some for a source that has nothing under way yet, even if the addressee
 * leaves unanswered whatever the others send. */
static bool
is_fair(const struct lane *l, const struct offer *o, const struct peer *p)
{
	return o->to != NULL || o->urgent || p->no == PEER_COURIER ||
	       l->source[o->source].under_way < SOURCE_SHARE * (p->credit - p->under_way);
}

static void
count_under_way(struct lane *l, struct peer *p)
{
	p->octets = 0;
	for (size_t i = 0; i < l->n_sources; i++)
		l->source[i].under_way = 0;
	for (size_t i = 0; i < lane_count(l); i++)
		if (lane_at(l, i)->to == p) {
			l->source[lane_at(l, i)->source].under_way++;
			p->octets += lane_at(l, i)->size;
		}
}

/* What is needed to offer it. E_NOT_FOUND: it does not wait any more. */
static enum err
load(struct dispatch *d, uint64_t seq, struct entry *e)
{
	TRY(store_entry(d->store, NULL, seq, e));
	if (!dispatch_waits(d, e))
		return E_NOT_FOUND;
	TRY(store_body(d->store, NULL, seq, &d->message));
	return store_receipt(d->store, NULL, seq, ST_ACCEPTED, &d->receipt);
}

static void
offer(struct dispatch *d, struct peer *p, struct lane *l, struct offer *o, const struct entry *e,
	int64_t tick)
{
	struct wire w = {.verb = V_DELIVER,
		.number = ++o->attempts,
		.body = buf_bytes(&d->message),
		.extra = buf_bytes(&d->receipt)};

	if (o->to == NULL) {
		p->under_way++;
		l->source[o->source].under_way++;
		p->octets += o->size;
	}
	o->to = p;
	o->offered = tick;
	o->number = ++d->offers;
	o->counted = o->lost = false;
	o->due = tick + backoff(d, ++o->tries) + (p->thin ? (int64_t)p->octets * THIN_MS : 0);
	p->gone = !d->fx->send(d->fx->context, p->no, &w);
	if (!p->gone)
		d->fx->event(d->fx->context, "offered", e);
}

/* What its addressee may hold is offered beyond its time too: it says that it has taken it, or
 * refuses what comes too late. */
static bool
may_offer(const struct dispatch *d, const struct entry *e, int64_t now)
{
	if (d->withholds != NULL && d->withholds(d->context, e, now))
		return false;
	return e->header.expires > now || e->stage != ST_ACCEPTED || dispatch_was_offered(d, e);
}

/* Its part of the credit is kept for it, as long as this look at the lane takes. */
static void
show_first(struct dispatch *d, struct peer *p, struct lane *l, const struct offer *o)
{
	if (d->n_show == d->room_show) {
		d->room_show = d->room_show * 2 + 16;
		d->show = xrealloc(d->show, d->room_show * sizeof *d->show);
	}
	d->show[d->n_show++] = o->seq;
	p->under_way++;
	l->source[o->source].under_way++;
}

/* False when it has no place in the lane any more. */
static bool
offer_if_possible(struct dispatch *d, struct peer *p, struct lane *l, struct offer *o, int64_t now,
	int64_t tick)
{
	struct entry e;
	enum err code = load(d, o->seq, &e);

	if (code == E_OK && !may_offer(d, &e, now))
		o->due = tick + WITHHELD_MS;
	else if (code == E_OK && e.header.has_token && !e.shown)
		show_first(d, p, l, o);
	else if (code == E_OK)
		offer(d, p, l, o, &e, tick);
	o->damaged = code != E_OK && code != E_NOT_FOUND;
	if (o->damaged)
		o->due = tick + BACKOFF_MOST; /* until it is set aside; nothing overtakes */
	return code != E_NOT_FOUND;
}

static void
offer_up_to(struct dispatch *d, struct peer *p, struct lane *l, uint32_t most, int64_t now,
	int64_t tick)
{
	for (size_t i = 0; i < lane_count(l) && !p->gone;) {
		struct offer *o = lane_at(l, i);
		bool goes = o->size <= most && is_due(l, o, p, tick) && is_fair(l, o, p) &&
			    !suspect_waits(o, p, tick) && !lane_passed(d, l, o);

		if (goes && (lane_is_behind_aside(d, l, o) ||
				    !offer_if_possible(d, p, l, o, now, tick)))
			lane_drop(l, i);
		else
			i++;
	}
}

/* When nothing else is under way: one of those that let others go first. */
static void
offer_suspect(struct dispatch *d, struct peer *p, struct lane *l, int64_t now, int64_t tick)
{
	for (size_t i = 0; i < lane_count(l) && p->under_way == 0 && !p->gone; i++) {
		struct offer *o = lane_at(l, i);

		if (suspect_has_turn(l, o, p) && is_due(l, o, p, tick) && !lane_passed(d, l, o)) {
			if (lane_is_behind_aside(d, l, o) ||
				!offer_if_possible(d, p, l, o, now, tick))
				lane_drop(l, i);
			return;
		}
	}
}

void
dispatch_offers(struct dispatch *d, struct peer *p, int64_t now, int64_t tick)
{
	struct lane *l = lane_of(d, &p->party);
	size_t asked = d->n_show;

	lane_look_again(d, l);
	urgent_read(d, l);
	lane_read(d, l);
	count_under_way(l, p);
	if (p->thin)
		offer_up_to(d, p, l, THIN_SMALL, now, tick);
	offer_up_to(d, p, l, UINT32_MAX, now, tick);
	offer_suspect(d, p, l, now, tick);
	p->under_way -= d->n_show - asked;
}

bool
dispatch_to_show(struct dispatch *d, uint64_t *seq)
{
	if (d->n_show == 0)
		return false;
	*seq = d->show[--d->n_show];
	return true;
}

void
dispatch_not_shown(struct dispatch *d, uint64_t seq, int64_t tick)
{
	for (size_t k = 0; k < d->n; k++) {
		struct lane *l = d->lanes[k];
		size_t i;

		if (!lane_offer(l, seq, &i))
			continue;
		lane_at(l, i)->damaged = true;
		lane_at(l, i)->due = tick + BACKOFF_MOST;
	}
}
