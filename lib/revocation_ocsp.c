/* SPDX-License-Identifier: EUPL-1.2
 *
 * An OCSP response (RFC 6960) in the one form that is taken: a basic response about one certificate
 * of the trust list, with a nextUpdate, signed by the authority that issued the certificate or by a
 * responder whom that authority has certified for nothing else (section 4.2.2.2). It is made ahead
 * and travels with the messages, so it carries no nonce of ours: what protects against an old one
 * is its thisUpdate, which must rise. */
#include "lib/revocation_parts.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#define OID_OCSP_SIGNING "1.3.6.1.5.5.7.3.9"

struct answer {
	const struct trust *trust;
	OCSP_BASICRESP *basic;
	OCSP_SINGLERESP *single;
	const struct trust_anchor *anchor; /* that issued the certificate it is about */
	X509 *cert;			   /* a loan from the trust list */
	int64_t produced_at;
};

static void
response_free(OCSP_RESPONSE **r)
{
	OCSP_RESPONSE_free(*r);
	*r = NULL;
}

static void
basic_free(OCSP_BASICRESP **b)
{
	OCSP_BASICRESP_free(*b);
	*b = NULL;
}

/* The octets are exactly those that this content is encoded to: nothing behind, nothing within that
 * the signature would not see. */
static bool
is_encoding_of(struct bytes der, OCSP_BASICRESP *basic)
{
	OWNED(OCSP_RESPONSE, again, response_free) =
		OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	unsigned char *octets = NULL;
	int n = again ? i2d_OCSP_RESPONSE(again, &octets) : -1;
	bool same = n > 0 && (size_t)n == der.size && memcmp(octets, der.data, der.size) == 0;

	OPENSSL_free(octets);
	return same;
}

static OCSP_BASICRESP *
decode(struct bytes der)
{
	const uint8_t *end = der.data;
	OWNED(OCSP_RESPONSE, r, response_free) = d2i_OCSP_RESPONSE(NULL, &end, (long)der.size);
	OWNED(OCSP_BASICRESP, basic, basic_free) = NULL;

	if (!r || OCSP_response_status(r) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		return NULL;
	basic = OCSP_response_get1_basic(r);
	return basic && is_encoding_of(der, basic) ? TAKE(basic) : NULL;
}

/* No extension is known here, so none may be critical. */
static bool
extensions_fit(OCSP_BASICRESP *basic, OCSP_SINGLERESP *single)
{
	return OCSP_BASICRESP_get_ext_by_critical(basic, 1, -1) < 0 &&
	       OCSP_SINGLERESP_get_ext_by_critical(single, 1, -1) < 0;
}

/* ---- which certificate it is about ---- */

/* The digest in a certificate's id only names; SHA-1 is what most responders use. */
static const EVP_MD *
digest_of_id(OCSP_CERTID *id)
{
	ASN1_OBJECT *name = NULL;

	if (OCSP_id_get0_info(NULL, &name, NULL, NULL, id) != 1)
		return NULL;
	switch (OBJ_obj2nid(name)) {
	case NID_sha1:
		return EVP_sha1();
	case NID_sha256:
		return EVP_sha256();
	default:
		return NULL;
	}
}

/* The number is looked at first: it costs nothing, and who issued the certificate costs a
 * signature. */
static bool
names_it(struct answer *a, const struct trust_party *p, X509 *cert)
{
	OCSP_CERTID *id = (OCSP_CERTID *)OCSP_SINGLERESP_get0_id(a->single), *ours;
	const EVP_MD *md = digest_of_id(id);
	ASN1_INTEGER *serial = NULL;
	bool same;

	if (!md || OCSP_id_get0_info(NULL, NULL, NULL, &serial, id) != 1 ||
		ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(cert)) != 0)
		return false;
	a->anchor = trust_issuer(a->trust, p->country, cert);
	ours = a->anchor ? OCSP_cert_to_id(md, cert, a->anchor->cert) : NULL;
	same = ours && OCSP_id_cmp(ours, id) == 0;
	OCSP_CERTID_free(ours);
	a->cert = same ? cert : NULL;
	return same;
}

static bool
find_cert(struct answer *a)
{
	for (size_t i = 0; i < a->trust->n_party; i++) {
		const struct trust_party *p = &a->trust->party[i];

		for (size_t k = 0; k < p->n_sign; k++)
			if (names_it(a, p, p->sign[k]))
				return true;
		for (size_t k = 0; k < p->n_encrypt; k++)
			if (names_it(a, p, p->encrypt[k]))
				return true;
	}
	return false;
}

/* ---- who signed it ---- */

