/* SPDX-License-Identifier: EUPL-1.2
 *
 * Users of this system at the control socket: who may speak for others, and that idle connections
 * of one person keep nobody else out. */
#include "tests/unit/test.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/control.h"

#define VIEWER 54321
#define OF_ONE 16
#define OF_ALL 56

static struct event_base *base;
static struct control_server *server;
static char folder[32], path[64];

static enum err
verb_nothing(void *context, const json_t *args, json_t **data)
{
	(void)context;
	(void)args;
	(void)data;
	return E_OK;
}

static const struct control_verb verbs[] = {
	{"nothing", CONTROL_LOOKS, 0, "answer without data", verb_nothing, {{0}}}, {0}};

static int
start(void **state)
{
	struct control_person people[6] = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(people); i++) {
		people[i] =
			(struct control_person){.uid = VIEWER + (uid_t)i, .roles = CONTROL_VIEWER};
		snprintf(people[i].name, sizeof people[i].name, "viewer%zu", i);
	}
	people[5].speaks = true;
	memcpy(folder, "/tmp/daftar-room-XXXXXX", 24);
	if (mkdtemp(folder) == NULL || chmod(folder, 0755) != 0)
		return -1;
	snprintf(path, sizeof path, "%s/control", folder);
	base = event_base_new();
	return control_listen(base, path, verbs, NULL, &server) == E_OK &&
			       control_admit(server, people, ARRAY_LEN(people)) == E_OK
		       ? 0
		       : -1;
}

static int
stop(void **state)
{
	(void)state;
	control_close(&server);
	event_base_free(base);
	return rmdir(folder);
}

static int
connect_as(uid_t user)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, path, sizeof path);
	assert_int_equal(seteuid(user), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(seteuid(0), 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
	return fd;
}

/* What is answered to this line; "" when it was turned away. */
static const char *
answer_to(int fd, const char *line)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	static char answer[512];
	ssize_t n;

	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
		return "";
	for (int i = 0; i < 1000 && poll(&p, 1, 5) == 0; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	n = recv(fd, answer, sizeof answer - 1, 0);
	answer[n > 0 ? n : 0] = '\0';
	return answer;
}

static bool
is_served(int fd)
{
	return strstr(answer_to(fd, "{\"verb\":\"nothing\"}\n"), "\"ok\":true") != NULL;
}

static void
close_all(int *fd, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fd[i]);
	for (int i = 0; i < 10; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
one_person_keeps_nobody_else_out(void **state)
{
	int fd[OF_ONE + 3];

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i <= OF_ONE; i++)
		fd[i] = connect_as(VIEWER);
	fd[OF_ONE + 1] = connect_as(VIEWER + 1);
	fd[OF_ONE + 2] = connect_as(0);
	assert_true(is_served(fd[OF_ONE - 1]));
	assert_false(is_served(fd[OF_ONE]));
	assert_true(is_served(fd[OF_ONE + 1]));
	assert_true(is_served(fd[OF_ONE + 2]));
	close_all(fd, ARRAY_LEN(fd));
}

static void
everybody_together_does_not_keep_root_out(void **state)
{
	int fd[OF_ALL + 2];

	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i <= OF_ALL; i++)
		fd[i] = connect_as(VIEWER + (uid_t)(i % 5));
	fd[OF_ALL + 1] = connect_as(0);
	assert_true(is_served(fd[OF_ALL - 1]));
	assert_false(is_served(fd[OF_ALL]));
	assert_true(is_served(fd[OF_ALL + 1]));
	close_all(fd, ARRAY_LEN(fd));
}

/* The code of the answer when `user' speaks as `name'. */
static const char *
said_as(uid_t user, const char *name)
{
	OWNED(char, line, free_chars) = xprintf("{\"verb\":\"nothing\",\"as\":\"%s\"}\n", name);
	int fd = connect_as(user);
	const char *answer = answer_to(fd, line);

	close_all(&fd, 1);
	return strstr(answer, "\"ok\":true") != NULL	     ? "OK"
	       : strstr(answer, "\"code\":\"ROLE\"") != NULL ? "ROLE"
							     : answer;
}

static void
only_the_dashboard_speaks_for_persons_and_for_no_other_machine(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_string_equal(said_as(VIEWER, "viewer1"), "ROLE");
	assert_string_equal(said_as(VIEWER, "viewer0"), "ROLE");
	assert_string_equal(said_as(VIEWER + 5, "viewer1"), "OK");
	assert_string_equal(said_as(VIEWER + 5, "viewer5"), "ROLE");
	assert_string_equal(said_as(VIEWER + 5, "root"), "ROLE");
	assert_string_equal(said_as(0, "viewer1"), "OK");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			only_the_dashboard_speaks_for_persons_and_for_no_other_machine, start,
			stop),
		cmocka_unit_test_setup_teardown(one_person_keeps_nobody_else_out, start, stop),
		cmocka_unit_test_setup_teardown(
			everybody_together_does_not_keep_root_out, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
