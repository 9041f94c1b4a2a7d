/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation data against a trust list: what is taken, what is refused, and what it says of a
 * certificate at which time. Every list and response is made by OpenSSL at run time; the question
 * behind every fault is whether a revoked certificate could pass for a good one. */
#include "tests/unit/test_realm.h"

#include "lib/examiner.h"
#include "lib/revocation.h"
#include "tests/unit/test_revoke.h"

#define HOUR REVOKE_HOUR
#define KE 1 /* in realm_countries */
#define SO 2

static struct realm *realm; /* every anchor demands fresh data, 48 hours of grace */
static struct realm *easy;  /* none does */
static struct revocations *r;

static int
set_up(void **state)
{
	(void)state;
	realm_ready();
	easy = realm_new();
	realm_grace = "48";
	realm = realm_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	realm_free(&realm);
	realm_free(&easy);
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	r = revocations_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	revocations_free(&r);
	return 0;
}

/* ---- asking ---- */

static enum err
take(const struct buf *der)
{
	struct revocation_facts f, again;
	enum err e = revocations_take(r, realm->trust, buf_bytes(der), instant_now(), &f);

	assert_int_equal(f.code, e);
	assert_int_equal(revocation_check(bytes_of(&f, sizeof f), buf_bytes(der), &again), E_OK);
	return e;
}

static enum err
judge_in(const struct realm *in, enum who who, int64_t when)
{
	struct party code = party_of(who);
	struct digest d;

	digest_of(in->sign[who]->der, in->sign[who]->der_size, &d);
	return revocations_judge(r, in->trust, trust_party(in->trust, &code), &d, when);
}

static enum err
judge(enum who who)
{
	return judge_in(realm, who, instant_now());
}

/* Kenya's list number 5, which revokes nobody. */
static struct crl_plan
good_list(void)
{
	return (struct crl_plan){
		.issuer = realm->anchor[KE], .key = realm->anchor_key[KE], .number = 5};
}

static enum err
take_list(struct crl_plan p)
{
	OWNED_BUF(der) = {0};

	crl_make(&p, &der);
	return take(&der);
}

/* About KE.CRS, signed by Kenya's authority itself. */
static struct ocsp_plan
good_response(void)
{
	return (struct ocsp_plan){.anchor = realm->anchor[KE],
		.key = realm->anchor_key[KE],
		.cert = realm->sign[KENYA]->cert};
}

static enum err
take_response(struct ocsp_plan p)
{
	OWNED_BUF(der) = {0};

	ocsp_make(&p, &der);
	return take(&der);
}

/* ---- lists ---- */

static void
list_of_the_authority_is_taken_with_its_facts(void **state)
{
	struct crl_plan p = good_list();
	struct revocation_facts f;
	int64_t now = instant_now();
	OWNED_BUF(der) = {0};
	struct digest d;

	(void)state;
	p.number = 0x0102;
	p.from = now - 3 * HOUR;
	p.until = now + 9 * HOUR;
	crl_make(&p, &der);
	assert_int_equal(revocations_take(r, realm->trust, buf_bytes(&der), now, &f), E_OK);
	assert_int_equal(f.magic, REVOCATION_MAGIC);
	assert_int_equal(f.code, E_OK);
	assert_int_equal(f.kind, 'C');
	assert_string_equal(f.country, "KE");
	assert_int_equal(X509_digest(realm->anchor[KE], EVP_sha256(), d.octet, NULL), 1);
	assert_memory_equal(&f.subject, &d, sizeof d);
	assert_int_equal(f.this_update, p.from / 1000 * 1000);
	assert_int_equal(f.next_update, p.until / 1000 * 1000);
	assert_int_equal(f.number[18], 1);
	assert_int_equal(f.number[19], 2);
	digest_of(der.data, der.size, &d);
	assert_memory_equal(&f.digest, &d, sizeof d);
}

static void
list_of_the_realms_own_authority_has_no_country(void **state)
{
	struct crl_plan p = {.issuer = realm->anchor[0], .key = realm->anchor_key[0], .number = 1};
	struct revocation_facts f;
	OWNED_BUF(der) = {0};

	(void)state;
	crl_make(&p, &der);
	assert_int_equal(
		revocations_take(r, realm->trust, buf_bytes(&der), instant_now(), &f), E_OK);
	assert_string_equal(f.country, "");
	assert_int_equal(judge(OFFICE), E_OK);
	assert_int_equal(judge(KENYA), E_HELD);
}

