/* SPDX-License-Identifier: EUPL-1.2
 *
 * The trust list, provoked: a small realm is made in memory, one thing about it is made wrong, it
 * is signed, and trust_load must say exactly what. Certificates are made here by hand and not with
 * certs/issue.c, so that maker and checker are not of one opinion by descent. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "lib/child.h"
#include "lib/seal.h"
#include "lib/trust.h"
#include "lib/xml.h"
#include "tests/unit/test.h"

#define DAY INT64_C(86400000)
#define NOW (INT64_C(1795478400000) + 12345) /* 2026-11-24 */
#define SIGNING "digitalSignature"
#define AGREEING "keyAgreement"

/* ---- certificates ---- */

enum kind { KEY_EC, KEY_ED25519, KEY_RSA2048, KEY_RSA3072, KEY_N };

struct own { /* a key and its certificate */
	EVP_PKEY *key;
	X509 *cert;
};

struct recipe {
	const char *country, *name;
	const struct own *issuer; /* NULL: self-signed */
	enum kind kind;
	bool authority;
	const char *usage, *extended;
	int64_t from, until; /* days from NOW; until 0: 100 */
	long serial;	     /* 0: the next number */
};

static EVP_PKEY *
make_key(enum kind kind)
{
	static EVP_PKEY *slow[KEY_N]; /* RSA keys take long: one of each is enough */

	if (kind == KEY_EC)
		return EVP_EC_gen("P-256");
	if (kind == KEY_ED25519)
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (!slow[kind])
		slow[kind] = EVP_RSA_gen(kind == KEY_RSA2048 ? 2048 : 3072);
	EVP_PKEY_up_ref(slow[kind]);
	return slow[kind];
}

static void
extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

static void
add_name(X509 *cert, const char *field, const char *value)
{
	if (value && *value)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), field, MBSTRING_UTF8,
			(const unsigned char *)value, -1, -1, 0);
}

static const char *
critical(const char *value, char *out, size_t size)
{
	(void)snprintf(out, size, "critical,%s", value);
	return out;
}

static void
add_extensions(X509 *cert, X509 *issuer, const struct recipe *r)
{
	char text[128];

	extend(cert, issuer, NID_basic_constraints,
		r->authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (r->usage)
		extend(cert, issuer, NID_key_usage, critical(r->usage, text, sizeof(text)));
	if (r->extended)
		extend(cert, issuer, NID_ext_key_usage, r->extended);
	extend(cert, issuer, NID_subject_key_identifier, "hash");
	if (r->issuer)
		extend(cert, issuer, NID_authority_key_identifier, "keyid:always");
}

static struct own
make_cert(const struct recipe *r)
{
	static long serial = 1000;
	struct own o = {make_key(r->kind), X509_new()};
	X509 *issuer = r->issuer ? r->issuer->cert : o.cert;
	EVP_PKEY *signer = r->issuer ? r->issuer->key : o.key;
	bool edwards = EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519;

	X509_set_version(o.cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(o.cert), r->serial ? r->serial : serial++);
	X509_time_adj_ex(X509_getm_notBefore(o.cert), 0, 0,
		&(time_t){(NOW + (r->from ? r->from : -1) * DAY) / 1000});
	X509_time_adj_ex(X509_getm_notAfter(o.cert), 0, 0,
		&(time_t){(NOW + (r->until ? r->until : 100) * DAY) / 1000});
	add_name(o.cert, "C", r->country);
	add_name(o.cert, "CN", r->name);
	X509_set_issuer_name(o.cert, X509_get_subject_name(issuer));
	X509_set_pubkey(o.cert, o.key);
	add_extensions(o.cert, issuer, r);
	assert_true(X509_sign(o.cert, signer, edwards ? NULL : EVP_sha256()) > 0);
	return o;
}

static void
free_own(struct own *o)
{
	key_free(&o->key);
	cert_free(&o->cert);
}

/* ---- a realm, to be spoiled ---- */

#define MANY 12

struct entry {
	const char *code, *country, *role;
	X509 *sign[6], *encrypt[6];
	char curve[64]; /* first letter differs: one key each */
};

struct road {
	const char *id, *from, *to, *actions[12], *purpose[4], *more;
	int64_t until; /* days from NOW */
};

struct sheet {
	const char *realm;
	unsigned version;
	int64_t until; /* days from NOW */
	struct {
		const char *country;
		X509 *cert;
	} anchor[MANY];
	struct entry party[MANY];
	struct road road[MANY];
	struct {
		const char *country;
		const X509 *cert;
		int64_t at; /* days from NOW */
	} revoked[MANY];
};

/* Everything the sheets of the tests borrow from. */
static struct {
	struct own operator, realm, ke, so;
	struct own hub[2], crs[2], nira[2], nbo[2]; /* sign, encrypt */
	struct identity signer;
} w;

static struct own
authority(const char *country, const char *name)
{
	return make_cert(&(struct recipe){.country = country,
		.name = name,
		.authority = true,
		.usage = "keyCertSign,cRLSign",
		.from = -500,
		.until = 3000});
}

static struct recipe
good_sign(const struct own *issuer, const char *country)
{
	return (struct recipe){.issuer = issuer,
		.country = country,
		.name = "office",
		.usage = SIGNING,
		.extended = OID_MESSAGE_SIGNING};
}

static struct recipe
good_encrypt(const struct own *issuer, const char *country)
{
	return (struct recipe){.issuer = issuer,
		.country = country,
		.name = "office",
		.usage = AGREEING,
		.extended = OID_MESSAGE_ENCRYPTION};
}

static void
make_pair_of(struct own out[2], const struct own *issuer, const char *country)
{
	struct recipe sign = good_sign(issuer, country), encrypt = good_encrypt(issuer, country);

	out[0] = make_cert(&sign);
	out[1] = make_cert(&encrypt);
}

static int
make_world(void **state)
{
	char *schemas = schemas_find();
	unsigned char *der = NULL;
	int size;

	(void)state;
	xml_init();
	assert_non_null(schemas);
	assert_int_equal(xml_load_schemas(schemas), E_OK);
	free(schemas);
	w.operator=
		make_cert(&(struct recipe){.name = "operator", .usage = SIGNING, .until = 3000});
	w.realm = authority(NULL, "common authority");
	w.ke = authority("KE", "authority of KE");
	w.so = authority("SO", "authority of SO");
	make_pair_of(w.hub, &w.realm, NULL);
	make_pair_of(w.crs, &w.ke, "KE");
	make_pair_of(w.nira, &w.so, "SO");
	make_pair_of(w.nbo, &w.realm, NULL);
	size = i2d_X509(w.operator.cert, &der);
	w.signer = (struct identity){w.operator.key, w.operator.cert, der, (size_t)size};
	return 0;
}

static int
free_world(void **state)
{
	(void)state;
	OPENSSL_free(w.signer.der);
	free_own(&w.operator);
	free_own(&w.realm);
	free_own(&w.ke);
	free_own(&w.so);
	for (int i = 0; i < 2; i++) {
		free_own(&w.hub[i]);
		free_own(&w.crs[i]);
		free_own(&w.nira[i]);
		free_own(&w.nbo[i]);
	}
	return 0;
}

static struct sheet
good_sheet(void)
{
	return (struct sheet){
		.realm = "demo",
		.version = 7,
		.until = 90,
		.anchor = {{NULL, w.realm.cert}, {"KE", w.ke.cert}, {"SO", w.so.cert}},
		.party = {{"DAFTAR.HUB", NULL, "exchange", {w.hub[0].cert}, {w.hub[1].cert}, "H"},
			{"UNHCR.NBO", NULL, "liaison", {w.nbo[0].cert}, {w.nbo[1].cert}, "U"},
			{"SO.NIRA", "SO", "registry", {w.nira[0].cert}, {w.nira[1].cert}, "S"},
			{"KE.CRS", "KE", "registry", {w.crs[0].cert}, {w.crs[1].cert}, "K"}},
		.road = {{.id = "AGR-2",
				 .from = "KE.CRS",
				 .to = "SO.NIRA",
				 .actions = {"CertifiedExtract", "Query"},
				 .purpose = {"BIRTH-TRANSCRIPTION"},
				 .until = 50},
			{.id = "AGR-1",
				.from = "UNHCR.NBO",
				.to = "KE.CRS",
				.actions = {"TranscriptionRequest"},
				.purpose = {"BIRTH-TRANSCRIPTION", "BIRTH-CORRECTION"},
				.until = 50}},
	};
}

/* ---- writing and loading it ---- */

static const char *
instant(int64_t ms, char out[INSTANT_TEXT_SIZE])
{
	instant_format(ms, out);
	return out;
}

static void
put_cert(struct buf *b, const char *name, X509 *cert)
{
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);

	xml_open(b, name, NULL);
	buf_base64(b, der, (size_t)size);
	xml_close(b, name);
	OPENSSL_free(der);
}

