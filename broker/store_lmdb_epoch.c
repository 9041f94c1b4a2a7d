/* SPDX-License-Identifier: EUPL-1.2
 *
 * What fences the past off: the epoch that each connection has said, with the incarnation of the
 * process that said it, and the version of the trust list. What cannot be read lets nobody in. */
#include "broker/store_lmdb.h"

#include <string.h>

static struct key
key_epoch(const struct party *p, const uint8_t key[32])
{
	return key_and(key_party(p), key, 32);
}

/* Of either version. */
static enum err
epoch_unpack(struct bytes content, struct epoch_record_2 *out)
{
	struct epoch_record old;

	if (content.size == sizeof *out && content.data[0] == EPOCH_VERSION) {
		memcpy(out, content.data, sizeof *out);
		return E_OK;
	}
	if (content.size != sizeof old || content.data[0] != RECORD_VERSION)
		return E_VERSION;
	memcpy(&old, content.data, sizeof old);
	*out = (struct epoch_record_2){.epoch = old.epoch};
	return E_OK;
}

uint64_t
store_epoch(struct store *s, struct store_txn *t, const struct party *p, const uint8_t key[32],
	struct id *incarnation)
{
	struct key k = key_epoch(p, key);
	struct epoch_record_2 r = {.epoch = 0};
	struct bytes content;
	enum err e;

	VIEW(v, s, t);
	e = table_get(&v, T_EPOCH, &k, &content);
	if (e == E_OK)
		e = epoch_unpack(content, &r);
	if (incarnation != NULL)
		memcpy(incarnation->octet, r.incarnation, sizeof r.incarnation);
	/* What cannot be read must not let a stale twin in. */
	return e == E_OK || e == E_NOT_FOUND ? r.epoch : UINT64_MAX;
}

void
store_set_epoch(struct store_txn *t, const struct party *p, const uint8_t key[32], uint64_t e,
	const struct id *incarnation)
{
	struct epoch_record_2 r = {.version = EPOCH_VERSION, .epoch = e};
	struct key k = key_epoch(p, key);

	memcpy(r.incarnation, incarnation->octet, sizeof r.incarnation);
	table_put(t, T_EPOCH, &k, bytes_of(&r, sizeof r));
}

/* Kept among the epochs, under a code that no party can have. */
static const struct party trust_list = {"trust-list"};
static const uint8_t no_key[32];

uint64_t
store_trust_version(struct store *s)
{
	return store_epoch(s, NULL, &trust_list, no_key, NULL);
}

void
store_set_trust_version(struct store_txn *t, uint64_t version)
{
	store_set_epoch(t, &trust_list, no_key, version, &(const struct id){{0}});
}
