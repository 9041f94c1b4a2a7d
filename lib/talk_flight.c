/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was said and waits for its answer. Where none comes in time it is said again. */
#include "lib/talk_parts.h"

#define ANSWER_MS 30000

void
flights_make(struct flights *all, unsigned most)
{
	all->most = most;
	all->list = xcalloc(most + TALK_URGENT, sizeof *all->list);
}

struct flight *
flight_find(struct flights *all, const struct id *id)
{
	for (unsigned i = 0; i < all->n; i++)
		if (id_equal(&all->list[i].id, id))
			return &all->list[i];
	return NULL;
}

static void
flight_drop(struct flights *all, struct flight *f)
{
	*f = all->list[--all->n];
}

void
flight_end(struct talk *t, struct flights *all, struct flight *f)
{
	flight_drop(all, f);
	if (t->skipped) { /* what waited for this one may go now */
		t->skipped = false;
		t->has_cursor = false;
	}
}

bool
flights_full(const struct flights *all, bool urgent)
{
	return all->n >= all->most + (urgent ? TALK_URGENT : 0);
}

struct flight *
flight_start(struct talk *t, struct flights *all, const struct id *id)
{
	struct flight *f = &all->list[all->n++];

	*f = (struct flight){.id = *id, .due = t->tick + ANSWER_MS};
	return f;
}

void
flights_begin_anew(struct flights *all, int64_t tick)
{
	for (unsigned i = 0; i < all->n; i++)
		if (all->list[i].due < tick + ANSWER_MS)
			all->list[i].due = tick + ANSWER_MS;
}

void
flights_overdue(struct talk *t)
{
	for (unsigned i = t->submit.n; i > 0; i--)
		if (t->submit.list[i - 1].due < t->tick) {
			flight_drop(&t->submit, &t->submit.list[i - 1]);
			t->has_cursor = false;
		}
	for (unsigned i = t->settle.n; i > 0; i--)
		if (t->settle.list[i - 1].due < t->tick)
			flight_drop(&t->settle, &t->settle.list[i - 1]);
}

bool
conversation_flies(const struct talk *t, const struct id *conversation)
{
	for (unsigned i = 0; t->o.in_order && i < t->submit.n; i++)
		if (!t->submit.list[i].scan &&
			id_equal(&t->submit.list[i].conversation, conversation))
			return true;
	return false;
}
