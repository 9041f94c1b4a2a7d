/* SPDX-License-Identifier: EUPL-1.2
 *
 * A peer's end of the conversation with the broker: the connection, the greeting, what is said and
 * said again. The spool is the only truth; everything here may be forgotten at any moment and is
 * then said anew. Two messages of one conversation are never under way at the same time, so the
 * broker accepts a conversation in the order in which it was filed. When the broker has no room,
 * the whole outbox waits: passing by the one that was refused would change the order. */
#include "lib/link_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/log.h"

#define TICK_MS 500
#define SILENT_MS 20000
#define GONE_MS 30000
#define GREET_MS 5000
#define CREDIT_MS 8000
#define ANSWER_MS 30000

/* ---- saying ---- */

bool
link_say(struct link *l, const struct wire *w)
{
	struct frames f;

	if (l->peer == NULL)
		return false;
	wire_encode(w, &f);
	return peer_send(l->peer, f.frame, f.n);
}

static uint64_t
credit_now(const struct link *l)
{
	return monotonic_now() < l->full ? 0 : l->o.credit;
}

void
link_greet(struct link *l)
{
	struct wire w = {.verb = V_HELLO,
		.epoch = l->epoch,
		.resume = spool_last_notice(l->spool),
		.number = credit_now(l),
		.text = bytes_of(l->program, strlen(l->program)),
		.id = l->incarnation};

	memset(l->submit, 0, sizeof l->submit);
	memset(l->settle, 0, sizeof l->settle);
	l->has_cursor = false;
	l->deaf = false;
	l->greeted = monotonic_now();
	l->phase = link_say(l, &w) ? PHASE_GREETING : PHASE_DOWN;
}

static void
say_credit(struct link *l)
{
	struct wire w = {
		.verb = V_CREDIT, .resume = spool_last_notice(l->spool), .number = credit_now(l)};

	if (!link_say(l, &w))
		return; /* the next tick tries again */
	l->owes_credit = false;
	l->credited = monotonic_now();
}

int64_t
link_backoff(unsigned times)
{
	int64_t delay = 1000;
	uint16_t chance = 0;

	for (unsigned i = 1; i < times && delay < 60000; i++)
		delay *= 2;
	if (delay > 60000)
		delay = 60000;
	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		chance = 1 << 15;
	return delay - delay / 4 + delay / 2 * chance / UINT16_MAX;
}

/* ---- flights ---- */

struct flight *
flight_find(struct flight flights[WINDOW], const struct id *id)
{
	for (int i = 0; i < WINDOW; i++)
		if (flights[i].used && id_equal(&flights[i].id, id))
			return &flights[i];
	return NULL;
}

void
flight_end(struct link *l, struct flight *f)
{
	f->used = false;
	if (l->skipped) { /* what waited for this one may go now */
		l->skipped = false;
		l->has_cursor = false;
	}
}

static struct flight *
flight_free(struct flight flights[WINDOW])
{
	for (int i = 0; i < WINDOW; i++)
		if (!flights[i].used)
			return &flights[i];
	return NULL;
}

static void
flight_start(struct flight *f, const struct id *id)
{
	memset(f, 0, sizeof *f);
	f->used = true;
	f->id = *id;
	f->due = monotonic_now() + ANSWER_MS;
}

/* What has had no answer is said again. */
static void
flights_overdue(struct link *l)
{
	int64_t now = monotonic_now();

	for (int i = 0; i < WINDOW; i++) {
		if (l->submit[i].used && l->submit[i].due < now) {
			l->submit[i].used = false;
			l->has_cursor = false;
		}
		if (l->settle[i].used && l->settle[i].due < now)
			l->settle[i].used = false;
	}
}

static bool
conversation_flies(const struct link *l, const struct id *conversation)
{
	for (int i = 0; i < WINDOW; i++)
		if (l->submit[i].used && id_equal(&l->submit[i].conversation, conversation))
			return true;
	return false;
}

/* ---- the outbox and the settlements ---- */

