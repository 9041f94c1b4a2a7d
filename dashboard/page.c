/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a page is made of besides text: answers of the broker, live parts, links, acts. */
#include "dashboard/page.h"

#include <stdarg.h>
#include <string.h>

#include "dashboard/screen.h"
#include "lib/id.h"

const json_t *
p_ask(struct page *p, const char *verb, json_t *args)
{
	enum err e = E_OK;
	const json_t *answer = broker_ask(p->broker, verb, args, &e);

	if (answer != NULL)
		return answer;
	if (e == E_UNREACHABLE)
		p->away = true;
	p_error(p, e, e == E_UNREACHABLE ? N_("The exchange does not answer") : NULL);
	return NULL;
}

void
p_is_missing(struct page *p)
{
	p->status = p->away ? 503 : 404;
}

bool
p_may(const struct page *p, unsigned roles)
{
	return (p->viewer->roles & roles) != 0;
}

void
p_token(struct page *p)
{
	p_raw(p, "<input type=\"hidden\" name=\"token\" value=\"");
	assert(p->n_tokens < ARRAY_LEN(p->token));
	p->token[p->n_tokens++] = p->out->size;
	p_raw(p, p->viewer->csrf);
	p_raw(p, "\">");
}

/* ---- live parts ---- */

static size_t
open_part(struct page *p, const char *id, const char *into)
{
	struct part *t;

	if (p->n_parts == PAGE_PARTS)
		return 0;
	t = &p->part[p->n_parts];
	*t = (struct part){.begin = p->out->size};
	if (!copy_text(t->id, sizeof t->id, id) || !copy_text(t->into, sizeof t->into, into))
		return 0;
	return ++p->n_parts;
}

static void
close_part(struct page *p)
{
	if (p->open_part != 0)
		p->part[p->open_part - 1].end = p->out->size;
	p->open_part = 0;
}

void
p_part(struct page *p, const char *id)
{
	assert(p->open_part == 0);
	p->open_part = open_part(p, id, "");
	p_raw(p, "<div id=\"");
	p_text(p, id);
	p_raw(p, "\">");
}

void
p_part_end(struct page *p)
{
	p_raw(p, "</div>");
	close_part(p);
}

void
p_row(struct page *p, const char *id)
{
	p->at_column = 0;
	if (id == NULL || id[0] == '\0') {
		p_raw(p, "<tr>");
		return;
	}
	if (p->open_part == 0) {
		OWNED(char, name, free_chars) = xprintf("r-%s", id);
		OWNED(char, into, free_chars) = xprintf("%s-rows", p->table);

		p->open_part = open_part(p, name, into);
	}
	p_raw(p, "<tr id=\"r-");
	p_text(p, id);
	p_raw(p, "\">");
}

void
p_row_end(struct page *p)
{
	p_raw(p, "</tr>");
	if (p->open_part != 0 && p->part[p->open_part - 1].into[0] != '\0')
		close_part(p);
}

/* ---- links ---- */

static void
put_href(struct page *p, const char *path, const struct query *q)
{
	OWNED_BUF(text) = {0};

	query_write(q, &text);
	p_text(p, path);
	if (text.size > 0) {
		p_raw(p, "?");
		p_text(p, (const char *)text.data);
	}
}

static void
collect(struct query *q, va_list ap)
{
	const char *name;

	q->n = 0;
	while ((name = va_arg(ap, const char *)) != NULL) {
		const char *value = va_arg(ap, const char *);

		if (!query_set(q, name, value))
			break;
	}
}

static void
open_link(struct page *p, const char *path, va_list ap)
{
	struct query q;

	collect(&q, ap);
	p_raw(p, "<a href=\"");
	put_href(p, path, &q);
	p_raw(p, "\">");
}

void
p_link_begin(struct page *p, const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	open_link(p, path, ap);
	va_end(ap);
}

void
p_link_end(struct page *p)
{
	p_raw(p, "</a>");
}

void
p_link(struct page *p, const char *text, const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	open_link(p, path, ap);
	va_end(ap);
	p_bdi(p, text);
	p_raw(p, "</a>");
}

