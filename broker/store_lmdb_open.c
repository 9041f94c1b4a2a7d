/* SPDX-License-Identifier: EUPL-1.2
 *
 * Opening the store: the folder, the lock, the environment, the tables, the disk, each checked
 * before the next. A store that opens is whole: what an earlier process did not commit is gone, and
 * what it committed is there, without any repair.
 *
 * LMDB runs with its default durability: data pages, fdatasync, then the page that makes them
 * count, written through. MDB_NOTLS has nothing to do with that: it allows a look-up outside the
 * transaction while one is open in the same thread. */
#include "broker/store_lmdb_index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/lmdb_make.h"
#include "lib/log.h"

/* LMDB's locks and memory map mean nothing on a disk that others write to over a network. */
static bool
is_local(int fd)
{
	static const long networks[] = {0x6969 /* NFS */, 0x517b /* SMB */, 0xff534d42 /* CIFS */,
		0xfe534d42 /* SMB2 */, 0x65735546 /* FUSE */};
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(networks); i++)
		if ((long)(uint32_t)fs.f_type == networks[i])
			return false;
	return true;
}

/* Such a disk takes a new place for each page that is written, so that room taken in advance is no
 * promise: it may be full at a commit. */
static void
warn_of_copies(int fd, const char *directory)
{
	static const long copies[] = {
		0x9123683e /* btrfs */, 0x2fc12fc1 /* ZFS */, 0xca451a4e /* bcachefs */};
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(copies); i++)
		if ((long)(uint32_t)fs.f_type == copies[i])
			log_line(LOG_WARNING,
				"store: %s is on a disk that writes copies of what it changes; "
				"room for it cannot be taken in advance",
				directory);
}

static enum err
make_folder(const char *directory)
{
	OWNED(char, parent, free_chars) = xprintf("%s/..", directory);

	if (mkdir(directory, 0700) == 0)
		return folder_sync(parent);
	return errno == EEXIST ? E_OK : E_IO;
}

/* The lock belongs to the open file and goes with the process, however that ends. */
static enum err
lock_folder(struct store *s, const char *directory)
{
	OWNED(char, file, free_chars) = xprintf("%s/daftard.lock", directory);

	s->lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return E_IO;
	if (!is_local(s->lock)) {
		log_line(LOG_ERROR, "store: %s is not on a disk of this machine", directory);
		return E_IO;
	}
	warn_of_copies(s->lock, directory);
	return flock(s->lock, LOCK_EX | LOCK_NB) == 0 ? E_OK : E_LOCKED;
}

static void NORETURN
on_assert(MDB_env *env, const char *what)
{
	(void)env;
	errno = 0;
	die("store: damaged: %s", what);
}

static enum err
open_environment(struct store *s, const char *directory, size_t map_size, unsigned how)
{
	long page = sysconf(_SC_PAGESIZE);
	MDB_envinfo info;
	MDB_stat stat;
	int dead, rc;

	map_size = (map_size + (size_t)page - 1) / (size_t)page * (size_t)page;
	if (mdb_env_create(&s->env) != 0 || mdb_env_set_maxdbs(s->env, TABLES) != 0 ||
		(map_size > 0 && mdb_env_set_mapsize(s->env, map_size) != 0) ||
		mdb_env_set_assert(s->env, on_assert) != 0)
		return E_IO;
	if (how != MDB_RDONLY)
		TRY(lmdb_make(directory, map_size, LMDB_RENAME));
	rc = mdb_env_open(s->env, directory, MDB_NOTLS | how, 0600);
	if (rc != 0) {
		log_line(LOG_ERROR, "store: cannot be opened: %s", mdb_strerror(rc));
		return E_IO;
	}
	if (how != MDB_RDONLY)
		(void)mdb_reader_check(s->env, &dead);
	if (mdb_env_info(s->env, &info) != 0 || mdb_env_stat(s->env, &stat) != 0)
		return E_IO;
	s->map_size = info.me_mapsize;
	s->page_size = stat.ms_psize;
	return E_OK;
}

/* Takes the disk for the whole map at once. A file system that cannot do that (EOPNOTSUPP) grows
 * the file as it goes; fallocate(2) itself says so, where posix_fallocate would write zeros. */
static enum err
take_disk(const struct store *s)
{
	struct stat st;
	int fd;

	if (mdb_env_get_fd(s->env, &fd) != 0 || fstat(fd, &st) != 0)
		return E_IO;
	if ((size_t)st.st_size >= s->map_size && (size_t)st.st_blocks * 512 >= s->map_size)
		return E_OK;
	if (fallocate(fd, 0, 0, (off_t)s->map_size) != 0 && errno != EOPNOTSUPP)
		return errno == ENOSPC || errno == EFBIG || errno == EDQUOT ? E_STORE_FULL : E_IO;
	return fsync(fd) == 0 ? E_OK : E_IO;
}

/* ---- the tables ---- */

static enum err
open_tables(struct store *s)
{
	struct store_txn t = {.s = s};
	int rc = mdb_txn_begin(s->env, NULL, 0, &t.txn);

	if (rc != 0)
		return E_IO;
	layout_open(&t);
	s->figures = t.figures;
	if (t.error != E_OK)
		mdb_txn_abort(t.txn);
	else if ((rc = seal_commit(s, t.txn)) != 0)
		return rc == MDB_MAP_FULL ? E_STORE_FULL : E_IO;
	else if (t.wrote)
		seal_write(s);
	return t.error;
}

