/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which process speaks for a party, and which ones were turned away. An adapter raises its epoch
 * each time it starts, so its stale twin (a paused machine, a restored snapshot) says a lower one
 * and is fenced off. Two copies of one spool that are started come with the same epoch: the one
 * that came first is known by its incarnation.
 *
 * What decides is in the store. What is kept here since the start is for people: a party whose twin
 * knocks has a copy of its spool somewhere, and somebody should look for it. */
#include <string.h>

#include "broker/exchange_parts.h"

static const struct id no_id;

static struct speaker *
find(const struct exchange *x, const uint8_t key[CURVE_KEY_SIZE])
{
	for (size_t i = 0; i < x->n_speakers; i++)
		if (memcmp(x->speakers[i].key, key, CURVE_KEY_SIZE) == 0)
			return &x->speakers[i];
	return NULL;
}

/* There are no more of them than keys in trust lists. */
static struct speaker *
speaker_of(struct exchange *x, const uint8_t key[CURVE_KEY_SIZE])
{
	struct speaker *s = find(x, key);

	if (s != NULL)
		return s;
	x->speakers = xrealloc(x->speakers, ++x->n_speakers * sizeof *x->speakers);
	s = &x->speakers[x->n_speakers - 1];
	*s = (struct speaker){.since = 0};
	memcpy(s->key, key, CURVE_KEY_SIZE);
	return s;
}

static void
note_fence(struct exchange *x, const uint8_t key[CURVE_KEY_SIZE], uint64_t epoch, int64_t now)
{
	struct speaker *s = speaker_of(x, key);

	s->fenced = now;
	s->fenced_epoch = epoch;
	s->fenced_times++;
}

static void
note_speaker(
	struct exchange *x, const uint8_t key[CURVE_KEY_SIZE], const struct wire *w, int64_t now)
{
	struct speaker *s = speaker_of(x, key);

	s->since = now;
	s->incarnation = w->id;
}

bool
exchange_take_epoch(struct exchange *x, struct store_txn *t, const struct party *party,
	const uint8_t key[CURVE_KEY_SIZE], const struct wire *w, int64_t now)
{
	struct id known;
	uint64_t epoch = store_epoch(x->store, t, party, key, &known);

	if (w->epoch == epoch && id_equal(&known, &w->id))
		return true;
	if (w->epoch < epoch || (w->epoch == epoch && !id_equal(&known, &no_id))) {
		note_fence(x, key, w->epoch, now);
		return false;
	}
	store_set_epoch(t, party, key, w->epoch, &w->id);
	note_speaker(x, key, w, now);
	return true;
}

/* Who was noted in a transaction that was undone does not speak: the store says who does. */
bool
exchange_speaker(struct exchange *x, const struct party *party, const uint8_t key[CURVE_KEY_SIZE],
	struct speaker *out)
{
	const struct speaker *s = find(x, key);
	struct id noted = s != NULL ? s->incarnation : no_id;

	*out = s != NULL ? *s : (struct speaker){.since = 0};
	memcpy(out->key, key, CURVE_KEY_SIZE);
	out->epoch = store_epoch(x->store, NULL, party, key, &out->incarnation);
	if (!id_equal(&out->incarnation, &noted))
		out->since = 0;
	out->connected = peers_of_key(&x->peers, key) != NULL;
	return out->epoch != 0 || out->fenced != 0;
}
