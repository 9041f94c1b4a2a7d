/* SPDX-License-Identifier: EUPL-1.2
 *
 * The closed template: a signature is compared node by node, in document order, with a table, and
 * only when nothing differs is xmlsec let near it. So no transform that somebody else chose is ever
 * run, no reference is ever followed, and signature wrapping has no place to hide in: there is one
 * Signature in the document, it is the root's last child, and it refers to the whole document. */
#include <string.h>

#include "lib/seal_parts.h"

/* What may stand between the tags of an element that has no children. */
enum content { HAS_CHILDREN, IS_EMPTY, IS_DIGEST, IS_CERT_DIGEST, IS_VALUE, IS_CERT, IS_TIME };

#define ANY_METHOD "*" /* SignatureMethod: one of our list */

struct row {
	unsigned depth;
	const char *prefix, *name;
	enum content content;
	enum err otherwise; /* when an attribute has another value */
	struct {
		const char *name, *value;
	} attribute[2]; /* all that there may be, in any order */
};

static const struct row message_rows[] = {
	{0, "ds", "Signature", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{1, "ds", "SignedInfo", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{2, "ds", "CanonicalizationMethod", IS_EMPTY, E_ALGORITHM, {{"Algorithm", ALG_EXC_C14N}}},
	{2, "ds", "SignatureMethod", IS_EMPTY, E_ALGORITHM, {{"Algorithm", ANY_METHOD}}},
	{2, "ds", "Reference", HAS_CHILDREN, E_SIGNATURE_SHAPE, {{"URI", ""}}},
	{3, "ds", "Transforms", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{4, "ds", "Transform", IS_EMPTY, E_SIGNATURE_SHAPE, {{"Algorithm", ALG_ENVELOPED}}},
	{4, "ds", "Transform", IS_EMPTY, E_SIGNATURE_SHAPE, {{"Algorithm", ALG_EXC_C14N}}},
	{3, "ds", "DigestMethod", IS_EMPTY, E_ALGORITHM, {{"Algorithm", ALG_SHA256}}},
	{3, "ds", "DigestValue", IS_DIGEST, E_SIGNATURE_SHAPE, {}},
	{1, "ds", "SignatureValue", IS_VALUE, E_SIGNATURE_SHAPE, {}},
	{1, "ds", "KeyInfo", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{2, "ds", "X509Data", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{3, "ds", "X509Certificate", IS_CERT, E_SIGNATURE_SHAPE, {}},
};

static const struct row extract_rows[] = {
	{0, "ds", "Signature", HAS_CHILDREN, E_SIGNATURE_SHAPE, {{"Id", SEAL_ID}}},
	{1, "ds", "SignedInfo", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{2, "ds", "CanonicalizationMethod", IS_EMPTY, E_ALGORITHM, {{"Algorithm", ALG_EXC_C14N}}},
	{2, "ds", "SignatureMethod", IS_EMPTY, E_ALGORITHM, {{"Algorithm", ANY_METHOD}}},
	{2, "ds", "Reference", HAS_CHILDREN, E_SIGNATURE_SHAPE, {{"URI", ""}}},
	{3, "ds", "Transforms", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{4, "ds", "Transform", IS_EMPTY, E_SIGNATURE_SHAPE, {{"Algorithm", ALG_ENVELOPED}}},
	{4, "ds", "Transform", IS_EMPTY, E_SIGNATURE_SHAPE, {{"Algorithm", ALG_EXC_C14N}}},
	{3, "ds", "DigestMethod", IS_EMPTY, E_ALGORITHM, {{"Algorithm", ALG_SHA256}}},
	{3, "ds", "DigestValue", IS_DIGEST, E_SIGNATURE_SHAPE, {}},
	{2, "ds", "Reference", HAS_CHILDREN, E_SIGNATURE_SHAPE,
		{{"Type", XADES_SIGNED_PROPERTIES}, {"URI", "#" SEAL_PROPERTIES_ID}}},
	{3, "ds", "Transforms", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{4, "ds", "Transform", IS_EMPTY, E_SIGNATURE_SHAPE, {{"Algorithm", ALG_EXC_C14N}}},
	{3, "ds", "DigestMethod", IS_EMPTY, E_ALGORITHM, {{"Algorithm", ALG_SHA256}}},
	{3, "ds", "DigestValue", IS_DIGEST, E_SIGNATURE_SHAPE, {}},
	{1, "ds", "SignatureValue", IS_VALUE, E_SIGNATURE_SHAPE, {}},
	{1, "ds", "KeyInfo", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{2, "ds", "X509Data", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{3, "ds", "X509Certificate", IS_CERT, E_SIGNATURE_SHAPE, {}},
	{1, "ds", "Object", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{2, "xades", "QualifyingProperties", HAS_CHILDREN, E_SIGNATURE_SHAPE,
		{{"Target", "#" SEAL_ID}}},
	{3, "xades", "SignedProperties", HAS_CHILDREN, E_SIGNATURE_SHAPE,
		{{"Id", SEAL_PROPERTIES_ID}}},
	{4, "xades", "SignedSignatureProperties", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{5, "xades", "SigningTime", IS_TIME, E_SIGNATURE_SHAPE, {}},
	{5, "xades", "SigningCertificateV2", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{6, "xades", "Cert", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{7, "xades", "CertDigest", HAS_CHILDREN, E_SIGNATURE_SHAPE, {}},
	{8, "ds", "DigestMethod", IS_EMPTY, E_ALGORITHM, {{"Algorithm", ALG_SHA256}}},
	{8, "ds", "DigestValue", IS_CERT_DIGEST, E_SIGNATURE_SHAPE, {}},
};

static const struct {
	const struct row *rows;
	size_t n;
} forms[FORM_N] = {
	[FORM_MESSAGE] = {message_rows, ARRAY_LEN(message_rows)},
	[FORM_EXTRACT] = {extract_rows, ARRAY_LEN(extract_rows)},
};

/* One walk over one signature. */
struct walk {
	const struct row *row, *end;
	struct arena *arena;
	struct claims *claims;
};

static bool
is_named(const xmlNode *node, const struct row *row)
{
	const char *ns = strcmp(row->prefix, "ds") == 0 ? NS_DSIG : NS_XADES;

	return xml_is(node, ns, row->name) && node->ns->prefix != NULL &&
	       strcmp((const char *)node->ns->prefix, row->prefix) == 0;
}

static bool
value_fits(struct walk *w, const char *expected, const char *value)
{
	if (strcmp(expected, ANY_METHOD) == 0)
		return method_of_uri(bytes_of(value, strlen(value)), &w->claims->method);
	return strcmp(expected, value) == 0;
}

static enum err
check_attributes(struct walk *w, const xmlNode *node, const struct row *row)
{
	size_t expected = 0, found = 0;

	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
		found++;
	for (; expected < 2 && row->attribute[expected].name != NULL; expected++) {
		const char *value = xml_attribute(w->arena, node, row->attribute[expected].name);
		if (value == NULL)
			return E_SIGNATURE_SHAPE;
		if (!value_fits(w, row->attribute[expected].value, value))
			return row->otherwise;
	}
	return found == expected ? E_OK : E_SIGNATURE_SHAPE;
}

/* Base64 of at least one and at most `room' octets, without white space. */
static bool
decode(const char *text, uint8_t *out, size_t room, size_t *size)
{
	*size = room;
	return base64_decode(text, strlen(text), out, size) && *size > 0;
}

static bool
content_fits(struct walk *w, enum content content, const char *text)
{
	uint8_t octets[SIGNATURE_MAX];
	struct claims *c = w->claims;
	size_t n;

	switch (content) {
	case HAS_CHILDREN:
		return true;
	case IS_EMPTY:
		return text[0] == '\0';
	case IS_DIGEST:
		return decode(text, octets, DIGEST_SIZE, &n) && n == DIGEST_SIZE;
	case IS_CERT_DIGEST:
		return decode(text, c->cert_digest.octet, DIGEST_SIZE, &n) && n == DIGEST_SIZE;
	case IS_VALUE:
		return decode(text, octets, sizeof(octets), &n);
	case IS_CERT:
		return decode(text, c->cert, sizeof(c->cert), &c->cert_size);
	case IS_TIME:
		return instant_parse(text, &c->when);
	}
	return false;
}

/* Compares `node' and everything below it with the rows from w->row on. */
static enum err
check_node(struct walk *w, const xmlNode *node)
{
	const struct row *row = w->row++;

	if (!is_named(node, row))
		return E_SIGNATURE_SHAPE;
	TRY(check_attributes(w, node, row));
	if (row->content != HAS_CHILDREN) {
		const char *text = xml_text(w->arena, node);
		bool fits = text != NULL && content_fits(w, row->content, text);
		return fits ? E_OK : E_SIGNATURE_SHAPE;
	}
	for (const xmlNode *child = node->children; child != NULL; child = child->next) {
		if (w->row == w->end || w->row->depth != row->depth + 1)
			return E_SIGNATURE_SHAPE;
		TRY(check_node(w, child));
	}
	bool more = w->row != w->end && w->row->depth > row->depth;
	return more ? E_SIGNATURE_SHAPE : E_OK;
}

/* The next element in document order, NULL behind the last. */
static xmlNode *
following(xmlNode *node, const xmlNode *root)
{
	if (node->type == XML_ELEMENT_NODE && node->children != NULL)
		return node->children;
	while (node != root && node->next == NULL)
		node = node->parent;
	return node == root ? NULL : node->next;
}

static size_t
count_signatures(xmlNode *root)
{
	size_t n = 0;

	for (xmlNode *node = root; node != NULL; node = following(node, root))
		n += xml_is(node, NS_DSIG, "Signature") ? 1 : 0;
	return n;
}

enum err
seal_shape(xmlDoc *doc, enum form form, xmlNode **signature, struct claims *claims)
{
	OWNED(struct arena, arena, arena_free) = arena_new();
	struct walk w = {forms[form].rows, forms[form].rows + forms[form].n, arena, claims};
	xmlNode *root = xml_root(doc);
	size_t n = root == NULL ? 0 : count_signatures(root);

	if (n == 0)
		return E_UNSIGNED;
	if (n > 1)
		return E_SIGNATURE_SHAPE;
	/* Whatever is the root's last child has the signature's form, or is refused. */
	*signature = root->last;
	return check_node(&w, root->last);
}

enum err
seal_cert(xmlDoc *doc, uint8_t *der, size_t *size)
{
	OWNED(struct arena, arena, arena_free) = arena_new();
	xmlNode *root = xml_root(doc);
	size_t room = *size;

	if (root == NULL || count_signatures(root) == 0)
		return E_UNSIGNED;
	if (!xml_is(root->last, NS_DSIG, "Signature"))
		return E_SIGNATURE_SHAPE;
	const xmlNode *info = xml_child(root->last, NS_DSIG, "KeyInfo");
	const xmlNode *data = xml_child(info, NS_DSIG, "X509Data");
	const char *text = xml_child_text(arena, data, NS_DSIG, "X509Certificate");
	bool found = text != NULL && decode(text, der, room, size);
	return found ? E_OK : E_SIGNATURE_SHAPE;
}
