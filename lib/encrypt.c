/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing an encrypted body. One fresh key for the text, wrapped once for each certificate of the
 * addressee (he may be changing keys), each time with a fresh ephemeral key; the element is written
 * as canonical octets, so it is signed and hashed as it stands. */
#include "lib/encrypt.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "lib/bodykey.h"
#include "lib/xml.h"

#define RECIPIENTS_MAX 4

size_t
encrypt_class(size_t plain)
{
	static const size_t kib[] = {2, 4, 8, 16, 32, 64, 128, 160};

	for (size_t i = 0; i < ARRAY_LEN(kib); i++) {
		if (plain <= kib[i] * 1024)
			return kib[i] * 1024;
	}
	return 0;
}

static void
put_algorithm(struct buf *b, const char *qname, const char *uri)
{
	xml_open(b, qname, "Algorithm", uri, NULL);
	xml_close(b, qname);
}

static void
put_cipher(struct buf *b, struct bytes value)
{
	xml_open(b, "xenc:CipherData", NULL);
	xml_open(b, "xenc:CipherValue", NULL);
	buf_base64(b, value.data, value.size);
	xml_close(b, "xenc:CipherValue");
	xml_close(b, "xenc:CipherData");
}

/* Whom it is for: the digest of the certificate (XML Signature 1.1 section 4.5.4.1). */
static void
put_recipient(struct buf *b, const struct digest *cert)
{
	xml_open(b, "ds:X509Data", NULL);
	xml_open(b, "ds11:X509Digest", "xmlns:ds11", NS_DSIG11, "Algorithm", ALG_SHA256, NULL);
	buf_base64(b, cert->octet, DIGEST_SIZE);
	xml_close(b, "ds11:X509Digest");
	xml_close(b, "ds:X509Data");
}

static void
put_derivation(struct buf *b)
{
	xml_open(b, "xenc11:KeyDerivationMethod", "xmlns:xenc11", NS_XENC11, "Algorithm",
		ALG_CONCAT_KDF, NULL);
	xml_open(b, "xenc11:ConcatKDFParams", "AlgorithmID", KDF_ALGORITHM_ID, "PartyUInfo",
		KDF_PARTY_U, "PartyVInfo", KDF_PARTY_V, NULL);
	put_algorithm(b, "ds:DigestMethod", ALG_SHA256);
	xml_close(b, "xenc11:ConcatKDFParams");
	xml_close(b, "xenc11:KeyDerivationMethod");
}

static void
put_originator(struct buf *b, enum curve curve, struct bytes point)
{
	xml_open(b, "xenc:OriginatorKeyInfo", NULL);
	xml_open(b, "ds:KeyValue", NULL);
	xml_open(b, "ds11:ECKeyValue", "xmlns:ds11", NS_DSIG11, NULL);
	xml_open(b, "ds11:NamedCurve", "URI", curve_uri(curve), NULL);
	xml_close(b, "ds11:NamedCurve");
	xml_open(b, "ds11:PublicKey", NULL);
	buf_base64(b, point.data, point.size);
	xml_close(b, "ds11:PublicKey");
	xml_close(b, "ds11:ECKeyValue");
	xml_close(b, "ds:KeyValue");
	xml_close(b, "xenc:OriginatorKeyInfo");
}

static void
put_ec_key(struct buf *b, const struct digest *cert, enum curve curve, struct bytes point,
	struct bytes wrapped)
{
	xml_open(b, "xenc:EncryptedKey", NULL);
	put_algorithm(b, "xenc:EncryptionMethod", ALG_KEY_WRAP);
	xml_open(b, "ds:KeyInfo", NULL);
	xml_open(b, "xenc:AgreementMethod", "Algorithm", ALG_ECDH_ES, NULL);
	put_derivation(b);
	put_originator(b, curve, point);
	xml_open(b, "xenc:RecipientKeyInfo", NULL);
	put_recipient(b, cert);
	xml_close(b, "xenc:RecipientKeyInfo");
	xml_close(b, "xenc:AgreementMethod");
	xml_close(b, "ds:KeyInfo");
	put_cipher(b, wrapped);
	xml_close(b, "xenc:EncryptedKey");
}

