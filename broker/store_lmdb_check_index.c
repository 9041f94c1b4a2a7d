/* SPDX-License-Identifier: EUPL-1.2
 *
 * Scrub of the indexes and counters. Each key leads to an entry that belongs there, each entry is
 * where it belongs, and the counters are what counting the entries again gives. That is compared
 * without keeping as many counters again: each message adds a fingerprint of its corridor, hour and
 * stage to a sum, each counter as many times its own. */
#include "broker/store_lmdb_index.h"

#include <string.h>

/* ---- keys ---- */

static bool
entry_at_end(struct scrub_run *run, const struct key *k, struct entry_record *out)
{
	return k->size > 8 &&
	       entry_record_get(run->view, key_last_seq(bytes_of(k->octet, k->size)), out) == E_OK;
}

static bool
is_key(const struct key *k, struct key prefix)
{
	return k->size == prefix.size + 8 && memcmp(k->octet, prefix.octet, prefix.size) == 0;
}

const char *
check_by_corridor(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct entry_record r;
	struct corridor c;

	(void)content;
	if (!entry_at_end(run, k, &r))
		return "its entry is missing";
	c = record_corridor(&r);
	return is_key(k, key_corridor(&c)) ? NULL : "its entry is of another corridor";
}

const char *
check_open(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct entry_record r;
	struct corridor c;

	(void)content;
	if (!entry_at_end(run, k, &r))
		return "its entry is missing";
	if (stage_final((enum stage)r.stage))
		return "has ended and is open";
	c = record_corridor(&r);
	return is_key(k, key_open(&c, r.stage != ST_ACCEPTED))
		       ? NULL
		       : "its entry is of another corridor, or was taken";
}

const char *
check_ended(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct entry_record r;

	(void)content;
	if (!entry_at_end(run, k, &r))
		return "its entry is missing";
	return is_key(k, key_ended((enum stage)r.stage)) && stage_is_listed((enum stage)r.stage)
		       ? NULL
		       : "its entry has ended otherwise";
}

const char *
check_tracking(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct entry_record r;
	struct id conversation;

	(void)content;
	if (!entry_at_end(run, k, &r))
		return "its entry is missing";
	memcpy(conversation.octet, r.conversation, sizeof conversation.octet);
	return is_key(k, key_tracking(tracking_bits(&conversation)))
		       ? NULL
		       : "its entry has another number";
}

/* ---- entries ---- */

static bool
is_there(struct scrub_run *run, enum table table, struct key prefix, uint64_t seq)
{
	struct key k = key_and_seq(prefix, seq);
	struct bytes ignored;

	return table_get(run->view, table, &k, &ignored) == E_OK;
}

static bool
is_first(struct scrub_run *run, const struct id *conversation, uint64_t seq)
{
	struct key k = key_id(conversation);
	struct bytes key, value;

	WALK(walk);
	walk_begin(&walk, run->view, T_CONVERSATION, &k, k.size);
	return walk_next(&walk, &key, &value) && key_last_seq(key) == seq;
}

static uint64_t
mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* Of what is counted together: one corridor, one hour or day. */
static uint64_t
fingerprint(const struct corridor *c, bool by_day, int64_t at)
{
	struct key k = key_corridor(c);
	uint64_t h = mix(by_day ? 1 : 2, (uint64_t)at);

	for (size_t i = 0; i < k.size; i++)
		h = mix(h, k.octet[i]);
	return h;
}

static uint64_t
of_stage(uint64_t fingerprint, unsigned stage)
{
	return mix(fingerprint, 100 + stage);
}

static uint64_t
of_wait(uint64_t fingerprint, unsigned i)
{
	return mix(fingerprint, 200 + i);
}

static void
count_stage(struct scrub_run *run, const struct corridor *c, enum stage s, int64_t at, int64_t wait)
{
	int64_t hour = hour_of(at), day = hour / 24 - (hour % 24 < 0);
	bool by_day = hour < run->first_hour;
	uint64_t f = fingerprint(c, by_day, by_day ? day : hour);
	unsigned i = 0;

	run->counted += of_stage(f, s);
	if (!stage_final(s))
		return;
	wait = wait > 0 ? wait : 0;
	while (wait > waits_until[i])
		i++;
	run->counted += of_wait(f, i) + mix(f, 300) * (uint64_t)wait;
}

static void
count_again(struct scrub_run *run, const struct entry_record *r)
{
	struct corridor c = record_corridor(r);

	for (enum stage s = 0; s < ST_CONFLICT; s++)
		if (s == ST_ACCEPTED || r->at[s] != 0)
			count_stage(run, &c, s, r->at[s], r->at[s] - r->at[ST_ACCEPTED]);
}

