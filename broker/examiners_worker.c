/* SPDX-License-Identifier: EUPL-1.2
 *
 * The processes: what they are asked, what their answers mean, and who pays when one dies.
 *
 * A worker has several jobs in its pipe so that it goes on while daftard waits for the disk; its
 * answers come in the order of its questions, and the first that is unanswered is the one it works
 * on, and to blame when it dies. */
#include "broker/examiners_parts.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/child.h"
#include "lib/log.h"

#ifdef DAFTAR_SANITIZER
#define SLOWER 10
#else
#define SLOWER 1
#endif
#define JOB_MS (2000 * SLOWER)
#define TRUST_MS (20000 * SLOWER)
#define PENALTY_MS 5000	      /* for a party whose message was quarantined */
#define QUARANTINE_US 2000000 /* is what such a message has cost everybody */
#define KILLED_MOST 3	      /* examiners of one message that were killed from outside */

static void
hand_out(void *context, const struct job *j)
{
	struct examiners *x = context;

	x->figures.judged++;
	if (j->again != 0) {
		x->h.again(x->h.context, j->again, &j->verdict);
		return;
	}
	x->h.examined(x->h.context, j->lane->peer, &j->verdict, buf_bytes(&j->message),
		j->settles ? &j->settled : NULL);
}

/* ---- quarantine ---- */

struct id
examiners_probable_id(struct bytes message)
{
	static const char tag[] = "<e:MessageId>";
	size_t head = message.size < 512 ? message.size : 512;
	const char *at = head > 0 ? memmem(message.data, head, tag, strlen(tag)) : NULL;
	char text[ID_TEXT_SIZE] = "";
	struct id id;

	if (at != NULL) {
		at += strlen(tag);
		if (at + ID_TEXT_SIZE - 1 <= (const char *)message.data + head)
			memcpy(text, at, ID_TEXT_SIZE - 1);
	}
	if (!id_parse(text, &id))
		memset(&id, 0, sizeof(id));
	return id;
}

/* So it says of itself; who lies about that uses up what he may stop. */
bool
examiners_probably_stops(struct bytes message)
{
	static const char tag[] = "<e:Action>Cancellation</e:Action>";
	size_t head = message.size < 1024 ? message.size : 1024;

	return head > 0 && memmem(message.data, head, tag, strlen(tag)) != NULL;
}

static void
punish(struct examiners *x, const struct party *party)
{
	x->penalty[x->next_penalty].party = *party;
	x->penalty[x->next_penalty].until = monotonic_now() + PENALTY_MS;
	x->next_penalty = (x->next_penalty + 1) % PENALTIES;
}

bool
examiners_shun(const struct examiners *x, const struct party *party)
{
	int64_t now = monotonic_now();

	for (size_t i = 0; i < PENALTIES; i++)
		if (now < x->penalty[i].until && party_equal(&x->penalty[i].party, party))
			return true;
	return false;
}

static void
quarantine(struct examiners *x, struct job *j)
{
	struct bytes message = buf_bytes(&j->message);
	char digest[DIGEST_TEXT_SIZE];

	memset(&j->verdict, 0, sizeof(j->verdict));
	j->verdict.magic = VERDICT_MAGIC;
	j->verdict.code = E_QUARANTINED;
	j->verdict.size = (uint32_t)message.size;
	digest_of(message.data, message.size, &j->verdict.digest);
	j->verdict.header.id = examiners_probable_id(message);
	digest_format(&j->verdict.digest, digest);
	log_message(LOG_ERROR, &j->verdict.header.id, "quarantined peer=%s size=%zu digest=%s",
		j->party.code, message.size, digest);
	x->figures.quarantined++;
	punish(x, &j->party);
	lanes_done(&x->lanes, j, QUARANTINE_US, hand_out, x);
}

/* Revocation data over which an examiner has died is never in force. */
static void
reject(struct examiners *x, struct candidate *c)
{
	struct revocation_facts f = {.magic = REVOCATION_MAGIC, .code = E_QUARANTINED};

	digest_of(c->der.data, c->der.size, &f.digest);
	log_line(LOG_ERROR, "quarantined revocation data peer=%s size=%zu", c->party.code,
		c->der.size);
	x->figures.quarantined++;
	punish(x, &c->party);
	x->h.revocation(x->h.context, c->peer, &c->party, &f, buf_bytes(&c->der));
	items_done(&x->items, c);
}

