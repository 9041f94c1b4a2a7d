/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people look at in a store, however full it is: lists by cursor, the corridors, counters by
 * the hour. Everything is read from indexes and counters that are written in the commit of what
 * they speak of; nothing here walks over all messages. A part of broker/store.h, and by its rules.
 */
#ifndef DAFTAR_STORE_LOOK_H
#define DAFTAR_STORE_LOOK_H

#include "broker/store.h"

#define COUNT_HOUR_MS INT64_C(3600000)
#define COUNT_DAY_MS (24 * COUNT_HOUR_MS)
#define COUNT_HOURS_KEPT (62 * 24) /* counters older than that are kept by the day */
#define LIST_LOOK_MOST 5000	   /* entries that one call of store_list looks at */

/* Who sends to whom: a channel, as closings (broker/store.h) call it. */
struct corridor {
	struct party from, to; /* "" and "": all of them together */
};

/* ---- one message ---- */
/* The first message of the newest conversation with this number (the form of tracking_of).
 * E_NOT_FOUND, E_DAMAGED. */
enum err store_find_tracking(
	struct store *s, struct store_txn *t, const char *tracking, struct entry *out) MUST_USE;

/* ---- counters ---- */
#define WAITS_N 6
extern const int64_t waits_until[WAITS_N]; /* ms, the last is INT64_MAX: bounds of `waits' */
struct counts {
	uint64_t reached[STAGE_N]; /* messages that have reached this stage; no conflicts */
	/* Of those that have ended: how long they took from their acceptance. */
	uint64_t ended, wait_ms;
	uint64_t waits[WAITS_N]; /* .. up to waits_until[i], and longer than the one before */
};
void counts_add(struct counts *sum, const struct counts *more);
/* Of this corridor, from `since' on in `n' steps of COUNT_HOUR_MS or COUNT_DAY_MS; `since' is cut
 * down to the beginning of a step. Hours that are older than COUNT_HOURS_KEPT are empty. E_DAMAGED.
 */
enum err store_series(struct store *s, const struct corridor *c, int64_t since, int64_t step,
	struct counts *out, size_t n) MUST_USE;
/* Each corridor's counters of each hour from `since' on, in no order between corridors. */
typedef void store_count_visit(void *context, const struct corridor *c, const struct counts *n);
void store_each_count(struct store *s, int64_t since, store_count_visit *each, void *context);

/* ---- corridors ---- */
struct corridor_figures {
	struct corridor corridor;
	uint64_t messages;	     /* all .. */
	uint64_t open, waiting;	     /* .. those that have not ended, and of these the untaken */
	int64_t oldest_open, oldest; /* of these two, when it was accepted; 0: there is none */
};
/* Corridors that have ever carried a message, in order, those behind `after' (NULL: from the
 * first). */
size_t store_corridors(
	struct store *s, const struct corridor *after, struct corridor_figures *out, size_t max);
/* E_NOT_FOUND: it has never carried one. */
enum err store_corridor(
	struct store *s, const struct corridor *c, struct corridor_figures *out) MUST_USE;

/* How long what waits for its addressee has waited: how many up to waits_until[i] and longer than
 * the one before, of a corridor or of all. Very many in a row are not told apart any more. */
void store_ages(struct store *s, const struct corridor *c, int64_t now, uint64_t n[WAITS_N]);

/* ---- lists ---- */
enum look { LOOK_ALL, LOOK_OPEN, LOOK_ENDED, LOOK_HELD, LOOK_STOPPED, LOOK_ASIDE };
struct store_filter {
	enum look look;
	unsigned stages; /* bits 1 << stage; 0: any */
	bool has_action;
	enum action action;
	struct party party, from, to; /* "": any; `party' is on either side */
	char code[32];		      /* "": any */
	int64_t since, until;	      /* accepted at or after, and before; 0: whenever */
	/* What a person looks for (filter_words): the beginning of an id, in half octets .. */
	uint8_t id[ID_SIZE];
	size_t id_digits;
	/* .. and where there is none, of a tracking number, in symbols of 5 bits. */
	uint64_t tracking; /* the symbols from its upper end (bit 39) on */
	size_t tracking_symbols;
};
struct store_page {
	size_t n;
	uint64_t next; /* where to go on: `before' of the next call; 0: that was all */
	size_t looked; /* entries that were looked at, at most LIST_LOOK_MOST */
};
/* Newest first, those with a seq < before (0: from the newest). What is rare is found by its index:
 * corridor and party, what is open, held or stopped, what ended otherwise than committed, the
 * beginning of an id or a tracking number. Ends early at a damaged record. */
void store_list(struct store *s, const struct store_filter *f, uint64_t before, struct entry *out,
	size_t max, struct store_page *page);
/* Does it pass this filter? Not asked is what is held, stopped or set aside, and what a person
 * looks for. */
bool filter_passes(const struct store_filter *f, const struct entry *e);
/* What a person looks for: a message id, a tracking number, or the beginning of one. E_USAGE. */
enum err filter_words(struct store_filter *f, const char *words) MUST_USE;

/* What has not been taken, by when it expires or its consent ends: soonest first, those behind
 * `after', which then stands at the last one (all zero: from the first). */
size_t store_due(struct store *s, struct due *after, struct entry *out, size_t max);
/* What of this corridor was taken and has not ended, as it was accepted: those with a seq > after.
 */
size_t store_taken(
	struct store *s, const struct corridor *c, uint64_t after, struct entry *out, size_t max);

#endif
