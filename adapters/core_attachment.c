/* SPDX-License-Identifier: EUPL-1.2
 *
 * A part of a scan. It is taken when the office that sends it has named the file before, by its
 * digest: in the request that the part refers to, or in an answer to a question about it. Parts may
 * come in any order; each is kept once, and what is kept of a file fits together. The octets stay
 * in the message. They are not passed on. */
#include <stdlib.h>
#include <string.h>

#include "adapters/core_parts.h"
#include "adapters/questions.h"
#include "adapters/scans.h"
#include "lib/log.h"

/* ---- was it named ---- */

static bool
names(const struct document *list, const struct document *d)
{
	for (; list != NULL; list = list->next)
		if (strcmp(list->digest, d->digest) == 0 && strcmp(list->kind, d->kind) == 0 &&
			strcmp(list->media_type, d->media_type) == 0)
			return true;
	return false;
}

/* The request that it belongs to, by the same office, and not refused as a message. */
static enum err
find_request(struct job *j, struct buf *message)
{
	const struct header *h = &j->in.header;
	struct in_entry e;

	if (!h->has_ref)
		return E_HEADER_MISMATCH;
	TRY(spool_in(j->c->o.spool, &h->from, &h->ref, &e, message));
	if (e.header.action != A_TRANSCRIPTION_REQUEST ||
		!digest_equal(&e.digest, &h->ref_digest) ||
		!id_equal(&e.header.conversation, &h->conversation))
		return E_HEADER_MISMATCH;
	if (e.state >= IN_DONE && e.stage != ST_COMMITTED)
		return E_STATE;
	return message->size > 0 ? E_OK : E_NOT_FOUND;
}

static enum err
request_names(struct job *j, const struct document *d)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};

	TRY(find_request(j, &message));
	TRY(core_body(j->c, buf_bytes(&message), &body));
	TRY(request_parse(buf_bytes(&body), &r));
	return names(r->documents, d) ? E_OK : E_NOT_FOUND;
}

struct search {
	const struct job *j;
	const struct document *document;
	bool found;
};

static bool
see_reply(void *context, const struct asked *a)
{
	struct search *s = context;
	const struct core_options *o = &s->j->c->o;
	OWNED(struct query_reply, r, query_reply_free) = NULL;
	OWNED_BUF(body) = {0};

	if (party_equal(&a->to, &s->j->in.header.from) &&
		paper_read(o->spool, a, PAPER_REPLY, o->encrypt, o->encrypt_before, &body) ==
			E_OK &&
		query_reply_parse(buf_bytes(&body), &r) == E_OK)
		s->found = names(r->documents, s->document);
	return !s->found;
}

static enum err
was_named(struct job *j, const struct document *d)
{
	struct search s = {.j = j, .document = d};
	enum err e = request_names(j, d);

	if (e != E_NOT_FOUND)
		return e;
	TRY(question_each(j->c->o.spool, &j->in.header.conversation, see_reply, &s));
	return s.found ? E_OK : E_NOT_FOUND;
}

/* ---- does it fit what is here ---- */

struct fit {
	const struct scan_part *new;
	struct digest last;
	size_t files, here; /* other files of the case; parts of this one */
	bool again, differs;
};

static bool
see_part(void *context, const struct scan_part *p)
{
	struct fit *f = context;

	if (!digest_equal(&p->document, &f->new->document)) {
		f->files += f->files == 0 || !digest_equal(&p->document, &f->last);
		f->last = p->document;
		return true;
	}
	f->here++;
	f->again |= p->part == f->new->part;
	f->differs |= p->size != f->new->size;
	return true;
}

/* The first octets are what the media type says. */
static enum err
looks_right(const struct attachment *a)
{
	const char *media = a->part == 1 ? scan_media(a->data) : a->document.media_type;

	return media != NULL && strcmp(media, a->document.media_type) == 0 ? E_OK : E_INPUT;
}

static enum err
check_fit(struct job *j, const struct attachment *a, struct fit *f)
{
	TRY(looks_right(a));
	TRY(scan_each(j->c->o.spool, &j->in.header.conversation, see_part, f));
	if (f->again || f->differs)
		return E_CONFLICT;
	return f->here > 0 || f->files < SCANS_MAX ? E_OK : E_STATE;
}

/* ---- keeping ---- */

static enum err
part_of(const struct job *j, const struct attachment *a, struct scan_part *p)
{
	const struct header *h = &j->in.header;

	*p = (struct scan_part){.conversation = h->conversation,
		.part = a->part,
		.of = a->of,
		.size = a->size,
		.from = h->from,
		.message = h->id};
	return digest_parse(a->document.digest, &p->document) &&
			       copy_text(p->kind, sizeof p->kind, a->document.kind) &&
			       copy_text(
				       p->media_type, sizeof p->media_type, a->document.media_type)
		       ? E_OK
		       : E_SCHEMA;
}

static enum err
keep(struct job *j, const struct scan_part *p)
{
	OWNED(char, note, free_chars) = xprintf("%s %u/%u", p->kind, p->part, p->of);
	struct spool *s = j->c->o.spool;
	ANSWERS(none) = {0};
	enum err e, end;

	TRY(spool_group(s));
	e = scan_keep(s, p);
	if (e == E_OK)
		e = answers_file(&none, j, ST_COMMITTED, E_OK, NULL, note);
	end = spool_group_end(s);
	return e != E_OK ? e : end;
}

enum err
attachment_settle(struct job *j)
{
	const struct reading r = {.why = action_word(A_ATTACHMENT)};
	OWNED(struct attachment, a, attachment_free) = NULL;
	struct scan_part p;
	struct fit f = {.new = &p};

	TRY(attachment_parse(buf_bytes(&j->body), &a));
	TRY(part_of(j, a, &p));
	TRY(was_named(j, &a->document));
	TRY(check_fit(j, a, &f));
	if (f.here == 0) /* once a file */
		ledger_note(j->c->o.spool, &j->in.header, &r, j->now);
	return keep(j, &p);
}

/* ---- forgetting ---- */

struct old {
	struct core *c;
	struct scan_part *list;
	size_t n, room;
};

static bool
see_old(void *context, const struct scan_part *p)
{
	struct old *o = context;
	struct in_entry e;

	if (spool_in(o->c->o.spool, &p->from, &p->message, &e, NULL) == E_OK && e.body)
		return true;
	if (o->n == o->room) {
		o->room = o->room == 0 ? 16 : o->room * 2;
		o->list = xrealloc(o->list, o->room * sizeof *o->list);
	}
	o->list[o->n++] = *p;
	return true;
}

void
core_forget_scans(struct core *c, const struct id *conversation)
{
	struct old o = {.c = c};
	enum err e = scan_each(c->o.spool, conversation, see_old, &o);

	for (size_t i = 0; e == E_OK && i < o.n; i++)
		e = scan_drop(c->o.spool, &o.list[i]);
	if (e != E_OK)
		log_line(LOG_ERROR, "an old scan is not forgotten yet code=%s", err_word(e));
	free(o.list);
}
