/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar outbox': what has not left this computer; asking again for what was not taken; and taking
 * back what nobody else can have. What may have left is never dropped: withdrawing or cancelling it
 * reaches everybody who has it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "liaison/alike.h"
#include "liaison/daftar.h"
#include "liaison/outbox.h"
#include "liaison/scans.h"
#include "liaison/terminal.h"

#define NOTHING "nothing was changed"

/* ---- what may be done ---- */

static bool
waits(const struct out_entry *e)
{
	return e->state == OUT_FILED ||
	       (e->state == OUT_REFUSED && e->code != E_CONSENT_WITHDRAWN && e->code != E_DROPPED);
}

bool
outbox_has(const struct out_entry *e)
{
	return e->header.action != A_ATTACHMENT && waits(e);
}

const char *
outbox_word(const struct out_entry *e)
{
	return e->state == OUT_FILED ? "waiting" : e->code == E_DROPPED ? "dropped" : "not-taken";
}

/* The paper belongs to another case by now, or the case was stopped: the old message stays away. */
static const char *
no_case_for(struct office *o, const struct out_entry *e)
{
	char number[TRACKING_SIZE];
	OWNED_CASE(c);
	OWNED_CASE(now);

	if (e->header.action != A_TRANSCRIPTION_REQUEST)
		return NULL;
	tracking_of(&e->header.conversation, number);
	if (case_find(o, number, &c) != E_OK)
		return NULL;
	if (c.stop[STOP_WITHDRAWAL].at != 0)
		return N_("the consent was withdrawn");
	if (case_by_digest(o, &c.digest, &now) == E_OK && strcmp(now.number, c.number) != 0)
		return N_("the same paper was filed again as another case");
	return NULL;
}

const char *
outbox_no_retry(struct office *o, const struct out_entry *e)
{
	static const struct {
		enum err code;
		const char *why;
	} final[] = {
		{E_DROPPED, N_("it was dropped here; file the request again")},
		{E_CONSENT_WITHDRAWN, N_("the consent was withdrawn")},
		{E_CONSENT_EXPIRED, N_("the consent has ended; ask the person again")},
		{E_CONFLICT,
			N_("the exchange holds another message under its id; ask its operator")},
		{E_IO, N_("it is damaged on this disk; file the request again")},
	};

	if (e->state != OUT_FILED && e->state != OUT_REFUSED)
		return N_("it has left: the exchange has it");
	for (size_t i = 0; i < ARRAY_LEN(final) && e->state == OUT_REFUSED; i++)
		if (final[i].code == e->code)
			return final[i].why;
	if (e->header.expires < instant_now())
		return N_("its time has passed; file the request again");
	if (!e->body)
		return N_("its octets are not kept any more; file the request again");
	return no_case_for(o, e);
}

const char *
outbox_no_drop(struct office *o, const struct out_entry *e)
{
	if (e->header.action == A_CANCELLATION)
		return N_("it stops a case, and has to reach everybody who has it");
	if (e->state == OUT_REFUSED)
		return N_("nothing of it waits: the exchange has not taken it");
	if (e->state != OUT_FILED)
		return N_("it has left: the exchange has it");
	if (spool_may_have_left(o->spool, e->order))
		return N_("it was on its way once: what has no receipt may have arrived all the "
			  "same");
	return NULL;
}

enum err
outbox_drop(struct office *o, const struct out_entry *e)
{
	OWNED_FD(lock) = -1;

	TRY(case_lock(o, &lock));
	TRY(spool_take_back(o->spool, &e->header.id, instant_now()));
	if (e->header.action == A_TRANSCRIPTION_REQUEST) {
		char number[TRACKING_SIZE];

		tracking_of(&e->header.conversation, number);
		(void)!alike_forget(o, number); /* a help, never a hindrance */
	}
	ledger_note(o, &e->header.conversation, "dropped before it left");
	return scans_take_back(o, &e->header.conversation);
}

enum err
outbox_retry(struct office *o, const struct out_entry *e)
{
	OWNED_FD(lock) = -1;

	TRY(case_lock(o, &lock)); /* nobody makes a new case of the same paper meanwhile */
	if (outbox_no_retry(o, e) != NULL)
		return E_STATE;
	return spool_ask_again(o->spool, &e->header.id);
}

/* ---- the list ---- */

struct listing {
	struct office *o;
	size_t n;
};

static bool
wait_one(void *context, const struct out_entry *e)
{
	char number[TRACKING_SIZE], id[ID_TEXT_SIZE], filed[INSTANT_TEXT_SIZE];
	struct listing *l = context;
	bool refused = e->state == OUT_REFUSED;

	if (!outbox_has(e))
		return true;
	l->n++;
	tracking_of(&e->header.conversation, number);
	id_format(&e->header.id, id);
	instant_format(e->filed, filed);
	if (say_in_json())
		say_json(json_pack("{s:s s:s s:s s:s s:s s:s s:i s:b s:s*}", "tracking", number,
			"message", id, "action", action_word(e->header.action), "to",
			e->header.to.code, "state", refused ? "not-taken" : "filed", "filed", filed,
			"attempts", (int)e->attempts, "mayHaveLeft",
			(int)(refused || spool_may_have_left(l->o->spool, e->order)), "code",
			e->code == E_OK ? NULL : err_word(e->code)));
	else
		say("%s  %s  %s to %s  filed %s%s%s\n", number, padded(label_of(outbox_word(e)), 9),
			action_word(e->header.action), e->header.to.code, when(e->filed),
			e->code == E_OK ? "" : "  ", e->code == E_OK ? "" : err_word(e->code));
	return true;
}

