/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two trees side by side. An element that stands in both with the same text is left alone; one with
 * the same name and the same identifying attribute (a party's code, an agreement's id) was changed,
 * and its own attributes and children are compared; the others were added or removed. Names that
 * this file has no words for are shown as they stand in the list. Only the order is not told. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/x509.h>

#include "certs/changes.h"
#include "certs/issue.h"
#include "certs/pki.h"
#include "lib/keyring.h"
#include "lib/xml.h"

#define CERT_DER_MAX 8192

/* The key is the attribute that says which one it is; "": there is only one. */
static const struct word {
	const char *name, *words, *key;
	bool is_cert;
} known[] = {
	{"TrustList", "trust list", NULL, false},
	{"Operator", "operator", NULL, false},
	{"Log", "log of the exchange", NULL, false},
	{"Officer", "officer", NULL, true},
	{"Anchor", "authority", NULL, true},
	{"Party", "party", "code", false},
	{"Sign", "certificate to sign with", NULL, true},
	{"Encrypt", "certificate to encrypt to", NULL, true},
	{"Curve", "key of the line", NULL, false},
	{"Agreement", "agreement", "id", false},
	{"Action", "kind of message", NULL, false},
	{"Purpose", "purpose", NULL, false},
	{"Field", "particular", NULL, false},
	{"ConsentRequired", "consent token required", NULL, false},
	{"ClearanceRequired", "clearance by a second officer required", NULL, false},
	{"AlsoTo", "party that can open bodies too", NULL, false},
	{"Profile", "what the registry says of itself", "", false},
	{"Provision", "provision of law", NULL, false},
	{"Need", "particular of its own record", NULL, false},
	{"Revoked", "revoked certificate", NULL, false},
};

static const struct word *
word_of(const xmlNode *node)
{
	static struct word other;

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (xml_is(node, NS_TRUST, known[i].name))
			return &known[i];
	other = (struct word){.words = (const char *)node->name};
	return &other;
}

/* ---- one element in words ---- */

/* Whoever wrote the draft does not write on the officer's screen. */
static void
print_text(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void
print_cert(const char *text)
{
	uint8_t der[CERT_DER_MAX];
	size_t size = sizeof(der);
	OWNED(X509, cert, cert_free) = NULL;
	char print[FINGERPRINT_SIZE];
	struct tm tm = {0};
	struct digest d;

	if (!base64_decode(text, strlen(text), der, &size) ||
		cert_of_der(bytes_of(der, size), &cert) != E_OK)
		return print_text(text);
	digest_of(der, size, &d);
	fingerprint_format(&d, print);
	(void)!ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm);
	printf(" fingerprint %s ends %04d-%02d-%02d", print, tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday);
}

static void
print_attributes(const xmlNode *node)
{
	for (const xmlAttr *at = node->properties; at; at = at->next) {
		xmlChar *value = xmlNodeListGetString(node->doc, at->children, 1);

		printf(" %s \"", (const char *)at->name);
		print_text(value ? (const char *)value : "");
		putchar('"');
		xmlFree(value);
	}
}

static bool
has_elements(const xmlNode *node)
{
	for (const xmlNode *at = node->children; at; at = at->next)
		if (at->type == XML_ELEMENT_NODE)
			return true;
	return false;
}

static void
print_element(const xmlNode *node, const char *sign, int depth)
{
	const struct word *w = word_of(node);
	xmlChar *text = has_elements(node) ? NULL : xmlNodeGetContent(node);

	printf("%*s%s%s", depth * 2, "", sign, w->words);
	print_attributes(node);
	if (text && w->is_cert)
		print_cert((const char *)text);
	else if (text && *text) {
		putchar(' ');
		print_text((const char *)text);
	}
	putchar('\n');
	xmlFree(text);
	if (!has_elements(node))
		return;
	for (const xmlNode *at = node->children; at; at = at->next)
		if (at->type == XML_ELEMENT_NODE)
			print_element(at, "", depth + 2);
}

