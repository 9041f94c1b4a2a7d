/* SPDX-License-Identifier: EUPL-1.2
 *
 * The adapter's rules: what is done with every message that was taken. No socket, no clock, no disk
 * of its own: it calls the spool and the driver, is told the time, and is called again when it asks
 * for it. For the daemon, the registrar's commands and the tests.
 *
 *	TAKEN --open--> request: find, seal, send the extract      --> DONE
 *	            \-> extract: check the seal --> CLAIMED --ask the register--> enter --> DONE
 *	            \-> outcome: keep it                           --> DONE
 *	            \-> Cancellation: before all else, ends or freezes the case --> DONE
 *	            \-> another registry's question: WAITING, for the registrar's answer --> DONE
 *	            \-> answer to a question: keep it               --> DONE
 *	            \-> part of a scan: keep it                     --> DONE
 *	            \-> anything else, or what cannot be opened: REJECTED --> DONE
 *
 * With decide = manual, requests and extracts go from TAKEN to WAITING, and on when the registrar
 * says so. Answers and settlement are filed in one transaction, so a crash before it means that the
 * work is done again, and the register says what was made the first time. */
#ifndef DAFTAR_CORE_H
#define DAFTAR_CORE_H

#include "adapters/driver.h"
#include "lib/seal.h"
#include "lib/spool.h"
#include "lib/trust.h"

/* Texts of the registry's profile; loans. */
struct profile {
	struct party liaison;
	const char *register_name, *office, *place, *certifier;
	const char *legal_provision, *appeal_body;
	const char *name_rule;
	long appeal_days, expires_days, retain_days;
	bool manual;
};

struct core_options {
	struct party self;
	struct profile profile;
	const struct trust *trust;
	const struct identity *sign, *encrypt;
	const struct identity *encrypt_before; /* NULL: the keys were never changed */
	struct spool *spool;
	const struct driver_kind *kind;
	struct driver *driver;
	/* The secret that is shared with another party. E_NO_KEY. */
	enum err (*pair_secret)(void *context, const struct party *other, uint8_t out[32]);
	/* An examiner's verdict about a message that was taken at `when', by what is known of
	 * certificates now. NULL: what was taken stays good. */
	enum err (*judge)(void *context, int64_t when, struct bytes message);
	void *context;
};

#define CORE_IDLE INT64_MAX

struct core;
struct core *core_new(const struct core_options *o); /* keeps loans of everything in it */
void core_free(struct core **c);
void core_set_trust(struct core *c, const struct trust *trust);
/* This process alone works on the spool from now on, until core_end. What the one before has died
 * of is counted; after so many deaths of one message it is set aside for a person
 * (adapters/core_aside.c). Without it nothing is counted. */
void core_begin(struct core *c, size_t aside_after);
void core_end(struct core *c);

/* Does what can be done now and says in how many ms it wants to be called again: CORE_IDLE when
 * only a new message or the registrar can change anything. */
int64_t core_work(struct core *c, int64_t now);

/* ---- what a registrar does with an entry in state WAITING; E_STATE for any other,
 * E_CONSENT_WITHDRAWN and E_FROZEN for one of a case that was withdrawn or is frozen,
 * E_ADAPTER_DIED for one that is set aside, which can be tried again or refused ---- */

/* Nothing is done with an entry that has not ended: the case is frozen. */
bool core_is_frozen(struct core *c, const struct in_entry *e) MUST_USE;
/* Set aside, because the adapter has died of it so often. */
bool core_is_aside(const struct core *c, const struct in_entry *e) MUST_USE;
size_t core_count_aside(struct core *c);
size_t core_deaths(const struct core *c, const struct in_entry *e);
/* It is worked on again; one more death, and it is set aside again. E_STATE: it is not. */
enum err core_retry(struct core *c, const struct party *from, const struct id *id) MUST_USE;
/* The body of an entry: a complete document, valid. E_BODY, E_HEADER_MISMATCH, E_SCHEMA. */
enum err core_body(struct core *c, struct bytes message, struct buf *body) MUST_USE;
/* Certifies a request. With `number' not NULL the entry meant is that one (of `office', if given):
 * the registrar has looked. E_RECORD_NOT_FOUND, E_AMBIGUOUS, E_REGISTER_DATA, ...: nothing is sent,
 * the entry goes on waiting. */
enum err core_certify(struct core *c, const struct party *from, const struct id *id,
	const char *number, const char *office, int64_t now) MUST_USE;
