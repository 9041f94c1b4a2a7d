/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys and entries as octets. What comes back from the disk is not believed blindly: a word that is
 * on no list, or a text without its end, means that the record is not one that we wrote. */
#include "broker/store_lmdb.h"

#include <string.h>

/* ---- keys ---- */

struct key
key_and(struct key k, const void *octets, size_t size)
{
	assert(k.size + size <= sizeof k.octet);
	memcpy(k.octet + k.size, octets, size);
	k.size += size;
	return k;
}

struct key
key_and_seq(struct key k, uint64_t seq)
{
	uint8_t octets[8];

	for (int i = 0; i < 8; i++)
		octets[i] = (uint8_t)(seq >> (56 - 8 * i));
	return key_and(k, octets, sizeof octets);
}

struct key
key_text(const char *name)
{
	return key_and((struct key){.size = 0}, name, strlen(name));
}

struct key
key_seq(uint64_t seq)
{
	return key_and_seq((struct key){.size = 0}, seq);
}

struct key
key_party(const struct party *p)
{
	return key_and((struct key){.size = 0}, p->code, strnlen(p->code, PARTY_SIZE - 1) + 1);
}

struct key
key_id(const struct id *id)
{
	return key_and((struct key){.size = 0}, id->octet, ID_SIZE);
}

/* Times before 1970 sort before the others. */
struct key
key_time(int64_t ms)
{
	return key_seq((uint64_t)ms ^ (uint64_t)1 << 63);
}

uint64_t
key_last_seq(struct bytes key)
{
	uint64_t n = 0;

	assert(key.size >= 8);
	for (size_t i = key.size - 8; i < key.size; i++)
		n = n << 8 | key.data[i];
	return n;
}

int64_t
key_to_time(struct bytes key)
{
	return (int64_t)(key_last_seq(key) ^ (uint64_t)1 << 63);
}

/* ---- entries ---- */

static void
pack_header(const struct header *h, struct entry_record *out)
{
	memcpy(out->realm, h->realm, sizeof out->realm);
	memcpy(out->id, h->id.octet, sizeof out->id);
	memcpy(out->conversation, h->conversation.octet, sizeof out->conversation);
	memcpy(out->leg, h->leg.octet, sizeof out->leg);
	strncpy(out->action, action_word(h->action), sizeof out->action - 1);
	memcpy(out->from, h->from.code, sizeof out->from);
	memcpy(out->to, h->to.code, sizeof out->to);
	if (h->has_on_behalf_of)
		memcpy(out->on_behalf_of, h->on_behalf_of.code, sizeof out->on_behalf_of);
	out->created = h->created;
	out->expires = h->expires;
	out->retain_until = h->retain_until;
	out->channel_seq = h->channel_seq;
	out->has_ref = h->has_ref;
	out->has_key = h->has_key;
	memcpy(out->ref, h->ref.octet, sizeof out->ref);
	memcpy(out->ref_digest, h->ref_digest.octet, sizeof out->ref_digest);
	memcpy(out->key, h->key.octet, sizeof out->key);
	memcpy(out->agreement, h->agreement, sizeof out->agreement);
	memcpy(out->purpose, h->purpose, sizeof out->purpose);
}

static void
pack_token(const struct consent_token *k, struct entry_record *out)
{
	out->has_token = 1;
	out->cleared = k->cleared;
	memcpy(out->token, k->id.octet, sizeof out->token);
	memcpy(out->token_conversation, k->conversation.octet, sizeof out->token_conversation);
	memcpy(out->token_by, k->by.code, sizeof out->token_by);
	memcpy(out->holder, k->holder.code, sizeof out->holder);
	memcpy(out->destination, k->destination.code, sizeof out->destination);
	memcpy(out->token_purpose, k->purpose, sizeof out->token_purpose);
	out->issued = k->issued;
	out->valid_until = k->valid_until;
	memcpy(out->granted_by, k->cert.octet, sizeof out->granted_by);
	memcpy(out->cleared_by, k->cleared_by.octet, sizeof out->cleared_by);
}

void
entry_pack(const struct entry *e, struct entry_record *out)
{
	*out = (struct entry_record){.version = ENTRY_VERSION, .shown = e->shown};
	pack_header(&e->header, out);
	if (e->header.has_token)
		pack_token(&e->header.token, out);
	memcpy(out->digest, e->digest.octet, sizeof out->digest);
	out->size = e->size;
	out->attempts = e->attempts;
	out->stage = (uint8_t)e->stage;
	for (int s = 0; s < STAGE_N; s++)
		out->at[s] = e->at[s];
	memcpy(out->code, e->code, sizeof out->code);
	memcpy(out->by, e->by.octet, sizeof out->by);
}

/* Copies a text that must end within its room. */
static bool
unpack_text(char *out, const char *in, size_t size)
{
	memcpy(out, in, size);
	return memchr(in, '\0', size) != NULL;
}

