/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files with any text and mode in a folder of the test's own, which the test makes (mkdtemp) and
 * removes. */
#ifndef DAFTAR_TEST_FILES_H
#define DAFTAR_TEST_FILES_H

#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/daftar-test-XXXXXX";

/* Good until three more were asked for. */
static inline const char *
path(const char *name)
{
	static char out[4][128];
	static unsigned n;
	char *p = out[n++ % 4];

	snprintf(p, sizeof(out[0]), "%s/%s", folder, name);
	return p;
}

/* In the place of one that is there. */
static inline const char *
put(const char *name, const char *text, mode_t mode)
{
	const char *file = path(name);

	unlink(file);
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return file;
}

#endif
