/* SPDX-License-Identifier: EUPL-1.2
 *
 * The peer's rules of DXP/1, and nothing else: what is said after what is heard, what is said again
 * and when, what is believed and kept. No socket, no clock, no chance and no process of its own:
 * frames come and go through calls, the time is told with every call, whoever drives it owns the
 * connection (lib/link.c; a simulator). The spool is the only truth; everything here may be
 * forgotten at any moment and is then said anew. */
#ifndef DAFTAR_TALK_H
#define DAFTAR_TALK_H

#include "lib/difference.h"
#include "lib/examiner.h"
#include "lib/spool.h"
#include "lib/wire.h"

#define TALK_TICK_MS 500
/* Facts of the spool that a person has to see: "alarm/conflict/<message id>" is the exchange's
 * receipt that this id was used for two messages; "alarm/forked/<sizes>" are two heads of its log
 * that do not fit (lib/loghead.h). */
#define TALK_ALARMS "alarm/"
/* Facts for people: JSON of the last comparison with the exchange, and (with a party's code behind
 * it) with another party; statements with their counter-signatures, behind it
 * "<from>/<to>/<since>..<until>". */
#define TALK_LAST_RECON "recon/last"
#define TALK_RECON_WITH "recon/with/"
#define TALK_CLOSINGS "closing/"
/* And of each message that was taken and held: talk_held reads it. */
#define TALK_HELD "held/"

struct talk;

/* What came of a comparison of books. */
struct recon_report {
	int64_t at;	       /* ms UTC */
	struct party with;     /* whose book; all zero: the exchange's */
	struct party from, to; /* the channel; both all zero: everything of ours */
	int64_t since, until;  /* bounds of the time of creation; INT64_MIN, INT64_MAX: none */
	enum err code;	       /* E_OK: it came to its end; otherwise why it did not */
	uint64_t elements;     /* in our book */
	uint64_t differences;  /* messages that the two sides hold differently, but for UNDER-WAY */
	uint64_t mended;       /* of these: mended, or on their way to it */
	uint64_t open;	       /* of these: for a person */
	uint64_t count[DIFFERENCE_N];
	uint8_t fingerprint[16];
};

/* What is compared. */
struct talk_scope {
	struct party with;     /* all zero: with the exchange */
	struct party from, to; /* the channel; both all zero: everything */
	int64_t since, until;  /* since <= created < until; INT64_MIN, INT64_MAX: no bound */
	bool close; /* the exchange counter-signs the period of the channel when both agree */
};

/* What the rules ask of their driver. None of them may call back into the talk; all but `send' may
 * be NULL. */
struct talk_effects {
	void *context;
	/* False when it can not be said now: it is said again later. */
	bool (*send)(void *context, const struct wire *w);
	/* As examiner_examine. NULL: takes no deliveries (credit 0), and leaves notices that carry
	 * an addressee's word for later. */
	enum err (*examine)(
		void *context, enum examine_mode mode, struct bytes message, struct verdict *out);
	/* The same as of a time in the past, ms UTC. NULL: what is held stays held. */
	enum err (*examine_at)(void *context, enum examine_mode mode, int64_t when,
		struct bytes message, struct verdict *out);
	/* As examiner_revocation. NULL: asks for no revocation data, and brings none. */
	enum err (*revocation)(void *context, struct bytes der, struct revocation_facts *out);
	void (*up)(void *context);	/* WELCOME was heard */
	void (*changed)(void *context); /* the spool's outbox or inbox has changed */
	void (*trust)(void *context, struct bytes list); /* the broker offers a newer trust list */
	/* A newer instance has taken over: nothing is said or heard any more. */
	void (*fenced)(void *context);
	void (*soon)(void *context); /* wants talk_turn at the end of this turn of the loop */
	void (*reconciled)(void *context, const struct recon_report *r);
	/* What came of talk_ledger_ask: a line of JSON for each time that the case was handled, a
	 * loan; none when the exchange knows no such case of ours. E_BUSY, E_UNREACHABLE. */
	void (*ledger)(
		void *context, const struct id *conversation, enum err e, struct bytes lines);
};

