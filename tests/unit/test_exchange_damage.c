/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bits flip on disks, and clocks are set back. Neither stops an exchange, and neither ends a daemon
 * again and again: the message that is damaged is set aside for a person, everything else goes on.
 */
#include "tests/unit/exchange_fixture.h"

#include "broker/store_lmdb.h"

static int
set_up_connected(void **state)
{
	(void)set_up(state);
	connect_peer(1, 10, 5, 8);
	connect_peer(2, 20, 5, 8);
	file(1, 1);
	file(2, 2);
	forget_effects();
	return 0;
}

/* Changes one octet in the middle of a value. */
static void
damage(enum table table, struct key k)
{
	MDB_val key = {k.size, k.octet}, value;
	MDB_txn *txn;
	uint8_t *copy;

	assert_int_equal(mdb_txn_begin(f.store->env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_get(txn, f.store->dbi[table], &key, &value), 0);
	copy = xmalloc(value.mv_size);
	memcpy(copy, value.mv_data, value.mv_size);
	copy[value.mv_size / 2] ^= 0x10;
	value.mv_data = copy;
	assert_int_equal(mdb_put(txn, f.store->dbi[table], &key, &value, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	free_octets(&copy);
}

/* ---- damaged records ---- */

static void
message_whose_body_is_damaged_becomes_a_dead_letter(void **state)
{
	struct statement what;

	damage(T_BODY, key_seq(1));
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1); /* the other one */
	tick(200);
	assert_int_equal(entry_of(1).stage, ST_DEAD_LETTER);
	assert_string_equal(entry_of(1).code, "DAMAGED");
	assert_int_equal(count_news("dead-letter"), 1);
	dispatch();
	what = said(effect_of(1, V_CONFIRM, 0));
	assert_int_equal(what.stage, ST_DEAD_LETTER);
	assert_string_equal(what.code, "DAMAGED");
	forget_effects();
	take(2, 20, 1);
	assert_refused(2, 1, E_FINAL);
}

static void
conversation_goes_on_behind_a_dead_letter(void **state)
{
	file(3, 1);
	forget_effects();
	damage(T_BODY, key_seq(1));
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	tick(200);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 2);
}

/* What is damaged is refused as such, and never taken for a message that is not known. */
static void
damaged_entry_is_refused_and_the_rest_goes_on(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");

	damage(T_ENTRY, key_seq(1));
	submit(1, &m);
	say_taken(2, 20, 1);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 1, E_DAMAGED);
	assert_refused(2, 1, E_DAMAGED);
	forget_effects();
	file(3, 3);
	take(2, 20, 2);
	assert_int_equal(count(1, V_RECEIPT), 1);
	assert_int_equal(entry_of(2).stage, ST_DELIVERED);
	tick(25 * (int64_t)HOUR); /* and what can expire does */
	assert_int_equal(entry_of(3).stage, ST_EXPIRED);
	buf_free(&m.octets);
}

/* The queue's own record of it is damaged: found in the middle of a step, when half of the group is
 * written. */
static void
group_that_meets_damage_is_undone_and_blames_one(void **state)
{
	struct party to = f.trust.party[2].code;
	struct sample m = sample(3, 3, "KE.CRS", "SO.NIRA");

	damage(T_QUEUE, key_and_seq(key_party(&to), 1));
	submit(1, &m);
	say_taken(2, 20, 1);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 3, E_BUSY); /* had nothing to do with it */
	forget_effects();
	submit(1, &m);
	say_taken(2, 20, 2);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 1);
	assert_int_equal(entry_of(2).stage, ST_DELIVERED);
	forget_effects();
	take(2, 20, 1); /* it is left alone: the group is not undone again */
	assert_refused(2, 1, E_DAMAGED);
	tick(25 * (int64_t)HOUR);
	assert_int_equal(entry_of(3).stage, ST_EXPIRED);
	buf_free(&m.octets);
}

