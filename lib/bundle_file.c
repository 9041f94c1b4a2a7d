/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bundles as files: read whole, within bounds; written beside their place and linked to it. */
#include "lib/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/file.h"

enum err
bundle_read(const char *path, struct buf *out)
{
	return file_read(path, BUNDLE_MAX, out);
}

enum err
bundle_write(const char *path, struct bytes v)
{
	OWNED(char, beside, free_chars) = xprintf("%s.part", path);
	OWNED_FD(fd) = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum err e = fd < 0 ? E_IO : file_write_to(fd, v);
	int why;

	if (e == E_OK && link(beside, path) != 0)
		e = errno == EEXIST ? E_STATE : E_IO;
	why = errno;
	if (fd >= 0)
		(void)unlink(beside);
	errno = why;
	return e;
}
