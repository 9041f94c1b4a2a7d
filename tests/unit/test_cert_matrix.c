/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two matrices. Six countries by six authorities: only a country's own authority makes parties of
 * that country, revokes them and answers for them. And certificates with one fault each, made by
 * OpenSSL at run time: a list with any of them is refused with the code of that fault, the same
 * list without it is accepted. */
#include "tests/unit/test_realm.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "lib/revocation.h"
#include "tests/unit/test_revoke.h"

#define N 6
#define SERIAL 77 /* of every party: a number alone names nobody */

struct pair {
	EVP_PKEY *key;
	X509 *cert;
};

static const char *const countries[N] = {"KE", "SO", "ET", "UG", "TZ", "RW"};

static struct pair realms_own, authority[N], party[N];
static struct identity *operator_id;
static struct buf hub_sign;
static EVP_PKEY *leaf_key;

/* ---- certificates ---- */

/* One fault: what is zero is as it should be. */
struct plan {
	const char *country;		      /* default KE */
	const char *basic, *usage, *extended; /* "" for none */
	int from_day, until_day;	      /* default -1 and 300 */
	long version;			      /* default 3 */
	const EVP_MD *md;
	EVP_PKEY *key;		   /* default leaf_key */
	void (*spoil)(X509 *cert); /* the last thing before it is signed */
	bool no_key_ids;
};

static const char *
or_default(const char *text, const char *otherwise)
{
	if (text == NULL)
		return otherwise;
	return *text ? text : NULL;
}

static void
name_it(X509 *cert, const char *country, const char *name)
{
	X509_NAME *n = X509_get_subject_name(cert);

	if (country[0])
		X509_NAME_add_entry_by_txt(
			n, "C", MBSTRING_ASC, (const unsigned char *)country, -1, -1, 0);
	X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
}

static void
give_life(X509 *cert, const struct plan *p)
{
	time_t now = (time_t)(instant_now() / 1000);

	X509_time_adj_ex(X509_getm_notBefore(cert), p->from_day ? p->from_day : -1, 0, &now);
	X509_time_adj_ex(X509_getm_notAfter(cert), p->until_day ? p->until_day : 300, 0, &now);
}

static X509 *
make_from(const struct pair *issuer, const struct plan *p, const char *name, bool is_authority)
{
	X509 *cert = X509_new();
	EVP_PKEY *key = p->key ? p->key : leaf_key;
	X509 *by = issuer ? issuer->cert : cert;

	X509_set_version(cert, p->version ? p->version - 1 : X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), SERIAL);
	name_it(cert, or_default(p->country, "KE") ? or_default(p->country, "KE") : "", name);
	X509_set_issuer_name(cert, X509_get_subject_name(by));
	give_life(cert, p);
	X509_set_pubkey(cert, key);
	cert_extend(cert, by, NID_basic_constraints,
		or_default(p->basic,
			is_authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE"));
	cert_extend(cert, by, NID_key_usage,
		or_default(p->usage, is_authority ? "critical,keyCertSign,cRLSign"
						  : "critical,digitalSignature"));
	if (!is_authority)
		cert_extend(
			cert, by, NID_ext_key_usage, or_default(p->extended, OID_MESSAGE_SIGNING));
	if (!p->no_key_ids) {
		cert_extend(cert, by, NID_subject_key_identifier, "hash");
		if (issuer)
			cert_extend(cert, by, NID_authority_key_identifier, "keyid");
	}
	if (p->spoil)
		p->spoil(cert);
	assert_true(X509_sign(cert, issuer ? issuer->key : key, p->md ? p->md : EVP_sha256()) > 0);
	return cert;
}

static struct pair
make_authority(const char *country, const struct plan *with)
{
	struct plan p = with ? *with : (struct plan){0};
	struct pair a = {.key = EVP_EC_gen("P-256")};

	p.country = country;
	p.key = a.key;
	p.from_day = p.from_day ? p.from_day : -30;
	p.until_day = p.until_day ? p.until_day : 3000;
	a.cert = make_from(NULL, &p, "authority", true);
	return a;
}

static void
free_pair(struct pair *a)
{
	cert_free(&a->cert);
	key_free(&a->key);
}

static void
der_of(X509 *cert, struct buf *out)
{
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);

	assert_true(size > 0);
	buf_reset(out);
	buf_add(out, der, (size_t)size);
	OPENSSL_free(der);
}

