/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar consent withdraw', `hold' and `release', and `daftar cancel'. A consent is withdrawn as a
 * whole: every case that rests on it is stopped. It works off line; what is filed here goes before
 * everything else as soon as there is a line. */
#include <stdlib.h>
#include <string.h>

#include "liaison/alike.h"
#include "liaison/consent.h"
#include "liaison/terminal.h"

#define SEND_MS 5000
#define WAIT_MS (INT64_C(86400000) * 30)
#define NOTHING "nothing was changed"
#define HERE "what was stopped before is stopped; the spool holds what is to be sent"

/* ---- which cases ---- */

struct stops {
	enum stop_kind kind;
	const char *reason;		    /* of a case that is cancelled, or NULL */
	const char *consent[CASE_CONSENTS]; /* that are withdrawn */
	size_t n_consent;
	struct officer_case *c;
	size_t n;
	bool waits;
};

static void
stops_free(struct stops *s)
{
	for (size_t i = 0; i < s->n; i++)
		case_free(&s->c[i]);
	free(s->c);
}

/* By its number: the walk's own goes with the walk. */
static void
add(struct stops *s, const char *number)
{
	s->c = xrealloc(s->c, (s->n + 1) * sizeof *s->c);
	memset(&s->c[s->n], 0, sizeof *s->c);
	(void)!copy_text(s->c[s->n].number, TRACKING_SIZE, number);
	s->n++;
}

static bool
add_resting(void *context, const struct officer_case *c)
{
	struct stops *s = context;

	for (size_t i = 0; i < c->n_consent; i++)
		for (size_t k = 0; k < s->n_consent; k++)
			if (strcmp(c->consent[i], s->consent[k]) == 0) {
				add(s, c->number);
				return true;
			}
	return true;
}

/* ---- stopping ---- */

static enum err
withdraw_consents(struct office *o, const struct stops *s, const char *channel)
{
	for (size_t i = 0; i < s->n_consent; i++) {
		OWNED_CONSENT(k);
		enum err e = kept_find(o, s->consent[i], &k);

		if (e == E_NOT_FOUND || (e == E_OK && k.withdrawn != 0))
			continue;
		if (e != E_OK)
			return e;
		k.withdrawn = instant_now();
		if (!copy_text(k.channel, sizeof k.channel, channel))
			return E_INPUT;
		TRY(kept_save(o, &k));
	}
	return E_OK;
}

static enum err
stop_each(struct office *o, struct stops *s, const char *channel)
{
	TRY(withdraw_consents(o, s, channel));
	if (s->n_consent > 0)
		TRY(case_each(o, add_resting, s));
	for (size_t i = 0; i < s->n; i++) {
		OWNED(char, number, free_chars) = xstrdup(s->c[i].number);

		TRY(case_find(o, number, &s->c[i]));
		TRY(case_stop(o, &s->c[i], s->kind, channel, s->reason != NULL ? s->reason : ""));
	}
	return E_OK;
}

/* Consents and cases at once: cut off in between, a consent would be withdrawn and its cases go
 * on. */
static enum err
stop_all(struct office *o, struct stops *s, const char *channel)
{
	OWNED_FD(lock) = -1;
	enum err e, kept;

	TRY(case_lock(o, &lock));
	TRY(spool_group(o->spool));
	e = stop_each(o, s, channel);
	kept = spool_group_end(o->spool);
	return e != E_OK ? e : kept;
}

/* ---- sending and telling ---- */

static bool
is_told(struct office *o, void *context)
{
	const struct stops *s = context;

	for (size_t i = 0; i < s->n; i++)
		for (int k = 0; k < 2; k++) {
			struct reached r = case_reached(o, &s->c[i], s->kind, k == 0);

			if (r.kind == REACH_WAITING || (s->waits && r.open))
				return false;
		}
	return true;
}

static void
say_one(struct office *o, const struct officer_case *c, enum stop_kind kind)
{
	static const char *const words[STOP_N] = {
		[STOP_WITHDRAWAL] = "withdrawn",
		[STOP_HOLD] = "held",
		[STOP_RELEASE] = "released",
	};
	struct story s;

	if (!say_in_json()) {
		say("%s %s %s\n", c->number,
			c->stop[kind].reason[0] != '\0' ? _("cancelled") : label_of(words[kind]),
			when(c->stop[kind].at));
		case_say_reached(o, c, kind);
		return;
	}
	if (story_load(o, c, &s) == E_OK) {
		json_t *j = story_json(&s);

		case_put_reached(o, c, j);
		say_json(j);
	}
}

static bool
any(struct office *o, const struct stops *s, enum reach_kind kind, bool open)
{
	for (size_t i = 0; i < s->n; i++)
		for (int k = 0; k < 2; k++) {
			struct reached r = case_reached(o, &s->c[i], s->kind, k == 0);

			if (open ? r.open : r.kind == kind)
				return true;
		}
	return false;
}

