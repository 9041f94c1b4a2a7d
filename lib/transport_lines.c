/* SPDX-License-Identifier: EUPL-1.2
 *
 * The connections in the order in which they were made, and by file number. libzmq's monitor tells
 * of each, its User-Id (through the messages) and ZAP tell whose it is; which of several handshakes
 * from one address ZAP asks about is not told, then all of them may be the one until a message
 * names its key. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "lib/transport_lines_parts.h"

#define LOOK_MS 20
/* An INITIATE has arrived: greeting 64, HELLO 202, and at least 257 of INITIATE. */
#define HANDSHAKE_OCTETS 400
#define STRANGERS_OF_ADDRESS 64
#define STRANGERS 512
#define RESERVED_FILES 64

/* ---- which there are ---- */

static struct line *
find(const struct lines *l, int fd)
{
	return fd >= 0 && (size_t)fd < l->n_fd ? l->by_fd[fd] : NULL;
}

static bool
address_of(int fd, uint8_t address[ADDRESS_SIZE], uint16_t *port)
{
	struct sockaddr_storage peer = {0};
	socklen_t size = sizeof(peer);
	const struct sockaddr_in *four = (const struct sockaddr_in *)&peer;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&peer;

	memset(address, 0, ADDRESS_SIZE);
	*port = 0;
	if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0)
		return false;
	if (peer.ss_family == AF_INET6) {
		memcpy(address, &six->sin6_addr, ADDRESS_SIZE);
		*port = six->sin6_port;
		return true;
	}
	address[10] = address[11] = 0xff;
	memcpy(address + 12, &four->sin_addr, 4);
	*port = four->sin_port;
	return peer.ss_family == AF_INET;
}

static void
drop(struct lines *l, struct line *x)
{
	TAILQ_REMOVE(&l->all, x, entry);
	l->by_fd[x->fd] = NULL;
	l->n--;
	free(x);
	if (l->n == 0)
		event_del(l->look);
}

void
line_shut(struct line *x)
{
	uint8_t address[ADDRESS_SIZE];
	uint16_t port;

	if (x->shut)
		return;
	x->shut = true;
	if (address_of(x->fd, address, &port) && port == x->port &&
		memcmp(address, x->address, ADDRESS_SIZE) == 0)
		(void)shutdown(x->fd, SHUT_RDWR);
}

void
line_offended(struct lines *l, struct line *x, enum gate_offence what, uint64_t octets)
{
	uint8_t key[CURVE_KEY_SIZE];
	bool known = x->known;

	memcpy(key, x->key, CURVE_KEY_SIZE);
	line_shut(x);
	l->h.offence(l->h.context, x->fd, known ? key : NULL, what, octets);
}

/* ---- strangers ---- */

static void
shut_oldest_stranger(struct lines *l, const uint8_t *address)
{
	struct line *x;

	TAILQ_FOREACH(x, &l->all, entry)
	if (is_stranger(x) && (address == NULL || memcmp(x->address, address, ADDRESS_SIZE) == 0)) {
		line_shut(x);
		return;
	}
}

static void
make_room(struct lines *l, const uint8_t address[ADDRESS_SIZE])
{
	size_t strangers = 0, here = 0;
	struct line *x;

	TAILQ_FOREACH(x, &l->all, entry)
	{
		if (!is_stranger(x))
			continue;
		strangers++;
		here += memcmp(x->address, address, ADDRESS_SIZE) == 0;
	}
	if (here > STRANGERS_OF_ADDRESS)
		shut_oldest_stranger(l, address);
	else if (strangers > STRANGERS)
		shut_oldest_stranger(l, NULL);
}

static void
on_look(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	lines_look(context);
	((struct lines *)context)->h.looked(((struct lines *)context)->h.context);
}

static void
start_looking(struct lines *l)
{
	struct timeval every = {0, LOOK_MS * 1000};

	if (event_add(l->look, &every) != 0)
		die("a timer cannot be set");
}

