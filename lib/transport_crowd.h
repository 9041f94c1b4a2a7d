/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the gate's transport only: the peers that were heard, by the address that the ROUTER gave
 * them and by their number, and what each has said that is not yet handed over. Turns go round: of
 * each peer so many octets a turn, so that whoever says much waits for itself. */
#ifndef DAFTAR_TRANSPORT_CROWD_H
#define DAFTAR_TRANSPORT_CROWD_H

#include <sys/queue.h>

#include "lib/transport_zmq.h"

#define ROUTE_SIZE 5 /* an id made by libzmq: a zero and four octets of a counter */
#define PEERS_PER_KEY 4
#define PEER_TURN (64 * 1024) /* octets of one peer's turn; at least one message */

struct said {
	STAILQ_ENTRY(said) next;
	struct parts parts;
	uint64_t octets;
};

struct peer {
	LIST_ENTRY(peer) by_route, by_no;
	TAILQ_ENTRY(peer) turn; /* while it has said something */
	STAILQ_HEAD(, said) said;
	peer_no no;
	uint8_t route[ROUTE_SIZE];
	uint8_t key[CURVE_KEY_SIZE];
	int fd;
	int64_t heard;		/* monotonic ms */
	struct thin_peer *thin; /* NULL: its line is not thin; `ended' frees it */
};

struct crowd;
/* `ended' is called for each peer that goes, before it is freed. */
struct crowd *crowd_new(void (*ended)(void *context, struct peer *p), void *context);
void crowd_free(struct crowd **c);
struct peer *crowd_find(struct crowd *c, peer_no no);
/* The peer behind this address, a new one when it or its key is new; the oldest of a key goes when
 * there are too many. */
struct peer *crowd_meet(
	struct crowd *c, const uint8_t route[ROUTE_SIZE], const uint8_t key[CURVE_KEY_SIZE]);
void crowd_forget(struct crowd *c, struct peer *p);
/* Forgets every one that `lost' picks. */
void crowd_forget_lost(struct crowd *c, bool (*lost)(void *context, struct peer *p), void *context);
/* Takes the message. */
void crowd_queue(struct crowd *c, struct peer *p, struct parts *message, uint64_t octets);
/* The peer whose turn it is (NULL: nobody has said anything), and its next message, which is then
 * the caller's. */
struct peer *crowd_turn(struct crowd *c);
bool crowd_next(struct crowd *c, struct peer *p, struct said **out);
void crowd_said_free(struct said **s);
/* Its turn is over; the next is somebody else's. */
void crowd_turn_over(struct crowd *c, struct peer *p);

#endif