static enum err
wrap_for_ec(struct buf *b, EVP_PKEY *to, enum curve curve, const struct digest *cert,
	const uint8_t key[BODYKEY_SIZE])
{
	uint8_t point[BODYKEY_POINT_MAX], kek[BODYKEY_SIZE], wrapped[BODYKEY_WRAPPED_MAX];
	size_t point_size, size = sizeof(wrapped);
	OWNED(EVP_PKEY, ephemeral, key_free) = ephemeral_new(curve, point, &point_size);

	bool ok = bodykey_agree(ephemeral, to, kek) && bodykey_wrap(kek, key, wrapped, &size);
	OPENSSL_cleanse(kek, sizeof(kek));
	if (!ok)
		return E_ALGORITHM;
	put_ec_key(b, cert, curve, bytes_of(point, point_size), bytes_of(wrapped, size));
	return E_OK;
}

static enum err
wrap_for_rsa(
	struct buf *b, EVP_PKEY *to, const struct digest *cert, const uint8_t key[BODYKEY_SIZE])
{
	uint8_t wrapped[BODYKEY_WRAPPED_MAX];
	size_t size = sizeof(wrapped);

	if (!bodykey_rsa_wrap(to, key, wrapped, &size))
		return E_ALGORITHM;
	xml_open(b, "xenc:EncryptedKey", NULL);
	xml_open(b, "xenc:EncryptionMethod", "Algorithm", ALG_RSA_OAEP, NULL);
	put_algorithm(b, "ds:DigestMethod", ALG_SHA256);
	xml_open(b, "xenc11:MGF", "xmlns:xenc11", NS_XENC11, "Algorithm", ALG_MGF1_SHA256, NULL);
	xml_close(b, "xenc11:MGF");
	xml_close(b, "xenc:EncryptionMethod");
	xml_open(b, "ds:KeyInfo", NULL);
	put_recipient(b, cert);
	xml_close(b, "ds:KeyInfo");
	put_cipher(b, bytes_of(wrapped, size));
	xml_close(b, "xenc:EncryptedKey");
	return E_OK;
}

static enum err
digest_of_cert(X509 *cert, struct digest *out)
{
	unsigned n = DIGEST_SIZE;

	return X509_digest(cert, EVP_sha256(), out->octet, &n) == 1 ? E_OK : E_NO_CERT;
}

static enum err
wrap_for(struct buf *b, X509 *cert, const uint8_t key[BODYKEY_SIZE])
{
	EVP_PKEY *to = X509_get0_pubkey(cert);
	struct digest d;
	enum curve curve;

	if (to == NULL)
		return E_NO_CERT;
	TRY(key_check_strength(to));
	TRY(digest_of_cert(cert, &d));
	if (curve_of_key(to, &curve))
		return wrap_for_ec(b, to, curve, &d, key);
	if (EVP_PKEY_get_base_id(to) == EVP_PKEY_RSA)
		return wrap_for_rsa(b, to, &d, key);
	return E_ALGORITHM; /* Ed25519 signs, it cannot be encrypted to */
}

enum err
encrypt_body(struct bytes plain, X509 *const *to, size_t n, struct buf *out)
{
	uint8_t key[BODYKEY_SIZE];
	OWNED_BUF(keys) = {0};
	OWNED_BUF(sealed) = {0};
	enum err e = E_OK;

	assert(n >= 1 && n <= RECIPIENTS_MAX);
	assert(plain.size > 0 && encrypt_class(plain.size) == plain.size);
	if (RAND_bytes(key, sizeof(key)) != 1)
		die("no random key could be made");
	for (size_t i = 0; i < n && e == E_OK; i++)
		e = wrap_for(&keys, to[i], key);
	if (e == E_OK)
		gcm_seal(key, plain, &sealed);
	OPENSSL_cleanse(key, sizeof(key));
	TRY(e);
	xml_open(out, "xenc:EncryptedData", "xmlns:xenc", NS_XENC, "Type", TYPE_ELEMENT, NULL);
	put_algorithm(out, "xenc:EncryptionMethod", ALG_GCM);
	xml_open(out, "ds:KeyInfo", "xmlns:ds", NS_DSIG, NULL);
	buf_add_bytes(out, buf_bytes(&keys));
	xml_close(out, "ds:KeyInfo");
	put_cipher(out, buf_bytes(&sealed));
	xml_close(out, "xenc:EncryptedData");
	return E_OK;
}
