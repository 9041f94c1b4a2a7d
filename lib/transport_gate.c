/* SPDX-License-Identifier: EUPL-1.2
 *
 * The gate's end of the transport: a ROUTER, and the ZAP handler (ZeroMQ RFC 27) that decides who
 * may connect, in the same loop, from a table in memory. libzmq lets everybody in when no handler
 * answers; ZMQ_ZAP_ENFORCE_DOMAIN turns that round, and the gate does not open without it.
 *
 * ZAP is asked once, when a connection is made. A key that is taken from the table later keeps its
 * open connection, so every message is held against the table again.
 *
 * Who speaks is the User-Id that our handler gave to the connection and that libzmq attaches to
 * every body frame. The routing id is only an address to answer to. Ids that a peer chose for
 * itself are not answered: somebody else could take such an id over between two of our sends. */
#include <string.h>
#include <sys/queue.h>

#include "lib/transport_zmq.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_DOMAIN "daftar"
#define ROUTE_SIZE 5 /* an id made by libzmq: a zero and four octets of a counter */
#define PEERS_PER_KEY 16
#define BUCKETS 1024
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
	{ZMQ_RCVHWM, 32},
	{ZMQ_LINGER, 0},
	{0},
};

struct peer {
	LIST_ENTRY(peer) by_route, by_no;
	peer_no no;
	uint8_t route[ROUTE_SIZE];
	uint8_t key[CURVE_KEY_SIZE];
	int64_t heard; /* monotonic ms */
};
LIST_HEAD(bucket, peer);

struct gate_socket {
	struct watch router, zap;
	struct event *sweep;
	struct gate_handlers h;
	uint8_t (*keys)[CURVE_KEY_SIZE]; /* sorted */
	size_t n_keys;
	bool told; /* who is admitted */
	struct bucket by_route[BUCKETS], by_no[BUCKETS];
	peer_no last_no;
	bool paused;
};

/* ---- who is admitted ---- */

static int
compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, CURVE_KEY_SIZE);
}

static bool
is_admitted(const struct gate_socket *g, const uint8_t key[CURVE_KEY_SIZE])
{
	return g->n_keys > 0 &&
	       bsearch(key, g->keys, g->n_keys, CURVE_KEY_SIZE, compare_keys) != NULL;
}

/* The frames of a ZAP request (RFC 27): version, request id, domain, address, routing id,
 * mechanism, and for CURVE the client's public key. */
enum {
	ZAP_VERSION,
	ZAP_REQUEST,
	ZAP_DOMAIN_,
	ZAP_ADDRESS,
	ZAP_ROUTE,
	ZAP_MECHANISM,
	ZAP_KEY,
	ZAP_N
};

static bool
zap_admits(const struct gate_socket *g, const struct parts *request, char user[CURVE_TEXT_SIZE])
{
	zframe_t *key = request->frame[ZAP_KEY];

	if (request->n != ZAP_N || !zframe_streq(request->frame[ZAP_DOMAIN_], ZAP_DOMAIN) ||
		!zframe_streq(request->frame[ZAP_MECHANISM], "CURVE") ||
		zframe_size(key) != CURVE_KEY_SIZE || !is_admitted(g, zframe_data(key)))
		return false;
	curve_format(zframe_data(key), user);
	return true;
}

static void
zap_answer(struct gate_socket *g, const struct parts *request)
{
	char user[CURVE_TEXT_SIZE] = "";
	bool good = zap_admits(g, request, user);
	/* 400 tells the peer that its key is not known; 300 only asks it to come again. */
	const char *status = good ? "200" : g->told ? "400" : "300";
	const char *text = good ? "OK" : "not admitted";
	zframe_t *id = request->frame[ZAP_REQUEST];
	struct bytes answer[] = {
		bytes_of("1.0", 3),
		bytes_of(zframe_data(id), zframe_size(id)),
		bytes_of(status, strlen(status)),
		bytes_of(text, strlen(text)),
		bytes_of(user, strlen(user)),
		bytes_of("", 0),
	};

	/* Only a connection that has ended meanwhile does not take its answer. */
	(void)!frames_send(g->zap.sock, answer, ARRAY_LEN(answer));
}

