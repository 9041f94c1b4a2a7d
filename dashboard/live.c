/* SPDX-License-Identifier: EUPL-1.2
 *
 * The live stream. For each browser that watches, the page it stands on is made again at most once
 * a second, and the parts that differ from what it has are sent. What it has is remembered by a
 * digest that the page carries, so that a stream begins, and after a break goes on, with the
 * difference only (id: and Last-Event-ID).
 *
 *	event: part	data: the element as HTML; the browser puts it in place of its namesake
 *	event: row	data: where a new one goes, a newline, the row
 *	event: gone	data: the id of an element that is no more
 *	event: anew	the browser's page was made while the exchange did not answer, or has no
 *			place for a part that is new: load it again
 *	event: away	the exchange does not answer: what the browser shows stays, and is old
 *	event: beat	data: now, a space, when the session ends: five seconds without are a sign
 *	event: ended	the session is over */
#include <stdlib.h>
#include <string.h>

#include "dashboard/visit.h"
#include "lib/id.h"

#define STREAMS 32
#define KEPT 64
#define BEAT_S 5

struct seen_part {
	char id[64];
	uint64_t digest;
};

struct seen {
	uint64_t digest; /* of all parts; 0: the place is free */
	size_t n;
	struct seen_part *part;
};

struct stream {
	struct live *live;
	struct http_stream *http; /* NULL: the place is free */
	bool gone;
	bool secure;
	char secret[SECRET_TEXT_SIZE], certificate[DIGEST_TEXT_SIZE];
	const struct screen *screen;
	struct query query;
	char lang[3];
	bool made_away; /* its page was made while the exchange did not answer */
	struct seen has;
};

struct live {
	struct server *server;
	struct event *soon, *beat;
	bool waiting; /* `soon' is armed */
	struct seen kept[KEPT];
	size_t next_kept;
	struct stream stream[STREAMS];
};

/* ---- what a browser has ---- */

static void
seen_free(struct seen *s)
{
	free(s->part);
	*s = (struct seen){0};
}

static uint64_t
number_of_digest(const void *data, size_t size)
{
	struct digest d;
	uint64_t n;

	digest_of(data, size, &d);
	memcpy(&n, d.octet, sizeof n);
	return n == 0 ? 1 : n;
}

/* An age that moves on is no news. */
static uint64_t
digest_of_part(const struct page *p, const struct part *t)
{
	OWNED_BUF(still) = {0};
	size_t from = t->begin;

	for (size_t i = 0; i < p->n_ages; i++) {
		if (p->age[i].begin < from || p->age[i].end > t->end)
			continue;
		buf_add(&still, p->out->data + from, p->age[i].begin - from);
		from = p->age[i].end;
	}
	buf_add(&still, p->out->data + from, t->end - from);
	return number_of_digest(still.data, still.size);
}

static void
seen_of(const struct page *p, struct seen *out)
{
	OWNED_BUF(all) = {0};

	*out = (struct seen){.n = p->n_parts};
	out->part = xcalloc(p->n_parts + 1, sizeof *out->part);
	for (size_t i = 0; i < p->n_parts; i++) {
		memcpy(out->part[i].id, p->part[i].id, sizeof out->part[i].id);
		out->part[i].digest = digest_of_part(p, &p->part[i]);
		buf_text(&all, out->part[i].id);
		buf_u64(&all, out->part[i].digest);
	}
	out->digest = number_of_digest(all.data, all.size);
}

static void
seen_copy(const struct seen *from, struct seen *to)
{
	seen_free(to);
	*to = *from;
	to->part = xcalloc(from->n + 1, sizeof *to->part);
	memcpy(to->part, from->part, from->n * sizeof *to->part);
}

static const struct seen_part *
seen_find(const struct seen *s, const char *id)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->part[i].id, id) == 0)
			return &s->part[i];
	return NULL;
}

static void
keep(struct live *l, const struct seen *s)
{
	for (size_t i = 0; i < KEPT; i++)
		if (l->kept[i].digest == s->digest)
			return;
	seen_copy(s, &l->kept[l->next_kept]);
	l->next_kept = (l->next_kept + 1) % KEPT;
}

static void
name_of(const struct seen *s, char out[SEEN_TEXT_SIZE])
{
	OWNED_BUF(hex) = {0};

	buf_hex(&hex, &s->digest, sizeof s->digest);
	memcpy(out, hex.data, SEEN_TEXT_SIZE);
}

