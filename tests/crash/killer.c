/* SPDX-License-Identifier: EUPL-1.2
 *
 * Runs a whole realm and kills its programs with signal 9 at seeded random moments, often while
 * they start, now and then all at once; each is started again at once, as a supervisor would, and
 * is up when the event says so: the endpoint file is written, the control socket answers, a helper
 * has a new process number. When enough were killed, everything is left to drain, and stops.
 *
 *	killer HOME BUILD CASE.json SEED KILLS
 *
 * HOME was made by tests/crash/kill: realm, registers, configurations. HOME/papers/log gets a line
 * "paper NUMBER" for each of the officer's papers that the tool said it has filed. A program that
 * ends without being killed, a start that takes too long and a realm that does not drain are
 * failures. The last line of output is "kills=.. ...". */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/control.h"
#include "lib/log.h"
#include "lib/spool.h"
#include "tests/crash/paper.h"

#define START_MS 30000 /* the longest that a start may take */
#define DRAIN_MS 60000
#define STOP_MS 20000
#define PAPER_GAP_MS 200
#define LOOK_MS 20
#define NEVER INT64_MIN /* `due' of what has done all that it was to do */
#define ALONE_MOST 3	/* ends of one program that nobody killed */

enum who { BROKER, KENYA, SOMALIA, SYNC, FILER, TOOL, PROGRAMS, GATE = PROGRAMS, EXAMINER, WHO_N };
enum state { DOWN, STARTING, UP };

struct target {
	const char *name;
	char *argv[12];
	char *log;
	char *sign; /* what tells that it is up: a socket or a file; NULL: it need not tell */
	enum state state;
	pid_t pid; /* of a helper: the one that was killed, 0: none */
	bool killed;
	int64_t began, due;
	uint64_t kills, starts, alone; /* ended by itself */
};

static struct {
	const char *home, *build;
	struct target t[WHO_N];
	struct buf template;
	uint64_t random, kills, papers;
	bool paper_open, stopping;
	int64_t paper_at, all_at;
	int watch, paper_log;
} k;

/* ---- chance (splitmix64) ---- */

static int64_t
chance(int64_t below)
{
	uint64_t z = (k.random += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (int64_t)((z ^ (z >> 31)) % (uint64_t)below);
}

static void fail(const char *fmt, ...) PRINTF(1, 2) NORETURN;
/* Everything that was started ends with us (PR_SET_PDEATHSIG). */
static void
fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\nkills=%" PRIu64 " failed\n", k.kills);
	fflush(stdout);
	exit(EXIT_FAILURE);
}

/* ---- starting ---- */

static void
draw(struct target *t)
{
	int64_t now = monotonic_now();

	if (t == &k.t[TOOL])
		t->due = chance(2) ? now + chance(200) : INT64_MAX;
	else if (chance(6) == 0)
		t->due = now + chance(250);
	else
		t->due = now + 200 + chance(1100);
}

