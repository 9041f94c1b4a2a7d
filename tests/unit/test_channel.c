/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pipe between our own processes: frames arrive whole and in order however they were cut, and
 * whatever is not a frame ends the channel. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/channel.h"
#include "lib/child.h"

struct ends {
	struct event_base *base;
	struct channel *channel;
	int far;	 /* what the other process would hold */
	struct buf seen; /* all frames, one after the other */
	size_t frames;
	unsigned gone, drained;
	size_t wanted; /* the loop stops at so many frames */
	bool free_at_first, free_at_end;
};

static void
on_frame(void *context, struct bytes frame)
{
	struct ends *e = context;

	if (frame.data == NULL) {
		e->gone++;
		if (e->free_at_end)
			channel_free(&e->channel);
		event_base_loopbreak(e->base);
		return;
	}
	buf_add_bytes(&e->seen, frame);
	e->frames++;
	if (e->free_at_first)
		channel_free(&e->channel);
	if (e->free_at_first || e->frames == e->wanted)
		event_base_loopbreak(e->base);
}

static void
on_drained(void *context)
{
	struct ends *e = context;

	e->drained++;
	event_base_loopbreak(e->base);
}

static int
open_ends(void **state)
{
	struct ends *e = calloc(1, sizeof(*e));
	int pair[2];

	if (e == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return -1;
	e->base = event_base_new();
	e->channel = channel_new(e->base, pair[0], on_frame, e);
	e->far = pair[1];
	*state = e;
	return 0;
}

static int
close_ends(void **state)
{
	struct ends *e = *state;

	channel_free(&e->channel);
	event_base_free(e->base);
	buf_free(&e->seen);
	close_fd(&e->far);
	free(e);
	return 0;
}

/* Runs until the handler stops the loop, 5 s at most. */
static void
run(struct ends *e)
{
	struct timeval bound = {5, 0};

	event_base_loopexit(e->base, &bound);
	event_base_dispatch(e->base);
	assert_true(event_base_got_break(e->base));
}

/* Runs what is ready now and nothing more. */
static void
run_ready(struct ends *e)
{
	event_base_loop(e->base, EVLOOP_NONBLOCK);
}

static void
raw(struct ends *e, const void *data, size_t size)
{
	assert_int_equal(send(e->far, data, size, MSG_NOSIGNAL), size);
}

static void
frames_arrive_whole_and_in_order(void **state)
{
	struct ends *e = *state;

	assert_int_equal(channel_write(e->far, bytes_of("one ", 4)), E_OK);
	assert_int_equal(channel_write(e->far, bytes_of("two ", 4)), E_OK);
	assert_int_equal(channel_write(e->far, bytes_of("three", 5)), E_OK);
	e->wanted = 3;
	run(e);
	assert_int_equal(e->seen.size, 13);
	assert_memory_equal(e->seen.data, "one two three", 13);
}

static void
a_frame_cut_anywhere_waits_for_its_rest(void **state)
{
	static const uint8_t octet[] = {0, 0, 0, 5, 'h', 'e', 'l', 'l', 'o'};
	struct ends *e = *state;

	for (size_t i = 0; i < sizeof(octet) - 1; i++) {
		raw(e, octet + i, 1);
		run_ready(e);
		assert_int_equal(e->frames, 0);
	}
	raw(e, octet + sizeof(octet) - 1, 1);
	e->wanted = 1;
	run(e);
	assert_memory_equal(e->seen.data, "hello", 5);
}

static void
a_frame_above_the_limit_ends_the_channel(void **state)
{
	struct ends *e = *state;
	uint32_t size = CHANNEL_FRAME_MAX + 1;
	uint8_t octet[] = {
		(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size};

	raw(e, octet, sizeof(octet));
	run(e);
	assert_int_equal(e->gone, 1);
	assert_int_equal(e->frames, 0);
}

static void
garbage_ends_the_channel_once(void **state)
{
	struct ends *e = *state;

	raw(e, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", 36);
	run(e);
	close_fd(&e->far);
	run_ready(e);
	assert_int_equal(e->gone, 1);
	assert_int_equal(e->frames, 0);
}

static void
an_empty_frame_ends_the_channel(void **state)
{
	struct ends *e = *state;

	raw(e, "\0\0\0\0", 4);
	run(e);
	assert_int_equal(e->gone, 1);
}

static void
frames_before_the_end_still_count(void **state)
{
	struct ends *e = *state;

	assert_int_equal(channel_write(e->far, bytes_of("last words", 10)), E_OK);
	close_fd(&e->far);
	run(e);
	assert_int_equal(e->frames, 1);
	assert_int_equal(e->gone, 1);
}

static void
the_handler_may_free_the_channel(void **state)
{
	struct ends *e = *state;

	e->free_at_first = true;
	assert_int_equal(channel_write(e->far, bytes_of("one", 3)), E_OK);
	assert_int_equal(channel_write(e->far, bytes_of("two", 3)), E_OK);
	run(e);
	run_ready(e);
	assert_int_equal(e->frames, 1);
	assert_null(e->channel);
}

static void
the_handler_may_free_the_channel_at_its_end(void **state)
{
	struct ends *e = *state;

	e->free_at_end = true;
	raw(e, "\xff\xff\xff\xff", 4);
	run(e);
	assert_null(e->channel);
	assert_int_equal(e->gone, 1);
}

static void
sending_after_the_end_does_nothing(void **state)
{
	struct ends *e = *state;

	close_fd(&e->far);
	run(e);
	channel_send(e->channel, bytes_of("anyone?", 7));
	assert_int_equal(channel_pending(e->channel), 0);
}

static void
what_was_queued_is_counted_and_drained(void **state)
{
	struct ends *e = *state;
	struct buf got = {0};

	channel_on_drained(e->channel, on_drained);
	channel_send(e->channel, bytes_of("twelve bytes", 12));
	assert_int_equal(channel_pending(e->channel), 16);
	run(e);
	assert_int_equal(e->drained, 1);
	assert_int_equal(channel_pending(e->channel), 0);
	assert_int_equal(channel_read(e->far, &got, 12), E_OK);
	assert_memory_equal(got.data, "twelve bytes", 12);
	buf_free(&got);
}

static void
the_largest_frame_passes_both_ways(void **state)
{
	struct ends *e = *state;
	uint8_t *large = malloc(CHANNEL_FRAME_MAX);
	struct buf got = {0};
	pid_t echo;

	assert_non_null(large);
	memset(large, 'x', CHANNEL_FRAME_MAX);
	echo = fork();
	if (echo == 0) {
		if (channel_read(e->far, &got, CHANNEL_FRAME_MAX) != E_OK)
			_exit(1);
		_exit(channel_write(e->far, buf_bytes(&got)) == E_OK ? 0 : 1);
	}
	channel_send(e->channel, bytes_of(large, CHANNEL_FRAME_MAX));
	e->wanted = 1;
	run(e);
	assert_int_equal(e->seen.size, CHANNEL_FRAME_MAX);
	assert_memory_equal(e->seen.data, large, CHANNEL_FRAME_MAX);
	assert_int_equal(waitpid(echo, NULL, 0), echo);
	free(large);
}

static void
the_blocking_reader_keeps_the_callers_limit(void **state)
{
	struct ends *e = *state;
	struct buf got = {0};

	channel_send(e->channel, bytes_of("twelve bytes", 12));
	channel_on_drained(e->channel, on_drained);
	run(e);
	assert_int_equal(channel_read(e->far, &got, 11), E_IO);
	channel_free(&e->channel);
	buf_free(&got);
}

static void
the_blocking_reader_tells_a_torn_frame(void **state)
{
	struct ends *e = *state;
	struct buf got = {0};
	int pair[2];

	(void)e;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[0], "\0\0\0\5he", 6), 6);
	close(pair[0]);
	assert_int_equal(channel_read(pair[1], &got, 100), E_IO);
	close(pair[1]);
	buf_free(&got);
}

static void
the_blocking_writer_survives_a_closed_end(void **state)
{
	int pair[2];

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[1]);
	assert_int_equal(channel_write(pair[0], bytes_of("x", 1)), E_IO);
	close(pair[0]);
}

