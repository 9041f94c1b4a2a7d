/* SPDX-License-Identifier: EUPL-1.2
 *
 * Comparing books, step by step. We always start: our book, negentropy, the names of what only they
 * hold in batches, receipts where something is to be taken over, then what they have named nothing
 * for, and the outcome. Nothing is kept between two runs; one that is cut off begins anew. What is
 * concluded from an answer is judged in lib/talk_judge.c, against the spool as it is then, so that
 * what has moved meanwhile is no difference. */
#include "lib/talk_parts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

#define DAILY_MS 86400000
#define GRACE_MS 2000

/* ---- saying ---- */

bool
recon_say_body(void *context, struct bytes body)
{
	struct talk *t = context;

	return talk_say(t, &(struct wire){.verb = V_RECON, .body = body});
}

bool
recon_say(struct talk *t, const struct recon *head, enum recon_kind kind, struct bytes payload)
{
	struct recon r = *head;
	OWNED_BUF(body) = {0};

	r.kind = kind;
	r.payload = payload;
	recon_encode(&r, &body);
	return recon_say_body(t, buf_bytes(&body));
}

static struct recon
head_of(const struct run *r, enum recon_kind kind)
{
	struct recon head = r->head;

	head.kind = kind;
	return head;
}

/* ---- beginning and end ---- */

static void
run_clear(struct run *r)
{
	book_free(&r->book);
	elements_free(&r->have);
	elements_free(&r->need);
	free(r->held);
	free(r->named);
	free(r->left);
	buf_free(&r->statement);
	memset(r, 0, sizeof *r);
}

static bool
is_with_party(const struct run *r)
{
	return r->scope.with.code[0] != '\0';
}

/* Everything, with the exchange: what the exchange hears the outcome of. */
static bool
is_whole(const struct run *r)
{
	return !is_with_party(r) && r->scope.from.code[0] == '\0' && r->scope.since == INT64_MIN &&
	       r->scope.until == INT64_MAX;
}

static void
schedule(struct talk *t, enum err code)
{
	struct talk_recon *c = &t->recon;

	if (code == E_OK) {
		c->failed = 0;
		c->next = t->tick + DAILY_MS;
	} else
		c->next = t->tick + talk_backoff(t, ++c->failed);
}

/* What the exchange would not hear before may be said now. */
static void
release(struct talk *t)
{
	if (!t->recon.refused)
		return;
	t->recon.refused = false;
	t->hold = 0;
	t->put_off = 0;
	t->settle.n = 0;
}

static void
whole_is_done(struct talk *t)
{
	release(t);
	if (!spool_is_restored(t->spool))
		return;
	if (spool_set_reconciled(t->spool) != E_OK)
		return;
	t->owes_credit = true;
	log_line(LOG_NOTICE, "recon: the restored spool has been compared");
}

void
run_end(struct talk *t, enum err code)
{
	struct run *r = &t->recon.run;
	struct recon_report report;

	r->report.at = t->now;
	r->report.code = code;
	report = r->report;
	log_line(code == E_OK && report.open == 0 ? LOG_NOTICE : LOG_WARNING,
		"recon: ended code=%s with=%s elements=%llu differences=%llu mended=%llu open=%llu",
		err_word(code), is_with_party(r) ? r->scope.with.code : "exchange",
		(unsigned long long)report.elements, (unsigned long long)report.differences,
		(unsigned long long)report.mended, (unsigned long long)report.open);
	recon_keep(t);
	if (is_whole(r)) {
		schedule(t, code);
		if (code == E_OK)
			whole_is_done(t);
	}
	run_clear(r);
	t->has_cursor = false; /* what was filed anew stands before it */
	if (report.mended > 0)
		talk_changed(t);
	if (t->fx.reconciled != NULL)
		t->fx.reconciled(t->fx.context, &report);
	talk_soon(t);
}

static void
await(struct talk *t, enum recon_step step)
{
	t->recon.run.step = step;
	t->recon.run.until = t->tick + RECON_ANSWER_MS;
}

static void
ask_further(struct talk *t, struct buf *question)
{
	struct run *r = &t->recon.run;

	if (recon_say(t, &r->head, RECON_QUERY, buf_bytes(question)))
		await(t, STEP_COMPARE);
	else
		run_end(t, E_UNREACHABLE);
}