/* ---- a list ---- */

struct sheet {
	struct {
		const char *country;
		X509 *cert;
	} anchor[N + 2];
	const char *code, *country; /* of the one party beside the exchange */
	struct bytes sign, encrypt; /* its certificates; no encrypt where size is 0 */
};

static void
put_octets(struct buf *b, const char *name, struct bytes der)
{
	xml_open(b, name, NULL);
	buf_base64(b, der.data, der.size);
	xml_close(b, name);
}

static void
put_office(struct buf *b, const char *code, const char *country, const char *role, char curve,
	struct bytes sign, struct bytes encrypt)
{
	uint8_t key[CURVE_KEY_SIZE];

	memset(key, curve, sizeof key);
	xml_open(b, "tl:Party", "code", code, "country", country, "name", "An office", "role", role,
		NULL);
	put_octets(b, "tl:Sign", sign);
	if (encrypt.size > 0)
		put_octets(b, "tl:Encrypt", encrypt);
	xml_open(b, "tl:Curve", NULL);
	buf_base64(b, key, sizeof key);
	xml_close(b, "tl:Curve");
	xml_close(b, "tl:Party");
}

static enum err
load(const struct sheet *s, struct trust **out)
{
	char issued[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE];
	int64_t now = instant_now();
	OWNED_BUF(plain) = {0};
	OWNED_BUF(list) = {0};

	instant_format(now, issued);
	instant_format(now + 30 * DAY_MS, until);
	xml_open(&plain, "tl:TrustList", "xmlns:tl", NS_TRUST, "issuedAt", issued, "realm", "demo",
		"schemaVersion", "1.0", "validUntil", until, "version", "1", NULL);
	put_log(&plain);
	put_anchor(&plain, "", realms_own.cert);
	for (size_t i = 0; s->anchor[i].cert; i++)
		put_anchor(&plain, s->anchor[i].country, s->anchor[i].cert);
	put_office(&plain, "DAFTAR.HUB", NULL, "exchange", 'H', buf_bytes(&hub_sign),
		(struct bytes){0});
	put_office(&plain, s->code, s->country, "registry", 'P', s->sign, s->encrypt);
	xml_close(&plain, "tl:TrustList");
	assert_int_equal(seal_sign(buf_bytes(&plain), operator_id, &list), E_OK);
	return trust_load(buf_bytes(&list), operator_id->cert, now, out);
}

static struct sheet
usual_sheet(struct bytes sign)
{
	return (struct sheet){.anchor = {{"KE", authority[0].cert}, {"SO", authority[1].cert}},
		.code = "KE.CRS",
		.country = "KE",
		.sign = sign};
}

/* ---- the world ---- */

static int
set_up(void **state)
{
	struct plan p = {.country = "", .key = EVP_EC_gen("P-256")};
	X509 *cert;

	(void)state;
	realm_ready();
	realm_grace = "0";
	leaf_key = EVP_EC_gen("P-256");
	realms_own = make_authority("", NULL);
	cert = make_from(&realms_own, &p, "hub", false);
	der_of(cert, &hub_sign);
	cert_free(&cert);
	key_free(&p.key);
	for (int i = 0; i < N; i++)
		authority[i] = make_authority(countries[i], NULL);
	for (int i = 0; i < N; i++) {
		struct plan of = {.country = countries[i]};

		party[i].cert = make_from(&authority[i], &of, "office", false);
	}
	operator_id = xcalloc(1, sizeof *operator_id);
	operator_id->key = EVP_EC_gen("P-256");
	operator_id->cert = authority_make("", "operator", operator_id->key);
	operator_id->der_size = (size_t)i2d_X509(operator_id->cert, &operator_id->der);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < N; i++) {
		free_pair(&authority[i]);
		free_pair(&party[i]);
	}
	free_pair(&realms_own);
	key_free(&leaf_key);
	buf_free(&hub_sign);
	OPENSSL_free(TAKE(operator_id->der));
	identity_free(&operator_id);
	return 0;
}

