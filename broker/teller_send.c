/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the child reads lies in memory before it begins, so nobody waits for it to be read. It is
 * the leader of a group: with it ends whatever it has started. */
#include "broker/teller_send.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/id.h"

#define PAUSE_MS 1000
#define PAUSE_MOST_MS 600000

/* ---- in the child ---- */

static void
forget_parent(int input)
{
	int nothing = open("/dev/null", O_RDWR);
	sigset_t none;

	if (setpgid(0, 0) != 0 || nothing < 0 || dup2(input >= 0 ? input : nothing, 0) < 0 ||
		dup2(nothing, 1) < 0 || close_range(3, ~0U, 0) != 0)
		_exit(127);
	sigemptyset(&none);
	for (int n = 1; n < NSIG; n++)
		(void)signal(n, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void NORETURN
run(const char *const *argv, int input)
{
	forget_parent(input);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* ---- in the parent ---- */

static void
begun(struct sending *s, pid_t pid, int64_t timeout)
{
	if (pid < 0)
		die("no process");
	s->pid = pid;
	s->overdue = monotonic_now() + timeout;
}

void
sending_command(struct sending *s, const char *const *argv, struct bytes input, int64_t timeout)
{
	OWNED_FD(fd) = memfd_create("news", MFD_CLOEXEC);
	pid_t pid;

	if (fd < 0 || ftruncate(fd, 0) != 0 ||
		write(fd, input.data, input.size) != (ssize_t)input.size ||
		lseek(fd, 0, SEEK_SET) != 0)
		die("no memory for a message");
	pid = fork();
	if (pid == 0)
		run(argv, fd);
	begun(s, pid, timeout);
}

void
sending_webhook(struct sending *s, const struct webhook *w, struct bytes body, int64_t now)
{
	pid_t pid = fork();

	if (pid == 0) {
		forget_parent(-1);
		_exit(webhook_post(w, body, now) == E_OK ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	begun(s, pid, w->timeout * 1000 + 5000);
}

static enum sent
failed(struct sending *s, int64_t tick)
{
	int64_t pause = PAUSE_MS << (s->failed < 10 ? s->failed : 10);

	s->failed++;
	s->next = tick + (pause < PAUSE_MOST_MS ? pause : PAUSE_MOST_MS);
	return SENT_FAILED;
}

enum sent
sending_look(struct sending *s, int64_t tick)
{
	int status = 0;

	if (s->pid == 0)
		return SENT_WAITS;
	if (tick >= s->overdue)
		(void)kill(-s->pid, SIGKILL);
	if (waitpid(s->pid, &status, WNOHANG) == 0)
		return SENT_WAITS;
	(void)kill(-s->pid, SIGKILL); /* what it has left behind */
	s->pid = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return failed(s, tick);
	s->failed = 0;
	s->next = 0;
	return SENT_DONE;
}

void
sending_stop(struct sending *s)
{
	if (s->pid == 0)
		return;
	(void)kill(-s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	s->pid = 0;
}
