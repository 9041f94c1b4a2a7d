/* SPDX-License-Identifier: EUPL-1.2
 *
 * A peer's end of the transport: a DEALER that connects for ever.
 *
 * ZMQ_IMMEDIATE keeps nothing for a connection that does not exist: after a reconnect the first
 * thing on the line has to be HELLO, not what was queued an hour ago. So the socket has to know
 * when a connection was made. Its monitor tells that the handshake succeeded; from then on we wait
 * for the socket to become writable, since the pipe itself arrives by another way.
 *
 * libzmq gives up for good when a handshake is refused or the other side breaks the protocol. A
 * peer that was refused today may be enrolled tomorrow, so after a while without a connection the
 * socket is thrown away and a new one dials. */
#include <string.h>

#include "lib/log.h"
#include "lib/thin.h"
#include "lib/transport_octets.h"
#include "lib/transport_zmq.h"

#define LEAVE_MS 200 /* for the last frames at close */
#define REDIAL_S 30  /* without a connection */
#define REFUSED_S 2  /* after our key was refused */
#define PUMP_MS 50
#define WAITING_MOST 8192 /* octets of a lane; then the next has to wait with its owner */

static const struct zmq_option options[] = {
	{ZMQ_IMMEDIATE, 1},
	{ZMQ_MAXMSGSIZE, ZMQ_FRAME_LIMIT},
	{ZMQ_HANDSHAKE_IVL, 3000},
	{ZMQ_CONNECT_TIMEOUT, 5000},
	{ZMQ_RECONNECT_IVL, 100},
	{ZMQ_RECONNECT_IVL_MAX, 5000},
	{ZMQ_HEARTBEAT_IVL, 5000},
	{ZMQ_HEARTBEAT_TIMEOUT, 15000},
	{ZMQ_TCP_KEEPALIVE, 1},
	{ZMQ_SNDHWM, 64},
	{ZMQ_RCVHWM, 256},
	{ZMQ_LINGER, 0},
	{0},
};

struct peer_socket {
	struct event_base *base;
	char *endpoint;
	uint8_t broker[CURVE_KEY_SIZE];
	struct curve_pair pair;
	struct watch dealer;
	struct watch monitor;
	struct event *redial;
	peer_handler *handler;
	void *context;
	bool connected;
	bool fresh;   /* a connection was made that the owner has not been told of */
	bool refused; /* our key, and it was logged */
	bool *alive;  /* set to false by peer_close while the handler runs */
	/* A thin line: wished, asked for on this connection, agreed. */
	bool wants_thin, is_thin;
	const struct parcel_certs *certs;
	uint64_t window;
	struct thin *thin;
	struct event *pump;
	int64_t heard;
	struct octets octets;
};

/* False when the handler closed the socket. */
static bool
hand_over(struct peer_socket *p, const struct bytes *frame, size_t n)
{
	bool alive = true;

	p->alive = &alive;
	p->handler(p->context, frame, n);
	if (alive)
		p->alive = NULL;
	return alive;
}

static void
redial_in(struct peer_socket *p, int seconds)
{
	struct timeval t = {seconds, 0};

	if (event_add(p->redial, &t) != 0)
		die("a timer cannot be set");
}

/* ---- a thin line ---- */

static void
say_line(struct peer_socket *p)
{
	struct thin_line line = {.window = p->window};
	char text[THIN_LINE_SIZE];
	struct bytes frame[3];

	if (p->certs != NULL)
		memcpy(line.list, p->certs->list, sizeof line.list);
	thin_line_write(&line, text, frame);
	(void)!frames_send(p->dealer.sock, frame, ARRAY_LEN(frame));
}

static void
begin_thin(struct peer_socket *p, const struct thin_line *theirs)
{
	bool common =
		p->certs != NULL && memcmp(theirs->list, p->certs->list, sizeof theirs->list) == 0;

	thin_free(&p->thin);
	p->thin = thin_new();
	thin_agree(p->thin, common ? p->certs : NULL, theirs->window);
	thin_look(p->thin, octets_taken(&p->octets), monotonic_now());
	p->is_thin = true;
}

static void
pump(struct peer_socket *p)
{
	const struct timeval soon = {0, PUMP_MS * 1000};
	struct bytes frame;
	uint64_t cost;

	if (!p->is_thin)
		return;
	thin_look(p->thin, octets_taken(&p->octets), monotonic_now());
	while ((zsock_events(p->dealer.sock) & ZMQ_POLLOUT) != 0 &&
		thin_next(p->thin, &frame, &cost))
		(void)!frames_send(p->dealer.sock, &frame, 1);
	if (thin_waiting(p->thin) > 0 && event_add(p->pump, &soon) != 0)
		die("a timer cannot be set");
	watch_again(&p->dealer);
}

