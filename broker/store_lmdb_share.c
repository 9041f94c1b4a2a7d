/* SPDX-License-Identifier: EUPL-1.2
 *
 * How much of the store each sender fills: the octets of its messages that have not ended. Written
 * in the transaction that takes a message in, or lets its body go. A store from before this was
 * counted begins at nothing; what was in it is not counted, and not taken off below nothing. */
#include "broker/store_lmdb.h"

void
step_share(struct store_txn *t, const struct party *from, int64_t change)
{
	struct share_record r = {.octets = 0};
	struct key k = key_party(from);

	(void)!table_step(t, T_SHARE, &k, &r, sizeof r);
	r.version = RECORD_VERSION;
	if (change < 0 && r.octets < (uint64_t)-change)
		r.octets = 0;
	else
		r.octets += (uint64_t)change;
	table_put(t, T_SHARE, &k, bytes_of(&r, sizeof r));
}

uint64_t
store_share(struct store *s, struct store_txn *t, const struct party *from)
{
	struct share_record r;
	struct key k = key_party(from);

	VIEW(v, s, t);
	return table_record(&v, T_SHARE, &k, &r, sizeof r) == E_OK ? r.octets : 0;
}

size_t
store_size(const struct store *s)
{
	return s->map_size;
}