void
live_remember(struct live *l, const struct page *p, char seen[SEEN_TEXT_SIZE])
{
	struct seen s;

	if (p->away) {
		snprintf(seen, SEEN_TEXT_SIZE, SEEN_AWAY);
		return;
	}
	seen_of(p, &s);
	keep(l, &s);
	name_of(&s, seen);
	seen_free(&s);
}

/* ---- sending ---- */

static void
put_data(struct buf *out, const char *event, const char *into, struct bytes html)
{
	buf_printf(out, "event: %s\ndata: ", event);
	if (into[0] != '\0')
		buf_printf(out, "%s\ndata: ", into);
	for (size_t i = 0; i < html.size; i++) {
		if (html.data[i] == '\n' || html.data[i] == '\r')
			buf_text(out, "\ndata: ");
		else
			buf_add(out, html.data + i, 1);
	}
	buf_text(out, "\n\n");
}

static void
put_part(const struct page *p, const struct part *t, const struct seen *has, const struct seen *now,
	struct buf *out)
{
	const struct seen_part *old = seen_find(has, t->id), *new = seen_find(now, t->id);

	if (old != NULL && old->digest == new->digest)
		return;
	put_data(out, t->into[0] != '\0' ? "row" : "part", t->into,
		bytes_of(p->out->data + t->begin, t->end - t->begin));
}

/* Rows from the last to the first, so that a browser that puts new ones on top ends in order. */
static void
put_difference(
	const struct page *p, const struct seen *has, const struct seen *now, struct buf *out)
{
	for (size_t i = 0; i < has->n; i++)
		if (seen_find(now, has->part[i].id) == NULL)
			put_data(out, "gone", "",
				bytes_of(has->part[i].id, strlen(has->part[i].id)));
	for (size_t i = p->n_parts; i-- > 0;)
		if (p->part[i].end > 0)
			put_part(p, &p->part[i], has, now, out);
}

/* A row is put into its table, a part in the place of its namesake; a part without one can be put
 * nowhere. */
static bool
has_no_place(const struct page *p, const struct seen *has)
{
	for (size_t i = 0; has->digest != 0 && i < p->n_parts; i++)
		if (p->part[i].into[0] == '\0' && seen_find(has, p->part[i].id) == NULL)
			return true;
	return false;
}

/* Said again with each beat, until there is something else to say. */
static void
stream_tell(struct stream *t, const char *event)
{
	OWNED_BUF(out) = {0};

	buf_printf(&out, "event: %s\ndata: -\n\n", event);
	http_stream_send(t->http, buf_bytes(&out));
}

static void
put_beat(const struct session *session, int64_t tick, struct buf *out)
{
	char now[INSTANT_TEXT_SIZE], ends[INSTANT_TEXT_SIZE];

	instant_format(instant_now(), now);
	instant_format(instant_now() + session_left(session, tick), ends);
	buf_printf(out, "event: beat\ndata: %s %s\n\n", now, ends);
}

static struct page *
fill_page(struct stream *t, const struct session *session)
{
	struct visit v = {.server = t->live->server, .query = t->query};
	struct page *p = page_new(&v, t->screen);
	struct viewer *viewer = xcalloc(1, sizeof *viewer);

	memcpy(viewer->user, session->login.user, sizeof viewer->user);
	memcpy(viewer->lang, t->lang, sizeof viewer->lang);
	viewer->roles = session->login.roles;
	p->viewer = viewer;
	p->query = &t->query;
	lang_switch(t->lang);
	broker_speak_as(p->broker, session->login.named ? session->login.user : NULL);
	page_fill(p);
	p->viewer = NULL;
	free(viewer);
	return p;
}

static void
stream_end(struct stream *t)
{
	http_stream_close(&t->http);
	seen_free(&t->has);
	t->gone = false;
}

static void
stream_update(struct stream *t, bool beat)
{
	int64_t tick = monotonic_now();
	struct session *session =
		sessions_find(t->live->server->sessions, t->secret, t->certificate, tick, false);
	OWNED_BUF(out) = {0};
	char name[SEEN_TEXT_SIZE];
	struct seen now;

	if (session == NULL) {
		stream_tell(t, "ended");
		stream_end(t);
		return;
	}
	OWNED(struct page, p, page_free) = fill_page(t, session);
	if (p->away || t->made_away || has_no_place(p, &t->has)) {
		stream_tell(t, p->away ? "away" : "anew");
		return;
	}
	seen_of(p, &now);
	name_of(&now, name);
	put_difference(p, &t->has, &now, &out);
	if (out.size > 0)
		keep(t->live, &now);
	if (beat || out.size > 0)
		put_beat(session, tick, &out);
	if (out.size > 0) {
		OWNED_BUF(all) = {0};

		buf_printf(&all, "id: %s\n", name);
		buf_add_bytes(&all, buf_bytes(&out));
		http_stream_send(t->http, buf_bytes(&all));
	}
	seen_free(&t->has);
	t->has = now;
}

