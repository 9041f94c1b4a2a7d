/* SPDX-License-Identifier: EUPL-1.2
 *
 * The walk over the inbox: what was interrupted first, then what is new, each entry by the rule of
 * its action. When the register does not answer, everything that needs it waits together, longer
 * each time; what does not need it goes on. The next walk begins behind the entry that failed, and
 * comes to it last: one that the register can never take keeps no other waiting. */
#include "adapters/core.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/core_parts.h"
#include "lib/log.h"
#include "lib/talk.h"

#define DELAY_FIRST 200
#define DELAY_LAST 30000
#define LOOK_MS 500 /* between two looks whether the books are compared */
#define PIECE 16    /* entries that are worked on before the caller's loop gets its turn */

struct core *
core_new(const struct core_options *o)
{
	struct core *c = xcalloc(1, sizeof *c);

	c->o = *o;
	return c;
}

void
core_free(struct core **c)
{
	free(*c);
	*c = NULL;
}

void
core_set_trust(struct core *c, const struct trust *trust)
{
	c->o.trust = trust;
	c->tacit_at = 0;
}

enum err
core_body(struct core *c, struct bytes message, struct buf *body)
{
	return message_open_either(message, c->o.encrypt, c->o.encrypt_before, body);
}

enum err
job_open(struct job *j)
{
	const struct reading r = {.why = action_word(j->in.header.action)};

	if (j->body.size > 0)
		return E_OK;
	TRY(core_body(j->c, buf_bytes(&j->message), &j->body));
	if (!j->by_hand && j->in.header.action != A_ATTACHMENT) /* once a file */
		ledger_note(j->c->o.spool, &j->in.header, &r, j->now);
	return E_OK;
}

void
job_clear(struct job *j)
{
	buf_free(&j->message);
	buf_free(&j->body);
}

/* ---- is it still good ---- */

/* What has changed since it was taken, and does not undo it. */
static bool
is_later(enum err e)
{
	static const enum err those[] = {E_OK, E_NO_AGREEMENT, E_PURPOSE, E_UNKNOWN_PARTY,
		E_UNKNOWN_CERT, E_CERT_CHAIN, E_CERT_EXPIRED, E_EXPIRED, E_SCHEMA};

	for (size_t i = 0; i < ARRAY_LEN(those); i++)
		if (those[i] == e)
			return true;
	return false;
}

/* It may have waited for days, and what is known of its signer's certificate may be newer: one that
 * was revoked before it was taken has signed nothing. Once it is claimed only its end counts.
 * E_CERT_REVOKED, or E_HELD while there is nobody who could tell. */
static enum err
still_holds(struct job *j)
{
	const struct core_options *o = &j->c->o;
	enum err e;

	if (o->judge == NULL || j->in.state == IN_CLAIMED)
		return E_OK;
	e = o->judge(o->context, j->in.taken, buf_bytes(&j->message));
	if (is_later(e))
		return E_OK;
	return e == E_CERT_REVOKED ? e : E_HELD;
}

/* ---- a rule an action ---- */

/* Not now, for any reason that may pass: the entry stays as it is. */
static bool
is_passing(enum err e)
{
	return err_retry(e) != 0 || e == E_NO_KEY || e == E_KEY_MODE || e == E_NO_TRUST;
}

/* A registrar has to look: nothing that the machine could do again would help. */
enum err
core_leave_to_registrar(struct job *j, enum err why)
{
	struct spool *s = j->c->o.spool;

	if (j->in.state == IN_CLAIMED)
		return why;
	TRY(spool_note(s, &j->in.header.from, &j->in.header.id, why, ""));
	log_message(
		LOG_NOTICE, &j->in.header.id, "waiting for the registrar code=%s", err_word(why));
	return spool_wait(s, &j->in.header.from, &j->in.header.id);
}