static void
curve_of(const char *seed, uint8_t out[CURVE_KEY_SIZE])
{
	memset(out, seed[0], CURVE_KEY_SIZE);
}

static void
put_party(struct buf *b, const struct entry *e)
{
	xml_open(b, "tl:Party", "code", e->code, "country", e->country, "name", "An office", "role",
		e->role, NULL);
	for (size_t i = 0; e->sign[i]; i++)
		put_cert(b, "tl:Sign", e->sign[i]);
	for (size_t i = 0; e->encrypt[i]; i++)
		put_cert(b, "tl:Encrypt", e->encrypt[i]);
	for (const char *c = e->curve; *c; c++) {
		uint8_t key[CURVE_KEY_SIZE];

		curve_of(c, key);
		xml_open(b, "tl:Curve", NULL);
		buf_base64(b, key, sizeof(key));
		xml_close(b, "tl:Curve");
	}
	xml_close(b, "tl:Party");
}

static void
put_road(struct buf *b, const struct road *r)
{
	char at[INSTANT_TEXT_SIZE];

	xml_open(b, "tl:Agreement", "from", r->from, "id", r->id, "to", r->to, "validUntil",
		instant(NOW + r->until * DAY, at), NULL);
	for (size_t i = 0; r->actions[i]; i++)
		xml_element(b, "tl:Action", r->actions[i]);
	for (size_t i = 0; i < ARRAY_LEN(r->purpose) && r->purpose[i]; i++)
		xml_element(b, "tl:Purpose", r->purpose[i]);
	buf_text(b, r->more ? r->more : "");
	xml_close(b, "tl:Agreement");
}

static void
put_head(struct buf *b, const struct sheet *s)
{
	char from[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE], version[16];
	OWNED_BUF(key) = {0};
	uint8_t log[32];

	(void)snprintf(version, sizeof(version), "%u", s->version);
	curve_of("L", log);
	buf_base64(&key, log, sizeof(log));
	xml_open(b, "tl:TrustList", "xmlns:tl", NS_TRUST, "issuedAt", instant(NOW - DAY, from),
		"realm", s->realm, "schemaVersion", "1.0", "validUntil",
		instant(NOW + s->until * DAY, until), "version", version, NULL);
	xml_open(b, "tl:Operator", "name", "An operator", NULL);
	xml_close(b, "tl:Operator");
	xml_open(b, "tl:Log", "key", (const char *)key.data, "name", "daftar/demo", NULL);
	xml_close(b, "tl:Log");
}

