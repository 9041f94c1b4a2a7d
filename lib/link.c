/* SPDX-License-Identifier: EUPL-1.2
 *
 * Drives the rules of lib/talk.h: the loop, the connection, the clock, the examiner's process. It
 * decides nothing. */
#include "lib/link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/log.h"

#define BUDGET_LOOK_MS 50
#define BYE_COST 512
#define ANSWERS_COST 1800 /* a receipt and two notices, one with an addressee's word */
#define LEAST_DELIVERY 4096

struct link {
	struct event_base *base;
	struct link_handlers h;
	struct spool *spool;
	struct examiner *examiner;
	struct talk *talk;
	struct peer_socket *peer;
	struct curve_pair pair;
	char *endpoint;
	struct party self;
	bool thin;
	uint64_t window, budget;
	bool holds_back, spent;
	struct event *look;
	struct parcel_certs certs;
	struct line_octets before; /* of a line that was given up for another key */
	uint8_t broker[CURVE_KEY_SIZE];
	struct event *tick, *soon;
	uint64_t epoch;
	struct id incarnation;
};

/* ---- what the rules ask for ---- */

static uint64_t
passed(const struct link *l)
{
	struct line_octets now;

	link_octets(l, &now);
	return now.sent + now.received;
}

/* A message, its receipt and the first notice about it. Everything else is small, and owed. */
static bool
fits_budget(const struct link *l, const struct wire *w, const struct frames *f)
{
	OWNED_BUF(parcel) = {0};

	if (l->budget == 0 || w->verb != V_SUBMIT)
		return true;
	parcel_pack(f->frame, f->n, &l->certs, &parcel);
	return passed(l) + parcel.size + ANSWERS_COST <= l->budget;
}

static bool
send_wire(void *context, const struct wire *w)
{
	struct link *l = context;
	struct frames f;

	if (l->peer == NULL)
		return false;
	wire_encode(w, &f);
	if (!fits_budget(l, w, &f)) {
		l->holds_back = true;
		return false;
	}
	return peer_send(l->peer, f.frame, f.n);
}

static enum err
examine_message(void *context, enum examine_mode mode, struct bytes message, struct verdict *out)
{
	struct link *l = context;

	return examiner_examine(
		l->examiner, mode, mode == EXAMINE_AS_ADDRESSEE ? &l->self : NULL, message, out);
}

static enum err
examine_at(void *context, enum examine_mode mode, int64_t when, struct bytes message,
	struct verdict *out)
{
	struct link *l = context;

	return examiner_examine_at(l->examiner, mode,
		mode == EXAMINE_AS_ADDRESSEE ? &l->self : NULL, when, message, out);
}

static enum err
take_revocation(void *context, struct bytes der, struct revocation_facts *out)
{
	return examiner_revocation(((struct link *)context)->examiner, der, out);
}

static void
on_up(void *context)
{
	struct link *l = context;

	if (l->h.up != NULL)
		l->h.up(l->h.context);
}

static void
on_changed(void *context)
{
	struct link *l = context;

	if (l->h.changed != NULL)
		l->h.changed(l->h.context);
}

static void
on_trust(void *context, struct bytes list)
{
	struct link *l = context;

	if (l->h.trust != NULL)
		l->h.trust(l->h.context, list);
}

static void
on_fenced(void *context)
{
	struct link *l = context;

	peer_close(&l->peer);
	if (l->h.fenced != NULL)
		l->h.fenced(l->h.context);
}

static void
on_ledger(void *context, const struct id *conversation, enum err e, struct bytes lines)
{
	struct link *l = context;

	if (l->h.ledger != NULL)
		l->h.ledger(l->h.context, conversation, e, lines);
}

static void
on_reconciled(void *context, const struct recon_report *r)
{
	struct link *l = context;

	if (l->h.reconciled != NULL)
		l->h.reconciled(l->h.context, r);
}

static void
want_turn(void *context)
{
	event_active(((struct link *)context)->soon, EV_TIMEOUT, 0);
}

/* ---- what happens ---- */

static void
on_soon(evutil_socket_t fd, short what, void *context)
{
	struct link *l = context;

	(void)fd;
	(void)what;
	talk_turn(l->talk, instant_now(), monotonic_now());
}

