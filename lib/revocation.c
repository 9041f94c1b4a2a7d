/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is in force: for each authority its newest list, for each certificate its newest response.
 * The octets are kept, so that a newer trust list can be asked whether its anchors still stand
 * behind them.
 *
 * A judgement takes the worst that anybody says: revoked by the trust list, by the authority's list
 * or by a response is revoked. Good is only what was looked at in time. */
#include "lib/revocation_parts.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/objects.h>

struct revocations {
	struct evidence *evidence;
	size_t n;
};

void
evidence_free(struct evidence *e)
{
	free(e->revoked);
	buf_free(&e->der);
	memset(e, 0, sizeof(*e));
}

struct revocations *
revocations_new(void)
{
	return xcalloc(1, sizeof(struct revocations));
}

void
revocations_free(struct revocations **r)
{
	struct revocations *old = TAKE(*r);

	if (!old)
		return;
	for (size_t i = 0; i < old->n; i++)
		evidence_free(&old->evidence[i]);
	free(old->evidence);
	free(old);
}

/* ---- what both kinds need ---- */

bool
serial_of(const ASN1_INTEGER *number, struct serial *out)
{
	if (!serial_fits(number))
		return false;
	memset(out, 0, sizeof(*out));
	out->size = (size_t)number->length;
	memcpy(out->octet, number->data, out->size);
	return true;
}

bool
signature_allowed(const X509_ALGOR *algorithm)
{
	static const int allowed[] = {NID_ecdsa_with_SHA256, NID_ecdsa_with_SHA384,
		NID_ecdsa_with_SHA512, NID_sha256WithRSAEncryption, NID_sha384WithRSAEncryption,
		NID_sha512WithRSAEncryption};
	const ASN1_OBJECT *name = NULL;

	X509_ALGOR_get0(&name, NULL, NULL, algorithm);
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
		if (OBJ_obj2nid(name) == allowed[i])
			return true;
	return false;
}

bool
time_of(const ASN1_TIME *t, int64_t *out)
{
	*out = t ? trust_asn1_ms(t, INT64_MIN) : INT64_MIN;
	return *out != INT64_MIN;
}

bool
anchor_lives(const struct trust_anchor *a, int64_t at)
{
	int64_t from, until;

	return time_of(X509_get0_notBefore(a->cert), &from) &&
	       time_of(X509_get0_notAfter(a->cert), &until) && at >= from && at <= until;
}

/* ---- taking ---- */

static enum err
read_evidence(const struct trust *t, struct bytes der, int64_t now, struct evidence *out)
{
	bool is_one = false;
	enum err e = E_REVOCATION;

	if (der.size > 0 && der.size <= REVOCATION_MAX)
		e = crl_read(t, der, now, out, &is_one);
	if (!is_one && der.size > 0 && der.size <= REVOCATION_OCSP_MAX)
		e = ocsp_read(t, der, now, out, &is_one);
	ERR_clear_error();
	if (e != E_OK)
		evidence_free(out);
	out->facts.magic = REVOCATION_MAGIC;
	out->facts.code = e;
	digest_of(der.data, der.size, &out->facts.digest);
	out->taken = now;
	return e;
}

static struct evidence *
find_same(const struct revocations *r, const struct revocation_facts *f)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->evidence[i].facts.kind == f->kind &&
			digest_equal(&r->evidence[i].facts.subject, &f->subject))
			return &r->evidence[i];
	return NULL;
}

static bool
is_newer(const struct revocation_facts *next, const struct revocation_facts *known)
{
	if (next->kind == REVOCATION_CRL)
		return memcmp(next->number, known->number, sizeof(next->number)) > 0;
	return next->this_update > known->this_update;
}

static struct evidence *
new_place(struct revocations *r)
{
	r->evidence = xrealloc(r->evidence, (r->n + 1) * sizeof(*r->evidence));
	memset(&r->evidence[r->n], 0, sizeof(*r->evidence));
	return &r->evidence[r->n++];
}

enum err
revocations_take(struct revocations *r, const struct trust *t, struct bytes der, int64_t now,
	struct revocation_facts *out)
{
	struct evidence next = {0};
	enum err e = read_evidence(t, der, now, &next);
	struct evidence *known = find_same(r, &next.facts);

