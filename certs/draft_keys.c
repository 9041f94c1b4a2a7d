/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys of a party that is in the list already: added beside what it has, and taken out one by one.
 */
#include "certs/draft_parts.h"
#include "lib/xml.h"

#define CERT_DER_MAX 8192

xmlNode *
draft_find_party(const struct draft *d, const struct party *code)
{
	xmlNode *at = xml_child(draft_root(d), NS_TRUST, "Party");

	while (at && !draft_attribute_is(at, "code", code->code))
		at = xml_next(at, NS_TRUST, "Party");
	return at;
}

/* Behind the last of its kind: before what comes after it, or last of all. */
static void
append(xmlNode *party, xmlNode *node, const char *before)
{
	xmlNode *next = xml_child(party, NS_TRUST, before);

	if (next)
		xmlAddPrevSibling(next, node);
	else
		xmlAddChild(party, node);
}

void
draft_renew(struct draft *d, const struct party *code, X509 *sign, X509 *encrypt,
	const uint8_t curve[CURVE_KEY_SIZE])
{
	xmlNode *party = draft_find_party(d, code);
	OWNED_BUF(text) = {0};

	assert(party);
	buf_base64(&text, curve, CURVE_KEY_SIZE);
	append(party, draft_cert(d, "Sign", sign),
		xml_child(party, NS_TRUST, "Encrypt") ? "Encrypt" : "Curve");
	append(party, draft_cert(d, "Encrypt", encrypt), "Curve");
	append(party, draft_element(d, "Curve", (const char *)text.data), "Profile");
}

static bool
has_print(const xmlNode *node, const char *print,
	bool (*fits)(const struct digest *d, const char *typed))
{
	OWNED(struct arena, a, arena_free) = arena_new();
	const char *text = xml_text(a, node);
	uint8_t octets[CERT_DER_MAX];
	size_t size = sizeof(octets);
	struct digest d;

	if (!text || !base64_decode(text, strlen(text), octets, &size))
		return false;
	digest_of(octets, size, &d);
	return fits(&d, print);
}

static bool
is_only_one(const xmlNode *party, const char *kind)
{
	const xmlNode *first = xml_child(party, NS_TRUST, kind);

	return first && !xml_next(first, NS_TRUST, kind);
}

enum retired
draft_retire(struct draft *d, const struct party *code, const char *print,
	bool (*fits)(const struct digest *d, const char *typed), int64_t at)
{
	static const char *const kinds[] = {"Sign", "Encrypt", "Curve"};
	xmlNode *party = draft_find_party(d, code);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		xmlNode *node = xml_child(party, NS_TRUST, kinds[i]);

		while (node && !has_print(node, print, fits))
			node = xml_next(node, NS_TRUST, kinds[i]);
		if (!node)
			continue;
		if (is_only_one(party, kinds[i]))
			return LAST_ONE;
		if (strcmp(kinds[i], "Curve") != 0)
			draft_revoke(d, party, node, at);
		draft_remove(node);
		return RETIRED;
	}
	return NOT_THERE;
}