static enum err
settle_request(struct job *j)
{
	const struct refusal not_found = {.code = "I01"};
	const struct refusal ambiguous = {.code = "I01",
		.explanation = "more than one entry fits the particulars that were given"};
	enum err e;

	if (j->c->o.profile.manual)
		return core_leave_to_registrar(j, E_OK);
	e = request_certify(j, NULL, NULL);
	if (e == E_RECORD_NOT_FOUND)
		return job_refuse(j, NULL, &not_found);
	if (e == E_AMBIGUOUS)
		return job_refuse(j, NULL, &ambiguous);
	return e == E_REGISTER_DATA || e == E_ALIKE ? core_leave_to_registrar(j, e) : e;
}

static enum err
settle_extract(struct job *j)
{
	OWNED(struct extract, x, extract_free) = NULL;
	struct digest key;

	TRY(extract_check(j, &x, &key));
	if (j->c->o.profile.manual && j->in.state != IN_CLAIMED)
		return core_leave_to_registrar(j, E_OK);
	return extract_enter(j, x, &key);
}

static const struct {
	enum action action;
	enum err (*settle)(struct job *j);
	enum pauses waits_with;
} rules[] = {
	{A_TRANSCRIPTION_REQUEST, settle_request, PAUSE_REGISTER},
	{A_CERTIFIED_EXTRACT, settle_extract, PAUSE_REGISTER},
	{A_TRANSCRIPTION_OUTCOME, outcome_settle, PAUSE_OTHERS},
	{A_CANCELLATION, cancellation_settle, PAUSE_CANCELLATION},
	{A_QUERY, query_settle, PAUSE_OTHERS},
	{A_QUERY_REPLY, reply_settle, PAUSE_OTHERS},
	{A_ATTACHMENT, attachment_settle, PAUSE_OTHERS},
};

/* What comes after the withdrawal, or had begun before it. */
static enum err
settle_withdrawn(struct job *j)
{
	enum err e;

	TRY(case_erase(j));
	e = case_end(j);
	if (e != E_CONSENT_WITHDRAWN && e != E_TOO_LATE)
		return e;
	core_sweep_now(j->c);
	return E_OK;
}

static enum err
settle(struct job *j)
{
	if (j->in.header.action != A_CANCELLATION && case_is_withdrawn(j))
		return settle_withdrawn(j);
	TRY(job_open(j));
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].action == j->in.header.action)
			return rules[i].settle(j);
	return E_ACTION;
}

/* ---- the walk ---- */

static struct pause *
pause_of(struct core *c, const struct job *j)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].action == j->in.header.action)
			return &c->pause[rules[i].waits_with];
	return &c->pause[PAUSE_OTHERS];
}

static void
go_on(struct pause *p)
{
	if (p->delay > DELAY_FIRST)
		log_line(LOG_NOTICE, "going on");
	*p = (struct pause){0};
}

/* Once a pass: what fails beside it fails for the same reason. */
static void
wait_longer(struct core *c, const struct job *j, enum err why)
{
	struct pause *p = pause_of(c, j);

	if (p->until > j->now)
		return;
	p->delay = p->delay == 0 ? DELAY_FIRST : p->delay * 2;
	if (p->delay > DELAY_LAST)
		p->delay = DELAY_LAST;
	p->until = j->now + p->delay;
	log_message(LOG_NOTICE, &j->in.header.id, "put off code=%s again_in_ms=%lld", err_word(why),
		(long long)p->delay);
}

/* From then on only its end counts: what is claimed may be in the register, and a withdrawal that
 * has been noted is one. */
static bool
has_begun(const struct job *j)
{
	return j->in.state == IN_CLAIMED ||
	       (j->in.header.action == A_CANCELLATION && case_is_withdrawn(j));
}