static void
on_pump(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	pump(context);
}

/* False when the handler closed the socket. */
static bool
hear(struct peer_socket *p, const struct bytes *frame, size_t n)
{
	struct bytes of_parcel[WIRE_FRAMES_MAX];
	struct thin_line line;
	enum thin_heard e;

	if (p->wants_thin && !p->is_thin && thin_line_read(frame, n, &line)) {
		begin_thin(p, &line);
		return true;
	}
	if (!p->is_thin || !thin_is_parcel(frame, n))
		return hand_over(p, frame, n);
	p->heard = monotonic_now();
	e = thin_hear(p->thin, frame[0], of_parcel, &n);
	if (e == THIN_VERB)
		return hand_over(p, of_parcel, n);
	if (e == THIN_BAD) {
		log_line(LOG_ERROR, "the exchange's parcel cannot be opened: another line is made");
		redial_in(p, 0);
	}
	return true;
}

static bool
receive_one(struct peer_socket *p)
{
	struct bytes frame[WIRE_FRAMES_MAX];
	struct parts parts;
	bool alive = true;

	if (!parts_receive(p->dealer.sock, &parts))
		return true;
	if (!parts.too_large && parts.n > 0 && parts.n <= WIRE_FRAMES_MAX)
		alive = hear(p, frame, parts_bytes(&parts, 0, frame));
	parts_free(&parts);
	return alive;
}

static void
turn_dealer(evutil_socket_t fd, short what, void *context)
{
	struct peer_socket *p = context;
	int budget = TURN_BUDGET;

	(void)fd;
	(void)what;
	if (p->fresh && (zsock_events(p->dealer.sock) & ZMQ_POLLOUT) != 0) {
		p->fresh = false;
		if (p->wants_thin)
			say_line(p);
		if (!hand_over(p, NULL, 0))
			return;
	}
	while (budget-- > 0 && (zsock_events(p->dealer.sock) & ZMQ_POLLIN) != 0)
		if (!receive_one(p))
			return;
	watch_again(&p->dealer);
}

/* ---- the state of the connection ---- */

static void
note_refused(struct peer_socket *p)
{
	if (!p->refused)
		log_line(LOG_WARNING, "the broker at %s does not admit this key", p->endpoint);
	p->refused = true;
	redial_in(p, REFUSED_S);
}

static void
note_event(struct peer_socket *p, unsigned event, int value)
{
	if (event == ZMQ_EVENT_CONNECTED) {
		octets_begin(&p->octets, value);
		return;
	}
	if (event == ZMQ_EVENT_DISCONNECTED)
		octets_end(&p->octets);
	p->is_thin = false;
	p->connected = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
	if (p->connected) {
		p->refused = false;
		p->fresh = true;
		event_del(p->redial);
		watch_soon(&p->dealer);
	} else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
		note_refused(p);
	} else if (!event_pending(p->redial, EV_TIMEOUT, NULL)) {
		redial_in(p, REDIAL_S);
	}
}

/* The first frame of a monitor's message: 16 bits of event and 32 of value, as this machine has
 * them. */
static void
turn_monitor(evutil_socket_t fd, short what, void *context)
{
	struct peer_socket *p = context;
	struct parts parts;

	(void)fd;
	(void)what;
	while (parts_receive(p->monitor.sock, &parts)) {
		uint16_t event = 0;
		int32_t value = -1;

		if (zframe_size(parts.frame[0]) == sizeof(event) + sizeof(value)) {
			memcpy(&event, zframe_data(parts.frame[0]), sizeof(event));
			memcpy(&value, zframe_data(parts.frame[0]) + sizeof(event), sizeof(value));
		}
		parts_free(&parts);
		note_event(p, event, value);
	}
}

static enum err
open_monitor(struct peer_socket *p)
{
	static unsigned number;
	const int events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
			   ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
			   ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED;
	OWNED(char, name, free_chars) = xprintf("inproc://daftar-monitor-%u", number++);
	OWNED(zsock_t, pair, zsock_destroy) = zmq_socket_make(ZMQ_PAIR);

	if (pair == NULL)
		return E_IO;
	if (zmq_socket_monitor(zsock_resolve(p->dealer.sock), name, events) != 0 ||
		zsock_connect(pair, "%s", name) != 0)
		return E_IO;
	watch_open(&p->monitor, p->base, &pair, turn_monitor, p);
	return E_OK;
}

