/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of the web server share: http.c, http_answer.c. Nobody else. */
#ifndef DAFTAR_DASHBOARD_HTTP_PARTS_H
#define DAFTAR_DASHBOARD_HTTP_PARTS_H

#include <sys/queue.h>
#include <sys/socket.h>

#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "dashboard/http.h"

#define HTTP_CONNECTIONS 64
#define HTTP_OF_ONE_ADDRESS 8
#define HTTP_OF_THIS_MACHINE 32

enum http_state { IN_HEAD, IN_BODY, ANSWERING, STREAMS, LEAVING };

/* What others know as struct http_call. */
struct connection {
	TAILQ_ENTRY(connection) next; /* the one that has done nothing for longest first */
	struct http *http;
	struct bufferevent *stream;
	enum http_state state;
	bool rests;	/* between two requests */
	bool ends;	/* after this answer */
	bool half;	/* it says no more and waits for what is to come */
	bool head_only; /* asked by HEAD */
	int refused;	/* with which status, 0: not */
	struct event *clock;
	struct http_stream *is_stream;
	struct sockaddr_storage address;
};

struct http {
	struct event_base *base;
	struct evconnlistener *listener;
	SSL_CTX *tls;
	int port;
	http_handler *handler;
	void *context;
	TAILQ_HEAD(, connection) connections;
	size_t n;
};

/* Its connection is gone. */
void stream_lost(struct http_stream *s);

#endif
