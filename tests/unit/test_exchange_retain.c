/* SPDX-License-Identifier: EUPL-1.2
 *
 * How long a body stays, and that everything else stays for ever. */
#include "tests/unit/exchange_fixture.h"

#include "lib/merkle.h"

#define RETAIN (START + 1000 * (int64_t)HOUR)

static int
set_up_connected(void **state)
{
	(void)set_up(state);
	connect_peer(1, 10, 5, 8);
	connect_peer(2, 20, 5, 8);
	forget_effects();
	return 0;
}

static void
deliver(uint64_t n)
{
	file(n, n);
	dispatch();
	take(2, 20, n);
	forget_effects();
}

static bool
has_body(uint64_t n)
{
	return store_has_body(f.store, NULL, entry_of(n).seq);
}

/* Receipts of every stage, the log from its first leaf to its newest head, and all records. */
static void
assert_everything_else_is_there(uint64_t messages)
{
	OWNED_BUF(note) = {0};
	OWNED_BUF(receipt) = {0};
	struct checkpoint at;
	struct digest root;
	struct receipt r;
	struct scrub found;

	for (uint64_t n = 1; n <= messages; n++) {
		struct entry e = entry_of(n);

		for (enum stage s = 0; s < STAGE_N; s++) {
			if (e.at[s] == 0)
				continue;
			assert_int_equal(store_receipt(f.store, NULL, e.seq, s, &receipt), E_OK);
			assert_int_equal(
				receipt_verify(buf_bytes(&receipt), ORIGIN, f.log_public, &r),
				E_OK);
			assert_true(digest_equal(&r.what.digest, &e.digest));
		}
	}
	assert_int_equal(store_checkpoint(f.store, &note), E_OK);
	assert_int_equal(checkpoint_verify(buf_bytes(&note), ORIGIN, f.log_public, &at), E_OK);
	assert_int_equal(store_log_root(f.store, at.size, &root), E_OK);
	assert_true(digest_equal(&root, &at.root));
	assert_int_equal(store_scrub(f.store, &found), E_OK);
}

static void
count_element(void *context, int64_t created, const struct digest *element, uint64_t seq)
{
	++*(unsigned *)context;
}

static void
P8_purge_keeps_receipts_and_log_verifiable(void **state)
{
	const struct gone by_hand = {.why = GONE_HAND, .at = START, .reason = "a test"};
	const struct party kenya = {"KE.CRS"};
	unsigned book = 0;

	(void)state;
	for (uint64_t n = 1; n <= 4; n++)
		deliver(n);
	settle(2, 1, ST_COMMITTED, "", 1);
	settle(2, 2, ST_REJECTED, "SEAL", 1);
	store_drop_body(group(), entry_of(3).seq, &by_hand);
	assert_int_equal(end_group(), E_OK);
	tick(1000 * (int64_t)HOUR + 1);
	for (uint64_t n = 1; n <= 4; n++)
		assert_false(has_body(n));
	while (store_wipe(f.store, 1 << 20, true))
		;
	assert_everything_else_is_there(4);
	store_book(f.store, &kenya, INT64_MIN, INT64_MAX, count_element, &book);
	assert_int_equal(book, 4);
	assert_int_equal(entry_of(3).stage, ST_DELIVERED);
	forget_effects();
	connect_peer(2, 20, 6, 8);
	settle(2, 3, ST_COMMITTED, "", 1); /* what its addressee says is heard as ever */
	settle(2, 4, ST_COMMITTED, "", 1);
	assert_int_equal(entry_of(4).stage, ST_COMMITTED);
	assert_everything_else_is_there(4);
	assert_int_equal(store_share(f.store, NULL, &kenya), 0);
}

static void
body_of_what_is_with_its_addressee_leaves_at_retain_until(void **state)
{
	struct gone g;

	(void)state;
	deliver(1);
	tick(1000 * (int64_t)HOUR - 1);
	assert_true(has_body(1));
	assert_int_equal(store_gone(f.store, NULL, 1, &g), E_NOT_FOUND);
	tick(1001);
	assert_false(has_body(1));
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
	assert_int_equal(store_gone(f.store, NULL, 1, &g), E_OK);
	assert_int_equal(g.why, GONE_RETAIN);
	assert_true(g.at >= RETAIN);
}