	if (e == E_OK && known && !is_newer(&next.facts, &known->facts))
		e = next.facts.code = E_REVOCATION_OLD;
	*out = next.facts;
	if (e != E_OK) {
		evidence_free(&next);
		return e;
	}
	if (!known)
		known = new_place(r);
	buf_add_bytes(&next.der, der);
	evidence_free(known);
	*known = next;
	return E_OK;
}

void
revocations_trust(struct revocations *r, const struct trust *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct evidence old = r->evidence[i], again = {0};

		if (read_evidence(t, buf_bytes(&old.der), old.taken, &again) == E_OK) {
			again.der = old.der;
			old.der = (struct buf){0};
			r->evidence[kept++] = again;
		}
		evidence_free(&old);
	}
	r->n = kept;
}

/* ---- judging ---- */

struct question {
	const struct trust_anchor *anchor; /* that issued the certificate */
	struct digest cert;
	struct serial serial;
	int64_t when;
};

static bool
speaks_of(const struct evidence *e, const struct question *q)
{
	if (!digest_equal(&e->anchor, &q->anchor->digest))
		return false;
	return e->facts.kind == REVOCATION_CRL || digest_equal(&e->facts.subject, &q->cert);
}

/* The instant from which a certificate of this serial number is revoked by `e'. */
static int64_t
revoked_from(const struct evidence *e, const struct serial *s)
{
	int64_t from = INT64_MAX;

	for (size_t i = 0; i < e->n; i++) {
		const struct revoked *r = &e->revoked[i];

		if (r->serial.size == s->size && memcmp(r->serial.octet, s->octet, s->size) == 0 &&
			r->at < from)
			from = r->at;
	}
	return from;
}

static bool
is_revoked(const struct revocations *r, const struct question *q)
{
	for (size_t i = 0; i < r->n; i++)
		if (speaks_of(&r->evidence[i], q) &&
			revoked_from(&r->evidence[i], &q->serial) <= q->when)
			return true;
	return false;
}

/* Nobody's word is taken who was revoked, at whatever time: whoever has his key can date it back.
 */
static bool
responder_stands(const struct revocations *r, const struct evidence *response)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct evidence *e = &r->evidence[i];

		if (e->facts.kind == REVOCATION_CRL &&
			digest_equal(&e->anchor, &response->anchor) &&
			revoked_from(e, &response->responder) != INT64_MAX)
			return false;
	}
	return true;
}

static bool
is_known(const struct revocations *r, const struct question *q)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct evidence *e = &r->evidence[i];

		if (speaks_of(e, q) && q->when <= e->facts.next_update + q->anchor->grace_ms &&
			responder_stands(r, e))
			return true;
	}
	return false;
}

static bool
ask_about(const struct trust *t, const struct trust_party *p, X509 *cert, struct question *q)
{
	q->anchor = trust_issuer(t, p->country, cert);
	return q->anchor != NULL && serial_of(X509_get0_serialNumber(cert), &q->serial);
}

/* Signing certificates were led to their anchors when the list was loaded; one to encrypt to is led
 * there now. */
static enum err
find_cert(const struct trust *t, const struct trust_party *p, struct question *q)
{
	struct digest d;

	for (size_t i = 0; i < p->n_sign; i++) {
		if (!digest_equal(&p->sign_digest[i], &q->cert))
			continue;
		q->anchor = p->sign_anchor[i];
		if (!serial_of(X509_get0_serialNumber(p->sign[i]), &q->serial))
			return E_UNKNOWN_CERT;
		return p->sign_revoked[i] <= q->when ? E_CERT_REVOKED : E_OK;
	}
	for (size_t i = 0; i < p->n_encrypt; i++)
		if (trust_cert_digest(p->encrypt[i], &d) && digest_equal(&d, &q->cert))
			return ask_about(t, p, p->encrypt[i], q) ? E_OK : E_UNKNOWN_CERT;
	return E_UNKNOWN_CERT;
}

enum err
revocations_judge(const struct revocations *r, const struct trust *t, const struct trust_party *p,
	const struct digest *cert, int64_t when)
{
	static const struct revocations nothing;
	struct question q = {.cert = *cert, .when = when};

	TRY(find_cert(t, p, &q));
	if (!r)
		r = &nothing;
	if (is_revoked(r, &q))
		return E_CERT_REVOKED;
	return q.anchor->grace_ms < 0 || is_known(r, &q) ? E_OK : E_HELD;
}
