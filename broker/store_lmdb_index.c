/* SPDX-License-Identifier: EUPL-1.2
 *
 * Indexes for whoever looks for a message: by its corridor, by the tracking number of its
 * conversation, while it has not ended, and when it has ended otherwise than committed. A store
 * from before there were such is indexed once, when it is opened, in batches that say how far they
 * have come. */
#include "broker/store_lmdb_index.h"

#include <string.h>

#include "lib/log.h"

#define BATCH 1000 /* entries of one transaction, when an older store is indexed */

static const struct bytes nothing;

/* ---- keys ---- */

struct key
key_corridor(const struct corridor *c)
{
	struct key from = key_party(&c->from), to = key_party(&c->to);

	return key_and(from, to.octet, to.size);
}

struct corridor
record_corridor(const struct entry_record *r)
{
	struct corridor c;

	memcpy(c.from.code, r->from, sizeof c.from.code);
	memcpy(c.to.code, r->to, sizeof c.to.code);
	return c;
}

static bool
take_party(struct bytes *key, struct party *out)
{
	const uint8_t *end = key->size > 0 ? memchr(key->data, '\0', key->size) : NULL;
	size_t size = end == NULL ? 0 : (size_t)(end - key->data) + 1;

	*out = (struct party){""};
	if (size == 0 || size > sizeof out->code)
		return false;
	memcpy(out->code, key->data, size);
	*key = bytes_of(key->data + size, key->size - size);
	return true;
}

bool
key_to_corridor(struct bytes key, struct corridor *c)
{
	return take_party(&key, &c->from) && take_party(&key, &c->to);
}

int64_t
hour_of(int64_t ms)
{
	return ms / COUNT_HOUR_MS - (ms % COUNT_HOUR_MS < 0);
}

struct key
key_hour(int64_t hour, const struct corridor *c)
{
	struct key corridor = key_corridor(c);

	return key_and(key_time(hour), corridor.octet, corridor.size);
}

bool
key_to_hour(struct bytes key, int64_t *hour, struct corridor *c)
{
	if (key.size < 8)
		return false;
	*hour = key_to_time(bytes_of(key.data, 8));
	return key_to_corridor(bytes_of(key.data + 8, key.size - 8), c);
}

struct key
key_tracking(uint64_t bits)
{
	uint8_t octets[5];

	for (int i = 0; i < 5; i++)
		octets[i] = (uint8_t)(bits >> (32 - 8 * i));
	return key_and((struct key){.size = 0}, octets, sizeof octets);
}

struct key
key_open(const struct corridor *c, bool taken)
{
	uint8_t octet = taken;

	return key_and(key_corridor(c), &octet, 1);
}

struct key
key_ended(enum stage s)
{
	uint8_t octet = (uint8_t)s;

	return key_and((struct key){.size = 0}, &octet, 1);
}

/* ---- the life of a message ---- */

bool
stage_is_listed(enum stage s)
{
	return stage_final(s) && s != ST_COMMITTED;
}

static bool
conversation_is_new(struct store_txn *t, const struct key *conversation)
{
	struct bytes key, value;

	VIEW(v, t->s, t);
	WALK(walk);
	walk_begin(&walk, &v, T_CONVERSATION, conversation, conversation->size);
	return !walk_next(&walk, &key, &value);
}

static void
put_tracking(struct store_txn *t, uint64_t seq, const struct id *conversation)
{
	struct key k = key_and_seq(key_tracking(tracking_bits(conversation)), seq);

	table_put(t, T_TRACKING, &k, nothing);
}

static void
put_in_corridor(struct store_txn *t, uint64_t seq, const struct entry_record *r)
{
	struct corridor c = record_corridor(r);
	struct key k = key_and_seq(key_corridor(&c), seq);

	table_put(t, T_BY_CORRIDOR, &k, nothing);
}

static void
put_open(struct store_txn *t, uint64_t seq, const struct entry_record *r, enum stage s)
{
	struct corridor c = record_corridor(r);
	struct key k = key_and_seq(key_open(&c, s != ST_ACCEPTED), seq);

	table_put(t, T_OPEN, &k, nothing);
}

static void
drop_open(struct store_txn *t, uint64_t seq, const struct entry_record *r)
{
	struct corridor c = record_corridor(r);
	struct key k = key_and_seq(key_open(&c, r->stage != ST_ACCEPTED), seq);

	table_delete(t, T_OPEN, &k);
}

