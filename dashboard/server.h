/* SPDX-License-Identifier: EUPL-1.2
 *
 * The dashboard as a web server: who may come in, a closed table of pages, acts, and the live
 * stream. Holds no state of the exchange. */
#ifndef DAFTAR_DASHBOARD_SERVER_H
#define DAFTAR_DASHBOARD_SERVER_H

#include <event2/event.h>
#include <openssl/ssl.h>

#include "dashboard/session.h"

/* `user NAME { ... }' of the configuration. */
struct user {
	char name[USER_SIZE];
	unsigned roles;
	char certificate[DIGEST_TEXT_SIZE]; /* "" : comes in by a link only */
};

struct server_settings {
	const char *control; /* socket of daftard */
	int port;	     /* on 127.0.0.1, in clear; 0: any free one */
	SSL_CTX *tls;	     /* NULL: no other machines. The server's from here on */
	const char *tls_address;
	int tls_port;
	const char *const *hosts; /* names by which browsers call us over TLS, without the port */
	size_t n_hosts;
	const struct user *users;
	size_t n_users;
};

struct server;

/* The settings are a loan for as long as the server is open. E_IO. */
enum err server_open(
	struct event_base *base, const struct server_settings *set, struct server **out) MUST_USE;
void server_close(struct server **s);
/* A new one-time address for this user, malloc'ed: "http://127.0.0.1:8080/enter?key=..". */
char *server_link(struct server *s, const struct login *who);
/* The login of a user of the configuration. False when there is none of that name. */
bool server_user(const struct server_settings *set, const char *name, struct login *out) MUST_USE;

#endif
