/* SPDX-License-Identifier: EUPL-1.2
 *
 * What agreements and registries say in a trust list: read, checked, and kept when a body is
 * written for several. */
#include "tests/unit/test_realm.h"

#include "lib/encrypt.h"

static struct realm *realm;

static int
begin(void **state)
{
	(void)state;
	realm_ready();
	realm = realm_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	realm_free(&realm);
	return 0;
}

static enum err
load_with(const char *demands, const char *profile, struct trust **out)
{
	OWNED_BUF(list) = {0};

	realm_demands = demands;
	realm_profile = profile;
	realm_sign_list(realm, "8", instant_now(), &list);
	realm_demands = realm_profile = NULL;
	return trust_load(buf_bytes(&list), realm->operator_cert, instant_now(), out);
}

static void
expect(const char *demands, const char *profile, enum err expected)
{
	OWNED(struct trust, t, trust_free) = NULL;

	assert_string_equal(err_word(load_with(demands, profile, &t)), err_word(expected));
}

/* ---- reading ---- */

static void
what_a_registry_says_of_itself_is_read(void **state)
{
	const struct party somalia = party_of(SOMALIA), kenya = party_of(KENYA);
	OWNED(struct trust, t, trust_free) = NULL;
	const struct trust_profile *p;

	assert_int_equal(
		load_with(NULL,
			"<tl:Profile assentAge=\"12\" decisionDays=\"60\" tacitDays=\"240\" "
			"tier=\"1\"><tl:Provision>Law 9/2023 art. 3</tl:Provision>"
			"<tl:Need>b:Parent</tl:Need><tl:Need>b:Birth/b:Time</tl:Need></tl:Profile>",
			&t),
		E_OK);
	p = &trust_party(t, &somalia)->profile;
	assert_true(p->given);
	assert_int_equal(p->tier, 1);
	assert_int_equal(p->assent_age, 12);
	assert_int_equal(p->decision_days, 60);
	assert_int_equal(p->tacit_days, 240);
	assert_string_equal(p->provision, "Law 9/2023 art. 3");
	assert_int_equal(p->n_need, 2);
	assert_string_equal(p->need[0], "b:Parent");
	assert_string_equal(p->need[1], "b:Birth/b:Time");
	p = &trust_party(t, &kenya)->profile;
	assert_false(p->given);
	assert_int_equal(p->tacit_days, 0);
	assert_int_equal(p->n_need, 0);
}

static void
silence_needs_a_law_and_a_law_days(void **state)
{
	expect(NULL, "<tl:Profile tier=\"0\"></tl:Profile>", E_OK);
	expect(NULL, "<tl:Profile tacitDays=\"240\" tier=\"0\"></tl:Profile>", E_SCHEMA);
	expect(NULL, "<tl:Profile tier=\"0\"><tl:Provision>Law</tl:Provision></tl:Profile>",
		E_SCHEMA);
	expect(NULL, "<tl:Profile></tl:Profile>", E_SCHEMA);
	expect(NULL, "<tl:Profile tier=\"4\"></tl:Profile>", E_SCHEMA);
	expect(NULL, "<tl:Profile decisionDays=\"0\" tier=\"1\"></tl:Profile>", E_SCHEMA);
	expect(NULL, "<tl:Profile decisionDays=\"3651\" tier=\"1\"></tl:Profile>", E_SCHEMA);
}

static void
terms_of_an_agreement_are_read(void **state)
{
	OWNED(struct trust, t, trust_free) = NULL;
	const struct party kenya = party_of(KENYA), somalia = party_of(SOMALIA);
	const struct trust_agreement *g;

	assert_int_equal(
		load_with("<tl:Field>b:Parent/t:Name</tl:Field><tl:Field>b:Annotation</tl:Field>"
			  "<tl:ConsentRequired></tl:ConsentRequired>"
			  "<tl:ClearanceRequired></tl:ClearanceRequired>",
			NULL, &t),
		E_OK);
	g = trust_agreement(t, &kenya, &somalia, A_CERTIFIED_EXTRACT);
	assert_non_null(g);
	assert_ptr_equal(g, trust_agreement_by_id(t, g->id));
	assert_null(trust_agreement_by_id(t, "AGR-no"));
	assert_int_equal(g->n_field, 2);
	assert_string_equal(g->field[0], "b:Parent/t:Name");
	assert_string_equal(g->field[1], "b:Annotation");
	assert_true(g->consent_required && g->clearance_required);
	assert_int_equal(g->n_also, 0);
}

