/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftard is asked at most once a second, however many ask here; what it said last is given again
 * meanwhile. */
#include "dashboard/figures.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "lib/buf.h"
#include "lib/control.h"
#include "lib/id.h"

#define HEADERS_MOST 8192
#define TIMEOUT_S 5
#define KEPT_MS 1000

struct asked {
	json_t *data; /* NULL: it did not answer */
	int64_t at;   /* monotonic ms, 0: never asked */
};

struct figures {
	struct evhttp *http;
	char *control;
	int port;
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
reply(struct evhttp_request *r, int code, const char *type, const char *text)
{
	struct evkeyvalq *h = evhttp_request_get_output_headers(r);
	struct evbuffer *out = evbuffer_new();

	if (out == NULL || evbuffer_add(out, text, strlen(text)) != 0)
		die("memory");
	evhttp_add_header(h, "Content-Type", type);
	evhttp_add_header(h, "Cache-Control", "no-store");
	evhttp_add_header(h, "X-Content-Type-Options", "nosniff");
	evhttp_add_header(h, "Content-Security-Policy", "default-src 'none'");
	evhttp_send_reply(r, code, NULL, out);
	evbuffer_free(out);
}

static void
reply_plain(struct evhttp_request *r, int code, const char *text)
{
	reply(r, code, "text/plain; charset=utf-8", text);
}

static void
get_metrics(struct figures *f, struct evhttp_request *r)
{
	const json_t *data = ask(f, &f->metrics, "metrics");
	const char *text = json_string_value(json_object_get(data, "text"));

	if (text == NULL)
		reply_plain(r, HTTP_SERVUNAVAIL, "the exchange does not answer\n");
	else
		reply(r, HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", text);
}

static void
get_live(struct figures *f, struct evhttp_request *r)
{
	const json_t *data = ask(f, &f->health, "health");
	bool live = json_is_true(json_object_get(data, "live"));

	reply_plain(r, live ? HTTP_OK : HTTP_SERVUNAVAIL,
		live ? "live\n" : "the exchange does not answer\n");
}

static void
get_ready(struct figures *f, struct evhttp_request *r)
{
	const json_t *data = ask(f, &f->health, "health"), *why;
	OWNED_BUF(text) = {0};
	size_t i;

	if (json_is_true(json_object_get(data, "ready"))) {
		reply_plain(r, HTTP_OK, "ready\n");
		return;
	}
	json_array_foreach(json_object_get(data, "why"), i, why)
	{
		buf_printf(&text, "%s\n", json_string_value(why));
	}
	if (data == NULL)
		buf_text(&text, "the exchange does not answer\n");
	reply_plain(r, HTTP_SERVUNAVAIL, (const char *)text.data);
}

static const struct {
	const char *path;
	void (*get)(struct figures *f, struct evhttp_request *r);
} routes[] = {
	{"/metrics", get_metrics},
	{"/healthz", get_live},
	{"/readyz", get_ready},
};

/* A page in a browser on this machine must not read it under a name of its own. */
static bool
host_is_ours(const struct figures *f, struct evhttp_request *r)
{
	static const char *const names[] = {"127.0.0.1", "localhost"};
	const char *host = evhttp_find_header(evhttp_request_get_input_headers(r), "Host");

	for (size_t i = 0; i < ARRAY_LEN(names) && host != NULL; i++) {
		OWNED(char, ours, free_chars) = xprintf("%s:%d", names[i], f->port);

		if (strcmp(host, ours) == 0)
			return true;
	}
	return false;
}

static void
on_request(struct evhttp_request *r, void *context)
{
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(r));
	struct figures *f = context;

	if (!host_is_ours(f, r)) {
		reply_plain(r, 421, "ask 127.0.0.1\n");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (path != NULL && strcmp(path, routes[i].path) == 0) {
			routes[i].get(f, r);
			return;
		}
	reply_plain(r, HTTP_NOTFOUND, "/metrics, /healthz, /readyz\n");
}

enum err
figures_open(struct event_base *base, int port, const char *control, struct figures **out)
{
	OWNED(struct figures, f, figures_close) = xcalloc(1, sizeof *f);

	f->control = xstrdup(control);
	f->port = port;
	f->http = evhttp_new(base);
	if (f->http == NULL)
		die("http");
	evhttp_set_allowed_methods(f->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(f->http, HEADERS_MOST);
	evhttp_set_max_body_size(f->http, 0);
	evhttp_set_timeout(f->http, TIMEOUT_S);
	evhttp_set_gencb(f->http, on_request, f);
	if (evhttp_bind_socket(f->http, "127.0.0.1", (ev_uint16_t)port) != 0)
		return E_IO;
	*out = TAKE(f);
	return E_OK;
}

void
figures_close(struct figures **f)
{
	if (*f == NULL)
		return;
	if ((*f)->http != NULL)
		evhttp_free((*f)->http);
	json_decref((*f)->metrics.data);
	json_decref((*f)->health.data);
	free((*f)->control);
	free(*f);
	*f = NULL;
}
