/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lines between parties and the broker. A line is in order and loses nothing until it breaks, like
 * TCP's; then faults lose, double, alter, delay and overtake what is under way, because the
 * protocol does not rest on any of that. Each end learns of a break in its own time, and a party
 * connects again in its own time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

/* Frames under way. */
struct parcel {
	peer_no line;
	struct node *to;
	unsigned life;
	enum seat from;
	size_t n;
	size_t size[WIRE_FRAMES_MAX];
	size_t total;
	uint8_t octet[];
};

struct line {
	peer_no no; /* 0: none */
	struct node *party;
	int64_t last[2]; /* when what was sent before arrives: up, down */
	int64_t deaf[2]; /* nothing arrives before: up, down */
};

static struct line lines[NODES_MAX];
static peer_no last_no;

void
network_begin(void)
{
	memset(lines, 0, sizeof lines);
	last_no = 0;
}

static struct line *
line_of(const struct node *party)
{
	return &lines[party - world.node];
}

static struct line *
line_by_no(peer_no no)
{
	for (size_t i = 0; i < world.nodes; i++)
		if (no != 0 && lines[i].no == no)
			return &lines[i];
	return NULL;
}

enum seat
network_seat(peer_no no)
{
	const struct line *l = line_by_no(no);

	return l != NULL ? l->party->place : PLACES;
}

/* ---- making and breaking ---- */

static void
connected(struct node *n, void *what)
{
	struct line *l = line_of(n);

	(void)what;
	if (l->no != 0)
		return;
	if (!node_at(PLACE_BROKER)->up || l->deaf[0] > world.now || l->deaf[1] > world.now) {
		network_want_line(n);
		return;
	}
	l->party = n;
	l->no = n->line = ++last_no;
	l->last[0] = l->last[1] = world.now;
	socket_up(n);
}

void
network_want_line(struct node *n)
{
	after(between(20, 1500), n, connected, NULL);
}

static void
broker_notices(struct node *broker, void *what)
{
	broker_line_gone(broker, *(peer_no *)what);
}

void
network_cut(struct node *n)
{
	struct line *l = line_of(n);
	struct node *broker = node_at(PLACE_BROKER);
	peer_no *no;

	if (l->no == 0)
		return;
	no = xmalloc(sizeof *no);
	*no = l->no;
	l->no = n->line = 0;
	if (broker != NULL && broker->up)
		after(happens(0.5) ? between(0, 50) : between(1000, 60000), broker, broker_notices,
			no);
	else
		free(no);
	if (n->up)
		network_want_line(n);
}

void
network_cut_all(void)
{
	for (size_t i = 0; i < world.nodes; i++)
		network_cut(&world.node[i]);
}

void
network_partition(struct node *n, int64_t ms, bool up, bool down)
{
	struct line *l = line_of(n);

	if (up)
		l->deaf[0] = world.now + ms;
	if (down)
		l->deaf[1] = world.now + ms;
}

void
network_heal(void)
{
	for (size_t i = 0; i < NODES_MAX; i++)
		lines[i].deaf[0] = lines[i].deaf[1] = 0;
}

/* ---- what travels ---- */

static struct parcel *
pack(const struct bytes *frame, size_t n)
{
	struct parcel *p;
	size_t total = 0, at = 0;

	for (size_t i = 0; i < n; i++)
		total += frame[i].size;
	p = xmalloc(sizeof *p + total);
	p->n = n;
	p->total = total;
	for (size_t i = 0; i < n; i++) {
		p->size[i] = frame[i].size;
		if (frame[i].size > 0)
			memcpy(p->octet + at, frame[i].data, frame[i].size);
		at += frame[i].size;
	}
	return p;
}

static void
unpack(const struct parcel *p, struct bytes *frame)
{
	size_t at = 0;

	for (size_t i = 0; i < p->n; i++) {
		frame[i] = bytes_of(p->octet + at, p->size[i]);
		at += p->size[i];
	}
}

static void
arrives(struct node *to, void *what)
{
	const struct parcel *p = what;
	struct bytes frame[WIRE_FRAMES_MAX];
	struct line *l = line_by_no(p->line);
	bool up = to->place == PLACE_BROKER;

	if (l == NULL || l->deaf[up ? 0 : 1] > world.now)
		return;
	world.frames++;
	unpack(p, frame);
	if (up)
		broker_hear(to, p->line, p->from, frame, p->n);
	else
		socket_hear(to, frame, p->n);
}

static void
dispatch(struct parcel *p, int64_t delay)
{
	after(delay, p->to, arrives, p);
}

static struct parcel *
copy_of(const struct parcel *p)
{
	size_t size = sizeof *p + p->total;
	struct parcel *c = xmalloc(size);

	memcpy(c, p, size);
	return c;
}

static void
travel(struct line *l, struct parcel *p, bool up)
{
	int64_t at = world.now + between(1, 40);

	if (strikes(F_TWICE))
		dispatch(copy_of(p), between(1, 30 * SECOND));
	if (strikes(F_LATE)) {
		dispatch(p, between(100, 20 * SECOND));
		return;
	}
	if (strikes(F_SLOW))
		at += between(SECOND, 30 * SECOND);
	if (at < l->last[up ? 0 : 1])
		at = l->last[up ? 0 : 1];
	l->last[up ? 0 : 1] = at;
	dispatch(p, at - world.now);
}

bool
network_send(struct node *from, peer_no no, const struct bytes *frame, size_t n)
{
	struct line *l = line_by_no(no);
	bool up = from->place != PLACE_BROKER;
	struct parcel *p;

	if (l == NULL)
		return false;
	if (up)
		saw_frames_leave(frame, n);
	/* CURVE does not let an altered frame through: it ends the connection. */
	if (strikes(F_FLIPPED) || strikes(F_BREAK)) {
		tell("line %llu breaks", (unsigned long long)no);
		network_cut(l->party);
		return true;
	}
	if (strikes(F_LOST))
		return true;
	p = pack(frame, n);
	p->line = no;
	p->from = from->place;
	p->to = up ? node_at(PLACE_BROKER) : l->party;
	travel(l, p, up);
	return true;
}