static enum ending
tell(struct office *o, const struct stops *s, const struct session_end *end)
{
	for (size_t i = 0; i < s->n; i++)
		say_one(o, &s->c[i], s->kind);
	if (any(o, s, REACH_WAITING, false)) {
		note("It is safe in the spool and goes first; %s.\nnext: daftar sync\n",
			end->was_up ? _("the exchange has not confirmed it")
				    : _("the exchange could not be reached"));
		return END_STORED;
	}
	if (any(o, s, REACH_LATE, false))
		return END_REFUSED;
	if (any(o, s, REACH_FAILED, false) || any(o, s, REACH_NO_ROAD, false))
		return END_FAILED;
	if (!any(o, s, REACH_SENT, true))
		return END_DONE;
	note("next: daftar track %s\n", s->c[0].number);
	return s->waits ? END_NOT_YET : END_DONE;
}

static bool
all_have_left(struct office *o, const struct stops *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!case_may_have_left(o, &s->c[i]))
			return false;
	return true;
}

static bool
is_heard(struct office *o, void *context)
{
	const struct session_end *end = context;

	(void)o;
	return end->was_up || end->watched;
}

/* What is a draft here may have been filed in a newer copy of the office, of which this one learns
 * on the line only. */
static enum err
go_on_line(struct office *o, struct stops *s, int64_t timeout, struct session_end *end)
{
	if (timeout == 0)
		return E_OK;
	if (!is_told(o, s))
		return session_run(o, s->waits,
			timeout > 0 ? timeout
			: s->waits  ? WAIT_MS
				    : SEND_MS,
			is_told, s, end);
	if (all_have_left(o, s))
		return E_OK;
	return session_run(o, false, timeout > 0 ? timeout : SEND_MS, is_heard, end, end);
}

static enum ending
send_and_tell(struct office *o, struct stops *s, const struct options *options)
{
	struct session_end end = {.was_up = false};
	enum err e = go_on_line(o, s, options->timeout, &end);
	enum ending told;

	if (e != E_OK)
		note("The line to the exchange cannot be used: %s.\n", _(err_sentence(e)));
	if (end.interrupted)
		return END_INTERRUPTED;
	told = tell(o, s, &end);
	return e == E_STALE_EPOCH ? session_fail(e) : told;
}

/* ---- commands ---- */

static enum ending
stop_fail(enum err e, const char *what)
{
	return fail(e, e == E_STATE ? NOTHING : HERE,
		e == E_SPOOL_FULL ? "daftar sync, then the same again" : "the same again",
		"not everything of %s is stopped", line(what));
}

enum ending
command_consent_withdraw(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	const char *typed = options->argument[0], *channel = options->value[OPT_CHANNEL];
	__attribute__((cleanup(stops_free))) struct stops s = {.kind = STOP_WITHDRAWAL};
	enum ending end = office_open(options, NEED_ALL, &o);
	OWNED_CONSENT(k);
	OWNED_CASE(c);
	enum err e;

	if (end != END_DONE)
		return end;
	channel = channel != NULL ? channel : "liaison-office";
	if (!code_known("withdrawal-channel", channel))
		return fail(E_USAGE, NOTHING, "daftar codes withdrawal-channel",
			"there is no such channel");
	s.waits = options->value[OPT_WAIT] != NULL;
	if (is_consent_id(typed)) {
		end = consent_of_argument(o, typed, &k);
		s.consent[s.n_consent++] = k.id;
	} else {
		end = case_of_argument(o, typed, &c);
		for (size_t i = 0; i < c.n_consent; i++)
			s.consent[s.n_consent++] = c.consent[i];
		if (c.n_consent == 0)
			add(&s, c.number);
	}
	if (end != END_DONE)
		return end;
	e = stop_all(o, &s, channel);
	if (e != E_OK)
		return stop_fail(e, typed);
	if (s.n == 0)
		note("No case rests on it.\n");
	return send_and_tell(o, &s, options);
}

static enum ending
stop_case(const struct options *options, enum stop_kind kind)
{
	__attribute__((cleanup(stops_free))) struct stops s = {.kind = kind};
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_ALL, &o);
	OWNED_CASE(c);
	enum err e;

	if (end == END_DONE)
		end = case_of_argument(o, options->argument[0], &c);
	if (end != END_DONE)
		return end;
	if (c.stop[STOP_WITHDRAWAL].at != 0)
		return fail(E_CONSENT_WITHDRAWN, NOTHING, "daftar track NUMBER", "%s was withdrawn",
			c.number);
	/* A registry may hold it as well, without our hearing of it. */
	if (kind == STOP_RELEASE && !case_is_held(&c) && !case_may_have_left(o, &c))
		return fail(E_STATE, NOTHING, "daftar track NUMBER", "%s is not held", c.number);
	add(&s, c.number);
	e = stop_all(o, &s, "");
	return e == E_OK ? send_and_tell(o, &s, options) : stop_fail(e, c.number);
}

enum ending
command_consent_hold(const struct options *options)
{
	return stop_case(options, STOP_HOLD);
}

enum ending
command_consent_release(const struct options *options)
{
	return stop_case(options, STOP_RELEASE);
}

/* ---- cancel ---- */

