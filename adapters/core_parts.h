/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the core's own files share. */
#ifndef DAFTAR_CORE_PARTS_H
#define DAFTAR_CORE_PARTS_H

#include "adapters/core.h"
#include "adapters/ledger.h"

struct pause {
	int64_t delay; /* ms, of the last wait; 0: all is well */
	int64_t until;
};

/* What waits together when something fails. */
enum pauses { PAUSE_OTHERS, PAUSE_REGISTER, PAUSE_CANCELLATION, PAUSES };

struct core {
	struct core_options o;
	struct pause pause[PAUSES];
	uint64_t failed[IN_N]; /* the walk over a state begins behind the last that failed */
	int64_t tacit_at;      /* when silence is looked at next */
	int64_t sweep_at;      /* and what is left of withdrawn cases */
	bool compared;	       /* what a copy that is gone has stopped is stopped here */
	size_t aside_after;    /* deaths; 0: they are not counted */
	size_t careful;	       /* pieces of work that are still to be noted */
	size_t n_aside;
	bool noted; /* the present one is */
};

/* An entry that is being worked on. */
struct job {
	struct core *c;
	struct in_entry in;
	struct buf message;
	struct buf body; /* opened */
	int64_t now;
	bool by_hand; /* a registrar's command, which is noted where it came in */
};

void job_clear(struct job *j);
/* JOB(j) = {..}; freed at the end of the scope. */
#define JOB(name) __attribute__((cleanup(job_clear))) struct job name

/* ---- core_answer.c: what an entry leads to, filed together ---- */

#define ANSWERS_MAX 3
struct answers {
	struct buf message[ANSWERS_MAX];
	size_t n;
};
void answers_free(struct answers *a);
/* ANSWERS(a) = {0}; freed at the end of the scope. */
#define ANSWERS(name) __attribute__((cleanup(answers_free))) struct answers name
/* May this party send that? The agreement, NULL when none. */
const struct trust_agreement *answer_agreement(
	const struct core *c, const struct party *to, enum action action);
/* A message in answer to the job's, with the consent token of the job's where it tells of the
 * person. `leg' NULL: a new one. E_NO_AGREEMENT, E_UNKNOWN_PARTY, E_CONSENT_MISSING,
 * E_CONSENT_SCOPE, E_CONSENT_EXPIRED, ... */
struct answer {
	enum action action;
	struct party to;
	const struct id *leg;
	const struct digest *key;
};
enum err answers_add(
	struct answers *a, struct job *j, const struct answer *what, struct bytes body) MUST_USE;
/* What is said of an extract, to its issuer on the extract's leg and to the liaison on a new one.
 */
enum err answers_add_both(struct answers *a, struct job *j, struct bytes body) MUST_USE;
/* Our Receipt, and everything into the spool. `note' and `code' are kept with the entry; `word'
 * (NULL: none) is told to the exchange. */
enum err answers_file(struct answers *a, struct job *j, enum stage stage, enum err code,
	const char *word, const char *note) MUST_USE;
/* The job's message cannot be handled at all: REJECTED, and nobody else is told. Then the job is
 * DONE. */
enum err job_reject(struct job *j, enum err code) MUST_USE;
/* Refused, to whoever asked (and, for an extract, to the liaison); the message itself is settled
 * COMMITTED. */
enum err job_refuse(struct job *j, const char *extract_id, const struct refusal *why) MUST_USE;

/* The civil day of an instant in this machine's time zone, `days' later. */
void core_day(int64_t now, long days, char out[11]);
/* Opens the job's message unless it is open, and notes that it did. */
enum err job_open(struct job *j) MUST_USE;

/* ---- core.c ---- */

/* A registrar has to look: nothing that the machine could do again would help. */
enum err core_leave_to_registrar(struct job *j, enum err why) MUST_USE;
/* Opens what waits for the registrar, of this action (ACTION_N: of any). E_STATE,
 * E_CONSENT_WITHDRAWN, E_FROZEN. */
enum err core_waiting(struct core *c, const struct party *from, const struct id *id, int64_t now,
	enum action action, struct job *j) MUST_USE;

/* ---- core_aside.c ---- */

void aside_begin_work(struct job *j);
void aside_end_work(struct job *j, bool done); /* the entry has ended, or waits for a person */
/* It is set aside, or waits for the end of one that is. */
bool aside_rests(const struct job *j);
/* What is set aside is to be refused: may it be? E_TOO_LATE: the register has it, and it was ended
 * as entered; E_ADAPTER_DIED: it is none that anybody refuses; E_LOCKED, E_REGISTER. */
enum err aside_refuse(struct job *j) MUST_USE;
void aside_forget(struct job *j);

/* ---- core_outcome.c ---- */

/* The rule for an outcome of an extract of ours. */
enum err outcome_settle(struct job *j) MUST_USE;

