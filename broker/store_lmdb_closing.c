/* SPDX-License-Identifier: EUPL-1.2
 *
 * The last closing of each channel that a party has signed, with our counter-signature: the two
 * documents as they stand, nothing of them is read here. And what came of each day's comparison,
 * for people: few octets a day, of few days, in one record that is written anew. */
#include "broker/store_lmdb.h"

#include <string.h>

static struct key
key_closing(const struct party *by, const struct party *from, const struct party *to)
{
	struct key sender = key_party(from), addressee = key_party(to);
	struct key k = key_party(by);

	k = key_and(k, sender.octet, sender.size);
	return key_and(k, addressee.octet, addressee.size);
}

void
store_set_closing(struct store_txn *t, const struct party *by, const struct party *from,
	const struct party *to, struct bytes statement, struct bytes note)
{
	struct key k = key_closing(by, from, to);
	OWNED_BUF(both) = {0};

	buf_u32(&both, (uint32_t)statement.size);
	buf_add_bytes(&both, statement);
	buf_add_bytes(&both, note);
	table_put(t, T_CLOSING, &k, buf_bytes(&both));
}

bool
closing_split(struct bytes both, struct bytes *statement, struct bytes *note)
{
	struct cursor c = cursor_of(both);
	uint32_t size = cursor_u32(&c);

	*statement = cursor_take(&c, size);
	*note = cursor_take(&c, c.left);
	return cursor_done(&c) && statement->size > 0 && note->size > 0;
}

enum err
store_closing(struct store *s, struct store_txn *t, const struct party *by,
	const struct party *from, const struct party *to, struct buf *statement, struct buf *note)
{
	struct key k = key_closing(by, from, to);
	struct bytes both, first, second;

	VIEW(v, s, t);
	TRY(table_get(&v, T_CLOSING, &k, &both));
	if (!closing_split(both, &first, &second))
		return E_DAMAGED;
	buf_reset(statement);
	buf_reset(note);
	buf_add_bytes(statement, first);
	buf_add_bytes(note, second);
	return E_OK;
}

/* ---- day by day ---- */

static struct compared_record
pack(const struct compared *c)
{
	return (struct compared_record){.version = RECORD_VERSION,
		.equal = c->equal,
		.day = c->day,
		.at = c->at,
		.elements = c->elements,
		.differences = c->differences,
		.mended = c->mended,
		.open = c->open};
}

const char *
compared_wrong(struct bytes content)
{
	struct compared_record r, last = {.day = 0};

	if (content.size == 0 || content.size % sizeof r != 0 ||
		content.size > COMPARED_DAYS * sizeof r)
		return "no comparisons of ours";
	for (size_t at = 0; at < content.size; at += sizeof r, last = r) {
		memcpy(&r, content.data + at, sizeof r);
		if (r.version != RECORD_VERSION || (at > 0 && r.day <= last.day))
			return "its days are not in order";
	}
	return NULL;
}

/* The days that stay, and this one in its place. One that is too old to be kept is not. */
static size_t
with_day(struct bytes old, const struct compared_record *one, struct compared_record *out)
{
	struct compared_record all[COMPARED_DAYS + 1];
	size_t n = 0;
	bool placed = false;

	for (size_t at = 0; at < old.size; at += sizeof *out) {
		struct compared_record r;

		memcpy(&r, old.data + at, sizeof r);
		if (r.day >= one->day && !placed)
			all[n++] = *one, placed = true;
		if (r.day != one->day)
			all[n++] = r;
	}
	if (!placed)
		all[n++] = *one;
	if (n <= COMPARED_DAYS) {
		memcpy(out, all, n * sizeof *out);
		return n;
	}
	memcpy(out, all + 1, COMPARED_DAYS * sizeof *out);
	return COMPARED_DAYS;
}

void
store_keep_compared(struct store_txn *t, const struct party *by, const struct party *from,
	const struct party *to, const struct compared *c)
{
	const struct compared_record one = pack(c);
	struct key k = key_closing(by, from, to);
	struct compared_record days[COMPARED_DAYS];
	struct bytes old = bytes_of(NULL, 0);
	size_t n = 0;

	if (t->error != E_OK)
		return;
	{
		VIEW(v, t->s, t);
		if (table_get(&v, T_COMPARED, &k, &old) != E_OK || compared_wrong(old) != NULL)
			old = bytes_of(NULL, 0);
		n = with_day(old, &one, days);
	}
	table_put(t, T_COMPARED, &k, bytes_of(days, n * sizeof *days));
}

size_t
store_compared(struct store *s, const struct party *by, const struct party *from,
	const struct party *to, struct compared out[COMPARED_DAYS])
{
	struct key k = key_closing(by, from, to);
	struct bytes content;
	size_t n = 0;

	VIEW(v, s, NULL);
	if (table_get(&v, T_COMPARED, &k, &content) != E_OK || compared_wrong(content) != NULL)
		return 0;
	for (; (n + 1) * sizeof(struct compared_record) <= content.size; n++) {
		struct compared_record r;

		memcpy(&r, content.data + n * sizeof r, sizeof r);
		out[n] = (struct compared){.day = r.day,
			.at = r.at,
			.equal = r.equal != 0,
			.elements = r.elements,
			.differences = r.differences,
			.mended = r.mended,
			.open = r.open};
	}
	return n;
}