/* What was held and has turned out not to hold is rejected like what cannot be handled. */
static void
work_on(struct core *c, struct job *j, enum err held)
{
	enum err e;

	aside_begin_work(j);
	e = held == E_OK ? still_holds(j) : held;
	if (e == E_OK)
		e = settle(j);
	if (e != E_OK && j->in.state < IN_DONE && !is_passing(e) && !has_begun(j))
		e = job_reject(j, e);
	aside_end_work(j, e == E_OK || j->in.state >= IN_DONE);
	if (e == E_OK || j->in.state >= IN_DONE) {
		go_on(pause_of(c, j));
		return;
	}
	wait_longer(c, j, e);
	if (j->in.header.action == A_CANCELLATION)
		e = spool_note(c->o.spool, &j->in.header.from, &j->in.header.id, e, "");
	else
		c->failed[j->in.state] = j->in.order;
}

/* A copy of this adapter that is gone may have promised that it is not entered. */
static bool
may_be_stopped(const struct job *j)
{
	return j->in.header.action == A_CERTIFIED_EXTRACT && !j->c->compared;
}

static void
look_at_books(struct core *c, int64_t now)
{
	enum err e;

	if (spool_is_restored(c->o.spool)) {
		c->compared = false;
		return;
	}
	if (c->compared)
		return;
	e = core_stop_again(c, now);
	c->compared = e == E_OK;
	if (e != E_OK)
		log_line(LOG_ERROR, "what was stopped before cannot be stopped yet code=%s",
			err_word(e));
}

/* Another walk's, or nobody's until it is released or the books were compared. */
static bool
is_stopped(const struct job *j)
{
	return j->in.header.action == A_CANCELLATION || case_is_frozen(j) || may_be_stopped(j);
}

/* One pass over the entries of a state, from the one after `after' to `last'; one that is damaged
 * on disk is passed by, as long as it can be known which one it is. False when the piece is used
 * up: by work that went well, since what does not go well pauses its kind. */
static bool
walk(struct core *c, enum in_state state, uint64_t after, uint64_t last, int64_t now, size_t *left)
{
	for (;;) {
		JOB(j) = {.c = c, .now = now};
		enum err e;

		e = spool_next_in(c->o.spool, state, after, &j.in, &j.message);
		if (e != E_OK && e != E_NOT_FOUND)
			log_message(LOG_ERROR, &j.in.header.id, "the inbox cannot be read code=%s",
				err_word(e));
		if ((e != E_OK && j.in.order == 0) || j.in.order > last)
			return true;
		after = j.in.order;
		if (e != E_OK || now < pause_of(c, &j)->until || is_stopped(&j) || aside_rests(&j))
			continue;
		e = talk_held(c->o.spool, &j.in.header.from, &j.in.header.id);
		if (e == E_HELD)
			continue;
		if ((*left)-- == 0)
			return false;
		work_on(c, &j, e);
	}
}

/* All Cancellations, before anything else. One that was put off waits for its time; what comes
 * beside it does not. */
static void
walk_cancellations(struct core *c, int64_t now)
{
	uint64_t after = 0;

	for (;;) {
		JOB(j) = {.c = c, .now = now};
		enum err e = spool_next_urgent_in(c->o.spool, after, &j.in, &j.message);

		if (j.in.order <= after)
			return;
		after = j.in.order;
		if (e != E_OK || j.in.state >= IN_DONE ||
			(j.in.code != E_OK && now < pause_of(c, &j)->until) || aside_rests(&j))
			continue;
		e = talk_held(c->o.spool, &j.in.header.from, &j.in.header.id);
		if (e != E_HELD)
			work_on(c, &j, e);
	}
}

static bool
walk_all(struct core *c, int64_t now)
{
	const uint64_t claimed = c->failed[IN_CLAIMED], taken = c->failed[IN_TAKEN];
	size_t left = PIECE;

	return walk(c, IN_CLAIMED, claimed, UINT64_MAX, now, &left) &&
	       walk(c, IN_TAKEN, taken, UINT64_MAX, now, &left) &&
	       walk(c, IN_CLAIMED, 0, claimed, now, &left) &&
	       walk(c, IN_TAKEN, 0, taken, now, &left);
}

