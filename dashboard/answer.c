/* SPDX-License-Identifier: EUPL-1.2
 *
 * How an answer leaves: small when the browser takes it small, with a tag by which it can ask
 * whether anything is new. The tag leaves the form tokens out, which differ each time; an old
 * page's token is as good as a new one's. */
#include "dashboard/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dashboard/assets.h"
#include "dashboard/gzip.h"

#define SMALL 512 /* not worth squeezing */

static bool
has_it(const struct visit *v, const char *etag)
{
	const char *at = strstr(v->r->etag, etag);

	return at != NULL;
}

static void
send_it(struct visit *v, struct http_answer *a)
{
	OWNED_BUF(small) = {0};

	if (a->etag != NULL && a->status == 200 && has_it(v, a->etag))
		a->status = 304;
	a->secure = v->secure;
	for (size_t i = 0; i < ARRAY_LEN(a->cookie); i++)
		a->cookie[i] = v->set_cookie[i][0] == '\0' ? NULL : v->set_cookie[i];
	if (!a->squeezed && a->body.size > SMALL && gzip_is_taken(v->r->encodings)) {
		gzip(a->body, &small);
		a->body = buf_bytes(&small);
		a->squeezed = true;
	}
	http_reply(v->r->call, a);
}

/* Of the page without its tokens. */
static void
tag_of(const struct page *p, char out[35])
{
	OWNED_BUF(rest) = {0};
	char hex[DIGEST_TEXT_SIZE];
	struct digest d;
	size_t from = 0;

	for (size_t i = 0; i < p->n_tokens; i++) {
		buf_add(&rest, p->out->data + from, p->token[i] - from);
		from = p->token[i] + strlen(p->viewer->csrf);
	}
	buf_add(&rest, p->out->data + from, p->out->size - from);
	digest_of(rest.data, rest.size, &d);
	digest_format(&d, hex);
	snprintf(out, 35, "\"%.32s\"", hex);
}

void
answer_page(struct visit *v, struct page *p)
{
	char tag[35];

	tag_of(p, tag);
	struct http_answer a = {.status = p->status,
		.type = "text/html; charset=utf-8",
		.body = buf_bytes(p->out),
		.etag = p->status == 200 ? tag : NULL};
	send_it(v, &a);
}

void
answer_go(struct visit *v, const char *path)
{
	struct http_answer a = {.status = 303, .type = "text/plain", .location = path};

	send_it(v, &a);
}

void
answer_notice(struct visit *v, int status, const char *title, const char *sentence)
{
	OWNED(struct page, p, page_free) = page_new(v, NULL);

	page_notice(p, title, sentence);
	p->status = status;
	answer_page(v, p);
}

bool
asset_is(const char *path)
{
	return asset_find(path) != NULL;
}

void
answer_asset(struct visit *v, const char *path)
{
	const struct asset *asset = asset_find(path);
	const char *named = query_text(&v->query, "v");
	bool small = gzip_is_taken(v->r->encodings);
	OWNED(char, tag, free_chars) = xprintf("\"%s%s\"", asset->digest, small ? "-gzip" : "");
	struct http_answer a = {.status = 200,
		.type = asset->type,
		.body = small ? bytes_of(asset->small, asset->small_size)
			      : bytes_of(asset->plain, asset->plain_size),
		.squeezed = small,
		.keep = named != NULL && strcmp(named, asset->digest) == 0,
		.etag = tag};

	send_it(v, &a);
}

/* ---- pages ---- */

struct page *
page_new(struct visit *v, const struct screen *screen)
{
	static const struct screen none = {"", NULL, "", 0, ""};
	struct page *p = xcalloc(1, sizeof *p);

	p->out = xcalloc(1, sizeof *p->out);
	p->broker = v->server->broker;
	p->query = &v->query;
	p->viewer = &v->viewer;
	p->screen = screen != NULL ? screen : &none;
	p->status = 200;
	p->now = instant_now();
	return p;
}

void
page_free(struct page **p)
{
	if (*p == NULL)
		return;
	buf_free((*p)->out);
	free((*p)->out);
	free(*p);
	*p = NULL;
}
