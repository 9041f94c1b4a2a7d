/* SPDX-License-Identifier: EUPL-1.2
 *
 * Time on the line. The link works in the spool; this file only keeps the loop going until what a
 * command waits for stands there. When another process of the same office has the link (a `track
 * --wait' in another window), its work shows in the same spool and is watched there. */
#include <signal.h>
#include <string.h>

#include "lib/log.h"
#include "liaison/consent.h"
#include "liaison/incoming.h"

#define LOOK_MS 200 /* between two looks at a spool that another process works in */
#define CREDIT 16
#define BUDGET_WINDOW 4096 /* with a budget no more is to be on its way to us than can be told */
/* How long an address may take to answer before the next one is tried. A slow line needs several
 * times its way there and back. */
#define TURN_LEAST_MS 2000
#define TURN_MOST_MS 10000
#define BROKER_FACT "broker" /* the address that answered last */

struct session {
	struct office *o;
	struct event_base *base;
	struct examiner *examiner;
	struct link *link;
	bool take;
	bool (*done)(struct office *o, void *context);
	void *context;
	struct session_end *end;
	struct event *look, *limit, *interrupt[2];
	struct buf list;	    /* a newer trust list that was offered */
	struct ledger_answer *asks; /* NULL: nothing is asked */
	struct line_octets before;  /* on links that were given up */
	bool fenced, one;	    /* only the address that is asked about */
	int64_t turn, since;	    /* ms: of an address, and when it began; monotonic */
};

/* The one that answers is tried first by the next command. */
static void
remember_broker(struct office *o)
{
	const char *now = office_broker(o);
	OWNED_BUF(kept) = {0};

	if (office_brokers(o) < 2)
		return;
	if (spool_fact(o->spool, BROKER_FACT, &kept) == E_OK && strcmp((char *)kept.data, now) == 0)
		return;
	(void)!spool_set_fact(o->spool, BROKER_FACT, bytes_of(now, strlen(now)));
}

static void
recall_broker(struct office *o)
{
	OWNED_BUF(kept) = {0};

	if (office_brokers(o) < 2 || spool_fact(o->spool, BROKER_FACT, &kept) != E_OK)
		return;
	for (size_t i = 0; i < office_brokers(o); i++)
		if (strcmp(office_broker_at(o, i), (char *)kept.data) == 0)
			o->broker = i;
}

static void
on_up(void *context)
{
	struct session *s = context;

	s->end->was_up = true;
	if (!s->one)
		remember_broker(s->o);
	if (s->asks != NULL)
		(void)!link_ledger(s->link, &s->asks->conversation);
	event_active(s->look, EV_TIMEOUT, 0);
}

static void
on_ledger(void *context, const struct id *conversation, enum err e, struct bytes lines)
{
	struct session *s = context;

	(void)conversation;
	if (s->asks == NULL || s->asks->answered)
		return;
	s->asks->answered = true;
	s->asks->e = e;
	buf_add_bytes(&s->asks->lines, lines);
	event_active(s->look, EV_TIMEOUT, 0);
}

static void
on_changed(void *context)
{
	event_active(((struct session *)context)->look, EV_TIMEOUT, 0);
}

/* A copy of this office with a newer spool is at work somewhere. */
static void
on_fenced(void *context)
{
	struct session *s = context;

	s->fenced = true;
	event_base_loopbreak(s->base);
}

/* Put in force outside of the link's own turn. */
static void
on_trust(void *context, struct bytes list)
{
	struct session *s = context;

	buf_reset(&s->list);
	buf_add_bytes(&s->list, list);
	event_active(s->look, EV_TIMEOUT, 0);
}

static enum err
start_examiner(struct session *s)
{
	if (!s->take)
		return E_OK;
	return examiner_start(trust_bytes(s->o->trust), s->o->operator, & s->examiner);
}

/* What passed on the links before this one counts too. */
static uint64_t
budget_left(const struct session *s)
{
	uint64_t so_far = s->before.sent + s->before.received;

	if (s->o->budget == 0)
		return 0;
	return s->o->budget > so_far ? s->o->budget - so_far : 1;
}

