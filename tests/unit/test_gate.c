/* SPDX-License-Identifier: EUPL-1.2
 *
 * The gate as a process of its own: what it and daftard say to each other, and that it does what it
 * was told. */
#include "tests/unit/test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/gate_frames.h"
#include "lib/channel.h"
#include "lib/child.h"

#define BOUND_S 20

/* ---- frames ---- */

static void
frames_come_back_as_they_were_sent(void **state)
{
	struct bytes frame[2] = {bytes_of("DXP1", 4), bytes_of("", 0)};
	uint8_t keys[2][CURVE_KEY_SIZE] = {{1}, {2}};
	struct curve_pair pair;
	struct gate_said said;
	struct buf b = {0};

	(void)state;
	curve_generate(&pair);
	gate_frame_open(&b, &pair, "tcp://127.0.0.1:*");
	assert_true(gate_frame_read(buf_bytes(&b), &said));
	assert_memory_equal(&said.pair, &pair, sizeof(pair));
	assert_string_equal(said.text, "tcp://127.0.0.1:*");
	gate_frame_allow(&b, 6, keys, 2);
	assert_true(gate_frame_read(buf_bytes(&b), &said));
	assert_int_equal(said.serial, 6);
	assert_int_equal(said.n_keys, 2);
	assert_memory_equal(said.keys.data, keys, sizeof(keys));
	gate_frame_send(&b, 7, frame, 2);
	assert_true(gate_frame_read(buf_bytes(&b), &said));
	assert_int_equal(said.peer, 7);
	assert_int_equal(said.n, 2);
	assert_memory_equal(said.frame[0].data, "DXP1", 4);
	assert_int_equal(said.frame[1].size, 0);
	gate_frame_frames(&b, 8, keys[1], frame, 1);
	assert_true(gate_frame_read(buf_bytes(&b), &said));
	assert_memory_equal(said.key, keys[1], CURVE_KEY_SIZE);
	gate_frame_gone(&b, 9);
	assert_true(gate_frame_read(buf_bytes(&b), &said));
	assert_int_equal(said.kind, GATE_GONE);
	assert_int_equal(said.peer, 9);
	gate_frame_offender(&b, keys[1], OFFENCE_ENDLESS, 11);
	assert_true(gate_frame_read(buf_bytes(&b), &said));
	assert_int_equal(said.kind, GATE_OFFENDER);
	assert_memory_equal(said.key, keys[1], CURVE_KEY_SIZE);
	assert_int_equal(said.offence, OFFENCE_ENDLESS);
	assert_int_equal(said.octets, 11);
	gate_frame_offender(&b, keys[1], (enum gate_offence)'?', 11);
	assert_false(gate_frame_read(buf_bytes(&b), &said));
	gate_frame_allowed(&b, 10);
	assert_true(gate_frame_read(buf_bytes(&b), &said));
	assert_int_equal(said.kind, GATE_ALLOWED);
	assert_int_equal(said.serial, 10);
	buf_free(&b);
}

static void
every_frame_cut_short_or_with_a_tail_is_refused(void **state)
{
	struct bytes frame[2] = {bytes_of("DXP1", 4), bytes_of("BYE", 3)};
	static const uint8_t key[CURVE_KEY_SIZE];
	struct gate_said said;
	struct buf b = {0};

	(void)state;
	gate_frame_frames(&b, 8, key, frame, 2);
	for (size_t n = 0; n < b.size; n++)
		assert_false(gate_frame_read(bytes_of(b.data, n), &said));
	buf_u8(&b, 0);
	assert_false(gate_frame_read(buf_bytes(&b), &said));
	gate_frame_gone(&b, 8);
	assert_false(gate_frame_read(bytes_of(b.data, b.size - 1), &said));
	buf_u8(&b, 0);
	assert_false(gate_frame_read(buf_bytes(&b), &said));
	gate_frame_allow(&b, 1, &key, 1);
	assert_false(gate_frame_read(bytes_of(b.data, b.size - 1), &said));
	gate_frame_allowed(&b, 1);
	assert_false(gate_frame_read(bytes_of(b.data, b.size - 1), &said));
	buf_free(&b);
}

static void
text_between_the_two_is_printable_and_bounded(void **state)
{
	char large[GATE_ENDPOINT_SIZE + 1];
	struct gate_said said;
	struct buf b = {0};

	(void)state;
	memset(large, 'a', sizeof(large));
	large[GATE_ENDPOINT_SIZE] = '\0';
	gate_frame_text(&b, GATE_BOUND, large);
	assert_false(gate_frame_read(buf_bytes(&b), &said));
	gate_frame_text(&b, GATE_BOUND, large + 1);
	assert_true(gate_frame_read(buf_bytes(&b), &said));
	gate_frame_text(&b, GATE_BOUND, "");
	assert_false(gate_frame_read(buf_bytes(&b), &said));
	gate_frame_text(&b, GATE_BOUND, "tcp://\x1b[2J");
	assert_false(gate_frame_read(buf_bytes(&b), &said));
	buf_free(&b);
}

