/* SPDX-License-Identifier: EUPL-1.2
 *
 * The control protocol: a daemon in a child process, clients here. */
#include "tests/unit/test.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/control.h"
#include "lib/id.h"

struct daemon_end {
	char folder[32], path[64];
	pid_t pid;
	int ready; /* closes when the daemon is gone */
};

/* ---- the daemon ---- */

static struct control_server *server;

static enum err
verb_echo(void *context, const json_t *args, json_t **data)
{
	(void)context;
	*data = json_deep_copy(args);
	return E_OK;
}

static enum err
verb_fail(void *context, const json_t *args, json_t **data)
{
	(void)context;
	(void)args;
	(void)data;
	return E_NOT_FOUND;
}

static enum err
verb_nothing(void *context, const json_t *args, json_t **data)
{
	(void)context;
	(void)args;
	(void)data;
	return E_OK;
}

static enum err
verb_tell(void *context, const json_t *args, json_t **data)
{
	json_int_t times = json_integer_value(json_object_get(args, "times"));

	(void)context;
	for (json_int_t i = 0; i < times; i++)
		control_tell(server,
			json_pack("{s:I, s:O*}", "event", i, "pad", json_object_get(args, "pad")));
	*data = json_object();
	return E_OK;
}

static enum err
verb_whose(void *context, const json_t *args, json_t **data)
{
	(void)context;
	(void)args;
	*data = json_pack("{s:I}", "uid", (json_int_t)control_user(server));
	return E_OK;
}

/* Admits the users whose numbers are given. */
static enum err
verb_admit(void *context, const json_t *args, json_t **data)
{
	struct control_person user = {.name = "amina",
		.uid = (uid_t)json_integer_value(json_object_get(args, "uid")),
		.roles = CONTROL_VIEWER};

	(void)context;
	(void)data;
	return control_admit(server, &user, json_object_get(args, "uid") != NULL ? 1 : 0);
}

static const struct control_verb verbs[] = {
	{"echo", CONTROL_LOOKS, CONTROL_FREE, "give the arguments back", verb_echo,
		{{"text", CONTROL_LONG, CONTROL_OPTIONAL, "what to say again", 0, 0}}},
	{"fail", CONTROL_LOOKS, 0, "find nothing", verb_fail, {{0}}},
	{"nothing", CONTROL_LOOKS, 0, "answer without data", verb_nothing, {{0}}},
	{"tell", CONTROL_LOOKS, CONTROL_FREE, "tell events", verb_tell, {{0}}},
	{"whose", CONTROL_LOOKS, 0, "who asks", verb_whose, {{0}}},
	{"admit", CONTROL_LOOKS, CONTROL_FREE, "serve this user too", verb_admit, {{0}}},
	{0},
};

static void
serve(const char *path, int ready)
{
	struct event_base *base = event_base_new();

	if (control_listen(base, path, verbs, NULL, &server) != E_OK)
		_exit(1);
	if (write(ready, "r", 1) != 1)
		_exit(1);
	event_base_dispatch(base);
	_exit(0);
}

static int
start_daemon(void **state)
{
	struct daemon_end *d = calloc(1, sizeof(*d));
	int ready[2];
	char byte;

	if (d == NULL || pipe(ready) != 0)
		return -1;
	strcpy(d->folder, "/tmp/daftar-control-XXXXXX");
	if (mkdtemp(d->folder) == NULL)
		return -1;
	snprintf(d->path, sizeof(d->path), "%s/control", d->folder);
	d->pid = fork();
	if (d->pid == 0)
		serve(d->path, ready[1]);
	close(ready[1]);
	d->ready = ready[0];
	*state = d;
	return read(d->ready, &byte, 1) == 1 ? 0 : -1;
}

static int
stop_daemon(void **state)
{
	struct daemon_end *d = *state;

	kill(d->pid, SIGKILL);
	waitpid(d->pid, NULL, 0);
	close(d->ready);
	unlink(d->path);
	rmdir(d->folder);
	free(d);
	return 0;
}

/* ---- raw clients ---- */

static int
raw_connect(const struct daemon_end *d)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct timeval bound = {10, 0};

	strcpy(at.sun_path, d->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound)), 0);
	return fd;
}

