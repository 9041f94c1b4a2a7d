/* SPDX-License-Identifier: EUPL-1.2
 *
 * What goes out after a commit: the trust list, revocation data, notices, offers. */
#include "broker/exchange_parts.h"

#define SHOW_AT_ONCE 1024
#define ROUNDS 16

static void
send_trust(struct exchange *x, struct peer *p)
{
	const struct wire w = {
		.verb = V_TRUST, .number = trust_version(x->trust), .body = trust_bytes(x->trust)};

	p->gone = !x->fx.send(x->fx.context, p->no, &w);
	p->owed_trust = false;
}

static bool
is_offered_to(const struct exchange *x, const struct peer *p)
{
	return !p->fresh && !p->gone && exchange_is_served(x, NULL, p) &&
	       !exchange_is_suspended(x, NULL, p);
}

static enum err
show(struct exchange *x, const uint64_t *seq, size_t n)
{
	struct store_txn *t = store_begin(x->store);

	for (size_t i = 0; i < n; i++)
		store_show(t, seq[i]);
	return store_commit(&t);
}

/* In a transaction of its own: what is offered a moment later must not be forgotten, or an exchange
 * that came back from a crash would take it for something that nobody knows of. False: there was
 * nothing to show, or no room for it. */
static bool
show_some(struct exchange *x, int64_t tick)
{
	uint64_t seq[SHOW_AT_ONCE];
	size_t n = 0;
	enum err e;

	while (n < SHOW_AT_ONCE && dispatch_to_show(x->dispatch, &seq[n]))
		n++;
	if (n == 0)
		return false;
	e = show(x, seq, n);
	for (size_t i = 0; (e == E_DAMAGED || e == E_IO) && i < n; i++)
		if (show(x, &seq[i], 1) != E_OK)
			dispatch_not_shown(x->dispatch, seq[i], tick);
	return e != E_STORE_FULL;
}

/* In a bundle what is behind one of its conversation goes out in the next round. */
static void
offer_shown(struct exchange *x, int64_t now, int64_t tick)
{
	uint64_t seq;

	for (unsigned round = 0; round < ROUNDS && show_some(x, tick); round++)
		for (size_t i = 0; i < x->peers.n; i++)
			if (is_offered_to(x, x->peers.list[i]))
				dispatch_offers(x->dispatch, x->peers.list[i], now, tick);
	while (dispatch_to_show(x->dispatch, &seq)) /* next time */
		;
}

void
exchange_dispatch(struct exchange *x, int64_t now, int64_t tick)
{
	for (size_t i = 0; i < x->peers.n; i++) {
		struct peer *p = x->peers.list[i];

		if (p->fresh)
			continue;
		if (p->owed_trust)
			send_trust(x, p);
		held_tell(x, p);
		if (p->gone || !exchange_is_served(x, NULL, p))
			continue;
		dispatch_notices(x->dispatch, p, tick);
		if (is_offered_to(x, p))
			dispatch_offers(x->dispatch, p, now, tick);
	}
	offer_shown(x, now, tick);
	held_turn(x);
	for (size_t i = x->peers.n; i-- > 0;)
		if (x->peers.list[i]->gone)
			exchange_drop_peer(x, x->peers.list[i]);
}
