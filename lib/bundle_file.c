/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bundles as files: read whole, within bounds; written beside their place and linked to it. */
#include "lib/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum err
bundle_read(const char *path, struct buf *out)
{
	OWNED_FD(fd) = open(path, O_RDONLY | O_CLOEXEC);
	char part[65536];
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? E_NOT_FOUND : E_IO;
	while ((n = read(fd, part, sizeof part)) > 0 && out->size <= BUNDLE_MAX)
		buf_add(out, part, (size_t)n);
	if (n < 0)
		return E_IO;
	return out->size > BUNDLE_MAX ? E_TOO_LARGE : E_OK;
}

static enum err
write_all(int fd, struct bytes v)
{
	while (v.size > 0) {
		ssize_t n = write(fd, v.data, v.size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return E_IO;
		v = bytes_of(v.data + n, v.size - (size_t)n);
	}
	return fsync(fd) == 0 ? E_OK : E_IO;
}

enum err
bundle_write(const char *path, struct bytes v)
{
	OWNED(char, beside, free_chars) = xprintf("%s.part", path);
	OWNED_FD(fd) = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum err e = fd < 0 ? E_IO : write_all(fd, v);
	int why;

	if (e == E_OK && link(beside, path) != 0)
		e = errno == EEXIST ? E_STATE : E_IO;
	why = errno;
	if (fd >= 0)
		(void)unlink(beside);
	errno = why;
	return e;
}
