/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing trust lists through a tree: the last list is parsed, elements are added or taken out, and
 * the canonicaliser writes the bytes that are signed. A trust list is the one document of daftar
 * that is changed again and again, and whatever this version does not know of it stays as it is. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certs/draft_parts.h"
#include "lib/seal.h"
#include "lib/xml.h"

#define CERT_DER_MAX 8192
#define DAY_MS INT64_C(86400000)

struct draft {
	xmlDoc *doc;
	xmlNode *root;
};

/* Children of the root in the order of the schema. */
static const char *const order[] = {"Operator", "Log", "Officer", "Anchor", "Party", "Agreement",
	"Revoked", "Approval", "Signature"};

static size_t
rank(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (strcmp(order[i], name) == 0)
			return i;
	return ARRAY_LEN(order);
}

void
draft_set(xmlNode *node, const char *name, const char *value)
{
	if (!xmlSetProp(node, BAD_CAST name, BAD_CAST value))
		die("no memory for a trust list");
}

xmlNode *
draft_element(const struct draft *d, const char *name, const char *text)
{
	xmlNode *node = xmlNewDocRawNode(d->doc, d->root->ns, BAD_CAST name, BAD_CAST text);

	if (!node)
		die("no memory for a trust list");
	return node;
}

/* Behind the last of its own kind, or where its kind belongs. */
void
draft_insert(struct draft *d, xmlNode *node)
{
	xmlNode *at = d->root->children;

	while (at && rank((const char *)at->name) <= rank((const char *)node->name))
		at = at->next;
	if (at)
		xmlAddPrevSibling(at, node);
	else
		xmlAddChild(d->root, node);
}

void
draft_remove(xmlNode *node)
{
	xmlUnlinkNode(node);
	xmlFreeNode(node);
}

struct draft *
draft_new(const char *realm, const char *operator_name, const uint8_t log_key[32],
	const char *log_name)
{
	struct draft *d = xcalloc(1, sizeof(*d));
	OWNED_BUF(key) = {0};
	xmlNode *node;

	d->doc = xmlNewDoc(BAD_CAST "1.0");
	d->root = d->doc ? xmlNewDocNode(d->doc, NULL, BAD_CAST "TrustList", NULL) : NULL;
	if (!d->root)
		die("no memory for a trust list");
	xmlDocSetRootElement(d->doc, d->root);
	xmlSetNs(d->root, xmlNewNs(d->root, BAD_CAST NS_TRUST, BAD_CAST "tl"));
	draft_set(d->root, "realm", realm);
	draft_set(d->root, "schemaVersion", "1.0");
	draft_set(d->root, "version", "0");
	node = draft_element(d, "Operator", NULL);
	draft_set(node, "name", operator_name);
	draft_insert(d, node);
	node = draft_element(d, "Log", NULL);
	buf_base64(&key, log_key, 32);
	draft_set(node, "key", (const char *)key.data);
	draft_set(node, "name", log_name);
	draft_insert(d, node);
	return d;
}

static void
remove_all(struct draft *d, const char *kind)
{
	xmlNode *node;

	while ((node = xml_child(d->root, NS_TRUST, kind)) != NULL)
		draft_remove(node);
}

enum err
draft_of(struct bytes list, struct draft **out)
{
	OWNED(struct draft, d, draft_free) = xcalloc(1, sizeof(*d));
	xmlNode *signature;

	if (xml_parse(list, &d->doc) != E_OK)
		return E_NO_TRUST;
	d->root = xml_root(d->doc);
	signature = xml_child(d->root, NS_DSIG, "Signature");
	if (!xml_is(d->root, NS_TRUST, "TrustList") || !signature)
		return E_NO_TRUST;
	draft_remove(signature);
	remove_all(d, "Approval");
	*out = TAKE(d);
	return E_OK;
}

enum err
draft_read(struct bytes plain, struct draft **out)
{
	OWNED(struct draft, d, draft_free) = xcalloc(1, sizeof(*d));

	if (xml_parse(plain, &d->doc) != E_OK || xml_check_canonical(d->doc, plain) != E_OK)
		return E_NO_TRUST;
	d->root = xml_root(d->doc);
	if (!xml_is(d->root, NS_TRUST, "TrustList") || xml_child(d->root, NS_DSIG, "Signature"))
		return E_NO_TRUST;
	*out = TAKE(d);
	return E_OK;
}

