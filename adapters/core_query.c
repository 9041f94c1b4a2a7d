/* SPDX-License-Identifier: EUPL-1.2
 *
 * Questions. About what waits for her a registrar asks the liaison office that the case comes from,
 * or, about an extract, the registry that has issued it; nobody else is told of the case. What was
 * asked about goes on waiting, and its days go on: only she decides, with the answer or without it.
 * The same question again, while it is open, is the same message.
 *
 * A question of another registry, about an extract that was sent to it, waits for the registrar
 * here. An answer is settled when it is kept; it is believed of whoever was asked, once. */
#include <stdlib.h>
#include <string.h>

#include "adapters/core_parts.h"
#include "adapters/questions.h"
#include "lib/log.h"
#include "lib/record_rule.h"

#define QUESTIONS_MAX 16 /* of one registry about one case, that wait */

/* ---- who may be asked ---- */

/* The office that the person has spoken with. */
static struct party
office_of(const struct job *j)
{
	if (j->in.header.action == A_TRANSCRIPTION_REQUEST)
		return j->in.header.from;
	return j->in.header.has_token ? j->in.header.token.by : j->c->o.profile.liaison;
}

static enum err
choose(const struct job *j, const struct question *q, struct party *to)
{
	*to = office_of(j);
	if (q->to == NULL || strcmp(q->to, to->code) == 0)
		return E_OK;
	if (strcmp(q->to, j->in.header.from.code) != 0)
		return E_CONSENT_SCOPE;
	*to = j->in.header.from;
	return E_OK;
}

/* What the exchange would say, said before it is filed. */
static enum err
is_allowed(const struct job *j, const struct buf *message)
{
	struct header h;

	TRY(message_header(buf_bytes(message), &h));
	return trust_allows(j->c->o.trust, &h, j->now);
}

static enum err
add_checked(struct answers *a, struct job *j, const struct answer *what, struct bytes body)
{
	TRY(answers_add(a, j, what, body));
	return is_allowed(j, &a->message[a->n - 1]);
}

/* ---- asking ---- */

static struct document *
find_document(const struct request *r, const char *kind)
{
	for (struct document *d = r->documents; d != NULL; d = d->next)
		if (strcmp(d->kind, kind) == 0)
			return d;
	return NULL;
}

/* The whole paper, where nothing closer was said. */
static enum err
fill_about(
	const struct job *j, const struct question *q, const struct request *r, struct query *out)
{
	bool is_request = j->in.header.action == A_TRANSCRIPTION_REQUEST;

	out->about = q->about != NULL ? q->about
		     : is_request     ? "c:TranscriptionRequest"
				      : "b:CertifiedExtract";
	if (q->document == NULL)
		return rule_problem(RULE_PATH, out->about) == NULL ? E_OK : E_INPUT;
	if (q->about != NULL || r == NULL)
		return E_INPUT;
	out->document = find_document(r, q->document);
	if (out->document == NULL)
		return E_NOT_FOUND;
	out->document->next = NULL;
	return E_OK;
}

static enum err
check_question(const struct job *j, const struct question *q)
{
	char today[11];

	core_day(j->now, 0, today);
	if (q->code == NULL || !code_known("query", q->code) ||
		rule_problem(RULE_DAY, q->answer_by) != NULL || strcmp(q->answer_by, today) < 0)
		return E_INPUT;
	return q->text == NULL || rule_problem(RULE_TEXT, q->text) == NULL ? E_OK : E_INPUT;
}

/* Of what is asked, without the question's own id. */
static void
digest_of_question(const struct query *q, const struct party *to, struct digest *out)
{
	static const char nobody[] = "00000000-0000-4000-8000-000000000000";
	struct query same = *q;
	OWNED_BUF(b) = {0};

	same.id = nobody;
	query_compose(&same, &b);
	buf_text(&b, to->code);
	digest_of(b.data, b.size, out);
}

struct search {
	struct job *j;
	struct digest same;
	bool found;
};

bool
question_failed(struct core *c, const struct asked *a, struct out_entry *out)
{
	return spool_out(c->o.spool, &a->message, out, NULL) == E_OK &&
	       (out->state == OUT_REFUSED ||
		       (out->state == OUT_ENDED && out->stage != ST_COMMITTED));
}

static bool
see_same(void *context, const struct asked *a)
{
	struct search *s = context;
	struct in_entry reply;
	struct out_entry out;

	s->found = id_equal(&a->entry, &s->j->in.header.id) &&
		   party_equal(&a->from, &s->j->in.header.from) &&
		   digest_equal(&a->same, &s->same) && !question_failed(s->j->c, a, &out) &&
		   !question_answered(s->j->c->o.spool, a, &reply);
	return !s->found;
}

