/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers that wait for the commit. Whatever is decided inside a transaction is only promised here;
 * after the commit the promises are kept, in order; when the commit fails for want of room, every
 * one of them becomes "STORE-FULL, try again", because nothing that it rested on has happened; when
 * it fails because a record is damaged, "BUSY, try again" for all but the event that met it.
 *
 * A receipt is promised by naming it, not by its octets: it may be one that this very commit makes.
 */
#ifndef DAFTAR_PROMISE_H
#define DAFTAR_PROMISE_H

#include "broker/exchange.h"

/* Two digests, named: "stored=... offered=...". */
#define PROMISE_TEXT_SIZE 160

struct promise {
	enum promise_kind {
		PROMISE_WELCOME,
		PROMISE_RECEIPT,
		PROMISE_REFUSAL,
		PROMISE_NEWS,
		PROMISE_RECON,
		PROMISE_COMPARED,
		PROMISE_HEAD,
		PROMISE_LEDGER
	} kind;
	peer_no to;
	struct id id; /* of the message that is answered */
	uint64_t seq; /* RECEIPT, NEWS: the entry; REFUSAL: whose conflict is proved, 0 none */
	struct digest offered;	      /* REFUSAL with a proof */
	bool blamed;		      /* if it is broken, this event is why */
	enum stage stage;	      /* RECEIPT */
	enum err code;		      /* REFUSAL */
	char text[PROMISE_TEXT_SIZE]; /* REFUSAL; "": the code's own sentence */
	const char *news;	      /* NEWS: a word */
	uint8_t *octets;	      /* RECON, HEAD, LEDGER: the body, owned */
	size_t size;
	struct party party; /* COMPARED */
	struct recon_result result;
	uint64_t from_size, to_size; /* HEAD: as asked, 0 to the newest .. */
	uint64_t log_size;	     /* .. which has so many leaves */
};

struct promises {
	struct promise *list;
	size_t n, room;
};

void promise_welcome(struct promises *ps, peer_no to);
void promise_receipt(
	struct promises *ps, peer_no to, const struct id *id, uint64_t seq, enum stage stage);
void promise_refusal(struct promises *ps, peer_no to, const struct id *id, enum err code);
void promise_refusal_saying(
	struct promises *ps, peer_no to, const struct id *id, enum err code, const char *text);
/* CONFLICT, naming both digests; with the receipt that the store has, or will have, for it. */
void promise_conflict(struct promises *ps, peer_no to, const struct entry *e,
	const struct digest *offered, bool proved);
void promise_news(struct promises *ps, const char *news, uint64_t seq);
void promise_recon(struct promises *ps, peer_no to, struct bytes body); /* copied */
void promise_compared(struct promises *ps, const struct party *party, const struct recon_result *r);
/* The head of a log of `size' leaves, and the proof that LOG asks for. The note is copied. */
void promise_head(struct promises *ps, peer_no to, const struct wire *asked, uint64_t size,
	struct bytes note);

/* What is told of a case, copied. */
void promise_ledger(
	struct promises *ps, peer_no to, const struct id *conversation, struct bytes lines);

/* Both leave the list empty. `lost' is called for a peer that a send found gone. */
typedef void promise_lost(void *context, peer_no peer);
void promises_keep(struct promises *ps, struct store *store, const struct trust *trust,
	const struct exchange_effects *fx, promise_lost *lost, void *context);
void promises_break(struct promises *ps, enum err code, const struct exchange_effects *fx,
	promise_lost *lost, void *context);
/* Those from number `first' on belong to the event that the transaction failed in. */
void promises_blame(struct promises *ps, size_t first);
/* Of what nobody has to hear. */
void promises_forget(struct promises *ps);
void promises_free(struct promises *ps);

#endif