int64_t
core_work(struct core *c, int64_t now)
{
	int64_t again, sweep;

	look_at_books(c, now);
	again = core_tacit(c, now);
	sweep = core_sweep(c, now);
	if (sweep < again)
		again = sweep;
	if (!c->compared && again > LOOK_MS)
		again = LOOK_MS;
	for (size_t i = 0; i < ARRAY_LEN(c->pause); i++)
		if (c->pause[i].until - now > DELAY_LAST) /* the clock was set back */
			c->pause[i].until = 0;
	walk_cancellations(c, now);
	if (!walk_all(c, now))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(c->pause); i++)
		if (c->pause[i].until > now && c->pause[i].until - now < again)
			again = c->pause[i].until - now;
	return again;
}

/* ---- the registrar ---- */

enum err
core_waiting(struct core *c, const struct party *from, const struct id *id, int64_t now,
	enum action action, struct job *j)
{
	enum err e;

	j->c = c;
	j->now = now;
	j->by_hand = true;
	look_at_books(c, now);
	TRY(spool_in(c->o.spool, from, id, &j->in, &j->message));
	if (j->in.header.action != A_CANCELLATION && case_is_withdrawn(j))
		return E_CONSENT_WITHDRAWN;
	if (j->in.state < IN_DONE && is_stopped(j))
		return E_FROZEN;
	if (core_is_aside(c, &j->in) && action != ACTION_N)
		return E_ADAPTER_DIED;
	if ((j->in.state != IN_WAITING && !core_is_aside(c, &j->in)) ||
		(action != ACTION_N && j->in.header.action != action))
		return E_STATE;
	e = still_holds(j);
	if (e == E_CERT_REVOKED)
		TRY(job_reject(j, e));
	return e == E_OK ? job_open(j) : e;
}

enum err
core_certify(struct core *c, const struct party *from, const struct id *id, const char *number,
	const char *office, int64_t now)
{
	JOB(j) = {0};

	TRY(core_waiting(c, from, id, now, A_TRANSCRIPTION_REQUEST, &j));
	return request_certify(&j, number, office);
}

enum err
core_transcribe(struct core *c, const struct party *from, const struct id *id, const char *number,
	int64_t now)
{
	OWNED(struct extract, x, extract_free) = NULL;
	JOB(j) = {0};
	struct digest key;
	enum err e;

	TRY(core_waiting(c, from, id, now, A_CERTIFIED_EXTRACT, &j));
	TRY(extract_check(&j, &x, &key));
	e = number != NULL ? extract_by_hand(&j, x, &key, number) : extract_enter(&j, x, &key);
	if (e == E_CONSENT_EXPIRED && j.in.state == IN_WAITING)
		TRY(job_reject(&j, e));
	if (e != E_OK && j.in.state == IN_CLAIMED)
		wait_longer(c, &j, e);
	return e;
}

static bool
is_day(const char *text)
{
	return strlen(text) == 10 && strspn(text, "0123456789-") == 10 && text[4] == '-' &&
	       text[7] == '-';
}

enum err
core_refuse(struct core *c, const struct party *from, const struct id *id,
	const struct refusal *why, int64_t now)
{
	OWNED(struct extract, x, extract_free) = NULL;
	bool aside;
	JOB(j) = {0};

	if (!code_known("refusal", why->code) ||
		(why->appeal_by != NULL && !is_day(why->appeal_by)))
		return E_INPUT;
	TRY(core_waiting(c, from, id, now, ACTION_N, &j));
	if (j.in.header.action == A_QUERY)
		return E_STATE; /* it is answered */
	if (j.in.header.action == A_CERTIFIED_EXTRACT)
		TRY(extract_parse(buf_bytes(&j.body), &x));
	aside = core_is_aside(c, &j.in);
	if (aside)
		TRY(aside_refuse(&j));
	TRY(job_refuse(&j, x != NULL ? x->id : NULL, why));
	if (aside)
		aside_forget(&j);
	return E_OK;
}
