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
#include <stdarg.h>
#include <stdio.h>
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

#define SENTENCE 1024
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
	struct control_person *persons;
	size_t n_persons;
	struct control_who who; /* whose verb is being handled */
	char said[SENTENCE];	/* by its handler, of an error */
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

/* ---- persons ---- */

/* Root and the daemon's own user, whether they are named or not. */
static bool
is_almighty(uid_t user)
{
	return user == 0 || user == geteuid();
}

static bool
find_person(const struct control_server *s, uid_t user, struct control_person *out)
{
	*out = (struct control_person){.uid = user};
	snprintf(out->name, sizeof out->name, user == 0 ? "root" : "uid %u", (unsigned)user);
	for (size_t i = 0; i < s->n_persons; i++)
		if (s->persons[i].uid == user) {
			*out = s->persons[i];
			break;
		}
	if (is_almighty(user)) {
		out->roles = CONTROL_LOOKS;
		out->speaks = true;
	}
	return out->roles != 0;
}

/* ---- verbs ---- */

/* What every daemon has. */
static const struct control_verb own_verbs[] = {
	{"verbs", CONTROL_LOOKS, 0, "list these verbs", NULL, {{0}}},
	{"watch", CONTROL_LOOKS, 0, "answer, then tell events, one a line, until you go", NULL,
		{{0}}},
	{0},
};

static json_t *
verbs_table(const struct control_verb *verbs)
{
	json_t *rows = json_array();

	for (const struct control_verb *v = verbs; v->name != NULL; v++)
		json_array_append_new(rows, control_verb_json(v));
	for (const struct control_verb *v = own_verbs; v->name != NULL; v++)
		json_array_append_new(rows, control_verb_json(v));
	return json_pack("{s:o}", "verbs", rows);
}

/* Whoever has one of these roles, by name. */
static void
list_holders(const struct control_server *s, unsigned roles, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s->n_persons && n < size; i++) {
		const struct control_person *p = &s->persons[i];
		int got;

		if ((p->roles & roles) == 0 || p->speaks)
			continue;
		got = snprintf(out + n, size - n, "%s%s", n > 0 ? ", " : "", p->name);
		n += got > 0 ? (size_t)got : 0;
	}
	if (n == 0)
		snprintf(out, size, "root alone");
}

static void
refuse_role(struct client *c, const struct control_verb *v)
{
	char holders[256], sentence[640], roles[64] = "";

	for (unsigned bit = 1; bit <= CONTROL_AUDITOR; bit <<= 1)
		if ((v->roles & bit) != 0) {
			size_t n = strlen(roles);

			snprintf(roles + n, sizeof roles - n, "%s%s", n > 0 ? " or " : "",
				control_role_word(bit));
		}
	list_holders(c->server, v->roles, holders, sizeof holders);
	snprintf(sentence, sizeof sentence,
		"%s needs the role %s, which %s has not; nothing was done. Ask: %s", v->name, roles,
		c->server->who.person.name, holders);
	answer_error(c, E_ROLE, sentence);
}

static void
call_verb(struct client *c, const struct control_verb *v, const json_t *args)
{
	struct control_server *s = c->server;
	json_t *data = NULL;
	enum err e;

	s->said[0] = '\0';
	e = v->handle(s->context, args, &data);
	if (e == E_OK) {
		answer_data(c, data);
		return;
	}
	json_decref(data); /* what was ready before it failed */
	answer_error(c, e, s->said[0] != '\0' ? s->said : NULL);
}

static void
call_own(struct client *c, const struct control_verb *v)
{
	if (strcmp(v->name, "verbs") == 0) {
		answer_data(c, verbs_table(c->server->verbs));
		return;
	}
	c->watches = true;
	answer_data(c, NULL);
}

/* Who asks: the user at the other end, or the one for whom he may speak. */
static bool
find_who(struct client *c, const json_t *as)
{
	struct control_server *s = c->server;
	const char *name = json_string_value(as);

	s->who = (struct control_who){.via = CONTROL_SELF};
	if (!find_person(s, c->user, &s->who.person))
		return false;
	if (as == NULL)
		return true;
	if (!s->who.person.speaks || name == NULL)
		return false;
	for (size_t i = 0; i < s->n_persons; i++)
		if (strcmp(s->persons[i].name, name) == 0 && !s->persons[i].speaks) {
			s->who.person = s->persons[i];
			s->who.via = CONTROL_SPOKEN_FOR;
			return true;
		}
	return false;
}

static void
perform(struct client *c, const json_t *request)
{
	const json_t *args = json_object_get(request, "args");
	const char *name = json_string_value(json_object_get(request, "verb"));
	OWNED(json_t, none, json_decrefp) = json_object();
	const struct control_verb *v;
	char sentence[SENTENCE];
	enum err e;

	if (name == NULL || (args != NULL && !json_is_object(args))) {
		answer_error(c, E_INPUT,
			"a request is an object with `verb', a string, and `args', an object");
		return;
	}
	v = control_find(own_verbs, name);
	if (v == NULL)
		v = control_find(c->server->verbs, name);
	if (v == NULL) {
		answer_error(c, E_USAGE, "there is no such verb; the verb `verbs' lists them");
		return;
	}
	if (!find_who(c, json_object_get(request, "as"))) {
		answer_error(c, E_ROLE,
			"`as' names a person with a role here, and only the dashboard's user may "
			"say it; nothing was done");
		return;
	}
	if ((v->roles & c->server->who.person.roles) == 0) {
		refuse_role(c, v);
		return;
	}
	e = control_check_args(v, args != NULL ? args : none, sentence, sizeof sentence);
	if (e != E_OK)
		answer_error(c, e, sentence);
	else if (v->handle == NULL)
		call_own(c, v);
	else
		call_verb(c, v, args != NULL ? args : none);
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
is_ours(const struct control_server *s, int fd, uid_t *user)
{
	struct control_person nobody;
	struct ucred who;
	socklen_t size = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
		return false;
	*user = who.uid;
	return find_person(s, who.uid, &nobody);
}

const struct control_who *
control_who(const struct control_server *s)
{
	return &s->who;
}

uid_t
control_user(const struct control_server *s)
{
	return s->who.person.uid;
}

void
control_explain(struct control_server *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->said, sizeof s->said, fmt, ap);
	va_end(ap);
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
	if (!c->leaving && !find_person(s, c->user, &nobody))
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
	free((*s)->persons);
	free(*s);
	*s = NULL;
}
