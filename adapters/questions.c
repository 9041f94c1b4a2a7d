/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was asked, kept and read. */
#include "adapters/questions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/at_rest.h"
#include "lib/json_text.h"

static const char *const kinds[] = {"asked", "question", "reply", "answered"};
#define ASKED kinds[0]
#define ANSWERED kinds[3]

static char *
prefix_of(const char *kind, const struct id *conversation)
{
	char text[ID_TEXT_SIZE] = "";

	if (conversation == NULL)
		return xprintf("%s/", kind);
	id_format(conversation, text);
	return xprintf("%s/%s/", kind, text);
}

static char *
name_of(const char *kind, const struct asked *a)
{
	OWNED(char, prefix, free_chars) = prefix_of(kind, &a->conversation);
	char text[ID_TEXT_SIZE];

	id_format(&a->query, text);
	return xprintf("%s%s", prefix, text);
}

/* ---- the line of the book ---- */

enum err
question_keep(struct spool *s, const struct asked *a)
{
	OWNED(char, name, free_chars) = name_of(ASKED, a);
	OWNED_BUF(value) = {0};
	char id[4][ID_TEXT_SIZE], same[DIGEST_TEXT_SIZE];
	const struct id *const ids[4] = {&a->query, &a->conversation, &a->entry, &a->message};

	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		id_format(ids[i], id[i]);
	digest_format(&a->same, same);
	buf_printf(&value,
		"{\"query\":\"%s\",\"case\":\"%s\",\"entry\":\"%s\",\"message\":\"%s\","
		"\"from\":\"%s\",\"to\":\"%s\",\"code\":\"%s\",\"answerBy\":\"%s\",\"same\":\"%s\","
		"\"at\":%lld}",
		id[0], id[1], id[2], id[3], a->from.code, a->to.code, a->code, a->answer_by, same,
		(long long)a->at);
	return spool_set_fact(s, name, buf_bytes(&value));
}

static bool
asked_read(const json_t *o, struct asked *a)
{
	char same[DIGEST_TEXT_SIZE];

	*a = (struct asked){.at = json_integer_value(json_object_get(o, "at"))};
	return json_get_id(o, "query", &a->query) && json_get_id(o, "case", &a->conversation) &&
	       json_get_id(o, "entry", &a->entry) && json_get_id(o, "message", &a->message) &&
	       json_get_text(o, "from", a->from.code, sizeof a->from.code) &&
	       json_get_text(o, "to", a->to.code, sizeof a->to.code) &&
	       json_get_text(o, "code", a->code, sizeof a->code) &&
	       json_get_text(o, "answerBy", a->answer_by, sizeof a->answer_by) &&
	       json_get_text(o, "same", same, sizeof same) && digest_parse(same, &a->same);
}

struct walk {
	question_visit *each;
	void *context;
};

static bool
visit(void *context, const char *key, struct bytes value)
{
	const struct walk *w = context;
	json_t *o = json_loadb((const char *)value.data, value.size, 0, NULL);
	struct asked a;
	bool good = asked_read(o, &a);

	(void)key;
	json_decref(o);
	return !good || w->each(w->context, &a);
}

enum err
question_each(struct spool *s, const struct id *conversation, question_visit *each, void *context)
{
	OWNED(char, prefix, free_chars) = prefix_of(ASKED, conversation);
	struct walk w = {each, context};

	return spool_each_fact(s, prefix, visit, &w);
}

/* ---- the papers ---- */

static const char *
kind_of(enum paper which)
{
	return kinds[which == PAPER_QUESTION ? 1 : 2];
}

enum err
paper_keep(struct spool *s, const struct asked *a, enum paper which, X509 *cert, struct bytes body)
{
	OWNED(char, name, free_chars) = name_of(kind_of(which), a);
	OWNED_BUF(sealed) = {0};

	TRY(at_rest_seal(cert, body, &sealed));
	return spool_set_fact(s, name, buf_bytes(&sealed));
}

enum err
paper_read(struct spool *s, const struct asked *a, enum paper which, const struct identity *who,
	const struct identity *before, struct buf *body)
{
	OWNED(char, name, free_chars) = name_of(kind_of(which), a);
	OWNED_BUF(kept) = {0};

	TRY(spool_fact(s, name, &kept));
	return at_rest_open(buf_bytes(&kept), who, before, body);
}

/* ---- the answer ---- */

enum err
question_mark_answered(struct spool *s, const struct asked *a, const struct id *reply)
{
	OWNED(char, answered, free_chars) = name_of(ANSWERED, a);
	OWNED(char, name, free_chars) = NULL;
	char text[ID_TEXT_SIZE];

	id_format(reply, text);
	name = xprintf("%s/%s", answered, text);
	return spool_mark_fact(s, name);
}

struct answered {
	struct in_entry *out;
	bool found;
};

static bool
see_answered(void *context, const char *key, struct bytes value)
{
	struct answered *r = context;
	const char *slash = strrchr(key, '/');
	struct id id;

	(void)value;
	r->found = slash != NULL && id_parse(slash + 1, &id);
	if (r->found)
		r->out->header.id = id;
	return !r->found;
}

bool
question_answered(struct spool *s, const struct asked *a, struct in_entry *out)
{
	OWNED(char, answered, free_chars) = name_of(ANSWERED, a);
	OWNED(char, prefix, free_chars) = xprintf("%s/", answered);
	struct answered r = {.out = out};
	struct id id;

	if (spool_each_fact(s, prefix, see_answered, &r) != E_OK || !r.found)
		return false;
	id = out->header.id;
	return spool_in(s, &a->to, &id, out, NULL) == E_OK && out->state >= IN_DONE;
}

/* ---- dropping ---- */

static enum err
drop(struct spool *s, const char *name)
{
	enum err e = spool_drop_fact(s, name);

	return e == E_NOT_FOUND ? E_OK : e;
}

enum err
question_drop(struct spool *s, const struct asked *a)
{
	OWNED(char, answered, free_chars) = name_of(ANSWERED, a);
	OWNED(char, prefix, free_chars) = xprintf("%s/", answered);

	TRY(spool_drop_facts(s, prefix));
	for (size_t i = ARRAY_LEN(kinds); i-- > 0;) {
		OWNED(char, name, free_chars) = name_of(kinds[i], a);

		TRY(drop(s, name));
	}
	return E_OK;
}

enum err
question_erase(struct spool *s, const struct id *conversation)
{
	for (size_t i = ARRAY_LEN(kinds); i-- > 0;) {
		OWNED(char, prefix, free_chars) = prefix_of(kinds[i], conversation);

		TRY(spool_drop_facts(s, prefix));
	}
	return E_OK;
}
