/* SPDX-License-Identifier: EUPL-1.2
 *
 * Seals, encryption and examination without the mathematics: a signature is a digest over the
 * document and the signer's certificate, a body travels in base64, a checkpoint's signature is a
 * digest. What is altered on the way is found, like with the real ones; who would forge it is not
 * simulated (tests/unit and tests/data/hostile do that). Composing, parsing, padding and header
 * checks are the real ones, schemas are not asked. With them a seed would take seconds. */
#include <string.h>

#include <openssl/evp.h>

#include "lib/encrypt.h"
#include "lib/header.h"
#include "lib/seal.h"
#include "lib/signature.h"
#include "tests/sim/sim.h"

#define SIGNATURE "<ds:Signature xmlns:ds=\"" NS_DSIG "\"><ds:By>"

bool thin_on, thin_small; /* small: bodies are left out, nobody opens them */
bool thin_identity(const struct digest *cert, const struct identity **out);

enum err __real_seal_sign(struct bytes doc, const struct identity *who, struct buf *out);
enum err __wrap_seal_sign(struct bytes doc, const struct identity *who, struct buf *out);
enum err __wrap_seal_extract(
	struct bytes doc, const struct identity *who, int64_t when, struct buf *out);
enum err __real_seal_cert(xmlDoc *doc, uint8_t *der, size_t *size);
enum err __wrap_seal_cert(xmlDoc *doc, uint8_t *der, size_t *size);
enum err __wrap_seal_verify_extract(struct bytes doc, EVP_PKEY *key, int64_t *when);
enum err __wrap_encrypt_body(struct bytes plain, X509 *const *to, size_t n, struct buf *out);
enum err __wrap_decrypt_body(struct bytes element, const struct identity *who, struct buf *plain);
enum err __wrap_xml_validate(xmlDoc *doc, enum xml_schema which, char *where, size_t size);
enum err __real_xml_validate(xmlDoc *doc, enum xml_schema which, char *where, size_t size);
enum err __wrap_validate_strictly(xmlDoc *doc, struct bytes octets, enum xml_schema which);
enum err __wrap_xml_check_canonical(xmlDoc *doc, struct bytes octets);
enum err __real_xml_check_canonical(xmlDoc *doc, struct bytes octets);
int __wrap_EVP_DigestSign(
	EVP_MD_CTX *ctx, unsigned char *sig, size_t *size, const unsigned char *data, size_t n);
int __real_EVP_DigestSign(
	EVP_MD_CTX *ctx, unsigned char *sig, size_t *size, const unsigned char *data, size_t n);
int __wrap_EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sig, size_t size,
	const unsigned char *data, size_t n);
int __real_EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sig, size_t size,
	const unsigned char *data, size_t n);

bool __real_signature_make(
	EVP_PKEY *key, enum method m, struct bytes data, uint8_t *sig, size_t *size);
bool __wrap_signature_make(
	EVP_PKEY *key, enum method m, struct bytes data, uint8_t *sig, size_t *size);
bool __real_signature_check(EVP_PKEY *key, enum method m, struct bytes data, struct bytes sig);
bool __wrap_signature_check(EVP_PKEY *key, enum method m, struct bytes data, struct bytes sig);

enum err __real_message_header(struct bytes message, struct header *out);
enum err __wrap_message_header(struct bytes message, struct header *out);

/* ---- signatures ---- */

static void
hex_of(const struct digest *d, char out[DIGEST_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		*out++ = digits[d->octet[i] >> 4];
		*out++ = digits[d->octet[i] & 15];
	}
	*out = '\0';
}

static void
mac_of(struct bytes doc, const struct digest *cert, char out[DIGEST_TEXT_SIZE])
{
	struct digest d[2];

	digest_of(doc.data, doc.size, &d[0]);
	d[1] = *cert;
	digest_of(d, sizeof d, &d[0]);
	hex_of(&d[0], out);
}

/* Where the last end tag begins; 0: none. */
static size_t
last_tag(struct bytes doc)
{
	size_t at = doc.size;

	while (at > 1 && !(doc.data[at - 2] == '<' && doc.data[at - 1] == '/'))
		at--;
	return at > 1 ? at - 2 : 0;
}

enum err
__wrap_seal_sign(struct bytes doc, const struct identity *who, struct buf *out)
{
	char by[DIGEST_TEXT_SIZE], mac[DIGEST_TEXT_SIZE];
	size_t at = last_tag(doc);
	struct digest cert;

	if (!thin_on)
		return __real_seal_sign(doc, who, out);
	digest_of(who->der, who->der_size, &cert);
	hex_of(&cert, by);
	mac_of(doc, &cert, mac);
	buf_add(out, doc.data, at);
	buf_text(out, SIGNATURE);
	buf_text(out, by);
	buf_text(out, "</ds:By><ds:Mac>");
	buf_text(out, mac);
	buf_text(out, "</ds:Mac></ds:Signature>");
	buf_add(out, doc.data + at, doc.size - at);
	return E_OK;
}