enum err
draft_again(struct bytes plain, uint64_t version, struct draft **out)
{
	OWNED(struct draft, d, draft_free) = NULL;
	char text[24];

	TRY(draft_read(plain, &d));
	remove_all(d, "Approval");
	(void)snprintf(text, sizeof(text), "%" PRIu64, version);
	draft_set(d->root, "version", text);
	*out = TAKE(d);
	return E_OK;
}

xmlNode *
draft_root(const struct draft *d)
{
	return d->root;
}

void
draft_free(struct draft **d)
{
	struct draft *old = TAKE(*d);

	if (!old)
		return;
	xml_free(&old->doc);
	free(old);
}

/* ---- pieces ---- */

xmlNode *
draft_cert(const struct draft *d, const char *name, X509 *cert)
{
	OWNED_BUF(text) = {0};
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);

	if (size <= 0)
		die("no memory for a certificate");
	buf_base64(&text, der, (size_t)size);
	OPENSSL_free(der);
	return draft_element(d, name, (const char *)text.data);
}

static bool
has_same(const struct draft *d, const xmlNode *node)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	const char *wanted = xml_text(a, node);
	const xmlNode *at = xml_child(d->root, NS_TRUST, (const char *)node->name);

	for (; at; at = xml_next(at, NS_TRUST, (const char *)node->name))
		if (strcmp(xml_text(a, at), wanted) == 0)
			return true;
	return false;
}

static void
set_grace(xmlNode *anchor, long hours)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%ld", hours);
	draft_set(anchor, "revocationGrace", text);
}

void
draft_revocation_grace(struct draft *d, long hours)
{
	xmlNode *at = xml_child(d->root, NS_TRUST, "Anchor");

	for (; at; at = xml_next(at, NS_TRUST, "Anchor"))
		set_grace(at, hours);
}

/* A country that joins later is not trusted more than those that were there. */
static void
inherit_grace(const struct draft *d, xmlNode *anchor)
{
	xmlNode *first = xml_child(d->root, NS_TRUST, "Anchor");
	xmlChar *hours = first ? xmlGetNoNsProp(first, BAD_CAST "revocationGrace") : NULL;

	if (hours)
		draft_set(anchor, "revocationGrace", (const char *)hours);
	xmlFree(hours);
}

void
draft_anchor(struct draft *d, const char *country, X509 *cert)
{
	xmlNode *node = draft_cert(d, "Anchor", cert);

	if (has_same(d, node)) {
		xmlFreeNode(node);
		return;
	}
	if (*country)
		draft_set(node, "country", country);
	inherit_grace(d, node);
	draft_insert(d, node);
}

void
draft_party(struct draft *d, const struct new_party *p)
{
	xmlNode *node = draft_element(d, "Party", NULL);
	OWNED_BUF(curve) = {0};

	draft_set(node, "code", p->code);
	if (*p->country)
		draft_set(node, "country", p->country);
	draft_set(node, "name", p->name);
	draft_set(node, "role", p->role);
	xmlAddChild(node, draft_cert(d, "Sign", p->sign));
	xmlAddChild(node, draft_cert(d, "Encrypt", p->encrypt));
	buf_base64(&curve, p->curve, sizeof(p->curve));
	xmlAddChild(node, draft_element(d, "Curve", (const char *)curve.data));
	draft_insert(d, node);
}

uint64_t
draft_next_version(const struct draft *d)
{
	xmlChar *text = xmlGetNoNsProp(d->root, BAD_CAST "version");
	uint64_t version = text ? strtoull((const char *)text, NULL, 10) : 0;

	xmlFree(text);
	return version + 1;
}

void
draft_set_instant(xmlNode *node, const char *name, int64_t when)
{
	char text[INSTANT_TEXT_SIZE];

	instant_format(when, text);
	draft_set(node, name, text);
}

bool
draft_attribute_is(xmlNode *node, const char *name, const char *value)
{
	xmlChar *text = xmlGetNoNsProp(node, BAD_CAST name);
	bool same = text && strcmp((const char *)text, value) == 0;

	xmlFree(text);
	return same;
}

static bool
speaks_of(xmlNode *node, const char *code)
{
	if (xml_is(node, NS_TRUST, "Party"))
		return draft_attribute_is(node, "code", code);
	return xml_is(node, NS_TRUST, "Agreement") &&
	       (draft_attribute_is(node, "from", code) || draft_attribute_is(node, "to", code));
}

