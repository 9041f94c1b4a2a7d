/* SPDX-License-Identifier: EUPL-1.2
 *
 * The outbox: what this party has filed and what the exchange says became of it. States are ranked
 * and only rise. REFUSED ranks below SENT on purpose: it is the broker's word, while every state
 * above it rests on a receipt that anyone can verify, and evidence beats a word. */
#include "lib/spool_lmdb.h"

#include <string.h>

static const char *const words[OUT_N] = {
	[OUT_FILED] = "filed",
	[OUT_SENT] = "sent",
	[OUT_DELIVERED] = "delivered",
	[OUT_ENDED] = "ended",
	[OUT_REFUSED] = "refused",
};

static const int rank[OUT_N] = {
	[OUT_FILED] = 0,
	[OUT_REFUSED] = 1,
	[OUT_SENT] = 2,
	[OUT_DELIVERED] = 3,
	[OUT_ENDED] = 4,
};

const char *
out_state_word(enum out_state s)
{
	return words[s];
}

enum out_state
out_state_of(const struct out_record *r)
{
	for (int s = 0; s < OUT_N; s++)
		if (strcmp(words[s], r->state) == 0)
			return (enum out_state)s;
	assert(!"an outbox state that this version does not know");
	return OUT_N;
}

void
out_entry_of(struct txn *t, uint64_t order, const struct out_record *r, struct out_entry *e)
{
	memset(e, 0, sizeof *e);
	e->order = order;
	header_unpack(&r->header, &r->token, &e->header);
	memcpy(e->digest.octet, r->digest, DIGEST_SIZE);
	e->state = out_state_of(r);
	e->code = err_of_word(r->code);
	memcpy(e->reason, r->reason, sizeof e->reason);
	if (!stage_parse(r->stage, &e->stage))
		e->stage = ST_ACCEPTED;
	e->filed = r->filed;
	e->sent = r->sent;
	e->delivered = r->delivered;
	e->ended = r->ended;
	e->attempts = r->attempts;
	e->body = txn_has_body(t, T_OUT_BODY, order);
}

bool
out_find(struct txn *t, const struct id *id, struct id_record *known)
{
	return txn_record(t, T_OUT_ID, bytes_of(id->octet, ID_SIZE), known, sizeof *known);
}

void
out_at(struct txn *t, uint64_t order, struct out_record *r)
{
	struct key k = key_order(order);

	if (!txn_record(t, T_OUT, key_bytes(&k), r, sizeof *r))
		txn_fail(t, E_NOT_FOUND);
}

void
out_load(struct txn *t, const struct id *id, uint64_t *order, struct out_record *r)
{
	struct id_record known;
	struct key k;

	if (!out_find(t, id, &known)) {
		txn_fail(t, E_NOT_FOUND);
		return;
	}
	*order = known.order;
	k = key_order(known.order);
	if (!txn_record(t, T_OUT, key_bytes(&k), r, sizeof *r))
		txn_fail(t, E_IO);
}

void
out_save(struct txn *t, uint64_t order, const struct out_record *r)
{
	struct lines before = {.book = false}, after;
	struct key k = key_order(order);
	struct out_record old;

	if (txn_record(t, T_OUT, key_bytes(&k), &old, sizeof old))
		lines_of_out(t, order, &old, &before);
	if (t->e != E_OK)
		return;
	lines_of_out(t, order, r, &after);
	lines_turn(t, &before, &after);
	txn_put(t, T_OUT, key_bytes(&k), bytes_of(r, sizeof *r));
}

/* Moves the state up, never down. */
void
out_rise(struct txn *t, uint64_t order, struct out_record *r, enum out_state to)
{
	enum out_state from = out_state_of(r);
	struct key k = key_order(order);

	if (t->e != E_OK || rank[to] <= rank[from])
		return;
	t->meta.out[from]--;
	t->meta.out[to]++;
	word_pack(r->state, sizeof r->state, words[to]);
	if (from == OUT_REFUSED && to != OUT_ENDED)
		r->ended = 0;
	if (from == OUT_FILED)
		txn_delete(t, T_OUT_WAIT, key_bytes(&k));
}