static enum err
open_reader(struct store *s)
{
	if (mdb_txn_begin(s->env, NULL, MDB_RDONLY, &s->reader) != 0)
		return E_IO;
	mdb_txn_reset(s->reader);
	return E_OK;
}

static struct store *
store_new(const uint8_t key[STORE_KEY_SIZE])
{
	struct store *s = xcalloc(1, sizeof *s);

	memcpy(s->key, key, sizeof s->key);
	s->mac = mac_new(key);
	s->lock = s->seal = -1;
	s->measured = UINT64_MAX;
	return s;
}

/* Committed, because only then do the tables stay open. */
static enum err
find_tables(struct store *s)
{
	MDB_txn *txn;
	enum err e;

	if (mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn) != 0)
		return E_IO;
	e = layout_find(s, txn);
	if (e != E_OK)
		mdb_txn_abort(txn);
	else if (mdb_txn_commit(txn) != 0)
		return E_IO;
	return e == E_NOT_FOUND ? E_DAMAGED : e;
}

static enum err
open_folder(struct store *s, const char *directory, size_t map_size)
{
	s->directory = xstrdup(directory);
	TRY(make_folder(directory));
	TRY(lock_folder(s, directory));
	TRY(open_environment(s, directory, map_size, 0));
	TRY(seal_open(s, directory));
	TRY(open_tables(s));
	if (!s->as_it_is)
		TRY(take_disk(s));
	TRY(folder_sync(directory));
	TRY(open_reader(s));
	TRY(upgrade_finish(s));
	TRY(index_finish(s));
	wipe_begin(s);
	return E_OK;
}

enum err
store_open(const char *directory, size_t map_size, const uint8_t key[STORE_KEY_SIZE],
	struct store **out)
{
	OWNED(struct store, s, store_close) = store_new(key);

	TRY(open_folder(s, directory, map_size));
	*out = TAKE(s);
	return E_OK;
}

enum err
store_open_copy(const char *directory, const uint8_t key[STORE_KEY_SIZE], struct store **out)
{
	OWNED(struct store, s, store_close) = store_new(key);

	TRY(open_environment(s, directory, 0, MDB_RDONLY));
	TRY(find_tables(s));
	TRY(open_reader(s));
	*out = TAKE(s);
	return E_OK;
}

/* What cannot be read is taken for a store with a key: none is made for it. */
static bool
is_unkeyed(struct store *s)
{
	MDB_stat stat;

	if (mdb_env_stat(s->env, &stat) == 0 && stat.ms_entries == 0)
		return true;
	VIEW(v, s, NULL);
	return mdb_dbi_open(v.txn, table_name(T_META), 0, &s->dbi[T_META]) == 0 &&
	       upgrade_is_due(v.txn, s->dbi[T_META]);
}

enum err
store_open_beside(struct store *s, struct store **out)
{
	return store_open_copy(s->directory, s->key, out);
}

/* As it is: no disk taken, no generation begun. */
static enum err
open_as_it_is(const char *directory, const uint8_t key[STORE_KEY_SIZE], bool forget_seal,
	struct store **out)
{
	OWNED(struct store, s, store_close) = store_new(key);

	s->as_it_is = true;
	s->forget_seal = forget_seal;
	TRY(open_folder(s, directory, 0));
	*out = TAKE(s);
	return E_OK;
}

enum err
store_open_as_it_is(const char *directory, const uint8_t key[STORE_KEY_SIZE], struct store **out)
{
	return open_as_it_is(directory, key, false, out);
}

enum err
store_restored(const char *directory, const uint8_t key[STORE_KEY_SIZE])
{
	OWNED(struct store, s, store_close) = NULL;

	TRY(open_as_it_is(directory, key, true, &s));
	return store_mark_restored(s);
}

void
store_forget_readers(struct store *s)
{
	int dead;

	if (mdb_reader_check(s->env, &dead) == 0 && dead > 0)
		log_line(LOG_NOTICE, "store: forgot readers=%d that died", dead);
}

bool
store_needs_key(const char *directory)
{
	OWNED(char, file, free_chars) = xprintf("%s/data.mdb", directory);
	OWNED(struct store, s, store_close) = store_new((const uint8_t[STORE_KEY_SIZE]){0});
	struct stat st;

	if (stat(file, &st) != 0 || st.st_size == 0)
		return false;
	return open_environment(s, directory, 0, MDB_RDONLY) != E_OK || open_reader(s) != E_OK ||
	       !is_unkeyed(s);
}

void
store_close(struct store **s)
{
	if (*s == NULL)
		return;
	assert((*s)->open == NULL);
	if ((*s)->reader != NULL)
		mdb_txn_abort((*s)->reader);
	if ((*s)->env != NULL)
		mdb_env_close((*s)->env);
	close_fd(&(*s)->seal);
	close_fd(&(*s)->lock);
	mac_free(&(*s)->mac);
	free_chars(&(*s)->directory);
	explicit_bzero((*s)->key, sizeof(*s)->key);
	free(*s);
	*s = NULL;
}
