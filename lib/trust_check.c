/* SPDX-License-Identifier: EUPL-1.2
 *
 * What makes a signed list a good one. A party's certificate must lead to an anchor of that party's
 * own country, so no authority can speak for another State (the country is taken from the list and
 * must also stand in the certificate); it must be of our profile: a strong key, the one key usage
 * it is listed for, our own extended key usage. And what the schema cannot say: one of each code,
 * key and agreement, one exchange.
 *
 * Time: the list is to live for weeks, so a certificate that is not valid today does not spoil it.
 * It is checked at the nearest instant of its own life, and its life is kept for those who use it.
 */
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "lib/trust_parts.h"

enum use { USE_SIGN, USE_ENCRYPT };

int64_t
trust_asn1_ms(const ASN1_TIME *t, int64_t otherwise)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return otherwise;
	return (int64_t)timegm(&tm) * 1000;
}

struct life
cert_life(const X509 *cert)
{
	return (struct life){trust_asn1_ms(X509_get0_notBefore(cert), INT64_MAX),
		trust_asn1_ms(X509_get0_notAfter(cert), INT64_MIN)};
}

/* Exactly one C= with this value; none at all for an organisation. It is a PrintableString (X.520):
 * two octets of another kind may be another text. */
static bool
country_fits(const X509 *cert, const char *country)
{
	const X509_NAME *name = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(name, NID_countryName, -1);
	const ASN1_STRING *value;

	if (!*country)
		return at == -1;
	if (at < 0 || X509_NAME_get_index_by_NID(name, NID_countryName, at) != -1)
		return false;
	value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	return ASN1_STRING_type(value) == V_ASN1_PRINTABLESTRING &&
	       ASN1_STRING_length(value) == 2 &&
	       memcmp(ASN1_STRING_get0_data(value), country, 2) == 0;
}

bool
trust_usage_is(const X509 *cert, const char *oid)
{
	EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
	char text[80] = "";
	bool good = false;

	if (usages && sk_ASN1_OBJECT_num(usages) == 1) {
		OBJ_obj2txt(text, sizeof(text), sk_ASN1_OBJECT_value(usages, 0), 1);
		good = strcmp(text, oid) == 0;
	}
	EXTENDED_KEY_USAGE_free(usages);
	return good;
}

/* Profile of a party's certificate, beside what cert_verify asks of every leaf. X509_get_key_usage
 * says UINT32_MAX when there is no such extension, and an absent usage would allow everything: it
 * is refused. */
static bool
profile_fits(X509 *cert, const char *country, enum use use)
{
	uint32_t usage = X509_get_key_usage(cert);
	uint32_t wanted =
		use == USE_SIGN ? KU_DIGITAL_SIGNATURE : KU_KEY_AGREEMENT | KU_KEY_ENCIPHERMENT;

	if (X509_get_version(cert) != X509_VERSION_3 || X509_check_ca(cert) != 0)
		return false;
	if (usage == UINT32_MAX || !(usage & wanted) || (usage & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)))
		return false;
	if (!trust_usage_is(cert, use == USE_SIGN ? OID_MESSAGE_SIGNING : OID_MESSAGE_ENCRYPTION))
		return false;
	return country_fits(cert, country);
}

static bool
is_ed25519(X509 *cert)
{
	return EVP_PKEY_get_base_id(X509_get0_pubkey(cert)) == EVP_PKEY_ED25519;
}

static enum err
check_key(X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);

	if (!key)
		return E_CERT_CHAIN;
	TRY(cert_check_strength(cert));
	/* Good for the log's notes, not in the closed list of XML signatures and key agreement. */
	return is_ed25519(cert) ? E_WEAK_KEY : E_OK;
}

static void
free_stack(STACK_OF(X509) * *s)
{
	sk_X509_free(*s);
}

const struct trust_anchor *
trust_issuer(const struct trust *t, const char *country, X509 *cert)
{
	const struct trust_anchor *found = NULL;

	for (size_t i = 0; i < t->n_anchor && !found; i++) {
		const struct trust_anchor *a = &t->anchor[i];

		if (strcmp(a->country, country) == 0 &&
			X509_check_issued(a->cert, cert) == X509_V_OK &&
			X509_verify(cert, X509_get0_pubkey(a->cert)) == 1)
			found = a;
	}
	ERR_clear_error();
	return found;
}

