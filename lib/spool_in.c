/* SPDX-License-Identifier: EUPL-1.2
 *
 * The inbox: what was delivered to this party and how far the work on it has come. An id is bound
 * to its sender and its bytes for ever, so a repeat, however late, is known as one. CLAIMED is
 * written before the register is touched: after a crash it means "ask the register", never "do it
 * again". */
#include "lib/spool_lmdb.h"

#include <string.h>

static const char *const words[IN_N] = {
	[IN_TAKEN] = "taken",
	[IN_WAITING] = "waiting",
	[IN_CLAIMED] = "claimed",
	[IN_DONE] = "done",
	[IN_TOLD] = "told",
};

const char *
in_state_word(enum in_state s)
{
	return words[s];
}

enum in_state
in_state_of(const struct in_record *r)
{
	for (int s = 0; s < IN_N; s++)
		if (strcmp(words[s], r->state) == 0)
			return (enum in_state)s;
	assert(!"an inbox state that this version does not know");
	return IN_N;
}

void
in_entry_of(struct txn *t, uint64_t order, const struct in_record *r, struct in_entry *e)
{
	memset(e, 0, sizeof *e);
	e->order = order;
	header_unpack(&r->header, &r->token, &e->header);
	memcpy(e->digest.octet, r->digest, DIGEST_SIZE);
	e->state = in_state_of(r);
	e->code = err_of_word(r->code);
	memcpy(e->note, r->note, sizeof e->note);
	e->taken = r->taken;
	e->done = r->done;
	e->attempts = r->attempts;
	e->body = txn_has_body(t, T_IN_BODY, order);
	if (!stage_parse(r->stage, &e->stage))
		e->stage = ST_ACCEPTED;
}

struct key
in_key_sender(const struct party *from, const struct id *id)
{
	struct key k = {.size = 0};
	char code[PARTY_SIZE];

	word_pack(code, sizeof code, from->code);
	k = key_more(k, id->octet, ID_SIZE);
	return key_more(k, code, sizeof code);
}

struct key
in_key_state(enum in_state state, uint64_t order)
{
	struct key o = key_order(order), k = {.size = 0};
	uint8_t s = (uint8_t)words[state][0]; /* t, w, c, d, t: told is written as T */

	if (state == IN_TOLD)
		s = 'T';
	k = key_more(k, &s, 1);
	return key_more(k, o.octet, o.size);
}

bool
in_find(struct txn *t, const struct party *from, const struct id *id, struct id_record *known)
{
	struct key k = in_key_sender(from, id);

	return txn_record(t, T_IN_ID, key_bytes(&k), known, sizeof *known);
}

void
in_at(struct txn *t, uint64_t order, struct in_record *r)
{
	struct key k = key_order(order);

	if (!txn_record(t, T_IN, key_bytes(&k), r, sizeof *r))
		txn_fail(t, E_NOT_FOUND);
}

void
in_load(struct txn *t, const struct party *from, const struct id *id, uint64_t *order,
	struct in_record *r)
{
	struct id_record known;
	struct key k;

	if (!in_find(t, from, id, &known)) {
		txn_fail(t, E_NOT_FOUND);
		return;
	}
	*order = known.order;
	k = key_order(known.order);
	if (!txn_record(t, T_IN, key_bytes(&k), r, sizeof *r))
		txn_fail(t, E_IO);
}

void
in_save(struct txn *t, uint64_t order, const struct in_record *r)
{
	struct lines before = {.book = false}, after;
	struct key k = key_order(order);
	struct in_record old;

	if (txn_record(t, T_IN, key_bytes(&k), &old, sizeof old))
		lines_of_in(t, order, &old, &before);
	if (t->e != E_OK)
		return;
	lines_of_in(t, order, r, &after);
	lines_turn(t, &before, &after);
	txn_put(t, T_IN, key_bytes(&k), bytes_of(r, sizeof *r));
}

