/* SPDX-License-Identifier: EUPL-1.2
 *
 * c:Cancellation, written and read: that a case, or a part of it, is stopped. */
#include <string.h>

#include "lib/record_part.h"

#define AT(member) offsetof(struct cancellation, member)

struct cancellation *
cancellation_new(void)
{
	struct arena *a = arena_new();
	struct cancellation *c = arena_alloc(a, sizeof *c);

	c->arena = a;
	return c;
}

void
cancellation_free(struct cancellation **c)
{
	struct cancellation *old = TAKE(*c);
	struct arena *a = old == NULL ? NULL : old->arena;

	arena_free(&a);
}

static const struct field kind_fields[] = {
	{"Kind", NULL, RULE_CODE, "cancellation", true, AT(kind)},
};
static const struct field how_fields[] = {
	{"From", NULL, RULE_PARTY, NULL, false, AT(from)},
	{"Erase", NULL, RULE_CODE, "erase", true, AT(erase)},
};

void
cancellation_compose(const struct cancellation *c, struct buf *out)
{
	char effective[INSTANT_TEXT_SIZE];

	instant_format(c->effective, effective);
	xml_open(out, "c:Cancellation", "xmlns:c", NS_CASE, "schemaVersion", "1.0", NULL);
	put_fields(out, "c", FIELDS(kind_fields), c);
	xml_element(out, "c:Effective", effective);
	put_fields(out, "c", FIELDS(how_fields), c);
	if (c->consent != NULL) {
		xml_open(out, "c:ConsentRef", "id", c->consent, NULL);
		xml_close(out, "c:ConsentRef");
	}
	xml_close(out, "c:Cancellation");
}

static void
take_effective(struct walk *w, struct cancellation *c)
{
	const xmlNode *node = walk_need(w, "Effective");
	const char *text = walk_text(w, node, RULE_LINE, NULL);

	walk_only(w, node, "");
	if (text != NULL && !instant_parse(text, &c->effective))
		walk_fault(w);
}

static void
take_consent(struct walk *w, struct cancellation *c)
{
	const xmlNode *node = walk_take(w, "ConsentRef");

	c->consent = walk_need_attribute(w, node, "id", RULE_UUID, NULL);
	walk_only(w, node, "id");
	if (node != NULL && node->children != NULL)
		walk_fault(w);
}

enum err
cancellation_parse(struct bytes doc, struct cancellation **out)
{
	OWNED(xmlDoc, d, xml_free) = NULL;
	OWNED(struct cancellation, c, cancellation_free) = cancellation_new();
	enum err err = E_OK;
	struct walk w;

	TRY(xml_parse(doc, &d));
	w = walk_document(c->arena, NS_CASE, "Cancellation", xml_root(d), &err);
	take_fields(&w, FIELDS(kind_fields), c);
	take_effective(&w, c);
	take_fields(&w, FIELDS(how_fields), c);
	take_consent(&w, c);
	take_extensions(&w);
	walk_end(&w);
	TRY(err);
	*out = TAKE(c);
	return E_OK;
}
