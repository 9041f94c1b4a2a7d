/* SPDX-License-Identifier: EUPL-1.2
 *
 * Takes every step of tests/crash/step once for each of its system calls that change something, and
 * has that call kill the process (strace's injection), or fail; then the step is taken again, and
 * judged.
 *
 *	inject BUILD BASE WORK kill|errors|N SCENARIO...
 *
 * `errors' gives each call every error; a number N every second call one of them, and the next the
 * next, which N and N + 1, up to N + 7, do in eight ways.
 * Which calls there are is read from a run that nothing happens to, so that none is left out. A
 * step may end well, refuse with a code, or end its process; never by a fault of its own (a signal
 * that nobody sent), and never with anything else than the truth on the disk. Two processes share
 * the work. Prints what is wrong, and at the end one line: points=.. fired=.. refused=.. died=..
 * finished=.. wrong=.. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base.h"

#define WORKERS 2
#define POINTS_MAX 4096
#define SEEN_MAX 128
#define PATIENCE_S 30 /* for one run */

/* Calls that change something; the rest of strace's set only reads. */
#define CALLS                                                                                      \
	"write,pwrite64,writev,pwritev,fsync,fdatasync,msync,ftruncate,fallocate,rename,renameat," \
	"renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,symlink,openat,fchmod,chmod,"   \
	"sendto,sendmsg"

static const char *const errors[] = {"EIO", "ENOSPC", "EINTR", "EAGAIN"};

struct point {
	char call[24];
	unsigned n;
	bool is_short; /* the call writes octets where it is told to: it can also write too few */
};

struct tally {
	unsigned points, fired, refused, died, finished, wrong;
};

static struct {
	const char *build, *base, *work;
	bool errors;
	size_t turn; /* which error the first call gets; ERRORS: each gets all */
	size_t first, every;
	struct point point[POINTS_MAX];
	size_t n;
	struct tally *tally; /* shared by the workers */
	char home[256], trace[256], output[256];
} r;

/* ---- running ---- */

static void
shell(const char *command)
{
	if (system(command) != 0) {
		fprintf(stderr, "inject: failed: %s\n", command);
		exit(2);
	}
}

/* Wait status of the program; its output is in r.output. */
static int
run(char *const argv[])
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		int fd = open(r.output, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		alarm(PATIENCE_S); /* goes on over exec */
		if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(99);
		execvp(argv[0], argv);
		_exit(98);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	return status;
}

/* The program of a scenario, behind strace if `inject' is not NULL ("": only watched). */
static int
take_step(const char *scenario, const char *verb, const char *inject)
{
	OWNED(char, step, free_chars) = xprintf("%s/tests/crash/step", r.build);
	OWNED(char, tool, free_chars) = xprintf("%s/liaison/daftar", r.build);
	OWNED(char, office, free_chars) = xprintf("%s/officer", r.home);
	OWNED(char, paper, free_chars) = xprintf("%s/case.json", r.base);
	char *argv[24];
	size_t n = 0;

	if (inject != NULL) {
		char *const head[] = {"strace", "-f", "-qq", "-o", r.trace, "-e", "trace=" CALLS};

		for (size_t i = 0; i < ARRAY_LEN(head); i++)
			argv[n++] = head[i];
		if (inject[0] != '\0') {
			argv[n++] = "-e";
			argv[n++] = (char *)(uintptr_t)inject;
		}
		argv[n++] = "--";
	}
	if (strcmp(scenario, "officer") == 0 && strcmp(verb, "run") == 0) {
		char *const words[] = {
			tool, "--home", office, "request", "file", paper, "--timeout", "0"};

		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			argv[n++] = words[i];
	} else {
		char *const words[] = {step, (char *)(uintptr_t)scenario, r.home,
			(char *)(uintptr_t)r.base, (char *)(uintptr_t)verb};

		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			argv[n++] = words[i];
	}
	argv[n] = NULL;
	return run(argv);
}

static void
fresh_home(const char *scenario)
{
	OWNED(char, command, free_chars) =
		xprintf("rm -rf '%s' && cp -a --sparse=always '%s/template-%s' '%s'", r.home,
			r.work, scenario, r.home);

	shell(command);
}

/* ---- which points there are ---- */