static void
missing_data_holds_where_it_is_demanded(void **state)
{
	struct party code = party_of(KENYA);
	struct digest d;

	(void)state;
	assert_int_equal(judge(KENYA), E_HELD);
	assert_int_equal(judge_in(easy, KENYA, instant_now()), E_OK);
	digest_of(realm->sign[KENYA]->der, realm->sign[KENYA]->der_size, &d);
	assert_int_equal(revocations_judge(NULL, realm->trust, trust_party(realm->trust, &code), &d,
				 instant_now()),
		E_HELD);
	assert_int_equal(take_list(good_list()), E_OK);
	assert_int_equal(judge(KENYA), E_OK);
	assert_int_equal(judge(SOMALIA), E_HELD);
}

static void
stale_list_holds_after_its_grace(void **state)
{
	struct crl_plan p = good_list();
	int64_t now = instant_now() / 1000 * 1000;

	(void)state;
	p.from = now - 100 * HOUR;
	p.until = now - 90 * HOUR; /* it came late, and still speaks of then */
	assert_int_equal(take_list(p), E_OK);
	assert_int_equal(judge_in(realm, KENYA, now - 95 * HOUR), E_OK);
	assert_int_equal(judge_in(realm, KENYA, p.until + 48 * HOUR), E_OK);
	assert_int_equal(judge_in(realm, KENYA, p.until + 48 * HOUR + 1), E_HELD);
	assert_int_equal(judge(KENYA), E_HELD);
}

static void
certificate_is_good_until_it_was_revoked(void **state)
{
	struct crl_plan p = good_list();
	int64_t at = instant_now() / 1000 * 1000 - 5 * HOUR;

	(void)state;
	p.revoked = realm->sign[KENYA]->cert;
	p.at = at;
	assert_int_equal(take_list(p), E_OK);
	assert_int_equal(judge(KENYA), E_CERT_REVOKED);
	assert_int_equal(judge_in(realm, KENYA, at), E_CERT_REVOKED);
	assert_int_equal(judge_in(realm, KENYA, at - 1), E_OK);
	assert_int_equal(judge(LAPSED), E_OK); /* of the same authority, another number */
	p.number++;
	p.reason = CRL_REASON_KEY_COMPROMISE;
	p.invalid_since = at - 20 * HOUR;
	assert_int_equal(take_list(p), E_OK);
	assert_int_equal(judge_in(realm, KENYA, at - 20 * HOUR), E_CERT_REVOKED);
	assert_int_equal(judge_in(realm, KENYA, at - 20 * HOUR - 1), E_OK);
}

static void
revoked_is_revoked_where_no_data_is_demanded_too(void **state)
{
	struct crl_plan p = {.issuer = easy->anchor[KE],
		.key = easy->anchor_key[KE],
		.number = 1,
		.revoked = easy->sign[KENYA]->cert};
	struct revocation_facts f;
	OWNED_BUF(der) = {0};

	(void)state;
	crl_make(&p, &der);
	assert_int_equal(
		revocations_take(r, easy->trust, buf_bytes(&der), instant_now(), &f), E_OK);
	assert_int_equal(judge_in(easy, KENYA, instant_now()), E_CERT_REVOKED);
}

static void
what_the_trust_list_revokes_stays_revoked(void **state)
{
	(void)state;
	assert_int_equal(take_list(good_list()), E_OK);
	assert_int_equal(judge(REVOKED), E_CERT_REVOKED);
	assert_int_equal(judge_in(realm, REVOKED, instant_now() - 2 * DAY_MS), E_OK);
}

static void
number_of_a_list_must_rise(void **state)
{
	struct crl_plan p = good_list();

	(void)state;
	p.number = 255;
	p.revoked = realm->sign[KENYA]->cert;
	assert_int_equal(take_list(p), E_OK);
	p.revoked = NULL;
	assert_int_equal(take_list(p), E_REVOCATION_OLD);
	p.number = 254;
	assert_int_equal(take_list(p), E_REVOCATION_OLD);
	p.number = 0;
	assert_int_equal(take_list(p), E_REVOCATION_OLD);
	assert_int_equal(judge(KENYA), E_CERT_REVOKED);
	p.number = 256; /* greater as a number, not as text */
	assert_int_equal(take_list(p), E_OK);
	assert_int_equal(judge(KENYA), E_OK);
}

static void
list_of_another_country_says_nothing_of_ours(void **state)
{
	struct crl_plan p = good_list();

	(void)state;
	p.revoked = realm->sign[KENYA]->cert;
	p.key = realm->anchor_key[SO]; /* in Kenya's name */
	p.no_key_id = true;
	assert_int_equal(take_list(p), E_REVOCATION);
	p.issuer = realm->anchor[SO]; /* in its own */
	assert_int_equal(take_list(p), E_OK);
	assert_int_equal(judge(KENYA), E_HELD);
	assert_int_equal(judge(SOMALIA), E_OK);
	assert_int_equal(take_list(good_list()), E_OK);
	assert_int_equal(judge(KENYA), E_OK);
}

