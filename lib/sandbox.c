/* SPDX-License-Identifier: EUPL-1.2
 *
 * Four layers, from outside in: rights that a process gives up for good (no_new_privs,
 * capabilities, core dumps), limits, Landlock for files, seccomp for everything else. The
 * seccomp filter is a list of what is denied, because a list of what is allowed breaks with every
 * update of glibc or OpenSSL; the weakness of such a list, system calls younger than itself, is
 * closed by refusing every number above the newest one that was looked at.
 *
 * A process that needs neither a folder nor the network (the examiner) is cut down further: it can
 * not name a file at all and gets no new executable memory, and this holds on a kernel without
 * Landlock too. A process that does need folders does not run on such a kernel. */
#include "lib/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
/* The leak check at exit traces the process from a clone of it and reads /proc; inside there is
 * neither. Leaks are looked for in the unit tests, which run the same code outside. */
static int leak_check_off;
int __lsan_is_turned_off(void);
int
__lsan_is_turned_off(void)
{
	return leak_check_off;
}
#else
#define WITH_ASAN 0
#endif

/* Rights of a later Landlock than Debian 12's headers know (ABI 2). */
#define FS_TRUNCATE (1ull << 14)
#define FS_IOCTL_DEV (1ull << 15)
#define FS_ABI1 ((1ull << 13) - 1)

#define FS_OF_A_FILE                                                                               \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |                              \
		LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

static bool
needs_no_files(const struct sandbox *s)
{
	return s->write_beneath[0] == NULL && s->read_beneath[0] == NULL;
}

static bool
is_pure(const struct sandbox *s)
{
	return needs_no_files(s) && !s->network && !s->helpers;
}

static bool
limit(int what, rlim_t soft, rlim_t hard)
{
	struct rlimit l = {soft, hard};

	return setrlimit((__rlimit_resource_t)what, &l) == 0;
}

/* Root inside is not root: no capability stays, but that of a low port where sockets are made. */
static bool
drop_capabilities(const struct sandbox *s)
{
	uint32_t keep = s->network ? 1u << CAP_NET_BIND_SERVICE : 0;
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct have[2], want[2] = {{0}};

	if (syscall(SYS_capget, &head, have) != 0)
		return false;
	want[0].effective = want[0].permitted = have[0].permitted & keep;
	return syscall(SYS_capset, &head, want) == 0;
}

static bool
give_up_rights(const struct sandbox *s)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return false;
	if (!drop_capabilities(s) || !limit(RLIMIT_CORE, 0, 0))
		return false;
	/* The shadow memory of AddressSanitizer is terabytes of address space. */
	if (s->memory != 0 && !WITH_ASAN && !limit(RLIMIT_AS, s->memory, s->memory))
		return false;
	return s->cpu_seconds == 0 || limit(RLIMIT_CPU, s->cpu_seconds, s->cpu_seconds + 1);
}

static uint64_t
files_of_abi(int abi)
{
	uint64_t files = FS_ABI1;

	if (abi >= 2)
		files |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		files |= FS_TRUNCATE;
	if (abi >= 5)
		files |= FS_IOCTL_DEV;
	return files;
}

static bool
allow_beneath(int rules, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr beneath = {.allowed_access = access};
	OWNED_FD(fd) = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return false;
	if (!S_ISDIR(st.st_mode))
		beneath.allowed_access &= FS_OF_A_FILE;
	beneath.parent_fd = fd;
	return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
}

/* Writable folders never hold programs that we would start. */
static bool
allow_folders(int rules, const struct sandbox *s, uint64_t files)
{
	uint64_t write = files & ~LANDLOCK_ACCESS_FS_EXECUTE;
	uint64_t read = FS_READ | (s->helpers ? LANDLOCK_ACCESS_FS_EXECUTE : 0);

	for (size_t i = 0; i < ARRAY_LEN(s->write_beneath) && s->write_beneath[i] != NULL; i++)
		if (!allow_beneath(rules, s->write_beneath[i], write))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(s->read_beneath) && s->read_beneath[i] != NULL; i++)
		if (!allow_beneath(rules, s->read_beneath[i], read))
			return false;
	return true;
}

