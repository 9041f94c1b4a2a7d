/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lists of revoked certificates: version 2, complete (never a delta), with the two extensions that
 * RFC 5280 section 5.2 asks of every issuer: authority key identifier and CRL number. */
#include <time.h>

#include <openssl/x509v3.h>

#include "certs/issue.h"
#include "lib/trust.h"

#define EARLIER 60L
#define DAY 86400L

static void
must(bool good, const char *what)
{
	if (!good)
		die("OpenSSL: %s failed", what);
}

static void
add_revoked(X509_CRL *crl, const struct trust_revocation *r)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	BIGNUM *number = BN_bin2bn(r->serial, (int)r->serial_size, NULL);
	ASN1_INTEGER *serial = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
	ASN1_TIME *when = ASN1_TIME_set(NULL, (time_t)(r->at / 1000));

	must(entry && serial && when && X509_REVOKED_set_serialNumber(entry, serial) == 1 &&
			X509_REVOKED_set_revocationDate(entry, when) == 1 &&
			X509_CRL_add0_revoked(crl, entry) == 1,
		"entering a revoked certificate");
	BN_free(number);
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(when);
}

static void
set_times(X509_CRL *crl, long days)
{
	time_t now = time(NULL);
	ASN1_TIME *from = ASN1_TIME_set(NULL, now - EARLIER);
	ASN1_TIME *until = ASN1_TIME_set(NULL, now + days * DAY);

	must(from && until && X509_CRL_set1_lastUpdate(crl, from) == 1 &&
			X509_CRL_set1_nextUpdate(crl, until) == 1,
		"setting a revocation list's days");
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
}

static void
add_extensions(X509_CRL *crl, X509 *authority, uint64_t value)
{
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	X509_EXTENSION *key;
	X509V3_CTX ctx;

	must(number && ASN1_INTEGER_set_uint64(number, value) == 1 &&
			X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1,
		"numbering a revocation list");
	ASN1_INTEGER_free(number);
	X509V3_set_ctx(&ctx, authority, NULL, NULL, crl, 0);
	key = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
	must(key && X509_CRL_add_ext(crl, key, -1) == 1, "adding an extension");
	X509_EXTENSION_free(key);
}

void
issue_crl(const struct crl *c, X509 *authority, EVP_PKEY *authority_key, struct buf *out)
{
	X509_CRL *crl = X509_CRL_new();
	unsigned char *der = NULL;
	int size;

	must(crl && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
			X509_CRL_set_issuer_name(crl, X509_get_subject_name(authority)) == 1,
		"starting a revocation list");
	set_times(crl, c->days);
	for (size_t i = 0; i < c->n; i++)
		add_revoked(crl, c->revoked[i]);
	add_extensions(crl, authority, c->number);
	must(X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, authority_key, EVP_sha256()) > 0,
		"signing a revocation list");
	size = i2d_X509_CRL(crl, &der);
	must(size > 0, "encoding DER");
	buf_add(out, der, (size_t)size);
	OPENSSL_free(der);
	X509_CRL_free(crl);
}
