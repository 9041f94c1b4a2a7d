/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the reconciliation (broker/reconcile*.c only): sessions with their books, and what a party
 * has left to spend. */
#ifndef DAFTAR_RECONCILE_PARTS_H
#define DAFTAR_RECONCILE_PARTS_H

#include "broker/reconcile.h"
#include "lib/book.h"

#define SESSIONS 16
#define DAY_MS INT64_C(86400000)

struct session {
	bool used;
	peer_no peer;
	struct recon head; /* number and scope; without payload */
	struct book *book; /* NULL: dropped, or not made yet */
	int64_t at;	   /* last used, monotonic ms */
};

/* What is known of a party while we run. */
struct account {
	struct party party;
	int64_t left; /* to spend */
	int64_t at;   /* when that was reckoned, monotonic ms */
	struct recon_difference *named;
	size_t n_named;
	bool naming; /* more of them follow */
};

struct reconcile {
	struct store *store;
	struct peers *peers;
	reconcile_lost *lost;
	reconcile_shown *shown;
	void *context;
	struct promises *promises;
	const struct exchange_effects *fx;
	int64_t tick; /* of the last event */
	struct session session[SESSIONS];
	struct account *accounts;
	size_t n_accounts;
};

/* One frame that is being answered. */
struct question {
	struct reconcile *r;
	const struct trust *trust;
	struct store_txn *t;
	struct peer *peer;
	struct recon in;
	struct account *account;
	int64_t now, tick;
};

/* A scope without a channel is everything of the party. */
bool scope_is_everything(const struct recon *scope);

/* ---- broker/reconcile_session.c ---- */
struct account *account_of(struct reconcile *r, const struct party *party, int64_t tick);
/* False when nothing is left: a price that is not known before may be more than that, once. */
bool account_can_spend(struct account *a, int64_t tick);
/* A frame, so many items of lists, so many elements of books. */
void spend(const struct question *q, size_t items, size_t elements);

/* The session of this frame; a question makes one, anything else that has none gets NULL. */
struct session *session_of(const struct question *q);
/* Its book is there afterwards. E_TOO_LARGE. */
enum err session_book(const struct question *q, struct session *s) MUST_USE;
void session_end(struct session *s);
/* The book of this scope, sealed; never kept. E_TOO_LARGE, E_BUSY. */
enum err scope_book(
	const struct question *q, const struct recon *scope, struct book **out) MUST_USE;

/* ---- broker/reconcile_shown.c ---- */
enum err hear_shown(const struct question *q) MUST_USE;

/* ---- broker/reconcile.c ---- */
/* To the peer of the question, in its session and scope. */
void recon_answer(const struct question *q, enum recon_kind kind, struct bytes payload);

#endif
