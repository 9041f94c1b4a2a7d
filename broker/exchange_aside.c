/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people do with a message that does not get through, and what the exchange does by itself
 * until they come: it is set aside, so that everything else flows; it is put back, to be offered at
 * once and counted anew; or two officers end it, and its sender is told. Set aside is no stage:
 * nothing happened to the message. It expires, is compared and is withdrawn like any other; and
 * what its addressee says of it stands, for it may have been offered.
 *
 * What stops a case is never set aside, and nothing of the same conversation, to the same
 * addressee, overtakes what is. */
#include "broker/exchange_parts.h"

#include <string.h>

#define ASIDE_AT_ONCE 64 /* the rest at the next tick */

/* It is offered, or would be: nobody else is to end it. */
bool
exchange_waits(const struct exchange *x, struct store_txn *t, const struct entry *e)
{
	struct aside a;

	return !stage_final(e->stage) &&
	       (e->stage == ST_ACCEPTED || store_is_queued(x->store, t, e) ||
		       store_aside(x->store, t, e->seq, &a) != E_NOT_FOUND);
}

/* E_OK: *e is a message that a person may act on. */
static enum err
find(struct exchange *x, struct store_txn *t, uint64_t seq, struct entry *e)
{
	TRY(exchange_looked_up(x, store_entry(x->store, t, seq, e), e));
	return stage_final(e->stage) ? E_FINAL : E_OK;
}

static enum err
may_set_aside(struct exchange *x, struct store_txn *t, const struct entry *e)
{
	struct aside a;

	if (consent_stops_case(&e->header) || !exchange_waits(x, t, e) ||
		store_stopped(x->store, t, e->seq, NULL) == STOP_CONSENT ||
		store_aside(x->store, t, e->seq, &a) != E_NOT_FOUND)
		return E_STATE;
	return E_OK;
}

enum err
exchange_set_aside(struct exchange *x, struct store_txn *t, uint64_t seq, const struct aside *a)
{
	size_t promised = exchange_event(x, t);
	struct entry e;
	enum err code = find(x, t, seq, &e);

	if (code == E_OK)
		code = may_set_aside(x, t, &e);
	if (code == E_OK) {
		exchange_leave_lane(x, t, &e);
		store_set_aside(t, seq, a);
		promise_news(&x->promises, "set-aside", seq);
	}
	exchange_event_done(x, t, promised);
	return code;
}

enum err
exchange_put_back(struct exchange *x, struct store_txn *t, uint64_t seq, bool retry, int64_t now)
{
	size_t promised = exchange_event(x, t);
	struct entry e;
	struct aside a;
	enum err code = find(x, t, seq, &e);

	if (code == E_OK && store_aside(x->store, t, seq, &a) == E_NOT_FOUND)
		code = E_STATE;
	if (code == E_OK) {
		store_unset_aside(t, seq, retry, now);
		if (store_is_queued(x->store, t, &e))
			dispatch_returned(x->dispatch, &e);
		promise_news(&x->promises, "put-back", seq);
	}
	exchange_event_done(x, t, promised);
	return code;
}

/* Only of what is set aside: then it is not offered while two officers make up their minds. */
enum err
exchange_return(struct exchange *x, struct store_txn *t, uint64_t seq, enum err why, int64_t now)
{
	size_t promised = exchange_event(x, t);
	struct entry e;
	struct aside a;
	enum err code = find(x, t, seq, &e);

	if (code == E_OK && store_aside(x->store, t, seq, &a) == E_NOT_FOUND)
		code = E_STATE;
	else if (code == E_OK && exchange_may_have_ended(x, t, &e, now))
		code = E_RECONCILING;
	if (code == E_OK)
		exchange_end(x, t, &e, ST_DEAD_LETTER, why, now);
	exchange_event_done(x, t, promised);
	return code;
}

/* ---- by itself ---- */

void
exchange_aside_after(struct exchange *x, unsigned offers)
{
	dispatch_aside_after(x->dispatch, offers);
}

void
aside_tick(struct exchange *x, struct store_txn *t, int64_t now)
{
	struct aside a = {.since = now, .reason = "offered again and again, and not taken"};
	uint64_t seq;

	strcpy(a.code, err_word(E_NOT_TAKEN));
	for (unsigned n = 0; n < ASIDE_AT_ONCE && store_has_room_to_stop(x->store) &&
			     dispatch_not_taken(x->dispatch, &seq);
		n++)
		if (exchange_set_aside(x, t, seq, &a) != E_OK)
			dispatch_acquit(x->dispatch, seq);
}

/* ---- what is not taken in ---- */

/* What stops a case passes whatever is closed; and what a restored exchange has forgotten is not
 * new: its addressee may have it. */
enum err
exchange_shut(struct exchange *x, struct store_txn *t, const struct header *h)
{
	if (consent_stops_case(h) || store_is_made_before(x->store, h))
		return E_OK;
	if (store_is_draining(x->store, t))
		return E_DRAINING;
	return store_is_closed(x->store, t, &h->from, &h->to) ? E_CLOSED : E_OK;
}

uint64_t
exchange_under_way(const struct exchange *x)
{
	uint64_t n = 0;

	for (size_t i = 0; i < x->peers.n; i++)
		n += x->peers.list[i]->under_way;
	return n;
}
