/* SPDX-License-Identifier: EUPL-1.2
 *
 * ECDSA and RSA signature values over EVP. Nothing here looks inside a private key: the curve and
 * the size come from what a token tells of its public half, and signing is EVP_DigestSign alone.
 * Both votes of seal check values with signature_check; what they verify it over, each works out
 * for itself.
 *
 * Where (r, s) is a good ECDSA value, so is (r, n - s), and anybody can work it out: whoever
 * carries a message could make a second one of it, with another digest. Only the smaller of the two
 * counts here, and we make no other. */
#include "lib/signature.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include "lib/keyring.h"
#include "lib/xml.h"

#define ORDER_P256 "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
#define ORDER_P384                                                                                 \
	"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"                                         \
	"C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973"

struct method_row {
	const char *uri;
	int key_type;
	const char *group;
	const EVP_MD *(*digest)(void);
	size_t half;	   /* octets of r and of s; 0: the value is OpenSSL's own */
	const char *order; /* of the group, FIPS 186-4 appendix D.1.2 */
};

static const struct method_row methods[METHOD_N] = {
	[METHOD_ECDSA_SHA256] = {ALG_ECDSA_SHA256, EVP_PKEY_EC, "prime256v1", EVP_sha256, 32,
		ORDER_P256},
	[METHOD_ECDSA_SHA384] = {ALG_ECDSA_SHA384, EVP_PKEY_EC, "secp384r1", EVP_sha384, 48,
		ORDER_P384},
	[METHOD_RSA_SHA256] = {ALG_RSA_SHA256, EVP_PKEY_RSA, NULL, EVP_sha256, 0, NULL},
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

static void
number_free(BIGNUM **n)
{
	BN_free(*n);
	*n = NULL;
}

static bool
is_smaller(const BIGNUM *s, const BIGNUM *order)
{
	OWNED(BIGNUM, middle, number_free) = BN_new();

	return middle != NULL && BN_rshift1(middle, order) == 1 && BN_cmp(s, middle) <= 0;
}

static bool
order_of(const struct method_row *m, BIGNUM **out)
{
	return BN_hex2bn(out, m->order) != 0;
}

/* DER to r || s, the smaller s. */
static bool
der_to_raw(const uint8_t *der, size_t size, const struct method_row *m, uint8_t *raw)
{
	const uint8_t *p = der;
	OWNED(ECDSA_SIG, sig, ecdsa_free) = d2i_ECDSA_SIG(NULL, &p, (long)size);
	OWNED(BIGNUM, order, number_free) = NULL;
	OWNED(BIGNUM, s, number_free) = NULL;
	int n = (int)m->half;

	if (sig == NULL || !order_of(m, &order) || (s = BN_dup(ECDSA_SIG_get0_s(sig))) == NULL)
		return false;
	if (!is_smaller(s, order) && BN_sub(s, order, s) != 1)
		return false;
	return BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, n) == n && BN_bn2binpad(s, raw + n, n) == n;
}

static bool
has_smaller_s(struct bytes raw, const struct method_row *m)
{
	OWNED(BIGNUM, order, number_free) = NULL;
	OWNED(BIGNUM, s, number_free) = NULL;

	if (raw.size != 2 * m->half || !order_of(m, &order))
		return false;
	s = BN_bin2bn(raw.data + m->half, (int)m->half, NULL);
	return s != NULL && is_smaller(s, order);
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
		return der_to_raw(value, n, &methods[m], sig);
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
	if (methods[m].half > 0 && !has_smaller_s(sig, &methods[m]))
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
