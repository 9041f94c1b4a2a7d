/* SPDX-License-Identifier: EUPL-1.2
 *
 * Routes are a closed table; the session is asked for before any of them but the way in. The live
 * stream sends the answers on top every few seconds, and each row of a message whose HTML has
 * changed since it was sent last: what a browser shows live and after a reload is the same. */
#include "dashboard/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "dashboard/screen.h"
#include "dashboard/session.h"
#include "dashboard/view.h"
#include "lib/id.h"
#include "lib/log.h"

#define ROWS 50
#define STREAMS 32
#define STREAM_BACKLOG (256 * 1024)

struct stream {
	struct server *server;
	struct evhttp_request *request;
};

struct sent_row {
	char id[ID_TEXT_SIZE];
	struct digest html;
};

struct server {
	struct event_base *base;
	struct evhttp *http;
	int port;
	struct sessions *sessions;
	struct broker *broker;
	struct event *soon;  /* half a second after a change */
	struct event *pulse; /* every five seconds */
	bool waiting;	     /* `soon' is armed */
	struct stream stream[STREAMS];
	struct sent_row row[ROWS];
};

static const char policy[] = "default-src 'none'; style-src 'self'; script-src 'self'; "
			     "connect-src 'self'; img-src data:; frame-ancestors 'none'; "
			     "base-uri 'none'; form-action 'none'";

static void
put_headers(struct evhttp_request *r, const char *type)
{
	struct evkeyvalq *h = evhttp_request_get_output_headers(r);

	evhttp_add_header(h, "Content-Type", type);
	evhttp_add_header(h, "Content-Security-Policy", policy);
	evhttp_add_header(h, "X-Content-Type-Options", "nosniff");
	evhttp_add_header(h, "X-Frame-Options", "DENY");
	evhttp_add_header(h, "Referrer-Policy", "no-referrer");
	evhttp_add_header(h, "Cross-Origin-Opener-Policy", "same-origin");
	evhttp_add_header(h, "Cross-Origin-Resource-Policy", "same-origin");
	evhttp_add_header(h, "Cache-Control", "no-store");
}

static void
reply(struct evhttp_request *r, int code, const char *type, struct bytes body)
{
	struct evbuffer *out = evbuffer_new();

	if (out == NULL || evbuffer_add(out, body.data, body.size) != 0)
		die("memory");
	put_headers(r, type);
	evhttp_send_reply(r, code, NULL, out);
	evbuffer_free(out);
}

static void
reply_notice(struct evhttp_request *r, int code, const char *title, const char *sentence)
{
	struct buf page = {0};

	view_notice(&page, title, sentence);
	reply(r, code, "text/html; charset=utf-8", buf_bytes(&page));
	buf_free(&page);
}

/* The value of our cookie, or "" when the browser sent none. */
static void
cookie_of(struct evhttp_request *r, char out[SECRET_TEXT_SIZE])
{
	const char *all = evhttp_find_header(evhttp_request_get_input_headers(r), "Cookie");
	const char *at = all;

	out[0] = '\0';
	while (at != NULL && (at = strstr(at, "daftar=")) != NULL) {
		if (at == all || at[-1] == ' ' || at[-1] == ';') {
			size_t n = strspn(at + 7, "0123456789abcdef");

			if (n == SECRET_TEXT_SIZE - 1)
				memcpy(out, at + 7, n + 1), out[n] = '\0';
			return;
		}
		at += 7;
	}
}

/* A name that points at loopback from elsewhere must not open this door (DNS rebinding). */
static bool
host_is_ours(const struct server *s, struct evhttp_request *r)
{
	const char *host = evhttp_find_header(evhttp_request_get_input_headers(r), "Host");
	static const char *const names[] = {"127.0.0.1", "localhost"};

	for (size_t i = 0; i < ARRAY_LEN(names) && host != NULL; i++) {
		OWNED(char, ours, free_chars) = xprintf("%s:%d", names[i], s->port);

		if (strcmp(host, ours) == 0)
			return true;
	}
	return false;
}

/* ---- routes ---- */

static void
show_screen(struct server *s, struct evhttp_request *r, const struct screen *screen)
{
	static const struct viewer viewer = {.user = "", .roles = ROLE_ANY, .lang = "en"};
	const char *text = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(r));
	struct query query;
	OWNED_BUF(out) = {0};
	struct page *p = xcalloc(1, sizeof *p);

	if (!query_parse(bytes_of(text, text == NULL ? 0 : strlen(text)), &query))
		query.n = 0;
	*p = (struct page){.out = &out,
		.broker = s->broker,
		.query = &query,
		.viewer = &viewer,
		.screen = screen};
	broker_pulse(s->broker);
	page_show(p);
	reply(r, p->status, "text/html; charset=utf-8", buf_bytes(&out));
	free(p);
}

