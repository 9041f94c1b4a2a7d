/* SPDX-License-Identifier: EUPL-1.2
 *
 * Copies of the store while it works, and their way back. A copy counts when it has been marked,
 * opened again and scrubbed; anything less is removed. */
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

/* ---- and back ---- */

#define PIECE (1024 * 1024)

static enum err
copy_octets(int from, int to)
{
	OWNED_BUF(piece) = {0};
	ssize_t n;

	buf_room(&piece, PIECE);
	while ((n = read(from, piece.data, PIECE)) > 0)
		TRY(file_write_to(to, bytes_of(piece.data, (size_t)n)));
	return n == 0 ? E_OK : E_IO;
}

static enum err
copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1;
	enum err e = E_IO;

	if (in >= 0)
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out >= 0)
		e = copy_octets(in, out);
	close_fd(&in);
	close_fd(&out);
	return e;
}

static enum err
read_whole(const char *copy, const uint8_t key[STORE_KEY_SIZE], struct scrub *out)
{
	OWNED(struct store, s, store_close) = NULL;

	TRY(store_open_copy(copy, key, &s));
	return store_scrub(s, out);
}

static enum err
put_beside(
	const char *copy, const char *beside, const uint8_t key[STORE_KEY_SIZE], struct scrub *out)
{
	OWNED(char, from, free_chars) = xprintf("%s/data.mdb", copy);
	OWNED(char, to, free_chars) = xprintf("%s/data.mdb", beside);

	if (mkdir(beside, 0700) != 0)
		return E_IO;
	TRY(copy_file(from, to));
	return mark_and_scrub(beside, key, out);
}

enum err
store_put_back(const char *copy, const char *directory, const uint8_t key[STORE_KEY_SIZE],
	struct scrub *out)
{
	OWNED(char, beside, free_chars) = xprintf("%s.restoring", directory);
	OWNED(char, file, free_chars) = xprintf("%s/data.mdb", copy);
	struct stat st;
	enum err e;

	*out = (struct scrub){.records = 0};
	if (stat(file, &st) != 0)
		return E_NOT_FOUND;
	TRY(read_whole(copy, key, out));
	if (rmdir(directory) != 0 && errno != ENOENT)
		return errno == ENOTEMPTY || errno == EEXIST ? E_STATE : E_IO;
	remove_copy(beside); /* what an attempt that was cut off has left */
	e = put_beside(copy, beside, key, out);
	if (e == E_OK && rename(beside, directory) != 0)
		e = E_IO;
	if (e != E_OK) {
		remove_copy(beside);
		return e;
	}
	return folder_sync_of(directory);
}