static void
update_all(struct live *l, bool beat)
{
	broker_pulse(l->server->broker);
	for (size_t i = 0; i < STREAMS; i++) {
		if (l->stream[i].gone)
			stream_end(&l->stream[i]);
		if (l->stream[i].http != NULL)
			stream_update(&l->stream[i], beat);
	}
}

static void
on_soon(evutil_socket_t fd, short what, void *context)
{
	struct live *l = context;

	(void)fd;
	(void)what;
	l->waiting = false;
	update_all(l, false);
}

static void
on_beat(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	update_all(context, true);
}

void
live_changed(void *live)
{
	static const struct timeval second = {1, 0};
	struct live *l = live;

	if (!l->waiting)
		event_add(l->soon, &second);
	l->waiting = true;
}

/* ---- coming and going ---- */

static void
on_gone(void *context)
{
	struct stream *t = context;

	t->gone = true; /* freed in the next turn: this may come from within a send */
}

static struct stream *
free_place(struct live *l)
{
	for (size_t i = 0; i < STREAMS; i++) {
		if (l->stream[i].gone)
			stream_end(&l->stream[i]);
		if (l->stream[i].http == NULL)
			return &l->stream[i];
	}
	return NULL;
}

/* "/messages?party=KE.CRS" */
static bool
take_place(const char *at, struct stream *t)
{
	OWNED(char, path, free_chars) = xprintf("%.*s", (int)strcspn(at, "?"), at);
	const char *mark = strchr(at, '?');

	t->screen = screen_find(path);
	t->query.n = 0;
	if (t->screen == NULL)
		return false;
	return mark == NULL || query_parse(bytes_of(mark + 1, strlen(mark + 1)), &t->query);
}

static void
begin_where_it_stands(struct live *l, struct stream *t, const char *seen)
{
	for (size_t i = 0; i < KEPT; i++) {
		char name[SEEN_TEXT_SIZE];

		if (l->kept[i].digest == 0)
			continue;
		name_of(&l->kept[i], name);
		if (strcmp(name, seen) == 0)
			seen_copy(&l->kept[i], &t->has);
	}
}

void
visit_events(struct visit *v)
{
	struct live *l = v->server->live;
	const char *at = query_text(&v->query, "at"), *seen = query_text(&v->query, "seen");
	struct stream *t = free_place(l);

	if (v->r->method != HTTP_M_GET || at == NULL || t == NULL || !take_place(at, t)) {
		answer_notice(v, t == NULL ? 503 : 404, N_("There is no live view of this"),
			N_("Reload the page to see what is new; close windows that you do not "
			   "need."));
		return;
	}
	t->live = l;
	t->secure = v->secure;
	memcpy(t->lang, v->viewer.lang, sizeof t->lang);
	memcpy(t->secret, v->session->secret, sizeof t->secret);
	memcpy(t->certificate, v->r->certificate, sizeof t->certificate);
	if (v->r->last_event[0] != '\0')
		seen = v->r->last_event;
	t->made_away = seen != NULL && strcmp(seen, SEEN_AWAY) == 0;
	if (seen != NULL)
		begin_where_it_stands(l, t, seen);
	t->http = http_stream_open(v->r->call, v->secure, on_gone, t);
	stream_update(t, true);
}

struct live *
live_new(struct server *s)
{
	static const struct timeval beat = {BEAT_S, 0};
	struct live *l = xcalloc(1, sizeof *l);

	l->server = s;
	l->soon = evtimer_new(s->base, on_soon, l);
	l->beat = event_new(s->base, -1, EV_PERSIST, on_beat, l);
	if (l->soon == NULL || l->beat == NULL)
		die("event");
	event_add(l->beat, &beat);
	return l;
}

void
live_free(struct live **l)
{
	if (*l == NULL)
		return;
	for (size_t i = 0; i < STREAMS; i++)
		stream_end(&(*l)->stream[i]);
	for (size_t i = 0; i < KEPT; i++)
		seen_free(&(*l)->kept[i]);
	event_free((*l)->soon);
	event_free((*l)->beat);
	free(*l);
	*l = NULL;
}
