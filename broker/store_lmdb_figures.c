/* SPDX-License-Identifier: EUPL-1.2
 *
 * How much there is of everything, and how long the oldest has waited. */
#include "broker/store_lmdb.h"

#include <string.h>

/* The first in each party's queue, and of these the first. */
static uint64_t
first_queued(const struct view *v)
{
	static const enum table queues[] = {T_QUEUE, T_URGENT};
	struct key all = {.size = 0};
	struct bytes party, key, value;
	uint64_t first = 0;

	WALK(parties);
	for (walk_begin(&parties, v, T_PARTY, &all, 0); walk_next(&parties, &party, &value);) {
		struct key prefix = key_and(all, party.data, party.size);

		for (size_t i = 0; i < ARRAY_LEN(queues); i++) {
			WALK(queue);

			walk_begin(&queue, v, queues[i], &prefix, prefix.size);
			if (walk_next(&queue, &key, &value) &&
				(first == 0 || key_last_seq(key) < first))
				first = key_last_seq(key);
		}
	}
	return first;
}

static uint64_t
count_of(const struct view *v, enum table table)
{
	MDB_stat stat;

	if (mdb_stat(v->txn, v->s->dbi[table], &stat) != 0)
		die("store: no information");
	return stat.ms_entries;
}

void
store_figures(struct store *s, struct store_figures *out)
{
	struct entry_record r;
	struct entry oldest;
	uint64_t seq;

	*out = (struct store_figures){.messages = s->figures.messages,
		.queued = s->figures.queued,
		.log_size = s->figures.log_size,
		.commits = s->commits,
		.map_size = s->map_size,
		.map_used = table_used(s)};
	for (int stage = 0; stage < STAGE_N; stage++)
		out->stage[stage] = s->figures.stage[stage];
	VIEW(v, s, NULL);
	out->withdrawn = count_of(&v, T_WITHDRAWN);
	out->frozen = count_of(&v, T_FROZEN);
	out->stopped = count_of(&v, T_STOPPED);
	out->aside = count_of(&v, T_ASIDE);
	seq = first_queued(&v);
	if (seq != 0 && entry_record_get(&v, seq, &r) == E_OK &&
		entry_unpack(&r, seq, &oldest) == E_OK)
		out->oldest_queued = oldest.at[ST_ACCEPTED];
}

size_t
store_queue_depth(struct store *s, const struct party *to)
{
	struct key k = key_party(to);
	struct party_record r = {.queued = 0};

	VIEW(v, s, NULL);
	return table_record(&v, T_PARTY, &k, &r, sizeof r) == E_OK ? (size_t)r.queued : 0;
}
