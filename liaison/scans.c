/* SPDX-License-Identifier: EUPL-1.2
 *
 * Scans, kept and filed. A scan is known by the digest of its octets, so the same file again is the
 * same scan. Its messages' ids are made of one that is chosen when it is kept, and all of them are
 * filed in one transaction with the note that they are: however often it is broken off, they are
 * the same messages. */
#include "liaison/scans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "liaison/consent.h"

#define SCANS "attachment/"
#define PARTS "attachment-part/"
#define MESSAGE_OCTETS 52000 /* a part as a message in the spool, and what it may grow to */

/* ---- what the papers name: a line each ---- */

static bool
next_document(const char **at, struct case_document *d)
{
	int n = 0;

	if (sscanf(*at, "%64s %31s %31s%n", d->digest, d->kind, d->media_type, &n) != 3)
		return false;
	*at += n;
	return true;
}

bool
case_document_find(const struct officer_case *c, const char *digest, struct case_document *out)
{
	const char *at = c->documents.size > 0 ? (const char *)c->documents.data : "";

	while (next_document(&at, out))
		if (strcmp(out->digest, digest) == 0)
			return true;
	return false;
}

void
case_names(struct officer_case *c, const struct document *list)
{
	struct case_document there;

	for (; list != NULL; list = list->next)
		if (!case_document_find(c, list->digest, &there))
			buf_printf(&c->documents, "%s %s %s\n", list->digest, list->kind,
				list->media_type);
}

/* ---- facts ---- */

static char *
prefix_of(const char *kind, const struct id *conversation)
{
	char text[ID_TEXT_SIZE];

	if (conversation == NULL)
		return xstrdup(kind);
	id_format(conversation, text);
	return xprintf("%s%s/", kind, text);
}

static char *
name_of(const char *kind, const struct scan *s, unsigned part)
{
	OWNED(char, prefix, free_chars) = prefix_of(kind, &s->conversation);

	return part == 0 ? xprintf("%s%s", prefix, s->digest)
			 : xprintf("%s%s/%03u", prefix, s->digest, part);
}

static enum err
note_scan(struct office *o, const struct scan *s)
{
	OWNED(char, name, free_chars) = name_of(SCANS, s, 0);
	char conversation[ID_TEXT_SIZE], first[ID_TEXT_SIZE];
	OWNED_BUF(text) = {0};

	id_format(&s->conversation, conversation);
	id_format(&s->first, first);
	buf_printf(&text, "%s %s %s %s %zu %s %s %lld", conversation, s->digest, s->kind,
		s->media_type, s->size, s->filed ? "filed" : "kept", first, (long long)s->at);
	return sealed_set(o, name, buf_bytes(&text));
}

static bool
read_scan(const char *text, struct scan *s)
{
	char conversation[ID_TEXT_SIZE], first[ID_TEXT_SIZE], state[8];
	long long at;

	*s = (struct scan){.size = 0};
	if (sscanf(text, "%36s %64s %31s %31s %zu %7s %36s %lld", conversation, s->digest, s->kind,
		    s->media_type, &s->size, state, first, &at) != 8)
		return false;
	s->filed = strcmp(state, "filed") == 0;
	s->at = at;
	return id_parse(conversation, &s->conversation) && id_parse(first, &s->first) &&
	       s->size > 0 && s->size <= ATTACHMENT_MAX;
}

enum err
scan_find(struct office *o, const struct id *conversation, const char *digest, struct scan *out)
{
	const struct scan s = {.conversation = *conversation};
	OWNED(char, prefix, free_chars) = prefix_of(SCANS, &s.conversation);
	OWNED(char, name, free_chars) = xprintf("%s%s", prefix, digest);
	OWNED_BUF(text) = {0};

	TRY(sealed_get(o, name, &text));
	buf_u8(&text, '\0');
	return read_scan((char *)text.data, out) ? E_OK : E_VERSION;
}

struct walk {
	struct office *o;
	scan_visit *each;
	void *context;
};

static bool
visit(void *context, const char *key, struct bytes value)
{
	const struct walk *w = context;
	OWNED_BUF(text) = {0};
	struct scan s;

	(void)key;
	if (office_unseal(w->o, value, &text) != E_OK)
		return true;
	buf_u8(&text, '\0');
	return !read_scan((char *)text.data, &s) || w->each(w->context, &s);
}

