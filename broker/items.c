/* SPDX-License-Identifier: EUPL-1.2 */
#include "broker/items.h"

#include <stdlib.h>
#include <string.h>

void
items_open(struct items *is)
{
	TAILQ_INIT(&is->candidates);
}

static void
remove_item(struct items *is, size_t i)
{
	buf_free(&is->list[i]->der);
	free(is->list[i]);
	is->n--;
	memmove(&is->list[i], &is->list[i + 1], (is->n - i) * sizeof(struct item *));
}

void
items_close(struct items *is)
{
	struct candidate *c;

	while (is->n > 0)
		remove_item(is, is->n - 1);
	free(is->list);
	is->list = NULL;
	while ((c = TAILQ_FIRST(&is->candidates)) != NULL)
		items_done(is, c);
}

/* ---- what all have to know ---- */

void
items_put(struct items *is, uint8_t kind, const struct digest *subject, struct bytes der)
{
	struct item *new = xcalloc(1, sizeof *new);

	for (size_t i = is->n; i-- > 0;)
		if (is->list[i]->kind == kind && digest_equal(&is->list[i]->subject, subject))
			remove_item(is, i);
	new->serial = ++is->serial;
	new->kind = kind;
	new->subject = *subject;
	buf_add_bytes(&new->der, der);
	is->list = xrealloc(is->list, (is->n + 1) * sizeof(struct item *));
	is->list[is->n++] = new;
}

struct item *
items_after(const struct items *is, uint64_t serial)
{
	for (size_t i = 0; i < is->n; i++)
		if (is->list[i]->serial > serial)
			return is->list[i];
	return NULL;
}

void
items_died(struct items *is, uint64_t serial)
{
	for (size_t i = is->n; i-- > 0;)
		if (is->list[i]->serial == serial && ++is->list[i]->deaths >= ITEM_DEATHS)
			remove_item(is, i);
}

/* ---- what is to be checked ---- */

bool
items_offer(struct items *is, peer_no peer, const struct party *party, struct bytes der)
{
	struct candidate *c;

	if (is->n_candidates >= CANDIDATES_MOST)
		return false;
	TAILQ_FOREACH(c, &is->candidates, next)
	if (c->peer == peer)
		return false;
	c = xcalloc(1, sizeof *c);
	c->peer = peer;
	c->party = *party;
	buf_add_bytes(&c->der, der);
	TAILQ_INSERT_TAIL(&is->candidates, c, next);
	is->n_candidates++;
	return true;
}

struct candidate *
items_next(struct items *is)
{
	struct candidate *c;

	TAILQ_FOREACH(c, &is->candidates, next)
	if (!c->given) {
		c->given = true;
		return c;
	}
	return NULL;
}

void
items_again(struct candidate *c)
{
	c->given = false;
}

void
items_done(struct items *is, struct candidate *c)
{
	TAILQ_REMOVE(&is->candidates, c, next);
	is->n_candidates--;
	buf_free(&c->der);
	free(c);
}
