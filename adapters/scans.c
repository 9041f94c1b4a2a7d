/* SPDX-License-Identifier: EUPL-1.2
 *
 * The parts of scans that have come, kept and read. */
#include "adapters/scans.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "attachment/"

static char *
name_of(const struct scan_part *p)
{
	char conversation[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE];

	id_format(&p->conversation, conversation);
	digest_format(&p->document, digest);
	return xprintf(PREFIX "%s/%s/%03u", conversation, digest, p->part);
}

enum err
scan_keep(struct spool *s, const struct scan_part *p)
{
	OWNED(char, name, free_chars) = name_of(p);
	char message[ID_TEXT_SIZE];
	OWNED_BUF(value) = {0};

	id_format(&p->message, message);
	buf_printf(&value, "%s %s %u %u %zu %s %s", p->from.code, message, p->part, p->of, p->size,
		p->kind, p->media_type);
	return spool_set_fact(s, name, buf_bytes(&value));
}

/* What this program wrote. */
static bool
read_part(const char *key, struct bytes value, struct scan_part *p)
{
	OWNED(char, text, free_chars) = xprintf("%.*s", (int)value.size, (const char *)value.data);
	char conversation[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE], message[ID_TEXT_SIZE], from[64];

	*p = (struct scan_part){.part = 0};
	return sscanf(key, PREFIX "%36[^/]/%64[^/]/", conversation, digest) == 2 &&
	       sscanf(text, "%63s %36s %u %u %zu %31s %31s", from, message, &p->part, &p->of,
		       &p->size, p->kind, p->media_type) == 7 &&
	       id_parse(conversation, &p->conversation) && digest_parse(digest, &p->document) &&
	       id_parse(message, &p->message) && party_parse(from, &p->from);
}

struct walk {
	scan_visit *each;
	void *context;
};

static bool
visit(void *context, const char *key, struct bytes value)
{
	const struct walk *w = context;
	struct scan_part p;

	return !read_part(key, value, &p) || w->each(w->context, &p);
}

enum err
scan_each(struct spool *s, const struct id *conversation, scan_visit *each, void *context)
{
	struct walk w = {each, context};
	char text[ID_TEXT_SIZE] = "";
	OWNED(char, prefix, free_chars) = NULL;

	if (conversation != NULL)
		id_format(conversation, text);
	prefix = xprintf(PREFIX "%s%s", text, conversation != NULL ? "/" : "");
	return spool_each_fact(s, prefix, visit, &w);
}

enum err
scan_drop(struct spool *s, const struct scan_part *p)
{
	OWNED(char, name, free_chars) = name_of(p);

	return spool_drop_fact(s, name);
}