static void
write_sheet(const struct sheet *s, struct buf *b)
{
	put_head(b, s);
	for (size_t i = 0; s->anchor[i].cert; i++) {
		OWNED_BUF(one) = {0};

		xml_open(&one, "tl:Anchor", "country", s->anchor[i].country, NULL);
		buf_add_bytes(b, buf_bytes(&one));
		buf_reset(&one);
		put_cert(&one, "tl:Anchor", s->anchor[i].cert);
		buf_text(b, (const char *)one.data + strlen("<tl:Anchor>"));
	}
	for (size_t i = 0; s->party[i].code; i++)
		put_party(b, &s->party[i]);
	for (size_t i = 0; s->road[i].id; i++)
		put_road(b, &s->road[i]);
	for (size_t i = 0; s->revoked[i].cert; i++) {
		const ASN1_INTEGER *serial = X509_get0_serialNumber(s->revoked[i].cert);
		char at[INSTANT_TEXT_SIZE];
		OWNED_BUF(hex) = {0};

		buf_hex(&hex, serial->data, (size_t)serial->length);
		xml_open(b, "tl:Revoked", "at", instant(NOW + s->revoked[i].at * DAY, at),
			"country", s->revoked[i].country, "serial", (const char *)hex.data, NULL);
		xml_close(b, "tl:Revoked");
	}
	xml_close(b, "tl:TrustList");
}

static void
sign_sheet(const struct sheet *s, struct buf *out)
{
	OWNED_BUF(plain) = {0};

	write_sheet(s, &plain);
	assert_int_equal(seal_sign(buf_bytes(&plain), &w.signer, out), E_OK);
}

static enum err
load(const struct sheet *s, struct trust **out)
{
	OWNED_BUF(list) = {0};

	sign_sheet(s, &list);
	return trust_load(buf_bytes(&list), w.operator.cert, NOW, out);
}

static void
expect(const struct sheet *s, enum err expected)
{
	OWNED(struct trust, t, trust_free) = NULL;
	enum err e = load(s, &t);

	assert_string_equal(err_word(e), err_word(expected));
	assert_true((t != NULL) == (e == E_OK));
}

static struct trust *
loaded(const struct sheet *s)
{
	struct trust *t = NULL;

	assert_string_equal(err_word(load(s, &t)), "OK");
	return t;
}

/* A sheet in which the registry of Kenya signs with this certificate instead. */
static void
expect_of_sign(const struct recipe *r, enum err expected)
{
	struct sheet s = good_sheet();
	struct own o = make_cert(r);

	s.party[3].sign[0] = o.cert;
	expect(&s, expected);
	free_own(&o);
}

static void
expect_of_encrypt(const struct recipe *r, enum err expected)
{
	struct sheet s = good_sheet();
	struct own o = make_cert(r);

	s.party[3].encrypt[0] = o.cert;
	expect(&s, expected);
	free_own(&o);
}

static struct party
party(const char *code)
{
	struct party p;

	assert_true(party_parse(code, &p));
	return p;
}

/* ---- the document ---- */

static void
a_good_list_is_loaded_and_read(void **state)
{
	struct sheet s = good_sheet();
	OWNED(struct trust, t, trust_free) = loaded(&s);
	uint8_t key[CURVE_KEY_SIZE];

	(void)state;
	assert_string_equal(trust_realm(t), "demo");
	assert_int_equal(trust_version(t), 7);
	assert_true(trust_valid_until(t) == NOW + 90 * DAY);
	assert_int_equal(trust_count(t), 4);
	assert_string_equal(trust_at(t, 0)->code.code, "DAFTAR.HUB");
	assert_string_equal(trust_at(t, 3)->code.code, "UNHCR.NBO");
	assert_string_equal(trust_exchange(t)->code.code, "DAFTAR.HUB");
	assert_string_equal(trust_log_name(t), "daftar/demo");
	curve_of("L", key);
	assert_memory_equal(trust_log_key(t), key, 32);
	assert_int_equal(trust_agreement_count(t), 2);
}

static void
a_party_is_found_by_code_and_by_key(void **state)
{
	struct sheet s = good_sheet();
	const struct trust_party *p;
	uint8_t key[CURVE_KEY_SIZE];
	struct party code = party("SO.NIRA"), nobody = party("ET.ICS");

	(void)state;
	strcpy(s.party[2].curve, "Ss"); /* a new key while the old one still counts */
	OWNED(struct trust, t, trust_free) = loaded(&s);
	p = trust_party(t, &code);
	assert_non_null(p);
	assert_int_equal(p->role, ROLE_REGISTRY);
	assert_string_equal(p->country, "SO");
	assert_string_equal(p->name, "An office");
	assert_null(trust_party(t, &nobody));
	curve_of("S", key);
	assert_ptr_equal(trust_by_curve(t, key), p);
	curve_of("s", key);
	assert_ptr_equal(trust_by_curve(t, key), p);
	curve_of("X", key);
	assert_null(trust_by_curve(t, key));
}

static void
an_unsigned_list_is_no_trust(void **state)
{
	struct sheet s = good_sheet();
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED_BUF(plain) = {0};

	(void)state;
	write_sheet(&s, &plain);
	assert_int_equal(trust_load(buf_bytes(&plain), w.operator.cert, NOW, &t), E_NO_TRUST);
	assert_null(t);
}

static void
a_list_signed_by_another_is_no_trust(void **state)
{
	struct sheet s = good_sheet();
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED_BUF(list) = {0};
	struct own other =
		make_cert(&(struct recipe){.name = "operator", .usage = SIGNING, .until = 3000});

	(void)state;
	sign_sheet(&s, &list);
	assert_int_equal(trust_load(buf_bytes(&list), other.cert, NOW, &t), E_NO_TRUST);
	/* A party of the realm is not its operator either. */
	assert_int_equal(trust_load(buf_bytes(&list), w.hub[0].cert, NOW, &t), E_NO_TRUST);
	free_own(&other);
}

