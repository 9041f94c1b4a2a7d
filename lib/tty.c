/* SPDX-License-Identifier: EUPL-1.2 */
#include "lib/tty.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct {
	struct termios before;
	const char *volatile leave; /* NULL: there is nothing to give back */
	volatile sig_atomic_t signal;
} t;

bool
tty_remember(void)
{
	return tcgetattr(STDIN_FILENO, &t.before) == 0;
}

const struct termios *
tty_before(void)
{
	return &t.before;
}

static void
on_end(int number)
{
	t.signal = number;
}

/* Nothing but what a handler may do. */
static void
on_crash(int number)
{
	if (t.leave != NULL) {
		(void)!write(STDOUT_FILENO, t.leave, strlen(t.leave));
		tcsetattr(STDIN_FILENO, TCSANOW, &t.before);
	}
	signal(number, SIG_DFL);
	raise(number);
}

void
tty_guard(const char *leave)
{
	static const int ends[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};
	struct sigaction a = {.sa_handler = on_end};

	t.leave = leave;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		sigaction(ends[i], &a, NULL);
	a.sa_handler = on_crash;
	for (size_t i = 0; i < ARRAY_LEN(crashes); i++)
		sigaction(crashes[i], &a, NULL);
}

void
tty_release(void)
{
	t.leave = NULL;
}

int
tty_signal(void)
{
	return (int)t.signal;
}
