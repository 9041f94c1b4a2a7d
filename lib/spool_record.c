/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys and records of the spool as they stand on disk. */
#include "lib/spool_lmdb.h"

#include <string.h>

struct key
key_order(uint64_t order)
{
	struct key k = {.size = 8};

	for (int i = 0; i < 8; i++)
		k.octet[i] = (uint8_t)(order >> (56 - 8 * i));
	return k;
}

struct key
key_more(struct key k, const void *data, size_t size)
{
	assert(k.size + size <= sizeof k.octet);
	memcpy(k.octet + k.size, data, size);
	k.size += size;
	return k;
}

struct bytes
key_bytes(const struct key *k)
{
	return bytes_of(k->octet, k->size);
}

uint64_t
key_order_of(struct bytes key)
{
	struct cursor c = cursor_of(key);

	return cursor_u64(&c);
}

void
word_pack(char *out, size_t size, const char *word)
{
	memset(out, 0, size);
	if (!copy_text(out, size, word))
		assert(!"a word that does not fit its field");
}

static void
token_pack(const struct header *h, struct token_record *out)
{
	const struct consent_token *k = &h->token;

	memset(out, 0, sizeof *out);
	if (!h->has_token)
		return;
	out->present = 1;
	out->cleared = k->cleared;
	memcpy(out->id, k->id.octet, ID_SIZE);
	memcpy(out->conversation, k->conversation.octet, ID_SIZE);
	word_pack(out->by, PARTY_SIZE, k->by.code);
	word_pack(out->holder, PARTY_SIZE, k->holder.code);
	word_pack(out->destination, PARTY_SIZE, k->destination.code);
	word_pack(out->purpose, sizeof out->purpose, k->purpose);
	out->issued = k->issued;
	out->valid_until = k->valid_until;
	memcpy(out->cert, k->cert.octet, DIGEST_SIZE);
	memcpy(out->cleared_by, k->cleared_by.octet, DIGEST_SIZE);
}

static void
token_unpack(const struct token_record *r, struct header *out)
{
	struct consent_token *k = &out->token;

	out->has_token = r->present != 0;
	k->cleared = r->cleared != 0;
	memcpy(k->id.octet, r->id, ID_SIZE);
	memcpy(k->conversation.octet, r->conversation, ID_SIZE);
	memcpy(k->by.code, r->by, PARTY_SIZE);
	memcpy(k->holder.code, r->holder, PARTY_SIZE);
	memcpy(k->destination.code, r->destination, PARTY_SIZE);
	memcpy(k->purpose, r->purpose, sizeof r->purpose);
	k->issued = r->issued;
	k->valid_until = r->valid_until;
	memcpy(k->cert.octet, r->cert, DIGEST_SIZE);
	memcpy(k->cleared_by.octet, r->cleared_by, DIGEST_SIZE);
}

void
header_pack(const struct header *h, struct header_record *out, struct token_record *token)
{
	token_pack(h, token);
	memset(out, 0, sizeof *out);
	word_pack(out->realm, sizeof out->realm, h->realm);
	memcpy(out->id, h->id.octet, ID_SIZE);
	memcpy(out->conversation, h->conversation.octet, ID_SIZE);
	memcpy(out->leg, h->leg.octet, ID_SIZE);
	word_pack(out->action, sizeof out->action, action_word(h->action));
	word_pack(out->from, PARTY_SIZE, h->from.code);
	word_pack(out->to, PARTY_SIZE, h->to.code);
	if (h->has_on_behalf_of)
		word_pack(out->on_behalf_of, PARTY_SIZE, h->on_behalf_of.code);
	out->created = h->created;
	out->expires = h->expires;
	out->retain_until = h->retain_until;
	out->channel_seq = h->channel_seq;
	out->has_ref = h->has_ref;
	if (h->has_ref) {
		memcpy(out->ref, h->ref.octet, ID_SIZE);
		memcpy(out->ref_digest, h->ref_digest.octet, DIGEST_SIZE);
	}
	out->has_key = h->has_key;
	if (h->has_key)
		memcpy(out->key, h->key.octet, DIGEST_SIZE);
	word_pack(out->agreement, AGREEMENT_SIZE, h->agreement);
	word_pack(out->purpose, PURPOSE_SIZE, h->purpose);
}

void
header_unpack(const struct header_record *r, const struct token_record *token, struct header *out)
{
	memset(out, 0, sizeof *out);
	token_unpack(token, out);
	memcpy(out->realm, r->realm, REALM_SIZE);
	memcpy(out->id.octet, r->id, ID_SIZE);
	memcpy(out->conversation.octet, r->conversation, ID_SIZE);
	memcpy(out->leg.octet, r->leg, ID_SIZE);
	if (!action_parse(r->action, &out->action))
		out->action = ACTION_N;
	memcpy(out->from.code, r->from, PARTY_SIZE);
	memcpy(out->to.code, r->to, PARTY_SIZE);
	memcpy(out->on_behalf_of.code, r->on_behalf_of, PARTY_SIZE);
	out->has_on_behalf_of = r->on_behalf_of[0] != '\0';
	out->created = r->created;
	out->expires = r->expires;
	out->retain_until = r->retain_until;
	out->channel_seq = r->channel_seq;
	out->has_ref = r->has_ref != 0;
	memcpy(out->ref.octet, r->ref, ID_SIZE);
	memcpy(out->ref_digest.octet, r->ref_digest, DIGEST_SIZE);
	out->has_key = r->has_key != 0;
	memcpy(out->key.octet, r->key, DIGEST_SIZE);
	memcpy(out->agreement, r->agreement, AGREEMENT_SIZE);
	memcpy(out->purpose, r->purpose, PURPOSE_SIZE);
}

void
txn_body(struct txn *t, enum table table, uint64_t order, const uint8_t digest[DIGEST_SIZE],
	struct buf *out)
{
	struct key k = key_order(order);
	struct digest d;
	struct bytes v;

	buf_reset(out);
	if (!txn_get(t, table, key_bytes(&k), &v)) {
		txn_fail(t, E_IO);
		return;
	}
	digest_of(v.data, v.size, &d);
	if (memcmp(d.octet, digest, DIGEST_SIZE) != 0)
		txn_fail(t, E_IO);
	else
		buf_add_bytes(out, v);
}

bool
txn_has_body(struct txn *t, enum table table, uint64_t order)
{
	struct key k = key_order(order);

	return txn_has(t, table, key_bytes(&k));
}
