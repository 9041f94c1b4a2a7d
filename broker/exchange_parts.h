/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the exchange (broker/exchange*.c only): its state, and how a message moves. */
#ifndef DAFTAR_EXCHANGE_PARTS_H
#define DAFTAR_EXCHANGE_PARTS_H

#include "broker/dispatch.h"
#include "broker/exchange.h"
#include "broker/peers.h"
#include "broker/promise.h"
#include "broker/reconcile.h"

#define DAMAGED_MOST 64 /* more damaged messages than this at once is a disk that is dying */

/* Messages that a transaction could not be carried through for: what the store holds of them is
 * damaged. They are left alone, so that everything else can go on. */
struct damaged {
	uint64_t seq[DAMAGED_MOST];
	size_t n;
};

/* A party that has compared its books since start. */
struct caught {
	struct party party;
	int64_t at; /* for the first time after a restore, or the start: monotonic ms */
	/* ms UTC: a comparison that is older than CATCH_UP_MS when another one comes is kept as the
	 * one before, so that whoever compares every minute is known to have done so */
	int64_t last, before;
};

/* Messages that are judged once more, because revocation data has come. */
struct sweep {
	char country[3]; /* of their senders */
	bool any;	 /* .. whichever it is */
	bool held_done, queued_done;
	int64_t begun;	/* when last, monotonic ms */
	uint64_t after; /* how far it has come in what is held .. */
	struct due due; /* .. and in what is queued */
};

/* How often a party has brought revocation data, since when, monotonic ms. */
struct brought {
	struct party party;
	int64_t since;
	unsigned n;
};

struct held_sweeps {
	struct sweep *list;
	size_t n;
	unsigned under_way; /* with the examiners */
	uint64_t *news;	    /* numbers of revocation data in the open transaction */
	size_t n_news;
	struct digest *known; /* of revocation data in force */
	size_t n_known;
	struct brought *brought;
	size_t n_brought;
	struct buf octets;
};

struct exchange {
	struct store *store;
	const struct trust *trust;
	store_signer *sign;
	void *sign_context;
	struct exchange_effects fx;
	struct peers peers;
	struct dispatch *dispatch;
	struct promises promises;
	struct reconcile *reconcile;
	int64_t newest;	  /* the log's newest statement, those of the open transaction counted */
	int64_t now;	  /* of the last event */
	uint64_t at_hand; /* the message that the present event is about, 0: none */
	unsigned share;	  /* percent of the store that one sender may fill, 0: no bound */
	bool sound;	  /* so was the transaction before the present event */
	bool blamed;	  /* the open transaction has met damage, at `culprit' */
	uint64_t culprit; /* 0: no message was at hand */
	struct damaged damaged;
	struct due due; /* what has expired is looked through up to here .. */
	int64_t looked; /* .. and from the first again a while after this, monotonic ms */
	int64_t begun;	/* the first tick, monotonic ms; 0: none yet */
	int64_t tick;	/* the last one */
	struct caught *caught;
	size_t n_caught;
	struct speaker *speakers; /* that were heard or turned away since start */
	size_t n_speakers;
	struct held_sweeps held;
	int64_t retained;      /* bodies were looked at last, monotonic ms .. */
	uint64_t retain_after; /* .. up to this one */
};

/* ---- broker/exchange.c ---- */
/* Until its books were compared after a restore, nothing that a party says about messages is taken
 * for new, and nothing is said to it: what we have forgotten would look as if it had never been. */
bool exchange_is_served(const struct exchange *x, struct store_txn *t, const struct peer *p);
void exchange_drop_peer(struct exchange *x, struct peer *p);

/* ---- broker/exchange_message.c ---- */
/* To be said again. In a bundle, whose messages come without waiting for answers, all behind it are
 * put off too, or they would pass it by. */
void exchange_put_off(struct exchange *x, struct peer *p, const struct id *id, enum err code);
void exchange_submitted(struct exchange *x, struct store_txn *t, struct peer *p,
	const struct verdict *v, struct bytes message, int64_t now);
void exchange_taken(struct exchange *x, struct store_txn *t, const struct peer *p,
	const struct wire *w, int64_t now);
void exchange_settled(struct exchange *x, struct store_txn *t, const struct peer *p,
	const struct verdict *v, struct bytes message, const struct id *id, int64_t now);
/* What a look-up says, noting which message is at hand. E_DAMAGED for one that cannot be read or
 * carried any further. */
enum err exchange_looked_up(struct exchange *x, enum err e, const struct entry *found);
/* The addressee's queue lets go of it, and its lane; what was offered is written down. */
void exchange_leave_lane(struct exchange *x, struct store_txn *t, const struct entry *e);
/* An end that is not its addressee's. */
void exchange_end(struct exchange *x, struct store_txn *t, const struct entry *e, enum stage stage,
	enum err code, int64_t now);
/* As an earlier statement of ours says, with its addressee's receipt where he has answered. */
void exchange_end_again(struct exchange *x, struct store_txn *t, const struct entry *e,
	const struct statement *before, struct bytes answer, int64_t now);
/* Ends it as EXPIRED, unless its addressee may still say that it has it; or as a DEAD-LETTER with
 * this code. */
void exchange_expire(struct exchange *x, struct store_txn *t, uint64_t seq, int64_t now);
void exchange_bury(
	struct exchange *x, struct store_txn *t, uint64_t seq, enum err code, int64_t now);

/* ---- broker/exchange_epoch.c ---- */
/* What this HELLO says of epoch and incarnation: it speaks for the party from now on. False: it is
 * stale, and is told so. */
