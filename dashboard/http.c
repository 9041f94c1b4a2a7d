/* SPDX-License-Identifier: EUPL-1.2
 *
 * A connection reads a head, then a body, then waits until its answer has left; or it becomes a
 * stream; or it is leaving: what it still sends is thrown away until it has read the answer, since
 * a socket that is closed with something unread would take the answer with it. It is freed in
 * callbacks of its own only, never while somebody above holds it. */
#include "dashboard/http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>

#include "dashboard/http_head.h"
#include "dashboard/http_parts.h"

#define HEAD_S 5
#define BODY_S 10
#define REST_S 60
#define ANSWER_S 30
#define LEAVE_S 2
#define ALL_READ (HEAD_MAX + BODY_MAX)

static void connection_free(struct connection *c);
static void next_request(struct connection *c);

static void
set_clock(struct connection *c, int seconds)
{
	struct timeval t = {seconds, 0};

	event_add(c->clock, &t);
}

static struct evbuffer *
input(const struct connection *c)
{
	return bufferevent_get_input(c->stream);
}

static void
throw_away(struct connection *c)
{
	evbuffer_drain(input(c), evbuffer_get_length(input(c)));
}

/* ---- one request ---- */

static void
take_certificate(const struct connection *c, char out[DIGEST_TEXT_SIZE])
{
	SSL *ssl = bufferevent_openssl_get_ssl(c->stream);
	X509 *cert = ssl == NULL ? NULL : SSL_get1_peer_certificate(ssl);
	unsigned char *der = NULL;
	struct digest digest;
	int n;

	out[0] = '\0';
	if (cert == NULL)
		return;
	n = i2d_X509(cert, &der);
	if (n > 0 && SSL_get_verify_result(ssl) == X509_V_OK) {
		digest_of(der, (size_t)n, &digest);
		digest_format(&digest, out);
	}
	OPENSSL_free(der);
	X509_free(cert);
}

/* What the fields hold while a request is answered. */
struct fields {
	char path[TARGET_MAX + 1];
	char host[256], origin[256], fetch_site[32], fetch_mode[32], etag[128], encodings[256],
		languages[256], type[128], last_event[64], connection[64];
	char cookie[HEAD_MAX];
};

static const struct {
	const char *name;
	size_t place, size;
} wanted[] = {
#define FIELD(name, member)                                                                        \
	{                                                                                          \
		name, offsetof(struct fields, member), sizeof((struct fields *)0)->member          \
	}
	FIELD("Host", host),
	FIELD("Origin", origin),
	FIELD("Sec-Fetch-Site", fetch_site),
	FIELD("Sec-Fetch-Mode", fetch_mode),
	FIELD("If-None-Match", etag),
	FIELD("Accept-Encoding", encodings),
	FIELD("Accept-Language", languages),
	FIELD("Content-Type", type),
	FIELD("Last-Event-ID", last_event),
	FIELD("Connection", connection),
	FIELD("Cookie", cookie),
#undef FIELD
};

/* "GET /path?query HTTP/1.1": http_head.c has seen that it is that. */
static void
take_first(struct bytes head, struct fields *f, struct http_request *r)
{
	const uint8_t *target = memchr(head.data, ' ', head.size);
	const uint8_t *end, *mark;
	size_t n;

	r->method = head.data[0] == 'P'	  ? HTTP_M_POST
		    : head.data[0] == 'H' ? HTTP_M_HEAD
					  : HTTP_M_GET;
	target++;
	end = memchr(target, ' ', head.size - (size_t)(target - head.data));
	n = (size_t)(end - target);
	mark = memchr(target, '?', n);
	if (mark != NULL)
		r->query = bytes_of(mark + 1, (size_t)(end - mark) - 1);
	n = mark == NULL ? n : (size_t)(mark - target);
	memcpy(f->path, target, n);
	f->path[n] = '\0';
}

static void
hand_over(struct connection *c, struct bytes head, struct bytes body)
{
	struct fields *f = xcalloc(1, sizeof *f);
	struct http_request r = {.path = f->path,
		.host = f->host,
		.cookie = f->cookie,
		.origin = f->origin,
		.fetch_site = f->fetch_site,
		.fetch_mode = f->fetch_mode,
		.etag = f->etag,
		.encodings = f->encodings,
		.languages = f->languages,
		.type = f->type,
		.last_event = f->last_event,
		.body = body,
		.refused = c->refused,
		.call = (struct http_call *)c};

	if (c->refused == 0) {
		take_first(head, f, &r);
		for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
			head_field(
				head, wanted[i].name, (char *)f + wanted[i].place, wanted[i].size);
		c->ends = strcasecmp(f->connection, "close") == 0;
		take_certificate(c, r.certificate);
	}
	c->head_only = r.method == HTTP_M_HEAD;
	c->state = ANSWERING;
	c->http->handler(&r, c->http->context);
	free(f);
}

