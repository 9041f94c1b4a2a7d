/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two ends of a thin line and what lies between them, octet by octet: what is awaited goes between
 * the pieces of what is large, order is kept within a lane, and nothing hostile gets through. */
#include "tests/unit/test.h"

#include "lib/thin.h"

#define RATE 2500 /* octets a second: 20 kbit/s */
#define STEP_MS 50

static uint8_t large[WIRE_FRAME_MAX];

/* What cannot be squeezed. */
static void
fill(uint8_t *octets, size_t size)
{
	uint64_t z = 7;

	for (size_t i = 0; i < size; i++) {
		z = z * 6364136223846793005u + 1442695040888963407u;
		octets[i] = (uint8_t)(z >> 56);
	}
}

static void
say(struct thin *t, const char *verb, const void *body, size_t size)
{
	struct bytes frame[] = {bytes_of("DXP1", 4), bytes_of(verb, strlen(verb)),
		bytes_of("\0\0\0\0\0\0\0\1", 8), bytes_of(body, size)};

	assert_true(thin_put(t, frame, ARRAY_LEN(frame), UINT64_MAX));
}

/* A line of RATE between two ends. */
struct between {
	struct thin *from, *to;
	uint64_t gave, taken;
	int64_t now;
	struct buf order; /* the first letter of each verb that has arrived */
	uint64_t ahead;	  /* the most that was handed over and not yet taken */
};

static void
begin(struct between *b)
{
	memset(b, 0, sizeof *b);
	b->from = thin_new();
	b->to = thin_new();
	b->now = 1000;
}

static void
end(struct between *b)
{
	thin_free(&b->from);
	thin_free(&b->to);
	buf_free(&b->order);
}

/* The frame is judged at the other end at once; the octets take their time. */
static void
step(struct between *b)
{
	struct bytes octets, frame[WIRE_FRAMES_MAX];
	uint64_t cost, most = b->taken + (uint64_t)RATE * STEP_MS / 1000;
	size_t n;

	b->now += STEP_MS;
	b->taken = b->gave < most ? b->gave : most;
	thin_look(b->from, b->taken, b->now);
	while (thin_next(b->from, &octets, &cost)) {
		enum thin_heard e = thin_hear(b->to, octets, frame, &n);

		b->gave += cost;
		assert_int_not_equal(e, THIN_BAD);
		if (e == THIN_VERB)
			buf_add(&b->order, frame[1].data, 1);
	}
	if (b->gave - b->taken > b->ahead)
		b->ahead = b->gave - b->taken;
}

static void
carry(struct between *b, int64_t ms)
{
	for (int64_t until = b->now + ms; b->now < until;)
		step(b);
}

static void
a_receipt_does_not_wait_behind_a_large_body(void **state)
{
	struct between b;
	int64_t said;

	(void)state;
	begin(&b);
	say(b.from, "DELIVER", large, sizeof large);
	carry(&b, 10000);
	assert_int_equal(b.order.size, 0);
	say(b.from, "RECEIPT", "a receipt", 9);
	for (said = b.now; b.order.size == 0 && b.now - said < 10000;)
		step(&b);
	assert_string_equal((char *)b.order.data, "R");
	/* What it stands behind is less than the line carries in two seconds. */
	assert_true(b.now - said <= 2000);
	assert_true(b.ahead < 2 * RATE + THIN_WINDOW_LEAST);
	carry(&b, 130000);
	assert_string_equal((char *)b.order.data, "RD");
	end(&b);
}

static void
order_is_kept_within_a_lane(void **state)
{
	struct between b;

	(void)state;
	begin(&b);
	say(b.from, "DELIVER", large, 20000);
	say(b.from, "TRUST", large, 10000);
	say(b.from, "CONFIRM", large, 9000);
	say(b.from, "RECEIPT", "one", 3);
	say(b.from, "HEAD", "two", 3);
	carry(&b, 30000);
	assert_string_equal((char *)b.order.data, "CRHDT");
	assert_int_equal(thin_waiting(b.from), 0);
	assert_int_equal(thin_kept(b.to), 0);
	end(&b);
}

static void
what_stops_a_case_goes_before_bodies(void **state)
{
	static const char stop[] = "<e:Message><e:Header><e:Action>Cancellation</e:Action>";
	struct bytes frame[] = {
		bytes_of("DXP1", 4), bytes_of("SUBMIT", 6), bytes_of(stop, strlen(stop))};
	struct between b;

	(void)state;
	begin(&b);
	say(b.from, "DELIVER", large, 20000);
	assert_true(thin_put(b.from, frame, ARRAY_LEN(frame), UINT64_MAX));
	carry(&b, 20000);
	assert_string_equal((char *)b.order.data, "SD");
	end(&b);
}

static void
a_full_lane_takes_no_more_and_the_other_does(void **state)
{
	struct bytes frame[] = {bytes_of("DXP1", 4), bytes_of("SUBMIT", 6), bytes_of(large, 9000)};
	struct bytes small[] = {bytes_of("DXP1", 4), bytes_of("BYE", 3)};
	struct thin *t = thin_new();

	(void)state;
	assert_true(thin_put(t, frame, ARRAY_LEN(frame), 8192));
	assert_false(thin_put(t, frame, ARRAY_LEN(frame), 8192));
	assert_true(thin_put(t, small, ARRAY_LEN(small), 8192));
	thin_free(&t);
}