/* ---- core_query.c ---- */

enum err query_settle(struct job *j) MUST_USE;
enum err reply_settle(struct job *j) MUST_USE;
/* Drops the questions whose message is not kept any more. */
void core_forget_questions(struct core *c);

/* ---- core_attachment.c ---- */

enum err attachment_settle(struct job *j) MUST_USE;
/* Drops the facts about parts, of a case (NULL: of all), whose octets are not kept any more. */
void core_forget_scans(struct core *c, const struct id *conversation);

/* ---- core_fields.c ---- */

/* Takes out of the extract what a consent of the request, the agreement that it is to travel under
 * or the addressee's needs do not allow. */
void extract_limit(
	struct job *j, const struct request *r, const struct trust_agreement *g, struct extract *x);
/* Does it hold no more than agreement and addressee allow? E_FIELD. */
enum err extract_within(
	struct job *j, const struct trust_agreement *g, const struct extract *x) MUST_USE;

/* ---- core_protect.c ---- */

/* May the request not be answered? By what it says itself, and by what the record says that was
 * found. *why is then what to tell who asked. */
bool request_is_refused(const struct job *j, const struct request *r, struct refusal *why) MUST_USE;
bool request_is_refused_for(const struct job *j, const struct request *r, const struct extract *x,
	struct refusal *why) MUST_USE;

/* ---- core_withdraw.c ---- */

/* Has the office that signed the job's consent token withdrawn it, or stopped the case? Without a
 * token neither is ever so. */
bool case_is_withdrawn(const struct job *j) MUST_USE;
bool case_is_frozen(const struct job *j) MUST_USE;
/* Ends what the job's message asks for, unless it is too late. E_CONSENT_WITHDRAWN: it is ended;
 * E_TOO_LATE: the register has it, which is told; otherwise it is not known yet. */
enum err case_end(struct job *j) MUST_USE;
/* Erases the bodies of the job's case, now and again until none is left. */
enum err case_erase(struct job *j) MUST_USE;
/* The rule for a Cancellation: withdraws, holds or releases. */
enum err cancellation_settle(struct job *j) MUST_USE;
/* Erases what could not be erased before, ends what waits beyond its consent; in how many ms it
 * wants to be called again, CORE_IDLE: never. */
/* What a comparison of books has brought: stops what a copy of this adapter that is gone had been
 * told to stop. */
enum err core_stop_again(struct core *c, int64_t now) MUST_USE;
int64_t core_sweep(struct core *c, int64_t now);
/* Erases what case_erase has left and could be erased by now; what still can not is erased later.
 */
void core_sweep_now(struct core *c);

/* ---- core_tacit.c ---- */

/* Refuses what has waited for the registrar too long, now and then; in how many ms it wants to be
 * called again, CORE_IDLE: never. */
int64_t core_tacit(struct core *c, int64_t now);

/* ---- core_request.c, core_extract.c ---- */

/* `number' and `office' as in core_certify. */
enum err request_certify(struct job *j, const char *number, const char *office) MUST_USE;
/* What must be right before anything is done: E_OK, or the code to reject it with. */
enum err extract_check(struct job *j, struct extract **out, struct digest *key) MUST_USE;
enum err extract_enter(struct job *j, const struct extract *x, const struct digest *key) MUST_USE;
/* The same extract, or outcome, as a new message; nothing is filed. E_PROTECTION, E_NOT_FOUND, ..
 */
enum err request_extract_again(
	struct job *j, const char *number, const char *office, struct answers *a) MUST_USE;
enum err extract_tell_again(struct job *j, const struct party *to, struct answers *a) MUST_USE;
enum err refusal_again(struct job *j, const struct party *to, const struct refusal *why,
	struct answers *a) MUST_USE;
/* The register has lost the entry: makes it again under the same key. When it has another number
 * than `number', that is told. For a job that is DONE or TOLD and whose body is kept. */
enum err extract_again(struct job *j, const char *number, struct made *m) MUST_USE;
/* Before an extract is withdrawn. E_OK: the register does not have it. E_TOO_LATE: it was being
 * entered and the register has it; then it is settled as entered, and that is told. Otherwise the
 * register does not answer. */
enum err extract_stop(struct job *j) MUST_USE;
/* An extract that has ended and led to an entry. */
bool extract_was_entered(const struct in_entry *e) MUST_USE;
/* E_CONSENT_EXPIRED. */
enum err consent_lasts(const struct job *j) MUST_USE;
/* The registrar's own word for this key; E_NOT_FOUND. */
bool extract_was_by_hand(struct core *c, const struct digest *key);
/* The registrar has entered it under this number. */
enum err extract_by_hand(struct job *j, const struct extract *x, const struct digest *key,
	const char *number) MUST_USE;

#endif
