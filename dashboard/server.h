/* SPDX-License-Identifier: EUPL-1.2
 *
 * The web server of the dashboard: a closed table of routes over libevent's HTTP, strict headers on
 * every answer, and one event stream that follows the broker. Holds no state of the exchange. */
#ifndef DAFTAR_DASHBOARD_SERVER_H
#define DAFTAR_DASHBOARD_SERVER_H

#include <event2/event.h>

#include "lib/base.h"

struct server;

/* Listens on 127.0.0.1:`port' (0: any free one) and asks the broker at `control'. E_IO. */
enum err server_open(
	struct event_base *base, int port, const char *control, struct server **out) MUST_USE;
void server_close(struct server **s);
/* A new one-time address, malloc'ed: "http://127.0.0.1:8080/enter?key=..". */
char *server_link(struct server *s);

#endif
