/* SPDX-License-Identifier: EUPL-1.2
 *
 * The trust list: who belongs to the realm, with which keys, from which country, and who may send
 * what to whom for which purpose. A signed, versioned document (schemas/trust.xsd); a newer version
 * always wins, an older one never. It is checked once, when it is loaded: its signature with the
 * realm operator's certificate (pinned by every party), every party's certificates against the
 * anchors of that party's own country, and, when it names officers, the approvals that it needs.
 * Look-ups afterwards are plain reads. */
#ifndef DAFTAR_TRUST_H
#define DAFTAR_TRUST_H

#include "lib/keyring.h"
#include "lib/message.h"

enum role { ROLE_REGISTRY, ROLE_LIAISON, ROLE_EXCHANGE, ROLE_N };
const char *role_word(enum role r); /* "registry", "liaison", "exchange" */
bool role_parse(const char *word, enum role *out) MUST_USE;

#define TRUST_CERTS 4
#define TRUST_CURVES 4
#define TRUST_GRACE_HOURS 168 /* the most that an anchor may allow */

/* The extended key usage that a party's certificate must carry, and no other (an arc of its own
 * below 2.25, Rec. ITU-T X.667): one to sign messages and seals, one to receive what is encrypted.
 */
#define OID_DAFTAR "2.25.53582222624157441904401373615238632581"
#define OID_MESSAGE_SIGNING OID_DAFTAR ".1"
#define OID_MESSAGE_ENCRYPTION OID_DAFTAR ".2"

/* A body is written for its addressee and at most three more; the certificates of all of them. */
#define TRUST_ALSO 3
#define TRUST_RECIPIENTS 4

struct trust_anchor;

/* The purposes of a Cancellation. */
#define PURPOSE_WITHDRAWAL "CASE-WITHDRAWAL"
#define PURPOSE_HOLD "CASE-HOLD"
#define PURPOSE_RELEASE "CASE-RELEASE"

/* What a registry has said of itself: how far it has come, what its own record must hold, and how
 * long it may take. */
struct trust_profile {
	bool given;
	unsigned tier;		/* 0 paper, 1 digitising, 2 a central register, 3 with interfaces */
	unsigned decision_days; /* until an extract should be decided; 0: no such day */
	unsigned tacit_days;	/* after which silence is a refusal; 0: never */
	const char *provision;	/* of its law that says so; NULL without tacit_days */
	unsigned assent_age;	/* from which a child's own assent is recorded; 0: none */
	const char *const *need; /* the particulars that it enters, by path; none: everything */
	size_t n_need;
};

struct trust_party {
	struct party code;
	char country[3]; /* ISO 3166-1 alpha-2, "" for an organisation: its anchor is the realm's */
	enum role role;
	char *name; /* of the office, for people */
	X509 *sign[TRUST_CERTS];
	struct digest sign_digest[TRUST_CERTS]; /* SHA-256 of the DER */
	/* ms: the time that certificate and anchor are both valid, and the instant from which the
	 * certificate is revoked (INT64_MAX: it is not). */
	int64_t sign_from[TRUST_CERTS], sign_until[TRUST_CERTS], sign_revoked[TRUST_CERTS];
	const struct trust_anchor *sign_anchor[TRUST_CERTS]; /* that issued it */
	size_t n_sign;
	/* Only what may be encrypted to at the time of loading: the expired and the revoked are
	 * left out, so there may be none. */
	X509 *encrypt[TRUST_CERTS];
	size_t n_encrypt;
	size_t n_encrypt_listed; /* with those that are left out */
	uint8_t curve[TRUST_CURVES][CURVE_KEY_SIZE];
	size_t n_curve;
	/* What the exchange gives it; 0: what the exchange gives to everybody. */
	struct {
		uint32_t messages; /* a minute */
		uint32_t octets;   /* a minute */
		uint32_t share;	   /* percent of the store */
	} quota;
	struct trust_profile profile;
};