void
in_stage_set(struct in_record *r, struct bytes answer)
{
	static const char before[] = "<e:Stage>";
	const char *at = NULL, *end = NULL;
	enum stage stage = strcmp(r->code, err_word(E_OK)) == 0 ? ST_COMMITTED : ST_REJECTED;
	char word[sizeof r->stage] = "";
	size_t n = 0;

	if (answer.size > 0)
		at = memmem(answer.data, answer.size, before, strlen(before));
	if (at != NULL) {
		at += strlen(before);
		end = memchr(at, '<', answer.size - (size_t)(at - (const char *)answer.data));
		n = end == NULL ? 0 : (size_t)(end - at);
	}
	if (n > 0 && n < sizeof word) {
		memcpy(word, at, n);
		(void)!stage_parse(word, &stage);
	}
	word_pack(r->stage, sizeof r->stage, stage_word(stage));
}

void
in_move(struct txn *t, uint64_t order, struct in_record *r, enum in_state to)
{
	enum in_state from = in_state_of(r);
	struct key before = in_key_state(from, order), after = in_key_state(to, order);

	if (t->e != E_OK || from == to)
		return;
	assert(to > from || (from == IN_TOLD && to == IN_DONE)); /* only retelling goes back */
	t->meta.in[from]--;
	t->meta.in[to]++;
	word_pack(r->state, sizeof r->state, words[to]);
	txn_delete(t, T_IN_STATE, key_bytes(&before));
	txn_put(t, T_IN_STATE, key_bytes(&after), bytes_of(NULL, 0));
}

void
in_take_new(struct txn *t, const struct header *h, const struct digest *d,
	const struct bytes *message, int64_t now)
{
	struct id_record known = {.version = RECORD_VERSION, .order = ++t->meta.in_last};
	struct in_record r = {.version = IN_VERSION, .taken = now};
	struct key id = in_key_sender(&h->from, &h->id), k = key_order(known.order);
	struct key state = in_key_state(IN_TAKEN, known.order);

	memcpy(known.digest, d->octet, DIGEST_SIZE);
	memcpy(r.digest, d->octet, DIGEST_SIZE);
	header_pack(h, &r.header, &r.token);
	word_pack(r.state, sizeof r.state, words[IN_TAKEN]);
	word_pack(r.code, sizeof r.code, err_word(E_OK));
	txn_put(t, T_IN_ID, key_bytes(&id), bytes_of(&known, sizeof known));
	if (message != NULL)
		txn_put(t, T_IN_BODY, key_bytes(&k), *message);
	txn_put(t, T_IN_STATE, key_bytes(&state), bytes_of(NULL, 0));
	in_save(t, known.order, &r);
	t->meta.in[IN_TAKEN]++;
}

static void
take_one(struct txn *t, struct spool_delivery *d, int64_t now)
{
	struct id_record known;
	struct digest digest;
	struct header h;
	enum err e = message_header(d->message, &h);

	if (e != E_OK) {
		txn_fail(t, e);
		return;
	}
	if (h.action != A_CANCELLATION)
		t->room = ROOM_BEGIN; /* what stops a case is let in for longer */
	digest_of(d->message.data, d->message.size, &digest);
	d->again = in_find(t, &h.from, &h.id, &known);
	if (!d->again)
		in_take_new(t, &h, &digest, &d->message, now);
	else if (memcmp(known.digest, digest.octet, DIGEST_SIZE) != 0)
		txn_fail(t, E_CONFLICT);
}

static enum err
take_all(struct spool *s, struct spool_delivery *list, size_t n, int64_t now)
{
	TXN(t);

	txn_write(&t, s, ROOM_FACT);
	for (size_t i = 0; i < n && t.e == E_OK; i++)
		take_one(&t, &list[i], now);
	return txn_commit(&t);
}

