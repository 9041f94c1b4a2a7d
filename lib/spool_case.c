/* SPDX-License-Identifier: EUPL-1.2
 *
 * What concerns one case: Cancellations, which go before everything else in both directions, and
 * the end of what a case has left here. A case is looked for by a walk over all entries: it is
 * rarely ended in this way, and no other order of the entries has to be kept for it. */
#include "lib/spool_lmdb.h"

#include <string.h>

/* ---- Cancellations ---- */

static enum err
next_urgent(struct txn *t, char kind, uint64_t after, uint64_t *order)
{
	struct key k = key_urgent(kind, after + 1);
	struct bytes key, value;

	if (!txn_seek(t, T_URGENT, key_bytes(&k), &key, &value) || key.data[0] != (uint8_t)kind)
		return t->e == E_OK ? E_NOT_FOUND : t->e;
	*order = key_order_of(bytes_of(key.data + 1, key.size - 1));
	return E_OK;
}

enum err
spool_next_urgent_out(struct spool *s, uint64_t after, struct out_entry *out, struct buf *message)
{
	struct out_record r;
	uint64_t order;
	TXN(t);

	txn_read(&t, s);
	TRY(next_urgent(&t, 'o', after, &order));
	out_at(&t, order, &r);
	if (t.e != E_OK)
		return txn_end(&t);
	out_entry_of(&t, order, &r, out);
	txn_body(&t, T_OUT_BODY, order, r.digest, message);
	return txn_end(&t);
}

enum err
spool_next_urgent_in(struct spool *s, uint64_t after, struct in_entry *out, struct buf *message)
{
	struct in_record r;
	uint64_t order;
	TXN(t);

	txn_read(&t, s);
	TRY(next_urgent(&t, 'i', after, &order));
	in_at(&t, order, &r);
	if (t.e != E_OK)
		return txn_end(&t);
	in_entry_read(&t, order, &r, out, message);
	return txn_end(&t);
}

/* ---- the end of a case ---- */

static bool
is_of_case(const struct header_record *h, const struct id *conversation)
{
	return memcmp(h->conversation, conversation->octet, ID_SIZE) == 0;
}

static bool
is_cancellation(const struct header_record *h)
{
	return strcmp(h->action, action_word(A_CANCELLATION)) == 0;
}

static bool
has_token(const struct token_record *r, const struct consent_token *token)
{
	return r->present != 0 && memcmp(r->id, token->id.octet, ID_SIZE) == 0 &&
	       memcmp(r->by, token->by.code, PARTY_SIZE) == 0;
}

static void
end_unsent(struct txn *t, uint64_t order, enum err code, int64_t now)
{
	struct out_record r;

	out_at(t, order, &r);
	if (t->e == E_OK)
		out_refuse(t, order, &r, code, now);
}

/* What is FILED is in the list of what waits; one that was accepted before and is filed anew goes
 * back to what its receipts prove. */
enum err
spool_end_unsent(struct spool *s, const struct consent_token *token, enum err code, int64_t now)
{
	struct key k = key_order(1);
	struct bytes key, value;
	struct out_record r;
	uint64_t order;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	while (txn_seek(&t, T_OUT_WAIT, key_bytes(&k), &key, &value)) {
		order = key_order_of(key);
		k = key_order(order);
		if (txn_record(&t, T_OUT, key_bytes(&k), &r, sizeof r) &&
			has_token(&r.token, token) && !is_cancellation(&r.header))
			end_unsent(&t, order, code, now);
		k = key_order(order + 1);
	}
	return t.wrote ? txn_commit(&t) : txn_end(&t);
}

/* Its line in the list of what may be dropped goes with the body. */
static void
drop_out(struct txn *t, uint64_t order, const struct out_record *r)
{
	struct key k = key_order(order);
	struct lines lines;

	lines_of_out(t, order, r, &lines);
	if (lines.ended)
		txn_delete(t, T_ENDED, key_bytes(&lines.ended_key));
	txn_delete(t, T_OUT_BODY, key_bytes(&k));
}

static void
drop_in(struct txn *t, uint64_t order, const struct in_record *r)
{
	char id[ID_TEXT_SIZE], name[sizeof SPOOL_OUTCOMES + ID_TEXT_SIZE];
	struct key k = key_order(order);
	struct lines lines;
	struct header h;

	lines_of_in(t, order, r, &lines);
	if (lines.ended)
		txn_delete(t, T_ENDED, key_bytes(&lines.ended_key));
	if (txn_has_body(t, T_IN_BODY, order))
		txn_delete(t, T_IN_BODY, key_bytes(&k));
	header_unpack(&r->header, &r->token, &h);
	id_format(&h.id, id);
	strcpy(name, SPOOL_OUTCOMES);
	strcat(name, id);
	if (txn_has(t, T_FACT, bytes_of(name, strlen(name))))
		txn_delete(t, T_FACT, bytes_of(name, strlen(name)));
}

/* What is still to be said; what says that the case is stopped, which an exchange that was restored
 * has to be told again, or how it ended, until that is known. */
static bool
is_needed(const struct out_record *r, bool keep_open)
{
	enum out_state s = out_state_of(r);

	if (is_cancellation(&r->header))
		return true;
	if (s == OUT_ENDED || s == OUT_REFUSED)
		return false;
	return keep_open || s == OUT_FILED ||
	       strcmp(r->header.action, action_word(A_TRANSCRIPTION_OUTCOME)) == 0;
}

static void
erase_out(struct txn *t, const struct id *conversation, bool keep_open)
{
	struct out_record r;

	for (uint64_t i = 1; i <= t->meta.out_last && t->e == E_OK; i++) {
		out_at(t, i, &r);
		if (t->e == E_OK && is_of_case(&r.header, conversation) &&
			!is_needed(&r, keep_open) && txn_has_body(t, T_OUT_BODY, i))
			drop_out(t, i, &r);
	}
}

/* What has not ended is still needed, whatever is asked: it has to be ended first. */
static void
erase_in(struct txn *t, const struct id *conversation)
{
	struct in_record r;

	for (uint64_t i = 1; i <= t->meta.in_last && t->e == E_OK; i++) {
		in_at(t, i, &r);
		if (t->e == E_OK && is_of_case(&r.header, conversation) &&
			in_state_of(&r) >= IN_DONE && !is_cancellation(&r.header))
			drop_in(t, i, &r);
	}
}

enum err
spool_erase(struct spool *s, const struct id *conversation, bool keep_open)
{
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	erase_out(&t, conversation, keep_open);
	erase_in(&t, conversation);
	return t.wrote ? txn_commit(&t) : txn_end(&t);
}