bool exchange_take_epoch(struct exchange *x, struct store_txn *t, const struct party *party,
	const uint8_t key[CURVE_KEY_SIZE], const struct wire *w, int64_t now);

/* ---- broker/exchange_restored.c ---- */
/* It has compared everything; `first': it was not served before. */
void exchange_was_compared(
	struct exchange *x, const struct party *party, bool first, int64_t now, int64_t tick);
/* After a restore: has this party compared its books, and had the time to say again what it had
 * settled? One that has compared before we were started had it then, or has it now. */
bool exchange_has_caught_up(
	const struct exchange *x, struct store_txn *t, const struct party *party);
/* How much of that time is left to one that has compared, ms. */
int64_t exchange_catch_up_left(const struct exchange *x, const struct party *party);
/* Its sender shows our own receipt of how it had ended: then it ends so again. */
void exchange_shown(
	void *exchange, struct store_txn *t, const struct recon_receipt *shown, int64_t now);
/* It is of before, and its sender may yet show that it has ended. */
bool exchange_may_be_shown(const struct exchange *x, const struct entry *e);
/* It is of before, or comes back, and its addressee was not yet asked of it: it may have answered.
 */
bool exchange_is_unasked(
	struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now);
/* Its time is over: may its addressee still say that it has it? */
bool exchange_is_awaited(
	struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now);

/* ---- broker/exchange_log.c ---- */
/* LOG: answered with the next commit, or refused as BUSY. */
void exchange_asked_log(struct exchange *x, struct peer *p, const struct wire *w, int64_t tick);

/* ---- broker/exchange_retain.c ---- */
void exchange_retain(struct exchange *x, struct store_txn *t, int64_t now); /* each tick */

/* ---- broker/exchange_ledger.c ---- */
/* LEDGER: answered with the next commit, or refused as BUSY. */
void exchange_asked_ledger(struct exchange *x, struct peer *p, const struct wire *w, int64_t tick);

/* It was judged once more. */
void exchange_judged(struct exchange *x, struct store_txn *t, const struct entry *e,
	const struct verdict *v, int64_t now);

/* ---- broker/exchange_held.c ---- */
void held_free(struct held_sweeps *h);
/* A message was accepted: holds it if need be. */
void held_enter(struct exchange *x, struct store_txn *t, const struct verdict *v,
	const struct entry *e, int64_t now);
void held_sweep_all(struct exchange *x);
void held_learn(struct exchange *x); /* what is in force, from the store */
void held_settle(struct exchange *x, bool committed);
void held_turn(struct exchange *x);					   /* after each commit */
void held_heard(struct exchange *x, struct peer *p, const struct wire *w); /* STATUS */
void held_tell(struct exchange *x, struct peer *p);

/* ---- broker/exchange_consent.c ---- */
/* May this message, that nothing else is wrong with, enter? E_CONSENT_WITHDRAWN and the like. */
enum err consent_allows(
	struct exchange *x, struct store_txn *t, const struct verdict *v, int64_t now) MUST_USE;
bool consent_stops_case(const struct header *h);
/* It was accepted: acts on what stops a case, stops what is stopped already. False: it does not go
 * on to its addressee. */
bool consent_entered(
	struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now) MUST_USE;
/* Its addressee has settled it so. */
void consent_settled(struct exchange *x, struct store_txn *t, const struct entry *e,
	const struct verdict *v, int64_t now);
/* It has run out, and is awaited for a while: not offered again if its consent is gone. */
void consent_awaited(struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now);
/* What it ends by when its time has passed. */
enum err consent_end(const struct exchange *x, struct store_txn *t, const struct entry *e);
/* Its addressee says that it has lost it. */
void consent_lost(void *exchange, struct store_txn *t, const struct entry *e, int64_t now);
/* A store that was put back may have forgotten that this consent was withdrawn: the office that
 * took it has to compare its books first, and to have had the time to say so again. */
bool consent_is_in_doubt(const struct exchange *x, const struct consent_token *k);
/* Asked before each offer: is it not to go out, now? */
bool consent_withholds(void *exchange, const struct entry *e, int64_t now);
/* Its addressee has it, or may have it: it is answered when it speaks of it. */
bool consent_is_known(const struct exchange *x, const struct entry *e);

/* ---- broker/exchange_aside.c ---- */
/* It is offered, or would be if nothing kept it back. */
bool exchange_waits(const struct exchange *x, struct store_txn *t, const struct entry *e);
void aside_tick(struct exchange *x, struct store_txn *t, int64_t now);
/* May nothing new be taken in here? E_DRAINING, E_CLOSED. */
enum err exchange_shut(struct exchange *x, struct store_txn *t, const struct header *h) MUST_USE;

/* ---- broker/exchange_standing.c ---- */
bool exchange_is_suspended(const struct exchange *x, struct store_txn *t, const struct peer *p);
/* The verdict, E_CERT_REVOKED when its certificate was revoked at this exchange, whatever the trust
 * list says. */
struct verdict exchange_judged_here(const struct exchange *x, struct store_txn *t,
	const struct peer *p, const struct verdict *v);

/* ---- broker/exchange_damage.c ---- */
bool exchange_is_damaged(const struct exchange *x, uint64_t seq);
/* Around each event: how much was promised before it, and whether it has met damage. */
size_t exchange_event(struct exchange *x, const struct store_txn *t);
void exchange_event_done(struct exchange *x, const struct store_txn *t, size_t promised);
/* The commit has failed with this code, and the promises are broken. False: not for damage. True:
 * the message that was at hand is set aside; what is promised by that is to be kept. */
bool exchange_met_damage(struct exchange *x, enum err e);

#endif
