/* SPDX-License-Identifier: EUPL-1.2
 *
 * One request while it is answered, shared by what answers: pages, acts, the stream, notices. */
#ifndef DAFTAR_DASHBOARD_VISIT_H
#define DAFTAR_DASHBOARD_VISIT_H

#include "dashboard/http.h"
#include "dashboard/screen.h"
#include "dashboard/server.h"

struct live;

struct server {
	struct event_base *base;
	const struct server_settings *set;
	struct http *clear, *secure; /* the second NULL without TLS */
	struct sessions *sessions;
	struct broker *broker;
	struct live *live;
};

struct visit {
	struct server *server;
	const struct http_request *r;
	bool secure;
	int64_t tick;
	struct session *session; /* NULL: nobody */
	bool is_new;		 /* the session was opened just now: its cookie goes out */
	struct viewer viewer;
	struct query query;
	char set_cookie[2][256]; /* "" : none */
};

/* Finds the session, and what the browser prefers. */
void visit_begin(struct visit *v, struct server *s, const struct http_request *r, bool secure);
/* The name of the session's cookie. */
const char *visit_cookie(const struct visit *v);
/* Also sets the cookie of the session. */
void visit_take(struct visit *v, struct session *session);
void visit_forget(struct visit *v); /* takes the cookie away */
/* Does the request come from a page of ours? For whatever changes something. */
bool visit_is_ours(const struct visit *v);

/* ---- answers ---- */
/* HTML, made small when the browser takes that; with an ETag of all but the form tokens. */
void answer_page(struct visit *v, struct page *p);
void answer_go(struct visit *v, const char *path); /* 303 */
/* A page of one sentence: what happened, what to do next. The words are N_(). */
void answer_notice(struct visit *v, int status, const char *title, const char *sentence);
void answer_asset(struct visit *v, const char *path);
bool asset_is(const char *path);

/* A page for this visit, to be filled and freed. */
struct page *page_new(struct visit *v, const struct screen *screen);
void page_free(struct page **p);

/* ---- who answers ---- */
void visit_screen(struct visit *v, const struct screen *screen);
void visit_act(struct visit *v, const struct act *act); /* GET asks, POST does */
void visit_events(struct visit *v);

/* ---- the live stream ---- */
struct live *live_new(struct server *s);
void live_free(struct live **l);
void live_changed(void *live); /* the broker has told of something */
/* What a browser is given, kept so that its stream can begin where the page ended. Hex, or
 * SEEN_AWAY for a page that was made while the exchange did not answer: it is loaded anew once it
 * does. */
#define SEEN_TEXT_SIZE 17
#define SEEN_AWAY "away"
void live_remember(struct live *l, const struct page *p, char seen[SEEN_TEXT_SIZE]);

#endif