static void
more_frames_than_a_verb_has_are_refused(void **state)
{
	uint8_t frame[64] = {'S', 0, 0, 0, 0, 0, 0, 0, 1, WIRE_FRAMES_MAX + 1};
	struct gate_said said;

	(void)state;
	assert_false(gate_frame_read(bytes_of(frame, 10 + 4 * (WIRE_FRAMES_MAX + 1)), &said));
	frame[9] = WIRE_FRAMES_MAX;
	assert_true(gate_frame_read(bytes_of(frame, 10 + 4 * WIRE_FRAMES_MAX), &said));
	frame[9] = 0;
	assert_false(gate_frame_read(bytes_of(frame, 10), &said));
	frame[0] = '?';
	assert_false(gate_frame_read(bytes_of(frame, 10), &said));
}

/* ---- the process ---- */

struct world {
	struct event_base *base;
	struct event_base *peer_base; /* of its own: it may run while the channel is not read */
	struct channel *gate;
	struct curve_pair broker, party;
	struct peer_socket *peer;
	pid_t pid;
	struct gate_said last;
	peer_no lost;
	char endpoint[GATE_ENDPOINT_SIZE], failed[GATE_ENDPOINT_SIZE];
	unsigned bound, failures, frames, gone, ended, connections, answers, allowed, offences;
	uint32_t serial, confirmed; /* of the keys told, and in force */
};

static void
on_gate(void *context, struct bytes frame)
{
	struct world *w = context;

	if (frame.data == NULL) {
		w->ended++;
		return;
	}
	assert_true(gate_frame_read(frame, &w->last));
	w->bound += w->last.kind == GATE_BOUND;
	w->failures += w->last.kind == GATE_FAILED;
	w->frames += w->last.kind == GATE_FRAMES;
	w->gone += w->last.kind == GATE_GONE;
	w->offences += w->last.kind == GATE_OFFENDER;
	w->allowed += w->last.kind == GATE_ALLOWED;
	if (w->last.kind == GATE_GONE)
		w->lost = w->last.peer;
	if (w->last.kind == GATE_ALLOWED)
		w->confirmed = w->last.serial;
	if (w->last.kind == GATE_BOUND)
		strcpy(w->endpoint, w->last.text);
	if (w->last.kind == GATE_FAILED)
		strcpy(w->failed, w->last.text);
}

static void
on_broker(void *context, const struct bytes *frame, size_t n)
{
	struct world *w = context;

	(void)frame;
	if (n == 0)
		w->connections++;
	else
		w->answers++;
}

static void
turn(struct event_base *base)
{
	struct timeval soon = {0, 1000};

	event_base_loopexit(base, &soon);
	event_base_loop(base, EVLOOP_ONCE);
}

static void
until(struct world *w, const unsigned *number, unsigned wanted)
{
	int64_t end = monotonic_now() + BOUND_S * 1000;

	while (*number < wanted && monotonic_now() < end) {
		turn(w->base);
		turn(w->peer_base);
	}
	assert_true(*number >= wanted);
}

static void
order(struct world *w, const char *endpoint)
{
	struct buf b = {0};

	gate_frame_open(&b, &w->broker, endpoint);
	channel_send(w->gate, buf_bytes(&b));
	buf_free(&b);
}

static void
allow(struct world *w, size_t n)
{
	struct buf b = {0};

	gate_frame_allow(&b, ++w->serial, (const uint8_t(*)[CURVE_KEY_SIZE])w->party.public_key, n);
	channel_send(w->gate, buf_bytes(&b));
	buf_free(&b);
}

static int
start_gate(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	OWNED(char, program, free_chars) = NULL;
	int fd;

	if (w == NULL || child_find("daftar-gate", "broker", &program) != E_OK)
		return -1;
	if (child_start((char *[]){program, NULL}, &w->pid, &fd) != E_OK)
		return -1;
	w->base = event_base_new();
	w->peer_base = event_base_new();
	w->gate = channel_new(w->base, fd, on_gate, w);
	curve_generate(&w->broker);
	curve_generate(&w->party);
	*state = w;
	return 0;
}

