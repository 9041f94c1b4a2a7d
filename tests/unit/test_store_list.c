/* SPDX-License-Identifier: EUPL-1.2
 *
 * What every store lists and counts: queues, notices, expiries, epochs, figures. Written against
 * store.h only. */
#include "tests/unit/store_stage.h"

/* ---- queues, notices, expiry ---- */

static void
queue_is_in_order_of_acceptance_for_each_addressee(void **unused)
{
	struct party so = party("SO.NIRA"), longer = party("SO.NIRA2");
	struct entry e[16];

	for (uint64_t n = 1; n <= 12; n++)
		file(n, "KE.CRS", n % 3 == 0 ? "SO.NIRA2" : "SO.NIRA");
	assert_int_equal(store_queue(store, &so, 0, e, 16), 8);
	for (size_t i = 1; i < 8; i++)
		assert_true(e[i - 1].seq < e[i].seq);
	assert_int_equal(store_queue(store, &longer, 0, e, 16), 4);
	assert_int_equal(e[0].seq, 3);
	assert_int_equal(store_queue(store, &so, 4, e, 3), 3);
	assert_int_equal(e[0].seq, 5);
	assert_int_equal(e[2].seq, 8);
	assert_int_equal(store_queue_depth(store, &so), 8);
	assert_int_equal(store_queue_depth(store, &longer), 4);
}

static void
taken_message_is_in_no_queue(void **unused)
{
	struct party to = party("SO.NIRA");
	uint64_t expired[8];
	struct entry e[8];

	for (uint64_t n = 1; n <= 3; n++)
		file(n, "KE.CRS", "SO.NIRA");
	take(2);
	reopen();
	assert_int_equal(store_queue(store, &to, 0, e, 8), 2);
	assert_int_equal(e[0].seq, 1);
	assert_int_equal(e[1].seq, 3);
	assert_int_equal(store_queue_depth(store, &to), 2);
	assert_int_equal(
		store_expired(store, NULL, NOW + 100 * (int64_t)HOUR, NULL, expired, 8), 2);
}

static void
dequeueing_twice_is_dequeueing_once(void **unused)
{
	struct party to = party("SO.NIRA");
	struct store_figures f;
	struct store_txn *t;

	file(1, "KE.CRS", "SO.NIRA");
	file(2, "KE.CRS", "SO.NIRA");
	t = store_begin(store);
	store_dequeue(t, 1);
	store_dequeue(t, 1);
	assert_int_equal(commit(&t), E_OK);
	t = store_begin(store);
	store_dequeue(t, 1);
	assert_int_equal(commit(&t), E_OK);
	store_figures(store, &f);
	assert_int_equal(f.queued, 1);
	assert_int_equal(store_queue_depth(store, &to), 1);
}

static void
notices_are_numbered_for_each_party(void **unused)
{
	struct party ke = party("KE.CRS"), ug = party("UG.NIRA");
	struct notice n[8];

	file(1, "KE.CRS", "SO.NIRA");
	file(2, "UG.NIRA", "SO.NIRA");
	file(3, "KE.CRS", "SO.NIRA");
	take(3);
	take(2);
	take(1);
	struct store_txn *t = store_begin(store);
	end_of_message(t, 3, ST_COMMITTED, bytes_of("signed", 6));
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_notices(store, &ke, 0, n, 8), 3);
	assert_true(n[0].number == 1 && n[0].seq == 3 && n[0].stage == ST_DELIVERED);
	assert_true(n[1].number == 2 && n[1].seq == 1 && n[1].stage == ST_DELIVERED);
	assert_true(n[2].number == 3 && n[2].seq == 3 && n[2].stage == ST_COMMITTED);
	assert_int_equal(store_notices(store, &ug, 0, n, 8), 1);
	assert_true(n[0].number == 1 && n[0].seq == 2);
	assert_int_equal(store_notices(store, &ke, 1, n, 1), 1);
	assert_int_equal(n[0].number, 2);
	assert_int_equal(store_notices(store, &ke, 3, n, 8), 0);
	assert_int_equal(store_notices(store, &ke, UINT64_MAX, n, 8), 0);
}

