/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may have signed a consent token, by the trust list. Apart from reading it, so that what only
 * reads tokens needs no trust list. */
#include "lib/consent_token_parts.h"
#include "lib/revocation.h"
#include "lib/signature.h"
#include "lib/trust.h"

/* A certificate that has ended since may still have signed when the token was issued; one that was
 * revoked may have been used, with any date, by whoever stole its key. */
static enum err
verify_one(const struct consent_token *t, const char *prefix, const struct trust_party *by,
	const struct digest *cert, struct bytes base64)
{
	OWNED_BUF(text) = {0};
	uint8_t value[SIGNATURE_MAX];
	size_t size = sizeof value;
	enum method method;
	EVP_PKEY *key;
	enum err e = trust_signing_key(by, cert, t->issued, &key);

	if (e == E_CERT_REVOKED)
		return e;
	if (e != E_OK || !method_of_key(key, &method) ||
		!base64_decode((const char *)base64.data, base64.size, value, &size))
		return E_CONSENT_FORGED;
	consent_token_signed_text(t, prefix, &text);
	return signature_check(key, method, buf_bytes(&text), bytes_of(value, size))
		       ? E_OK
		       : E_CONSENT_FORGED;
}

/* One key in two certificates is one officer. */
static bool
is_one_key(const struct trust_party *by, const struct consent_token *t)
{
	return EVP_PKEY_eq(trust_listed_key(by, &t->cert), trust_listed_key(by, &t->cleared_by)) ==
	       1;
}

static enum err
not_revoked(const struct trust_party *by, const struct digest *cert, const struct trust *trust,
	const struct revocations *revocations, int64_t when)
{
	for (size_t i = 0; i < by->n_sign; i++)
		if (digest_equal(&by->sign_digest[i], cert) && by->sign_revoked[i] != INT64_MAX)
			return E_CERT_REVOKED;
	return revocations_judge(revocations, trust, by, cert, when);
}

enum err
consent_token_verify(struct bytes element, const struct consent_token *t, const struct trust *trust,
	const struct revocations *revocations, int64_t when)
{
	const struct trust_party *by = trust_party(trust, &t->by);
	struct consent_token there;
	struct token_parts p;

	if (!consent_token_parts(element, &there, &p) || p.size != element.size ||
		!consent_token_equal(&there, t) || by == NULL || by->role != ROLE_LIAISON)
		return E_CONSENT_FORGED;
	TRY(verify_one(t, GRANT_PREFIX, by, &t->cert, p.grant));
	if (t->cleared) {
		TRY(verify_one(t, CLEARANCE_PREFIX, by, &t->cleared_by, p.clearance));
		if (is_one_key(by, t))
			return E_CONSENT_FORGED;
		TRY(not_revoked(by, &t->cleared_by, trust, revocations, when));
	}
	return not_revoked(by, &t->cert, trust, revocations, when);
}
