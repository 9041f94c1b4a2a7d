/* SPDX-License-Identifier: EUPL-1.2
 *
 * The inside of revocation data, shared by the files that read it: revocation.c (what is in force,
 * and what it means for a certificate), revocation_crl.c and revocation_ocsp.c (from DER). Nobody
 * else includes this. */
#ifndef DAFTAR_REVOCATION_PARTS_H
#define DAFTAR_REVOCATION_PARTS_H

#include "lib/revocation.h"
#include "lib/trust_parts.h"

#define CLOCK_AHEAD (5 * 60 * INT64_C(1000)) /* how far an authority's clock may be, ms */

struct serial {
	uint8_t octet[SERIAL_MAX];
	size_t size;
};

struct revoked {
	struct serial serial;
	int64_t at;
};

/* One CRL or response that has proved itself. */
struct evidence {
	struct revocation_facts facts;
	struct digest anchor; /* whose word it is: SHA-256 of the certificate */
	struct serial
		responder; /* of a certificate that signed in the anchor's place; size 0: none */
	struct revoked *revoked; /* a response has none or one */
	size_t n;
	struct buf der;
	int64_t taken; /* when it was looked at first, ms */
};

void evidence_free(struct evidence *e);
/* False when it is not positive or has more than 20 octets. */
bool serial_of(const ASN1_INTEGER *number, struct serial *out) MUST_USE;
/* Of the closed list for revocation data: ECDSA or RSA (PKCS #1 v1.5) with SHA-256, 384 or 512. */
bool signature_allowed(const X509_ALGOR *algorithm) MUST_USE;
/* Milliseconds; false when there is none or it cannot be read. */
bool time_of(const ASN1_TIME *t, int64_t *out) MUST_USE;
/* Was the authority's certificate valid then? */
bool anchor_lives(const struct trust_anchor *a, int64_t at) MUST_USE;

/* Fills facts (but magic, code and digest), anchor, responder and revoked. E_REVOCATION, and
 * nothing filled, for whatever is wrong. `is_one' is set once the octets were seen to be of that
 * kind. */
enum err crl_read(const struct trust *t, struct bytes der, int64_t now, struct evidence *out,
	bool *is_one) MUST_USE;
enum err ocsp_read(const struct trust *t, struct bytes der, int64_t now, struct evidence *out,
	bool *is_one) MUST_USE;

#endif
