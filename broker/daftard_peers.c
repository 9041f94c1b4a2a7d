/* SPDX-License-Identifier: EUPL-1.2
 *
 * Between gate, examiners and exchange: a verb that arrives is decoded; SUBMIT and SETTLED go to an
 * examiner first, everything else to the exchange; a verb that the exchange wants to say is encoded
 * and goes to the gate. daftard itself reads nothing of a message. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/control_json.h"
#include "broker/daftard_alert.h"
#include "lib/closing.h"
#include "lib/log.h"

static bool send_wire(void *context, peer_no peer, const struct wire *w);

/* ---- who was heard ---- */

#define MALFORMED_MS 10000

static struct heard *
note_heard(struct daftard *d, const struct party *party)
{
	size_t i = 0;

	while (i < d->n_heard && !party_equal(&d->heard[i].party, party))
		i++;
	if (i == d->n_heard) {
		d->heard = xrealloc(d->heard, ++d->n_heard * sizeof(*d->heard));
		d->heard[i] = (struct heard){.party = *party, .told = -MALFORMED_MS};
	}
	d->heard[i].at = instant_now();
	return &d->heard[i];
}

/* A party that says nothing else must not fill the disk with our log. */
static void
note_malformed(struct heard *h, enum err e, size_t frames)
{
	int64_t tick = monotonic_now();

	h->malformed++;
	if (tick - h->told < MALFORMED_MS)
		return;
	log_line(LOG_WARNING, "peer=%s code=%s frames=%zu messages=%" PRIu64, h->party.code,
		err_word(e), frames, h->malformed);
	h->told = tick;
	h->malformed = 0;
}

int64_t
daftard_heard(const struct daftard *d, const struct party *party)
{
	for (size_t i = 0; i < d->n_heard; i++)
		if (party_equal(&d->heard[i].party, party))
			return d->heard[i].at;
	return 0;
}

/* ---- who was cut off ---- */

static bool
is_cut(const struct daftard *d, const struct party *party)
{
	return store_standing(d->store, NULL, party) == STANDING_CUT;
}

/* ---- from peers ---- */

/* An answer that promises nothing, so it need not wait for a commit. */
static void
refuse(struct daftard *d, peer_no peer, const struct id *id, enum err code)
{
	static const struct id none;
	const struct wire w = {.verb = V_REFUSED,
		.id = id != NULL ? *id : none,
		.code = code,
		.retry = err_retry(code) != 0,
		.text = bytes_of(err_sentence(code), strlen(err_sentence(code)))};

	(void)send_wire(d, peer, &w);
}

static enum err
within_quota(struct daftard *d, const struct trust_party *who, size_t size)
{
	int64_t wait;

	return quota_take(&d->quotas, who, size, monotonic_now(), &wait) ? E_OK : E_QUOTA;
}

/* What stops a case does not stand behind whatever else its party brings. False: it has to. */
static bool
goes_before(struct daftard *d, peer_no peer, const struct trust_party *who, const struct wire *w)
{
	return w->verb == V_SUBMIT && examiners_probably_stops(w->body) &&
	       quota_take_stop(&d->quotas, who, monotonic_now()) &&
	       examiners_queue_stop(d->examiners, peer, &who->code, w->body);
}

/* What is not to be examined is refused by the id that it seems to have; a closing statement is not
 * about messages, and waits for nothing. False: the peer is not known. */
static bool
to_examiner(struct daftard *d, peer_no peer, const struct trust_party *who, const struct wire *w,
	bool is_closing)
{
	const struct id *settles = w->verb == V_SETTLED ? &w->id : NULL;
	enum err e = exchange_hears(d->exchange, group_txn(d), peer);
	struct id id;

	if (is_closing && e == E_RECONCILING)
		e = E_OK;
	if (e == E_OK && settles == NULL && !is_closing &&
		!exchange_takes_new(d->exchange, group_txn(d), peer))
		e = E_SUSPENDED;
	if (e == E_OK && !is_closing && goes_before(d, peer, who, w))
		return true;
	if (e == E_OK)
		e = within_quota(d, who, w->body.size);
	if (e == E_OK && examiners_queue(d->examiners, peer, &who->code, w->body, settles))
		return true;
	id = settles != NULL ? *settles : examiners_probable_id(w->body);
	refuse(d, peer, &id, e == E_OK ? E_BUSY : e);
	return e != E_NOT_READY;
}

