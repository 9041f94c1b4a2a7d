/* SPDX-License-Identifier: EUPL-1.2
 *
 * The arithmetic of body encryption over OpenSSL 3's EVP. Everything here either gives the result
 * or says no; why it says no is told to nobody. */
#include "lib/bodykey.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

struct curve_row {
	const char *group, *uri;
	size_t coordinate;
};

static const struct curve_row curves[CURVE_N] = {
	[CURVE_P256] = {"prime256v1", "urn:oid:1.2.840.10045.3.1.7", 32},
	[CURVE_P384] = {"secp384r1", "urn:oid:1.3.132.0.34", 48},
};

static void
pkey_ctx_free(EVP_PKEY_CTX **c)
{
	EVP_PKEY_CTX_free(*c);
	*c = NULL;
}

static void
cipher_free(EVP_CIPHER_CTX **c)
{
	EVP_CIPHER_CTX_free(*c);
	*c = NULL;
}

static void
kdf_free(EVP_KDF **k)
{
	EVP_KDF_free(*k);
	*k = NULL;
}

static void
kdf_ctx_free(EVP_KDF_CTX **c)
{
	EVP_KDF_CTX_free(*c);
	*c = NULL;
}

static EVP_CIPHER_CTX *
cipher_new(void)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (c == NULL)
		die("no memory to encrypt");
	return c;
}

/* Says whether all went well, and leaves nothing in OpenSSL's queue that would be found later. */
static bool
done(bool ok)
{
	ERR_clear_error();
	return ok;
}

/* ---- curves ---- */

const char *
curve_uri(enum curve c)
{
	return curves[c].uri;
}

bool
curve_of_key(const EVP_PKEY *key, enum curve *out)
{
	char group[32];
	size_t n;

	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
		EVP_PKEY_get_group_name(key, group, sizeof(group), &n) != 1)
		return done(false);
	for (enum curve c = 0; c < CURVE_N; c++) {
		if (strcmp(group, curves[c].group) == 0) {
			*out = c;
			return true;
		}
	}
	return false;
}

/* Set up once for each curve; every key that it makes is a new one. */
static EVP_PKEY_CTX *
maker_of(enum curve c)
{
	static EVP_PKEY_CTX *makers[CURVE_N];

	if (makers[c] == NULL) {
		makers[c] = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
		if (makers[c] == NULL || EVP_PKEY_keygen_init(makers[c]) != 1 ||
			EVP_PKEY_CTX_set_group_name(makers[c], curves[c].group) != 1)
			die("no random key could be made");
	}
	return makers[c];
}

EVP_PKEY *
ephemeral_new(enum curve c, uint8_t point[BODYKEY_POINT_MAX], size_t *size)
{
	EVP_PKEY *key = NULL;

	if (EVP_PKEY_generate(maker_of(c), &key) != 1 ||
		EVP_PKEY_get_octet_string_param(
			key, OSSL_PKEY_PARAM_PUB_KEY, point, BODYKEY_POINT_MAX, size) != 1)
		die("no random key could be made");
	assert(*size == 2 * curves[c].coordinate + 1 && point[0] == 0x04);
	return key;
}

EVP_PKEY *
ephemeral_read(enum curve c, struct bytes point)
{
	EVP_PKEY *key = NULL;
	OWNED(EVP_PKEY_CTX, x, pkey_ctx_free) = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM p[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_PKEY_PARAM_GROUP_NAME, (char *)curves[c].group, 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_PKEY_PARAM_PUB_KEY, (void *)point.data, point.size),
		OSSL_PARAM_construct_end(),
	};

	if (point.size != 2 * curves[c].coordinate + 1 || point.data[0] != 0x04)
		return NULL;
	/* A point that is not on the curve is refused by the decoder; bodykey_agree checks again.
	 */
	bool read = x != NULL && EVP_PKEY_fromdata_init(x) == 1 &&
		    EVP_PKEY_fromdata(x, &key, EVP_PKEY_PUBLIC_KEY, p) == 1;
	return done(read) ? key : NULL;
}

/* ---- ECDH-ES ---- */

static bool
concat_kdf(const uint8_t *secret, size_t size, uint8_t kek[BODYKEY_SIZE])
{
	OWNED(EVP_KDF, kdf, kdf_free) = EVP_KDF_fetch(NULL, "SSKDF", NULL);
	OWNED(EVP_KDF_CTX, c, kdf_ctx_free) = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	OSSL_PARAM p[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, size),
		OSSL_PARAM_construct_octet_string(
			OSSL_KDF_PARAM_INFO, (void *)KDF_INFO, strlen(KDF_INFO)),
		OSSL_PARAM_construct_end(),
	};

	return c != NULL && EVP_KDF_derive(c, kek, BODYKEY_SIZE, p) == 1;
}

/* Whether their point is one of the curve costs as much as the agreement itself, and a thousand
 * requests may go to one certificate: its key is checked once, and kept so that no other key can
 * be taken for it. A key that did not pass is never kept. */
static bool
set_peer(EVP_PKEY_CTX *c, EVP_PKEY *theirs)
{
	static EVP_PKEY *checked;

	if (EVP_PKEY_derive_set_peer_ex(c, theirs, theirs != checked) != 1)
		return false;
	if (theirs != checked && EVP_PKEY_up_ref(theirs) == 1) {
		EVP_PKEY_free(checked);
		checked = theirs;
	}
	return true;
}

bool
bodykey_agree(EVP_PKEY *mine, EVP_PKEY *theirs, uint8_t kek[BODYKEY_SIZE])
{
	uint8_t secret[48];
	size_t size = sizeof(secret);
	OWNED(EVP_PKEY_CTX, c, pkey_ctx_free) = EVP_PKEY_CTX_new(mine, NULL);

	bool ok = c != NULL && EVP_PKEY_derive_init(c) == 1 && set_peer(c, theirs) &&
		  EVP_PKEY_derive(c, secret, &size) == 1 && concat_kdf(secret, size, kek);
	OPENSSL_cleanse(secret, sizeof(secret));
	return done(ok);
}