static void
start(struct target *t)
{
	pid_t us = getpid();

	if (t == &k.t[BROKER])
		(void)unlink(t->sign);
	t->pid = fork();
	if (t->pid < 0)
		fail("fork: %s", strerror(errno));
	if (t->pid == 0) {
		int fd = open(t->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fd < 0 || getppid() != us || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(99);
		execv(t->argv[0], t->argv);
		_exit(98);
	}
	t->began = monotonic_now();
	t->state = t->sign != NULL ? STARTING : UP;
	t->killed = false;
	t->starts++;
	draw(t);
}

/* The officer's next paper, or the same again when the tool did not say that it is filed. */
static void
start_tool(void)
{
	struct target *t = &k.t[TOOL];
	uint64_t number = PAPER_OFFICER + k.papers;
	OWNED_BUF(paper) = {0};
	FILE *f;

	free(t->argv[5]);
	t->argv[5] = xprintf("%s/papers/%" PRIu64 ".json", k.home, number);
	paper_make((char *)k.template.data, number, number % 2 != 0, &paper);
	f = fopen(t->argv[5], "we");
	if (f == NULL || fwrite(paper.data, 1, paper.size, f) != paper.size || fclose(f) != 0)
		fail("%s cannot be written", t->argv[5]);
	k.paper_open = true;
	k.paper_at = monotonic_now();
	start(t);
}

static void
paper_filed(void)
{
	char line[32];
	int n = snprintf(line, sizeof line, "paper %" PRIu64 "\n", PAPER_OFFICER + k.papers);

	if (write(k.paper_log, line, (size_t)n) != n)
		fail("the log of papers cannot be written");
	k.papers++;
	k.paper_open = false;
}

/* ---- up? ---- */

static bool
answers(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	OWNED_FD(fd) = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && copy_text(a.sun_path, sizeof a.sun_path, path) &&
	       connect(fd, (struct sockaddr *)&a, sizeof a) == 0;
}

static bool
has_content(const char *path)
{
	OWNED_FD(fd) = open(path, O_RDONLY | O_CLOEXEC);
	char c;

	return fd >= 0 && read(fd, &c, 1) == 1;
}

static void
look(struct target *t)
{
	if (t->state != STARTING)
		return;
	if (t == &k.t[BROKER] ? has_content(t->sign) : answers(t->sign))
		t->state = UP;
	else if (monotonic_now() - t->began > START_MS)
		fail("%s is not up after %d ms", t->name, START_MS);
}

/* A helper of that name that is not `other'; 0: none. */
static pid_t
helper(const char *name, pid_t other)
{
	pid_t broker = k.t[BROKER].pid;
	OWNED(char, list, free_chars) = xprintf("/proc/%d/task/%d/children", broker, broker);
	FILE *f = fopen(list, "re");
	pid_t pid = 0, found = 0;

	while (f != NULL && found == 0 && fscanf(f, "%d", &pid) == 1) {
		OWNED(char, file, free_chars) = xprintf("/proc/%d/comm", pid);
		OWNED_FD(fd) = open(file, O_RDONLY | O_CLOEXEC);
		char comm[20] = "";

		if (pid != other && fd >= 0 && read(fd, comm, sizeof comm - 1) > 0 &&
			strncmp(comm, name, strlen(name)) == 0)
			found = pid;
	}
	if (f != NULL)
		fclose(f);
	return found;
}

/* It is waited for while there is an exchange that could replace it: that is killed, too. */
static void
look_helper(struct target *t)
{
	if (k.t[BROKER].state != UP)
		t->began = monotonic_now();
	if (t->state == STARTING && k.t[BROKER].state == UP && helper(t->name, t->pid) != 0) {
		t->state = UP;
		draw(t);
	}
	if (t->state == STARTING && monotonic_now() - t->began > START_MS)
		fail("%s was not replaced within %d ms", t->name, START_MS);
}

/* ---- ends ---- */

/* An officer's tool may end as it likes, but not by a fault of its own. */
static void
ended(struct target *t, int status)
{
	bool tool = t == &k.t[TOOL] || t == &k.t[SYNC];
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	t->state = DOWN;
	t->pid = 0;
	if (t == &k.t[FILER] && code == 0)
		t->due = NEVER;
	if (t == &k.t[TOOL] && (code == 0 || code == 7))
		paper_filed();
	if (WIFSIGNALED(status) && ((t->killed && WTERMSIG(status) == SIGKILL) ||
					   (k.stopping && WTERMSIG(status) == SIGTERM)))
		return;
	if (WIFSIGNALED(status))
		fail("%s ended by signal %d", t->name, WTERMSIG(status));
	if (!tool && !k.stopping && !(t == &k.t[FILER] && code == 0) && ++t->alone > ALONE_MOST)
		fail("%s ended by itself %d times, last with status %d", t->name, ALONE_MOST + 1,
			code);
}

static void
reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < PROGRAMS; i++)
			if (k.t[i].pid == pid)
				ended(&k.t[i], status);
}

static void
kill_program(struct target *t)
{
	if (t->state == DOWN || t->killed || kill(t->pid, SIGKILL) != 0)
		return;
	t->killed = true;
	t->kills++;
	k.kills++;
}

static void
kill_helper(struct target *t)
{
	pid_t pid = t->state == UP ? helper(t->name, 0) : 0;

	draw(t);
	if (pid == 0 || kill(pid, SIGKILL) != 0)
		return;
	t->state = STARTING;
	t->pid = pid;
	t->began = monotonic_now();
	t->kills++;
	k.kills++;
}

/* ---- the loop ---- */

/* Until something happens in the folders that are watched, or it is time for the next kill. */
static void
rest(void)
{
	struct pollfd p = {k.watch, POLLIN, 0};
	char events[4096];

	if (poll(&p, 1, LOOK_MS) > 0 && read(k.watch, events, sizeof events) < 0)
		fail("inotify: %s", strerror(errno));
}

