/* SPDX-License-Identifier: EUPL-1.2
 *
 * A party shows the receipts of how messages of its own had ended, which we have open: we were
 * restored, and have forgotten it. Whether they prove anything is the exchange's to judge; what
 * they do not prove is passed over in silence. */
#include "broker/reconcile_parts.h"

#define PRICE_PROOF 64 /* items: a signature is verified */

enum err
hear_shown(const struct question *q)
{
	struct recon_items items;
	struct recon_receipt shown;
	size_t n = 0;
	enum err e;

	TRY(recon_items(&q->in, &items));
	for (; (e = recon_next_receipt(&items, &shown)) == E_OK; n++)
		if (party_equal(&shown.key.from, &q->peer->party))
			q->r->shown(q->r->context, q->t, &shown, q->now);
	spend(q, n * PRICE_PROOF, 0);
	return e == E_NOT_FOUND ? E_OK : e;
}