/* A body that takes minutes is a sign of life, and what waits here was not lost on the way. */
static void
hear_noise(struct link *l)
{
	struct line_octets passed;

	if (l->peer == NULL || !l->thin)
		return;
	peer_octets(l->peer, &passed);
	talk_noise(l->talk, peer_heard(l->peer), peer_is_busy(l->peer), monotonic_now());
}

static void
on_tick(evutil_socket_t fd, short what, void *context)
{
	struct link *l = context;

	(void)fd;
	(void)what;
	hear_noise(l);
	talk_tick(l->talk, instant_now(), monotonic_now());
}

/* The line is given up before more than the budget has passed. What comes when little is left would
 * be cut off, so nothing is let come. */
static void
look_at_budget(struct link *l)
{
	uint64_t so_far;

	if (l->budget == 0 || l->spent || l->peer == NULL)
		return;
	so_far = passed(l);
	if (so_far + BYE_COST + LEAST_DELIVERY > l->budget)
		talk_refuse_deliveries(l->talk);
	if (so_far + BYE_COST < l->budget)
		return;
	l->spent = true;
	if (l->h.spent != NULL)
		l->h.spent(l->h.context);
}

static void
on_look(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	look_at_budget(context);
}

static void
on_frames(void *context, const struct bytes *frame, size_t n)
{
	struct link *l = context;
	struct wire w;
	enum err e;

	look_at_budget(l);
	if (l->peer == NULL)
		return;
	if (n == 0) { /* a new connection */
		talk_connected(l->talk, instant_now(), monotonic_now());
		return;
	}
	e = wire_decode(frame, n, 'b', &w);
	if (e == E_OK)
		talk_hear(l->talk, &w, instant_now(), monotonic_now());
	else
		log_line(LOG_WARNING, "link: frames dropped code=%s", err_word(e));
}

/* ---- opening and closing ---- */

static enum err
connect_to(struct link *l, const struct trust *trust)
{
	const struct trust_party *broker = trust_exchange(trust);

	if (broker == NULL || broker->n_curve == 0)
		return E_NO_TRUST;
	memcpy(l->broker, broker->curve[0], sizeof l->broker);
	TRY(peer_open(l->base, l->endpoint, l->broker, &l->pair, on_frames, l, &l->peer));
	if (l->thin)
		peer_ask_thin(l->peer, &l->certs, l->window);
	return E_OK;
}

static enum err
start_timers(struct link *l)
{
	const struct timeval every = {TALK_TICK_MS / 1000, TALK_TICK_MS % 1000 * 1000};
	const struct timeval often = {0, BUDGET_LOOK_MS * 1000};

	l->soon = event_new(l->base, -1, 0, on_soon, l);
	l->tick = event_new(l->base, -1, EV_PERSIST, on_tick, l);
	if (l->soon == NULL || l->tick == NULL || event_add(l->tick, &every) != 0)
		return E_IO;
	if (l->budget == 0)
		return E_OK;
	l->look = event_new(l->base, -1, EV_PERSIST, on_look, l);
	if (l->look == NULL || event_add(l->look, &often) != 0)
		return E_IO;
	return E_OK;
}

/* What a message of this size costs on the line is less than its octets: base64 is packed. */
static uint64_t
most_of_delivery(uint64_t budget)
{
	return budget < 2 * (uint64_t)LEAST_DELIVERY ? LEAST_DELIVERY : budget - LEAST_DELIVERY;
}

static enum err
start_talk(struct link *l, const struct link_options *o, uint64_t epoch)
{
	const struct talk_effects fx = {.context = l,
		.send = send_wire,
		.examine = l->examiner == NULL ? NULL : examine_message,
		.examine_at = l->examiner == NULL ? NULL : examine_at,
		.revocation = l->examiner == NULL ? NULL : take_revocation,
		.up = on_up,
		.changed = on_changed,
		.trust = on_trust,
		.fenced = on_fenced,
		.soon = want_turn,
		.reconciled = on_reconciled,
		.ledger = on_ledger};
	struct talk_options t = {.program = o->program,
		.self = o->self,
		.trust = o->trust,
		.credit = o->credit,
		.identity = o->identity,
		.epoch = epoch,
		.thin = o->thin,
		.most = o->budget == 0 ? 0 : most_of_delivery(o->budget),
		.in_order = true};

	if (getrandom(&t.incarnation, sizeof t.incarnation, 0) != sizeof t.incarnation ||
		getrandom(&t.seed, sizeof t.seed, 0) != sizeof t.seed)
		return E_IO;
	l->epoch = epoch;
	l->incarnation = t.incarnation;
	l->talk = talk_new(&t, l->spool, &fx, instant_now(), monotonic_now());
	return E_OK;
}