static void
turn_zap(evutil_socket_t fd, short what, void *context)
{
	struct gate_socket *g = context;
	int budget = TURN_BUDGET;
	struct parts request;

	(void)fd;
	(void)what;
	while (budget-- > 0 && parts_receive(g->zap.sock, &request)) {
		if (request.n > ZAP_REQUEST)
			zap_answer(g, &request);
		parts_free(&request);
	}
	watch_again(&g->zap);
}

/* ---- connections and their numbers ---- */

static struct bucket *
route_bucket(struct gate_socket *g, const uint8_t route[ROUTE_SIZE])
{
	return &g->by_route[(route[3] << 8 | route[4]) % BUCKETS];
}

static struct peer *
find_route(struct gate_socket *g, const uint8_t route[ROUTE_SIZE])
{
	struct peer *p;

	for (p = LIST_FIRST(route_bucket(g, route)); p != NULL; p = LIST_NEXT(p, by_route))
		if (memcmp(p->route, route, ROUTE_SIZE) == 0)
			break;
	return p;
}

static struct peer *
find_no(struct gate_socket *g, peer_no no)
{
	struct peer *p;

	for (p = LIST_FIRST(&g->by_no[no % BUCKETS]); p != NULL; p = LIST_NEXT(p, by_no))
		if (p->no == no)
			break;
	return p;
}

static void
forget(struct gate_socket *g, struct peer *p)
{
	peer_no no = p->no;

	LIST_REMOVE(p, by_route);
	LIST_REMOVE(p, by_no);
	free(p);
	g->h.gone(g->h.context, no);
}

static struct peer *
add_peer(struct gate_socket *g, const uint8_t route[ROUTE_SIZE], const uint8_t key[CURVE_KEY_SIZE])
{
	struct peer *p = xcalloc(1, sizeof(*p));

	p->no = ++g->last_no;
	memcpy(p->route, route, ROUTE_SIZE);
	memcpy(p->key, key, CURVE_KEY_SIZE);
	LIST_INSERT_HEAD(route_bucket(g, route), p, by_route);
	LIST_INSERT_HEAD(&g->by_no[p->no % BUCKETS], p, by_no);
	return p;
}

/* A party that connects over and over does not fill the table: its oldest connection goes. */
static void
make_room(struct gate_socket *g, const uint8_t key[CURVE_KEY_SIZE])
{
	struct peer *oldest = NULL;
	size_t n = 0;

	for (size_t i = 0; i < BUCKETS; i++)
		for (struct peer *p = LIST_FIRST(&g->by_no[i]); p; p = LIST_NEXT(p, by_no)) {
			if (memcmp(p->key, key, CURVE_KEY_SIZE) != 0)
				continue;
			n++;
			if (oldest == NULL || p->no < oldest->no)
				oldest = p;
		}
	if (n >= PEERS_PER_KEY)
		forget(g, oldest);
}

/* The connection behind this routing id. */
static struct peer *
peer_of(struct gate_socket *g, const uint8_t route[ROUTE_SIZE], const uint8_t key[CURVE_KEY_SIZE])
{
	struct peer *p = find_route(g, route);

	/* The same address with another key: the old connection has ended. */
	if (p != NULL && memcmp(p->key, key, CURVE_KEY_SIZE) != 0) {
		forget(g, p);
		p = NULL;
	}
	if (p == NULL) {
		make_room(g, key);
		p = add_peer(g, route, key);
	}
	p->heard = monotonic_now();
	return p;
}

/* Calls `forget' for every peer that `lost' picks. */
static void
forget_lost(struct gate_socket *g, bool (*lost)(const struct gate_socket *g, const struct peer *p))
{
	for (size_t i = 0; i < BUCKETS; i++) {
		struct peer *p = LIST_FIRST(&g->by_no[i]);

		while (p != NULL) {
			struct peer *next = LIST_NEXT(p, by_no);

			if (lost(g, p))
				forget(g, p);
			p = next;
		}
	}
}

static bool
is_cut(const struct gate_socket *g, const struct peer *p)
{
	return !is_admitted(g, p->key);
}

static bool
is_silent(const struct gate_socket *g, const struct peer *p)
{
	(void)g;
	return monotonic_now() - p->heard > SILENT_MS;
}

/* libzmq does not tell when a connection ends, but every peer speaks every 10 s. */
static void
on_sweep(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	forget_lost(context, is_silent);
}

/* ---- messages ---- */

