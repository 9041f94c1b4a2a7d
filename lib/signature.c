/* SPDX-License-Identifier: EUPL-1.2
 *
 * ECDSA and RSA signature values over EVP. Nothing here looks inside a private key: the curve and
 * the size come from what a token tells of its public half, and signing is EVP_DigestSign alone.
 * Both votes of seal check values with signature_check; what they verify it over, each works out
 * for itself. */
#include "lib/signature.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include "lib/keyring.h"
#include "lib/xml.h"

struct method_row {
	const char *uri;
	int key_type;
	const char *group;
	const EVP_MD *(*digest)(void);
	size_t half; /* octets of r and of s; 0: the value is OpenSSL's own */
};

static const struct method_row methods[METHOD_N] = {
	[METHOD_ECDSA_SHA256] = {ALG_ECDSA_SHA256, EVP_PKEY_EC, "prime256v1", EVP_sha256, 32},
	[METHOD_ECDSA_SHA384] = {ALG_ECDSA_SHA384, EVP_PKEY_EC, "secp384r1", EVP_sha384, 48},
	[METHOD_RSA_SHA256] = {ALG_RSA_SHA256, EVP_PKEY_RSA, NULL, EVP_sha256, 0},
};

const char *
method_uri(enum method m)
{
	return methods[m].uri;
}

bool
method_of_uri(struct bytes uri, enum method *out)
{
	for (enum method m = 0; m < METHOD_N; m++) {
		if (strlen(methods[m].uri) == uri.size &&
			memcmp(methods[m].uri, uri.data, uri.size) == 0) {
			*out = m;
			return true;
		}
	}
	return false;
}

static bool
fits(const EVP_PKEY *key, enum method m)
{
	char group[32];
	size_t n;

	if (EVP_PKEY_get_base_id(key) != methods[m].key_type)
		return false;
	if (methods[m].group == NULL)
		return true;
	return EVP_PKEY_get_group_name(key, group, sizeof(group), &n) == 1 &&
	       strcmp(group, methods[m].group) == 0;
}

bool
method_of_key(const EVP_PKEY *key, enum method *out)
{
	if (key_check_strength(key) != E_OK)
		return false;
	for (enum method m = 0; m < METHOD_N; m++) {
		if (fits(key, m)) {
			*out = m;
			return true;
		}
	}
	return false;
}

static void
md_free(EVP_MD_CTX **c)
{
	EVP_MD_CTX_free(*c);
	*c = NULL;
}

static void
ecdsa_free(ECDSA_SIG **s)
{
	ECDSA_SIG_free(*s);
	*s = NULL;
}

/* DER to r || s. */
static bool
der_to_raw(const uint8_t *der, size_t size, size_t half, uint8_t *raw)
{
	const uint8_t *p = der;
	OWNED(ECDSA_SIG, s, ecdsa_free) = d2i_ECDSA_SIG(NULL, &p, (long)size);
	int n = (int)half;

	if (s == NULL)
		return false;
	return BN_bn2binpad(ECDSA_SIG_get0_r(s), raw, n) == n &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(s), raw + half, n) == n;
}

/* r || s to DER; 0 when it is not of that length. */
static size_t
raw_to_der(struct bytes raw, size_t half, uint8_t der[SIGNATURE_MAX])
{
	OWNED(ECDSA_SIG, s, ecdsa_free) = ECDSA_SIG_new();

	if (raw.size != 2 * half || s == NULL)
		return 0;
	BIGNUM *r_value = BN_bin2bn(raw.data, (int)half, NULL);
	BIGNUM *s_value = BN_bin2bn(raw.data + half, (int)half, NULL);
	if (r_value == NULL || s_value == NULL || ECDSA_SIG_set0(s, r_value, s_value) != 1) {
		BN_free(r_value);
		BN_free(s_value);
		return 0;
	}
	uint8_t *p = der;
	int n = i2d_ECDSA_SIG(s, NULL);
	if (n <= 0 || n > SIGNATURE_MAX)
		return 0;
	return (size_t)i2d_ECDSA_SIG(s, &p);
}

bool
signature_make(EVP_PKEY *key, enum method m, struct bytes data, uint8_t *sig, size_t *size)
{
	uint8_t value[SIGNATURE_MAX];
	size_t n = sizeof(value), half = methods[m].half;
	OWNED(EVP_MD_CTX, c, md_free) = EVP_MD_CTX_new();

	bool made = c != NULL && fits(key, m) &&
		    EVP_DigestSignInit(c, NULL, methods[m].digest(), NULL, key) == 1 &&
		    EVP_DigestSign(c, value, &n, data.data, data.size) == 1;
	ERR_clear_error();
	if (!made || (half > 0 && *size < 2 * half) || (half == 0 && *size < n))
		return false;
	if (half > 0) {
		*size = 2 * half;
		return der_to_raw(value, n, half, sig);
	}
	memcpy(sig, value, n);
	*size = n;
	return true;
}

bool
signature_check(EVP_PKEY *key, enum method m, struct bytes data, struct bytes sig)
{
	uint8_t der[SIGNATURE_MAX];

	if (!fits(key, m) || sig.size == 0)
		return false;
	if (methods[m].half > 0)
		sig = bytes_of(der, raw_to_der(sig, methods[m].half, der));
	OWNED(EVP_MD_CTX, c, md_free) = EVP_MD_CTX_new();
	bool good = c != NULL && sig.size > 0 &&
		    EVP_DigestVerifyInit(c, NULL, methods[m].digest(), NULL, key) == 1 &&
		    EVP_DigestVerify(c, sig.data, sig.size, data.data, data.size) == 1;
	ERR_clear_error();
	return good;
}