enum err
trust_leads_to(const struct trust_anchor *a, X509 *cert, int64_t when)
{
	__attribute__((cleanup(free_stack))) STACK_OF(X509) *anchors = sk_X509_new_null();

	if (!anchors || !sk_X509_push(anchors, a->cert))
		die("no memory for a certificate check");
	return cert_verify(cert, anchors, NULL, when);
}

bool
trust_cert_digest(const X509 *cert, struct digest *out)
{
	unsigned n = sizeof(out->octet);

	return X509_digest(cert, EVP_sha256(), out->octet, &n) == 1;
}

static enum err
check_cert(const struct trust *t, const char *country, X509 *cert, enum use use, int64_t now,
	struct life *life, const struct trust_anchor **by)
{
	const struct trust_anchor *issuer;
	struct life anchor;
	int64_t when;

	TRY(check_key(cert));
	issuer = trust_issuer(t, country, cert);
	*by = issuer;
	if (!issuer || !profile_fits(cert, country, use))
		return E_CERT_CHAIN;
	*life = cert_life(cert);
	anchor = cert_life(issuer->cert);
	life->from = anchor.from > life->from ? anchor.from : life->from;
	life->until = anchor.until < life->until ? anchor.until : life->until;
	if (life->from > life->until)
		return E_CERT_CHAIN;
	/* OpenSSL takes the last second for over. */
	when = now < life->until - 1000 ? now : life->until - 1000;
	when = when > life->from ? when : life->from;
	switch (trust_leads_to(issuer, cert, when)) {
	case E_OK:
		return E_OK;
	case E_WEAK_KEY:
		return E_WEAK_KEY;
	default: /* whatever else ails the chain */
		return E_CERT_CHAIN;
	}
}

/* An authority that answers to nobody: what another one has certified (a cross-certificate, an
 * intermediate) is not an anchor. */
static bool
is_anchor(X509 *cert)
{
	uint32_t usage = X509_get_key_usage(cert);
	bool own = X509_self_signed(cert, 1) == 1;

	ERR_clear_error();
	return own && X509_check_ca(cert) == 1 && usage != UINT32_MAX &&
	       (usage & KU_KEY_CERT_SIGN) && !(X509_get_extension_flags(cert) & EXFLAG_INVALID);
}

static enum err
check_anchors(const struct trust *t)
{
	for (size_t i = 0; i < t->n_anchor; i++) {
		X509 *cert = t->anchor[i].cert;

		TRY(check_key(cert));
		if (!is_anchor(cert) || !country_fits(cert, t->anchor[i].country))
			return E_CERT_CHAIN;
	}
	return E_OK;
}

int64_t
trust_revoked_from(const struct trust *t, const char *country, const X509 *cert)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);
	int64_t from = INT64_MAX;

	for (size_t i = 0; i < t->n_revoked; i++) {
		const struct trust_revocation *r = &t->revoked[i];

		if (strcmp(r->country, country) == 0 && (int)r->serial_size == serial->length &&
			memcmp(r->serial, serial->data, r->serial_size) == 0 && r->at < from)
			from = r->at;
	}
	return from;
}

/* Certificates to encrypt to that cannot be used today are dropped: nobody should write to a key
 * that may be in other hands. */
static enum err
check_encrypt(const struct trust *t, struct trust_party *p, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n_encrypt; i++) {
		X509 *cert = p->encrypt[i];
		struct life life;
		const struct trust_anchor *by;

		TRY(check_cert(t, p->country, cert, USE_ENCRYPT, now, &life, &by));
		if (now < life.from || now > life.until ||
			trust_revoked_from(t, p->country, cert) <= now) {
			cert_free(&p->encrypt[i]);
			continue;
		}
		p->encrypt[i] = NULL;
		p->encrypt[kept++] = cert;
	}
	p->n_encrypt = kept;
	return E_OK;
}

