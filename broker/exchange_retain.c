/* SPDX-License-Identifier: EUPL-1.2
 *
 * How long bodies stay. One leaves with the end of its message. What has not ended and is with its
 * addressee leaves when its sender's RetainUntil has passed: the addressee has it, and what it says
 * of it needs no body here. What its addressee may hold without our knowing keeps it for the days
 * in which that is asked (exchange_message.c); then it ends. What a legal hold has kept leaves when
 * that is lifted. All bodies are looked through again and again, a few each second. */
#include "broker/exchange_parts.h"

#define EVERY_MS 1000
#define LOOK_AT 256

static bool
is_due(const struct entry *e, int64_t now)
{
	return stage_final(e->stage) || e->header.retain_until <= now;
}

static void
drop(struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now)
{
	const struct gone g = {.why = stage_final(e->stage) ? GONE_LIFTED : GONE_RETAIN, .at = now};

	if (store_is_legally_held(x->store, t, e->seq, &e->header.conversation))
		return;
	if (e->stage == ST_ACCEPTED) { /* it goes with its end */
		exchange_expire(x, t, e->seq, now);
		return;
	}
	store_drop_body(t, e->seq, &g);
	if (exchange_waits(x, t, e)) /* asked for anew, and there is nothing to give */
		exchange_bury(x, t, e->seq, E_EXPIRED, now);
}

void
exchange_retain(struct exchange *x, struct store_txn *t, int64_t now)
{
	uint64_t seq[LOOK_AT];
	struct entry e;
	size_t n;

	if (x->tick - x->retained < EVERY_MS)
		return;
	x->retained = x->tick;
	n = store_bodies(x->store, t, x->retain_after, seq, LOOK_AT);
	x->retain_after = n == LOOK_AT ? seq[n - 1] : 0;
	for (size_t i = 0; i < n; i++) {
		size_t promised = exchange_event(x, t);

		if (store_entry(x->store, t, seq[i], &e) == E_OK && is_due(&e, now) &&
			!exchange_is_damaged(x, seq[i])) {
			x->at_hand = seq[i];
			drop(x, t, &e, now);
		}
		exchange_event_done(x, t, promised);
	}
}