/* ---- n countries x n authorities ---- */

static struct sheet
sheet_of(int country, struct bytes sign)
{
	static char code[8];
	struct sheet s = {.code = code, .country = countries[country], .sign = sign};

	snprintf(code, sizeof code, "%s.CRS", countries[country]);
	for (int i = 0; i < N; i++) {
		s.anchor[i].country = countries[i];
		s.anchor[i].cert = authority[i].cert;
	}
	return s;
}

static void
only_the_own_authority_makes_a_party(void **state)
{
	(void)state;
	for (int i = 0; i < N; i++) {
		for (int k = 0; k < N; k++) {
			struct plan p = {.country = countries[i]};
			X509 *cert = make_from(&authority[k], &p, "office", false);
			OWNED(struct trust, t, trust_free) = NULL;
			OWNED_BUF(der) = {0};
			struct sheet s;

			der_of(cert, &der);
			s = sheet_of(i, buf_bytes(&der));
			assert_int_equal(load(&s, &t), i == k ? E_OK : E_CERT_CHAIN);
			cert_free(&cert);
		}
	}
}

static void
only_the_own_authority_stands_for_a_country(void **state)
{
	OWNED_BUF(der) = {0};

	(void)state;
	der_of(party[0].cert, &der);
	for (int i = 1; i < N; i++) { /* each other country's, as Kenya's second anchor */
		struct sheet s = usual_sheet(buf_bytes(&der));
		OWNED(struct trust, t, trust_free) = NULL;

		s.anchor[1].country = "KE";
		s.anchor[1].cert = authority[i].cert;
		assert_int_equal(load(&s, &t), E_CERT_CHAIN);
	}
}

/* What is known of party i, in a list that names only it. */
static enum err
judge(const struct revocations *r, const struct trust *t)
{
	const struct trust_party *p =
		trust_at(t, 0)->role == ROLE_REGISTRY ? trust_at(t, 0) : trust_at(t, 1);

	return revocations_judge(r, t, p, &p->sign_digest[0], instant_now());
}

static struct trust *
list_of(int country)
{
	OWNED_BUF(der) = {0};
	struct trust *t = NULL;
	struct sheet s;

	der_of(party[country].cert, &der);
	s = sheet_of(country, buf_bytes(&der));
	assert_int_equal(load(&s, &t), E_OK);
	return t;
}

static enum err
take(struct revocations *r, const struct trust *t, const struct buf *der)
{
	struct revocation_facts f;

	return revocations_take(r, t, buf_bytes(der), instant_now(), &f);
}

static void
only_the_own_authority_revokes(void **state)
{
	(void)state;
	for (int i = 0; i < N; i++) {
		OWNED(struct trust, t, trust_free) = list_of(i);

		for (int k = 0; k < N; k++) {
			OWNED(struct revocations, r, revocations_free) = revocations_new();
			struct crl_plan p = {.issuer = authority[k].cert,
				.key = authority[k].key,
				.number = 1,
				.revoked = party[i].cert};
			OWNED_BUF(der) = {0};

			crl_make(&p, &der); /* in its own name */
			assert_int_equal(take(r, t, &der), E_OK);
			assert_int_equal(judge(r, t), i == k ? E_CERT_REVOKED : E_HELD);
			p.issuer = authority[i].cert; /* in the name of the country's own */
			p.number = 2;
			crl_make(&p, &der);
			assert_int_equal(take(r, t, &der), i == k ? E_OK : E_REVOCATION);
			assert_int_equal(judge(r, t), i == k ? E_CERT_REVOKED : E_HELD);
		}
	}
}

static void
only_the_own_authority_vouches(void **state)
{
	(void)state;
	for (int i = 0; i < N; i++) {
		OWNED(struct trust, t, trust_free) = list_of(i);

		for (int k = 0; k < N; k++) {
			OWNED(struct revocations, r, revocations_free) = revocations_new();
			struct crl_plan p = {
				.issuer = authority[k].cert, .key = authority[k].key, .number = 1};
			OWNED_BUF(der) = {0};

			crl_make(&p, &der);
			assert_int_equal(take(r, t, &der), E_OK);
			assert_int_equal(judge(r, t), i == k ? E_OK : E_HELD);
		}
	}
}

