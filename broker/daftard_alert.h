/* SPDX-License-Identifier: EUPL-1.2
 *
 * The daemon's alerts: it looks at itself each second, raises what broker/alert.def wants raised,
 * keeps it in the store, and tells watchers. One table for `status', the dashboard, metrics and
 * daftar-alert. */
#ifndef DAFTAR_DAFTARD_ALERT_H
#define DAFTAR_DAFTARD_ALERT_H

#include "broker/alert_rules.h"
#include "broker/daftard.h"

void alerts_open(struct daftard *d); /* after the store */
void alerts_save(struct daftard *d); /* writes down what is not yet */
void alerts_close(struct daftard *d);
/* A look, when one is due; outside of any transaction. */
void alerts_tick(struct daftard *d);
/* A look now, so that an answer tells what is. */
void alerts_look(struct daftard *d);
/* The gate answers in time. */
bool daftard_is_well(const struct daftard *d);
/* Something happened: see alerts_happened. */
void alerts_note(struct daftard *d, enum alert_rule rule, const char *subject);
struct alerts *alerts_of(struct daftard *d);
const struct alert_limits *alert_limits_of(const struct daftard *d);
/* When the store will be full at the rate of the last day; 0: never, or nobody can tell yet. */
int64_t alerts_store_full_at(const struct daftard *d);
/* When the last whole backup was made, over restarts; 0: none is known. */
int64_t alerts_backup_at(const struct daftard *d);
/* When a party was last heard, over restarts; 0: never. */
int64_t alerts_heard(struct daftard *d, const struct party *p);

/* ---- broker/daftard_alert_world.c ---- */
struct hearing_of;
struct alert_room {			/* how the store fills, sampled each hour of the last day */
	int64_t next_look, next_sample; /* monotonic ms */
	uint64_t sample[25];
	size_t n;
	unsigned fill; /* percent */
	int64_t full_at;
};
struct alert_senses {
	struct hearing_of *hearing;
	size_t n_hearing;
	int64_t faded; /* ms UTC: when what is usual last faded */
	struct alert_room room;
	struct roads *undecided;
	int64_t undecided_at; /* monotonic ms: when it is looked at again */
	uint64_t log_size;
	bool log_differs;
	uint64_t quarantined;
	int64_t first; /* look in this store, ms UTC */
	int64_t backup_at;
};
void senses_open(struct daftard *d, struct alert_senses *s);
void senses_close(struct alert_senses *s);
int64_t senses_heard(const struct alert_senses *s, const struct party *p);
/* Gathers the facts and names what is wrong. */
void senses_look(struct daftard *d, struct alert_senses *s, const struct alert_limits *l,
	struct alerts *out);
/* When parties were heard, as steps of a transaction. */
void senses_keep(struct store_txn *t, struct alert_senses *s, int64_t now);

/* ---- broker/control_alert.c ---- */
json_t *alert_json(struct daftard *d, const struct alert *x);
/* "messages wait too long for this addressee: KE.CRS (3 messages, 2026-11-24T..Z)" */
#define ALERT_TEXT_SIZE 320
void alert_describe(const struct alert *x, char out[ALERT_TEXT_SIZE]);
extern const struct control_verb alert_verbs[];
/* Fills `warnings' with what lasts and is not muted, worst first: "ok", "warning", "critical". */
const char *alerts_warnings(struct daftard *d, json_t *warnings);

/* ---- broker/control_metrics.c ---- */
extern const struct control_verb metrics_verbs[];

#endif
