/* SPDX-License-Identifier: EUPL-1.2
 *
 * A list that is walked: a broker has some hundreds of peers at most, and every walk is in the same
 * order on every run. */
#include "broker/peers.h"

#include <stdlib.h>
#include <string.h>

#include "broker/exchange.h"

struct peer *
peers_find(const struct peers *ps, peer_no no)
{
	for (size_t i = 0; i < ps->n; i++)
		if (ps->list[i]->no == no)
			return ps->list[i];
	return NULL;
}

struct peer *
peers_of_key(const struct peers *ps, const uint8_t key[CURVE_KEY_SIZE])
{
	for (size_t i = 0; i < ps->n; i++)
		if (memcmp(ps->list[i]->key, key, CURVE_KEY_SIZE) == 0)
			return ps->list[i];
	return NULL;
}

struct peer *
peers_of_party(const struct peers *ps, const struct party *party)
{
	for (size_t i = ps->n; i-- > 0;)
		if (party_equal(&ps->list[i]->party, party) && ps->list[i]->no != PEER_COURIER)
			return ps->list[i];
	return NULL;
}

struct peer *
peers_add(struct peers *ps, peer_no no, const uint8_t key[CURVE_KEY_SIZE])
{
	struct peer *p = xcalloc(1, sizeof *p);

	if (ps->n == ps->room) {
		ps->room = ps->room * 2 + 8;
		ps->list = xrealloc(ps->list, ps->room * sizeof(struct peer *));
	}
	p->no = no;
	memcpy(p->key, key, CURVE_KEY_SIZE);
	ps->list[ps->n++] = p;
	return p;
}

void
peers_remove(struct peers *ps, struct peer *p)
{
	size_t i = 0;

	while (ps->list[i] != p)
		i++;
	memmove(&ps->list[i], &ps->list[i + 1], (ps->n - i - 1) * sizeof(struct peer *));
	ps->n--;
	free(p);
}

void
peers_free(struct peers *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		free(ps->list[i]);
	free(ps->list);
	*ps = (struct peers){.n = 0};
}

void
peers_owe_notices(struct peers *ps, const struct party *party)
{
	for (size_t i = 0; i < ps->n; i++)
		if (party_equal(&ps->list[i]->party, party))
			ps->list[i]->owed_notices = true;
}
