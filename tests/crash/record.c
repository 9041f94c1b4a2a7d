/* SPDX-License-Identifier: EUPL-1.2
 *
 * LD_PRELOAD: lets every call through, and notes those that change a file under RECORD_ROOT in the
 * file RECORD, with the octets. Nothing is noted that failed. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/crash/record.h"

static int out = -1;
static const char *root;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void __attribute__((constructor)) begin(void)
{
	const char *file = getenv("RECORD");

	root = getenv("RECORD_ROOT");
	if (file != NULL && root != NULL)
		out = (int)syscall(SYS_openat, AT_FDCWD, file,
			O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static bool
is_ours(const char *path)
{
	size_t n = root == NULL ? 0 : strlen(root);

	return out >= 0 && strncmp(path, root, n) == 0 && (path[n] == '/' || path[n] == '\0') &&
	       strstr(path, "/lock.mdb") == NULL && strstr(path, " (deleted)") == NULL;
}

/* One write, so that threads do not mix. */
static void
note(enum op_kind kind, bool synced, const char *path, const char *second, const void *octets,
	size_t size, uint64_t offset)
{
	struct op_head h = {.kind = (uint8_t)kind,
		.synced = synced,
		.path = (uint16_t)strlen(path),
		.second = second == NULL ? 0 : (uint16_t)strlen(second),
		.size = (uint32_t)size,
		.offset = offset};
	size_t all = sizeof h + h.path + h.second + size, at = sizeof h;
	char *b = malloc(all);

	if (b == NULL)
		abort();
	memcpy(b, &h, sizeof h);
	memcpy(b + at, path, h.path);
	at += h.path;
	if (h.second > 0)
		memcpy(b + at, second, h.second);
	at += h.second;
	if (size > 0)
		memcpy(b + at, octets, size);
	if (syscall(SYS_write, out, b, all) != (long)all)
		abort();
	free(b);
}

static bool
path_of(int fd, char path[PATH_MAX])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	return is_ours(path);
}

/* The path that a name relative to a folder means. */
static bool
path_at(int dir, const char *name, char path[PATH_MAX])
{
	char folder[PATH_MAX - 512];
	char link[64];
	ssize_t n;

	if (name[0] == '/') {
		snprintf(path, PATH_MAX, "%s", name);
		return is_ours(path);
	}
	if (dir == AT_FDCWD) {
		if (getcwd(folder, sizeof folder) == NULL)
			return false;
	} else {
		snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
		n = readlink(link, folder, sizeof folder - 1);
		if (n <= 0)
			return false;
		folder[n] = '\0';
	}
	snprintf(path, PATH_MAX, "%s/%.500s", folder, name);
	return is_ours(path);
}

/* ---- writing ---- */

static bool
through(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & (O_SYNC | O_DSYNC)) != 0;
}

static void
wrote(int fd, const void *octets, ssize_t n, off_t offset)
{
	char path[PATH_MAX];
	int e = errno;

	if (n > 0 && path_of(fd, path))
		note(OP_WRITE, through(fd), path, NULL, octets, (size_t)n, (uint64_t)offset);
	errno = e;
}

static off_t
place(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && (flags & O_APPEND) != 0 && fstat(fd, &st) == 0)
		return st.st_size;
	return lseek(fd, 0, SEEK_CUR);
}

static void
wrote_many(int fd, const struct iovec *v, int count, ssize_t n, off_t offset)
{
	for (int i = 0; i < count && n > 0; i++) {
		ssize_t part = (ssize_t)v[i].iov_len < n ? (ssize_t)v[i].iov_len : n;

		wrote(fd, v[i].iov_base, part, offset);
		offset += part;
		n -= part;
	}
}

ssize_t
write(int fd, const void *octets, size_t size)
{
	int e = errno;
	off_t at = out >= 0 ? place(fd) : 0;

	errno = e;
	ssize_t n = REAL(write)(fd, octets, size);
	wrote(fd, octets, n, at);
	return n;
}

ssize_t
writev(int fd, const struct iovec *v, int count)
{
	int e = errno;
	off_t at = out >= 0 ? place(fd) : 0;

	errno = e;
	ssize_t n = REAL(writev)(fd, v, count);
	wrote_many(fd, v, count, n, at);
	return n;
}

ssize_t
pwrite(int fd, const void *octets, size_t size, off_t offset)
{
	ssize_t n = REAL(pwrite)(fd, octets, size, offset);

	wrote(fd, octets, n, offset);
	return n;
}

