/* SPDX-License-Identifier: EUPL-1.2
 *
 * Stopping a case: a withdrawal, a hold and its release are each two Cancellations, one to the
 * registry that was asked and one to the registry that would be told, and the exchange stops what
 * it has as soon as it has one of them. That the case is stopped, its Cancellations and the end of
 * a request that has not left yet are one transaction of the spool. */
#include <stdlib.h>
#include <string.h>

#include "liaison/alike.h"
#include "liaison/consent.h"
#include "liaison/incoming.h"
#include "liaison/scans.h"

/* ---- filing ---- */

static bool
is_there(struct office *o, const struct id *id)
{
	struct out_entry e;

	return spool_out(o->spool, id, &e, NULL) == E_OK;
}

static bool
is_refused(struct office *o, const struct id *id)
{
	struct out_entry e;

	return spool_out(o->spool, id, &e, NULL) == E_OK && e.state == OUT_REFUSED;
}

/* Something of the case may be beyond this office. What has no receipt may have arrived all the
 * same, with the line cut before the receipt. What a restored copy has as a draft may have been
 * filed by the one that is gone. */
bool
case_may_have_left(struct office *o, const struct officer_case *c)
{
	struct out_entry e;

	if (spool_out(o->spool, &c->message, &e, NULL) != E_OK)
		return spool_is_restored(o->spool);
	return e.state != OUT_REFUSED || e.code == E_CONSENT_WITHDRAWN;
}

/* A registry to which no road leads any more is left out: the exchange stops the case all the same,
 * but for one that was filed before there were tokens. */
static enum err
file_one(struct office *o, const struct officer_case *c, enum stop_kind kind, bool to_holder)
{
	const struct case_stop *stop = &c->stop[kind];
	OWNED_BUF(message) = {0};
	enum err e;

	if (is_there(o, to_holder ? &stop->to_holder : &stop->to_destination))
		return E_OK;
	e = compose_stop(o, c, kind, to_holder, &message);
	if (e == E_NO_AGREEMENT || e == E_UNKNOWN_PARTY || e == E_CONSENT_MISSING)
		return E_OK;
	return e == E_OK ? spool_file(o->spool, buf_bytes(&message), instant_now()) : e;
}

/* What has not left does not leave, and what was kept of the case is not needed any more. */
static enum err
drop_case(struct office *o, struct officer_case *c)
{
	struct consent_token t;

	if (case_token(c, &t))
		TRY(spool_end_unsent(o->spool, &t, E_CONSENT_WITHDRAWN, instant_now()));
	TRY(spool_erase(o->spool, &c->conversation, false));
	TRY(question_erase(o, &c->conversation));
	TRY(scans_erase(o, &c->conversation));
	TRY(alike_forget(o, c->number));
	TRY(signed_drop(o, c->number));
	(void)!office_forget(o); /* when it fails, what is sealed stays a little longer */
	return E_OK;
}

static enum err
file_stop(struct office *o, struct officer_case *c, enum stop_kind kind)
{
	bool left = case_may_have_left(o, c);

	if (kind == STOP_WITHDRAWAL)
		buf_free(&c->body);
	if (left)
		TRY(case_grant_stop(o, c));
	TRY(case_save(o, c));
	if (kind == STOP_WITHDRAWAL)
		TRY(drop_case(o, c));
	if (!left)
		return E_OK;
	TRY(file_one(o, c, kind, true));
	return file_one(o, c, kind, false);
}

static bool
waits_for_line(struct office *o, const struct officer_case *c, enum stop_kind kind)
{
	return case_reached(o, c, kind, true).kind == REACH_WAITING ||
	       case_reached(o, c, kind, false).kind == REACH_WAITING;
}

/* Nothing has to be said anew. A release that the exchange has had is said again: since then a
 * registry may have held the case. */
static bool
is_stopped(struct office *o, const struct officer_case *c, enum stop_kind kind)
{
	switch (kind) {
	case STOP_WITHDRAWAL:
		return c->stop[kind].at != 0;
	case STOP_HOLD:
		return case_is_held(c);
	case STOP_RELEASE:
		return !case_is_held(c) && c->stop[kind].at != 0 && waits_for_line(o, c, kind);
	case STOP_N:
		break;
	}
	return false;
}

static const char *const notes[STOP_N] = {
	[STOP_WITHDRAWAL] = N_("consent withdrawn"),
	[STOP_HOLD] = N_("held"),
	[STOP_RELEASE] = N_("released"),
};