static bool
landlock_restrict(const struct sandbox *s)
{
	int abi =
		(int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr r = {.handled_access_fs = files_of_abi(abi)};

	if (abi < 1)
		return needs_no_files(s);
	OWNED_FD(rules) = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof r, 0);
	if (rules < 0 || !allow_folders(rules, s, r.handled_access_fs))
		return false;
	return syscall(SYS_landlock_restrict_self, rules, 0) == 0;
}

/* Nobody inside needs these. io_uring does its work past the filter; the rest are ways to other
 * processes, to the kernel, to mounts and namespaces, to keys, and to the clock. */
static const char *const never[] = {"ptrace", "process_vm_readv", "process_vm_writev",
	"process_madvise", "process_mrelease", "kcmp", "pidfd_getfd", "tkill", "rt_sigqueueinfo",
	"rt_tgsigqueueinfo", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup",
	"io_uring_enter", "io_uring_register", "keyctl", "add_key", "request_key", "mount",
	"umount", "umount2", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "open_tree",
	"mount_setattr", "pivot_root", "chroot", "setns", "unshare", "kexec_load",
	"kexec_file_load", "init_module", "finit_module", "delete_module", "create_module",
	"query_module", "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd",
	"sethostname", "setdomainname", "iopl", "ioperm", "modify_ldt", "name_to_handle_at",
	"open_by_handle_at", "fanotify_init", "fanotify_mark", "personality", "lookup_dcookie",
	"nfsservctl", "syslog", "vhangup", "uselib", "ustat", "clock_settime", "clock_adjtime",
	"settimeofday", "adjtimex", "stime", "mknod", "mknodat", "move_pages", "migrate_pages",
	"mbind", "set_mempolicy", "memfd_secret", "setpriority", "sched_setattr"};

/* What a process without helpers does not need; helpers also cut themselves down further. */
static const char *const no_helpers[] = {"execve", "execveat", "fork", "vfork", "pidfd_open",
	"pidfd_send_signal", "capset", "seccomp", "landlock_create_ruleset", "landlock_add_rule",
	"landlock_restrict_self"};

static const char *const no_files[] = {"open", "openat", "openat2", "creat", "link", "linkat",
	"symlink", "symlinkat", "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir",
	"mkdirat", "rmdir", "chmod", "fchmodat", "chown", "lchown", "fchownat", "truncate", "chdir",
	"fchdir", "readlink", "readlinkat", "access", "faccessat", "faccessat2", "setxattr",
	"lsetxattr", "removexattr", "lremovexattr", "getxattr", "lgetxattr", "listxattr",
	"llistxattr", "utime", "utimes", "utimensat", "futimesat", "statfs", "inotify_init",
	"inotify_init1", "inotify_add_watch", "memfd_create"};

/* libzmq sets the policy of each thread that it starts, if only to what it is, and does not go on
 * when it may not. */
static const char *const no_network[] = {"sched_setscheduler", "socket", "socketpair", "bind",
	"connect", "listen", "accept", "accept4"};

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

/* The lists above were checked against every call up to set_mempolicy_home_node (450, Linux 5.17);
 * what came later is not there for us. glibc asks again in the old way when it sees ENOSYS. */
#define FIRST_UNKNOWN_CALL 451
#define LAST_UNKNOWN_CALL 511

static bool
deny_calls(scmp_filter_ctx f, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);

		/* Not on this architecture, or younger than libseccomp and then above the border.
		 */
		if (number == __NR_SCMP_ERROR)
			continue;
		if (seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), number, 0) != 0)
			return false;
	}
	return true;
}

static bool
deny_when(scmp_filter_ctx f, int error, int call, struct scmp_arg_cmp when)
{
	return seccomp_rule_add_array(f, SCMP_ACT_ERRNO((uint16_t)error), call, 1, &when) == 0;
}

/* Signals and limits for this process only; threads yes, processes no. clone3 hides its flags in
 * memory that a filter can not read: ENOSYS makes glibc use clone. */
static bool
deny_other_processes(scmp_filter_ctx f)
{
	scmp_datum_t self = (scmp_datum_t)getpid();
	struct scmp_arg_cmp other = SCMP_A0(SCMP_CMP_NE, self);

	return deny_when(f, EPERM, SCMP_SYS(kill), other) &&
	       deny_when(f, EPERM, SCMP_SYS(tgkill), other) &&
	       deny_when(f, EPERM, SCMP_SYS(prlimit64), SCMP_A0(SCMP_CMP_NE, 0)) &&
	       deny_when(f, EPERM, SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)) &&
	       seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

