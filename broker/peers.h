/* SPDX-License-Identifier: EUPL-1.2
 *
 * The connected peers that have said HELLO, in the order in which they did. A peer is a connection
 * and lives as long as that; at most one lives for each CURVE key. Owned by the exchange. */
#ifndef DAFTAR_PEERS_H
#define DAFTAR_PEERS_H

#include "lib/transport.h"

#define PEER_SHUT_MOST 8
#define PEER_PROGRAM_SIZE 40

struct peer {
	peer_no no;
	uint8_t key[CURVE_KEY_SIZE];
	struct party party;
	uint64_t epoch;
	uint64_t credit, under_way; /* deliveries it allows at once, and has not yet taken */
	uint64_t notice_kept;	    /* the last that is durable in its spool */
	uint64_t notice_told;	    /* the last that was sent */
	int64_t told, heard;	    /* when, monotonic ms */
	int64_t since;		    /* ms UTC */
	int64_t compared;	    /* its party's books with ours, when last, ms UTC; 0: never */
	int64_t asked;		    /* for that, when last, monotonic ms */
	int64_t log_paid;    /* its questions about the log are paid for up to here, monotonic ms */
	int64_t ledger_paid; /* and those about who handled a case */
	bool unheard;	     /* what it has shown in this comparison could not be heard */
	uint64_t stating;    /* the session that its last signed statement came in */
	bool owed_notices, owed_trust;	/* there may be something to send */
	bool hears_status, owed_status; /* it has said STATUS; there may be items for it */
	uint64_t status_told;		/* the last item that was sent */
	bool fresh;			/* its HELLO is not yet committed */
	bool gone;			/* a send found it so; swept at the end of dispatch */
	bool thin; /* its line is slow: what is large waits for what is small */
	char program[PEER_PROGRAM_SIZE]; /* what it calls itself: "daftar-adapter/0.1.0" */
	uint64_t most;			 /* no larger message is delivered to it; 0: any */
	uint64_t octets; /* of deliveries that it has not yet taken, as of the last look */
	bool put_off;	 /* a message of this bundle was, and so is what is behind it */
	bool left;	 /* it has said BYE */
	struct party shut[PEER_SHUT_MOST]; /* addressees to whom nothing of this bundle goes now */
	size_t n_shut;
};

struct peers {
	struct peer **list;
	size_t n, room;
};

/* All NULL when there is none. Peers are found by both number and key, so that a number used again
 * by a gate is never another's connection. */
struct peer *peers_find(const struct peers *ps, peer_no no);
struct peer *peers_of_key(const struct peers *ps, const uint8_t key[CURVE_KEY_SIZE]);
struct peer *peers_of_party(const struct peers *ps, const struct party *party); /* the newest */
/* Adds one, all zero but for number and key. The pointer stays good until peers_remove. */
struct peer *peers_add(struct peers *ps, peer_no no, const uint8_t key[CURVE_KEY_SIZE]);
void peers_remove(struct peers *ps, struct peer *p);
void peers_free(struct peers *ps);
/* There is a notice for this party. */
void peers_owe_notices(struct peers *ps, const struct party *party);

#endif
