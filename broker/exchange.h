/* SPDX-License-Identifier: EUPL-1.2
 *
 * The heart of the broker: takes an event and the store's open transaction, decides, and answers
 * with effects. No socket, no clock, no disk of its own: the daemon and the simulator drive the
 * same code. Effects that promise something (receipts, confirmations) are released by
 * exchange_commit only after the commit that holds what they promise, deliveries and notices by
 * exchange_dispatch from what is committed. */
#ifndef DAFTAR_EXCHANGE_H
#define DAFTAR_EXCHANGE_H

#include "broker/store.h"
#include "lib/recon.h"
#include "lib/transport.h"
#include "lib/wire.h"

struct exchange;

/* Not a connection but a bundle that is being answered (broker/courier.h). */
#define PEER_COURIER ((peer_no)UINT64_MAX)

/* Effects, called from exchange_commit (after the commit) and exchange_dispatch only, never inside
 * a transaction, and never changing the exchange from within the call. */
struct exchange_effects {
	void *context;
	/* Send this verb to that peer; the bytes are loans until return. False: the peer is gone.
	 */
	bool (*send)(void *context, peer_no peer, const struct wire *w);
	/* Something people may want to see: "accepted", "repeated", "conflict" (*e is the message
	 * that stands), "held", "released", "set-aside", "put-back", "offered", "delivered",
	 * "committed", "rejected", "expired", "dead-letter". */
	void (*event)(void *context, const char *what, const struct entry *e);
	/* Counter-signs a closing (lib/closing.h) with the log's key. The one effect that may be
	 * called inside a transaction. NULL: no closings are signed here. */
	enum err (*countersign)(void *context, struct bytes statement, struct buf *note);
	/* A party has compared its book with ours. May be NULL. */
	void (*compared)(
		void *context, const struct party *party, const struct recon_result *result);
	/* Judges a message that is stored once more, as of `when': exchange_again tells what came
	 * of it. False: not now. NULL: what is held stays held. */
	bool (*examine)(void *context, uint64_t seq, const struct party *from, struct bytes message,
		int64_t when);
	/* This revocation data is in force from now on. May be NULL. */
	void (*revocation)(void *context, const struct revocation_item *item, struct bytes der);
};

/* `trust' is a loan, replaced with exchange_trust, and names an exchange; *fx is copied. `sign'
 * signs checkpoints. */
struct exchange *exchange_new(struct store *store, const struct trust *trust, store_signer *sign,
	void *sign_context, const struct exchange_effects *fx);
void exchange_free(struct exchange **x);
void exchange_trust(struct exchange *x, const struct trust *trust);
/* Percent of the store that the open messages of one sender may fill, where the trust list says
 * nothing else; 0: no bound. */
void exchange_share(struct exchange *x, unsigned percent);
/* Where the jitter of retries begins: the same seed and the same events give the same effects. */
void exchange_seed(struct exchange *x, uint64_t seed);

/* ---- events, in any number inside one open transaction ---- */
/* `now' is the instant of the event (ms UTC), `tick' monotonic ms for pacing. SUBMIT, SETTLED and
 * the signed statement in a RECON of kind S come by exchange_examined; here SUBMIT and SETTLED are
 * only a sign of life, and that RECON says which session the statement belongs to. */
void exchange_peer_frames(struct exchange *x, struct store_txn *t, peer_no peer,
	const uint8_t key[CURVE_KEY_SIZE], const struct wire *w, int64_t now, int64_t tick);
/* A message that an examiner has passed or refused; SUBMIT, or the statement of a RECON, when
 * settles is NULL, SETTLED otherwise (the id of the settled message). */
void exchange_examined(struct exchange *x, struct store_txn *t, peer_no peer,
	const struct verdict *v, struct bytes message, const struct id *settles, int64_t now);
/* What came of exchange_effects.examine. */
void exchange_again(struct exchange *x, struct store_txn *t, uint64_t seq, const struct verdict *v,
	int64_t now);
/* Facts that an examiner found in revocation data that this party (NULL: the operator) brought: its
 * peer, when it is still there, is refused what is not taken; the code is returned as well. */
enum err exchange_revocation(struct exchange *x, struct store_txn *t, peer_no peer,
	const struct party *by, const struct revocation_facts *f, struct bytes der, int64_t now);
/* Asked before an examiner looks at what this party (NULL: the operator) brings: E_REVOCATION_OLD,
 * these very octets are in force; E_BUSY, it has brought too much in the last minute. */
enum err exchange_hears_revocation(struct exchange *x, const struct party *by,
	const struct digest *digest, int64_t tick) MUST_USE;
/* Asked when a SUBMIT or SETTLED arrives, before it waits for an examiner: E_OK, E_NOT_READY (no
 * HELLO was heard), E_RECONCILING. What was said before the peer's books were compared is not heard
 * after it either: what it was to follow may just have been filed again. */
enum err exchange_hears(struct exchange *x, struct store_txn *t, peer_no peer) MUST_USE;
/* Asked with it of a SUBMIT: false when this peer's party is suspended (E_SUSPENDED). */
bool exchange_takes_new(struct exchange *x, struct store_txn *t, peer_no peer) MUST_USE;
void exchange_peer_gone(struct exchange *x, peer_no peer);
void exchange_tick(struct exchange *x, struct store_txn *t, int64_t now, int64_t tick);

