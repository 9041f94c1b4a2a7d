/* SPDX-License-Identifier: EUPL-1.2
 * By when a registry is to decide, by the days that it has given, on their edges. */
#include "tests/unit/test.h"

#include "broker/undecided.h"

#define DAY (24 * 3600 * INT64_C(1000))
#define NOON (20000 * DAY + DAY / 2) /* of the day on which it was taken */

static struct undecided found;

static struct entry
taken(void)
{
	struct entry e = {.stage = ST_DELIVERED, .header.action = A_CERTIFIED_EXTRACT};

	e.at[ST_ACCEPTED] = NOON - 3 * DAY;
	e.at[ST_DELIVERED] = NOON;
	return e;
}

static bool
of(unsigned decision_days, unsigned tacit_days, int64_t now)
{
	const struct trust_profile p = {.given = true,
		.decision_days = decision_days,
		.tacit_days = tacit_days,
		.provision = tacit_days > 0 ? "Law 1" : NULL};
	const struct entry e = taken();

	return undecided_of(&p, &e, now, &found);
}

static void
days_count_from_the_day_of_taking_and_the_last_one_is_whole(void **unused)
{
	assert_true(of(2, 0, NOON));
	assert_int_equal(found.due, 20003 * DAY);
	assert_false(found.tacit);
	assert_string_equal(undecided_word(&found), "decision");
	assert_true(of(0, 1, NOON));
	assert_int_equal(found.due, 20002 * DAY);
	assert_true(found.tacit);
	assert_string_equal(undecided_word(&found), "tacit");
}

static void
the_day_of_the_law_follows_when_the_registrys_own_is_over(void **unused)
{
	assert_true(of(2, 9, 20003 * DAY - 1));
	assert_false(found.tacit);
	assert_true(of(2, 9, 20003 * DAY));
	assert_true(found.tacit);
	assert_int_equal(found.due, 20010 * DAY);
	/* Where silence is no refusal the day is late, and stays. */
	assert_true(of(2, 0, 20003 * DAY));
	assert_false(found.tacit);
	assert_int_equal(found.due, 20003 * DAY);
}

static void
only_a_taken_extract_waits_for_a_decision(void **unused)
{
	const struct trust_profile p = {.given = true, .decision_days = 5};
	struct entry e = taken();

	assert_false(of(0, 0, NOON));
	assert_true(undecided_of(&p, &e, NOON, &found));
	e.stage = ST_ACCEPTED;
	assert_false(undecided_of(&p, &e, NOON, &found));
	e.stage = ST_COMMITTED;
	assert_false(undecided_of(&p, &e, NOON, &found));
	e.stage = ST_DELIVERED;
	e.header.action = A_QUERY;
	assert_false(undecided_of(&p, &e, NOON, &found));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_count_from_the_day_of_taking_and_the_last_one_is_whole),
		cmocka_unit_test(the_day_of_the_law_follows_when_the_registrys_own_is_over),
		cmocka_unit_test(only_a_taken_extract_waits_for_a_decision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
