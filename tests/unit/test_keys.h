/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys and certificates made on the spot, good ones and bad ones. No private key is kept in the
 * repository. */
#ifndef DAFTAR_TEST_KEYS_H
#define DAFTAR_TEST_KEYS_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "lib/keyring.h"
#include "tests/unit/test.h"

/* "P-256", "P-384", "P-521", "secp256k1", "ED25519", "RSA-3072" (any size). */
static inline EVP_PKEY *
make_key(const char *kind)
{
	EVP_PKEY *k;

	if (strncmp(kind, "RSA-", 4) == 0)
		k = EVP_RSA_gen((unsigned)atoi(kind + 4));
	else if (strcmp(kind, "ED25519") == 0)
		k = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	else
		k = EVP_EC_gen(kind);
	assert_non_null(k);
	return k;
}

/* What a certificate shall say; zero stands for what a good leaf says. */
struct cert_plan {
	const char *name;	 /* CN, default "leaf" */
	const char *usage;	 /* default "critical,digitalSignature", "" for none */
	const char *constraints; /* default "critical,CA:FALSE", "" for none */
	const char *other_nid;	 /* one more extension: "nameConstraints" */
	const char *other_value;
	const EVP_MD *md; /* default SHA-256 */
	int version;	  /* default 3 */
	long serial;	  /* default: counts up; -1, and ZERO_SERIAL */
	long from, until; /* days from now; default -1 and 30 */
};
#define ZERO_SERIAL (-2)

static inline void
put_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

static inline void
put_serial(X509 *cert, long wanted)
{
	static long next = 1000;
	long value = wanted == ZERO_SERIAL ? 0 : wanted != 0 ? wanted : next++;

	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), value), 1);
}

static inline void
put_extensions(X509 *cert, X509 *issuer, const struct cert_plan *p)
{
	const char *constraints = p->constraints != NULL ? p->constraints : "critical,CA:FALSE";
	const char *usage = p->usage != NULL ? p->usage : "critical,digitalSignature";

	if (p->version == 1)
		return;
	if (constraints[0] != '\0')
		put_extension(cert, issuer, NID_basic_constraints, constraints);
	if (usage[0] != '\0')
		put_extension(cert, issuer, NID_key_usage, usage);
	put_extension(cert, issuer, NID_subject_key_identifier, "hash");
	if (issuer != cert)
		put_extension(cert, issuer, NID_authority_key_identifier, "keyid:always");
	if (p->other_nid != NULL)
		put_extension(cert, issuer, OBJ_txt2nid(p->other_nid), p->other_value);
}

/* A certificate for `key'; issuer NULL: signed by itself. */
static inline X509 *
make_cert(EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key, struct cert_plan p)
{
	X509 *c = X509_new();
	const char *name = p.name != NULL ? p.name : "leaf";
	bool no_digest =
		EVP_PKEY_get_base_id(issuer != NULL ? issuer_key : key) == EVP_PKEY_ED25519;

	X509_set_version(c, p.version == 1 ? X509_VERSION_1 : X509_VERSION_3);
	put_serial(c, p.serial);
	X509_gmtime_adj(X509_getm_notBefore(c), (p.from != 0 ? p.from : -1) * 86400);
	X509_gmtime_adj(X509_getm_notAfter(c), (p.until != 0 ? p.until : 30) * 86400);
	X509_NAME_add_entry_by_txt(
		X509_get_subject_name(c), "CN", MBSTRING_ASC, (const uint8_t *)name, -1, -1, 0);
	X509 *by = issuer != NULL ? issuer : c;
	X509_set_issuer_name(c, X509_get_subject_name(by));
	X509_set_pubkey(c, key);
	put_extensions(c, by, &p);
	const EVP_MD *md = no_digest ? NULL : p.md != NULL ? p.md : EVP_sha256();
	assert_true(X509_sign(c, issuer != NULL ? issuer_key : key, md) > 0);
	return c;
}

static inline X509 *
make_authority(EVP_PKEY *key, const char *name)
{
	return make_cert(key, NULL, NULL,
		(struct cert_plan){.name = name,
			.usage = "critical,keyCertSign,cRLSign",
			.constraints = "critical,CA:TRUE"});
}

/* Owns `key' and `cert' from now on. The certificate is read back from its DER, so that its key is
 * the public half only. */
static inline struct identity *
identity_of(EVP_PKEY *key, X509 *cert)
{
	struct identity *i = calloc(1, sizeof(*i));
	unsigned char *der = NULL;

	i->key = key;
	i->der_size = (size_t)i2d_X509(cert, &der);
	i->der = malloc(i->der_size);
	memcpy(i->der, der, i->der_size);
	OPENSSL_free(der);
	X509_free(cert);
	assert_int_equal(cert_of_der(bytes_of(i->der, i->der_size), &i->cert), E_OK);
	return i;
}

static inline struct identity *
make_identity(const char *kind)
{
	EVP_PKEY *key = make_key(kind);

	return identity_of(key, make_cert(key, NULL, NULL, (struct cert_plan){0}));
}

#endif
