/* SPDX-License-Identifier: EUPL-1.2
 *
 * The list of cases: the inbox is read once, each case once, and what was not asked for is left out
 * before it is put in order. */
#include <stdlib.h>
#include <string.h>

#include "liaison/worklist.h"

#define DAY_MS INT64_C(86400000)
#define NOTHING "nothing was changed"

/* ---- what was asked for ---- */

/* "A-B"; either side may be empty. */
static bool
read_road(const char *text, struct choice *c)
{
	const char *dash = strchr(text, '-');

	if (dash == NULL || (size_t)(dash - text) >= PARTY_SIZE || strlen(dash + 1) >= PARTY_SIZE)
		return false;
	memcpy(c->road[0], text, (size_t)(dash - text));
	memcpy(c->road[1], dash + 1, strlen(dash + 1));
	for (int i = 0; i < 2; i++)
		if (strspn(c->road[i], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.") !=
			strlen(c->road[i]))
			return false;
	c->from = c->road[0];
	c->to = c->road[1];
	return true;
}

/* A day in UTC, or "7d": so many days back. */
static bool
read_since(const char *text, int64_t *out)
{
	char instant[INSTANT_TEXT_SIZE];
	char *end;
	long days = strtol(text, &end, 10);

	if (end != text && strcmp(end, "d") == 0 && days >= 0 && days <= 36500) {
		*out = instant_now() - days * DAY_MS;
		return true;
	}
	if (strlen(text) != strlen("2026-11-24"))
		return false;
	snprintf(instant, sizeof instant, "%sT00:00:00.000Z", text);
	return instant_parse(instant, out);
}

static bool
is_in(const char *word, const char *words)
{
	size_t length = strlen(word);

	for (const char *at = words; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return true;
	}
	return false;
}

static bool
are_states(const char *words)
{
	OWNED(char, copy, free_chars) = xstrdup(words);
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",")) != NULL)
		if (!story_is_state(word) && strcmp(word, "open") != 0 &&
			strcmp(word, "ended") != 0)
			return false;
	return true;
}

enum ending
choice_of(const struct options *o, struct choice *out)
{
	const char *road = o->value[OPT_CORRIDOR], *since = o->value[OPT_SINCE];

	memset(out, 0, sizeof *out);
	out->states = o->value[OPT_STATE];
	if (out->states != NULL && !are_states(out->states))
		return fail(E_USAGE, NOTHING, "daftar help list", "there is no state %s",
			line(out->states));
	if (road != NULL && !read_road(road, out))
		return fail(E_USAGE, NOTHING, "daftar help list",
			"%s is no road: KE-SO, KE.CRS-SO.NIRA, KE- or -SO", line(road));
	if (since != NULL && !read_since(since, &out->since))
		return fail(E_USAGE, NOTHING, "daftar help list",
			"%s is no day: 2026-11-24, or 7d for the last seven days", line(since));
	return END_DONE;
}

/* A country has all its offices. */
static bool
is_at(const struct party *p, const char *wanted)
{
	size_t length = wanted == NULL ? 0 : strlen(wanted);

	return length == 0 || (strncmp(p->code, wanted, length) == 0 &&
				      (p->code[length] == '\0' || p->code[length] == '.'));
}

bool
choice_has(const struct choice *c, const struct story *s)
{
	return (c->states == NULL || is_in(story_state(s), c->states) ||
		       is_in(story_ended(s) ? "ended" : "open", c->states)) &&
	       is_at(&s->c.to, c->from) && is_at(&s->c.destination, c->to) &&
	       story_since(s) >= c->since;
}

/* ---- the list ---- */

struct gathering {
	struct office *o;
	const struct choice *c;
	struct answers answers;
	struct worklist *w;
};

static bool
gather(void *context, const struct officer_case *c)
{
	struct gathering *g = context;
	struct worklist *w = g->w;

	if (w->n == w->room) {
		w->room = w->room == 0 ? 64 : w->room * 2;
		w->story = xrealloc(w->story, w->room * sizeof *w->story);
	}
	if (story_load_with(g->o, c, &g->answers, &w->story[w->n]) == E_OK &&
		choice_has(g->c, &w->story[w->n]))
		w->n++;
	return true;
}

static int
newest_first(const void *a, const void *b)
{
	const struct story *x = a, *y = b;
	int64_t p = story_since(x), q = story_since(y);

	return p != q ? (p < q) - (p > q) : strcmp(x->c.number, y->c.number);
}

void
worklist_free(struct worklist *w)
{
	free(w->story);
	memset(w, 0, sizeof *w);
}

enum err
worklist_load(struct office *o, const struct choice *c, struct worklist *out)
{
	struct gathering g = {.o = o, .c = c, .w = out};
	enum err e = answers_load(o, &g.answers);

	if (e == E_OK)
		e = case_each(o, gather, &g);
	answers_free(&g.answers);
	if (e == E_OK && out->n > 1)
		qsort(out->story, out->n, sizeof *out->story, newest_first);
	return e;
}