static void
refuse(struct connection *c, int status)
{
	c->refused = status;
	c->ends = true;
	throw_away(c);
	hand_over(c, bytes_of(NULL, 0), bytes_of(NULL, 0));
}

static void
next_request(struct connection *c)
{
	size_t n = evbuffer_get_length(input(c));
	struct bytes all = bytes_of(evbuffer_pullup(input(c), (ev_ssize_t)n), n);
	struct head head;
	int status;

	if (n == 0)
		return;
	status = head_read(all, &head);
	if (c->rests)
		set_clock(c, HEAD_S);
	c->rests = false;
	if (status == 0)
		return;
	if (status != 200) {
		refuse(c, status);
		return;
	}
	if (n < head.size + head.body) {
		if (c->state != IN_BODY)
			set_clock(c, BODY_S);
		c->state = IN_BODY;
		return;
	}
	set_clock(c, ANSWER_S);
	hand_over(c, bytes_of(all.data, head.size), bytes_of(all.data + head.size, head.body));
	evbuffer_drain(input(c), head.size + head.body);
}

/* ---- callbacks ---- */

static void
on_read(struct bufferevent *stream, void *context)
{
	struct connection *c = context;

	(void)stream;
	switch (c->state) {
	case IN_HEAD:
	case IN_BODY:
		next_request(c);
		return;
	case ANSWERING: /* the next one waits its turn */
		return;
	case STREAMS:
	case LEAVING:
		throw_away(c);
		return;
	}
}

static void
leave(struct connection *c)
{
	c->state = LEAVING;
	shutdown(bufferevent_getfd(c->stream), SHUT_WR);
	set_clock(c, c->half ? 0 : LEAVE_S);
}

/* All that was written has left. */
static void
on_written(struct bufferevent *stream, void *context)
{
	struct connection *c = context;

	(void)stream;
	if (c->state == LEAVING || (c->state == ANSWERING && c->ends)) {
		leave(c);
		return;
	}
	if (c->state != ANSWERING)
		return;
	c->state = IN_HEAD;
	c->rests = true;
	set_clock(c, REST_S);
	TAILQ_REMOVE(&c->http->connections, c, next);
	TAILQ_INSERT_TAIL(&c->http->connections, c, next);
	next_request(c);
	if (c->half && c->state != ANSWERING)
		leave(c);
}

/* Who has said all that he wanted still hears the answers. */
static void
on_end(struct bufferevent *stream, short what, void *context)
{
	struct connection *c = context;

	(void)stream;
	if ((what & BEV_EVENT_EOF) != 0 && c->state == ANSWERING)
		c->half = true;
	else if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
		connection_free(c);
}

/* What came too slowly is told so when its head can still be answered. */
static void
on_clock(evutil_socket_t fd, short what, void *context)
{
	struct connection *c = context;

	(void)fd;
	(void)what;
	if ((c->state == IN_HEAD || c->state == IN_BODY) && !c->rests &&
		evbuffer_get_length(input(c)) > 0) {
		set_clock(c, LEAVE_S);
		refuse(c, 408);
		return;
	}
	connection_free(c);
}

/* ---- coming and going ---- */

static void
connection_free(struct connection *c)
{
	if (c->is_stream != NULL)
		stream_lost(c->is_stream);
	TAILQ_REMOVE(&c->http->connections, c, next);
	c->http->n--;
	event_free(c->clock);
	bufferevent_free(c->stream);
	free(c);
}

/* One of IPv4 that came to "::" is one of IPv4: all of them together are no /64. */
static void
keep_address(struct connection *c, const struct sockaddr *a, int n)
{
	struct sockaddr_in a4 = {.sin_family = AF_INET};
	struct sockaddr_in6 a6;

	memcpy(&c->address, a, (size_t)n < sizeof c->address ? (size_t)n : sizeof c->address);
	memcpy(&a6, &c->address, sizeof a6);
	if (a6.sin6_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&a6.sin6_addr))
		return;
	memcpy(&a4.sin_addr, a6.sin6_addr.s6_addr + 12, sizeof a4.sin_addr);
	memcpy(&c->address, &a4, sizeof a4);
}