/* Our end closes, and the gate goes by itself. */
static int
stop_gate(void **state)
{
	struct world *w = *state;
	int status;

	peer_close(&w->peer);
	channel_free(&w->gate);
	alarm(BOUND_S);
	waitpid(w->pid, &status, 0);
	alarm(0);
	event_base_free(w->base);
	event_base_free(w->peer_base);
	free(w);
	return WIFEXITED(status) ? 0 : -1;
}

static void
connect_party(struct world *w)
{
	order(w, "tcp://127.0.0.1:*");
	until(w, &w->bound, 1);
	allow(w, 1);
	assert_int_equal(peer_open(w->peer_base, w->endpoint, w->broker.public_key, &w->party,
				 on_broker, w, &w->peer),
		E_OK);
	until(w, &w->connections, 1);
}

static void
a_gate_passes_frames_both_ways(void **state)
{
	struct bytes frame[2] = {bytes_of("DXP1", 4), bytes_of("BYE", 3)};
	struct world *w = *state;
	struct buf b = {0};

	connect_party(w);
	assert_true(peer_send(w->peer, frame, 2));
	until(w, &w->frames, 1);
	assert_memory_equal(w->last.key, w->party.public_key, CURVE_KEY_SIZE);
	assert_int_equal(w->last.n, 2);
	gate_frame_send(&b, w->last.peer, frame, 2);
	channel_send(w->gate, buf_bytes(&b));
	until(w, &w->answers, 1);
	gate_frame_send(&b, w->last.peer + 1, frame, 2);
	channel_send(w->gate, buf_bytes(&b));
	until(w, &w->gone, 1);
	buf_free(&b);
}

static void
a_gate_cuts_a_key_off(void **state)
{
	struct bytes frame = bytes_of("DXP1", 4);
	struct world *w = *state;
	peer_no before;

	connect_party(w);
	assert_true(peer_send(w->peer, &frame, 1));
	until(w, &w->frames, 1);
	before = w->last.peer;
	allow(w, 0);
	until(w, &w->gone, 1);
	assert_int_equal(w->lost, before);
	until(w, &w->allowed, 2);
	assert_int_equal(w->confirmed, w->serial);
}

static void
a_gate_that_cannot_bind_says_so_and_goes(void **state)
{
	struct world *w = *state;

	order(w, "tcp://192.0.2.1:1");
	until(w, &w->failures, 1);
	assert_string_equal(w->failed, "IO");
	until(w, &w->ended, 1);
}

static void
a_gate_dies_of_a_frame_that_is_none(void **state)
{
	struct world *w = *state;

	order(w, "tcp://127.0.0.1:*");
	until(w, &w->bound, 1);
	channel_send(w->gate, bytes_of("nonsense", 8));
	until(w, &w->ended, 1);
}

static void
resident_is_below(pid_t pid, long most)
{
	char statm[64], text[128] = "";
	FILE *f;

	snprintf(statm, sizeof(statm), "/proc/%d/statm", (int)pid);
	f = fopen(statm, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
#ifndef DAFTAR_SANITIZER
	assert_true(strtol(strchr(text, ' '), NULL, 10) * 4096 < most);
#endif
}

/* A daftard that does not read: the gate keeps so much of one peer, and then cuts it; what others
 * have said meanwhile is heard in the end. */
static void
a_gate_does_not_pile_up_what_daftard_does_not_read(void **state)
{
	struct bytes frame = bytes_of(calloc(1, 200 * 1024), 200 * 1024);
	struct world *w = *state;
	int64_t end = monotonic_now() + BOUND_S * 1000;

	connect_party(w);
	/* Our loop does not run, so the channel is not read. */
	while (w->connections < 2 && monotonic_now() < end)
		if (!peer_send(w->peer, &frame, 1))
			turn(w->peer_base);
	assert_true(w->connections >= 2);
	resident_is_below(w->pid, 64 << 20);
	until(w, &w->offences, 1);
	free((void *)(uintptr_t)frame.data);
}

#define GATE(test) cmocka_unit_test_setup_teardown(test, start_gate, stop_gate)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_back_as_they_were_sent),
		cmocka_unit_test(every_frame_cut_short_or_with_a_tail_is_refused),
		cmocka_unit_test(text_between_the_two_is_printable_and_bounded),
		cmocka_unit_test(more_frames_than_a_verb_has_are_refused),
		GATE(a_gate_passes_frames_both_ways),
		GATE(a_gate_cuts_a_key_off),
		GATE(a_gate_that_cannot_bind_says_so_and_goes),
		GATE(a_gate_dies_of_a_frame_that_is_none),
		GATE(a_gate_does_not_pile_up_what_daftard_does_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
