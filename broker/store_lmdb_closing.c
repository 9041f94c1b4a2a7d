/* SPDX-License-Identifier: EUPL-1.2
 *
 * The last closing of each channel that a party has signed, with our counter-signature: the two
 * documents as they stand, nothing of them is read here. */
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