static void
run_begin(struct talk *t, const struct talk_scope *s)
{
	struct run *r = &t->recon.run;
	OWNED_BUF(question) = {0};
	enum err e;

	r->scope = *s;
	r->head = (struct recon){.session = talk_random(t),
		.with = s->with,
		.from = s->from,
		.to = s->to,
		.since = s->since,
		.until = s->until};
	r->report = (struct recon_report){.with = s->with,
		.from = s->from,
		.to = s->to,
		.since = s->since,
		.until = s->until};
	r->step = STEP_COMPARE;
	e = talk_book(t, &r->head, &r->book);
	if (e != E_OK) {
		run_end(t, e);
		return;
	}
	r->report.elements = book_size(r->book);
	book_fingerprint(r->book, r->report.fingerprint);
	negentropy_begin(r->book, RECON_NEGENTROPY_MAX, &question);
	ask_further(t, &question);
}

/* ---- the outcome ---- */

static void
say_done(struct talk *t)
{
	const struct run *r = &t->recon.run;
	const struct recon head = head_of(r, RECON_DONE);
	struct recon_done done = {.elements = r->report.elements,
		.differences = r->report.differences,
		.mended = r->report.mended,
		.open = r->report.open};
	struct recon_list list;

	memcpy(done.fingerprint, r->report.fingerprint, sizeof done.fingerprint);
	recon_list_begin(&list, &head, &done, recon_say_body, t);
	for (size_t i = 0; i < r->n_left; i++)
		recon_list_difference(&list, &r->left[i]);
	run_end(t, recon_list_end(&list) ? E_OK : E_UNREACHABLE);
}

static void
conclude(struct talk *t)
{
	struct run *r = &t->recon.run;

	if (r->unsaid) { /* the next run asks for it, and only then it is done */
		run_end(t, E_UNREACHABLE);
		return;
	}
	judge_unheld(t);
	r->report.differences += r->unnamed;
	r->report.open += r->unnamed;
	r->report.count[DIFF_IMPOSSIBLE] += r->unnamed;
	if (is_whole(r))
		say_done(t);
	else if (r->scope.close && r->report.differences == 0 && closing_say(t))
		await(t, STEP_COUNTER);
	else
		run_end(t, E_OK);
}

/* ---- names, in batches ---- */

static void
ask_names(struct talk *t)
{
	struct run *r = &t->recon.run;
	const struct recon head = head_of(r, RECON_WANT);
	struct recon_list list;

	if (r->asked == r->need.n) {
		conclude(t);
		return;
	}
	r->batch = r->need.n - r->asked < RECON_BATCH ? r->need.n - r->asked : RECON_BATCH;
	r->n_named = 0;
	if (r->named == NULL)
		r->named = xcalloc(RECON_BATCH, sizeof *r->named);
	recon_list_begin(&list, &head, NULL, recon_say_body, t);
	for (size_t i = 0; i < r->batch; i++)
		recon_list_element(&list, &r->need.list[r->asked + i]);
	r->asked += r->batch;
	if (recon_list_end(&list))
		await(t, STEP_NAMES);
	else
		run_end(t, E_UNREACHABLE);
}

static void
batch_is_judged(struct talk *t)
{
	if (judge_named(t))
		await(t, STEP_PROOF);
	else
		ask_names(t);
}

static void
hear_answer(struct talk *t, const struct recon *in)
{
	struct run *r = &t->recon.run;
	OWNED_BUF(question) = {0};
	enum err e = negentropy_next(
		r->book, RECON_NEGENTROPY_MAX, in->payload, &r->have, &r->need, &question);

	if (e != E_OK || ++r->rounds > NEGENTROPY_ROUNDS_MAX) {
		run_end(t, e != E_OK ? e : E_WIRE);
		return;
	}
	if (question.size > 0) {
		ask_further(t, &question);
		return;
	}
	judge_held(t);
	ask_names(t);
}

/* A side that names more than it was asked for is not heard to the end. */
static void
hear_names(struct talk *t, const struct recon *in)
{
	struct run *r = &t->recon.run;
	struct recon_items items;
	enum err e = recon_items(in, &items);

	while (e == E_OK && r->n_named < r->batch) {
		struct named *n = &r->named[r->n_named];

		memset(n, 0, sizeof *n);
		e = recon_next_name(&items, &n->name);
		r->n_named += e == E_OK;
	}
	if (e == E_WIRE || (items.more && r->n_named == r->batch)) {
		run_end(t, E_WIRE);
		return;
	}
	await(t, STEP_NAMES);
	if (items.more)
		return;
	r->unnamed += r->batch - r->n_named;
	if (!r->waited && !t->recon.refused && judge_may_arrive(t)) {
		r->waited = true;
		r->step = STEP_GRACE;
		r->until = t->tick + GRACE_MS;
	} else
		batch_is_judged(t);
}

