/* SPDX-License-Identifier: EUPL-1.2
 *
 * The file: a line of magic, four fixed fields, then each verb as a count of frames and the frames
 * with their lengths, a zero where a count would stand, the signer's certificate (none for the
 * exchange) and the signature. The signature is over the magic and the SHA-256 of everything before
 * it, so nothing that any of these keys signs elsewhere can be taken for it. */
#include "lib/bundle.h"

#include <string.h>

#include "lib/signature.h"
#include "lib/token.h"

#define MAGIC "daftar-bundle/1\n"
#define MAGIC_SIZE (sizeof MAGIC - 1)
#define CERT_MAX 8192
#define END_MAX (1 + 4 + CERT_MAX + 4 + SIGNATURE_MAX)
#define ED25519_SIZE 64

/* ---- writing ---- */

void
bundle_begin(struct buf *out, const struct bundle_head *h)
{
	buf_reset(out);
	buf_text(out, MAGIC);
	buf_add(out, h->from.code, sizeof h->from.code);
	buf_add(out, h->to.code, sizeof h->to.code);
	buf_add(out, h->realm, sizeof h->realm);
	buf_u64(out, (uint64_t)h->made);
}

bool
bundle_add(struct buf *out, const struct wire *w)
{
	size_t size = 1;
	struct frames f;

	wire_encode(w, &f);
	for (size_t i = 0; i < f.n; i++)
		size += 4 + f.frame[i].size;
	if (out->size + size + END_MAX > BUNDLE_MAX)
		return false;
	buf_u8(out, (uint8_t)f.n);
	for (size_t i = 0; i < f.n; i++) {
		buf_u32(out, (uint32_t)f.frame[i].size);
		buf_add_bytes(out, f.frame[i]);
	}
	return true;
}

/* What is signed: everything so far, certificate included. */
static void
signed_octets(struct bytes content, struct buf *out)
{
	struct digest d;

	digest_of(content.data, content.size, &d);
	buf_text(out, MAGIC);
	buf_add(out, d.octet, sizeof d.octet);
}

static void
add_end(struct buf *out, struct bytes cert)
{
	buf_u8(out, 0);
	buf_u32(out, (uint32_t)cert.size);
	buf_add_bytes(out, cert);
}

static void
add_signature(struct buf *out, const uint8_t *signature, size_t size)
{
	buf_u32(out, (uint32_t)size);
	buf_add(out, signature, size);
}

enum err
bundle_sign(struct buf *out, const struct identity *who)
{
	uint8_t signature[SIGNATURE_MAX];
	size_t size = sizeof signature;
	OWNED_BUF(what) = {0};
	enum method m;

	add_end(out, bytes_of(who->der, who->der_size));
	signed_octets(buf_bytes(out), &what);
	if (!method_of_key(who->key, &m) ||
		!signature_make(who->key, m, buf_bytes(&what), signature, &size))
		return token_trouble(who->key, E_NO_KEY);
	add_signature(out, signature, size);
	return E_OK;
}

static void
free_digest(EVP_MD_CTX **c)
{
	EVP_MD_CTX_free(*c);
	*c = NULL;
}

static EVP_MD_CTX *
new_digest(void)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	if (c == NULL)
		die("memory");
	return c;
}

enum err
bundle_sign_as_exchange(struct buf *out, EVP_PKEY *log_key)
{
	OWNED(EVP_MD_CTX, c, free_digest) = new_digest();
	uint8_t signature[ED25519_SIZE];
	size_t size = sizeof signature;
	OWNED_BUF(what) = {0};

	add_end(out, bytes_of(NULL, 0));
	signed_octets(buf_bytes(out), &what);
	if (EVP_DigestSignInit(c, NULL, NULL, NULL, log_key) != 1 ||
		EVP_DigestSign(c, signature, &size, what.data, what.size) != 1)
		return E_NO_KEY;
	add_signature(out, signature, size);
	return E_OK;
}

/* ---- reading ---- */