/* "1234  pwrite64(5, ..." or without the number of the process. */
static bool
parse_line(const char *line, char call[24], const char **rest)
{
	size_t n;

	line += strspn(line, "0123456789 ");
	n = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (n == 0 || n >= 24 || line[n] != '(')
		return false;
	memcpy(call, line, n);
	call[n] = '\0';
	*rest = line + n + 1;
	return true;
}

/* What goes to a terminal or a log is no state, nor is a file that is only opened. */
static bool
changes(const char *call, const char *rest)
{
	if (strcmp(call, "openat") == 0)
		return strstr(rest, "O_CREAT") != NULL || strstr(rest, "O_TRUNC") != NULL;
	if (strcmp(call, "write") == 0)
		return strncmp(rest, "1,", 2) != 0 && strncmp(rest, "2,", 2) != 0;
	return true;
}

/* strace counts a call in each thread by itself. */
struct seen {
	char call[24];
	int thread;
	unsigned n;
};

static unsigned
number_of(struct seen *seen, size_t *n, const char *call, int thread)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(seen[i].call, call) == 0 && seen[i].thread == thread)
			return ++seen[i].n;
	if (*n == SEEN_MAX)
		die("inject: too many threads");
	snprintf(seen[*n].call, sizeof seen[*n].call, "%s", call);
	seen[*n].thread = thread;
	return seen[(*n)++].n = 1;
}

static bool
is_known(const char *call, unsigned n)
{
	for (size_t i = 0; i < r.n; i++)
		if (r.point[i].n == n && strcmp(r.point[i].call, call) == 0)
			return true;
	return false;
}

static void
read_points(void)
{
	FILE *f = fopen(r.trace, "re");
	struct seen seen[SEEN_MAX] = {0};
	char line[8192], call[24];
	size_t n_seen = 0;
	const char *rest;

	if (f == NULL)
		die("inject: no trace");
	r.n = 0;
	while (fgets(line, sizeof line, f) != NULL && r.n < POINTS_MAX) {
		unsigned n;

		if (!parse_line(line, call, &rest))
			continue;
		n = number_of(seen, &n_seen, call, atoi(line));
		if (!changes(call, rest) || is_known(call, n))
			continue;
		r.point[r.n] = (struct point){.n = n, .is_short = strncmp(call, "pwrite", 6) == 0};
		memcpy(r.point[r.n++].call, call, sizeof call);
	}
	fclose(f);
}

static void
prepare(const char *scenario)
{
	OWNED(char, make, free_chars) = NULL;
	int status;

	make = strcmp(scenario, "officer") == 0
		       ? xprintf("cp -a '%s/office' '%s/template-%s'", r.base, r.work, scenario)
		       : xprintf("mkdir '%s/template-%s'", r.work, scenario);
	shell(make);
	snprintf(r.home, sizeof r.home, "%s/template-%s", r.work, scenario);
	status = take_step(scenario, "prepare", NULL);
	if (status != 0) {
		printf("%s: cannot be prepared, status %x\n", scenario, (unsigned)status);
		exit(2);
	}
	snprintf(r.home, sizeof r.home, "%s/home", r.work);
	fresh_home(scenario);
	(void)take_step(scenario, "run", "");
	read_points();
}

/* ---- one point ---- */

static bool
has_fired(void)
{
	FILE *f = fopen(r.trace, "re");
	char line[8192];
	bool fired = false;

	while (f != NULL && !fired && fgets(line, sizeof line, f) != NULL)
		fired = strstr(line, "(INJECTED)") != NULL ||
			strstr(line, "killed by SIGKILL") != NULL;
	if (f != NULL)
		fclose(f);
	return fired;
}

static void
wrong(const char *scenario, const struct point *p, const char *how, const char *what, int status)
{
	OWNED(char, show, free_chars) = xprintf("tail -n 4 '%s' | sed 's/^/    /'", r.output);

	r.tally->wrong++;
	printf("wrong: %s: %s number %u %s: %s, status %x\n", scenario, p->call, p->n, how, what,
		(unsigned)status);
	fflush(stdout);
	(void)!system(show);
}

static bool
is_officer(const char *scenario)
{
	return strcmp(scenario, "officer") == 0;
}

static void
count_end(int status)
{
	if (WIFSIGNALED(status))
		r.tally->died++;
	else if (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 7)
		r.tally->finished++;
	else if (WEXITSTATUS(status) == 10)
		r.tally->refused++;
	else
		r.tally->died++;
}