enum err
spool_take_all(struct spool *s, struct spool_delivery *list, size_t n, int64_t now)
{
	enum err e = take_all(s, list, n, now);

	if (e == E_SPOOL_FULL && spool_made_room(s, now))
		e = take_all(s, list, n, now);
	return e;
}

enum err
spool_take(struct spool *s, struct bytes message, int64_t now, bool *again)
{
	struct spool_delivery d = {.message = message};
	enum err e = spool_take_all(s, &d, 1, now);

	*again = d.again;
	return e;
}

void
in_entry_read(struct txn *t, uint64_t order, const struct in_record *r, struct in_entry *e,
	struct buf *message)
{
	in_entry_of(t, order, r, e);
	if (message == NULL)
		return;
	buf_reset(message);
	if (e->body)
		txn_body(t, T_IN_BODY, order, r->digest, message);
}

enum err
spool_in(struct spool *s, const struct party *from, const struct id *id, struct in_entry *out,
	struct buf *message)
{
	struct in_record r;
	uint64_t order = 0;
	TXN(t);

	txn_read(&t, s);
	in_load(&t, from, id, &order, &r);
	if (t.e != E_OK)
		return txn_end(&t);
	in_entry_read(&t, order, &r, out, message);
	return txn_end(&t);
}

enum err
spool_in_at(struct spool *s, uint64_t order, struct in_entry *out)
{
	struct in_record r;
	TXN(t);

	txn_read(&t, s);
	in_at(&t, order, &r);
	if (t.e == E_OK)
		in_entry_of(&t, order, &r, out);
	return txn_end(&t);
}

/* The steps on one entry: where each may be made from, and where it leads. */
static enum err
step(struct spool *s, const struct party *from, const struct id *id, enum in_state least,
	enum in_state most, enum in_state to)
{
	struct in_record r;
	uint64_t order = 0;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	in_load(&t, from, id, &order, &r);
	if (t.e == E_OK && (in_state_of(&r) < least || in_state_of(&r) > most))
		txn_fail(&t, E_STATE);
	if (t.e != E_OK)
		return txn_end(&t);
	if (to == IN_CLAIMED)
		r.attempts++;
	else if (in_state_of(&r) == to)
		return txn_end(&t); /* said before */
	in_move(&t, order, &r, to);
	in_save(&t, order, &r);
	return txn_commit(&t);
}

enum err
spool_wait(struct spool *s, const struct party *from, const struct id *id)
{
	return step(s, from, id, IN_TAKEN, IN_WAITING, IN_WAITING);
}

enum err
spool_claim(struct spool *s, const struct party *from, const struct id *id)
{
	return step(s, from, id, IN_TAKEN, IN_CLAIMED, IN_CLAIMED);
}

enum err
spool_told(struct spool *s, const struct party *from, const struct id *id)
{
	return step(s, from, id, IN_DONE, IN_TOLD, IN_TOLD);
}

enum err
spool_note(struct spool *s, const struct party *from, const struct id *id, enum err code,
	const char *note)
{
	struct in_record r;
	uint64_t order = 0;
	TXN(t);

	if (note != NULL && strlen(note) >= sizeof r.note)
		return E_INPUT;
	txn_write(&t, s, ROOM_FINISH);
	in_load(&t, from, id, &order, &r);
	if (t.e == E_OK && in_state_of(&r) >= IN_DONE)
		txn_fail(&t, E_STATE);
	if (t.e != E_OK)
		return txn_end(&t);
	word_pack(r.code, sizeof r.code, err_word(code));
	word_pack(r.note, sizeof r.note, note == NULL ? "" : note);
	in_save(&t, order, &r);
	return txn_commit(&t);
}