static void
raw_send(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* One line, parsed; NULL at the end of the connection. */
static json_t *
raw_line(int fd)
{
	char line[8192];
	size_t n = 0;

	while (n < sizeof(line)) {
		ssize_t got = recv(fd, line + n, 1, 0);

		assert_true(got >= 0 || errno == ECONNRESET);
		if (got <= 0)
			return NULL;
		if (line[n++] == '\n')
			return json_loadb(line, n, 0, NULL);
	}
	fail_msg("a line without end");
	return NULL;
}

static void
expect_error(int fd, const char *code)
{
	json_t *answer = raw_line(fd);

	assert_non_null(answer);
	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(json_string_value(json_object_get(answer, "code")), code);
	assert_true(strlen(json_string_value(json_object_get(answer, "sentence"))) > 10);
	json_decref(answer);
}

static void
expect_ok(int fd)
{
	json_t *answer = raw_line(fd);

	assert_non_null(answer);
	assert_true(json_is_true(json_object_get(answer, "ok")));
	assert_true(json_is_object(json_object_get(answer, "data")));
	json_decref(answer);
}

/* ---- requests ---- */

static void
a_verb_gets_its_arguments_and_gives_data(void **state)
{
	struct daemon_end *d = *state;
	json_t *args = json_pack("{s:s, s:i}", "id", "7", "limit", 5);
	json_t *data = NULL;

	assert_int_equal(control_call(d->path, "echo", args, &data), E_OK);
	assert_true(json_equal(args, data));
	json_decref(args);
	json_decref(data);
}

static void
a_verb_without_arguments_gets_an_empty_object(void **state)
{
	struct daemon_end *d = *state;
	json_t *data = NULL;

	assert_int_equal(control_call(d->path, "echo", NULL, &data), E_OK);
	assert_int_equal(json_object_size(data), 0);
	json_decref(data);
	assert_int_equal(control_call(d->path, "nothing", NULL, &data), E_OK);
	assert_int_equal(json_object_size(data), 0);
	json_decref(data);
}

static void
a_verb_that_fails_gives_its_code(void **state)
{
	struct daemon_end *d = *state;
	json_t *data = NULL;

	assert_int_equal(control_call(d->path, "fail", NULL, &data), E_NOT_FOUND);
	assert_null(data);
}

static void
an_unknown_verb_is_usage(void **state)
{
	struct daemon_end *d = *state;
	json_t *data = NULL;

	assert_int_equal(control_call(d->path, "dance", NULL, &data), E_USAGE);
	assert_null(data);
}

static void
the_table_of_verbs_is_its_own_help(void **state)
{
	struct daemon_end *d = *state;
	json_t *data = NULL, *rows, *first;

	assert_int_equal(control_call(d->path, "verbs", NULL, &data), E_OK);
	rows = json_object_get(data, "verbs");
	assert_int_equal(json_array_size(rows), 8);
	first = json_array_get(rows, 0);
	assert_string_equal(json_string_value(json_object_get(first, "verb")), "echo");
	assert_string_equal(json_string_value(json_object_get(first, "args")), "[text]");
	json_decref(data);
}

static void
no_daemon_is_unreachable(void **state)
{
	struct daemon_end *d = *state;
	json_t *data = NULL;
	int fd = -1;

	assert_int_equal(control_call("/nowhere/control", "echo", NULL, &data), E_UNREACHABLE);
	assert_int_equal(control_watch("/nowhere/control", &fd), E_UNREACHABLE);
	kill(d->pid, SIGKILL);
	waitpid(d->pid, NULL, 0);
	assert_int_equal(control_call(d->path, "echo", NULL, &data), E_UNREACHABLE);
}

static void
bad_lines_are_refused_and_the_next_is_served(void **state)
{
	static const char *const bad[] = {"\n", "not json\n", "[1,2]\n", "\"status\"\n", "{}\n",
		"{\"verb\":7}\n", "{\"verb\":\"echo\",\"args\":[]}\n",
		"{\"verb\":\"echo\",\"verb\":\"fail\"}\n", "{\"verb\":\"echo\"} {}\n",
		"{\"verb\":\"\xff\xfe\"}\n"};
	int fd = raw_connect(*state);

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		raw_send(fd, bad[i]);
		expect_error(fd, "INPUT");
	}
	raw_send(fd, "{\"verb\":\"echo\"}\n");
	expect_ok(fd);
	close(fd);
}

static void
a_line_that_comes_in_pieces_is_one_request(void **state)
{
	const char *text = "{\"verb\":\"echo\"}\n{\"verb\":\"fail\"}\n";
	int fd = raw_connect(*state);

	for (size_t i = 0; i < strlen(text); i++)
		assert_int_equal(send(fd, text + i, 1, 0), 1);
	expect_ok(fd);
	expect_error(fd, "NOT-FOUND");
	close(fd);
}