static void
add(struct lines *l, int fd)
{
	struct line *x = xcalloc(1, sizeof(*x));
	int64_t now = monotonic_now();

	if ((size_t)fd >= l->n_fd) {
		size_t n = (size_t)fd * 2 + 64;

		l->by_fd = xrealloc(l->by_fd, n * sizeof(struct line *));
		memset(l->by_fd + l->n_fd, 0, (n - l->n_fd) * sizeof(struct line *));
		l->n_fd = n;
	}
	if (l->by_fd[fd] != NULL)
		drop(l, l->by_fd[fd]);
	x->fd = fd;
	x->since = x->spoke = now;
	(void)address_of(fd, x->address, &x->port); /* none: it has ended, and we shall be told */
	TAILQ_INSERT_TAIL(&l->all, x, entry);
	l->by_fd[fd] = x;
	if (l->n++ == 0)
		start_looking(l);
	if (l->n > l->most || !admission_address(l->admission, x->address, now))
		line_shut(x);
	else
		make_room(l, x->address);
}

/* ---- libzmq's monitor ---- */

static void
note_event(struct lines *l, unsigned event, int value)
{
	struct line *x;

	if (event == ZMQ_EVENT_ACCEPTED)
		add(l, value);
	else if (event == ZMQ_EVENT_ACCEPT_FAILED)
		shut_oldest_stranger(l, NULL);
	else if ((x = find(l, value)) != NULL)
		drop(l, x);
}

/* The first frame of a monitor's message: 16 bits of event and 32 of value, as this machine has
 * them. */
static bool
hear_monitor(struct lines *l)
{
	struct parts m;
	uint16_t event = 0;
	int32_t value = -1;

	if (!parts_receive(l->monitor.sock, &m))
		return false;
	if (zframe_size(m.frame[0]) == sizeof(event) + sizeof(value)) {
		memcpy(&event, zframe_data(m.frame[0]), sizeof(event));
		memcpy(&value, zframe_data(m.frame[0]) + sizeof(event), sizeof(value));
	}
	parts_free(&m);
	if (value >= 0)
		note_event(l, event, value);
	return true;
}

static void
turn_monitor(evutil_socket_t fd, short what, void *context)
{
	struct lines *l = context;
	int budget = 4 * TURN_BUDGET;

	(void)fd;
	(void)what;
	while (budget-- > 0 && hear_monitor(l))
		;
	watch_again(&l->monitor);
}

void
lines_catch_up(struct lines *l)
{
	while (hear_monitor(l))
		;
	watch_again(&l->monitor);
}

/* ---- whose they are ---- */

/* The oldest of a key goes when there are more than it may have. */
static void
limit_key(struct lines *l, const uint8_t key[CURVE_KEY_SIZE])
{
	struct line *x, *oldest = NULL;
	size_t n = 0;

	TAILQ_FOREACH(x, &l->all, entry)
	{
		if (!x->known || x->shut || memcmp(x->key, key, CURVE_KEY_SIZE) != 0)
			continue;
		n++;
		if (oldest == NULL)
			oldest = x;
	}
	if (n > LINES_PER_KEY)
		line_shut(oldest);
}

static void
name(struct lines *l, struct line *x, const uint8_t key[CURVE_KEY_SIZE])
{
	memcpy(x->key, key, CURVE_KEY_SIZE);
	x->known = true;
	limit_key(l, key);
}

static bool
parse_address(const char *text, uint8_t out[ADDRESS_SIZE])
{
	memset(out, 0, ADDRESS_SIZE);
	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	out[10] = out[11] = 0xff;
	return inet_pton(AF_INET, text, out + 12) == 1;
}

static bool
may_be(const struct line *x, const uint8_t address[ADDRESS_SIZE])
{
	uint64_t received, acknowledged;

	return !x->known && !x->shut && memcmp(x->address, address, ADDRESS_SIZE) == 0 &&
	       line_measure(x->fd, &received, &acknowledged) && received >= HANDSHAKE_OCTETS;
}

void
lines_admitted(struct lines *l, const char *address, const uint8_t key[CURVE_KEY_SIZE])
{
	struct line *x, *only = NULL;
	uint8_t from[ADDRESS_SIZE];
	size_t n = 0;

	lines_catch_up(l);
	if (!parse_address(address, from))
		return;
	TAILQ_FOREACH(x, &l->all, entry)
	{
		if (!may_be(x, from))
			continue;
		x->maybe = true;
		only = x;
		n++;
	}
	if (n == 1)
		name(l, only, key);
}

