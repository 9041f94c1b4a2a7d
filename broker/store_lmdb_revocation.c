/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation data in force: the newest item about each subject, under a number that rises, so that
 * a party says which number it has kept and is given what came after it. After the store was put
 * back from a copy, numbers go on from the generation, which is a time in seconds: no number is
 * given to two items. */
#include "broker/store_lmdb.h"

#include <string.h>

struct key
key_revoker(uint8_t kind, const struct digest *subject)
{
	return key_and(key_and((struct key){.size = 0}, &kind, 1), subject->octet, DIGEST_SIZE);
}

/* ---- the record ---- */

static struct revocation_record
pack(const struct revocation_facts *f, int64_t taken)
{
	struct revocation_record r = {.version = RECORD_VERSION,
		.kind = f->kind,
		.this_update = f->this_update,
		.next_update = f->next_update,
		.taken = taken};

	memcpy(r.country, f->country, sizeof r.country);
	memcpy(r.subject, f->subject.octet, sizeof r.subject);
	memcpy(r.number, f->number, sizeof r.number);
	memcpy(r.digest, f->digest.octet, sizeof r.digest);
	return r;
}

bool
revocation_unpack(struct bytes content, struct revocation_item *out, struct bytes *der)
{
	struct cursor c = cursor_of(content);
	struct revocation_record r;

	cursor_copy(&c, &r, sizeof r);
	*der = cursor_take(&c, c.left);
	if (!cursor_done(&c) || r.version != RECORD_VERSION || r.country[2] != '\0' ||
		der->size == 0 || der->size > REVOCATION_MAX)
		return false;
	*out = (struct revocation_item){.taken = r.taken,
		.facts = {.magic = REVOCATION_MAGIC,
			.code = E_OK,
			.kind = r.kind,
			.this_update = r.this_update,
			.next_update = r.next_update}};
	memcpy(out->facts.country, r.country, sizeof r.country);
	memcpy(out->facts.subject.octet, r.subject, sizeof r.subject);
	memcpy(out->facts.number, r.number, sizeof r.number);
	memcpy(out->facts.digest.octet, r.digest, sizeof r.digest);
	return true;
}

/* ---- numbers ---- */

static uint64_t
next_number(struct store_txn *t)
{
	uint64_t generation = store_generation(t->s), last;

	VIEW(v, t->s, t);
	last = table_last_seq(&v, T_REVOCATION);
	return (last >= generation ? last : generation - 1) + 1;
}

uint64_t
store_last_revocation(struct store *s)
{
	VIEW(v, s, NULL);
	return table_last_seq(&v, T_REVOCATION);
}

/* ---- verbs ---- */

void
store_set_revocation(struct store_txn *t, const struct revocation_facts *f, struct bytes der,
	int64_t now, uint64_t *number)
{
	const struct revocation_record r = pack(f, now);
	const struct seq_record new = {RECORD_VERSION, next_number(t)};
	struct seq_record place;
	struct key by = key_revoker(f->kind, &f->subject), k;
	OWNED_BUF(value) = {0};

	*number = 0;
	if (table_step(t, T_REVOKER, &by, &place, sizeof place)) {
		k = key_seq(place.seq);
		table_delete(t, T_REVOCATION, &k);
	}
	k = key_seq(new.seq);
	buf_add(&value, &r, sizeof r);
	buf_add_bytes(&value, der);
	table_put(t, T_REVOCATION, &k, buf_bytes(&value));
	table_put(t, T_REVOKER, &by, bytes_of(&new, sizeof new));
	if (t->error == E_OK)
		*number = new.seq;
}

enum err
store_next_revocation(struct store *s, struct store_txn *t, uint64_t after,
	struct revocation_item *out, struct buf *der)
{
	struct key from = key_seq(after + 1);
	struct bytes key, value, octets;

	VIEW(v, s, t);
	WALK(walk);
	if (after == UINT64_MAX)
		return E_NOT_FOUND;
	walk_begin(&walk, &v, T_REVOCATION, &from, 0);
	if (!walk_next(&walk, &key, &value))
		return v.error == E_OK ? E_NOT_FOUND : v.error;
	if (!revocation_unpack(value, out, &octets))
		return E_DAMAGED;
	out->item = key_last_seq(key);
	if (der == NULL)
		return E_OK;
	buf_reset(der);
	buf_add_bytes(der, octets);
	return E_OK;
}

enum err
store_revocation_about(struct store *s, struct store_txn *t, uint8_t kind,
	const struct digest *subject, struct revocation_item *out)
{
	struct key by = key_revoker(kind, subject);
	struct seq_record place;

	{
		VIEW(v, s, t);
		TRY(table_record(&v, T_REVOKER, &by, &place, sizeof place));
	}
	return store_next_revocation(s, t, place.seq - 1, out, NULL);
}
