/* SPDX-License-Identifier: EUPL-1.2
 *
 * For the tests of what an extract may hold: an extract that has everything, and what stands in the
 * document that is written of one, found by walking its elements. */
#ifndef DAFTAR_FIELDS_STAGE_H
#define DAFTAR_FIELDS_STAGE_H

#include "tests/unit/test.h"

#include <stdio.h>

#include "lib/child.h"
#include "lib/extract_fields.h"
#include "lib/xml.h"

#define FIELDS_MAX 64

/* What always travels, as this test knows it. */
static const char *const core_paths[] = {"b:ExtractId", "b:Kind", "b:Entry/b:Number",
	"b:Entry/b:Office", "b:Entry/b:RegisteredOn", "b:Subject/t:Name", "b:Subject/b:Sex",
	"b:Birth/b:Date", "b:Birth/b:Place", "b:Redaction", "b:ConsentRef", "b:Certification",
	"b:ValidUntil"};

static inline bool
is_core(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(core_paths); i++)
		if (strcmp(core_paths[i], path) == 0)
			return true;
	return false;
}

static inline void
text_of_file(const char *file, struct buf *out)
{
	char text[65536];
	FILE *f = fopen(file, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof text, f);
	fclose(f);
	assert_in_range(n, 1, sizeof text - 1);
	buf_add(out, text, n);
}

static inline struct extract *
extract_of_file(const char *file)
{
	struct extract *x = NULL;
	OWNED_BUF(text) = {0};

	text_of_file(file, &text);
	assert_int_equal(extract_parse(buf_bytes(&text), &x), E_OK);
	return x;
}

static inline struct extract *
whole_extract(void)
{
	OWNED(char, file, free_chars) =
		xprintf("%s/data/valid/certified-extract/everything.xml", tests_folder());
	struct extract *x = extract_of_file(file);

	x->extension = "t:Extension";
	return x;
}

/* Paths of the elements of an extract that hold something, those of the four groups two deep. */
struct found {
	size_t n;
	char path[128][80];
};

static inline bool
has_found(const struct found *f, const char *path)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->path[i], path) == 0)
			return true;
	return false;
}

static inline void
find_below(const xmlNode *parent, const char *above, struct found *f)
{
	static const char *const groups[] = {"Entry", "Subject", "Birth", "Parent"};

	for (const xmlNode *at = parent->children; at; at = at->next) {
		OWNED(char, path, free_chars) = NULL;
		OWNED(char, group, free_chars) = NULL;

		if (at->type != XML_ELEMENT_NODE)
			continue;
		path = xprintf(
			"%s%s:%s", above, (const char *)at->ns->prefix, (const char *)at->name);
		for (size_t i = 0; *above == '\0' && i < ARRAY_LEN(groups); i++)
			if (strcmp((const char *)at->name, groups[i]) == 0)
				group = xprintf("%s/", path);
		if (group != NULL)
			find_below(at, group, f);
		else if (!has_found(f, path))
			assert_true(f->n < ARRAY_LEN(f->path) &&
				    copy_text(f->path[f->n++], sizeof f->path[0], path));
	}
}

/* An extension is never written: what the struct says of it counts as found. */
static inline void
look_at(const struct extract *x, struct found *f)
{
	OWNED(xmlDoc, doc, xml_free) = NULL;
	OWNED_BUF(text) = {0};

	extract_compose(x, &text);
	assert_int_equal(xml_parse(buf_bytes(&text), &doc), E_OK);
	find_below(xmlDocGetRootElement(doc), "", f);
	if (x->extension != NULL)
		strcpy(f->path[f->n++], "t:Extension");
}

static inline bool
is_redacted(const struct extract *x, const char *path, const char *reason)
{
	for (const struct text_item *t = x->redaction; t; t = t->next)
		if (strcmp(t->value, path) == 0 && strcmp(t->detail, reason) == 0)
			return true;
	return false;
}

static inline void
assert_redacted(const struct extract *x, const char *path, const char *reason)
{
	if (!is_redacted(x, path, reason))
		fail_msg("%s is not said to be left out for %s", path, reason);
}

/* Is the path, or an element above it, in the list? */
static inline bool
is_listed(const char *path, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t size = strlen(list[i]);

		if (strncmp(path, list[i], size) == 0 && (path[size] == '\0' || path[size] == '/'))
			return true;
	}
	return false;
}

#endif
