/* SPDX-License-Identifier: EUPL-1.2
 *
 * c:Query and c:QueryReply, written and read: a question about a case, and its answer, with the
 * documents that both may name. */
#include <string.h>

#include "lib/record_part.h"
#include "lib/record_request.h"

/* ---- documents ---- */

void
put_documents(struct buf *b, const struct document *list)
{
	for (const struct document *d = list; d != NULL; d = d->next) {
		xml_open(b, "c:Document", "digest", d->digest, "digestAlg", "sha256", "kind",
			d->kind, "mediaType", d->media_type, NULL);
		xml_close(b, "c:Document");
	}
}

struct document *
take_documents(struct walk *w)
{
	struct document *first = NULL, **end = &first;
	const xmlNode *node;
	const char *alg;
	size_t n = 0;

	while ((node = walk_take(w, "Document")) != NULL) {
		struct document *d = *end = arena_alloc(w->arena, sizeof *d);

		alg = walk_need_attribute(w, node, "digestAlg", RULE_CODE, NULL);
		d->digest = walk_need_attribute(w, node, "digest", RULE_DIGEST, NULL);
		d->kind = walk_need_attribute(w, node, "kind", RULE_CODE, "document");
		d->media_type = walk_need_attribute(w, node, "mediaType", RULE_CODE, "media-type");
		walk_only(w, node, "digest digestAlg kind mediaType");
		end = &d->next;
		if (alg == NULL || strcmp(alg, "sha256") != 0 || node->children != NULL ||
			++n > DOCUMENTS_MAX)
			walk_fault(w);
	}
	return first;
}

/* ---- a question ---- */

#define AT(member) offsetof(struct query, member)

struct query *
query_new(void)
{
	struct arena *a = arena_new();
	struct query *q = arena_alloc(a, sizeof *q);

	q->arena = a;
	return q;
}

void
query_free(struct query **q)
{
	struct query *old = TAKE(*q);
	struct arena *a = old == NULL ? NULL : old->arena;

	arena_free(&a);
}

static const struct field id_fields[] = {
	{"QueryId", NULL, RULE_UUID, NULL, true, AT(id)},
};
static const struct field element_fields[] = {
	{"Element", NULL, RULE_PATH, NULL, true, AT(about)},
};
static const struct field query_fields[] = {
	{"Code", NULL, RULE_CODE, "query", true, AT(code)},
	{"Question", NULL, RULE_TEXT, NULL, false, AT(question)},
	{"AnswerBy", NULL, RULE_DAY, NULL, true, AT(answer_by)},
};

void
query_compose(const struct query *q, struct buf *out)
{
	xml_open(out, "c:Query", "xmlns:c", NS_CASE, "schemaVersion", "1.0", NULL);
	put_fields(out, "c", FIELDS(id_fields), q);
	xml_open(out, "c:About", NULL);
	if (q->document == NULL)
		put_fields(out, "c", FIELDS(element_fields), q);
	put_documents(out, q->document);
	xml_close(out, "c:About");
	put_fields(out, "c", FIELDS(query_fields), q);
	xml_close(out, "c:Query");
}

/* An element, or one document. */
static void
take_about(struct walk *w, struct query *q)
{
	const xmlNode *node = walk_need(w, "About");
	struct walk in = walk_child(w, node);

	walk_only(w, node, "");
	q->document = take_documents(&in);
	if (q->document == NULL)
		take_fields(&in, FIELDS(element_fields), q);
	else if (q->document->next != NULL)
		walk_fault(w);
	walk_end(&in);
}

enum err
query_parse(struct bytes doc, struct query **out)
{
	OWNED(xmlDoc, d, xml_free) = NULL;
	OWNED(struct query, q, query_free) = query_new();
	enum err err = E_OK;
	struct walk w;

	TRY(xml_parse(doc, &d));
	w = walk_document(q->arena, NS_CASE, "Query", xml_root(d), &err);
	take_fields(&w, FIELDS(id_fields), q);
	take_about(&w, q);
	take_fields(&w, FIELDS(query_fields), q);
	(void)take_extensions(&w);
	walk_end(&w);
	TRY(err);
	*out = TAKE(q);
	return E_OK;
}

/* ---- an answer ---- */

#undef AT
#define AT(member) offsetof(struct query_reply, member)

struct query_reply *
query_reply_new(void)
{
	struct arena *a = arena_new();
	struct query_reply *r = arena_alloc(a, sizeof *r);

	r->arena = a;
	return r;
}

void
query_reply_free(struct query_reply **r)
{
	struct query_reply *old = TAKE(*r);
	struct arena *a = old == NULL ? NULL : old->arena;

	arena_free(&a);
}

static const struct field reply_fields[] = {
	{"QueryId", NULL, RULE_UUID, NULL, true, AT(query)},
	{"Answer", NULL, RULE_CODE, "answer", true, AT(answer)},
	{"Explanation", NULL, RULE_TEXT, NULL, false, AT(explanation)},
};

void
query_reply_compose(const struct query_reply *r, struct buf *out)
{
	xml_open(out, "c:QueryReply", "xmlns:c", NS_CASE, "schemaVersion", "1.0", NULL);
	put_fields(out, "c", FIELDS(reply_fields), r);
	put_documents(out, r->documents);
	xml_close(out, "c:QueryReply");
}

enum err
query_reply_parse(struct bytes doc, struct query_reply **out)
{
	OWNED(xmlDoc, d, xml_free) = NULL;
	OWNED(struct query_reply, r, query_reply_free) = query_reply_new();
	enum err err = E_OK;
	struct walk w;

	TRY(xml_parse(doc, &d));
	w = walk_document(r->arena, NS_CASE, "QueryReply", xml_root(d), &err);
	take_fields(&w, FIELDS(reply_fields), r);
	r->documents = take_documents(&w);
	(void)take_extensions(&w);
	walk_end(&w);
	TRY(err);
	*out = TAKE(r);
	return E_OK;
}
