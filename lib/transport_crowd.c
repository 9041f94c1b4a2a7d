/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two hash tables and a ring. A peer is in the ring while it has said something that was not yet
 * handed over. */
#include "lib/transport_crowd.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024

LIST_HEAD(bucket, peer);
TAILQ_HEAD(ring, peer);

struct crowd {
	void (*ended)(void *context, struct peer *p);
	void *context;
	struct bucket by_route[BUCKETS], by_no[BUCKETS];
	struct ring turns;
	peer_no last_no;
};

struct crowd *
crowd_new(void (*ended)(void *context, struct peer *p), void *context)
{
	struct crowd *c = xcalloc(1, sizeof(*c));

	c->ended = ended;
	c->context = context;
	TAILQ_INIT(&c->turns);
	return c;
}

static bool
every_one(void *context, struct peer *p)
{
	(void)context;
	(void)p;
	return true;
}

void
crowd_free(struct crowd **c)
{
	if (*c == NULL)
		return;
	crowd_forget_lost(*c, every_one, NULL);
	free(*c);
	*c = NULL;
}

static struct bucket *
route_bucket(struct crowd *c, const uint8_t route[ROUTE_SIZE])
{
	return &c->by_route[(route[3] << 8 | route[4]) % BUCKETS];
}

static struct peer *
find_route(struct crowd *c, const uint8_t route[ROUTE_SIZE])
{
	struct peer *p;

	LIST_FOREACH(p, route_bucket(c, route), by_route)
	if (memcmp(p->route, route, ROUTE_SIZE) == 0)
		break;
	return p;
}

struct peer *
crowd_find(struct crowd *c, peer_no no)
{
	struct peer *p;

	LIST_FOREACH(p, &c->by_no[no % BUCKETS], by_no)
	if (p->no == no)
		break;
	return p;
}

void
crowd_said_free(struct said **s)
{
	if (*s == NULL)
		return;
	parts_free(&(*s)->parts);
	free(*s);
	*s = NULL;
}

void
crowd_forget(struct crowd *c, struct peer *p)
{
	struct said *s;

	LIST_REMOVE(p, by_route);
	LIST_REMOVE(p, by_no);
	c->ended(c->context, p);
	while (crowd_next(c, p, &s))
		crowd_said_free(&s);
	free(p);
}

static struct peer *
add(struct crowd *c, const uint8_t route[ROUTE_SIZE], const uint8_t key[CURVE_KEY_SIZE])
{
	struct peer *p = xcalloc(1, sizeof(*p));

	STAILQ_INIT(&p->said);
	p->no = ++c->last_no;
	p->fd = -1;
	memcpy(p->route, route, ROUTE_SIZE);
	memcpy(p->key, key, CURVE_KEY_SIZE);
	LIST_INSERT_HEAD(route_bucket(c, route), p, by_route);
	LIST_INSERT_HEAD(&c->by_no[p->no % BUCKETS], p, by_no);
	return p;
}

/* A party that connects over and over does not fill the table. */
static void
make_room(struct crowd *c, const uint8_t key[CURVE_KEY_SIZE])
{
	struct peer *p, *oldest = NULL;
	size_t n = 0;

	for (size_t i = 0; i < BUCKETS; i++)
		LIST_FOREACH(p, &c->by_no[i], by_no)
		{
			if (memcmp(p->key, key, CURVE_KEY_SIZE) != 0)
				continue;
			n++;
			if (oldest == NULL || p->no < oldest->no)
				oldest = p;
		}
	if (n >= PEERS_PER_KEY)
		crowd_forget(c, oldest);
}

struct peer *
crowd_meet(struct crowd *c, const uint8_t route[ROUTE_SIZE], const uint8_t key[CURVE_KEY_SIZE])
{
	struct peer *p = find_route(c, route);

	/* The same address with another key: the old connection has ended. */
	if (p != NULL && memcmp(p->key, key, CURVE_KEY_SIZE) != 0) {
		crowd_forget(c, p);
		p = NULL;
	}
	if (p == NULL) {
		make_room(c, key);
		p = add(c, route, key);
	}
	p->heard = monotonic_now();
	return p;
}

void
crowd_forget_lost(struct crowd *c, bool (*lost)(void *context, struct peer *p), void *context)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		struct peer *p = LIST_FIRST(&c->by_no[i]);

		while (p != NULL) {
			struct peer *next = LIST_NEXT(p, by_no);

			if (lost(context, p))
				crowd_forget(c, p);
			p = next;
		}
	}
}

/* ---- turns ---- */

void
crowd_queue(struct crowd *c, struct peer *p, struct parts *message, uint64_t octets)
{
	struct said *s = xcalloc(1, sizeof(*s));

	s->parts = *message;
	*message = (struct parts){0};
	s->octets = octets;
	if (STAILQ_EMPTY(&p->said))
		TAILQ_INSERT_TAIL(&c->turns, p, turn);
	STAILQ_INSERT_TAIL(&p->said, s, next);
}

struct peer *
crowd_turn(struct crowd *c)
{
	return TAILQ_FIRST(&c->turns);
}

bool
crowd_next(struct crowd *c, struct peer *p, struct said **out)
{
	*out = STAILQ_FIRST(&p->said);
	if (*out == NULL)
		return false;
	STAILQ_REMOVE_HEAD(&p->said, next);
	if (STAILQ_EMPTY(&p->said))
		TAILQ_REMOVE(&c->turns, p, turn);
	return true;
}

void
crowd_turn_over(struct crowd *c, struct peer *p)
{
	if (STAILQ_EMPTY(&p->said))
		return;
	TAILQ_REMOVE(&c->turns, p, turn);
	TAILQ_INSERT_TAIL(&c->turns, p, turn);
}
