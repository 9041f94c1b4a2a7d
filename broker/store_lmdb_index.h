/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the LMDB store: the indexes and counters that broker/store_look.h reads. They are written
 * with what they speak of; counters are gathered in the transaction and written once at its end,
 * so that a commit of fifty messages of a corridor changes one record of it. */
#ifndef DAFTAR_STORE_LMDB_INDEX_H
#define DAFTAR_STORE_LMDB_INDEX_H

#include "broker/store_lmdb.h"
#include "broker/store_look.h"
#include "lib/tracking.h"

struct corridor_record {
	uint8_t version;
	uint64_t messages, open, waiting;
} PACKED;
_Static_assert(sizeof(struct corridor_record) == 25, "corridors on disk");

struct count_record {
	uint8_t version;
	uint64_t reached[STAGES_ON_DISK];
	uint64_t ended, wait_ms;
	uint64_t waits[WAITS_N];
} PACKED;
_Static_assert(sizeof(struct count_record) == 129 && WAITS_N == 6, "counters on disk");

/* A message has reached a stage. */
struct count_event {
	struct corridor corridor;
	int64_t hour; /* since 1970 */
	enum stage stage;
	int64_t wait; /* of an end: ms since its acceptance */
	bool untaken; /* of an end: its addressee has not had it */
	int change;   /* 1, or -1: it was counted there, and is not any more */
};

/* ---- keys ---- */
struct key key_corridor(const struct corridor *c);
struct corridor record_corridor(const struct entry_record *r);
struct key key_hour(int64_t hour, const struct corridor *c); /* of T_HOUR, and of T_DAY by day */
bool key_to_hour(struct bytes key, int64_t *hour, struct corridor *c) MUST_USE;
bool key_to_corridor(struct bytes key, struct corridor *c) MUST_USE; /* what follows is ignored */
struct key key_tracking(uint64_t bits);				     /* 5 octets */
struct key key_ended(enum stage s);
/* What has not ended: taken by its addressee, or not. */
struct key key_open(const struct corridor *c, bool taken);
int64_t hour_of(int64_t ms);

/* ---- indexes (broker/store_lmdb_index.c) ---- */
/* A message is new: before it is in its conversation. */
void index_enter(struct store_txn *t, uint64_t seq, const struct entry_record *r);
/* It goes from the stage of its record to `what'. */
void index_state(struct store_txn *t, uint64_t seq, const struct entry_record *r,
	const struct statement *what);
/* Is it in the list of what ended otherwise than committed? */
bool stage_is_listed(enum stage s);
/* A store from before there were indexes: the first step, in the transaction of opening .. */
void index_start(struct store_txn *t);
/* .. and the others, in transactions of their own. */
enum err index_finish(struct store *s) MUST_USE;
bool index_is_due(const struct view *v);

/* ---- lists (broker/store_lmdb_list.c) ---- */
/* The first number that was accepted at or after `at': they are accepted in order of time. */
uint64_t first_since(const struct view *v, int64_t at);

/* ---- counters (broker/store_lmdb_count.c) ---- */
void count_reached(struct store_txn *t, const struct entry_record *r, enum stage stage, int64_t at,
	int change);
void count_put(struct store_txn *t); /* once, before the figures */
bool count_read(struct bytes content, struct counts *out) MUST_USE;
/* Hours before this one are counted by the day. */
int64_t count_first_hour(const struct view *v);

#endif
