/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the registrar asks, and how she sees what was asked and answered about an entry. */
#include <string.h>

#include "adapters/questions.h"
#include "adapters/record_json.h"
#include "adapters/registrar.h"

/* ---- the verbs ---- */

static const char *
text_of(const json_t *args, const char *key)
{
	return json_string_value(json_object_get(args, key));
}

enum err
verb_query(void *context, const json_t *args, json_t **data)
{
	const struct question q = {.about = text_of(args, "about"),
		.document = text_of(args, "document"),
		.code = text_of(args, "code"),
		.text = text_of(args, "text"),
		.answer_by = text_of(args, "answerBy"),
		.to = text_of(args, "to")};
	struct daemon *d = context;
	struct in_entry e;
	enum err asked;

	if (q.code == NULL || q.answer_by == NULL)
		return E_USAGE;
	TRY(registrar_find(d, args, &e));
	if (e.state == IN_WAITING)
		registrar_note(d, &e, "query");
	asked = core_ask(d->core, &e.header.from, &e.header.id, &q, instant_now());
	TRY(registrar_answer(d, &e, asked, data));
	registrar_put_questions(d, &e, *data);
	return E_OK;
}

enum err
verb_reply(void *context, const json_t *args, json_t **data)
{
	const char *answer = text_of(args, "answer");
	struct daemon *d = context;
	struct in_entry e;

	if (answer == NULL)
		return E_USAGE;
	TRY(registrar_find(d, args, &e));
	if (e.state == IN_WAITING)
		registrar_note(d, &e, "reply");
	return registrar_answer(d, &e,
		core_answer(d->core, &e.header.from, &e.header.id, answer, text_of(args, "text"),
			instant_now()),
		data);
}

/* ---- how they stand ---- */

struct standing {
	const struct daemon *d;
	const struct in_entry *e;
	json_t *list; /* NULL: only counted */
	size_t open, answered, failed;
	char answer_by[11]; /* of the open one that is due first */
};

enum fate { OPEN, ANSWERED, FAILED };

static enum fate
fate_of(struct standing *s, const struct asked *a, struct in_entry *reply, struct out_entry *out)
{
	if (question_answered(s->d->spool, a, reply))
		return ANSWERED;
	return question_failed(s->d->core, a, out) ? FAILED : OPEN;
}

static void
count(struct standing *s, enum fate fate, const struct asked *a)
{
	s->answered += fate == ANSWERED;
	s->failed += fate == FAILED;
	s->open += fate == OPEN;
	if (fate == OPEN && (s->answer_by[0] == '\0' || strcmp(a->answer_by, s->answer_by) < 0))
		memcpy(s->answer_by, a->answer_by, sizeof s->answer_by);
}

static void
put_instant(json_t *o, const char *key, int64_t ms)
{
	char text[INSTANT_TEXT_SIZE];

	instant_format(ms, text);
	json_object_set_new(o, key, json_string(text));
}

/* As it was kept; of an answer that was not, as it came. */
static void
put_paper(struct standing *s, const struct asked *a, enum paper which, json_t *o)
{
	OWNED_BUF(body) = {0};
	json_t *record = NULL;

	if (paper_read(s->d->spool, a, which, s->d->encrypt, s->d->encrypt_before, &body) == E_OK &&
		record_json(which == PAPER_QUESTION ? A_QUERY : A_QUERY_REPLY, buf_bytes(&body),
			&record) == E_OK)
		json_object_set_new(o, which == PAPER_QUESTION ? "question" : "reply", record);
}

static void
put_one(struct standing *s, enum fate fate, const struct asked *a, const struct in_entry *reply,
	const struct out_entry *out)
{
	static const char *const words[] = {"open", "answered", "not-taken"};
	json_t *o = json_pack("{s:s,s:s,s:s,s:s}", "to", a->to.code, "code", a->code, "answerBy",
		a->answer_by, "state", words[fate]);

	put_instant(o, "asked", a->at);
	put_paper(s, a, PAPER_QUESTION, o);
	if (fate == ANSWERED) {
		put_instant(o, "answered", reply->taken);
		put_paper(s, a, PAPER_REPLY, o);
		if (json_object_get(o, "reply") == NULL)
			json_object_set_new(o, "answer", json_string(reply->note));
	}
	if (fate == FAILED)
		json_object_set_new(o, "why",
			json_string(out->reason[0] != '\0' ? out->reason : err_word(out->code)));
	json_array_append_new(s->list, o);
}

static bool
visit(void *context, const struct asked *a)
{
	struct standing *s = context;
	struct in_entry reply;
	struct out_entry out;
	enum fate fate;

	if (!id_equal(&a->entry, &s->e->header.id) || !party_equal(&a->from, &s->e->header.from))
		return true;
	fate = fate_of(s, a, &reply, &out);
	count(s, fate, a);
	if (s->list != NULL)
		put_one(s, fate, a, &reply, &out);
	return true;
}

void
registrar_put_questions(const struct daemon *d, const struct in_entry *e, json_t *o)
{
	struct standing s = {.d = d, .e = e};

	if (question_each(d->spool, &e->header.conversation, visit, &s) != E_OK ||
		s.open + s.answered + s.failed == 0)
		return;
	json_object_set_new(o, "question",
		json_string(s.open > 0	     ? "asked"
			    : s.answered > 0 ? "answered"
					     : "not-taken"));
	if (s.open > 0)
		json_object_set_new(o, "answerBy", json_string(s.answer_by));
}

void
registrar_put_papers(const struct daemon *d, const struct in_entry *e, json_t *o)
{
	struct standing s = {.d = d, .e = e, .list = json_array()};

	if (question_each(d->spool, &e->header.conversation, visit, &s) == E_OK &&
		json_array_size(s.list) > 0)
		json_object_set(o, "questions", s.list);
	json_decref(s.list);
}
