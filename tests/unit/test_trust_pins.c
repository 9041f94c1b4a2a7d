/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a trust list pins to a party stays that party's: certificates, keys and the key of the line,
 * each moved to another in a list that its operator signs. And the numbers that the exchange reads
 * for a party. */
#include "tests/unit/test_realm.h"

static struct realm *realm;

static int
make_world(void **state)
{
	(void)state;
	realm_ready();
	realm = realm_new();
	return 0;
}

static int
free_world(void **state)
{
	(void)state;
	realm_free(&realm);
	return 0;
}

/* The list with `from' once replaced by `to', signed. */
static enum err
load_with(const char *from, const char *to, struct trust **out)
{
	struct identity operator= {.key = realm->operator_key, .cert = realm->operator_cert};
	OWNED_BUF(plain) = {0};
	OWNED_BUF(text) = {0};
	OWNED_BUF(list) = {0};
	unsigned char *der = NULL;
	const char *at;

	realm_list(realm, "8", instant_now(), &plain);
	at = strstr((const char *)plain.data, from);
	assert_non_null(at);
	buf_add(&text, plain.data, (size_t)(at - (const char *)plain.data));
	buf_text(&text, to);
	buf_text(&text, at + strlen(from));
	operator.der_size =(size_t) i2d_X509(realm->operator_cert, &der);
	operator.der = der;
	assert_int_equal(seal_sign(buf_bytes(&text), &operator, & list), E_OK);
	OPENSSL_free(der);
	return trust_load(buf_bytes(&list), realm->operator_cert, instant_now(), out);
}

static void
expect(const char *from, const char *to, enum err wanted)
{
	OWNED(struct trust, t, trust_free) = NULL;
	enum err e = load_with(from, to, &t);

	if (e != wanted)
		fail_msg("%s in the place of %s", err_word(e), err_word(wanted));
}

/* <tl:Sign>BASE64</tl:Sign> */
static char *
element_of(const char *name, const X509 *cert)
{
	OWNED_BUF(b) = {0};

	put_cert(&b, name, NULL, cert);
	return xstrdup((const char *)b.data);
}

static struct identity *
of_kenya(EVP_PKEY *key, bool signs)
{
	struct identity *i = identity_make(realm, &realm_parties[KENYA], signs);
	size_t at = country_index("KE");

	if (key == NULL)
		return i;
	cert_free(&i->cert);
	i->cert = cert_make(&(struct cert_plan){.country = "KE",
		.name = "KE.CRS",
		.key = key,
		.issuer = realm->anchor[at],
		.issuer_key = realm->anchor_key[at],
		.from_day = -1,
		.until_day = 300,
		.basic = "critical,CA:FALSE",
		.usage = signs ? "critical,digitalSignature" : "critical,keyAgreement",
		.extended = signs ? OID_MESSAGE_SIGNING : OID_MESSAGE_ENCRYPTION});
	return i;
}

static void
a_certificate_is_its_own_partys(void **state)
{
	OWNED(char, kenya, free_chars) = element_of("tl:Sign", realm->sign[KENYA]->cert);
	OWNED(char, lapsed, free_chars) = element_of("tl:Sign", realm->sign[LAPSED]->cert);
	OWNED(char, somalia, free_chars) = element_of("tl:Sign", realm->sign[SOMALIA]->cert);
	OWNED(char, opens, free_chars) = element_of("tl:Encrypt", realm->encrypt[KENYA]->cert);
	OWNED(char, other, free_chars) = element_of("tl:Encrypt", realm->encrypt[SOMALIA]->cert);

	(void)state;
	expect(lapsed, kenya, E_SCHEMA);      /* another party's of the same country */
	expect(kenya, somalia, E_CERT_CHAIN); /* another country's */
	expect(opens, other, E_CERT_CHAIN);
	expect(kenya, kenya, E_OK);
}

