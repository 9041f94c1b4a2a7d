/* SPDX-License-Identifier: EUPL-1.2
 *
 * Order within a connection, turns between connections, and the bounds of both. */
#include "tests/unit/test.h"

#include "broker/lanes.h"

static const struct party kenya = {"KE.CRS"}, somalia = {"SO.NIRA"};

struct world {
	struct lanes lanes;
	char out[256]; /* what came out, a letter each */
};

static int
open_lanes(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -1;
	lanes_open(&w->lanes);
	*state = w;
	return 0;
}

static int
close_lanes(void **state)
{
	struct world *w = *state;

	lanes_close(&w->lanes);
	assert_int_equal(w->lanes.octets, 0);
	assert_int_equal(w->lanes.waiting, 0);
	free(w);
	return 0;
}

static void
on_out(void *context, const struct job *j)
{
	struct world *w = context;
	size_t n = strlen(w->out);

	assert_true(n + 1 < sizeof(w->out));
	w->out[n] = (char)j->message.data[0];
}

/* A job for each letter. */
static void
add(struct world *w, peer_no peer, const struct party *party, const char *letters)
{
	for (; *letters != '\0'; letters++)
		lanes_add(&w->lanes, peer, party, bytes_of(letters, 1), NULL);
}

static struct job *
take(struct world *w, char expected)
{
	struct job *j = lanes_next(&w->lanes);

	assert_non_null(j);
	assert_int_equal(j->message.data[0], expected);
	assert_int_equal(j->state, JOB_GIVEN);
	return j;
}

static void
done(struct world *w, struct job *j)
{
	lanes_done(&w->lanes, j, 1000, on_out, w);
}

static void
what_is_done_early_waits_for_what_came_before(void **state)
{
	struct world *w = *state;
	struct job *a, *b, *c;

	add(w, 1, &kenya, "abc");
	a = take(w, 'a');
	b = take(w, 'b');
	c = take(w, 'c');
	done(w, c);
	done(w, b);
	assert_string_equal(w->out, "");
	done(w, a);
	assert_string_equal(w->out, "abc");
	assert_null(lanes_next(&w->lanes));
}

static void
connections_take_turns(void **state)
{
	struct world *w = *state;

	add(w, 1, &kenya, "abc");
	add(w, 2, &somalia, "xy");
	done(w, take(w, 'a'));
	done(w, take(w, 'x'));
	done(w, take(w, 'b'));
	done(w, take(w, 'y'));
	done(w, take(w, 'c'));
	assert_string_equal(w->out, "axbyc");
}

static void
one_connection_does_not_hold_another_back(void **state)
{
	struct world *w = *state;
	struct job *a;

	add(w, 1, &kenya, "ab");
	add(w, 2, &somalia, "x");
	a = take(w, 'a');
	done(w, take(w, 'x'));
	assert_string_equal(w->out, "x");
	done(w, take(w, 'b'));
	assert_string_equal(w->out, "x");
	done(w, a);
	assert_string_equal(w->out, "xab");
}

static void
a_job_that_is_given_again_keeps_its_place(void **state)
{
	struct world *w = *state;
	struct job *a, *b;

	add(w, 1, &kenya, "abc");
	a = take(w, 'a');
	b = take(w, 'b');
	lanes_again(&w->lanes, a);
	done(w, b);
	assert_string_equal(w->out, "");
	done(w, take(w, 'a'));
	assert_string_equal(w->out, "ab");
	done(w, take(w, 'c'));
	assert_string_equal(w->out, "abc");
}

static void
a_lost_connection_says_nothing_any_more(void **state)
{
	struct world *w = *state;
	struct job *a, *b;

	add(w, 1, &kenya, "abc");
	a = take(w, 'a');
	b = take(w, 'b');
	lanes_forget(&w->lanes, 1);
	assert_int_equal(w->lanes.waiting, 0);
	assert_null(lanes_next(&w->lanes));
	/* The same number speaks again before the old ones have come back. */
	add(w, 1, &kenya, "d");
	done(w, a);
	lanes_again(&w->lanes, b);
	done(w, take(w, 'd'));
	assert_string_equal(w->out, "d");
	assert_int_equal(w->lanes.octets, 0);
}

static void
forgetting_nobody_is_nothing(void **state)
{
	struct world *w = *state;

	lanes_forget(&w->lanes, 7);
	add(w, 1, &kenya, "a");
	lanes_forget(&w->lanes, 7);
	done(w, take(w, 'a'));
	assert_string_equal(w->out, "a");
}