/* What has to be examined, as a SUBMIT or SETTLED: the statement of a RECON as well. */
static bool
is_document(const struct wire *w, struct wire *document)
{
	struct recon r;

	*document = *w;
	if (w->verb == V_SUBMIT || w->verb == V_SETTLED)
		return true;
	if (w->verb != V_RECON || recon_decode(w->body, &r) != E_OK || r.kind != RECON_STATEMENT)
		return false;
	*document = (struct wire){.verb = V_SUBMIT, .body = r.payload};
	return true;
}

static void
to_exchange(
	struct daftard *d, peer_no peer, const uint8_t key[CURVE_KEY_SIZE], const struct wire *w)
{
	exchange_peer_frames(
		d->exchange, group_txn(d), peer, key, w, instant_now(), monotonic_now());
	group_grow(d);
}

void
daftard_frames(void *context, peer_no peer, const uint8_t key[CURVE_KEY_SIZE],
	const struct bytes *frame, size_t n)
{
	struct daftard *d = context;
	const struct trust_party *who = trust_by_curve(d->trust, key);
	struct wire w, document;
	struct heard *heard;
	enum err e;

	/* Cut off a moment ago, and the gate did not know yet. */
	if (who == NULL || is_cut(d, &who->code))
		return;
	heard = note_heard(d, &who->code);
	e = wire_decode(frame, n, 'p', &w);
	if (e != E_OK) {
		note_malformed(heard, e, n);
		refuse(d, peer, NULL, e);
		return;
	}
	/* The rest of a STATUS counts either way. */
	if (w.verb == V_STATUS && w.extra.size > 0 &&
		(e = daftard_hear_revocation(d, peer, &who->code, w.extra)) != E_OK)
		refuse(d, peer, NULL, e);
	/* To the exchange a document of a peer that it does not know is no sign of life. */
	if (!is_document(&w, &document) || to_examiner(d, peer, who, &document, w.verb == V_RECON))
		to_exchange(d, peer, key, &w);
}

void
daftard_examined(void *context, peer_no peer, const struct verdict *v, struct bytes message,
	const struct id *settles)
{
	struct daftard *d = context;

	exchange_examined(d->exchange, group_txn(d), peer, v, message, settles, instant_now());
	group_grow(d);
}

void
daftard_gone(void *context, peer_no peer)
{
	struct daftard *d = context;

	examiners_forget(d->examiners, peer);
	exchange_peer_gone(d->exchange, peer);
}

/* ---- the gate ---- */

struct numbers {
	const struct party *party; /* NULL: of all */
	peer_no *no;
	size_t n;
};

static void
add_number(void *context, const struct peer_state *p)
{
	struct numbers *all = context;

	if (all->party != NULL && !party_equal(all->party, &p->party))
		return;
	all->no = xrealloc(all->no, (all->n + 1) * sizeof(*all->no));
	all->no[all->n++] = p->no;
}

static void
drop_connections(struct daftard *d, const struct party *party)
{
	struct numbers all = {.party = party};

	exchange_each_peer(d->exchange, add_number, &all);
	for (size_t i = 0; i < all.n; i++)
		daftard_gone(d, all.no[i]);
	free(all.no);
}

void
daftard_offender(
	void *context, const uint8_t key[CURVE_KEY_SIZE], enum gate_offence what, uint64_t octets)
{
	struct daftard *d = context;
	const struct trust_party *who = trust_by_curve(d->trust, key);
	const char *code = who != NULL ? who->code.code : "unknown";
	json_t *o;

	if (what == OFFENCE_STRANGER) {
		knock_note(&d->knocks, key, instant_now());
		return;
	}
	o = json_object();
	d->offences++;
	alerts_note(d, ALERT_OFFENDER, code);
	log_line(LOG_ERROR, "alarm: offender party=%s what=%s octets=%" PRIu64, code,
		gate_offence_word(what), octets);
	json_put_text(o, "event", "offender");
	json_put_text(o, "party", code);
	json_put_text(o, "what", gate_offence_word(what));
	json_put_number(o, "octets", octets);
	control_tell(d->control, o);
}

