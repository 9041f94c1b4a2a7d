/* SPDX-License-Identifier: EUPL-1.2
 *
 * EVP_PKEYs whose private half is in a token. OpenSSL lets the methods of an EC_KEY and of an RSA
 * be replaced one by one; what it then calls "foreign" goes past its providers, through the code
 * that engines have always used, and so everything that takes an EVP_PKEY takes these. The calls
 * are marked as old in OpenSSL 3 and are met in this file only. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lib/token_parts.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "lib/keyring.h"

#define COORDINATE_MAX 48 /* P-384 */

/* Places in OpenSSL's structures for our pointer. */
static int ec_place = -1, rsa_place = -1;

static void
rsa_free(RSA **r)
{
	RSA_free(*r);
	*r = NULL;
}

static void
ec_free(EC_KEY **k)
{
	EC_KEY_free(*k);
	*k = NULL;
}

/* ---- what OpenSSL calls ---- */

static size_t
coordinate_of(const EC_KEY *k)
{
	return (size_t)(EC_GROUP_get_degree(EC_KEY_get0_group(k)) + 7) / 8;
}

static ECDSA_SIG *
sig_of_raw(const uint8_t *raw, size_t half)
{
	ECDSA_SIG *s = ECDSA_SIG_new();
	BIGNUM *r_value = BN_bin2bn(raw, (int)half, NULL);
	BIGNUM *s_value = BN_bin2bn(raw + half, (int)half, NULL);

	if (s != NULL && r_value != NULL && s_value != NULL &&
		ECDSA_SIG_set0(s, r_value, s_value) == 1)
		return s;
	ECDSA_SIG_free(s);
	BN_free(r_value);
	BN_free(s_value);
	return NULL;
}

/* A digest longer than the curve's order counts by its first octets (FIPS 186-4 section 6.4). */
static ECDSA_SIG *
ec_sign(const uint8_t *digest, int size, const BIGNUM *kinv, const BIGNUM *r, EC_KEY *key)
{
	uint8_t raw[2 * COORDINATE_MAX];
	size_t half = coordinate_of(key), n = sizeof raw;
	size_t used = (size_t)size < half ? (size_t)size : half;

	(void)kinv;
	(void)r;
	if (!token_act(EC_KEY_get_ex_data(key, ec_place), TOKEN_ECDSA, bytes_of(digest, used), raw,
		    &n) ||
		n != 2 * half)
		return NULL;
	return sig_of_raw(raw, half);
}

static int
ec_agree(uint8_t **secret, size_t *size, const EC_POINT *theirs, const EC_KEY *key)
{
	uint8_t point[2 * COORDINATE_MAX + 1];
	size_t n = EC_POINT_point2oct(EC_KEY_get0_group(key), theirs, POINT_CONVERSION_UNCOMPRESSED,
		point, sizeof point, NULL);

	*size = coordinate_of(key);
	*secret = OPENSSL_malloc(*size);
	if (n > 0 && *secret != NULL &&
		token_act(EC_KEY_get_ex_data(key, ec_place), TOKEN_ECDH, bytes_of(point, n),
			*secret, size))
		return 1;
	OPENSSL_free(*secret);
	*secret = NULL;
	return 0;
}

static int
rsa_act(RSA *rsa, enum token_act act, int size, const uint8_t *in, uint8_t *out)
{
	size_t n = (size_t)RSA_size(rsa);

	if (!token_act(RSA_get_ex_data(rsa, rsa_place), act, bytes_of(in, (size_t)size), out, &n))
		return -1;
	return (int)n;
}

static int
rsa_private_encrypt(int size, const uint8_t *in, uint8_t *out, RSA *rsa, int padding)
{
	return padding == RSA_PKCS1_PADDING ? rsa_act(rsa, TOKEN_RSA_SIGN, size, in, out) : -1;
}

static int
rsa_private_decrypt(int size, const uint8_t *in, uint8_t *out, RSA *rsa, int padding)
{
	return padding == RSA_NO_PADDING ? rsa_act(rsa, TOKEN_RSA_DECRYPT, size, in, out) : -1;
}

/* ---- our pointer in there ---- */

static void
drop(void *parent, void *ours, CRYPTO_EX_DATA *data, int place, long l, void *p)
{
	struct token_key *k = ours;

	token_free(&k);
}

/* A copy of the key shares what we hold. */
static int
copy(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **ours, int place, long l, void *p)
{
	if (*ours != NULL)
		token_ref(*ours);
	return 1;
}

static const EC_KEY_METHOD *
ec_method(void)
{
	static EC_KEY_METHOD *m;
	int (*sign)(int, const uint8_t *, int, uint8_t *, unsigned *, const BIGNUM *,
		const BIGNUM *, EC_KEY *) = NULL;

	if (m != NULL)
		return m;
	ec_place = EC_KEY_get_ex_new_index(0, NULL, NULL, copy, drop);
	m = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
	if (m == NULL || ec_place < 0)
		die("OpenSSL: no place for a token's key");
	EC_KEY_METHOD_get_sign(m, &sign, NULL, NULL);
	EC_KEY_METHOD_set_sign(m, sign, NULL, ec_sign);
	EC_KEY_METHOD_set_compute_key(m, ec_agree);
	return m;
}