enum err
scan_each(struct office *o, const struct id *conversation, scan_visit *each, void *context)
{
	OWNED(char, prefix, free_chars) = prefix_of(SCANS, conversation);
	struct walk w = {o, each, context};

	return spool_each_fact(o->spool, prefix, visit, &w);
}

/* ---- keeping ---- */

static enum err
keep_parts(struct office *o, const struct scan *s, struct bytes file)
{
	for (unsigned n = 1; n <= scan_parts(file.size); n++) {
		OWNED(char, name, free_chars) = name_of(PARTS, s, n);

		TRY(sealed_set(o, name, scan_part(file, n)));
	}
	return note_scan(o, s);
}

enum err
scans_may_be_more(struct office *o, const struct id *conversation)
{
	OWNED(char, prefix, free_chars) = prefix_of(SCANS, conversation);

	return spool_count_facts(o->spool, prefix) < SCANS_MAX ? E_OK : E_STATE;
}

enum err
scan_keep(struct office *o, const struct scan *s, struct bytes file)
{
	TRY(scans_may_be_more(o, &s->conversation));
	return keep_parts(o, s, file);
}

static enum err
read_kept(struct office *o, const struct scan *s, struct buf *file)
{
	struct digest d;
	char text[DIGEST_TEXT_SIZE];

	for (unsigned n = 1; n <= scan_parts(s->size); n++) {
		OWNED(char, name, free_chars) = name_of(PARTS, s, n);
		OWNED_BUF(part) = {0};

		TRY(sealed_get(o, name, &part));
		buf_add_bytes(file, buf_bytes(&part));
	}
	digest_of(file->data, file->size, &d);
	digest_format(&d, text);
	return strcmp(text, s->digest) == 0 ? E_OK : E_DAMAGED;
}

enum err
scans_erase(struct office *o, const struct id *conversation)
{
	OWNED(char, scans, free_chars) = prefix_of(SCANS, conversation);
	OWNED(char, parts, free_chars) = prefix_of(PARTS, conversation);

	TRY(spool_drop_facts(o->spool, parts));
	return spool_drop_facts(o->spool, scans);
}

/* ---- filing ---- */

/* The n-th of them; the first's time, and otherwise as good as drawn. */
static struct id
part_id(const struct scan *s, unsigned n)
{
	static const char what[] = "daftar-attachment-part-id-1";
	struct id id = s->first;
	OWNED_BUF(from) = {0};
	struct digest d;

	buf_add(&from, what, sizeof what);
	buf_add(&from, s->first.octet, sizeof s->first.octet);
	buf_u32(&from, n);
	digest_of(from.data, from.size, &d);
	memcpy(id.octet + 6, d.octet, sizeof id.octet - 6);
	id.octet[6] = (uint8_t)(0x70 | (id.octet[6] & 0x0f));
	id.octet[8] = (uint8_t)(0x80 | (id.octet[8] & 0x3f));
	return id;
}

static enum err
file_part(struct office *o, const struct officer_case *c, const struct scan *s, struct bytes file,
	unsigned n)
{
	struct attachment a = {
		.document = {.digest = s->digest, .kind = s->kind, .media_type = s->media_type},
		.size = file.size,
		.part = n,
		.of = scan_parts(file.size),
		.data = scan_part(file, n)};
	OWNED_BUF(body) = {0};
	OWNED_BUF(message) = {0};
	struct header h = {.id = part_id(s, n)};

	attachment_compose(&a, &body);
	TRY(compose_attachment(o, c, &h, buf_bytes(&body), &message));
	return spool_file_made(o->spool, &h, buf_bytes(&message), instant_now());
}

static enum err
file_parts(struct office *o, const struct officer_case *c, struct scan *s, struct bytes file)
{
	for (unsigned n = 1; n <= scan_parts(file.size); n++)
		TRY(file_part(o, c, s, file, n));
	s->filed = true;
	return note_scan(o, s);
}

