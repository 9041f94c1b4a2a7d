/* SPDX-License-Identifier: EUPL-1.2
 *
 * What waits for an examiner and by which trust list it is judged. The messages themselves wait in
 * lanes (lanes.c), revocation data in items (items.c). */
#include "broker/examiners_parts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/child.h"

bool
examiners_queue(struct examiners *x, peer_no peer, const struct party *party, struct bytes message,
	const struct id *settles)
{
	if (examiners_shun(x, party) || !lanes_have_room(&x->lanes, peer, party, message.size))
		return false;
	lanes_add(&x->lanes, peer, party, message, settles);
	workers_give(x);
	return true;
}

bool
examiners_queue_stop(
	struct examiners *x, peer_no peer, const struct party *party, struct bytes message)
{
	if (examiners_shun(x, party) || !lanes_have_room_to_stop(&x->lanes, peer, message.size))
		return false;
	lanes_add_stop(&x->lanes, peer, party, message);
	workers_give(x);
	return true;
}

bool
examiners_again(struct examiners *x, uint64_t seq, const struct party *party, struct bytes message,
	int64_t when)
{
	struct job *j;

	if (examiners_shun(x, party) || !lanes_have_room(&x->lanes, PEER_AGAIN, NULL, message.size))
		return false;
	j = lanes_add(&x->lanes, PEER_AGAIN, party, message, NULL);
	j->again = seq;
	j->when = when;
	workers_give(x);
	return true;
}

bool
examiners_revocation(struct examiners *x, peer_no peer, const struct party *party, struct bytes der)
{
	if (examiners_shun(x, party) || !items_offer(&x->items, peer, party, der))
		return false;
	workers_give(x);
	return true;
}

void
examiners_keep(struct examiners *x, const struct revocation_facts *f, struct bytes der)
{
	items_put(&x->items, f->kind, &f->subject, der);
	workers_give(x);
}

bool
examiners_have_room(const struct examiners *x, peer_no peer, size_t size)
{
	return lanes_have_room(&x->lanes, peer, NULL, size);
}

bool
examiners_are_at(const struct examiners *x, peer_no peer)
{
	return lanes_have(&x->lanes, peer);
}

void
examiners_forget(struct examiners *x, peer_no peer)
{
	lanes_forget(&x->lanes, peer);
}

/* ---- opening and closing ---- */

/* Behind what is already in each pipe: a message is judged by the list of when it came. */
void
examiners_trust(struct examiners *x, struct bytes trust_list, X509 *operator_cert)
{
	examiner_frame_trust(&x->trust, trust_list, operator_cert);
	for (size_t i = 0; i < x->n; i++) {
		struct worker *w = &x->workers[i];

		if (w->channel == NULL)
			continue;
		if (w->n_asked < ARRAY_LEN(w->asked))
			worker_ask_trust(w);
		else
			worker_lose(w, false);
	}
}

enum err
examiners_open(struct event_base *base, size_t n, struct bytes trust_list, X509 *operator_cert,
	const struct examiners_handlers *h, struct examiners **out)
{
	OWNED(struct examiners, x, examiners_close) = xcalloc(1, sizeof(*x));

	x->base = base;
	x->h = *h;
	lanes_open(&x->lanes);
	items_open(&x->items);
	TRY(child_find("daftar-examiner", "broker", &x->program));
	examiner_frame_trust(&x->trust, trust_list, operator_cert);
	x->workers = xcalloc(n, sizeof(*x->workers));
	x->n = n;
	for (size_t i = 0; i < n; i++)
		worker_open(x, &x->workers[i]);
	*out = TAKE(x);
	return E_OK;
}

void
examiners_close(struct examiners **x)
{
	if (*x == NULL)
		return;
	for (size_t i = 0; i < (*x)->n; i++)
		worker_close(&(*x)->workers[i]);
	lanes_close(&(*x)->lanes);
	items_close(&(*x)->items);
	free((*x)->workers);
	free((*x)->program);
	buf_free(&(*x)->trust);
	buf_free(&(*x)->out);
	free(*x);
	*x = NULL;
}

void
examiners_figures(const struct examiners *x, struct examiners_figures *out)
{
	*out = x->figures;
	out->waiting = x->lanes.waiting;
}

pid_t
examiners_pid(const struct examiners *x, size_t i)
{
	return x->workers[i].pid;
}

size_t
examiners_count(const struct examiners *x)
{
	return x->n;
}
