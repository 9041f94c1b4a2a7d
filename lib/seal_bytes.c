/* SPDX-License-Identifier: EUPL-1.2
 *
 * The second vote, with no XML library: the document is read as octets that must already be
 * canonical. A walk over its tags makes sure that they nest and that the one Signature is the
 * root's last child; the Signature is compared with a grammar that has holes only for values; the
 * document without it is hashed; and SignedInfo, as the canonicaliser would write it alone, is
 * verified. It is small enough to be read in one sitting, which is its strength. */
#include <string.h>

#include <openssl/evp.h>

#include "lib/literal.h"
#include "lib/seal_parts.h"

#define DEPTH_MAX 32

/* ---- the walk over the tags ---- */

struct walk {
	const uint8_t *at, *end;
	struct bytes open[DEPTH_MAX]; /* names of the open elements */
	size_t depth;
	size_t signatures;
	const uint8_t *signature; /* where the latest begins */
	struct bytes cut;	  /* a signature that has ended as the root's last child so far */
	bool root_ended;
};

static bool
is_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == ':' || c == '_' || c == '-' || c == '.' || c >= 0x80;
}

static bool
take(struct walk *w, uint8_t c)
{
	if (w->at == w->end || *w->at != c)
		return false;
	w->at++;
	return true;
}

static struct bytes
take_name(struct walk *w)
{
	const uint8_t *start = w->at;

	while (w->at < w->end && is_name(*w->at))
		w->at++;
	return bytes_of(start, (size_t)(w->at - start));
}

/* Canonical XML has one way to write each character that it replaces. */
static bool
take_reference(struct walk *w, bool in_attribute)
{
	static const char *const everywhere[] = {"&amp;", "&lt;", "&#xD;"};
	static const char *const in_value[] = {"&quot;", "&#x9;", "&#xA;"};
	static const char *const in_text[] = {"&gt;"};
	const char *const *lists[] = {everywhere, in_attribute ? in_value : in_text};
	size_t sizes[] = {3, in_attribute ? 3 : 1};

	for (size_t l = 0; l < 2; l++) {
		for (size_t i = 0; i < sizes[l]; i++) {
			size_t n = strlen(lists[l][i]);
			if ((size_t)(w->end - w->at) >= n && memcmp(w->at, lists[l][i], n) == 0) {
				w->at += n;
				return true;
			}
		}
	}
	return false;
}

/* The rest of an attribute value, closing quote included. */
static bool
take_value(struct walk *w)
{
	while (w->at < w->end && *w->at != '"') {
		uint8_t c = *w->at;
		if (c == '<' || c < 0x20)
			return false;
		if (c == '&') {
			if (!take_reference(w, true))
				return false;
			continue;
		}
		w->at++;
	}
	return take(w, '"');
}

/* Text up to the next tag. */
static bool
take_text(struct walk *w)
{
	while (w->at < w->end && *w->at != '<') {
		uint8_t c = *w->at;
		if (c == '>' || (c < 0x20 && c != '\t' && c != '\n'))
			return false;
		if (c == '&') {
			if (!take_reference(w, false))
				return false;
			continue;
		}
		w->at++;
	}
	return true;
}

/* <name a="v" b="v"> */
static enum err
take_start_tag(struct walk *w, const uint8_t *start)
{
	struct bytes name = take_name(w);

	if (name.size == 0 || w->root_ended || w->depth == DEPTH_MAX)
		return E_NOT_CANONICAL;
	while (take(w, ' ')) {
		if (take_name(w).size == 0 || !take(w, '=') || !take(w, '"') || !take_value(w))
			return E_NOT_CANONICAL;
	}
	if (!take(w, '>'))
		return E_NOT_CANONICAL;
	/* Whatever follows a signature in the root is no place for a signature to be before. */
	if (w->depth == 1)
		w->cut = (struct bytes){0};
	if (literal_is(name, "ds:Signature")) {
		w->signatures++;
		w->signature = start;
	}
	w->open[w->depth++] = name;
	return E_OK;
}

