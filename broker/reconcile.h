/* SPDX-License-Identifier: EUPL-1.2
 *
 * The exchange's side of RECON (doc/PROTOCOL.md): a party compares its book with ours, hears what
 * we hold and what proves it, and says what came of it; or it compares with another party, and we
 * carry their frames. The party always asks; nothing of another party's messages is ever in an
 * answer.
 *
 * A comparison is a session: the book as it was at its first question, kept in memory for a while,
 * in bounded room, and made again when it was dropped. What a party may ask in a time has a price,
 * so that nobody can keep the exchange busy. Pure, and owned by the exchange: answers are promises,
 * kept after the commit. */
#ifndef DAFTAR_RECONCILE_H
#define DAFTAR_RECONCILE_H

#include "broker/dispatch.h"
#include "broker/promise.h"
#include "lib/recon.h"

#define RECONCILE_EVERY 86400000 /* ms: older than that, and the exchange asks for a comparison */
#define RECONCILE_ASK_AGAIN 3600000 /* ms, monotonic */
#define RECONCILE_NAMED 1000	    /* differences of a party that are kept by name */

struct reconcile;

/* All are loans of the exchange's own parts. */
struct reconcile *reconcile_new(struct store *store, struct peers *peers, struct promises *promises,
	const struct exchange_effects *fx);
/* Called for a message that its addressee has lost; it has not ended. */
typedef void reconcile_lost(void *context, struct store_txn *t, const struct entry *e, int64_t now);
/* Called with a receipt by which a party shows how a message of its own has ended. */
typedef void reconcile_shown(
	void *context, struct store_txn *t, const struct recon_receipt *shown, int64_t now);
void reconcile_on(struct reconcile *r, reconcile_lost *lost, reconcile_shown *shown, void *context);
void reconcile_free(struct reconcile **r);

/* ---- events ---- */
void reconcile_hear(struct reconcile *r, const struct trust *trust, struct store_txn *t,
	struct peer *p, struct bytes body, int64_t now, int64_t tick);
/* A signed statement for us, as an examiner has judged it. */
void reconcile_state(struct reconcile *r, struct store_txn *t, struct peer *p,
	const struct verdict *v, struct bytes message, int64_t now);
void reconcile_gone(struct reconcile *r, peer_no peer);
/* Asks peers whose last comparison is old to start one. */
void reconcile_tick(struct reconcile *r, int64_t now, int64_t tick);
/* Asks this peer now. */
void reconcile_ask(struct reconcile *r, struct peer *p, int64_t tick);
/* Asks it to compare this period of this channel, and to state what it found. */
void reconcile_ask_closing(struct reconcile *r, struct peer *p, const struct party *from,
	const struct party *to, int64_t since, int64_t until);

/* ---- for people ---- */
/* The differences that the party named last, since this start. */
typedef void reconcile_visit(void *context, const struct recon_difference *d);
void reconcile_each(
	struct reconcile *r, const struct party *party, reconcile_visit *each, void *context);

#endif
