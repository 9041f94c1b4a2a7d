/* SPDX-License-Identifier: EUPL-1.2
 *
 * The spool's ground: opening, the one transaction a call, the link's lock, small facts. LMDB is
 * used with its default flags (durable commits) and with its file taken from the disk whole when
 * the spool is made: afterwards a full disk cannot stop a commit, and a full map is a clean
 * refusal. A commit that fails for any other reason ends the process: what an error after an fsync
 * left behind is only known after opening anew. */
#include "lib/spool_lmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/log.h"

#define MAP_DEFAULT ((size_t)256 << 20)
#define MAP_LEAST ((size_t)2 << 20)
#define READERS_MAX 64
#define FACT_MAX ((size_t)256 << 10)
#define FACT_KEY_MAX 200

static struct spool *open_here; /* every spool that this process has open */

static struct bytes
text_key(const char *s)
{
	return bytes_of(s, strlen(s));
}

/* ---- opening ---- */

/* Locks and shared maps of LMDB do not work over a network. */
static bool
is_remote(const char *directory)
{
	static const unsigned remote[] = {0x6969 /* NFS */, 0xff534d42 /* CIFS */,
		0xfe534d42 /* SMB2 */, 0x517b /* SMB */, 0x65735546 /* FUSE */,
		0x01021997 /* 9p */};
	struct statfs f;

	if (statfs(directory, &f) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(remote); i++)
		if ((unsigned)f.f_type == remote[i])
			return true;
	return false;
}

static enum err
fsync_folder(const char *path)
{
	OWNED_FD(fd) = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && fsync(fd) == 0 ? E_OK : E_IO;
}

static enum err
folder_make(const char *directory)
{
	OWNED(char, parent, free_chars) = xprintf("%s/..", directory);

	if (mkdir(directory, 0700) == 0)
		return fsync_folder(parent);
	if (errno == EEXIST)
		return E_OK;
	log_line(LOG_ERROR, "spool: cannot make the folder %s", directory);
	return E_IO;
}

/* Ours alone: a folder that is open to others is closed, somebody else's is not used. */
static enum err
folder_check(struct spool *s)
{
	struct stat st;

	if (stat(s->directory, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
		((st.st_mode & 077) != 0 && chmod(s->directory, 0700) != 0)) {
		log_line(LOG_ERROR, "spool: %s is not a folder of this user", s->directory);
		return E_IO;
	}
	if (is_remote(s->directory)) {
		log_line(LOG_ERROR,
			"spool: %s is on a network or FUSE file system; use a local disk",
			s->directory);
		return E_IO;
	}
	s->device = st.st_dev;
	s->inode = st.st_ino;
	for (struct spool *o = open_here; o != NULL; o = o->next)
		if (o->device == s->device && o->inode == s->inode && o->owner == getpid())
			return E_LOCKED;
	return E_OK;
}

/* Takes every block of the map from the disk now. */
static enum err
allocate(struct spool *s, size_t map_size)
{
	struct stat st;
	int fd;

	if (mdb_env_get_fd(s->env, &fd) != 0 || fstat(fd, &st) != 0)
		return E_IO;
	if ((size_t)st.st_size >= map_size && (size_t)st.st_blocks * 512 >= map_size)
		return E_OK;
	if (fallocate(fd, 0, 0, (off_t)map_size) == 0)
		return fsync(fd) == 0 ? E_OK : E_IO;
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
		log_line(LOG_ERROR, "spool: no room on the disk for %zu MiB", map_size >> 20);
		return E_SPOOL_FULL;
	}
	log_line(LOG_WARNING, "spool: this file system cannot reserve room; keep the disk from "
			      "filling up");
	return E_OK;
}

static size_t
map_wanted(const char *directory, size_t asked)
{
	OWNED(char, file, free_chars) = xprintf("%s/data.mdb", directory);
	size_t size = asked == 0 ? MAP_DEFAULT : asked;
	struct stat st;

	if (stat(file, &st) == 0 && st.st_size >= (off_t)MAP_LEAST) {
		if (asked == 0 || (size_t)st.st_size > asked)
			size = (size_t)st.st_size;
	}
	if (size < MAP_LEAST)
		size = MAP_LEAST;
	return (size + 4095) / 4096 * 4096;
}

static enum err
open_tables(struct spool *s)
{
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	for (int i = 0; i < TABLES && t.e == E_OK; i++) {
		int rc = mdb_dbi_open(t.t, txn_table_name((enum table)i), MDB_CREATE, &s->dbi[i]);

		if (rc != 0) {
			log_line(LOG_ERROR, "spool: %s: %s", txn_table_name((enum table)i),
				mdb_strerror(rc));
			return E_IO;
		}
	}
	if (!txn_record(&t, T_META, text_key("meta"), &t.meta, sizeof t.meta) && t.e == E_OK) {
		/* A spool that replaces a lost one must not begin in the past of that one's epochs;
		 * a restored copy of an old one still does, and is fenced. */
		t.meta.version = RECORD_VERSION;
		t.meta.epoch = (uint64_t)instant_now();
		t.wrote = true;
	}
	return txn_commit(&t);
}

