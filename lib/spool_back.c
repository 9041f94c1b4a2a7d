/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an office takes back before it has left, and what it asks for again. Nothing may be taken
 * back that somebody else may have: what has no receipt may have arrived all the same. So before
 * anything can leave, by line or by courier, the spool notes so; what was filed after the link was
 * given back has been shown to nobody. */
#include "lib/spool_lmdb.h"

#include <string.h>

#define OFFERED "offered"  /* the order up to which messages may have left */
#define ON_LINE UINT64_MAX /* whatever is filed may leave at once */

static void
put_offered(struct txn *t, uint64_t upto)
{
	txn_put(t, T_FACT, bytes_of(OFFERED, strlen(OFFERED)), bytes_of(&upto, sizeof upto));
}

/* A spool of before this was noted says nothing: then everything may have left. */
static uint64_t
offered(struct txn *t)
{
	struct bytes value;
	uint64_t upto;

	if (!txn_get(t, T_FACT, bytes_of(OFFERED, strlen(OFFERED)), &value) ||
		value.size != sizeof upto)
		return ON_LINE;
	memcpy(&upto, value.data, sizeof upto);
	return upto;
}

void
offered_begin(struct txn *t)
{
	put_offered(t, 0);
}

/* A copy does not know what the spool it was made from has sent since. */
void
offered_settle(struct txn *t)
{
	if (t->e == E_OK && (offered(t) == ON_LINE || t->meta.restored != 0))
		put_offered(t, t->meta.out_last);
}

enum err
spool_offer(struct spool *s)
{
	TXN(t);

	if (s->on_line)
		return E_OK;
	txn_write(&t, s, ROOM_FINISH);
	if (t.e == E_OK)
		put_offered(&t, ON_LINE);
	TRY(txn_commit(&t));
	s->on_line = true;
	return E_OK;
}

void
spool_offer_ends(struct spool *s)
{
	TXN(t);

	if (!s->on_line)
		return;
	s->on_line = false;
	txn_write(&t, s, ROOM_FINISH);
	offered_settle(&t);
	(void)!txn_commit(&t); /* whoever takes the link next does it */
}

static void
drop_body(struct txn *t, uint64_t order, const struct out_record *r)
{
	struct key k = key_order(order);
	struct lines lines;

	if (t->e != E_OK || !txn_has_body(t, T_OUT_BODY, order))
		return;
	lines_of_out(t, order, r, &lines);
	if (lines.ended)
		txn_delete(t, T_ENDED, key_bytes(&lines.ended_key));
	txn_delete(t, T_OUT_BODY, key_bytes(&k));
}

enum err
spool_take_back(struct spool *s, const struct id *id, int64_t now)
{
	struct out_record r;
	uint64_t order;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	out_load(&t, id, &order, &r);
	if (t.e == E_OK && (out_state_of(&r) != OUT_FILED || out_is_refiled(&r) ||
				   t.meta.restored != 0 || order <= offered(&t) ||
				   strcmp(r.header.action, action_word(A_CANCELLATION)) == 0))
		txn_fail(&t, E_STATE);
	if (t.e != E_OK)
		return txn_end(&t);
	out_refuse(&t, order, &r, E_DROPPED, now);
	drop_body(&t, order, &r);
	return txn_commit(&t);
}

bool
spool_may_have_left(struct spool *s, uint64_t order)
{
	bool may;
	TXN(t);

	txn_read(&t, s);
	may = t.e != E_OK || t.meta.restored != 0 || order <= offered(&t);
	(void)!txn_end(&t);
	return may;
}

enum err
spool_ask_again(struct spool *s, const struct id *id)
{
	struct out_record r;
	uint64_t order;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	out_load(&t, id, &order, &r);
	if (t.e == E_OK &&
		(out_is_refiled(&r) || !txn_has_body(&t, T_OUT_BODY, order) ||
			(out_state_of(&r) != OUT_FILED && out_state_of(&r) != OUT_REFUSED)))
		txn_fail(&t, E_STATE);
	if (t.e != E_OK)
		return txn_end(&t);
	if (out_state_of(&r) == OUT_REFUSED)
		out_refile(&t, order, &r);
	word_pack(r.code, sizeof r.code, err_word(E_OK));
	r.attempts = 0;
	r.ended = 0;
	out_save(&t, order, &r);
	return txn_commit(&t);
}