/* False when nothing more can be said now. */
static bool
submit_one(struct link *l, const struct id *id, struct bytes message)
{
	struct wire w = {.verb = V_SUBMIT, .body = message};
	struct flight *f = flight_free(l->submit);
	struct out_entry e;

	if (flight_find(l->submit, id) != NULL)
		return true;
	if (f == NULL || spool_out(l->spool, id, &e, NULL) != E_OK)
		return false;
	if (conversation_flies(l, &e.header.conversation)) {
		l->skipped = true;
		return true;
	}
	if (!link_say(l, &w))
		return false;
	flight_start(f, id);
	f->conversation = e.header.conversation;
	return true;
}

/* The next one to say after the cursor; one that is damaged on disk can never be said, is put aside
 * as refused and must not hold up the others. */
static enum err
next_to_submit(struct link *l, struct id *id, struct buf *message)
{
	const struct id *after = l->has_cursor ? &l->cursor : NULL;
	enum err e;

	memset(id, 0, sizeof *id);
	e = spool_next_to_send(l->spool, after, id, message);
	if (e != E_IO || spool_refused(l->spool, id, E_IO, instant_now()) != E_OK)
		return e;
	log_message(LOG_ERROR, id, "put aside: damaged on disk");
	link_changed(l);
	buf_reset(message);
	return E_OK;
}

static void
submit_all(struct link *l)
{
	OWNED_BUF(message) = {0};
	struct id id;

	if (monotonic_now() < l->hold)
		return;
	while (flight_free(l->submit) != NULL && next_to_submit(l, &id, &message) == E_OK) {
		if (message.size > 0 && !submit_one(l, &id, buf_bytes(&message)))
			return;
		l->cursor = id;
		l->has_cursor = true;
	}
}

bool
link_settle(struct link *l, const struct party *from, const struct id *id)
{
	struct flight *f = flight_free(l->settle);
	OWNED_BUF(answer) = {0};
	struct wire w = {.verb = V_SETTLED, .id = *id};

	if (f == NULL || spool_answer(l->spool, from, id, &answer) != E_OK)
		return false;
	w.body = buf_bytes(&answer);
	if (!link_say(l, &w))
		return false;
	flight_start(f, id);
	f->from = *from;
	return true;
}

static bool
settlement_flies(const struct link *l, const struct in_entry *e)
{
	for (int i = 0; i < WINDOW; i++)
		if (l->settle[i].used && id_equal(&l->settle[i].id, &e->header.id) &&
			party_equal(&l->settle[i].from, &e->header.from))
			return true;
	return false;
}

static void
settle_all(struct link *l)
{
	struct in_entry e = {.order = 0};

	while (spool_next_in(l->spool, IN_DONE, e.order, &e, NULL) == E_OK)
		if (!settlement_flies(l, &e) && !link_settle(l, &e.header.from, &e.header.id))
			return;
}

/* ---- the loop's turns ---- */

static void
on_soon(evutil_socket_t fd, short what, void *context)
{
	struct link *l = context;

	(void)fd;
	(void)what;
	if (l->phase != PHASE_UP)
		return;
	submit_all(l);
	settle_all(l);
	if (l->owes_credit)
		say_credit(l);
}

void
link_soon(struct link *l)
{
	event_active(l->soon, EV_TIMEOUT, 0);
}

static bool
must_greet(const struct link *l, int64_t now)
{
	return l->phase != PHASE_UP || (l->deaf && l->examiner != NULL) ||
	       now - l->heard > SILENT_MS;
}

static void
on_tick(evutil_socket_t fd, short what, void *context)
{
	struct link *l = context;
	int64_t now = monotonic_now();

	(void)fd;
	(void)what;
	if (l->phase == PHASE_FENCED)
		return;
	if (now - l->heard > GONE_MS)
		l->up = false;
	if (must_greet(l, now) && now - l->greeted > GREET_MS)
		link_greet(l);
	if (l->phase == PHASE_UP && now - l->credited > CREDIT_MS)
		l->owes_credit = true;
	flights_overdue(l);
	link_soon(l);
}