/* ---- children ---- */

static void
a_child_speaks_on_its_descriptor_three(void **state)
{
	static char *argv[] = {(char *)"/bin/sh", (char *)"-c",
		(char *)"printf '\\000\\000\\000\\002ok' >&3; ls /proc/self/fd >&3; read x <&3",
		NULL};
	struct buf got = {0};
	char list[64] = "";
	pid_t pid;
	int fd, status;

	(void)state;
	assert_int_equal(child_start(argv, &pid, &fd), E_OK);
	assert_int_equal(channel_read(fd, &got, 16), E_OK);
	assert_memory_equal(got.data, "ok", 2);
	buf_free(&got);
	/* 0 1 2 3, and 4 for the folder that ls itself has open */
	while (strstr(list, "4\n") == NULL) {
		size_t n = strlen(list);
		ssize_t more = read(fd, list + n, sizeof(list) - 1 - n);

		assert_true(more > 0);
	}
	assert_string_equal(list, "0\n1\n2\n3\n4\n");
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
}

static void
a_child_that_is_not_there_is_told_at_once(void **state)
{
	static char *argv[] = {(char *)"/nowhere/daftar-gate", NULL};
	pid_t pid;
	int fd;

	(void)state;
	assert_int_equal(child_start(argv, &pid, &fd), E_IO);
}