struct trust_agreement {
	char id[AGREEMENT_SIZE];
	struct party from;
	struct party to;
	uint32_t actions; /* bit a is set when enum action a may be sent */
	char purpose[4][PURPOSE_SIZE];
	size_t n_purpose;
	const char *const *field; /* what an extract may hold, by path; none: everything */
	size_t n_field;
	/* What tells of a person, or asks about one, travels only with a consent token. */
	bool consent_required;
	/* And that token only with a second officer's clearance: for the roads on which every
	 * request tells a State about somebody who has left it. */
	bool clearance_required;
	/* Who else can open the bodies: offices of the two States, or of an organisation; never the
	 * exchange, never a third State. */
	struct party also[TRUST_ALSO];
	size_t n_also;
	int64_t valid_until;
};

struct trust_officer {
	const char *name; /* the person's, or the function's */
	X509 *cert;
	struct digest digest; /* SHA-256 of the DER */
};

#define SERIAL_MAX 20

struct trust_revocation {
	char country[3]; /* of the authority that issued it */
	uint8_t serial[SERIAL_MAX];
	size_t serial_size;
	int64_t at;
};

struct trust; /* immutable once loaded */

/* Before the canonical octets of a list without Approval and Signature: what an officer signs. */
#define TRUST_APPROVAL_PREFIX "daftar trust approval 1\n"

/* Something in a list that ends. */
enum expiry {
	EXPIRY_LIST,
	EXPIRY_OPERATOR,
	EXPIRY_OFFICER,
	EXPIRY_ANCHOR,
	EXPIRY_SIGN,
	EXPIRY_ENCRYPT
};
const char *expiry_word(
	enum expiry e); /* "list", "operator", "officer", "anchor", "sign", "encrypt" */

struct trust_expiry {
	enum expiry what;
	struct party party;   /* of a sign or encrypt certificate, otherwise all zero */
	char country[3];      /* of a party or an anchor; "": none, or the realm's own */
	struct digest digest; /* SHA-256 of the certificate; of the list all zero */
	int64_t until;	      /* ms, the certificate's own end */
};

/* `operator_cert' is the pinned certificate of the realm's operator. E_NO_TRUST, E_TRUST_OLD (its
 * validity has ended at `now'), E_CERT_CHAIN, E_WEAK_KEY, E_SCHEMA (also: what the schema cannot
 * say, such as a party listed twice), E_APPROVAL (an approval is missing or does not verify). A
 * certificate that has expired or was revoked does not spoil the list: it is refused where it is
 * used. The schemas must be loaded. */
enum err trust_load(
	struct bytes list, X509 *operator_cert, int64_t now, struct trust **out) MUST_USE;
enum err trust_load_file(
	const char *file, X509 *operator_cert, int64_t now, struct trust **out) MUST_USE;
/* For those who make lists: the same without a look at the approvals, so that the next list can be
 * checked before it has any. Never to be adopted. */
enum err trust_look(struct bytes list, X509 *signer, int64_t now, struct trust **out) MUST_USE;
void trust_free(struct trust **t);

/* May `next' take the place of `known'? Whoever adopts a list asks this, so that the operator's key
 * alone changes nothing where officers are named. E_WRONG_REALM; E_TRUST_OLD for a lower version,
 * for the same version with other bytes, and for one that was issued earlier; E_APPROVAL when
 * `known' names officers and `next' does not carry as many approvals by officers of `known' as
 * `known' demands. */
enum err trust_replaces(const struct trust *known, const struct trust *next) MUST_USE;

uint64_t trust_version(const struct trust *t);
const char *trust_realm(const struct trust *t);
/* A realm to learn in, by its name: "demo", "test.." or "train..". Nothing that happens there
 * counts. */