static void
no_byte_of_a_list_can_be_altered(void **state)
{
	struct sheet s = good_sheet();
	OWNED_BUF(list) = {0};

	(void)state;
	sign_sheet(&s, &list);
	/* Every 53rd octet, so that each part of the document is met. */
	for (size_t i = 0; i < list.size; i += 53) {
		OWNED(struct trust, t, trust_free) = NULL;

		list.data[i] ^= 1;
		assert_int_equal(
			trust_load(buf_bytes(&list), w.operator.cert, NOW, &t), E_NO_TRUST);
		list.data[i] ^= 1;
	}
	OWNED(struct trust, t, trust_free) = NULL;
	assert_int_equal(trust_load(buf_bytes(&list), w.operator.cert, NOW, &t), E_OK);
}

static void
a_list_that_is_cut_off_is_no_trust(void **state)
{
	struct sheet s = good_sheet();
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED_BUF(list) = {0};
	struct bytes part;

	(void)state;
	sign_sheet(&s, &list);
	part = bytes_of(list.data, list.size / 2);
	assert_int_equal(trust_load(part, w.operator.cert, NOW, &t), E_NO_TRUST);
	assert_int_equal(trust_load(bytes_of(NULL, 0), w.operator.cert, NOW, &t), E_NO_TRUST);
}

static void
a_list_whose_days_are_over_is_old(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	s.until = 0;
	expect(&s, E_OK);
	s.until = -1;
	expect(&s, E_TRUST_OLD);
}

static void
a_signed_list_that_breaks_the_schema_is_refused(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	s.party[3].role = "king";
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.realm = "Demo!";
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.version = 0;
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.road[0].actions[0] = "Invasion";
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.road[0].purpose[0] = "CURIOSITY";
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.party[3].country = "Kenya";
	expect(&s, E_SCHEMA);
}

static void
a_file_is_loaded_and_a_missing_or_endless_one_is_no_trust(void **state)
{
	struct sheet s = good_sheet();
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED(struct trust, none, trust_free) = NULL;
	OWNED_BUF(list) = {0};
	char file[] = "/tmp/test_trust.XXXXXX";
	OWNED_FD(fd) = mkstemp(file);

	(void)state;
	sign_sheet(&s, &list);
	assert_int_equal(write(fd, list.data, list.size), list.size);
	assert_int_equal(trust_load_file(file, w.operator.cert, NOW, &t), E_OK);
	assert_int_equal(trust_bytes(t).size, list.size);
	assert_memory_equal(trust_bytes(t).data, list.data, list.size);
	unlink(file);
	assert_int_equal(trust_load_file(file, w.operator.cert, NOW, &none), E_NO_TRUST);
	assert_int_equal(trust_load_file("/dev/zero", w.operator.cert, NOW, &none), E_NO_TRUST);
}

static void
only_a_newer_list_of_the_same_realm_takes_over(void **state)
{
	struct sheet s = good_sheet();
	OWNED(struct trust, known, trust_free) = loaded(&s);
	OWNED(struct trust, again, trust_free) = NULL;

	(void)state;
	assert_int_equal(trust_replaces(known, known), E_OK);
	s.until = 91; /* the same version with other content */
	OWNED(struct trust, twin, trust_free) = loaded(&s);
	assert_int_equal(trust_replaces(known, twin), E_TRUST_OLD);
	s.version = 6;
	OWNED(struct trust, older, trust_free) = loaded(&s);
	assert_int_equal(trust_replaces(known, older), E_TRUST_OLD);
	s.version = 8;
	OWNED(struct trust, newer, trust_free) = loaded(&s);
	assert_int_equal(trust_replaces(known, newer), E_OK);
	s.realm = "production";
	OWNED(struct trust, other, trust_free) = loaded(&s);
	assert_int_equal(trust_replaces(known, other), E_WRONG_REALM);
}

/* ---- keys and certificates ---- */

static void
a_weak_key_anywhere_is_refused(void **state)
{
	struct recipe sign = good_sign(&w.ke, "KE"), encrypt = good_encrypt(&w.ke, "KE");
	struct sheet s = good_sheet();
	struct own o;

	(void)state;
	sign.kind = KEY_RSA2048;
	expect_of_sign(&sign, E_WEAK_KEY);
	encrypt.kind = KEY_RSA2048;
	encrypt.usage = "keyEncipherment";
	expect_of_encrypt(&encrypt, E_WEAK_KEY);
	/* Strong, but not on the closed list of signatures. */
	sign.kind = KEY_ED25519;
	expect_of_sign(&sign, E_WEAK_KEY);
	o = make_cert(&(struct recipe){.country = "KE",
		.name = "authority of KE",
		.authority = true,
		.usage = "keyCertSign",
		.kind = KEY_RSA2048});
	s.anchor[3].country = "KE";
	s.anchor[3].cert = o.cert;
	expect(&s, E_WEAK_KEY);
	free_own(&o);
}

static void
a_weak_operator_is_refused(void **state)
{
	struct sheet s = good_sheet();
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED_BUF(list) = {0};
	struct own weak = make_cert(
		&(struct recipe){.name = "operator", .usage = SIGNING, .kind = KEY_RSA2048});

	(void)state;
	sign_sheet(&s, &list);
	assert_int_equal(trust_load(buf_bytes(&list), weak.cert, NOW, &t), E_WEAK_KEY);
	free_own(&weak);
}

static void
rsa_of_3072_bits_is_welcome(void **state)
{
	struct recipe sign = good_sign(&w.ke, "KE"), encrypt = good_encrypt(&w.ke, "KE");

	(void)state;
	sign.kind = encrypt.kind = KEY_RSA3072;
	encrypt.usage = "keyEncipherment";
	expect_of_sign(&sign, E_OK);
	expect_of_encrypt(&encrypt, E_OK);
}