static enum err
open_env(struct spool *s, size_t asked)
{
	OWNED(char, parent, free_chars) = xprintf("%s/..", s->directory);
	size_t map_size = map_wanted(s->directory, asked);
	int dead, rc;

	rc = mdb_env_create(&s->env);
	if (rc == 0)
		rc = mdb_env_set_mapsize(s->env, map_size);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(s->env, TABLES);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(s->env, READERS_MAX);
	if (rc == 0) /* a reader belongs to its transaction, so that a visitor may read too */
		rc = mdb_env_open(s->env, s->directory, MDB_NOTLS, 0600);
	if (rc == 0)
		rc = mdb_reader_check(s->env, &dead);
	if (rc != 0) {
		log_line(LOG_ERROR, "spool: %s: %s", s->directory, mdb_strerror(rc));
		return rc == MDB_VERSION_MISMATCH ? E_VERSION : E_IO;
	}
	TRY(allocate(s, map_size));
	TRY(open_tables(s));
	if (mdb_env_sync(s->env, 1) != 0)
		return E_IO;
	TRY(fsync_folder(s->directory));
	return fsync_folder(parent);
}

enum err
spool_open(const char *directory, size_t map_size, struct spool **out)
{
	OWNED(struct spool, s, spool_close) = xcalloc(1, sizeof *s);

	s->link = -1;
	s->owner = getpid();
	s->directory = xstrdup(directory);
	TRY(folder_make(directory));
	TRY(folder_check(s));
	s->next = open_here;
	open_here = s;
	TRY(open_env(s, map_size));
	s->swept = monotonic_now();
	*out = TAKE(s);
	return E_OK;
}

void
spool_close(struct spool **s)
{
	if (*s == NULL)
		return;
	for (struct spool **o = &open_here; *o != NULL; o = &(*o)->next)
		if (*o == *s) {
			*o = (*s)->next;
			break;
		}
	if ((*s)->owner == getpid()) { /* a child that was forked only forgets */
		spool_give_link(*s);
		if ((*s)->env != NULL)
			mdb_env_close((*s)->env);
	}
	free_chars(&(*s)->directory);
	free(TAKE(*s));
}

/* ---- the link ---- */

enum err
spool_take_link(struct spool *s, uint64_t *epoch)
{
	OWNED(char, file, free_chars) = xprintf("%s/link.lock", s->directory);
	OWNED_FD(fd) = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	TXN(t);

	if (s->link >= 0)
		return E_LOCKED;
	if (fd < 0)
		return E_IO;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? E_LOCKED : E_IO;
	txn_write(&t, s, ROOM_FINISH);
	t.meta.epoch++;
	t.wrote = true;
	*epoch = t.meta.epoch;
	TRY(txn_commit(&t));
	s->link = fd;
	fd = -1;
	return E_OK;
}

void
spool_give_link(struct spool *s)
{
	close_fd(&s->link);
	s->link = -1;
}

/* ---- small facts ---- */

enum err
spool_set_fact(struct spool *s, const char *key, struct bytes value)
{
	TXN(t);

	assert(strlen(key) > 0 && strlen(key) <= FACT_KEY_MAX);
	if (value.size > FACT_MAX)
		return E_TOO_LARGE;
	txn_write(&t, s, ROOM_FACT);
	txn_put(&t, T_FACT, text_key(key), value);
	return txn_commit(&t);
}

enum err
spool_fact(struct spool *s, const char *key, struct buf *out)
{
	struct bytes v;
	TXN(t);

	txn_read(&t, s);
	buf_reset(out);
	if (txn_get(&t, T_FACT, text_key(key), &v))
		buf_add_bytes(out, v);
	else
		txn_fail(&t, E_NOT_FOUND);
	return txn_end(&t);
}

enum err
spool_each_fact(struct spool *s, const char *prefix, spool_fact_visit *each, void *context)
{
	struct bytes from = text_key(prefix), key, value;
	char name[FACT_KEY_MAX + 2];
	TXN(t);

	txn_read(&t, s);
	while (txn_seek(&t, T_FACT, from, &key, &value)) {
		if (key.size < strlen(prefix) || memcmp(key.data, prefix, strlen(prefix)) != 0 ||
			key.size > FACT_KEY_MAX)
			break;
		memcpy(name, key.data, key.size);
		name[key.size] = '\0';
		if (!each(context, name, value))
			break;
		/* the least key that is greater: the same with one more NUL */
		from = bytes_of(name, key.size + 1);
	}
	return txn_end(&t);
}

enum err
spool_next_seq(struct spool *s, const struct party *to, uint64_t *seq)
{
	struct channel_record c = {.version = RECORD_VERSION};
	char name[PARTY_SIZE];
	TXN(t);

	word_pack(name, sizeof name, to->code);
	txn_write(&t, s, ROOM_FINISH); /* answers are numbered too */
	(void)!txn_record(&t, T_CHANNEL, bytes_of(name, sizeof name), &c, sizeof c);
	*seq = ++c.seq;
	txn_put(&t, T_CHANNEL, bytes_of(name, sizeof name), bytes_of(&c, sizeof c));
	return txn_commit(&t);
}

enum err
spool_count(struct spool *s, struct spool_counts *out)
{
	MDB_envinfo info;
	TXN(t);

	txn_read(&t, s);
	if (t.e == E_OK) {
		if (mdb_env_info(s->env, &info) != 0)
			die("spool %s", s->directory);
		memcpy(out->out, t.meta.out, sizeof out->out);
		memcpy(out->in, t.meta.in, sizeof out->in);
		out->map_size = info.me_mapsize;
		out->map_used = txn_used(&t);
	}
	return txn_end(&t);
}