static bool
same_address(const struct connection *a, const struct connection *b)
{
	const struct sockaddr_in6 *a6 = (const void *)&a->address, *b6 = (const void *)&b->address;
	const struct sockaddr_in *a4 = (const void *)&a->address, *b4 = (const void *)&b->address;

	if (a->address.ss_family != b->address.ss_family)
		return false;
	if (a->address.ss_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	/* one subscriber has a /64 */
	return memcmp(&a6->sin6_addr, &b6->sin6_addr, 8) == 0;
}

static bool
is_this_machine(const struct connection *c)
{
	const struct sockaddr_in *a4 = (const void *)&c->address;
	const struct sockaddr_in6 *a6 = (const void *)&c->address;

	if (c->address.ss_family == AF_INET)
		return ntohl(a4->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&a6->sin6_addr);
}

/* Who asks for nothing goes first; then who does not read what he has asked for; then a stream,
 * whose browser comes back by itself. */
static int
worth(const struct connection *c)
{
	return c->state == STREAMS ? 2 : c->state == ANSWERING ? 1 : 0;
}

/* Of those that are worth least the one that has said nothing whole for longest; with `like', only
 * of its address. */
static struct connection *
idlest(const struct http *h, const struct connection *like)
{
	struct connection *c, *goes = NULL;

	TAILQ_FOREACH(c, &h->connections, next)
	if ((like == NULL || same_address(c, like)) && (goes == NULL || worth(c) < worth(goes)))
		goes = c;
	return goes;
}

static size_t
count_like(const struct http *h, const struct connection *like)
{
	const struct connection *c;
	size_t n = 0;

	TAILQ_FOREACH(c, &h->connections, next)
	n += same_address(c, like);
	return n;
}

/* Somebody goes so that `c' can come. */
static void
make_room(struct http *h, const struct connection *c)
{
	size_t most = is_this_machine(c) ? HTTP_OF_THIS_MACHINE : HTTP_OF_ONE_ADDRESS;

	if (count_like(h, c) >= most)
		connection_free(idlest(h, c));
	else if (h->n >= HTTP_CONNECTIONS)
		connection_free(idlest(h, NULL));
}

static struct bufferevent *
stream_on(const struct http *h, int fd)
{
	SSL *ssl;

	if (h->tls == NULL)
		return bufferevent_socket_new(h->base, fd, BEV_OPT_CLOSE_ON_FREE);
	ssl = SSL_new(h->tls);
	if (ssl == NULL)
		die("memory");
	return bufferevent_openssl_socket_new(
		h->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
}

static void
on_connection(
	struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *a, int n, void *context)
{
	struct http *h = context;
	struct connection *c = xcalloc(1, sizeof *c);

	(void)l;
	c->http = h;
	keep_address(c, a, n);
	make_room(h, c);
	c->clock = evtimer_new(h->base, on_clock, c);
	c->stream = stream_on(h, fd);
	if (c->clock == NULL || c->stream == NULL)
		die("event");
	TAILQ_INSERT_TAIL(&h->connections, c, next);
	h->n++;
	set_clock(c, HEAD_S);
	bufferevent_setcb(c->stream, on_read, on_written, on_end, c);
	bufferevent_setwatermark(c->stream, EV_READ, 0, ALL_READ);
	bufferevent_enable(c->stream, EV_READ | EV_WRITE);
}

/* ---- listening ---- */

static enum err
listen_on(struct http *h, const char *address, int port)
{
	struct sockaddr_storage a = {0};
	struct sockaddr_in *a4 = (void *)&a;
	struct sockaddr_in6 *a6 = (void *)&a;
	socklen_t size = sizeof *a4;
	int one = 1, fd;

	if (evutil_inet_pton(AF_INET, address, &a4->sin_addr) == 1) {
		a4->sin_family = AF_INET;
		a4->sin_port = htons((uint16_t)port);
	} else if (evutil_inet_pton(AF_INET6, address, &a6->sin6_addr) == 1) {
		a6->sin6_family = AF_INET6;
		a6->sin6_port = htons((uint16_t)port);
		size = sizeof *a6;
	} else
		return E_IO;
	h->listener = evconnlistener_new_bind(h->base, on_connection, h,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, 128,
		(struct sockaddr *)&a, (int)size);
	if (h->listener == NULL)
		return E_IO;
	fd = evconnlistener_get_fd(h->listener);
	size = sizeof a;
	/* small answers would be held back for 40 ms; what is accepted inherits it */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
		getsockname(fd, (struct sockaddr *)&a, &size) != 0)
		return E_IO;
	h->port = ntohs(a.ss_family == AF_INET6 ? a6->sin6_port : a4->sin_port);
	return E_OK;
}

enum err
http_open(struct event_base *base, const char *address, int port, SSL_CTX *tls,
	http_handler *handler, void *context, struct http **out)
{
	OWNED(struct http, h, http_close) = xcalloc(1, sizeof *h);

	h->base = base;
	h->tls = tls;
	h->handler = handler;
	h->context = context;
	TAILQ_INIT(&h->connections);
	TRY(listen_on(h, address, port));
	*out = TAKE(h);
	return E_OK;
}

void
http_close(struct http **h)
{
	if (*h == NULL)
		return;
	while (!TAILQ_EMPTY(&(*h)->connections))
		connection_free(TAILQ_FIRST(&(*h)->connections));
	if ((*h)->listener != NULL)
		evconnlistener_free((*h)->listener);
	free(*h);
	*h = NULL;
}

int
http_port(const struct http *h)
{
	return h->port;
}

size_t
http_connections(const struct http *h)
{
	return h->n;
}
