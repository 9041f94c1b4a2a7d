/* SPDX-License-Identifier: EUPL-1.2
 *
 * What stops a case goes before everything else. Its window is small: of one source only so many
 * are in it, and there is always room for another's. It is read from the first again whenever
 * something has left it, because what waits here is little and does not wait for long. */
#include <stdlib.h>
#include <string.h>

#include "broker/dispatch_parts.h"

#define BEYOND_CREDIT 1

/* A hold and a release of one case undo each other: the earlier is taken first. Nothing keeps a
 * withdrawal. */
static bool
undoes(const struct offer *o, const struct offer *before)
{
	return ((o->holds && before->releases) || (o->releases && before->holds)) &&
	       id_equal(&before->conversation, &o->conversation);
}

bool
urgent_has_turn(const struct lane *l, const struct offer *o, const struct peer *p)
{
	for (size_t i = 0; i < l->n_urgent && l->urgent[i] != o; i++)
		if (undoes(o, l->urgent[i]) && (p->no != PEER_COURIER || l->urgent[i]->to != p))
			return false;
	return true;
}

bool
urgent_has_credit(const struct peer *p)
{
	return p->credit > 0 && p->under_way < p->credit + BEYOND_CREDIT;
}

void
urgent_empty(struct lane *l)
{
	while (l->n_urgent > 0)
		urgent_remove(l, l->n_urgent - 1);
}

void
urgent_remove(struct lane *l, size_t i)
{
	struct offer *o = l->urgent[i];

	if (o->to != NULL)
		o->to->under_way--;
	l->source[o->source].n_urgent--;
	free(o);
	memmove(&l->urgent[i], &l->urgent[i + 1], (l->n_urgent - i - 1) * sizeof(struct offer *));
	l->n_urgent--;
	l->more_urgent = true;
}

static void
take(struct lane *l, const struct entry *e)
{
	size_t source = lane_source(l, &e->header.from), at = 0;
	struct offer *o;

	while (at < l->n_urgent && l->urgent[at]->seq < e->seq)
		at++;
	if (at < l->n_urgent && l->urgent[at]->seq == e->seq)
		return;
	if (l->n_urgent == URGENT_WINDOW || l->source[source].n_urgent == URGENT_SHARE)
		return;
	o = xcalloc(1, sizeof *o);
	o->seq = e->seq;
	o->source = source;
	o->urgent = true;
	o->holds = strcmp(e->header.purpose, PURPOSE_HOLD) == 0;
	o->releases = strcmp(e->header.purpose, PURPOSE_RELEASE) == 0;
	o->conversation = e->header.conversation;
	o->size = e->size;
	o->attempts = o->written = e->attempts;
	memmove(&l->urgent[at + 1], &l->urgent[at], (l->n_urgent - at) * sizeof(struct offer *));
	l->urgent[at] = o;
	l->n_urgent++;
	l->source[source].n_urgent++;
}

void
urgent_read(struct dispatch *d, struct lane *l)
{
	uint64_t after = 0;
	size_t got = READ_AT_ONCE;

	if (!l->more_urgent)
		return;
	l->more_urgent = false;
	for (size_t read = 0; got == READ_AT_ONCE && read < READ_MOST; read += got) {
		got = store_urgent(d->store, &l->party, after, d->read, READ_AT_ONCE);
		for (size_t i = 0; i < got; i++)
			take(l, &d->read[i]);
		if (got > 0)
			after = d->read[got - 1].seq;
	}
}