/* ---- who can open ---- */

static size_t more_certs; /* of SOMALIA, to be written to */

static void
put_more_certs(struct buf *list)
{
	OWNED_BUF(copy) = {0};
	const char *party, *curve;

	buf_add_bytes(&copy, buf_bytes(list));
	party = strstr((char *)copy.data, "code=\"SO.NIRA\"");
	curve = party != NULL ? strstr(party, "<tl:Curve>") : NULL;
	assert_non_null(curve);
	buf_reset(list);
	buf_add(list, copy.data, (size_t)(curve - (char *)copy.data));
	for (size_t i = 0; i < more_certs; i++) {
		OWNED(struct identity, more, identity_free) =
			identity_make(realm, &realm_parties[SOMALIA], false);

		put_cert(list, "tl:Encrypt", NULL, more->cert);
	}
	buf_text(list, curve);
}

/* One road with its terms, in a list that has no other. */
static struct trust *
road_with(enum who from, enum who to, const char *demands, enum err expected)
{
	OWNED_BUF(plain) = {0};
	OWNED_BUF(whole) = {0};
	OWNED_BUF(list) = {0};
	struct identity operator= {.key = realm->operator_key, .cert = realm->operator_cert};
	unsigned char *der = NULL;
	struct trust *t = NULL;
	const char *cut, *rest;

	operator.der_size =(size_t) i2d_X509(realm->operator_cert, &der);
	operator.der = der;
	realm_list(realm, "8", instant_now(), &plain);
	buf_u8(&plain, 0);
	cut = strstr((char *)plain.data, "<tl:Agreement ");
	rest = strstr((char *)plain.data, "<tl:Revoked ");
	assert_true(cut != NULL && rest != NULL);
	buf_add(&whole, plain.data, (size_t)(cut - (char *)plain.data));
	realm_demands = demands;
	put_agreement(&whole, from, to, instant_now() + DAY_MS);
	realm_demands = NULL;
	buf_text(&whole, rest);
	put_more_certs(&whole);
	assert_int_equal(seal_sign(buf_bytes(&whole), &operator, & list), E_OK);
	OPENSSL_free(der);
	assert_string_equal(
		err_word(trust_load(buf_bytes(&list), realm->operator_cert, instant_now(), &t)),
		err_word(expected));
	return t;
}

static void
expect_also(const char *also, enum err expected)
{
	OWNED(struct trust, t, trust_free) = road_with(KENYA, SOMALIA, also, expected);

	assert_int_equal(t != NULL, expected == E_OK);
}

static void
offices_of_the_two_states_or_of_none_can_be_let_in(void **state)
{
	expect_also("<tl:AlsoTo>KE.LAPSED</tl:AlsoTo>", E_OK);
	expect_also("<tl:AlsoTo>UNHCR.NBO</tl:AlsoTo>", E_OK);
	expect_also("<tl:AlsoTo>KE.CRS</tl:AlsoTo>", E_OK);
	expect_also("<tl:AlsoTo>DAFTAR.HUB</tl:AlsoTo>", E_SCHEMA); /* no escrow */
	expect_also("<tl:AlsoTo>KE.NOBODY</tl:AlsoTo>", E_SCHEMA);
	expect_also("<tl:AlsoTo>SO.NIRA</tl:AlsoTo>", E_SCHEMA); /* it is the addressee */
	expect_also("<tl:AlsoTo>UNHCR.NBO</tl:AlsoTo><tl:AlsoTo>UNHCR.NBO</tl:AlsoTo>", E_SCHEMA);
	/* From an office of no State to KE: SO is a third. */
	assert_null(road_with(OFFICE, KENYA, "<tl:AlsoTo>SO.NIRA</tl:AlsoTo>", E_SCHEMA));
}

