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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/listener.h>

#include "lib/control_parts.h"
#include "lib/log.h"

#define CLIENTS_MAX 64
#define CLIENTS_OF_ONE 16	  /* of one person: nobody keeps the others out .. */
#define CLIENTS_OF_ALL 56	  /* .. and root and the daemon's own user always come in */
#define WAITING_MAX (256 * 1024)  /* of a watcher that does not read */
#define ANSWERS_MAX (1024 * 1024) /* of anyone else */

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

/* ---- lines ---- */

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
			client_take_line(c, line, size);
		free(line);
		if (size >= CONTROL_LINE_MAX || waiting(c) > ANSWERS_MAX)
			break;
	}
	if (waiting(c) > ANSWERS_MAX) {
		drop_client(c);
		return;
	}
	if (!c->leaving && evbuffer_get_length(in) >= CONTROL_LINE_MAX) {
		client_answer_error(c, E_INPUT, "a request may have 64 KiB");
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
is_ours(const struct control_server *s, int fd, uid_t *user)
{
	struct control_person nobody;
	struct ucred who;
	socklen_t size = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
		return false;
	*user = who.uid;
	return control_find_person(s, who.uid, &nobody);
}

/* Not at once: a verb of this very client may be the cause. */
static void
cut(struct client *c)
{
	c->leaving = true;
	bufferevent_trigger_event(c->stream, BEV_EVENT_ERROR, BEV_TRIG_DEFER_CALLBACKS);
}

static void
cut_strangers(struct control_server *s)
{
	struct control_person nobody;
	struct client *c;

	LIST_FOREACH(c, &s->clients, next)
	if (!c->leaving && !control_find_person(s, c->user, &nobody))
		cut(c);
}

enum err
control_admit(struct control_server *s, const struct control_person *persons, size_t n)
{
	free(s->persons);
	s->persons = xcalloc(n + 1, sizeof(*persons));
	s->n_persons = n;
	if (n > 0)
		memcpy(s->persons, persons, n * sizeof(*persons));
	cut_strangers(s);
	return n == 0 || chmod(s->path, 0666) == 0 ? E_OK : E_IO;
}

/* Idle connections cost nobody his: the one who must cut a party off now may be the next. */
static bool
has_room(const struct control_server *s, uid_t user)
{
	const struct client *c;
	size_t n = 0;

	if (control_is_almighty(user))
		return s->n_clients < CLIENTS_MAX;
	LIST_FOREACH(c, &s->clients, next)
	n += c->user == user;
	return n < CLIENTS_OF_ONE && s->n_clients < CLIENTS_OF_ALL;
}

static void
on_client(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *a, int n, void *context)
{
	struct control_server *s = context;
	struct client *c;
	uid_t user;

	(void)a;
	(void)n;
	if (!is_ours(s, fd, &user) || !has_room(s, user)) {
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
			client_send(c, json_incref(event));
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
	free((*s)->persons);
	free(*s);
	*s = NULL;
}