void
p_link_words(struct page *p, const char *words, const char *path, ...)
{
	va_list ap;

	va_start(ap, path);
	open_link(p, path, ap);
	va_end(ap);
	p_text(p, _(words));
	p_raw(p, "</a>");
}

void
p_link_here(struct page *p, const char *words, const char *name, const char *value)
{
	struct query q = *p->query;

	if (!query_set(&q, name, value))
		return;
	p_raw(p, "<a href=\"");
	put_href(p, p->screen->path, &q);
	p_raw(p, "\">");
	p_text(p, _(words));
	p_raw(p, "</a>");
}

void
p_more(struct page *p, const char *name, const json_t *next)
{
	OWNED(char, number, free_chars) =
		json_is_integer(next) ? xprintf("%lld", (long long)json_integer_value(next)) : NULL;
	const char *cursor = number != NULL ? number : json_string_value(next);

	if (cursor == NULL || cursor[0] == '\0')
		return;
	p_raw(p, "<p class=\"more\">");
	p_link_here(p, N_("Show more"), name, cursor);
	p_raw(p, "</p>");
}

void
p_runbook(struct page *p, const char *anchor)
{
	p_raw(p, "<a class=\"runbook\" href=\"/help/");
	p_text(p, anchor);
	p_raw(p, "\">");
	p_words(p, N_("What to do"));
	p_raw(p, "</a>");
}

/* ---- acts and filters ---- */

void
p_act(struct page *p, const char *path, ...)
{
	const struct act *a = act_find(path);
	struct query q;
	va_list ap;

	assert(a != NULL);
	if (!p_may(p, a->roles))
		return;
	va_start(ap, path);
	collect(&q, ap);
	va_end(ap);
	OWNED_BUF(back) = {0};
	buf_text(&back, p->screen->path);
	if (p->query->n > 0) {
		buf_text(&back, "?");
		query_write(p->query, &back);
	}
	if (!query_set(&q, "back", (const char *)back.data))
		(void)query_set(&q, "back", p->screen->path);
	p_raw(p, "<a class=\"button\" href=\"");
	put_href(p, path, &q);
	p_raw(p, "\">");
	p_text(p, _(a->title));
	p_raw(p, "</a>");
}

void
p_filter(struct page *p, const char *words)
{
	p_raw(p, "<form class=\"filter\" method=\"get\" role=\"search\" aria-label=\"");
	p_text(p, _(words));
	p_raw(p, "\" action=\"");
	p_text(p, p->screen->path);
	p_raw(p, "\">");
}

void
p_filter_end(struct page *p)
{
	p_raw(p, "<button type=\"submit\">");
	p_words(p, N_("Show"));
	p_raw(p, "</button></form>");
}

void
p_field(struct page *p, const char *name, const char *words, const char *hint)
{
	const char *now = query_text(p->query, name);

	p_raw(p, "<label><span>");
	p_text(p, _(words));
	p_raw(p, "</span><input dir=\"auto\" autocomplete=\"off\" name=\"");
	p_text(p, name);
	p_raw(p, "\" maxlength=\"200\" placeholder=\"");
	p_text(p, hint != NULL ? hint : "");
	p_raw(p, "\" value=\"");
	p_text(p, now != NULL ? now : "");
	p_raw(p, "\"></label>");
}

void
p_choice(struct page *p, const char *name, const char *label, const char *const *values,
	const char *const *words)
{
	const char *now = query_text(p->query, name);

	p_raw(p, "<label><span>");
	p_text(p, _(label));
	p_raw(p, "</span><select name=\"");
	p_text(p, name);
	p_raw(p, "\">");
	for (size_t i = 0; values[i] != NULL; i++) {
		p_raw(p, "<option value=\"");
		p_text(p, values[i]);
		p_raw(p, strcmp(values[i], now != NULL ? now : "") == 0 ? "\" selected>" : "\">");
		p_text(p, _(words[i]));
		p_raw(p, "</option>");
	}
	p_raw(p, "</select></label>");
}
