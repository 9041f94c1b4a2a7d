/* SPDX-License-Identifier: EUPL-1.2
 *
 * The greeting, what is said and what is said again. Two messages of one conversation are never
 * under way at the same time (unless its owner says otherwise), so the broker accepts a
 * conversation in the order in which it was filed. When the broker has no room, the whole outbox
 * waits: passing by the one that was refused would change the order. Cancellations, and answers to
 * them, go before all of that and wait for nothing. Parts of scans go when nothing else is left to
 * say, one at a time, and nothing waits for them. */
#include "lib/talk_parts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

#define SILENT_MS 20000
#define GONE_MS 30000
#define GREET_MS 5000
#define CREDIT_MS 8000
#define CREDIT_THIN_MS 1500

/* ---- saying ---- */

bool
talk_say(struct talk *t, const struct wire *w)
{
	return t->fx.send(t->fx.context, w);
}

/* A restored copy may have lost what it has taken. Before that was asked for again, nothing that
 * came after it may arrive. Nor is anything new taken from an exchange whose log has forked. */
uint64_t
talk_credit(const struct talk *t)
{
	return t->tick < t->full || spool_is_restored(t->spool) || log_is_forked(t) ? 0
										    : t->o.credit;
}

/* Behind the program: what the exchange may want to know of this one. */
static char *
talk_program(const struct talk *t)
{
	OWNED(char, most, free_chars) =
		t->o.most == 0 ? xstrdup("") : xprintf(" most=%llu", (unsigned long long)t->o.most);

	return xprintf("%s list=%llu%s%s", t->program,
		(unsigned long long)trust_version(t->o.trust), t->o.thin ? " thin" : "", most);
}

void
talk_greet(struct talk *t)
{
	OWNED(char, program, free_chars) = talk_program(t);
	struct wire w = {.verb = V_HELLO,
		.epoch = t->o.epoch,
		.resume = spool_last_notice(t->spool),
		.number = talk_credit(t),
		.text = bytes_of(program, strlen(program)),
		.id = t->o.incarnation};

	recon_drop(t);
	t->submit.n = t->settle.n = 0;
	t->has_cursor = false;
	t->deaf = false;
	t->greeted = t->tick;
	t->phase = talk_say(t, &w) ? PHASE_GREETING : PHASE_DOWN;
}

static void
say_credit(struct talk *t)
{
	struct wire w = {
		.verb = V_CREDIT, .resume = spool_last_notice(t->spool), .number = talk_credit(t)};

	if (!talk_say(t, &w))
		return; /* the next tick tries again */
	t->owes_credit = false;
	t->credited = t->tick;
}