static void
keep_running(bool papers)
{
	reap();
	for (int i = 0; i < PROGRAMS; i++)
		if (i != TOOL && k.t[i].state == DOWN && k.t[i].due != NEVER)
			start(&k.t[i]);
	if (k.t[TOOL].state == DOWN &&
		(k.paper_open || (papers && monotonic_now() - k.paper_at > PAPER_GAP_MS)))
		start_tool();
	for (int i = 0; i < PROGRAMS; i++)
		look(&k.t[i]);
	look_helper(&k.t[GATE]);
	look_helper(&k.t[EXAMINER]);
}

static void
kill_what_is_due(void)
{
	int64_t now = monotonic_now();
	bool all = now >= k.all_at;

	for (int i = 0; i < PROGRAMS; i++)
		if (all || now >= k.t[i].due)
			kill_program(&k.t[i]);
	for (int i = GATE; i < WHO_N; i++)
		if (!all && now >= k.t[i].due)
			kill_helper(&k.t[i]);
	if (all)
		k.all_at = now + 1500 + chance(3500);
}

static void
campaign(uint64_t wanted)
{
	k.all_at = monotonic_now() + 3000;
	for (int i = GATE; i < WHO_N; i++) {
		k.t[i].state = UP;
		draw(&k.t[i]);
	}
	while (k.kills < wanted) {
		keep_running(true);
		kill_what_is_due();
		rest();
	}
}

/* ---- draining ---- */

static const char *const spools[] = {"KE.CRS", "SO.NIRA", "officer"};

static uint64_t
unfinished(struct spool *s)
{
	struct spool_counts c;

	if (spool_count(s, &c) != E_OK)
		fail("a spool cannot be counted");
	return c.out[OUT_FILED] + c.out[OUT_SENT] + c.out[OUT_DELIVERED] + c.in[IN_TAKEN] +
	       c.in[IN_WAITING] + c.in[IN_CLAIMED] + c.in[IN_DONE];
}

static bool
is_drained(struct spool **s)
{
	OWNED(char, socket, free_chars) = xprintf("%s/broker/control.sock", k.home);
	json_t *status = NULL;
	uint64_t n = k.paper_open;
	bool queued;

	if (k.t[FILER].state != DOWN || k.t[FILER].due != NEVER)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(spools); i++)
		n += unfinished(s[i]);
	if (n > 0 || control_call(socket, "status", NULL, &status) != E_OK)
		return false;
	queued = json_integer_value(json_object_get(status, "queued")) > 0;
	json_decref(status);
	return !queued;
}

