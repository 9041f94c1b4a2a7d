/* SPDX-License-Identifier: EUPL-1.2
 *
 * The control protocol: one JSON object a line over a Unix socket. A request is
 * {"verb":"status","args":{...}}; the answer {"ok":true,"data":{...}} or
 * {"ok":false,"code":"NOT-FOUND","sentence":"..."}. The verb "watch" answers and then sends one
 * object a line until the client goes. Only root, the daemon's own user and those whom it
 * admits are served (SO_PEERCRED); a request may have 64 KiB. Never personal data. The verb "verbs"
 * lists the table; it and "watch" are the server's own. */
#ifndef DAFTAR_CONTROL_H
#define DAFTAR_CONTROL_H

#include <event2/event.h>
#include <jansson.h>

#include "lib/base.h"

#define CONTROL_LINE_MAX (64 * 1024)

/* ---- server ---- */
struct control_verb {
	const char *name;
	const char *args;     /* for help: "ID", "[LIMIT]" */
	const char *sentence; /* what it does */
	/* Fills *data (a new reference) or returns an error; `args' is an object, maybe empty. */
	enum err (*handle)(void *context, const json_t *args, json_t **data);
};
struct control_server;
/* Listens at `path' (0600; a stale socket is replaced). `verbs' ends with a NULL name. E_LOCKED
 * when somebody listens there, E_IO. */
enum err control_listen(struct event_base *base, const char *path, const struct control_verb *verbs,
	void *context, struct control_server **out) MUST_USE;
void control_close(struct control_server **s);
/* These users too. Anybody may then connect, and is asked who he is. E_IO. */
enum err control_admit(struct control_server *s, const uid_t *users, size_t n) MUST_USE;
/* Whose verb is being handled; only from within a verb. */
uid_t control_user(const struct control_server *s);
/* Sends an event object to every watcher; takes the reference. A watcher that does not read is cut
 * at 256 KiB. */
void control_tell(struct control_server *s, json_t *event);

/* ---- client, blocking ---- */
/* One request. E_UNREACHABLE when no daemon at `path' answers within 10 s; its own code otherwise.
 * *data is a new reference. `args' may be NULL and stays the caller's. */
enum err control_call(const char *path, const char *verb, json_t *args, json_t **data) MUST_USE;
/* Hands `all' in, in pieces that fit a line, each with its place: arguments "data" (base64) and
 * "at"; an empty one in one empty piece. The first error of control_call. */
enum err control_put(const char *path, const char *verb, struct bytes all) MUST_USE;
/* Connects and sends "watch"; the file descriptor then gives events, one object a line.
 * E_UNREACHABLE. */
enum err control_watch(const char *path, int *fd) MUST_USE;

#endif
