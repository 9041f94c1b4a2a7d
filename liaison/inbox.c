/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar inbox': what this office has to do today, first what a law gives a day for. Shows nothing
 * about a person: a question's own words are shown by `daftar reply NUMBER'. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liaison/consent.h"
#include "liaison/incoming.h"
#include "liaison/terminal.h"

#define DAY_MS INT64_C(86400000)
#define NEAR_DAYS 30	/* of a legal deadline */
#define CONSENT_DAYS 14 /* of the end of a consent that something still rests on */
#define LOOKED "looked"

enum section { S_QUESTION, S_HELD, S_DEADLINE, S_FINISHED, S_CONSENT, S_DRAFT, S_N };

static const struct {
	const char *word, *title;
} sections[S_N] = {
	[S_QUESTION] = {"question", N_("Questions to answer")},
	[S_HELD] = {"held", N_("Held for the protection of a person")},
	[S_DEADLINE] = {"deadline", N_("Days that are near")},
	[S_FINISHED] = {"finished", N_("Finished since you last looked")},
	[S_CONSENT] = {"consent", N_("Consents that end soon")},
	[S_DRAFT] = {"draft", N_("Drafts that are not filed")},
};

struct item {
	enum section section;
	char number[TRACKING_SIZE];
	char day[11];  /* by which; for what has none, since which */
	char what[24]; /* a code, a state, "appeal", "until" */
	char who[PARTY_SIZE];
	char about[128]; /* of a question, in words */
	unsigned n;	 /* of a question */
	json_t *json;
};

struct inbox {
	struct office *o;
	struct answers answers;
	struct item *item;
	size_t n;
	int64_t looked, now;
	char today[11];
};

static void
day_of_instant(int64_t ms, char out[11])
{
	char text[INSTANT_TEXT_SIZE];

	instant_format(ms, text);
	memcpy(out, text, 10);
	out[10] = '\0';
}

static struct item *
add(struct inbox *b, enum section section, const char *number, const char *what, const char *who)
{
	struct item *i;

	b->item = xrealloc(b->item, (b->n + 1) * sizeof *b->item);
	i = &b->item[b->n++];
	*i = (struct item){.section = section};
	(void)!copy_text(i->number, sizeof i->number, number);
	(void)!copy_text(i->what, sizeof i->what, what);
	(void)!copy_text(i->who, sizeof i->who, who);
	return i;
}

/* ---- questions ---- */

static bool
is_open(struct inbox *b, const char *number)
{
	struct story s;
	OWNED_CASE(c);

	return case_find(b->o, number, &c) == E_OK && c.stop[STOP_WITHDRAWAL].at == 0 &&
	       story_load_with(b->o, &c, &b->answers, &s) == E_OK && !story_ended(&s);
}

static bool
add_question(void *context, const struct question *q)
{
	struct inbox *b = context;
	char number[TRACKING_SIZE];
	struct item *i;

	tracking_of(&q->conversation, number);
	if (question_is_answered(b->o, q) || !is_open(b, number))
		return true;
	i = add(b, S_QUESTION, number, q->code, q->from.code);
	memcpy(i->day, q->answer_by, sizeof i->day);
	snprintf(i->about, sizeof i->about, "%s", question_about(q));
	i->n = q->n;
	i->json = question_json(b->o, number, q, false);
	return true;
}

/* ---- cases ---- */

static void
add_hold(struct inbox *b, const struct officer_case *c)
{
	int64_t since = c->stop[STOP_HOLD].at;
	const struct party *by = case_is_held(c) ? &b->o->self : case_held_by(c, &since);
	struct item *i;

	if (by == NULL || c->stop[STOP_WITHDRAWAL].at != 0)
		return;
	i = add(b, S_HELD, c->number, "held", by->code);
	day_of_instant(since, i->day);
}

static void
add_deadline(struct inbox *b, const struct officer_case *c)
{
	OWNED_BUF(value) = {0};
	OWNED(char, key, free_chars) = NULL;
	char conversation[ID_TEXT_SIZE], day[11], what[16], limit[11];

	id_format(&c->conversation, conversation);
	key = xprintf("due/%s", conversation);
	day_of_instant(b->now + NEAR_DAYS * DAY_MS, limit);
	if (spool_fact(b->o->spool, key, &value) != E_OK)
		return;
	buf_u8(&value, '\0');
	if (sscanf((char *)value.data, "%10s %15s", day, what) != 2 || strcmp(day, b->today) < 0 ||
		strcmp(day, limit) > 0)
		return;
	memcpy(add(b, S_DEADLINE, c->number, what, c->destination.code)->day, day, sizeof day);
}

/* When this office learned of the end. */
static int64_t
learned(const struct story *s)
{
	if (s->has_outcome)
		return s->outcome.done != 0 ? s->outcome.done : s->outcome.taken;
	return s->filed ? s->out.ended : 0;
}

static void
add_case(struct inbox *b, const struct officer_case *c, const struct story *s)
{
	const char *state = story_state(s);
	struct item *i;

	if (strcmp(state, "draft") == 0) {
		i = add(b, S_DRAFT, c->number, state, c->to.code);
		day_of_instant(c->created, i->day);
		return;
	}
	if (story_ended(s)) {
		if (learned(s) <= b->looked)
			return;
		i = add(b, S_FINISHED, c->number, state,
			s->has_outcome ? s->outcome.header.from.code : "");
		day_of_instant(learned(s), i->day);
		return;
	}
	add_hold(b, c);
	if (s->consent_until == 0 || c->stop[STOP_WITHDRAWAL].at != 0 ||
		s->consent_until > b->now + CONSENT_DAYS * DAY_MS)
		return;
	i = add(b, S_CONSENT, c->number, state, c->destination.code);
	day_of_instant(s->consent_until, i->day);
}