static void
the_last_answer_leaves_when_the_client_is_done(void **state)
{
	int fd = raw_connect(*state);

	raw_send(fd, "{\"verb\":\"echo\"}\n");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	expect_ok(fd);
	assert_null(raw_line(fd));
	close(fd);
}

static void
a_line_of_64_kib_is_refused_and_the_client_dropped(void **state)
{
	struct daemon_end *d = *state;
	char *large = malloc(CONTROL_LINE_MAX + 1);
	int fd = raw_connect(d);

	memset(large, ' ', CONTROL_LINE_MAX);
	large[CONTROL_LINE_MAX] = '\0';
	raw_send(fd, large);
	expect_error(fd, "INPUT");
	assert_null(raw_line(fd));
	close(fd);
	/* One octet less is a line. */
	fd = raw_connect(d);
	large[CONTROL_LINE_MAX - 1] = '\0';
	memcpy(large, "{\"verb\":\"echo\"}", 15);
	raw_send(fd, large);
	raw_send(fd, "\n");
	expect_ok(fd);
	close(fd);
	free(large);
}

/* ---- who asks ---- */

#define STRANGER 54321

/* As this user: the number that the daemon says, -1 when it does not answer. */
static int
ask_as(const struct daemon_end *d, uid_t user)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		json_t *data = NULL;

		if (setresuid(user, user, user) != 0 ||
			control_call(d->path, "whose", NULL, &data) != E_OK)
			_exit(1);
		_exit(json_integer_value(json_object_get(data, "uid")) == user ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? (int)user : -1;
}

static void
a_user_is_served_only_when_admitted(void **state)
{
	struct daemon_end *d = *state;
	json_t *args = json_pack("{s:i}", "uid", STRANGER), *data = NULL;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(d->folder, 0755), 0);
	assert_int_equal(ask_as(d, 0), 0);
	assert_int_equal(ask_as(d, STRANGER), -1);
	assert_int_equal(chmod(d->path, 0666), 0); /* the door alone does not decide */
	assert_int_equal(ask_as(d, STRANGER), -1);
	assert_int_equal(chmod(d->path, 0600), 0);
	assert_int_equal(control_call(d->path, "admit", args, &data), E_OK);
	assert_int_equal(ask_as(d, STRANGER), STRANGER);
	assert_int_equal(ask_as(d, STRANGER + 1), -1);
	json_decref(args);
	json_decref(data);
}

/* ---- watching ---- */

static json_t *
tell_args(int times, size_t pad)
{
	char *text = calloc(1, pad + 1);
	json_t *args;

	memset(text, 'x', pad);
	args = json_pack("{s:i, s:s}", "times", times, "pad", text);
	free(text);
	return args;
}

static void
call_tell(const struct daemon_end *d, int times, size_t pad)
{
	json_t *args = tell_args(times, pad), *data = NULL;

	assert_int_equal(control_call(d->path, "tell", args, &data), E_OK);
	json_decref(args);
	json_decref(data);
}

static void
watchers_are_told_in_order_and_others_are_not(void **state)
{
	struct daemon_end *d = *state;
	int other = raw_connect(d), fd = -1;

	assert_int_equal(control_watch(d->path, &fd), E_OK);
	call_tell(d, 3, 10);
	for (int i = 0; i < 3; i++) {
		json_t *event = raw_line(fd);

		assert_int_equal(json_integer_value(json_object_get(event, "event")), i);
		json_decref(event);
	}
	raw_send(other, "{\"verb\":\"nothing\"}\n");
	expect_ok(other);
	close(other);
	close(fd);
}

static void
a_watcher_that_does_not_read_is_cut(void **state)
{
	struct daemon_end *d = *state;
	int deaf = -1, fd = -1;
	json_t *event;
	size_t n = 0;

	assert_int_equal(control_watch(d->path, &deaf), E_OK);
	call_tell(d, 200, 8000);
	/* A new watcher is served; the deaf one finds less than was told, and the end. */
	assert_int_equal(control_watch(d->path, &fd), E_OK);
	call_tell(d, 1, 10);
	event = raw_line(fd);
	assert_non_null(event);
	json_decref(event);
	while ((event = raw_line(deaf)) != NULL) {
		json_decref(event);
		n++;
	}
	assert_true(n < 200);
	close(deaf);
	close(fd);
}

