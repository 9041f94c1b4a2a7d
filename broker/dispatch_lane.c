/* SPDX-License-Identifier: EUPL-1.2
 *
 * A lane: the window onto the front of an addressee's queue, read in order of acceptance, with a
 * bounded part of it for each sender. */
#include <stdlib.h>
#include <string.h>

#include "broker/dispatch_parts.h"

#define CONVERSATION_MOST 64

void
lane_empty(struct lane *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->window[i]->to != NULL)
			l->window[i]->to->under_way--;
		free(l->window[i]);
	}
	for (size_t i = 0; i < l->n_sources; i++)
		l->source[i].n = l->source[i].behind = 0;
	urgent_empty(l);
	l->n = 0;
	l->read_to = 0;
	l->more = true;
}

void
lane_drop(struct lane *l, size_t i)
{
	if (i < l->n_urgent)
		urgent_remove(l, i);
	else
		lane_remove(l, i - l->n_urgent);
}

bool
lane_offer(const struct lane *l, uint64_t seq, size_t *i)
{
	for (*i = 0; *i < lane_count(l); ++*i)
		if (lane_at(l, *i)->seq == seq)
			return true;
	return false;
}

void
lane_free(struct lane *l)
{
	lane_empty(l);
	free(l->source);
	free(l);
}

struct lane *
lane_find(const struct dispatch *d, const struct party *party)
{
	for (size_t i = 0; i < d->n; i++)
		if (party_equal(&d->lanes[i]->party, party))
			return d->lanes[i];
	return NULL;
}

struct lane *
lane_of(struct dispatch *d, const struct party *party)
{
	struct lane *l = lane_find(d, party);

	if (l != NULL)
		return l;
	d->lanes = xrealloc(d->lanes, (d->n + 1) * sizeof(struct lane *));
	l = d->lanes[d->n++] = xcalloc(1, sizeof *l);
	l->party = *party;
	l->more = l->more_urgent = true;
	return l;
}

size_t
lane_source(struct lane *l, const struct party *party)
{
	size_t i = 0;

	while (i < l->n_sources && !party_equal(&l->source[i].party, party))
		i++;
	if (i < l->n_sources)
		return i;
	l->source = xrealloc(l->source, ++l->n_sources * sizeof(*l->source));
	l->source[i] = (struct source){.party = *party};
	return i;
}

static bool
has_room(const struct lane *l, size_t source)
{
	return l->n < LANE_WINDOW && l->source[source].n < LANE_SHARE;
}

static void
lane_insert(struct lane *l, const struct entry *e, size_t source)
{
	struct offer *o = xcalloc(1, sizeof *o);
	size_t at = l->n;

	assert(has_room(l, source));
	o->seq = e->seq;
	o->source = source;
	o->conversation = e->header.conversation;
	o->size = e->size;
	o->attempts = o->written = e->attempts;
	while (at > 0 && l->window[at - 1]->seq > e->seq)
		at--;
	for (size_t i = at; i > 0 && o->before == NULL; i--)
		if (id_equal(&l->window[i - 1]->conversation, &o->conversation))
			o->before = l->window[i - 1];
	for (size_t i = at; i < l->n && o->after == NULL; i++)
		if (id_equal(&l->window[i]->conversation, &o->conversation))
			o->after = l->window[i];
	if (o->before != NULL)
		o->before->after = o;
	if (o->after != NULL)
		o->after->before = o;
	memmove(&l->window[at + 1], &l->window[at], (l->n - at) * sizeof(struct offer *));
	l->window[at] = o;
	l->n++;
	l->source[source].n++;
}

void
lane_remove(struct lane *l, size_t i)
{
	struct offer *o = l->window[i];

	if (o->before != NULL)
		o->before->after = o->after;
	if (o->after != NULL)
		o->after->before = o->before;
	if (o->to != NULL)
		o->to->under_way--;
	l->source[o->source].n--;
	free(o);
	memmove(&l->window[i], &l->window[i + 1], (l->n - i - 1) * sizeof(struct offer *));
	l->n--;
}

/* What was passed by stays in its order: behind it nothing of its source comes in. */
static void
take_or_pass(struct lane *l, const struct entry *e)
{
	size_t i = lane_source(l, &e->header.from);

	if (l->source[i].behind != 0)
		return;
	if (has_room(l, i))
		lane_insert(l, e, i);
	else
		l->source[i].behind = e->seq;
}

