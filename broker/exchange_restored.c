/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an exchange that was put back from a copy cannot know: what became of its messages between
 * the copy and the restore. Those who know are their addressees and their senders, and each says so
 * in his own time, after his comparison. Until then it gives no message an end that might be
 * another one than it had.
 *
 * What was accepted before the present generation may have been offered and answered; so may what
 * was only made before it, and comes back now, because it was lost.
 *
 * A sender that was told of an end holds our receipt of it, of an earlier generation of the log. It
 * shows that in its comparison (lib/talk_show.c), and the message ends so again: also what two
 * officers had ended, of which nobody else knows. So nothing of before is offered before its sender
 * has compared. */
#include "broker/exchange_parts.h"

#define CATCH_UP_MS 600000		 /* after a comparison, for what was settled */
#define AWAIT_MS (7 * INT64_C(86400000)) /* an addressee that may hold what has expired */

static struct caught *
find(const struct exchange *x, const struct party *party)
{
	for (size_t i = 0; i < x->n_caught; i++)
		if (party_equal(&x->caught[i].party, party))
			return &x->caught[i];
	return NULL;
}

void
exchange_was_compared(
	struct exchange *x, const struct party *party, bool first, int64_t now, int64_t tick)
{
	struct caught *c = find(x, party);

	if (c == NULL) {
		x->caught = xrealloc(x->caught, ++x->n_caught * sizeof *x->caught);
		c = &x->caught[x->n_caught - 1];
		*c = (struct caught){.party = *party, .at = x->begun, .last = now};
	}
	if (first)
		c->at = tick;
	if (now - c->last < CATCH_UP_MS && now >= c->last)
		return;
	c->before = c->last;
	c->last = now;
}

int64_t
exchange_catch_up_left(const struct exchange *x, const struct party *party)
{
	const struct caught *c = find(x, party);
	int64_t left = CATCH_UP_MS - (x->tick - (c != NULL ? c->at : x->begun));

	return left > CATCH_UP_MS ? CATCH_UP_MS : left > 0 ? left : 0;
}

bool
exchange_has_caught_up(const struct exchange *x, struct store_txn *t, const struct party *party)
{
	return store_reconciled(x->store, t, party) && exchange_catch_up_left(x, party) == 0;
}

static bool
is_from_before(const struct exchange *x, const struct entry *e)
{
	return store_is_from_before(x->store, e->seq) || store_is_made_before(x->store, &e->header);
}

/* ---- what its sender knows ---- */

bool
exchange_may_be_shown(const struct exchange *x, const struct entry *e)
{
	return store_is_from_before(x->store, e->seq) &&
	       !store_reconciled(x->store, NULL, &e->header.from);
}

static bool
is_answer(enum stage s)
{
	return s == ST_COMMITTED || s == ST_REJECTED;
}

/* We have signed that this very message has ended, and with which words of its addressee. */
static bool
is_proof(const struct exchange *x, const struct entry *e, const struct recon_receipt *shown,
	struct statement *what)
{
	struct receipt r;
	struct digest answer;

	if (receipt_verify(shown->receipt, trust_log_name(x->trust), trust_log_key(x->trust), &r) !=
		E_OK)
		return false;
	*what = r.what;
	if (!stage_final(what->stage) || !id_equal(&what->id, &e->header.id) ||
		!party_equal(&what->from, &e->header.from) ||
		!party_equal(&what->to, &e->header.to) || !digest_equal(&what->digest, &e->digest))
		return false;
	digest_of(shown->addressee_receipt.data, shown->addressee_receipt.size, &answer);
	return !is_answer(what->stage) || (what->has_by && digest_equal(&what->by, &answer));
}

/* What its addressee has in this generation is his to end. */
static bool
may_end(const struct exchange *x, const struct entry *e, enum stage end)
{
	return is_answer(end) || e->stage == ST_ACCEPTED ||
	       e->at[ST_DELIVERED] / 1000 < (int64_t)store_generation(x->store);
}

/* What its addressee has answered meanwhile stands. What stops a case goes its way anew: it may
 * have to stop what we have forgotten. What was withdrawn may never have been offered: its
 * addressee hears nothing of it now either. */
void
exchange_shown(void *exchange, struct store_txn *t, const struct recon_receipt *shown, int64_t now)
{
	struct exchange *x = exchange;
	struct statement what;
	struct bytes answer = bytes_of(NULL, 0);
	struct entry e;

	if (!store_is_restored(x->store) ||
		exchange_looked_up(x, store_find(x->store, t, &shown->key.from, &shown->key.id, &e),
			&e) != E_OK)
		return;
	if (stage_final(e.stage) || consent_stops_case(&e.header) ||
		!is_proof(x, &e, shown, &what) || !may_end(x, &e, what.stage))
		return;
	if (is_answer(what.stage))
		answer = shown->addressee_receipt;
	else if (what.stage != ST_WITHDRAWN && !e.shown && consent_is_known(x, &e))
		store_show(t, e.seq);
	exchange_end_again(x, t, &e, &what, answer, now);
}

/* ---- what its addressee knows ---- */

/* When it was over, or stopped: since then it is in its addressee's book, and in no queue. */
static int64_t
over_since(struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now)
{
	int64_t due = entry_due(e), over = e->at[ST_ACCEPTED], stopped = 0;

	(void)store_stopped(x->store, t, e->seq, &stopped);
	if (due <= now && due > over)
		over = due;
	return stopped > over ? stopped : over;
}

/* Asked: its addressee has compared its book when ours had this message in it, and then had the
 * time to say again what it had answered. */
bool
exchange_is_unasked(struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now)
{
	const struct caught *c = find(x, &e->header.to);
	int64_t asked;

	if (!is_from_before(x, e))
		return false;
	if (c == NULL || !exchange_has_caught_up(x, t, &e->header.to))
		return true;
	asked = now - c->last >= CATCH_UP_MS ? c->last : c->before;
	return asked - over_since(x, t, e, now) < CATCH_UP_MS;
}

/* Two officers end what its addressee does not take: who does not come at all is not waited for,
 * once an operator has waived his comparison. */
bool
exchange_may_have_ended(struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now)
{
	const struct party *to = &e->header.to;

	if (exchange_may_be_shown(x, e))
		return true;
	return exchange_is_unasked(x, t, e, now) &&
	       (find(x, to) != NULL || !exchange_has_caught_up(x, t, to));
}

/* Its addressee may have taken it, and entered it, without our knowing: TAKEN was lost, or we have
 * forgotten it. It is offered again and answered; an end that we gave it would be another one. */
bool
exchange_is_awaited(struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now)
{
	int64_t over = entry_due(e);

	over = over > e->at[ST_ACCEPTED] ? over : e->at[ST_ACCEPTED];
	if (exchange_is_unasked(x, t, e, now))
		return true;
	return dispatch_was_offered(x->dispatch, e) && now - over < AWAIT_MS;
}
