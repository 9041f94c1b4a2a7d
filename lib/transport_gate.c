/* SPDX-License-Identifier: EUPL-1.2
 *
 * The gate's end of the transport: a ROUTER, and the ZAP handler (ZeroMQ RFC 27) that decides who
 * may connect, in the same loop, from a table in memory. libzmq lets everybody in when no handler
 * answers; ZMQ_ZAP_ENFORCE_DOMAIN turns that round, and the gate does not open without it.
 *
 * ZAP is asked once, when a connection is made, so every message is held against the list again,
 * and the connections of a key that leaves it are shut down (transport_lines.c).
 *
 * Who speaks is the User-Id that our handler gave to the connection and that libzmq attaches to
 * every body frame. The routing id is only an address to answer to. Whoever chooses one for itself
 * could take over somebody else's: that ends its connection.
 *
 * All that is there is read at once, and waits here for its turn (transport_crowd.c). libzmq can
 * stop reading a connection instead (ZMQ_RCVHWM), but 4.3.4 ends the process by an assertion when a
 * connection that is not read is reset and a PING waits in it: any peer could do that. */
#include <string.h>

#include "lib/transport_gate_parts.h"

#define SILENT_MS 60000
#define SWEEP_S 15

/* What waits for a peer is bounded by its credit and by what it has asked; the high-water mark is
 * well above both, so that a peer which meets it has really stopped reading. */
static const struct zmq_option options[] = {
	{ZMQ_ZAP_ENFORCE_DOMAIN, 1},
	{ZMQ_CURVE_SERVER, 1},
	{ZMQ_MAXMSGSIZE, ZMQ_FRAME_LIMIT},
	{ZMQ_HANDSHAKE_IVL, 3000},
	{ZMQ_BACKLOG, 256},
	{ZMQ_HEARTBEAT_IVL, 5000},
	{ZMQ_HEARTBEAT_TIMEOUT, 15000},
	{ZMQ_TCP_KEEPALIVE, 1},
	{ZMQ_ROUTER_MANDATORY, 1},
	{ZMQ_ROUTER_HANDOVER, 0},
	{ZMQ_SNDHWM, 1024},
	{ZMQ_RCVHWM, 0}, /* none; see above */
	{ZMQ_LINGER, 0},
	{0},
};

#define MESSAGE_COST 256
#define FRAME_COST 256

/* ---- who was heard ---- */

/* What it said and waits goes with it. */
static void
peer_ended(void *context, struct peer *p)
{
	struct gate_socket *g = context;
	const struct said *s;

	STAILQ_FOREACH(s, &p->said, next)
	lines_waits(g->lines, p->fd, -(int64_t)s->octets);
	thins_forget(g->thins, p);
	g->h.gone(g->h.context, p->no);
}

static bool
is_not_heard(void *context, struct peer *p)
{
	const struct gate_socket *g = context;

	return !admission_hears(g->admission, p->key, monotonic_now());
}

/* Whatever is not in the list, or shut out: the connections are ended, not only ignored. */
static void
cut_unheard(struct gate_socket *g)
{
	lines_cut_unheard(g->lines);
	crowd_forget_lost(g->crowd, is_not_heard, g);
}

static bool
is_silent(void *context, struct peer *p)
{
	(void)context;
	return monotonic_now() - p->heard > SILENT_MS;
}

/* Every peer speaks every 10 s. */
static void
on_sweep(evutil_socket_t fd, short what, void *context)
{
	struct gate_socket *g = context;

	(void)fd;
	(void)what;
	crowd_forget_lost(g->crowd, is_silent, g);
}

static bool
deserves_ban(enum gate_offence what)
{
	return what == OFFENCE_ENDLESS || what == OFFENCE_ROUTE;
}

static bool
is_of_file(void *context, struct peer *p)
{
	return p->fd == *(const int *)context;
}

static void
on_offence(void *context, int fd, const uint8_t *key, enum gate_offence what, uint64_t octets)
{
	struct gate_socket *g = context;

	crowd_forget_lost(g->crowd, is_of_file, &fd);
	if (key != NULL && deserves_ban(what)) {
		(void)admission_ban(g->admission, key, monotonic_now());
		cut_unheard(g);
	}
	if (g->h.offence != NULL)
		g->h.offence(g->h.context, key, what, octets);
}

/* ---- messages ---- */

static bool
user_of(zframe_t *body, uint8_t key[CURVE_KEY_SIZE])
{
	const char *user = zframe_meta(body, "User-Id");

	return user != NULL && curve_parse(user, key);
}

/* An id of the peer's own choice could be taken over by somebody else between two of our sends; and
 * a key that is not in the list any more has nothing to say. */