enum err
out_code_of(const struct statement *what)
{
	switch (what->stage) {
	case ST_ACCEPTED:
	case ST_DELIVERED:
	case ST_COMMITTED:
	case STAGE_N:
		return E_OK;
	case ST_REJECTED:
		return err_of_word(what->code);
	case ST_WITHDRAWN:
		return E_WITHDRAWN;
	case ST_EXPIRED:
		return E_EXPIRED;
	case ST_DEAD_LETTER:
		return E_DEAD_LETTER;
	case ST_CONFLICT:
		return E_CONFLICT;
	}
	return E_UNKNOWN_CODE;
}

/* Evidence is kept once: the first receipt of a kind stands. */
static void
keep(struct txn *t, uint64_t order, const char *kind, struct bytes receipt)
{
	struct key k = key_more(key_order(order), kind, strlen(kind));
	struct bytes before;

	if (receipt.size > 0 && !txn_get(t, T_EVIDENCE, key_bytes(&k), &before))
		txn_put(t, T_EVIDENCE, key_bytes(&k), receipt);
}

void
out_file_new(struct txn *t, const struct header *h, const struct digest *d,
	const struct bytes *message, int64_t now)
{
	struct id_record known = {.version = RECORD_VERSION, .order = ++t->meta.out_last};
	struct out_record r = {.version = OUT_VERSION, .filed = now};
	struct key k = key_order(known.order);

	memcpy(known.digest, d->octet, DIGEST_SIZE);
	memcpy(r.digest, d->octet, DIGEST_SIZE);
	header_pack(h, &r.header, &r.token);
	word_pack(r.state, sizeof r.state, words[OUT_FILED]);
	word_pack(r.code, sizeof r.code, err_word(E_OK));
	txn_put(t, T_OUT_ID, bytes_of(h->id.octet, ID_SIZE), bytes_of(&known, sizeof known));
	if (message != NULL)
		txn_put(t, T_OUT_BODY, key_bytes(&k), *message);
	txn_put(t, T_OUT_WAIT, key_bytes(&k), bytes_of(h->id.octet, ID_SIZE));
	out_save(t, known.order, &r);
	t->meta.out[OUT_FILED]++;
}

static void
file_one(struct txn *t, struct bytes message, int64_t now, bool *again)
{
	struct id_record known;
	struct header h;
	struct digest d;
	enum err e = message_header(message, &h);

	if (e != E_OK) {
		txn_fail(t, e);
		return;
	}
	if (h.action == A_CANCELLATION && t->room == ROOM_BEGIN)
		t->room = ROOM_FACT; /* what stops a case is let in for longer */
	digest_of(message.data, message.size, &d);
	*again = out_find(t, &h.id, &known);
	if (!*again)
		out_file_new(t, &h, &d, &message, now);
	else if (memcmp(known.digest, d.octet, DIGEST_SIZE) != 0)
		txn_fail(t, E_CONFLICT);
}

/* An entry that has been answered before earns E_OK only for exactly the same answer: nothing new
 * may ride on it. */
static enum err
file_all(struct spool *s, const struct bytes *message, size_t n, const struct spool_done *in,
	int64_t now)
{
	bool again = false, answered = false;
	TXN(t);

	txn_write(&t, s, in == NULL ? ROOM_BEGIN : ROOM_FINISH);
	if (in != NULL)
		txn_done(&t, in, now, &answered);
	for (size_t i = 0; i < n && t.e == E_OK; i++) {
		file_one(&t, message[i], now, &again);
		if (answered && !again)
			txn_fail(&t, E_STATE);
	}
	return txn_commit(&t);
}

enum err
spool_file_all(struct spool *s, const struct bytes *message, size_t n, const struct spool_done *in,
	int64_t now)
{
	enum err e = file_all(s, message, n, in, now);

	if (e == E_SPOOL_FULL && spool_made_room(s, now))
		e = file_all(s, message, n, in, now);
	return e;
}

enum err
spool_file(struct spool *s, struct bytes message, int64_t now)
{
	return spool_file_all(s, &message, 1, NULL, now);
}

