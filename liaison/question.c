/* SPDX-License-Identifier: EUPL-1.2
 *
 * The questions that registries have asked about this office's cases: taken, kept sealed until
 * their case goes. liaison/question_say.c tells them. */
#include <stdlib.h>
#include <string.h>

#include "lib/json_text.h"
#include "liaison/consent.h"
#include "liaison/incoming.h"

#define PREFIX "question/"
#define QUESTIONS_MAX 32 /* of a registry about a case: more than anybody needs */

void
question_free(struct question *q)
{
	if (q->text != NULL)
		OPENSSL_cleanse(q->text, strlen(q->text));
	free(q->text);
	q->text = NULL;
}

/* ---- as a fact ---- */

static char *
prefix_of(const struct id *conversation)
{
	char text[ID_TEXT_SIZE];

	if (conversation == NULL)
		return xstrdup(PREFIX);
	id_format(conversation, text);
	return xprintf(PREFIX "%s/", text);
}

static char *
key_of(const struct question *q)
{
	OWNED(char, prefix, free_chars) = prefix_of(&q->conversation);

	return xprintf("%s%s", prefix, q->id);
}

static json_t *
json_of(const struct question *q)
{
	json_t *o = json_pack("{s:i,s:I}", "n", (int)q->n, "received", (json_int_t)q->received);
	char said[DIGEST_TEXT_SIZE];

	json_set_id(o, "case", &q->conversation);
	json_set_id(o, "message", &q->message);
	json_set_text(o, "from", q->from.code);
	json_set_text(o, "id", q->id);
	json_set_text(o, "code", q->code);
	json_set_text(o, "answerBy", q->answer_by);
	json_set_text(o, "about", q->about);
	json_set_text(o, "document", q->document);
	json_set_text(o, "text", q->text);
	if (q->answer[0] == '\0')
		return o;
	digest_format(&q->said, said);
	json_set_id(o, "reply", &q->reply);
	json_set_text(o, "said", said);
	json_set_text(o, "answer", q->answer);
	json_object_set_new(o, "answered", json_integer(q->answered));
	return o;
}

static bool
text_if_any(const json_t *o, const char *key, char *out, size_t size)
{
	out[0] = '\0';
	return json_object_get(o, key) == NULL || json_get_text(o, key, out, size);
}

static bool
answer_of(const json_t *o, struct question *q)
{
	char said[DIGEST_TEXT_SIZE];

	if (!text_if_any(o, "answer", q->answer, sizeof q->answer))
		return false;
	if (q->answer[0] == '\0')
		return true;
	q->answered = json_integer_value(json_object_get(o, "answered"));
	return json_get_id(o, "reply", &q->reply) && json_get_text(o, "said", said, sizeof said) &&
	       digest_parse(said, &q->said);
}

static bool
question_of(const json_t *o, struct question *q)
{
	const char *text = json_string_value(json_object_get(o, "text"));

	*q = (struct question){.n = (unsigned)json_integer_value(json_object_get(o, "n")),
		.received = json_integer_value(json_object_get(o, "received"))};
	if (!json_get_id(o, "case", &q->conversation) || !json_get_id(o, "message", &q->message) ||
		!json_get_text(o, "from", q->from.code, sizeof q->from.code) ||
		!json_get_text(o, "id", q->id, sizeof q->id) ||
		!json_get_text(o, "code", q->code, sizeof q->code) ||
		!json_get_text(o, "answerBy", q->answer_by, sizeof q->answer_by) ||
		!text_if_any(o, "about", q->about, sizeof q->about) ||
		!text_if_any(o, "document", q->document, sizeof q->document) || !answer_of(o, q))
		return false;
	q->text = text != NULL ? xstrdup(text) : NULL;
	return true;
}

enum err
question_keep(struct office *o, const struct question *q)
{
	OWNED(char, key, free_chars) = key_of(q);
	json_t *j = json_of(q);
	char *text = json_dumps(j, JSON_COMPACT);
	enum err e;

	json_decref(j);
	if (text == NULL)
		return E_INPUT;
	e = sealed_set(o, key, bytes_of(text, strlen(text)));
	OPENSSL_cleanse(text, strlen(text));
	free(text);
	return e;
}

struct walk {
	struct office *o;
	question_visit *each;
	void *context;
};

static bool
visit(void *context, const char *key, struct bytes value)
{
	const struct walk *w = context;
	OWNED_BUF(plain) = {0};
	OWNED_QUESTION(q);
	json_t *j;
	bool good;

	(void)key;
	if (office_unseal(w->o, value, &plain) != E_OK)
		return true;
	j = json_loadb((const char *)plain.data, plain.size, 0, NULL);
	good = question_of(j, &q);
	json_decref(j);
	return !good || w->each(w->context, &q);
}

enum err
question_each(struct office *o, const struct id *conversation, question_visit *each, void *context)
{
	OWNED(char, prefix, free_chars) = prefix_of(conversation);
	struct walk w = {o, each, context};

	return spool_each_fact(o->spool, prefix, visit, &w);
}

struct search {
	const struct id *message;
	struct question *out;
	bool found;
};

static void
take_over(struct question *to, const struct question *from)
{
	*to = *from;
	to->text = from->text != NULL ? xstrdup(from->text) : NULL;
}