static void
a_key_stands_in_one_place(void **state)
{
	OWNED(struct identity, again, identity_free) = of_kenya(realm->sign[KENYA]->key, true);
	OWNED(struct identity, taken, identity_free) = of_kenya(realm->sign[LAPSED]->key, true);
	OWNED(struct identity, both, identity_free) = of_kenya(realm->sign[KENYA]->key, false);
	OWNED(char, kenya, free_chars) = element_of("tl:Sign", realm->sign[KENYA]->cert);
	OWNED(char, opens, free_chars) = element_of("tl:Encrypt", realm->encrypt[KENYA]->cert);
	OWNED(char, one, free_chars) = element_of("tl:Sign", again->cert);
	OWNED(char, beside, free_chars) = xprintf("%s%s", kenya, one);
	OWNED(char, theirs, free_chars) = element_of("tl:Sign", taken->cert);
	OWNED(char, same, free_chars) = element_of("tl:Encrypt", both->cert);

	(void)state;
	expect(kenya, beside, E_OK);	 /* certified anew for the same use */
	expect(kenya, theirs, E_SCHEMA); /* of another party, in a certificate of this one */
	expect(opens, same, E_SCHEMA);	 /* it signs already */
}

static char *
curve_element(int seed)
{
	uint8_t key[CURVE_KEY_SIZE];
	OWNED_BUF(b) = {0};

	memset(key, seed, sizeof key);
	xml_open(&b, "tl:Curve", NULL);
	buf_base64(&b, key, sizeof key);
	xml_close(&b, "tl:Curve");
	return xstrdup((const char *)b.data);
}

static void
a_key_of_the_line_names_one_party(void **state)
{
	OWNED(char, kenya, free_chars) = curve_element('a' + KENYA);
	OWNED(char, somalia, free_chars) = curve_element('a' + SOMALIA);
	OWNED(char, twice, free_chars) = xprintf("%s%s", kenya, kenya);
	OWNED(char, fresh, free_chars) = curve_element('z');
	OWNED(char, beside, free_chars) = xprintf("%s%s", kenya, fresh);
	OWNED(struct trust, t, trust_free) = NULL;
	uint8_t key[CURVE_KEY_SIZE];

	(void)state;
	expect(kenya, somalia, E_SCHEMA);
	expect(kenya, twice, E_SCHEMA);
	assert_int_equal(load_with(kenya, beside, &t), E_OK);
	memset(key, 'a' + KENYA, sizeof key);
	assert_string_equal(trust_by_curve(t, key)->code.code, "KE.CRS");
	memset(key, 'z', sizeof key);
	assert_string_equal(trust_by_curve(t, key)->code.code, "KE.CRS");
}

static void
a_partys_quotas_are_read_and_bounded(void **state)
{
	static const char plain[] = "country=\"KE\" name=\"KE.CRS\" role=\"registry\"";
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED(struct trust, none, trust_free) = NULL;
	struct party kenya;

	(void)state;
	assert_true(party_parse("KE.CRS", &kenya));
	assert_int_equal(
		load_with(plain,
			"country=\"KE\" messagesPerMinute=\"120\" name=\"KE.CRS\" "
			"octetsPerMinute=\"900000000\" role=\"registry\" storeShare=\"25\"",
			&t),
		E_OK);
	assert_int_equal(trust_party(t, &kenya)->quota.messages, 120);
	assert_int_equal(trust_party(t, &kenya)->quota.octets, 900000000);
	assert_int_equal(trust_party(t, &kenya)->quota.share, 25);
	assert_int_equal(load_with(plain, plain, &none), E_OK);
	assert_int_equal(trust_party(none, &kenya)->quota.messages, 0);
	assert_int_equal(trust_party(none, &kenya)->quota.share, 0);
	expect(plain, "country=\"KE\" name=\"KE.CRS\" role=\"registry\" storeShare=\"101\"",
		E_SCHEMA);
	expect(plain, "country=\"KE\" messagesPerMinute=\"0\" name=\"KE.CRS\" role=\"registry\"",
		E_SCHEMA);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_its_own_partys),
		cmocka_unit_test(a_key_stands_in_one_place),
		cmocka_unit_test(a_key_of_the_line_names_one_party),
		cmocka_unit_test(a_partys_quotas_are_read_and_bounded),
	};

	return cmocka_run_group_tests(tests, make_world, free_world);
}
