/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two things that the exchange keeps so that others can check it. The book of a party: one key for
 * each message that it has sent or was sent, in order of the time of its header, so that comparing
 * two books is a walk on each side. And conflicts: an id that was used again for other octets, each
 * of these stated in the log. */
#include "broker/store_lmdb.h"

#include <string.h>

#include "lib/book.h"

/* ---- the book ---- */

struct key
key_book(const struct party *p, const struct entry_record *r)
{
	struct key created = key_time(r->created);
	struct key k = key_party(p);
	struct digest digest, element;

	memcpy(digest.octet, r->digest, sizeof r->digest);
	book_element(&digest, (enum stage)r->stage, &element);
	k = key_and(k, created.octet, created.size);
	return key_and(k, element.octet, sizeof element.octet);
}

static struct party
party_of(const char code[PARTY_SIZE])
{
	struct party p;

	memcpy(p.code, code, sizeof p.code);
	return p;
}

void
book_enter(struct store_txn *t, uint64_t seq, const struct entry_record *r)
{
	const struct seq_record place = {RECORD_VERSION, seq};
	const struct party from = party_of(r->from), to = party_of(r->to);
	struct key sent = key_book(&from, r), received = key_book(&to, r);

	table_put(t, T_BOOK, &sent, bytes_of(&place, sizeof place));
	if (r->shown != 0)
		table_put(t, T_BOOK, &received, bytes_of(&place, sizeof place));
}

void
book_show(struct store_txn *t, uint64_t seq, struct entry_record *r)
{
	if (r->shown != 0)
		return;
	r->shown = 1;
	book_enter(t, seq, r);
}

void
book_leave(struct store_txn *t, const struct entry_record *r)
{
	const struct party from = party_of(r->from), to = party_of(r->to);
	struct key sent = key_book(&from, r), received = key_book(&to, r);

	table_delete(t, T_BOOK, &sent);
	if (r->shown != 0)
		table_delete(t, T_BOOK, &received);
}

/* What stands after the party in a key of the book. */
static bool
read_place(struct bytes key, size_t prefix, int64_t *created, struct digest *element)
{
	if (key.size != prefix + 8 + DIGEST_SIZE)
		return false;
	*created = key_to_time(bytes_of(key.data, prefix + 8));
	memcpy(element->octet, key.data + prefix + 8, DIGEST_SIZE);
	return true;
}

void
store_book(struct store *s, const struct party *p, int64_t since, int64_t until,
	store_book_visit *each, void *context)
{
	struct key prefix = key_party(p), first = key_time(since);
	struct key from = key_and(prefix, first.octet, first.size);
	struct bytes key, value;
	struct seq_record place;
	struct digest element;
	int64_t created;

	VIEW(v, s, s->open);
	WALK(walk);
	for (walk_begin(&walk, &v, T_BOOK, &from, prefix.size); walk_next(&walk, &key, &value);) {
		if (value.size != sizeof place ||
			!read_place(key, prefix.size, &created, &element) || created > until)
			return;
		memcpy(&place, value.data, sizeof place);
		each(context, created, &element, place.seq);
	}
}

/* ---- conflicts ---- */

static struct key
key_conflict(uint64_t seq, const struct digest *offered)
{
	return key_and(key_seq(seq), offered->octet, sizeof offered->octet);
}

/* The first receipt is found by its stage alone, like those of true stages. */
static struct key
key_conflict_receipt(uint64_t seq, uint8_t number)
{
	struct key k = key_receipt(seq, ST_CONFLICT);

	return number == 1 ? k : key_and(k, &number, 1);
}

static unsigned
conflicts_of(struct store_txn *t, uint64_t seq)
{
	struct key k = key_seq(seq);
	struct bytes key, value;
	unsigned n = 0;

	VIEW(v, t->s, t);
	WALK(walk);
	for (walk_begin(&walk, &v, T_CONFLICT, &k, k.size); walk_next(&walk, &key, &value);)
		n++;
	return n;
}

static void
state_conflict(struct store_txn *t, uint64_t seq, uint8_t number, const struct statement *what)
{
	const struct conflict_record c = {RECORD_VERSION, number};
	struct key k = key_conflict(seq, &what->digest);
	struct key receipt = key_conflict_receipt(seq, number);
	struct entry_record r;

	table_put(t, T_CONFLICT, &k, bytes_of(&c, sizeof c));
	log_statement(t, &receipt, what);
	if (number > 1 || !step_entry(t, seq, &r))
		return;
	r.stated |= (uint8_t)(1 << ST_CONFLICT);
	r.at[ST_CONFLICT] = what->at;
	put_entry(t, seq, &r);
	add_notice(t, &what->from, seq, ST_CONFLICT);
	if (r.shown != 0 && !party_equal(&what->from, &what->to))
		add_notice(t, &what->to, seq, ST_CONFLICT);
}

bool
store_conflict(struct store_txn *t, uint64_t seq, const struct statement *what)
{
	struct key k = key_conflict(seq, &what->digest);
	struct conflict_record known;
	unsigned n;

	assert(what->stage == ST_CONFLICT);
	if (table_step(t, T_CONFLICT, &k, &known, sizeof known))
		return true;
	n = conflicts_of(t, seq);
	if (n >= STORE_CONFLICTS_MAX)
		return false;
	state_conflict(t, seq, (uint8_t)(n + 1), what);
	return true;
}

enum err
store_conflict_receipt(struct store *s, struct store_txn *t, uint64_t seq,
	const struct digest *offered, struct buf *out)
{
	struct key k = key_conflict(seq, offered);
	struct conflict_record c;
	struct bytes receipt;

	VIEW(v, s, t);
	TRY(table_record(&v, T_CONFLICT, &k, &c, sizeof c));
	k = key_conflict_receipt(seq, c.number);
	TRY(table_get(&v, T_RECEIPT, &k, &receipt));
	buf_reset(out);
	buf_add_bytes(out, receipt);
	return E_OK;
}