static X509 *
responder_of(int country)
{
	struct plan p = {.country = countries[country], .extended = "OCSPSigning"};

	return make_from(&authority[country], &p, "responder", false);
}

static void
only_the_own_authority_answers(void **state)
{
	(void)state;
	for (int i = 0; i < N; i++) {
		OWNED(struct trust, t, trust_free) = list_of(i);

		for (int k = 0; k < N; k++) {
			X509 *responder = responder_of(k);
			struct ocsp_plan direct = {.anchor = authority[i].cert,
				.cert = party[i].cert,
				.signer = authority[k].cert,
				.key = authority[k].key};
			struct ocsp_plan by_other = direct;
			enum err expected = i == k ? E_OK : E_REVOCATION;

			by_other.signer = responder;
			by_other.key = leaf_key;
			for (int n = 0; n < 2; n++) {
				OWNED(struct revocations, r, revocations_free) = revocations_new();
				OWNED_BUF(der) = {0};

				ocsp_make(n == 0 ? &direct : &by_other, &der);
				assert_int_equal(take(r, t, &der), expected);
				assert_int_equal(judge(r, t), i == k ? E_OK : E_HELD);
			}
			cert_free(&responder);
		}
	}
}

/* ---- one fault each ---- */

static enum err
load_leaf(const struct plan *p)
{
	X509 *cert = make_from(&authority[0], p, "office", false);
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED_BUF(der) = {0};
	struct sheet s;

	der_of(cert, &der);
	cert_free(&cert);
	s = usual_sheet(buf_bytes(&der));
	return load(&s, &t);
}

static void
serial_octets(X509 *cert, size_t n, uint8_t first)
{
	uint8_t octets[32] = {first, 1};
	BIGNUM *number = BN_bin2bn(octets, (int)n, NULL);

	assert_non_null(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)));
	BN_free(number);
}

static void
serial_zero(X509 *cert)
{
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 0);
}

static void
serial_negative(X509 *cert)
{
	ASN1_INTEGER_set(X509_get_serialNumber(cert), -5);
}

static void
serial_of_21(X509 *cert)
{
	serial_octets(cert, 21, 0x10);
}

static void
serial_of_20(X509 *cert)
{
	serial_octets(cert, 20, 0x10);
}

