/* SPDX-License-Identifier: EUPL-1.2
 *
 * After a restore: which parties have to be heard before messages go on, of one message and of all
 * that waits. An operator calls those offices; nothing here changes anything. */
#include <stdlib.h>

#include "broker/control_look.h"

#define LOOKED_MOST 512 /* messages of all queues together that a status looks at .. */
#define LOOKED_LEAST 16 /* .. and of each queue at least */

static const char *
as_word(enum waits_as as)
{
	switch (as) {
	case WAITS_ADDRESSEE:
		return "addressee";
	case WAITS_SENDER:
		return "sender";
	case WAITS_OFFICE:
		break;
	}
	return "office";
}

/* "compares": it has not yet. "speaks": it has, and may say until then what was withdrawn. */
static json_t *
wait_json(struct daftard *d, const struct waits_for *w)
{
	json_t *o = json_object();

	json_put_text(o, "party", w->party.code);
	json_put_text(o, "does", w->until == 0 ? "compares" : "speaks");
	json_put(o, "until", json_instant(w->until));
	json_put(o, "connected", json_boolean(party_is_connected(d, &w->party)));
	return o;
}

json_t *
waits_for_json(struct daftard *d, const struct entry *e)
{
	struct waits_for w[WAITS_MOST];
	size_t n = exchange_waits_for(d->exchange, e, instant_now(), w);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *o = wait_json(d, &w[i]);

		json_put_text(o, "as", as_word(w[i].as));
		json_add(list, o);
	}
	return list;
}

/* ---- all of them ---- */

struct awaited {
	struct waits_for *list;
	uint64_t *messages;
	size_t n;
	bool more; /* there are queues that were not looked through to their end */
};

static void
count(struct awaited *a, const struct waits_for *w)
{
	size_t i = 0;

	while (i < a->n && !party_equal(&a->list[i].party, &w->party))
		i++;
	if (i == a->n) {
		a->list = xrealloc(a->list, (a->n + 1) * sizeof *a->list);
		a->messages = xrealloc(a->messages, (a->n + 1) * sizeof *a->messages);
		a->list[a->n] = *w;
		a->messages[a->n++] = 0;
	}
	a->messages[i]++;
}

typedef size_t queue_reader(
	struct store *s, const struct party *to, uint64_t after, struct entry *out, size_t max);

static void
look_at_queue(struct daftard *d, queue_reader *read, const struct party *to, size_t most,
	struct awaited *a)
{
	OWNED(struct entry, found, entries_free) = xcalloc(most, sizeof *found);
	size_t n = read(d->store, to, 0, found, most);
	struct waits_for w[WAITS_MOST];

	for (size_t i = 0; i < n; i++) {
		size_t parties = exchange_waits_for(d->exchange, &found[i], instant_now(), w);

		for (size_t k = 0; k < parties; k++)
			count(a, &w[k]);
	}
	a->more = a->more || n == most;
}

static void
look_at_all(struct daftard *d, struct awaited *a)
{
	size_t most = LOOKED_MOST / (trust_count(d->trust) + 1);

	if (most < LOOKED_LEAST)
		most = LOOKED_LEAST;
	for (size_t i = 0; i < trust_count(d->trust); i++) {
		look_at_queue(d, store_queue, &trust_at(d->trust, i)->code, most, a);
		look_at_queue(d, store_urgent, &trust_at(d->trust, i)->code, most, a);
	}
}

/* Where not everything was looked at, each party that has not compared may be one that is waited
 * for. */
static void
add_unseen(struct daftard *d, struct awaited *a)
{
	for (size_t i = 0; a->more && i < trust_count(d->trust); i++) {
		const struct trust_party *p = trust_at(d->trust, i);
		size_t k = 0;

		while (k < a->n && !party_equal(&a->list[k].party, &p->code))
			k++;
		if (k < a->n || p->role == ROLE_EXCHANGE ||
			store_reconciled(d->store, NULL, &p->code))
			continue;
		count(a, &(const struct waits_for){.party = p->code});
		a->messages[a->n - 1] = 0;
	}
}

void
waits_put(struct daftard *d, json_t *status)
{
	struct awaited a = {.n = 0};
	json_t *list = json_array();

	if (store_is_restored(d->store)) {
		look_at_all(d, &a);
		add_unseen(d, &a);
	}
	for (size_t i = 0; i < a.n; i++) {
		json_t *o = wait_json(d, &a.list[i]);

		json_put_number(o, "messages", a.messages[i]);
		json_add(list, o);
	}
	json_put(status, "waits_for", list);
	json_put(status, "waits_for_more", json_boolean(a.more));
	free(a.list);
	free(a.messages);
}
