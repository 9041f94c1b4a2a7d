/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who is offered what, and when. For each addressee that has been connected there is a lane: a
 * window of bounded size onto the front of its queue in the store, in order of acceptance. Within a
 * lane a message waits until every earlier one of its conversation is taken; everything else may
 * overtake. Each sender has a bounded part of the window and of the credit. What was offered and
 * not taken is offered again, 10 s later, then ever more slowly.
 *
 * What stops a case has a queue of its own and goes before everything else, out of order, beyond
 * the senders' parts; and one of it even beyond the credit. What its addressee leaves, or dies of,
 * goes last, and in the end is to be set aside; what is behind that in its conversation waits. What
 * carries a consent token is offered only after it was written down that its addressee may know of
 * it.
 *
 * The lanes are memory only. The queue in the store is the truth, and a lane can be thrown away at
 * any time: then some messages are offered once more. Owned by the exchange. */
#ifndef DAFTAR_DISPATCH_H
#define DAFTAR_DISPATCH_H

#include "broker/exchange.h"
#include "broker/peers.h"

#define DISPATCH_CREDIT_MAX 256	    /* more is not given, whatever a peer allows */
#define DISPATCH_COURIER_CREDIT 512 /* deliveries that one bundle may carry */
#define DISPATCH_NOTICES 64	    /* notices sent and not yet kept */

struct dispatch;

struct dispatch *dispatch_new(struct store *store, const struct exchange_effects *fx);
void dispatch_free(struct dispatch **d);
void dispatch_seed(struct dispatch *d, uint64_t seed);
/* Asked before each offer: true when this is not to go out, now. */
typedef bool dispatch_withholds(void *context, const struct entry *e, int64_t now);
void dispatch_guard(struct dispatch *d, dispatch_withholds *withholds, void *context);

/* ---- news from inside a transaction ---- */
/* Something has been put into this party's queue. */
void dispatch_arrived(struct dispatch *d, const struct party *to);
/* Something that had left it is there again. */
void dispatch_again(struct dispatch *d, const struct party *to);
/* One is in its queue that was not there, in its old place. */
void dispatch_returned(struct dispatch *d, const struct entry *e);
/* The message has left the queue. Returns how often it has been offered, 0: not since start. */
uint32_t dispatch_done(struct dispatch *d, const struct party *to, uint64_t seq);
/* Its addressee may hold it, if it has not ended: it was offered, or may have been before this
 * store was restored. */
bool dispatch_was_offered(const struct dispatch *d, const struct entry *e);
/* Writes down how often what still waits has been offered, so that it is known after a restart. */
void dispatch_write_attempts(struct dispatch *d, struct store_txn *t, int64_t tick);
/* The next of those that the store could not read when they were to be offered; each once, until it
 * is met again. False: there is none. */
bool dispatch_damaged(struct dispatch *d, uint64_t *seq);
/* Its addressee has taken it; before dispatch_done. */
void dispatch_was_taken(struct dispatch *d, const struct party *to, uint64_t seq);
/* The peer has said HELLO. */
void dispatch_hello(struct dispatch *d, const struct peer *p);
/* How many offers have to count against a message; 0: none ever is enough. */
void dispatch_aside_after(struct dispatch *d, unsigned offers);
/* One that is to be set aside. False: there is none. */
bool dispatch_not_taken(struct dispatch *d, uint64_t *seq);
/* It cannot be: it is counted anew. */
void dispatch_acquit(struct dispatch *d, uint64_t seq);
/* The transaction of these news has been committed, or has come to nothing. */
void dispatch_settle(struct dispatch *d, bool committed);

/* What was offered to this peer is due again at once; it may be freed afterwards. */
void dispatch_lost(struct dispatch *d, struct peer *p);

/* ---- after a commit ---- */
/* Both may find the peer gone, and mark it so. */
void dispatch_notices(struct dispatch *d, struct peer *p, int64_t tick);
void dispatch_offers(struct dispatch *d, struct peer *p, int64_t now, int64_t tick);
/* The next message that is due and has to be shown first. False: there is none. */
bool dispatch_to_show(struct dispatch *d, uint64_t *seq);
/* It could not be shown: damage, to be told by dispatch_damaged. */
void dispatch_not_shown(struct dispatch *d, uint64_t seq, int64_t tick);

#endif