/* ---- workers ---- */

static bool
is_trust(const struct question *q)
{
	return q->job == NULL && q->item == 0 && q->candidate == NULL;
}

static void
watch_time(struct worker *w)
{
	int ms = w->n_asked > 0 && is_trust(&w->asked[0]) ? TRUST_MS : JOB_MS;
	struct timeval t = {ms / 1000, ms % 1000 * 1000};

	if (w->n_asked == 0)
		event_del(w->late);
	else if (event_add(w->late, &t) != 0)
		die("a timer cannot be set");
}

static void
ask(struct worker *w, const struct question *q, const struct buf *frame)
{
	assert(w->n_asked < ARRAY_LEN(w->asked));
	w->asked[w->n_asked++] = *q;
	channel_send(w->channel, buf_bytes(frame));
	if (w->n_asked == 1)
		watch_time(w);
}

static const struct question about_trust;

void
worker_ask_trust(struct worker *w)
{
	ask(w, &about_trust, &w->all->trust);
	w->known = 0; /* what the list before did not sign may be signed now */
}

static struct question
answered(struct worker *w)
{
	struct question first = w->asked[0];

	w->n_asked--;
	memmove(w->asked, w->asked + 1, w->n_asked * sizeof w->asked[0]);
	watch_time(w);
	return first;
}

/* It was not at fault. */
static void
ask_again(struct examiners *x, const struct question *q)
{
	if (q->job != NULL)
		lanes_again(&x->lanes, q->job);
	else if (q->candidate != NULL)
		items_again(q->candidate);
}

static void
blame(struct examiners *x, const struct question *q)
{
	if (q->job != NULL)
		quarantine(x, q->job);
	else if (q->candidate != NULL)
		reject(x, q->candidate);
	else if (q->item != 0)
		items_died(&x->items, q->item);
}

void
worker_lose(struct worker *w, bool died)
{
	struct question guilty = w->n_asked > 0 ? w->asked[0] : about_trust;
	struct examiners *x = w->all;
	int status;

	channel_free(&w->channel);
	status = helper_kill(&w->pid);
	event_del(w->late);
	if (died && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
		(guilty.job == NULL || ++guilty.job->killed < KILLED_MOST)) {
		ask_again(x, &guilty);
		guilty = about_trust;
	}
	for (size_t i = 1; i < w->n_asked; i++)
		ask_again(x, &w->asked[i]);
	w->n_asked = 0;
	w->ready = false;
	respawn_died(&w->respawn);
	blame(x, &guilty);
	workers_give(x);
}

static void
on_late(evutil_socket_t fd, short what, void *context)
{
	struct worker *w = context;

	(void)fd;
	(void)what;
	log_line(LOG_ERROR, "examiner[%d]: takes too long, is replaced", (int)w->pid);
	worker_lose(w, false);
}

static void
trust_answered(struct worker *w, struct bytes word)
{
	struct examiners *x = w->all;
	char text[33] = "";
	enum err e;

	if (word.size < sizeof(text))
		memcpy(text, word.data, word.size);
	e = err_of_word(text);
	if (e == E_OK) {
		w->ready = true;
		if (!x->ever_ready) {
			x->ever_ready = true;
			x->h.ready(x->h.context);
		}
		return;
	}
	log_line(LOG_ERROR, "examiner[%d]: does not take the trust list code=%s", (int)w->pid,
		err_word(e));
	if (!x->ever_ready)
		x->h.failed(x->h.context, e);
}

static void
lies(struct worker *w)
{
	log_line(LOG_ERROR, "examiner[%d]: gave no honest verdict, is replaced", (int)w->pid);
	worker_lose(w, false);
}

static void
job_answered(struct worker *w, struct bytes frame)
{
	struct job *j = w->asked[0].job;

	if (verdict_check(frame, buf_bytes(&j->message), &j->verdict) != E_OK) {
		lies(w);
		return;
	}
	(void)answered(w);
	lanes_done(&w->all->lanes, j, j->verdict.cpu_us, hand_out, w->all);
}

/* Whether this one takes it now was settled when it was checked; a newer trust list may have put it
 * out of force since. */
