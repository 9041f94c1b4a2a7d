/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftard is asked at most once a second, however many ask here; what it said last is given again
 * meanwhile. */
#include "dashboard/figures.h"

#include <stdlib.h>
#include <string.h>

#include "dashboard/http.h"
#include "lib/buf.h"
#include "lib/control.h"
#include "lib/id.h"

#define KEPT_MS 1000

struct asked {
	json_t *data; /* NULL: it did not answer */
	int64_t at;   /* monotonic ms, 0: never asked */
};

struct figures {
	struct http *http;
	char *control;
	struct asked metrics, health;
};

static const json_t *
ask(struct figures *f, struct asked *a, const char *verb)
{
	int64_t tick = monotonic_now();

	if (a->at != 0 && tick - a->at < KEPT_MS)
		return a->data;
	json_decref(a->data);
	a->data = NULL;
	if (control_call(f->control, verb, NULL, &a->data) != E_OK)
		a->data = NULL;
	a->at = monotonic_now();
	return a->data;
}

static void
reply(const struct http_request *r, int status, const char *type, const char *text)
{
	const struct http_answer a = {
		.status = status, .type = type, .body = bytes_of(text, strlen(text))};

	http_reply(r->call, &a);
}

static void
reply_plain(const struct http_request *r, int status, const char *text)
{
	reply(r, status, "text/plain; charset=utf-8", text);
}

static void
get_metrics(struct figures *f, const struct http_request *r)
{
	const json_t *data = ask(f, &f->metrics, "metrics");
	const char *text = json_string_value(json_object_get(data, "text"));

	if (text == NULL)
		reply_plain(r, 503, "the exchange does not answer\n");
	else
		reply(r, 200, "text/plain; version=0.0.4; charset=utf-8", text);
}

static void
get_live(struct figures *f, const struct http_request *r)
{
	const json_t *data = ask(f, &f->health, "health");
	bool live = json_is_true(json_object_get(data, "live"));

	reply_plain(r, live ? 200 : 503, live ? "live\n" : "the exchange does not answer\n");
}

static void
get_ready(struct figures *f, const struct http_request *r)
{
	const json_t *data = ask(f, &f->health, "health"), *why;
	OWNED_BUF(text) = {0};
	size_t i;

	if (json_is_true(json_object_get(data, "ready"))) {
		reply_plain(r, 200, "ready\n");
		return;
	}
	json_array_foreach(json_object_get(data, "why"), i, why)
	{
		buf_printf(&text, "%s\n", json_string_value(why));
	}
	if (data == NULL)
		buf_text(&text, "the exchange does not answer\n");
	reply_plain(r, 503, (const char *)text.data);
}

static const struct {
	const char *path;
	void (*get)(struct figures *f, const struct http_request *r);
} routes[] = {
	{"/metrics", get_metrics},
	{"/healthz", get_live},
	{"/readyz", get_ready},
};

/* A page in a browser on this machine must not read it under a name of its own. */
static bool
host_is_ours(const struct figures *f, const struct http_request *r)
{
	static const char *const names[] = {"127.0.0.1", "localhost"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED(char, ours, free_chars) = xprintf("%s:%d", names[i], http_port(f->http));

		if (strcmp(r->host, ours) == 0)
			return true;
	}
	return false;
}

static void
on_request(const struct http_request *r, void *context)
{
	struct figures *f = context;

	if (r->refused != 0 || r->method == HTTP_M_POST) {
		reply_plain(r, r->refused != 0 ? r->refused : 405, "GET and HEAD, to the letter\n");
		return;
	}
	if (!host_is_ours(f, r)) {
		reply_plain(r, 421, "ask 127.0.0.1\n");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (strcmp(r->path, routes[i].path) == 0) {
			routes[i].get(f, r);
			return;
		}
	reply_plain(r, 404, "/metrics, /healthz, /readyz\n");
}

enum err
figures_open(struct event_base *base, int port, const char *control, struct figures **out)
{
	OWNED(struct figures, f, figures_close) = xcalloc(1, sizeof *f);

	f->control = xstrdup(control);
	TRY(http_open(base, "127.0.0.1", port, NULL, on_request, f, &f->http));
	*out = TAKE(f);
	return E_OK;
}

void
figures_close(struct figures **f)
{
	if (*f == NULL)
		return;
	http_close(&(*f)->http);
	json_decref((*f)->metrics.data);
	json_decref((*f)->health.data);
	free((*f)->control);
	free(*f);
	*f = NULL;
}
