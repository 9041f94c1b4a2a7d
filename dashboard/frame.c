/* SPDX-License-Identifier: EUPL-1.2
 *
 * What stands around every screen: head, search, navigation, foot. */
#include <string.h>

#include "dashboard/screen.h"
#include "lib/id.h"

static const char *
title_of(const struct page *p)
{
	return p->title[0] != '\0' ? p->title : _(p->screen->title);
}

static void
put_navigation(struct page *p)
{
	p_raw(p, "<nav aria-label=\"");
	p_words(p, N_("Screens"));
	p_raw(p, "\"><ul>");
	for (size_t i = 0; i < n_screens; i++) {
		if (screens[i].parent[0] != '\0' || !p_may(p, screens[i].roles))
			continue;
		p_raw(p, "<li><a href=\"");
		p_text(p, screens[i].path);
		p_raw(p, &screens[i] == p->screen ? "\" aria-current=\"page\">" : "\">");
		p_text(p, _(screens[i].title));
		p_raw(p, "</a></li>");
	}
	p_raw(p, "</ul></nav>");
}

static void
put_head(struct page *p)
{
	p_raw(p, "<!DOCTYPE html><html lang=\"");
	p_text(p, p->viewer->lang);
	p_raw(p, strcmp(p->viewer->lang, "ar") == 0 ? "\" dir=\"rtl\">" : "\" dir=\"ltr\">");
	p_raw(p, "<head><meta charset=\"utf-8\"><meta name=\"viewport\" "
		 "content=\"width=device-width, initial-scale=1\"><title>");
	p_text(p, title_of(p));
	p_raw(p, " \u2013 daftar</title><link rel=\"stylesheet\" href=\"/style.css\"><link "
		 "rel=\"icon\" "
		 "href=\"data:,\"></head><body><a class=\"skip\" href=\"#main\">");
	p_words(p, N_("Skip to content"));
	p_raw(p, "</a><header><h1>daftar</h1><p id=\"live\" role=\"status\" aria-live=\"polite\">");
	p_words(p, N_("Reload this page to see what is new."));
	p_raw(p, "</p></header>");
	put_navigation(p);
}

void
page_fill(struct page *p)
{
	p->n_parts = p->open_part = p->n_ages = 0;
	p->now = instant_now();
	p->status = 200;
	p->title[0] = '\0';
	p->screen->show(p);
}

void
page_show(struct page *p)
{
	struct buf *out = p->out;
	OWNED_BUF(inside) = {0};

	p->out = &inside;
	page_fill(p);
	p->out = out;
	put_head(p);
	p_raw(p, "<main id=\"main\"><h1>");
	p_text(p, title_of(p));
	p_raw(p, "</h1>");
	buf_add_bytes(out, buf_bytes(&inside));
	p_raw(p, "</main><script src=\"/live.js\" defer></script></body></html>\n");
}
