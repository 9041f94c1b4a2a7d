/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates in one profile (RFC 5280): version 3, P-256, SHA-256, a random positive serial of 16
 * octets, subject and authority key identifiers, one key usage each. Certificates begin an hour
 * ago, so that an office whose clock is a little behind can use them at once. */
#include <string.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "certs/issue.h"
#include "lib/keyring.h"
#include "lib/trust.h"

#define SERIAL_SIZE 16
#define EARLIER 3600L
#define DAY 86400L
#define AUTHORITY_DAYS 3650
#define PARTY_DAYS 730

/* For calls that only a broken machine lets fail. */
static void
must(bool good, const char *what)
{
	if (!good)
		die("OpenSSL: %s failed", what);
}

EVP_PKEY *
issue_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	must(key, "making a P-256 key");
	return key;
}

EVP_PKEY *
issue_log_key(void)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	must(key, "making an Ed25519 key");
	return key;
}

/* ---- certificates ---- */

static void
add_name(X509_NAME *name, const char *field, const char *value)
{
	if (*value)
		must(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
			     (const unsigned char *)value, -1, -1, 0) == 1,
			"writing a name");
}

static void
set_name(X509_NAME *name, const struct subject *s)
{
	add_name(name, "C", s->country);
	add_name(name, "O", s->office);
	add_name(name, "CN", s->code);
}

/* The first bit is 0, so it is positive; the second is 1, so it is always 16 octets long. */
static void
set_serial(X509 *cert)
{
	uint8_t octets[SERIAL_SIZE];
	BIGNUM *number;

	must(RAND_bytes(octets, sizeof(octets)) == 1, "getting random octets");
	octets[0] = (octets[0] & 0x3f) | 0x40;
	number = BN_bin2bn(octets, sizeof(octets), NULL);
	must(number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)), "making a serial");
	BN_free(number);
}

static void
add_extension(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, ctx, nid, value);

	must(e && X509_add_ext(cert, e, -1) == 1, "adding an extension");
	X509_EXTENSION_free(e);
}

/* Version, serial, days and names; `issuer' is the certificate itself for a self-signed one. */
static X509 *
begin_cert(const struct subject *s, EVP_PKEY *key, long days)
{
	X509 *cert = X509_new();

	must(cert && X509_set_version(cert, X509_VERSION_3) == 1, "starting a certificate");
	set_serial(cert);
	must(X509_gmtime_adj(X509_getm_notBefore(cert), -EARLIER) &&
			X509_gmtime_adj(X509_getm_notAfter(cert), days * DAY),
		"setting a certificate's days");
	set_name(X509_get_subject_name(cert), s);
	must(X509_set_pubkey(cert, key) == 1, "setting a certificate's key");
	return cert;
}

static X509 *
self_signed(const struct subject *s, EVP_PKEY *key, const char *constraints, const char *usage)
{
	X509 *cert = begin_cert(s, key, AUTHORITY_DAYS);
	X509V3_CTX ctx;

	must(X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1, "naming an issuer");
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	add_extension(cert, &ctx, NID_basic_constraints, constraints);
	add_extension(cert, &ctx, NID_key_usage, usage);
	add_extension(cert, &ctx, NID_subject_key_identifier, "hash");
	must(X509_sign(cert, key, EVP_sha256()) > 0, "signing a certificate");
	return cert;
}

static const char *
limited(char *out, size_t size, const char *fmt, const char *a, const char *b)
{
	(void)snprintf(out, size, fmt, a, b);
	return out;
}

X509 *
issue_authority(EVP_PKEY *key, const char *country, const char *realm)
{
	char office[64], name[64];
	struct subject s = {
		.country = country,
		.office = limited(office, sizeof(office), "daftar realm %s%s", realm, ""),
		.code = limited(name, sizeof(name), "%s authority of realm %s",
			*country ? country : "common", realm),
	};

	return self_signed(&s, key, "critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign");
}

X509 *
issue_operator(EVP_PKEY *key, const char *realm)
{
	char office[64];
	struct subject s = {
		.country = "",
		.office = limited(office, sizeof(office), "daftar realm %s%s", realm, ""),
		.code = "operator of the trust list",
	};

	return self_signed(&s, key, "critical,CA:FALSE", "critical,digitalSignature");
}

X509 *
issue_officer(EVP_PKEY *key, const char *name)
{
	struct subject s = {.country = "", .office = "daftar officer", .code = name};

	return self_signed(&s, key, "critical,CA:FALSE", "critical,digitalSignature");
}

static const char *
usage_of(enum purpose purpose, EVP_PKEY *key)
{
	if (purpose == FOR_SIGNING)
		return "critical,digitalSignature";
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? "critical,keyEncipherment"
							 : "critical,keyAgreement";
}