static const RSA_METHOD *
rsa_method(void)
{
	static RSA_METHOD *m;

	if (m != NULL)
		return m;
	rsa_place = RSA_get_ex_new_index(0, NULL, NULL, copy, drop);
	m = RSA_meth_dup(RSA_get_default_method());
	if (m == NULL || rsa_place < 0 || RSA_meth_set1_name(m, "token") != 1 ||
		RSA_meth_set_priv_enc(m, rsa_private_encrypt) != 1 ||
		RSA_meth_set_priv_dec(m, rsa_private_decrypt) != 1)
		die("OpenSSL: no place for a token's key");
	return m;
}

/* ---- making keys ---- */

/* Takes the reference in *k over when it succeeds. */
static enum err
make_rsa(struct token_key **k, const struct token_public *p, EVP_PKEY *out)
{
	const RSA_METHOD *method = rsa_method();
	OWNED(RSA, rsa, rsa_free) = RSA_new();
	BIGNUM *n = BN_bin2bn(p->first, (int)p->first_size, NULL);
	BIGNUM *e = BN_bin2bn(p->second, (int)p->second_size, NULL);

	if (rsa == NULL || n == NULL || e == NULL || RSA_set0_key(rsa, n, e, NULL) != 1)
		die("memory");
	if (RSA_set_method(rsa, method) != 1 || RSA_set_ex_data(rsa, rsa_place, *k) != 1)
		return E_NO_KEY;
	*k = NULL;
	RSA_set_flags(rsa, RSA_FLAG_EXT_PKEY);
	return EVP_PKEY_set1_RSA(out, rsa) == 1 ? E_OK : E_NO_KEY;
}

/* The point is an OCTET STRING in DER (PKCS #11 v2.40 section 2.3.3); some tokens leave its two
 * octets out. */
static bool
set_point(EC_KEY *ec, const struct token_public *p)
{
	const uint8_t *at = p->second;
	ASN1_OCTET_STRING *s = d2i_ASN1_OCTET_STRING(NULL, &at, (long)p->second_size);
	bool wrapped = s != NULL && at == p->second + p->second_size;
	bool set = EC_KEY_oct2key(ec, wrapped ? ASN1_STRING_get0_data(s) : p->second,
			   wrapped ? (size_t)ASN1_STRING_length(s) : p->second_size, NULL) == 1;

	ASN1_OCTET_STRING_free(s);
	return set;
}

static enum err
make_ec(struct token_key **k, const struct token_public *p, EVP_PKEY *out)
{
	const EC_KEY_METHOD *method = ec_method();
	const uint8_t *at = p->first;
	OWNED(EC_KEY, ec, ec_free) = d2i_ECParameters(NULL, &at, (long)p->first_size);

	if (ec == NULL || !set_point(ec, p) || coordinate_of(ec) > COORDINATE_MAX)
		return E_NO_KEY;
	if (EC_KEY_set_method(ec, method) != 1 || EC_KEY_set_ex_data(ec, ec_place, *k) != 1)
		return E_NO_KEY;
	*k = NULL;
	return EVP_PKEY_set1_EC_KEY(out, ec) == 1 ? E_OK : E_NO_KEY;
}

enum err
token_key_load(const char *uri, EVP_PKEY **out)
{
	OWNED(struct token_key, k, token_free) = NULL;
	OWNED(EVP_PKEY, key, key_free) = EVP_PKEY_new();
	struct token_public p;

	if (key == NULL)
		die("memory");
	TRY(token_open(uri, &k));
	TRY(token_public(k, &p));
	enum err e = p.is_rsa ? make_rsa(&k, &p, key) : make_ec(&k, &p, key);
	ERR_clear_error();
	TRY(e);
	*out = TAKE(key);
	return E_OK;
}

static struct token_key *
key_inside(EVP_PKEY *key)
{
	if (EVP_PKEY_get0_provider(key) != NULL)
		return NULL;
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_EC:
		return ec_place < 0 ? NULL
				    : EC_KEY_get_ex_data(EVP_PKEY_get0_EC_KEY(key), ec_place);
	case EVP_PKEY_RSA:
		return rsa_place < 0 ? NULL : RSA_get_ex_data(EVP_PKEY_get0_RSA(key), rsa_place);
	}
	return NULL;
}

enum err
token_trouble(EVP_PKEY *key, enum err otherwise)
{
	struct token_key *k = key_inside(key);
	enum err e = k == NULL ? E_OK : token_why(k);

	return e != E_OK ? e : otherwise;
}
