/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may connect, and how often; the clock is the test's own. */
#include "tests/unit/test.h"

#include "lib/admission.h"

static const uint8_t key[3][CURVE_KEY_SIZE] = {{9}, {4}, {7}};

static int
open_list(void **state)
{
	struct admission *a = admission_new();

	admission_set(a, key, 2);
	*state = a;
	return 0;
}

static int
close_list(void **state)
{
	struct admission *a = *state;

	admission_free(&a);
	return 0;
}

static void
before_a_list_is_told_all_are_asked_to_come_again(void **state)
{
	struct admission *a = admission_new();

	(void)state;
	assert_int_equal(admission_ask(a, key[0], 1), ADMITTED_LATER);
	assert_false(admission_hears(a, key[0], 1));
	admission_set(a, key, 0);
	assert_int_equal(admission_ask(a, key[0], 1), ADMITTED_NO);
	admission_free(&a);
}

static void
only_listed_keys_are_admitted(void **state)
{
	assert_int_equal(admission_ask(*state, key[0], 1), ADMITTED_YES);
	assert_int_equal(admission_ask(*state, key[1], 1), ADMITTED_YES);
	assert_int_equal(admission_ask(*state, key[2], 1), ADMITTED_NO);
	admission_set(*state, key + 1, 2);
	assert_false(admission_hears(*state, key[0], 1));
	assert_true(admission_hears(*state, key[2], 1));
}

static void
a_key_makes_twenty_connections_at_once_and_then_two_a_second(void **state)
{
	for (int i = 0; i < 20; i++)
		assert_int_equal(admission_ask(*state, key[0], 1000), ADMITTED_YES);
	assert_int_equal(admission_ask(*state, key[0], 1000), ADMITTED_LATER);
	assert_int_equal(admission_ask(*state, key[1], 1000), ADMITTED_YES);
	assert_int_equal(admission_ask(*state, key[0], 1500), ADMITTED_YES);
	assert_int_equal(admission_ask(*state, key[0], 1500), ADMITTED_LATER);
}

static void
a_ban_ends_and_the_next_is_twice_as_long(void **state)
{
	int64_t now = 1000;

	assert_int_equal(admission_ban(*state, key[0], now), 60000);
	assert_false(admission_hears(*state, key[0], now + 59999));
	assert_int_equal(admission_ask(*state, key[0], now), ADMITTED_LATER);
	assert_true(admission_hears(*state, key[1], now));
	now += 60000;
	assert_true(admission_hears(*state, key[0], now));
	assert_int_equal(admission_ask(*state, key[0], now), ADMITTED_YES);
	assert_int_equal(admission_ban(*state, key[0], now), 120000);
	for (int i = 0; i < 10; i++)
		admission_ban(*state, key[0], now);
	assert_int_equal(admission_ban(*state, key[0], now), 3600000);
	now += 3600000 + 86400001;
	assert_int_equal(admission_ban(*state, key[0], now), 60000);
	assert_int_equal(admission_ban(*state, key[2], now), 0);
}

static void
a_new_list_forgets_no_ban(void **state)
{
	admission_ban(*state, key[0], 1000);
	admission_set(*state, key, 3);
	assert_false(admission_hears(*state, key[0], 2000));
	assert_true(admission_hears(*state, key[2], 2000));
}

static void
an_address_makes_two_hundred_connections_at_once(void **state)
{
	uint8_t here[ADDRESS_SIZE] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};
	uint8_t there[ADDRESS_SIZE] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1};

	for (int i = 0; i < 200; i++)
		assert_true(admission_address(*state, here, 1000));
	assert_false(admission_address(*state, here, 1000));
	assert_true(admission_address(*state, here, 1010));
	assert_true(admission_address(*state, there, 1000));
}

/* Whoever has a network of IPv6 has as many addresses as he likes. */
static void
a_network_of_ipv6_counts_as_one_address(void **state)
{
	uint8_t here[ADDRESS_SIZE] = {0x20, 1, 0x0d, 0xb8};

	for (int i = 0; i < 200; i++) {
		here[15] = (uint8_t)i;
		assert_true(admission_address(*state, here, 1000));
	}
	here[8] = 1;
	assert_false(admission_address(*state, here, 1000));
}

#define LIST(test) cmocka_unit_test_setup_teardown(test, open_list, close_list)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_a_list_is_told_all_are_asked_to_come_again),
		LIST(only_listed_keys_are_admitted),
		LIST(a_key_makes_twenty_connections_at_once_and_then_two_a_second),
		LIST(a_ban_ends_and_the_next_is_twice_as_long),
		LIST(a_new_list_forgets_no_ban),
		LIST(an_address_makes_two_hundred_connections_at_once),
		LIST(a_network_of_ipv6_counts_as_one_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