static void
add_odd(X509 *cert, int nid, const char *value, bool critical)
{
	X509_EXTENSION *e = odd_extension(nid, value, critical);

	assert_int_equal(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

static void
unknown_critical(X509 *cert)
{
	add_odd(cert, NID_netscape_comment, NULL, true);
}

static void
unknown_extension(X509 *cert)
{
	add_odd(cert, NID_netscape_comment, NULL, false);
}

static void
critical_names(X509 *cert)
{
	add_odd(cert, NID_subject_alt_name, "DNS:example.org", true);
}

static void
critical_policies(X509 *cert)
{
	add_odd(cert, NID_certificate_policies, "1.2.3.4", true);
}

static void
some_policies(X509 *cert)
{
	add_odd(cert, NID_certificate_policies, "1.2.3.4", false);
}

static void
name_constraints(X509 *cert)
{
	add_odd(cert, NID_name_constraints, "permitted;DNS:example.org", false);
}

static void
policy_constraints(X509 *cert)
{
	add_odd(cert, NID_policy_constraints, "inhibitPolicyMapping:0", false);
}

static void
policy_mappings(X509 *cert)
{
	add_odd(cert, NID_policy_mappings, "1.2.3.4:1.2.3.5", false);
}

static void
inhibit_any_policy(X509 *cert)
{
	add_odd(cert, NID_inhibit_any_policy, "0", false);
}

static void
usage_twice(X509 *cert)
{
	add_odd(cert, NID_ext_key_usage, OID_MESSAGE_SIGNING, false);
}

static void
country_twice(X509 *cert)
{
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "C", MBSTRING_ASC,
		(const unsigned char *)"KE", -1, -1, 0);
}

/* One character whose two octets are those of "KE". */
static void
country_disguised(X509 *cert)
{
	X509_NAME *n = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(n, NID_countryName, -1);
	X509_NAME_ENTRY *e = X509_NAME_delete_entry(n, at);

	X509_NAME_ENTRY_free(e);
	X509_NAME_add_entry_by_NID(
		n, NID_countryName, V_ASN1_BMPSTRING, (unsigned char *)"KE", 2, -1, 0);
}

static void
another_issuer(X509 *cert)
{
	X509_set_issuer_name(cert, X509_get_subject_name(authority[1].cert));
}

static void
fault_of_a_party_is_refused_with_its_code(void **state)
{
	const struct {
		const char *what;
		struct plan plan;
		enum err expected;
	} cases[] = {
		{"nothing", {0}, E_OK},
		{"critical extended usage", {.extended = "critical," OID_MESSAGE_SIGNING}, E_OK},
		{"SHA-384", {.md = EVP_sha384()}, E_OK},
		{"no basicConstraints", {.basic = ""}, E_OK},
		{"serial of 20 octets", {.spoil = serial_of_20}, E_OK},
		{"unknown, not critical", {.spoil = unknown_extension}, E_OK},
		{"policies", {.spoil = some_policies}, E_OK},
		{"expired", {.from_day = -9, .until_day = -2}, E_OK}, /* see below */
		{"after its authority", {.from_day = 4000, .until_day = 4001}, E_CERT_CHAIN},
		{"ends before it begins", {.from_day = 9, .until_day = 2}, E_CERT_CHAIN},
		{"version 1", {.version = 1}, E_CERT_CHAIN},
		{"an authority", {.basic = "critical,CA:TRUE"}, E_CERT_CHAIN},
		{"may issue", {.usage = "digitalSignature,keyCertSign"}, E_CERT_CHAIN},
		{"may revoke", {.usage = "digitalSignature,cRLSign"}, E_CERT_CHAIN},
		{"no key usage", {.usage = ""}, E_CERT_CHAIN},
		{"another key usage", {.usage = "critical,keyAgreement"}, E_CERT_CHAIN},
		{"extended usage of encryption", {.extended = OID_MESSAGE_ENCRYPTION},
			E_CERT_CHAIN},
		{"no extended usage", {.extended = ""}, E_CERT_CHAIN},
		{"serverAuth too", {.extended = OID_MESSAGE_SIGNING ",serverAuth"}, E_CERT_CHAIN},
		{"any extended usage", {.extended = "anyExtendedKeyUsage"}, E_CERT_CHAIN},
		{"extended usage twice", {.spoil = usage_twice}, E_CERT_CHAIN},
		{"serial zero", {.spoil = serial_zero}, E_CERT_CHAIN},
		{"negative serial", {.spoil = serial_negative}, E_CERT_CHAIN},
		{"serial of 21 octets", {.spoil = serial_of_21}, E_CERT_CHAIN},
		{"SHA-1", {.md = EVP_sha1()}, E_WEAK_KEY},
		{"SHA-224", {.md = EVP_sha224()}, E_WEAK_KEY},
		{"unknown critical extension", {.spoil = unknown_critical}, E_CERT_CHAIN},
		{"critical alternative names", {.spoil = critical_names}, E_CERT_CHAIN},
		{"critical policies", {.spoil = critical_policies}, E_CERT_CHAIN},
		{"name constraints", {.spoil = name_constraints}, E_CERT_CHAIN},
		{"policy constraints", {.spoil = policy_constraints}, E_CERT_CHAIN},
		{"policy mappings", {.spoil = policy_mappings}, E_CERT_CHAIN},
		{"inhibitAnyPolicy", {.spoil = inhibit_any_policy}, E_CERT_CHAIN},
		{"no country", {.country = ""}, E_CERT_CHAIN},
		{"another country", {.country = "SO"}, E_CERT_CHAIN},
		{"country in lower case", {.country = "ke"}, E_CERT_CHAIN},
		{"country twice", {.spoil = country_twice}, E_CERT_CHAIN},
		{"country of another spelling", {.spoil = country_disguised}, E_CERT_CHAIN},
		{"another issuer's name", {.spoil = another_issuer}, E_CERT_CHAIN},
		{"no key identifiers", {.no_key_ids = true}, E_CERT_CHAIN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum err e = load_leaf(&cases[i].plan);

		if (e != cases[i].expected)
			fail_msg("%s: %s", cases[i].what, err_word(e));
	}
}

/* Nobody needs the private half of a leaf's key here. */
static EVP_PKEY *
rsa_public(int bits, unsigned exponent)
{
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *n = BN_new(), *e = BN_new();
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;

	BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
	BN_set_word(e, exponent);
	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, e);
	params = OSSL_PARAM_BLD_to_param(b);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(ctx);
	BN_free(n);
	BN_free(e);
	return key;
}

static void
weak_key_of_a_party_is_refused(void **state)
{
	const struct {
		const char *what;
		EVP_PKEY *key;
		enum err expected;
	} cases[] = {
		{"P-256", EVP_EC_gen("P-256"), E_OK},
		{"P-384", EVP_EC_gen("P-384"), E_OK},
		{"RSA 3072", rsa_public(3072, 65537), E_OK},
		{"RSA 2048", rsa_public(2048, 65537), E_WEAK_KEY},
		{"RSA 16384", rsa_public(16384, 65537), E_WEAK_KEY},
		{"RSA e=3", rsa_public(3072, 3), E_WEAK_KEY},
		{"RSA e=65536", rsa_public(3072, 65536), E_WEAK_KEY},
		{"P-224", EVP_EC_gen("P-224"), E_WEAK_KEY},
		{"P-521", EVP_EC_gen("P-521"), E_WEAK_KEY},
		{"secp256k1", EVP_EC_gen("secp256k1"), E_WEAK_KEY},
		{"Ed25519", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), E_WEAK_KEY},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct plan p = {.key = cases[i].key};
		enum err e = load_leaf(&p);

		EVP_PKEY_free(cases[i].key);
		if (e != cases[i].expected)
			fail_msg("%s: %s", cases[i].what, err_word(e));
	}
}