static bool
is_family(int family)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (families[i] == family)
			return true;
	return false;
}

/* No raw packets, kernel crypto, virtual machines: the families that a ZeroMQ socket needs. */
static bool
deny_families(scmp_filter_ctx f)
{
	for (int family = 0; family <= AF_NETLINK; family++)
		if (!is_family(family) && !deny_when(f, EPERM, SCMP_SYS(socket),
						  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family)))
			return false;
	return deny_when(f, EPERM, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_GT, AF_NETLINK));
}

static bool
deny_executable_memory(scmp_filter_ctx f)
{
	struct scmp_arg_cmp exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);

	return deny_when(f, EPERM, SCMP_SYS(mmap), exec) &&
	       deny_when(f, EPERM, SCMP_SYS(mprotect), exec) &&
	       deny_when(f, EPERM, SCMP_SYS(pkey_mprotect), exec);
}

static bool
deny_unknown_calls(scmp_filter_ctx f)
{
	for (int call = FIRST_UNKNOWN_CALL; call <= LAST_UNKNOWN_CALL; call++)
		if (seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), call, 0) != 0)
			return false;
	return true;
}

static void
filter_free(scmp_filter_ctx *f)
{
	if (*f != NULL)
		seccomp_release(*f);
}

static bool
seccomp_restrict(const struct sandbox *s)
{
	__attribute__((cleanup(filter_free))) scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);

	if (f == NULL || seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2) != 0)
		return false;
	if (!deny_calls(f, never, ARRAY_LEN(never)) || !deny_unknown_calls(f))
		return false;
	if (!s->helpers &&
		(!deny_calls(f, no_helpers, ARRAY_LEN(no_helpers)) || !deny_other_processes(f)))
		return false;
	if (needs_no_files(s) && !deny_calls(f, no_files, ARRAY_LEN(no_files)))
		return false;
	if (is_pure(s) && !deny_executable_memory(f))
		return false;
	if (s->network ? !deny_families(f) : !deny_calls(f, no_network, ARRAY_LEN(no_network)))
		return false;
	return seccomp_load(f) == 0;
}

enum err
sandbox_enter(const struct sandbox *s)
{
#if WITH_ASAN
	leak_check_off = 1;
#endif
	if (!give_up_rights(s) || !landlock_restrict(s) || !seccomp_restrict(s))
		return E_SANDBOX;
	return E_OK;
}

/* The witness must lie outside of what is allowed, or seeing it proves nothing. */
static bool
reaches(const struct sandbox *s, const char *file)
{
	const char *const *lists[] = {s->write_beneath, s->read_beneath};

	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t i = 0; i < ARRAY_LEN(s->write_beneath) && lists[l][i] != NULL; i++)
			if (strncmp(file, lists[l][i], strlen(lists[l][i])) == 0)
				return true;
	return false;
}

static bool
can_read(const char *file)
{
	OWNED_FD(fd) = open(file, O_RDONLY | O_CLOEXEC);

	return fd >= 0;
}

/* Any other refusal would only say that this machine has no such sockets. */
static bool
can_make_socket(int family)
{
	OWNED_FD(fd) = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 || errno != EPERM;
}

/* The filter looks before the kernel reads the path: an empty one is ENOENT outside, EPERM inside,
 * and can never really start a program. */
static bool
can_exec(void)
{
	char *const none[] = {NULL};

	return execve("", none, none) == 0 || errno != EPERM;
}

/* No such process outside, refused inside. */
static bool
can_trace(void)
{
	return ptrace(PTRACE_CONT, -1, NULL, NULL) == 0 || errno != EPERM;
}

static bool
can_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid > 0;
}

enum err
sandbox_prove(const struct sandbox *s)
{
	static const char *const witness[] = {"/etc/passwd", "/proc/version", "/etc/hostname"};

	for (size_t i = 0; i < ARRAY_LEN(witness); i++)
		if (!reaches(s, witness[i]) && can_read(witness[i]))
			return E_SANDBOX;
	if (!s->network && can_make_socket(AF_INET))
		return E_SANDBOX;
	if (!s->helpers && (can_exec() || can_fork() || kill(getppid(), 0) == 0))
		return E_SANDBOX;
	if (can_make_socket(AF_ALG) || can_trace())
		return E_SANDBOX;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? E_OK : E_SANDBOX;
}
