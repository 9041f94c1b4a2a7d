/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bundles: what one side says comes out as it went in, and nothing that was made by somebody else,
 * for somebody else, or altered on the way comes out at all. */
#include "tests/unit/test_realm.h"

#include "lib/bundle.h"

static struct realm *realm;
static EVP_PKEY *log_key;

static struct bundle_head
head_of(enum who from, enum who to)
{
	struct bundle_head h = {
		.from = party_of(from), .to = party_of(to), .realm = "demo", .made = instant_now()};

	return h;
}

/* HELLO, a SUBMIT of `size' octets, TAKEN. */
static void
say_three(struct buf *out, size_t size)
{
	OWNED(uint8_t, octets, free_octets) = xcalloc(1, size);
	const struct wire said[] = {
		{.verb = V_HELLO, .epoch = 7, .resume = 3, .number = 16},
		{.verb = V_SUBMIT, .body = bytes_of(octets, size)},
		{.verb = V_TAKEN, .id = id_new()},
	};

	for (size_t i = 0; i < ARRAY_LEN(said); i++)
		assert_true(bundle_add(out, &said[i]));
}

static void
make(enum who from, enum who to, struct buf *out)
{
	struct bundle_head h = head_of(from, to);

	bundle_begin(out, &h);
	say_three(out, 1000);
	if (from == HUB)
		assert_int_equal(bundle_sign_as_exchange(out, log_key), E_OK);
	else
		assert_int_equal(bundle_sign(out, realm->sign[from]), E_OK);
}

static enum err
open_as(enum who self, const struct buf *b)
{
	struct party me = party_of(self);
	struct bundle_head h;
	struct cursor verbs;

	return bundle_open(buf_bytes(b), realm->trust, &me, instant_now(), &h, &verbs);
}

static void
read_back(enum who from, enum who to)
{
	static const enum verb expected[] = {V_HELLO, V_SUBMIT, V_TAKEN};
	struct party me = party_of(to), sender = party_of(from);
	struct bytes frame[WIRE_FRAMES_MAX];
	struct bundle_head h;
	struct cursor verbs;
	OWNED_BUF(b) = {0};
	size_t n;

	make(from, to, &b);
	assert_int_equal(
		bundle_open(buf_bytes(&b), realm->trust, &me, instant_now(), &h, &verbs), E_OK);
	assert_true(party_equal(&h.from, &sender));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		struct wire w;

		assert_int_equal(bundle_next(&verbs, frame, &n), E_OK);
		assert_int_equal(wire_decode(frame, n, 'p', &w), E_OK);
		assert_int_equal(w.verb, expected[i]);
		if (w.verb == V_SUBMIT)
			assert_int_equal(w.body.size, 1000);
	}
	assert_int_equal(bundle_next(&verbs, frame, &n), E_NOT_FOUND);
}

static void
what_a_party_or_the_exchange_says_comes_out_as_it_went_in(void **state)
{
	(void)state;
	read_back(KENYA, HUB);
	read_back(HUB, KENYA);
}

static void
bundle_for_somebody_else_is_not_read(void **state)
{
	OWNED_BUF(b) = {0};

	(void)state;
	make(HUB, KENYA, &b);
	assert_int_equal(open_as(SOMALIA, &b), E_NOT_ADDRESSEE);
}

static void
bundle_of_another_realm_is_not_read(void **state)
{
	struct bundle_head h = head_of(KENYA, HUB);
	OWNED_BUF(b) = {0};

	(void)state;
	strcpy(h.realm, "training");
	bundle_begin(&b, &h);
	assert_int_equal(bundle_sign(&b, realm->sign[KENYA]), E_OK);
	assert_int_equal(open_as(HUB, &b), E_WRONG_REALM);
}

/* Somalia signs what says that it comes from Kenya; a party says that it is the exchange. */
static void
nobody_makes_a_bundle_for_another(void **state)
{
	struct bundle_head kenya = head_of(KENYA, HUB), hub = head_of(HUB, KENYA);
	OWNED_BUF(a) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	bundle_begin(&a, &kenya);
	assert_int_equal(bundle_sign(&a, realm->sign[SOMALIA]), E_OK);
	assert_int_equal(open_as(HUB, &a), E_UNKNOWN_CERT);
	bundle_begin(&b, &hub);
	assert_int_equal(bundle_sign(&b, realm->sign[SOMALIA]), E_OK);
	assert_int_equal(open_as(KENYA, &b), E_INPUT);
}

