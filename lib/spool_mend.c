/* SPDX-License-Identifier: EUPL-1.2
 *
 * Mending the spool after a comparison with the exchange. Here, and only here, a state goes back:
 * the exchange has lost what it had said, so it has to be told again. What proves an earlier state
 * stays where it is, and what it proves is true again as soon as the exchange has answered. */
#include "lib/spool_lmdb.h"

#include <string.h>

/* ---- what the exchange has lost ---- */

void
out_refile(struct txn *t, uint64_t order, struct out_record *r)
{
	struct key k = key_order(order);

	t->meta.out[out_state_of(r)]--;
	t->meta.out[OUT_FILED]++;
	word_pack(r->state, sizeof r->state, out_state_word(OUT_FILED));
	word_pack(r->code, sizeof r->code, err_word(E_OK));
	txn_put(t, T_OUT_WAIT, key_bytes(&k), bytes_of(r->header.id, ID_SIZE));
}

bool
out_had_ended(const struct out_record *r)
{
	enum stage stage;

	return stage_parse(r->stage, &stage) && stage_final(stage);
}

bool
out_is_refiled(const struct out_record *r)
{
	return out_state_of(r) == OUT_FILED && (r->sent != 0 || out_had_ended(r));
}

/* How it had ended is in its stage and its reason. */
static enum err
code_of_end(const struct out_record *r)
{
	struct statement what = {.stage = ST_ACCEPTED};

	(void)!stage_parse(r->stage, &what.stage);
	memcpy(what.code, r->reason, sizeof what.code);
	return out_code_of(&what);
}

void
out_come_back(struct txn *t, uint64_t order, struct out_record *r)
{
	if (!out_had_ended(r)) {
		out_rise(t, order, r, r->delivered != 0 ? OUT_DELIVERED : OUT_SENT);
		return;
	}
	word_pack(r->code, sizeof r->code, err_word(code_of_end(r)));
	out_rise(t, order, r, OUT_ENDED);
}

void
out_refuse(struct txn *t, uint64_t order, struct out_record *r, enum err code, int64_t now)
{
	word_pack(r->code, sizeof r->code, err_word(code));
	if (out_is_refiled(r)) {
		out_come_back(t, order, r);
	} else {
		r->ended = now;
		out_rise(t, order, r, OUT_REFUSED);
	}
	out_save(t, order, r);
}

enum err
spool_refile(struct spool *s, const struct id *id)
{
	struct out_record r;
	uint64_t order = 0;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	out_load(&t, id, &order, &r);
	if (t.e == E_OK && out_state_of(&r) == OUT_FILED)
		return txn_end(&t);
	if (t.e == E_OK &&
		(out_state_of(&r) == OUT_REFUSED || !txn_has_body(&t, T_OUT_BODY, order)))
		txn_fail(&t, E_STATE);
	if (t.e != E_OK)
		return txn_end(&t);
	out_refile(&t, order, &r);
	out_save(&t, order, &r);
	return txn_commit(&t);
}

enum err
spool_retell(struct spool *s, const struct party *from, const struct id *id)
{
	struct in_record r;
	struct bytes answer;
	uint64_t order = 0;
	struct key k;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	in_load(&t, from, id, &order, &r);
	if (t.e != E_OK)
		return txn_end(&t);
	k = key_order(order);
	if (in_state_of(&r) < IN_DONE || !txn_get(&t, T_ANSWER, key_bytes(&k), &answer))
		txn_fail(&t, E_STATE);
	if (t.e != E_OK || in_state_of(&r) == IN_DONE)
		return txn_end(&t);
	in_move(&t, order, &r, IN_DONE);
	in_save(&t, order, &r);
	return txn_commit(&t);
}

/* ---- what the exchange proves that we had ---- */

/* A spool that has lost what it sent has lost its numbers with it. */
static void
raise_channel(struct txn *t, const struct header *h)
{
	struct channel_record c = {.version = RECORD_VERSION};
	char name[PARTY_SIZE];

	word_pack(name, sizeof name, h->to.code);
	(void)!txn_record(t, T_CHANNEL, bytes_of(name, sizeof name), &c, sizeof c);
	if (t->e != E_OK || c.seq >= h->channel_seq)
		return;
	c.seq = h->channel_seq;
	txn_put(t, T_CHANNEL, bytes_of(name, sizeof name), bytes_of(&c, sizeof c));
}

enum err
spool_adopt_out(struct spool *s, const struct header *h, const struct digest *d,
	const struct statement *what, struct bytes receipt, struct bytes addressee_receipt,
	int64_t now)
{
	struct id_record known;
	struct out_record r;
	uint64_t order = 0;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	if (!out_find(&t, &h->id, &known)) {
		t.room = ROOM_ADOPT;
		out_file_new(&t, h, d, NULL, h->created);
	} else if (memcmp(known.digest, d->octet, DIGEST_SIZE) != 0)
		txn_fail(&t, E_CONFLICT);
	out_load(&t, &h->id, &order, &r);
	if (t.e != E_OK)
		return txn_end(&t);
	if (out_had_ended(&r) && stage_final(what->stage) &&
		strcmp(r.stage, stage_word(what->stage)) != 0)
		txn_fail(&t, E_STATE);
	out_accepted(&t, order, &r, what->stage == ST_ACCEPTED ? receipt : bytes_of(NULL, 0), now);
	out_tell(&t, order, &r, what, receipt, addressee_receipt, now);
	out_save(&t, order, &r);
	raise_channel(&t, h);
	return txn_commit(&t);
}

enum err
spool_adopt_in(struct spool *s, const struct header *h, const struct digest *d, enum stage stage,
	const char *code, int64_t now)
{
	struct id_record known;
	struct in_record r;
	uint64_t order = 0;
	TXN(t);

	if (!stage_final(stage))
		return E_STATE;
	txn_write(&t, s, ROOM_FINISH);
	if (!in_find(&t, &h->from, &h->id, &known)) {
		t.room = ROOM_ADOPT;
		in_take_new(&t, h, d, NULL, now);
	} else if (memcmp(known.digest, d->octet, DIGEST_SIZE) != 0)
		txn_fail(&t, E_CONFLICT);
	in_load(&t, &h->from, &h->id, &order, &r);
	if (t.e == E_OK && in_state_of(&r) == IN_CLAIMED)
		txn_fail(&t, E_STATE); /* the register may have it: it says how this ends */
	if (t.e == E_OK)
		in_end(&t, order, &r, stage, code, now);
	in_save(&t, order, &r);
	return txn_commit(&t);
}