static bool
key_wrap(int enc, const uint8_t kek[BODYKEY_SIZE], struct bytes in, uint8_t *out, size_t *size)
{
	OWNED(EVP_CIPHER_CTX, c, cipher_free) = cipher_new();
	int n = 0, rest = 0;

	EVP_CIPHER_CTX_set_flags(c, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	bool ok = EVP_CipherInit_ex(c, EVP_aes_256_wrap(), NULL, kek, NULL, enc) == 1 &&
		  EVP_CipherUpdate(c, out, &n, in.data, (int)in.size) == 1 &&
		  EVP_CipherFinal_ex(c, out + n, &rest) == 1;
	*size = (size_t)(n + rest);
	return done(ok);
}

bool
bodykey_wrap(const uint8_t kek[BODYKEY_SIZE], const uint8_t key[BODYKEY_SIZE], uint8_t *out,
	size_t *size)
{
	assert(*size >= BODYKEY_SIZE + 8);
	return key_wrap(1, kek, bytes_of(key, BODYKEY_SIZE), out, size);
}

bool
bodykey_unwrap(const uint8_t kek[BODYKEY_SIZE], struct bytes wrapped, uint8_t key[BODYKEY_SIZE])
{
	uint8_t plain[BODYKEY_SIZE + 8];
	size_t n;

	if (wrapped.size != BODYKEY_SIZE + 8)
		return false;
	bool ok = key_wrap(0, kek, wrapped, plain, &n) && n == BODYKEY_SIZE;
	if (ok)
		memcpy(key, plain, BODYKEY_SIZE);
	OPENSSL_cleanse(plain, sizeof(plain));
	return ok;
}

/* ---- RSA-OAEP ---- */

static bool
set_oaep(EVP_PKEY_CTX *c)
{
	return EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_OAEP_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_oaep_md(c, EVP_sha256()) > 0 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(c, EVP_sha256()) > 0;
}

bool
bodykey_rsa_wrap(EVP_PKEY *to, const uint8_t key[BODYKEY_SIZE], uint8_t *out, size_t *size)
{
	OWNED(EVP_PKEY_CTX, c, pkey_ctx_free) = EVP_PKEY_CTX_new(to, NULL);

	return done(c != NULL && EVP_PKEY_encrypt_init(c) == 1 && set_oaep(c) &&
		    EVP_PKEY_encrypt(c, out, size, key, BODYKEY_SIZE) == 1);
}

bool
bodykey_rsa_unwrap(EVP_PKEY *mine, struct bytes wrapped, uint8_t key[BODYKEY_SIZE])
{
	uint8_t plain[BODYKEY_WRAPPED_MAX];
	size_t n = sizeof(plain);
	OWNED(EVP_PKEY_CTX, c, pkey_ctx_free) = EVP_PKEY_CTX_new(mine, NULL);

	bool ok = c != NULL && EVP_PKEY_decrypt_init(c) == 1 && set_oaep(c) &&
		  EVP_PKEY_decrypt(c, plain, &n, wrapped.data, wrapped.size) == 1 &&
		  n == BODYKEY_SIZE;
	if (ok)
		memcpy(key, plain, BODYKEY_SIZE);
	OPENSSL_cleanse(plain, sizeof(plain));
	return done(ok);
}

/* ---- AES-256-GCM ---- */

void
gcm_seal(const uint8_t key[BODYKEY_SIZE], struct bytes plain, struct buf *sealed)
{
	OWNED(EVP_CIPHER_CTX, c, cipher_free) = cipher_new();
	uint8_t nonce[GCM_NONCE_SIZE], tag[GCM_TAG_SIZE];
	uint8_t *text = xmalloc(plain.size + 1);
	int n = 0, rest = 0;

	bool ok = RAND_bytes(nonce, sizeof(nonce)) == 1 &&
		  EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
		  EVP_EncryptUpdate(c, text, &n, plain.data, (int)plain.size) == 1 &&
		  EVP_EncryptFinal_ex(c, text + n, &rest) == 1 &&
		  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, sizeof(tag), tag) == 1;
	if (!ok)
		die("the body could not be encrypted");
	buf_add(sealed, nonce, sizeof(nonce));
	buf_add(sealed, text, (size_t)(n + rest));
	buf_add(sealed, tag, sizeof(tag));
	free_octets(&text);
}

bool
gcm_open(const uint8_t key[BODYKEY_SIZE], struct bytes sealed, struct buf *plain)
{
	OWNED(EVP_CIPHER_CTX, c, cipher_free) = cipher_new();
	int n = 0, rest = 0;

	if (sealed.size < GCM_NONCE_SIZE + GCM_TAG_SIZE)
		return false;
	const uint8_t *text = sealed.data + GCM_NONCE_SIZE;
	size_t size = sealed.size - GCM_NONCE_SIZE - GCM_TAG_SIZE;
	uint8_t *out = xmalloc(size + 1);
	bool ok = EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, sealed.data) == 1 &&
		  EVP_DecryptUpdate(c, out, &n, text, (int)size) == 1 &&
		  EVP_CIPHER_CTX_ctrl(
			  c, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_SIZE, (void *)(text + size)) == 1 &&
		  EVP_DecryptFinal_ex(c, out + n, &rest) == 1;
	/* Before the tag has been checked, `out' is nobody's text. */
	if (ok)
		buf_add(plain, out, (size_t)(n + rest));
	OPENSSL_cleanse(out, size);
	free_octets(&out);
	return done(ok);
}
