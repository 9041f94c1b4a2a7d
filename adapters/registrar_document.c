/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the registrar sees of scans: which have come, and their octets, part by part, for whoever
 * puts them together (adapters/document.c). */
#include <stdlib.h>
#include <string.h>

#include "adapters/registrar.h"
#include "adapters/scans.h"

/* ---- which case ---- */

struct search {
	const char *id, *tracking;
	struct id conversation;
	bool found;
};

static bool
see_entry(void *context, const struct in_entry *e)
{
	struct search *s = context;
	char id[ID_TEXT_SIZE], tracking[TRACKING_SIZE];

	id_format(&e->header.id, id);
	tracking_of(&e->header.conversation, tracking);
	s->found = strcmp(id, s->id) == 0 || strcmp(tracking, s->tracking) == 0;
	s->conversation = e->header.conversation;
	return !s->found;
}

static enum err
find_case(struct daemon *d, const json_t *args, struct id *out)
{
	struct search s = {.id = json_string_value(json_object_get(args, "id"))};
	char tracking[TRACKING_SIZE];

	if (s.id == NULL)
		return E_USAGE;
	if (!tracking_parse(s.id, tracking))
		tracking[0] = '\0';
	s.tracking = tracking;
	TRY(spool_each_in(d->spool, see_entry, &s));
	*out = s.conversation;
	return s.found ? E_OK : E_NOT_FOUND;
}

/* ---- which have come ---- */

struct listing {
	struct daemon *d;
	json_t *list;
	struct digest last;
	unsigned here;
};

static bool
is_here(struct daemon *d, const struct scan_part *p)
{
	struct in_entry e;

	return spool_in(d->spool, &p->from, &p->message, &e, NULL) == E_OK && e.body;
}

static json_t *
begin_file(struct listing *l, const struct scan_part *p)
{
	char digest[DIGEST_TEXT_SIZE];
	json_t *o;

	digest_format(&p->document, digest);
	o = json_pack("{s:s,s:s,s:s,s:I,s:i,s:i,s:b}", "kind", p->kind, "mediaType", p->media_type,
		"digest", digest, "size", (json_int_t)p->size, "parts", 0, "of", (int)p->of,
		"complete", 0);
	json_array_append_new(l->list, o);
	l->last = p->document;
	l->here = 0;
	return o;
}

static bool
add_part(void *context, const struct scan_part *p)
{
	struct listing *l = context;
	size_t n = json_array_size(l->list);
	json_t *o = n > 0 && digest_equal(&p->document, &l->last) ? json_array_get(l->list, n - 1)
								  : begin_file(l, p);

	l->here += is_here(l->d, p);
	json_object_set_new(o, "parts", json_integer(l->here));
	json_object_set_new(o, "complete", json_boolean(l->here == p->of));
	return true;
}

static enum err
list_of(struct daemon *d, const struct id *conversation, json_t **out)
{
	struct listing l = {.d = d, .list = json_array()};

	*out = l.list;
	return scan_each(d->spool, conversation, add_part, &l);
}

void
registrar_put_documents(struct daemon *d, const struct in_entry *e, json_t *o)
{
	OWNED(json_t, list, json_decrefp) = NULL;

	if (e->header.action == A_TRANSCRIPTION_REQUEST &&
		list_of(d, &e->header.conversation, &list) == E_OK && json_array_size(list) > 0)
		json_object_set(o, "scans", list);
}

enum err
verb_documents(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	struct id conversation;

	TRY(find_case(d, args, &conversation));
	return list_of(d, &conversation, data);
}

/* ---- the octets of a part ---- */

struct wanted {
	struct digest document;
	unsigned part;
	struct scan_part found;
	bool is_found;
};

static bool
see_part(void *context, const struct scan_part *p)
{
	struct wanted *w = context;

	w->is_found = p->part == w->part && digest_equal(&p->document, &w->document);
	w->found = *p;
	return !w->is_found;
}

static enum err
open_part(struct daemon *d, const struct scan_part *p, struct in_entry *e, struct attachment **out)
{
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};

	TRY(spool_in(d->spool, &p->from, &p->message, e, &message));
	if (message.size == 0)
		return E_NOT_FOUND;
	TRY(core_body(d->core, buf_bytes(&message), &body));
	return attachment_parse(buf_bytes(&body), out);
}

/* In the ledger once a file. */
enum err
verb_document_part(void *context, const json_t *args, json_t **data)
{
	const char *digest = json_string_value(json_object_get(args, "digest"));
	OWNED(struct attachment, a, attachment_free) = NULL;
	struct wanted w = {.part = (unsigned)json_integer_value(json_object_get(args, "part"))};
	struct daemon *d = context;
	OWNED_BUF(text) = {0};
	struct in_entry e;
	struct id conversation;

	if (digest == NULL || !digest_parse(digest, &w.document))
		return E_USAGE;
	TRY(find_case(d, args, &conversation));
	TRY(scan_each(d->spool, &conversation, see_part, &w));
	if (!w.is_found)
		return E_NOT_FOUND;
	TRY(open_part(d, &w.found, &e, &a));
	if (w.part == 1)
		registrar_note(d, &e, "document save");
	buf_base64(&text, a->data.data, a->data.size);
	*data = json_pack("{s:s}", "data", (const char *)text.data);
	return E_OK;
}
