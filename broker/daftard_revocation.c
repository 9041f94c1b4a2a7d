/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation data in daftard: what a peer or the operator hands in goes to an examiner, unread;
 * what an examiner has found in it goes to the exchange, which writes it down; and from there it
 * comes back, to be given to all examiners. What runs out is said in the log, each once a day. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "broker/daftard.h"
#include "lib/log.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

/* ---- in ---- */

/* E_OK: it is being checked. */
static enum err
hand_in(struct daftard *d, peer_no peer, const struct party *by, struct bytes der)
{
	struct digest digest;

	if (der.size > REVOCATION_MAX)
		return E_TOO_LARGE;
	digest_of(der.data, der.size, &digest);
	TRY(exchange_hears_revocation(
		d->exchange, peer == PEER_OPERATOR ? NULL : by, &digest, monotonic_now()));
	return examiners_revocation(d->examiners, peer, by, der) ? E_OK : E_BUSY;
}

enum err
daftard_hear_revocation(struct daftard *d, peer_no peer, const struct party *by, struct bytes der)
{
	if (exchange_hears(d->exchange, group_txn(d), peer) == E_NOT_READY)
		return E_OK; /* the exchange says so */
	return hand_in(d, peer, by, der);
}

/* ---- an examiner's answer ---- */

void
daftard_checked_revocation(void *context, peer_no peer, const struct party *by,
	const struct revocation_facts *f, struct bytes der)
{
	struct daftard *d = context;
	bool ours = peer == PEER_OPERATOR;
	enum err e = exchange_revocation(
		d->exchange, group_txn(d), peer, ours ? NULL : by, f, der, instant_now());

	if (e != E_OK)
		log_line(LOG_WARNING, "revocation data of %s is not taken code=%s",
			ours ? "the operator" : by->code, err_word(e));
	if (ours) {
		d->revocation.code = e;
		d->revocation.checking = false;
	}
	group_grow(d);
}

/* ---- effects of the exchange ---- */

bool
daftard_judge_again(
	void *context, uint64_t seq, const struct party *from, struct bytes message, int64_t when)
{
	struct daftard *d = context;

	return examiners_again(d->examiners, seq, from, message, when);
}

void
daftard_judged_again(void *context, uint64_t seq, const struct verdict *v)
{
	struct daftard *d = context;

	exchange_again(d->exchange, group_txn(d), seq, v, instant_now());
	group_grow(d);
}

void
daftard_take_revocation(void *context, const struct revocation_item *item, struct bytes der)
{
	struct daftard *d = context;
	const struct revocation_facts *f = &item->facts;
	char until[INSTANT_TEXT_SIZE];

	instant_format(f->next_update, until);
	log_line(LOG_NOTICE, "revocation data item=%" PRIu64 " country=%s kind=%s next-update=%s",
		item->item, f->country[0] != '\0' ? f->country : "-",
		f->kind == REVOCATION_CRL ? "CRL" : "OCSP", until);
	examiners_keep(d->examiners, f, der);
	d->revocation.next_look = 0;
}

/* What the store has, to examiners that have just been opened. */
void
daftard_remember_revocation(struct daftard *d)
{
	struct revocation_item item = {.item = 0};
	OWNED_BUF(der) = {0};

	while (store_next_revocation(d->store, NULL, item.item, &item, &der) == E_OK)
		examiners_keep(d->examiners, &item.facts, buf_bytes(&der));
}

/* ---- running out ---- */

static struct warned *
warned_of(struct daftard *d, uint64_t item)
{
	struct daftard_revocation *r = &d->revocation;

	for (size_t i = 0; i < r->n_warned; i++)
		if (r->warned[i].item == item)
			return &r->warned[i];
	r->warned = xrealloc(r->warned, (r->n_warned + 1) * sizeof *r->warned);
	r->warned[r->n_warned] = (struct warned){.item = item};
	return &r->warned[r->n_warned++];
}

static void
warn(struct daftard *d, const struct revocation_item *item, int64_t now)
{
	int64_t left = item->facts.next_update - now;
	struct warned *w;

	if (left >= DAY_MS)
		return;
	w = warned_of(d, item->item);
	if (w->at != 0 && now - w->at < DAY_MS && w->ended == (left < 0))
		return;
	w->at = now;
	w->ended = left < 0;
	log_line(LOG_WARNING,
		"revocation data item=%" PRIu64 " of %s %s; a newer one: daftarctl crl add FILE",
		item->item, item->facts.country[0] != '\0' ? item->facts.country : "the realm",
		w->ended ? "has run out" : "runs out within 24 hours");
}

void
daftard_watch_revocation(struct daftard *d)
{
	struct revocation_item item = {.item = 0};
	int64_t now = instant_now(), tick = monotonic_now();

	if (tick < d->revocation.next_look)
		return;
	d->revocation.next_look = tick + HOUR_MS;
	while (store_next_revocation(d->store, NULL, item.item, &item, NULL) == E_OK)
		warn(d, &item, now);
}

void
daftard_forget_revocation(struct daftard *d)
{
	free(d->revocation.warned);
	buf_free(&d->revocation.in);
}

/* ---- the operator's ---- */

enum err
daftard_add_revocation(struct daftard *d)
{
	struct daftard_revocation *r = &d->revocation;
	enum err e;

	if (r->checking)
		return E_BUSY;
	if (r->in.size == 0)
		return E_USAGE;
	e = hand_in(d, PEER_OPERATOR, &trust_exchange(d->trust)->code, buf_bytes(&r->in));
	r->checking = e == E_OK;
	r->code = e;
	buf_reset(&r->in);
	return e;
}