/* Kept and filed together: the first that fails undoes nothing that counts. */
static enum err
keep_and_file(struct job *j, const struct asked *a, const struct answers *all, struct bytes body)
{
	struct spool *s = j->c->o.spool;
	struct bytes message = buf_bytes(&all->message[0]);
	enum err e, end;

	TRY(spool_group(s));
	e = question_keep(s, a);
	if (e == E_OK)
		e = paper_keep(s, a, PAPER_QUESTION, j->c->o.encrypt->cert, body);
	if (e == E_OK)
		e = spool_file_all(s, &message, 1, NULL, j->now);
	if (e != E_OK)
		(void)!question_drop(s, a);
	end = spool_group_end(s);
	return e != E_OK ? e : end;
}

static enum err
send_question(struct job *j, struct query *q, const struct party *to, const struct digest *same)
{
	struct answer what = {.action = A_QUERY, .to = *to};
	struct asked a = {.query = id_new(),
		.conversation = j->in.header.conversation,
		.from = j->in.header.from,
		.entry = j->in.header.id,
		.to = *to,
		.same = *same,
		.at = j->now};
	char id[ID_TEXT_SIZE];
	OWNED_BUF(body) = {0};
	ANSWERS(all) = {0};
	struct header h;

	id_format(&a.query, id);
	q->id = id;
	query_compose(q, &body);
	TRY(add_checked(&all, j, &what, buf_bytes(&body)));
	TRY(message_header(buf_bytes(&all.message[0]), &h));
	a.message = h.id;
	if (!copy_text(a.code, sizeof a.code, q->code) ||
		!copy_text(a.answer_by, sizeof a.answer_by, q->answer_by))
		return E_INPUT;
	return keep_and_file(j, &a, &all, buf_bytes(&body));
}

enum err
core_ask(struct core *c, const struct party *from, const struct id *id, const struct question *q,
	int64_t now)
{
	OWNED(struct request, r, request_free) = NULL;
	struct query query = {.code = q->code, .question = q->text, .answer_by = q->answer_by};
	JOB(j) = {0};
	struct search s = {.j = &j};
	struct party to;

	TRY(core_waiting(c, from, id, now, ACTION_N, &j));
	if (j.in.header.action == A_TRANSCRIPTION_REQUEST)
		TRY(request_parse(buf_bytes(&j.body), &r));
	else if (j.in.header.action != A_CERTIFIED_EXTRACT)
		return E_STATE;
	TRY(check_question(&j, q));
	TRY(fill_about(&j, q, r, &query));
	TRY(choose(&j, q, &to));
	digest_of_question(&query, &to, &s.same);
	TRY(question_each(c->o.spool, &j.in.header.conversation, see_same, &s));
	return s.found ? E_OK : send_question(&j, &query, &to, &s.same);
}

/* ---- another registry's question ---- */

struct waiting {
	const struct header *h;
	size_t n;
};

static bool
see_waiting(void *context, const struct in_entry *e)
{
	struct waiting *c = context;

	c->n += e->state == IN_WAITING && e->header.action == A_QUERY &&
		party_equal(&e->header.from, &c->h->from) &&
		id_equal(&e->header.conversation, &c->h->conversation);
	return true;
}

/* More than anybody needs would bury what else waits for the registrar, and fill the spool. */
static enum err
leave_if_few(struct job *j)
{
	struct waiting c = {.h = &j->in.header};

	TRY(spool_each_in(j->c->o.spool, see_waiting, &c));
	return c.n < QUESTIONS_MAX ? core_leave_to_registrar(j, E_OK) : E_STATE;
}

/* Only who was sent it may ask about it. */
enum err
query_settle(struct job *j)
{
	OWNED(struct query, q, query_free) = NULL;
	const struct header *h = &j->in.header;
	struct out_entry sent;

	TRY(query_parse(buf_bytes(&j->body), &q));
	if (!h->has_ref)
		return E_HEADER_MISMATCH;
	TRY(spool_out(j->c->o.spool, &h->ref, &sent, NULL));
	if (!party_equal(&sent.header.to, &h->from))
		return E_SENDER_MISMATCH;
	if (!digest_equal(&sent.digest, &h->ref_digest) ||
		!id_equal(&sent.header.conversation, &h->conversation))
		return E_HEADER_MISMATCH;
	return leave_if_few(j);
}