/* </name> of the innermost open element. */
static enum err
take_end_tag(struct walk *w)
{
	struct bytes name = take_name(w);

	if (!take(w, '>') || w->depth == 0)
		return E_NOT_CANONICAL;
	struct bytes opened = w->open[--w->depth];
	if (opened.size != name.size || memcmp(opened.data, name.data, name.size) != 0)
		return E_NOT_CANONICAL;
	if (w->depth == 1 && literal_is(name, "ds:Signature"))
		w->cut = bytes_of(w->signature, (size_t)(w->at - w->signature));
	w->root_ended = w->depth == 0;
	return E_OK;
}

static enum err
walk_document(struct walk *w)
{
	while (w->at < w->end) {
		const uint8_t *start = w->at;
		if (take(w, '<')) {
			TRY(take(w, '/') ? take_end_tag(w) : take_start_tag(w, start));
			continue;
		}
		if (w->depth == 0 || !take_text(w))
			return E_NOT_CANONICAL;
		if (w->depth == 1)
			w->cut = (struct bytes){0};
	}
	return w->root_ended ? E_OK : E_NOT_CANONICAL;
}

static enum err
find_signature(struct bytes doc, struct bytes *out)
{
	struct walk w = {.at = doc.data, .end = doc.data + doc.size};

	if (doc.size == 0)
		return E_NOT_CANONICAL;
	TRY(walk_document(&w));
	if (w.signatures == 0)
		return E_UNSIGNED;
	if (w.signatures > 1 || w.cut.size == 0)
		return E_SIGNATURE_SHAPE;
	*out = w.cut;
	return E_OK;
}

/* ---- the grammar of a signature ---- */

enum hole {
	LITERAL,
	ALGORITHM, /* exactly `text', else E_ALGORITHM */
	METHOD,
	DIGEST, /* of the document */
	PROPERTIES_DIGEST,
	CERT_DIGEST,
	VALUE,
	CERT,
	TIME,
	INFO_BEGINS,
	INFO_ENDS
};

struct piece {
	enum hole hole;
	const char *text;
};

static const struct piece message_grammar[] = {
	{LITERAL, "<ds:Signature xmlns:ds=\"" NS_DSIG "\">"},
	{INFO_BEGINS, NULL},
	{LITERAL, "<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\""},
	{ALGORITHM, ALG_EXC_C14N},
	{LITERAL, "\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\""},
	{METHOD, NULL},
	{LITERAL, "\"></ds:SignatureMethod><ds:Reference URI=\"\"><ds:Transforms>"
		  "<ds:Transform Algorithm=\"" ALG_ENVELOPED "\"></ds:Transform>"
		  "<ds:Transform Algorithm=\"" ALG_EXC_C14N "\"></ds:Transform>"
		  "</ds:Transforms><ds:DigestMethod Algorithm=\""},
	{ALGORITHM, ALG_SHA256},
	{LITERAL, "\"></ds:DigestMethod><ds:DigestValue>"},
	{DIGEST, NULL},
	{LITERAL, "</ds:DigestValue></ds:Reference></ds:SignedInfo>"},
	{INFO_ENDS, NULL},
	{LITERAL, "<ds:SignatureValue>"},
	{VALUE, NULL},
	{LITERAL, "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"},
	{CERT, NULL},
	{LITERAL, "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"},
};

