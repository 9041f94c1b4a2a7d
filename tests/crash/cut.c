/* SPDX-License-Identifier: EUPL-1.2
 *
 * LD_PRELOAD: the power goes while a program writes. Of the file CUT_FILE every write is followed,
 * with what stood there before. After the CUT_SYNCS-th time that all of it was flushed, CUT_WRITES
 * more writes are let through; then of everything that was written and not flushed each sector of
 * 512 octets stays or goes back, as CUT_SEED says, and the process is killed with signal 9. A write
 * through a descriptor that was opened to flush at once (O_DSYNC) is on the disk when it returns.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SECTOR 512
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

struct written {
	off_t at;
	size_t size;
	uint8_t *before;
	struct written *next; /* the one that was written before it */
};

static const char *file;
static long syncs, writes;
static uint64_t seed;
static struct written *unsafe; /* newest first */

static long
number(const char *name)
{
	const char *text = getenv(name);

	return text == NULL ? -1 : atol(text);
}

static void __attribute__((constructor)) begin(void)
{
	file = getenv("CUT_FILE");
	syncs = number("CUT_SYNCS");
	writes = number("CUT_WRITES");
	seed = (uint64_t)number("CUT_SEED") * 2 + 1;
}

static bool
is_ours(int fd)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	if (file == NULL || syncs < 0)
		return false;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	return strcmp(path, file) == 0;
}

static void
forget(void)
{
	while (unsafe != NULL) {
		struct written *w = unsafe;

		unsafe = w->next;
		free(w->before);
		free(w);
	}
}

static bool
coin(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 32 & 1) != 0;
}

/* Newest first, so that what stood there before the first of several writes comes back. */
static void
cut(int fd)
{
	for (const struct written *w = unsafe; w != NULL; w = w->next)
		for (size_t i = 0; i < w->size; i += SECTOR) {
			size_t n = w->size - i < SECTOR ? w->size - i : SECTOR;

			if (coin() && syscall(SYS_pwrite64, fd, w->before + i, n,
					      (long)(w->at + (off_t)i)) != (long)n)
				abort();
		}
	kill(getpid(), SIGKILL);
}

static void
point(int fd)
{
	if (syncs == 0 && writes-- <= 0)
		cut(fd);
}

static void
follow(int fd, off_t at, size_t size)
{
	struct written *w;
	ssize_t n;

	if (!is_ours(fd))
		return;
	point(fd);
	if ((fcntl(fd, F_GETFL) & O_DSYNC) != 0)
		return;
	w = malloc(sizeof *w);
	if (w == NULL || (w->before = calloc(1, size + 1)) == NULL)
		abort();
	n = syscall(SYS_pread64, fd, w->before, size, (long)at);
	(void)n; /* behind the end of the file there was nothing */
	w->at = at;
	w->size = size;
	w->next = unsafe;
	unsafe = w;
}

static void
flushed(int fd)
{
	if (!is_ours(fd))
		return;
	forget();
	if (syncs > 0)
		syncs--;
}

ssize_t
pwrite(int fd, const void *octets, size_t size, off_t at)
{
	follow(fd, at, size);
	return REAL(pwrite)(fd, octets, size, at);
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	size_t size = 0;

	for (int i = 0; i < n; i++)
		size += v[i].iov_len;
	follow(fd, at, size);
	return REAL(pwritev)(fd, v, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	size_t size = 0;

	for (int i = 0; i < n; i++)
		size += v[i].iov_len;
	if (is_ours(fd))
		follow(fd, lseek(fd, 0, SEEK_CUR), size);
	return REAL(writev)(fd, v, n);
}

int
fdatasync(int fd)
{
	int status;

	if (is_ours(fd))
		point(fd);
	status = REAL(fdatasync)(fd);
	if (status == 0)
		flushed(fd);
	return status;
}

int
fsync(int fd)
{
	int status;

	if (is_ours(fd))
		point(fd);
	status = REAL(fsync)(fd);
	if (status == 0)
		flushed(fd);
	return status;
}