enum err
core_answer(struct core *c, const struct party *from, const struct id *id, const char *answer,
	const char *text, int64_t now)
{
	OWNED(struct query, q, query_free) = NULL;
	struct query_reply r = {.answer = answer, .explanation = text};
	ANSWERS(all) = {0};
	OWNED_BUF(body) = {0};
	JOB(j) = {0};
	struct answer what = {.action = A_QUERY_REPLY, .to = *from, .leg = &j.in.header.leg};

	if (!code_known("answer", answer) ||
		(text != NULL && rule_problem(RULE_TEXT, text) != NULL))
		return E_INPUT;
	TRY(core_waiting(c, from, id, now, A_QUERY, &j));
	TRY(query_parse(buf_bytes(&j.body), &q));
	r.query = q->id;
	query_reply_compose(&r, &body);
	TRY(add_checked(&all, &j, &what, buf_bytes(&body)));
	return answers_file(&all, &j, ST_COMMITTED, E_OK, NULL, answer);
}

/* ---- answers that come ---- */

struct by_message {
	const struct id *message;
	struct asked asked;
	bool found;
};

static bool
see_message(void *context, const struct asked *a)
{
	struct by_message *b = context;

	b->found = id_equal(&a->message, b->message);
	if (b->found)
		b->asked = *a;
	return !b->found;
}

static enum err
check_reply(struct job *j, const struct asked *a, const struct query_reply *r)
{
	const struct header *h = &j->in.header;
	struct out_entry sent;
	struct in_entry before;
	char id[ID_TEXT_SIZE];

	id_format(&a->query, id);
	TRY(spool_out(j->c->o.spool, &h->ref, &sent, NULL));
	if (!party_equal(&h->from, &a->to))
		return E_SENDER_MISMATCH;
	if (!digest_equal(&sent.digest, &h->ref_digest) || strcmp(r->query, id) != 0)
		return E_HEADER_MISMATCH;
	return question_answered(j->c->o.spool, a, &before) ? E_CONFLICT : E_OK;
}

/* A full spool is no reason not to settle it: the message itself stays in the inbox. */
static enum err
keep_and_settle(struct job *j, const struct asked *a, const struct query_reply *r)
{
	struct spool *s = j->c->o.spool;
	ANSWERS(none) = {0};
	enum err e, end;

	TRY(spool_group(s));
	e = paper_keep(s, a, PAPER_REPLY, j->c->o.encrypt->cert, buf_bytes(&j->body));
	if (e == E_OK || e == E_SPOOL_FULL)
		e = question_mark_answered(s, a, &j->in.header.id);
	if (e == E_OK)
		e = answers_file(&none, j, ST_COMMITTED, E_OK, NULL, r->answer);
	end = spool_group_end(s);
	return e != E_OK ? e : end;
}

enum err
reply_settle(struct job *j)
{
	OWNED(struct query_reply, r, query_reply_free) = NULL;
	struct by_message b = {.message = &j->in.header.ref};

	TRY(query_reply_parse(buf_bytes(&j->body), &r));
	if (!j->in.header.has_ref)
		return E_HEADER_MISMATCH;
	TRY(question_each(j->c->o.spool, &j->in.header.conversation, see_message, &b));
	if (!b.found)
		return E_NOT_FOUND;
	TRY(check_reply(j, &b.asked, r));
	return keep_and_settle(j, &b.asked, r);
}

/* ---- keeping ---- */

struct old {
	struct core *c;
	struct asked *asked;
	size_t n;
};

static bool
see_old(void *context, const struct asked *a)
{
	struct old *o = context;

	o->asked = xrealloc(o->asked, (o->n + 1) * sizeof *o->asked);
	o->asked[o->n++] = *a;
	return true;
}

/* What was asked about has ended, and is not kept any more. */
static bool
is_over(struct core *c, const struct asked *a)
{
	struct in_entry e;
	enum err got = spool_in(c->o.spool, &a->from, &a->entry, &e, NULL);

	return got == E_NOT_FOUND || (got == E_OK && e.state >= IN_DONE && !e.body);
}

void
core_forget_questions(struct core *c)
{
	struct old o = {.c = c};
	enum err e = question_each(c->o.spool, NULL, see_old, &o);

	for (size_t i = 0; e == E_OK && i < o.n; i++)
		if (is_over(c, &o.asked[i]))
			e = question_drop(c->o.spool, &o.asked[i]);
	if (e != E_OK)
		log_line(LOG_ERROR, "an old question is not dropped yet code=%s", err_word(e));
	free(o.asked);
}