static void
record_of_a_party_that_is_damaged_stops_only_what_needs_it(void **state)
{
	struct party to = f.trust.party[2].code;
	struct sample m = sample(3, 3, "KE.CRS", "SO.NIRA"),
		      other = sample(4, 4, "KE.CRS", "UNHCR.NBO");

	damage(T_PARTY, key_party(&to));
	submit(1, &other);
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_REFUSED), 2);
	assert_int_equal(effect_of(1, V_REFUSED, 0)->w.code, E_BUSY);
	assert_int_equal(effect_of(1, V_REFUSED, 1)->w.code, E_DAMAGED);
	forget_effects();
	submit(1, &other);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 1);
	buf_free(&m.octets);
	buf_free(&other.octets);
}

/* ---- the clock ---- */

static void
statements_are_never_dated_before_the_newest(void **state)
{
	take(2, 20, 1);
	f.now -= 3 * (int64_t)HOUR;
	settle(2, 1, ST_COMMITTED, "", 0);
	assert_true(entry_of(1).at[ST_COMMITTED] == START);
	stop_exchange();
	start_exchange();
	connect_peer(2, 20, 6, 8);
	settle(2, 2, ST_COMMITTED, "", 0);
	assert_true(entry_of(2).at[ST_COMMITTED] == START);
}

static void
nothing_is_accepted_while_the_clock_is_behind_the_log(void **state)
{
	f.now = START - 5001;
	file(3, 3);
	assert_int_equal(count(1, V_REFUSED), 1);
	assert_int_equal(effect_of(1, V_REFUSED, 0)->w.code, E_CLOCK);
	assert_true(effect_of(1, V_REFUSED, 0)->w.retry);
	stop_exchange();
	start_exchange();
	connect_peer(1, 10, 6, 8);
	forget_effects();
	file(3, 3);
	assert_int_equal(count(1, V_REFUSED), 1);
	f.now = START - 5000;
	file(3, 3);
	assert_int_equal(count(1, V_RECEIPT), 1);
	assert_true(entry_of(3).at[ST_ACCEPTED] == START);
}

static void
same_message_again_is_answered_whatever_the_clock_says(void **state)
{
	f.now = START - 100 * (int64_t)HOUR;
	file(1, 1);
	assert_int_equal(count(1, V_RECEIPT), 1);
	assert_int_equal(count(1, V_REFUSED), 0);
}

/* ---- attempts ---- */

static void
attempts_are_counted_on_over_a_restart(void **state)
{
	take(2, 20, 2);
	forget_effects();
	dispatch();
	for (int i = 0; i < 2; i++) {
		tick(10000);
		say_credit(2, 20, 0, 8);
		assert_int_equal(end_group(), E_OK);
		tick(10000);
		say_credit(2, 20, 0, 8);
		assert_int_equal(end_group(), E_OK);
		dispatch();
	}
	tick(1000);
	assert_int_equal(entry_of(1).attempts, count(2, V_DELIVER));
	assert_true(entry_of(1).attempts >= 2);
	stop_exchange();
	start_exchange();
	forget_effects();
	connect_peer(2, 20, 6, 8);
	assert_true(effect_of(2, V_DELIVER, 0)->w.number == entry_of(1).attempts + 1u);
}

static void
message_that_is_taken_at_once_costs_no_record_of_attempts(void **state)
{
	dispatch();
	tick(900);
	assert_int_equal(entry_of(1).attempts, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up_connected, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(message_whose_body_is_damaged_becomes_a_dead_letter),
		T(conversation_goes_on_behind_a_dead_letter),
		T(damaged_entry_is_refused_and_the_rest_goes_on),
		T(group_that_meets_damage_is_undone_and_blames_one),
		T(record_of_a_party_that_is_damaged_stops_only_what_needs_it),
		T(statements_are_never_dated_before_the_newest),
		T(nothing_is_accepted_while_the_clock_is_behind_the_log),
		T(same_message_again_is_answered_whatever_the_clock_says),
		T(attempts_are_counted_on_over_a_restart),
		T(message_that_is_taken_at_once_costs_no_record_of_attempts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
