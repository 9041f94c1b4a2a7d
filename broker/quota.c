/* SPDX-License-Identifier: EUPL-1.2
 *
 * Buckets begin full and are made when a party is first heard; the trust list has some hundreds of
 * parties at most. */
#include "broker/quota.h"

#include <stdlib.h>

#define STOP_COST INT64_C(60000) /* ms: QUOTA_STOPS of them are earned in a minute */

static const int64_t period[QUOTA_N] = {[QUOTA_MESSAGES] = 60000,
	[QUOTA_OCTETS] = 60000,
	[QUOTA_DAY] = INT64_C(86400000)}; /* ms in which a bucket is filled */

void
quotas_free(struct quotas *q)
{
	free(q->list);
	q->list = NULL;
	q->n = 0;
}

static void
quota_of(const struct quotas *q, const struct trust_party *p, uint32_t out[QUOTA_N])
{
	out[QUOTA_MESSAGES] = p->quota.messages != 0 ? p->quota.messages : q->usual.messages;
	out[QUOTA_OCTETS] = p->quota.octets != 0 ? p->quota.octets : q->usual.octets;
	out[QUOTA_DAY] = q->usual.day;
}

static struct bucket *
bucket_of(struct quotas *q, const struct party *p, const uint32_t quota[QUOTA_N], int64_t tick)
{
	struct bucket *b;
	size_t i = 0;

	while (i < q->n && !party_equal(&q->list[i].party, p))
		i++;
	if (i < q->n)
		return &q->list[i];
	q->list = xrealloc(q->list, ++q->n * sizeof(*q->list));
	b = &q->list[i];
	*b = (struct bucket){.party = *p, .at = tick, .stops = QUOTA_STOPS * STOP_COST};
	for (i = 0; i < QUOTA_N; i++)
		b->left[i] = quota[i] * period[i];
	return b;
}

static void
fill(struct bucket *b, const uint32_t quota[QUOTA_N], int64_t tick)
{
	int64_t passed = tick > b->at ? tick - b->at : 0;

	for (size_t i = 0; i < QUOTA_N; i++) {
		int64_t most = quota[i] * period[i];

		b->left[i] += (passed < period[i] ? passed : period[i]) * quota[i];
		b->left[i] = b->left[i] < most ? b->left[i] : most;
	}
	b->stops += (passed < STOP_COST ? passed : STOP_COST) * QUOTA_STOPS;
	b->stops = b->stops < QUOTA_STOPS * STOP_COST ? b->stops : QUOTA_STOPS * STOP_COST;
	b->at = tick;
}

bool
quota_take_stop(struct quotas *q, const struct trust_party *p, int64_t tick)
{
	uint32_t quota[QUOTA_N];
	struct bucket *b;

	quota_of(q, p, quota);
	b = bucket_of(q, &p->code, quota, tick);
	fill(b, quota, tick);
	if (b->stops < STOP_COST)
		return false;
	b->stops -= STOP_COST;
	return true;
}

/* How long until there is so much; a message larger than the whole bucket is let through when that
 * is full, or it could never be said. 0: now. */
static int64_t
wait_for(int64_t left, uint32_t quota, int64_t wanted, int64_t most)
{
	wanted = wanted < most ? wanted : most;
	if (quota == 0 || left >= wanted)
		return 0;
	return (wanted - left + quota - 1) / quota;
}

bool
quota_take(struct quotas *q, const struct trust_party *p, size_t size, int64_t tick, int64_t *wait)
{
	const int64_t cost[QUOTA_N] = {1, (int64_t)size, 1};
	uint32_t quota[QUOTA_N];
	struct bucket *b;

	quota_of(q, p, quota);
	b = bucket_of(q, &p->code, quota, tick);
	fill(b, quota, tick);
	*wait = 0;
	for (size_t i = 0; i < QUOTA_N; i++) {
		int64_t most = quota[i] * period[i];
		int64_t longer = wait_for(b->left[i], quota[i], cost[i] * period[i], most);

		*wait = longer > *wait ? longer : *wait;
	}
	for (size_t i = 0; i < QUOTA_N && *wait == 0; i++)
		b->left[i] -= quota[i] != 0 ? cost[i] * period[i] : 0;
	return *wait == 0;
}
