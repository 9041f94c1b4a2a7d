/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside lib/transport_lines.c and lib/transport_look.c only. */
#ifndef DAFTAR_TRANSPORT_LINES_PARTS_H
#define DAFTAR_TRANSPORT_LINES_PARTS_H

#include <sys/queue.h>

#include "lib/transport_lines.h"

struct line {
	TAILQ_ENTRY(line) entry;
	int fd;
	uint8_t address[ADDRESS_SIZE];
	uint16_t port;
	int64_t since, spoke; /* monotonic ms */
	uint8_t key[CURVE_KEY_SIZE];
	bool known; /* whose it is */
	bool maybe; /* it may have been admitted */
	bool heard; /* a message named its key */
	bool shut;
	/* Octets: read by libzmq up to the last look; handed to us; waiting here; given to libzmq;
	 * given and not yet taken by the other side. */
	uint64_t read, took, waits, gave, unsent;
};
TAILQ_HEAD(line_list, line);

struct lines {
	struct lines_handlers h;
	struct admission *admission;
	struct watch monitor;
	struct watch *router;
	struct event *look;
	struct line_list all;
	size_t n, most;
	struct line **by_fd;
	size_t n_fd;
};

static inline bool
is_stranger(const struct line *x)
{
	return !x->known && !x->maybe && !x->shut;
}

/* The next round of libzmq's thread finds the end of the stream and closes. */
void line_shut(struct line *x);
void line_offended(struct lines *l, struct line *x, enum gate_offence what, uint64_t octets);
/* Hears all that the monitor tells, before a connection is looked for by a number that has just
 * been made. */
void lines_catch_up(struct lines *l);

/* ---- lib/transport_look.c ---- */
/* What libzmq has read of what the kernel received; what the other side has taken. */
bool line_measure(int fd, uint64_t *received, uint64_t *acknowledged);
uint64_t line_kept(const struct line *x); /* read, and not handed to us */
/* Looks at every connection, and shuts down the ones that keep too much. */
void lines_look(struct lines *l);

#endif