enum ending
command_outbox(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_SPOOL | NEED_KEYS, &o);
	struct listing l = {.n = 0};
	enum err e;

	if (end != END_DONE)
		return end;
	l.o = o;
	e = spool_each_out(o->spool, wait_one, &l);
	if (e != E_OK)
		return fail(e, "nothing was changed", "daftar doctor", "the spool cannot be read");
	l.n += scans_say_waiting(o);
	note(l.n == 0 ? "Nothing waits: all that was filed has left this computer.\n"
		      : "next: daftar sync\n");
	return END_DONE;
}

/* ---- one of them ---- */

static enum ending
find_request(struct office *o, const char *typed, struct officer_case *c, struct out_entry *e)
{
	enum ending end = case_of_argument(o, typed, c);

	if (end != END_DONE)
		return end;
	if (spool_out(o->spool, &c->message, e, NULL) != E_OK)
		return fail(E_STATE, "the draft is kept", "daftar request file NUMBER",
			"%s has not been filed: nothing of it is in the outbox", c->number);
	return END_DONE;
}

/* Asked on a terminal; elsewhere --yes has to say it. */
static enum ending
confirm(const struct options *o, const char *number)
{
	char answer[16];

	if (o->value[OPT_YES] != NULL)
		return END_DONE;
	if (o->value[OPT_NO_INPUT] != NULL || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return fail(E_USAGE, NOTHING, "daftar outbox drop NUMBER --yes",
			"dropping %s has to be confirmed", number);
	say_prompt("Drop the request %s for good? It has not left this computer. [y/N] ", number);
	if (fgets(answer, sizeof answer, stdin) == NULL || (answer[0] != 'y' && answer[0] != 'Y'))
		return fail(E_STATE, NOTHING, NULL, "%s was not dropped", number);
	return END_DONE;
}

enum ending
command_outbox_drop(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_ALL, &o);
	struct out_entry e;
	const char *why;
	OWNED_CASE(c);

	if (end == END_DONE)
		end = find_request(o, options->argument[0], &c, &e);
	if (end != END_DONE)
		return end;
	why = e.code == E_DROPPED ? NULL : outbox_no_drop(o, &e);
	if (why != NULL)
		return fail(E_STATE, NOTHING,
			"to stop it wherever it is: daftar consent withdraw NUMBER",
			"%s is not dropped: %s", c.number, _(why));
	if (e.code != E_DROPPED) {
		enum err code;

		end = confirm(options, c.number);
		if (end != END_DONE)
			return end;
		code = outbox_drop(o, &e);
		if (code != E_OK)
			return fail(code, NOTHING, "daftar track NUMBER", "%s is not dropped",
				c.number);
	}
	if (say_in_json())
		say_json(json_pack("{s:s s:s}", "tracking", c.number, "state", "dropped"));
	else
		say("%s dropped: nobody else has seen it\n", c.number);
	note("next: nothing; should it be wanted after all: daftar request file FILE\n");
	return END_DONE;
}

struct retrying {
	struct office *o;
	struct out_entry *e;
	size_t n, room;
};

static bool
collect(void *context, const struct out_entry *e)
{
	struct retrying *r = context;

	if (!waits(e) || outbox_no_retry(r->o, e) != NULL)
		return true;
	if (r->n == r->room) {
		r->room = r->room == 0 ? 16 : r->room * 2;
		r->e = xrealloc(r->e, r->room * sizeof *r->e);
	}
	r->e[r->n++] = *e;
	return true;
}

static enum ending
retry_all(struct office *o, int64_t timeout)
{
	struct retrying r = {.o = o};
	enum err e = spool_each_out(o->spool, collect, &r);
	size_t n = 0;

	for (size_t i = 0; i < r.n && e == E_OK; i++) {
		e = outbox_retry(o, &r.e[i]);
		if (e == E_STATE)
			e = E_OK; /* another process was first */
		else
			n += e == E_OK;
	}
	free(r.e);
	if (e != E_OK)
		return fail(e, "what was asked for again is kept", "daftar doctor",
			"the outbox cannot be changed");
	if (n == 0)
		note("There is nothing to ask for again.\n");
	return n == 0 ? END_DONE : sync_office(o, timeout);
}

enum ending
command_outbox_retry(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_ALL, &o);
	struct out_entry e;
	const char *why;
	enum err code;
	OWNED_CASE(c);

	if (end == END_DONE && options->argument[0] == NULL)
		return retry_all(o, options->timeout);
	if (end == END_DONE)
		end = find_request(o, options->argument[0], &c, &e);
	if (end != END_DONE)
		return end;
	why = outbox_no_retry(o, &e);
	if (why != NULL)
		return fail(E_STATE, NOTHING, "daftar track NUMBER",
			"%s is not asked for again: %s", c.number, _(why));
	code = outbox_retry(o, &e);
	if (code != E_OK)
		return fail(code, NOTHING, "daftar track NUMBER", "%s is not asked for again",
			c.number);
	return sync_office(o, options->timeout);
}