/* It does not spoil the list: it is refused where it is used. */
static void
certificate_outside_its_life_signs_nothing(void **state)
{
	static const struct plan lives[] = {
		{.from_day = -9, .until_day = -2}, {.from_day = 2, .until_day = 9}, {0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lives); i++) {
		X509 *cert = make_from(&authority[0], &lives[i], "office", false);
		OWNED(struct trust, t, trust_free) = NULL;
		OWNED_BUF(der) = {0};
		EVP_PKEY *key = NULL;
		struct party code;
		struct digest d;
		struct sheet s;

		der_of(cert, &der);
		cert_free(&cert);
		digest_of(der.data, der.size, &d);
		s = usual_sheet(buf_bytes(&der));
		assert_int_equal(load(&s, &t), E_OK);
		assert_true(party_parse("KE.CRS", &code));
		assert_int_equal(trust_signing_key(trust_party(t, &code), &d, instant_now(), &key),
			lives[i].from_day == 0 ? E_OK : E_CERT_EXPIRED);
	}
}

static void
certificate_to_encrypt_to_has_its_own_usage(void **state)
{
	static const struct {
		struct plan plan;
		enum err expected;
	} cases[] = {
		{{.usage = "critical,keyAgreement", .extended = OID_MESSAGE_ENCRYPTION}, E_OK},
		{{.usage = "critical,keyAgreement"}, E_CERT_CHAIN},
		{{.extended = OID_MESSAGE_ENCRYPTION}, E_CERT_CHAIN},
		{{.usage = "", .extended = OID_MESSAGE_ENCRYPTION}, E_CERT_CHAIN},
	};
	OWNED_BUF(sign) = {0};

	(void)state;
	der_of(party[0].cert, &sign);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct plan p = cases[i].plan;
		OWNED(struct trust, t, trust_free) = NULL;
		struct sheet s = usual_sheet(buf_bytes(&sign));
		OWNED_BUF(der) = {0};
		X509 *cert;

		p.key = EVP_EC_gen("P-256"); /* one key, one place */
		cert = make_from(&authority[0], &p, "office", false);
		der_of(cert, &der);
		cert_free(&cert);
		key_free(&p.key);
		s.encrypt = buf_bytes(&der);
		assert_int_equal(load(&s, &t), cases[i].expected);
	}
}