static enum err
read_head(struct cursor *c, struct bundle_head *h)
{
	struct bytes magic = cursor_take(c, MAGIC_SIZE);

	memset(h, 0, sizeof *h);
	if (c->bad || memcmp(magic.data, MAGIC, MAGIC_SIZE) != 0)
		return E_INPUT;
	cursor_copy(c, h->from.code, sizeof h->from.code);
	cursor_copy(c, h->to.code, sizeof h->to.code);
	cursor_copy(c, h->realm, sizeof h->realm);
	h->made = (int64_t)cursor_u64(c);
	return !c->bad && memchr(h->from.code, '\0', sizeof h->from.code) != NULL &&
			       memchr(h->to.code, '\0', sizeof h->to.code) != NULL &&
			       memchr(h->realm, '\0', sizeof h->realm) != NULL
		       ? E_OK
		       : E_INPUT;
}

enum err
bundle_next(struct cursor *verbs, struct bytes frame[WIRE_FRAMES_MAX], size_t *n)
{
	if (verbs->left == 0 && !verbs->bad)
		return E_NOT_FOUND;
	*n = cursor_u8(verbs);
	if (*n == 0 || *n > WIRE_FRAMES_MAX)
		return E_INPUT;
	for (size_t i = 0; i < *n; i++) {
		uint32_t size = cursor_u32(verbs);

		if (size > WIRE_FRAME_MAX)
			return E_INPUT;
		frame[i] = cursor_take(verbs, size);
	}
	return verbs->bad ? E_INPUT : E_OK;
}

/* Walks over the verbs; *verbs is their run, `c' stands behind the zero that ends them. */
static enum err
read_verbs(struct cursor *c, struct cursor *verbs)
{
	struct bytes frame[WIRE_FRAMES_MAX];
	const uint8_t *begin = c->at;
	size_t n;

	while (c->left > 0 && *c->at != 0)
		TRY(bundle_next(c, frame, &n));
	*verbs = cursor_of(bytes_of(begin, (size_t)(c->at - begin)));
	(void)cursor_u8(c);
	return c->bad ? E_INPUT : E_OK;
}

static enum err
check_log_key(const struct trust *trust, struct bytes what, struct bytes signature)
{
	OWNED(EVP_MD_CTX, c, free_digest) = new_digest();
	OWNED(EVP_PKEY, key, key_free) =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, trust_log_key(trust), 32);

	if (key == NULL || EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) != 1 ||
		EVP_DigestVerify(c, signature.data, signature.size, what.data, what.size) != 1)
		return E_SIGNATURE;
	return E_OK;
}

static enum err
check_party(const struct trust_party *who, const struct digest *cert, int64_t now,
	struct bytes what, struct bytes signature)
{
	EVP_PKEY *key;
	enum method m;

	TRY(trust_signing_key(who, cert, now, &key));
	return method_of_key(key, &m) && signature_check(key, m, what, signature) ? E_OK
										  : E_SIGNATURE;
}

static enum err
check_signature(struct cursor *c, struct bytes file, const struct trust *trust,
	struct bundle_head *h, int64_t now)
{
	const struct trust_party *who = trust_party(trust, &h->from);
	struct bytes cert, signature;
	OWNED_BUF(what) = {0};

	cert = cursor_take(c, cursor_u32(c));
	if (c->bad || cert.size > CERT_MAX)
		return E_INPUT;
	signed_octets(bytes_of(file.data, (size_t)(c->at - file.data)), &what);
	signature = cursor_take(c, cursor_u32(c));
	if (!cursor_done(c) || signature.size == 0)
		return E_INPUT;
	if (who == NULL)
		return E_UNKNOWN_PARTY;
	if (who->role == ROLE_EXCHANGE)
		return cert.size == 0 ? check_log_key(trust, buf_bytes(&what), signature) : E_INPUT;
	digest_of(cert.data, cert.size, &h->cert);
	return check_party(who, &h->cert, now, buf_bytes(&what), signature);
}

enum err
bundle_open(struct bytes file, const struct trust *trust, const struct party *self, int64_t now,
	struct bundle_head *out, struct cursor *verbs)
{
	struct cursor c = cursor_of(file);

	if (file.size > BUNDLE_MAX)
		return E_TOO_LARGE;
	TRY(read_head(&c, out));
	TRY(read_verbs(&c, verbs));
	if (strcmp(out->realm, trust_realm(trust)) != 0)
		return E_WRONG_REALM;
	if (!party_equal(&out->to, self))
		return E_NOT_ADDRESSEE;
	return check_signature(&c, file, trust, out, now);
}
