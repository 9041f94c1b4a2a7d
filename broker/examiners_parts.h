/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the examiners (broker/examiners*.c only): what is known of each process, what it was asked
 * and has not answered, and what waits for one. broker/examiners.c takes orders and opens and
 * closes; broker/examiners_worker.c speaks to the processes. */
#ifndef DAFTAR_EXAMINERS_PARTS_H
#define DAFTAR_EXAMINERS_PARTS_H

#include "broker/examiners.h"
#include "broker/items.h"
#include "broker/lanes.h"
#include "broker/respawn.h"
#include "lib/channel.h"

#define PIPE_JOBS 8 /* of one worker */
#define PENALTIES 16

/* What was asked of a worker and is not answered: to judge a message, to take revocation data that
 * is in force, to check some that may be, or, without any of them, to take a trust list. */
struct question {
	struct job *job;
	uint64_t item;
	struct candidate *candidate;
};

struct worker {
	struct examiners *all;
	struct channel *channel;
	pid_t pid;
	struct question asked[PIPE_JOBS + 2];
	size_t n_asked;
	uint64_t known; /* it was given every item up to this one */
	bool ready;	/* has answered the trust list it was started with */
	struct event *late;
	struct respawn respawn;
};

struct examiners {
	struct event_base *base;
	struct examiners_handlers h;
	char *program;
	struct buf trust; /* the frame of the trust list in force */
	struct buf out;
	struct worker *workers;
	size_t n;
	struct lanes lanes;
	struct items items;
	bool ever_ready;
	struct {
		struct party party;
		int64_t until;
	} penalty[PENALTIES];
	size_t next_penalty;
	struct examiners_figures figures;
};

/* A worker of `x', whose place is zeroed; its process starts from the event loop. */
void worker_open(struct examiners *x, struct worker *w);
void worker_close(struct worker *w);
/* The list of x->trust, behind what is in its pipe. */
void worker_ask_trust(struct worker *w);
/* Its process is to end, or has ended (the wait status then says how): what it had in its pipe
 * waits again, in its old place. The first, which it was working on, does not come again, unless
 * somebody else killed the process: that says nothing about the message. */
void worker_lose(struct worker *w, bool died);
/* What waits, to those who have room. */
void workers_give(struct examiners *x);

#endif