/* A party never outlives its authority. */
static void
cut_life(X509 *cert, X509 *authority)
{
	const ASN1_TIME *end = X509_get0_notAfter(authority);

	if (ASN1_TIME_compare(X509_get0_notAfter(cert), end) > 0)
		must(X509_set1_notAfter(cert, end) == 1, "setting a certificate's end");
}

X509 *
issue_party(const struct subject *s, EVP_PKEY *public_key, enum purpose purpose, X509 *authority,
	EVP_PKEY *authority_key)
{
	X509 *cert = begin_cert(s, public_key, PARTY_DAYS);
	X509V3_CTX ctx;

	cut_life(cert, authority);
	must(X509_set_issuer_name(cert, X509_get_subject_name(authority)) == 1, "naming an issuer");
	X509V3_set_ctx(&ctx, authority, cert, NULL, NULL, 0);
	add_extension(cert, &ctx, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(cert, &ctx, NID_key_usage, usage_of(purpose, public_key));
	add_extension(cert, &ctx, NID_ext_key_usage,
		purpose == FOR_SIGNING ? OID_MESSAGE_SIGNING : OID_MESSAGE_ENCRYPTION);
	add_extension(cert, &ctx, NID_subject_key_identifier, "hash");
	add_extension(cert, &ctx, NID_authority_key_identifier, "keyid:always");
	must(X509_sign(cert, authority_key, EVP_sha256()) > 0, "signing a certificate");
	return cert;
}

/* ---- requests (PKCS#10, RFC 2986) ---- */

void
request_free(X509_REQ **r)
{
	X509_REQ_free(TAKE(*r));
}

X509_REQ *
issue_request(const struct subject *s, EVP_PKEY *key)
{
	X509_REQ *request = X509_REQ_new();

	must(request && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1,
		"starting a request");
	set_name(X509_REQ_get_subject_name(request), s);
	must(X509_REQ_set_pubkey(request, key) == 1, "setting a request's key");
	must(X509_REQ_sign(request, key, EVP_sha256()) > 0, "signing a request");
	return request;
}

enum err
issue_request_key(X509_REQ *request, EVP_PKEY **out)
{
	OWNED(EVP_PKEY, key, key_free) = X509_REQ_get_pubkey(request);

	if (!key || X509_REQ_verify(request, key) != 1)
		return E_SIGNATURE;
	TRY(key_check_strength(key));
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519)
		return E_WEAK_KEY;
	*out = TAKE(key);
	return E_OK;
}

/* ---- PEM and DER ---- */

static void
free_bio(BIO **b)
{
	BIO_free(*b);
}

static void
take_bio(BIO *bio, struct buf *out)
{
	char *data;
	long size = BIO_get_mem_data(bio, &data);

	must(size > 0, "writing PEM");
	buf_add(out, data, (size_t)size);
}

void
issue_key_pem(EVP_PKEY *key, struct buf *out)
{
	/* Secure memory: wiped when it is freed. */
	OWNED(BIO, bio, free_bio) = BIO_new(BIO_s_secmem());

	must(bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1,
		"writing a key");
	take_bio(bio, out);
}

void
issue_cert_pem(X509 *cert, struct buf *out)
{
	OWNED(BIO, bio, free_bio) = BIO_new(BIO_s_mem());

	must(bio && PEM_write_bio_X509(bio, cert) == 1, "writing a certificate");
	take_bio(bio, out);
}

void
issue_request_pem(X509_REQ *request, struct buf *out)
{
	OWNED(BIO, bio, free_bio) = BIO_new(BIO_s_mem());

	must(bio && PEM_write_bio_X509_REQ(bio, request) == 1, "writing a request");
	take_bio(bio, out);
}

X509 *
issue_cert_of_pem(const char *pem)
{
	OWNED(BIO, bio, free_bio) = BIO_new_mem_buf(pem, -1);

	return bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
}

X509_REQ *
issue_request_of_pem(const char *pem)
{
	OWNED(BIO, bio, free_bio) = BIO_new_mem_buf(pem, -1);

	return bio ? PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL) : NULL;
}

static void
digest_der(unsigned char *der, int size, struct digest *out)
{
	must(size > 0, "encoding DER");
	digest_of(der, (size_t)size, out);
	OPENSSL_free(der);
}

void
issue_cert_digest(X509 *cert, struct digest *out)
{
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);

	digest_der(der, size, out);
}

void
issue_request_digest(X509_REQ *request, struct digest *out)
{
	unsigned char *der = NULL;
	int size = i2d_X509_REQ(request, &der);

	digest_der(der, size, out);
}
