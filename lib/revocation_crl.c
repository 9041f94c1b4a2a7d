/* SPDX-License-Identifier: EUPL-1.2
 *
 * A certificate revocation list (RFC 5280 section 5) in the one form that is taken: version 2, all
 * certificates of the authority that signed it, a number, a nextUpdate. Whatever would make it
 * speak of less or of others (a delta, an issuing distribution point, another authority's entries)
 * refuses the whole list, and so does anything critical that is not known here. */
#include "lib/revocation_parts.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

static void
crl_free(X509_CRL **c)
{
	X509_CRL_free(*c);
	*c = NULL;
}

/* All octets, and exactly those that its content is encoded to. */
static X509_CRL *
decode(struct bytes der)
{
	const uint8_t *end = der.data;
	OWNED(X509_CRL, crl, crl_free) = d2i_X509_CRL(NULL, &end, (long)der.size);
	unsigned char *again = NULL;
	bool same;
	int n;

	if (!crl)
		return NULL;
	n = i2d_X509_CRL(crl, &again);
	same = n > 0 && (size_t)n == der.size && memcmp(again, der.data, der.size) == 0;
	OPENSSL_free(again);
	return same ? TAKE(crl) : NULL;
}

static bool
algorithm_fits(const X509_CRL *crl)
{
	const X509_ALGOR *algorithm = NULL;
	const ASN1_BIT_STRING *signature = NULL;

	X509_CRL_get0_signature(crl, &signature, &algorithm);
	return signature_allowed(algorithm);
}

/* ---- who signed it ---- */

static bool
signed_by(X509_CRL *crl, X509 *anchor)
{
	uint32_t usage = X509_get_key_usage(anchor);

	return X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(anchor)) == 0 &&
	       usage != UINT32_MAX && (usage & KU_CRL_SIGN) &&
	       X509_CRL_verify(crl, X509_get0_pubkey(anchor)) == 1;
}

static const struct trust_anchor *
signer_of(const struct trust *t, X509_CRL *crl)
{
	for (size_t i = 0; i < t->n_anchor; i++)
		if (signed_by(crl, t->anchor[i].cert))
			return &t->anchor[i];
	return NULL;
}

/* ---- what it says ---- */

static bool
known_extension(X509_EXTENSION *e)
{
	switch (OBJ_obj2nid(X509_EXTENSION_get_object(e))) {
	case NID_crl_number:
	case NID_authority_key_identifier:
		return true;
	case NID_delta_crl:
	case NID_issuing_distribution_point:
		return false;
	default:
		return !X509_EXTENSION_get_critical(e);
	}
}

static bool
extensions_fit(const X509_CRL *crl)
{
	for (int i = 0; i < X509_CRL_get_ext_count(crl); i++)
		if (!known_extension(X509_CRL_get_ext(crl, i)))
			return false;
	return true;
}

/* Written from the right into all 20 octets. An extension that stands there twice is none. */
static bool
read_number(X509_CRL *crl, uint8_t out[20])
{
	ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	bool fits = number && number->type == V_ASN1_INTEGER && number->length >= 1 &&
		    number->length <= 20;

	memset(out, 0, 20);
	if (fits)
		memcpy(out + 20 - number->length, number->data, (size_t)number->length);
	ASN1_INTEGER_free(number);
	return fits;
}

static bool
known_entry_extension(X509_EXTENSION *e)
{
	switch (OBJ_obj2nid(X509_EXTENSION_get_object(e))) {
	case NID_crl_reason:
	case NID_invalidity_date:
		return true;
	case NID_certificate_issuer:
		return false;
	default:
		return !X509_EXTENSION_get_critical(e);
	}
}

/* "Removed" belongs in delta lists only. */
static bool
reason_fits(const X509_REVOKED *entry)
{
	int critical = -1;
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &critical, NULL);
	bool fits =
		reason ? ASN1_ENUMERATED_get(reason) != CRL_REASON_REMOVE_FROM_CRL : critical == -1;

	ASN1_ENUMERATED_free(reason);
	return fits;
}

/* The key may have been in other hands before its revocation was written down: the earlier of the
 * two instants counts. */
static bool
read_instant(const X509_REVOKED *entry, int64_t *out)
{
	int critical = -1;
	ASN1_GENERALIZEDTIME *since =
		X509_REVOKED_get_ext_d2i(entry, NID_invalidity_date, &critical, NULL);
	int64_t earlier = INT64_MAX;
	bool fits = since ? time_of(since, &earlier) : critical == -1;

	ASN1_GENERALIZEDTIME_free(since);
	fits = fits && time_of(X509_REVOKED_get0_revocationDate(entry), out);
	if (earlier < *out)
		*out = earlier;
	return fits;
}

static bool
read_entry(const X509_REVOKED *entry, struct revoked *out)
{
	for (int i = 0; i < X509_REVOKED_get_ext_count(entry); i++)
		if (!known_entry_extension(X509_REVOKED_get_ext(entry, i)))
			return false;
	return reason_fits(entry) && read_instant(entry, &out->at) &&
	       serial_of(X509_REVOKED_get0_serialNumber(entry), &out->serial);
}

static enum err
read_entries(X509_CRL *crl, struct evidence *out)
{
	STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl);
	int n = entries ? sk_X509_REVOKED_num(entries) : 0;

	out->revoked = xcalloc((size_t)n + 1, sizeof(*out->revoked));
	out->n = (size_t)n;
	for (int i = 0; i < n; i++)
		if (!read_entry(sk_X509_REVOKED_value(entries, i), &out->revoked[i]))
			return E_REVOCATION;
	return E_OK;
}

/* Not of the future, and made while the authority's certificate was valid. */
static bool
times_fit(const X509_CRL *crl, const struct trust_anchor *anchor, int64_t now,
	struct revocation_facts *f)
{
	return time_of(X509_CRL_get0_lastUpdate(crl), &f->this_update) &&
	       time_of(X509_CRL_get0_nextUpdate(crl), &f->next_update) &&
	       f->this_update <= now + CLOCK_AHEAD && f->this_update < f->next_update &&
	       anchor_lives(anchor, f->this_update);
}

enum err
crl_read(const struct trust *t, struct bytes der, int64_t now, struct evidence *out, bool *is_one)
{
	OWNED(X509_CRL, crl, crl_free) = decode(der);
	const struct trust_anchor *anchor;
	struct revocation_facts *f = &out->facts;

	if (!crl)
		return E_REVOCATION;
	*is_one = true;
	if (X509_CRL_get_version(crl) != X509_CRL_VERSION_2 || !algorithm_fits(crl) ||
		!extensions_fit(crl) || !read_number(crl, f->number))
		return E_REVOCATION;
	anchor = signer_of(t, crl);
	if (!anchor || !times_fit(crl, anchor, now, f))
		return E_REVOCATION;
	f->kind = REVOCATION_CRL;
	memcpy(f->country, anchor->country, sizeof(f->country));
	f->subject = out->anchor = anchor->digest;
	return read_entries(crl, out);
}
