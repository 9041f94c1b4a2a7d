/* SPDX-License-Identifier: EUPL-1.2
 *
 * The spool's book: what this party and the exchange compare. It is a table of its own, in the
 * order in which books are compared, so that a comparison is one walk. Each record has at most one
 * line in it, at most one in the list of bodies that may be dropped, and at most one in the list of
 * what goes before everything else; all follow from the record, so that whoever saves a record
 * cannot forget them. */
#include "lib/spool_lmdb.h"

#include <string.h>

#include "lib/book.h"

/* Times are signed; the order of octets is not. */
static uint64_t
ordered(int64_t ms)
{
	return (uint64_t)ms ^ (uint64_t)1 << 63;
}

static struct key
key_place(struct key k, char kind, uint64_t order)
{
	struct key o = key_order(order);

	k = key_more(k, &kind, 1);
	return key_more(k, o.octet, o.size);
}

static struct key
key_book(const struct header_record *h, const uint8_t digest[DIGEST_SIZE], const char *stage,
	char kind, uint64_t order)
{
	struct digest message, element;
	struct key k = key_order(ordered(h->created));
	enum stage ended;

	memcpy(message.octet, digest, DIGEST_SIZE);
	if (!stage_parse(stage, &ended))
		ended = ST_ACCEPTED;
	book_element(&message, ended, &element);
	return key_place(key_more(k, element.octet, DIGEST_SIZE), kind, order);
}

struct key
key_urgent(char kind, uint64_t order)
{
	return key_place((struct key){.size = 0}, kind, order);
}

static bool
stops_a_case(const struct header_record *h)
{
	return strcmp(h->action, action_word(A_CANCELLATION)) == 0;
}

void
lines_of_out(struct txn *t, uint64_t order, const struct out_record *r, struct lines *out)
{
	enum out_state s = out_state_of(r);

	memset(out, 0, sizeof *out);
	out->book = s == OUT_SENT || s == OUT_DELIVERED || s == OUT_ENDED;
	if (out->book)
		out->book_key =
			key_book(&r->header, r->digest, s == OUT_ENDED ? r->stage : "", 'o', order);
	out->ended = (s == OUT_ENDED || s == OUT_REFUSED) && txn_has_body(t, T_OUT_BODY, order);
	if (out->ended)
		out->ended_key = key_place(key_order(ordered(r->ended)), 'o', order);
	out->urgent = s == OUT_FILED && stops_a_case(&r->header);
	out->urgent_key = key_urgent('o', order);
}

void
lines_of_in(struct txn *t, uint64_t order, const struct in_record *r, struct lines *out)
{
	enum in_state s = in_state_of(r);

	memset(out, 0, sizeof *out);
	out->book = true;
	out->book_key = key_book(&r->header, r->digest, r->stage, 'i', order);
	out->ended = s == IN_TOLD && txn_has_body(t, T_IN_BODY, order);
	if (out->ended)
		out->ended_key = key_place(key_order(ordered(r->done)), 'i', order);
	out->urgent = s < IN_TOLD && stops_a_case(&r->header);
	out->urgent_key = key_urgent('i', order);
}

static void
line_turn(struct txn *t, enum table table, const struct key *before, const struct key *after)
{
	if (before != NULL && after != NULL && before->size == after->size &&
		memcmp(before->octet, after->octet, before->size) == 0)
		return;
	if (before != NULL)
		txn_delete(t, table, key_bytes(before));
	if (after != NULL)
		txn_put(t, table, key_bytes(after), bytes_of(NULL, 0));
}

void
lines_turn(struct txn *t, const struct lines *before, const struct lines *after)
{
	line_turn(t, T_BOOK, before->book ? &before->book_key : NULL,
		after->book ? &after->book_key : NULL);
	line_turn(t, T_ENDED, before->ended ? &before->ended_key : NULL,
		after->ended ? &after->ended_key : NULL);
	line_turn(t, T_URGENT, before->urgent ? &before->urgent_key : NULL,
		after->urgent ? &after->urgent_key : NULL);
}

enum err
spool_book(struct spool *s, int64_t since, int64_t until, spool_book_visit *each, void *context)
{
	struct key k = key_order(ordered(since)), end = key_order(ordered(until));
	struct bytes key, value;
	struct digest element;
	struct cursor c;
	TXN(t);

	txn_read(&t, s);
	while (txn_seek(&t, T_BOOK, key_bytes(&k), &key, &value)) {
		if (until != INT64_MAX && memcmp(key.data, end.octet, end.size) >= 0)
			break;
		k = key_more((struct key){.size = 0}, key.data, key.size);
		k = key_more(k, "", 1); /* the next key of all */
		c = cursor_of(bytes_of(k.octet, k.size - 1));
		int64_t created = (int64_t)ordered((int64_t)cursor_u64(&c));
		cursor_copy(&c, element.octet, DIGEST_SIZE);
		bool out = cursor_u8(&c) == 'o';
		each(context, created, &element, out, cursor_u64(&c));
	}
	return txn_end(&t);
}
