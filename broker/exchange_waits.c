/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who has to be heard before a message of a restored exchange goes on. Nothing is decided here: the
 * same questions are asked that keep it back (exchange_is_served, consent_withholds), and the party
 * is named that can end the wait, so that somebody calls it. */
#include "broker/exchange_parts.h"

struct waiting {
	struct exchange *x;
	int64_t now;
	struct waits_for *out;
	size_t n;
};

/* Of two reasons about one party the first is told: it ends with the same comparison, or later. */
static void
add(struct waiting *w, const struct party *party, enum waits_as as)
{
	struct waits_for *o = &w->out[w->n];

	for (size_t i = 0; i < w->n; i++)
		if (party_equal(&w->out[i].party, party))
			return;
	*o = (struct waits_for){.party = *party, .as = as};
	if (store_reconciled(w->x->store, NULL, party))
		o->until = w->now + exchange_catch_up_left(w->x, party);
	w->n++;
}

static void
add_unheard(struct waiting *w, const struct party *party, enum waits_as as)
{
	if (!store_reconciled(w->x->store, NULL, party))
		add(w, party, as);
}

size_t
exchange_waits_for(
	struct exchange *x, const struct entry *e, int64_t now, struct waits_for out[WAITS_MOST])
{
	struct waiting w = {.x = x, .now = now, .out = out};
	const struct header *h = &e->header;

	if (!store_is_restored(x->store) || stage_final(e->stage))
		return 0;
	if (exchange_waits(x, NULL, e) && !consent_stops_case(h) &&
		store_stopped(x->store, NULL, e->seq, NULL) == STOP_NOT) {
		if (h->has_token && consent_is_in_doubt(x, &h->token))
			add(&w, &h->token.by, WAITS_OFFICE);
		if (exchange_may_be_shown(x, e))
			add(&w, &h->from, WAITS_SENDER);
	}
	add_unheard(&w, &h->to, WAITS_ADDRESSEE);
	return w.n;
}
