/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files that keep their old selves: O_EXCL for everything new, one rename for what is replaced, and
 * fsync of file and folder, because an office that has sent its request must not find its keys gone
 * after a power cut. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certs/pki.h"
#include "certs/place.h"
#include "lib/file.h"
#include "lib/id.h"
#include "lib/keyring.h"

#define UNTOUCHED "everything that was there before is untouched"

const char *
path_in(const char *folder, const char *name)
{
	return say("%s/%s", folder, name);
}

bool
place_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static enum err
trouble(const char *path, const char *doing)
{
	return refuse(E_IO, say("%s cannot be %s: %s", path, doing, strerror(errno)), UNTOUCHED,
		"look at the folder's owner, mode and free space, then type the same again");
}

enum err
place_folder(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return E_OK;
	if (errno != EEXIST)
		return trouble(path, "made");
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return E_OK;
	errno = ENOTDIR;
	return trouble(path, "used as a folder");
}

enum err
place_aside(const char *path)
{
	char now[INSTANT_TEXT_SIZE];
	const char *old;

	if (!place_exists(path))
		return E_OK;
	instant_format(instant_now(), now);
	old = say("%s.old-%s", path, now);
	if (renameat2(AT_FDCWD, path, AT_FDCWD, old, RENAME_NOREPLACE) < 0)
		return trouble(path, "set aside");
	printf("set aside: %s\n", old);
	return E_OK;
}

static enum err
make_room(const char *path, bool force)
{
	if (!place_exists(path))
		return E_OK;
	if (force)
		return place_aside(path);
	return refuse(E_STATE, say("%s is there already and is not written over", path), UNTOUCHED,
		"use another folder, or add --force: the old file is then kept under a new name");
}

enum err
place_secret(const char *path, struct bytes content, bool force)
{
	TRY(make_room(path, force));
	errno = 0;
	if (secret_write(path, content.data, content.size) != E_OK)
		return trouble(path, "written");
	return E_OK;
}

enum err
place_sync(const char *path)
{
	OWNED(char, copy, free_chars) = xstrdup(path);
	const char *folder = dirname(copy);

	return folder_sync(folder) == E_OK ? E_OK : trouble(folder, "synced to disk");
}

static enum err
write_new(const char *path, struct bytes content)
{
	OWNED_FD(fd) = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return trouble(path, "made");
	if (fchmod(fd, 0644) < 0 || file_write_to(fd, content) != E_OK) {
		int why = errno;

		(void)!unlink(path);
		errno = why;
		return trouble(path, "written");
	}
	return place_sync(path);
}

static enum err
read_into(const char *path, size_t most, struct buf *out)
{
	OWNED_FD(fd) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? E_IO : file_read_from(fd, most, out);
}

static bool
holds(const char *path, struct bytes content)
{
	OWNED_BUF(found) = {0};

	return place_exists(path) && read_into(path, content.size, &found) == E_OK &&
	       found.size == content.size && memcmp(found.data, content.data, found.size) == 0;
}

enum err
place_public(const char *path, struct bytes content, bool force)
{
	if (holds(path, content))
		return E_OK;
	TRY(make_room(path, force));
	return write_new(path, content);
}

enum err
place_replace(const char *path, struct bytes content)
{
	const char *fresh = say("%s.new", path);

	/* What an interrupted run has left; whoever runs now holds the realm's lock. */
	if (unlink(fresh) < 0 && errno != ENOENT)
		return trouble(fresh, "removed");
	TRY(write_new(fresh, content));
	if (rename(fresh, path) < 0)
		return trouble(path, "replaced");
	return place_sync(path);
}

enum err
place_read(const char *path, size_t most, struct buf *out)
{
	switch (read_into(path, most, out)) {
	case E_OK:
		return E_OK;
	case E_TOO_LARGE:
		return refuse(E_INPUT,
			say("%s has more than the %zu octets that such a file may have", path,
				most),
			UNTOUCHED, "look whether this is the right file");
	default:
		return trouble(path, "read");
	}
}
