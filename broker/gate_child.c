/* SPDX-License-Identifier: EUPL-1.2
 *
 * Connection numbers are the gate's own below, and the count of its starts above: so a number of a
 * gate that died is never taken for a connection of the next one.
 *
 * A gate that says what no gate says is killed: nothing that it said then counts, and its peers
 * connect again to the one that follows. */
#include "broker/gate_child.h"

#include <stdlib.h>
#include <string.h>

#include "broker/respawn.h"
#include "lib/channel.h"
#include "lib/child.h"
#include "lib/log.h"

#define NUMBER_BITS 40
#define BACKLOG_MAX (16u << 20) /* towards the gate */

struct gate_child {
	struct event_base *base;
	struct gate_child_handlers h;
	char *program;
	char endpoint[GATE_ENDPOINT_SIZE]; /* to bind; once bound, the real one */
	struct curve_pair pair;
	struct buf allow;	  /* the frame that tells who is admitted; empty: not yet told */
	struct buf certs;	  /* the frame that tells which certificates need not travel */
	struct buf keys;	  /* that it tells of */
	uint32_t serial, allowed; /* told, and in force at the gate that runs */
	int64_t asked;		  /* monotonic ms: since when it has owed an answer */
	struct buf out;
	struct channel *channel;
	pid_t pid;
	uint64_t starts;
	bool bound, ever_bound;
	struct respawn respawn;
};

static peer_no
our_number(const struct gate_child *g, peer_no theirs)
{
	return g->starts << NUMBER_BITS | theirs;
}

static void
lose_gate(struct gate_child *g)
{
	channel_free(&g->channel);
	helper_kill(&g->pid);
	g->bound = false;
	g->allowed = 0;
	g->h.died(g->h.context);
	respawn_died(&g->respawn);
}

static bool
is_number(const struct gate_said *said)
{
	return said->peer != 0 && said->peer >> NUMBER_BITS == 0;
}

/* Serial numbers rise, and none is confirmed that was not told. */
static bool
hear_allowed(struct gate_child *g, uint32_t serial)
{
	if (!g->bound || serial <= g->allowed || serial > g->serial)
		return false;
	g->allowed = serial;
	if (g->h.allowed != NULL)
		g->h.allowed(g->h.context, serial);
	return true;
}

/* False when a gate would not say this. */
static bool
hear(struct gate_child *g, const struct gate_said *said)
{
	switch (said->kind) {
	case GATE_BOUND:
		if (g->bound)
			return false;
		g->bound = g->ever_bound = true;
		memcpy(g->endpoint, said->text, sizeof(g->endpoint));
		g->h.bound(g->h.context, g->endpoint);
		return true;
	case GATE_FAILED:
		log_line(LOG_ERROR, "gate: cannot listen at %s code=%s", g->endpoint, said->text);
		if (!g->ever_bound)
			g->h.failed(g->h.context, err_of_word(said->text));
		return true;
	case GATE_FRAMES:
		if (!g->bound || !is_number(said))
			return false;
		g->h.frames(
			g->h.context, our_number(g, said->peer), said->key, said->frame, said->n);
		return true;
	case GATE_GONE:
		if (!is_number(said))
			return false;
		g->h.gone(g->h.context, our_number(g, said->peer));
		return true;
	case GATE_OFFENDER:
		if (g->h.offender != NULL)
			g->h.offender(g->h.context, said->key, said->offence, said->octets);
		return g->bound;
	case GATE_ALLOWED:
		return hear_allowed(g, said->serial);
	case GATE_OPEN:
	case GATE_ALLOW:
	case GATE_CERTS:
	case GATE_SEND:
		return false;
	}
	return false;
}

static void
on_frame(void *context, struct bytes frame)
{
	struct gate_child *g = context;
	struct gate_said said;

	if (frame.data == NULL) {
		log_line(LOG_ERROR, "gate: died, is started again");
		lose_gate(g);
		return;
	}
	if (gate_frame_read(frame, &said) && hear(g, &said))
		return;
	log_line(LOG_ERROR, "gate: said what no gate says, is replaced");
	lose_gate(g);
}