enum err
case_stop(struct office *o, struct officer_case *c, enum stop_kind kind, const char *channel,
	const char *reason)
{
	struct case_stop *stop = &c->stop[kind];

	if (!is_stopped(o, c, kind)) {
		ledger_note(o, &c->conversation, reason[0] != '\0' ? "cancelled" : notes[kind]);
		stop->at = instant_now();
		stop->to_holder = id_new();
		stop->to_destination = id_new();
		if (!copy_text(stop->channel, sizeof stop->channel, channel) ||
			!copy_text(stop->reason, sizeof stop->reason, reason))
			return E_INPUT;
	}
	/* What the exchange would not take may be taken by now. */
	if (is_refused(o, &stop->to_holder))
		stop->to_holder = id_new();
	if (is_refused(o, &stop->to_destination))
		stop->to_destination = id_new();
	return file_stop(o, c, kind);
}

/* ---- a copy that goes on for one that is gone ---- */

struct stopped {
	char (*number)[TRACKING_SIZE];
	size_t n;
};

static bool
collect_stopped(void *context, const struct officer_case *c)
{
	struct stopped *s = context;

	if (c->stop[STOP_WITHDRAWAL].at == 0 && !case_is_held(c))
		return true;
	s->number = xrealloc(s->number, (s->n + 1) * sizeof *s->number);
	memcpy(s->number[s->n++], c->number, TRACKING_SIZE);
	return true;
}

static enum err
stop_again(struct office *o, const char *number)
{
	OWNED_CASE(c);
	enum stop_kind kind;

	TRY(case_find(o, number, &c));
	kind = c.stop[STOP_WITHDRAWAL].at != 0 ? STOP_WITHDRAWAL : STOP_HOLD;
	return case_stop(o, &c, kind, c.stop[kind].channel, c.stop[kind].reason);
}

enum err
cases_stop_again(struct office *o)
{
	struct stopped s = {NULL, 0};
	OWNED_FD(lock) = -1;
	enum err e, kept;

	TRY(case_lock(o, &lock));
	e = case_each(o, collect_stopped, &s);
	if (e == E_OK)
		e = spool_group(o->spool);
	if (e == E_OK) {
		for (size_t i = 0; i < s.n && e == E_OK; i++)
			e = stop_again(o, s.number[i]);
		kept = spool_group_end(o->spool);
		e = e != E_OK ? e : kept;
	}
	free(s.number);
	return e;
}

/* ---- what became of it ---- */

static const struct reach {
	const char *word;
	bool open;		   /* an answer is still to come */
	const char *stop, *others; /* of a withdrawal; of a hold or release */
} reaches[] = {
	[REACH_WAITING] = {"waiting", true,
		N_("is not told yet; this goes first when the exchange can be reached"),
		N_("is not told yet; this goes first when the exchange can be reached")},
	[REACH_SENT] = {"sent", true,
		N_("gets nothing more from the exchange; it has not answered yet"),
		N_("has not answered yet; the exchange acts on it already")},
	[REACH_DONE] = {"stopped", false,
		N_("says, signed: stopped in time, nothing was entered, what it had of the case is "
		   "erased"),
		N_("says that it has acted on it")},
	[REACH_DENIED] = {"not-held", false,
		N_("says, signed: nothing of the case was there; the exchange passes nothing more "
		   "on "
		   "to it"),
		N_("says that nothing of the case was there")},
	[REACH_NOTHING] = {"not-reached", false, N_("nothing had reached it, and nothing will"),
		N_("nothing had reached it")},
	[REACH_LATE] = {"too-late", false,
		N_("TOO-LATE: the record had been entered; nothing further is sent"),
		N_("TOO-LATE: the record had been entered")},
	[REACH_NO_ROAD] = {"no-road", false,
		N_("cannot be told from here (no road in the trust list, or filed before there "
		   "were "
		   "consent tokens): tell it by other means"),
		N_("cannot be told from here: tell it by other means")},
	[REACH_FAILED] = {"failed", false, N_("did not take it: see the code"),
		N_("did not take it: see the code")},
};

static enum reach_kind
reach_of_end(const struct out_entry *e)
{
	const char *code = e->reason[0] != '\0' ? e->reason : err_word(e->code);

	if (strcmp(code, err_word(E_NOT_HELD)) == 0)
		return e->stage == ST_COMMITTED ? REACH_DENIED : REACH_NOTHING;
	if (strcmp(code, err_word(E_TOO_LATE)) == 0)
		return REACH_LATE;
	return e->stage == ST_COMMITTED ? REACH_DONE : REACH_FAILED;
}

