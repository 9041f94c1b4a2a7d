/* SPDX-License-Identifier: EUPL-1.2
 *
 * What does not get through: when offers count against a message and when the line is to blame, how
 * it is set aside, put back and ended, what waits behind it, and what passes a channel that is
 * closed or an exchange that drains. */
#include "tests/unit/exchange_fixture.h"

#define SENDER 1
#define TAKER 2
#define AFTER EXCHANGE_ASIDE_AFTER

static int
set_up_sender(void **state)
{
	(void)set_up(state);
	connect_peer(SENDER, 10, 5, 8);
	forget_effects();
	return 0;
}

/* The addressee's program, started for the nth time. */
static void
start_taker(uint64_t epoch)
{
	say_hello(TAKER, 20, epoch, 0, 8);
	assert_int_equal(end_group(), E_OK);
	dispatch();
}

static bool
is_offered(uint64_t n)
{
	char text[32];

	snprintf(text, sizeof text, "<e:Message>%llu<", (unsigned long long)n);
	for (size_t i = 0; i < f.n; i++)
		if (f.effect[i].to == TAKER && f.effect[i].w.verb == V_DELIVER &&
			memcmp(f.effect[i].body.data, text, strlen(text)) == 0)
			return true;
	return false;
}

static bool
is_aside(uint64_t n)
{
	struct aside a;

	return store_aside(f.store, NULL, entry_of(n).seq, &a) == E_OK;
}

/* It takes everything but message `bad', of which it dies. False: it was not offered that. */
static bool
live_and_die(uint64_t epoch, uint64_t bad, uint64_t last)
{
	bool dies;

	start_taker(epoch);
	for (uint64_t turn = 0; turn < last && !is_offered(bad); turn++) {
		for (uint64_t n = 1; n <= last; n++)
			if (n != bad && is_offered(n) && entry_of(n).stage == ST_ACCEPTED)
				take(TAKER, 20, n);
		dispatch();
	}
	dies = is_offered(bad);
	forget_effects();
	exchange_peer_gone(f.x, TAKER);
	tick(1000);
	return dies;
}

static enum err
set_aside(uint64_t n)
{
	struct aside a = {.since = f.now, .uid = 7, .by = "amina", .reason = "looked at"};
	enum err e;

	strcpy(a.code, err_word(E_ASIDE));
	e = exchange_set_aside(f.x, group(), entry_of(n).seq, &a);
	assert_int_equal(end_group(), E_OK);
	return e;
}

static enum err
put_back(uint64_t n)
{
	enum err e = exchange_put_back(f.x, group(), entry_of(n).seq, true, f.now);

	assert_int_equal(end_group(), E_OK);
	return e;
}

static enum err
return_it(uint64_t n)
{
	enum err e = exchange_return(f.x, group(), entry_of(n).seq, E_RETURNED, f.now);

	assert_int_equal(end_group(), E_OK);
	return e;
}

/* ---- by itself ---- */

static void
message_that_its_addressee_dies_of_is_set_aside_and_others_flow(void **state)
{
	struct aside a;
	uint64_t epoch = 1;

	for (uint64_t n = 1; n <= 4; n++)
		file(n, n);
	while (epoch < 40 && !is_aside(1))
		(void)live_and_die(epoch++, 1, 4);
	assert_true(is_aside(1));
	assert_in_range(epoch, AFTER, AFTER + 2);
	for (uint64_t n = 2; n <= 4; n++)
		assert_int_equal(entry_of(n).stage, ST_DELIVERED);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	assert_int_equal(store_aside(f.store, NULL, entry_of(1).seq, &a), E_OK);
	assert_string_equal(a.code, "NOT-TAKEN");
	assert_string_equal(a.by, "");
	start_taker(epoch);
	assert_false(is_offered(1));
}

/* It has stood before all others each time, and they were under way with it. */
static void
what_was_under_way_with_it_is_not_set_aside(void **state)
{
	uint64_t epoch = 1;

	for (uint64_t n = 1; n <= 6; n++)
		file(n, n);
	for (; epoch < 30; epoch++) {
		start_taker(epoch);
		if (!is_offered(3)) { /* it came through without that one */
			for (uint64_t n = 1; n <= 6; n++)
				if (is_offered(n) && entry_of(n).stage == ST_ACCEPTED)
					take(TAKER, 20, n);
		}
		forget_effects();
		exchange_peer_gone(f.x, TAKER);
		tick(1000);
	}
	assert_true(is_aside(3));
	for (uint64_t n = 1; n <= 6; n++)
		assert_int_equal(is_aside(n), n == 3);
}

/* The same program, whose connection breaks and breaks before anything that was offered later has
 * come through. What others it takes, it takes over another line. */
