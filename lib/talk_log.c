/* SPDX-License-Identifier: EUPL-1.2
 *
 * The exchange's log, watched. The newest head that we have verified is a fact of the spool; once
 * an hour, and after each WELCOME, the exchange has to prove that its log still begins with that
 * one. Every checkpoint that is heard beside it (under a receipt, from another party) must fit too:
 * equal sizes are compared at once, others wait here, a few at a time, until the exchange has
 * proved the way between them and our head.
 *
 * What does not fit is an alarm: both notes are kept as a fact, and nothing new is begun with this
 * exchange, in either direction, before a person has looked. What was begun is finished: every
 * record was verified from registrar to registrar, and no log unsays that. */
#include "lib/talk_parts.h"

#include <string.h>

#include "lib/log.h"

#define EVERY_MS INT64_C(3600000) /* between two heads */
#define PACE_MS 65000		  /* between two questions; the exchange answers one a minute */
#define ANSWER_MS 30000
#define FORKED_MOST 16 /* pairs that are kept */
#define NAME_SIZE 96

bool
log_is_forked(const struct talk *t)
{
	return t->log.forked;
}

/* ---- beginning ---- */

/* Signed with a key that the trust list does not name any more, it is no base to go on from. */
void
log_begin(struct talk *t)
{
	OWNED_BUF(note) = {0};

	t->log.forked = log_forks(t->spool) > 0;
	if (log_head_note(t->spool, &note) == E_OK &&
		log_head_read(buf_bytes(&note), t->o.trust, &t->log.head) != E_OK)
		log_line(LOG_WARNING, "log: the head that was kept is not one of this log");
}

void
log_welcomed(struct talk *t)
{
	t->log.next = t->log.paced = t->tick;
	t->log.due = 0;
}

/* ---- alarm ---- */

static void
forked(struct talk *t, const struct log_head *a, const struct log_head *b)
{
	char name[NAME_SIZE];
	OWNED_BUF(pair) = {0};
	enum err e = E_OK;

	log_line(LOG_ERROR,
		"log: code=%s generation=%llu size=%llu and generation=%llu size=%llu do not fit%s",
		err_word(E_LOG_FORKED), (unsigned long long)a->at.generation,
		(unsigned long long)a->at.size, (unsigned long long)b->at.generation,
		(unsigned long long)b->at.size,
		log_heads_contradict(a, b) ? ": one size, two roots" : "");
	snprintf(name, sizeof name, "%s%llu.%llu-%llu.%llu", LOG_FORKED_ALARMS,
		(unsigned long long)a->at.generation, (unsigned long long)a->at.size,
		(unsigned long long)b->at.generation, (unsigned long long)b->at.size);
	log_pair_compose(a, b, &pair);
	if (log_forks(t->spool) < FORKED_MOST)
		e = spool_set_fact(t->spool, name, buf_bytes(&pair));
	if (e != E_OK)
		log_line(LOG_ERROR, "log: the two heads are not kept code=%s", err_word(e));
	t->log.forked = true;
	t->owes_credit = true;
	talk_changed(t);
}

/* ---- the chain ---- */

static void
keep_generations(struct talk *t, const struct log_head *next)
{
	char name[NAME_SIZE];
	OWNED_BUF(pair) = {0};

	log_line(LOG_WARNING,
		"log: the exchange was restored: generation=%llu goes on behind generation=%llu "
		"size=%llu",
		(unsigned long long)next->at.generation,
		(unsigned long long)t->log.head.at.generation,
		(unsigned long long)t->log.head.at.size);
	snprintf(name, sizeof name, "%s%llu", LOG_GENERATION_FACTS,
		(unsigned long long)next->at.generation);
	log_pair_compose(&t->log.head, next, &pair);
	if (spool_set_fact(t->spool, name, buf_bytes(&pair)) != E_OK)
		log_line(LOG_WARNING, "log: that is not kept");
	t->log.n_seen = 0;
	t->log.compare_code = E_STATE;
	/* What was agreed before counts no more, however short ago. */
	t->recon.next = t->tick;
}

static void
adopt(struct talk *t, const struct log_head *next)
{
	enum err e;

	if (t->log.head.at.size != 0 && next->at.generation > t->log.head.at.generation)
		keep_generations(t, next);
	if (strcmp(t->log.head.note, next->note) == 0)
		return;
	t->log.head = *next;
	e = spool_set_fact(t->spool, LOG_HEAD_FACT, bytes_of(next->note, strlen(next->note)));
	if (e != E_OK)
		log_line(LOG_WARNING, "log: the newest head is not kept code=%s", err_word(e));
}

