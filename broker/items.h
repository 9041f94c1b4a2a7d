/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation data on its way to the examiners: what every one of them has to know, in the order in
 * which it is given, and what was handed in and waits for one of them to check it. Each examiner
 * remembers the serial of the last that it was given. Owned by the examiners. */
#ifndef DAFTAR_ITEMS_H
#define DAFTAR_ITEMS_H

#include <sys/queue.h>

#include "lib/revocation.h"
#include "lib/transport.h"

#define CANDIDATES_MOST 64 /* that wait, of all connections; one of each */
#define ITEM_DEATHS 3	   /* of examiners that were given it: it is not given any more */

struct item {
	uint64_t serial;
	uint8_t kind;
	struct digest subject;
	struct buf der;
	unsigned deaths;
};

struct candidate {
	TAILQ_ENTRY(candidate) next;
	peer_no peer;
	struct party party;
	bool given; /* to an examiner */
	struct buf der;
};
TAILQ_HEAD(candidates, candidate);

struct items {
	struct item **list; /* in the order of their serials */
	size_t n;
	uint64_t serial;
	struct candidates candidates;
	size_t n_candidates;
};

void items_open(struct items *is);
void items_close(struct items *is);
/* In the place of the item about the same subject. */
void items_put(struct items *is, uint8_t kind, const struct digest *subject, struct bytes der);
/* The first with a greater serial; NULL: there is none. */
struct item *items_after(const struct items *is, uint64_t serial);
/* An examiner has died of the item with this serial. */
void items_died(struct items *is, uint64_t serial);

/* Copies it. False: one of this connection is under way, or too many are. */
bool items_offer(
	struct items *is, peer_no peer, const struct party *party, struct bytes der) MUST_USE;
/* The next one to be checked, now given; NULL: there is none. */
struct candidate *items_next(struct items *is);
void items_again(struct candidate *c); /* its examiner died of something else */
void items_done(struct items *is, struct candidate *c);

#endif
