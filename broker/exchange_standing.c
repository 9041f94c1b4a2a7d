/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may speak, as officers have decided it here (broker/standing.h). One that was cut off is no
 * peer at all; one that is suspended finishes what it has, and brings nothing new. */
#include "broker/exchange_parts.h"

bool
exchange_is_suspended(const struct exchange *x, struct store_txn *t, const struct peer *p)
{
	return store_standing(x->store, t, &p->party) != STANDING_GOOD;
}

bool
exchange_takes_new(struct exchange *x, struct store_txn *t, peer_no peer)
{
	const struct peer *p = peers_find(&x->peers, peer);

	return p == NULL || !exchange_is_suspended(x, t, p);
}

struct verdict
exchange_judged_here(const struct exchange *x, struct store_txn *t, const struct peer *p,
	const struct verdict *v)
{
	struct verdict judged = *v;

	if (v->code == E_OK && store_is_barred(x->store, t, &p->party, &v->cert))
		judged.code = E_CERT_REVOKED;
	return judged;
}