void
daftard_gate_died(void *context)
{
	drop_connections(context, NULL);
}

void
daftard_drop(struct daftard *d, const struct party *party)
{
	courier_cut(d, party);
	drop_connections(d, party);
}

static int64_t
monotonic_us(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		die("no clock");
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* Every key of every party but our own, and those that were cut off. */
void
daftard_admit(struct daftard *d)
{
	const struct trust_party *us = trust_exchange(d->trust);
	size_t n = 0, count = trust_count(d->trust);
	uint8_t(*keys)[CURVE_KEY_SIZE] = xcalloc(count * TRUST_CURVES + 1, CURVE_KEY_SIZE);

	for (size_t i = 0; i < count; i++) {
		const struct trust_party *p = trust_at(d->trust, i);

		if ((us != NULL && party_equal(&us->code, &p->code)) || is_cut(d, &p->code))
			continue;
		for (size_t k = 0; k < p->n_curve; k++)
			memcpy(keys[n++], p->curve[k], CURVE_KEY_SIZE);
	}
	gate_child_certs(d->gate, trust_bytes(d->trust));
	d->told = monotonic_us();
	d->told_serial = gate_child_allow(d->gate, (const uint8_t(*)[CURVE_KEY_SIZE])keys, n);
	free(keys);
}

void
daftard_gate_obeys(void *context, uint32_t serial)
{
	struct daftard *d = context;

	if (serial == d->told_serial)
		d->obeyed = monotonic_us();
}

/* ---- effects of the exchange ---- */

static bool
send_wire(void *context, peer_no peer, const struct wire *w)
{
	struct daftard *d = context;
	struct frames f;

	if (w->verb == V_REFUSED)
		d->refused[w->code]++;
	if (peer == PEER_COURIER)
		return courier_say(&d->courier, w);
	wire_encode(w, &f);
	return gate_child_send(d->gate, peer, f.frame, f.n);
}

static void
tell_event(void *context, const char *what, const struct entry *e)
{
	struct daftard *d = context;
	enum log_level level = LOG_NOTICE;

	if (strcmp(what, "offered") == 0)
		level = LOG_DETAIL;
	if (strcmp(what, "conflict") == 0 || strcmp(what, "dead-letter") == 0) {
		level = LOG_ERROR;
		alerts_note(d, what[0] == 'c' ? ALERT_CONFLICT : ALERT_DEAD_LETTER,
			e->header.from.code);
	}
	log_message(level, &e->header.id, "%s from=%s to=%s action=%s seq=%" PRIu64 "%s%s", what,
		e->header.from.code, e->header.to.code, action_word(e->header.action), e->seq,
		e->code[0] != '\0' ? " code=" : "", e->code);
	control_tell(d->control, event_json(what, e));
	if (level == LOG_DETAIL && d->courier.playing &&
		party_equal(&e->header.to, &d->courier.party))
		ledger_exported(d, e->seq);
}

static void
tell_compared(void *context, const struct party *party, const struct recon_result *r)
{
	const char *what = books_differ(r) ? "differs" : "reconciled";
	struct daftard *d = context;

	log_line(books_differ(r) ? LOG_ERROR : LOG_NOTICE,
		"%s party=%s elements=%" PRIu64 " differences=%" PRIu64 " mended=%" PRIu64
		" open=%" PRIu64,
		what, party->code, r->elements, r->differences, r->mended, r->open);
	control_tell(d->control, compared_json(what, party, r));
}

static enum err
countersign(void *context, struct bytes statement, struct buf *note)
{
	const struct daftard *d = context;
	char origin[ORIGIN_SIZE];

	if (!checkpoint_origin(trust_log_name(d->trust), store_generation(d->store), origin))
		return E_CHECKPOINT;
	return closing_countersign(statement, origin, d->log_key, note);
}

const struct exchange_effects daftard_effects = {.send = send_wire,
	.event = tell_event,
	.countersign = countersign,
	.compared = tell_compared,
	.examine = daftard_judge_again,
	.revocation = daftard_take_revocation};
