/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an operator asks of the exchange: please compare books, and who is connected. */
#include "broker/exchange_parts.h"

bool
exchange_ask(struct exchange *x, const struct party *party, int64_t tick)
{
	struct peer *p = peers_of_party(&x->peers, party);

	if (p != NULL)
		reconcile_ask(x->reconcile, p, tick);
	return p != NULL;
}

bool
exchange_ask_closing(struct exchange *x, const struct party *by, const struct party *from,
	const struct party *to, int64_t since, int64_t until)
{
	struct peer *p = peers_of_party(&x->peers, by);

	if (p != NULL)
		reconcile_ask_closing(x->reconcile, p, from, to, since, until);
	return p != NULL;
}

void
exchange_each_difference(struct exchange *x, const struct party *party,
	exchange_difference_visit *each, void *context)
{
	reconcile_each(x->reconcile, party, each, context);
}

void
exchange_each_peer(struct exchange *x, exchange_peer_visit *each, void *context)
{
	for (size_t i = 0; i < x->peers.n; i++) {
		const struct peer *p = x->peers.list[i];
		const struct peer_state state = {.no = p->no,
			.party = p->party,
			.epoch = p->epoch,
			.credit = p->credit,
			.under_way = p->under_way,
			.since = p->since,
			.thin = p->thin,
			.program = p->program};

		each(context, &state);
	}
}