static void
on_start(evutil_socket_t fd, short what, void *context)
{
	struct gate_child *g = context;
	char *argv[] = {g->program, NULL};
	int end;

	(void)fd;
	(void)what;
	respawn_started(&g->respawn);
	g->starts++;
	if (child_start(argv, &g->pid, &end) != E_OK) {
		g->pid = 0;
		log_line(LOG_ERROR, "gate: %s cannot be started", g->program);
		respawn_died(&g->respawn);
		return;
	}
	g->channel = channel_new(g->base, end, on_frame, g);
	g->asked = monotonic_now();
	gate_frame_open(&g->out, &g->pair, g->endpoint);
	channel_send(g->channel, buf_bytes(&g->out));
	if (g->certs.size > 0)
		channel_send(g->channel, buf_bytes(&g->certs));
	if (g->allow.size > 0)
		channel_send(g->channel, buf_bytes(&g->allow));
}

enum err
gate_child_open(struct event_base *base, const char *endpoint, const struct curve_pair *pair,
	const struct gate_child_handlers *h, struct gate_child **out)
{
	OWNED(struct gate_child, g, gate_child_close) = xcalloc(1, sizeof(*g));

	g->base = base;
	g->h = *h;
	g->pair = *pair;
	if (!copy_text(g->endpoint, sizeof(g->endpoint), endpoint))
		return E_CONFIG;
	TRY(child_find("daftar-gate", "broker", &g->program));
	respawn_open(&g->respawn, base, on_start, g);
	event_active(g->respawn.timer, EV_TIMEOUT, 0);
	*out = TAKE(g);
	return E_OK;
}

void
gate_child_close(struct gate_child **g)
{
	if (*g == NULL)
		return;
	channel_free(&(*g)->channel);
	helper_kill(&(*g)->pid);
	respawn_close(&(*g)->respawn);
	buf_free(&(*g)->allow);
	buf_free(&(*g)->keys);
	buf_free(&(*g)->certs);
	buf_free(&(*g)->out);
	free((*g)->program);
	explicit_bzero(*g, sizeof(**g));
	free(*g);
	*g = NULL;
}

void
gate_child_certs(struct gate_child *g, struct bytes list)
{
	struct parcel_certs certs = {.n = 0};

	parcel_certs_of(&certs, list);
	gate_frame_certs(&g->certs, &certs);
	parcel_certs_clear(&certs);
	if (g->channel != NULL)
		channel_send(g->channel, buf_bytes(&g->certs));
}

static void
tell_allowed(struct gate_child *g)
{
	if (g->allowed == g->serial)
		g->asked = monotonic_now();
	gate_frame_allow(&g->allow, ++g->serial, (const uint8_t(*)[CURVE_KEY_SIZE])g->keys.data,
		g->keys.size / CURVE_KEY_SIZE);
	if (g->channel != NULL)
		channel_send(g->channel, buf_bytes(&g->allow));
}

uint32_t
gate_child_allow(struct gate_child *g, const uint8_t (*keys)[CURVE_KEY_SIZE], size_t n)
{
	buf_reset(&g->keys);
	buf_add(&g->keys, keys, n * CURVE_KEY_SIZE);
	tell_allowed(g);
	return g->serial;
}

int64_t
gate_child_owes(const struct gate_child *g)
{
	if (g->channel == NULL || g->allowed == g->serial)
		return 0;
	return monotonic_now() - g->asked;
}

void
gate_child_ask(struct gate_child *g, int64_t patience)
{
	if (gate_child_owes(g) > patience) {
		log_line(LOG_ERROR, "gate: does not answer, is replaced");
		lose_gate(g);
	} else if (g->channel != NULL && g->allowed == g->serial) {
		tell_allowed(g);
	}
}

bool
gate_child_in_force(const struct gate_child *g, uint32_t serial)
{
	return g->channel == NULL || g->allowed >= serial;
}

bool
gate_child_send(struct gate_child *g, peer_no peer, const struct bytes *frame, size_t n)
{
	if (g->channel == NULL || peer >> NUMBER_BITS != g->starts)
		return false;
	if (channel_pending(g->channel) > BACKLOG_MAX)
		return false;
	gate_frame_send(&g->out, peer & ((1ull << NUMBER_BITS) - 1), frame, n);
	channel_send(g->channel, buf_bytes(&g->out));
	return true;
}

pid_t
gate_child_pid(const struct gate_child *g)
{
	return g->pid;
}

unsigned
gate_child_starts(const struct gate_child *g)
{
	return (unsigned)g->starts;
}
