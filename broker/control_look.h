/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the verbs that look at messages, corridors and counters share: broker/control_*.c only.
 * Their texts are codes, ids and words of fixed lists; nothing of a record is ever among them. */
#ifndef DAFTAR_CONTROL_LOOK_H
#define DAFTAR_CONTROL_LOOK_H

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "broker/store_look.h"

/* ---- broker/control_message.c ---- */
/* A message as lists show it. */
json_t *message_row(struct daftard *d, const struct entry *e);
void entries_free(struct entry **list);
/* How many rows are wanted. */
size_t limit_arg(const json_t *args);
/* A day (2026-11-27), an instant, or milliseconds. False: neither. *ms is 0 without the argument.
 */
bool when_arg(const json_t *args, const char *name, int64_t *ms) MUST_USE;
/* The argument's party, "" without it. False: it is none. */
bool party_in(const json_t *args, const char *name, struct party *out) MUST_USE;

/* ---- broker/control_evidence.c ---- */
/* What proves each stage of a message: its leaf, its receipt, who signed that, and whether it all
 * holds. */
json_t *evidence_json(struct daftard *d, const struct entry *e);

/* ---- broker/control_stats.c ---- */
json_t *counts_json(const struct counts *n);
/* step_ms, since, points and what waits by age, of this corridor, into `o'. */
enum err series_put(struct daftard *d, const struct corridor *c, size_t hours, json_t *o) MUST_USE;
size_t hours_arg(const json_t *args);

#endif
