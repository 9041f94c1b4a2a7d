/* SPDX-License-Identifier: EUPL-1.2
 *
 * What stands around every screen: the search, which is the first field, navigation, where we are,
 * what came of the last act, and below who is logged in until when. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dashboard/assets.h"
#include "dashboard/session.h"
#include "dashboard/visit.h"
#include "lib/id.h"

static bool
is_someone(const struct page *p)
{
	return p->viewer->user[0] != '\0';
}

static const char *
title_of(const struct page *p)
{
	return p->title[0] != '\0'	     ? p->title
	       : p->screen->title[0] == '\0' ? ""
					     : _(p->screen->title);
}

/* ---- head ---- */

static void
put_asset(struct page *p, const char *before, const char *path, const char *after)
{
	p_raw(p, before);
	p_text(p, path);
	p_raw(p, "?v=");
	p_text(p, asset_find(path)->digest);
	p_raw(p, after);
}

/* The same sheet three times: what the reader has chosen goes before the system's wish. */
static const char *
style_of(const struct page *p)
{
	return strcmp(p->viewer->scheme, "dark") == 0	 ? "/style-dark.css"
	       : strcmp(p->viewer->scheme, "light") == 0 ? "/style-light.css"
							 : "/style.css";
}

static void
put_head(struct page *p)
{
	p_raw(p, "<!DOCTYPE html><html lang=\"");
	p_text(p, p->viewer->lang);
	p_raw(p, lang_is_rtl() ? "\" dir=\"rtl\"" : "\" dir=\"ltr\"");
	p_raw(p, "><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
		 "content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" "
		 "content=\"light dark\"><title>");
	p_text(p, title_of(p));
	p_raw(p, title_of(p)[0] != '\0' ? " \u2013 daftar</title>" : "daftar</title>");
	put_asset(p, "<link rel=\"stylesheet\" href=\"", style_of(p), "\">");
	put_asset(p, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"", "/icon.svg", "\">");
	if (is_someone(p))
		put_asset(p, "<script src=\"", "/live.js", "\" defer></script>");
	p_raw(p, "</head><body><a class=\"skip\" href=\"#main\">");
	p_words(p, N_("Skip to content"));
	p_raw(p, "</a>");
}

static void
put_search(struct page *p)
{
	p_raw(p, "<form class=\"find\" action=\"/find\" method=\"get\" role=\"search\"><label "
		 "for=\"find\" class=\"unseen\">");
	p_words(p, N_("Tracking number"));
	p_raw(p, "</label><input id=\"find\" name=\"q\" type=\"search\" maxlength=\"64\" "
		 "dir=\"auto\" "
		 "autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" "
		 "aria-keyshortcuts=\"/\" placeholder=\"");
	p_words(p, N_("Tracking number"));
	p_raw(p, "\"><kbd aria-hidden=\"true\">/</kbd><button type=\"submit\">");
	p_words(p, N_("Find"));
	p_raw(p, "</button></form>");
}

/* Words that the script needs, in the language of the page. `is_live' false: nothing on this page
 * ever changes by itself, and nobody is told that it does, or that it should. */
static void
put_live(struct page *p, bool is_live)
{
	static const struct {
		const char *name, *words;
	} said[] = {
		{" data-live=\"", N_("Live")},
		{" data-paused=\"", N_("Paused")},
		{" data-away=\"", N_("Not live: the exchange does not answer")},
		{" data-lost=\"", N_("Not live: the connection is lost, trying again")},
		{" data-stale=\"", N_("Not live: nothing heard for")},
		{" data-ended=\"", N_("The session has ended. Come in again to see what is new.")},
		{" data-in=\"", N_("in")},
		{" data-overdue=\"", N_("late by")},
		{" data-pause=\"", N_("Pause")},
		{" data-go=\"", N_("Go on")},
	};

	p_raw(p, "<div class=\"live\" id=\"live\"");
	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		p_raw(p, said[i].name);
		p_text(p, _(said[i].words));
		p_raw(p, "\"");
	}
	p_units(p);
	p_raw(p, is_live ? "" : " hidden");
	p_raw(p, "><span class=\"dot\" aria-hidden=\"true\"></span><span id=\"live-words\" "
		 "role=\"status\" aria-live=\"polite\">");
	p_words(p, N_("Reload to see what is new."));
	p_raw(p, "</span> <span class=\"fresh\">");
	p_words(p, N_("As of"));
	p_raw(p, " <span id=\"fresh\">");
	p_instant(p, p->now);
	p_raw(p, "</span></span> <button id=\"pause\" type=\"button\" hidden>");
	p_words(p, N_("Pause"));
	p_raw(p, "</button></div>");
}