/* KE.CRS belongs to KE: a code never claims a country that its anchor is not from. */
static bool
code_fits(const struct trust_party *p)
{
	if (!*p->country)
		return p->role != ROLE_REGISTRY;
	return strncmp(p->code.code, p->country, 2) == 0 && p->code.code[2] == '.';
}

/* Only a registry decides about extracts, and silence is a refusal only by a rule of law. */
static bool
profile_is_sound(const struct trust_party *p)
{
	const struct trust_profile *own = &p->profile;

	if (!own->given)
		return true;
	return p->role == ROLE_REGISTRY && (own->tacit_days > 0) == (own->provision != NULL);
}

static enum err
check_party(const struct trust *t, struct trust_party *p, int64_t now)
{
	if (!profile_is_sound(p))
		return E_SCHEMA;
	if (!code_fits(p) || p->n_sign == 0 || p->n_curve == 0)
		return E_SCHEMA;
	for (size_t i = 0; i < p->n_sign; i++) {
		struct life life;

		TRY(check_cert(
			t, p->country, p->sign[i], USE_SIGN, now, &life, &p->sign_anchor[i]));
		p->sign_from[i] = life.from;
		p->sign_until[i] = life.until;
		p->sign_revoked[i] = trust_revoked_from(t, p->country, p->sign[i]);
	}
	return check_encrypt(t, p, now);
}

static int
by_code(const void *a, const void *b)
{
	const struct trust_party *x = a, *y = b;

	return memcmp(&x->code, &y->code, sizeof(x->code));
}

static enum err
check_parties(struct trust *t, int64_t now)
{
	qsort(t->party, t->n_party, sizeof(*t->party), by_code);
	for (size_t i = 0; i < t->n_party; i++) {
		struct trust_party *p = &t->party[i];

		if (i > 0 && by_code(p - 1, p) == 0)
			return E_SCHEMA;
		TRY(check_party(t, p, now));
		if (p->role != ROLE_EXCHANGE)
			continue;
		if (t->exchange)
			return E_SCHEMA;
		t->exchange = p;
	}
	return t->exchange ? E_OK : E_SCHEMA;
}

/* A public key of the list, and where it stands. */
struct holding {
	struct digest key;
	const struct trust_party *party;
	enum use use;
};

static struct digest
key_digest(const X509 *cert)
{
	const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(cert);
	struct digest d;

	digest_of(key->data, (size_t)key->length, &d);
	return d;
}