static enum err
set_keys(zsock_t *sock, const uint8_t broker[CURVE_KEY_SIZE], const struct curve_pair *pair)
{
	TRY(zmq_set_octets(sock, ZMQ_CURVE_SERVERKEY, broker, CURVE_KEY_SIZE));
	TRY(zmq_set_octets(sock, ZMQ_CURVE_PUBLICKEY, pair->public_key, CURVE_KEY_SIZE));
	return zmq_set_octets(sock, ZMQ_CURVE_SECRETKEY, pair->secret_key, CURVE_KEY_SIZE);
}

static enum err
dial(struct peer_socket *p)
{
	OWNED(zsock_t, sock, zsock_destroy) = zmq_socket_make(ZMQ_DEALER);

	if (sock == NULL)
		return E_IO;
	TRY(zmq_set_options(sock, options));
	TRY(set_keys(sock, p->broker, &p->pair));
	watch_open(&p->dealer, p->base, &sock, turn_dealer, p);
	TRY(open_monitor(p));
	redial_in(p, REDIAL_S);
	return zsock_connect(p->dealer.sock, "%s", p->endpoint) == 0 ? E_OK : E_IO;
}

/* The monitor is told to stop before its other end is closed: libzmq's I/O thread would wait for
 * ever for somebody to take the next event, and with it all sockets of the process. */
static void
hang_up(struct peer_socket *p)
{
	if (p->dealer.sock != NULL)
		(void)zmq_socket_monitor(zsock_resolve(p->dealer.sock), NULL, 0);
	octets_end(&p->octets);
	watch_close(&p->monitor);
	watch_close(&p->dealer);
	p->is_thin = false;
	p->connected = p->fresh = false;
}

static void
on_redial(evutil_socket_t fd, short what, void *context)
{
	struct peer_socket *p = context;

	(void)fd;
	(void)what;
	hang_up(p);
	if (dial(p) != E_OK)
		die("a socket cannot be made again");
}

enum err
peer_open(struct event_base *base, const char *endpoint, const uint8_t broker[CURVE_KEY_SIZE],
	const struct curve_pair *pair, peer_handler *handler, void *context,
	struct peer_socket **out)
{
	OWNED(struct peer_socket, p, peer_close) = xcalloc(1, sizeof(*p));

	p->base = base;
	p->endpoint = xstrdup(endpoint);
	memcpy(p->broker, broker, CURVE_KEY_SIZE);
	p->pair = *pair;
	p->handler = handler;
	p->context = context;
	p->redial = event_new(base, -1, 0, on_redial, p);
	p->pump = event_new(base, -1, 0, on_pump, p);
	if (p->redial == NULL || p->pump == NULL)
		die("a timer cannot be made");
	TRY(dial(p));
	*out = TAKE(p);
	return E_OK;
}

void
peer_close(struct peer_socket **p)
{
	int leave = LEAVE_MS;

	if (*p == NULL)
		return;
	if ((*p)->alive != NULL)
		*(*p)->alive = false;
	if ((*p)->dealer.sock != NULL)
		(void)zmq_setsockopt(
			zsock_resolve((*p)->dealer.sock), ZMQ_LINGER, &leave, sizeof(leave));
	hang_up(*p);
	if ((*p)->redial != NULL)
		event_free((*p)->redial);
	if ((*p)->pump != NULL)
		event_free((*p)->pump);
	thin_free(&(*p)->thin);
	free((*p)->endpoint);
	explicit_bzero(*p, sizeof(**p));
	free(*p);
	*p = NULL;
}

bool
peer_send(struct peer_socket *p, const struct bytes *frame, size_t n)
{
	bool sent;

	if (p->is_thin) {
		sent = p->connected && thin_put(p->thin, frame, n, WAITING_MOST);
		pump(p);
		return sent;
	}
	sent = frames_send(p->dealer.sock, frame, n);
	watch_again(&p->dealer);
	return sent;
}

void
peer_ask_thin(struct peer_socket *p, const struct parcel_certs *certs, uint64_t window)
{
	p->wants_thin = true;
	p->certs = certs;
	p->window = window;
}

void
peer_octets(struct peer_socket *p, struct line_octets *out)
{
	octets_look(&p->octets);
	*out = (struct line_octets){p->octets.sent, p->octets.received};
}

bool
peer_is_busy(const struct peer_socket *p)
{
	return p->is_thin && thin_waiting(p->thin) > 0;
}

int64_t
peer_heard(const struct peer_socket *p)
{
	return p->heard;
}
