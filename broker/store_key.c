/* SPDX-License-Identifier: EUPL-1.2
 *
 * The key under which every record of the store is authenticated. It stands outside of the store's
 * folder: whoever can write to the store alone, or carries a copy of it away, can not make a record
 * that passes. It is made once, and never in the place of one that is missing. */
#include "broker/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/log.h"

static enum err
read_key(int fd, uint8_t key[STORE_KEY_SIZE])
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return E_NO_KEY;
	if (st.st_uid != geteuid() || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return E_KEY_MODE;
	if (st.st_size != STORE_KEY_SIZE || read(fd, key, STORE_KEY_SIZE) != STORE_KEY_SIZE)
		return E_NO_KEY;
	return E_OK;
}

/* Written beside its place and then linked to it: half a key is never found, and of two that are
 * made at the same time the first stands. */
static enum err
make_key(const char *file, uint8_t key[STORE_KEY_SIZE])
{
	OWNED(char, new, free_chars) = xprintf("%s.new", file);
	OWNED_FD(fd) = -1;
	bool made;

	(void)unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || getrandom(key, STORE_KEY_SIZE, 0) != STORE_KEY_SIZE)
		return E_IO;
	made = write(fd, key, STORE_KEY_SIZE) == STORE_KEY_SIZE && fsync(fd) == 0 &&
	       link(new, file) == 0;
	(void)unlink(new);
	if (!made)
		return E_IO;
	log_line(LOG_NOTICE, "store: new key made, keep a copy of it away from the store");
	return folder_sync_of(file);
}

enum err
store_key(const char *file, const char *directory, uint8_t key[STORE_KEY_SIZE])
{
	OWNED_FD(fd) = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		return read_key(fd, key);
	if (errno != ENOENT || store_needs_key(directory))
		return E_NO_KEY;
	return make_key(file, key);
}
