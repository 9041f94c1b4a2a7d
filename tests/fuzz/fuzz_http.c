/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a browser, or something that is none, says to the dashboard over its loopback port. In an
 * input the octet 0xff and a letter stand for what cannot be known before: H the right host, K the
 * cookie of an open session, L the key of a link. Without a session nothing but the style, the
 * script and notices is given. */
#include "tests/fuzz/fuzz.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dashboard/http_head.h"
#include "dashboard/query.h"
#include "dashboard/server.h"

#define TURNS 2000

static struct event_base *base;
static struct server *server;
static int port;
static char key[64], session[64];

static int
connect_to(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
		die("no connection");
	return fd;
}

/* Says it, and gives what comes back, until the server closes or has no more to say. */
static void
ask(struct bytes words, struct buf *answer)
{
	int fd = connect_to();
	uint8_t piece[4096];
	int quiet = 0;

	if (send(fd, words.data, words.size, MSG_NOSIGNAL) < 0 || shutdown(fd, SHUT_WR) != 0)
		quiet = 20;
	for (int i = 0; i < TURNS && quiet < 20; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		ssize_t n = recv(fd, piece, sizeof piece, MSG_DONTWAIT);

		if (n == 0)
			break;
		quiet = n > 0 ? 0 : quiet + 1;
		if (n > 0)
			buf_add(answer, piece, (size_t)n);
	}
	close(fd);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
open_session(void)
{
	static const struct login who = {.user = "amina", .roles = 15};
	OWNED(char, link, free_chars) = server_link(server, &who);
	OWNED(char, request, free_chars) = NULL;
	OWNED_BUF(answer) = {0};
	const char *at;

	if (sscanf(link, "http://127.0.0.1:%d/enter?key=%63s", &port, key) != 2)
		die("another kind of link");
	request = xprintf(
		"GET /enter?key=%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n",
		key, port);
	ask(bytes_of(request, strlen(request)), &answer);
	buf_u8(&answer, '\0');
	at = strstr((char *)answer.data, "daftar=");
	if (at == NULL || sscanf(at, "daftar=%32[0-9a-f]", session) != 1)
		die("no session");
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	static const struct server_settings set = {.control = "/nowhere/control"};

	base = event_base_new();
	if (base == NULL || server_open(base, &set, &server) != E_OK)
		die("no dashboard");
	open_session();
	return 0;
}

static bool
fill(struct bytes v, struct buf *out)
{
	bool known = false;

	for (size_t i = 0; i < v.size; i++) {
		uint8_t what = v.data[i] == 0xff && i + 1 < v.size ? v.data[i + 1] : 0;

		if (what == 'H')
			buf_printf(out, "127.0.0.1:%d", port);
		else if (what == 'K')
			buf_text(out, session);
		else if (what == 'L')
			buf_text(out, key);
		else
			buf_u8(out, v.data[i]);
		known |= what == 'K';
		i += what == 'H' || what == 'K' || what == 'L';
	}
	return known;
}

/* The readers by themselves: what is read is written and read again the same, and stays in bounds.
 */
static void
read_alone(struct bytes v)
{
	OWNED(char, text, free_chars) = xprintf("%.*s", (int)v.size, (const char *)v.data);
	static struct query q, again;
	OWNED_BUF(written) = {0};
	struct head head;
	char value[33];

	if (query_parse(v, &q)) {
		query_write(&q, &written);
		if (!query_parse(buf_bytes(&written), &again) || again.n != q.n)
			broken("a query that is written is read again");
		for (size_t i = 0; i < q.n; i++)
			if (strcmp(q.pair[i].name, again.pair[i].name) != 0 ||
				strcmp(q.pair[i].value, again.pair[i].value) != 0)
				broken("a query is the same when it is read again");
	}
	if (head_read(v, &head) == 200 &&
		(head.size > v.size || head.size > HEAD_MAX || head.body > BODY_MAX))
		broken("a head stays in its bounds");
	if (cookie_find(text, "daftar", value, sizeof value) && strstr(text, value) == NULL)
		broken("a cookie's value is of the header");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_BUF(words) = {0};
	OWNED_BUF(answer) = {0};
	bool known = fill(bytes_of(data, size), &words);

	read_alone(bytes_of(data, size));
	ask(buf_bytes(&words), &answer);
	if (!known && answer.size > 0 &&
		(memmem(answer.data, answer.size, "text/event-stream", 17) != NULL ||
			memmem(answer.data, answer.size, "data-seen", 9) != NULL))
		broken("nothing of the exchange without a session");
	return 0;
}
