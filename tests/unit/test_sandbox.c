/* SPDX-License-Identifier: EUPL-1.2
 *
 * The sandbox is entered in a child for each test, and the child tries from inside what it must not
 * be able to do, and what it still must. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sandbox.h"

#define INSIDE_OK 0
#define INSIDE_NOT 1
#define NOT_ENTERED 10
#define NOT_PROVED 11

static char place[64], other[64];

static const struct sandbox pure;

static int
set_up(void **state)
{
	(void)state;
	strcpy(place, "/tmp/daftar-sandbox-XXXXXX");
	strcpy(other, "/tmp/daftar-outside-XXXXXX");
	assert_non_null(mkdtemp(place));
	assert_non_null(mkdtemp(other));
	chmod(place, 0777);
	chmod(other, 0777);
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const files[] = {"/a", "/b", "/new", "/read", "/program"};
	char path[96];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof path, "%s%s", place, files[i]);
		unlink(path);
		snprintf(path, sizeof path, "%s%s", other, files[i]);
		unlink(path);
	}
	return rmdir(place) == 0 && rmdir(other) == 0 ? 0 : -1;
}

typedef bool attempt(void);

/* Enters in a child and returns how it ended: INSIDE_OK when `try' said true. */
static int
inside(const struct sandbox *s, attempt *before, attempt *try)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (before != NULL && !before())
			_exit(NOT_ENTERED + 5);
		if (sandbox_enter(s) != E_OK)
			_exit(NOT_ENTERED);
		if (sandbox_prove(s) != E_OK)
			_exit(NOT_PROVED);
		_exit(try == NULL || try() ? INSIDE_OK : INSIDE_NOT);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool
can_open(const char *folder, const char *file, int flags)
{
	char path[96];
	OWNED_FD(fd) = -1;

	snprintf(path, sizeof path, "%s%s", folder, file);
	fd = open(path, flags | O_CLOEXEC, 0600);
	return fd >= 0;
}

/* ---- the proof ---- */

static void
outside_nothing_is_proved(void **state)
{
	const struct sandbox network = {.network = true};
	const struct sandbox folder = {.write_beneath = {place}};

	(void)state;
	assert_int_equal(sandbox_prove(&pure), E_SANDBOX);
	assert_int_equal(sandbox_prove(&network), E_SANDBOX);
	assert_int_equal(sandbox_prove(&folder), E_SANDBOX);
}

/* A sandbox that allows more than it is asked to prove is seen. */
static bool
pure_is_not_proved(void)
{
	return sandbox_prove(&pure) == E_SANDBOX;
}

static void
wider_sandbox_does_not_prove_a_narrow_one(void **state)
{
	const struct sandbox network = {.network = true};
	const struct sandbox helpers = {.helpers = true, .read_beneath = {"/usr"}};
	const struct sandbox reads = {.read_beneath = {"/etc"}};

	(void)state;
	assert_int_equal(inside(&network, NULL, pure_is_not_proved), INSIDE_OK);
	assert_int_equal(inside(&helpers, NULL, pure_is_not_proved), INSIDE_OK);
	assert_int_equal(inside(&reads, NULL, pure_is_not_proved), INSIDE_OK);
}

/* What the proof tries, and the calls that it tries it with. */
static const struct {
	const char *calls[4];
} holes[] = {
	{{"open", "openat"}},
	{{"socket"}},
	{{"execve"}},
	{{"fork", "vfork", "clone", "clone3"}},
	{{"kill"}},
	{{"ptrace"}},
};
#define NO_HOLE ARRAY_LEN(holes)
#define DUMPABLE (NO_HOLE + 1) /* may be read by a debugger */

static size_t hole;

/* A filter of our own that denies all of it but one. */
static bool
filter_with_a_hole(void)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);

	for (size_t i = 0; i < ARRAY_LEN(holes); i++)
		for (size_t k = 0; i != hole && k < 4 && holes[i].calls[k] != NULL; k++) {
			int call = seccomp_syscall_resolve_name(holes[i].calls[k]);

			if (seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), call, 0) != 0)
				return false;
		}
	return seccomp_load(f) == 0;
}

static int
prove_with_a_hole(const struct sandbox *s, size_t which)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		hole = which;
		if (prctl(PR_SET_DUMPABLE, which == DUMPABLE, 0, 0, 0) != 0 ||
			!filter_with_a_hole())
			_exit(NOT_ENTERED);
		_exit(sandbox_prove(s) == E_OK ? INSIDE_OK : NOT_PROVED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
proof_sees_every_single_hole(void **state)
{
	const struct sandbox network = {.network = true};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(holes); i++)
		assert_int_equal(prove_with_a_hole(&pure, i), NOT_PROVED);
	assert_int_equal(prove_with_a_hole(&pure, DUMPABLE), NOT_PROVED);
	assert_int_equal(prove_with_a_hole(&pure, NO_HOLE), INSIDE_OK);
	/* Where sockets may be made, there are still some that may not. */
	assert_int_equal(prove_with_a_hole(&network, 1), NOT_PROVED);
}