/* ---- octets of a certificate ---- */

static void
long_comment(X509 *cert)
{
	char text[9000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	cert_extend(cert, cert, NID_netscape_comment, text);
}

static enum err
load_octets(const struct buf *der)
{
	OWNED(struct trust, t, trust_free) = NULL;
	struct sheet s = usual_sheet(buf_bytes(der));

	return load(&s, &t);
}

static void
certificate_has_one_encoding_and_a_size(void **state)
{
	struct plan large = {.spoil = long_comment};
	OWNED_BUF(der) = {0};
	OWNED_BUF(more) = {0};
	OWNED_BUF(endless) = {0};

	(void)state;
	assert_int_equal(load_leaf(&large), E_SCHEMA);
	der_of(party[0].cert, &der);
	assert_int_equal(load_octets(&der), E_OK);
	buf_add_bytes(&more, buf_bytes(&der));
	buf_u8(&more, 0);
	assert_int_equal(load_octets(&more), E_SCHEMA);
	assert_memory_equal(der.data, "\x30\x82", 2); /* the same, of indefinite length */
	buf_add(&endless, "\x30\x80", 2);
	buf_add(&endless, der.data + 4, der.size - 4);
	buf_add(&endless, "\0\0", 2);
	assert_int_equal(load_octets(&endless), E_SCHEMA);
	der.data[der.size - 1] ^= 1; /* of the signature */
	assert_int_equal(load_octets(&der), E_CERT_CHAIN);
}

/* ---- faults of an authority ---- */

static void
negative_path(X509 *cert)
{
	BASIC_CONSTRAINTS *b = BASIC_CONSTRAINTS_new();

	b->ca = 0xff;
	b->pathlen = ASN1_INTEGER_new();
	ASN1_INTEGER_set(b->pathlen, -1);
	assert_int_equal(X509_add1_ext_i2d(cert, NID_basic_constraints, b, 1, 0), 1);
	BASIC_CONSTRAINTS_free(b);
}

static void
fault_of_an_authority_is_refused_with_its_code(void **state)
{
	static const struct plan party_plan;
	const struct {
		const char *what;
		struct plan plan;
		enum err expected;
	} cases[] = {
		{"nothing", {0}, E_OK},
		{"no path length", {.basic = "critical,CA:TRUE"}, E_OK},
		{"CA:FALSE", {.basic = "critical,CA:FALSE"}, E_CERT_CHAIN},
		{"no basicConstraints", {.basic = ""}, E_CERT_CHAIN},
		{"not critical", {.basic = "CA:TRUE"}, E_CERT_CHAIN},
		{"negative path length", {.basic = "", .spoil = negative_path}, E_CERT_CHAIN},
		{"no key usage", {.usage = ""}, E_CERT_CHAIN},
		{"may not issue", {.usage = "critical,cRLSign"}, E_CERT_CHAIN},
		{"version 1", {.version = 1}, E_CERT_CHAIN},
		{"unknown critical extension", {.spoil = unknown_critical}, E_CERT_CHAIN},
		{"SHA-1", {.md = EVP_sha1()}, E_WEAK_KEY},
		{"ended before the party began", {.from_day = -30, .until_day = -9}, E_CERT_CHAIN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct pair a = make_authority("KE", &cases[i].plan);
		X509 *cert = make_from(&a, &party_plan, "office", false);
		OWNED(struct trust, t, trust_free) = NULL;
		OWNED_BUF(der) = {0};
		struct sheet s;
		enum err e;

		der_of(cert, &der);
		cert_free(&cert);
		s = usual_sheet(buf_bytes(&der));
		s.anchor[0].cert = a.cert;
		e = load(&s, &t);
		free_pair(&a);
		if (e != cases[i].expected)
			fail_msg("%s: %s", cases[i].what, err_word(e));
	}
}

static void
authority_that_may_not_revoke_revokes_nobody(void **state)
{
	static const struct plan none, usages[] = {{.usage = "critical,keyCertSign"}, {0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(usages); i++) {
		struct pair a = make_authority("KE", &usages[i]);
		X509 *cert = make_from(&a, &none, "office", false);
		struct crl_plan p = {.issuer = a.cert, .key = a.key, .number = 1};
		OWNED(struct revocations, r, revocations_free) = revocations_new();
		OWNED(struct trust, t, trust_free) = NULL;
		OWNED_BUF(der) = {0};
		OWNED_BUF(list) = {0};
		struct sheet s;

		der_of(cert, &der);
		cert_free(&cert);
		s = usual_sheet(buf_bytes(&der));
		s.anchor[0].cert = a.cert;
		assert_int_equal(load(&s, &t), E_OK);
		crl_make(&p, &list);
		assert_int_equal(take(r, t, &list), usages[i].usage ? E_REVOCATION : E_OK);
		free_pair(&a);
	}
}

static struct pair
intermediate_of(const struct pair *root)
{
	struct pair a = {.key = EVP_EC_gen("P-256")};
	struct plan p = {.key = a.key};

	a.cert = make_from(root, &p, "intermediate", true);
	return a;
}

static void
intermediate_authority_stands_for_nobody(void **state)
{
	static const struct plan authority_plan = {.basic = "critical,CA:TRUE,pathlen:1"};
	static const struct plan party_plan;
	struct pair root = make_authority("KE", &authority_plan);
	struct pair between = intermediate_of(&root);
	X509 *cert = make_from(&between, &party_plan, "office", false);
	X509 *direct = make_from(&root, &party_plan, "office", false);
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED_BUF(der) = {0};
	struct sheet s;

	(void)state;
	der_of(cert, &der);
	s = usual_sheet(buf_bytes(&der));
	s.anchor[0].cert = root.cert;
	assert_int_equal(load(&s, &t), E_CERT_CHAIN);
	s.anchor[1].country = "KE"; /* listed beside its root */
	s.anchor[1].cert = between.cert;
	assert_int_equal(load(&s, &t), E_CERT_CHAIN);
	s.anchor[0].cert = between.cert; /* listed alone */
	s.anchor[1].cert = NULL;
	assert_int_equal(load(&s, &t), E_CERT_CHAIN);
	der_of(direct, &der); /* and where nobody needs it */
	s = usual_sheet(buf_bytes(&der));
	s.anchor[0].cert = root.cert;
	assert_int_equal(load(&s, &t), E_OK);
	trust_free(&t);
	s.anchor[1].country = "KE";
	s.anchor[1].cert = between.cert;
	assert_int_equal(load(&s, &t), E_CERT_CHAIN);
	cert_free(&cert);
	cert_free(&direct);
	free_pair(&between);
	free_pair(&root);
}

static void
swapped_certificates_are_refused(void **state)
{
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED_BUF(der) = {0};
	struct sheet s;

	(void)state;
	der_of(authority[0].cert, &der); /* the authority as a party */
	s = usual_sheet(buf_bytes(&der));
	assert_int_equal(load(&s, &t), E_CERT_CHAIN);
	s.anchor[0].cert = party[0].cert; /* and the party as its authority */
	assert_int_equal(load(&s, &t), E_CERT_CHAIN);
	der_of(party[0].cert, &der);
	s.sign = buf_bytes(&der);
	assert_int_equal(load(&s, &t), E_CERT_CHAIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_own_authority_makes_a_party),
		cmocka_unit_test(only_the_own_authority_stands_for_a_country),
		cmocka_unit_test(only_the_own_authority_revokes),
		cmocka_unit_test(only_the_own_authority_vouches),
		cmocka_unit_test(only_the_own_authority_answers),
		cmocka_unit_test(fault_of_a_party_is_refused_with_its_code),
		cmocka_unit_test(weak_key_of_a_party_is_refused),
		cmocka_unit_test(certificate_outside_its_life_signs_nothing),
		cmocka_unit_test(certificate_to_encrypt_to_has_its_own_usage),
		cmocka_unit_test(certificate_has_one_encoding_and_a_size),
		cmocka_unit_test(fault_of_an_authority_is_refused_with_its_code),
		cmocka_unit_test(authority_that_may_not_revoke_revokes_nobody),
		cmocka_unit_test(intermediate_authority_stands_for_nobody),
		cmocka_unit_test(swapped_certificates_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