/* The orphan becomes ours (subreaper), so that its end can be waited for. */
static void
a_child_dies_with_its_parent(void **state)
{
	static char *argv[] = {
		(char *)"/bin/sh", (char *)"-c", (char *)"echo >&3; kill -STOP $$", NULL};
	pid_t parent, child;
	int tell[2], fd, status;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(pipe(tell), 0);
	parent = fork();
	if (parent == 0) {
		if (child_start(argv, &child, &fd) != E_OK || read(fd, &status, 1) != 1)
			_exit(1);
		_exit(write(tell[1], &child, sizeof(child)) == sizeof(child) ? 0 : 1);
	}
	assert_int_equal(read(tell[0], &child, sizeof(child)), sizeof(child));
	alarm(10);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	assert_int_equal(waitpid(child, &status, 0), child);
	alarm(0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(tell[0]);
	close(tell[1]);
}

static void
a_program_that_is_nowhere_is_not_found(void **state)
{
	char *path = (char *)"untouched";

	(void)state;
	assert_int_equal(child_find("daftar-no-such-program", "broker", &path), E_NOT_FOUND);
	assert_null(path);
}

#define ENDS(test) cmocka_unit_test_setup_teardown(test, open_ends, close_ends)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENDS(frames_arrive_whole_and_in_order),
		ENDS(a_frame_cut_anywhere_waits_for_its_rest),
		ENDS(a_frame_above_the_limit_ends_the_channel),
		ENDS(garbage_ends_the_channel_once),
		ENDS(an_empty_frame_ends_the_channel),
		ENDS(frames_before_the_end_still_count),
		ENDS(the_handler_may_free_the_channel),
		ENDS(the_handler_may_free_the_channel_at_its_end),
		ENDS(sending_after_the_end_does_nothing),
		ENDS(what_was_queued_is_counted_and_drained),
		ENDS(the_largest_frame_passes_both_ways),
		ENDS(the_blocking_reader_keeps_the_callers_limit),
		ENDS(the_blocking_reader_tells_a_torn_frame),
		ENDS(the_blocking_writer_survives_a_closed_end),
		cmocka_unit_test(a_child_speaks_on_its_descriptor_three),
		cmocka_unit_test(a_child_that_is_not_there_is_told_at_once),
		cmocka_unit_test(a_child_dies_with_its_parent),
		cmocka_unit_test(a_program_that_is_nowhere_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