static void
no_authority_speaks_for_another_country(void **state)
{
	static const char *const countries[] = {NULL, "KE", "SO"};
	const struct own *issuers[] = {&w.realm, &w.ke, &w.so};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t c = 0; c < 3; c++) {
			struct recipe sign = good_sign(issuers[i], countries[c]);
			struct recipe encrypt = good_encrypt(issuers[i], countries[c]);
			/* The certificate says KE and KE's own authority has signed it. */
			enum err right = i == 1 && c == 1 ? E_OK : E_CERT_CHAIN;

			expect_of_sign(&sign, right);
			expect_of_encrypt(&encrypt, right);
		}
	}
}

static void
an_organisation_cannot_carry_a_country(void **state)
{
	struct recipe r = good_sign(&w.realm, "KE");
	struct own o = make_cert(&r);
	struct sheet s = good_sheet();

	(void)state;
	s.party[1].sign[0] = o.cert;
	expect(&s, E_CERT_CHAIN);
	free_own(&o);
}

static void
an_authority_of_the_same_name_is_not_the_anchor(void **state)
{
	struct own twin = authority("KE", "authority of KE");
	struct recipe r = good_sign(&twin, "KE");

	(void)state;
	expect_of_sign(&r, E_CERT_CHAIN);
	free_own(&twin);
}

static void
a_party_cannot_issue_certificates(void **state)
{
	struct recipe r = good_sign(&w.crs[0], "KE");

	(void)state;
	expect_of_sign(&r, E_CERT_CHAIN);
}

static void
a_self_signed_party_is_refused(void **state)
{
	struct recipe r = good_sign(NULL, "KE");

	(void)state;
	expect_of_sign(&r, E_CERT_CHAIN);
}

static void
only_the_profile_of_a_party_is_accepted(void **state)
{
	static const struct {
		const char *usage, *extended;
		bool authority;
		long serial;
	} bad[] = {
		{AGREEING, OID_MESSAGE_SIGNING, false, 0},
		{NULL, OID_MESSAGE_SIGNING, false, 0},
		{"digitalSignature,keyCertSign", OID_MESSAGE_SIGNING, false, 0},
		{"digitalSignature,cRLSign", OID_MESSAGE_SIGNING, false, 0},
		{SIGNING, NULL, false, 0},
		{SIGNING, OID_MESSAGE_ENCRYPTION, false, 0},
		{SIGNING, "serverAuth", false, 0},
		{SIGNING, OID_MESSAGE_SIGNING ",serverAuth", false, 0},
		{SIGNING, OID_MESSAGE_SIGNING, true, 0},
		{SIGNING, OID_MESSAGE_SIGNING, false, -5},
	};
	struct recipe encrypt = good_encrypt(&w.ke, "KE");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct recipe r = good_sign(&w.ke, "KE");

		r.usage = bad[i].usage;
		r.extended = bad[i].extended;
		r.authority = bad[i].authority;
		r.serial = bad[i].serial;
		expect_of_sign(&r, E_CERT_CHAIN);
	}
	encrypt.usage = SIGNING;
	expect_of_encrypt(&encrypt, E_CERT_CHAIN);
	encrypt = good_encrypt(&w.ke, "KE");
	encrypt.extended = OID_MESSAGE_SIGNING;
	expect_of_encrypt(&encrypt, E_CERT_CHAIN);
}

static void
expect_of_anchor(const char *country, X509 *cert, enum err expected)
{
	struct sheet s = good_sheet();

	s.anchor[3].country = country;
	s.anchor[3].cert = cert;
	expect(&s, expected);
}

/* Beside the good ones: nobody needs it, and still it spoils the list. */
static void
an_anchor_must_be_an_authority_of_its_country(void **state)
{
	struct own other = authority("KE", "another authority of KE");
	struct recipe r = {.country = "KE", .name = "x", .authority = true, .usage = SIGNING};
	struct own no_issuer = make_cert(&r);

	(void)state;
	expect_of_anchor("KE", other.cert, E_OK);
	expect_of_anchor("UG", other.cert, E_CERT_CHAIN);
	expect_of_anchor(NULL, other.cert, E_CERT_CHAIN);
	expect_of_anchor("KE", w.crs[0].cert, E_CERT_CHAIN);
	expect_of_anchor("KE", no_issuer.cert, E_CERT_CHAIN);
	free_own(&other);
	free_own(&no_issuer);
}

static void
a_country_without_anchor_has_no_party(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	s.anchor[2].cert = NULL; /* Somalia */
	expect(&s, E_CERT_CHAIN);
}

/* ---- the life of certificates ---- */

static struct digest
digest_of_cert(X509 *cert)
{
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);
	struct digest d;

	digest_of(der, (size_t)size, &d);
	OPENSSL_free(der);
	return d;
}

static void
expect_key(const struct trust *t, const char *code, X509 *cert, int64_t when, enum err expected)
{
	struct digest d = digest_of_cert(cert);
	struct party p = party(code);
	EVP_PKEY *key = NULL;
	enum err e = trust_signing_key(trust_party(t, &p), &d, when, &key);

	assert_string_equal(err_word(e), err_word(expected));
	assert_true((key != NULL) == (e == E_OK));
	if (key)
		assert_int_equal(EVP_PKEY_eq(key, X509_get0_pubkey(cert)), 1);
}

static void
a_signing_key_is_found_by_its_own_certificate_only(void **state)
{
	struct sheet s = good_sheet();
	struct recipe r = good_sign(&w.ke, "KE");
	struct own second = make_cert(&r), unlisted = make_cert(&r);

	(void)state;
	s.party[3].sign[1] = second.cert;
	OWNED(struct trust, t, trust_free) = loaded(&s);
	expect_key(t, "KE.CRS", w.crs[0].cert, NOW, E_OK);
	expect_key(t, "KE.CRS", second.cert, NOW, E_OK);
	expect_key(t, "KE.CRS", unlisted.cert, NOW, E_UNKNOWN_CERT);
	expect_key(t, "KE.CRS", w.nira[0].cert, NOW, E_UNKNOWN_CERT);
	expect_key(t, "KE.CRS", w.crs[1].cert, NOW, E_UNKNOWN_CERT);
	free_own(&second);
	free_own(&unlisted);
}

