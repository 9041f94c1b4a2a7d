/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers and streams. */
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "dashboard/http_parts.h"

#define BACKLOG ((size_t)256 * 1024)

struct http_stream {
	struct connection *connection; /* NULL: it is gone */
	void (*gone)(void *context);
	void *context;
};

static const char always[] =
	"Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; "
	"connect-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
	"base-uri 'none'\r\n"
	"X-Content-Type-Options: nosniff\r\n"
	"X-Frame-Options: DENY\r\n"
	"Referrer-Policy: no-referrer\r\n"
	"Cross-Origin-Opener-Policy: same-origin\r\n"
	"Cross-Origin-Embedder-Policy: require-corp\r\n"
	"Cross-Origin-Resource-Policy: same-origin\r\n"
	"Permissions-Policy: camera=(), geolocation=(), microphone=(), payment=(), usb=()\r\n"
	"Vary: Accept-Encoding, Accept-Language, Cookie\r\n";

static const char *
reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {{200, "OK"}, {303, "See Other"}, {304, "Not Modified"}, {400, "Bad Request"},
		{403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
		{408, "Request Timeout"}, {409, "Conflict"}, {411, "Length Required"},
		{413, "Content Too Large"}, {414, "URI Too Long"}, {417, "Expectation Failed"},
		{421, "Misdirected Request"}, {422, "Unprocessable Content"},
		{431, "Request Header Fields Too Large"}, {503, "Service Unavailable"},
		{505, "HTTP Version Not Supported"}};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Error";
}

static struct evbuffer *
output(const struct connection *c)
{
	return bufferevent_get_output(c->stream);
}

static void
put(struct connection *c, const void *data, size_t size)
{
	if (evbuffer_add(output(c), data, size) != 0)
		die("memory");
}

static void
put_start(struct connection *c, int status, bool secure)
{
	OWNED(char, first, free_chars) = xprintf("HTTP/1.1 %d %s\r\n", status, reason_of(status));

	put(c, first, strlen(first));
	put(c, always, sizeof always - 1);
	if (secure) {
		static const char hsts[] = "Strict-Transport-Security: max-age=63072000\r\n";

		put(c, hsts, sizeof hsts - 1);
	}
}

/* Values are ours or were encoded by us; one that could begin another header is a bug. */
static void
put_field(struct connection *c, const char *name, const char *value)
{
	if (value == NULL)
		return;
	assert(strpbrk(value, "\r\n") == NULL);
	OWNED(char, line, free_chars) = xprintf("%s: %s\r\n", name, value);
	put(c, line, strlen(line));
}

static bool
has_body(int status)
{
	return status != 303 && status != 304;
}

void
http_reply(struct http_call *call, const struct http_answer *a)
{
	struct connection *c = (struct connection *)call;
	bool body = has_body(a->status);
	OWNED(char, length, free_chars) = xprintf("%zu", body ? a->body.size : 0);

	assert(c->state == ANSWERING);
	put_start(c, a->status, a->secure);
	put_field(c, "Cache-Control", a->keep ? "public, max-age=31536000, immutable" : "no-store");
	put_field(c, "Content-Type", body ? a->type : NULL);
	put_field(c, "Content-Encoding", body && a->squeezed ? "gzip" : NULL);
	put_field(c, "Content-Length", a->status == 304 ? NULL : length);
	put_field(c, "ETag", a->etag);
	put_field(c, "Location", a->location);
	put_field(c, "Allow", a->status == 405 ? "GET, HEAD, POST" : NULL);
	for (size_t i = 0; i < ARRAY_LEN(a->cookie); i++)
		put_field(c, "Set-Cookie", a->cookie[i]);
	put_field(c, "Connection", c->ends ? "close" : NULL);
	put(c, "\r\n", 2);
	if (body && !c->head_only)
		put(c, a->body.data, a->body.size);
}

/* ---- streams ---- */

void
stream_lost(struct http_stream *s)
{
	s->connection = NULL;
	if (s->gone != NULL)
		s->gone(s->context);
}

struct http_stream *
http_stream_open(struct http_call *call, bool secure, void (*gone)(void *context), void *context)
{
	struct connection *c = (struct connection *)call;
	struct http_stream *s = xcalloc(1, sizeof *s);

	*s = (struct http_stream){c, gone, context};
	c->is_stream = s;
	c->state = STREAMS;
	event_del(c->clock);
	put_start(c, 200, secure);
	put_field(c, "Cache-Control", "no-store");
	put_field(c, "Content-Type", "text/event-stream; charset=utf-8");
	put_field(c, "Connection", "close");
	put(c, "\r\n", 2);
	return s;
}

/* At once, but not under the feet of whoever sends. */
static void
let_go(struct connection *c)
{
	c->state = LEAVING;
	event_active(c->clock, EV_TIMEOUT, 0);
}

void
http_stream_send(struct http_stream *s, struct bytes text)
{
	struct connection *c = s->connection;

	if (c == NULL || c->state != STREAMS)
		return;
	if (evbuffer_get_length(output(c)) > BACKLOG)
		let_go(c);
	else
		put(c, text.data, text.size);
}

void
http_stream_close(struct http_stream **s)
{
	struct http_stream *t = *s;
	static const struct timeval soon = {2, 0};

	if (t == NULL)
		return;
	if (t->connection != NULL) {
		t->connection->is_stream = NULL;
		t->connection->state = LEAVING;
		event_add(t->connection->clock, &soon);
	}
	free(t);
	*s = NULL;
}