static void
list_of_a_party_is_none(void **state)
{
	struct crl_plan p = good_list();

	(void)state;
	p.issuer = realm->sign[KENYA]->cert;
	p.key = realm->sign[KENYA]->key;
	assert_int_equal(take_list(p), E_REVOCATION);
	p.issuer = realm->operator_cert;
	p.key = realm->operator_key;
	assert_int_equal(take_list(p), E_REVOCATION);
}

static void
list_of_the_future_is_refused(void **state)
{
	struct crl_plan p = good_list();

	(void)state;
	p.from = instant_now() + HOUR / 10;
	assert_int_equal(take_list(p), E_REVOCATION);
	p.from = instant_now() + HOUR / 15;
	assert_int_equal(take_list(p), E_OK);
}

static void
list_that_names_no_number_is_refused(void **state)
{
	struct crl_plan p = good_list();
	X509 *zero = X509_new();

	(void)state;
	ASN1_INTEGER_set(X509_get_serialNumber(zero), 0);
	p.revoked = zero;
	assert_int_equal(take_list(p), E_REVOCATION);
	ASN1_INTEGER_set(X509_get_serialNumber(zero), -7);
	assert_int_equal(take_list(p), E_REVOCATION);
	ASN1_INTEGER_set(X509_get_serialNumber(zero), 7);
	assert_int_equal(take_list(p), E_OK);
	X509_free(zero);
}

static void
list_before_its_authority_is_refused(void **state)
{
	struct crl_plan p = good_list();

	(void)state;
	p.from = instant_now() - 31 * DAY_MS;
	assert_int_equal(take_list(p), E_REVOCATION);
}

static void
spoil_md(struct crl_plan *p)
{
	p->md = EVP_sha1();
}

static void
spoil_md224(struct crl_plan *p)
{
	p->md = EVP_sha224();
}

static void
spoil_number(struct crl_plan *p)
{
	p->number = -1;
}

static void
spoil_negative(struct crl_plan *p)
{
	p->number = -2;
}

static void
spoil_until(struct crl_plan *p)
{
	p->until = -1;
}

static void
spoil_order(struct crl_plan *p)
{
	p->until = instant_now() - 2 * HOUR;
}

static void
spoil_version(struct crl_plan *p)
{
	p->old = true;
}

static void
spoil_delta(struct crl_plan *p)
{
	p->odd_nid = NID_delta_crl;
}

static void
spoil_part(struct crl_plan *p)
{
	p->odd_nid = NID_issuing_distribution_point;
	p->odd = "onlyuser:TRUE";
}

static void
spoil_indirect(struct crl_plan *p)
{
	p->odd_nid = NID_issuing_distribution_point;
	p->odd = "indirectCRL:TRUE";
}

static void
spoil_unknown(struct crl_plan *p)
{
	p->odd_nid = NID_netscape_comment;
	p->critical = true;
}

static void
spoil_entry(struct crl_plan *p)
{
	p->odd_nid = NID_netscape_comment;
	p->critical = true;
	p->odd_entry = true;
}

static void
spoil_issuer_of_entry(struct crl_plan *p)
{
	p->odd_nid = NID_certificate_issuer;
	p->odd_entry = true;
}

static void
spoil_reason(struct crl_plan *p)
{
	p->reason = CRL_REASON_REMOVE_FROM_CRL;
}

static void
list_of_another_form_is_refused(void **state)
{
	static const struct {
		const char *what;
		void (*spoil)(struct crl_plan *p);
	} faults[] = {
		{"SHA-1", spoil_md},
		{"SHA-224", spoil_md224},
		{"no number", spoil_number},
		{"negative number", spoil_negative},
		{"no nextUpdate", spoil_until},
		{"nextUpdate before thisUpdate", spoil_order},
		{"version 1", spoil_version},
		{"delta", spoil_delta},
		{"for some certificates", spoil_part},
		{"for other authorities", spoil_indirect},
		{"critical and unknown", spoil_unknown},
		{"critical and unknown in an entry", spoil_entry},
		{"entry of another authority", spoil_issuer_of_entry},
		{"removed", spoil_reason},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct crl_plan p = good_list();

		p.revoked = realm->sign[LAPSED]->cert;
		faults[i].spoil(&p);
		if (take_list(p) != E_REVOCATION)
			fail_msg("taken: %s", faults[i].what);
		assert_int_equal(judge(KENYA), E_HELD);
	}
}

/* ---- octets ---- */

static void
cut_off_and_padded_data_is_refused(const struct buf *der)
{
	OWNED_BUF(longer) = {0};

	for (size_t n = 0; n < der->size; n++) {
		struct buf part = {.data = der->data, .size = n};

		assert_int_equal(take(&part), E_REVOCATION);
	}
	buf_add_bytes(&longer, buf_bytes(der));
	buf_u8(&longer, 0);
	assert_int_equal(take(&longer), E_REVOCATION);
	assert_int_equal(take(der), E_OK);
}

