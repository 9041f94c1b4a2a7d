/* SPDX-License-Identifier: EUPL-1.2
 *
 * The control protocol: one JSON object a line over a Unix socket. A request is
 * {"verb":"status","args":{...}}; the answer {"ok":true,"data":{...}} or
 * {"ok":false,"code":"NOT-FOUND","sentence":"..."}. The verb "watch" answers and then sends one
 * object a line until the client goes. Only root, the daemon's own user and those whom it
 * admits are served (SO_PEERCRED), each by his roles; who may speak for others adds "as":"NAME".
 * Arguments are checked against the table of verbs before a handler sees them. A request may have
 * 64 KiB. Never personal data. "verbs" lists the table; it and "watch" are the server's own.
 * doc/CONTROL.md has all of it. */
#ifndef DAFTAR_CONTROL_H
#define DAFTAR_CONTROL_H

#include <event2/event.h>
#include <jansson.h>

#include "lib/buf.h"

#define CONTROL_LINE_MAX (64 * 1024)

#define CONTROL_NAME_SIZE 33 /* name of a user of this system, and a NUL */
#define CONTROL_ARGS 16	     /* that a verb may have */

/* ---- roles: who may do what ---- */
enum control_role {
	CONTROL_VIEWER = 1,   /* looks */
	CONTROL_OPERATOR = 2, /* keeps it running: retry, hold, acknowledge, scrub, back up */
	CONTROL_SECURITY = 4, /* decides who may speak: cut, trust, corridors, settings */
	CONTROL_AUDITOR = 8,  /* reads the books: ledger, log, changes */
};
#define CONTROL_ROLES 4
#define CONTROL_LOOKS (CONTROL_VIEWER | CONTROL_OPERATOR | CONTROL_SECURITY | CONTROL_AUDITOR)
const char *control_role_word(enum control_role role); /* "viewer", ... */
bool control_role_parse(const char *word, enum control_role *out);

/* ---- the table of verbs ---- */
enum control_type {
	CONTROL_TEXT,	 /* a string; `most' bounds its octets, 0: 4096 */
	CONTROL_LONG,	 /* a long string, which only the line bounds: base64, notes */
	CONTROL_NUMBER,	 /* a whole number from `least' to `most'; 0 and 0: any that is not < 0 */
	CONTROL_SWITCH,	 /* true or false */
	CONTROL_PARTY,	 /* "KE.CRS" */
	CONTROL_MESSAGE, /* an id, or a tracking number */
	CONTROL_DIGEST,	 /* SHA-256, 64 hex digits */
	CONTROL_REASON,	 /* 1 to 200 printable ASCII */
	CONTROL_WHEN,	 /* ms UTC as a number; or in words, which the verb reads */
};
enum control_need { CONTROL_OPTIONAL, CONTROL_REQUIRED };
struct control_arg {
	const char *name;
	enum control_type type;
	enum control_need need;
	const char *sentence;
	int64_t least, most;
};
enum control_flag {
	CONTROL_CHANGES = 1, /* it changes something: written down, with a reason */
	CONTROL_TWO = 2,     /* two officers, where two are named */
	CONTROL_FREE = 4,    /* other arguments than the named ones are not refused */
};
struct control_verb {
	const char *name;
	unsigned roles; /* one of them is needed */
	unsigned flags;
	const char *sentence; /* what it does */
	/* Fills *data (a new reference) or returns an error; `args' is an object, maybe empty,
	 * whose members are those of the table, with its types. */
	enum err (*handle)(void *context, const json_t *args, json_t **data);
	struct control_arg args[CONTROL_ARGS + 1]; /* end with a NULL name */
};
#define CONTROL_WHY                                                                                \
	{                                                                                          \
		"reason", CONTROL_REASON, CONTROL_REQUIRED,                                        \
			"why, in a line, for those who read it later"                              \
	}

/* E_OK, or E_USAGE and a sentence that names the argument. */
enum err control_check_args(
	const struct control_verb *v, const json_t *args, char *sentence, size_t size) MUST_USE;
/* A row as "verbs" tells it. */
json_t *control_verb_json(const struct control_verb *v);
const struct control_verb *control_find(const struct control_verb *verbs, const char *name);

/* ---- server ---- */
/* Whom the socket serves besides root and the daemon's own user, who have every role. */
struct control_person {
	char name[CONTROL_NAME_SIZE];
	uid_t uid;
	unsigned roles;
	bool speaks; /* for others: its requests may have "as" (the dashboard) */
};
enum control_via { CONTROL_SELF, CONTROL_SPOKEN_FOR, CONTROL_REMOTE };
struct control_who {
	struct control_person person;
	enum control_via via; /* spoken for: no second approval comes this way */
};
struct control_server;
/* Listens at `path' (0600; a stale socket is replaced). `verbs' ends with a NULL name. E_LOCKED
 * when somebody listens there, E_IO. */
enum err control_listen(struct event_base *base, const char *path, const struct control_verb *verbs,
	void *context, struct control_server **out) MUST_USE;
void control_close(struct control_server **s);
/* These persons too, instead of those before; connections of whom it does not name any more end.
 * Anybody may then connect, and is asked who he is. E_IO. */
enum err control_admit(
	struct control_server *s, const struct control_person *persons, size_t n) MUST_USE;
/* Whose verb is being handled; only from within a verb. */
const struct control_who *control_who(const struct control_server *s);
uid_t control_user(const struct control_server *s);
/* The sentence of the error that the verb is about to return, instead of the code's own. */
void control_explain(struct control_server *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Answers one request of a person who has proved himself elsewhere, by a key; malloc'ed. */
char *control_answer(
	struct control_server *s, const struct control_person *proved, struct bytes line) MUST_USE;
/* Sends an event object to every watcher; takes the reference. A watcher that does not read is cut
 * at 256 KiB. */
void control_tell(struct control_server *s, json_t *event);

/* ---- client, blocking ---- */
/* Where `path' is tcp://..., the exchange is asked over CURVE, with the keys of control_keys; only
 * control_watch cannot. */
/* One request. E_UNREACHABLE when no daemon at `path' answers within 10 s; its own code otherwise.
 * *data is a new reference. `args' may be NULL and stays the caller's. */
enum err control_call(const char *path, const char *verb, json_t *args, json_t **data) MUST_USE;
/* The same in the name of somebody else, for whoever may; `as' NULL: in our own. */
enum err control_call_as(
	const char *path, const char *as, const char *verb, json_t *args, json_t **data) MUST_USE;
/* What the daemon said when it refused the last control_call, where that is more than the code's
 * own sentence: who may, or which argument. NULL otherwise. A loan until the next call. */
const char *control_said(void);
/* Hands `all' in, in pieces that fit a line, each with its place: arguments "data" (base64) and
 * "at"; an empty one in one empty piece. The first error of control_call. */
enum err control_put(const char *path, const char *verb, struct bytes all) MUST_USE;
/* Our secret key (lib/transport.h, curve_load), and the exchange's public one in Z85. E_NO_KEY,
 * E_IO. */
enum err control_keys(const char *own_secret, const char *exchange_public) MUST_USE;
/* For control_call only. E_UNREACHABLE, E_NO_KEY. */
enum err control_remote_line(
	const char *address, struct bytes request, struct buf *answer) MUST_USE;
/* Connects and sends "watch"; the file descriptor then gives events, one object a line.
 * E_UNREACHABLE. */
enum err control_watch(const char *path, int *fd) MUST_USE;

#endif