static void
an_expired_certificate_does_not_spoil_the_list(void **state)
{
	struct sheet s = good_sheet();
	struct recipe r = good_sign(&w.ke, "KE");
	struct own past, future;

	(void)state;
	r.from = -20;
	r.until = -10;
	past = make_cert(&r);
	r.from = 10;
	r.until = 20;
	future = make_cert(&r);
	s.party[3].sign[0] = past.cert;
	s.party[3].sign[1] = future.cert;
	OWNED(struct trust, t, trust_free) = loaded(&s);
	expect_key(t, "KE.CRS", past.cert, NOW, E_CERT_EXPIRED);
	expect_key(t, "KE.CRS", past.cert, NOW - 15 * DAY, E_OK);
	expect_key(t, "KE.CRS", future.cert, NOW, E_CERT_EXPIRED);
	expect_key(t, "KE.CRS", future.cert, NOW + 15 * DAY, E_OK);
	free_own(&past);
	free_own(&future);
}

static void
a_list_loads_in_the_last_second_of_its_certificates_too(void **state)
{
	struct sheet s = good_sheet();
	OWNED_BUF(list) = {0};
	int64_t last = (NOW + 100 * DAY) / 1000 * 1000;

	(void)state;
	s.until = 200;
	sign_sheet(&s, &list);
	for (int64_t now = last - 1000; now <= last + 1000; now += 500) {
		OWNED(struct trust, t, trust_free) = NULL;

		assert_int_equal(trust_load(buf_bytes(&list), w.operator.cert, now, &t), E_OK);
	}
}

static void
a_party_ends_with_its_anchor(void **state)
{
	struct sheet s = good_sheet();
	struct own brief = make_cert(&(struct recipe){.country = "KE",
		.name = "brief authority",
		.authority = true,
		.usage = "keyCertSign",
		.until = 5});
	struct recipe r = good_sign(&brief, "KE");
	struct own o = make_cert(&r);

	(void)state;
	s.anchor[3].country = "KE";
	s.anchor[3].cert = brief.cert;
	s.party[3].sign[0] = o.cert;
	OWNED(struct trust, t, trust_free) = loaded(&s);
	expect_key(t, "KE.CRS", o.cert, NOW + 4 * DAY, E_OK);
	expect_key(t, "KE.CRS", o.cert, NOW + 6 * DAY, E_CERT_EXPIRED);
	free_own(&o);
	free_own(&brief);
}

static void
a_revoked_certificate_counts_until_it_was_revoked(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	s.revoked[0].country = "KE";
	s.revoked[0].cert = w.crs[0].cert;
	s.revoked[0].at = 2;
	OWNED(struct trust, t, trust_free) = loaded(&s);
	expect_key(t, "KE.CRS", w.crs[0].cert, NOW, E_OK);
	expect_key(t, "KE.CRS", w.crs[0].cert, NOW + 2 * DAY, E_CERT_REVOKED);
	expect_key(t, "KE.CRS", w.crs[0].cert, NOW + 3 * DAY, E_CERT_REVOKED);
	expect_key(t, "SO.NIRA", w.nira[0].cert, NOW + 3 * DAY, E_OK);
}

static void
a_serial_is_revoked_in_its_own_country_only(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	s.revoked[0].country = "SO";
	s.revoked[0].cert = w.crs[0].cert;
	s.revoked[0].at = -2;
	s.revoked[1].cert = w.crs[0].cert; /* without country: the realm's own authority */
	s.revoked[1].at = -2;
	OWNED(struct trust, t, trust_free) = loaded(&s);
	expect_key(t, "KE.CRS", w.crs[0].cert, NOW, E_OK);
}

static void
nobody_encrypts_to_an_expired_or_revoked_certificate(void **state)
{
	struct sheet s = good_sheet();
	struct recipe r = good_encrypt(&w.ke, "KE");
	struct party code = party("KE.CRS");
	const struct trust_party *p;
	struct own past;

	(void)state;
	r.from = -20;
	r.until = -10;
	past = make_cert(&r);
	s.party[3].encrypt[0] = past.cert;
	s.party[3].encrypt[1] = w.crs[1].cert;
	OWNED(struct trust, t, trust_free) = loaded(&s);
	p = trust_party(t, &code);
	assert_int_equal(p->n_encrypt, 1);
	assert_int_equal(X509_cmp(p->encrypt[0], w.crs[1].cert), 0);
	s.revoked[0].country = "KE";
	s.revoked[0].cert = w.crs[1].cert;
	OWNED(struct trust, none, trust_free) = loaded(&s);
	assert_int_equal(trust_party(none, &code)->n_encrypt, 0);
	free_own(&past);
}

/* ---- one of each ---- */

static void
a_party_is_listed_once(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	s.party[4] = s.party[3];
	strcpy(s.party[4].curve, "k");
	expect(&s, E_SCHEMA);
	/* nor with keys of its own */
	struct recipe sign = good_sign(&w.ke, "KE"), encrypt = good_encrypt(&w.ke, "KE");
	struct own other[2] = {make_cert(&sign), make_cert(&encrypt)};

	s.party[4].sign[0] = other[0].cert;
	s.party[4].encrypt[0] = other[1].cert;
	expect(&s, E_SCHEMA);
	s.party[4].code = "KE.NEW";
	expect(&s, E_OK);
	free_own(&other[0]);
	free_own(&other[1]);
}

