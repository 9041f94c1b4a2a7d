/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the control server: lib/control.c has the connections, lib/control_perform.c what is done
 * with a line. Nobody else may include it. */
#ifndef DAFTAR_CONTROL_PARTS_H
#define DAFTAR_CONTROL_PARTS_H

#include <sys/queue.h>

#include <event2/bufferevent.h>

#include "lib/control.h"

#define SENTENCE 1024

struct client {
	LIST_ENTRY(client) next;
	struct control_server *server;
	struct bufferevent *stream;	     /* NULL: of one request that came from afar .. */
	char *answer;			     /* .. whose answer this is .. */
	const struct control_person *proved; /* .. and whose key has proved him */
	uid_t user;
	bool watches;
	bool leaving; /* dropped as soon as its last answer has left */
};

struct control_server {
	LIST_HEAD(, client) clients;
	size_t n_clients;
	struct evconnlistener *listener;
	const struct control_verb *verbs;
	void *context;
	char *path;
	struct control_person *persons;
	size_t n_persons;
	struct control_who who; /* whose verb is being handled */
	char said[SENTENCE];	/* by its handler, of an error */
};

/* ---- lib/control_perform.c ---- */
/* Answers one line. */
void client_take_line(struct client *c, const char *line, size_t size);
/* `sentence' NULL: the code's own. */
void client_answer_error(struct client *c, enum err e, const char *sentence);
/* One line; takes the reference. */
void client_send(struct client *c, json_t *object);
/* Root and the daemon's own user, whether they are named or not. */
bool control_is_almighty(uid_t user);
/* False: nobody whom the socket serves. */
bool control_find_person(
	const struct control_server *s, uid_t user, struct control_person *out) MUST_USE;

#endif