static void
drain(void)
{
	OWNED(char, stop, free_chars) = xprintf("%s/stop", k.home);
	OWNED_FD(fd) = open(stop, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int64_t until = monotonic_now() + DRAIN_MS;
	struct spool *s[ARRAY_LEN(spools)];

	for (size_t i = 0; i < ARRAY_LEN(spools); i++) {
		OWNED(char, folder, free_chars) = xprintf("%s/%s/spool", k.home, spools[i]);

		if (spool_open(folder, 0, &s[i]) != E_OK)
			fail("%s cannot be opened", folder);
	}
	while (!is_drained(s)) {
		keep_running(false);
		rest();
		if (monotonic_now() > until) {
			for (size_t i = 0; i < ARRAY_LEN(spools); i++)
				printf("%s: %" PRIu64 " unfinished\n", spools[i], unfinished(s[i]));
			fail("not drained within %d ms", DRAIN_MS);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(spools); i++)
		spool_close(&s[i]);
}

static void
stop_all(void)
{
	int64_t until = monotonic_now() + STOP_MS;
	bool running = true;

	k.stopping = true;
	for (int i = 0; i < PROGRAMS; i++)
		if (k.t[i].state != DOWN)
			kill(k.t[i].pid, SIGTERM);
	while (running) {
		running = false;
		reap();
		for (int i = 0; i < PROGRAMS; i++)
			running = running || k.t[i].state != DOWN;
		if (monotonic_now() > until)
			fail("not everybody stops when told");
		rest();
	}
}

/* ---- getting ready ---- */

static void
watch(const char *folder)
{
	OWNED(char, path, free_chars) = xprintf("%s/%s", k.home, folder);

	if (inotify_add_watch(k.watch, path, IN_CREATE | IN_CLOSE_WRITE) < 0)
		fail("%s cannot be watched", path);
}

static void
program(enum who who, const char *name, const char *path, const char *sign)
{
	struct target *t = &k.t[who];

	t->name = name;
	t->argv[0] = xprintf("%s/%s", k.build, path);
	t->log = xprintf("%s/logs/%s.log", k.home, name);
	t->sign = sign != NULL ? xprintf("%s/%s", k.home, sign) : NULL;
}

static void
arguments(enum who who, const char *first, char *second, const char *third, const char *fourth)
{
	k.t[who].argv[1] = xstrdup(first);
	k.t[who].argv[2] = second;
	k.t[who].argv[3] = third != NULL ? xstrdup(third) : NULL;
	k.t[who].argv[4] = fourth != NULL ? xstrdup(fourth) : NULL;
}

/* A realm that was used before goes on where it was. */
static void
open_papers(void)
{
	OWNED(char, log, free_chars) = xprintf("%s/papers/log", k.home);
	OWNED(char, stop, free_chars) = xprintf("%s/stop", k.home);
	FILE *old;
	int c;

	(void)unlink(stop);
	k.paper_log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	old = fopen(log, "re");
	while (old != NULL && (c = fgetc(old)) != EOF)
		k.papers += c == '\n';
	if (k.paper_log < 0 || old == NULL)
		fail("%s cannot be opened", log);
	fclose(old);
}

static void
set_up(const char *template)
{
	program(BROKER, "daftard", "broker/daftard", "broker/endpoint");
	arguments(BROKER, "-c", xprintf("%s/broker/daftard.conf", k.home), NULL, NULL);
	program(KENYA, "KE.CRS", "adapters/daftar-adapter", "KE.CRS/control.sock");
	arguments(KENYA, "-c", xprintf("%s/KE.CRS/adapter.conf", k.home), NULL, NULL);
	program(SOMALIA, "SO.NIRA", "adapters/daftar-adapter", "SO.NIRA/control.sock");
	arguments(SOMALIA, "-c", xprintf("%s/SO.NIRA/adapter.conf", k.home), NULL, NULL);
	program(SYNC, "sync", "liaison/daftar", NULL);
	arguments(SYNC, "--home", xprintf("%s/officer", k.home), "sync", NULL);
	program(TOOL, "tool", "liaison/daftar", NULL);
	arguments(TOOL, "--home", xprintf("%s/officer", k.home), "request", "file");
	k.t[TOOL].argv[6] = xstrdup("--timeout");
	k.t[TOOL].argv[7] = xstrdup("0");
	program(FILER, "filer", "tests/crash/filer", NULL);
	arguments(FILER, k.home, xprintf("%s/filer", k.home), "UNHCR.ADD", template);
	k.t[GATE].name = "daftar-gate";
	k.t[EXAMINER].name = "daftar-examine";
	k.watch = inotify_init1(IN_CLOEXEC);
	watch("broker");
	watch("KE.CRS");
	watch("SO.NIRA");
	paper_load(template, &k.template);
	open_papers();
}

int
main(int argc, char **argv)
{
	int64_t began = monotonic_now(), drained;

	log_open("killer", LOG_WARNING);
	if (argc != 6)
		return fputs("usage: killer HOME BUILD CASE.json SEED KILLS\n", stderr), 2;
	k.home = argv[1];
	k.build = argv[2];
	k.random = strtoull(argv[4], NULL, 10);
	set_up(argv[3]);
	campaign(strtoull(argv[5], NULL, 10));
	drained = monotonic_now();
	printf("kills=%" PRIu64 " after %" PRId64 " s; draining\n", k.kills,
		(drained - began) / 1000);
	fflush(stdout);
	drain();
	stop_all();
	for (int i = 0; i < WHO_N; i++)
		printf("%s: %" PRIu64 " killed, %" PRIu64 " ended by themselves\n", k.t[i].name,
			k.t[i].kills, k.t[i].alone);
	printf("kills=%" PRIu64 " papers=%" PRIu64 " seconds=%" PRId64 " drain_seconds=%" PRId64
	       "\n",
		k.kills, k.papers, (drained - began) / 1000, (monotonic_now() - drained) / 1000);
	return 0;
}
