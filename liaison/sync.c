/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar sync': sends what waits and takes what has come, until nothing is left to do. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liaison/outbox.h"
#include "liaison/scans.h"

#define SYNC_MS 30000
#define BUDGET_LEAST 4
#define BUDGET_MOST 1048576
#define ANSWER_MOST_MS 10000
#define AT_ONCE 300
#define COUNT_MS 2000
#define HEARTBEATS 600 /* octets in COUNT_MS that are no progress */
#define QUIET_MS 1000  /* on line and nothing new for so long: the exchange has no more for us */

struct quiet {
	struct session_end *end;
	struct spool_counts last;
	uint64_t notice, seen, passed; /* octets at the last look, and when last counted */
	int64_t counted;
	int64_t began, up; /* monotonic ms, 0: not yet */
	int64_t since;	   /* nothing has moved, 0: not on line yet */
	int64_t passing;   /* when an octet passed last */
	bool waits;	   /* until nothing passes any more; otherwise the caller has a limit */
};

static uint64_t
unfinished(const struct spool_counts *c)
{
	return c->out[OUT_FILED] + c->in[IN_TAKEN] + c->in[IN_DONE];
}

/* More than heartbeats: much at once, or a little for a while. */
static bool
something_passes(struct quiet *q, int64_t now)
{
	uint64_t all = q->end->octets.sent + q->end->octets.received;
	bool passes = all > q->seen + AT_ONCE;

	q->seen = all;
	if (now - q->counted < COUNT_MS)
		return passes;
	passes |= all > q->passed + HEARTBEATS;
	q->passed = all;
	q->counted = now;
	return passes;
}

static bool
has_moved(struct quiet *q, const struct spool_counts *c, uint64_t notice)
{
	bool moved = q->since == 0 || notice != q->notice ||
		     memcmp(c->out, q->last.out, sizeof c->out) != 0 ||
		     memcmp(c->in, q->last.in, sizeof c->in) != 0;

	q->notice = notice;
	q->last = *c;
	return moved;
}

/* A line on which the first answer took long is given as much again before it counts as silent. */
static int64_t
patience(const struct quiet *q)
{
	int64_t answer = q->up > q->began ? q->up - q->began : 0;

	return QUIET_MS + 2 * (answer < ANSWER_MOST_MS ? answer : ANSWER_MOST_MS);
}

/* All that waits to be sent was put off until people at the exchange decide otherwise. */
static bool
waits_for_people(struct office *o, const struct spool_counts *c)
{
	struct id id, before;
	const struct id *after = NULL;
	struct out_entry e;

	if (c->in[IN_TAKEN] + c->in[IN_DONE] != 0)
		return false;
	while (spool_next_to_send(o->spool, after, &id, NULL) == E_OK) {
		before = id;
		after = &before;
		if (spool_out(o->spool, &id, &e, NULL) != E_OK ||
			(e.code != E_CLOSED && e.code != E_DRAINING))
			return false;
	}
	return true;
}

static bool
is_quiet(struct office *o, void *context)
{
	struct quiet *q = context;
	bool passes = something_passes(q, monotonic_now()),
	     on_line = q->end->was_up || q->end->watched;
	int64_t now = monotonic_now();
	struct spool_counts c;

	memset(&c, 0, sizeof c);
	if (spool_count(o->spool, &c) != E_OK)
		return true;
	if (q->began == 0)
		q->began = q->passing = now;
	if (q->up == 0 && on_line)
		q->up = now;
	if (has_moved(q, &c, spool_last_notice(o->spool)) || passes)
		q->since = on_line ? now : 0;
	if (passes)
		q->passing = now;
	if (q->waits && now - q->passing > SYNC_MS)
		return true;
	return q->since != 0 && now - q->since > patience(q) &&
	       (unfinished(&c) == 0 || q->end->held_back || waits_for_people(o, &c));
}

static uint64_t
sum(const uint64_t *n, size_t size)
{
	uint64_t all = 0;

	for (size_t i = 0; i < size; i++)
		all += n[i];
	return all;
}

#define KIB_SIZE 32

/* "4.9 KiB" */
static const char *
kib(uint64_t octets, char text[KIB_SIZE])
{
	snprintf(text, KIB_SIZE, "%llu.%llu KiB", (unsigned long long)octets / 1024,
		(unsigned long long)octets % 1024 * 10 / 1024);
	return text;
}