static void
put_ended(struct store_txn *t, uint64_t seq, enum stage s)
{
	struct key k = key_and_seq(key_ended(s), seq);

	table_put(t, T_ENDED, &k, nothing);
}

static struct id
conversation_of(const struct entry_record *r)
{
	struct id id;

	memcpy(id.octet, r->conversation, sizeof id.octet);
	return id;
}

void
index_enter(struct store_txn *t, uint64_t seq, const struct entry_record *r)
{
	struct id conversation = conversation_of(r);
	struct key k = key_id(&conversation);

	if (conversation_is_new(t, &k))
		put_tracking(t, seq, &conversation);
	put_in_corridor(t, seq, r);
	put_open(t, seq, r, ST_ACCEPTED);
	count_reached(t, r, ST_ACCEPTED, r->at[ST_ACCEPTED], 1);
}

void
index_state(struct store_txn *t, uint64_t seq, const struct entry_record *r,
	const struct statement *what)
{
	if (what->stage == ST_ACCEPTED) { /* counted when it entered, by the same clock or nearly */
		if (hour_of(what->at) == hour_of(r->at[ST_ACCEPTED]))
			return;
		count_reached(t, r, ST_ACCEPTED, r->at[ST_ACCEPTED], -1);
	}
	count_reached(t, r, what->stage, what->at, 1);
	if (what->stage != r->stage)
		drop_open(t, seq, r);
	if (what->stage != r->stage && !stage_final(what->stage))
		put_open(t, seq, r, what->stage);
	if (stage_is_listed(what->stage))
		put_ended(t, seq, what->stage);
}

/* ---- a store from before ---- */

/* What store_accept and store_state would have written. */
static void
index_again(struct store_txn *t, uint64_t seq, const struct entry_record *r)
{
	struct id conversation = conversation_of(r);
	struct key k = key_id(&conversation);
	struct bytes key, value;
	bool first;

	{
		VIEW(v, t->s, t);
		WALK(walk);
		walk_begin(&walk, &v, T_CONVERSATION, &k, k.size);
		first = walk_next(&walk, &key, &value) && key_last_seq(key) == seq;
	}
	if (first)
		put_tracking(t, seq, &conversation);
	put_in_corridor(t, seq, r);
	if (!stage_final((enum stage)r->stage))
		put_open(t, seq, r, (enum stage)r->stage);
	if (stage_is_listed((enum stage)r->stage))
		put_ended(t, seq, (enum stage)r->stage);
	for (enum stage s = 0; s < ST_CONFLICT; s++)
		if (s == ST_ACCEPTED || r->at[s] != 0)
			count_reached(t, r, s, r->at[s], 1);
}

static void
put_progress(struct store_txn *t, uint64_t seq)
{
	const struct seq_record r = {RECORD_VERSION, seq};
	struct key k = key_text("index");

	table_put(t, T_META, &k, bytes_of(&r, sizeof r));
}

void
index_start(struct store_txn *t)
{
	if (t->figures.messages > 0)
		put_progress(t, 0);
}

bool
index_is_due(const struct view *v)
{
	struct key k = key_text("index");
	struct bytes ignored;

	return table_get(v, T_META, &k, &ignored) != E_NOT_FOUND;
}

/* True while there is more. */
static bool
batch(struct store_txn *t, uint64_t done)
{
	uint64_t end = t->figures.messages - done > BATCH ? done + BATCH : t->figures.messages;
	struct key k = key_text("index");
	struct entry_record r;

	for (uint64_t seq = done + 1; seq <= end && t->error == E_OK; seq++)
		if (step_entry(t, seq, &r))
			index_again(t, seq, &r);
	if (end < t->figures.messages)
		put_progress(t, end);
	else
		table_delete(t, T_META, &k);
	return t->error == E_OK && end < t->figures.messages;
}

enum err
index_finish(struct store *s)
{
	struct key k = key_text("index");
	struct seq_record at;
	bool more = true;

	while (more) {
		struct store_txn *t = store_begin(s);

		more = table_step(t, T_META, &k, &at, sizeof at) && at.seq <= t->figures.messages;
		if (more && at.seq == 0)
			log_line(LOG_NOTICE, "store: indexing messages=%llu",
				(unsigned long long)t->figures.messages);
		more = more && batch(t, at.seq);
		TRY(store_commit(&t));
	}
	return E_OK;
}
