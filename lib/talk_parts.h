/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the talk (lib/talk*.c only): its state, what it says, and what it does about what it
 * hears. */
#ifndef DAFTAR_TALK_PARTS_H
#define DAFTAR_TALK_PARTS_H

#include "lib/loghead.h"
#include "lib/talk.h"
#include "lib/talk_recon.h"

#define TALK_WINDOW 32
#define TALK_URGENT 8 /* Cancellations, and answers to them, that fly beyond the window */
#define TALK_LEFT 64
#define LOG_SEEN 16

enum phase {
	PHASE_DOWN,	/* no connection */
	PHASE_GREETING, /* HELLO was said */
	PHASE_UP,	/* WELCOME was heard */
	PHASE_FENCED	/* a newer instance has taken over */
};

/* Something that was said and waits for its answer. */
struct flight {
	struct id id;
	struct id conversation;
	struct party from; /* of a settlement: who sent what is settled */
	int64_t due;	   /* when it is said again, monotonic ms */
	bool urgent;	   /* a Cancellation */
	bool scan;	   /* an Attachment: nothing waits for it */
};

struct flights {
	struct flight *list;
	unsigned n, most;
};

/* The exchange's log, as far as we know it. */
struct talk_log {
	struct log_head head;		/* the newest that is verified; size 0: none */
	struct log_head seen[LOG_SEEN]; /* to be proved, the next one first */
	unsigned n_seen;
	int64_t next, paced;	  /* the newest head, anything, is asked for; monotonic ms */
	int64_t due;		  /* an answer is awaited until then, 0: none */
	struct log_head from, to; /* what was asked; to: size 0 for the newest */
	bool forked;		  /* a person has to look */
	struct log_head compare;  /* what a person asks about */
	enum err compare_code;	  /* E_BUSY: not yet known */
};

/* A CRL or OCSP response of our own authority. */
struct own_revocation {
	struct buf der;
	struct digest digest;
	bool settled; /* it came back, or was refused for good */
};

struct talk_revocation {
	struct own_revocation *own;
	size_t n, said; /* the last that was brought */
	int64_t busy;	/* no other before: it waits for its answer; 0: none does */
	bool owed;	/* STATUS is to be said */
	bool gap;	/* an item was not kept */
	bool look;	/* what is held is to be judged once more */
};

/* The exchange takes nothing for it before then, monotonic ms. */
struct shut {
	struct party to;
	int64_t until;
};
#define TALK_SHUT_MOST 16

struct talk {
	struct talk_options o;
	char *program;
	struct talk_effects fx;
	struct spool *spool;
	int64_t now, tick; /* as of this call: ms UTC, monotonic ms */
	uint64_t random;
	enum phase phase;
	bool up;	  /* as the owner was told */
	bool owes_credit; /* CREDIT is to be said at the end of this turn */
	bool deaf;	  /* a notice was not kept: later ones wait for the next HELLO */
	int64_t heard, greeted, credited; /* monotonic ms */
	int64_t hold;			  /* no SUBMIT before: the broker has no room */
	int64_t hold_urgent;		  /* not of a Cancellation either */
	int64_t full;			  /* no deliveries before: we have no room */
	struct id left[TALK_LEFT];	  /* conversations of which one was left, in a bundle */
	unsigned n_left;
	unsigned put_off; /* retryable refusals in a row */
	struct shut shut[TALK_SHUT_MOST];
	unsigned n_shut;
	uint64_t trust_offered; /* version of the broker's trust list */
	struct flights submit, settle;
	uint64_t settled; /* the order of the last settlement that was said */
	bool has_cursor,
		skipped; /* where the walk over the outbox stands; it passed something by */
	struct id cursor;
	struct talk_recon recon;
	struct talk_revocation revocation;
	struct talk_log log;
	struct id ledger_of; /* the case that was asked about .. */
	int64_t ledger_due;  /* .. and is answered until then, monotonic ms; 0: none was */
};

/* ---- lib/talk.c ---- */
bool talk_say(struct talk *t, const struct wire *w);
void talk_soon(struct talk *t); /* runs the end of a turn */
void talk_greet(struct talk *t);
uint64_t talk_credit(const struct talk *t); /* deliveries that may be under way now */
void talk_fence(struct talk *t);
void talk_changed(struct talk *t);
/* Says SETTLED for an entry whose answer is kept; false when it cannot be said now. */
bool talk_settle(struct talk *t, const struct party *from, const struct id *id);
uint64_t talk_random(struct talk *t);
/* Doubles from 1 s to 60 s, a quarter more or less. */
int64_t talk_backoff(struct talk *t, unsigned times);