static enum err
file_group(struct office *o, const struct officer_case *c, struct scan *s, struct bytes file)
{
	OWNED(char, parts, free_chars) = name_of(PARTS, s, 0);
	enum err e;

	s->filed = false;
	TRY(spool_group(o->spool));
	e = file_parts(o, c, s, file);
	if (e == E_OK)
		e = spool_drop_facts(o->spool, parts);
	if (e == E_OK)
		return spool_group_end(o->spool);
	spool_group_drop(o->spool);
	s->filed = false;
	return e;
}

enum err
scan_file(struct office *o, const struct officer_case *c, struct scan *s, struct bytes file)
{
	enum err e = file_group(o, c, s, file);
	size_t want;

	if (e != E_SPOOL_FULL)
		return e;
	TRY(spool_room_for(o->spool, scan_parts(file.size), MESSAGE_OCTETS, &want));
	TRY(spool_grow(o->spool, want));
	return file_group(o, c, s, file);
}

struct kept {
	struct scan *list;
	size_t n;
};

static bool
see_kept(void *context, const struct scan *s)
{
	struct kept *k = context;

	if (s->filed)
		return true;
	k->list = xrealloc(k->list, (k->n + 1) * sizeof *k->list);
	k->list[k->n++] = *s;
	return true;
}

enum err
scans_file_kept(struct office *o, const struct officer_case *c)
{
	struct kept k = {NULL, 0};
	enum err e = scan_each(o, &c->conversation, see_kept, &k);

	for (size_t i = 0; i < k.n && e == E_OK; i++) {
		OWNED_BUF(file) = {0};

		e = read_kept(o, &k.list[i], &file);
		if (e == E_OK)
			e = scan_file(o, c, &k.list[i], buf_bytes(&file));
	}
	free(k.list);
	return e;
}

static enum err
resume_one(struct office *o, const struct scan *s)
{
	char number[TRACKING_SIZE];
	struct out_entry request;
	OWNED_CASE(c);

	tracking_of(&s->conversation, number);
	if (case_find(o, number, &c) != E_OK || c.stop[STOP_WITHDRAWAL].at != 0 ||
		spool_out(o->spool, &c.message, &request, NULL) != E_OK)
		return E_OK;
	return scans_file_kept(o, &c);
}

enum err
scans_resume(struct office *o)
{
	struct kept k = {NULL, 0};
	OWNED_FD(lock) = -1;
	enum err e;

	if (spool_count_facts(o->spool, PARTS) == 0)
		return E_OK;
	TRY(case_lock(o, &lock));
	e = scan_each(o, NULL, see_kept, &k);
	for (size_t i = 0; i < k.n && e == E_OK; i++)
		e = resume_one(o, &k.list[i]);
	free(k.list);
	return e;
}

/* ---- taking back ---- */

static bool
take_back(void *context, const struct scan *s)
{
	struct office *o = context;

	for (unsigned n = 1; s->filed && n <= scan_parts(s->size); n++) {
		const struct id id = part_id(s, n);

		(void)!spool_take_back(o->spool, &id, instant_now());
	}
	return true;
}

enum err
scans_take_back(struct office *o, const struct id *conversation)
{
	TRY(scan_each(o, conversation, take_back, o));
	return scans_erase(o, conversation);
}

/* ---- how far they are ---- */

static void
see_part(const struct out_entry *e, struct scan_progress *p)
{
	p->waiting += e->state == OUT_FILED;
	p->sent += e->state == OUT_SENT || e->state == OUT_DELIVERED || e->state == OUT_ENDED;
	p->there += e->state == OUT_ENDED && e->stage == ST_COMMITTED;
	if (e->state != OUT_REFUSED && (e->state != OUT_ENDED || e->stage == ST_COMMITTED))
		return;
	p->code = e->code;
	memcpy(p->reason, e->reason, sizeof p->reason);
}

void
scan_progress(struct office *o, const struct scan *s, struct scan_progress *out)
{
	*out = (struct scan_progress){.of = scan_parts(s->size), .code = E_OK};
	for (unsigned n = 1; s->filed && n <= out->of; n++) {
		const struct id id = part_id(s, n);
		struct out_entry e;

		if (spool_out(o->spool, &id, &e, NULL) == E_OK)
			see_part(&e, out);
	}
}
