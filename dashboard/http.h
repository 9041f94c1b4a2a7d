/* SPDX-License-Identifier: EUPL-1.2
 *
 * HTTP/1.1 for the dashboard, on libevent's bufferevents: every head is read strictly
 * (http_head.h) and one request at a time, so that none can hide behind another; every answer
 * carries every header of the policy, also those to what was refused. A request arrives complete;
 * it is answered at once, or becomes a stream.
 *
 * Limits: a head of 8 KiB within 5 s, a body of 16 KiB within 10 s, a minute of rest between two
 * requests, 64 connections, 8 of one address (32 of this machine); the one that has longest said
 * nothing useful gives way, so that slow sockets never keep a browser out. */
#ifndef DAFTAR_DASHBOARD_HTTP_H
#define DAFTAR_DASHBOARD_HTTP_H

#include <event2/event.h>
#include <openssl/ssl.h>

#include "lib/buf.h"
#include "lib/id.h"

enum http_method { HTTP_M_GET, HTTP_M_HEAD, HTTP_M_POST };

struct http_call; /* the browser's side of it */

/* Loans until the request is answered. */
struct http_request {
	enum http_method method;
	const char *path; /* as sent: a path with an escape is not in any table */
	struct bytes query;
	struct bytes body;
	const char *host, *cookie, *origin, *fetch_site, *fetch_mode, *etag, *encodings, *languages,
		*type, *last_event;	    /* "" when it did not come */
	char certificate[DIGEST_TEXT_SIZE]; /* SHA-256 of the client's, "" without TLS */
	int refused; /* 0, or the status with which the door refused it: nothing else is set */
	struct http_call *call;
};

struct http_answer {
	int status;
	const char *type;
	struct bytes body;
	bool squeezed;	  /* the body is gzip */
	bool keep;	  /* may be kept by the browser for ever: its address names its content */
	const char *etag; /* quoted, NULL: none */
	const char *location;  /* NULL: none */
	const char *cookie[2]; /* whole Set-Cookie values, NULL: none */
	bool secure;	       /* over TLS */
};

typedef void http_handler(const struct http_request *r, void *context);

struct http;
/* Listens at `address':`port' (0: any free one); with `tls' NULL in clear. E_IO. */
enum err http_open(struct event_base *base, const char *address, int port, SSL_CTX *tls,
	http_handler *handler, void *context, struct http **out) MUST_USE;
void http_close(struct http **h);
int http_port(const struct http *h);
size_t http_connections(const struct http *h);

/* Once for every request. A HEAD gets the head only; 304 no body. */
void http_reply(struct http_call *c, const struct http_answer *a);

/* An endless answer (text/event-stream). `gone' is called when the browser has left or was dropped
 * because more than 256 KB waited for it. */
struct http_stream;
struct http_stream *http_stream_open(
	struct http_call *c, bool secure, void (*gone)(void *context), void *context);
void http_stream_send(struct http_stream *s, struct bytes text);
void http_stream_close(struct http_stream **s); /* without calling `gone' */

#endif
