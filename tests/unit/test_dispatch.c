/* SPDX-License-Identifier: EUPL-1.2
 *
 * Deliveries and notices: to whom, in which order, how many at once, how often again. */
#include "tests/unit/exchange_fixture.h"

#define SENDER 1
#define TAKER 2

/* KE.CRS is peer 1. */
static int
set_up_sender(void **state)
{
	(void)set_up(state);
	connect_peer(SENDER, 10, 5, 8);
	forget_effects();
	return 0;
}

static void
connect_taker(uint64_t credit)
{
	say_hello(TAKER, 20, 5, 0, credit);
	assert_int_equal(end_group(), E_OK);
	dispatch();
}

/* The message in the nth DELIVER to this peer, by its number; 0: there is none. */
static uint64_t
delivered(peer_no peer, size_t nth)
{
	const struct effect *e = effect_of(peer, V_DELIVER, nth);

	return e == NULL ? 0 : strtoull((char *)e->body.data + strlen("<e:Message>"), NULL, 10);
}

static void
assert_delivered(peer_no peer, const uint64_t *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(delivered(peer, i), numbers[i]);
	assert_int_equal(count(peer, V_DELIVER), n);
}

#define EXPECT_DELIVERED(peer, ...)                                                                \
	assert_delivered(peer, (const uint64_t[]){__VA_ARGS__},                                    \
		sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* ---- deliveries ---- */

static void
delivery_is_the_message_as_it_came_and_the_brokers_receipt(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
	const struct effect *e;
	struct receipt r;

	file(1, 1);
	connect_taker(8);
	e = effect_of(TAKER, V_DELIVER, 0);
	assert_non_null(e);
	assert_int_equal(e->w.number, 1);
	assert_int_equal(e->body.size, m.octets.size);
	assert_memory_equal(e->body.data, m.octets.data, m.octets.size);
	assert_int_equal(receipt_verify(buf_bytes(&e->extra), ORIGIN, f.log_public, &r), E_OK);
	assert_int_equal(r.what.stage, ST_ACCEPTED);
	assert_true(digest_equal(&r.what.digest, &m.v.digest));
	assert_int_equal(count_news("offered"), 1);
	buf_free(&m.octets);
}

static void
message_for_a_connected_peer_is_offered_after_its_commit(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");

	connect_taker(8);
	submit(SENDER, &m);
	struct store_txn *t = f.t;
	f.t = NULL; /* so that the fixture lets sends pass: there must be none */
	dispatch();
	assert_int_equal(count(TAKER, V_DELIVER), 0);
	f.t = t;
	assert_int_equal(end_group(), E_OK);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1);
	buf_free(&m.octets);
}

static void
only_the_addressee_is_offered_it(void **state)
{
	connect_peer(3, 30, 5, 8);
	file(1, 1);
	dispatch();
	assert_int_equal(count(SENDER, V_DELIVER) + count(3, V_DELIVER), 0);
}

static void
peer_whose_hello_is_not_committed_is_offered_nothing(void **state)
{
	file(1, 1);
	say_hello(TAKER, 20, 5, 0, 8);
	struct store_txn *t = f.t;
	f.t = NULL;
	forget_effects();
	dispatch();
	assert_int_equal(f.n, 0);
	f.t = t;
	assert_int_equal(end_group(), E_OK);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1);
}

static void
credit_is_how_many_may_be_under_way(void **state)
{
	for (uint64_t n = 1; n <= 5; n++)
		file(n, n);
	connect_taker(0);
	assert_int_equal(count(TAKER, V_DELIVER), 0);
	say_credit(TAKER, 20, 0, 2);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 2);
	say_credit(TAKER, 20, 0, 2); /* said again, it is no more */
	assert_int_equal(end_group(), E_OK);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 2);
	take(TAKER, 20, 2);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 2, 3);
	say_credit(TAKER, 20, 0, 0);
	take(TAKER, 20, 1);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 2, 3);
}