static void
drop_seen(struct talk *t, unsigned i)
{
	t->log.n_seen--;
	memmove(&t->log.seen[i], &t->log.seen[i + 1], (t->log.n_seen - i) * sizeof t->log.seen[0]);
}

/* When there is no room, one of them goes, whichever: nobody can know which will be proved. The
 * first stays, it is the next one. */
static void
remember(struct talk *t, const struct log_head *h)
{
	if (t->log.n_seen == LOG_SEEN)
		drop_seen(t, 1 + (unsigned)(talk_random(t) % (LOG_SEEN - 1)));
	t->log.seen[t->log.n_seen++] = *h;
}

/* Against everything that is known, as far as that needs no proof. */
static enum err
fits(struct talk *t, const struct log_head *h, bool *known)
{
	*known = h->at.generation == t->log.head.at.generation && h->at.size == t->log.head.at.size;
	if (log_heads_contradict(h, &t->log.head)) {
		forked(t, &t->log.head, h);
		return E_LOG_FORKED;
	}
	for (unsigned i = 0; i < t->log.n_seen; i++) {
		if (log_heads_contradict(h, &t->log.seen[i])) {
			forked(t, &t->log.seen[i], h);
			return E_LOG_FORKED;
		}
		*known |= h->at.generation == t->log.seen[i].at.generation &&
			  h->at.size == t->log.seen[i].at.size;
	}
	return E_OK;
}

/* One of an earlier generation was given before a restore and proves what it proved then; one of a
 * later makes us ask for the head at once. */
enum err
log_seen(struct talk *t, const struct log_head *h)
{
	bool known;

	TRY(fits(t, h, &known));
	if (known || h->at.size == 0 ||
		(t->log.head.at.size != 0 && h->at.generation < t->log.head.at.generation))
		return E_OK;
	if (h->at.generation > t->log.head.at.generation)
		t->log.next = t->tick;
	remember(t, h);
	return E_OK;
}

enum err
log_seen_in(struct talk *t, const struct receipt *r)
{
	struct log_head h = {.at = r->at};

	if (r->note.size > CHECKPOINT_MAX)
		return E_CHECKPOINT;
	memcpy(h.note, r->note.data, r->note.size);
	return log_seen(t, &h);
}

void
log_told(struct talk *t, struct bytes receipt)
{
	struct log_head h;
	struct bytes note;
	enum err e;

	if (!message_log_head(receipt, &note))
		return;
	e = log_head_read(note, t->o.trust, &h);
	if (e == E_OK)
		e = log_seen(t, &h);
	if (e == E_CHECKPOINT)
		log_line(LOG_WARNING, "log: a party names a head that this log has not signed");
}

/* ---- asking ---- */

static void
ask(struct talk *t, const struct log_head *from, const struct log_head *to)
{
	static const struct log_head none;
	const struct wire w = {.verb = V_LOG, .number = from->at.size, .resume = to->at.size};

	if (!talk_say(t, &w))
		return;
	t->log.from = *from;
	t->log.to = to->at.size != 0 ? *to : none;
	t->log.due = t->tick + ANSWER_MS;
	t->log.paced = t->tick + PACE_MS;
}

static void
ask_about(struct talk *t, const struct log_head *seen)
{
	if (seen->at.size < t->log.head.at.size)
		ask(t, seen, &t->log.head);
	else
		ask(t, &t->log.head, seen);
}

void
log_turn(struct talk *t)
{
	static const struct log_head newest;
	const struct log_head *first = &t->log.seen[0];

	if (t->log.due != 0 && t->tick < t->log.due)
		return;
	if (t->log.due != 0)
		log_line(LOG_WARNING, "log: the exchange has not shown its log when asked");
	t->log.due = 0;
	if (t->tick >= t->log.next) {
		t->log.next = t->tick + EVERY_MS;
		ask(t, &t->log.head, &newest);
	} else if (t->log.n_seen > 0 && t->tick >= t->log.paced &&
		   first->at.generation == t->log.head.at.generation) {
		ask_about(t, first);
	}
}

/* ---- hearing ---- */

static bool
is_of(const struct log_head *a, const struct log_head *b)
{
	return strcmp(a->note, b->note) == 0;
}

static void
forget_proved(struct talk *t, const struct log_head *a, const struct log_head *b)
{
	for (unsigned i = t->log.n_seen; i-- > 0;)
		if (is_of(&t->log.seen[i], a) || is_of(&t->log.seen[i], b))
			drop_seen(t, i);
}

