/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation lists and OCSP responses made on the spot, right ones and wrong ones. What a plan
 * leaves out is as it should be. */
#ifndef DAFTAR_TEST_REVOKE_H
#define DAFTAR_TEST_REVOKE_H

#include "tests/unit/test.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "lib/buf.h"
#include "lib/id.h"

#define REVOKE_HOUR INT64_C(3600000)

struct crl_plan {
	X509 *issuer;
	EVP_PKEY *key;
	long number;	       /* -1: none */
	int64_t from, until;   /* ms; default one hour ago and 24 hours from now; until -1: none */
	const X509 *revoked;   /* one entry, NULL for none */
	int64_t at;	       /* default: two hours ago */
	int64_t invalid_since; /* 0: not said */
	int reason;	       /* 0: not said */
	int odd_nid;	       /* one more extension */
	const char *odd;       /* its value */
	bool critical, odd_entry; /* it is; it is of the entry, not of the list */
	const EVP_MD *md;
	bool old;	/* version 1 */
	bool no_key_id; /* no authority key identifier */
};

static inline ASN1_TIME *
revoke_time(int64_t ms)
{
	ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)(ms / 1000));

	assert_non_null(t);
	return t;
}

static inline ASN1_GENERALIZEDTIME *
revoke_general_time(int64_t ms)
{
	ASN1_GENERALIZEDTIME *t = ASN1_GENERALIZEDTIME_set(NULL, (time_t)(ms / 1000));

	assert_non_null(t);
	return t;
}

/* With a value of OpenSSL's configuration files, or, when it is NULL, with the integer 4. */
static inline X509_EXTENSION *
odd_extension(int nid, const char *value, bool critical)
{
	ASN1_OCTET_STRING *octets;
	X509_EXTENSION *e;
	X509V3_CTX ctx;

	if (value != NULL) {
		CONF *none = NCONF_new(NULL);

		X509V3_set_ctx(&ctx, NULL, NULL, NULL, NULL, 0);
		X509V3_set_nconf(&ctx, none);
		e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
		assert_non_null(e);
		NCONF_free(none);
		X509_EXTENSION_set_critical(e, critical);
		return e;
	}
	octets = ASN1_OCTET_STRING_new();
	ASN1_OCTET_STRING_set(octets, (const uint8_t *)"\x02\x01\x04", 3);
	e = X509_EXTENSION_create_by_NID(NULL, nid, critical, octets);
	ASN1_OCTET_STRING_free(octets);
	assert_non_null(e);
	return e;
}

static inline void
crl_add_entry(X509_CRL *crl, const struct crl_plan *p, int64_t now)
{
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_TIME *at = revoke_time(p->at != 0 ? p->at : now - 2 * REVOKE_HOUR);

	X509_REVOKED_set_serialNumber(r, (ASN1_INTEGER *)X509_get0_serialNumber(p->revoked));
	X509_REVOKED_set_revocationDate(r, at);
	ASN1_TIME_free(at);
	if (p->reason != 0) {
		ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

		ASN1_ENUMERATED_set(reason, p->reason);
		X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, reason, 0, 0);
		ASN1_ENUMERATED_free(reason);
	}
	if (p->invalid_since != 0) {
		ASN1_GENERALIZEDTIME *since = revoke_general_time(p->invalid_since);

		X509_REVOKED_add1_ext_i2d(r, NID_invalidity_date, since, 0, 0);
		ASN1_GENERALIZEDTIME_free(since);
	}
	if (p->odd_nid != 0 && p->odd_entry) {
		X509_EXTENSION *e = odd_extension(p->odd_nid, p->odd, p->critical);

		X509_REVOKED_add_ext(r, e, -1);
		X509_EXTENSION_free(e);
	}
	assert_int_equal(X509_CRL_add0_revoked(crl, r), 1);
}

static inline void
crl_add_extensions(X509_CRL *crl, const struct crl_plan *p)
{
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	X509V3_CTX ctx;

	if (p->number != -1) {
		ASN1_INTEGER_set_int64(number, p->number);
		X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0);
	}
	ASN1_INTEGER_free(number);
	if (!p->no_key_id) {
		X509_EXTENSION *e;

		X509V3_set_ctx(&ctx, p->issuer, NULL, NULL, crl, 0);
		e = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
		assert_non_null(e);
		X509_CRL_add_ext(crl, e, -1);
		X509_EXTENSION_free(e);
	}
	if (p->odd_nid != 0 && !p->odd_entry) {
		X509_EXTENSION *e = odd_extension(p->odd_nid, p->odd, p->critical);

		X509_CRL_add_ext(crl, e, -1);
		X509_EXTENSION_free(e);
	}
}

