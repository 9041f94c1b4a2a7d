/* SPDX-License-Identifier: EUPL-1.2
 *
 * A bundle is played a piece at a time, as often as the operator's tool asks: at most as many verbs
 * as the examiners have room for, then the loop has its turn again. When the last verb was heard
 * and judged, and what it led to is committed, CREDIT is said for the party until no notices are
 * left; only then is the answer signed. */
#include "broker/courier.h"

#include "broker/daftard.h"
#include "broker/dispatch.h"
#include "lib/log.h"

#define ROOM_WANTED (WIRE_FRAME_MAX + 1)
#define VERBS_AT_ONCE 256 /* then the loop has its turn, whatever they are */

void
courier_clear(struct courier *c)
{
	buf_free(&c->in);
	buf_free(&c->out);
	*c = (struct courier){.playing = false};
}

bool
courier_say(struct courier *c, const struct wire *w)
{
	if (!c->playing || !bundle_add(&c->out, w))
		return false;
	c->said++;
	if (w->verb == V_CONFIRM && w->number > c->notice)
		c->notice = w->number;
	return true;
}

/* What is refused because there is no room would be passed by what comes behind it. */
static bool
may_go_on(const struct daftard *d)
{
	return examiners_have_room(d->examiners, PEER_COURIER, ROOM_WANTED) &&
	       !examiners_shun(d->examiners, &d->courier.party);
}

static void
leave(struct daftard *d)
{
	examiners_forget(d->examiners, PEER_COURIER);
	exchange_peer_gone(d->exchange, PEER_COURIER);
	d->courier.playing = false;
}

void
courier_cut(struct daftard *d, const struct party *party)
{
	if (!d->courier.playing || !party_equal(&d->courier.party, party))
		return;
	leave(d);
	courier_clear(&d->courier);
}

enum err
courier_begin(struct daftard *d, bool force)
{
	if (d->courier.playing && !force)
		return E_BUSY;
	if (d->courier.playing)
		leave(d);
	courier_clear(&d->courier);
	return E_OK;
}

enum err
courier_put(struct daftard *d, struct bytes part)
{
	struct courier *c = &d->courier;

	if (c->playing || c->signed_off)
		return E_STATE;
	if (c->in.size + part.size > BUNDLE_MAX)
		return E_TOO_LARGE;
	buf_add_bytes(&c->in, part);
	return E_OK;
}

enum err
courier_open(struct daftard *d)
{
	const struct party *us = &trust_exchange(d->trust)->code;
	struct courier *c = &d->courier;
	const struct trust_party *who;
	struct bundle_head h, answer = {.from = *us, .made = instant_now()};

	if (c->playing || c->signed_off)
		return E_STATE;
	TRY(bundle_open(buf_bytes(&c->in), d->trust, us, instant_now(), &h, &c->verbs));
	who = trust_party(d->trust, &h.from);
	if (who == NULL || who->n_curve == 0)
		return E_UNKNOWN_PARTY;
	if (store_standing(d->store, NULL, &h.from) == STANDING_CUT)
		return E_CUT;
	if (store_is_barred(d->store, NULL, &h.from, &h.cert))
		return E_CERT_REVOKED;
	c->party = h.from;
	memcpy(c->key, who->curve[0], sizeof c->key);
	answer.to = h.from;
	memcpy(answer.realm, h.realm, sizeof answer.realm);
	bundle_begin(&c->out, &answer);
	c->playing = true;
	log_line(LOG_NOTICE, "bundle: from=%s octets=%zu", h.from.code, c->in.size);
	return E_OK;
}

/* ---- playing ---- */

/* The party has, or will have, every notice that is in the answer: the next ones, please. */
static bool
ask_for_notices(struct daftard *d)
{
	struct courier *c = &d->courier;
	const struct wire w = {
		.verb = V_CREDIT, .resume = c->notice, .number = DISPATCH_COURIER_CREDIT};

	if (c->notice == c->credited)
		return false;
	c->credited = c->notice;
	exchange_peer_frames(d->exchange, group_txn(d), PEER_COURIER, c->key, &w, instant_now(),
		monotonic_now());
	group_end(d);
	return true;
}

static enum err
sign_off(struct daftard *d)
{
	struct courier *c = &d->courier;

	leave(d);
	c->signed_off = true;
	log_line(LOG_NOTICE, "bundle: answered to=%s heard=%llu said=%llu", c->party.code,
		(unsigned long long)c->heard, (unsigned long long)c->said);
	return bundle_sign_as_exchange(&c->out, d->log_key);
}

/* Where the party's notices go on from. */
static void
note_hello(struct courier *c, const struct bytes *frame, size_t n)
{
	struct wire w;

	if (wire_decode(frame, n, 'p', &w) != E_OK || w.verb != V_HELLO)
		return;
	c->notice = w.resume;
	c->credited = UINT64_MAX;
}

enum err
courier_step(struct daftard *d, bool *done)
{
	struct bytes frame[WIRE_FRAMES_MAX];
	struct courier *c = &d->courier;
	enum err e = E_OK;
	size_t n;

	*done = c->signed_off;
	if (!c->playing)
		return c->signed_off ? E_OK : E_STATE;
	for (int i = 0; i < VERBS_AT_ONCE && may_go_on(d) &&
			(e = bundle_next(&c->verbs, frame, &n)) == E_OK;
		i++) {
		note_hello(c, frame, n);
		daftard_frames(d, PEER_COURIER, c->key, frame, n);
		c->heard++;
	}
	group_end(d);
	if (e == E_OK || examiners_are_at(d->examiners, PEER_COURIER))
		return E_OK;
	while (ask_for_notices(d))
		;
	*done = true;
	return sign_off(d);
}
