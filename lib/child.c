/* SPDX-License-Identifier: EUPL-1.2
 *
 * A helper process gets one thing: a socket to its parent, as file descriptor 3. Standard input and
 * output are /dev/null, standard error stays for the log, everything else is closed, signals are
 * as at boot. It dies when its parent dies, however that happens.
 *
 * Programs and schemas are looked for where the build leaves them first, so that a build tree runs
 * without being installed; an installed tree has none of those folders. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/child.h"

static void
forget_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	for (int n = 1; n < NSIG; n++)
		signal(n, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child, between fork and exec. */
static NORETURN void
become(char *const argv[], int fd, pid_t parent)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd == CHILD_FD ? fcntl(fd, F_SETFD, 0) != 0 : dup2(fd, CHILD_FD) < 0)
		_exit(127);
	if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0)
		_exit(127);
	if (close_range(CHILD_FD + 1, ~0U, 0) != 0)
		_exit(127);
	/* The parent may have died before the kernel knew that we care. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(127);
	forget_signals();
	execv(argv[0], argv);
	_exit(127);
}

enum err
child_start(char *const argv[], pid_t *pid, int *fd)
{
	OWNED_FD(ours) = -1;
	OWNED_FD(theirs) = -1;
	pid_t parent = getpid();
	int pair[2];

	if (access(argv[0], X_OK) != 0)
		return E_IO;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return E_IO;
	ours = pair[0];
	theirs = pair[1];
	*pid = fork();
	if (*pid < 0)
		return E_IO;
	if (*pid == 0)
		become(argv, theirs, parent);
	*fd = ours;
	ours = -1;
	return E_OK;
}

/* The folder of the running program, without a slash at its end; "." when the kernel won't say. */
static char *
own_folder(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n <= 0)
		return xstrdup(".");
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return xstrdup(".");
	*slash = '\0';
	return xstrdup(path);
}

/* Takes the path; NULL when it is not there. */
static char *
if_program(char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* A folder of a build tree may be there and empty. */
static char *
if_holds(char *path, const char *file)
{
	OWNED(char, one, free_chars) = xprintf("%s/%s", path, file);

	if (access(one, R_OK) == 0)
		return path;
	free(path);
	return NULL;
}

enum err
child_find(const char *name, const char *folder, char **path)
{
	/* Beside us; in the sibling folder, from broker/ and from tests/unit/; installed. */
	static const char *const steps[] = {"", "..", "../.."};
	OWNED(char, here, free_chars) = own_folder();

	if ((*path = if_program(xprintf("%s/%s", here, name))) != NULL)
		return E_OK;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if ((*path = if_program(xprintf("%s/%s/%s/%s", here, steps[i], folder, name))) !=
			NULL)
			return E_OK;
	if ((*path = if_program(xprintf("%s/%s", LIBEXECDIR, name))) != NULL)
		return E_OK;
	if ((*path = if_program(xprintf("%s/%s", BINDIR, name))) != NULL)
		return E_OK;
	return E_NOT_FOUND;
}

/* The folder that the environment tells, beside the program, or installed. */
static char *
data_find(const char *variable, const char *name, const char *installed, const char *file)
{
	static const char *const steps[] = {"..", "../..", "../../.."};
	OWNED(char, here, free_chars) = own_folder();
	const char *told = secure_getenv(variable);
	char *path;

	if (told != NULL)
		return if_holds(xstrdup(told), file);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		path = if_holds(xprintf("%s/%s/%s", here, steps[i], name), file);
		if (path != NULL)
			return path;
	}
	return if_holds(xstrdup(installed), file);
}

char *
schemas_find(void)
{
	return data_find("DAFTAR_SCHEMAS", "schemas", SCHEMADIR, "trust.xsd");
}

char *
locale_find(void)
{
	return data_find("DAFTAR_LOCALE", "locale", LOCALEDIR, "fr/LC_MESSAGES/daftar.mo");
}
