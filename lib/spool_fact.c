/* SPDX-License-Identifier: EUPL-1.2
 *
 * Facts that are counted and facts that move: what waits for a person stands under one name, and
 * under another when he has seen it. */
#include "lib/spool_lmdb.h"

#include <string.h>

enum err
spool_move_fact(struct spool *s, const char *from, const char *to)
{
	const struct bytes old = bytes_of(from, strlen(from));
	OWNED_BUF(value) = {0};
	struct bytes v;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	if (!txn_get(&t, T_FACT, old, &v)) {
		txn_fail(&t, E_NOT_FOUND);
		return txn_end(&t);
	}
	buf_add_bytes(&value, v);
	txn_delete(&t, T_FACT, old);
	txn_put(&t, T_FACT, bytes_of(to, strlen(to)), buf_bytes(&value));
	return txn_commit(&t);
}

enum err
spool_mark_fact(struct spool *s, const char *key)
{
	const struct bytes name = bytes_of(key, strlen(key));
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	if (txn_has(&t, T_FACT, name))
		return txn_end(&t);
	txn_put(&t, T_FACT, name, bytes_of(NULL, 0));
	return txn_commit(&t);
}

enum err
spool_drop_fact(struct spool *s, const char *key)
{
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	txn_delete(&t, T_FACT, bytes_of(key, strlen(key)));
	return txn_commit(&t);
}

enum err
spool_drop_facts(struct spool *s, const char *prefix)
{
	const struct bytes from = bytes_of(prefix, strlen(prefix));
	struct bytes key, value;
	OWNED_BUF(name) = {0};
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	while (txn_seek(&t, T_FACT, from, &key, &value) && key.size >= from.size &&
		memcmp(key.data, prefix, from.size) == 0) {
		buf_reset(&name); /* the key lies in the page that it leaves */
		buf_add_bytes(&name, key);
		txn_delete(&t, T_FACT, buf_bytes(&name));
	}
	return txn_commit(&t);
}

static bool
count_one(void *context, const char *key, struct bytes value)
{
	(void)key;
	(void)value;
	++*(size_t *)context;
	return true;
}

size_t
spool_count_facts(struct spool *s, const char *prefix)
{
	size_t n = 0;

	return spool_each_fact(s, prefix, count_one, &n) == E_OK ? n : 0;
}