static bool
is_full(const struct lane *l)
{
	return l->n >= LANE_WINDOW;
}

static void
read_on(struct dispatch *d, struct lane *l, size_t *most)
{
	while (l->more && !is_full(l) && *most > 0) {
		size_t got = store_queue(d->store, &l->party, l->read_to, d->read, READ_AT_ONCE);

		for (size_t i = 0; i < got; i++)
			take_or_pass(l, &d->read[i]);
		if (got > 0)
			l->read_to = d->read[got - 1].seq;
		l->more = got == READ_AT_ONCE;
		*most -= got < *most ? got : *most;
	}
}

/* False when the source has no more room. */
static bool
take_passed(struct lane *l, const struct entry *e, size_t source)
{
	struct source *s = &l->source[source];

	if (!party_equal(&e->header.from, &s->party))
		return true;
	s->behind = e->seq;
	if (!has_room(l, source))
		return false;
	lane_insert(l, e, source);
	s->behind = e->seq + 1;
	return true;
}

/* What was passed by of one source, as far as the lane was read. */
static void
read_passed(struct dispatch *d, struct lane *l, size_t source, size_t *most)
{
	struct source *s = &l->source[source];

	while (s->behind <= l->read_to && *most > 0) {
		size_t got = store_queue(d->store, &l->party, s->behind - 1, d->read, READ_AT_ONCE);

		for (size_t i = 0; i < got && d->read[i].seq <= l->read_to; i++)
			if (!take_passed(l, &d->read[i], source))
				return;
		*most -= got < *most ? got : *most;
		s->behind = got == READ_AT_ONCE ? d->read[got - 1].seq + 1 : l->read_to + 1;
	}
	if (s->behind > l->read_to)
		s->behind = 0;
}

void
lane_read(struct dispatch *d, struct lane *l)
{
	size_t most = READ_MOST;

	for (size_t i = 0; i < l->n_sources; i++)
		if (l->source[i].behind != 0 && l->source[i].n <= LANE_SHARE / 2)
			read_passed(d, l, i, &most);
	read_on(d, l, &most);
}

/* In a full window the last of its source gives its place, and is read again later. */
void
lane_return(struct lane *l, const struct entry *e)
{
	size_t source = lane_source(l, &e->header.from), last = l->n;
	struct source *s = &l->source[source];

	l->arrived = true;
	if (e->seq > l->read_to || (s->behind != 0 && e->seq >= s->behind))
		return;
	if (!has_room(l, source)) {
		while (last > 0 && l->window[last - 1]->source != source)
			last--;
		if (last == 0 || l->window[last - 1]->seq < e->seq) {
			s->behind = e->seq;
			return;
		}
		s->behind = l->window[last - 1]->seq;
		lane_remove(l, last - 1);
	}
	lane_insert(l, e, source);
}

/* ---- order ---- */

bool
dispatch_waits(const struct dispatch *d, const struct entry *e)
{
	return !stage_final(e->stage) && store_is_queued(d->store, NULL, e);
}

static bool
was_passed(const struct lane *l, const struct entry *e)
{
	for (size_t i = 0; i < l->n_sources; i++)
		if (party_equal(&l->source[i].party, &e->header.from))
			return l->source[i].behind != 0 && e->seq >= l->source[i].behind;
	return false;
}

static bool
any_passed(const struct lane *l, uint64_t before)
{
	for (size_t i = 0; i < l->n_sources; i++)
		if (l->source[i].behind != 0 && l->source[i].behind < before)
			return true;
	return false;
}

static void
free_entries(struct entry **list)
{
	free(*list);
	*list = NULL;
}

bool
lane_passed(struct dispatch *d, const struct lane *l, const struct offer *o)
{
	OWNED(struct entry, list, free_entries) = NULL;
	size_t n;

	if (o->to != NULL || o->urgent || !any_passed(l, o->seq))
		return false;
	list = xcalloc(CONVERSATION_MOST, sizeof(*list));
	n = store_conversation(d->store, &o->conversation, list, CONVERSATION_MOST);
	for (size_t i = 0; i < n && list[i].seq < o->seq; i++)
		if (party_equal(&list[i].header.to, &l->party) && was_passed(l, &list[i]) &&
			dispatch_waits(d, &list[i]))
			return true;
	return false;
}
