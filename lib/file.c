/* SPDX-License-Identifier: EUPL-1.2
 *
 * A file is durable when its content was flushed, and the folder that holds its name as well. */
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

/* ---- reading ---- */

enum err
file_read_from(int fd, size_t most, struct buf *out)
{
	uint8_t piece[16384];
	ssize_t n;

	buf_reset(out);
	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return E_IO;
		buf_add(out, piece, (size_t)n);
		if (out->size > most)
			return E_TOO_LARGE;
	}
	return E_OK;
}

enum err
file_read(const char *path, size_t most, struct buf *out)
{
	OWNED_FD(fd) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	buf_reset(out);
	if (fd < 0)
		return errno == ENOENT ? E_NOT_FOUND : E_IO;
	return file_read_from(fd, most, out);
}

/* ---- writing ---- */

enum err
file_write_to(int fd, struct bytes content)
{
	while (content.size > 0) {
		ssize_t n = write(fd, content.data, content.size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return E_IO;
		content = bytes_of(content.data + n, content.size - (size_t)n);
	}
	return fsync(fd) == 0 ? E_OK : E_IO;
}

static enum err
take_place(const char *fresh, const char *path)
{
	int why;

	if (rename(fresh, path) == 0)
		return folder_sync_of(path);
	why = errno;
	(void)unlink(fresh);
	errno = why;
	return E_IO;
}

/* What a run that was cut short has left. */
static bool
clear_place(const char *fresh)
{
	return unlink(fresh) == 0 || errno == ENOENT;
}

enum err
file_replace(const char *path, struct bytes content, mode_t mode)
{
	OWNED(char, fresh, free_chars) = xprintf("%s.new", path);
	OWNED_FD(fd) = -1;

	if (!clear_place(fresh))
		return E_IO;
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return E_IO;
	if (file_write_to(fd, content) != E_OK) {
		int why = errno;

		(void)unlink(fresh);
		errno = why;
		return E_IO;
	}
	return take_place(fresh, path);
}

/* Without a name; -1 where the file system knows only files with one. */
static int
open_unnamed(const char *path)
{
	OWNED(char, copy, free_chars) = xstrdup(path);

	return open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
}

enum err
file_replace_personal(const char *path, struct bytes content)
{
	OWNED(char, fresh, free_chars) = xprintf("%s.new", path);
	OWNED_FD(fd) = open_unnamed(path);
	OWNED(char, self, free_chars) = xprintf("/proc/self/fd/%d", fd);

	if (fd < 0)
		return file_replace(path, content, 0600);
	if (file_write_to(fd, content) != E_OK || !clear_place(fresh) ||
		linkat(AT_FDCWD, self, AT_FDCWD, fresh, AT_SYMLINK_FOLLOW) != 0)
		return E_IO;
	return take_place(fresh, path);
}

/* ---- names ---- */

enum err
folder_sync(const char *folder)
{
	OWNED_FD(fd) = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && fsync(fd) == 0 ? E_OK : E_IO;
}

enum err
folder_sync_of(const char *path)
{
	OWNED(char, copy, free_chars) = xstrdup(path);

	return folder_sync(dirname(copy));
}
