/* SPDX-License-Identifier: EUPL-1.2
 *
 * A program with a terminal of its own, the leader of its session: what it writes is drawn and
 * recorded, what is typed is handed to it, and its end is seen. Nothing here waits longer than it
 * has to. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/id.h"
#include "tests/tools/terminal.h"

struct terminal t = {
	.columns = 80, .rows = 24, .wait = 10000, .term = "xterm-256color", .line = -1};

void
line_size(void)
{
	struct winsize size = {
		.ws_col = (unsigned short)t.columns, .ws_row = (unsigned short)t.rows};

	if (ioctl(t.line, TIOCSWINSZ, &size) != 0)
		die("TIOCSWINSZ");
}

static void
become(const char *name, char *const argv[])
{
	int fd;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	fd = open(name, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0)
		_exit(126);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
	signal(SIGHUP, SIG_DFL); /* whoever runs the tests may not want to hear of it */
	setenv("TERM", t.term, 1);
	unsetenv("COLUMNS");
	unsetenv("LINES");
	if (t.bytes)
		setenv("LC_ALL", "C", 1);
	else if (getenv("LC_ALL") == NULL && getenv("LC_CTYPE") == NULL && getenv("LANG") == NULL)
		setenv("LANG", "C.UTF-8", 1);
	execvp(argv[0], argv);
	dprintf(2, "terminal: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

void
line_start(char *const argv[])
{
	t.line = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (t.line < 0 || grantpt(t.line) != 0 || unlockpt(t.line) != 0)
		die("there is no terminal to be had");
	line_size();
	t.pid = fork();
	if (t.pid < 0)
		die("fork");
	if (t.pid == 0)
		become(ptsname(t.line), argv);
	t.pidfd = (int)syscall(SYS_pidfd_open, t.pid, 0);
	if (t.pidfd < 0)
		die("pidfd_open");
}

static void
reap(void)
{
	int status;

	if (waitpid(t.pid, &status, WNOHANG) != t.pid)
		return;
	t.ended = true;
	t.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool
line_take(void)
{
	char octets[65536];
	ssize_t n;
	bool some = false;

	while ((n = read(t.line, octets, sizeof octets)) > 0) {
		recording_put(t.recording, octets, (size_t)n);
		screen_put(t.screen, octets, (size_t)n);
		some = true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		t.closed = true;
	return some;
}

static void
give(void)
{
	ssize_t n = write(t.line, t.typed.data, t.typed.size);

	if (n <= 0)
		return;
	memmove(t.typed.data, t.typed.data + n, t.typed.size - (size_t)n);
	t.typed.size -= (size_t)n;
}

bool
line_happens(int64_t until)
{
	int64_t left = until - monotonic_now();
	struct pollfd fds[2] = {{.fd = t.closed ? -1 : t.line, .events = POLLIN},
		{.fd = t.ended ? -1 : t.pidfd, .events = POLLIN}};

	if (left < 0 || (t.closed && t.ended))
		return false;
	if (t.typed.size > 0)
		fds[0].events |= POLLOUT;
	if (poll(fds, 2, (int)left) <= 0)
		return errno == EINTR;
	if ((fds[0].revents & POLLOUT) != 0)
		give();
	if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		line_take();
	if (fds[1].revents != 0)
		reap();
	return true;
}
