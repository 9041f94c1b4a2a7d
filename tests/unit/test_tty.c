/* SPDX-License-Identifier: EUPL-1.2
 * A terminal is given back however the program ends. */
#include "tests/unit/test.h"

#include <pty.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/tty.h"

#define LEAVE "<left>"

/* At a terminal of its own, which it has changed. */
static void
draw_and_end(int number, bool release)
{
	struct rlimit none = {0, 0};
	struct termios raw;

	(void)setrlimit(RLIMIT_CORE, &none);
	if (!tty_remember())
		_exit(99);
	raw = *tty_before();
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tty_guard(LEAVE);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	if (release)
		tty_release();
	raise(number);
	_exit(tty_signal());
}

/* Until nobody holds the other end. */
static void
read_all(int fd, char *out, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (n + 1 < size && (got = read(fd, out + n, size - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = '\0';
}

/* The status it ended with; what it wrote; is the terminal as it was? */
static int
run(int number, bool release, char *out, size_t size, bool *restored)
{
	struct termios now;
	int master, slave, status;
	pid_t pid;

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	pid = fork();
	if (pid == 0) {
		close(master);
		if (dup2(slave, STDIN_FILENO) < 0 || dup2(slave, STDOUT_FILENO) < 0)
			_exit(98);
		draw_and_end(number, release);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(tcgetattr(slave, &now), 0);
	*restored = (now.c_lflag & (ICANON | ECHO)) == (ICANON | ECHO);
	close(slave);
	read_all(master, out, size);
	close(master);
	return status;
}

static void
a_crash_gives_the_terminal_back_and_is_still_one(void **state)
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};
	char out[64];
	bool restored;

	for (size_t i = 0; i < ARRAY_LEN(crashes); i++) {
		int status = run(crashes[i], false, out, sizeof out, &restored);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), crashes[i]);
		assert_string_equal(out, LEAVE);
		assert_true(restored);
	}
}

static void
what_was_given_back_already_is_left_alone(void **state)
{
	char out[64];
	bool restored;
	int status = run(SIGSEGV, true, out, sizeof out, &restored);

	assert_true(WIFSIGNALED(status));
	assert_string_equal(out, "");
	assert_false(restored);
}

static void
a_signal_that_asks_to_end_is_told(void **state)
{
	static const int ends[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	char out[64];
	bool restored;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		int status = run(ends[i], false, out, sizeof out, &restored);

		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), ends[i]);
		assert_string_equal(out, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crash_gives_the_terminal_back_and_is_still_one),
		cmocka_unit_test(what_was_given_back_already_is_left_alone),
		cmocka_unit_test(a_signal_that_asks_to_end_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
