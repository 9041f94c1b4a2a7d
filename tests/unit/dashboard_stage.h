/* SPDX-License-Identifier: EUPL-1.2
 *
 * A dashboard without an exchange, served in this process, turn by turn, and raw sockets that speak
 * with it. For the tests that include it. */
#ifndef DAFTAR_TESTS_UNIT_DASHBOARD_STAGE_H
#define DAFTAR_TESTS_UNIT_DASHBOARD_STAGE_H

#include "tests/unit/test.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dashboard/page.h"
#include "dashboard/server.h"

static struct event_base *base;
static struct server *server;
static int port;
static char session[64];

static int
connect_to(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
	return fd;
}

/* Turns the loop until the socket has something or has ended, for 10 s at most. */
static ssize_t
hear(int fd, char *out, size_t size)
{
	int64_t end = monotonic_now() + 10000;

	while (monotonic_now() < end) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		event_base_loop(base, EVLOOP_NONBLOCK);
		if (poll(&p, 1, 5) > 0)
			return recv(fd, out, size, 0);
	}
	return -1;
}

/* Says it and gives the whole answer; the server closes, or we do after one answer. */
static void
ask(const char *words, struct buf *answer)
{
	char piece[8192];
	int fd = connect_to();
	ssize_t n;

	buf_reset(answer);
	assert_int_equal(send(fd, words, strlen(words), MSG_NOSIGNAL), (ssize_t)strlen(words));
	shutdown(fd, SHUT_WR);
	while ((n = hear(fd, piece, sizeof piece)) > 0)
		buf_add(answer, piece, (size_t)n);
	close(fd);
	event_base_loop(base, EVLOOP_NONBLOCK);
	buf_add(answer, "", 0);
}

static int
status_of(const struct buf *answer)
{
	int status = 0;

	return answer->size > 12 && sscanf((const char *)answer->data, "HTTP/1.1 %d", &status) == 1
		       ? status
		       : 0;
}

/* "GET /path" or "POST /path" with these fields and this body; @ is the host, # the cookie. */
static int
said(const char *first, const char *fields, const char *body, struct buf *answer)
{
	OWNED_BUF(all) = {0};

	buf_printf(&all, "%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", first, port);
	for (const char *p = fields; *p != '\0'; p++) {
		if (*p == '#')
			buf_printf(&all, "Cookie: daftar=%s\r\n", session);
		else if (*p == '@')
			buf_printf(&all, "127.0.0.1:%d", port);
		else
			buf_add(&all, p, 1);
	}
	if (body[0] != '\0')
		buf_printf(&all,
			"Content-Type: application/x-www-form-urlencoded\r\n"
			"Content-Length: %zu\r\n",
			strlen(body));
	buf_printf(&all, "Connection: close\r\n\r\n%s", body);
	ask((const char *)all.data, answer);
	return status_of(answer);
}

/* By a link, as one who looks and operates; the cookie is kept in `session'. */
static bool
come_in(void)
{
	static const struct login who = {.user = "amina", .roles = ROLE_VIEWER | ROLE_OPERATOR};
	OWNED(char, link, free_chars) = server_link(server, &who);
	OWNED_BUF(answer) = {0};
	const char *at;
	char key[64];

	if (sscanf(link, "http://127.0.0.1:%d/enter?key=%63s", &port, key) != 2)
		return false;
	OWNED(char, first, free_chars) = xprintf("GET /enter?key=%s", key);
	if (said(first, "", "", &answer) != 303)
		return false;
	at = strstr((char *)answer.data, "Set-Cookie: daftar=");
	return at != NULL && sscanf(at, "Set-Cookie: daftar=%32[0-9a-f]", session) == 1;
}

static int
set_up(void **state)
{
	static const struct server_settings set = {.control = "/nowhere/control"};
	struct rlimit many = {4096, 4096};

	(void)state;
	setrlimit(RLIMIT_NOFILE, &many);
	base = event_base_new();
	if (base == NULL || server_open(base, &set, &server) != E_OK)
		return -1;
	return come_in() ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	server_close(&server);
	event_base_free(base);
	return 0;
}

#endif
