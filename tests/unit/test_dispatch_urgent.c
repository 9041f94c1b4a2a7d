/* SPDX-License-Identifier: EUPL-1.2
 *
 * What stops a case goes out before everything else: first, out of the order of its conversation,
 * beyond what is allowed to a sender, and one of it beyond the credit; but no more than that. */
#include "tests/unit/exchange_fixture.h"

#define SENDER 1
#define TAKER 2
#define OFFICE 3

/* KE.CRS is peer 1, UNHCR.NBO peer 3; message 1 of case 1 was offered to SO.NIRA, peer 2. */
static struct sample
of_case(uint64_t n, enum action a, const char *from)
{
	struct sample m = sample(n, 1, from, "SO.NIRA");
	struct consent_token *k = &m.v.header.token;

	m.v.header.action = a;
	m.v.header.has_token = true;
	k->id = numbered_id(7000001);
	k->conversation = m.v.header.conversation;
	k->by = f.trust.party[3].code;
	k->holder = f.trust.party[1].code;
	k->destination = f.trust.party[2].code;
	k->issued = START - HOUR;
	k->valid_until = START + 12 * (int64_t)HOUR;
	return m;
}

static void
stop(uint64_t n)
{
	struct sample m = of_case(n, A_CANCELLATION, "UNHCR.NBO");

	strcpy(m.v.header.purpose, PURPOSE_HOLD);
	submit(OFFICE, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
}

static int
set_up_case(void **state)
{
	struct sample m;

	(void)set_up(state);
	connect_peer(SENDER, 10, 5, 8);
	connect_peer(OFFICE, 30, 5, 8);
	connect_peer(TAKER, 20, 5, 4);
	m = of_case(1, A_CERTIFIED_EXTRACT, "KE.CRS");
	submit(SENDER, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
	dispatch();
	assert_int_equal(count(TAKER, V_DELIVER), 1);
	forget_effects();
	return 0;
}

static uint64_t
delivered(size_t nth)
{
	const struct effect *e = effect_of(TAKER, V_DELIVER, nth);

	return e == NULL ? 0 : strtoull((char *)e->body.data + strlen("<e:Message>"), NULL, 10);
}

static void
taken(uint64_t n)
{
	struct entry e = entry_of(n);

	say(TAKER, 20, &(struct wire){.verb = V_TAKEN, .id = e.header.id, .digest = e.digest});
	assert_int_equal(end_group(), E_OK);
}

/* ---- */

static void
P7_what_stops_a_case_is_offered_first(void **state)
{
	for (uint64_t n = 2; n <= 3; n++)
		file(n, n);
	stop(4);
	dispatch();
	assert_int_equal(delivered(0), 4);
	assert_int_equal(delivered(1), 2);
}

/* Message 1 of its conversation has not been taken. */
static void
P7_what_stops_a_case_does_not_wait_for_its_conversation(void **state)
{
	stop(2);
	stop(3);
	dispatch();
	assert_int_equal(delivered(0), 2);
	assert_int_equal(delivered(1), 3);
}

/* The first of these stops message 1, which gives its place free; of what follows one more than is
 * allowed may be under way, and that is all. */
static void
P7_one_that_stops_a_case_goes_beyond_the_credit(void **state)
{
	struct sample other = sample(20, 20, "UNHCR.NBO", "SO.NIRA");

	for (uint64_t n = 2; n <= 9; n++)
		file(n, n);
	submit(OFFICE, &other);
	assert_int_equal(end_group(), E_OK);
	buf_free(&other.octets);
	dispatch();
	assert_int_equal(count(TAKER, V_DELIVER), 3); /* with message 1 that is all its credit */
	forget_effects();
	stop(10);
	dispatch();
	assert_int_equal(delivered(0), 10);
	assert_int_equal(count(TAKER, V_DELIVER), 1);
	forget_effects();
	stop(11);
	dispatch();
	assert_int_equal(delivered(0), 11);
	forget_effects();
	stop(12);
	dispatch();
	assert_int_equal(count(TAKER, V_DELIVER), 0); /* five are under way */
	taken(10);
	dispatch();
	assert_int_equal(delivered(0), 12);
	assert_int_equal(count(TAKER, V_DELIVER), 1);
}

static void
nothing_goes_to_a_peer_that_wants_nothing(void **state)
{
	say_credit(TAKER, 20, 0, 0);
	assert_int_equal(end_group(), E_OK);
	stop(2);
	dispatch();
	assert_int_equal(count(TAKER, V_DELIVER), 0);
}

static void
what_stops_a_case_is_offered_again_until_it_is_taken(void **state)
{
	stop(2);
	dispatch();
	assert_int_equal(delivered(0), 2);
	forget_effects();
	f.tick += 10000;
	f.now += 10000;
	dispatch();
	assert_int_equal(delivered(0), 2);
	exchange_peer_gone(f.x, TAKER);
	forget_effects();
	connect_peer(TAKER, 20, 6, 4);
	assert_int_equal(delivered(0), 2);
	taken(2);
	forget_effects();
	f.tick += 600000;
	dispatch();
	assert_int_equal(count(TAKER, V_DELIVER), 0);
	assert_int_equal(store_queue_depth(f.store, &f.trust.party[2].code), 0);
}

/* More of them than a window has room for: none is lost, and none comes twice. */
static void
many_that_stop_cases_all_arrive(void **state)
{
	for (uint64_t n = 2; n < 102; n++)
		stop(n);
	for (uint64_t n = 2; n < 102;) {
		forget_effects();
		dispatch();
		assert_true(count(TAKER, V_DELIVER) > 0);
		for (size_t i = 0, sent = count(TAKER, V_DELIVER); i < sent; i++, n++) {
			assert_int_equal(delivered(i), n);
			taken(n);
		}
	}
}

/* One office files a great many, another one of its own: that is seen all the same. */
static void
nobody_keeps_anothers_from_being_seen(void **state)
{
	struct sample m = of_case(200, A_CANCELLATION, "KE.CRS");
	bool seen = false;

	for (uint64_t n = 2; n < 80; n++)
		stop(n);
	strcpy(m.v.header.purpose, PURPOSE_HOLD);
	submit(SENDER, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
	say_credit(TAKER, 20, 0, 40);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	for (size_t i = 0; i < count(TAKER, V_DELIVER); i++)
		seen |= delivered(i) == 200;
	assert_true(seen);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up_case, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(P7_what_stops_a_case_is_offered_first),
		T(P7_what_stops_a_case_does_not_wait_for_its_conversation),
		T(P7_one_that_stops_a_case_goes_beyond_the_credit),
		T(nothing_goes_to_a_peer_that_wants_nothing),
		T(what_stops_a_case_is_offered_again_until_it_is_taken),
		T(many_that_stop_cases_all_arrive),
		T(nobody_keeps_anothers_from_being_seen),
	};

	return cmocka_run_group_tests_name("dispatch_urgent", tests, NULL, NULL);
}