static bool
is_heard(struct gate_socket *g, const struct parts *m, const uint8_t key[CURVE_KEY_SIZE])
{
	if (!admission_hears(g->admission, key, monotonic_now())) {
		lines_cut(g->lines, m->fd, key);
		return false;
	}
	if (zframe_size(m->frame[0]) == ROUTE_SIZE && zframe_data(m->frame[0])[0] == 0)
		return true;
	lines_offended(g->lines, m->fd, OFFENCE_ROUTE);
	return false;
}

/* What a message takes of our memory while it waits: with small ones far more than its octets. */
static uint64_t
cost_of(const struct parts *m)
{
	return m->octets + MESSAGE_COST + m->n * FRAME_COST;
}

static void
take_message(struct gate_socket *g, struct parts *m)
{
	uint8_t key[CURVE_KEY_SIZE];
	uint64_t cost = cost_of(m);
	struct peer *p;

	lines_took(g->lines, m->fd, m->octets);
	if (m->n < 2 || !user_of(m->frame[1], key))
		return;
	lines_heard(g->lines, m->fd, key);
	if (!is_heard(g, m, key) || m->too_large)
		return;
	p = crowd_meet(g->crowd, zframe_data(m->frame[0]), key);
	p->fd = m->fd;
	lines_waits(g->lines, p->fd, (int64_t)cost);
	crowd_queue(g->crowd, p, m, cost);
}

static bool send_to(
	struct gate_socket *g, const struct peer *p, const struct bytes *frame, size_t n);

/* What the line has room for. False: the peer is gone. */
static bool
pump(struct gate_socket *g, struct peer *p)
{
	struct bytes frame;
	bool sent = true;

	while (sent && thins_next(p, &frame))
		sent = send_to(g, p, &frame, 1);
	lines_waits(g->lines, p->fd, thins_kept(g->thins, p));
	return sent;
}

static bool
cannot_go_on(void *context, struct peer *p)
{
	return p->thin != NULL && !pump(context, p);
}

static void
on_looked(void *context)
{
	struct gate_socket *g = context;

	crowd_forget_lost(g->crowd, cannot_go_on, g);
}

static uint64_t
octets_of(const struct bytes *frame, size_t n)
{
	uint64_t octets = 0;

	for (size_t i = 0; i < n; i++)
		octets += frame[i].size;
	return octets;
}

/* A parcel that is none ends the connection, after daftard has counted it. */
static uint64_t
hand_over_parcel(struct gate_socket *g, struct peer *p, const uint8_t key[CURVE_KEY_SIZE],
	struct bytes octets)
{
	struct bytes frame[WIRE_FRAMES_MAX] = {octets};
	enum thin_heard e;
	size_t n = 1;
	int fd = p->fd;

	e = thins_hear(p, octets, frame, &n);
	lines_waits(g->lines, fd, thins_kept(g->thins, p));
	if (e == THIN_BAD) {
		frame[0] = octets;
		n = 1;
	}
	if (e != THIN_PART)
		g->h.frames(g->h.context, p->no, key, frame, n);
	if (e == THIN_BAD)
		lines_cut(g->lines, fd, key);
	return octets_of(frame, n);
}

/* How many octets of its turn it took: of a parcel what it has become. */
static uint64_t
hand_over(struct gate_socket *g, struct peer *p, const uint8_t key[CURVE_KEY_SIZE],
	const struct bytes *frame, size_t n)
{
	struct bytes answer[3];
	char text[THIN_LINE_SIZE];

	if (p->thin != NULL && thin_is_parcel(frame, n))
		return hand_over_parcel(g, p, key, frame[0]);
	if (thins_ask(g->thins, p, frame, n, text, answer))
		(void)!send_to(g, p, answer, ARRAY_LEN(answer)); /* gone: seen with the next */
	else
		g->h.frames(g->h.context, p->no, key, frame, n);
	return 0;
}

/* Hands one peer's turn over. */
static void
serve(struct gate_socket *g, struct peer *p)
{
	struct bytes frame[WIRE_FRAMES_MAX];
	uint8_t key[CURVE_KEY_SIZE];
	peer_no no = p->no;
	uint64_t octets = 0;
	struct said *s;

	memcpy(key, p->key, CURVE_KEY_SIZE);
	while (octets < PEER_TURN && !g->paused && crowd_next(g->crowd, p, &s)) {
		octets += s->octets;
		lines_waits(g->lines, p->fd, -(int64_t)s->octets);
		octets += hand_over(g, p, key, frame, parts_bytes(&s->parts, 1, frame));
		crowd_said_free(&s);
		/* The handler may have found it gone. */
		p = crowd_find(g->crowd, no);
		if (p == NULL)
			return;
	}
	crowd_turn_over(g->crowd, p);
}

static void
turn_router(evutil_socket_t fd, short what, void *context)
{
	struct gate_socket *g = context;
	int budget = TURN_BUDGET;
	struct parts m;
	struct peer *p;

	(void)fd;
	(void)what;
	while (budget-- > 0 && parts_receive(g->router.sock, &m)) {
		take_message(g, &m);
		parts_free(&m);
	}
	for (budget = TURN_BUDGET; budget > 0 && !g->paused; budget--) {
		p = crowd_turn(g->crowd);
		if (p == NULL)
			break;
		serve(g, p);
	}
	if (!g->paused && crowd_turn(g->crowd) != NULL)
		watch_soon(&g->router);
	watch_again(&g->router);
}