static void
legal_hold_keeps_a_body_until_it_is_lifted(void **state)
{
	const struct legal_hold h = {.since = START, .uid = 1, .by = "anna", .reason = "a court"};
	struct legal_subject one = {.seq = 1};
	struct legal_subject all = {.is_case = true, .conversation = numbered_id(1000002)};
	struct legal_item item[3];
	struct gone g;

	(void)state;
	for (uint64_t n = 1; n <= 3; n++)
		deliver(n);
	store_legal_hold(group(), &one, &h);
	store_legal_hold(group(), &all, &h);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(store_legal_holds(f.store, NULL, item, 3), 2);
	assert_true(item[0].of.is_case && !item[1].of.is_case);
	assert_int_equal(store_legal_holds(f.store, &item[0].of, item, 3), 1);
	assert_string_equal(item[0].hold.reason, "a court");
	for (uint64_t n = 1; n <= 3; n++)
		settle(2, n, ST_COMMITTED, "", 1);
	tick(1000 * (int64_t)HOUR + 1);
	assert_true(has_body(1) && has_body(2));
	assert_false(has_body(3));
	store_legal_lift(group(), &one);
	assert_int_equal(end_group(), E_OK);
	tick(1001);
	assert_false(has_body(1));
	assert_int_equal(store_gone(f.store, NULL, 1, &g), E_OK);
	assert_int_equal(g.why, GONE_LIFTED);
	assert_true(has_body(2));
	assert_everything_else_is_there(3);
}

static void
what_nobody_has_taken_ends_at_retain_until_at_the_latest(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");

	(void)state;
	exchange_peer_gone(f.x, 2);
	m.v.header.retain_until = START + HOUR;
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
	tick(HOUR - 1);
	assert_true(has_body(1));
	tick(1001);
	assert_int_equal(entry_of(1).stage, ST_EXPIRED);
	assert_false(has_body(1));
}

/* A legal hold keeps octets, and offers them to nobody. */
static void
what_is_legally_held_and_has_ended_is_not_offered(void **state)
{
	const struct legal_hold h = {.since = START, .reason = "a court"};
	struct legal_subject one = {.seq = 1};

	(void)state;
	exchange_peer_gone(f.x, 2);
	file(1, 1);
	store_legal_hold(group(), &one, &h);
	assert_int_equal(end_group(), E_OK);
	tick(25 * (int64_t)HOUR);
	assert_int_equal(entry_of(1).stage, ST_EXPIRED);
	assert_true(has_body(1));
	forget_effects();
	connect_peer(2, 20, 6, 8);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 0);
}

/* An addressee that has lost it asks in vain: it ends, and its sender is told. */
static void
what_is_asked_for_anew_and_has_no_body_ends(void **state)
{
	(void)state;
	deliver(1);
	store_requeue(group(), 1);
	assert_int_equal(end_group(), E_OK);
	tick(1000 * (int64_t)HOUR + 1);
	assert_false(has_body(1));
	assert_int_equal(entry_of(1).stage, ST_DEAD_LETTER);
	assert_string_equal(entry_of(1).code, "EXPIRED");
	assert_everything_else_is_there(1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			P8_purge_keeps_receipts_and_log_verifiable, set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(
			body_of_what_is_with_its_addressee_leaves_at_retain_until, set_up_connected,
			tear_down),
		cmocka_unit_test_setup_teardown(
			legal_hold_keeps_a_body_until_it_is_lifted, set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(
			what_nobody_has_taken_ends_at_retain_until_at_the_latest, set_up_connected,
			tear_down),
		cmocka_unit_test_setup_teardown(what_is_legally_held_and_has_ended_is_not_offered,
			set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_asked_for_anew_and_has_no_body_ends, set_up_connected, tear_down),
	};

	return cmocka_run_group_tests_name("exchange_retain", tests, NULL, NULL);
}