/* ---- the narrowest: the examiner's ---- */

static bool
reads_no_file(void)
{
	return !can_open("/etc", "/passwd", O_RDONLY) &&
	       !can_open("/", "", O_RDONLY | O_DIRECTORY) && !can_open("/dev", "/null", O_RDONLY) &&
	       !can_open("/proc", "/self/maps", O_RDONLY);
}

/* Refused for the right reason, and so that a filter with a hole would do no harm here. */
#define DENIED(call) ((call) == -1 && errno == EPERM)

static bool
writes_no_file(void)
{
	char path[96];

	snprintf(path, sizeof path, "%s/new", place);
	return DENIED(open(path, O_WRONLY | O_CREAT, 0600)) && DENIED(mkdir(path, 0700)) &&
	       DENIED(symlink("x", path)) && DENIED(unlink(path)) && DENIED(rmdir(path)) &&
	       DENIED(rename(path, path)) && DENIED(link(path, path)) &&
	       DENIED(truncate(path, 0)) && DENIED(chmod(path, 0)) && DENIED(chown(path, 0, 0)) &&
	       DENIED(chdir(path)) && DENIED(access(path, F_OK));
}

static bool
makes_no_socket(void)
{
	int pair[2];

	return DENIED(socket(AF_INET, SOCK_STREAM, 0)) && DENIED(socket(AF_INET6, SOCK_DGRAM, 0)) &&
	       DENIED(socket(AF_UNIX, SOCK_STREAM, 0)) && DENIED(socket(AF_NETLINK, SOCK_RAW, 0)) &&
	       DENIED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) && DENIED(bind(-1, NULL, 0)) &&
	       DENIED(connect(-1, NULL, 0)) && DENIED(listen(-1, 0)) &&
	       DENIED(accept(-1, NULL, NULL));
}