static void
credit_has_a_limit(void **state)
{
	for (uint64_t n = 1; n <= 300; n++) {
		struct sample m = sample(n, n, "KE.CRS", "SO.NIRA");

		submit(SENDER, &m);
		buf_free(&m.octets);
	}
	assert_int_equal(end_group(), E_OK);
	connect_taker(UINT64_MAX);
	assert_int_equal(count(TAKER, V_DELIVER), 192); /* a quarter is for other senders */
}

static void
conversation_is_delivered_in_order_and_others_overtake(void **state)
{
	file(1, 1);
	file(2, 1);
	file(3, 2);
	file(4, 1);
	file(5, 2);
	connect_taker(8);
	EXPECT_DELIVERED(TAKER, 1, 3);
	take(TAKER, 20, 3);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 3, 5);
	take(TAKER, 20, 1);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 3, 5, 2);
	take(TAKER, 20, 2);
	take(TAKER, 20, 5);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 3, 5, 2, 4);
}

static void
conversation_goes_on_when_its_middle_has_ended(void **state)
{
	struct sample late = sample(2, 1, "KE.CRS", "SO.NIRA");

	file(1, 1);
	late.v.header.expires = START + HOUR;
	submit(SENDER, &late);
	assert_int_equal(end_group(), E_OK);
	file(3, 1);
	connect_taker(8);
	EXPECT_DELIVERED(TAKER, 1);
	f.now += HOUR;
	tick(0); /* 2 has expired */
	dispatch();
	EXPECT_DELIVERED(TAKER, 1);
	take(TAKER, 20, 1);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 3);
	buf_free(&late.octets);
}

static void
message_whose_time_has_passed_is_not_offered(void **state)
{
	file(1, 1);
	f.now += 25 * (int64_t)HOUR; /* and no tick has come yet */
	connect_taker(8);
	assert_int_equal(count(TAKER, V_DELIVER), 0);
}

static void
settled_message_is_not_offered_again(void **state)
{
	file(1, 1);
	connect_taker(8);
	settle(TAKER, 1, ST_REJECTED, "BODY", 0);
	f.tick += 1000000;
	say_hello(TAKER, 20, 6, 0, 8);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1);
}

/* Its TAKEN is on its way to disk while dispatch reads the queue as it was. */
static void
message_taken_in_the_open_group_is_offered_once_at_most(void **state)
{
	file(1, 1);
	file(2, 1);
	say_hello(TAKER, 20, 5, 0, 8);
	assert_int_equal(end_group(), E_OK);
	say_taken(TAKER, 20, 1);
	struct store_txn *t = f.t;
	f.t = NULL;
	dispatch();
	f.t = t;
	assert_int_equal(end_group(), E_OK);
	EXPECT_DELIVERED(TAKER, 1);
	f.tick += 10000;
	dispatch();
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 2);
}

/* A queue far longer than what is kept in memory, one conversation and many mixed. */
static void
long_queue_is_delivered_whole_and_once(void **state)
{
	enum { LONG = 1500 };
	static bool seen[LONG + 1];
	uint64_t last_of_one = 0, total = 0;

	memset(seen, 0, sizeof seen);
	for (uint64_t n = 1; n <= LONG; n++) {
		struct sample m = sample(n, n % 3 == 0 ? 0 : n, "KE.CRS", "SO.NIRA");

		submit(SENDER, &m);
		buf_free(&m.octets);
		if (n % 100 == 0)
			assert_int_equal(end_group(), E_OK);
	}
	assert_int_equal(count_news("accepted"), LONG);
	forget_effects();
	connect_taker(64);
	while (count(TAKER, V_DELIVER) > 0) {
		for (size_t i = 0; i < count(TAKER, V_DELIVER); i++) {
			uint64_t n = delivered(TAKER, i);

			assert_false(seen[n]);
			seen[n] = true;
			total++;
			assert_true(n % 3 != 0 || n == last_of_one + 3);
			last_of_one = n % 3 == 0 ? n : last_of_one;
			say_taken(TAKER, 20, n);
		}
		forget_effects();
		assert_int_equal(end_group(), E_OK);
		dispatch();
	}
	assert_int_equal(total, LONG);
}