static void
cut_off_list_is_refused_at_every_length(void **state)
{
	struct crl_plan p = good_list();
	OWNED_BUF(der) = {0};

	(void)state;
	p.revoked = realm->sign[KENYA]->cert;
	crl_make(&p, &der);
	cut_off_and_padded_data_is_refused(&der);
}

static void
cut_off_response_is_refused_at_every_length(void **state)
{
	struct ocsp_plan p = good_response();
	OWNED_BUF(der) = {0};

	(void)state;
	p.status = V_OCSP_CERTSTATUS_REVOKED;
	ocsp_make(&p, &der);
	cut_off_and_padded_data_is_refused(&der);
}

static void
too_large_data_is_refused(void **state)
{
	OWNED_BUF(der) = {0};

	(void)state;
	buf_text(&der, "\x30\x84");
	buf_u32(&der, REVOCATION_MAX - 5);
	while (der.size <= REVOCATION_MAX)
		buf_u8(&der, 0);
	assert_int_equal(take(&der), E_REVOCATION);
	for (size_t n = 60000; n <= 66000; n += 6000) { /* right, but for its size */
		struct crl_plan p = good_list();
		char *comment = xcalloc(1, n + 1);

		memset(comment, 'x', n);
		p.odd_nid = NID_netscape_comment;
		p.odd = comment;
		assert_int_equal(take_list(p), n < REVOCATION_MAX ? E_OK : E_REVOCATION);
		free(comment);
	}
}

/* Whatever one octet becomes, the revoked certificate is not good. */
static void
flip_every_octet(struct buf *der)
{
	for (size_t i = 0; i < der->size; i++) {
		for (int bit = 0; bit < 8; bit++) {
			enum err e;

			der->data[i] ^= (uint8_t)(1 << bit);
			(void)take(der);
			der->data[i] ^= (uint8_t)(1 << bit);
			e = judge(KENYA);
			if (e != E_HELD && e != E_CERT_REVOKED)
				fail_msg("octet %zu bit %d: good", i, bit);
		}
	}
	revocations_free(&r);
	r = revocations_new();
	assert_int_equal(take(der), E_OK);
	assert_int_equal(judge(KENYA), E_CERT_REVOKED);
}

static void
altered_list_never_makes_a_revoked_certificate_good(void **state)
{
	struct crl_plan p = good_list();
	OWNED_BUF(der) = {0};

	(void)state;
	p.revoked = realm->sign[KENYA]->cert;
	crl_make(&p, &der);
	flip_every_octet(&der);
}

static void
altered_response_never_makes_a_revoked_certificate_good(void **state)
{
	struct ocsp_plan p = good_response();
	OWNED_BUF(der) = {0};

	(void)state;
	p.status = V_OCSP_CERTSTATUS_REVOKED;
	p.no_certs = true;
	ocsp_make(&p, &der);
	flip_every_octet(&der);
}

/* ---- responses ---- */

static void
response_of_the_authority_counts_for_its_certificate_only(void **state)
{
	struct ocsp_plan p = good_response();
	struct revocation_facts f;
	OWNED_BUF(der) = {0};
	struct digest d;

	(void)state;
	p.by_key = true;
	p.id_md = EVP_sha256();
	ocsp_make(&p, &der);
	assert_int_equal(
		revocations_take(r, realm->trust, buf_bytes(&der), instant_now(), &f), E_OK);
	assert_int_equal(f.kind, 'O');
	assert_string_equal(f.country, "KE");
	digest_of(realm->sign[KENYA]->der, realm->sign[KENYA]->der_size, &d);
	assert_memory_equal(&f.subject, &d, sizeof d);
	assert_int_equal(judge(KENYA), E_OK);
	assert_int_equal(judge(LAPSED), E_HELD);
}

static void
response_says_since_when(void **state)
{
	struct ocsp_plan p = good_response();
	int64_t at = instant_now() / 1000 * 1000 - 5 * HOUR;

	(void)state;
	p.status = V_OCSP_CERTSTATUS_REVOKED;
	p.at = at;
	assert_int_equal(take_response(p), E_OK);
	assert_int_equal(judge(KENYA), E_CERT_REVOKED);
	assert_int_equal(judge_in(realm, KENYA, at - 1), E_OK);
	assert_int_equal(take_list(good_list()), E_OK); /* the list does not know it yet */
	assert_int_equal(judge(KENYA), E_CERT_REVOKED);
}