static void
compared(struct talk *t, const struct log_head *a, const struct log_head *b, enum err e)
{
	if (t->log.compare_code == E_BUSY &&
		(is_of(&t->log.compare, a) || is_of(&t->log.compare, b)))
		t->log.compare_code = e;
}

/* A checkpoint of a generation that the log has not come to. */
static bool
is_behind_what_was_seen(struct talk *t, const struct log_head *newest)
{
	for (unsigned i = 0; i < t->log.n_seen; i++)
		if (t->log.seen[i].at.generation > newest->at.generation) {
			forked(t, &t->log.seen[i], newest);
			return true;
		}
	return false;
}

/* The head that we know, the newest, and what was asked for between: all three of one log. */
static enum err
judge(struct talk *t, const struct log_head *newest, struct bytes proof)
{
	static const struct bytes nothing = {0};
	const struct log_head from = t->log.from;
	const struct log_head to = t->log.to.at.size != 0 ? t->log.to : *newest;
	enum err e;

	if (t->log.head.at.size != 0 && newest->at.generation != t->log.head.at.generation) {
		e = log_head_follows(&t->log.head, newest, nothing);
		if (e == E_OK)
			adopt(t, newest);
		else
			forked(t, &t->log.head, newest);
		return e;
	}
	if (newest->at.size < t->log.head.at.size) { /* it has become shorter */
		forked(t, &t->log.head, newest);
		return E_LOG_FORKED;
	}
	e = log_head_follows(&from, &to, proof);
	compared(t, &from, &to, e);
	forget_proved(t, &from, &to);
	if (e != E_OK)
		forked(t, &from, &to);
	else if (to.at.size >= t->log.head.at.size)
		adopt(t, &to);
	return e;
}

void
log_hear(struct talk *t, const struct wire *w)
{
	struct log_head newest;
	bool known;
	enum err e;

	if (t->log.due == 0 || w->number != t->log.from.at.size || w->resume != t->log.to.at.size)
		return; /* not what was asked */
	e = log_head_read(w->body, t->o.trust, &newest);
	if (e != E_OK) {
		log_line(LOG_ERROR, "log: dropped what=HEAD code=%s", err_word(e));
		return;
	}
	t->log.due = 0;
	if (fits(t, &newest, &known) == E_OK && !is_behind_what_was_seen(t, &newest))
		(void)!judge(t, &newest, w->extra);
}

bool
log_is_refused(struct talk *t, const struct wire *w)
{
	static const struct id none;

	if (t->log.due == 0 || !id_equal(&w->id, &none) ||
		(w->code != E_BUSY && (w->code != E_NOT_FOUND || t->log.head.at.size != 0)))
		return false;
	t->log.due = 0;
	return true;
}

/* ---- for people ---- */

enum err
talk_log_compare(struct talk *t, struct bytes note, int64_t now, int64_t tick)
{
	struct log_head h;
	bool known;

	t->now = now;
	t->tick = tick;
	TRY(log_head_read(note, t->o.trust, &h));
	if (is_of(&h, &t->log.compare) && t->log.compare_code != E_STATE)
		return t->log.compare_code;
	if (t->log.head.at.size == 0)
		return E_NOT_FOUND;
	t->log.compare = h;
	t->log.compare_code = E_STATE;
	if (h.at.generation != t->log.head.at.generation)
		return E_STATE;
	t->log.compare_code = fits(t, &h, &known);
	if (t->log.compare_code != E_OK || (known && h.at.size == t->log.head.at.size))
		return t->log.compare_code;
	t->log.compare_code = E_BUSY;
	if (t->log.n_seen == LOG_SEEN)
		drop_seen(t, LOG_SEEN - 1);
	memmove(&t->log.seen[1], &t->log.seen[0], t->log.n_seen++ * sizeof t->log.seen[0]);
	t->log.seen[0] = h;
	t->log.paced = t->tick;
	talk_soon(t);
	return E_BUSY;
}

enum err
talk_log_acknowledge(struct talk *t, int64_t now, int64_t tick)
{
	static const struct log_head none;

	t->now = now;
	t->tick = tick;
	TRY(log_acknowledge(t->spool));
	t->log.forked = false;
	t->log.head = t->log.compare = none;
	t->log.n_seen = 0;
	t->log.due = 0;
	t->log.next = t->tick;
	t->owes_credit = true;
	log_line(LOG_WARNING, "log: acknowledged: what does not fit was seen by a person");
	talk_soon(t);
	return E_OK;
}