static void
certificate_that_has_ended_or_was_revoked_signs_nothing(void **state)
{
	struct bundle_head revoked = head_of(REVOKED, HUB), lapsed = head_of(LAPSED, HUB);
	struct party hub = party_of(HUB);
	struct bundle_head h;
	struct cursor verbs;
	OWNED_BUF(a) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	bundle_begin(&a, &revoked);
	assert_int_equal(bundle_sign(&a, realm->sign[REVOKED]), E_OK);
	assert_int_equal(open_as(HUB, &a), E_CERT_REVOKED);
	bundle_begin(&b, &lapsed);
	assert_int_equal(bundle_sign(&b, realm->sign[LAPSED]), E_OK);
	assert_int_equal(open_as(HUB, &b), E_OK);
	assert_int_equal(bundle_open(buf_bytes(&b), realm->trust, &hub, instant_now() + 12 * DAY_MS,
				 &h, &verbs),
		E_CERT_EXPIRED);
}

static void
party_that_is_not_on_the_list_is_not_heard(void **state)
{
	struct bundle_head h = head_of(KENYA, HUB);
	OWNED_BUF(b) = {0};

	(void)state;
	memset(&h.from, 0, sizeof h.from);
	strcpy(h.from.code, "XX.NONE");
	bundle_begin(&b, &h);
	assert_int_equal(bundle_sign(&b, realm->sign[KENYA]), E_OK);
	assert_int_equal(open_as(HUB, &b), E_UNKNOWN_PARTY);
}

/* Whichever bit is turned, whichever end is cut off, the answer is no. */
static void
altered_bundle_is_not_read(enum who from, enum who to)
{
	OWNED_BUF(good) = {0};

	make(from, to, &good);
	assert_int_equal(open_as(to, &good), E_OK);
	for (size_t i = 0; i < good.size; i++) {
		good.data[i] ^= 1u << (i % 8);
		assert_int_not_equal(open_as(to, &good), E_OK);
		good.data[i] ^= 1u << (i % 8);
	}
	while (good.size > 0) {
		good.size--;
		assert_int_not_equal(open_as(to, &good), E_OK);
	}
}

static void
altered_or_shortened_bundle_is_not_read(void **state)
{
	(void)state;
	altered_bundle_is_not_read(KENYA, HUB);
	altered_bundle_is_not_read(HUB, KENYA);
}

static void
octets_behind_the_signature_are_not_passed_over(void **state)
{
	OWNED_BUF(b) = {0};

	(void)state;
	make(KENYA, HUB, &b);
	buf_u8(&b, 0);
	assert_int_equal(open_as(HUB, &b), E_INPUT);
}

static void
bundle_has_a_largest_size(void **state)
{
	struct bundle_head h = head_of(KENYA, HUB);
	OWNED(uint8_t, octets, free_octets) = xcalloc(1, WIRE_FRAME_MAX);
	const struct wire w = {.verb = V_SUBMIT, .body = bytes_of(octets, WIRE_FRAME_MAX)};
	OWNED_BUF(b) = {0};

	(void)state;
	bundle_begin(&b, &h);
	while (bundle_add(&b, &w))
		;
	assert_int_equal(bundle_sign(&b, realm->sign[KENYA]), E_OK);
	assert_in_range(b.size, BUNDLE_MAX - 2 * WIRE_FRAME_MAX, BUNDLE_MAX);
	assert_int_equal(open_as(HUB, &b), E_OK);
	buf_add(&b, octets, WIRE_FRAME_MAX);
	assert_int_equal(open_as(HUB, &b), E_TOO_LARGE);
}

static int
set_up(void **state)
{
	size_t size = sizeof realm_log_key;

	(void)state;
	log_key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_int_equal(EVP_PKEY_get_raw_public_key(log_key, realm_log_key, &size), 1);
	realm_ready();
	realm = realm_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	realm_free(&realm);
	key_free(&log_key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_party_or_the_exchange_says_comes_out_as_it_went_in),
		cmocka_unit_test(bundle_for_somebody_else_is_not_read),
		cmocka_unit_test(bundle_of_another_realm_is_not_read),
		cmocka_unit_test(nobody_makes_a_bundle_for_another),
		cmocka_unit_test(certificate_that_has_ended_or_was_revoked_signs_nothing),
		cmocka_unit_test(party_that_is_not_on_the_list_is_not_heard),
		cmocka_unit_test(altered_or_shortened_bundle_is_not_read),
		cmocka_unit_test(octets_behind_the_signature_are_not_passed_over),
		cmocka_unit_test(bundle_has_a_largest_size),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