static void
a_certificate_is_listed_once(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	s.party[1].sign[1] = s.party[1].sign[0];
	expect(&s, E_SCHEMA);
}

static void
a_key_belongs_to_one_party(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	strcpy(s.party[2].curve, "K");
	expect(&s, E_SCHEMA);
	s = good_sheet();
	strcpy(s.party[2].curve, "SS");
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.party[1].sign[0] = w.hub[0].cert;
	expect(&s, E_SCHEMA);
}

static void
a_realm_has_one_exchange(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	s.party[0].role = "liaison";
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.party[1].role = "exchange";
	expect(&s, E_SCHEMA);
}

static void
a_code_belongs_to_its_country(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	s.party[3].code = "SO.CRS"; /* with Kenya's anchor and certificates */
	s.road[0].id = NULL;
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.party[1].role = "registry"; /* an organisation cannot be a registry */
	expect(&s, E_SCHEMA);
}

static void
agreements_are_unique_and_between_two_known_parties(void **state)
{
	struct sheet s = good_sheet();

	(void)state;
	s.road[1].id = "AGR-2";
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.road[1].to = "ET.ICS";
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.road[1].from = "ET.ICS";
	expect(&s, E_SCHEMA);
	s = good_sheet();
	s.road[1].to = "UNHCR.NBO";
	expect(&s, E_SCHEMA);
}

/* ---- who may send what ---- */

static struct header
header(const char *from, const char *to, enum action action, const char *agreement)
{
	struct header h = {.action = action, .from = party(from), .to = party(to)};

	strcpy(h.realm, "demo");
	strcpy(h.agreement, agreement);
	strcpy(h.purpose, action == A_RECEIPT			 ? "RECEIPT"
			  : action == A_RECONCILIATION_STATEMENT ? "RECONCILIATION"
								 : "BIRTH-TRANSCRIPTION");
	return h;
}

static void
expect_allows(const struct trust *t, const struct header *h, enum err expected)
{
	assert_string_equal(err_word(trust_allows(t, h, NOW)), err_word(expected));
}

/* Every sender, addressee, kind of message and agreement: only what the two agreements say. */
static void
only_what_was_agreed_is_allowed(void **state)
{
	static const char *const codes[] = {"DAFTAR.HUB", "KE.CRS", "SO.NIRA", "UNHCR.NBO"};
	static const char *const agreements[] = {"AGR-1", "AGR-2", "AGR-3", "NONE"};
	struct sheet s = good_sheet();
	OWNED(struct trust, t, trust_free) = loaded(&s);
	size_t allowed = 0;

	(void)state;
	for (size_t i = 0; i < 4 * 4 * 4 * ACTION_N; i++) {
		const char *from = codes[i % 4], *to = codes[i / 4 % 4];
		const char *agreement = agreements[i / 16 % 4];
		enum action a = (enum action)(i / 64);
		struct header h = header(from, to, a, agreement);
		bool first = strcmp(from, "UNHCR.NBO") == 0 && strcmp(to, "KE.CRS") == 0 &&
			     strcmp(agreement, "AGR-1") == 0 && a == A_TRANSCRIPTION_REQUEST;
		bool second = strcmp(from, "KE.CRS") == 0 && strcmp(to, "SO.NIRA") == 0 &&
			      strcmp(agreement, "AGR-2") == 0 &&
			      (a == A_CERTIFIED_EXTRACT || a == A_QUERY);
		bool receipt =
			(strcmp(from, "DAFTAR.HUB") == 0) != (strcmp(to, "DAFTAR.HUB") == 0) &&
			strcmp(agreement, "NONE") == 0 && a == A_RECEIPT;
		bool statement = strcmp(from, "DAFTAR.HUB") != 0 && strcmp(to, "DAFTAR.HUB") == 0 &&
				 strcmp(agreement, "NONE") == 0 && a == A_RECONCILIATION_STATEMENT;
		bool allows = first || second || receipt || statement;

		allowed += allows;
		expect_allows(t, &h, allows ? E_OK : E_NO_AGREEMENT);
	}
	assert_int_equal(allowed, 1 + 2 + 6 + 3);
}

static void
realm_parties_and_purpose_are_checked(void **state)
{
	struct sheet s = good_sheet();
	OWNED(struct trust, t, trust_free) = loaded(&s);
	struct header h = header("UNHCR.NBO", "KE.CRS", A_TRANSCRIPTION_REQUEST, "AGR-1");

	(void)state;
	expect_allows(t, &h, E_OK);
	strcpy(h.purpose, "BIRTH-CORRECTION");
	expect_allows(t, &h, E_OK);
	strcpy(h.purpose, "RECONCILIATION");
	expect_allows(t, &h, E_PURPOSE);
	h = header("UNHCR.NBO", "KE.CRS", A_TRANSCRIPTION_REQUEST, "AGR-1");
	strcpy(h.realm, "production");
	expect_allows(t, &h, E_WRONG_REALM);
	h = header("UNHCR.NBO", "ET.ICS", A_TRANSCRIPTION_REQUEST, "AGR-1");
	expect_allows(t, &h, E_UNKNOWN_PARTY);
	h = header("ET.ICS", "KE.CRS", A_TRANSCRIPTION_REQUEST, "AGR-1");
	expect_allows(t, &h, E_UNKNOWN_PARTY);
	h = header("UNHCR.NBO", "KE.CRS", A_TRANSCRIPTION_REQUEST, "AGR-1");
	h.has_on_behalf_of = true;
	h.on_behalf_of = party("ET.ICS");
	expect_allows(t, &h, E_UNKNOWN_PARTY);
	h = header("KE.CRS", "DAFTAR.HUB", A_RECEIPT, "NONE");
	strcpy(h.purpose, "BIRTH-TRANSCRIPTION");
	expect_allows(t, &h, E_PURPOSE);
	h = header("KE.CRS", "DAFTAR.HUB", A_RECONCILIATION_STATEMENT, "NONE");
	strcpy(h.purpose, "RECEIPT");
	expect_allows(t, &h, E_PURPOSE);
}