static int
by_digest(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

/* Two parties with one certificate, or one listed twice, would blur who signed. */
static enum err
check_digests(const struct trust *t)
{
	struct digest *all = arena_alloc(t->arena, t->n_party * TRUST_CERTS * sizeof(*all) + 1);
	size_t n = 0;

	for (size_t i = 0; i < t->n_party; i++)
		for (size_t k = 0; k < t->party[i].n_sign; k++)
			all[n++] = t->party[i].sign_digest[k];
	qsort(all, n, sizeof(*all), by_digest);
	for (size_t i = 1; i < n; i++)
		if (by_digest(&all[i - 1], &all[i]) == 0)
			return E_SCHEMA;
	return E_OK;
}

static size_t
hold(struct holding *out, const struct trust_party *p)
{
	size_t n = 0;

	for (size_t k = 0; k < p->n_sign; k++)
		out[n++] = (struct holding){key_digest(p->sign[k]), p, USE_SIGN};
	for (size_t k = 0; k < p->n_encrypt; k++)
		out[n++] = (struct holding){key_digest(p->encrypt[k]), p, USE_ENCRYPT};
	return n;
}

/* And so would one key in two certificates, unless a party has let the same key be certified anew
 * for the same use. */
static enum err
check_holdings(const struct trust *t)
{
	struct holding *all =
		arena_alloc(t->arena, t->n_party * 2 * TRUST_CERTS * sizeof(*all) + 1);
	size_t n = 0;

	for (size_t i = 0; i < t->n_party; i++)
		n += hold(all + n, &t->party[i]);
	qsort(all, n, sizeof(*all), by_digest);
	for (size_t i = 1; i < n; i++) {
		const struct holding *x = &all[i - 1], *y = &all[i];

		if (digest_equal(&x->key, &y->key) && (x->party != y->party || x->use != y->use))
			return E_SCHEMA;
	}
	return E_OK;
}

static int
by_key(const void *a, const void *b)
{
	const struct trust_curve *x = a, *y = b;

	return memcmp(x->key, y->key, sizeof(x->key));
}

/* The key on the line names the party (I6): one key, one party. */
static enum err
index_curves(struct trust *t)
{
	t->curve = arena_alloc(t->arena, t->n_party * TRUST_CURVES * sizeof(*t->curve) + 1);
	for (size_t i = 0; i < t->n_party; i++) {
		const struct trust_party *p = &t->party[i];

		for (size_t k = 0; k < p->n_curve; k++) {
			struct trust_curve *c = &t->curve[t->n_curve++];

			memcpy(c->key, p->curve[k], sizeof(c->key));
			c->party = p;
		}
	}
	qsort(t->curve, t->n_curve, sizeof(*t->curve), by_key);
	for (size_t i = 1; i < t->n_curve; i++)
		if (by_key(&t->curve[i - 1], &t->curve[i]) == 0)
			return E_SCHEMA;
	return E_OK;
}

static int
by_id(const void *a, const void *b)
{
	const struct trust_agreement *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static int
by_road(const void *a, const void *b)
{
	const struct trust_agreement *x = *(const struct trust_agreement *const *)a;
	const struct trust_agreement *y = *(const struct trust_agreement *const *)b;
	int order = memcmp(&x->from, &y->from, sizeof(x->from));

	if (order == 0)
		order = memcmp(&x->to, &y->to, sizeof(x->to));
	return order ? order : strcmp(x->id, y->id);
}

/* No escrow, and no third State: whoever can open bodies beside the addressee belongs to one of the
 * two States or to none. */
static bool
may_open_too(const struct trust *t, const struct trust_agreement *g, const struct party *code)
{
	const struct trust_party *p = trust_party(t, code);

	if (!p || p->role == ROLE_EXCHANGE || party_equal(code, &g->to))
		return false;
	return !*p->country || strcmp(p->country, trust_party(t, &g->from)->country) == 0 ||
	       strcmp(p->country, trust_party(t, &g->to)->country) == 0;
}

/* All of them have room in one body with every certificate that is listed: what one can open must
 * not depend on another's change of keys. */
static enum err
check_also(const struct trust *t, const struct trust_agreement *g)
{
	size_t n = trust_party(t, &g->to)->n_encrypt_listed;

	for (size_t i = 0; i < g->n_also; i++) {
		if (!may_open_too(t, g, &g->also[i]))
			return E_SCHEMA;
		for (size_t k = 0; k < i; k++)
			if (party_equal(&g->also[i], &g->also[k]))
				return E_SCHEMA;
		n += trust_party(t, &g->also[i])->n_encrypt_listed;
	}
	return n <= TRUST_RECIPIENTS ? E_OK : E_SCHEMA;
}

static enum err
index_agreements(struct trust *t)
{
	t->road = arena_alloc(t->arena, t->n_agreement * sizeof(*t->road) + 1);
	qsort(t->agreement, t->n_agreement, sizeof(*t->agreement), by_id);
	for (size_t i = 0; i < t->n_agreement; i++) {
		const struct trust_agreement *g = &t->agreement[i];

		if (i > 0 && by_id(g - 1, g) == 0)
			return E_SCHEMA;
		if (!trust_party(t, &g->from) || !trust_party(t, &g->to) ||
			party_equal(&g->from, &g->to))
			return E_SCHEMA;
		TRY(check_also(t, g));
		t->road[i] = g;
	}
	qsort(t->road, t->n_agreement, sizeof(*t->road), by_road);
	return E_OK;
}

enum err
trust_check(struct trust *t, X509 *operator_cert, int64_t now)
{
	trust_gather_expiry(t, operator_cert);
	TRY(check_anchors(t));
	TRY(check_parties(t, now));
	TRY(check_digests(t));
	TRY(check_holdings(t));
	TRY(index_curves(t));
	return index_agreements(t);
}
