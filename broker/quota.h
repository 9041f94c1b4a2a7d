/* SPDX-License-Identifier: EUPL-1.2
 *
 * How much a party may bring: token buckets of messages and of octets, each filled in a minute. A
 * party in enemy hands can use up its own and nobody else's. What it costs in CPU time is shared
 * out by broker/lanes.h, what it may keep in the store by store_share. Pure: the time is told. */
#ifndef DAFTAR_QUOTA_H
#define DAFTAR_QUOTA_H

#include "lib/trust.h"

struct quota {
	uint32_t messages; /* a minute, and at once after a pause; 0: no bound */
	uint32_t octets;   /* likewise */
};

struct bucket {
	struct party party;
	int64_t messages, octets; /* left, in 60,000ths: a minute of milliseconds fills it */
	int64_t at;		  /* when that was, monotonic ms */
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

#endif
