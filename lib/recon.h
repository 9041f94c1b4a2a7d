/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the verb RECON carries (doc/PROTOCOL.md, chapter RECON): one body, a head and a payload that
 * depends on its kind. Lists are cut into several bodies, each of which says whether more follow.
 * Everything read is a loan from the body that it was read from. */
#ifndef DAFTAR_RECON_H
#define DAFTAR_RECON_H

#include "lib/wire.h"

#define RECON_HEAD_SIZE 121
/* What we send; a body that brings one large item may be larger, up to WIRE_FRAME_MAX. */
#define RECON_BODY_MAX ((size_t)128 * 1024)
/* The limit for a message of negentropy. */
#define RECON_NEGENTROPY_MAX (RECON_BODY_MAX - RECON_HEAD_SIZE)

/* So many elements, or keys of which receipts are wanted, may one body ask for: what comes back is
 * many times larger. */
#define RECON_ASK_MAX 512

enum recon_kind {
	RECON_GO = 'G',	       /* exchange: please start; no payload */
	RECON_QUERY = 'Q',     /* initiator: a negentropy message */
	RECON_ANSWER = 'A',    /* its answer */
	RECON_WANT = 'W',      /* list of elements */
	RECON_NAMES = 'N',     /* their answer: list of names */
	RECON_EVIDENCE = 'E',  /* list of keys: the receipts of these */
	RECON_RECEIPTS = 'R',  /* their answer: list of receipts */
	RECON_LOST = 'L',      /* list of keys: deliver these again */
	RECON_DONE = 'D',      /* the outcome: counts, and list of the differences */
	RECON_STATEMENT = 'S', /* our signed statement, a message */
	RECON_COUNTER = 'C',   /* the exchange's counter-signature, or why not */
	RECON_REFUSED = 'X'    /* a code */
};

struct recon {
	enum recon_kind kind;
	uint64_t session;      /* chosen by who starts, the same in every answer */
	struct party with;     /* all zero: the exchange's own book */
	struct party from, to; /* the channel; both all zero: everything of the party */
	int64_t since, until;  /* bounds of the time of creation; INT64_MIN, INT64_MAX: none */
	struct bytes payload;
};
/* Replaces what is in `out'. */
void recon_encode(const struct recon *r, struct buf *out);
/* E_WIRE for anything that is not exactly a head with a payload of a possible size. */
enum err recon_decode(struct bytes body, struct recon *out) MUST_USE;

/* ---- payloads of one thing ---- */
/* RECON_REFUSED, and RECON_COUNTER: code, then (E_OK only) the note. */
void recon_put_code(struct buf *payload, enum err code, struct bytes note);
enum err recon_get_code(const struct recon *r, enum err *code, struct bytes *note) MUST_USE;

/* ---- items of lists ---- */
/* What is known of a message: RECON_NAMES. */
struct recon_name {
	struct header header;
	struct digest digest;
	enum stage stage;
	char code[32];	  /* "" when all is well */
	int64_t accepted; /* ms UTC */
};
/* Which message: RECON_EVIDENCE, RECON_LOST. */
struct recon_key {
	struct party from;
	struct id id;
};
/* RECON_RECEIPTS. */
struct recon_receipt {
	struct recon_key key;
	enum stage stage;
	struct bytes receipt;		/* the exchange's */
	struct bytes addressee_receipt; /* may be empty */
};
/* The counts of RECON_DONE, before its list. */
struct recon_done {
	uint64_t elements, differences, mended, open;
	uint8_t fingerprint[16];
};
/* An item of RECON_DONE. */
struct recon_difference {
	char word[24]; /* of lib/difference.def, perhaps a newer one */
	struct recon_key key;
};

/* ---- writing a list: begin, items, end; `send' is called for each body ---- */
struct recon_list {
	struct recon head;
	struct buf body;
	size_t start; /* where items begin in a body */
	void *context;
	bool (*send)(void *context, struct bytes body);
	bool good; /* everything was sent so far */
};
/* `head' without payload; `done' for RECON_DONE only, NULL otherwise. */
void recon_list_begin(struct recon_list *l, const struct recon *head, const struct recon_done *done,
	bool (*send)(void *context, struct bytes body), void *context);
void recon_list_element(struct recon_list *l, const struct digest *element);
void recon_list_name(struct recon_list *l, const struct recon_name *n);
void recon_list_key(struct recon_list *l, const struct recon_key *k);
/* One that fits no frame (its addressee's receipt is too large) is left out. */
void recon_list_receipt(struct recon_list *l, const struct recon_receipt *r);
void recon_list_difference(struct recon_list *l, const struct recon_difference *d);
/* Sends what is left, an empty list too, and frees. False when `send' said false once. */
bool recon_list_end(struct recon_list *l) MUST_USE;

/* ---- reading a list ---- */
struct recon_items {
	enum recon_kind kind;
	bool more; /* another body of this list follows */
	struct recon_done done;
	struct cursor c;
};
/* E_WIRE when it is no list. */
enum err recon_items(const struct recon *r, struct recon_items *out) MUST_USE;
/* The next item of the kind that the list has: E_OK, E_NOT_FOUND at the end, E_WIRE. */
enum err recon_next_element(struct recon_items *i, struct digest *out) MUST_USE;
enum err recon_next_name(struct recon_items *i, struct recon_name *out) MUST_USE;
enum err recon_next_key(struct recon_items *i, struct recon_key *out) MUST_USE;
enum err recon_next_receipt(struct recon_items *i, struct recon_receipt *out) MUST_USE;
enum err recon_next_difference(struct recon_items *i, struct recon_difference *out) MUST_USE;

#endif
