/* SPDX-License-Identifier: EUPL-1.2
 *
 * An adapter that dies of one message. It stands in the place of daftar-examiner, beside a copy of
 * the adapter, and hands everything on to the real one (BRITTLE_EXAMINER); but when the octets that
 * come to be examined hold the text in the file BRITTLE_POISON, it kills the adapter, as a
 * fault in a driver's library would. Without that file all is well. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_FD 3
#define PIECE 65536
#define TEXT 64

static char window[TEXT + PIECE]; /* the end of what came before, and what comes */
static size_t kept;

static bool
poison(char text[TEXT])
{
	const char *file = getenv("BRITTLE_POISON");
	FILE *f = file == NULL ? NULL : fopen(file, "r");
	bool is_there = f != NULL && fgets(text, TEXT, f) != NULL;

	if (f != NULL)
		fclose(f);
	text[is_there ? strcspn(text, "\n") : 0] = '\0';
	return text[0] != '\0';
}

static void
look(const char *octets, size_t n)
{
	char text[TEXT];

	memcpy(window + kept, octets, n);
	if (poison(text) && memmem(window, kept + n, text, strlen(text)) != NULL) {
		kill(getppid(), SIGKILL);
		_exit(1);
	}
	n += kept;
	kept = n < TEXT ? n : TEXT;
	memmove(window, window + n - kept, kept);
}

/* False at its end. */
static bool
pass(int from, int to, bool looked_at)
{
	char octets[PIECE];
	ssize_t n = read(from, octets, sizeof octets), at = 0, more;

	if (n <= 0)
		return false;
	if (looked_at)
		look(octets, (size_t)n);
	for (; at < n; at += more)
		if ((more = write(to, octets + at, (size_t)(n - at))) <= 0)
			return false;
	return true;
}

static int
real_examiner(void)
{
	char *const argv[] = {getenv("BRITTLE_EXAMINER"), NULL};
	int pair[2];
	pid_t pid;

	if (argv[0] == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		_exit(1);
	pid = fork();
	if (pid < 0)
		_exit(1);
	if (pid == 0) {
		if (dup2(pair[1], CHILD_FD) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
			_exit(1);
		execv(argv[0], argv);
		_exit(127);
	}
	close(pair[1]);
	return pair[0];
}

int
main(void)
{
	int adapter = fcntl(CHILD_FD, F_DUPFD_CLOEXEC, 10), examiner;
	struct pollfd p[2] = {{.events = POLLIN}, {.events = POLLIN}};

	if (adapter < 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	examiner = real_examiner();
	p[0].fd = adapter;
	p[1].fd = examiner;
	while (poll(p, 2, -1) > 0) {
		if (p[0].revents != 0 && !pass(adapter, examiner, true))
			return 0;
		if (p[1].revents != 0 && !pass(examiner, adapter, false))
			return 0;
	}
	return 0;
}
