/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation data: a CRL (RFC 5280 section 5) of a country's authority, or an OCSP response (RFC
 * 6960) about one certificate of a party. It proves itself: signed by that authority, so it does
 * not matter who brings it. All of it is parsed inside the examiner's sandbox (lib/examiner.h);
 * what leaves it is a struct of fixed size.
 *
 * Taken: whole lists for all certificates of the authority, numbered (RFC 5280 section 5.2.3), with
 * a nextUpdate; single responses with a nextUpdate, signed by the authority's own key or by one
 * that it has certified for OCSP. Refused: delta and indirect lists, lists for a part of the
 * certificates, whatever is marked critical and not known here, responses that do not know the
 * certificate. */
#ifndef DAFTAR_REVOCATION_H
#define DAFTAR_REVOCATION_H

#include "lib/trust.h"

#define REVOCATION_MAX (64 * 1024)	/* octets of DER */
#define REVOCATION_OCSP_MAX (16 * 1024) /* of them, for one response */
#define REVOCATION_MAGIC 0x44465452u	/* "DFTR" */
#define REVOCATION_CRL 'C'
#define REVOCATION_OCSP 'O'

struct revocation_facts {
	uint32_t magic, code;		  /* REVOCATION_MAGIC; enum err */
	uint8_t kind;			  /* 'C' or 'O'; 0: not understood */
	char country[3];		  /* of the authority, "" the realm's own */
	struct digest subject;		  /* what it is about: SHA-256 of the anchor (CRL) or of the
					   * certificate (OCSP) */
	int64_t this_update, next_update; /* ms UTC */
	uint8_t number[20];		  /* CRL number, big-endian; OCSP: zero */
	struct digest digest;		  /* SHA-256 of the DER */
};

struct revocations; /* what is in force; lives beside a trust list */
struct revocations *revocations_new(void);
void revocations_free(struct revocations **r);

/* E_OK: in force now, replaced an older one; E_REVOCATION: malformed or not signed by an anchor of
 * the list; E_REVOCATION_OLD: not newer than the one in force (CRL number / thisUpdate must rise).
 * *out is always filled. */
enum err revocations_take(struct revocations *r, const struct trust *t, struct bytes der,
	int64_t now, struct revocation_facts *out) MUST_USE;

/* A newer trust list: what its anchors do not sign any more is dropped. */
void revocations_trust(struct revocations *r, const struct trust *t);

/* The certificate (SHA-256) of this party at `when': E_OK; E_CERT_REVOKED, also for a certificate
 * that the list itself revokes; E_HELD: its anchor demands fresh data (attribute revocationGrace)
 * and what is known is older than next_update + grace at `when'; E_UNKNOWN_CERT. What is known to
 * be revoked is revoked, whether or not the anchor demands fresh data. `r' may be NULL: nothing is
 * known. */
enum err revocations_judge(const struct revocations *r, const struct trust *t,
	const struct trust_party *p, const struct digest *cert, int64_t when) MUST_USE;

#endif