static bool
see_message(void *context, const struct question *q)
{
	struct search *s = context;

	s->found = id_equal(&q->message, s->message);
	if (s->found)
		take_over(s->out, q);
	return !s->found;
}

enum err
question_find(struct office *o, const struct id *conversation, const struct id *message,
	struct question *out)
{
	struct search s = {.message = message, .out = out};

	TRY(question_each(o, conversation, see_message, &s));
	return s.found ? E_OK : E_NOT_FOUND;
}

enum err
question_erase(struct office *o, const struct id *conversation)
{
	OWNED(char, prefix, free_chars) = prefix_of(conversation);

	return spool_drop_facts(o->spool, prefix);
}

/* ---- taking ---- */

/* That of the case, when there is one: a question under another consent is about another case. */
static enum err
check_token(const struct officer_case *c, const struct header *h)
{
	struct consent_token ours;

	if (!h->has_token)
		return E_OK;
	return case_token(c, &ours) && id_equal(&ours.id, &h->token.id) ? E_OK : E_CONSENT_SCOPE;
}

/* Who was asked asks about the request. What the other one asks about has never been here. */
static enum err
check_about(struct office *o, const struct officer_case *c, const struct header *h)
{
	struct out_entry request;

	if (!h->has_ref)
		return E_HEADER_MISMATCH;
	if (party_equal(&h->from, &c->destination))
		return E_OK;
	TRY(spool_out(o->spool, &c->message, &request, NULL));
	return id_equal(&h->ref, &c->message) && digest_equal(&h->ref_digest, &request.digest)
		       ? E_OK
		       : E_NOT_FOUND;
}

struct others {
	const char *id;
	const struct id *message;
	const struct party *from;
	unsigned last, n; /* the last number, and how many of `from' */
	bool same, taken;
};

static bool
see_other(void *context, const struct question *q)
{
	struct others *s = context;

	s->last = q->n > s->last ? q->n : s->last;
	s->n += party_equal(&q->from, s->from);
	if (strcmp(q->id, s->id) == 0) {
		s->same = id_equal(&q->message, s->message);
		s->taken = !s->same;
	}
	return true;
}

static enum err
keep_new(struct office *o, const struct in_entry *e, const struct query *x)
{
	struct others s = {.id = x->id, .message = &e->header.id, .from = &e->header.from};
	struct question q = {.conversation = e->header.conversation,
		.from = e->header.from,
		.message = e->header.id,
		.received = instant_now(),
		.text = (char *)x->question}; /* a loan */

	TRY(question_each(o, &q.conversation, see_other, &s));
	if (s.same)
		return E_OK;
	if (s.taken)
		return E_CONFLICT;
	if (s.n >= QUESTIONS_MAX)
		return E_STATE;
	q.n = s.last + 1;
	return copy_text(q.id, sizeof q.id, x->id) && copy_text(q.code, sizeof q.code, x->code) &&
			       copy_text(q.answer_by, sizeof q.answer_by, x->answer_by) &&
			       copy_text(
				       q.about, sizeof q.about, x->about != NULL ? x->about : "") &&
			       copy_text(q.document, sizeof q.document,
				       x->document != NULL ? x->document->kind : "")
		       ? question_keep(o, &q)
		       : E_SCHEMA;
}

enum err
question_take(struct office *o, const struct in_entry *e, char note[NOTE_SIZE])
{
	OWNED(struct query, x, query_free) = NULL;
	OWNED_BUF(body) = {0};
	OWNED_CASE(c);

	TRY(incoming_case(o, &e->header, &c));
	if (c.stop[STOP_WITHDRAWAL].at != 0)
		return E_CONSENT_WITHDRAWN;
	TRY(check_token(&c, &e->header));
	TRY(check_about(o, &c, &e->header));
	TRY(incoming_open(o, e, &body));
	TRY(query_parse(buf_bytes(&body), &x));
	(void)!copy_text(note, NOTE_SIZE, x->code);
	return keep_new(o, e, x);
}

/* ---- keeping ---- */

struct old {
	struct office *o;
	char today[11];
	char **key; /* of the facts that go */
	size_t n;
};

/* The message that brought it is not kept any more, and nobody waits for an answer. */
static bool
see_old(void *context, const struct question *q)
{
	struct old *s = context;
	struct in_entry e;

	if (spool_in(s->o->spool, &q->from, &q->message, &e, NULL) != E_OK || e.body ||
		(!question_is_answered(s->o, q) && strcmp(q->answer_by, s->today) >= 0))
		return true;
	s->key = xrealloc(s->key, (s->n + 1) * sizeof *s->key);
	s->key[s->n++] = key_of(q);
	return true;
}

enum err
question_sweep(struct office *o)
{
	struct old s = {.o = o};
	char now[INSTANT_TEXT_SIZE];
	enum err e;

	instant_format(instant_now(), now);
	memcpy(s.today, now, 10);
	e = question_each(o, NULL, see_old, &s);
	for (size_t i = 0; i < s.n; i++) {
		if (e == E_OK)
			e = spool_drop_fact(o->spool, s.key[i]);
		free(s.key[i]);
	}
	free(s.key);
	return e;
}

/* ---- telling ---- */

bool
question_is_answered(struct office *o, const struct question *q)
{
	struct out_entry e;

	return q->answer[0] != '\0' && spool_out(o->spool, &q->reply, &e, NULL) == E_OK &&
	       e.state != OUT_REFUSED;
}