static bool
see_case(void *context, const struct officer_case *c)
{
	struct inbox *b = context;
	struct story s;

	add_deadline(b, c);
	if (story_load_with(b->o, c, &b->answers, &s) == E_OK)
		add_case(b, c, &s);
	return true;
}

/* By section; within one the first day first, the newest end first. */
static int
by_day(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = strcmp(x->day, y->day);

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (order != 0)
		return x->section == S_FINISHED ? -order : order;
	order = strcmp(x->number, y->number);
	return order != 0 ? order : (int)x->n - (int)y->n;
}

static enum err
fill(struct inbox *b)
{
	TRY(answers_load(b->o, &b->answers));
	TRY(question_each(b->o, NULL, add_question, b));
	TRY(case_each(b->o, see_case, b));
	if (b->n > 0)
		qsort(b->item, b->n, sizeof *b->item, by_day);
	return E_OK;
}

/* ---- telling ---- */

static const char *
late_word(const struct inbox *b, const struct item *i)
{
	return strcmp(i->day, b->today) < 0 ? _(", overdue") : "";
}

static void
say_item(const struct inbox *b, const struct item *i)
{
	const char *sentence;

	switch (i->section) {
	case S_QUESTION:
		sentence = code_sentence("query", i->what);
		say("  %s/%u  by %s%s  %s asks: %s; about %s\n", i->number, i->n, i->day,
			late_word(b, i), i->who, sentence != NULL ? _(sentence) : i->what,
			i->about);
		say("      next: daftar reply %s/%u\n", i->number, i->n);
		return;
	case S_HELD:
		say("  %s  held by %s since %s\n      next: daftar consent release %s\n", i->number,
			i->who, i->day, i->number);
		return;
	case S_DEADLINE:
		if (strcmp(i->what, "appeal") == 0)
			say("  %s  an appeal is possible until %s\n", i->number, i->day);
		else
			say("  %s  %s decides until %s\n", i->number, i->who, i->day);
		say("      next: daftar track %s\n", i->number);
		return;
	case S_FINISHED:
		say("  %s  %s  %s  %s\n", i->number, i->day, label_of(i->what), i->who);
		return;
	case S_CONSENT:
		say("  %s  the consent ends on %s%s; the case is not finished (%s)\n", i->number,
			i->day, late_word(b, i), label_of(i->what));
		return;
	case S_DRAFT:
		say("  %s  since %s, for %s\n      next: daftar request file %s\n", i->number,
			i->day, i->who, i->number);
		return;
	case S_N:
		break;
	}
}

static void
say_all(const struct inbox *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (i == 0 || b->item[i].section != b->item[i - 1].section)
			say(i == 0 ? "%s\n" : "\n%s\n", _(sections[b->item[i].section].title));
		say_item(b, &b->item[i]);
	}
	if (b->n == 0)
		note("Nothing waits for you.\nnext: daftar sync, to see whether something has "
		     "come\n");
}

static void
put_item(const struct inbox *b, struct item *i)
{
	json_t *j = i->json != NULL ? i->json : json_object();

	i->json = NULL;
	json_object_set_new(j, "kind", json_string(sections[i->section].word));
	json_object_set_new(j, "tracking", json_string(i->number));
	json_object_set_new(j, "day", json_string(i->day));
	if (i->section == S_QUESTION)
		json_object_set_new(j, "overdue", json_boolean(strcmp(i->day, b->today) < 0));
	else
		json_object_set_new(j, "what", json_string(i->what));
	if (i->who[0] != '\0')
		json_object_set_new(j, "party", json_string(i->who));
	say_json(j);
}

/* ---- the last look ---- */

static int64_t
last_look(struct office *o)
{
	OWNED_BUF(value) = {0};
	int64_t ms = 0;

	if (spool_fact(o->spool, LOOKED, &value) != E_OK)
		return 0;
	buf_u8(&value, '\0');
	return sscanf((char *)value.data, "%" SCNd64, &ms) == 1 ? ms : 0;
}

/* A program's look is nobody's. */
static void
note_look(const struct inbox *b)
{
	OWNED(char, value, free_chars) = xprintf("%" PRId64, b->now);

	if (!say_in_json())
		(void)!spool_set_fact(b->o->spool, LOOKED, bytes_of(value, strlen(value)));
}

static void
inbox_free(struct inbox *b)
{
	for (size_t i = 0; i < b->n; i++)
		json_decref(b->item[i].json);
	free(b->item);
	answers_free(&b->answers);
}

enum ending
command_inbox(const struct options *options)
{
	__attribute__((cleanup(inbox_free))) struct inbox b = {.now = instant_now()};
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_ALL, &o);
	enum err e;

	if (end != END_DONE)
		return end;
	b.o = o;
	b.looked = last_look(o);
	day_of_instant(b.now, b.today);
	e = fill(&b);
	if (e != E_OK)
		return fail(e, "nothing was changed", "daftar doctor", "the inbox cannot be read");
	if (say_in_json())
		for (size_t i = 0; i < b.n; i++)
			put_item(&b, &b.item[i]);
	else
		say_all(&b);
	note_look(&b);
	return END_DONE;
}
