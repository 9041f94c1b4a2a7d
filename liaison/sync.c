/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar sync': sends what waits and takes what has come, until nothing is left to do. */
#include <string.h>

#include "liaison/outbox.h"

#define SYNC_MS 30000
#define QUIET_MS 1000 /* on line and nothing new for so long: the exchange has no more for us */

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
sync_office(struct office *o, int64_t timeout)
{
	struct session_end how = {.was_up = false};
	struct quiet q = {.end = &how};
	struct spool_counts before, after;
	enum err e = spool_count(o->spool, &before);

	if (e == E_OK)
		e = session_run(o, true, timeout < 0 ? SYNC_MS : timeout, is_quiet, &q, &how);
	if (e == E_OK)
		e = spool_count(o->spool, &after);
	if (e != E_OK)
		return session_fail(e);
	return how.interrupted ? END_INTERRUPTED : report(&before, &after, &how);
}

enum ending
command_sync(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_ALL, &o);

	return end == END_DONE ? sync_office(o, options->timeout) : end;
}