static void
get_style(struct server *s, struct evhttp_request *r)
{
	reply(r, HTTP_OK, "text/css; charset=utf-8", bytes_of(style_css, strlen(style_css)));
}

static void
get_script(struct server *s, struct evhttp_request *r)
{
	reply(r, HTTP_OK, "text/javascript; charset=utf-8", bytes_of(live_js, strlen(live_js)));
}

static void
get_enter(struct server *s, struct evhttp_request *r)
{
	const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(r));
	char session[SECRET_TEXT_SIZE];
	struct evkeyvalq *h = evhttp_request_get_output_headers(r);

	if (query == NULL || strncmp(query, "key=", 4) != 0 ||
		!sessions_enter(s->sessions, query + 4, monotonic_now(), session)) {
		reply_notice(r, 403, "This link has been used",
			"A link opens the dashboard once. Ask for a new one with: daftar-dashboard "
			"link");
		return;
	}
	OWNED(char, cookie, free_chars) =
		xprintf("daftar=%s; HttpOnly; SameSite=Strict; Path=/", session);
	evhttp_add_header(h, "Set-Cookie", cookie);
	evhttp_add_header(h, "Location", "/");
	put_headers(r, "text/plain; charset=utf-8");
	evhttp_send_reply(r, 303, NULL, NULL);
}

/* ---- the live stream ---- */

static void
stream_gone(struct evhttp_connection *c, void *context)
{
	struct stream *t = context;

	t->request = NULL;
}

/* One event; a browser that does not read is dropped. */
static void
stream_send(struct stream *t, const char *event, const struct buf *html)
{
	struct evhttp_connection *c;
	struct bufferevent *bev;
	struct evbuffer *out;

	if (t->request == NULL)
		return;
	c = evhttp_request_get_connection(t->request);
	bev = evhttp_connection_get_bufferevent(c);
	if (evbuffer_get_length(bufferevent_get_output(bev)) > STREAM_BACKLOG) {
		evhttp_connection_free(c); /* calls stream_gone */
		return;
	}
	out = evbuffer_new();
	if (out == NULL || evbuffer_add_printf(out, "event: %s\ndata: ", event) < 0 ||
		evbuffer_add(out, html->data, html->size) != 0 || evbuffer_add(out, "\n\n", 2) != 0)
		die("memory");
	evhttp_send_reply_chunk(t->request, out);
	evbuffer_free(out);
}

static void
send_top(struct server *s)
{
	struct buf html = {0};
	enum err why = E_OK;
	const json_t *status;

	broker_pulse(s->broker);
	status = broker_ask(s->broker, "status", NULL, &why);
	view_answers(&html, status, err_word(why));
	for (size_t i = 0; i < STREAMS; i++)
		stream_send(&s->stream[i], "top", &html);
	buf_free(&html);
}

/* True when this row was not sent in this form; remembers that it is now. */
static bool
row_is_news(struct server *s, const char *id, const struct buf *html)
{
	struct sent_row *place = NULL;
	struct digest now;

	digest_of(html->data, html->size, &now);
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(s->row[i].id, id) == 0)
			place = &s->row[i];
	if (place != NULL && digest_equal(&place->html, &now))
		return false;
	if (place == NULL) {
		memmove(&s->row[1], &s->row[0], (ROWS - 1) * sizeof s->row[0]);
		place = &s->row[0];
		if (!copy_text(place->id, sizeof place->id, id))
			return false;
	}
	place->html = now;
	return true;
}

static void
send_rows(struct server *s)
{
	const json_t *list =
		broker_ask(s->broker, "message.list", json_pack("{s:i}", "limit", ROWS), NULL);
	const json_t *messages = json_object_get(list, "messages");
	struct buf html = {0};

	/* Oldest first, so that a browser that puts new rows on top ends in the right order. */
	for (size_t i = json_array_size(messages); i-- > 0;) {
		const json_t *m = json_array_get(messages, i);
		const char *id = json_string_value(json_object_get(m, "id"));

		buf_reset(&html);
		view_message(&html, m);
		if (id == NULL || !row_is_news(s, id, &html))
			continue;
		for (size_t k = 0; k < STREAMS; k++)
			stream_send(&s->stream[k], "message-row", &html);
	}
	buf_free(&html);
}