static void
an_agreement_ends(void **state)
{
	struct sheet s = good_sheet();
	OWNED(struct trust, t, trust_free) = loaded(&s);
	struct header h = header("UNHCR.NBO", "KE.CRS", A_TRANSCRIPTION_REQUEST, "AGR-1");

	(void)state;
	assert_int_equal(trust_allows(t, &h, NOW + 50 * DAY), E_OK);
	assert_int_equal(trust_allows(t, &h, NOW + 51 * DAY), E_NO_AGREEMENT);
}

static void
an_agreement_that_demands_a_token_lets_nothing_pass_without(void **state)
{
	struct sheet s = good_sheet();
	struct header h = header("UNHCR.NBO", "KE.CRS", A_TRANSCRIPTION_REQUEST, "AGR-1");
	const struct trust_agreement *g;

	(void)state;
	s.road[1].more = "<tl:ConsentRequired></tl:ConsentRequired>";
	OWNED(struct trust, t, trust_free) = loaded(&s);
	expect_allows(t, &h, E_CONSENT_MISSING);
	g = trust_agreement(t, &h.from, &h.to, A_TRANSCRIPTION_REQUEST);
	assert_non_null(g);
	assert_true(g->consent_required);
	assert_false(g->clearance_required);
}

static void
the_agreement_that_lasts_longest_is_found(void **state)
{
	struct sheet s = good_sheet();
	struct party ke = party("KE.CRS"), so = party("SO.NIRA"), none = party("ET.ICS");
	const struct trust_agreement *g;

	(void)state;
	s.road[2] = s.road[0];
	s.road[2].id = "AGR-3";
	s.road[2].until = 60;
	s.road[2].actions[1] = NULL; /* extracts only */
	s.road[3] = s.road[2];
	s.road[3].id = "AGR-4";
	s.road[3].until = 10;
	OWNED(struct trust, t, trust_free) = loaded(&s);
	g = trust_agreement(t, &ke, &so, A_CERTIFIED_EXTRACT);
	assert_non_null(g);
	assert_string_equal(g->id, "AGR-3");
	assert_string_equal(g->purpose[0], "BIRTH-TRANSCRIPTION");
	g = trust_agreement(t, &ke, &so, A_QUERY);
	assert_non_null(g);
	assert_string_equal(g->id, "AGR-2");
	assert_null(trust_agreement(t, &ke, &so, A_CANCELLATION));
	assert_null(trust_agreement(t, &so, &ke, A_CERTIFIED_EXTRACT));
	assert_null(trust_agreement(t, &none, &ke, A_CERTIFIED_EXTRACT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_list_is_loaded_and_read),
		cmocka_unit_test(a_party_is_found_by_code_and_by_key),
		cmocka_unit_test(an_unsigned_list_is_no_trust),
		cmocka_unit_test(a_list_signed_by_another_is_no_trust),
		cmocka_unit_test(no_byte_of_a_list_can_be_altered),
		cmocka_unit_test(a_list_that_is_cut_off_is_no_trust),
		cmocka_unit_test(a_list_whose_days_are_over_is_old),
		cmocka_unit_test(a_signed_list_that_breaks_the_schema_is_refused),
		cmocka_unit_test(a_file_is_loaded_and_a_missing_or_endless_one_is_no_trust),
		cmocka_unit_test(only_a_newer_list_of_the_same_realm_takes_over),
		cmocka_unit_test(a_weak_key_anywhere_is_refused),
		cmocka_unit_test(a_weak_operator_is_refused),
		cmocka_unit_test(rsa_of_3072_bits_is_welcome),
		cmocka_unit_test(no_authority_speaks_for_another_country),
		cmocka_unit_test(an_organisation_cannot_carry_a_country),
		cmocka_unit_test(an_authority_of_the_same_name_is_not_the_anchor),
		cmocka_unit_test(a_party_cannot_issue_certificates),
		cmocka_unit_test(a_self_signed_party_is_refused),
		cmocka_unit_test(only_the_profile_of_a_party_is_accepted),
		cmocka_unit_test(an_anchor_must_be_an_authority_of_its_country),
		cmocka_unit_test(a_country_without_anchor_has_no_party),
		cmocka_unit_test(a_signing_key_is_found_by_its_own_certificate_only),
		cmocka_unit_test(an_expired_certificate_does_not_spoil_the_list),
		cmocka_unit_test(a_list_loads_in_the_last_second_of_its_certificates_too),
		cmocka_unit_test(a_party_ends_with_its_anchor),
		cmocka_unit_test(a_revoked_certificate_counts_until_it_was_revoked),
		cmocka_unit_test(a_serial_is_revoked_in_its_own_country_only),
		cmocka_unit_test(nobody_encrypts_to_an_expired_or_revoked_certificate),
		cmocka_unit_test(a_party_is_listed_once),
		cmocka_unit_test(a_certificate_is_listed_once),
		cmocka_unit_test(a_key_belongs_to_one_party),
		cmocka_unit_test(a_realm_has_one_exchange),
		cmocka_unit_test(a_code_belongs_to_its_country),
		cmocka_unit_test(agreements_are_unique_and_between_two_known_parties),
		cmocka_unit_test(only_what_was_agreed_is_allowed),
		cmocka_unit_test(realm_parties_and_purpose_are_checked),
		cmocka_unit_test(an_agreement_ends),
		cmocka_unit_test(an_agreement_that_demands_a_token_lets_nothing_pass_without),
		cmocka_unit_test(the_agreement_that_lasts_longest_is_found),
	};

	return cmocka_run_group_tests(tests, make_world, free_world);
}