bool trust_is_training(const struct trust *t);
int64_t trust_issued_at(const struct trust *t);
int64_t trust_valid_until(const struct trust *t);
struct bytes trust_bytes(const struct trust *t); /* the signed document itself */
/* The officers whose approval a change needs, and how many of them: 0 where there are none. */
size_t trust_officer_count(const struct trust *t);
const struct trust_officer *trust_officer_at(const struct trust *t, size_t i);
size_t trust_approvals(const struct trust *t);
size_t trust_count(const struct trust *t);
const struct trust_party *trust_at(const struct trust *t, size_t i);
/* NULL when there is none. */
const struct trust_party *trust_party(const struct trust *t, const struct party *code);
const struct trust_party *trust_by_curve(const struct trust *t, const uint8_t key[CURVE_KEY_SIZE]);
const struct trust_party *trust_exchange(const struct trust *t); /* the broker's own entry */
/* The broker's log key: Ed25519 public key and the name in its checkpoints' signature lines. */
const uint8_t *trust_log_key(const struct trust *t);
const char *trust_log_name(const struct trust *t);

/* The party's signing key whose certificate has this digest, valid at `when'; the key is a loan.
 * E_UNKNOWN_CERT, E_CERT_EXPIRED, E_CERT_REVOKED. */
enum err trust_signing_key(const struct trust_party *p, const struct digest *cert, int64_t when,
	EVP_PKEY **out) MUST_USE;
/* The same whether it is valid or not, so that what is only old can be told from a forgery; NULL
 * for a certificate that is not this party's. A loan. */
EVP_PKEY *trust_listed_key(const struct trust_party *p, const struct digest *cert);
/* May this header's sender send this action to this addressee under this agreement and purpose?
 * Messages of action Receipt between a party and the exchange, and a party's
 * ReconciliationStatement to the exchange, need no agreement (their agreement is NONE).
 * A Cancellation needs an agreement between the two, in force or not, and the consent token of the
 * case that it stops. A token that travels along must be for this road, case and purpose; whether
 * it is signed is consent_token_verify's. E_UNKNOWN_PARTY, E_WRONG_REALM, E_NO_AGREEMENT,
 * E_PURPOSE, E_CONSENT_MISSING, E_CONSENT_SCOPE, E_CONSENT_EXPIRED, E_PROTECTION. */
enum err trust_allows(const struct trust *t, const struct header *h, int64_t now) MUST_USE;
/* The agreement that lets `from' send `action' to `to', NULL when there is none; of several, the
 * one that is valid longest. */
const struct trust_agreement *trust_agreement(const struct trust *t, const struct party *from,
	const struct party *to, enum action action);
/* The agreement of this id, NULL when there is none. */
const struct trust_agreement *trust_agreement_by_id(const struct trust *t, const char *id);
/* Whom a body under this agreement is encrypted to: the addressee's certificates first, then those
 * of AlsoTo, loans. The answer is how many; 0 when the addressee has none. With room for
 * TRUST_RECIPIENTS nobody is left out: the list was checked. */
size_t trust_recipients(
	const struct trust *t, const struct trust_agreement *agreement, X509 **out, size_t max);
size_t trust_revocation_count(const struct trust *t);
const struct trust_revocation *trust_revocation_at(const struct trust *t, size_t i);
/* What ends by `now' + `within' or has ended, and is not revoked: the soonest first. At most `max'
 * are written to `out'; the answer is how many there are. */
size_t trust_expiring(
	const struct trust *t, int64_t now, int64_t within, struct trust_expiry *out, size_t max);
size_t trust_agreement_count(const struct trust *t);
const struct trust_agreement *trust_agreement_at(const struct trust *t, size_t i);

/* The authorities that demand fresh revocation data, one after the other; false behind the last. */
struct trust_demand {
	char country[3];      /* "" for the realm's own */
	struct digest anchor; /* SHA-256 of its certificate */
	int64_t grace_ms;     /* how long after its nextUpdate data may be relied on */
};
bool trust_demand(const struct trust *t, size_t i, struct trust_demand *out);
/* Of this anchor, ms; -1: it demands none, or is none of the list. */
int64_t trust_grace(const struct trust *t, const struct digest *anchor);

#endif
