/* SPDX-License-Identifier: EUPL-1.2
 *
 * When a transaction meets a record that is damaged, nothing of it can be committed. The event that
 * it failed in is told DAMAGED, everybody else of its group to try again, and the message that was
 * at hand is ended as a dead letter for a person, in a transaction of its own. Where even that is
 * not possible it is left alone from now on: one damaged message must not stop an exchange, and not
 * end it again and again. */
#include "broker/exchange_parts.h"

#include <errno.h>

bool
exchange_is_damaged(const struct exchange *x, uint64_t seq)
{
	for (size_t i = 0; i < x->damaged.n; i++)
		if (x->damaged.seq[i] == seq)
			return true;
	return false;
}

size_t
exchange_damaged(const struct exchange *x)
{
	return x->damaged.n;
}

static bool
is_damage(enum err e)
{
	return e == E_IO || e == E_DAMAGED;
}

size_t
exchange_event(struct exchange *x, const struct store_txn *t)
{
	x->sound = store_error(t) == E_OK;
	x->at_hand = 0;
	return x->promises.n;
}

void
exchange_event_done(struct exchange *x, const struct store_txn *t, size_t promised)
{
	if (!x->sound || !is_damage(store_error(t)))
		return;
	x->blamed = true;
	x->culprit = x->at_hand;
	promises_blame(&x->promises, promised);
}

static void
leave_alone(struct exchange *x, uint64_t seq)
{
	errno = 0;
	if (x->damaged.n == DAMAGED_MOST)
		die("exchange: too many messages are damaged; restore the store from a backup");
	x->damaged.seq[x->damaged.n++] = seq;
}

/* E_OK when it has ended and is out of everybody's way. */
static enum err
set_aside(struct exchange *x, uint64_t seq)
{
	struct store_txn *t = store_begin(x->store);
	size_t before = x->promises.n;

	exchange_bury(x, t, seq, E_DAMAGED, x->now);
	if (x->promises.n == before) { /* its entry cannot be read, or it had ended */
		store_abort(&t);
		return E_DAMAGED;
	}
	store_seal(t, x->sign, x->sign_context);
	return store_commit(&t);
}

bool
exchange_met_damage(struct exchange *x, enum err e)
{
	uint64_t seq = x->culprit;
	bool met = is_damage(e) && x->blamed;

	x->blamed = false;
	x->culprit = 0;
	if (!met || seq == 0)
		return met;
	e = set_aside(x, seq);
	dispatch_settle(x->dispatch, e == E_OK);
	if (e != E_OK) {
		promises_forget(&x->promises);
		leave_alone(x, seq);
	}
	return true;
}