static void
count_octets(struct session *s)
{
	struct line_octets now = {0};

	if (s->link != NULL) {
		link_octets(s->link, &now);
		s->end->held_back = link_holds_back(s->link);
	}
	s->end->octets.sent = s->before.sent + now.sent;
	s->end->octets.received = s->before.received + now.received;
}

static void
on_spent(void *context)
{
	struct session *s = context;

	s->end->spent = true;
	event_base_loopbreak(s->base);
}

static enum err
try_link(struct session *s)
{
	struct link_options o = {.program = "daftar/" PACKAGE_VERSION,
		.self = s->o->self,
		.endpoint = office_broker(s->o),
		.pair = s->o->curve,
		.trust = s->o->trust,
		.credit = s->take ? (s->o->budget > 0 ? 1 : CREDIT) : 0,
		.identity = s->o->sign,
		.thin = true,
		.window = s->o->budget > 0 ? BUDGET_WINDOW : 0,
		.budget = budget_left(s)};
	struct link_handlers h = {.context = s,
		.up = on_up,
		.changed = on_changed,
		.trust = on_trust,
		.fenced = on_fenced,
		.spent = on_spent,
		.ledger = on_ledger};

	return link_open(s->base, &o, s->o->spool, s->take ? s->examiner : NULL, &h, &s->link);
}

/* Link and examiner both stand on the list, so both begin anew with it. */
static void
take_trust(struct session *s)
{
	enum err e = office_new_trust(s->o, buf_bytes(&s->list));

	buf_reset(&s->list);
	if (e != E_OK) {
		log_line(LOG_WARNING, "trust list not taken code=%s", err_word(e));
		return;
	}
	note("A newer trust list (version %llu) is in force.\n",
		(unsigned long long)trust_version(s->o->trust));
	count_octets(s);
	s->before = s->end->octets;
	link_close(&s->link);
	examiner_free(&s->examiner);
	if (start_examiner(s) != E_OK || try_link(s) != E_OK)
		event_base_loopbreak(s->base);
}

/* An address that does not answer is left for the next one. */
static void
take_turns(struct session *s)
{
	if (s->link == NULL || link_is_up(s->link)) {
		s->since = monotonic_now();
		return;
	}
	if (s->one || office_brokers(s->o) < 2 || monotonic_now() - s->since < s->turn)
		return;
	count_octets(s);
	s->before = s->end->octets;
	link_close(&s->link);
	office_next_broker(s->o);
	s->since = monotonic_now();
	(void)!try_link(s);
}

static void
on_look(evutil_socket_t fd, short what, void *context)
{
	struct session *s = context;
	enum err e = E_OK;

	(void)fd;
	(void)what;
	count_octets(s);
	if (s->list.size > 0)
		take_trust(s);
	if (s->take)
		e = incoming_settle_all(s->o);
	if (e != E_OK)
		log_line(LOG_WARNING, "what has come waits code=%s", err_word(e));
	take_turns(s);
	if (s->done(s->o, s->context)) {
		s->end->finished = true;
		event_base_loopbreak(s->base);
	} else if (s->link != NULL)
		link_kick(s->link);
	else
		(void)!try_link(s); /* the other process may have gone */
}

static void
on_limit(evutil_socket_t fd, short what, void *context)
{
	struct session *s = context;

	(void)fd;
	s->end->interrupted = (what & EV_SIGNAL) != 0;
	event_base_loopbreak(s->base);
}

static struct timeval
after(int64_t ms)
{
	return (struct timeval){ms / 1000, ms % 1000 * 1000};
}