/* Enters an extract through the driver, or, with `number', notes the entry that the registrar has
 * made by hand. E_LOCKED and E_REGISTER: it is claimed and will be tried again. */
enum err core_transcribe(struct core *c, const struct party *from, const struct id *id,
	const char *number, int64_t now) MUST_USE;

/* ---- questions (adapters/core_query.c) ---- */

struct question {
	const char *about;     /* path of an element; NULL: the whole paper */
	const char *document;  /* or the kind of a document of the request */
	const char *code;      /* of the list "query" */
	const char *text;      /* or NULL */
	const char *answer_by; /* ISO date, today or later */
	const char *to; /* NULL: the liaison office; or the registry that an extract is from */
};
/* Asks about a request or an extract, which goes on waiting. The same again, while it is open, is
 * the same message. E_INPUT for what may not stand in it, E_NOT_FOUND for no such document,
 * E_CONSENT_SCOPE for anybody else, E_NO_AGREEMENT, E_CONSENT_EXPIRED, ... */
enum err core_ask(struct core *c, const struct party *from, const struct id *id,
	const struct question *q, int64_t now) MUST_USE;
/* Answers a question of another registry: a word of the list "answer"; `text' may be NULL. */
enum err core_answer(struct core *c, const struct party *from, const struct id *id,
	const char *answer, const char *text, int64_t now) MUST_USE;
struct asked; /* adapters/questions.h */
/* It was not taken: *out says why. */
bool question_failed(struct core *c, const struct asked *a, struct out_entry *out) MUST_USE;

/* ---- the register's own book beside ours ---- */

struct register_report {
	uint64_t entries;    /* made through us, as the register says */
	uint64_t agree;	     /* of these, known to the spool under the same number */
	uint64_t lost;	     /* settled here, and the register does not have them (any more) */
	uint64_t mended;     /* of these, entered again */
	uint64_t renumbered; /* of these, under another number, which was told */
	uint64_t unknown;    /* in the register, and not known here */
	uint64_t differ;     /* known here under another number */
};
/* Called for each difference: "register-lost", "mended", "renumbered", "no-body" (cannot be
 * mended here: the extract is not kept any more), "withdrawn" (must not be mended: its consent was
 * withdrawn), "unknown-here", "number-differs". `message' is
 * NULL when it is not known. */
typedef void register_visit(
	void *context, const char *word, const struct id *message, const char *number);
/* Compares every entry that the register says it has through us with every extract that the spool
 * has settled. With `mend' what the register has lost (it was restored from an older copy) is
 * entered again under the same key, and a new number is told to who was told the old one. E_LOCKED,
 * E_REGISTER, E_REGISTER_DATA, and the spool's errors: then nothing more was done, and doing it
 * again is safe. `each' may be NULL. */
enum err core_register(struct core *c, bool mend, int64_t now, register_visit *each, void *context,
	struct register_report *out) MUST_USE;

struct refusal {
	const char *code;	 /* of the list "refusal" */
	const char *explanation; /* or NULL */
	const char *appeal_body; /* NULL: the profile's */
	const char *appeal_by;	 /* ISO date; NULL: after the profile's days */
};
/* An extract or outcome of ours that the exchange has given back, made anew and filed: *anew is its
 * id, and the same when it is asked for again. E_STATE: it was not given back, or is not to be
 * filed again; E_NOT_FOUND: no such message, what it answers is not kept, or the register has no
 * such entry (any more); E_PROTECTION: it may not be answered now; E_INPUT: a refusal has to be
 * given again. And what certifying says. */
struct refile {
	const char *number, *office; /* of an extract, as in core_certify */
	struct refusal why;	     /* of a refusal: the code, and what else was told */
	unsigned user;		     /* who asks for it, for the ledger */
};
enum err core_refile(struct core *c, const struct id *id, const struct refile *how, int64_t now,
	struct id *anew) MUST_USE;
/* Those that were not filed again yet. */
enum err core_each_given_back(struct core *c, spool_out_visit *each, void *context) MUST_USE;

/* Refuses a request or an extract, one that is set aside too: when the register has it, it is ended
 * as entered, E_TOO_LATE. E_INPUT for an unknown code or no date. */
enum err core_refuse(struct core *c, const struct party *from, const struct id *id,
	const struct refusal *why, int64_t now) MUST_USE;

#endif
