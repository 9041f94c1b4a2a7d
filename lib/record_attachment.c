/* SPDX-License-Identifier: EUPL-1.2
 *
 * c:Attachment, written and read: a part of a scan. How many parts a file has, and how long each
 * of them is, follows from its size alone, so no two ways of cutting one file can be mixed. */
#include <stdlib.h>
#include <string.h>

#include "lib/record_part.h"

/* ---- files and their parts ---- */

unsigned
scan_parts(size_t size)
{
	return (unsigned)((size + SCAN_PART - 1) / SCAN_PART);
}

struct bytes
scan_part(struct bytes file, unsigned n)
{
	size_t from = (size_t)(n - 1) * SCAN_PART, size;

	assert(n >= 1 && n <= scan_parts(file.size));
	size = file.size - from < SCAN_PART ? file.size - from : SCAN_PART;
	return bytes_of(file.data + from, size);
}

const char *
scan_media(struct bytes file)
{
	static const struct {
		const char *begin;
		size_t n;
		const char *type;
	} types[] = {
		{"%PDF-", 5, "application/pdf"},
		{"\xff\xd8\xff", 3, "image/jpeg"},
		{"\x89PNG\r\n\x1a\n", 8, "image/png"},
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (file.size >= types[i].n && memcmp(file.data, types[i].begin, types[i].n) == 0)
			return types[i].type;
	return NULL;
}

/* ---- a part ---- */

struct attachment *
attachment_new(void)
{
	struct arena *a = arena_new();
	struct attachment *x = arena_alloc(a, sizeof *x);

	x->arena = a;
	return x;
}

void
attachment_free(struct attachment **a)
{
	struct attachment *old = TAKE(*a);
	struct arena *arena = old == NULL ? NULL : old->arena;

	arena_free(&arena);
}

/* As they stand in the document. */
struct texts {
	const char *digest, *kind, *media_type, *size, *part, *of, *data;
};

#define AT(member) offsetof(struct texts, member)
static const struct field fields[] = {
	{"DocumentDigest", NULL, RULE_DIGEST, NULL, true, AT(digest)},
	{"Kind", NULL, RULE_CODE, "document", true, AT(kind)},
	{"MediaType", NULL, RULE_CODE, "media-type", true, AT(media_type)},
	{"Size", NULL, RULE_COUNT, NULL, true, AT(size)},
	{"Part", NULL, RULE_COUNT, NULL, true, AT(part)},
	{"Of", NULL, RULE_COUNT, NULL, true, AT(of)},
	{"Data", NULL, RULE_DATA, NULL, true, AT(data)},
};

void
attachment_compose(const struct attachment *a, struct buf *out)
{
	OWNED(char, size, free_chars) = xprintf("%zu", a->size);
	OWNED(char, part, free_chars) = xprintf("%u", a->part);
	OWNED(char, of, free_chars) = xprintf("%u", a->of);
	OWNED_BUF(data) = {0};
	struct texts t = {.digest = a->document.digest,
		.kind = a->document.kind,
		.media_type = a->document.media_type,
		.size = size,
		.part = part,
		.of = of};

	buf_base64(&data, a->data.data, a->data.size);
	t.data = (const char *)data.data;
	xml_open(out, "c:Attachment", "xmlns:c", NS_CASE, "schemaVersion", "1.0", NULL);
	put_fields(out, "c", FIELDS(fields), &t);
	xml_close(out, "c:Attachment");
}

static bool
decode(const char *text, struct attachment *a)
{
	size_t length = strlen(text), size = length;
	uint8_t *octets = arena_alloc(a->arena, size);

	if (!base64_decode(text, length, octets, &size))
		return false;
	a->data = bytes_of(octets, size);
	return true;
}

/* Is it what is left of the file there, no more and no less? */
static bool
fits(const struct attachment *a)
{
	size_t from = ((size_t)a->part - 1) * SCAN_PART;

	return a->size <= ATTACHMENT_MAX && a->of == scan_parts(a->size) && a->part <= a->of &&
	       a->data.size == (a->part < a->of ? SCAN_PART : a->size - from);
}

static enum err
fill(const struct texts *t, struct attachment *a)
{
	a->document.digest = t->digest;
	a->document.kind = t->kind;
	a->document.media_type = t->media_type;
	a->size = strtoul(t->size, NULL, 10);
	a->part = (unsigned)strtoul(t->part, NULL, 10);
	a->of = (unsigned)strtoul(t->of, NULL, 10);
	return decode(t->data, a) && fits(a) ? E_OK : E_SCHEMA;
}

enum err
attachment_parse(struct bytes doc, struct attachment **out)
{
	OWNED(xmlDoc, d, xml_free) = NULL;
	OWNED(struct attachment, a, attachment_free) = attachment_new();
	struct texts t = {.digest = NULL};
	enum err err = E_OK;
	struct walk w;

	TRY(xml_parse(doc, &d));
	w = walk_document(a->arena, NS_CASE, "Attachment", xml_root(d), &err);
	take_fields(&w, FIELDS(fields), &t);
	(void)take_extensions(&w);
	walk_end(&w);
	TRY(err);
	TRY(fill(&t, a));
	*out = TAKE(a);
	return E_OK;
}