static const struct piece extract_grammar[] = {
	{LITERAL, "<ds:Signature xmlns:ds=\"" NS_DSIG "\" Id=\"" SEAL_ID "\">"},
	{INFO_BEGINS, NULL},
	{LITERAL, "<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\""},
	{ALGORITHM, ALG_EXC_C14N},
	{LITERAL, "\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\""},
	{METHOD, NULL},
	{LITERAL, "\"></ds:SignatureMethod><ds:Reference URI=\"\"><ds:Transforms>"
		  "<ds:Transform Algorithm=\"" ALG_ENVELOPED "\"></ds:Transform>"
		  "<ds:Transform Algorithm=\"" ALG_EXC_C14N "\"></ds:Transform>"
		  "</ds:Transforms><ds:DigestMethod Algorithm=\""},
	{ALGORITHM, ALG_SHA256},
	{LITERAL, "\"></ds:DigestMethod><ds:DigestValue>"},
	{DIGEST, NULL},
	{LITERAL, "</ds:DigestValue></ds:Reference><ds:Reference Type=\"" XADES_SIGNED_PROPERTIES
		  "\" URI=\"#" SEAL_PROPERTIES_ID
		  "\"><ds:Transforms><ds:Transform Algorithm=\"" ALG_EXC_C14N
		  "\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\""},
	{ALGORITHM, ALG_SHA256},
	{LITERAL, "\"></ds:DigestMethod><ds:DigestValue>"},
	{PROPERTIES_DIGEST, NULL},
	{LITERAL, "</ds:DigestValue></ds:Reference></ds:SignedInfo>"},
	{INFO_ENDS, NULL},
	{LITERAL, "<ds:SignatureValue>"},
	{VALUE, NULL},
	{LITERAL, "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"},
	{CERT, NULL},
	{LITERAL, "</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>"
		  "<xades:QualifyingProperties xmlns:xades=\"" NS_XADES "\" Target=\"#" SEAL_ID
		  "\"><xades:SignedProperties Id=\"" SEAL_PROPERTIES_ID
		  "\"><xades:SignedSignatureProperties><xades:SigningTime>"},
	{TIME, NULL},
	{LITERAL, "</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>"
		  "<ds:DigestMethod Algorithm=\""},
	{ALGORITHM, ALG_SHA256},
	{LITERAL, "\"></ds:DigestMethod><ds:DigestValue>"},
	{CERT_DIGEST, NULL},
	{LITERAL, "</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
		  "</xades:SignedSignatureProperties></xades:SignedProperties>"
		  "</xades:QualifyingProperties></ds:Object></ds:Signature>"},
};

static const struct {
	const struct piece *pieces;
	size_t n;
} grammars[FORM_N] = {
	[FORM_MESSAGE] = {message_grammar, ARRAY_LEN(message_grammar)},
	[FORM_EXTRACT] = {extract_grammar, ARRAY_LEN(extract_grammar)},
};

/* What was found in the holes. */
struct found {
	struct bytes info; /* SignedInfo as it stands */
	struct digest document, properties;
	uint8_t value[SIGNATURE_MAX];
	size_t value_size;
	char time[INSTANT_TEXT_SIZE];
};

static bool
fill_digest(struct bytes v, struct digest *out)
{
	size_t n = DIGEST_SIZE;

	return base64_decode((const char *)v.data, v.size, out->octet, &n) && n == DIGEST_SIZE;
}

static bool
fill_octets(struct bytes v, uint8_t *out, size_t room, size_t *size)
{
	*size = room;
	return base64_decode((const char *)v.data, v.size, out, size) && *size > 0;
}

static bool
fill_time(struct bytes v, char time[INSTANT_TEXT_SIZE], int64_t *when)
{
	if (v.size != INSTANT_TEXT_SIZE - 1)
		return false;
	memcpy(time, v.data, v.size);
	time[v.size] = '\0';
	return instant_parse(time, when);
}

static enum err
fill(const struct piece *p, struct bytes v, struct found *f, struct claims *c)
{
	bool good = true;

	switch (p->hole) {
	case ALGORITHM:
		return literal_is(v, p->text) ? E_OK : E_ALGORITHM;
	case METHOD:
		return method_of_uri(v, &c->method) ? E_OK : E_ALGORITHM;
	case DIGEST:
		good = fill_digest(v, &f->document);
		break;
	case PROPERTIES_DIGEST:
		good = fill_digest(v, &f->properties);
		break;
	case CERT_DIGEST:
		good = fill_digest(v, &c->cert_digest);
		break;
	case VALUE:
		good = fill_octets(v, f->value, sizeof(f->value), &f->value_size);
		break;
	case CERT:
		good = fill_octets(v, c->cert, sizeof(c->cert), &c->cert_size);
		break;
	case TIME:
		good = fill_time(v, f->time, &c->when);
		break;
	case LITERAL:
	case INFO_BEGINS:
	case INFO_ENDS:
		break;
	}
	return good ? E_OK : E_SIGNATURE_SHAPE;
}

