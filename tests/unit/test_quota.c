/* SPDX-License-Identifier: EUPL-1.2
 *
 * What one party may bring in a minute, and that the others have theirs. */
#include "tests/unit/test.h"

#include "broker/quota.h"

#define MINUTE 60000
#define DAY INT64_C(86400000)

static const struct trust_party kenya = {.code = {"KE.CRS"}}, somalia = {.code = {"SO.NIRA"}};

static size_t
burst(struct quotas *q, const struct trust_party *p, size_t size, int64_t tick)
{
	int64_t wait;
	size_t n = 0;

	while (n < 100000 && quota_take(q, p, size, tick, &wait))
		n++;
	return n;
}

static void
a_party_may_bring_its_minute_at_once_and_no_more(void **state)
{
	struct quotas q = {.usual = {.messages = 600}};
	int64_t wait;

	(void)state;
	assert_int_equal(burst(&q, &kenya, 10, 1000), 600);
	assert_false(quota_take(&q, &kenya, 10, 1000, &wait));
	assert_int_equal(wait, 100);
	quotas_free(&q);
}

static void
it_fills_again_at_its_rate(void **state)
{
	struct quotas q = {.usual = {.messages = 600}};
	int64_t wait;

	(void)state;
	assert_int_equal(burst(&q, &kenya, 10, 0), 600);
	assert_false(quota_take(&q, &kenya, 10, 99, &wait));
	assert_int_equal(wait, 1);
	assert_true(quota_take(&q, &kenya, 10, 100, &wait));
	assert_int_equal(burst(&q, &kenya, 10, 30100), 300);
	assert_int_equal(burst(&q, &kenya, 10, 30100 + 100 * MINUTE), 600);
	assert_int_equal(burst(&q, &kenya, 10, INT64_MAX / 2), 600);
	quotas_free(&q);
}

static void
one_party_uses_up_its_own_only(void **state)
{
	struct quotas q = {.usual = {.messages = 60}};

	(void)state;
	assert_int_equal(burst(&q, &kenya, 10, 5), 60);
	assert_int_equal(burst(&q, &somalia, 10, 5), 60);
	quotas_free(&q);
}

static void
octets_count_too(void **state)
{
	struct quotas q = {.usual = {.messages = 1000, .octets = 100000}};
	int64_t wait;

	(void)state;
	assert_int_equal(burst(&q, &kenya, 30000, 5), 3);
	assert_false(quota_take(&q, &kenya, 30000, 5, &wait));
	assert_int_equal(wait, 12000);
	assert_true(quota_take(&q, &kenya, 10000, 5, &wait));
	quotas_free(&q);
}

/* However slowly it comes: what is kept of a message is kept for ever. */
static void
a_day_has_its_bound(void **state)
{
	struct quotas q = {.usual = {.messages = 100, .day = 250}};
	int64_t wait;

	(void)state;
	assert_int_equal(burst(&q, &kenya, 10, 0), 100);
	assert_int_equal(burst(&q, &kenya, 10, MINUTE), 100);
	assert_int_equal(burst(&q, &kenya, 10, 2 * MINUTE), 50);
	assert_false(quota_take(&q, &kenya, 10, 3 * MINUTE, &wait));
	assert_true(wait > MINUTE);
	assert_int_equal(burst(&q, &somalia, 10, 3 * MINUTE), 100);
	assert_int_equal(burst(&q, &kenya, 10, 2 * DAY), 100);
	quotas_free(&q);
}

/* Or it could never be sent. */
static void
a_message_larger_than_the_bucket_passes_when_that_is_full(void **state)
{
	struct quotas q = {.usual = {.messages = 1000, .octets = 1000}};
	int64_t wait;

	(void)state;
	assert_true(quota_take(&q, &kenya, 5000, 5, &wait));
	assert_false(quota_take(&q, &kenya, 1, 5, &wait));
	assert_true(wait > MINUTE);
	quotas_free(&q);
}

static void
the_trust_list_gives_a_party_its_own(void **state)
{
	const struct trust_party large = {.code = {"KE.CRS"}, .quota = {.messages = 7}};
	struct quotas q = {.usual = {.messages = 3}};

	(void)state;
	assert_int_equal(burst(&q, &large, 10, 5), 7);
	assert_int_equal(burst(&q, &somalia, 10, 5), 3);
	quotas_free(&q);
}

static void
no_quota_is_no_bound_and_a_clock_that_goes_back_gives_nothing(void **state)
{
	struct quotas open = {.n = 0}, q = {.usual = {.messages = 3}};

	(void)state;
	assert_int_equal(burst(&open, &kenya, 1 << 20, 5), 100000);
	assert_int_equal(burst(&q, &kenya, 10, 1000000), 3);
	assert_int_equal(burst(&q, &kenya, 10, 5), 0);
	quotas_free(&open);
	quotas_free(&q);
}

/* A flood of anything else uses nothing of it up, and it nothing of that. */
static void
P7_what_stops_a_case_has_an_allowance_of_its_own(void **state)
{
	struct quotas q = {.usual = {.messages = 60}};
	unsigned n = 0;

	(void)state;
	assert_int_equal(burst(&q, &kenya, 10, 5), 60);
	while (n < 1000 && quota_take_stop(&q, &kenya, 5))
		n++;
	assert_int_equal(n, QUOTA_STOPS);
	assert_true(quota_take_stop(&q, &somalia, 5));
	assert_int_equal(burst(&q, &somalia, 10, 5), 60);
	assert_false(quota_take_stop(&q, &kenya, 5 + MINUTE / QUOTA_STOPS - 1));
	assert_true(quota_take_stop(&q, &kenya, 5 + MINUTE / QUOTA_STOPS));
	for (n = 0; n < 1000 && quota_take_stop(&q, &kenya, DAY); n++)
		;
	assert_int_equal(n, QUOTA_STOPS);
	quotas_free(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_party_may_bring_its_minute_at_once_and_no_more),
		cmocka_unit_test(it_fills_again_at_its_rate),
		cmocka_unit_test(one_party_uses_up_its_own_only),
		cmocka_unit_test(octets_count_too),
		cmocka_unit_test(a_day_has_its_bound),
		cmocka_unit_test(a_message_larger_than_the_bucket_passes_when_that_is_full),
		cmocka_unit_test(the_trust_list_gives_a_party_its_own),
		cmocka_unit_test(no_quota_is_no_bound_and_a_clock_that_goes_back_gives_nothing),
		cmocka_unit_test(P7_what_stops_a_case_has_an_allowance_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
