/* SPDX-License-Identifier: EUPL-1.2
 *
 * Addressees to whom the exchange takes nothing from us just now (CHANNEL-CLOSED). Everything for
 * them stays in the outbox, in its order, and what is for others goes on; each minute the first of
 * it is said again. What stops a case is never kept back. */
#include "lib/talk_parts.h"

#define SHUT_BACKOFF 7 /* a minute, a quarter more or less */

bool
talk_is_shut(const struct talk *t, const struct party *to)
{
	for (unsigned i = 0; i < t->n_shut; i++)
		if (party_equal(&t->shut[i].to, to))
			return true;
	return false;
}

/* With more of them than we can keep, nothing is said for a while. */
bool
talk_shut(struct talk *t, const struct id *refused)
{
	int64_t until = t->tick + talk_backoff(t, SHUT_BACKOFF);
	struct out_entry e;

	if (spool_out(t->spool, refused, &e, NULL) != E_OK)
		return false;
	if (!talk_is_shut(t, &e.header.to)) {
		if (t->n_shut == TALK_SHUT_MOST)
			return false;
		t->shut[t->n_shut++] = (struct shut){e.header.to, until};
	}
	t->has_cursor = false;
	return true;
}

void
shut_turn(struct talk *t)
{
	for (unsigned i = t->n_shut; i-- > 0;)
		if (t->shut[i].until <= t->tick) {
			t->shut[i] = t->shut[--t->n_shut];
			t->has_cursor = false;
		}
}
