/* SPDX-License-Identifier: EUPL-1.2
 *
 * One question a packet, one answer a packet. The child ends when its parent does. Looking a user
 * up may ask other services of the machine, so it keeps sockets; it loses everything but reading.
 */
#include "broker/config_reader.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sandbox.h"

#define ANSWER_MAX (64 * 1024 + 1)
#define QUESTION_MAX 128
#define ANSWER_S 10

struct config_reader {
	pid_t pid;
	int fd;
	char *file, *keys;
};

/* ---- the child ---- */

/* ANSWER_MAX octets and more are none of ours. */
static size_t
read_file(const char *path, char *out)
{
	OWNED_FD(fd) = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	n = read(fd, out, ANSWER_MAX - 1);
	return n <= 0 || n == ANSWER_MAX - 1 || memchr(out, '\0', (size_t)n) != NULL ? 0
										     : (size_t)n;
}

static size_t
find_user(const char *name, char *out)
{
	const struct passwd *user = getpwnam(name);

	return user == NULL ? 0 : (size_t)sprintf(out, "%u", (unsigned)user->pw_uid);
}

static size_t
find_name(const char *uid, char *out)
{
	const struct passwd *user = getpwuid((uid_t)strtoul(uid, NULL, 10));

	return user == NULL ? 0 : (size_t)snprintf(out, QUESTION_MAX, "%s", user->pw_name);
}

static size_t
find_key(const struct config_reader *r, const char *name, char *out)
{
	OWNED(char, path, free_chars) = NULL;

	if (r->keys == NULL || strchr(name, '/') != NULL || name[0] == '.')
		return 0;
	path = xprintf("%s/%s.pub", r->keys, name);
	return read_file(path, out);
}

static size_t
answer(const struct config_reader *r, const char *question, char *out)
{
	if (question[0] == 'f')
		return read_file(r->file, out);
	if (question[0] == 'u')
		return find_user(question + 1, out);
	if (question[0] == 'n')
		return find_name(question + 1, out);
	return question[0] == 'k' ? find_key(r, question + 1, out) : 0;
}

static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xprintf("%.*s", (int)(slash - path), path);
}

static bool
confine(const struct config_reader *r)
{
	OWNED(char, folder, free_chars) = folder_of(r->file);
	struct sandbox walls = {.read_beneath = {"/etc", "/usr", folder, "/run"}, .network = true};

	if (r->keys != NULL)
		walls.read_beneath[4] = r->keys;
	return sandbox_enter(&walls) == E_OK;
}

static _Noreturn void
serve(const struct config_reader *r, int fd)
{
	static char out[ANSWER_MAX + 1];
	char question[QUESTION_MAX + 1];
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN); /* of a terminal: the parent says when it is over */
	signal(SIGHUP, SIG_IGN);
	if (!confine(r))
		_exit(EXIT_FAILURE);
	while ((n = recv(fd, question, QUESTION_MAX, 0)) > 0) {
		question[n] = '\0';
		if (send(fd, out, answer(r, question, out + 1) + 1, MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(EXIT_SUCCESS);
}

/* ---- the parent ---- */

enum err
config_reader_start(const char *file, const char *keys, struct config_reader **out)
{
	struct config_reader *r = xcalloc(1, sizeof *r);
	const struct timeval bound = {ANSWER_S, 0};
	int pair[2];

	r->file = xstrdup(file);
	r->keys = keys == NULL ? NULL : xstrdup(keys);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		die("a socket pair cannot be made");
	fflush(NULL);
	r->pid = fork();
	if (r->pid == 0) {
		close(pair[0]);
		serve(r, pair[1]);
	}
	close(pair[1]);
	r->fd = pair[0];
	*out = r;
	if (r->pid < 0 || setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound) != 0)
		return E_IO;
	return E_OK;
}

void
config_reader_stop(struct config_reader **r)
{
	if (*r == NULL)
		return;
	close((*r)->fd);
	if ((*r)->pid > 0)
		waitpid((*r)->pid, NULL, 0);
	free((*r)->file);
	free((*r)->keys);
	free(*r);
	*r = NULL;
}

static enum err
ask(struct config_reader *r, char kind, const char *what, struct buf *out)
{
	OWNED(char, text, free_chars) = xcalloc(ANSWER_MAX + 1, 1);
	OWNED(char, question, free_chars) = xprintf("%c%s", kind, what);
	ssize_t n;

	buf_reset(out);
	if (strlen(question) > QUESTION_MAX)
		return E_NOT_FOUND;
	if (send(r->fd, question, strlen(question), MSG_NOSIGNAL) < 0)
		return E_UNREACHABLE;
	n = recv(r->fd, text, ANSWER_MAX, 0);
	if (n < 1)
		return E_UNREACHABLE;
	buf_add(out, text + 1, (size_t)n - 1);
	buf_add(out, "", 1);
	return n > 1 ? E_OK : E_NOT_FOUND;
}

enum err
config_reader_text(struct config_reader *r, struct buf *out)
{
	enum err e = ask(r, 'f', "", out);

	return e == E_NOT_FOUND ? E_CONFIG : e;
}

bool
config_reader_user(struct config_reader *r, const char *name, uid_t *uid)
{
	OWNED_BUF(text) = {0};

	if (ask(r, 'u', name, &text) != E_OK)
		return false;
	*uid = (uid_t)strtoul((const char *)text.data, NULL, 10);
	return true;
}

bool
config_reader_name(struct config_reader *r, uid_t uid, char *name, size_t size)
{
	OWNED(char, number, free_chars) = xprintf("%u", (unsigned)uid);
	OWNED_BUF(text) = {0};

	return ask(r, 'n', number, &text) == E_OK && copy_text(name, size, (const char *)text.data);
}

enum err
config_reader_key(struct config_reader *r, const char *name, struct buf *out)
{
	return ask(r, 'k', name, out);
}