static bool
user_of(zframe_t *body, uint8_t key[CURVE_KEY_SIZE])
{
	const char *user = zframe_meta(body, "User-Id");

	return user != NULL && curve_parse(user, key);
}

static void
take_message(struct gate_socket *g, const struct parts *m)
{
	struct bytes frame[WIRE_FRAMES_MAX];
	uint8_t key[CURVE_KEY_SIZE];
	const uint8_t *route;
	struct peer *p;

	if (m->too_large || m->n < 2 || zframe_size(m->frame[0]) != ROUTE_SIZE)
		return;
	route = zframe_data(m->frame[0]);
	if (route[0] != 0 || !user_of(m->frame[1], key) || !is_admitted(g, key))
		return;
	p = peer_of(g, route, key);
	g->h.frames(g->h.context, p->no, key, frame, parts_bytes(m, 1, frame));
}

static void
turn_router(evutil_socket_t fd, short what, void *context)
{
	struct gate_socket *g = context;
	int budget = TURN_BUDGET;
	struct parts m;

	(void)fd;
	(void)what;
	while (!g->paused && budget-- > 0 && parts_receive(g->router.sock, &m)) {
		take_message(g, &m);
		parts_free(&m);
	}
	if (!g->paused)
		watch_again(&g->router);
}

static bool
send_to(struct gate_socket *g, const struct peer *p, const struct bytes *frame, size_t n)
{
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
	struct peer *p = find_no(g, peer);
	bool sent;

	if (p == NULL)
		return false;
	sent = send_to(g, p, frame, n);
	if (!sent)
		forget(g, p);
	if (!g->paused)
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
gate_allow(struct gate_socket *g, const uint8_t (*keys)[CURVE_KEY_SIZE], size_t n)
{
	free(g->keys);
	g->keys = xcalloc(n, CURVE_KEY_SIZE);
	g->n_keys = n;
	g->told = true;
	if (n > 0) {
		memcpy(g->keys, keys, n * CURVE_KEY_SIZE);
		qsort(g->keys, n, CURVE_KEY_SIZE, compare_keys);
	}
	forget_lost(g, is_cut);
}

/* ---- opening and closing ---- */

static enum err
open_zap(struct gate_socket *g, struct event_base *base)
{
	OWNED(zsock_t, sock, zsock_destroy) = zmq_socket_make(ZMQ_REP);

	if (sock == NULL || zsock_bind(sock, "%s", ZAP_ENDPOINT) < 0)
		return E_IO;
	watch_open(&g->zap, base, &sock, turn_zap, g);
	return E_OK;
}

static enum err
open_router(struct gate_socket *g, struct event_base *base, const char *endpoint,
	const struct curve_pair *pair)
{
	OWNED(zsock_t, sock, zsock_destroy) = zmq_socket_make(ZMQ_ROUTER);

	if (sock == NULL)
		return E_IO;
	TRY(zmq_set_octets(sock, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN)));
	TRY(zmq_set_options(sock, options));
	TRY(zmq_set_octets(sock, ZMQ_CURVE_SECRETKEY, pair->secret_key, CURVE_KEY_SIZE));
	if (zmq_bind(zsock_resolve(sock), endpoint) != 0)
		return E_IO;
	watch_open(&g->router, base, &sock, turn_router, g);
	return E_OK;
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
	/* The handler first: a connection that finds none is refused, not asked again. */
	TRY(open_zap(g, base));
	TRY(open_router(g, base, endpoint, pair));
	if (zmq_getsockopt(zsock_resolve(g->router.sock), ZMQ_LAST_ENDPOINT, bound, &size) != 0)
		return E_IO;
	start_sweeping(g, base);
	*out = TAKE(g);
	return E_OK;
}

static bool
every_one(const struct gate_socket *g, const struct peer *p)
{
	(void)g;
	(void)p;
	return true;
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
	forget_lost(*g, every_one);
	if ((*g)->sweep != NULL)
		event_free((*g)->sweep);
	watch_close(&(*g)->router);
	/* By name and at once, so that the next gate of this process finds the name free. */
	if ((*g)->zap.sock != NULL)
		(void)zsock_unbind((*g)->zap.sock, "%s", ZAP_ENDPOINT);
	watch_close(&(*g)->zap);
	free((*g)->keys);
	free(*g);
	*g = NULL;
}