static enum err
start(struct session *s, int64_t timeout)
{
	struct timeval look = after(LOOK_MS), limit = after(timeout < 0 ? 0 : timeout);
	static const int signals[2] = {SIGINT, SIGTERM};

	s->base = transport_base();
	if (s->base == NULL)
		return E_IO;
	s->look = event_new(s->base, -1, EV_PERSIST, on_look, s);
	s->limit = evtimer_new(s->base, on_limit, s);
	for (int i = 0; i < 2; i++) {
		s->interrupt[i] = evsignal_new(s->base, signals[i], on_limit, s);
		event_add(s->interrupt[i], NULL);
	}
	event_add(s->look, &look);
	if (timeout >= 0)
		event_add(s->limit, &limit);
	if (!s->take)
		return E_OK;
	return examiner_start(trust_bytes(s->o->trust), s->o->operator, & s->examiner);
}

static void
stop(struct session *s)
{
	struct event *const events[] = {s->look, s->limit, s->interrupt[0], s->interrupt[1]};

	count_octets(s);
	link_close(&s->link);
	examiner_free(&s->examiner);
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (s->base != NULL)
		event_base_free(s->base);
	buf_free(&s->list);
}

/* So that each has its turn before the time is up. */
static int64_t
turn_of(const struct office *o, int64_t timeout)
{
	int64_t n = (int64_t)office_brokers(o), turn = n > 0 ? timeout / n : timeout;

	if (timeout < 0 || turn > TURN_MOST_MS)
		return TURN_MOST_MS;
	return turn < TURN_LEAST_MS ? TURN_LEAST_MS : turn;
}

static enum err
run(struct session *s, int64_t timeout)
{
	enum err e;

	memset(s->end, 0, sizeof *s->end);
	if (s->take && question_sweep(s->o) != E_OK)
		log_line(LOG_WARNING, "old questions are not dropped yet");
	if (!s->one)
		recall_broker(s->o);
	s->since = monotonic_now();
	s->turn = turn_of(s->o, timeout);
	e = start(s, timeout);
	if (e == E_OK)
		e = try_link(s);
	if (e == E_LOCKED) {
		s->end->watched = true;
		e = E_OK;
	}
	if (e == E_OK) {
		event_active(s->look, EV_TIMEOUT, 0);
		event_base_dispatch(s->base);
	}
	stop(s);
	return s->fenced ? E_STALE_EPOCH : e;
}

enum err
session_run(struct office *o, bool take, int64_t timeout,
	bool (*done)(struct office *o, void *context), void *context, struct session_end *end)
{
	struct session s = {.o = o, .take = take, .done = done, .context = context, .end = end};

	return run(&s, timeout);
}

enum err
session_reach(struct office *o, size_t i, int64_t timeout,
	bool (*done)(struct office *o, void *context), void *context, struct session_end *end)
{
	struct session s = {.o = o, .done = done, .context = context, .end = end, .one = true};
	size_t before = o->broker;
	enum err e;

	o->broker = i;
	e = run(&s, timeout);
	o->broker = before;
	return e;
}

enum err
session_ask(struct office *o, int64_t timeout, bool (*done)(struct office *o, void *context),
	struct ledger_answer *asks, struct session_end *end)
{
	struct session s = {.o = o, .done = done, .context = asks, .end = end, .asks = asks};

	return run(&s, timeout);
}

enum ending
session_fail(enum err e)
{
	if (e == E_STALE_EPOCH)
		return fail(e, "what was filed is safe in the spool",
			"go on with the newer copy; when that is gone for good: daftar takeover",
			"this is an old copy of the office: a newer one has spoken to the "
			"exchange");
	return fail(e, "what was filed is safe in the spool", "daftar doctor",
		"the line to the exchange cannot be used");
}

enum ending
command_takeover(const struct options *o)
{
	OWNED(struct office, office, office_free) = NULL;
	enum ending end = office_open(o, NEED_ALL, &office);
	enum err e;

	if (end != END_DONE)
		return end;
	e = spool_take_over(office->spool, instant_now());
	if (e == E_OK)
		e = cases_stop_again(office);
	if (e != E_OK)
		return fail(e, "nothing was changed", "daftar doctor",
			"this copy of the office cannot take over");
	note("This copy of the office speaks to the exchange from now on. Next: daftar sync\n");
	return END_DONE;
}