const char *
check_indexed(struct scrub_run *run, const struct entry_record *r, uint64_t seq)
{
	enum stage stage = (enum stage)r->stage;
	struct corridor c = record_corridor(r);
	struct id conversation;

	memcpy(conversation.octet, r->conversation, sizeof conversation.octet);
	count_again(run, r);
	if (!is_there(run, T_BY_CORRIDOR, key_corridor(&c), seq))
		return "it is not found by its corridor";
	if (is_there(run, T_OPEN, key_open(&c, stage != ST_ACCEPTED), seq) == stage_final(stage))
		return "its stage and what is open do not agree";
	if (is_there(run, T_ENDED, key_ended(stage), seq) != stage_is_listed(stage))
		return "its stage and what has ended do not agree";
	if (is_there(run, T_TRACKING, key_tracking(tracking_bits(&conversation)), seq) !=
		is_first(run, &conversation, seq))
		return "it is not found by its tracking number";
	return NULL;
}

/* ---- counters ---- */

static void
add_counter(struct scrub_run *run, const struct corridor *c, bool by_day, int64_t at,
	const struct counts *n)
{
	uint64_t f = fingerprint(c, by_day, at);

	for (unsigned i = 0; i < STAGE_N; i++)
		run->counters += of_stage(f, i) * n->reached[i];
	for (unsigned i = 0; i < WAITS_N; i++)
		run->counters += of_wait(f, i) * n->waits[i];
	run->counters += mix(f, 300) * n->wait_ms;
}

static const char *
check_counter(struct scrub_run *run, const struct key *k, struct bytes content, bool by_day)
{
	struct corridor c;
	struct counts n;
	uint64_t ended = 0;
	int64_t at;

	if (!key_to_hour(bytes_of(k->octet, k->size), &at, &c) || !count_read(content, &n))
		return "no counter of ours";
	for (enum stage s = 0; s < STAGE_N; s++)
		if (stage_final(s))
			ended += n.reached[s];
	if (ended != n.ended)
		return "its ends are not their sum";
	if (c.from.code[0] == '\0')
		counts_add(&run->of_all, &n);
	else
		counts_add(&run->of_corridors, &n);
	if (c.from.code[0] != '\0')
		add_counter(run, &c, by_day, at, &n);
	return NULL;
}

const char *
check_hour(struct scrub_run *run, const struct key *k, struct bytes content)
{
	return check_counter(run, k, content, false);
}

const char *
check_day(struct scrub_run *run, const struct key *k, struct bytes content)
{
	return check_counter(run, k, content, true);
}

static uint64_t
keys_under(struct scrub_run *run, enum table table, const struct key *prefix)
{
	MDB_val key = {prefix->size, (void *)(uintptr_t)prefix->octet}, value;
	MDB_cursor *cursor;
	uint64_t n = 0;
	int rc;

	if (mdb_cursor_open(run->view->txn, run->s->dbi[table], &cursor) != 0)
		die("store: no cursor");
	rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	for (; rc == 0 && key.mv_size >= prefix->size &&
		memcmp(key.mv_data, prefix->octet, prefix->size) == 0;
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))
		n++;
	mdb_cursor_close(cursor);
	return n;
}

const char *
check_corridor(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct corridor_record r;
	struct key waiting = key_and(*k, "", 1);

	if (content.size != sizeof r)
		return "no corridor of ours";
	memcpy(&r, content.data, sizeof r);
	if (keys_under(run, T_OPEN, k) != r.open || keys_under(run, T_OPEN, &waiting) != r.waiting)
		return "as many of it are open as are not there";
	return keys_under(run, T_BY_CORRIDOR, k) == r.messages ? NULL
							       : "its messages are not all there";
}

/* ---- totals ---- */

void
check_counters(struct scrub_run *run)
{
	if (run->figures.commit != run->began)
		return; /* counted over several pieces, and something was written meanwhile */
	for (enum stage s = 0; s < STAGE_N; s++)
		if (run->of_all.reached[s] != run->of_corridors.reached[s])
			scrub_found(run, "%s by hour: %llu, by corridor and hour: %llu",
				stage_word(s), (unsigned long long)run->of_all.reached[s],
				(unsigned long long)run->of_corridors.reached[s]);
	if (run->counted != run->counters)
		scrub_found(run, "the counters are not what counting the entries gives");
}
