/* SPDX-License-Identifier: EUPL-1.2
 *
 * What one party sends to an addressee, however much, keeps nobody else waiting: neither a backlog
 * nor messages that the addressee leaves unanswered. KE.CRS is the one, UNHCR.NBO the other. */
#include "tests/unit/exchange_fixture.h"

#define ENEMY 1
#define TAKER 2
#define HONEST 3
#define BACKLOG 1200 /* more than a lane shows of one sender */

static int
set_up_senders(void **state)
{
	(void)set_up(state);
	connect_peer(ENEMY, 10, 5, 8);
	connect_peer(HONEST, 30, 5, 8);
	forget_effects();
	return 0;
}

static void
send_one(peer_no peer, uint64_t n, uint64_t conversation)
{
	struct sample m =
		sample(n, conversation, peer == ENEMY ? "KE.CRS" : "UNHCR.NBO", "SO.NIRA");

	submit(peer, &m);
	buf_free(&m.octets);
}

static void
backlog(uint64_t conversation)
{
	for (uint64_t n = 1; n <= BACKLOG; n++) {
		send_one(ENEMY, n, conversation == 0 ? n : conversation);
		if (n % 100 == 0)
			assert_int_equal(end_group(), E_OK);
	}
	forget_effects();
}

static void
connect_taker(uint64_t credit)
{
	say_hello(TAKER, 20, 5, 0, credit);
	assert_int_equal(end_group(), E_OK);
	dispatch();
}

static bool
is_delivered(uint64_t number)
{
	const struct effect *e;

	for (size_t i = 0; (e = effect_of(TAKER, V_DELIVER, i)) != NULL; i++)
		if (strtoull((char *)e->body.data + strlen("<e:Message>"), NULL, 10) == number)
			return true;
	return false;
}

static void
send_and_dispatch(peer_no peer, uint64_t n, uint64_t conversation)
{
	send_one(peer, n, conversation);
	assert_int_equal(end_group(), E_OK);
	dispatch();
}

static void
turns(unsigned n)
{
	while (n-- > 0)
		dispatch();
}

/* ---- tests ---- */

static void
backlog_of_one_sender_keeps_no_other_waiting(void **state)
{
	backlog(0);
	send_one(HONEST, 5000, 5000);
	assert_int_equal(end_group(), E_OK);
	connect_taker(16);
	turns(3);
	assert_true(is_delivered(5000));
	send_and_dispatch(HONEST, 5001, 5001);
	assert_true(is_delivered(5001));
}

static void
what_is_left_unanswered_does_not_use_up_the_credit(void **state)
{
	connect_taker(16);
	for (uint64_t n = 1; n <= 40; n++)
		send_and_dispatch(ENEMY, n, n);
	assert_int_equal(count(TAKER, V_DELIVER), 12);
	send_and_dispatch(HONEST, 5000, 5000);
	assert_true(is_delivered(5000));
	for (unsigned i = 0; i < 50; i++) {
		f.now = START;
		f.tick += 30000;
		dispatch();
	}
	send_and_dispatch(HONEST, 5001, 5001);
	assert_true(is_delivered(5001));
}

/* Also behind one that was passed by, by another sender. */
static void
conversation_stays_in_order_across_senders(void **state)
{
	struct sample last = sample(BACKLOG, BACKLOG, "KE.CRS", "SO.NIRA");
	const struct wire w = {.verb = V_TAKEN, .id = last.v.header.id, .digest = last.v.digest};

	backlog(0);
	send_one(HONEST, 5000, BACKLOG);
	send_one(HONEST, 5001, 5001);
	assert_int_equal(end_group(), E_OK);
	connect_taker(16);
	turns(3);
	assert_false(is_delivered(5000));
	assert_true(is_delivered(5001));
	say(TAKER, 20, &w); /* it had come by another road */
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_true(is_delivered(5000));
	buf_free(&last.octets);
}

static void
take_all(bool *seen, uint64_t *total)
{
	const struct effect *e;

	for (size_t i = 0; (e = effect_of(TAKER, V_DELIVER, i)) != NULL; i++) {
		uint64_t n = strtoull((char *)e->body.data + strlen("<e:Message>"), NULL, 10);

		assert_false(seen[n]);
		assert_int_equal(n, *total + 1); /* in the order in which they were sent */
		seen[n] = true;
		++*total;
		say_taken(TAKER, 20, n);
	}
}

static void
backlog_is_delivered_whole_and_in_order(void **state)
{
	static bool seen[BACKLOG + 1];
	uint64_t total = 0;

	backlog(7);
	connect_taker(16);
	while (count(TAKER, V_DELIVER) > 0) {
		take_all(seen, &total);
		forget_effects();
		assert_int_equal(end_group(), E_OK);
		dispatch();
	}
	assert_int_equal(total, BACKLOG);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up_senders, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(backlog_of_one_sender_keeps_no_other_waiting),
		T(what_is_left_unanswered_does_not_use_up_the_credit),
		T(conversation_stays_in_order_across_senders),
		T(backlog_is_delivered_whole_and_in_order),
	};

	return cmocka_run_group_tests_name("dispatch_fair", tests, NULL, NULL);
}
