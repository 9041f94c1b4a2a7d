/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar track': one case or several, as they stand, as they change (--watch), or when they have
 * come so far (--wait). Nothing here shows the person. */
#include <stdlib.h>
#include <string.h>

#include "liaison/terminal.h"
#include "liaison/track.h"

#define TELL_MS 5000 /* for our own receipt to be confirmed before the line is closed */

struct tracked {
	struct officer_case c;
	char told[64]; /* the state that was told last, and since when */
};

struct tracking {
	struct tracked *t;
	int n;
	const char *state; /* waited for, "" the end, NULL none */
	bool watches;
	int64_t over; /* when all were first seen to be over, monotonic */
};

static void
tracking_free(struct tracking *w)
{
	for (int i = 0; i < w->n; i++)
		case_free(&w->t[i].c);
	free(w->t);
}

/* ---- how far a case is ---- */

static bool
has_reached(const struct story *s, const char *state)
{
	if (state[0] == '\0')
		return story_ended(s);
	if (strcmp(state, "filed") == 0)
		return s->filed;
	if (strcmp(state, "sent") == 0)
		return s->accepted != 0;
	if (strcmp(state, "delivered") == 0)
		return s->delivered != 0;
	if (strcmp(state, "handled") == 0)
		return s->ended != 0 && s->out.stage == ST_COMMITTED;
	return strcmp(story_state(s), state) == 0;
}

/* Neither has it come so far, nor will it. */
static bool
never_will(const struct story *s, const char *state)
{
	return story_ended(s) && !has_reached(s, state);
}

/* A receipt of ours should be confirmed before the line is closed. */
static bool
is_told(struct office *o, struct tracking *w)
{
	struct spool_counts n;

	if (w->over == 0)
		w->over = monotonic_now();
	if (spool_count(o->spool, &n) != E_OK)
		return true;
	return (n.in[IN_TAKEN] == 0 && n.in[IN_DONE] == 0) || monotonic_now() - w->over > TELL_MS;
}

/* ---- watching ---- */

static void
mark(const struct story *s, char out[64])
{
	snprintf(out, 64, "%s %lld", story_state(s), (long long)story_since(s));
}

/* On a screen the whole is drawn anew; elsewhere what has changed is told, a line each. */
static void
tell_changes(struct office *o, struct tracking *w, bool changed)
{
	struct story s;

	if (!changed)
		return;
	if (terminal_draws(1) && !say_in_json()) {
		say_clear();
		for (int i = 0; i < w->n; i++)
			(void)!track_tell(o, &w->t[i].c, false, &s);
		note("Each change is shown here; ^C ends that, and changes nothing.\n");
		return;
	}
	for (int i = 0; i < w->n; i++) {
		char now[64];

		if (story_load(o, &w->t[i].c, &s) != E_OK)
			continue;
		mark(&s, now);
		if (strcmp(now, w->t[i].told) == 0)
			continue;
		strcpy(w->t[i].told, now);
		if (say_in_json())
			(void)!track_tell(o, &w->t[i].c, false, &s);
		else
			say("%s  %s  %s\n", when(story_since(&s)), w->t[i].c.number,
				story_holder(&s));
	}
}

static bool
is_over(struct office *o, void *context)
{
	struct tracking *w = context;
	bool over = true, changed = false;
	struct story s;

	for (int i = 0; i < w->n; i++) {
		char now[64];

		if (case_again(o, &w->t[i].c) != E_OK || story_load(o, &w->t[i].c, &s) != E_OK)
			return false;
		mark(&s, now);
		changed = changed || strcmp(now, w->t[i].told) != 0;
		if (terminal_draws(1) && !say_in_json())
			strcpy(w->t[i].told, now);
		over = over && (story_ended(&s) || (w->state != NULL && has_reached(&s, w->state)));
	}
	if (w->watches)
		tell_changes(o, w, changed);
	if (!over)
		w->over = 0;
	return over && is_told(o, w);
}

static enum ending
wait_for(struct office *o, struct tracking *w, int64_t timeout)
{
	struct session_end end;
	struct out_entry there;
	enum err e;

	for (int i = 0; i < w->n && !w->watches; i++)
		if (spool_out(o->spool, &w->t[i].c.message, &there, NULL) != E_OK)
			return fail(E_STATE, "the draft is kept", "daftar request file NUMBER",
				"%s has not been filed: there is nothing to wait for",
				w->t[i].c.number);
	if (is_over(o, w))
		return END_DONE;
	e = session_run(o, true, timeout, is_over, w, &end);
	if (e != E_OK)
		return session_fail(e);
	if (end.interrupted)
		return END_INTERRUPTED;
	if (!end.finished && !end.was_up && !end.watched)
		note("The exchange could not be reached.\n");
	return end.finished ? END_DONE : END_NOT_YET;
}

/* ---- the command ---- */

static enum ending
find_all(struct office *o, const struct options *options, struct tracking *w)
{
	enum ending end = END_DONE;

	w->t = xcalloc((size_t)options->n_arguments, sizeof *w->t);
	for (; w->n < options->n_arguments && end == END_DONE; w->n++)
		end = case_of_argument(o, options->arguments[w->n], &w->t[w->n].c);
	return end;
}

/* How one of them ends the program. */
static enum ending
tell_one(struct office *o, const struct tracking *w, const struct officer_case *c)
{
	struct story s;
	enum ending end = track_tell(o, c, false, &s);

	if (end != END_DONE)
		return end;
	if (s.has_outcome)
		ledger_note(o, &c->conversation, "outcome shown");
	if (w->state == NULL)
		return END_DONE;
	if (w->state[0] == '\0')
		return !story_ended(&s)	     ? END_NOT_YET
		       : story_went_well(&s) ? END_DONE
					     : END_REFUSED;
	return has_reached(&s, w->state)  ? END_DONE
	       : never_will(&s, w->state) ? END_REFUSED
					  : END_NOT_YET;
}

static enum ending
tell_all(struct office *o, const struct tracking *w)
{
	enum ending worst = END_DONE;

	for (int i = 0; i < w->n; i++) {
		enum ending end;

		if (i > 0 && !say_in_json())
			say("\n");
		end = tell_one(o, w, &w->t[i].c);
		if (end > worst)
			worst = end;
	}
	return worst;
}

static enum ending
check_state(const char *state)
{
	if (state == NULL || state[0] == '\0' || story_is_state(state))
		return END_DONE;
	return fail(E_USAGE, "nothing was changed", "daftar help tracking", "there is no state %s",
		line(state));
}

enum ending
command_track(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	struct tracking w = {
		.state = options->value[OPT_WAIT], .watches = options->value[OPT_WATCH] != NULL};
	enum ending end = check_state(w.state), told;

	if (end == END_DONE)
		end = office_open(options, NEED_ALL, &o);
	if (end == END_DONE)
		end = find_all(o, options, &w);
	if (end == END_DONE && (w.state != NULL || w.watches)) {
		end = wait_for(o, &w, options->timeout);
		if (end != END_DONE && end != END_NOT_YET && end != END_INTERRUPTED) {
			tracking_free(&w);
			return end;
		}
	} else if (end != END_DONE) {
		tracking_free(&w);
		return end;
	}
	told = w.watches && w.state == NULL ? END_DONE : tell_all(o, &w);
	tracking_free(&w);
	return told != END_DONE && end == END_DONE ? told : end;
}