/* RFC 6960 section 4.2.1: the responder is named by its subject or by the SHA-1 of its key. */
static bool
is_responder(const OCSP_BASICRESP *basic, const X509 *cert)
{
	const ASN1_OCTET_STRING *hash = NULL;
	const X509_NAME *name = NULL;
	uint8_t ours[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (OCSP_resp_get0_id(basic, &hash, &name) != 1)
		return false;
	if (name)
		return X509_NAME_cmp(name, X509_get_subject_name(cert)) == 0;
	return hash && X509_pubkey_digest(cert, EVP_sha1(), ours, &n) == 1 &&
	       ASN1_STRING_length(hash) == (int)n &&
	       memcmp(ASN1_STRING_get0_data(hash), ours, n) == 0;
}

static bool
signed_with(const OCSP_BASICRESP *basic, X509 *cert)
{
	const X509_ALGOR *algorithm = OCSP_resp_get0_tbs_sigalg(basic);

	return signature_allowed(algorithm) &&
	       ASN1_item_verify(ASN1_ITEM_rptr(OCSP_RESPDATA), algorithm,
		       OCSP_resp_get0_signature(basic), OCSP_resp_get0_respdata(basic),
		       X509_get0_pubkey(cert)) == 1;
}

/* The one certificate that a response may carry. */
static X509 *
delegate_of(const OCSP_BASICRESP *basic)
{
	const STACK_OF(X509) *certs = OCSP_resp_get0_certs(basic);

	return certs && sk_X509_num(certs) == 1 ? sk_X509_value(certs, 0) : NULL;
}

static bool
delegate_fits(const struct answer *a, X509 *cert)
{
	uint32_t usage = X509_get_key_usage(cert);

	return is_responder(a->basic, cert) && (usage & KU_DIGITAL_SIGNATURE) &&
	       trust_usage_is(cert, OID_OCSP_SIGNING) &&
	       trust_leads_to(a->anchor, cert, a->produced_at) == E_OK &&
	       trust_revoked_from(a->trust, a->anchor->country, cert) == INT64_MAX;
}

/* A responder's word does not outlive its certificate. */
static bool
signer_fits(const struct answer *a, struct evidence *out)
{
	X509 *delegate = delegate_of(a->basic);
	int64_t until;

	if (is_responder(a->basic, a->anchor->cert))
		return anchor_lives(a->anchor, a->produced_at) &&
		       signed_with(a->basic, a->anchor->cert);
	if (!delegate || !delegate_fits(a, delegate) || !signed_with(a->basic, delegate) ||
		!time_of(X509_get0_notAfter(delegate), &until) ||
		!serial_of(X509_get0_serialNumber(delegate), &out->responder))
		return false;
	if (until < out->facts.next_update)
		out->facts.next_update = until;
	return true;
}

/* ---- what it says ---- */

/* "Unknown" says nothing, and must not take the place of what is known. */
static bool
read_single(struct answer *a, struct evidence *out)
{
	ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *until = NULL;
	struct revocation_facts *f = &out->facts;
	int status = OCSP_single_get0_status(a->single, NULL, &revoked, &from, &until);

	if (!time_of(from, &f->this_update) || !time_of(until, &f->next_update))
		return false;
	out->revoked = xcalloc(1, sizeof(*out->revoked));
	if (status == V_OCSP_CERTSTATUS_GOOD)
		return true;
	out->n = 1;
	return status == V_OCSP_CERTSTATUS_REVOKED && time_of(revoked, &out->revoked[0].at) &&
	       serial_of(X509_get0_serialNumber(a->cert), &out->revoked[0].serial);
}

static bool
times_fit(const struct revocation_facts *f, int64_t produced_at, int64_t now)
{
	return produced_at <= now + CLOCK_AHEAD && f->this_update <= produced_at &&
	       f->this_update < f->next_update && produced_at < f->next_update;
}

static bool
read_answer(struct answer *a, int64_t now, struct evidence *out)
{
	struct revocation_facts *f = &out->facts;

	if (!extensions_fit(a->basic, a->single) || !find_cert(a) || !read_single(a, out) ||
		!time_of(OCSP_resp_get0_produced_at(a->basic), &a->produced_at) ||
		!times_fit(f, a->produced_at, now) || !signer_fits(a, out))
		return false;
	f->kind = REVOCATION_OCSP;
	memcpy(f->country, a->anchor->country, sizeof(f->country));
	out->anchor = a->anchor->digest;
	return trust_cert_digest(a->cert, &f->subject);
}

enum err
ocsp_read(const struct trust *t, struct bytes der, int64_t now, struct evidence *out, bool *is_one)
{
	OWNED(OCSP_BASICRESP, basic, basic_free) = decode(der);
	struct answer a = {.trust = t, .basic = basic};

	if (!basic)
		return E_REVOCATION;
	*is_one = true;
	if (OCSP_resp_count(basic) != 1)
		return E_REVOCATION;
	a.single = OCSP_resp_get0(basic, 0);
	return read_answer(&a, now, out) ? E_OK : E_REVOCATION;
}
