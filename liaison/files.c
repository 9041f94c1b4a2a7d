/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files of the officer's home, written so that a power cut leaves the old one or the new one. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "liaison/daftar.h"

char *
path_in(const char *folder, const char *name)
{
	return xprintf("%s/%s", folder, name);
}

enum err
file_read(const char *path, size_t most, struct buf *out)
{
	OWNED_FD(file) = strcmp(path, "-") == 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : file;
	char block[16384];
	ssize_t n;

	buf_reset(out);
	if (fd < 0)
		return errno == ENOENT ? E_NOT_FOUND : E_IO;
	while ((n = read(fd, block, sizeof block)) > 0) {
		if (out->size + (size_t)n > most)
			return E_TOO_LARGE;
		buf_add(out, block, (size_t)n);
	}
	return n == 0 ? E_OK : E_IO;
}

static enum err
sync_folder(const char *file)
{
	OWNED(char, folder, free_chars) = xstrdup(file);
	char *slash = strrchr(folder, '/');

	if (slash == NULL)
		return E_OK;
	slash[slash == folder] = '\0';
	OWNED_FD(fd) = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0 ? E_OK : E_IO;
}

static enum err
write_new(const char *path, struct bytes content, mode_t mode)
{
	OWNED_FD(fd) = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	ssize_t n;

	if (fd < 0)
		return E_IO;
	while (content.size > 0) {
		n = write(fd, content.data, content.size);
		if (n < 0 && errno != EINTR)
			return E_IO;
		if (n > 0)
			content = bytes_of(content.data + n, content.size - (size_t)n);
	}
	return fsync(fd) == 0 ? E_OK : E_IO;
}

enum err
file_replace(const char *path, struct bytes content, mode_t mode)
{
	OWNED(char, fresh, free_chars) = xprintf("%s.new", path);
	enum err e;

	if (unlink(fresh) != 0 && errno != ENOENT)
		return E_IO;
	e = write_new(fresh, content, mode);
	if (e == E_OK && rename(fresh, path) != 0)
		e = E_IO;
	if (e != E_OK) {
		(void)unlink(fresh);
		return e;
	}
	return sync_folder(path);
}

enum err
folder_make(const char *path)
{
	OWNED(char, part, free_chars) = xstrdup(path);
	struct stat st;

	for (char *p = strchr(part + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return E_IO;
		*p = '/';
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return E_IO;
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return E_IO;
	if ((st.st_mode & 077) != 0 && chmod(path, 0700) != 0)
		return E_IO;
	return sync_folder(path);
}
