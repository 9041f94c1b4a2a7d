/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the store remembers of alerts, so that they survive a restart: the alerts themselves, mutes
 * of whole rules, when each party was heard, and a few instants. Steps of a transaction and
 * look-ups as in broker/store.h. */
#ifndef DAFTAR_STORE_ALERT_H
#define DAFTAR_STORE_ALERT_H

#include "broker/alert.h"
#include "broker/store.h"

void store_put_alert(struct store_txn *t, const struct alert *x);
void store_drop_alert(struct store_txn *t, uint64_t number);
/* In order of number, those > after. What cannot be read is left out. */
size_t store_alerts(struct store *s, uint64_t after, struct alert *out, size_t max);

/* until 0: none. */
void store_put_mute(struct store_txn *t, enum alert_rule r, const struct alert_mute *m);
void store_mute(struct store *s, enum alert_rule r, struct alert_mute *out);

/* When a party was heard, and how long it is usually silent; E_NOT_FOUND. */
struct hearing {
	int64_t heard; /* ms UTC */
	int64_t away;  /* ms since then in which nobody listened */
	int64_t usual; /* the longest pause that is usual for it, ms */
};
void store_put_hearing(struct store_txn *t, const struct party *p, const struct hearing *h);
enum err store_hearing(struct store *s, const struct party *p, struct hearing *out) MUST_USE;

enum alert_instant {
	INSTANT_FIRST,	/* when alerts were first looked for in this store */
	INSTANT_LOOKED, /* and last, as far as was written down */
	INSTANT_BACKUP, /* the last backup that was whole */
	ALERT_INSTANTS
};
void store_put_instant(struct store_txn *t, enum alert_instant i, int64_t ms);
int64_t store_instant(struct store *s, enum alert_instant i); /* 0: not known */

#endif
