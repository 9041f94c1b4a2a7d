/* SPDX-License-Identifier: EUPL-1.2
 *
 * What it means that two sides hold different things of one message, and what mends it. Pure
 * judgement: a table (lib/difference.def) with a row for every case, no state, no I/O.
 *
 * The rule above all others: no mend may make a second entry in a register. What has ended is
 * therefore never asked for again, only taken over with its evidence; and what ended without an
 * entry is never sent again, since something else may have been sent in its place. */
#ifndef DAFTAR_DIFFERENCE_H
#define DAFTAR_DIFFERENCE_H

#include "lib/message.h"

enum difference {
#define DIFFERENCE(name, word, mend, sentence) name,
#include "lib/difference.def"
	DIFFERENCE_N
};

enum mend {
	MEND_NONE,	/* nothing to do: agreed, or under way and ends by itself */
	MEND_REFILE,	/* they lost what we sent: submit the same octets again */
	MEND_ADOPT_OUT, /* we lost what we sent: take their facts and evidence */
	MEND_ADOPT_IN,	/* we lost what we received, or how it ended: take their facts */
	MEND_RETELL,	/* say our SETTLED again */
	MEND_ASK,	/* have it delivered again */
	MEND_EVIDENCE,	/* fetch the receipts that we lack */
	MEND_PERSON,	/* a person has to look */
	MEND_N
};

/* What one side holds of a message. */
enum hold {
	HOLD_NOTHING,
	HOLD_FILED, /* in our spool, not accepted by the exchange */
	HOLD_OPEN,  /* not ended; at the exchange or a sender: not known to be taken */
	HOLD_TAKEN, /* not ended, and its addressee has it (of ourselves the same as OPEN) */
	HOLD_ENDED
};

struct difference_case {
	bool send;	   /* ours to send; else ours to receive */
	bool party;	   /* they are the other party; else the exchange */
	bool body;	   /* our spool still has its octets */
	bool other_octets; /* they hold this id of this sender with another digest */
	enum hold we, they;
	enum stage we_ended, they_ended; /* for HOLD_ENDED; a stage that is no end counts as OPEN */
};

enum difference difference_judge(const struct difference_case *c);
const char *difference_word(enum difference d); /* "BROKER-LOST" */
const char *difference_sentence(enum difference d);
enum mend difference_mend(enum difference d);
const char *mend_word(enum mend m); /* "REFILE" */
bool difference_parse(const char *word, enum difference *out) MUST_USE;

#endif