/* ---- again ---- */

static void
what_is_not_taken_is_offered_again_ever_more_slowly(void **state)
{
	static const int64_t steps[] = {10000, 20000, 40000, 80000, 160000, 300000};

	file(1, 1);
	connect_taker(8);
	for (size_t i = 0; i < 30; i++) {
		size_t before = count(TAKER, V_DELIVER);
		int64_t step = steps[i < 5 ? i : 5];

		f.now = START; /* it must not expire meanwhile */
		f.tick += step / 4 * 3 - 1;
		dispatch();
		assert_int_equal(count(TAKER, V_DELIVER), before);
		f.tick += step / 4 + 1;
		dispatch();
		assert_int_equal(count(TAKER, V_DELIVER), before + 1);
		assert_int_equal(effect_of(TAKER, V_DELIVER, before)->w.number, before + 1);
	}
}

static void
peer_that_comes_back_is_offered_at_once_what_it_did_not_take(void **state)
{
	file(1, 1);
	file(2, 2);
	connect_taker(8);
	take(TAKER, 20, 2);
	forget_effects();
	say_hello(7, 20, 5, 0, 8);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	EXPECT_DELIVERED(7, 1);
	assert_int_equal(effect_of(7, V_DELIVER, 0)->w.number, 2); /* the second attempt */
	assert_int_equal(count(TAKER, V_DELIVER), 0);
	f.tick += 10000; /* and the backoff has begun anew */
	dispatch();
	EXPECT_DELIVERED(7, 1, 1);
}

static void
attempts_are_written_down_when_it_is_taken(void **state)
{
	file(1, 1);
	connect_taker(8);
	f.tick += 10000;
	dispatch();
	assert_int_equal(entry_of(1).attempts, 0);
	take(TAKER, 20, 1);
	assert_int_equal(entry_of(1).attempts, 2);
}

static void
two_peers_of_a_party_share_its_queue(void **state)
{
	for (uint64_t n = 1; n <= 4; n++)
		file(n, n);
	connect_taker(2);
	connect_peer(3, 21, 1, 8);
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 2);
	EXPECT_DELIVERED(3, 3, 4);
	f.tick += 10000; /* what is offered again goes to whom it was offered */
	dispatch();
	EXPECT_DELIVERED(TAKER, 1, 2, 1, 2);
	EXPECT_DELIVERED(3, 3, 4, 3, 4);
	forget_effects();
	take(3, 21, 1); /* taken by one, under way to the other */
	file(5, 5);
	dispatch();
	EXPECT_DELIVERED(TAKER, 5);
	exchange_peer_gone(f.x, TAKER);
	dispatch();
	EXPECT_DELIVERED(3, 2, 5);
}

static void
peer_that_can_not_be_reached_is_gone(void **state)
{
	file(1, 1);
	f.unreachable = TAKER;
	say_hello(TAKER, 20, 5, 0, 8);
	assert_int_equal(end_group(), E_OK); /* the welcome did not get through */
	f.unreachable = 0;
	dispatch();
	assert_int_equal(count(TAKER, V_DELIVER), 0);
	connect_taker(8);
	EXPECT_DELIVERED(TAKER, 1);
	file(2, 2);
	file(3, 3);
	f.unreachable = TAKER;
	dispatch();
	f.unreachable = 0;
	dispatch(); /* dropped, not tried again */
	EXPECT_DELIVERED(TAKER, 1);
	connect_taker(8);
	EXPECT_DELIVERED(TAKER, 1, 1, 2, 3);
}

