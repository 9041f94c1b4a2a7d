/* SPDX-License-Identifier: EUPL-1.2
 *
 * The consent token: what of a consent travels in the clear header, so that the exchange can
 * enforce a consent that it cannot read. No person is in it: a random id, the three parties that
 * the case may be known to, the case, the purpose, an end. The liaison office that took the consent
 * signs it; on corridors where the trust list says so a second officer of that office has signed
 * too. The issuing registry sends the same octets along with the extract.
 *
 *	<e:ConsentToken by=".." conversation=".." destination=".." holder=".." id=".." issuedAt=".."
 *	 purpose=".." validUntil=".."><e:Grant cert="..">signature</e:Grant>
 *	 <e:Clearance cert="..">signature</e:Clearance>?</e:ConsentToken>
 *
 * Signed are the octets of the start tag, behind a line that says what for. The octets of the
 * element have one spelling, and are read without any XML library. */
#ifndef DAFTAR_CONSENT_TOKEN_H
#define DAFTAR_CONSENT_TOKEN_H

#include "lib/buf.h"
#include "lib/id.h"
#include "lib/keyring.h"

#define TOKEN_PURPOSE_SIZE 32
/* The longest that the element can be, with two signatures by RSA keys of 8192 bits. */
#define CONSENT_TOKEN_MAX 4096

/* Of fixed size, so that it can cross a process boundary inside a header. */
struct consent_token {
	struct id id;		  /* random: names the consent when it is withdrawn */
	struct id conversation;	  /* the case; in the header's too */
	struct party by;	  /* the liaison office that signs */
	struct party holder;	  /* the issuing registry, which sends it on */
	struct party destination; /* the registry that may be told */
	char purpose[TOKEN_PURPOSE_SIZE];
	int64_t issued, valid_until; /* ms UTC */
	struct digest cert;	     /* SHA-256 of the certificate that granted it */
	bool cleared;		     /* a second officer has signed: */
	struct digest cleared_by;    /* with this certificate; zero without one */
};

/* Signs what `t' says and appends the element; sets t->cert. `t' must not be cleared yet. */
enum err consent_token_grant(
	struct consent_token *t, const struct identity *signer, struct buf *element) MUST_USE;
/* The same element with the second officer's signature behind the first; sets t->cleared and
 * t->cleared_by. E_STATE when it has one, or when it is the same certificate. */
enum err consent_token_clear(struct consent_token *t, struct bytes element,
	const struct identity *officer, struct buf *out) MUST_USE;

/* Reads the element as it stands in octets that are canonical. False unless every octet is as it
 * would be written. */
bool consent_token_read(struct bytes element, struct consent_token *out) MUST_USE;
/* Every value is one that could have been read; all zero is not sane. */
bool consent_token_sane(const struct consent_token *t) MUST_USE;
/* True when `octets' begin with the element that `t' was read from, whatever its signatures;
 * *size is its length. */
bool consent_token_stands_in(
	struct bytes octets, const struct consent_token *t, size_t *size) MUST_USE;
bool consent_token_equal(const struct consent_token *a, const struct consent_token *b);

struct trust;
struct revocations;
/* Are the signatures those of two officers of a liaison office of the trust list, whose
 * certificates were valid when it was issued and have not been revoked since? `when' is the time at
 * hand. E_CONSENT_FORGED, E_CERT_REVOKED, E_HELD as revocations_judge. */
enum err consent_token_verify(struct bytes element, const struct consent_token *t,
	const struct trust *trust, const struct revocations *revocations, int64_t when) MUST_USE;

#endif