struct talk_options {
	const char *program; /* "daftar-adapter/0.1" */
	struct party self;
	const struct trust *trust; /* a loan; talk_trust replaces it */
	uint64_t credit;	   /* deliveries that may be under way */
	/* A loan: signs the Receipt REJECTED for a delivery that fails its examination, and closing
	 * statements. May be NULL for a talk that takes no deliveries. */
	const struct identity *identity;
	uint64_t epoch;	       /* of spool_take_link */
	struct id incarnation; /* of this program: two with one epoch are two copies of a spool */
	uint64_t seed;	       /* for delays */
	unsigned window; /* messages, and settlements, that may wait for their answer; 0: 32 */
	bool thin;	 /* the line is: what is large waits for what is small */
	uint64_t most;	 /* no larger message is to be delivered; 0: any */
	bool in_order;	 /* one message of a conversation under way at a time */
};

/* `tick' is a monotonic time in ms, `now' ms UTC; every entry point is told both. */
struct talk *talk_new(const struct talk_options *o, struct spool *s, const struct talk_effects *fx,
	int64_t now, int64_t tick);
void talk_free(struct talk **t);
void talk_connected(struct talk *t, int64_t now, int64_t tick); /* a new connection: greets */
void talk_hear(struct talk *t, const struct wire *w, int64_t now, int64_t tick);
void talk_tick(struct talk *t, int64_t now, int64_t tick); /* every TALK_TICK_MS */
/* Something of the exchange was heard (monotonic ms, 0: never) that is not a whole verb yet; and
 * whether what we have said still waits for the line. */
void talk_noise(struct talk *t, int64_t heard, bool busy, int64_t tick);
/* No delivery is to come any more, until the next talk. */
void talk_refuse_deliveries(struct talk *t);
/* Says what is to be said: submits, settlements, credit. Also after something was filed. */
void talk_turn(struct talk *t, int64_t now, int64_t tick);
void talk_lost(struct talk *t); /* the connection is gone for good; another will be made */
void talk_bye(struct talk *t);
/* A newer trust list was checked and is in force. */
void talk_trust(struct talk *t, const struct trust *trust);
/* Compares our book with the exchange's, and mends. It does so by itself too: after each WELCOME,
 * once a day, and when the exchange asks for it. */
void talk_reconcile(struct talk *t, int64_t now, int64_t tick);
/* Compares a part of it, or with another party (then nothing is taken over, only told);
 * `reconciled' says how it ended. E_UNREACHABLE when the exchange is away, E_BUSY when another
 * comparison is under way. */
enum err talk_reconcile_with(
	struct talk *t, const struct talk_scope *s, int64_t now, int64_t tick) MUST_USE;
/* Another party's head of the exchange's log (lib/loghead.h), held against ours: E_OK, both are of
 * one log; E_LOG_FORKED, they are not, and the alarm is raised; E_BUSY while the exchange is asked
 * for the proof between them (call again); E_STATE, of another generation; E_NOT_FOUND, we know no
 * head yet; E_CHECKPOINT, it is none of this log. */
enum err talk_log_compare(struct talk *t, struct bytes note, int64_t now, int64_t tick) MUST_USE;
/* A person has seen the alarm. E_NOT_FOUND: there is none. */
enum err talk_log_acknowledge(struct talk *t, int64_t now, int64_t tick) MUST_USE;
/* What our country's authority has issued (CRLs, OCSP responses; DER, copied), in the place of what
 * was given before: brought to the exchange, once each. */
void talk_set_revocation(struct talk *t, const struct bytes *der, size_t n);
/* A message that was taken: E_OK, go on; E_HELD, what is known of revocations is too old, leave it;
 * otherwise what it is to be rejected with. */
enum err talk_held(struct spool *s, const struct party *from, const struct id *id) MUST_USE;
/* Asks the exchange who has handled this case, when, and under which mandate; `ledger' tells. Of
 * other parties' messages only the office that took the consent learns. E_UNREACHABLE when the
 * exchange is away, E_BUSY when another question waits for its answer. */
enum err talk_ledger_ask(
	struct talk *t, const struct id *conversation, int64_t now, int64_t tick) MUST_USE;
bool talk_is_up(const struct talk *t);
bool talk_is_fenced(const struct talk *t);

#endif