enum err
__wrap_seal_extract(struct bytes doc, const struct identity *who, int64_t when, struct buf *out)
{
	(void)when;
	return __wrap_seal_sign(doc, who, out);
}

/* Cuts the signature out and sees whether it fits the rest. */
static bool
fits(struct bytes doc, struct digest *cert)
{
	static const size_t tail = sizeof "</ds:By><ds:Mac>" - 1;
	char by[DIGEST_TEXT_SIZE] = "", mac[DIGEST_TEXT_SIZE] = "", right[DIGEST_TEXT_SIZE];
	const uint8_t *at = NULL;
	OWNED_BUF(rest) = {0};
	size_t whole;

	for (size_t i = doc.size; i-- > 0 && at == NULL;)
		if (doc.size - i > sizeof SIGNATURE &&
			memcmp(doc.data + i, SIGNATURE, sizeof SIGNATURE - 1) == 0)
			at = doc.data + i;
	whole = sizeof SIGNATURE - 1 + 128 + tail + sizeof "</ds:Mac></ds:Signature>" - 1;
	if (at == NULL || (size_t)(doc.data + doc.size - at) < whole)
		return false;
	memcpy(by, at + sizeof SIGNATURE - 1, 64);
	memcpy(mac, at + sizeof SIGNATURE - 1 + 64 + tail, 64);
	buf_add(&rest, doc.data, (size_t)(at - doc.data));
	buf_add(&rest, at + whole, (size_t)(doc.data + doc.size - at) - whole);
	if (!digest_parse(by, cert))
		return false;
	mac_of(buf_bytes(&rest), cert, right);
	return strcmp(right, mac) == 0;
}

enum err
__wrap_seal_cert(xmlDoc *doc, uint8_t *der, size_t *size)
{
	xmlNode *s = xml_child(xml_root(doc), NS_DSIG, "Signature");
	xmlNode *by = s == NULL ? NULL : xml_child(s, NS_DSIG, "By");
	const struct identity *who;
	struct digest cert;

	if (!thin_on)
		return __real_seal_cert(doc, der, size);
	if (by == NULL || by->children == NULL ||
		!digest_parse((const char *)by->children->content, &cert) ||
		!thin_identity(&cert, &who) || who->der_size > *size)
		return E_UNSIGNED;
	memcpy(der, who->der, who->der_size);
	*size = who->der_size;
	return E_OK;
}

enum err
__wrap_seal_verify_extract(struct bytes doc, EVP_PKEY *key, int64_t *when)
{
	struct digest cert;

	(void)key;
	(void)when;
	return fits(doc, &cert) ? E_OK : E_SEAL;
}

int
__wrap_EVP_DigestSign(
	EVP_MD_CTX *ctx, unsigned char *sig, size_t *size, const unsigned char *data, size_t n)
{
	if (!thin_on)
		return __real_EVP_DigestSign(ctx, sig, size, data, n);
	*size = 64;
	return EVP_Digest(data, n, sig, NULL, EVP_sha512(), NULL);
}

int
__wrap_EVP_DigestVerify(
	EVP_MD_CTX *ctx, const unsigned char *sig, size_t size, const unsigned char *data, size_t n)
{
	unsigned char right[64];

	if (!thin_on)
		return __real_EVP_DigestVerify(ctx, sig, size, data, n);
	return EVP_Digest(data, n, right, NULL, EVP_sha512(), NULL) == 1 && size == 64 &&
	       memcmp(right, sig, 64) == 0;
}

bool
__wrap_signature_make(EVP_PKEY *key, enum method m, struct bytes data, uint8_t *sig, size_t *size)
{
	struct digest d;

	if (!thin_on)
		return __real_signature_make(key, m, data, sig, size);
	digest_of(data.data, data.size, &d);
	memcpy(sig, d.octet, DIGEST_SIZE);
	*size = DIGEST_SIZE;
	return true;
}

bool
__wrap_signature_check(EVP_PKEY *key, enum method m, struct bytes data, struct bytes sig)
{
	struct digest d;

	if (!thin_on)
		return __real_signature_check(key, m, data, sig);
	digest_of(data.data, data.size, &d);
	return sig.size == DIGEST_SIZE && memcmp(sig.data, d.octet, DIGEST_SIZE) == 0;
}