/* SplitMix64: small, and the same on every machine. */
uint64_t
talk_random(struct talk *t)
{
	uint64_t z = t->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

int64_t
talk_backoff(struct talk *t, unsigned times)
{
	int64_t delay = 1000;

	for (unsigned i = 1; i < times && delay < 60000; i++)
		delay *= 2;
	if (delay > 60000)
		delay = 60000;
	return delay - delay / 4 + (int64_t)(talk_random(t) % (uint64_t)(delay / 2 + 1));
}

/* ---- what its owner tells it ---- */

void
talk_noise(struct talk *t, int64_t heard, bool busy, int64_t tick)
{
	if (heard > t->heard)
		t->heard = heard;
	if (!busy)
		return;
	flights_begin_anew(&t->submit, tick);
	flights_begin_anew(&t->settle, tick);
}

void
talk_refuse_deliveries(struct talk *t)
{
	if (t->o.credit == 0)
		return;
	t->o.credit = 0;
	t->owes_credit = true;
	talk_soon(t);
}

/* ---- the outbox and the settlements ---- */

static bool
submit(struct talk *t, const struct out_entry *e, struct bytes message, bool urgent)
{
	struct wire w = {.verb = V_SUBMIT, .body = message};
	struct flight *f;

	if (flights_full(&t->submit, urgent) || !talk_say(t, &w))
		return false;
	f = flight_start(t, &t->submit, &e->header.id);
	f->conversation = e->header.conversation;
	f->urgent = urgent;
	f->scan = e->header.action == A_ATTACHMENT;
	return true;
}

static bool
is_scan(struct talk *t, const struct id *id)
{
	struct out_entry e;

	return spool_out(t->spool, id, &e, NULL) == E_OK && e.header.action == A_ATTACHMENT;
}

/* False when nothing more can be said now. */
static bool
submit_one(struct talk *t, const struct id *id, struct bytes message)
{
	struct out_entry e;

	if (flight_find(&t->submit, id) != NULL)
		return true;
	if (flights_full(&t->submit, false) || spool_out(t->spool, id, &e, NULL) != E_OK)
		return false;
	if (e.header.action == A_CANCELLATION || talk_is_shut(t, &e.header.to))
		return true; /* submit_urgent says it; or it waits for its channel */
	if (conversation_flies(t, &e.header.conversation)) {
		t->skipped = true;
		return true;
	}
	return submit(t, &e, message, false);
}

static bool
is_withdrawal(const struct header *h)
{
	return strcmp(h->purpose, PURPOSE_WITHDRAWAL) == 0;
}

/* A hold and a release of one case undo each other: the exchange has to have the earlier first.
 * Nothing keeps a withdrawal. */
static bool
waits_for_earlier(struct talk *t, const struct out_entry *e)
{
	struct out_entry o = {.order = 0};
	OWNED_BUF(unused) = {0};

	if (!t->o.in_order || is_withdrawal(&e->header))
		return false;
	while (spool_next_urgent_out(t->spool, o.order, &o, &unused) == E_OK && o.order < e->order)
		if (!is_withdrawal(&o.header) &&
			id_equal(&o.header.conversation, &e->header.conversation) &&
			strcmp(o.header.purpose, e->header.purpose) != 0)
			return true;
	return false;
}

/* What stops a case: each turn from the first one on. One that is damaged is put aside by the walk
 * over the whole outbox. */
static void
submit_urgent(struct talk *t)
{
	OWNED_BUF(message) = {0};
	struct out_entry e = {.order = 0};
	uint64_t before;
	enum err code;

	do {
		before = e.order;
		code = spool_next_urgent_out(t->spool, before, &e, &message);
		if (code == E_OK && flight_find(&t->submit, &e.header.id) == NULL &&
			!waits_for_earlier(t, &e) && !submit(t, &e, buf_bytes(&message), true))
			return;
	} while (code == E_OK || (code == E_IO && e.order > before));
}

/* One that is damaged on disk can never be said, and must not hold up the others. */
static enum err
put_aside(struct talk *t, const struct id *id, struct buf *message)
{
	TRY(spool_refused(t->spool, id, E_IO, t->now));
	log_message(LOG_ERROR, id, "put aside: damaged on disk");
	talk_changed(t);
	buf_reset(message);
	return E_OK;
}

/* The next one to say after the cursor; without its octets for what is passed by: it was put aside,
 * or is a scan's. */
static enum err
next_to_submit(struct talk *t, struct id *id, struct buf *message)
{
	const struct id *after = t->has_cursor ? &t->cursor : NULL;
	enum err e;

	memset(id, 0, sizeof *id);
	buf_reset(message);
	if (spool_next_to_send(t->spool, after, id, NULL) == E_OK && is_scan(t, id))
		return E_OK;
	e = spool_next_to_send(t->spool, after, id, message);
	return e == E_IO && put_aside(t, id, message) == E_OK ? E_OK : e;
}

static bool
scan_flies(const struct talk *t)
{
	for (unsigned i = 0; i < t->submit.n; i++)
		if (t->submit.list[i].scan)
			return true;
	return false;
}

/* The first part of a scan whose case has nothing else under way. */
static void
submit_scan(struct talk *t)
{
	struct id id, before;
	const struct id *after = NULL;
	OWNED_BUF(message) = {0};
	struct out_entry e;
	enum err code;

	while (!scan_flies(t) && spool_next_to_send(t->spool, after, &id, NULL) == E_OK) {
		before = id;
		after = &before;
		if (spool_out(t->spool, &id, &e, NULL) != E_OK || e.header.action != A_ATTACHMENT ||
			conversation_flies(t, &e.header.conversation) ||
			talk_is_shut(t, &e.header.to))
			continue;
		code = spool_out(t->spool, &id, &e, &message);
		if (code == E_IO && put_aside(t, &id, &message) == E_OK)
			continue;
		if (code != E_OK || message.size == 0 || !submit(t, &e, buf_bytes(&message), false))
			return;
	}
}

static void
submit_all(struct talk *t)
{
	OWNED_BUF(message) = {0};
	struct id id;

	/* A restored copy may have lost numbers that it has given; it learns of them first. */
	if (spool_is_restored(t->spool))
		return;
	/* To an exchange that tells two stories too: it can only keep back what protects somebody.
	 */
	if (t->tick >= t->hold_urgent)
		submit_urgent(t);
	if (log_is_forked(t) || t->tick < t->hold)
		return;
	shut_turn(t);
	while (!flights_full(&t->submit, false) && next_to_submit(t, &id, &message) == E_OK) {
		if (message.size > 0 && !submit_one(t, &id, buf_bytes(&message)))
			return;
		t->cursor = id;
		t->has_cursor = true;
	}
	submit_scan(t);
}

/* An answer that is damaged on disk can not be said, and must not hold up the others. */
static bool
settle(struct talk *t, const struct party *from, const struct id *id, bool urgent)
{
	OWNED_BUF(answer) = {0};
	struct wire w = {.verb = V_SETTLED, .id = *id};

	if (flights_full(&t->settle, urgent))
		return false;
	if (spool_answer(t->spool, from, id, &answer) != E_OK)
		return true;
	w.body = buf_bytes(&answer);
	if (!talk_say(t, &w))
		return false;
	flight_start(t, &t->settle, id)->from = *from;
	return true;
}

bool
talk_settle(struct talk *t, const struct party *from, const struct id *id)
{
	return settle(t, from, id, false);
}

/* Answers to Cancellations. */
static bool
settle_urgent(struct talk *t)
{
	struct in_entry e = {.order = 0};

	while (spool_next_urgent_in(t->spool, e.order, &e, NULL) == E_OK)
		if (e.state == IN_DONE && flight_find(&t->settle, &e.header.id) == NULL &&
			!settle(t, &e.header.from, &e.header.id, true))
			return false;
	return true;
}

/* A refusal names an id and no sender, so two of one id are never under way together. */
static bool
settle_some(struct talk *t, uint64_t after, uint64_t last)
{
	struct in_entry e = {.order = after};

	while (spool_next_in(t->spool, IN_DONE, e.order, &e, NULL) == E_OK && e.order <= last) {
		if (flight_find(&t->settle, &e.header.id) != NULL)
			continue;
		if (!talk_settle(t, &e.header.from, &e.header.id))
			return false;
		t->settled = e.order;
	}
	return true;
}

/* In turns: those that are refused for good are said again and again, and would fill the window. */
static void
settle_all(struct talk *t)
{
	uint64_t last = t->settled;

	if (settle_urgent(t) && settle_some(t, last, UINT64_MAX))
		(void)!settle_some(t, 0, last);
}

/* ---- turns ---- */

static void
at(struct talk *t, int64_t now, int64_t tick)
{
	t->now = now;
	t->tick = tick;
}

void
talk_turn(struct talk *t, int64_t now, int64_t tick)
{
	at(t, now, tick);
	if (t->phase != PHASE_UP)
		return;
	log_turn(t);
	revocation_turn(t);
	recon_turn(t);
	submit_all(t);
	settle_all(t);
	/* Where an octet is dear one CREDIT speaks for several. */
	if (t->owes_credit && (!t->o.thin || t->tick - t->credited > CREDIT_THIN_MS))
		say_credit(t);
}

void
talk_soon(struct talk *t)
{
	if (t->fx.soon != NULL)
		t->fx.soon(t->fx.context);
}

static bool
must_greet(const struct talk *t)
{
	return t->phase != PHASE_UP || (t->deaf && t->fx.examine != NULL) ||
	       t->tick - t->heard > SILENT_MS;
}

void
talk_tick(struct talk *t, int64_t now, int64_t tick)
{
	at(t, now, tick);
	if (t->phase == PHASE_FENCED)
		return;
	if (tick - t->heard > GONE_MS)
		t->up = false;
	if (must_greet(t) && tick - t->greeted > GREET_MS)
		talk_greet(t);
	if (t->phase == PHASE_UP && tick - t->credited > CREDIT_MS)
		t->owes_credit = true;
	flights_overdue(t);
	recon_tick(t);
	ledger_tick(t);
	talk_soon(t);
}

void
talk_connected(struct talk *t, int64_t now, int64_t tick)
{
	at(t, now, tick);
	if (t->phase == PHASE_FENCED)
		return;
	t->up = false;
	talk_greet(t);
}

void
talk_hear(struct talk *t, const struct wire *w, int64_t now, int64_t tick)
{
	at(t, now, tick);
	if (t->phase == PHASE_FENCED)
		return;
	t->heard = tick;
	talk_hear_verb(t, w);
	talk_soon(t);
}

void
talk_lost(struct talk *t)
{
	if (t->phase == PHASE_FENCED)
		return;
	recon_drop(t);
	t->phase = PHASE_DOWN;
	t->up = false;
}

/* Nothing is sent or kept any more; the newer instance does that. */
void
talk_fence(struct talk *t)
{
	if (t->phase == PHASE_FENCED)
		return;
	log_line(LOG_ERROR, "link: fenced epoch=%llu: %s", (unsigned long long)t->o.epoch,
		err_sentence(E_STALE_EPOCH));
	recon_drop(t);
	t->phase = PHASE_FENCED;
	t->up = false;
	if (t->fx.fenced != NULL)
		t->fx.fenced(t->fx.context);
}

void
talk_changed(struct talk *t)
{
	if (t->fx.changed != NULL)
		t->fx.changed(t->fx.context);
}

/* ---- beginning and end ---- */

struct talk *
talk_new(const struct talk_options *o, struct spool *s, const struct talk_effects *fx, int64_t now,
	int64_t tick)
{
	struct talk *t = xcalloc(1, sizeof *t);

	assert(fx->examine != NULL || o->credit == 0);
	t->o = *o;
	t->program = xstrdup(o->program);
	t->spool = s;
	t->fx = *fx;
	t->random = o->seed;
	flights_make(&t->submit, o->window == 0 ? TALK_WINDOW : o->window);
	flights_make(&t->settle, t->submit.most);
	at(t, now, tick);
	t->heard = t->credited = t->greeted = tick;
	revocation_remember(t);
	log_begin(t);
	return t;
}

void
talk_free(struct talk **t)
{
	if (*t == NULL)
		return;
	recon_free(*t);
	revocation_free(*t);
	free((*t)->submit.list);
	free((*t)->settle.list);
	free_chars(&(*t)->program);
	free(TAKE(*t));
}

void
talk_bye(struct talk *t)
{
	if (t->phase != PHASE_UP)
		return;
	if (t->owes_credit)
		say_credit(t);
	(void)!talk_say(t, &(struct wire){.verb = V_BYE});
}

void
talk_trust(struct talk *t, const struct trust *trust)
{
	t->o.trust = trust;
	revocation_trust(t);
}

bool
talk_is_up(const struct talk *t)
{
	return t->up;
}

bool
talk_is_fenced(const struct talk *t)
{
	return t->phase == PHASE_FENCED;
}