static void
expired_messages_come_oldest_first(void **unused)
{
	struct due after = {0};
	uint64_t seq[8];

	for (uint64_t n = 6; n >= 1; n--) /* number n expires n + 1 hours after NOW */
		file(n, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_expired(store, NULL, NOW + 2 * HOUR - 1, NULL, seq, 8), 0);
	assert_int_equal(store_expired(store, NULL, NOW + 2 * HOUR, NULL, seq, 8), 1);
	assert_int_equal(seq[0], 6);
	assert_int_equal(store_expired(store, NULL, NOW + 4 * HOUR, NULL, seq, 8), 3);
	assert_true(seq[0] == 6 && seq[1] == 5 && seq[2] == 4);
	assert_int_equal(store_expired(store, NULL, NOW + 4 * HOUR, &after, seq, 2), 2);
	assert_int_equal(store_expired(store, NULL, NOW + 4 * HOUR, &after, seq, 2), 1);
	assert_int_equal(seq[0], 4);
	assert_int_equal(store_expired(store, NULL, NOW + 4 * HOUR, &after, seq, 2), 0);

	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;
	sample(&m, 7, "KE.CRS", "SO.NIRA");
	m.v.header.expires = -1; /* in 1969 */
	(void)accept(t, &m, &e);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_expired(store, NULL, -2, NULL, seq, 8), 0);
	assert_int_equal(store_expired(store, NULL, NOW, NULL, seq, 8), 1);
	assert_int_equal(seq[0], 7);
}

static void
conversation_is_in_order_of_acceptance(void **unused)
{
	struct id conversation = numbered_id(1000001);
	struct entry e[16];

	for (uint64_t n = 25; n >= 5; n--) /* 10 to 19 belong to it */
		file(n, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_conversation(store, &conversation, e, 16), 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(e[i].header.channel_seq, 19 - i);
	assert_int_equal(store_conversation(store, &conversation, e, 3), 3);
}

static void
recent_messages_come_newest_first(void **unused)
{
	struct entry e[8];

	for (uint64_t n = 1; n <= 5; n++)
		file(n, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_recent(store, 0, e, 2), 2);
	assert_true(e[0].seq == 5 && e[1].seq == 4);
	assert_int_equal(store_recent(store, 4, e, 8), 3);
	assert_true(e[0].seq == 3 && e[2].seq == 1);
}

/* ---- epochs and figures ---- */

static void
epoch_belongs_to_a_party_and_a_key(void **unused)
{
	struct party ke = party("KE.CRS"), so = party("SO.NIRA");
	uint8_t one[32] = {1}, two[32] = {2};
	struct store_txn *t = store_begin(store);

	store_set_epoch(t, &ke, one, 5, &no_incarnation);
	store_set_epoch(t, &ke, two, 6, &no_incarnation);
	store_set_epoch(t, &ke, one, UINT64_MAX, &no_incarnation);
	assert_int_equal(store_trust_version(store), 0);
	store_set_trust_version(t, 3);
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_trust_version(store), 3);
	assert_true(store_epoch(store, NULL, &ke, one, NULL) == UINT64_MAX);
	assert_int_equal(store_epoch(store, NULL, &ke, two, NULL), 6);
	assert_int_equal(store_epoch(store, NULL, &so, one, NULL), 0);
}

static void
figures_are_those_of_the_last_commit(void **unused)
{
	struct store_figures f;
	struct store_txn *t;

	store_figures(store, &f);
	assert_int_equal(f.messages, 0);
	assert_true(f.oldest_queued == 0);
	for (uint64_t n = 1; n <= 6; n++) {
		now = NOW + (int64_t)n;
		file(n, "KE.CRS", n == 1 ? "SO.CRS" : "SO.NIRA");
	}
	now = NOW;
	take(2);
	t = store_begin(store);
	end_of_message(t, 3, ST_COMMITTED, bytes_of("signed", 6));
	end_of_message(t, 4, ST_EXPIRED, bytes_of(NULL, 0));
	assert_int_equal(commit(&t), E_OK);
	store_figures(store, &f);
	assert_int_equal(f.commits, 8);
	reopen();
	store_figures(store, &f);
	assert_int_equal(f.commits, 0); /* since start */
	assert_int_equal(f.messages, 6);
	assert_int_equal(f.queued, 3);
	assert_int_equal(f.log_size, 9);
	assert_int_equal(f.stage[ST_ACCEPTED], 3);
	assert_int_equal(f.stage[ST_DELIVERED], 1);
	assert_int_equal(f.stage[ST_COMMITTED], 1);
	assert_int_equal(f.stage[ST_EXPIRED], 1);
	assert_true(f.oldest_queued == NOW + 1);
	assert_int_equal(f.map_size, MAP);
	assert_in_range(f.map_used, 16 * 4096, 1 << 20);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(queue_is_in_order_of_acceptance_for_each_addressee),
		T(taken_message_is_in_no_queue),
		T(dequeueing_twice_is_dequeueing_once),
		T(notices_are_numbered_for_each_party),
		T(expired_messages_come_oldest_first),
		T(conversation_is_in_order_of_acceptance),
		T(recent_messages_come_newest_first),
		T(epoch_belongs_to_a_party_and_a_key),
		T(figures_are_those_of_the_last_commit),
	};

	return cmocka_run_group_tests_name("store_list", tests, make_key, drop_key);
}