static enum reach_kind
reach_of(struct office *o, const struct officer_case *c, const struct id *id, struct out_entry *e)
{
	memset(e, 0, sizeof *e);
	if (spool_out(o->spool, id, e, NULL) != E_OK)
		return case_may_have_left(o, c) ? REACH_NO_ROAD : REACH_NOTHING;
	switch (e->state) {
	case OUT_FILED:
		return REACH_WAITING;
	case OUT_SENT:
	case OUT_DELIVERED:
		return REACH_SENT;
	case OUT_ENDED:
		return reach_of_end(e);
	case OUT_REFUSED:
	case OUT_N:
		break;
	}
	return REACH_FAILED;
}

struct reached
case_reached(struct office *o, const struct officer_case *c, enum stop_kind kind, bool holder)
{
	const struct case_stop *stop = &c->stop[kind];
	struct out_entry e;
	struct reached r = {.party = holder ? c->to : c->destination};
	const struct reach *row;

	r.kind = reach_of(o, c, holder ? &stop->to_holder : &stop->to_destination, &e);
	row = &reaches[r.kind];
	r.word = row->word;
	r.open = row->open;
	r.sentence = kind == STOP_WITHDRAWAL ? row->stop : row->others;
	if (r.kind == REACH_FAILED)
		(void)!copy_text(
			r.code, sizeof r.code, e.reason[0] != '\0' ? e.reason : err_word(e.code));
	return r;
}

bool
case_stop_failed(struct office *o, const struct officer_case *c, enum stop_kind kind)
{
	for (int i = 0; i < 2; i++) {
		enum reach_kind r = case_reached(o, c, kind, i == 0).kind;

		if (r == REACH_FAILED || r == REACH_NO_ROAD)
			return true;
	}
	return false;
}

bool
case_stop_is_late(struct office *o, const struct officer_case *c, enum stop_kind kind)
{
	return case_reached(o, c, kind, true).kind == REACH_LATE ||
	       case_reached(o, c, kind, false).kind == REACH_LATE;
}

bool
case_stop_is_open(struct office *o, const struct officer_case *c, enum stop_kind kind)
{
	return case_reached(o, c, kind, true).open || case_reached(o, c, kind, false).open;
}

/* ---- telling it ---- */

/* The entry's number, when the registry has said it. */
static void
say_late(struct office *o, const struct officer_case *c)
{
	struct story s;

	if (story_load(o, c, &s) == E_OK && story_went_well(&s) && s.detail[0] != '\0')
		say("    entry %s\n", line(s.detail));
	else
		say("    its number comes with the registry's outcome: daftar track %s\n",
			c->number);
}

void
case_say_reached(struct office *o, const struct officer_case *c, enum stop_kind kind)
{
	for (int i = 0; i < 2; i++) {
		struct reached r = case_reached(o, c, kind, i == 0);

		say("  %s: %s%s%s\n", r.party.code, _(r.sentence), r.code[0] != '\0' ? ": " : "",
			line(r.code));
		if (r.kind == REACH_LATE)
			say_late(o, c);
	}
}

static bool
last_stop(const struct officer_case *c, enum stop_kind *kind)
{
	*kind = c->stop[STOP_WITHDRAWAL].at != 0 ? STOP_WITHDRAWAL
		: case_is_held(c)		 ? STOP_HOLD
						 : STOP_RELEASE;
	return c->stop[*kind].at != 0;
}

void
case_put_reached(struct office *o, const struct officer_case *c, json_t *j)
{
	enum stop_kind kind;
	json_t *list;

	if (!last_stop(c, &kind))
		return;
	list = json_array();
	for (int i = 0; i < 2; i++) {
		struct reached r = case_reached(o, c, kind, i == 0);

		json_array_append_new(
			list, json_pack("{s:s s:s s:s*}", "party", r.party.code, "result", r.word,
				      "code", r.code[0] != '\0' ? r.code : NULL));
	}
	json_object_set_new(j, "registries", list);
}

/* ---- told to whoever wants to go on with it ---- */

bool
stops_case(enum err e)
{
	return e == E_CONSENT_WITHDRAWN || e == E_FROZEN || e == E_FINAL;
}

enum ending
stopped_fail(enum err e, const struct officer_case *c, const char *safe)
{
	if (e == E_FROZEN)
		return fail(e, safe, "daftar consent release NUMBER, then the same again",
			"%s is held", c->number);
	return fail(e, safe, "daftar track NUMBER",
		e == E_FINAL ? N_("%s has been decided meanwhile") : N_("%s was stopped"),
		c->number);
}