static void
get_events(struct server *s, struct evhttp_request *r)
{
	struct stream *t = NULL;
	struct evhttp_connection *c = evhttp_request_get_connection(r);

	for (size_t i = 0; i < STREAMS && t == NULL; i++)
		if (s->stream[i].request == NULL)
			t = &s->stream[i];
	if (t == NULL) {
		reply_notice(r, 503, "Too many viewers", "Close another window first.");
		return;
	}
	*t = (struct stream){s, r};
	evhttp_connection_set_timeout(c, 3600);
	evhttp_connection_set_closecb(c, stream_gone, t);
	put_headers(r, "text/event-stream; charset=utf-8");
	evhttp_send_reply_start(r, HTTP_OK, NULL);
	send_top(s);
}

static void
on_pulse(evutil_socket_t fd, short what, void *context)
{
	send_top(context);
}

static void
on_soon(evutil_socket_t fd, short what, void *context)
{
	struct server *s = context;

	s->waiting = false;
	send_rows(s);
	send_top(s);
}

static void
on_change(void *context)
{
	static const struct timeval half = {0, 500000};
	struct server *s = context;

	if (!s->waiting)
		event_add(s->soon, &half);
	s->waiting = true;
}

/* ---- the door ---- */

static const struct {
	const char *path;
	bool open; /* without a session */
	void (*get)(struct server *s, struct evhttp_request *r);
} routes[] = {
	{"/events", false, get_events},
	{"/live.js", true, get_script},
	{"/style.css", true, get_style},
	{"/enter", true, get_enter},
};

static void
on_request(struct evhttp_request *r, void *context)
{
	struct server *s = context;
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(r));
	char session[SECRET_TEXT_SIZE];

	if (!host_is_ours(s, r)) {
		reply_notice(
			r, 421, "Wrong address", "Open the address that the dashboard printed.");
		return;
	}
	cookie_of(r, session);
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (path == NULL || strcmp(path, routes[i].path) != 0)
			continue;
		if (routes[i].open || sessions_know(s->sessions, session, monotonic_now()))
			routes[i].get(s, r);
		else
			reply_notice(r, 403, "Please come in by a link",
				"Ask for a one-time link with: daftar-dashboard link");
		return;
	}
	if (path != NULL && screen_find(path) != NULL) {
		if (sessions_know(s->sessions, session, monotonic_now()))
			show_screen(s, r, screen_find(path));
		else
			reply_notice(r, 403, "Please come in by a link",
				"Ask for a one-time link with: daftar-dashboard link");
		return;
	}
	reply_notice(r, 404, "There is no such page", "Go to / for the overview.");
}

/* Nagle's algorithm would hold small answers back for 40 ms; sockets inherit the option. */
static enum err
listen_on(struct server *s, int port)
{
	struct evhttp_bound_socket *bound =
		evhttp_bind_socket_with_handle(s->http, "127.0.0.1", (ev_uint16_t)port);
	struct sockaddr_in a;
	socklen_t n = sizeof a;
	int one = 1, fd;

	if (bound == NULL)
		return E_IO;
	fd = evhttp_bound_socket_get_fd(bound);
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
		getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		return E_IO;
	s->port = ntohs(a.sin_port);
	return E_OK;
}

enum err
server_open(struct event_base *base, int port, const char *control, struct server **out)
{
	static const struct timeval five = {5, 0};
	OWNED(struct server, s, server_close) = xcalloc(1, sizeof *s);

	s->base = base;
	s->http = evhttp_new(base);
	s->sessions = sessions_new();
	s->soon = evtimer_new(base, on_soon, s);
	s->pulse = event_new(base, -1, EV_PERSIST, on_pulse, s);
	if (s->http == NULL || s->soon == NULL || s->pulse == NULL)
		die("event");
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(s->http, 8192);
	evhttp_set_max_body_size(s->http, 16384);
	evhttp_set_timeout(s->http, 10);
	evhttp_set_gencb(s->http, on_request, s);
	TRY(listen_on(s, port));
	s->broker = broker_new(base, control, on_change, s);
	event_add(s->pulse, &five);
	*out = TAKE(s);
	return E_OK;
}

void
server_close(struct server **s)
{
	if (*s == NULL)
		return;
	broker_free(&(*s)->broker);
	if ((*s)->http != NULL)
		evhttp_free((*s)->http);
	if ((*s)->soon != NULL)
		event_free((*s)->soon);
	if ((*s)->pulse != NULL)
		event_free((*s)->pulse);
	sessions_free(&(*s)->sessions);
	free(*s);
	*s = NULL;
}

char *
server_link(struct server *s)
{
	char key[SECRET_TEXT_SIZE];

	sessions_link(s->sessions, monotonic_now(), key);
	return xprintf("http://127.0.0.1:%d/enter?key=%s", s->port, key);
}