static void
on_frames(void *context, const struct bytes *frame, size_t n)
{
	struct link *l = context;
	struct wire w;
	enum err e;

	if (l->phase == PHASE_FENCED)
		return;
	if (n == 0) { /* a new connection */
		l->up = false;
		link_greet(l);
		return;
	}
	e = wire_decode(frame, n, 'b', &w);
	if (e != E_OK) {
		log_line(LOG_WARNING, "link: frames dropped code=%s", err_word(e));
		return;
	}
	l->heard = monotonic_now();
	link_hear(l, &w);
	link_soon(l);
}

/* Nothing is sent or kept any more; the newer instance does that. */
void
link_fence(struct link *l)
{
	if (l->phase == PHASE_FENCED)
		return;
	log_line(LOG_ERROR, "link: fenced epoch=%llu: %s", (unsigned long long)l->epoch,
		err_sentence(E_STALE_EPOCH));
	l->phase = PHASE_FENCED;
	l->up = false;
	peer_close(&l->peer);
	if (l->h.fenced != NULL)
		l->h.fenced(l->h.context);
}

void
link_changed(struct link *l)
{
	if (l->h.changed != NULL)
		l->h.changed(l->h.context);
}

/* ---- opening and closing ---- */

static enum err
connect_to(struct link *l)
{
	const struct trust_party *broker = trust_exchange(l->o.trust);

	if (broker == NULL || broker->n_curve == 0)
		return E_NO_TRUST;
	memcpy(l->broker, broker->curve[0], sizeof l->broker);
	return peer_open(l->base, l->endpoint, l->broker, &l->o.pair, on_frames, l, &l->peer);
}

static enum err
start_timers(struct link *l)
{
	const struct timeval every = {TICK_MS / 1000, TICK_MS % 1000 * 1000};

	l->soon = event_new(l->base, -1, 0, on_soon, l);
	l->tick = event_new(l->base, -1, EV_PERSIST, on_tick, l);
	if (l->soon == NULL || l->tick == NULL || event_add(l->tick, &every) != 0)
		return E_IO;
	return E_OK;
}

enum err
link_open(struct event_base *base, const struct link_options *o, struct spool *spool,
	struct examiner *examiner, const struct link_handlers *h, struct link **out)
{
	OWNED(struct link, l, link_close) = xcalloc(1, sizeof *l);

	assert(examiner != NULL || o->credit == 0);
	TRY(spool_take_link(spool, &l->epoch));
	if (getrandom(&l->incarnation, sizeof l->incarnation, 0) != sizeof l->incarnation)
		return E_IO;
	l->spool = spool;
	l->base = base;
	l->o = *o;
	l->program = xstrdup(o->program);
	l->endpoint = xstrdup(o->endpoint);
	l->examiner = examiner;
	if (h != NULL)
		l->h = *h;
	l->heard = l->credited = l->greeted = monotonic_now();
	TRY(start_timers(l));
	TRY(connect_to(l));
	*out = TAKE(l);
	return E_OK;
}

void
link_close(struct link **l)
{
	struct link *k = *l;

	if (k == NULL)
		return;
	if (k->peer != NULL && k->phase == PHASE_UP)
		(void)!link_say(k, &(struct wire){.verb = V_BYE});
	peer_close(&k->peer);
	if (k->tick != NULL)
		event_free(k->tick);
	if (k->soon != NULL)
		event_free(k->soon);
	if (k->spool != NULL)
		spool_give_link(k->spool);
	OPENSSL_cleanse(k->o.pair.secret_key, sizeof k->o.pair.secret_key);
	free_chars(&k->program);
	free_chars(&k->endpoint);
	free(TAKE(*l));
}

/* A list with another key of the broker means another connection. */
void
link_trust(struct link *l, const struct trust *trust)
{
	const struct trust_party *broker = trust_exchange(trust);

	l->o.trust = trust;
	if (l->phase == PHASE_FENCED || broker == NULL || broker->n_curve == 0 ||
		memcmp(l->broker, broker->curve[0], sizeof l->broker) == 0)
		return;
	peer_close(&l->peer);
	l->phase = PHASE_DOWN;
	l->up = false;
	if (connect_to(l) != E_OK)
		log_line(LOG_ERROR, "link: cannot connect with the broker's new key");
}

void
link_kick(struct link *l)
{
	link_soon(l);
}

bool
link_is_up(const struct link *l)
{
	return l->up;
}