static bool
unpack_action(const char word[32], enum action *out)
{
	char text[32];

	return unpack_text(text, word, sizeof text) && action_parse(text, out);
}

static bool
unpack_header(const struct entry_record *r, struct header *out)
{
	*out = (struct header){.created = r->created,
		.expires = r->expires,
		.retain_until = r->retain_until,
		.channel_seq = r->channel_seq,
		.has_ref = r->has_ref != 0,
		.has_key = r->has_key != 0,
		.has_on_behalf_of = r->on_behalf_of[0] != '\0'};
	memcpy(out->id.octet, r->id, sizeof r->id);
	memcpy(out->conversation.octet, r->conversation, sizeof r->conversation);
	memcpy(out->leg.octet, r->leg, sizeof r->leg);
	memcpy(out->ref.octet, r->ref, sizeof r->ref);
	memcpy(out->ref_digest.octet, r->ref_digest, sizeof r->ref_digest);
	memcpy(out->key.octet, r->key, sizeof r->key);
	return unpack_text(out->realm, r->realm, sizeof r->realm) &&
	       unpack_text(out->from.code, r->from, sizeof r->from) &&
	       unpack_text(out->to.code, r->to, sizeof r->to) &&
	       unpack_text(out->on_behalf_of.code, r->on_behalf_of, sizeof r->on_behalf_of) &&
	       unpack_text(out->agreement, r->agreement, sizeof r->agreement) &&
	       unpack_text(out->purpose, r->purpose, sizeof r->purpose) &&
	       unpack_action(r->action, &out->action);
}

static bool
unpack_token(const struct entry_record *r, struct header *out)
{
	struct consent_token *k = &out->token;

	out->has_token = r->has_token != 0;
	k->cleared = r->cleared != 0;
	memcpy(k->id.octet, r->token, sizeof r->token);
	memcpy(k->conversation.octet, r->token_conversation, sizeof r->token_conversation);
	k->issued = r->issued;
	k->valid_until = r->valid_until;
	memcpy(k->cert.octet, r->granted_by, sizeof r->granted_by);
	memcpy(k->cleared_by.octet, r->cleared_by, sizeof r->cleared_by);
	return unpack_text(k->by.code, r->token_by, sizeof r->token_by) &&
	       unpack_text(k->holder.code, r->holder, sizeof r->holder) &&
	       unpack_text(k->destination.code, r->destination, sizeof r->destination) &&
	       unpack_text(k->purpose, r->token_purpose, sizeof r->token_purpose);
}

enum err
entry_record_read(struct bytes content, struct entry_record *out)
{
	bool old = content.size == ENTRY_SIZE_1 && content.data[0] == RECORD_VERSION;

	if (!old && (content.size != sizeof *out || content.data[0] != ENTRY_VERSION))
		return E_VERSION;
	*out = (struct entry_record){.shown = 1};
	memcpy(out, content.data, content.size);
	return E_OK;
}

enum err
entry_record_get(const struct view *v, uint64_t seq, struct entry_record *out)
{
	struct key k = key_seq(seq);
	struct bytes content;

	TRY(table_get(v, T_ENTRY, &k, &content));
	return entry_record_read(content, out);
}

bool
record_is_urgent(const struct entry_record *r)
{
	return r->has_token != 0 &&
	       strncmp(r->action, action_word(A_CANCELLATION), sizeof r->action) == 0;
}

bool
outlives_consent(enum action a)
{
	return a == A_CANCELLATION || a == A_TRANSCRIPTION_OUTCOME || a == A_CORRECTION_OUTCOME;
}

int64_t
record_due(const struct entry_record *r)
{
	enum action a;
	bool sooner = r->has_token != 0 && r->valid_until < r->expires &&
		      unpack_action(r->action, &a) && !outlives_consent(a);

	return sooner ? r->valid_until : r->expires;
}

int64_t
entry_due(const struct entry *e)
{
	const struct header *h = &e->header;
	bool sooner =
		h->has_token && !outlives_consent(h->action) && h->token.valid_until < h->expires;

	return sooner ? h->token.valid_until : h->expires;
}

enum err
entry_unpack(const struct entry_record *r, uint64_t seq, struct entry *out)
{
	*out = (struct entry){
		.seq = seq, .size = r->size, .attempts = r->attempts, .shown = r->shown != 0};
	if (r->stage >= STAGE_N || !unpack_header(r, &out->header) ||
		!unpack_token(r, &out->header) || !unpack_text(out->code, r->code, sizeof r->code))
		return E_DAMAGED;
	out->stage = (enum stage)r->stage;
	for (int s = 0; s < STAGE_N; s++)
		out->at[s] = r->at[s];
	memcpy(out->digest.octet, r->digest, sizeof r->digest);
	memcpy(out->by.octet, r->by, sizeof r->by);
	return E_OK;
}
