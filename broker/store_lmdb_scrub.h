/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the LMDB store: looking for damage, a function for each table. For broker/store_lmdb.h,
 * which includes it. */
#ifndef DAFTAR_STORE_LMDB_SCRUB_H
#define DAFTAR_STORE_LMDB_SCRUB_H

#include "broker/store_lmdb.h"
#include "broker/store_look.h"

struct scrub_run {
	struct store *s;
	const struct view *view;       /* of the piece at hand */
	struct figures_record figures; /* in that view */
	struct scrub *out;
	uint64_t began;		 /* the commit that it began with */
	uint64_t stage[STAGE_N]; /* entries seen */
	int64_t first_hour;	 /* those before it are counted by the day */
	uint64_t counted,
		counters; /* fingerprints of what was counted again, and of the counters */
	struct counts of_all, of_corridors;
};
void scrub_found(struct scrub_run *run, const char *fmt, ...) PRINTF(2, 3);
void scrub_found_at(struct scrub_run *run, enum table table, const struct key *k, const char *what);
/* What is wrong with a record that has passed its authentication, in words; NULL: nothing. */
const char *check_record(
	struct scrub_run *run, enum table table, const struct key *k, struct bytes content);
void check_totals(struct scrub_run *run);
const char *check_leaf(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_node(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_checkpoint(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_revocation(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_revoker(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_standing(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_barred(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_change(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_token(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_withdrawn(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_frozen(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_stopped(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_access(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_gone(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_legal(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_alert(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_by_corridor(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_open(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_ended(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_tracking(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_corridor(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_hour(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_day(struct scrub_run *run, const struct key *k, struct bytes content);
/* Is this entry where whoever looks for it would look? Counts it once more. */
const char *check_indexed(struct scrub_run *run, const struct entry_record *r, uint64_t seq);
void check_counters(struct scrub_run *run); /* at the end */
const char *check_aside(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_behind(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_retried(struct scrub_run *run, const struct key *k, struct bytes content);
const char *check_closed(struct scrub_run *run, const struct key *k, struct bytes content);

#endif