static bool
is_spent(const struct session_end *end)
{
	return end->spent || end->held_back;
}

static enum ending
report(const struct spool_counts *before, const struct spool_counts *after,
	const struct session_end *end)
{
	uint64_t waiting = unfinished(after);
	uint64_t taken = sum(after->in, IN_N) - sum(before->in, IN_N);
	uint64_t left = before->out[OUT_FILED] + sum(after->out, OUT_N) - sum(before->out, OUT_N);
	char out[KIB_SIZE], in[KIB_SIZE];
	/* what an exchange has lost waits again */
	uint64_t sent = left > after->out[OUT_FILED] ? left - after->out[OUT_FILED] : 0;

	if (!end->was_up && !end->watched && waiting == 0)
		return fail(E_UNREACHABLE, "nothing waits to be sent", "daftar sync, later",
			"the exchange was not reached");
	if (say_in_json())
		say_json(json_pack("{s:I s:I s:I s:b s:I s:I s:b}", "sent", (json_int_t)sent,
			"taken", (json_int_t)taken, "waiting", (json_int_t)waiting, "reached",
			(int)(end->was_up || end->watched), "octets_sent",
			(json_int_t)end->octets.sent, "octets_received",
			(json_int_t)end->octets.received, "budget_spent", (int)is_spent(end)));
	else {
		say("sent %llu, taken %llu, waiting %llu\n", (unsigned long long)sent,
			(unsigned long long)taken, (unsigned long long)waiting);
		say("on the line: %s out, %s in\n", kib(end->octets.sent, out),
			kib(end->octets.received, in));
	}
	if (is_spent(end)) {
		note("The budget is spent; what did not fit waits, and is safe.\n"
		     "next: daftar sync, with a budget of its own or without\n");
		return END_STORED;
	}
	if (waiting == 0)
		return END_DONE;
	note("What waits is safe in the spool; %s.\nnext: daftar sync\n",
		end->was_up ? _("the exchange has not confirmed it")
			    : _("the exchange could not be reached"));
	return END_STORED;
}

enum ending
sync_office(struct office *o, int64_t timeout)
{
	struct session_end how = {.was_up = false};
	struct quiet q = {.end = &how, .waits = timeout < 0};
	struct spool_counts before, after;
	enum err e = scans_resume(o);

	if (e == E_OK)
		e = spool_count(o->spool, &before);
	if (e == E_OK)
		e = session_run(o, true, timeout, is_quiet, &q, &how);
	if (e == E_OK)
		e = spool_count(o->spool, &after);
	if (e != E_OK)
		return session_fail(e);
	return how.interrupted ? END_INTERRUPTED : report(&before, &after, &how);
}

static enum ending
read_budget(const struct options *o, uint64_t *octets)
{
	const char *text = o->value[OPT_BUDGET];
	char *end;
	long kib;

	*octets = 0;
	if (text == NULL)
		return END_DONE;
	errno = 0;
	kib = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || kib < BUDGET_LEAST || kib > BUDGET_MOST)
		return fail(E_USAGE, "nothing was sent", "daftar help sync",
			"--budget is a number of KiB from 4 to 1048576, not %s", line(text));
	*octets = (uint64_t)kib * 1024;
	return END_DONE;
}

static enum ending
read_at(const struct options *o)
{
	const char *text = o->value[OPT_AT];

	if (text == NULL || (strncmp(text, "tcp://", 6) == 0 && strrchr(text, ':') > text + 6))
		return END_DONE;
	return fail(E_USAGE, "nothing was sent", "daftar help sync",
		"--at is tcp://HOST:PORT, not %s", line(text));
}

enum ending
command_sync(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	uint64_t budget;
	enum ending end = read_budget(options, &budget);

	if (end == END_DONE)
		end = read_at(options);
	if (end == END_DONE)
		end = office_open(options, NEED_ALL, &o);
	if (end != END_DONE)
		return end;
	o->budget = budget;
	if (options->value[OPT_AT] != NULL)
		o->at = xstrdup(options->value[OPT_AT]);
	return sync_office(o, options->timeout);
}