static bool
forks(long call)
{
	long pid = syscall(call, call == SYS_clone ? SIGCHLD : 0, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	return pid > 0 || errno != EPERM;
}

static bool
starts_nothing(void)
{
	char *const argv[] = {"true", NULL};

#ifdef SYS_fork
	if (forks(SYS_fork))
		return false;
#endif
	return !forks(SYS_clone) && DENIED(execv("/bin/true", argv)) &&
	       syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS;
}

static bool
touches_no_other_process(void)
{
	struct rlimit l;

	return DENIED(kill(getppid(), 0)) && DENIED(kill(-1, 0)) && DENIED(kill(0, 0)) &&
	       DENIED(ptrace(PTRACE_CONT, getppid(), NULL, NULL)) &&
	       DENIED(prlimit(getppid(), RLIMIT_CPU, NULL, &l)) &&
	       DENIED(syscall(SYS_tgkill, getppid(), getppid(), 0)) &&
	       DENIED(syscall(SYS_tkill, getppid(), 0)) && kill(getpid(), 0) == 0;
}

static bool
gets_no_new_code(void)
{
	size_t size = 4096;
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *code = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return data != MAP_FAILED && code == MAP_FAILED &&
	       mprotect(data, size, PROT_READ | PROT_EXEC) != 0;
}

/* Ways around a filter: io_uring does not pass it, younger calls are not in it. */
static bool
has_no_way_around(void)
{
	return DENIED(syscall(SYS_io_uring_setup, 0, NULL)) &&
	       DENIED(syscall(SYS_bpf, 0, NULL, 0)) && DENIED(syscall(SYS_unshare, 0)) &&
	       DENIED(syscall(SYS_add_key, "user", "x", NULL, 0, -1)) &&
	       DENIED(syscall(SYS_memfd_create, NULL, 0)) &&
	       syscall(452 /* fchmodat2 */, -1, "", 0, 0) == -1 && errno == ENOSYS;
}

static void
pure_process_reaches_nothing(void **state)
{
	(void)state;
	assert_int_equal(inside(&pure, NULL, reads_no_file), INSIDE_OK);
	assert_int_equal(inside(&pure, NULL, writes_no_file), INSIDE_OK);
	assert_int_equal(inside(&pure, NULL, makes_no_socket), INSIDE_OK);
	assert_int_equal(inside(&pure, NULL, starts_nothing), INSIDE_OK);
	assert_int_equal(inside(&pure, NULL, touches_no_other_process), INSIDE_OK);
	assert_int_equal(inside(&pure, NULL, gets_no_new_code), INSIDE_OK);
	assert_int_equal(inside(&pure, NULL, has_no_way_around), INSIDE_OK);
}

static int line[2];

static bool
make_line(void)
{
	return socketpair(AF_UNIX, SOCK_STREAM, 0, line) == 0;
}

static void *
answer_one(void *out)
{
	*(int *)out = 1;
	return NULL;
}

/* What an examiner lives on: memory, the socket that it was given, the clock; and what libraries
 * may do behind its back: threads. */
static bool
can_still_work(void)
{
	pthread_t thread;
	int answer = 0;
	char got = 0;
	void *much = malloc(8 << 20);

	if (much == NULL)
		return false;
	memset(much, 1, 8 << 20);
	free(much);
	if (send(line[0], "x", 1, MSG_NOSIGNAL) != 1 || recv(line[1], &got, 1, 0) != 1)
		return false;
	if (pthread_create(&thread, NULL, answer_one, &answer) != 0)
		return false;
	return pthread_join(thread, NULL) == 0 && answer == 1 && got == 'x' && time(NULL) > 0;
}

static void
pure_process_can_still_work(void **state)
{
	(void)state;
	assert_int_equal(inside(&pure, make_line, can_still_work), INSIDE_OK);
}

static uint32_t
capabilities(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct have[2] = {{0}};

	if (syscall(SYS_capget, &head, have) != 0)
		return UINT32_MAX;
	return have[0].effective | have[0].permitted | have[1].effective | have[1].permitted;
}

static bool
rights_are_gone(void)
{
	struct rlimit core, cpu;

	return capabilities() == 0 && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 &&
	       getrlimit(RLIMIT_CPU, &cpu) == 0 && cpu.rlim_cur == 7;
}

static bool
only_low_ports_are_left(void)
{
	return (capabilities() & ~(1u << CAP_NET_BIND_SERVICE)) == 0;
}

static void
root_inside_is_not_root(void **state)
{
	const struct sandbox s = {.cpu_seconds = 7};
	const struct sandbox network = {.network = true};

	(void)state;
	assert_int_equal(inside(&s, NULL, rights_are_gone), INSIDE_OK);
	assert_int_equal(inside(&network, NULL, only_low_ports_are_left), INSIDE_OK);
}

#ifndef __SANITIZE_ADDRESS__
static bool
memory_ends(void)
{
	void *p = mmap(NULL, (size_t)300 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0);

	return p == MAP_FAILED;
}

static void
memory_is_limited(void **state)
{
	const struct sandbox s = {.memory = (size_t)256 << 20};

	(void)state;
	assert_int_equal(inside(&s, NULL, memory_ends), INSIDE_OK);
}
#endif

/* ---- as another user ---- */

/* Without a user to become (not root), this is the same test once more. */
static bool
become_nobody(void)
{
	return geteuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0);
}

static void
anybody_can_enter(void **state)
{
	(void)state;
	assert_int_equal(inside(&pure, become_nobody, reads_no_file), INSIDE_OK);
	assert_int_equal(inside(&pure, become_nobody, starts_nothing), INSIDE_OK);
}

/* ---- folders ---- */

static bool
only_its_folder(void)
{
	char from[96], to[96];

	snprintf(from, sizeof from, "%s/a", place);
	snprintf(to, sizeof to, "%s/b", place);
	return can_open(place, "/a", O_RDWR | O_CREAT) && rename(from, to) == 0 &&
	       truncate(to, 10) == 0 && can_open(place, "", O_RDONLY | O_DIRECTORY) &&
	       !can_open(other, "/a", O_RDWR | O_CREAT) && !can_open(other, "/read", O_RDONLY) &&
	       !can_open("/etc", "/passwd", O_RDONLY);
}

static bool
only_reads_the_other(void)
{
	return can_open(other, "/read", O_RDONLY) && !can_open(other, "/read", O_RDWR) &&
	       !can_open(other, "/b", O_RDWR | O_CREAT) && can_open(place, "/a", O_RDWR | O_CREAT);
}

static void
folders_that_are_named_stay_usable(void **state)
{
	const struct sandbox one = {.write_beneath = {place}};
	const struct sandbox both = {.write_beneath = {place}, .read_beneath = {other}};

	(void)state;
	assert_true(can_open(other, "/read", O_RDWR | O_CREAT));
	assert_int_equal(inside(&one, NULL, only_its_folder), INSIDE_OK);
	assert_int_equal(inside(&both, NULL, only_reads_the_other), INSIDE_OK);
}

