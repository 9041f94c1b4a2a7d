/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation data, and what waits for it. New data of a country (an examiner has checked it) is
 * written down, and once that is committed it is given to the examiners, to every peer that asked
 * for it, and begins a sweep: what is held of that country's parties, and what of theirs is queued
 * and was not offered yet, is judged once more, as of the time at which it was accepted.
 *
 *	held, good now            released into its addressee's queue
 *	held, still too old       stays held
 *	revoked by then           a dead letter, its sender is told
 *
 * A sweep has few messages with the examiners at a time, in order of acceptance, and takes its turn
 * with everybody else's. What is under way is forgotten by a restart, so the first sweep after a
 * start is over all that is held; so is that after a newer trust list. */
#include "broker/exchange_parts.h"

#include <stdlib.h>
#include <string.h>

#define UNDER_WAY_MOST 16
#define LOOKED_AT_MOST 256 /* entries, in one turn */
#define SENT_AT_ONCE 8	   /* items of revocation data, to one peer */
#define CONVERSATION_MOST 64
#define BROUGHT_MOST 8 /* by one party, in that time */
#define BROUGHT_MS 60000
#define RECENT_MS 60000 /* a message may have been judged by the data before */

void
held_free(struct held_sweeps *h)
{
	free(h->list);
	free(h->news);
	free(h->known);
	free(h->brought);
	buf_free(&h->octets);
	*h = (struct held_sweeps){.n = 0};
}

/* ---- sweeps ---- */

/* NULL: of any country. */
static struct sweep *
sweep_of(struct held_sweeps *h, const char *country)
{
	struct sweep *s;

	for (size_t i = 0; i < h->n; i++)
		if (h->list[i].any == (country == NULL) &&
			(country == NULL || strcmp(h->list[i].country, country) == 0))
			return &h->list[i];
	h->list = xrealloc(h->list, (h->n + 1) * sizeof *h->list);
	s = &h->list[h->n++];
	*s = (struct sweep){.any = country == NULL, .held_done = true, .queued_done = true};
	if (country != NULL)
		memcpy(s->country, country, sizeof s->country);
	return s;
}

static void
begin_sweep(struct exchange *x, const char *country)
{
	struct sweep *s = sweep_of(&x->held, country);

	s->begun = x->tick;
	s->after = 0;
	s->due = (struct due){0};
	s->held_done = false;
	s->queued_done = country == NULL;
}

void
held_sweep_all(struct exchange *x)
{
	begin_sweep(x, NULL);
}

static const char *
country_of(const struct exchange *x, const struct party *party)
{
	const struct trust_party *p = trust_party(x->trust, party);

	return p != NULL ? p->country : NULL;
}

static bool
is_of_country(const struct exchange *x, const struct sweep *s, const struct party *p)
{
	const char *country = country_of(x, p);

	return country != NULL && strcmp(country, s->country) == 0;
}

/* Its own signer's, or that of the office that signed its consent token. */
static bool
is_swept(const struct exchange *x, const struct sweep *s, const struct entry *e)
{
	return s->any || is_of_country(x, s, &e->header.from) ||
	       (e->header.has_token && is_of_country(x, s, &e->header.token.by));
}

/* False: the examiners have no room now. */
static bool
look_again(struct exchange *x, const struct entry *e)
{
	const struct exchange_effects *fx = &x->fx;

	if (store_body(x->store, NULL, e->seq, &x->held.octets) != E_OK)
		return true; /* damage is met, and told, when it is to be delivered */
	if (!fx->examine(fx->context, e->seq, &e->header.from, buf_bytes(&x->held.octets),
		    e->at[ST_ACCEPTED]))
		return false;
	x->held.under_way++;
	return true;
}

/* The next of the sweep; 0: there is none. */
static uint64_t
next_held(struct exchange *x, struct sweep *s, struct entry *e)
{
	struct held held;

	while (store_held(x->store, NULL, s->after, &held, 1) == 1) {
		if (store_entry(x->store, NULL, held.seq, e) == E_OK)
			return held.seq;
		s->after = held.seq;
	}
	s->held_done = true;
	return 0;
}