static void
a_lane_has_its_bound_and_all_have_theirs(void **state)
{
	struct world *w = *state;
	uint8_t *large = calloc(1, LANE_MAX);
	peer_no peer = 1;

	assert_false(lanes_have_room(&w->lanes, 1, NULL, LANES_MAX + 1));
	lanes_add(&w->lanes, 1, &kenya, bytes_of(large, LANE_MAX), NULL);
	assert_false(lanes_have_room(&w->lanes, 1, NULL, 1));
	assert_true(lanes_have_room(&w->lanes, 2, NULL, LANE_MAX));
	while (lanes_have_room(&w->lanes, peer + 1, NULL, LANE_MAX))
		lanes_add(&w->lanes, ++peer, &kenya, bytes_of(large, LANE_MAX), NULL);
	assert_int_equal(peer, LANES_MAX / LANE_MAX);
	assert_false(lanes_have_room(&w->lanes, peer + 1, NULL, 1));
	lanes_forget(&w->lanes, 1);
	assert_true(lanes_have_room(&w->lanes, peer + 1, NULL, LANE_MAX));
	free(large);
}

static void
what_a_settlement_settles_travels_along(void **state)
{
	struct world *w = *state;
	struct id id = id_new();
	struct job *j;

	lanes_add(&w->lanes, 1, &kenya, bytes_of("s", 1), &id);
	j = take(w, 's');
	assert_true(j->settles);
	assert_true(id_equal(&j->settled, &id));
	done(w, j);
}

/* One addressee settles what many senders submit. */
static void
settlements_have_every_other_turn(void **state)
{
	struct world *w = *state;
	struct id id = id_new();

	for (peer_no peer = 1; peer <= 8; peer++)
		add(w, peer, &kenya, "aaaa");
	for (int i = 0; i < 8; i++)
		lanes_add(&w->lanes, 9, &somalia, bytes_of("s", 1), &id);
	for (int i = 0; i < 16; i++)
		done(w, lanes_next(&w->lanes));
	assert_string_equal(w->out, "sasasasasasasasa");
	while (w->lanes.waiting > 0)
		done(w, take(w, 'a'));
}

static void
a_party_has_its_bound_over_all_its_connections(void **state)
{
	struct world *w = *state;
	uint8_t *large = calloc(1, LANE_MAX);

	for (peer_no peer = 1; peer <= PARTY_MAX / LANE_MAX; peer++) {
		assert_true(lanes_have_room(&w->lanes, peer, &kenya, LANE_MAX));
		lanes_add(&w->lanes, peer, &kenya, bytes_of(large, LANE_MAX), NULL);
	}
	assert_false(lanes_have_room(&w->lanes, 9, &kenya, 1));
	assert_true(lanes_have_room(&w->lanes, 9, &somalia, LANE_MAX));
	lanes_forget(&w->lanes, 1);
	assert_true(lanes_have_room(&w->lanes, 9, &kenya, LANE_MAX));
	free(large);
}

/* Turns in which this letter comes out, of so many, when each has its cost; waits never run dry. */
static int
served(struct world *w, char letter, int turns, int64_t cost_a, int64_t cost_x)
{
	int n = 0;

	for (int i = 0; i < turns; i++) {
		struct job *j = lanes_next(&w->lanes);
		char got = (char)j->message.data[0];
		peer_no peer = j->lane->peer;
		struct party party = j->party;

		n += got == letter;
		lanes_done(&w->lanes, j, got == 'a' ? cost_a : cost_x, on_out, w);
		lanes_add(&w->lanes, peer, &party, bytes_of(&got, 1), NULL);
		w->out[0] = '\0';
		memset(w->out, 0, sizeof(w->out));
	}
	return n;
}

/* Turns are for time: whoever brings messages of 100 ms has one for a hundred of 1 ms. */
static void
costly_messages_take_the_time_of_their_party_only(void **state)
{
	struct world *w = *state;

	add(w, 1, &kenya, "a");
	add(w, 2, &somalia, "x");
	assert_in_range(served(w, 'x', 1010, 100000, 1000), 950, 1009);
}

static void
many_connections_have_no_more_than_one(void **state)
{
	struct world *w = *state;

	for (peer_no peer = 1; peer <= 9; peer++)
		add(w, peer, &kenya, "a");
	add(w, 10, &somalia, "x");
	assert_in_range(served(w, 'x', 1000, 1000, 1000), 490, 510);
}