/* ---- comparing ---- */

static bool
same_value(const xmlChar *a, const xmlChar *b)
{
	return a && b ? xmlStrEqual(a, b) : a == b;
}

static bool
same_attribute(xmlNode *one, xmlNode *two, const xmlChar *name)
{
	xmlChar *a = xmlGetNoNsProp(one, name), *b = xmlGetNoNsProp(two, name);
	bool same = same_value(a, b);

	xmlFree(a);
	xmlFree(b);
	return same;
}

/* Every attribute of `one' stands in `two'. */
static bool
attributes_within(xmlNode *one, xmlNode *two)
{
	for (const xmlAttr *at = one->properties; at; at = at->next)
		if (!same_attribute(one, two, at->name))
			return false;
	return true;
}

static bool
same(xmlNode *one, xmlNode *two)
{
	xmlNode *a = one->children, *b = two->children;

	if (one->type != two->type || !same_value(one->name, two->name))
		return false;
	if (one->type != XML_ELEMENT_NODE)
		return same_value(one->content, two->content);
	if (!attributes_within(one, two) || !attributes_within(two, one))
		return false;
	for (; a && b; a = a->next, b = b->next)
		if (!same(a, b))
			return false;
	return a == b;
}

static bool
has_same(xmlNode *parent, xmlNode *node)
{
	for (xmlNode *at = parent->children; at; at = at->next)
		if (same(at, node))
			return true;
	return false;
}

/* The element of the same name and key in the other tree. */
static xmlNode *
twin(xmlNode *parent, xmlNode *node)
{
	const char *key = word_of(node)->key;

	for (xmlNode *at = key ? parent->children : NULL; at; at = at->next)
		if (at->type == XML_ELEMENT_NODE && xmlStrEqual(at->name, node->name) &&
			(!*key || same_attribute(at, node, BAD_CAST key)))
			return at;
	return NULL;
}

/* ---- telling ---- */

static bool
is_approval(const xmlNode *node)
{
	return xml_is(node, NS_TRUST, "Approval") || node->type != XML_ELEMENT_NODE;
}

static void
tell_attribute(xmlNode *before, xmlNode *after, const xmlChar *name, int depth)
{
	xmlChar *a = xmlGetNoNsProp(before, name), *b = xmlGetNoNsProp(after, name);

	if (!same_value(a, b)) {
		printf("%*s  %s: ", depth * 2, "", (const char *)name);
		print_text(a ? (const char *)a : "none");
		printf(" -> ");
		print_text(b ? (const char *)b : "none");
		putchar('\n');
	}
	xmlFree(a);
	xmlFree(b);
}

static void
tell_attributes(xmlNode *before, xmlNode *after, int depth)
{
	for (const xmlAttr *at = after->properties; at; at = at->next)
		tell_attribute(before, after, at->name, depth);
	for (const xmlAttr *at = before->properties; at; at = at->next)
		if (!xmlHasProp(after, at->name))
			tell_attribute(before, after, at->name, depth);
}

static void
tell(xmlNode *before, xmlNode *after, int depth)
{
	tell_attributes(before, after, depth);
	for (xmlNode *at = before->children; at; at = at->next)
		if (!is_approval(at) && !has_same(after, at) && !twin(after, at))
			print_element(at, "- removed: ", depth + 1);
	for (xmlNode *at = after->children; at; at = at->next) {
		xmlNode *old = is_approval(at) || has_same(before, at) ? NULL : twin(before, at);

		if (old) {
			printf("%*s* changed: %s", (depth + 1) * 2, "", word_of(at)->words);
			print_attributes(at);
			putchar('\n');
			tell(old, at, depth + 1);
		} else if (!is_approval(at) && !has_same(before, at))
			print_element(at, "+ added: ", depth + 1);
	}
}

void
changes_print(xmlNode *before, xmlNode *after)
{
	printf("what it changes of the list in force:\n");
	tell(before, after, 0);
}
