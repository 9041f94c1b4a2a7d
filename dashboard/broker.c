/* SPDX-License-Identifier: EUPL-1.2
 *
 * Questions are blocking calls over a local socket, which daftard answers from memory. The watch is
 * a stream of lines; what they say does not matter here, only that there was one. */
#include "dashboard/broker.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/control.h"

struct broker {
	struct event_base *base;
	char *control;
	void (*changed)(void *context);
	void *context;
	int fd; /* of the watch, -1: not connected */
	struct event *lines;
	struct event *again; /* tries to connect once a second while it is away */
};

static void
watch_drop(struct broker *b)
{
	if (b->lines != NULL)
		event_free(b->lines);
	b->lines = NULL;
	close_fd(&b->fd);
}

static void
watch_retry(struct broker *b)
{
	static const struct timeval second = {1, 0};

	event_add(b->again, &second);
}

static void
on_lines(evutil_socket_t fd, short what, void *context)
{
	struct broker *b = context;
	char sink[16384];
	ssize_t n = read(fd, sink, sizeof sink);

	if (n <= 0) {
		watch_drop(b);
		watch_retry(b);
	}
	b->changed(b->context);
}

static void
watch_connect(evutil_socket_t fd, short what, void *context)
{
	struct broker *b = context;

	if (control_watch(b->control, &b->fd) != E_OK) {
		watch_retry(b);
		return;
	}
	evutil_make_socket_nonblocking(b->fd);
	b->lines = event_new(b->base, b->fd, EV_READ | EV_PERSIST, on_lines, b);
	if (b->lines == NULL || event_add(b->lines, NULL) != 0)
		die("event");
	b->changed(b->context);
}

struct broker *
broker_new(
	struct event_base *base, const char *control, void (*changed)(void *context), void *context)
{
	struct broker *b = xcalloc(1, sizeof *b);

	b->base = base;
	b->control = xstrdup(control);
	b->changed = changed;
	b->context = context;
	b->fd = -1;
	b->again = evtimer_new(base, watch_connect, b);
	if (b->again == NULL)
		die("event");
	event_active(b->again, EV_TIMEOUT, 0);
	return b;
}

void
broker_free(struct broker **b)
{
	if (*b == NULL)
		return;
	watch_drop(*b);
	event_free((*b)->again);
	free((*b)->control);
	free(*b);
	*b = NULL;
}

json_t *
broker_status(struct broker *b, enum err *why)
{
	json_t *data = NULL;

	*why = control_call(b->control, "status", NULL, &data);
	return *why == E_OK ? data : NULL;
}

json_t *
broker_messages(struct broker *b, int limit)
{
	json_t *args = json_pack("{s:i}", "limit", limit), *data = NULL;
	enum err e = control_call(b->control, "message.list", args, &data);

	json_decref(args);
	return e == E_OK ? data : NULL;
}
