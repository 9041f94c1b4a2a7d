/* SPDX-License-Identifier: EUPL-1.2
 *
 * Making keys, certificates and certificate requests with OpenSSL, in the one profile of daftar
 * (P-256, SHA-256, the usages that lib/trust.h asks for). Pure: no file is touched here. When
 * OpenSSL cannot make a key or a signature the machine is broken (no memory, no randomness): these
 * functions then die. */
#ifndef DAFTAR_ISSUE_H
#define DAFTAR_ISSUE_H

#include <openssl/x509.h>

#include "lib/buf.h"
#include "lib/id.h"

enum purpose { FOR_SIGNING, FOR_ENCRYPTION };

struct subject {
	const char *country; /* "" for an organisation */
	const char *office;  /* O= */
	const char *code;    /* CN= */
};

EVP_PKEY *issue_key(void);     /* P-256 */
EVP_PKEY *issue_log_key(void); /* Ed25519 */
/* Self-signed authority of one country, or of the realm itself when `country' is "". */
X509 *issue_authority(EVP_PKEY *key, const char *country, const char *realm);
/* Self-signed, for trust lists only. */
X509 *issue_operator(EVP_PKEY *key, const char *realm);
/* Self-signed, to approve trust lists. */
X509 *issue_officer(EVP_PKEY *key, const char *name);
/* Two years, or less when the authority ends earlier. */
X509 *issue_party(const struct subject *s, EVP_PKEY *public_key, enum purpose purpose,
	X509 *authority, EVP_PKEY *authority_key);

struct trust_revocation;
struct crl {
	uint64_t number;
	long days;				       /* until the next one */
	const struct trust_revocation *const *revoked; /* all of that country */
	size_t n;
};
/* A full list of what the authority has revoked (RFC 5280 section 5), DER. */
void issue_crl(const struct crl *c, X509 *authority, EVP_PKEY *authority_key, struct buf *out);

X509_REQ *issue_request(const struct subject *s, EVP_PKEY *key);
/* The request's key when it is signed by it and strong enough, for the caller to free. E_SIGNATURE,
 * E_WEAK_KEY. */
enum err issue_request_key(X509_REQ *request, EVP_PKEY **out) MUST_USE;
void request_free(X509_REQ **r);

void issue_key_pem(EVP_PKEY *key, struct buf *out); /* PKCS#8, not encrypted */
void issue_cert_pem(X509 *cert, struct buf *out);
void issue_request_pem(X509_REQ *request, struct buf *out);
/* NULL when it is not exactly one such PEM block. */
X509 *issue_cert_of_pem(const char *pem);
X509_REQ *issue_request_of_pem(const char *pem);
/* SHA-256 of the DER. */
void issue_cert_digest(X509 *cert, struct digest *out);
void issue_request_digest(X509_REQ *request, struct digest *out);

#endif