/* Who was silent does not come back with all the time that the others have used. */
static void
a_pause_earns_no_credit(void **state)
{
	struct world *w = *state;

	add(w, 1, &kenya, "a");
	(void)served(w, 'a', 500, 1000, 1000);
	add(w, 2, &somalia, "x");
	assert_in_range(served(w, 'x', 100, 1000, 1000), 48, 52);
}

/* Any order of giving, losing and finishing: what comes out of a connection is what went in. */
static void
order_holds_whatever_happens(void **state)
{
	struct world *w = *state;
	unsigned seed = 7;

	for (int round = 0; round < 2000; round++) {
		struct job *given[26];
		size_t n = 0;

		w->out[0] = '\0';
		memset(w->out, 0, sizeof(w->out));
		add(w, 1, &kenya, "abcdefghijklmnopqrstuvwxyz");
		while (strlen(w->out) < 26) {
			int what = rand_r(&seed) % 4;
			size_t i = n > 0 ? (size_t)rand_r(&seed) % n : 0;
			struct job *j;

			if (what < 2 && (j = lanes_next(&w->lanes)) != NULL) {
				given[n++] = j;
			} else if (n > 0) {
				j = given[i];
				given[i] = given[--n];
				if (what == 2)
					lanes_again(&w->lanes, j);
				else
					done(w, j);
			}
		}
		assert_string_equal(w->out, "abcdefghijklmnopqrstuvwxyz");
	}
}

#define LANES(test) cmocka_unit_test_setup_teardown(test, open_lanes, close_lanes)

/* However much of its connection waits; and it takes no room of that. */
static void
P7_what_stops_a_case_is_given_before_all_else(void **state)
{
	static uint8_t large[LANE_MAX];
	const struct id id = {{7}};
	struct world *w = *state;

	lanes_add(&w->lanes, 1, &kenya, bytes_of(large, LANE_MAX), NULL);
	lanes_add(&w->lanes, 2, &somalia, bytes_of("s", 1), &id);
	assert_false(lanes_have_room(&w->lanes, 1, &kenya, 1));
	assert_true(lanes_have_room_to_stop(&w->lanes, 1, STOP_MAX));
	lanes_add_stop(&w->lanes, 1, &kenya, bytes_of("!", 1));
	done(w, take(w, '!'));
	assert_string_equal(w->out, "!");
	done(w, take(w, 's'));
	assert_string_equal(w->out, "!s");
}

static void
what_stops_cases_has_its_bound(void **state)
{
	static uint8_t large[STOP_MAX];
	struct world *w = *state;
	peer_no peer = 1;

	lanes_add_stop(&w->lanes, 1, &kenya, bytes_of(large, STOP_MAX - 1));
	assert_true(lanes_have_room_to_stop(&w->lanes, 1, 1));
	assert_false(lanes_have_room_to_stop(&w->lanes, 1, 2));
	assert_true(lanes_have_room(&w->lanes, 1, &kenya, LANE_MAX));
	while (lanes_have_room_to_stop(&w->lanes, peer + 1, STOP_MAX))
		lanes_add_stop(&w->lanes, ++peer, &kenya, bytes_of(large, STOP_MAX));
	assert_true(w->lanes.stop_octets <= STOPS_MAX && peer == STOPS_MAX / STOP_MAX);
	assert_true(lanes_have(&w->lanes, 1));
	for (peer_no p = 1; p <= peer; p++)
		lanes_forget(&w->lanes, p);
	assert_false(lanes_have(&w->lanes, 1));
	assert_int_equal(w->lanes.stop_octets, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LANES(what_is_done_early_waits_for_what_came_before),
		LANES(connections_take_turns),
		LANES(one_connection_does_not_hold_another_back),
		LANES(a_job_that_is_given_again_keeps_its_place),
		LANES(a_lost_connection_says_nothing_any_more),
		LANES(forgetting_nobody_is_nothing),
		LANES(a_lane_has_its_bound_and_all_have_theirs),
		LANES(what_a_settlement_settles_travels_along),
		LANES(settlements_have_every_other_turn),
		LANES(a_party_has_its_bound_over_all_its_connections),
		LANES(costly_messages_take_the_time_of_their_party_only),
		LANES(many_connections_have_no_more_than_one),
		LANES(a_pause_earns_no_credit),
		LANES(order_holds_whatever_happens),
		LANES(P7_what_stops_a_case_is_given_before_all_else),
		LANES(what_stops_cases_has_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