static void
hear_receipts(struct talk *t, const struct recon *in)
{
	struct recon_receipt receipt;
	struct recon_items items;
	enum err e = recon_items(in, &items);

	while (e == E_OK && (e = recon_next_receipt(&items, &receipt)) == E_OK)
		judge_receipt(t, &receipt);
	if (e == E_WIRE) {
		run_end(t, e);
		return;
	}
	await(t, STEP_PROOF);
	if (items.more)
		return;
	judge_unproved(t);
	ask_names(t);
}

static void
hear_refusal(struct talk *t, const struct recon *in)
{
	struct bytes note;
	enum err code;

	if (recon_get_code(in, &code, &note) != E_OK || code == E_OK)
		code = E_WIRE;
	run_end(t, code);
}

/* ---- frames ---- */

static const struct {
	enum recon_kind kind;
	enum recon_step step; /* STEP_IDLE: in any but that */
	void (*hear)(struct talk *t, const struct recon *in);
} answers[] = {
	{RECON_ANSWER, STEP_COMPARE, hear_answer},
	{RECON_NAMES, STEP_NAMES, hear_names},
	{RECON_RECEIPTS, STEP_PROOF, hear_receipts},
	{RECON_COUNTER, STEP_COUNTER, closing_hear},
	{RECON_REFUSED, STEP_IDLE, hear_refusal},
};

static bool
is_question(enum recon_kind k)
{
	return k == RECON_QUERY || k == RECON_WANT;
}

static void
hear_run(struct talk *t, const struct recon *in)
{
	const struct run *r = &t->recon.run;

	if (r->step == STEP_IDLE || in->session != r->head.session ||
		!party_equal(&in->with, &r->head.with))
		return;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (answers[i].kind == in->kind &&
			(answers[i].step == r->step || answers[i].step == STEP_IDLE)) {
			answers[i].hear(t, in);
			return;
		}
}

/* Without a channel: everything. With one: that channel's period is to be closed; what has no room
 * is asked for again. */
static void
go_hear(struct talk *t, const struct recon *in)
{
	struct talk_recon *c = &t->recon;

	if (in->from.code[0] == '\0')
		c->next = t->tick;
	else if (c->n_periods < RECON_PERIODS)
		c->period[c->n_periods++] = (struct talk_scope){.from = in->from,
			.to = in->to,
			.since = in->since,
			.until = in->until,
			.close = true};
	talk_soon(t);
}

void
recon_hear(struct talk *t, const struct wire *w)
{
	struct recon in;
	enum err e = recon_decode(w->body, &in);

	if (e != E_OK)
		log_line(LOG_WARNING, "recon: frame dropped code=%s", err_word(e));
	else if (in.kind == RECON_GO && in.with.code[0] == '\0') /* its own wish, no party's */
		go_hear(t, &in);
	else if (is_question(in.kind) && in.with.code[0] != '\0')
		asked_hear(t, &in);
	else
		hear_run(t, &in);
}

/* ---- time ---- */

void
recon_turn(struct talk *t)
{
	const struct talk_scope all = {.since = INT64_MIN, .until = INT64_MAX};
	struct talk_recon *c = &t->recon;
	struct talk_scope period;

	if (c->run.step != STEP_IDLE)
		return;
	if (t->tick >= c->next) {
		run_begin(t, &all);
	} else if (c->n_periods > 0) {
		period = c->period[0];
		memmove(&c->period[0], &c->period[1], --c->n_periods * sizeof c->period[0]);
		run_begin(t, &period);
	}
}

void
recon_wanted(struct talk *t)
{
	t->recon.refused = true;
	if (t->recon.failed == 0)
		t->recon.next = t->tick;
}

void
recon_tick(struct talk *t)
{
	struct run *r = &t->recon.run;

	if (r->step == STEP_IDLE || t->tick < r->until)
		return;
	if (r->step == STEP_GRACE)
		batch_is_judged(t);
	else
		run_end(t, E_UNREACHABLE);
}

void
recon_drop(struct talk *t)
{
	asked_drop(t);
	if (t->recon.run.step != STEP_IDLE)
		run_end(t, E_UNREACHABLE);
}

void
recon_free(struct talk *t)
{
	asked_drop(t);
	run_clear(&t->recon.run);
}

/* ---- asked by our owner ---- */

void
talk_reconcile(struct talk *t, int64_t now, int64_t tick)
{
	t->now = now;
	t->tick = tick;
	t->recon.next = tick;
	talk_soon(t);
}

enum err
talk_reconcile_with(struct talk *t, const struct talk_scope *s, int64_t now, int64_t tick)
{
	t->now = now;
	t->tick = tick;
	if (t->phase != PHASE_UP)
		return E_UNREACHABLE;
	if (t->recon.run.step != STEP_IDLE)
		return E_BUSY;
	run_begin(t, s);
	return E_OK;
}
