/* SPDX-License-Identifier: EUPL-1.2
 *
 * Each day of each channel is closed: soon after midnight (UTC), and whenever a party comes that
 * was away then, each side of a channel on which it may speak is asked to compare the day before
 * and to sign that both books hold the same. What was closed is not asked for again. */
#include "broker/daftard.h"
#include "lib/closing.h"

#define DAY_MS INT64_C(86400000)
#define EVERY_MS INT64_C(3600000)
#define SETTLE_MS INT64_C(600000) /* after midnight, for what is under way */

static bool
is_closed(struct daftard *d, const struct party *by, const struct trust_agreement *a, int64_t until)
{
	OWNED_BUF(statement) = {0};
	OWNED_BUF(note) = {0};
	struct closing c;

	return store_closing(d->store, NULL, by, &a->from, &a->to, &statement, &note) == E_OK &&
	       closing_parse(buf_bytes(&statement), &c) == E_OK && c.until >= until;
}

static void
ask_both(struct daftard *d, const struct trust_agreement *a, int64_t since, int64_t until)
{
	const struct party *const sides[] = {&a->from, &a->to};

	for (size_t i = 0; i < ARRAY_LEN(sides); i++)
		if (!is_closed(d, sides[i], a, until))
			(void)exchange_ask_closing(
				d->exchange, sides[i], &a->from, &a->to, since, until);
}

void
closings_tick(struct daftard *d)
{
	int64_t now = instant_now(), until = now - now % DAY_MS;

	if (d->next_closings == 0) /* parties come back first */
		d->next_closings = monotonic_now() + SETTLE_MS;
	if (monotonic_now() < d->next_closings || now - until < SETTLE_MS)
		return;
	d->next_closings = monotonic_now() + EVERY_MS;
	for (size_t i = 0; i < trust_agreement_count(d->trust); i++)
		ask_both(d, trust_agreement_at(d->trust, i), until - DAY_MS, until);
}