void
out_accepted(struct txn *t, uint64_t order, struct out_record *r, struct bytes receipt, int64_t now)
{
	keep(t, order, stage_word(ST_ACCEPTED), receipt);
	if (out_is_refiled(r))
		out_come_back(t, order, r);
	if (r->sent == 0)
		r->sent = now;
	if (rank[out_state_of(r)] < rank[OUT_SENT]) {
		word_pack(r->stage, sizeof r->stage, stage_word(ST_ACCEPTED));
		word_pack(r->code, sizeof r->code, err_word(E_OK));
	}
	out_rise(t, order, r, OUT_SENT);
}

enum err
spool_sent(struct spool *s, const struct id *id, struct bytes receipt, int64_t now)
{
	struct out_record r;
	uint64_t order;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	out_load(&t, id, &order, &r);
	if (t.e != E_OK || (r.sent != 0 && out_state_of(&r) != OUT_FILED))
		return txn_end(&t); /* told before: the first receipt stands */
	out_accepted(&t, order, &r, receipt, now);
	out_save(&t, order, &r);
	return txn_commit(&t);
}

enum err
spool_refused(struct spool *s, const struct id *id, enum err code, int64_t now)
{
	struct out_record r;
	uint64_t order;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	out_load(&t, id, &order, &r);
	if (t.e == E_OK && rank[out_state_of(&r)] > rank[OUT_REFUSED])
		txn_fail(&t, E_STATE);
	if (t.e != E_OK || out_state_of(&r) == OUT_REFUSED)
		return txn_end(&t);
	out_refuse(&t, order, &r, code, now);
	return txn_commit(&t);
}

enum err
spool_put_off(struct spool *s, const struct id *id, enum err code)
{
	struct out_record r;
	uint64_t order;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	out_load(&t, id, &order, &r);
	if (t.e == E_OK && out_state_of(&r) != OUT_FILED)
		txn_fail(&t, E_STATE);
	if (t.e != E_OK)
		return txn_end(&t);
	word_pack(r.code, sizeof r.code, err_word(code));
	r.attempts++;
	out_save(&t, order, &r);
	return txn_commit(&t);
}

static void
tell_end(struct txn *t, uint64_t order, struct out_record *r, const struct statement *what,
	struct bytes receipt, struct bytes addressee_receipt, int64_t now)
{
	if (out_had_ended(r)) { /* an end does not change any more */
		out_come_back(t, order, r);
		return;
	}
	keep(t, order, "ENDED", receipt);
	keep(t, order, "ADDRESSEE", addressee_receipt);
	r->ended = now;
	word_pack(r->stage, sizeof r->stage, stage_word(what->stage));
	word_pack(r->code, sizeof r->code, err_word(out_code_of(what)));
	word_pack(r->reason, sizeof r->reason, what->code);
	out_rise(t, order, r, OUT_ENDED);
}

static void
tell_delivered(
	struct txn *t, uint64_t order, struct out_record *r, struct bytes receipt, int64_t now)
{
	keep(t, order, stage_word(ST_DELIVERED), receipt);
	if (out_is_refiled(r))
		out_come_back(t, order, r);
	if (r->delivered == 0)
		r->delivered = now;
	if (rank[out_state_of(r)] < rank[OUT_DELIVERED]) {
		word_pack(r->stage, sizeof r->stage, stage_word(ST_DELIVERED));
		word_pack(r->code, sizeof r->code, err_word(E_OK));
	}
	out_rise(t, order, r, OUT_DELIVERED);
}

void
out_tell(struct txn *t, uint64_t order, struct out_record *r, const struct statement *what,
	struct bytes receipt, struct bytes addressee_receipt, int64_t now)
{
	if (stage_final(what->stage))
		tell_end(t, order, r, what, receipt, addressee_receipt, now);
	else if (what->stage == ST_DELIVERED)
		tell_delivered(t, order, r, receipt, now);
}

static void
tell(struct txn *t, const struct statement *what, struct bytes receipt,
	struct bytes addressee_receipt, int64_t now)
{
	struct id_record known;
	struct out_record r;
	uint64_t order;