static void
line_that_breaks_is_no_reason(void **state)
{
	file(1, 1);
	for (uint64_t i = 0; i < 3 * AFTER; i++) {
		say_hello(TAKER, 20, 5, 0, 1);
		assert_int_equal(end_group(), E_OK);
		dispatch();
		assert_true(is_offered(1));
		forget_effects();
		say_hello(4, 21, 5, 0, 8);
		file(100 + i, 100 + i);
		dispatch();
		take(4, 21, 100 + i);
		exchange_peer_gone(f.x, 4);
		exchange_peer_gone(f.x, TAKER);
		say_credit(SENDER, 10, 0, 8);
		tick(1000);
	}
	assert_false(is_aside(1));
	assert_int_equal(entry_of(100).stage, ST_DELIVERED);
	assert_true(entry_of(1).attempts >= AFTER);
}

/* Message 1 is larger and is offered last each time; nothing that came later was taken. */
static void
what_was_offered_before_says_nothing_of_what_came_behind(void **state)
{
	file(1, 1);
	start_taker(5);
	for (uint64_t i = 0; i < 2 * AFTER; i++) {
		exchange_peer_gone(f.x, TAKER);
		tick(1000);
		start_taker(5);
	}
	assert_false(is_aside(1));
}

static void
message_that_is_left_while_later_ones_are_taken_is_set_aside(void **state)
{
	file(1, 1);
	start_taker(5);
	for (uint64_t i = 0; i < 3 * AFTER && !is_aside(1); i++) {
		file(100 + i, 100 + i);
		dispatch();
		assert_true(is_offered(100 + i));
		take(TAKER, 20, 100 + i);
		say_credit(TAKER, 20, 0, 8);
		f.now += 300000;
		f.tick += 300000 - 30000; /* nobody falls silent */
		say_credit(TAKER, 20, 0, 8);
		say_credit(SENDER, 10, 0, 8);
		tick(30000);
		dispatch();
	}
	assert_true(is_aside(1));
}

/* Without a word of others it cannot be told from an addressee that does not work at all. */
static void
message_that_is_alone_is_not_set_aside(void **state)
{
	file(1, 1);
	for (uint64_t epoch = 1; epoch < 4 * AFTER; epoch++) {
		start_taker(epoch);
		exchange_peer_gone(f.x, TAKER);
		tick(300000);
		forget_effects();
	}
	assert_false(is_aside(1));
}

static void
who_says_goodbye_did_not_die_of_it(void **state)
{
	const struct wire bye = {.verb = V_BYE};

	file(1, 1);
	for (uint64_t epoch = 1; epoch < 3 * AFTER; epoch++) {
		start_taker(epoch);
		assert_true(is_offered(1));
		say(TAKER, 20, &bye);
		tick(1000);
		forget_effects();
	}
	/* Word of another one would be enough by now, had it died each time. */
	file(2, 2);
	start_taker(3 * AFTER);
	assert_true(is_offered(2));
	take(TAKER, 20, 2);
	assert_int_equal(entry_of(2).stage, ST_DELIVERED);
	tick(1000);
	assert_false(is_aside(1));
}

static void
P7_what_stops_a_case_is_never_set_aside(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
	struct aside a = {.since = f.now};
	struct consent_token *k = &m.v.header.token;

	m.v.header.action = A_CANCELLATION;
	m.v.header.has_token = true;
	k->by = m.v.header.from;
	k->holder = m.v.header.from;
	k->destination = m.v.header.to;
	k->conversation = m.v.header.conversation;
	k->issued = START - HOUR;
	k->valid_until = START + HOUR;
	strcpy(m.v.header.purpose, PURPOSE_WITHDRAWAL);
	start_taker(1);
	file(50, 50);
	dispatch();
	/* something of the case is known there, so that it goes on to its addressee */
	k->by = m.v.header.from;
	submit(SENDER, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
	if (!stage_final(entry_of(1).stage))
		assert_int_equal(exchange_set_aside(f.x, group(), entry_of(1).seq, &a), E_STATE);
	assert_int_equal(end_group(), E_OK);
	assert_false(is_aside(1));
}

/* ---- by hand ---- */

static void
what_is_set_aside_is_not_offered_until_it_is_put_back(void **state)
{
	struct retried r;

	file(1, 1);
	assert_int_equal(set_aside(1), E_OK);
	assert_int_equal(count_news("set-aside"), 1);
	assert_int_equal(set_aside(1), E_STATE);
	start_taker(5);
	assert_false(is_offered(1));
	tick(1000);
	assert_int_equal(put_back(1), E_OK);
	assert_int_equal(put_back(1), E_STATE);
	dispatch();
	assert_true(is_offered(1));
	assert_int_equal(store_retried(f.store, NULL, "SET-ASIDE", &r), E_OK);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.taken, 0);
	take(TAKER, 20, 1);
	assert_int_equal(store_retried(f.store, NULL, "SET-ASIDE", &r), E_OK);
	assert_int_equal(r.taken, 1);
	assert_int_equal(set_aside(1), E_STATE); /* its addressee has it */
}