void
in_end(struct txn *t, uint64_t order, struct in_record *r, enum stage stage, const char *code,
	int64_t now)
{
	enum err e = stage == ST_REJECTED ? E_FINAL : E_OK;

	if (in_state_of(r) < IN_DONE) {
		if (stage == ST_REJECTED && err_of_word(code) != E_UNKNOWN_CODE)
			e = err_of_word(code);
		word_pack(r->code, sizeof r->code, err_word(e));
		word_pack(r->note, sizeof r->note, code);
		word_pack(r->stage, sizeof r->stage, stage_word(stage));
		r->done = now;
	} else if (strcmp(r->stage, stage_word(stage)) != 0) {
		txn_fail(t, E_STATE); /* another end: a person has to look */
	}
	in_move(t, order, r, IN_TOLD);
}

void
txn_done(struct txn *t, const struct spool_done *d, int64_t now, bool *again)
{
	struct in_record r;
	struct bytes before;
	uint64_t order = 0;
	struct key k;

	in_load(t, &d->from, &d->id, &order, &r);
	if (t->e != E_OK)
		return;
	k = key_order(order);
	*again = in_state_of(&r) >= IN_DONE;
	if (*again) {
		if (!txn_get(t, T_ANSWER, key_bytes(&k), &before) ||
			before.size != d->receipt.size ||
			memcmp(before.data, d->receipt.data, before.size) != 0)
			txn_fail(t, E_STATE);
		return;
	}
	if (d->note != NULL && strlen(d->note) >= sizeof r.note) {
		txn_fail(t, E_INPUT);
		return;
	}
	if (d->note != NULL) {
		word_pack(r.code, sizeof r.code, err_word(d->code));
		word_pack(r.note, sizeof r.note, d->note);
	}
	r.done = now;
	in_stage_set(&r, d->receipt);
	in_move(t, order, &r, IN_DONE);
	in_save(t, order, &r);
	txn_put(t, T_ANSWER, key_bytes(&k), d->receipt);
}

enum err
spool_next_in(struct spool *s, enum in_state state, uint64_t after, struct in_entry *out,
	struct buf *message)
{
	struct key k = in_key_state(state, after + 1), o;
	struct bytes key, value;
	struct in_record r;
	uint64_t order;
	TXN(t);

	txn_read(&t, s);
	if (!txn_seek(&t, T_IN_STATE, key_bytes(&k), &key, &value) || key.data[0] != k.octet[0])
		return txn_end(&t) == E_OK ? E_NOT_FOUND : t.e;
	order = key_order_of(bytes_of(key.data + 1, key.size - 1));
	o = key_order(order);
	if (!txn_record(&t, T_IN, key_bytes(&o), &r, sizeof r)) {
		txn_fail(&t, E_IO);
		return txn_end(&t);
	}
	in_entry_read(&t, order, &r, out, message);
	return txn_end(&t);
}

enum err
spool_answer(struct spool *s, const struct party *from, const struct id *id, struct buf *out)
{
	struct id_record known;
	struct bytes v;
	struct key k;
	TXN(t);

	buf_reset(out);
	txn_read(&t, s);
	if (in_find(&t, from, id, &known)) {
		k = key_order(known.order);
		if (txn_get(&t, T_ANSWER, key_bytes(&k), &v)) {
			buf_add_bytes(out, v);
			return txn_end(&t);
		}
	}
	txn_fail(&t, E_NOT_FOUND);
	return txn_end(&t);
}

enum err
spool_each_in(struct spool *s, spool_in_visit *each, void *context)
{
	struct key k = key_order(1);
	struct bytes key, value;
	struct in_record r;
	struct in_entry e;
	TXN(t);

	txn_read(&t, s);
	while (txn_seek(&t, T_IN, key_bytes(&k), &key, &value)) {
		k = key_order(key_order_of(key));
		if (!txn_record(&t, T_IN, key_bytes(&k), &r, sizeof r))
			break;
		in_entry_of(&t, key_order_of(key_bytes(&k)), &r, &e);
		if (!each(context, &e))
			break;
		k = key_order(e.order + 1);
	}
	return txn_end(&t);
}
