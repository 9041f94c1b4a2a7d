/* SPDX-License-Identifier: EUPL-1.2
 *
 * How much a party may bring: token buckets of messages and of octets, filled in a minute, and one
 * of messages that is filled in a day, because what is kept of a message is kept for ever. A party
 * in enemy hands can use up its own and nobody else's. What it costs in CPU time is shared out by
 * broker/lanes.h, what it may keep in the store by store_share. Pure: the time is told. */
#ifndef DAFTAR_QUOTA_H
#define DAFTAR_QUOTA_H

#include "lib/trust.h"

struct quota {
	uint32_t messages; /* a minute, and at once after a pause; 0: no bound */
	uint32_t octets;   /* likewise */
	uint32_t day;	   /* messages a day, likewise */
};

#define QUOTA_STOPS 30 /* a minute, of what stops a case: beside all that, and for all alike */

enum { QUOTA_MESSAGES, QUOTA_OCTETS, QUOTA_DAY, QUOTA_N };

struct bucket {
	struct party party;
	/* In parts of which so many as the quota fall in each ms: a period of them is one. */
	int64_t left[QUOTA_N];
	int64_t stops; /* likewise, of QUOTA_STOPS */
	int64_t at;    /* when that was, monotonic ms */
};

struct quotas {
	struct quota usual; /* of a party to which the trust list gives none of its own */
	struct bucket *list;
	size_t n;
};

void quotas_free(struct quotas *q);
/* Takes one message of `size' octets from what the party has left. False: it has not so much; then
 * nothing is taken and *wait is the time after which it has, ms. */
bool quota_take(struct quotas *q, const struct trust_party *p, size_t size, int64_t tick,
	int64_t *wait) MUST_USE;
/* The same of one that stops a case: whatever else the party brings takes nothing of it. */
bool quota_take_stop(struct quotas *q, const struct trust_party *p, int64_t tick) MUST_USE;

#endif