static void
item_answered(struct worker *w, struct bytes frame)
{
	if (frame.size == sizeof(struct revocation_facts))
		(void)answered(w);
	else
		lies(w);
}

static void
candidate_answered(struct worker *w, struct bytes frame)
{
	struct candidate *c = w->asked[0].candidate;
	struct examiners *x = w->all;
	struct revocation_facts f;

	if (revocation_check(frame, buf_bytes(&c->der), &f) != E_OK) {
		lies(w);
		return;
	}
	(void)answered(w);
	x->h.revocation(x->h.context, c->peer, &c->party, &f, buf_bytes(&c->der));
	items_done(&x->items, c);
}

static void
on_answer(void *context, struct bytes frame)
{
	struct worker *w = context;

	if (frame.data == NULL || w->n_asked == 0) {
		log_line(LOG_ERROR, "examiner[%d]: %s, is replaced", (int)w->pid,
			frame.data == NULL ? "died" : "spoke without being asked");
		worker_lose(w, frame.data == NULL);
		return;
	}
	if (w->asked[0].job != NULL) {
		job_answered(w, frame);
	} else if (w->asked[0].item != 0) {
		item_answered(w, frame);
	} else if (w->asked[0].candidate != NULL) {
		candidate_answered(w, frame);
	} else {
		(void)answered(w);
		trust_answered(w, frame);
	}
	workers_give(w->all);
}

static void
on_start(evutil_socket_t fd, short what, void *context)
{
	struct worker *w = context;
	char *argv[] = {w->all->program, NULL};
	int end;

	(void)fd;
	(void)what;
	respawn_started(&w->respawn);
	w->all->figures.starts++;
	if (child_start(argv, &w->pid, &end) != E_OK) {
		w->pid = 0;
		log_line(LOG_ERROR, "examiner: %s cannot be started", w->all->program);
		respawn_died(&w->respawn);
		return;
	}
	w->channel = channel_new(w->all->base, end, on_answer, w);
	worker_ask_trust(w);
}

/* ---- opening and closing ---- */

void
worker_open(struct examiners *x, struct worker *w)
{
	w->all = x;
	w->late = event_new(x->base, -1, 0, on_late, w);
	if (w->late == NULL)
		die("a timer cannot be made");
	respawn_open(&w->respawn, x->base, on_start, w);
	event_active(w->respawn.timer, EV_TIMEOUT, 0);
}

void
worker_close(struct worker *w)
{
	channel_free(&w->channel);
	helper_kill(&w->pid);
	respawn_close(&w->respawn);
	if (w->late != NULL)
		event_free(w->late);
}

/* ---- giving ---- */

static bool
has_room(const struct worker *w)
{
	return w->ready && w->n_asked < PIPE_JOBS;
}

/* What is in force, before any message. */
static void
give_items(struct worker *w)
{
	struct examiners *x = w->all;
	struct item *i;

	while (has_room(w) && (i = items_after(&x->items, w->known)) != NULL) {
		const struct question q = {.item = i->serial};

		examiner_frame_revocation(&x->out, buf_bytes(&i->der));
		w->known = i->serial;
		ask(w, &q, &x->out);
	}
}

static struct worker *
free_worker(struct examiners *x)
{
	struct worker *best = NULL;

	for (size_t i = 0; i < x->n; i++) {
		struct worker *w = &x->workers[i];

		if (has_room(w) && (best == NULL || w->n_asked < best->n_asked))
			best = w;
	}
	return best;
}

static bool
next_question(struct examiners *x, struct question *q)
{
	*q = (struct question){.candidate = items_next(&x->items)};
	if (q->candidate != NULL) {
		examiner_frame_revocation(&x->out, buf_bytes(&q->candidate->der));
		return true;
	}
	q->job = lanes_next(&x->lanes);
	if (q->job == NULL)
		return false;
	examiner_frame_message(&x->out, EXAMINE_FROM_PEER, &q->job->party, q->job->when,
		buf_bytes(&q->job->message));
	return true;
}

void
workers_give(struct examiners *x)
{
	struct question q;
	struct worker *w;

	for (size_t i = 0; i < x->n; i++)
		give_items(&x->workers[i]);
	while ((w = free_worker(x)) != NULL && next_question(x, &q))
		ask(w, &q, &x->out);
}