static bool
send_to(struct gate_socket *g, const struct peer *p, const struct bytes *frame, size_t n)
{
	uint64_t octets = 0;

	for (size_t i = 0; i < n; i++)
		octets += frame_octets(frame[i].size);
	lines_gave(g->lines, p->fd, octets);
	/* The address alone is refused when the peer is gone or slow; once it is taken, the rest
	 * of the message is. */
	if (zmq_send(zsock_resolve(g->router.sock), p->route, ROUTE_SIZE,
		    ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0)
		return false;
	return frames_send(g->router.sock, frame, n);
}

bool
gate_send(struct gate_socket *g, peer_no peer, const struct bytes *frame, size_t n)
{
	struct peer *p = crowd_find(g->crowd, peer);
	bool sent;

	if (p == NULL)
		return false;
	sent = p->thin == NULL ? send_to(g, p, frame, n)
			       : thins_put(g->thins, p, frame, n) && pump(g, p);
	if (!sent) {
		lines_cut(g->lines, p->fd, p->key);
		crowd_forget(g->crowd, p);
	}
	watch_again(&g->router);
	return sent;
}

void
gate_pause(struct gate_socket *g, bool pause)
{
	g->paused = pause;
	if (!pause)
		watch_soon(&g->router);
}

void
gate_certs(struct gate_socket *g, const uint8_t list[PARCEL_LIST_SIZE], const struct bytes *text,
	size_t n)
{
	thins_certs(g->thins, list, text, n);
}

void
gate_allow(struct gate_socket *g, const uint8_t (*keys)[CURVE_KEY_SIZE], size_t n)
{
	admission_set(g->admission, keys, n);
	cut_unheard(g);
}

/* ---- opening and closing ---- */

static enum err
open_router(struct gate_socket *g, struct event_base *base, const char *endpoint,
	const struct curve_pair *pair)
{
	const struct lines_handlers h = {g, on_offence, on_looked};
	OWNED(zsock_t, sock, zsock_destroy) = zmq_socket_make(ZMQ_ROUTER);

	if (sock == NULL)
		return E_IO;
	TRY(zmq_set_octets(sock, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN)));
	TRY(zmq_set_options(sock, options));
	TRY(zmq_set_octets(sock, ZMQ_CURVE_SECRETKEY, pair->secret_key, CURVE_KEY_SIZE));
	watch_open(&g->router, base, &sock, turn_router, g);
	TRY(lines_open(base, &g->router, g->admission, &h, &g->lines));
	return zmq_bind(zsock_resolve(g->router.sock), endpoint) == 0 ? E_OK : E_IO;
}

static void
start_sweeping(struct gate_socket *g, struct event_base *base)
{
	struct timeval every = {SWEEP_S, 0};

	g->sweep = event_new(base, -1, EV_PERSIST, on_sweep, g);
	if (g->sweep == NULL || event_add(g->sweep, &every) != 0)
		die("a timer cannot be made");
}

enum err
gate_open(struct event_base *base, const char *endpoint, const struct curve_pair *pair,
	const struct gate_handlers *h, char *bound, size_t size, struct gate_socket **out)
{
	OWNED(struct gate_socket, g, gate_close) = xcalloc(1, sizeof(*g));

	g->h = *h;
	g->admission = admission_new();
	g->crowd = crowd_new(peer_ended, g);
	g->thins = thins_new();
	/* The handler first: a connection that finds none is refused, not asked again. */
	TRY(gate_open_zap(g, base));
	TRY(open_router(g, base, endpoint, pair));
	if (zmq_getsockopt(zsock_resolve(g->router.sock), ZMQ_LAST_ENDPOINT, bound, &size) != 0)
		return E_IO;
	start_sweeping(g, base);
	*out = TAKE(g);
	return E_OK;
}

static void
nobody_listens(void *context, peer_no peer)
{
	(void)context;
	(void)peer;
}

void
gate_close(struct gate_socket **g)
{
	if (*g == NULL)
		return;
	(*g)->h.gone = nobody_listens;
	crowd_free(&(*g)->crowd);
	thins_free(&(*g)->thins);
	lines_close(&(*g)->lines);
	if ((*g)->sweep != NULL)
		event_free((*g)->sweep);
	watch_close(&(*g)->router);
	/* By name and at once, so that the next gate of this process finds the name free. */
	if ((*g)->zap.sock != NULL)
		(void)zsock_unbind((*g)->zap.sock, "%s", ZAP_ENDPOINT);
	watch_close(&(*g)->zap);
	admission_free(&(*g)->admission);
	free(*g);
	*g = NULL;
}
