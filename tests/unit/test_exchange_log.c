/* SPDX-License-Identifier: EUPL-1.2
 *
 * The exchange shows its log: the newest head with a proof that it has only grown, at a bounded
 * price. */
#include "tests/unit/exchange_fixture.h"

static int
set_up_connected(void **state)
{
	(void)set_up(state);
	connect_peer(1, 10, 5, 8);
	forget_effects();
	return 0;
}

static void
ask(uint64_t from, uint64_t to)
{
	forget_effects();
	say(1, 10, &(struct wire){.verb = V_LOG, .number = from, .resume = to});
	assert_int_equal(end_group(), E_OK);
}

static struct checkpoint
newest(const struct effect *e)
{
	struct checkpoint at;

	assert_non_null(e);
	assert_int_equal(checkpoint_verify(buf_bytes(&e->body), ORIGIN, f.log_public, &at), E_OK);
	return at;
}

static void
head_comes_with_a_proof_that_holds(void **state)
{
	struct digest hash[MERKLE_PROOF_MAX];
	struct checkpoint old, now;
	const struct effect *e;

	(void)state;
	for (uint64_t n = 1; n <= 5; n++)
		file(n, n);
	ask(0, 0);
	e = effect_of(1, V_HEAD, 0);
	old = newest(e);
	assert_int_equal(e->extra.size, 0);
	for (uint64_t n = 6; n <= 9; n++)
		file(n, n);
	ask(old.size, 0);
	e = effect_of(1, V_HEAD, 0);
	now = newest(e);
	assert_true(now.size > old.size);
	assert_int_equal(e->w.number, old.size);
	assert_int_equal(e->extra.size % DIGEST_SIZE, 0);
	assert_in_range(e->extra.size, 1, sizeof hash);
	memcpy(hash, e->extra.data, e->extra.size);
	assert_int_equal(merkle_verify_grown(old.size, &old.root, now.size, &now.root, hash,
				 e->extra.size / DIGEST_SIZE),
		E_OK);
	ask(old.size, old.size + 1);
	e = effect_of(1, V_HEAD, 0);
	assert_int_equal(e->w.resume, old.size + 1);
	assert_true(e->extra.size > 0);
}

static void
what_is_not_in_the_log_is_not_proved(void **state)
{
	const struct effect *e;

	(void)state;
	ask(0, 0);
	assert_int_equal(effect_of(1, V_REFUSED, 0)->w.code, E_NOT_FOUND);
	file(1, 1);
	ask(100, 0);
	e = effect_of(1, V_HEAD, 0);
	assert_int_equal(newest(e).size, 1);
	assert_int_equal(e->extra.size, 0);
	ask(1, UINT64_MAX);
	e = effect_of(1, V_HEAD, 0);
	assert_int_equal(e->extra.size, 0);
	ask(UINT64_MAX, 1);
	assert_int_equal(effect_of(1, V_HEAD, 0)->extra.size, 0);
}

static void
who_asks_too_often_is_put_off(void **state)
{
	(void)state;
	file(1, 1);
	for (int i = 0; i < 8; i++) {
		ask(0, 0);
		assert_int_equal(count(1, V_HEAD), 1);
	}
	ask(0, 0);
	assert_int_equal(count(1, V_HEAD), 0);
	assert_int_equal(effect_of(1, V_REFUSED, 0)->w.code, E_BUSY);
	for (int i = 0; i < 6; i++) {
		tick(10000);
		say_credit(1, 10, 0, 8);
		assert_int_equal(end_group(), E_OK);
	}
	ask(0, 0);
	assert_int_equal(count(1, V_HEAD), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			head_comes_with_a_proof_that_holds, set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_not_in_the_log_is_not_proved, set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(
			who_asks_too_often_is_put_off, set_up_connected, tear_down),
	};

	return cmocka_run_group_tests_name("exchange_log", tests, NULL, NULL);
}