static void
another_try_that_fails_is_told(void **state)
{
	struct retried r;

	file(1, 1);
	assert_int_equal(set_aside(1), E_OK);
	assert_int_equal(put_back(1), E_OK);
	assert_int_equal(set_aside(1), E_OK);
	assert_int_equal(store_retried(f.store, NULL, "SET-ASIDE", &r), E_OK);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.again, 1);
}

static void
nothing_of_its_conversation_overtakes_it(void **state)
{
	file(1, 7);
	file(2, 7);
	file(3, 8);
	assert_int_equal(set_aside(1), E_OK);
	start_taker(5);
	assert_false(is_offered(2));
	assert_true(is_offered(3));
	file(4, 7);
	dispatch();
	assert_false(is_offered(4));
	tick(1000);
	assert_int_equal(put_back(1), E_OK);
	forget_effects();
	dispatch();
	assert_true(is_offered(1));
	assert_false(is_offered(2));
	take(TAKER, 20, 1);
	dispatch();
	assert_true(is_offered(2));
	take(TAKER, 20, 2);
	dispatch();
	assert_true(is_offered(4));
}

static void
what_is_behind_it_goes_on_when_it_ends(void **state)
{
	file(1, 7);
	file(2, 7);
	assert_int_equal(set_aside(1), E_OK);
	start_taker(5);
	assert_false(is_offered(2));
	tick(1000);
	assert_int_equal(return_it(1), E_OK);
	dispatch();
	assert_true(is_offered(2));
}

static void
returned_message_ends_once_and_its_sender_is_told(void **state)
{
	const struct effect *told;

	file(1, 1);
	assert_int_equal(return_it(1), E_STATE); /* only what is set aside */
	assert_int_equal(set_aside(1), E_OK);
	forget_effects();
	assert_int_equal(return_it(1), E_OK);
	dispatch();
	assert_int_equal(count(SENDER, V_CONFIRM), 1);
	told = effect_of(SENDER, V_CONFIRM, 0);
	assert_int_equal(said(told).stage, ST_DEAD_LETTER);
	assert_string_equal(said(told).code, "RETURNED");
	assert_int_equal(return_it(1), E_FINAL);
	assert_int_equal(put_back(1), E_FINAL);
	start_taker(5);
	assert_false(is_offered(1));
}

static void
discarded_message_ends_with_a_code_of_its_own(void **state)
{
	file(1, 1);
	assert_int_equal(set_aside(1), E_OK);
	assert_int_equal(exchange_return(f.x, group(), entry_of(1).seq, E_DISCARDED, f.now), E_OK);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(entry_of(1).stage, ST_DEAD_LETTER);
	assert_string_equal(entry_of(1).code, "DISCARDED");
	assert_int_equal(err_retry(E_DISCARDED), 0);
}

static void
what_its_addressee_says_of_it_stands(void **state)
{
	file(1, 1);
	start_taker(5);
	assert_true(is_offered(1));
	assert_int_equal(set_aside(1), E_OK);
	take(TAKER, 20, 1); /* it was under way */
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
	assert_false(is_aside(1));
	assert_int_equal(put_back(1), E_STATE);
}

static void
what_is_set_aside_expires(void **state)
{
	file(1, 1);
	assert_int_equal(set_aside(1), E_OK);
	tick(25 * (int64_t)HOUR);
	assert_int_equal(entry_of(1).stage, ST_EXPIRED);
	assert_false(is_aside(1));
	assert_int_equal(store_aside_count(f.store, NULL), 0);
}

static void
set_aside_is_so_after_a_restart_and_the_books_are_whole(void **state)
{
	struct scrub whole;

	file(1, 7);
	file(2, 7);
	assert_int_equal(set_aside(1), E_OK);
	assert_int_equal(store_scrub(f.store, &whole), E_OK);
	stop_exchange();
	start_exchange();
	connect_peer(SENDER, 10, 6, 8);
	start_taker(5);
	assert_true(is_aside(1));
	assert_false(is_offered(1) || is_offered(2));
	assert_int_equal(put_back(1), E_OK);
	dispatch();
	assert_true(is_offered(1));
	assert_int_equal(store_scrub(f.store, &whole), E_OK);
}

/* ---- closed, draining ---- */

static struct decision
decided(enum standing s)
{
	return (struct decision){.standing = s, .since = f.now, .by = "amina", .reason = "why"};
}

