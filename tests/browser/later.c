/* SPDX-License-Identifier: EUPL-1.2
 *
 * LD_PRELOAD: a program's clock of the day goes ahead by the seconds that stand in the file LATER,
 * a number of eight octets that a test changes while the program runs. Only the program itself: not
 * its children. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int (*real)(clockid_t, struct timespec *);
static const volatile int64_t *ahead;

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("LATER");
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);

	real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	if (at == MAP_FAILED || real == NULL)
		abort();
	close(fd);
	ahead = at;
	unsetenv("LD_PRELOAD");
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int r = real != NULL ? real(id, ts) : -1;

	if (r == 0 && id == CLOCK_REALTIME && ahead != NULL)
		ts->tv_sec += (time_t)*ahead;
	return r;
}
