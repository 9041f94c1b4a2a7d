/* SPDX-License-Identifier: EUPL-1.2
 *
 * Messages that wait for an examiner or are with one, in a lane for each connection. They leave a
 * lane in the order in which they came. The next turn belongs to the party that has used least CPU
 * time (start-time fair queueing), so that neither many connections nor costly messages take the
 * time of others; every other turn is for those with a settlement, because what was accepted is to
 * be finished even when many bring new messages. What stops a case is in a lane of its own and is
 * given before anything else: a connection has two lanes. How much of that a party may bring is for
 * the caller to bound (broker/quota.h). Owned by the examiners. */
#ifndef DAFTAR_LANES_H
#define DAFTAR_LANES_H

#include <sys/queue.h>

#include "lib/examine.h"
#include "lib/transport.h"

#define LANES_MAX (32u << 20) /* octets, of all connections */
#define LANE_MAX (4u << 20)   /* of one */
#define PARTY_MAX (8u << 20)  /* of all of one party */
#define STOPS_MAX (8u << 20)  /* of what stops cases, beside these, of all connections */
#define STOP_MAX (512u << 10) /* .. and of one */

/* What a party has used of the examiners, in microseconds that count from a common beginning: who
 * comes after a pause begins where the others are. */
struct account {
	struct party party;
	int64_t used;
	int64_t usual;	     /* what its messages cost, by experience */
	size_t jobs, octets; /* waiting or given */
};

enum job_state { JOB_WAITING, JOB_GIVEN, JOB_DONE };

struct job {
	TAILQ_ENTRY(job) next;
	struct lane *lane;
	enum job_state state;
	struct party party; /* that it is from */
	bool settles;
	struct id settled;
	uint64_t again;	 /* its number, when it is in the store and examined once more; else 0 */
	int64_t when;	 /* as of which it is judged then */
	unsigned killed; /* how often its examiner was killed from outside */
	size_t account;	 /* of its party */
	int64_t charged; /* to it, when it was given; microseconds */
	struct buf message;
	struct verdict verdict; /* once done */
};
TAILQ_HEAD(jobs, job);

struct lane {
	TAILQ_ENTRY(lane) next, turn;
	peer_no peer;
	bool stops; /* of what stops a case */
	struct jobs jobs;
	size_t octets, waiting;
	bool gone; /* its connection; what an examiner has of it is waited for and dropped */
};
TAILQ_HEAD(lane_list, lane);

struct lanes {
	struct lane_list all;	/* with any job */
	struct lane_list turns; /* with a waiting job, the next one first */
	size_t octets, stop_octets, waiting;
	bool settlements; /* the last turn was theirs */
	struct account *account;
	size_t n_accounts;
	int64_t clock; /* where the account stood that had the last turn */
};

void lanes_open(struct lanes *ls);
void lanes_close(struct lanes *ls);
/* `party' NULL: whichever. */
bool lanes_have_room(const struct lanes *ls, peer_no peer, const struct party *party, size_t size);
bool lanes_have(const struct lanes *ls, peer_no peer); /* anything of it */
/* Copies the message into a new waiting job; a loan, good until the next call. */
struct job *lanes_add(struct lanes *ls, peer_no peer, const struct party *party,
	struct bytes message, const struct id *settles);
/* The same two of what seems to stop a case. */
bool lanes_have_room_to_stop(const struct lanes *ls, peer_no peer, size_t size);
struct job *lanes_add_stop(
	struct lanes *ls, peer_no peer, const struct party *party, struct bytes message);
/* Takes the next waiting job (now given); NULL when there is none. */
struct job *lanes_next(struct lanes *ls);
/* A given job waits again, in its old place; the job of a lost connection is dropped. */
void lanes_again(struct lanes *ls, struct job *j);
/* The job is done, and has cost so much CPU time. Calls `out' for it and what was done before and
 * waited for it, in order, as soon as all before it are done. */
typedef void lanes_out(void *context, const struct job *j);
void lanes_done(struct lanes *ls, struct job *j, int64_t us, lanes_out *out, void *context);
void lanes_forget(struct lanes *ls, peer_no peer);

#endif