static void
a_watcher_may_cause_the_events_that_cut_it(void **state)
{
	struct daemon_end *d = *state;
	json_t *args = tell_args(100, 8000), *data = NULL;
	char *text = json_dumps(args, JSON_COMPACT);
	int fd = raw_connect(d);

	raw_send(fd, "{\"verb\":\"watch\"}\n{\"verb\":\"tell\",\"args\":");
	raw_send(fd, text);
	raw_send(fd, "}\n");
	assert_int_equal(control_call(d->path, "nothing", NULL, &data), E_OK);
	json_decref(data);
	close(fd);
	assert_int_equal(control_call(d->path, "nothing", NULL, &data), E_OK);
	json_decref(data);
	free(text);
	json_decref(args);
}

static void
too_many_clients_are_turned_away_and_room_comes_back(void **state)
{
	struct daemon_end *d = *state;
	int fd[65];

	for (size_t i = 0; i < 65; i++)
		fd[i] = raw_connect(d);
	raw_send(fd[0], "{\"verb\":\"nothing\"}\n");
	expect_ok(fd[0]);
	assert_null(raw_line(fd[64]));
	for (size_t i = 0; i < 65; i++)
		close(fd[i]);
	/* The daemon sees the ends in its own time. */
	for (json_t *answer = NULL; answer == NULL;) {
		int again = raw_connect(d);

		(void)!send(again, "{\"verb\":\"nothing\"}\n", 19, MSG_NOSIGNAL);
		answer = raw_line(again);
		json_decref(answer);
		close(again);
		if (answer != NULL)
			break;
	}
}

/* ---- the socket ---- */

static void
the_socket_is_for_its_owner_only(void **state)
{
	struct daemon_end *d = *state;
	struct stat st;
	pid_t stranger;
	int status;

	assert_int_equal(stat(d->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	if (geteuid() != 0)
		return;
	/* Even with the file's mode out of the way, another user gets no answer. */
	assert_int_equal(chmod(d->folder, 0755), 0);
	assert_int_equal(chmod(d->path, 0666), 0);
	stranger = fork();
	if (stranger == 0) {
		json_t *data = NULL;

		if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)
			_exit(9);
		_exit(control_call(d->path, "nothing", NULL, &data) == E_UNREACHABLE ? 0 : 1);
	}
	assert_int_equal(waitpid(stranger, &status, 0), stranger);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
a_second_daemon_does_not_take_a_living_socket(void **state)
{
	struct daemon_end *d = *state;
	struct event_base *base = event_base_new();
	struct control_server *second = NULL;

	assert_int_equal(control_listen(base, d->path, verbs, NULL, &second), E_LOCKED);
	kill(d->pid, SIGKILL);
	waitpid(d->pid, NULL, 0);
	assert_int_equal(control_listen(base, d->path, verbs, NULL, &second), E_OK);
	control_close(&second);
	assert_int_equal(access(d->path, F_OK), -1);
	event_base_free(base);
}

static void
a_file_that_is_no_socket_is_not_replaced(void **state)
{
	struct daemon_end *d = *state;
	struct event_base *base = event_base_new();
	struct control_server *second = NULL;
	char path[80];
	FILE *f;

	snprintf(path, sizeof(path), "%s/file", d->folder);
	f = fopen(path, "w");
	fclose(f);
	assert_int_equal(control_listen(base, path, verbs, NULL, &second), E_IO);
	assert_int_equal(unlink(path), 0);
	event_base_free(base);
}

#define DAEMON(test) cmocka_unit_test_setup_teardown(test, start_daemon, stop_daemon)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DAEMON(a_verb_gets_its_arguments_and_gives_data),
		DAEMON(a_verb_without_arguments_gets_an_empty_object),
		DAEMON(a_verb_that_fails_gives_its_code),
		DAEMON(an_unknown_verb_is_usage),
		DAEMON(the_table_of_verbs_is_its_own_help),
		DAEMON(no_daemon_is_unreachable),
		DAEMON(bad_lines_are_refused_and_the_next_is_served),
		DAEMON(a_line_that_comes_in_pieces_is_one_request),
		DAEMON(the_last_answer_leaves_when_the_client_is_done),
		DAEMON(a_line_of_64_kib_is_refused_and_the_client_dropped),
		DAEMON(watchers_are_told_in_order_and_others_are_not),
		DAEMON(a_watcher_that_does_not_read_is_cut),
		DAEMON(a_watcher_may_cause_the_events_that_cut_it),
		DAEMON(a_user_is_served_only_when_admitted),
		DAEMON(too_many_clients_are_turned_away_and_room_comes_back),
		DAEMON(the_socket_is_for_its_owner_only),
		DAEMON(a_second_daemon_does_not_take_a_living_socket),
		DAEMON(a_file_that_is_no_socket_is_not_replaced),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
