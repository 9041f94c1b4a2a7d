/* SPDX-License-Identifier: EUPL-1.2
 *
 * Legal holds. There are few or none, so that asking whether a message is held costs a look at an
 * empty table. */
#include "broker/store_lmdb.h"

#include <string.h>

static struct key
key_of(const struct legal_subject *of)
{
	struct key kind = {.octet = {of->is_case ? 'c' : 'm'}, .size = 1};
	struct key which = of->is_case ? key_id(&of->conversation) : key_seq(of->seq);

	return key_and(kind, which.octet, which.size);
}

static bool
subject_of(struct bytes key, struct legal_subject *out)
{
	*out = (struct legal_subject){.is_case = key.size > 0 && key.data[0] == 'c'};
	if (out->is_case && key.size == 1 + ID_SIZE)
		memcpy(out->conversation.octet, key.data + 1, ID_SIZE);
	else if (!out->is_case && key.size == 9)
		out->seq = key_last_seq(key);
	else
		return false;
	return true;
}

static struct legal_hold
unpacked(const struct legal_record *r)
{
	struct legal_hold h = {.since = r->since, .uid = r->uid};

	memcpy(h.by, r->by, sizeof h.by - 1);
	memcpy(h.reason, r->reason, sizeof h.reason - 1);
	return h;
}

void
store_legal_hold(struct store_txn *t, const struct legal_subject *of, const struct legal_hold *h)
{
	struct legal_record r = {.version = RECORD_VERSION, .since = h->since, .uid = h->uid};
	struct key k = key_of(of);

	memcpy(r.by, h->by, sizeof r.by);
	memcpy(r.reason, h->reason, sizeof r.reason);
	table_put(t, T_LEGAL, &k, bytes_of(&r, sizeof r));
}

void
store_legal_lift(struct store_txn *t, const struct legal_subject *of)
{
	struct key k = key_of(of);

	table_delete(t, T_LEGAL, &k);
}

enum err
store_legal(struct store *s, struct store_txn *t, const struct legal_subject *of,
	struct legal_hold *out)
{
	struct key k = key_of(of);
	struct legal_record r;

	VIEW(v, s, t);
	TRY(table_record(&v, T_LEGAL, &k, &r, sizeof r));
	*out = unpacked(&r);
	return E_OK;
}

bool
store_is_legally_held(
	struct store *s, struct store_txn *t, uint64_t seq, const struct id *conversation)
{
	const struct legal_subject message = {.seq = seq};
	const struct legal_subject whole = {.is_case = true, .conversation = *conversation};
	struct legal_hold h;

	return store_legal(s, t, &message, &h) != E_NOT_FOUND ||
	       store_legal(s, t, &whole, &h) != E_NOT_FOUND;
}

bool
step_legally_held(struct store_txn *t, uint64_t seq, const struct entry_record *r)
{
	struct id conversation;

	memcpy(conversation.octet, r->conversation, sizeof conversation.octet);
	return store_is_legally_held(t->s, t, seq, &conversation);
}

size_t
store_legal_holds(
	struct store *s, const struct legal_subject *after, struct legal_item *out, size_t max)
{
	struct key from = {.size = 0};
	struct bytes key, value;
	struct legal_record r;
	size_t n = 0;

	if (after != NULL) {
		from = key_of(after);
		from = key_and(from, "", 1); /* the least key behind it */
	}
	VIEW(v, s, NULL);
	WALK(walk);
	walk_begin(&walk, &v, T_LEGAL, &from, 0);
	while (n < max && walk_next(&walk, &key, &value) && value.size == sizeof r &&
		subject_of(key, &out[n].of)) {
		memcpy(&r, value.data, sizeof r);
		out[n++].hold = unpacked(&r);
	}
	return n;
}

const char *
check_legal(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct legal_subject of;
	struct entry_record e;

	if (content.size != sizeof(struct legal_record) ||
		!subject_of(bytes_of(k->octet, k->size), &of))
		return "no legal hold of ours";
	return of.is_case || entry_record_get(run->view, of.seq, &e) == E_OK
		       ? NULL
		       : "its entry is missing";
}
