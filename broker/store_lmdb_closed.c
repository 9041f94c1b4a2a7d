/* SPDX-License-Identifier: EUPL-1.2
 *
 * Channels that officers have closed, and whether anything new is taken at all. As with standings
 * (store_lmdb_standing.c), a record that cannot be read takes away. */
#include "broker/store_lmdb.h"

static struct key
key_closed(const struct party *from, const struct party *to)
{
	struct key addressee = key_party(to);

	return key_and(key_party(from), addressee.octet, addressee.size);
}

static bool
is_off(enum err e, const struct decision *d)
{
	return e != E_NOT_FOUND && (e != E_OK || d->standing != STANDING_GOOD);
}

bool
store_is_closed(
	struct store *s, struct store_txn *t, const struct party *from, const struct party *to)
{
	struct decision d;

	return is_off(store_closed(s, t, from, to, &d), &d);
}

enum err
store_closed(struct store *s, struct store_txn *t, const struct party *from, const struct party *to,
	struct decision *out)
{
	struct key k = key_closed(from, to);

	return decision_get(s, t, T_CLOSED, &k, out);
}

void
store_set_closed(struct store_txn *t, const struct party *from, const struct party *to,
	const struct decision *d)
{
	struct key k = key_closed(from, to);

	decision_put(t, T_CLOSED, &k, d);
}

bool
store_is_draining(struct store *s, struct store_txn *t)
{
	struct decision d;

	return is_off(store_drain(s, t, &d), &d);
}

enum err
store_drain(struct store *s, struct store_txn *t, struct decision *out)
{
	struct key k = key_text("drain");

	return decision_get(s, t, T_META, &k, out);
}

void
store_set_drain(struct store_txn *t, const struct decision *d)
{
	struct key k = key_text("drain");

	decision_put(t, T_META, &k, d);
}

const char *
check_closed(struct scrub_run *run, const struct key *k, struct bytes content)
{
	(void)run;
	return k->size > 3 && is_decision(content) ? NULL : "no closed channel of ours";
}