static void
response_that_does_not_know_changes_nothing(void **state)
{
	struct ocsp_plan p = good_response();

	(void)state;
	p.status = V_OCSP_CERTSTATUS_REVOKED;
	assert_int_equal(take_response(p), E_OK);
	p.status = V_OCSP_CERTSTATUS_UNKNOWN;
	p.from = instant_now() - HOUR / 2;
	p.produced = p.from;
	assert_int_equal(take_response(p), E_REVOCATION);
	assert_int_equal(judge(KENYA), E_CERT_REVOKED);
}

static void
response_must_be_newer(void **state)
{
	struct ocsp_plan p = good_response();

	(void)state;
	p.status = V_OCSP_CERTSTATUS_REVOKED;
	p.from = instant_now() - 2 * HOUR;
	assert_int_equal(take_response(p), E_OK);
	p.status = V_OCSP_CERTSTATUS_GOOD;
	assert_int_equal(take_response(p), E_REVOCATION_OLD);
	p.from -= HOUR;
	assert_int_equal(take_response(p), E_REVOCATION_OLD);
	assert_int_equal(judge(KENYA), E_CERT_REVOKED);
}

static void
response_of_another_form_is_refused(void **state)
{
	int64_t now = instant_now();
	struct ocsp_plan p[] = {good_response(), good_response(), good_response(), good_response(),
		good_response(), good_response(), good_response(), good_response(), good_response(),
		good_response(), good_response(), good_response(), good_response()};
	X509 *stranger = authority_make("KE", "authority 1", realm->anchor_key[SO]);

	(void)state;
	p[0].until = -1;
	p[1].until = now - 2 * HOUR; /* before thisUpdate */
	p[2].from = p[2].produced = now + HOUR / 10;
	p[3].produced = now - 2 * HOUR; /* before thisUpdate */
	p[4].critical = true;
	p[5].critical_single = true;
	p[6].md = EVP_sha1();
	p[7].second = realm->sign[LAPSED]->cert;
	p[8].anchor = realm->anchor[SO]; /* its word, and its name, on Kenya's number */
	p[8].key = realm->anchor_key[SO];
	p[9].cert = realm->operator_cert; /* not of the list */
	p[10].id_md = EVP_md5();
	p[11].signer = stranger; /* the authority's name, another key */
	p[11].key = realm->anchor_key[SO];
	p[12].anchor = stranger; /* the right number of another authority, by ours */
	p[12].signer = realm->anchor[KE];
	for (size_t i = 0; i < ARRAY_LEN(p); i++) {
		if (take_response(p[i]) != E_REVOCATION)
			fail_msg("taken: response %zu", i);
		assert_int_equal(judge(KENYA), E_HELD);
	}
	assert_int_equal(take_response(good_response()), E_OK);
	X509_free(stranger);
}

static void
response_without_an_answer_is_refused(void **state)
{
	OCSP_RESPONSE *later = OCSP_response_create(OCSP_RESPONSE_STATUS_TRYLATER, NULL);
	unsigned char *der = NULL;
	int size = i2d_OCSP_RESPONSE(later, &der);
	OWNED_BUF(octets) = {0};

	(void)state;
	buf_add(&octets, der, (size_t)size);
	assert_int_equal(take(&octets), E_REVOCATION);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(later);
}

static void
response_about_another_certificate_says_nothing_of_this(void **state)
{
	struct ocsp_plan p = good_response();

	(void)state;
	p.cert = realm->sign[LAPSED]->cert;
	assert_int_equal(take_response(p), E_OK);
	assert_int_equal(judge(KENYA), E_HELD);
	assert_int_equal(judge(LAPSED), E_OK);
}

/* ---- responders ---- */

struct responder {
	int issuer; /* in realm_countries */
	const char *basic, *usage, *extended;
	int from_day, until_day;
	enum err answer;
};

static enum err
take_from(const struct responder *d, X509 **cert, int status)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct ocsp_plan p = good_response();
	enum err e;

	*cert = cert_make(&(struct cert_plan){.country = realm_countries[d->issuer],
		.name = "responder",
		.key = key,
		.issuer = realm->anchor[d->issuer],
		.issuer_key = realm->anchor_key[d->issuer],
		.from_day = d->from_day,
		.until_day = d->until_day,
		.basic = d->basic,
		.usage = d->usage,
		.extended = d->extended});
	p.signer = *cert;
	p.key = key;
	p.status = status;
	e = take_response(p);
	EVP_PKEY_free(key);
	return e;
}

#define LEAF "critical,CA:FALSE"
#define SIGNS "critical,digitalSignature"