/* ---- bodies ---- */

#define BODY_OPEN "<xenc:EncryptedData xmlns:xenc=\"" NS_XENC "\">"
#define BODY_CLOSE "</xenc:EncryptedData>"

enum err
__wrap_encrypt_body(struct bytes plain, X509 *const *to, size_t n, struct buf *out)
{
	(void)to;
	(void)n;
	buf_text(out, BODY_OPEN);
	if (!thin_small)
		buf_base64(out, plain.data, plain.size);
	buf_text(out, BODY_CLOSE);
	return E_OK;
}

enum err
__wrap_decrypt_body(struct bytes element, const struct identity *who, struct buf *plain)
{
	size_t head = sizeof BODY_OPEN - 1, tail = sizeof BODY_CLOSE - 1, room;

	(void)who;
	if (element.size < head + tail)
		return E_BODY;
	buf_reset(plain);
	room = element.size;
	OWNED(uint8_t, octets, free_octets) = xmalloc(room);
	if (!base64_decode(
		    (const char *)element.data + head, element.size - head - tail, octets, &room))
		return E_BODY;
	buf_add(plain, octets, room);
	return E_OK;
}

/* ---- headers ---- */

/* The same octets are read again and again, by every spool and every check: once is enough. */
static struct {
	bool used;
	struct digest digest;
	struct header header;
} known[1024];

void
thin_begin(void)
{
	memset(known, 0, sizeof known);
}

enum err
__wrap_message_header(struct bytes message, struct header *out)
{
	struct digest d;
	size_t i;
	enum err e;

	digest_of(message.data, message.size, &d);
	i = (size_t)(d.octet[0] << 8 | d.octet[1]) % ARRAY_LEN(known);
	if (!known[i].used || !digest_equal(&known[i].digest, &d)) {
		e = __real_message_header(message, &known[i].header);
		known[i].used = e == E_OK;
		known[i].digest = d;
		if (e != E_OK)
			return e;
	}
	*out = known[i].header;
	return E_OK;
}

/* ---- schemas ---- */

enum err
__wrap_xml_validate(xmlDoc *doc, enum xml_schema which, char *where, size_t size)
{
	if (!thin_on)
		return __real_xml_validate(doc, which, where, size);
	return E_OK;
}

enum err
__wrap_validate_strictly(xmlDoc *doc, struct bytes octets, enum xml_schema which)
{
	(void)doc;
	(void)octets;
	(void)which;
	return E_OK;
}

enum err
__wrap_xml_check_canonical(xmlDoc *doc, struct bytes octets)
{
	return thin_on ? E_OK : __real_xml_check_canonical(doc, octets);
}

/* ---- examination ---- */

static enum err
judge_token(struct bytes message, const struct header *h, int64_t now)
{
	struct bytes element;

	if (!h->has_token)
		return E_OK;
	if (!message_token(message, &element))
		return E_CONSENT_FORGED;
	return consent_token_verify(element, &h->token, the_trust, NULL, now);
}

static enum err
judge(struct bytes message, const struct party *peer, const struct party *self, int64_t now,
	struct verdict *v)
{
	const struct header *h = &v->header;
	struct digest cert;
	enum stage stage;

	if (message_header(message, &v->header) != E_OK)
		return E_MALFORMED;
	if (h->action == A_RECEIPT) {
		if (message_receipt(message, &stage, v->receipt_code, sizeof v->receipt_code) !=
			E_OK)
			return E_SCHEMA;
		v->has_receipt = 1;
		v->stage = stage;
	}
	if (trust_party(the_trust, &h->from) == NULL || trust_party(the_trust, &h->to) == NULL)
		return E_UNKNOWN_PARTY;
	if (peer != NULL && !party_equal(peer, &h->from))
		return E_SENDER_MISMATCH;
	if (self != NULL && !party_equal(self, &h->to))
		return E_NOT_ADDRESSEE;
	if (!fits(message, &cert))
		return E_SIGNATURE;
	TRY(judge_token(message, h, now));
	TRY(trust_allows(the_trust, h, now));
	if (h->action == A_RECEIPT)
		return E_OK;
	if (h->expires <= now)
		return E_EXPIRED;
	return h->created > now + 5 * MINUTE ? E_CLOCK : E_OK;
}

void
thin_examine(struct bytes message, const struct party *peer, const struct party *self, int64_t now,
	struct verdict *out)
{
	memset(out, 0, sizeof *out);
	out->magic = VERDICT_MAGIC;
	out->size = (uint32_t)message.size;
	digest_of(message.data, message.size, &out->digest);
	out->code = judge(message, peer, self, now, out);
}