static void
there_is_room_for_every_certificate_of_all_of_them(void **state)
{
	static const char also[] = "<tl:AlsoTo>UNHCR.NBO</tl:AlsoTo><tl:AlsoTo>KE.CRS</tl:AlsoTo>";

	more_certs = 1;
	{
		OWNED(struct trust, t, trust_free) = road_with(KENYA, SOMALIA, also, E_OK);
		X509 *certs[TRUST_RECIPIENTS];

		assert_int_equal(trust_recipients(t, trust_agreement_at(t, 0), certs, 4), 4);
	}
	more_certs = 2;
	expect_also(also, E_SCHEMA);
	more_certs = 0;
}

static size_t
count_keys(const struct buf *message)
{
	const char *at = (const char *)message->data;
	size_t n = 0;

	while ((at = strstr(at, "<xenc:EncryptedKey")) != NULL) {
		n++;
		at++;
	}
	return n;
}

static void
body_has_the_agreements_recipients_and_no_others(void **state)
{
	OWNED(struct trust, t, trust_free) =
		road_with(KENYA, SOMALIA, "<tl:AlsoTo>UNHCR.NBO</tl:AlsoTo>", E_OK);
	const struct trust_agreement *g = trust_agreement_at(t, 0);
	const struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	X509 *certs[TRUST_RECIPIENTS];
	OWNED_BUF(body) = {0};
	OWNED_BUF(message) = {0};

	assert_int_equal(trust_recipients(t, g, certs, ARRAY_LEN(certs)), 2);
	assert_int_equal(X509_cmp(certs[0], realm->encrypt[SOMALIA]->cert), 0);
	assert_int_equal(X509_cmp(certs[1], realm->encrypt[OFFICE]->cert), 0);
	body_make(A_CERTIFIED_EXTRACT, 500, &body);
	assert_int_equal(
		message_compose(&h, buf_bytes(&body), certs, 2, realm->sign[KENYA], &message),
		E_OK);
	buf_u8(&message, 0);
	assert_int_equal(count_keys(&message), 2);
	message.size--;
	for (enum who w = 0; w < WHO_N; w++) {
		OWNED_BUF(opened) = {0};
		enum err e = message_open(buf_bytes(&message), realm->encrypt[w], &opened);

		assert_int_equal(e, w == SOMALIA || w == OFFICE ? E_OK : E_BODY);
	}
}

static void
without_further_recipients_there_is_the_addressee_alone(void **state)
{
	OWNED(struct trust, t, trust_free) = road_with(KENYA, SOMALIA, NULL, E_OK);
	X509 *certs[TRUST_RECIPIENTS];

	assert_int_equal(trust_recipients(t, trust_agreement_at(t, 0), certs, ARRAY_LEN(certs)), 1);
	assert_int_equal(X509_cmp(certs[0], realm->encrypt[SOMALIA]->cert), 0);
}

/* The addressee has no certificate that can be used: the others are no reason to write. */
static void
nobody_is_written_to_in_the_addressees_place(void **state)
{
	OWNED(struct trust, t, trust_free) =
		road_with(KENYA, REVOKED, "<tl:AlsoTo>UNHCR.NBO</tl:AlsoTo>", E_OK);
	const struct party revoked = party_of(REVOKED);
	X509 *certs[TRUST_RECIPIENTS];

	((struct trust_party *)trust_party(t, &revoked))->n_encrypt = 0;
	assert_int_equal(trust_recipients(t, trust_agreement_at(t, 0), certs, ARRAY_LEN(certs)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_registry_says_of_itself_is_read),
		cmocka_unit_test(silence_needs_a_law_and_a_law_days),
		cmocka_unit_test(terms_of_an_agreement_are_read),
		cmocka_unit_test(offices_of_the_two_states_or_of_none_can_be_let_in),
		cmocka_unit_test(there_is_room_for_every_certificate_of_all_of_them),
		cmocka_unit_test(body_has_the_agreements_recipients_and_no_others),
		cmocka_unit_test(without_further_recipients_there_is_the_addressee_alone),
		cmocka_unit_test(nobody_is_written_to_in_the_addressees_place),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