static bool
is_here(const struct page *p, const struct screen *s)
{
	return s == p->screen || strcmp(s->path, p->screen->parent) == 0;
}

static void
put_navigation(struct page *p)
{
	p_raw(p, "<nav class=\"screens\" aria-label=\"");
	p_words(p, N_("Screens"));
	p_raw(p, "\"><ul>");
	for (size_t i = 0; i < n_screens; i++) {
		if (screens[i].parent[0] != '\0' || !p_may(p, screens[i].roles))
			continue;
		p_raw(p, "<li><a href=\"");
		p_text(p, screens[i].path);
		p_raw(p, &screens[i] == p->screen  ? "\" aria-current=\"page\">"
			 : is_here(p, &screens[i]) ? "\" aria-current=\"true\">"
						   : "\">");
		p_text(p, _(screens[i].title));
		p_raw(p, "</a></li>");
	}
	p_raw(p, "</ul></nav>");
}

static void
put_header(struct page *p, bool is_live)
{
	p_raw(p, "<header class=\"top\"><a class=\"brand\" href=\"/\" dir=\"ltr\"><span "
		 "class=\"logo\" "
		 "aria-hidden=\"true\"></span>daftar</a>");
	if (is_someone(p)) {
		put_search(p);
		put_live(p, is_live);
	}
	p_raw(p, "</header>");
	if (is_someone(p))
		put_navigation(p);
}

/* ---- above the screen ---- */

static void
put_breadcrumb(struct page *p)
{
	const struct screen *parent =
		p->screen->parent[0] == '\0' ? NULL : screen_find(p->screen->parent);

	if (parent == NULL)
		return;
	p_raw(p, "<nav class=\"crumbs\" aria-label=\"");
	p_words(p, N_("Where you are"));
	p_raw(p, "\"><ol><li><a href=\"");
	p_text(p, parent->path);
	p_raw(p, "\">");
	p_text(p, _(parent->title));
	p_raw(p, "</a></li><li aria-current=\"page\"><bdi>");
	p_text(p, title_of(p));
	p_raw(p, "</bdi></li></ol></nav>");
}

/* Once: the visit that shows it has it no more. */
static void
put_flash(struct page *p)
{
	struct flash *f = p->viewer->flash;

	if (f == NULL || f->words == NULL)
		return;
	p_raw(p, f->bad ? "<p class=\"flash bad\" role=\"alert\">"
			: "<p class=\"flash good\" role=\"status\">");
	if (f->number >= 0) {
		OWNED(char, all, free_chars) = xprintf(_(f->words), (long long)f->number);

		p_text(p, all);
	} else
		p_text(p, _(f->words));
	p_raw(p, "</p>");
	*f = (struct flash){0};
}

/* ---- foot ---- */

static void
put_choice(struct page *p, const char *name, const char *value, const char *words, const char *lang)
{
	struct query q = *p->query;

	if (!query_set(&q, name, value))
		return;
	OWNED_BUF(text) = {0};
	query_write(&q, &text);
	p_raw(p, "<li><a href=\"?");
	p_text(p, (const char *)text.data);
	if (lang != NULL) {
		p_raw(p, "\" lang=\"");
		p_text(p, lang);
		p_raw(p, "\" hreflang=\"");
		p_text(p, lang);
		if (strcmp(lang, p->viewer->lang) == 0)
			p_raw(p, "\" aria-current=\"true");
	} else if (strcmp(value, p->viewer->scheme[0] == '\0' ? "auto" : p->viewer->scheme) == 0)
		p_raw(p, "\" aria-current=\"true");
	p_raw(p, "\">");
	p_text(p, words);
	p_raw(p, "</a></li>");
}