/* ---- the end of a group ---- */
/* Seals the log and commits; on E_OK sends what the commit has promised, on E_STORE_FULL refuses
 * the group's submissions as STORE-FULL (retry). A group that met a damaged record is undone: its
 * events are refused as BUSY (retry), the one that met it as DAMAGED, and E_OK is returned.
 * Anything else does not return (the daemon ends). */
enum err exchange_commit(struct exchange *x, struct store_txn **t) MUST_USE;
/* Offers what is due within each peer's credit. */
void exchange_dispatch(struct exchange *x, int64_t now, int64_t tick);

/* ---- reconciliation ---- */
/* Asks a party to compare books now; takes effect with the next commit. False: it is not
 * connected. */
bool exchange_ask(struct exchange *x, const struct party *party, int64_t tick);
/* The same for one period of a channel, which the party is to state when the books agree. */
bool exchange_ask_closing(struct exchange *x, const struct party *by, const struct party *from,
	const struct party *to, int64_t since, int64_t until);
/* The differences that this party named last, since start. */
typedef void exchange_difference_visit(void *context, const struct recon_difference *d);
void exchange_each_difference(struct exchange *x, const struct party *party,
	exchange_difference_visit *each, void *context);

/* ---- which process speaks for a party (broker/exchange_epoch.c) ---- */
struct speaker { /* with one connection key */
	uint8_t key[CURVE_KEY_SIZE];
	uint64_t epoch;
	struct id incarnation; /* zero: it has said none */
	int64_t since;	       /* its first HELLO, ms UTC; 0: before our start */
	bool connected;
	/* One from before it was turned away: when last since our start, 0: none was; with which
	 * epoch; how often. */
	int64_t fenced;
	uint64_t fenced_epoch, fenced_times;
};
/* False: nobody has ever said HELLO with this key. */
bool exchange_speaker(struct exchange *x, const struct party *party,
	const uint8_t key[CURVE_KEY_SIZE], struct speaker *out);

/* ---- what a message waits for after a restore (broker/exchange_waits.c) ---- */
/* Its addressee, its sender, or the office that took the consent it travels with. */
enum waits_as { WAITS_ADDRESSEE, WAITS_SENDER, WAITS_OFFICE };
#define WAITS_MOST 3
struct waits_for {
	struct party party;
	enum waits_as as;
	/* 0: it has to compare its books. Else it has, and until then (ms UTC) it may say again
	 * what was withdrawn after the copy was made. */
	int64_t until;
};
/* The parties that have to be heard before this message goes on, each once; none unless the store
 * was restored. Returns how many. */
size_t exchange_waits_for(
	struct exchange *x, const struct entry *e, int64_t now, struct waits_for out[WAITS_MOST]);

/* ---- what people do with a message that does not get through (broker/exchange_aside.c) ---- */
#define EXCHANGE_ASIDE_AFTER 10
/* After how many offers that count against it (broker/dispatch_suspect.c) a message is set aside by
 * itself; 0: never. */
void exchange_aside_after(struct exchange *x, unsigned offers);
/* All three: E_NOT_FOUND, E_DAMAGED, E_FINAL (it has ended), or what stands there, and nothing was
 * done. */
/* By hand. E_STATE: its addressee has it, it is set aside, its consent is withdrawn, or it stops a
 * case, which nothing keeps back. */
enum err exchange_set_aside(
	struct exchange *x, struct store_txn *t, uint64_t seq, const struct aside *a) MUST_USE;
/* To be offered at once, and counted anew; `retry': as another try, whose outcome is kept.
 * E_STATE: it is not set aside. */
enum err exchange_put_back(
	struct exchange *x, struct store_txn *t, uint64_t seq, bool retry, int64_t now) MUST_USE;
/* Ends as DEAD-LETTER with this code, and its sender is told. E_STATE: it is not set aside.
 * E_RECONCILING: it is of before a restore, and may have ended otherwise; later. */
enum err exchange_return(
	struct exchange *x, struct store_txn *t, uint64_t seq, enum err why, int64_t now) MUST_USE;
/* After a restore its sender may hold another end of it than people would give it now, or its
 * addressee may have given it one: neither was heard yet, and it cannot be returned. */
bool exchange_may_have_ended(
	struct exchange *x, struct store_txn *t, const struct entry *e, int64_t now);

/* ---- for status ---- */
/* Messages that are on their way out: offered, and not taken yet. */
uint64_t exchange_under_way(const struct exchange *x);
/* Messages that are left alone because what the store holds of them is damaged. */
size_t exchange_damaged(const struct exchange *x);
/* The clock is so far behind the log that nothing new is accepted. */
bool exchange_clock_behind(const struct exchange *x, int64_t now);
/* What is known of connected peers, for status: calls `each' for each. */
struct peer_state {
	peer_no no;
	struct party party;
	uint64_t epoch, credit, under_way;
	int64_t since;	     /* ms UTC */
	bool thin;	     /* its line is slow */
	const char *program; /* a loan, as long as the peer is there */
};
typedef void exchange_peer_visit(void *context, const struct peer_state *p);
void exchange_each_peer(struct exchange *x, exchange_peer_visit *each, void *context);

#endif