ssize_t
pwrite64(int fd, const void *octets, size_t size, off64_t offset)
{
	return pwrite(fd, octets, size, offset);
}

ssize_t
pwritev(int fd, const struct iovec *v, int count, off_t offset)
{
	ssize_t n = REAL(pwritev)(fd, v, count, offset);

	wrote_many(fd, v, count, n, offset);
	return n;
}

ssize_t
pwritev64(int fd, const struct iovec *v, int count, off64_t offset)
{
	return pwritev(fd, v, count, offset);
}

int
ftruncate(int fd, off_t size)
{
	char path[PATH_MAX];
	int r = REAL(ftruncate)(fd, size);

	if (r == 0 && path_of(fd, path))
		note(OP_TRUNCATE, false, path, NULL, NULL, 0, (uint64_t)size);
	return r;
}

int
ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

int
fallocate(int fd, int mode, off_t offset, off_t size)
{
	char path[PATH_MAX];
	int r = REAL(fallocate)(fd, mode, offset, size);

	if (r == 0 && path_of(fd, path))
		note(OP_GROW, false, path, NULL, NULL, 0, (uint64_t)(offset + size));
	return r;
}

int
fallocate64(int fd, int mode, off64_t offset, off64_t size)
{
	return fallocate(fd, mode, offset, size);
}

/* ---- syncing ---- */

static int
synced(int fd, int r)
{
	char path[PATH_MAX];

	if (r == 0 && path_of(fd, path))
		note(OP_SYNC, false, path, NULL, NULL, 0, 0);
	return r;
}

int
fsync(int fd)
{
	return synced(fd, REAL(fsync)(fd));
}

int
fdatasync(int fd)
{
	return synced(fd, REAL(fdatasync)(fd));
}

/* ---- names ---- */

static int
opened(int dir, const char *name, int flags, mode_t mode)
{
	char path[PATH_MAX];
	bool ours = (flags & (O_CREAT | O_TRUNC)) != 0 && path_at(dir, name, path);
	bool there = ours && faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	int fd = (int)syscall(SYS_openat, dir, name, flags, mode);

	if (fd >= 0 && ours && !there)
		note(OP_CREATE, false, path, NULL, NULL, 0, 0);
	else if (fd >= 0 && ours && (flags & O_TRUNC) != 0)
		note(OP_TRUNCATE, false, path, NULL, NULL, 0, 0);
	return fd;
}

#define MODE(flags, mode)                                                                          \
	do {                                                                                       \
		va_list ap_;                                                                       \
		va_start(ap_, flags);                                                              \
		mode = ((flags)&O_CREAT) != 0 ? va_arg(ap_, mode_t) : 0;                           \
		va_end(ap_);                                                                       \
	} while (0)

int
open(const char *name, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(AT_FDCWD, name, flags, mode);
}

int
open64(const char *name, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(AT_FDCWD, name, flags, mode);
}

int
openat(int dir, const char *name, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(dir, name, flags, mode);
}

int
openat64(int dir, const char *name, int flags, ...)
{
	mode_t mode;

	MODE(flags, mode);
	return opened(dir, name, flags, mode);
}

int
mkdirat(int dir, const char *name, mode_t mode)
{
	char path[PATH_MAX];
	int r = (int)syscall(SYS_mkdirat, dir, name, mode);

	if (r == 0 && path_at(dir, name, path))
		note(OP_FOLDER, false, path, NULL, NULL, 0, 0);
	return r;
}

int
mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	char path[PATH_MAX], second[PATH_MAX];
	int r = (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);

	if (r == 0 && path_at(from_dir, from, path) && path_at(to_dir, to, second))
		note(OP_RENAME, false, path, second, NULL, 0, 0);
	return r;
}

int
rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int
link(const char *from, const char *to)
{
	char path[PATH_MAX], second[PATH_MAX];
	int r = (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);

	if (r == 0 && path_at(AT_FDCWD, from, path) && path_at(AT_FDCWD, to, second))
		note(OP_LINK, false, path, second, NULL, 0, 0);
	return r;
}

int
unlinkat(int dir, const char *name, int flags)
{
	char path[PATH_MAX];
	int r = (int)syscall(SYS_unlinkat, dir, name, flags);

	if (r == 0 && path_at(dir, name, path))
		note(OP_REMOVE, false, path, NULL, NULL, 0, 0);
	return r;
}

int
unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}
