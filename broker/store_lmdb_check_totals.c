/* SPDX-License-Identifier: EUPL-1.2
 *
 * Scrub of the store's figures: as many records of each kind as the figures say. */
#include "broker/store_lmdb.h"

#include <string.h>

static uint64_t
count_of(struct scrub_run *run, enum table table)
{
	MDB_stat stat;

	if (mdb_stat(run->view->txn, run->s->dbi[table], &stat) != 0)
		die("store: no information");
	return stat.ms_entries;
}

static void
expect(struct scrub_run *run, const char *what, uint64_t is, uint64_t should)
{
	if (is != should)
		scrub_found(run, "%s: %llu, should be %llu", what, (unsigned long long)is,
			(unsigned long long)should);
}

/* Of `size' leaves: every complete subtree. */
static uint64_t
nodes_of(uint64_t size)
{
	uint64_t n = 0;

	for (; size > 0; size >>= 1)
		n += size;
	return n;
}

static uint64_t
queued_by_parties(struct scrub_run *run)
{
	struct key all = {.size = 0};
	struct bytes key, value;
	struct party_record r;
	uint64_t n = 0;

	WALK(walk);
	for (walk_begin(&walk, run->view, T_PARTY, &all, 0); walk_next(&walk, &key, &value);)
		if (value.size == sizeof r) {
			memcpy(&r, value.data, sizeof r);
			n += r.queued;
		}
	return n;
}

/* Leaves that have no receipt. */
static uint64_t
acts_of_changes(struct scrub_run *run)
{
	struct key all = {.size = 0};
	struct bytes key, value, document;
	struct change c;
	uint64_t n = 0;

	WALK(walk);
	for (walk_begin(&walk, run->view, T_CHANGE, &all, 0); walk_next(&walk, &key, &value);)
		if (change_read(value, key_last_seq(key), &c, &document) == E_OK)
			n += (c.leaf != 0) + (c.end_leaf != 0 && c.end_leaf != c.leaf);
	return n;
}

/* Messages at each stage were counted over several pieces: only when none was written meanwhile. */
static void
check_stages(struct scrub_run *run)
{
	uint64_t sum = 0;

	for (enum stage s = 0; s < STAGE_N; s++) {
		sum += run->figures.stage[s];
		if (run->figures.commit == run->began)
			expect(run, stage_word(s), run->stage[s], run->figures.stage[s]);
	}
	expect(run, "messages by stage", sum, run->figures.messages);
}

/* Each message stands in its corridor, while it is open there too, and, when it has ended otherwise
 * than committed, among those. */
static void
check_lists(struct scrub_run *run)
{
	const struct figures_record *f = &run->figures;

	expect(run, "messages by corridor", count_of(run, T_BY_CORRIDOR), f->messages);
	expect(run, "open", count_of(run, T_OPEN), f->stage[ST_ACCEPTED] + f->stage[ST_DELIVERED]);
	expect(run, "ended otherwise than committed", count_of(run, T_ENDED),
		f->stage[ST_REJECTED] + f->stage[ST_WITHDRAWN] + f->stage[ST_EXPIRED] +
			f->stage[ST_DEAD_LETTER]);
}

void
check_totals(struct scrub_run *run)
{
	const struct figures_record *f = &run->figures;
	struct key newest = key_seq(f->log_size);
	struct bytes content;

	expect(run, "entries", count_of(run, T_ENTRY), f->messages);
	expect(run, "ids", count_of(run, T_ID), f->messages);
	expect(run, "conversations", count_of(run, T_CONVERSATION), f->messages);
	expect(run, "queued", count_of(run, T_QUEUE) + count_of(run, T_URGENT), f->queued);
	expect(run, "expiries", count_of(run, T_EXPIRY), f->stage[ST_ACCEPTED]);
	expect(run, "queued by parties", queued_by_parties(run), f->queued);
	expect(run, "leaves", count_of(run, T_LEAF), f->log_size);
	expect(run, "receipts", count_of(run, T_RECEIPT) + acts_of_changes(run), f->log_size);
	expect(run, "nodes", count_of(run, T_NODE), nodes_of(f->log_size));
	if (f->log_size > 0 && table_get(run->view, T_CHECKPOINT, &newest, &content) != E_OK)
		scrub_found(run, "the newest checkpoint is missing");
	check_stages(run);
	check_lists(run);
	check_counters(run);
}
