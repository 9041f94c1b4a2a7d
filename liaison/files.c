/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files of the officer's home, written so that a power cut leaves the old one or the new one. */
#include <errno.h>
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
input_read(const char *path, size_t most, struct buf *out)
{
	return strcmp(path, "-") == 0 ? file_read_from(STDIN_FILENO, most, out)
				      : file_read(path, most, out);
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
	return folder_sync_of(path);
}