static inline void
crl_make(const struct crl_plan *p, struct buf *out)
{
	int64_t now = instant_now();
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *from = revoke_time(p->from != 0 ? p->from : now - REVOKE_HOUR);
	ASN1_TIME *until = revoke_time(p->until > 0 ? p->until : now + 24 * REVOKE_HOUR);
	unsigned char *der = NULL;
	int size;

	X509_CRL_set_version(crl, p->old ? 0 : X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(p->issuer));
	X509_CRL_set1_lastUpdate(crl, from);
	if (p->until != -1)
		X509_CRL_set1_nextUpdate(crl, until);
	if (p->revoked != NULL)
		crl_add_entry(crl, p, now);
	crl_add_extensions(crl, p);
	assert_true(X509_CRL_sign(crl, p->key, p->md != NULL ? p->md : EVP_sha256()) > 0);
	size = i2d_X509_CRL(crl, &der);
	assert_true(size > 0);
	buf_reset(out);
	buf_add(out, der, (size_t)size);
	OPENSSL_free(der);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	X509_CRL_free(crl);
}

struct ocsp_plan {
	X509 *anchor;		   /* named in the certificate's id */
	const X509 *cert, *second; /* whom it is about; a second answer in the same response */
	X509 *signer;		   /* NULL: the anchor */
	EVP_PKEY *key;
	int status;		       /* V_OCSP_CERTSTATUS_GOOD is 0 */
	int64_t at;		       /* default: two hours ago */
	int64_t from, until, produced; /* default: one hour ago, 24 hours on, one hour ago; until
					* -1: none */
	bool by_key, no_certs, critical, critical_single;
	const EVP_MD *md, *id_md;
};

static inline void
ocsp_add(OCSP_BASICRESP *basic, const struct ocsp_plan *p, const X509 *cert, int64_t now)
{
	OCSP_CERTID *id =
		OCSP_cert_to_id(p->id_md != NULL ? p->id_md : EVP_sha1(), cert, p->anchor);
	ASN1_TIME *at = revoke_time(p->at != 0 ? p->at : now - 2 * REVOKE_HOUR);
	ASN1_TIME *from = revoke_time(p->from != 0 ? p->from : now - REVOKE_HOUR);
	ASN1_TIME *until = revoke_time(p->until > 0 ? p->until : now + 24 * REVOKE_HOUR);
	OCSP_SINGLERESP *single = OCSP_basic_add1_status(basic, id, p->status,
		OCSP_REVOKED_STATUS_NOSTATUS, at, from, p->until == -1 ? NULL : until);

	assert_non_null(single);
	if (p->critical_single) {
		X509_EXTENSION *e = odd_extension(NID_netscape_comment, NULL, true);

		OCSP_SINGLERESP_add_ext(single, e, -1);
		X509_EXTENSION_free(e);
	}
	OCSP_CERTID_free(id);
	ASN1_TIME_free(at);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
}

static inline void
ocsp_make(const struct ocsp_plan *p, struct buf *out)
{
	int64_t now = instant_now();
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_RESPONSE *response;
	unsigned long flags =
		OCSP_NOTIME | (p->by_key ? OCSP_RESPID_KEY : 0) | (p->no_certs ? OCSP_NOCERTS : 0);
	unsigned char *der = NULL;
	int size;

	ocsp_add(basic, p, p->cert, now);
	if (p->second != NULL)
		ocsp_add(basic, p, p->second, now);
	if (p->critical) {
		X509_EXTENSION *e = odd_extension(NID_netscape_comment, NULL, true);

		OCSP_BASICRESP_add_ext(basic, e, -1);
		X509_EXTENSION_free(e);
	}
	assert_non_null(
		ASN1_GENERALIZEDTIME_set((ASN1_GENERALIZEDTIME *)OCSP_resp_get0_produced_at(basic),
			(time_t)((p->produced != 0 ? p->produced : now - REVOKE_HOUR) / 1000)));
	assert_int_equal(OCSP_basic_sign(basic, p->signer != NULL ? p->signer : p->anchor, p->key,
				 p->md != NULL ? p->md : EVP_sha256(), NULL, flags),
		1);
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	size = i2d_OCSP_RESPONSE(response, &der);
	assert_true(size > 0);
	buf_reset(out);
	buf_add(out, der, (size_t)size);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
}

#endif