static void
only_a_responder_of_the_authority_answers_for_it(void **state)
{
	static const struct responder cases[] = {
		{KE, LEAF, SIGNS, "OCSPSigning", -1, 9, E_OK},
		{KE, LEAF, SIGNS, "critical,OCSPSigning", -1, 9, E_OK},
		{KE, LEAF, SIGNS, NULL, -1, 9, E_REVOCATION},
		{KE, LEAF, SIGNS, OID_MESSAGE_SIGNING, -1, 9, E_REVOCATION},
		{KE, LEAF, SIGNS, "OCSPSigning,serverAuth", -1, 9, E_REVOCATION},
		{KE, LEAF, SIGNS, "anyExtendedKeyUsage", -1, 9, E_REVOCATION},
		{KE, LEAF, "critical,keyAgreement", "OCSPSigning", -1, 9, E_REVOCATION},
		{KE, "critical,CA:TRUE", SIGNS, "OCSPSigning", -1, 9, E_REVOCATION},
		{SO, LEAF, SIGNS, "OCSPSigning", -1, 9, E_REVOCATION},
		{KE, LEAF, SIGNS, "OCSPSigning", -9, -1, E_REVOCATION},
		{KE, LEAF, SIGNS, "OCSPSigning", 1, 9, E_REVOCATION},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		X509 *cert;
		enum err e = take_from(&cases[i], &cert, V_OCSP_CERTSTATUS_GOOD);

		X509_free(cert);
		if (e != cases[i].answer)
			fail_msg("responder %zu: %s", i, err_word(e));
		assert_int_equal(judge(KENYA), e == E_OK ? E_OK : E_HELD);
		revocations_free(&r);
		r = revocations_new();
	}
}

/* A party's own key signs messages, not answers about itself. */
static void
party_does_not_answer_for_itself(void **state)
{
	struct ocsp_plan p = good_response();

	(void)state;
	p.signer = realm->sign[KENYA]->cert;
	p.key = realm->sign[KENYA]->key;
	assert_int_equal(take_response(p), E_REVOCATION);
}

static void
word_of_a_revoked_responder_is_not_enough(void **state)
{
	static const struct responder fine = {KE, LEAF, SIGNS, "OCSPSigning", -1, 9, E_OK};
	struct crl_plan p = good_list();
	int64_t later = instant_now() + 100 * HOUR;
	X509 *cert;

	(void)state;
	assert_int_equal(take_from(&fine, &cert, V_OCSP_CERTSTATUS_GOOD), E_OK);
	assert_int_equal(judge(KENYA), E_OK);
	p.revoked = cert;
	p.from = instant_now() - 200 * HOUR;
	p.until = instant_now() - 150 * HOUR;
	assert_int_equal(take_list(p), E_OK); /* too old to vouch for anybody itself */
	assert_int_equal(judge(KENYA), E_HELD);
	assert_int_equal(judge_in(realm, KENYA, later), E_HELD);
	X509_free(cert);
}

/* The realm's list, which also revokes this certificate of Kenya's authority. */
static struct trust *
list_revoking(const X509 *cert)
{
	struct identity by = {.key = realm->operator_key, .cert = realm->operator_cert};
	const char *end = "</tl:TrustList>";
	unsigned char *der = NULL;
	struct trust *t = NULL;
	OWNED_BUF(plain) = {0};
	OWNED_BUF(list) = {0};

	by.der_size = (size_t)i2d_X509(by.cert, &der);
	by.der = der;
	realm_list(realm, "8", instant_now(), &plain);
	plain.size -= strlen(end);
	put_revoked(&plain, cert, "KE", instant_now() - HOUR);
	buf_text(&plain, end);
	assert_int_equal(seal_sign(buf_bytes(&plain), &by, &list), E_OK);
	assert_int_equal(
		trust_load(buf_bytes(&list), realm->operator_cert, instant_now(), &t), E_OK);
	OPENSSL_free(der);
	return t;
}

static void
responder_that_the_trust_list_revokes_answers_nothing(void **state)
{
	static const struct responder fine = {KE, LEAF, SIGNS, "OCSPSigning", -1, 9, E_OK};
	OWNED(struct trust, t, trust_free) = NULL;
	X509 *cert;

	(void)state;
	assert_int_equal(take_from(&fine, &cert, V_OCSP_CERTSTATUS_GOOD), E_OK);
	assert_int_equal(judge(KENYA), E_OK);
	t = list_revoking(cert);
	revocations_trust(r, t);
	assert_int_equal(judge(KENYA), E_HELD);
	X509_free(cert);
}

static void
word_of_a_responder_ends_with_its_certificate(void **state)
{
	static const struct responder brief = {KE, LEAF, SIGNS, "OCSPSigning", -1, 0, E_OK};
	int64_t now = instant_now();
	X509 *cert;

	(void)state;
	assert_int_equal(take_from(&brief, &cert, V_OCSP_CERTSTATUS_GOOD), E_OK);
	X509_free(cert);
	assert_int_equal(judge_in(realm, KENYA, now + 47 * HOUR), E_OK);
	assert_int_equal(judge_in(realm, KENYA, now + 49 * HOUR), E_HELD);
}

