/* SPDX-License-Identifier: EUPL-1.2
 *
 * Buckets begin full and are made when a party is first heard; the trust list has some hundreds of
 * parties at most. */
#include "broker/quota.h"

#include <stdlib.h>

#define MINUTE INT64_C(60000) /* ms */
#define DAY INT64_C(86400000) /* ms */

void
quotas_free(struct quotas *q)
{
	free(q->list);
	q->list = NULL;
	q->n = 0;
}

static struct quota
quota_of(const struct quotas *q, const struct trust_party *p)
{
	return (struct quota){
		.messages = p->quota.messages != 0 ? p->quota.messages : q->usual.messages,
		.octets = p->quota.octets != 0 ? p->quota.octets : q->usual.octets,
		.day = q->usual.day};
}

static struct bucket *
bucket_of(struct quotas *q, const struct party *p, const struct quota *full, int64_t tick)
{
	size_t i = 0;

	while (i < q->n && !party_equal(&q->list[i].party, p))
		i++;
	if (i < q->n)
		return &q->list[i];
	q->list = xrealloc(q->list, ++q->n * sizeof(*q->list));
	q->list[i] = (struct bucket){.party = *p,
		.messages = (int64_t)full->messages * MINUTE,
		.octets = (int64_t)full->octets * MINUTE,
		.day = (int64_t)full->day * DAY,
		.at = tick};
	return &q->list[i];
}

static void
fill(int64_t *left, uint32_t quota, int64_t ms, int64_t period)
{
	int64_t most = (int64_t)quota * period;

	*left = ms >= period || *left + ms * quota > most ? most : *left + ms * quota;
}

/* How long until there is so much; a message larger than the whole bucket is let through when that
 * is full, or it could never be said. 0: now. */
static int64_t
wait_for(int64_t left, uint32_t quota, int64_t wanted, int64_t period)
{
	int64_t most = (int64_t)quota * period;

	wanted = wanted * period < most ? wanted * period : most;
	if (quota == 0 || left >= wanted)
		return 0;
	return (wanted - left + quota - 1) / quota;
}

bool
quota_take(struct quotas *q, const struct trust_party *p, size_t size, int64_t tick, int64_t *wait)
{
	struct quota quota = quota_of(q, p);
	struct bucket *b = bucket_of(q, &p->code, &quota, tick);
	int64_t passed = tick > b->at ? tick - b->at : 0, other;

	fill(&b->messages, quota.messages, passed, MINUTE);
	fill(&b->octets, quota.octets, passed, MINUTE);
	fill(&b->day, quota.day, passed, DAY);
	b->at = tick;
	*wait = wait_for(b->messages, quota.messages, 1, MINUTE);
	other = wait_for(b->octets, quota.octets, (int64_t)size, MINUTE);
	*wait = other > *wait ? other : *wait;
	other = wait_for(b->day, quota.day, 1, DAY);
	*wait = other > *wait ? other : *wait;
	if (*wait > 0)
		return false;
	b->messages -= quota.messages != 0 ? MINUTE : 0;
	b->octets -= quota.octets != 0 ? (int64_t)size * MINUTE : 0;
	b->day -= quota.day != 0 ? DAY : 0;
	return true;
}