void
lines_heard(struct lines *l, int fd, const uint8_t key[CURVE_KEY_SIZE])
{
	struct line *x = find(l, fd);

	if (x == NULL)
		return;
	x->spoke = monotonic_now();
	x->heard = true;
	if (!x->known || memcmp(x->key, key, CURVE_KEY_SIZE) != 0)
		name(l, x, key);
}

void
lines_took(struct lines *l, int fd, uint64_t octets)
{
	struct line *x = find(l, fd);

	if (x != NULL)
		x->took += octets;
}

void
lines_waits(struct lines *l, int fd, int64_t octets)
{
	struct line *x = find(l, fd);

	if (x != NULL)
		x->waits = octets < 0 && x->waits < (uint64_t)-octets ? 0
								      : x->waits + (uint64_t)octets;
}

void
lines_gave(struct lines *l, int fd, uint64_t octets)
{
	struct line *x = find(l, fd);

	if (x != NULL)
		x->gave += octets;
}

/* ---- ending ---- */

void
lines_cut(struct lines *l, int fd, const uint8_t key[CURVE_KEY_SIZE])
{
	struct line *x = find(l, fd);

	if (x != NULL && x->known && memcmp(x->key, key, CURVE_KEY_SIZE) == 0)
		line_shut(x);
}

void
lines_cut_unheard(struct lines *l)
{
	int64_t now = monotonic_now();
	struct line *x;

	TAILQ_FOREACH(x, &l->all, entry)
	if (x->known && !admission_hears(l->admission, x->key, now))
		line_shut(x);
}

void
lines_offended(struct lines *l, int fd, enum gate_offence what)
{
	struct line *x = find(l, fd);

	if (x != NULL && !x->shut)
		line_offended(l, x, what, line_kept(x));
}

/* ---- opening and closing ---- */

static enum err
open_monitor(struct lines *l, struct event_base *base)
{
	/* libzmq's thread waits when nobody takes what it tells. */
	static const struct zmq_option patient[] = {{ZMQ_RCVHWM, 65536}, {0}};
	static unsigned number;
	const int events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED | ZMQ_EVENT_DISCONNECTED;
	OWNED(char, endpoint, free_chars) = xprintf("inproc://daftar-lines-%u", number++);
	OWNED(zsock_t, pair, zsock_destroy) = zmq_socket_make(ZMQ_PAIR);

	if (pair == NULL)
		return E_IO;
	TRY(zmq_set_options(pair, patient));
	if (zmq_socket_monitor(zsock_resolve(l->router->sock), endpoint, events) != 0 ||
		zsock_connect(pair, "%s", endpoint) != 0)
		return E_IO;
	watch_open(&l->monitor, base, &pair, turn_monitor, l);
	return E_OK;
}

static size_t
most_lines(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur < 2 * RESERVED_FILES)
		return RESERVED_FILES;
	return files.rlim_cur - RESERVED_FILES;
}

enum err
lines_open(struct event_base *base, struct watch *router, struct admission *admission,
	const struct lines_handlers *h, struct lines **out)
{
	OWNED(struct lines, l, lines_close) = xcalloc(1, sizeof(*l));

	TAILQ_INIT(&l->all);
	l->h = *h;
	l->admission = admission;
	l->router = router;
	l->most = most_lines();
	l->look = event_new(base, -1, EV_PERSIST, on_look, l);
	if (l->look == NULL)
		die("a timer cannot be made");
	TRY(open_monitor(l, base));
	*out = TAKE(l);
	return E_OK;
}

/* The monitor is told to stop before its other end is closed, see hang_up in transport_peer.c. */
void
lines_close(struct lines **l)
{
	struct line *x;

	if (*l == NULL)
		return;
	(void)zmq_socket_monitor(zsock_resolve((*l)->router->sock), NULL, 0);
	watch_close(&(*l)->monitor);
	while ((x = TAILQ_FIRST(&(*l)->all)) != NULL)
		drop(*l, x);
	event_free((*l)->look);
	free((*l)->by_fd);
	free(*l);
	*l = NULL;
}
