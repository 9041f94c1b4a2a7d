/* SPDX-License-Identifier: EUPL-1.2
 *
 * Every case, everything that waits, and the command that sends and fetches it all. */
#include <string.h>

#include "liaison/daftar.h"

#define SYNC_MS 30000
#define QUIET_MS 1000 /* on line and nothing new for so long: the exchange has no more for us */

struct listing {
	struct office *o;
	struct answers answers;
	size_t n;
};

/* ---- list ---- */

/* What a person has to know without asking for the case. */
static bool
is_stopped_by_consent(const struct story *s)
{
	static const char *const states[] = {"withdrawing", "frozen", "consent-expired"};

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(story_state(s), states[i]) == 0)
			return true;
	return false;
}

static bool
list_one(void *context, const struct officer_case *c)
{
	struct listing *l = context;
	struct story s;

	if (story_load_with(l->o, c, &l->answers, &s) != E_OK)
		return true;
	l->n++;
	if (say_in_json())
		say_json(story_json(&s));
	else
		say("%s  %-19s  %s -> %s  %s  %s\n", c->number, story_state(&s), c->to.code,
			c->destination.code, when(story_since(&s)), line(c->label));
	if (!say_in_json() && is_stopped_by_consent(&s))
		say("%17snext: %s\n", "", story_next(&s));
	return true;
}

enum ending
command_list(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_SPOOL | NEED_KEYS, &o);
	struct listing l = {.n = 0};
	enum err e;

	if (end != END_DONE)
		return end;
	l.o = o;
	e = answers_load(o, &l.answers);
	if (e == E_OK)
		e = case_each(o, list_one, &l);
	answers_free(&l.answers);
	if (e != E_OK)
		return fail(e, "nothing was changed", "daftar doctor", "the cases cannot be read");
	if (l.n == 0)
		note("There is no case yet.\nnext: daftar request new --from FILE\n");
	return END_DONE;
}

/* ---- outbox ---- */

static bool
wait_one(void *context, const struct out_entry *e)
{
	char number[TRACKING_SIZE], id[ID_TEXT_SIZE], filed[INSTANT_TEXT_SIZE];
	struct listing *l = context;
	bool refused = e->state == OUT_REFUSED;

	if (e->state != OUT_FILED && !refused)
		return true;
	if (refused && e->code == E_CONSENT_WITHDRAWN)
		return true; /* it was to stay here */
	l->n++;
	tracking_of(&e->header.conversation, number);
	id_format(&e->header.id, id);
	instant_format(e->filed, filed);
	if (say_in_json())
		say_json(json_pack("{s:s s:s s:s s:s s:s s:s s:i s:s*}", "tracking", number,
			"message", id, "action", action_word(e->header.action), "to",
			e->header.to.code, "state", refused ? "not-taken" : "filed", "filed", filed,
			"attempts", (int)e->attempts, "code",
			e->code == E_OK ? NULL : err_word(e->code)));
	else
		say("%s  %-9s  %s to %s  filed %s%s%s\n", number, refused ? "not-taken" : "waiting",
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
	e = spool_each_out(o->spool, wait_one, &l);
	if (e != E_OK)
		return fail(e, "nothing was changed", "daftar doctor", "the spool cannot be read");
	note(l.n == 0 ? "Nothing waits: all that was filed has left this computer.\n"
		      : "next: daftar sync\n");
	return END_DONE;
}

/* ---- sync ---- */

struct quiet {
	struct session_end *end;
	struct spool_counts last;
	uint64_t notice;
	int64_t since; /* monotonic ms, 0: not on line yet */
};

static uint64_t
unfinished(const struct spool_counts *c)
{
	return c->out[OUT_FILED] + c->in[IN_TAKEN] + c->in[IN_DONE];
}

static bool
is_quiet(struct office *o, void *context)
{
	struct quiet *q = context;
	uint64_t notice = spool_last_notice(o->spool);
	struct spool_counts c;

	memset(&c, 0, sizeof c);
	if (spool_count(o->spool, &c) != E_OK)
		return true;
	if (q->since == 0 || notice != q->notice || memcmp(c.out, q->last.out, sizeof c.out) != 0 ||
		memcmp(c.in, q->last.in, sizeof c.in) != 0) {
		q->since = q->end->was_up || q->end->watched ? monotonic_now() : 0;
		q->notice = notice;
		q->last = c;
	}
	return q->since != 0 && unfinished(&c) == 0 && monotonic_now() - q->since > QUIET_MS;
}

static uint64_t
sum(const uint64_t *n, size_t size)
{
	uint64_t all = 0;

	for (size_t i = 0; i < size; i++)
		all += n[i];
	return all;
}

static enum ending
report(const struct spool_counts *before, const struct spool_counts *after,
	const struct session_end *end)
{
	uint64_t waiting = unfinished(after);
	uint64_t taken = sum(after->in, IN_N) - sum(before->in, IN_N);
	uint64_t left = before->out[OUT_FILED] + sum(after->out, OUT_N) - sum(before->out, OUT_N);
	/* what an exchange has lost waits again */
	uint64_t sent = left > after->out[OUT_FILED] ? left - after->out[OUT_FILED] : 0;

	if (!end->was_up && !end->watched && waiting == 0)
		return fail(E_UNREACHABLE, "nothing waits to be sent", "daftar sync, later",
			"the exchange was not reached");
	if (say_in_json())
		say_json(json_pack("{s:I s:I s:I s:b}", "sent", (json_int_t)sent, "taken",
			(json_int_t)taken, "waiting", (json_int_t)waiting, "reached",
			(int)(end->was_up || end->watched)));
	else
		say("sent %llu, taken %llu, waiting %llu\n", (unsigned long long)sent,
			(unsigned long long)taken, (unsigned long long)waiting);
	if (waiting == 0)
		return END_DONE;
	note("What waits is safe in the spool; %s.\nnext: daftar sync\n",
		end->was_up ? _("the exchange has not confirmed it")
			    : _("the exchange could not be reached"));
	return END_STORED;
}

enum ending
command_sync(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_ALL, &o);
	struct session_end how = {.was_up = false};
	struct quiet q = {.end = &how};
	struct spool_counts before, after;
	enum err e;

	if (end != END_DONE)
		return end;
	e = spool_count(o->spool, &before);
	if (e == E_OK)
		e = session_run(o, true, options->timeout < 0 ? SYNC_MS : options->timeout,
			is_quiet, &q, &how);
	if (e == E_OK)
		e = spool_count(o->spool, &after);
	if (e != E_OK)
		return session_fail(e);
	return how.interrupted ? END_INTERRUPTED : report(&before, &after, &how);
}