/* Everything that a run sends, as text. */
static void
play(uint64_t seed, struct buf *out)
{
	void *unused = NULL;

	(void)set_up(&unused);
	exchange_seed(f.x, seed);
	connect_peer(SENDER, 10, 5, 8);
	for (uint64_t n = 1; n <= 6; n++)
		file(n, n / 2);
	connect_taker(4);
	for (int i = 0; i < 400; i++) {
		f.tick += 250;
		dispatch();
		if (i % 90 == 0)
			take(TAKER, 20, (uint64_t)i / 90 + 1);
		for (size_t e = 0; e < f.n; e++)
			buf_printf(out, "%d %llu %d %llu %s\n", i,
				(unsigned long long)f.effect[e].to, f.effect[e].w.verb,
				(unsigned long long)f.effect[e].w.number,
				f.effect[e].body.size > 0 ? (char *)f.effect[e].body.data : "");
		forget_effects();
	}
	assert_int_equal(tear_down(&unused), 0);
}

static void
same_seed_and_events_give_the_same_effects(void **state)
{
	OWNED_BUF(a) = {0};
	OWNED_BUF(b) = {0};
	OWNED_BUF(c) = {0};

	play(42, &a);
	play(42, &b);
	play(43, &c);
	assert_string_equal((char *)a.data, (char *)b.data);
	assert_string_not_equal((char *)a.data, (char *)c.data);
}

/* ---- notices ---- */

static void
sender_is_told_each_step_once_and_in_order(void **state)
{
	struct sample r = receipt_for(1, ST_COMMITTED, "", 0);
	const struct effect *e;

	connect_taker(8);
	file(1, 1);
	file(2, 2);
	take(TAKER, 20, 1);
	take(TAKER, 20, 2);
	settle(TAKER, 1, ST_COMMITTED, "", 0);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 3);
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(effect_of(SENDER, V_CONFIRM, i)->w.number, i + 1);
	assert_int_equal(said(effect_of(SENDER, V_CONFIRM, 0)).stage, ST_DELIVERED);
	assert_int_equal(effect_of(SENDER, V_CONFIRM, 0)->extra.size, 0);
	e = effect_of(SENDER, V_CONFIRM, 2);
	assert_int_equal(said(e).stage, ST_COMMITTED);
	assert_int_equal(e->extra.size, r.octets.size);
	assert_memory_equal(e->extra.data, r.octets.data, r.octets.size);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 3);
	assert_int_equal(count(TAKER, V_CONFIRM), 0);
	buf_free(&r.octets);
}

static void
sender_is_told_of_expiry(void **state)
{
	file(1, 1);
	f.now += 25 * (int64_t)HOUR;
	tick(0);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 1);
	assert_int_equal(said(effect_of(SENDER, V_CONFIRM, 0)).stage, ST_EXPIRED);
	assert_string_equal(said(effect_of(SENDER, V_CONFIRM, 0)).code, "EXPIRED");
}

/* Files and takes `n' messages: as many notices. */
static void
make_notices(uint64_t n)
{
	connect_taker(8);
	for (uint64_t i = 1; i <= n; i++) {
		struct sample m = sample(i, i, "KE.CRS", "SO.NIRA");

		submit(SENDER, &m);
		say_taken(TAKER, 20, i);
		buf_free(&m.octets);
	}
	assert_int_equal(end_group(), E_OK);
	forget_effects();
}

static void
notices_resume_where_the_spool_says(void **state)
{
	make_notices(5);
	say_hello(9, 10, 6, 3, 8);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_int_equal(count(9, V_CONFIRM), 2);
	assert_int_equal(effect_of(9, V_CONFIRM, 0)->w.number, 4);
	say_hello(10, 10, 7, 5, 8);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_int_equal(count(10, V_CONFIRM), 0);
	say_hello(11, 10, 8, 0, 8); /* a spool that lost everything */
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_int_equal(count(11, V_CONFIRM), 5);
	say_hello(12, 10, 9, 1000, 8); /* or claims more than there ever was */
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_int_equal(count(12, V_CONFIRM), 0);
}

