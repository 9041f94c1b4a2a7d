/* SPDX-License-Identifier: EUPL-1.2
 *
 * The spool's book: what this party and the exchange compare. */
#include "lib/spool_lmdb.h"

#include <stdlib.h>
#include <string.h>

struct line {
	int64_t created;
	struct digest element;
	bool out;
	uint64_t order;
};

struct lines {
	struct line *list;
	size_t n, room;
	int64_t since, until;
};

static void
add(struct lines *l, const struct header *h, const struct digest *d, bool ended, enum stage stage,
	bool out, uint64_t order)
{
	struct line *line;
	OWNED_BUF(b) = {0};

	if (h->created < l->since || h->created >= l->until)
		return;
	if (l->n == l->room) {
		l->room = l->room == 0 ? 64 : 2 * l->room;
		l->list = xrealloc(l->list, l->room * sizeof *l->list);
	}
	line = &l->list[l->n++];
	*line = (struct line){h->created, *d, out, order};
	if (!ended)
		return;
	buf_add(&b, d->octet, DIGEST_SIZE);
	buf_text(&b, stage_word(stage));
	digest_of(b.data, b.size, &line->element);
}

static bool
add_out(void *context, const struct out_entry *e)
{
	if (e->state != OUT_FILED && e->state != OUT_REFUSED)
		add(context, &e->header, &e->digest, e->state == OUT_ENDED, e->stage, true,
			e->order);
	return true;
}

static bool
add_in(void *context, const struct in_entry *e)
{
	add(context, &e->header, &e->digest, e->state >= IN_DONE, e->stage, false, e->order);
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->created != y->created)
		return x->created < y->created ? -1 : 1;
	return memcmp(x->element.octet, y->element.octet, DIGEST_SIZE);
}

enum err
spool_book(struct spool *s, int64_t since, int64_t until, spool_book_visit *each, void *context)
{
	struct lines l = {.since = since, .until = until};
	enum err e = spool_each_out(s, add_out, &l);

	if (e == E_OK)
		e = spool_each_in(s, add_in, &l);
	if (e == E_OK && l.n > 0)
		qsort(l.list, l.n, sizeof *l.list, compare);
	for (size_t i = 0; e == E_OK && i < l.n; i++)
		each(context, l.list[i].created, &l.list[i].element, l.list[i].out,
			l.list[i].order);
	free(l.list);
	return e;
}
