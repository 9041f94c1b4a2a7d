/* SPDX-License-Identifier: EUPL-1.2
 *
 * What officers wanted, in order of number: a record, and behind it the document that it is about
 * for as long as it waits for a second officer. Nothing is ever deleted. */
#include "broker/store_lmdb.h"

#include <string.h>

static void
pack(const struct change *c, struct change_record *r)
{
	assert(c->kind < CHANGE_N && c->state < CHANGE_STATES);
	*r = (struct change_record){.version = RECORD_VERSION,
		.kind = (uint8_t)c->kind,
		.state = (uint8_t)c->state,
		.of_version = c->version,
		.proposed = c->proposed,
		.decided = c->decided,
		.by_uid = c->by_uid,
		.second_uid = c->second_uid};
	memcpy(r->party, c->party.code, sizeof r->party);
	memcpy(r->digest, c->digest.octet, sizeof r->digest);
	memcpy(r->by, c->by, sizeof r->by);
	memcpy(r->second, c->second, sizeof r->second);
	memcpy(r->reason, c->reason, sizeof r->reason);
}

static bool
is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

/* Splits a value; the document is a loan. */
static enum err
unpack(struct bytes content, uint64_t number, struct change *out, struct bytes *document)
{
	struct change_record r;

	if (content.size < sizeof r || content.data[0] != RECORD_VERSION)
		return E_VERSION;
	memcpy(&r, content.data, sizeof r);
	if (r.kind >= CHANGE_N || r.state >= CHANGE_STATES || !is_text(r.party, sizeof r.party) ||
		!is_text(r.by, sizeof r.by) || !is_text(r.second, sizeof r.second) ||
		!is_text(r.reason, sizeof r.reason))
		return E_DAMAGED;
	*out = (struct change){.number = number,
		.kind = (enum change_kind)r.kind,
		.state = (enum change_state)r.state,
		.version = r.of_version,
		.proposed = r.proposed,
		.decided = r.decided,
		.by_uid = r.by_uid,
		.second_uid = r.second_uid};
	memcpy(out->party.code, r.party, sizeof r.party);
	memcpy(out->digest.octet, r.digest, sizeof r.digest);
	memcpy(out->by, r.by, sizeof r.by);
	memcpy(out->second, r.second, sizeof r.second);
	memcpy(out->reason, r.reason, sizeof r.reason);
	*document = bytes_of(content.data + sizeof r, content.size - sizeof r);
	return E_OK;
}

static void
put(struct store_txn *t, const struct change *c, struct bytes document)
{
	struct key k = key_seq(c->number);
	struct change_record r;
	OWNED_BUF(both) = {0};

	pack(c, &r);
	buf_add(&both, &r, sizeof r);
	buf_add_bytes(&both, document);
	table_put(t, T_CHANGE, &k, buf_bytes(&both));
}

void
store_add_change(struct store_txn *t, struct change *c, struct bytes document)
{
	VIEW(v, t->s, t);
	c->number = table_last_seq(&v, T_CHANGE) + 1;
	put(t, c, document);
}

void
store_end_change(struct store_txn *t, const struct change *c)
{
	assert(c->number > 0 && c->state != CHANGE_WAITS);
	put(t, c, bytes_of(NULL, 0));
}

enum err
store_change(struct store *s, struct store_txn *t, uint64_t number, struct change *out,
	struct buf *document)
{
	struct key k = key_seq(number);
	struct bytes content, behind;

	VIEW(v, s, t);
	TRY(table_get(&v, T_CHANGE, &k, &content));
	TRY(unpack(content, number, out, &behind));
	if (document == NULL)
		return E_OK;
	buf_reset(document);
	buf_add_bytes(document, behind);
	return E_OK;
}

size_t
store_changes(struct store *s, uint64_t before, struct change *out, size_t max)
{
	struct bytes content, ignored;
	uint64_t number;
	size_t n = 0;

	VIEW(v, s, NULL);
	number = table_last_seq(&v, T_CHANGE);
	if (before != 0 && before <= number)
		number = before - 1;
	for (; n < max && number > 0; number--) {
		struct key k = key_seq(number);

		if (table_get(&v, T_CHANGE, &k, &content) == E_OK &&
			unpack(content, number, &out[n], &ignored) == E_OK)
			n++;
	}
	return n;
}

const char *
check_change(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct bytes document;
	struct change c;

	(void)run;
	if (k->size != 8 || unpack(content, 1, &c, &document) != E_OK)
		return "no change of ours";
	return c.state == CHANGE_WAITS || document.size == 0 ? NULL
							     : "has ended and holds a document";
}
