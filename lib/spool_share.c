/* SPDX-License-Identifier: EUPL-1.2
 *
 * How much of the spool one sender's unfinished messages take: bodies, and what is kept back for
 * answers. Looked through only when the spool is more than half full. */
#include <string.h>

#include "lib/spool_lmdb.h"

#define CROWDED 50 /* percent of the map */
#define SHARE 40   /* percent of the map, for one sender */

static size_t
body_size(struct txn *t, uint64_t order)
{
	struct key o = key_order(order);
	MDB_val k = {o.size, o.octet}, v;

	return mdb_get(t->t, t->s->dbi[T_IN_BODY], &k, &v) == 0 ? v.mv_size : 0;
}

static size_t
taken_by(struct txn *t, enum in_state state, const struct party *from)
{
	struct key k = in_key_state(state, 0), o;
	struct bytes key, value;
	struct in_record r;
	uint64_t order;
	size_t sum = 0;

	while (txn_seek(t, T_IN_STATE, key_bytes(&k), &key, &value) && key.data[0] == k.octet[0]) {
		order = key_order_of(bytes_of(key.data + 1, key.size - 1));
		o = key_order(order);
		if (txn_record(t, T_IN, key_bytes(&o), &r, sizeof r) &&
			strncmp(r.header.from, from->code, sizeof r.header.from) == 0)
			sum += t->s->owed_in + body_size(t, order);
		k = in_key_state(state, order + 1);
	}
	return sum;
}

bool
spool_crowded(struct spool *s, const struct party *from, size_t more)
{
	static const enum in_state unfinished[] = {IN_TAKEN, IN_WAITING, IN_CLAIMED};
	struct spool_counts c;
	size_t sum = 0, all = 0;
	TXN(t);

	if (spool_count(s, &c) != E_OK)
		return false; /* taking says what is wrong */
	for (size_t i = 0; i < ARRAY_LEN(unfinished); i++)
		all += (size_t)c.in[unfinished[i]] * s->owed_in;
	if (c.map_used + all < c.map_size / 100 * CROWDED)
		return false;
	txn_read(&t, s);
	for (size_t i = 0; i < ARRAY_LEN(unfinished); i++)
		sum += taken_by(&t, unfinished[i], from);
	/* One message of each is always let in, however small the spool. */
	return txn_end(&t) == E_OK && sum > 0 && sum + s->owed_in + more > c.map_size / 100 * SHARE;
}
