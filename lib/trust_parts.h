/* SPDX-License-Identifier: EUPL-1.2
 *
 * The inside of a trust list, shared by the files that make one: trust.c (loading and look-ups),
 * trust_parse.c (from XML), trust_check.c (certificates, and what the schema cannot say),
 * trust_officers.c (approvals) and trust_expiry.c. Nobody else includes this. */
#ifndef DAFTAR_TRUST_PARTS_H
#define DAFTAR_TRUST_PARTS_H

#include "lib/signature.h"
#include "lib/trust.h"
#include "lib/xml.h"

#define CERT_DER_MAX 8192

struct trust_anchor {
	char country[3]; /* "" for the realm's own */
	X509 *cert;
	struct digest digest; /* SHA-256 of the DER */
	/* How long after its nextUpdate the authority's revocation data may still be relied on; -1:
	 * no fresh data is needed. */
	int64_t grace_ms;
};

struct trust_curve {
	uint8_t key[CURVE_KEY_SIZE];
	const struct trust_party *party;
};

struct trust_approval {
	struct digest officer; /* SHA-256 of the certificate */
	uint8_t value[SIGNATURE_MAX];
	size_t size;
};

struct trust {
	struct arena
		*arena; /* owns the arrays and texts below; certificates are freed one by one */
	struct buf document;
	char realm[REALM_SIZE];
	uint64_t version;
	int64_t issued_at;
	int64_t valid_until;
	uint8_t log_key[32];
	const char *log_name;
	struct trust_anchor *anchor;
	size_t n_anchor;
	struct trust_party *party; /* sorted by code after the checks */
	size_t n_party;
	const struct trust_party *exchange;
	struct trust_agreement *agreement; /* sorted by id */
	size_t n_agreement;
	const struct trust_agreement **road; /* the same, sorted by sender and addressee */
	struct trust_revocation *revoked;
	size_t n_revoked;
	struct trust_curve *curve; /* sorted by key */
	size_t n_curve;
	struct trust_officer *officer;
	size_t n_officer;
	uint64_t approvals; /* that a change needs */
	struct trust_approval *approval;
	size_t n_approval;
	struct buf approved;	     /* what officers sign; empty where there is no approval */
	struct trust_expiry *expiry; /* the soonest first */
	size_t n_expiry;
};

/* Fills `t' from a document that is valid against trust.xsd; what the schema allows and a struct
 * cannot hold is E_SCHEMA. */
enum err trust_parse(struct trust *t, xmlDoc *doc) MUST_USE;

/* The officers and their approvals as the list itself demands them. `doc' loses its approvals and
 * its signature. E_APPROVAL, E_IO. */
enum err trust_check_officers(struct trust *t, xmlDoc *doc, X509 *operator_cert) MUST_USE;
/* Does `next' carry the approvals that `known' demands, by officers of `known'? */
enum err trust_approved(const struct trust *known, const struct trust *next) MUST_USE;

/* Everything that ends, before any certificate is dropped. */
void trust_gather_expiry(struct trust *t, X509 *operator_cert);
/* ms; a time that cannot be read leaves no life at all. */
struct life {
	int64_t from, until;
};
struct life cert_life(const X509 *cert);
/* The instant from which the list revokes this certificate, INT64_MAX: it does not. */
int64_t trust_revoked_from(const struct trust *t, const char *country, const X509 *cert);

/* The anchor of this country that issued `cert' directly (the list has no room for an authority
 * between), or NULL. */
const struct trust_anchor *trust_issuer(const struct trust *t, const char *country, X509 *cert);

/* Does it lead to this anchor at `when', with a strong key and signature (cert_verify)? */
enum err trust_leads_to(const struct trust_anchor *a, X509 *cert, int64_t when) MUST_USE;
/* Its extended key usage is this one and no other. */
bool trust_usage_is(const X509 *cert, const char *oid);
/* ms; `otherwise' when it cannot be read. */
int64_t trust_asn1_ms(const ASN1_TIME *t, int64_t otherwise);
bool trust_cert_digest(const X509 *cert, struct digest *out) MUST_USE; /* SHA-256 of the DER */

/* Every certificate against its own country's anchors, then one of each key and name. Sorts, and
 * builds the indexes. E_CERT_CHAIN, E_WEAK_KEY, E_SCHEMA. */
enum err trust_check(struct trust *t, X509 *operator_cert, int64_t now) MUST_USE;

#endif