/* The consent stands: what is stopped is this case alone. */
static const struct {
	const char *reason, *instead; /* what to type for the reasons that are others' */
} cancellations[] = {
	{"REQUEST-CANCELLED", NULL},
	{"DUPLICATE", NULL},
	{"SUBJECT-DECEASED", NULL},
	{"CONSENT-WITHDRAWN", "daftar consent withdraw NUMBER"},
	{"PROTECTION-HOLD", "daftar consent hold NUMBER"},
	{"PROTECTION-RELEASE", "daftar consent release NUMBER"},
};

static enum ending
check_reason(const char *reason)
{
	for (size_t i = 0; i < ARRAY_LEN(cancellations); i++) {
		if (strcmp(cancellations[i].reason, reason) != 0)
			continue;
		return cancellations[i].instead == NULL
			       ? END_DONE
			       : fail(E_USAGE, NOTHING, cancellations[i].instead,
					 "%s has a command of its own", reason);
	}
	return fail(E_USAGE, NOTHING, "daftar codes cancellation",
		"the reason is REQUEST-CANCELLED, DUPLICATE or SUBJECT-DECEASED");
}

/* All of it or nothing: without its paper a draft could be filed beside a new case of it. */
static enum err
erase_draft(struct office *o, const struct officer_case *c)
{
	enum err e;

	TRY(spool_group(o->spool));
	e = case_drop(o, c);
	if (e == E_OK)
		e = signed_drop(o, c->number);
	if (e == E_OK)
		e = alike_forget(o, c->number);
	if (e == E_OK)
		return spool_group_end(o->spool);
	spool_group_drop(o->spool);
	return e;
}

/* What nobody but this office has had. */
static enum err
drop_draft(struct office *o, struct officer_case *c, bool *dropped)
{
	OWNED_FD(lock) = -1;

	TRY(case_lock(o, &lock));
	TRY(case_again(o, c));
	*dropped =
		!case_may_have_left(o, c) && c->stop[STOP_WITHDRAWAL].at == 0 && c->body.size > 0;
	if (!*dropped)
		return E_OK;
	TRY(erase_draft(o, c));
	(void)!office_forget(o); /* what is sealed stays a little longer then */
	return E_OK;
}

static enum ending
say_dropped(const struct officer_case *c)
{
	if (say_in_json())
		say_json(json_pack(
			"{s:s s:s s:b}", "tracking", c->number, "state", "erased", "ended", 1));
	else
		say("%s erased: it was a draft, nothing of it had left this computer\n", c->number);
	note("The consent stands.\nnext: daftar list\n");
	return END_DONE;
}

/* By what this office knows; a registry that knows better says TOO-LATE. */
static enum ending
check_entered(struct office *o, const struct officer_case *c)
{
	struct story s;
	enum err e = story_load(o, c, &s);

	if (e != E_OK)
		return fail(e, NOTHING, "daftar doctor", "case %s cannot be read", c->number);
	if (story_went_well(&s))
		return fail(E_TOO_LATE, NOTHING, "daftar track NUMBER",
			"%s has been entered, as %s: an entry in a register is not undone by this",
			c->number, line(s.detail));
	if (story_ended(&s) && c->stop[STOP_WITHDRAWAL].at == 0)
		return fail(E_FINAL, NOTHING, "daftar track NUMBER", "%s has ended already (%s)",
			c->number, label_of(story_state(&s)));
	return END_DONE;
}

static enum ending
cancel(struct office *o, struct officer_case *c, const char *reason, const struct options *options)
{
	__attribute__((cleanup(stops_free))) struct stops s = {
		.kind = STOP_WITHDRAWAL, .reason = reason};
	enum err e;

	note("What a registry has entered already stays entered: that cannot be undone from here "
	     "(TOO-LATE).\nEverything else of %s stops, and what registries have of it is erased. "
	     "The consent stands.\n",
		c->number);
	s.waits = options->value[OPT_WAIT] != NULL;
	add(&s, c->number);
	e = stop_all(o, &s, "");
	return e == E_OK ? send_and_tell(o, &s, options) : stop_fail(e, c->number);
}

enum ending
command_cancel(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	const char *reason = options->value[OPT_REASON];
	enum ending end = check_reason(reason);
	bool dropped = false;
	OWNED_CASE(c);
	enum err e;

	if (end == END_DONE)
		end = office_open(options, NEED_ALL, &o);
	if (end == END_DONE)
		end = case_of_argument(o, options->argument[0], &c);
	if (end == END_DONE)
		end = check_entered(o, &c);
	if (end != END_DONE)
		return end;
	if (c.stop[STOP_WITHDRAWAL].at != 0 && c.stop[STOP_WITHDRAWAL].reason[0] == '\0')
		return fail(E_CONSENT_WITHDRAWN, NOTHING, "daftar track NUMBER",
			"%s was stopped before: its consent was withdrawn", c.number);
	e = drop_draft(o, &c, &dropped);
	if (e != E_OK)
		return stop_fail(e, c.number);
	return dropped ? say_dropped(&c) : cancel(o, &c, reason, options);
}