/* ---- a newer trust list ---- */

static void
data_ends_with_its_anchor(void **state)
{
	struct crl_plan so = {
		.issuer = realm->anchor[SO], .key = realm->anchor_key[SO], .number = 1};
	struct crl_plan ke = good_list();
	struct ocsp_plan response = good_response();
	OWNED_BUF(list) = {0};

	(void)state;
	ke.revoked = realm->sign[KENYA]->cert;
	assert_int_equal(take_list(so), E_OK);
	assert_int_equal(take_list(ke), E_OK);
	assert_int_equal(take_response(response), E_OK);
	revocations_trust(r, realm->trust); /* nothing has changed */
	assert_int_equal(judge(SOMALIA), E_OK);
	assert_int_equal(judge(KENYA), E_CERT_REVOKED);
	revocations_trust(r, easy->trust); /* other anchors of the same names */
	assert_int_equal(judge(SOMALIA), E_HELD);
	assert_int_equal(judge(KENYA), E_HELD);
	assert_int_equal(take_list(so), E_OK);
}

/* ---- in an examination ---- */

static enum err
examine_query(const struct revocations *with, enum who signer, int64_t when, struct verdict *v)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(message) = {0};
	struct verdict again;

	message_from(realm, &h, signer, SOMALIA, &message);
	examine(buf_bytes(&message), realm->trust, with, NULL, NULL, when, v);
	assert_int_equal(verdict_check(bytes_of(v, sizeof *v), buf_bytes(&message), &again), E_OK);
	return (enum err)v->code;
}

static void
message_without_fresh_data_is_accepted_and_held(void **state)
{
	struct verdict v;
	struct digest d;

	(void)state;
	assert_int_equal(examine_query(NULL, KENYA, instant_now(), &v), E_OK);
	assert_int_equal(v.held, 1);
	digest_of(realm->sign[KENYA]->der, realm->sign[KENYA]->der_size, &d);
	assert_memory_equal(&v.cert, &d, sizeof d);
	assert_int_equal(take_list(good_list()), E_OK);
	assert_int_equal(examine_query(r, KENYA, instant_now(), &v), E_OK);
	assert_int_equal(v.held, 0);
	/* What is refused is not held as well. */
	assert_int_equal(examine_query(NULL, KENYA, instant_now() + 2 * DAY_MS, &v), E_EXPIRED);
	assert_int_equal(v.held, 0);
}

static void
message_by_a_revoked_certificate_is_refused_from_then_on(void **state)
{
	struct crl_plan p = good_list();
	struct verdict v;

	(void)state;
	p.revoked = realm->sign[KENYA]->cert;
	p.at = instant_now() - HOUR / 60;
	assert_int_equal(take_list(p), E_OK);
	assert_int_equal(examine_query(r, KENYA, instant_now(), &v), E_CERT_REVOKED);
	assert_int_equal(v.held, 0);
	assert_int_equal(examine_query(r, KENYA, p.at - HOUR / 60, &v), E_OK);
}

static void
trust_list_that_has_ended_judges_nothing(void **state)
{
	int64_t end = trust_valid_until(realm->trust);
	struct verdict v;

	(void)state;
	assert_int_equal(examine_query(NULL, KENYA, end + 1, &v), E_TRUST_OLD);
	assert_int_equal(examine_query(NULL, KENYA, end, &v), E_NO_AGREEMENT);
}

static void
wrong_signature_is_said_before_the_end_of_the_certificate(void **state)
{
	struct header h = header_for(A_QUERY, LAPSED, SOMALIA);
	int64_t after = instant_now() + 12 * DAY_MS;
	OWNED_BUF(message) = {0};
	struct verdict v;
	uint8_t *at;

	(void)state;
	message_from(realm, &h, LAPSED, SOMALIA, &message);
	examine(buf_bytes(&message), realm->trust, NULL, NULL, NULL, after, &v);
	assert_int_equal(v.code, E_CERT_EXPIRED);
	at = memmem(message.data, message.size, "<ds:SignatureValue>", 19);
	assert_non_null(at);
	at[19 + 4] = at[19 + 4] == 'A' ? 'B' : 'A';
	examine(buf_bytes(&message), realm->trust, NULL, NULL, NULL, after, &v);
	assert_int_equal(v.code, E_SIGNATURE);
}

/* ---- what a parent believes ---- */