static void
at_point(const char *scenario, const struct point *p, const char *how)
{
	OWNED(char, inject, free_chars) = xprintf("inject=%s:%s:when=%u", p->call, how, p->n);
	int status;

	fresh_home(scenario);
	status = take_step(scenario, "run", inject);
	r.tally->points++;
	if (!has_fired()) {
		wrong(scenario, p, how, "the point was not reached", status);
		return;
	}
	r.tally->fired++;
	count_end(status);
	if (WIFSIGNALED(status) &&
		!(strcmp(how, "signal=KILL") == 0 && WTERMSIG(status) == SIGKILL))
		wrong(scenario, p, how, "a fault of its own", status);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 20)
		wrong(scenario, p, how, "wrong at once", status);
	if (is_officer(scenario) && (status = take_step(scenario, "run", NULL)) != 7 << 8)
		wrong(scenario, p, how, "the tool does not start again", status);
	status = take_step(scenario, "again", NULL);
	if (status != 0)
		wrong(scenario, p, how, "not whole afterwards", status);
}

static void
all_ways(const char *scenario, const struct point *p, size_t place)
{
	if (!r.errors) {
		at_point(scenario, p, "signal=KILL");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		if (r.turn != ARRAY_LEN(errors) && (place + r.turn) % ARRAY_LEN(errors) != i)
			continue;
		OWNED(char, how, free_chars) = xprintf("error=%s", errors[i]);

		at_point(scenario, p, how);
	}
	if (p->is_short)
		at_point(scenario, p, "retval=512");
}

static void
worker(const char *scenario, int number)
{
	snprintf(r.home, sizeof r.home, "%s/home-%d", r.work, number);
	snprintf(r.trace, sizeof r.trace, "%s/trace-%d", r.work, number);
	snprintf(r.output, sizeof r.output, "%s/output-%d", r.work, number);
	r.tally += number;
	for (size_t i = (size_t)number; r.first + i * r.every < r.n; i += WORKERS)
		all_ways(scenario, &r.point[r.first + i * r.every], i);
	exit(0);
}

static void
scenario_all(const char *scenario)
{
	pid_t pid[WORKERS];
	int status;

	snprintf(r.trace, sizeof r.trace, "%s/trace", r.work);
	snprintf(r.output, sizeof r.output, "%s/output", r.work);
	prepare(scenario);
	printf("%s: %zu points\n", scenario, r.n);
	fflush(stdout);
	for (int i = 0; i < WORKERS; i++)
		if ((pid[i] = fork()) == 0)
			worker(scenario, i);
	for (int i = 0; i < WORKERS; i++)
		if (waitpid(pid[i], &status, 0) < 0 || status != 0) {
			printf("wrong: a worker ended with %x\n", (unsigned)status);
			r.tally->wrong++;
		}
}

int
main(int argc, char **argv)
{
	struct tally all = {0};

	if (argc < 6)
		return fputs("usage: inject BUILD BASE WORK kill|errors|N SCENARIO...\n", stderr),
		       2;
	r.build = argv[1];
	r.base = argv[2];
	r.work = argv[3];
	r.errors = strcmp(argv[4], "kill") != 0;
	r.turn = strcmp(argv[4], "errors") == 0 ? ARRAY_LEN(errors)
						: strtoul(argv[4], NULL, 10) % ARRAY_LEN(errors);
	r.every = r.errors && r.turn != ARRAY_LEN(errors) ? 2 : 1;
	r.first = r.every == 2 ? strtoul(argv[4], NULL, 10) / ARRAY_LEN(errors) % 2 : 0;
	r.tally = mmap(NULL, WORKERS * sizeof *r.tally, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r.tally == MAP_FAILED)
		die("inject: memory");
	for (int i = 5; i < argc; i++)
		scenario_all(argv[i]);
	for (int i = 0; i < WORKERS; i++) {
		all.points += r.tally[i].points;
		all.fired += r.tally[i].fired;
		all.refused += r.tally[i].refused;
		all.died += r.tally[i].died;
		all.finished += r.tally[i].finished;
		all.wrong += r.tally[i].wrong;
	}
	printf("points=%u fired=%u refused=%u died=%u finished=%u wrong=%u\n", all.points,
		all.fired, all.refused, all.died, all.finished, all.wrong);
	return all.wrong > 0;
}
