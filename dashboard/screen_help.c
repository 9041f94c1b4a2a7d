/* SPDX-License-Identifier: EUPL-1.2
 *
 * The runbooks: doc/OPERATIONS.md, taken in when this was built, so that they are there when
 * nothing else is. In English, as the commands in them are. */
#include <string.h>

#include "dashboard/screen.h"

static const struct runbook {
	const char *names; /* with spaces between, the first is the address */
	const char *title, *html;
} runbooks[] = {
#define RUNBOOK(names, title, html) {names, title, html},
#include "dashboard/help_data.h"
#undef RUNBOOK
};

static bool
is_named(const struct runbook *r, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = r->names; *at != '\0'; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");

		if (word == n && strncmp(at, name, n) == 0)
			return true;
		at += word;
	}
	return false;
}

static const struct runbook *
find(const char *name)
{
	for (size_t i = 0; name != NULL && i < ARRAY_LEN(runbooks); i++)
		if (is_named(&runbooks[i], name))
			return &runbooks[i];
	return NULL;
}

static void
put_list(struct page *p)
{
	p_raw(p, "<ul class=\"runbooks\" lang=\"en\" dir=\"ltr\">");
	for (size_t i = 0; i < ARRAY_LEN(runbooks); i++) {
		OWNED(char, name, free_chars) =
			xprintf("%.*s", (int)strcspn(runbooks[i].names, " "), runbooks[i].names);

		p_raw(p, "<li><a href=\"/help/");
		p_text(p, name);
		p_raw(p, "\">");
		p_text(p, runbooks[i].title);
		p_raw(p, "</a></li>");
	}
	p_raw(p, "</ul>");
}

void
screen_help(struct page *p)
{
	const char *name = query_text(p->query, "runbook");
	const struct runbook *r = find(name);

	if (r == NULL) {
		p_raw(p, "<p class=\"sentence\">");
		if (name != NULL)
			p_words(p, N_("There is no runbook of that name; these there are:"));
		else
			p_words(p, N_("What you see, what is safe meanwhile, and what to type."));
		p_raw(p, "</p>");
		put_list(p);
		p->status = name != NULL ? 404 : 200;
		return;
	}
	p_raw(p, "<article class=\"runbook-text\" lang=\"en\" dir=\"ltr\"><h2>");
	p_text(p, r->title);
	p_raw(p, "</h2>");
	p_raw(p, r->html);
	p_raw(p, "</article><p>");
	p_link_words(p, N_("All runbooks"), "/help", NULL);
	p_raw(p, "</p>");
}