static void
facts_that_lie_are_not_believed(void **state)
{
	struct crl_plan p = good_list();
	struct revocation_facts good, bad, out;
	OWNED_BUF(der) = {0};
	struct bytes octets;

	(void)state;
	crl_make(&p, &der);
	octets = buf_bytes(&der);
	assert_int_equal(revocations_take(r, realm->trust, octets, instant_now(), &good), E_OK);
#define LIE(change)                                                                                \
	do {                                                                                       \
		bad = good;                                                                        \
		change;                                                                            \
		assert_int_equal(revocation_check(bytes_of(&bad, sizeof bad), octets, &out),       \
			E_QUARANTINED);                                                            \
		assert_int_equal(out.magic, 0);                                                    \
	} while (0)
	LIE(bad.magic++);
	LIE(bad.code = E_COUNT);
	LIE(bad.code = E_HELD);
	LIE(bad.kind = 'X');
	LIE(bad.kind = 0);
	LIE(bad.kind = REVOCATION_OCSP); /* which has no number */
	LIE(bad.country[0] = 'k');
	LIE(bad.country[2] = 'E');
	LIE(bad.country[0] = '\0');
	LIE(bad.next_update = bad.this_update);
	LIE(bad.digest.octet[0] ^= 1);
#undef LIE
	assert_int_equal(
		revocation_check(bytes_of(&good, sizeof good - 1), octets, &out), E_QUARANTINED);
	assert_int_equal(revocation_check(bytes_of(&good, sizeof good), octets, &out), E_OK);
	assert_memory_equal(&good, &out, sizeof out);
}

static void
verdict_that_lies_about_the_signer_is_not_believed(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	struct verdict good, bad, out;
	OWNED_BUF(message) = {0};

	(void)state;
	message_from(realm, &h, KENYA, SOMALIA, &message);
	examine(buf_bytes(&message), realm->trust, NULL, NULL, NULL, instant_now(), &good);
	bad = good;
	bad.cert.octet[0] ^= 1;
	assert_int_equal(verdict_check(bytes_of(&bad, sizeof bad), buf_bytes(&message), &out),
		E_QUARANTINED);
	bad = good;
	memset(&bad.cert, 0, sizeof bad.cert);
	assert_int_equal(verdict_check(bytes_of(&bad, sizeof bad), buf_bytes(&message), &out),
		E_QUARANTINED);
	bad = good;
	bad.held = 2;
	assert_int_equal(verdict_check(bytes_of(&bad, sizeof bad), buf_bytes(&message), &out),
		E_QUARANTINED);
	bad = good;
	bad.code = E_SIGNATURE; /* refused and held */
	assert_int_equal(verdict_check(bytes_of(&bad, sizeof bad), buf_bytes(&message), &out),
		E_QUARANTINED);
	assert_int_equal(
		verdict_check(bytes_of(&good, sizeof good), buf_bytes(&message), &out), E_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(list_of_the_authority_is_taken_with_its_facts),
		TEST(list_of_the_realms_own_authority_has_no_country),
		TEST(missing_data_holds_where_it_is_demanded),
		TEST(stale_list_holds_after_its_grace),
		TEST(certificate_is_good_until_it_was_revoked),
		TEST(revoked_is_revoked_where_no_data_is_demanded_too),
		TEST(what_the_trust_list_revokes_stays_revoked),
		TEST(number_of_a_list_must_rise),
		TEST(list_of_another_country_says_nothing_of_ours),
		TEST(list_of_a_party_is_none),
		TEST(list_of_the_future_is_refused),
		TEST(list_that_names_no_number_is_refused),
		TEST(list_before_its_authority_is_refused),
		TEST(list_of_another_form_is_refused),
		TEST(cut_off_list_is_refused_at_every_length),
		TEST(cut_off_response_is_refused_at_every_length),
		TEST(too_large_data_is_refused),
		TEST(altered_list_never_makes_a_revoked_certificate_good),
		TEST(altered_response_never_makes_a_revoked_certificate_good),
		TEST(response_of_the_authority_counts_for_its_certificate_only),
		TEST(response_says_since_when),
		TEST(response_that_does_not_know_changes_nothing),
		TEST(response_must_be_newer),
		TEST(response_of_another_form_is_refused),
		TEST(response_without_an_answer_is_refused),
		TEST(response_about_another_certificate_says_nothing_of_this),
		TEST(only_a_responder_of_the_authority_answers_for_it),
		TEST(party_does_not_answer_for_itself),
		TEST(word_of_a_revoked_responder_is_not_enough),
		TEST(responder_that_the_trust_list_revokes_answers_nothing),
		TEST(word_of_a_responder_ends_with_its_certificate),
		TEST(data_ends_with_its_anchor),
		TEST(message_without_fresh_data_is_accepted_and_held),
		TEST(message_by_a_revoked_certificate_is_refused_from_then_on),
		TEST(trust_list_that_has_ended_judges_nothing),
		TEST(wrong_signature_is_said_before_the_end_of_the_certificate),
		TEST(facts_that_lie_are_not_believed),
		TEST(verdict_that_lies_about_the_signer_is_not_believed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
