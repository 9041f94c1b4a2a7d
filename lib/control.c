/* SPDX-License-Identifier: EUPL-1.2
 *
 * The control protocol's server: a line in, a line out, verbs from the daemon's table. "verbs" and
 * "watch" are the server's own, since every daemon has them.
 *
 * A client is another process of the same operator, but it may be slow, broken or gone: lines and
 * answers are bounded, and a client that does not read is cut. Its connection ends in one place,
 * drop_client; a client that is to get a last answer first is marked and dropped once that has
 * left. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "lib/control.h"
#include "lib/log.h"

#define CLIENTS_MAX 64
#define WAITING_MAX (256 * 1024)  /* of a watcher that does not read */
#define ANSWERS_MAX (1024 * 1024) /* of anyone else */

struct client {
	LIST_ENTRY(client) next;
	struct control_server *server;
	struct bufferevent *stream;
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
	uid_t *admitted;
	size_t n_admitted;
	uid_t user; /* whose verb is being handled */
};

static void
drop_client(struct client *c)
{
	LIST_REMOVE(c, next);
	c->server->n_clients--;
	bufferevent_free(c->stream);
	free(c);
}

static size_t
waiting(const struct client *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->stream));
}

/* ---- answers ---- */

/* One line; takes the reference. */
static void
send_line(struct client *c, json_t *object)
{
	OWNED(char, line, free_chars) = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	struct evbuffer *out = bufferevent_get_output(c->stream);

	json_decref(object);
	if (line == NULL)
		die("an answer cannot be written");
	if (evbuffer_add(out, line, strlen(line)) != 0 || evbuffer_add(out, "\n", 1) != 0)
		die("memory");
}

static void
answer_data(struct client *c, json_t *data)
{
	send_line(c, json_pack("{s:b, s:o}", "ok", 1, "data", data != NULL ? data : json_object()));
}

static void
answer_error(struct client *c, enum err e, const char *sentence)
{
	send_line(c, json_pack("{s:b, s:s, s:s}", "ok", 0, "code", err_word(e), "sentence",
			     sentence != NULL ? sentence : err_sentence(e)));
}

/* ---- verbs ---- */

static json_t *
verb_row(const char *name, const char *args, const char *sentence)
{
	return json_pack("{s:s, s:s, s:s}", "verb", name, "args", args, "sentence", sentence);
}

static json_t *
verbs_table(const struct control_verb *verbs)
{
	json_t *rows = json_array();

	for (const struct control_verb *v = verbs; v->name != NULL; v++)
		json_array_append_new(rows, verb_row(v->name, v->args, v->sentence));
	json_array_append_new(rows, verb_row("verbs", "", "list these verbs"));
	json_array_append_new(
		rows, verb_row("watch", "", "answer, then tell events, one a line, until you go"));
	return json_pack("{s:o}", "verbs", rows);
}