/* ---- lib/talk_flight.c ---- */
void flights_make(struct flights *all, unsigned most);
/* No more may be said before an answer comes; what is urgent has some room of its own. */
bool flights_full(const struct flights *all, bool urgent);
struct flight *flight_start(struct talk *t, struct flights *all, const struct id *id);
struct flight *flight_find(struct flights *all, const struct id *id);
/* Not to be used any more afterwards; nor is any other flight that was found before. */
void flight_end(struct talk *t, struct flights *all, struct flight *f);
/* Other octets keep the wire busy: the time for an answer begins anew. */
void flights_begin_anew(struct flights *all, int64_t tick);
/* What has had no answer in time is said again. */
void flights_overdue(struct talk *t);
bool conversation_flies(const struct talk *t, const struct id *conversation);

/* ---- lib/talk_shut.c ---- */
bool talk_is_shut(const struct talk *t, const struct party *to);
/* This message of ours was refused because its channel is closed. False: everything has to wait. */
bool talk_shut(struct talk *t, const struct id *refused);
void shut_turn(struct talk *t); /* before the walk over the outbox */

/* ---- lib/talk_take.c ---- */
void hear_deliver(struct talk *t, const struct wire *w);
void hear_confirm(struct talk *t, const struct wire *w);
/* Our signed refusals of deliveries, each behind it under the digest of what is refused; under the
 * other name when the exchange has answered it. */
#define TALK_REFUSALS "refused/"
#define TALK_REFUSALS_TOLD "refused-told/"
#define REFUSAL_NAME (sizeof TALK_REFUSALS_TOLD + DIGEST_TEXT_SIZE)
enum err talk_refusal(struct talk *t, const struct digest *of, struct buf *receipt) MUST_USE;
enum err talk_refusal_told(struct talk *t, const struct digest *of) MUST_USE;
/* The addressee's own signed word, where a statement names one: that it is his, about this message,
 * and says the same. `h' is the message's header, NULL where it is not known. E_PROOF,
 * E_QUARANTINED and what an examination finds. */
enum err talk_check_answer(struct talk *t, const struct statement *what, const struct header *h,
	struct bytes answer) MUST_USE;

/* ---- lib/talk_revocation.c ---- */
void revocation_remember(struct talk *t); /* what the spool has, to the examiner */
void revocation_free(struct talk *t);
void revocation_welcome(struct talk *t);
void revocation_trust(struct talk *t);
void revocation_turn(struct talk *t);
void hear_status(struct talk *t, const struct wire *w);
/* True: the refusal was about what we have brought. */
bool revocation_refused(struct talk *t, const struct wire *w);
/* Before it is taken. */
enum err revocation_hold(struct talk *t, const struct header *h) MUST_USE;

/* ---- lib/talk_alarm.c ---- */
/* That it proves a conflict of ours. E_PROOF, E_NOT_ADDRESSEE. */
enum err talk_check_conflict(const struct talk *t, const struct statement *what) MUST_USE;
void talk_alarm(struct talk *t, const struct statement *what, struct bytes receipt);
void talk_hear_conflict(struct talk *t, const struct wire *w);

/* ---- lib/talk_log.c ---- */
void log_begin(struct talk *t);
void log_welcomed(struct talk *t);
void log_turn(struct talk *t);
void log_hear(struct talk *t, const struct wire *w);
/* The exchange has no log yet, or is asked too often. False: that was not about the log. */
bool log_is_refused(struct talk *t, const struct wire *w);
/* A checkpoint that was verified by its signature. E_LOG_FORKED: it contradicts what is known, and
 * the alarm was raised; whether it fits otherwise is found out later. */
enum err log_seen(struct talk *t, const struct log_head *h) MUST_USE;
enum err log_seen_in(struct talk *t, const struct receipt *r) MUST_USE;
/* The head that another party has seen, in its signed Receipt. What that says stays true whatever
 * the exchange has shown it. */
void log_told(struct talk *t, struct bytes receipt);
bool log_is_forked(const struct talk *t);

/* ---- lib/talk_ledger.c ---- */
void ledger_hear(struct talk *t, const struct wire *w);
/* True: the refusal was about the question. */
bool ledger_is_refused(struct talk *t, const struct wire *w);
void ledger_tick(struct talk *t); /* no answer has come in time */

/* ---- lib/talk_hear.c ---- */
void talk_hear_verb(struct talk *t, const struct wire *w);
/* The receipt verified against the log, and that it speaks of a message with this id: E_PROOF,
 * E_CHECKPOINT, E_MALFORMED, E_NOT_FOUND, E_LOG_FORKED. */
enum err talk_receipt(
	struct talk *t, const struct id *id, struct bytes receipt, struct receipt *out) MUST_USE;

#endif