static void
revoke(struct draft *d, const char *country, const X509 *cert, int64_t at)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);
	xmlNode *node = draft_element(d, "Revoked", NULL);
	OWNED_BUF(hex) = {0};

	buf_hex(&hex, serial->data, (size_t)serial->length);
	draft_set_instant(node, "at", at);
	if (country)
		draft_set(node, "country", country);
	draft_set(node, "serial", (const char *)hex.data);
	draft_insert(d, node);
}

void
draft_revoke(struct draft *d, const xmlNode *party, const xmlNode *node, int64_t at)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	const char *text = xml_text(a, node);
	uint8_t der[CERT_DER_MAX];
	size_t size = sizeof(der);
	OWNED(X509, cert, cert_free) = NULL;

	if (!text || !base64_decode(text, strlen(text), der, &size) ||
		cert_of_der(bytes_of(der, size), &cert) != E_OK)
		die("a verified trust list holds a broken certificate");
	revoke(d, xml_attribute(a, party, "country"), cert, at);
}

static void
revoke_all(struct draft *d, const xmlNode *party, const char *kind, int64_t at)
{
	const xmlNode *node = xml_child(party, NS_TRUST, kind);

	for (; node; node = xml_next(node, NS_TRUST, kind))
		draft_revoke(d, party, node, at);
}

void
draft_cut_off(struct draft *d, const struct party *code, int64_t at)
{
	xmlNode *node = d->root->children;

	while (node) {
		xmlNode *next = node->next;

		if (speaks_of(node, code->code)) {
			revoke_all(d, node, "Sign", at);
			revoke_all(d, node, "Encrypt", at);
			draft_remove(node);
		}
		node = next;
	}
}

/* ---- officers ---- */

void
draft_officers(struct draft *d, const struct new_officer *officer, size_t n, size_t approvals)
{
	char text[24];

	remove_all(d, "Officer");
	xmlUnsetProp(d->root, BAD_CAST "approvals");
	for (size_t i = 0; i < n; i++) {
		xmlNode *node = draft_cert(d, "Officer", officer[i].cert);

		draft_set(node, "name", officer[i].name);
		draft_insert(d, node);
	}
	if (n == 0)
		return;
	(void)snprintf(text, sizeof(text), "%zu", approvals);
	draft_set(d->root, "approvals", text);
}

bool
draft_has_officers(const struct draft *d)
{
	return xml_child(d->root, NS_TRUST, "Officer") != NULL;
}

void
draft_approve(struct draft *d, const struct digest *officer, struct bytes value)
{
	OWNED_BUF(text) = {0};
	char digest[DIGEST_TEXT_SIZE];
	xmlNode *node = xml_child(d->root, NS_TRUST, "Approval");

	digest_format(officer, digest);
	while (node && !draft_attribute_is(node, "officer", digest))
		node = xml_next(node, NS_TRUST, "Approval");
	if (node)
		draft_remove(node);
	buf_base64(&text, value.data, value.size);
	node = draft_element(d, "Approval", (const char *)text.data);
	draft_set(node, "officer", digest);
	draft_insert(d, node);
}

enum err
draft_approved(const struct draft *d, struct buf *out)
{
	struct draft copy = {.doc = xmlCopyDoc(d->doc, 1)};
	enum err e;

	if (!copy.doc)
		die("no memory for a trust list");
	copy.root = xml_root(copy.doc);
	remove_all(&copy, "Approval");
	buf_text(out, TRUST_APPROVAL_PREFIX);
	e = xml_canonical(copy.doc, out);
	xml_free(&copy.doc);
	return e;
}

/* ---- the end of it ---- */

void
draft_finish(struct draft *d, long days)
{
	int64_t now = instant_now();
	char version[24];

	(void)snprintf(version, sizeof(version), "%" PRIu64, draft_next_version(d));
	draft_set(d->root, "version", version);
	draft_set_instant(d->root, "issuedAt", now);
	draft_set_instant(d->root, "validUntil", now + days * DAY_MS);
}

enum err
draft_plain(const struct draft *d, struct buf *out)
{
	return xml_canonical(d->doc, out);
}

enum err
draft_sign(const struct draft *d, const struct identity *operator, struct buf * out)
{
	OWNED_BUF(plain) = {0};

	TRY(draft_plain(d, &plain));
	return seal_sign(buf_bytes(&plain), operator, out);
}
