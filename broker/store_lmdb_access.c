/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who has handled a message in other ways than its stages tell. What somebody looks at again and
 * again fills no store: the same within a minute is one entry, and there is a bound for each
 * message, at which the newest takes the last place. */
#include "broker/store_lmdb.h"

#include <string.h>

#define AGAIN_MS 60000

static struct access
unpacked(const struct access_record *r)
{
	struct access a = {.kind = (enum access_kind)r->kind, .at = r->at, .uid = r->uid};

	memcpy(a.by, r->by, sizeof a.by - 1);
	return a;
}

/* Those of this message, in order; *last is the number of the last. */
static size_t
walk_accesses(const struct view *v, uint64_t seq, struct access *out, size_t max, uint64_t *last)
{
	struct key prefix = key_seq(seq);
	struct bytes key, value;
	struct access_record r;
	size_t n = 0;

	*last = 0;
	WALK(walk);
	walk_begin(&walk, v, T_ACCESS, &prefix, prefix.size);
	while (n < max && walk_next(&walk, &key, &value) && value.size == sizeof r) {
		memcpy(&r, value.data, sizeof r);
		if (r.kind >= ACCESS_N)
			break;
		*last = key_last_seq(key);
		out[n++] = unpacked(&r);
	}
	return n;
}

static bool
is_again(const struct access *old, const struct access *a)
{
	return old->kind == a->kind && old->uid == a->uid && strcmp(old->by, a->by) == 0 &&
	       a->at >= old->at && a->at - old->at < AGAIN_MS;
}

void
store_add_access(struct store_txn *t, uint64_t seq, const struct access *a)
{
	struct access_record r = {
		.version = RECORD_VERSION, .kind = (uint8_t)a->kind, .at = a->at, .uid = a->uid};
	struct access known[STORE_ACCESSES_MAX];
	uint64_t last;
	size_t n;
	struct key k;

	VIEW(v, t->s, t);
	n = walk_accesses(&v, seq, known, STORE_ACCESSES_MAX, &last);
	for (size_t i = 0; i < n; i++)
		if (is_again(&known[i], a))
			return;
	memcpy(r.by, a->by, sizeof r.by);
	k = key_and_seq(key_seq(seq), n == STORE_ACCESSES_MAX ? last : last + 1);
	table_put(t, T_ACCESS, &k, bytes_of(&r, sizeof r));
}

size_t
store_accesses(struct store *s, struct store_txn *t, uint64_t seq, struct access *out, size_t max)
{
	uint64_t last;

	VIEW(v, s, t);
	return walk_accesses(&v, seq, out, max, &last);
}

const char *
check_access(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct access_record r;
	struct entry_record e;
	uint64_t seq;

	if (content.size != sizeof r || k->size != 16)
		return "no access of ours";
	memcpy(&r, content.data, sizeof r);
	seq = key_last_seq(bytes_of(k->octet, 8));
	return r.kind < ACCESS_N && entry_record_get(run->view, seq, &e) == E_OK
		       ? NULL
		       : "its entry is missing";
}