enum err
link_open(struct event_base *base, const struct link_options *o, struct spool *spool,
	struct examiner *examiner, const struct link_handlers *h, struct link **out)
{
	OWNED(struct link, l, link_close) = xcalloc(1, sizeof *l);
	uint64_t epoch;

	TRY(spool_take_link(spool, &epoch));
	l->spool = spool;
	l->base = base;
	l->examiner = examiner;
	l->self = o->self;
	l->pair = o->pair;
	l->endpoint = xstrdup(o->endpoint);
	if (h != NULL)
		l->h = *h;
	l->thin = o->thin;
	l->window = o->window;
	l->budget = o->budget;
	if (l->thin)
		parcel_certs_of(&l->certs, trust_bytes(o->trust));
	TRY(start_talk(l, o, epoch));
	TRY(start_timers(l));
	TRY(connect_to(l, o->trust));
	*out = TAKE(l);
	return E_OK;
}

void
link_close(struct link **l)
{
	struct link *k = *l;

	if (k == NULL)
		return;
	if (k->talk != NULL)
		talk_bye(k->talk);
	peer_close(&k->peer);
	talk_free(&k->talk);
	if (k->tick != NULL)
		event_free(k->tick);
	if (k->look != NULL)
		event_free(k->look);
	if (k->soon != NULL)
		event_free(k->soon);
	if (k->spool != NULL)
		spool_give_link(k->spool);
	OPENSSL_cleanse(k->pair.secret_key, sizeof k->pair.secret_key);
	free_chars(&k->endpoint);
	parcel_certs_clear(&k->certs);
	free(TAKE(*l));
}

/* A list with another key of the broker means another connection. */
void
link_trust(struct link *l, const struct trust *trust)
{
	const struct trust_party *broker = trust_exchange(trust);

	talk_trust(l->talk, trust);
	if (talk_is_fenced(l->talk) || broker == NULL || broker->n_curve == 0 ||
		memcmp(l->broker, broker->curve[0], sizeof l->broker) == 0)
		return;
	link_octets(l, &l->before);
	peer_close(&l->peer);
	talk_lost(l->talk);
	if (connect_to(l, trust) != E_OK)
		log_line(LOG_ERROR, "link: cannot connect with the broker's new key");
}

void
link_set_revocation(struct link *l, const struct bytes *der, size_t n)
{
	talk_set_revocation(l->talk, der, n);
}

void
link_kick(struct link *l)
{
	want_turn(l);
}

void
link_reconcile(struct link *l)
{
	talk_reconcile(l->talk, instant_now(), monotonic_now());
}

enum err
link_reconcile_with(struct link *l, const struct talk_scope *s)
{
	return talk_reconcile_with(l->talk, s, instant_now(), monotonic_now());
}

enum err
link_log_compare(struct link *l, struct bytes note)
{
	return talk_log_compare(l->talk, note, instant_now(), monotonic_now());
}

enum err
link_log_acknowledge(struct link *l)
{
	return talk_log_acknowledge(l->talk, instant_now(), monotonic_now());
}

enum err
link_ledger(struct link *l, const struct id *conversation)
{
	return talk_ledger_ask(l->talk, conversation, instant_now(), monotonic_now());
}

bool
link_holds_back(const struct link *l)
{
	return l->holds_back;
}

void
link_octets(const struct link *l, struct line_octets *out)
{
	struct line_octets now = {0};

	if (l->peer != NULL)
		peer_octets(l->peer, &now);
	out->sent = l->before.sent + now.sent;
	out->received = l->before.received + now.received;
}

bool
link_is_up(const struct link *l)
{
	return talk_is_up(l->talk);
}

void
link_instance(const struct link *l, uint64_t *epoch, struct id *incarnation)
{
	*epoch = l->epoch;
	*incarnation = l->incarnation;
}