static enum err
read_signature(struct bytes signature, enum form form, struct found *f, struct claims *c)
{
	struct cursor at = cursor_of(signature);

	for (size_t i = 0; i < grammars[form].n; i++) {
		const struct piece *p = &grammars[form].pieces[i];
		if (p->hole == INFO_BEGINS) {
			f->info.data = at.at;
		} else if (p->hole == INFO_ENDS) {
			f->info.size = (size_t)(at.at - f->info.data);
		} else if (p->hole == LITERAL) {
			if (!literal_take(&at, p->text))
				return E_SIGNATURE_SHAPE;
		} else {
			TRY(fill(p, literal_value(&at), f, c));
		}
	}
	return cursor_done(&at) ? E_OK : E_SIGNATURE_SHAPE;
}

/* ---- hashes and the value ---- */

/* The enveloped-signature transform: the document's octets without the signature's. */
static void
hash_without(struct bytes doc, struct bytes signature, struct digest *out)
{
	OWNED_BUF(rest) = {0};
	size_t before = (size_t)(signature.data - doc.data);

	buf_add(&rest, doc.data, before);
	buf_add(&rest, signature.data + signature.size, doc.size - before - signature.size);
	digest_of(rest.data, rest.size, out);
}

/* SignedProperties cut out and canonicalised alone: each prefix is declared where it is first
 * used, so `ds' is declared on both elements that use it. */
static void
hash_properties(const struct found *f, const struct claims *c, struct digest *out)
{
	OWNED_BUF(b) = {0};

	buf_text(&b, "<xades:SignedProperties xmlns:xades=\"" NS_XADES "\" Id=\"" SEAL_PROPERTIES_ID
		     "\"><xades:SignedSignatureProperties><xades:SigningTime>");
	buf_text(&b, f->time);
	buf_text(&b, "</xades:SigningTime><xades:SigningCertificateV2><xades:Cert>"
		     "<xades:CertDigest><ds:DigestMethod xmlns:ds=\"" NS_DSIG
		     "\" Algorithm=\"" ALG_SHA256
		     "\"></ds:DigestMethod><ds:DigestValue xmlns:ds=\"" NS_DSIG "\">");
	buf_base64(&b, c->cert_digest.octet, DIGEST_SIZE);
	buf_text(&b, "</ds:DigestValue></xades:CertDigest></xades:Cert>"
		     "</xades:SigningCertificateV2></xades:SignedSignatureProperties>"
		     "</xades:SignedProperties>");
	digest_of(b.data, b.size, out);
}

/* SignedInfo as it is signed: alone, it declares the prefix that its parent declares here. */
static bool
check_value(const struct found *f, enum method m, EVP_PKEY *key)
{
	const size_t tag = strlen("<ds:SignedInfo");
	OWNED_BUF(b) = {0};

	buf_add(&b, f->info.data, tag);
	buf_text(&b, " xmlns:ds=\"" NS_DSIG "\"");
	buf_add(&b, f->info.data + tag, f->info.size - tag);
	return signature_check(key, m, buf_bytes(&b), bytes_of(f->value, f->value_size));
}

enum err
seal_vote_bytes(struct bytes doc, enum form form, EVP_PKEY *key, struct claims *claims)
{
	struct bytes signature;
	struct found f = {0};
	struct digest d;
	enum method ours;

	TRY(find_signature(doc, &signature));
	TRY(read_signature(signature, form, &f, claims));
	if (!method_of_key(key, &ours))
		return E_ALGORITHM;
	if (ours != claims->method)
		return E_SIGNATURE;
	hash_without(doc, signature, &d);
	claims->covered = d;
	if (!digest_equal(&d, &f.document))
		return E_SIGNATURE;
	if (form == FORM_EXTRACT) {
		hash_properties(&f, claims, &d);
		if (!digest_equal(&d, &f.properties))
			return E_SIGNATURE;
	}
	return check_value(&f, ours, key) ? E_OK : E_SIGNATURE;
}
