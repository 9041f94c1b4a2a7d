/* SPDX-License-Identifier: EUPL-1.2
 *
 * What each connection keeps: the kernel counts what it has received, we count what came out as
 * messages. The difference is what libzmq holds, which it would not tell. */
#include <linux/tcp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lib/transport_lines_parts.h"

#define MIB (1024 * 1024)
/* Of a stranger: a greeting and three commands are less than 1 KiB. */
#define STRANGER_OCTETS 8192
/* One message that is not yet complete. */
#define UNFINISHED_OCTETS (1 * MIB)
/* More than a peer has under way: 64 messages of 256 KiB. */
#define WAITING_OCTETS (18 * MIB)
#define UNSENT_OCTETS (16 * MIB)
/* Of everybody together before we look at our memory, and how much of that may be used. */
#define TOTAL_OCTETS (8 * MIB)
#define MEMORY_OCTETS (48 * MIB)
#define QUIET_MS 60000

const char *
gate_offence_word(enum gate_offence what)
{
	switch (what) {
	case OFFENCE_ENDLESS:
		return "endless";
	case OFFENCE_FLOOD:
		return "flood";
	case OFFENCE_DEAF:
		return "deaf";
	case OFFENCE_ROUTE:
		return "routing-id";
	case OFFENCE_MEMORY:
		return "memory";
	case OFFENCE_STRANGER:
		return "stranger";
	}
	return NULL;
}

bool
line_measure(int fd, uint64_t *received, uint64_t *acknowledged)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);
	int unread = 0;

	/* In this order: what comes in between counts as read, and not as less than nothing. */
	if (ioctl(fd, FIONREAD, &unread) != 0 ||
		getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
		return false;
	*received = info.tcpi_bytes_received - (uint64_t)unread;
	*acknowledged = info.tcpi_bytes_acked;
	return true;
}

uint64_t
line_kept(const struct line *x)
{
	return x->read > x->took ? x->read - x->took : 0;
}

/* False when it may stay. `unfinished': what was read before the last look and is not here although
 * the ROUTER has nothing more to give is a message without an end. */
static bool
judge(const struct line *x, uint64_t unfinished, enum gate_offence *what)
{
	*what = OFFENCE_ENDLESS;
	if (unfinished > UNFINISHED_OCTETS || line_kept(x) > WAITING_OCTETS)
		return true;
	*what = OFFENCE_FLOOD;
	if (x->waits > WAITING_OCTETS)
		return true;
	*what = OFFENCE_DEAF;
	return x->unsent > UNSENT_OCTETS;
}

/* Commands (PING, PONG) are in what the kernel counts and in nothing that we see. Small differences
 * are made up for, but only when a message has come since, so that they cannot add up. */
static void
look_at(struct lines *l, struct line *x, bool drained)
{
	uint64_t received, acknowledged, before = line_kept(x), octets;
	enum gate_offence what;

	if (x->shut || !line_measure(x->fd, &received, &acknowledged))
		return;
	x->read = received;
	x->unsent = x->gave > acknowledged ? x->gave - acknowledged : 0;
	if (x->unsent == 0)
		x->gave = acknowledged;
	if (x->took > x->read || (x->heard && line_kept(x) < STRANGER_OCTETS))
		x->took = x->read;
	x->heard = false;
	octets = line_kept(x) + x->waits + x->unsent;
	if (is_stranger(x) && x->read > STRANGER_OCTETS)
		line_shut(x);
	else if (judge(x, drained ? before : 0, &what))
		line_offended(l, x, what, octets);
	else if (monotonic_now() - x->spoke > QUIET_MS && x->waits == 0)
		line_shut(x);
}

static uint64_t
weight(const struct line *x)
{
	return x->shut ? 0 : line_kept(x) + x->waits + x->unsent;
}

/* Many within their limits are too much together: the largest goes. */
static void
look_at_memory(struct lines *l)
{
	struct line *x, *largest = NULL;
	struct mallinfo2 used;
	uint64_t total = 0;

	TAILQ_FOREACH(x, &l->all, entry)
	{
		total += weight(x);
		if (largest == NULL || weight(x) > weight(largest))
			largest = x;
	}
	if (total < TOTAL_OCTETS)
		return;
	used = mallinfo2();
	if (used.uordblks + used.hblkhd > MEMORY_OCTETS)
		line_offended(l, largest, OFFENCE_MEMORY, weight(largest));
}

void
lines_look(struct lines *l)
{
	bool drained = (zsock_events(l->router->sock) & ZMQ_POLLIN) == 0;
	struct line *x;

	lines_catch_up(l);
	TAILQ_FOREACH(x, &l->all, entry)
	look_at(l, x, drained);
	look_at_memory(l);
	/* Asking the ROUTER took its wish to be read. */
	watch_again(l->router);
}
