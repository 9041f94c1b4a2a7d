/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the talk's comparison of books (lib/talk*.c only): one run at a time that we have started,
 * and the book that another party asks about. */
#ifndef DAFTAR_TALK_RECON_H
#define DAFTAR_TALK_RECON_H

#include "lib/negentropy.h"
#include "lib/recon.h"
#include "lib/talk.h"

#define RECON_BATCH RECON_ASK_MAX /* elements that are asked for at a time */
#define RECON_PERIODS 16	  /* that the exchange may ask us to close, one after the other */
#define RECON_LEFT_MAX 1000	  /* differences that are named to the exchange */
#define RECON_ANSWER_MS 60000	  /* without an answer for so long, the run has failed */

/* Where a run stands. */
enum recon_step {
	STEP_IDLE,
	STEP_COMPARE, /* negentropy: an answer is awaited */
	STEP_NAMES,   /* the names of what only they hold */
	STEP_GRACE,   /* something may be on its way: it has a moment to arrive */
	STEP_PROOF,   /* receipts */
	STEP_COUNTER  /* the counter-signature */
};

/* What they hold of a message that our book has not, or not so. */
struct named {
	struct recon_name name;
	enum difference found;
	bool wanted;  /* its receipts are asked for */
	bool shown;   /* .. are shown to them */
	bool settled; /* mended or not, it is counted */
};

/* What our book has and theirs has not, or not so. */
struct held {
	struct recon_key key;
	bool named;
};

struct run {
	enum recon_step step;
	struct talk_scope scope;
	struct recon head;
	struct book *book;
	struct elements have, need;
	size_t asked;	/* of need: so many in batches up to this one */
	size_t batch;	/* in this one */
	size_t unnamed; /* asked for and never named */
	unsigned rounds;
	struct held *held;
	struct named *named;
	size_t n_named;
	struct recon_difference *left;
	size_t n_left;
	struct recon_report report;
	bool unsaid;	      /* what we have lost could not be asked for */
	bool waited;	      /* for what may have been on its way: once */
	struct buf statement; /* ours, that waits for its counter-signature */
	int64_t until;	      /* of this step, monotonic ms */
};

/* Another party's question: the book it is about. */
struct asked {
	struct recon head;
	struct book *book;
	int64_t at; /* made, monotonic ms */
};

struct talk_recon {
	struct run run;
	struct asked asked;
	struct talk_scope period[RECON_PERIODS]; /* to be compared and closed, the next one first */
	size_t n_periods;
	int64_t next;	 /* when the next comparison with the exchange begins, monotonic ms */
	unsigned failed; /* runs, one after the other */
	bool refused;	 /* the exchange hears nothing about messages before it is done */
};

/* What our spool holds of a message now. */
struct mine {
	bool known, send, body;
	enum hold hold;
	enum stage ended;
	bool telling; /* its end is being told */
	struct header header;
	struct digest digest;
};

/* ---- lib/talk_recon.c ---- */
void recon_turn(struct talk *t);
void recon_tick(struct talk *t);
void recon_hear(struct talk *t, const struct wire *w);
/* The connection is gone or begins anew: so does the comparison. */
void recon_drop(struct talk *t);
void recon_free(struct talk *t);
/* The exchange hears nothing about messages before our books are compared. */
void recon_wanted(struct talk *t);
/* Says one body; false when it can not be said. */
bool recon_say(
	struct talk *t, const struct recon *head, enum recon_kind kind, struct bytes payload);
bool recon_say_body(void *t, struct bytes body);
void run_end(struct talk *t, enum err code);

/* ---- lib/talk_judge.c ---- */
void judge_mine(struct talk *t, const struct recon_key *key, struct mine *out);
/* After the negentropy: which messages `have' stands for. */
void judge_held(struct talk *t);
/* All names of this batch are here: judges and mends. Receipts are asked for where `found' needs
 * them; then true. */
bool judge_named(struct talk *t);
/* Whether anything of this batch may be on its way. */
bool judge_may_arrive(struct talk *t);
void judge_receipt(struct talk *t, const struct recon_receipt *r);
/* No more receipts come for this batch. */
void judge_unproved(struct talk *t);
/* What they have named nothing for. */
void judge_unheld(struct talk *t);

/* ---- lib/talk_show.c ---- */
/* The exchange has forgotten how this ended, and our receipts prove it. */
bool show_can(struct talk *t, const struct mine *m, enum difference d);
/* Shows those of this batch. False when they could not be said. */
bool show_forgotten(struct talk *t) MUST_USE;

/* ---- lib/talk_book.c ---- */
/* Of what the scope names; between us and `with' when that is a party. */
enum err talk_book(struct talk *t, const struct recon *scope, struct book **out) MUST_USE;
void talk_book_key(struct talk *t, uint64_t ref, struct recon_key *out, struct mine *mine);
/* Answers another party. */
void asked_hear(struct talk *t, const struct recon *r);
void asked_drop(struct talk *t);

/* ---- lib/talk_closing.c ---- */
/* Says our statement; then true, and the counter-signature is awaited. */
bool closing_say(struct talk *t);
void closing_hear(struct talk *t, const struct recon *r);
/* Keeps what came of a run, for people. */
/* On a thin line: everything agreed with the exchange within the last hours. */
bool recon_is_recent(struct talk *t);
void recon_keep(struct talk *t);

#endif