static void
put_choices(struct page *p)
{
	p_raw(p, "<nav class=\"choices\" aria-label=\"");
	p_words(p, N_("Language and colours"));
	p_raw(p, "\"><ul>");
	put_choice(p, "lang", "en", "English", "en");
	put_choice(p, "lang", "fr", "Fran\u00e7ais", "fr");
	put_choice(p, "lang", "ar", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "ar");
	p_raw(p, "</ul><ul>");
	put_choice(p, "scheme", "auto", _("As the system"), NULL);
	put_choice(p, "scheme", "light", _("Light"), NULL);
	put_choice(p, "scheme", "dark", _("Dark"), NULL);
	p_raw(p, "</ul></nav>");
}

static void
put_session(struct page *p)
{
	p_raw(p, "<form class=\"leave\" method=\"post\" action=\"/leave\">");
	p_token(p);
	p_raw(p, "<p>");
	p_words(p, N_("Signed in as"));
	p_raw(p, " ");
	p_bdi(p, p->viewer->user);
	p_raw(p, " \u00b7 ");
	p_words(p, N_("the session ends, unless it is used,"));
	p_raw(p, " <span id=\"ends\">");
	p_left(p, p->viewer->ends);
	p_raw(p, "</span></p><button type=\"submit\">");
	p_words(p, N_("Leave"));
	p_raw(p, "</button></form>");
}

static void
put_foot(struct page *p)
{
	p_raw(p, "</main><footer>");
	if (is_someone(p))
		put_session(p);
	put_choices(p);
	p_raw(p, "</footer></body></html>\n");
}

/* ---- whole pages ---- */

static void
put_start(struct page *p, const char *seen)
{
	put_head(p);
	put_header(p, seen != NULL);
	p_raw(p, "<main id=\"main\" tabindex=\"-1\"");
	if (seen != NULL) {
		p_raw(p, " data-seen=\"");
		p_text(p, seen);
		p_raw(p, "\"");
	}
	p_raw(p, ">");
	put_breadcrumb(p);
	put_flash(p);
	p_raw(p, "<h1><bdi>");
	p_text(p, title_of(p));
	p_raw(p, "</bdi></h1>");
}

void
page_begin(struct page *p)
{
	put_start(p, NULL);
}

void
page_end(struct page *p)
{
	put_foot(p);
}

void
page_notice(struct page *p, const char *title, const char *sentence)
{
	snprintf(p->title, sizeof p->title, "%s", _(title));
	page_begin(p);
	p_raw(p, "<p class=\"sentence\">");
	p_text(p, _(sentence));
	p_raw(p, "</p>");
	if (is_someone(p)) {
		p_raw(p, "<p><a class=\"button\" href=\"/\">");
		p_words(p, N_("To the overview"));
		p_raw(p, "</a></p>");
	}
	page_end(p);
}

void
page_fill(struct page *p)
{
	p->n_parts = p->open_part = p->n_ages = 0;
	p->now = instant_now();
	p->status = 200;
	p->away = false;
	p->title[0] = '\0';
	p->screen->show(p);
}

/* The screen is written first, since it may have a title of its own. */
void
visit_screen(struct visit *v, const struct screen *screen)
{
	OWNED(struct page, p, page_free) = page_new(v, screen);
	char seen[SEEN_TEXT_SIZE];
	struct buf *whole = p->out;
	OWNED_BUF(inside) = {0};
	bool is_live;

	if (!p_may(p, screen->roles)) {
		answer_notice(v, 403, N_("Your role does not show this"),
			N_("Ask the operator of the exchange, who gives roles in the "
			   "configuration."));
		return;
	}
	p->out = &inside;
	page_fill(p);
	/* What has no live part has no stream either: a runbook, what is not there. */
	is_live = p->n_parts > 0 || p->away;
	if (is_live)
		live_remember(v->server->live, p, seen);
	p->out = whole;
	put_start(p, is_live ? seen : NULL);
	for (size_t i = 0; i < p->n_tokens; i++)
		p->token[i] += p->out->size;
	buf_add_bytes(p->out, buf_bytes(&inside));
	put_foot(p);
	answer_page(v, p);
}