static void
closed_channel_puts_off_what_is_new_and_gives_what_was_accepted(void **state)
{
	const struct decision close = decided(STANDING_SUSPENDED), open = decided(STANDING_GOOD);
	const struct party *from, *to;
	struct entry e;

	file(1, 1);
	e = entry_of(1);
	from = &e.header.from;
	to = &e.header.to;
	store_set_closed(group(), from, to, &close);
	assert_int_equal(end_group(), E_OK);
	forget_effects();
	file(2, 2);
	assert_refused(SENDER, 2, E_CLOSED);
	forget_effects();
	file(1, 1); /* again: its receipt */
	assert_int_equal(count(SENDER, V_RECEIPT), 1);
	start_taker(5);
	assert_true(is_offered(1));
	stop_exchange();
	start_exchange();
	connect_peer(SENDER, 10, 6, 8);
	forget_effects();
	file(2, 2);
	assert_refused(SENDER, 2, E_CLOSED);
	store_set_closed(group(), from, to, &open);
	assert_int_equal(end_group(), E_OK);
	forget_effects();
	file(2, 2);
	assert_int_equal(count(SENDER, V_RECEIPT), 1);
}

static void
closed_channel_is_one_way_and_lets_others_through(void **state)
{
	const struct decision close = decided(STANDING_SUSPENDED);
	struct sample m = sample(3, 3, "KE.CRS", "UNHCR.NBO");
	struct party from, to;

	assert_true(party_parse("KE.CRS", &from) && party_parse("SO.NIRA", &to));
	store_set_closed(group(), &from, &to, &close);
	submit(SENDER, &m);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(SENDER, V_RECEIPT), 1);
	assert_false(store_is_closed(f.store, NULL, &to, &from));
	buf_free(&m.octets);
}

static void
draining_exchange_takes_nothing_new_and_finishes_what_is_there(void **state)
{
	const struct decision on = decided(STANDING_SUSPENDED), off = decided(STANDING_GOOD);

	file(1, 1);
	store_set_drain(group(), &on);
	assert_int_equal(end_group(), E_OK);
	forget_effects();
	file(2, 2);
	assert_refused(SENDER, 2, E_DRAINING);
	start_taker(5);
	assert_true(is_offered(1));
	assert_int_equal(exchange_under_way(f.x), 1);
	take(TAKER, 20, 1);
	settle(TAKER, 1, ST_COMMITTED, "", 0);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
	dispatch();
	assert_int_equal(exchange_under_way(f.x), 0);
	store_set_drain(group(), &off);
	assert_int_equal(end_group(), E_OK);
	forget_effects();
	file(2, 2);
	assert_int_equal(count(SENDER, V_RECEIPT), 1);
}

static void
P7_withdrawal_passes_what_is_closed(void **state)
{
	const struct decision on = decided(STANDING_SUSPENDED);
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
	struct consent_token *k = &m.v.header.token;

	m.v.header.action = A_CANCELLATION;
	m.v.header.has_token = true;
	k->by = m.v.header.from;
	k->holder = m.v.header.from;
	k->destination = m.v.header.to;
	k->conversation = m.v.header.conversation;
	k->issued = START - HOUR;
	k->valid_until = START + HOUR;
	strcpy(m.v.header.purpose, PURPOSE_WITHDRAWAL);
	store_set_closed(group(), &m.v.header.from, &m.v.header.to, &on);
	store_set_drain(group(), &on);
	submit(SENDER, &m);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(SENDER, V_RECEIPT), 1);
	assert_true(store_is_withdrawn(f.store, NULL, k));
	buf_free(&m.octets);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up_sender, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(message_that_its_addressee_dies_of_is_set_aside_and_others_flow),
		T(what_was_under_way_with_it_is_not_set_aside),
		T(line_that_breaks_is_no_reason),
		T(what_was_offered_before_says_nothing_of_what_came_behind),
		T(message_that_is_left_while_later_ones_are_taken_is_set_aside),
		T(message_that_is_alone_is_not_set_aside),
		T(who_says_goodbye_did_not_die_of_it),
		T(P7_what_stops_a_case_is_never_set_aside),
		T(what_is_set_aside_is_not_offered_until_it_is_put_back),
		T(another_try_that_fails_is_told),
		T(nothing_of_its_conversation_overtakes_it),
		T(what_is_behind_it_goes_on_when_it_ends),
		T(returned_message_ends_once_and_its_sender_is_told),
		T(discarded_message_ends_with_a_code_of_its_own),
		T(what_its_addressee_says_of_it_stands),
		T(what_is_set_aside_expires),
		T(set_aside_is_so_after_a_restart_and_the_books_are_whole),
		T(closed_channel_puts_off_what_is_new_and_gives_what_was_accepted),
		T(closed_channel_is_one_way_and_lets_others_through),
		T(draining_exchange_takes_nothing_new_and_finishes_what_is_there),
		T(P7_withdrawal_passes_what_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