	if (!out_find(t, &what->id, &known))
		return; /* not ours: only the number is kept */
	if (what->stage == ST_CONFLICT && what->has_by &&
		memcmp(known.digest, what->by.octet, DIGEST_SIZE) == 0)
		keep(t, known.order, stage_word(ST_CONFLICT),
			receipt); /* ours is the one that stands */
	if (memcmp(known.digest, what->digest.octet, DIGEST_SIZE) != 0)
		return; /* of other bytes */
	out_load(t, &what->id, &order, &r);
	if (t->e != E_OK)
		return;
	out_tell(t, order, &r, what, receipt, addressee_receipt, now);
	out_save(t, order, &r);
}

enum err
spool_notice(struct spool *s, uint64_t number, const struct statement *what, struct bytes receipt,
	struct bytes addressee_receipt, int64_t now)
{
	TXN(t);

	/* A number that was here before may say something else: an exchange that was brought back
	 * from a backup counts on from where it was. What is said twice changes nothing. */
	txn_write(&t, s, ROOM_FINISH);
	tell(&t, what, receipt, addressee_receipt, now);
	if (number > t.meta.notice) {
		t.meta.notice = number;
		t.wrote = true;
	}
	return txn_commit(&t);
}

uint64_t
spool_last_notice(struct spool *s)
{
	TXN(t);

	txn_read(&t, s);
	return t.meta.notice;
}

enum err
spool_next_to_send(struct spool *s, const struct id *after, struct id *id, struct buf *message)
{
	struct id_record known = {.order = 0};
	struct bytes key, value;
	struct key k;
	TXN(t);

	txn_read(&t, s);
	if (after != NULL && !out_find(&t, after, &known))
		return txn_end(&t) == E_OK ? E_NOT_FOUND : t.e;
	k = key_order(known.order + 1);
	if (!txn_seek(&t, T_OUT_WAIT, key_bytes(&k), &key, &value) || value.size != ID_SIZE)
		return txn_end(&t) == E_OK ? E_NOT_FOUND : t.e;
	memcpy(id->octet, value.data, ID_SIZE);
	if (!out_find(&t, id, &known))
		txn_fail(&t, E_IO);
	else if (message != NULL)
		txn_body(&t, T_OUT_BODY, known.order, known.digest, message);
	return txn_end(&t);
}

enum err
spool_out(struct spool *s, const struct id *id, struct out_entry *out, struct buf *message)
{
	struct out_record r;
	uint64_t order = 0;
	TXN(t);

	txn_read(&t, s);
	out_load(&t, id, &order, &r);
	if (t.e != E_OK)
		return txn_end(&t);
	out_entry_of(&t, order, &r, out);
	if (message != NULL)
		buf_reset(message);
	if (message != NULL && out->body)
		txn_body(&t, T_OUT_BODY, order, r.digest, message);
	return txn_end(&t);
}

enum err
spool_out_at(struct spool *s, uint64_t order, struct out_entry *out)
{
	struct out_record r;
	TXN(t);

	txn_read(&t, s);
	out_at(&t, order, &r);
	if (t.e == E_OK)
		out_entry_of(&t, order, &r, out);
	return txn_end(&t);
}

enum err
spool_evidence(struct spool *s, const struct id *id, const char *kind, struct buf *out)
{
	struct id_record known;
	struct bytes v;
	struct key k;
	TXN(t);

	buf_reset(out);
	txn_read(&t, s);
	if (out_find(&t, id, &known)) {
		k = key_more(key_order(known.order), kind, strlen(kind));
		if (txn_get(&t, T_EVIDENCE, key_bytes(&k), &v)) {
			buf_add_bytes(out, v);
			return txn_end(&t);
		}
	}
	txn_fail(&t, E_NOT_FOUND);
	return txn_end(&t);
}

enum err
spool_each_out(struct spool *s, spool_out_visit *each, void *context)
{
	struct bytes key, value;
	struct out_record r;
	struct out_entry e;
	struct key k = key_order(1);
	TXN(t);

	txn_read(&t, s);
	while (txn_seek(&t, T_OUT, key_bytes(&k), &key, &value)) {
		k = key_order(key_order_of(key));
		if (!txn_record(&t, T_OUT, key_bytes(&k), &r, sizeof r))
			break;
		out_entry_of(&t, key_order_of(key_bytes(&k)), &r, &e);
		if (!each(context, &e))
			break;
		k = key_order(e.order + 1);
	}
	return txn_end(&t);
}