/* One step of a sweep. False: no more of it now. */
static bool
step_of_held(struct exchange *x, struct sweep *s)
{
	struct entry e;
	uint64_t seq = next_held(x, s, &e);

	if (seq == 0)
		return false;
	if (is_swept(x, s, &e) && !look_again(x, &e))
		return false;
	s->after = seq;
	return true;
}

/* What was offered is its addressee's to judge. */
static bool
step_of_queued(struct exchange *x, struct sweep *s)
{
	struct due due = s->due;
	struct entry e;
	uint64_t seq;

	if (store_expired(x->store, NULL, INT64_MAX, &due, &seq, 1) == 0) {
		s->queued_done = true;
		return false;
	}
	if (store_entry(x->store, NULL, seq, &e) == E_OK && is_swept(x, s, &e) &&
		store_held_since(x->store, NULL, seq) == 0 &&
		!dispatch_was_offered(x->dispatch, &e) && !look_again(x, &e))
		return false;
	s->due = due;
	return true;
}

void
held_turn(struct exchange *x)
{
	struct held_sweeps *h = &x->held;
	unsigned looked = 0;

	if (x->fx.examine == NULL)
		return;
	for (size_t i = 0; i < h->n; i++)
		while (!h->list[i].held_done && h->under_way < UNDER_WAY_MOST &&
			looked++ < LOOKED_AT_MOST && step_of_held(x, &h->list[i]))
			;
	for (size_t i = 0; i < h->n; i++)
		while (!h->list[i].queued_done && h->under_way < UNDER_WAY_MOST &&
			looked++ < LOOKED_AT_MOST && step_of_queued(x, &h->list[i]))
			;
}

void
exchange_again(
	struct exchange *x, struct store_txn *t, uint64_t seq, const struct verdict *v, int64_t now)
{
	size_t promised = exchange_event(x, t);
	struct entry e;

	x->now = now;
	if (x->held.under_way > 0)
		x->held.under_way--;
	if (store_entry(x->store, t, seq, &e) == E_OK && digest_equal(&e.digest, &v->digest))
		exchange_judged(x, t, &e, v, now);
	exchange_event_done(x, t, promised);
}

/* ---- holding ---- */

static void
free_entries(struct entry **list)
{
	free(*list);
	*list = NULL;
}

/* Of the same sender, in this conversation: what was sent behind a message does not overtake it. */
static bool
is_behind_held(struct exchange *x, struct store_txn *t, const struct entry *e)
{
	OWNED(struct entry, list, free_entries) = NULL;
	size_t n;

	if (store_held_count(x->store, t) == 0)
		return false;
	list = xcalloc(CONVERSATION_MOST, sizeof *list);
	n = store_conversation(x->store, &e->header.conversation, list, CONVERSATION_MOST);
	for (size_t i = 0; i < n; i++)
		if (party_equal(&list[i].header.from, &e->header.from) &&
			store_held_since(x->store, t, list[i].seq) != 0)
			return true;
	return false;
}

void
held_enter(struct exchange *x, struct store_txn *t, const struct verdict *v, const struct entry *e,
	int64_t now)
{
	const char *country = country_of(x, &e->header.from);
	struct sweep *s;

	if (!v->held && !is_behind_held(x, t, e))
		return;
	store_hold(t, e->seq, now);
	promise_news(&x->promises, "held", e->seq);
	if (country == NULL)
		return;
	/* It was judged before what came a moment ago was known to every examiner. */
	s = sweep_of(&x->held, country);
	if (s->begun != 0 && x->tick - s->begun < RECENT_MS)
		begin_sweep(x, country);
}

/* ---- revocation data ---- */

static enum err
may_bring(const struct exchange *x, const struct party *by, const struct revocation_facts *f)
{
	const char *country = by != NULL ? country_of(x, by) : f->country;

	if (f->code != E_OK)
		return (enum err)f->code;
	if (country == NULL || strcmp(country, f->country) != 0)
		return E_REVOCATION;
	return store_has_room(x->store) ? E_OK : E_STORE_FULL;
}

