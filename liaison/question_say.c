/* SPDX-License-Identifier: EUPL-1.2
 *
 * Registries' questions, told to people and to programs. What a question says about a person is
 * shown only where the officer asks for it (reply, show). */
#include <stdlib.h>
#include <string.h>

#include "lib/json_text.h"
#include "liaison/incoming.h"

/* The last element of a path that has a name for people. */
static const struct {
	const char *element, *words;
} parts[] = {
	{"TranscriptionRequest", N_("the whole request")},
	{"CertifiedExtract", N_("the whole extract")},
	{"EntryNumber", N_("the number of the entry")},
	{"Entry", N_("the entry in the register")},
	{"Office", N_("the registry office")},
	{"Name", N_("a name")},
	{"BirthDate", N_("the date of birth")},
	{"Birth", N_("the birth")},
	{"BirthPlace", N_("the place of birth")},
	{"Place", N_("the place of birth")},
	{"Mother", N_("the mother")},
	{"Father", N_("the father")},
	{"Parent", N_("a parent")},
	{"Sex", N_("the sex")},
	{"Nationality", N_("the nationality")},
	{"Identifier", N_("an identifier")},
	{"Consent", N_("the consent")},
	{"Document", N_("a document")},
	{"Locator", N_("the particulars by which the record is looked for")},
	{"Particulars", N_("the particulars by which the record is looked for")},
};

static const char *
words_of(const char *element, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strlen(parts[i].element) == n && strncmp(parts[i].element, element, n) == 0)
			return parts[i].words;
	return NULL;
}

const char *
question_about(const struct question *q)
{
	const char *found = NULL;
	OWNED(char, text, free_chars) = NULL;

	if (q->document[0] != '\0') {
		const char *sentence = code_sentence("document", q->document);

		return line(sentence != NULL ? _(sentence) : q->document);
	}
	for (const char *at = q->about; *at != '\0'; at++) {
		const char *name = at == q->about || at[-1] == '/' ? strchr(at, ':') : NULL;
		const char *words =
			name != NULL ? words_of(name + 1, strcspn(name + 1, "[/@")) : NULL;

		found = words != NULL ? words : found;
	}
	if (found == NULL)
		return line(q->about);
	text = xprintf("%s (%s)", _(found), q->about);
	return line(text);
}

json_t *
question_json(struct office *o, const char *number, const struct question *q, bool personal)
{
	json_t *j = json_pack("{s:s,s:i,s:s,s:s,s:s}", "tracking", number, "question", (int)q->n,
		"from", q->from.code, "code", q->code, "answerBy", q->answer_by);
	struct out_entry reply;

	json_set_id(j, "message", &q->message);
	json_set_text(j, "about", q->about);
	json_set_text(j, "document", q->document);
	json_set_instant(j, "received", q->received);
	json_set_text(j, "text", personal ? q->text : NULL);
	if (q->answer[0] == '\0')
		return j;
	json_set_text(j, "answer", q->answer);
	json_set_instant(j, "answered", q->answered);
	json_set_id(j, "reply", &q->reply);
	if (spool_out(o->spool, &q->reply, &reply, NULL) == E_OK) {
		json_set_text(j, "replyState", out_state_word(reply.state));
		if (reply.code != E_OK)
			json_set_text(j, "replyCode", err_word(reply.code));
	}
	return j;
}

struct telling {
	struct office *o;
	const struct officer_case *c;
	json_t *list;
	bool personal;
};

/* A text may have several lines. */
static void
say_text(const char *text)
{
	OWNED(char, copy, free_chars) = xstrdup(text);
	char *rest = copy, *one;

	while ((one = strsep(&rest, "\n")) != NULL)
		say("  %23s  | %s\n", "", line(one));
	OPENSSL_cleanse(copy, strlen(text));
}

void
question_say(struct office *o, const char *number, const struct question *q, bool personal)
{
	const char *sentence = code_sentence("query", q->code);

	say("  %s  %s asks (%s/%u): %s; about %s; answer by %s\n", when(q->received), q->from.code,
		number, q->n, sentence != NULL ? _(sentence) : line(q->code), question_about(q),
		q->answer_by);
	if (personal && q->text != NULL)
		say_text(q->text);
	if (question_is_answered(o, q))
		say("  %s  answered: %s\n", when(q->answered), q->answer);
}

static bool
say_one(void *context, const struct question *q)
{
	const struct telling *t = context;

	question_say(t->o, t->c->number, q, t->personal);
	if (!question_is_answered(t->o, q))
		say("  %23s  next: daftar reply %s/%u\n", "", t->c->number, q->n);
	return true;
}

void
questions_say(struct office *o, const struct officer_case *c, bool personal)
{
	struct telling t = {.o = o, .c = c, .personal = personal};

	(void)!question_each(o, &c->conversation, say_one, &t);
}

static bool
put_one(void *context, const struct question *q)
{
	const struct telling *t = context;

	json_array_append_new(t->list, question_json(t->o, t->c->number, q, t->personal));
	return true;
}

void
questions_put(struct office *o, const struct officer_case *c, bool personal, json_t *j)
{
	struct telling t = {.o = o, .c = c, .personal = personal, .list = json_array()};

	(void)!question_each(o, &c->conversation, put_one, &t);
	if (json_array_size(t.list) > 0)
		json_object_set(j, "questions", t.list);
	json_decref(t.list);
}