static const struct control_verb *
find_verb(const struct control_verb *verbs, const char *name)
{
	for (const struct control_verb *v = verbs; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

static void
call_verb(struct client *c, const char *name, const json_t *args)
{
	const struct control_verb *v = find_verb(c->server->verbs, name);
	json_t *data = NULL;
	enum err e;

	if (v == NULL) {
		answer_error(c, E_USAGE, "there is no such verb; the verb `verbs' lists them");
		return;
	}
	c->server->user = c->user;
	e = v->handle(c->server->context, args, &data);
	if (e == E_OK) {
		answer_data(c, data);
		return;
	}
	json_decref(data); /* what was ready before it failed */
	answer_error(c, e, NULL);
}

static void
perform(struct client *c, const json_t *request)
{
	const json_t *args = json_object_get(request, "args");
	const char *name = json_string_value(json_object_get(request, "verb"));
	OWNED(json_t, none, json_decrefp) = json_object();

	if (name == NULL || (args != NULL && !json_is_object(args))) {
		answer_error(c, E_INPUT,
			"a request is an object with `verb', a string, and `args', an object");
		return;
	}
	if (strcmp(name, "verbs") == 0) {
		answer_data(c, verbs_table(c->server->verbs));
		return;
	}
	if (strcmp(name, "watch") == 0) {
		c->watches = true;
		answer_data(c, NULL);
		return;
	}
	call_verb(c, name, args != NULL ? args : none);
}

/* ---- lines ---- */

static void
take_line(struct client *c, const char *line, size_t size)
{
	OWNED(json_t, request, json_decrefp) = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(request)) {
		answer_error(c, E_INPUT, "the line is not one JSON object");
		return;
	}
	perform(c, request);
}

/* What was answered still leaves; nothing more is read. */
static void
let_go(struct client *c)
{
	c->leaving = true;
	bufferevent_disable(c->stream, EV_READ);
	if (waiting(c) == 0)
		drop_client(c);
}

static void
on_line(struct bufferevent *stream, void *context)
{
	struct evbuffer *in = bufferevent_get_input(stream);
	struct client *c = context;
	size_t size;
	char *line;

	while (!c->leaving && (line = evbuffer_readln(in, &size, EVBUFFER_EOL_LF)) != NULL) {
		if (size < CONTROL_LINE_MAX)
			take_line(c, line, size);
		free(line);
		if (size >= CONTROL_LINE_MAX || waiting(c) > ANSWERS_MAX)
			break;
	}
	if (waiting(c) > ANSWERS_MAX) {
		drop_client(c);
		return;
	}
	if (!c->leaving && evbuffer_get_length(in) >= CONTROL_LINE_MAX) {
		answer_error(c, E_INPUT, "a request may have 64 KiB");
		let_go(c);
	}
}

static void
on_written(struct bufferevent *stream, void *context)
{
	struct client *c = context;

	(void)stream;
	if (c->leaving)
		drop_client(c);
}

static void
on_end(struct bufferevent *stream, short what, void *context)
{
	(void)stream;
	if ((what & BEV_EVENT_ERROR) != 0)
		drop_client(context);
	else if ((what & BEV_EVENT_EOF) != 0)
		let_go(context);
}

/* ---- connections ---- */

static bool
is_admitted(const struct control_server *s, uid_t user)
{
	bool found = user == 0 || user == geteuid();

	for (size_t i = 0; i < s->n_admitted && !found; i++)
		found = s->admitted[i] == user;
	return found;
}

static bool
is_ours(const struct control_server *s, int fd, uid_t *user)
{
	struct ucred who;
	socklen_t size = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
		return false;
	*user = who.uid;
	return is_admitted(s, who.uid);
}

uid_t
control_user(const struct control_server *s)
{
	return s->user;
}

enum err
control_admit(struct control_server *s, const uid_t *users, size_t n)
{
	free(s->admitted);
	s->admitted = xcalloc(n + 1, sizeof(*users));
	s->n_admitted = n;
	if (n == 0)
		return E_OK;
	memcpy(s->admitted, users, n * sizeof(*users));
	return chmod(s->path, 0666) == 0 ? E_OK : E_IO;
}

static void
on_client(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *a, int n, void *context)
{
	struct control_server *s = context;
	struct client *c;
	uid_t user;

	(void)a;
	(void)n;
	if (!is_ours(s, fd, &user) || s->n_clients >= CLIENTS_MAX) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->server = s;
	c->user = user;
	c->stream = bufferevent_socket_new(evconnlistener_get_base(l), fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->stream == NULL)
		die("a connection cannot be watched");
	LIST_INSERT_HEAD(&s->clients, c, next);
	s->n_clients++;
	bufferevent_setcb(c->stream, on_line, on_written, on_end, c);
	bufferevent_setwatermark(c->stream, EV_READ, 0, CONTROL_LINE_MAX);
	bufferevent_enable(c->stream, EV_READ | EV_WRITE);
}

/* Not at once: a verb of this very client may have caused the event. */
static void
cut(struct client *c)
{
	c->leaving = true;
	bufferevent_trigger_event(c->stream, BEV_EVENT_ERROR, BEV_TRIG_DEFER_CALLBACKS);
}

void
control_tell(struct control_server *s, json_t *event)
{
	struct client *next;

	for (struct client *c = LIST_FIRST(&s->clients); c != NULL; c = next) {
		next = LIST_NEXT(c, next);
		if (!c->watches || c->leaving)
			continue;
		if (waiting(c) > WAITING_MAX)
			cut(c);
		else
			send_line(c, json_incref(event));
	}
	json_decref(event);
}

/* ---- listening ---- */

/* A socket that nobody listens at was left behind by a daemon that was killed. */
static enum err
remove_stale(const struct sockaddr_un *at)
{
	OWNED_FD(fd) = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (lstat(at->sun_path, &st) != 0)
		return errno == ENOENT ? E_OK : E_IO;
	if (!S_ISSOCK(st.st_mode))
		return E_IO;
	if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0)
		return E_LOCKED;
	if (errno != ECONNREFUSED)
		return E_IO;
	return unlink(at->sun_path) == 0 ? E_OK : E_IO;
}

static enum err
bind_socket(const char *path, int *out)
{
	OWNED_FD(fd) = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	mode_t mask;
	int rc;

	if (fd < 0 || !copy_text(at.sun_path, sizeof(at.sun_path), path))
		return E_IO;
	TRY(remove_stale(&at));
	mask = umask(0177);
	rc = bind(fd, (struct sockaddr *)&at, sizeof(at));
	umask(mask);
	if (rc != 0)
		return E_IO;
	*out = fd;
	fd = -1;
	return E_OK;
}

enum err
control_listen(struct event_base *base, const char *path, const struct control_verb *verbs,
	void *context, struct control_server **out)
{
	struct control_server *s;
	int fd;

	TRY(bind_socket(path, &fd));
	s = xcalloc(1, sizeof(*s));
	LIST_INIT(&s->clients);
	s->verbs = verbs;
	s->context = context;
	s->path = xstrdup(path);
	s->listener = evconnlistener_new(
		base, on_client, s, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16, fd);
	if (s->listener == NULL)
		die("the control socket cannot be watched");
	*out = s;
	return E_OK;
}

void
control_close(struct control_server **s)
{
	if (*s == NULL)
		return;
	while (!LIST_EMPTY(&(*s)->clients))
		drop_client(LIST_FIRST(&(*s)->clients));
	evconnlistener_free((*s)->listener);
	unlink((*s)->path);
	free((*s)->path);
	free((*s)->admitted);
	free(*s);
	*s = NULL;
}
