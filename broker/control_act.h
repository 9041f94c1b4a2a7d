/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people do with messages and channels, as verbs: broker/control_act.c and
 * broker/control_dead.c, and whoever shows what may be done. */
#ifndef DAFTAR_CONTROL_ACT_H
#define DAFTAR_CONTROL_ACT_H

#include "broker/daftard.h"

extern const struct control_verb act_verbs[];  /* end with a NULL name */
extern const struct control_verb dead_verbs[]; /* likewise */

/* How each change is made: rows of broker/control_wish.c. */
enum err act_hold(struct daftard *d, struct store_txn *t, const struct change *c,
	const json_t *args, json_t *data) MUST_USE;
enum err act_release(struct daftard *d, struct store_txn *t, const struct change *c,
	const json_t *args, json_t *data) MUST_USE;
enum err act_retry(struct daftard *d, struct store_txn *t, const struct change *c,
	const json_t *args, json_t *data) MUST_USE;
enum err act_return(struct daftard *d, struct store_txn *t, const struct change *c,
	const json_t *args, json_t *data) MUST_USE;
enum err act_discard(struct daftard *d, struct store_txn *t, const struct change *c,
	const json_t *args, json_t *data) MUST_USE;
enum err act_close(struct daftard *d, struct store_txn *t, const struct change *c,
	const json_t *args, json_t *data) MUST_USE;
enum err act_open(struct daftard *d, struct store_txn *t, const struct change *c,
	const json_t *args, json_t *data) MUST_USE;
enum err act_drain(struct daftard *d, struct store_txn *t, const struct change *c,
	const json_t *args, json_t *data) MUST_USE;

/* {since, code, by, reason}, or null when it is not set aside. */
json_t *aside_json(struct daftard *d, uint64_t seq);
/* What a person may do with it now: some of "hold", "release", "retry", "return". */
json_t *allowed_json(struct daftard *d, const struct entry *e);
/* "open" or "closed", and of what was decided last since when, by whom and why. */
void closed_put(struct daftard *d, const struct party *from, const struct party *to, json_t *o);
void drain_put(struct daftard *d, json_t *o); /* "draining", and what is still under way */

/* "turn" and "what_next" of what is set aside, or has ended as a dead letter, with this code. */
void dead_put_turn(json_t *o, const char *code, bool ended);

#endif
