/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the link (lib/link*.c only): its state, what it says, and what it does about what it
 * hears. */
#ifndef DAFTAR_LINK_PARTS_H
#define DAFTAR_LINK_PARTS_H

#include "lib/link.h"

#define WINDOW 32 /* messages, and settlements, that may wait for their answer */

enum phase {
	PHASE_DOWN,	/* no connection */
	PHASE_GREETING, /* HELLO was said */
	PHASE_UP,	/* WELCOME was heard */
	PHASE_FENCED	/* a newer instance has taken over */
};

/* Something that was said and waits for its answer. */
struct flight {
	bool used;
	struct id id;
	struct id conversation;
	struct party from; /* of a settlement: who sent what is settled */
	int64_t due;	   /* when it is said again, monotonic ms */
};

struct link {
	struct event_base *base;
	struct link_options o;
	char *program, *endpoint;
	struct link_handlers h;
	struct spool *spool;
	struct examiner *examiner;
	struct peer_socket *peer;
	uint8_t broker[CURVE_KEY_SIZE];
	struct event *tick, *soon;
	uint64_t epoch;
	struct id incarnation; /* of this program; two with one epoch are two copies of a spool */
	enum phase phase;
	bool up;	  /* as the owner was told */
	bool owes_credit; /* CREDIT is to be said at the end of this turn */
	bool deaf;	  /* a notice was not kept: later ones wait for the next HELLO */
	int64_t heard, greeted, credited; /* monotonic ms */
	int64_t hold;			  /* no SUBMIT before: the broker has no room */
	int64_t full;			  /* no deliveries before: we have no room */
	unsigned put_off;		  /* retryable refusals in a row */
	uint64_t trust_offered;		  /* version of the broker's trust list */
	struct flight submit[WINDOW], settle[WINDOW];
	bool has_cursor,
		skipped; /* where the walk over the outbox stands; it passed something by */
	struct id cursor;
};

/* lib/link.c */
bool link_say(struct link *l, const struct wire *w);
void link_soon(struct link *l); /* runs the end of a turn */
void link_greet(struct link *l);
void link_fence(struct link *l);
void link_changed(struct link *l);
struct flight *flight_find(struct flight flights[WINDOW], const struct id *id);
void flight_end(struct link *l, struct flight *f);
/* Says SETTLED for an entry whose answer is kept. */
bool link_settle(struct link *l, const struct party *from, const struct id *id);
/* Doubles from 1 s to 60 s, a quarter more or less. */
int64_t link_backoff(unsigned times);

/* lib/link_hear.c */
void link_hear(struct link *l, const struct wire *w);
/* lib/link_take.c */
void hear_deliver(struct link *l, const struct wire *w);
void hear_confirm(struct link *l, const struct wire *w);
/* The receipt verified against the log, and that it speaks of this message of ours: E_PROOF,
 * E_CHECKPOINT, E_MALFORMED, E_NOT_FOUND. */
enum err link_receipt(
	struct link *l, const struct id *id, struct bytes receipt, struct receipt *out) MUST_USE;

#endif