static void
a_fast_line_is_found_to_be_fast(void **state)
{
	struct thin *t = thin_new();
	struct bytes octets;
	uint64_t cost, taken = 0;
	int64_t now = 1000;
	unsigned steps = 0;

	(void)state;
	say(t, "DELIVER", large, sizeof large);
	say(t, "DELIVER", large, sizeof large);
	while (thin_waiting(t) > 0 && steps++ < 400) {
		thin_look(t, taken, now);
		while (thin_next(t, &octets, &cost))
			taken += cost;
		now += 20;
	}
	/* 4 KiB each 20 ms at first; then it opens. */
	assert_true(steps < 100);
	thin_free(&t);
}

static void
the_window_that_was_agreed_is_kept(void **state)
{
	struct between b;

	(void)state;
	begin(&b);
	thin_agree(b.from, NULL, THIN_WINDOW_LEAST);
	say(b.from, "DELIVER", large, 100000);
	carry(&b, 60000);
	assert_string_equal((char *)b.order.data, "D");
	assert_true(b.ahead <= THIN_WINDOW_LEAST + 128);
	end(&b);
}

static void
assert_bad(const void *octets, size_t size)
{
	struct thin *t = thin_new();
	struct bytes frame[WIRE_FRAMES_MAX];
	size_t n;

	assert_int_equal(thin_hear(t, bytes_of(octets, size), frame, &n), THIN_BAD);
	thin_free(&t);
}

static void
what_is_no_part_of_a_parcel_is_refused(void **state)
{
	(void)state;
	assert_bad("", 0);
	assert_bad("\x11", 1);
	assert_bad("\x41x", 2);
	assert_bad("\x14x", 2);
	assert_bad("\x13x", 2); /* the last of nothing */
	assert_bad("\x11\x80\x05"
		   "DXP1",
		7);
	large[0] = 0x12;
	assert_bad(large, THIN_PIECE + 2);
	fill(large, sizeof large);
}

/* A whole one in the middle of pieces, and pieces without an end. */
static void
an_endless_parcel_is_refused(void **state)
{
	struct thin *t = thin_new();
	uint8_t piece[THIN_PIECE + 1] = {0x22};
	struct bytes frame[WIRE_FRAMES_MAX];
	size_t n, pieces = 0;

	(void)state;
	assert_int_equal(thin_hear(t, bytes_of(piece, sizeof piece), frame, &n), THIN_PART);
	piece[0] = 0x21;
	assert_int_equal(thin_hear(t, bytes_of(piece, sizeof piece), frame, &n), THIN_BAD);
	piece[0] = 0x22;
	while (thin_hear(t, bytes_of(piece, sizeof piece), frame, &n) == THIN_PART && pieces < 1000)
		pieces++;
	assert_true(thin_kept(t) <= PARCEL_MAX);
	assert_true(pieces < 1000);
	thin_free(&t);
}

static void
line_is_one_spelling(void **state)
{
	struct thin_line line = {.list = {1, 2, 3, 4, 5, 6, 7, 0xab}, .window = 9000}, back;
	char text[THIN_LINE_SIZE];
	struct bytes frame[3];
	static const char *const wrong[] = {"1 01020304050607AB 9000", "1 01020304050607ab 09000",
		"1 01020304050607ab 9000 ", "2 01020304050607ab 9000", "1 0102030405 9000",
		"1 01020304050607ab", "1 01020304050607ab -1", ""};

	(void)state;
	thin_line_write(&line, text, frame);
	assert_string_equal(text, "1 01020304050607ab 9000");
	assert_true(thin_line_read(frame, 3, &back));
	assert_memory_equal(back.list, line.list, sizeof line.list);
	assert_int_equal(back.window, 9000);
	assert_false(thin_line_read(frame, 2, &back));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		frame[2] = bytes_of(wrong[i], strlen(wrong[i]));
		assert_false(thin_line_read(frame, 3, &back));
	}
	frame[2] = bytes_of(text, strlen(text));
	frame[1] = bytes_of("HELLO", 5);
	assert_false(thin_line_read(frame, 3, &back));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_receipt_does_not_wait_behind_a_large_body),
		cmocka_unit_test(order_is_kept_within_a_lane),
		cmocka_unit_test(what_stops_a_case_goes_before_bodies),
		cmocka_unit_test(a_full_lane_takes_no_more_and_the_other_does),
		cmocka_unit_test(a_fast_line_is_found_to_be_fast),
		cmocka_unit_test(the_window_that_was_agreed_is_kept),
		cmocka_unit_test(what_is_no_part_of_a_parcel_is_refused),
		cmocka_unit_test(an_endless_parcel_is_refused),
		cmocka_unit_test(line_is_one_spelling),
	};

	fill(large, sizeof large);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