/* An exchange that was restored from a backup counts on from an earlier number. */
static void
notices_with_numbers_that_the_spool_has_seen_are_told(void **state)
{
	make_notices(5);
	say_hello(SENDER, 10, 9, 1000, 8);
	assert_int_equal(end_group(), E_OK);
	file(6, 6);
	take(TAKER, 20, 6);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 1);
	assert_int_equal(effect_of(SENDER, V_CONFIRM, 0)->w.number, 6);
	say_credit(SENDER, 10, 1000, 8);
	file(7, 7);
	take(TAKER, 20, 7);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 2);
}

static void
notices_wait_when_64_are_not_yet_kept(void **state)
{
	make_notices(150);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 64);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 64);
	say_credit(SENDER, 10, 10, 8);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 74);
	say_credit(SENDER, 10, 74, 8);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	say_credit(SENDER, 10, 138, 8);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 150);
	for (uint64_t i = 0; i < 150; i++)
		assert_int_equal(effect_of(SENDER, V_CONFIRM, i)->w.number, i + 1);
}

static void
notices_that_are_not_kept_are_told_again_after_30_s(void **state)
{
	make_notices(2);
	dispatch();
	say_credit(SENDER, 10, 1, 8);
	assert_int_equal(end_group(), E_OK);
	f.tick += 29999;
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 2);
	f.tick += 1;
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 3);
	assert_int_equal(effect_of(SENDER, V_CONFIRM, 2)->w.number, 2);
}

static void
notices_begin_again_when_the_spool_has_gone_back(void **state)
{
	make_notices(5);
	dispatch();
	say_credit(SENDER, 10, 5, 8);
	say_credit(SENDER, 10, 2, 8);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 8);
	assert_int_equal(effect_of(SENDER, V_CONFIRM, 5)->w.number, 3);
}

static void
every_peer_of_a_party_is_told(void **state)
{
	connect_peer(3, 11, 1, 8);
	make_notices(2);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 2);
	assert_int_equal(count(3, V_CONFIRM), 2);
}

static void
telling_stops_at_a_peer_that_can_not_be_reached(void **state)
{
	make_notices(3);
	f.unreachable = SENDER;
	dispatch();
	f.unreachable = 0;
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 0);
	connect_peer(SENDER, 10, 5, 8);
	assert_int_equal(count(SENDER, V_CONFIRM), 3);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up_sender, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(delivery_is_the_message_as_it_came_and_the_brokers_receipt),
		T(message_for_a_connected_peer_is_offered_after_its_commit),
		T(only_the_addressee_is_offered_it),
		T(peer_whose_hello_is_not_committed_is_offered_nothing),
		T(credit_is_how_many_may_be_under_way),
		T(credit_has_a_limit),
		T(conversation_is_delivered_in_order_and_others_overtake),
		T(conversation_goes_on_when_its_middle_has_ended),
		T(message_whose_time_has_passed_is_not_offered),
		T(settled_message_is_not_offered_again),
		T(message_taken_in_the_open_group_is_offered_once_at_most),
		T(long_queue_is_delivered_whole_and_once),
		T(what_is_not_taken_is_offered_again_ever_more_slowly),
		T(peer_that_comes_back_is_offered_at_once_what_it_did_not_take),
		T(attempts_are_written_down_when_it_is_taken),
		T(two_peers_of_a_party_share_its_queue),
		T(peer_that_can_not_be_reached_is_gone),
		cmocka_unit_test(same_seed_and_events_give_the_same_effects),
		T(sender_is_told_each_step_once_and_in_order),
		T(sender_is_told_of_expiry),
		T(notices_resume_where_the_spool_says),
		T(notices_with_numbers_that_the_spool_has_seen_are_told),
		T(notices_wait_when_64_are_not_yet_kept),
		T(notices_that_are_not_kept_are_told_again_after_30_s),
		T(notices_begin_again_when_the_spool_has_gone_back),
		T(every_peer_of_a_party_is_told),
		T(telling_stops_at_a_peer_that_can_not_be_reached),
	};

	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
