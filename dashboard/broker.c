/* SPDX-License-Identifier: EUPL-1.2
 *
 * Questions are blocking calls over a local socket, which daftard answers from memory. The watch is
 * a stream of lines; what they say does not matter here, only that there was one. */
#include "dashboard/broker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/control.h"
#include "lib/id.h"

#define ANSWERS 64
#define PULSE_MS 1000

struct answer {
	char *question;
	json_t *data;
	enum err e;
};

struct broker {
	struct event_base *base;
	char *control;
	char *as; /* NULL: the dashboard's own user */
	struct answer answer[ANSWERS];
	size_t n_answers;
	int64_t began; /* of this pulse, monotonic ms */
	bool stale;    /* the broker has changed since */
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
	b->stale = true;
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
	b->stale = true;
	b->changed(b->context);
}

static void
forget(struct broker *b)
{
	for (size_t i = 0; i < b->n_answers; i++) {
		free(b->answer[i].question);
		json_decref(b->answer[i].data);
	}
	b->n_answers = 0;
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
	forget(*b);
	free((*b)->as);
	free((*b)->control);
	free(*b);
	*b = NULL;
}

/* ---- questions ---- */

void
broker_speak_as(struct broker *b, const char *name)
{
	free(b->as);
	b->as = name == NULL ? NULL : xstrdup(name);
}

void
broker_pulse(struct broker *b)
{
	int64_t now = monotonic_now();

	if (!b->stale && now - b->began < PULSE_MS)
		return;
	forget(b);
	b->began = now;
	b->stale = false;
}

/* What tells one question from another: who asks, what, and with which arguments. */
static char *
question_of(const struct broker *b, const char *verb, const json_t *args)
{
	OWNED(char, text, free_chars) =
		args == NULL ? NULL : json_dumps(args, JSON_COMPACT | JSON_SORT_KEYS);

	return xprintf("%s %s %s", b->as != NULL ? b->as : "", verb, text != NULL ? text : "");
}

static const json_t *
lend(const struct answer *a, enum err *why)
{
	if (why != NULL)
		*why = a->e;
	return a->e == E_OK ? a->data : NULL;
}

const json_t *
broker_ask(struct broker *b, const char *verb, json_t *args, enum err *why)
{
	OWNED(json_t, ours, json_decrefp) = args;
	OWNED(char, question, free_chars) = question_of(b, verb, ours);
	struct answer *a;

	for (size_t i = 0; i < b->n_answers; i++)
		if (strcmp(b->answer[i].question, question) == 0)
			return lend(&b->answer[i], why);
	if (b->n_answers == ANSWERS) /* no screen asks so much: what one page holds stays */
		return NULL;
	a = &b->answer[b->n_answers++];
	a->question = TAKE(question);
	a->data = NULL;
	a->e = control_call_as(b->control, b->as, verb, ours, &a->data);
	if (a->e == E_OK && a->data == NULL)
		a->data = json_object();
	return lend(a, why);
}

enum err
broker_act(struct broker *b, const char *verb, json_t *args, json_t **data)
{
	OWNED(json_t, ours, json_decrefp) = args;
	OWNED(json_t, got, json_decrefp) = NULL;

	b->stale = true;
	TRY(control_call_as(b->control, b->as, verb, ours, &got));
	if (data != NULL)
		*data = TAKE(got);
	return E_OK;
}