enum err
exchange_revocation(struct exchange *x, struct store_txn *t, peer_no peer, const struct party *by,
	const struct revocation_facts *f, struct bytes der, int64_t now)
{
	static const struct id none;
	struct held_sweeps *h = &x->held;
	size_t promised = exchange_event(x, t);
	enum err code = may_bring(x, by, f);
	uint64_t number;

	x->now = now;
	if (code == E_OK) {
		store_set_revocation(t, f, der, now, &number);
		h->news = xrealloc(h->news, (h->n_news + 1) * sizeof *h->news);
		h->news[h->n_news++] = number;
	} else if (peers_find(&x->peers, peer) != NULL) {
		promise_refusal(&x->promises, peer, &none, code);
	}
	exchange_event_done(x, t, promised);
	return code;
}

/* The digests are kept, so that octets that are in force already cost nothing. */
void
held_learn(struct exchange *x)
{
	struct held_sweeps *h = &x->held;
	struct revocation_item item = {.item = 0};

	h->n_known = 0;
	while (store_next_revocation(x->store, NULL, item.item, &item, NULL) == E_OK) {
		h->known = xrealloc(h->known, (h->n_known + 1) * sizeof *h->known);
		h->known[h->n_known++] = item.facts.digest;
	}
}

static bool
is_known(const struct exchange *x, const struct digest *digest)
{
	for (size_t i = 0; i < x->held.n_known; i++)
		if (digest_equal(&x->held.known[i], digest))
			return true;
	return false;
}

static struct brought *
brought_by(struct held_sweeps *h, const struct party *by)
{
	for (size_t i = 0; i < h->n_brought; i++)
		if (party_equal(&h->brought[i].party, by))
			return &h->brought[i];
	h->brought = xrealloc(h->brought, (h->n_brought + 1) * sizeof *h->brought);
	h->brought[h->n_brought] = (struct brought){.party = *by, .since = INT64_MIN / 2};
	return &h->brought[h->n_brought++];
}

/* What is in force already costs nothing, and counts for nothing. */
enum err
exchange_hears_revocation(
	struct exchange *x, const struct party *by, const struct digest *digest, int64_t tick)
{
	struct brought *b;

	if (is_known(x, digest))
		return E_REVOCATION_OLD;
	if (by == NULL)
		return E_OK;
	b = brought_by(&x->held, by);
	if (tick - b->since >= BROUGHT_MS)
		*b = (struct brought){.party = *by, .since = tick};
	return b->n++ < BROUGHT_MOST ? E_OK : E_BUSY;
}

/* The commit that held it has ended. */
void
held_settle(struct exchange *x, bool committed)
{
	struct held_sweeps *h = &x->held;
	struct revocation_item item;

	for (size_t i = 0; committed && i < h->n_news; i++) {
		if (store_next_revocation(x->store, NULL, h->news[i] - 1, &item, &h->octets) !=
				E_OK ||
			item.item != h->news[i])
			continue; /* a newer one has come in the same commit */
		if (x->fx.revocation != NULL)
			x->fx.revocation(x->fx.context, &item, buf_bytes(&h->octets));
		begin_sweep(x, item.facts.country);
		for (size_t k = 0; k < x->peers.n; k++)
			x->peers.list[k]->owed_status = x->peers.list[k]->hears_status;
	}
	if (committed && h->n_news > 0)
		held_learn(x);
	h->n_news = 0;
}

/* ---- what peers know of it ---- */

void
held_heard(struct exchange *x, struct peer *p, const struct wire *w)
{
	bool known = w->number <= store_last_revocation(x->store);

	p->status_told = known ? w->number : 0;
	p->hears_status = p->owed_status = true;
}

/* In pieces, so that a peer without anything is not sent everything at once; a bundle is whole. */
void
held_tell(struct exchange *x, struct peer *p)
{
	unsigned most = p->no == PEER_COURIER ? UINT_MAX : SENT_AT_ONCE;
	struct wire w = {.verb = V_STATUS};
	struct revocation_item item;

	for (unsigned n = 0; p->owed_status && !p->gone && n < most; n++) {
		if (store_next_revocation(x->store, NULL, p->status_told, &item, &x->held.octets) !=
			E_OK) {
			p->owed_status = false;
			return;
		}
		w.number = p->status_told = item.item;
		w.extra = buf_bytes(&x->held.octets);
		p->gone = !x->fx.send(x->fx.context, p->no, &w);
	}
}
