/* SPDX-License-Identifier: EUPL-1.2
 *
 * Many at the dashboard's door: slow ones, those who never read, those who watch; none of them
 * keeps a browser out. */
#include "tests/unit/dashboard_stage.h"

#include "dashboard/http.h"

static void
a_thousand_slow_sockets_keep_no_browser_out(void **state)
{
	static int fds[1000];
	OWNED_BUF(answer) = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = connect_to();
		(void)!send(fds[i], "GET / HTTP/1.1\r\nX: ", 19, MSG_NOSIGNAL);
		event_base_loop(base, EVLOOP_NONBLOCK);
		if (i % 100 == 99)
			assert_int_equal(said("GET /", "#", "", &answer), 200);
	}
	assert_int_equal(said("GET /", "#", "", &answer), 200);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* A connection that asks for a live view and keeps it. */
static int
watches(void)
{
	OWNED(char, words, free_chars) =
		xprintf("GET /events?at=/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: "
			"daftar=%s\r\n\r\n",
			port, session);
	char first[64];
	int fd = connect_to();

	assert_true(send(fd, words, strlen(words), MSG_NOSIGNAL) > 0);
	assert_true(hear(fd, first, sizeof first) > 12);
	assert_memory_equal(first, "HTTP/1.1 200", 12);
	return fd;
}

static void
live_views_keep_no_browser_out(void **state)
{
	OWNED_BUF(answer) = {0};
	int fds[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = watches();
	assert_int_equal(said("GET /style.css", "", "", &answer), 200);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Asks for more than it will ever read. */
static int
asks_and_does_not_read(void)
{
	OWNED(char, words, free_chars) =
		xprintf("GET /style.css HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", port);
	OWNED_BUF(many) = {0};
	int fd = connect_to(), quiet = 0;

	for (int i = 0; i < 300; i++)
		buf_text(&many, words);
	for (size_t at = 0; at < many.size && quiet < 20;) {
		ssize_t n = send(fd, many.data + at, many.size - at, MSG_NOSIGNAL | MSG_DONTWAIT);

		at += n > 0 ? (size_t)n : 0;
		quiet = n > 0 ? 0 : quiet + 1;
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	for (int i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	return fd;
}

static void
who_does_not_read_keeps_no_browser_out(void **state)
{
	OWNED_BUF(answer) = {0};
	int fds[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = asks_and_does_not_read();
	assert_int_equal(said("GET /style.css", "", "", &answer), 200);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
never_asked(const struct http_request *r, void *context)
{
	(void)r;
	(void)context;
	fail();
}

/* Else all of IPv4 would share the few places of one address. */
static void
ipv4_is_told_apart_where_both_are_served(void **state)
{
	OWNED(struct http, h, http_close) = NULL;
	int kept = port, fds[9];

	(void)state;
	if (http_open(base, "::", 0, NULL, never_asked, NULL, &h) != E_OK)
		skip();
	port = http_port(h);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = connect_to();
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	assert_int_equal(http_connections(h), ARRAY_LEN(fds));
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	port = kept;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_slow_sockets_keep_no_browser_out),
		cmocka_unit_test(live_views_keep_no_browser_out),
		cmocka_unit_test(who_does_not_read_keeps_no_browser_out),
		cmocka_unit_test(ipv4_is_told_apart_where_both_are_served),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
