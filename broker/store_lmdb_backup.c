/* SPDX-License-Identifier: EUPL-1.2
 *
 * Copies of the store while it works. A copy counts when it has been marked, opened again and
 * scrubbed; anything less is removed. */
#include "broker/store_lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/log.h"

static void
remove_copy(const char *directory)
{
	static const char *const files[] = {"data.mdb", "lock.mdb", "daftard.lock", "daftard.seal"};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		OWNED(char, file, free_chars) = xprintf("%s/%s", directory, files[i]);

		(void)unlink(file);
	}
	(void)rmdir(directory);
}

static enum err
mark_and_scrub(const char *directory, const uint8_t key[STORE_KEY_SIZE], struct scrub *out)
{
	OWNED(struct store, copy, store_close) = NULL;

	OWNED(char, parent, free_chars) = xprintf("%s/..", directory);

	TRY(store_open_as_it_is(directory, key, &copy));
	TRY(store_mark_restored(copy));
	TRY(store_scrub(copy, out));
	return folder_sync(parent);
}

enum err
store_backup(struct store *s, const char *directory, struct scrub *out)
{
	enum err e;
	int rc;

	*out = (struct scrub){.records = 0};
	if (mkdir(directory, 0700) != 0)
		return E_IO;
	rc = mdb_env_copy2(s->env, directory, MDB_CP_COMPACT);
	if (rc != 0)
		log_line(LOG_ERROR, "store: cannot be copied: %s", mdb_strerror(rc));
	e = rc != 0 ? E_IO : mark_and_scrub(directory, s->key, out);
	if (e != E_OK)
		remove_copy(directory);
	return e;
}