static bool
reads_one_file(void)
{
	return can_open(other, "/read", O_RDONLY) && !can_open(other, "", O_RDONLY | O_DIRECTORY);
}

static void
single_file_may_be_named(void **state)
{
	char path[96];
	struct sandbox s = {.read_beneath = {path}};

	(void)state;
	snprintf(path, sizeof path, "%s/read", other);
	assert_true(can_open(other, "/read", O_RDWR | O_CREAT));
	assert_int_equal(inside(&s, NULL, reads_one_file), INSIDE_OK);
}

static void
folder_that_is_not_there_is_SANDBOX(void **state)
{
	const struct sandbox s = {.write_beneath = {"/no/such/folder"}};

	(void)state;
	assert_int_equal(inside(&s, NULL, NULL), NOT_ENTERED);
}

/* ---- network ---- */

static bool
only_usual_sockets(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 && socket(AF_UNIX, SOCK_STREAM, 0) >= 0 &&
	       socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM &&
	       socket(AF_ALG, SOCK_SEQPACKET, 0) < 0 && errno == EPERM && reads_no_file() &&
	       starts_nothing();
}

static void
network_means_usual_sockets_only(void **state)
{
	const struct sandbox s = {.network = true};

	(void)state;
	assert_int_equal(inside(&s, NULL, only_usual_sockets), INSIDE_OK);
}

/* ---- helpers ---- */

static bool
ends_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A helper is started from where programs may be, is cut down further, and can be stopped. */
static bool
starts_helpers(void)
{
	char *const argv[] = {"true", NULL};
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(sandbox_enter(&pure) == E_OK && sandbox_prove(&pure) == E_OK ? 0 : 1);
	if (pid < 0 || !ends_well(pid))
		return false;
	pid = fork();
	if (pid == 0) {
		execv("/usr/bin/true", argv);
		_exit(1);
	}
	if (pid < 0 || !ends_well(pid))
		return false;
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(1);
	}
	return pid > 0 && kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid &&
	       WIFSIGNALED(status);
}

static bool
starts_nothing_it_could_have_written(void)
{
	char path[96];
	char *const argv[] = {path, NULL};

	snprintf(path, sizeof path, "%s/program", place);
	return execv(path, argv) == -1 && errno == EACCES;
}

static void
helpers_may_be_started_and_signalled(void **state)
{
	const struct sandbox s = {
		.helpers = true, .read_beneath = {"/usr"}, .write_beneath = {place}};
	OWNED(char, copy, free_chars) = xprintf("cp /usr/bin/false %s/program", place);

	(void)state;
	assert_int_equal(system(copy), 0);
	assert_int_equal(inside(&s, NULL, starts_helpers), INSIDE_OK);
	assert_int_equal(inside(&s, NULL, starts_nothing_it_could_have_written), INSIDE_OK);
}

/* ---- a kernel without Landlock ---- */

static bool
hide_landlock(void)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);

	return f != NULL &&
	       seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS),
		       seccomp_syscall_resolve_name("landlock_create_ruleset"), 0) == 0 &&
	       seccomp_load(f) == 0;
}

static void
without_landlock_no_file_is_reached_or_nothing_starts(void **state)
{
	const struct sandbox folder = {.write_beneath = {place}};
	const struct sandbox network = {.network = true};

	(void)state;
	assert_int_equal(inside(&pure, hide_landlock, reads_no_file), INSIDE_OK);
	assert_int_equal(inside(&pure, hide_landlock, writes_no_file), INSIDE_OK);
	assert_int_equal(inside(&network, hide_landlock, reads_no_file), INSIDE_OK);
	assert_int_equal(inside(&folder, hide_landlock, NULL), NOT_ENTERED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outside_nothing_is_proved),
		cmocka_unit_test(wider_sandbox_does_not_prove_a_narrow_one),
		cmocka_unit_test(proof_sees_every_single_hole),
		cmocka_unit_test(pure_process_reaches_nothing),
		cmocka_unit_test(pure_process_can_still_work),
		cmocka_unit_test(root_inside_is_not_root),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(memory_is_limited),
#endif
		cmocka_unit_test(anybody_can_enter),
		cmocka_unit_test(folders_that_are_named_stay_usable),
		cmocka_unit_test(single_file_may_be_named),
		cmocka_unit_test(folder_that_is_not_there_is_SANDBOX),
		cmocka_unit_test(network_means_usual_sockets_only),
		cmocka_unit_test(helpers_may_be_started_and_signalled),
		cmocka_unit_test(without_landlock_no_file_is_reached_or_nothing_starts),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
