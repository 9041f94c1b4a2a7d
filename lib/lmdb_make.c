/* SPDX-License-Identifier: EUPL-1.2
 *
 * LMDB writes the two pages of a new file and does not flush them: a power cut could leave a file
 * that is none, for ever. So it is made in a folder of its own, flushed, and gets its name when it
 * is whole. */
#include "lib/lmdb_make.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <lmdb.h>

#include "lib/file.h"

static bool
make_whole(const char *folder, size_t map_size)
{
	MDB_env *env = NULL;
	bool made = mdb_env_create(&env) == 0 &&
		    (map_size == 0 || mdb_env_set_mapsize(env, map_size) == 0) &&
		    mdb_env_open(env, folder, 0, 0600) == 0 && mdb_env_sync(env, 1) == 0;

	if (env != NULL)
		mdb_env_close(env);
	return made;
}

static bool
name_it(const char *part, const char *file, enum lmdb_naming naming)
{
	if (naming == LMDB_RENAME)
		return rename(part, file) == 0;
	return link(part, file) == 0 || errno == EEXIST;
}

enum err
lmdb_make(const char *directory, size_t map_size, enum lmdb_naming naming)
{
	OWNED(char, file, free_chars) = xprintf("%s/data.mdb", directory);
	OWNED(char, folder, free_chars) = xprintf("%s/new-XXXXXX", directory);
	OWNED(char, part, free_chars) = NULL;
	OWNED(char, lock, free_chars) = NULL;
	bool made;

	if (access(file, F_OK) == 0)
		return E_OK;
	if (mkdtemp(folder) == NULL)
		return E_IO;
	part = xprintf("%s/data.mdb", folder);
	lock = xprintf("%s/lock.mdb", folder);
	made = make_whole(folder, map_size) && name_it(part, file, naming);
	if (!made || naming == LMDB_LINK)
		(void)unlink(part);
	(void)unlink(lock);
	(void)rmdir(folder);
	return made ? folder_sync(directory) : E_IO;
}
