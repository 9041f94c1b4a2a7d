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

#include "lib/file.h"
#include "lib/lmdb_make.h"
#include "lib/log.h"

#define MAP_DEFAULT ((size_t)256 << 20)
#define MAP_LEAST ((size_t)2 << 20)
#define READERS_MAX 64
#define KEEP_DEFAULT ((int64_t)35 * 24 * 3600 * 1000)
#define OWED_OUT ((size_t)36 << 10)
#define OWED_IN ((size_t)112 << 10)
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
folder_make(const char *directory)
{
	OWNED(char, parent, free_chars) = xprintf("%s/..", directory);

	if (mkdir(directory, 0700) == 0)
		return folder_sync(parent);
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

enum err
spool_allocate(struct spool *s, size_t map_size)
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

/* A table that is not there is made for a new spool, and is damage in any other. */
static void
open_table(struct txn *t, enum table table, bool make)
{
	const char *name = txn_table_name(table);
	int rc;

	if (t->e != E_OK)
		return;
	rc = mdb_dbi_open(t->t, name, make ? MDB_CREATE : 0, &t->s->dbi[table]);
	if (rc == 0)
		return;
	log_line(LOG_ERROR, "spool: %s in %s: %s", name, t->s->directory, mdb_strerror(rc));
	txn_fail(t, rc == MDB_NOTFOUND ? E_DAMAGED : E_IO);
}

/* A key is made with a spool that is new, or of the layout that had none. A spool that has had one
 * is not opened without it. */
static enum err
find_key(struct spool *s, bool make)
{
	OWNED(char, file, free_chars) = spool_key_file(s->directory);
	enum err e = spool_key_load(file, s->key);

	if (e == E_NO_KEY && make && access(file, F_OK) != 0) {
		TRY(spool_key_make(file, NULL));
		e = spool_key_load(file, s->key);
	}
	if (e == E_NO_KEY)
		log_line(LOG_ERROR,
			"spool: the key of %s is missing; it belongs at %s, from where "
			"the spool was copied",
			s->directory, file);
	if (e == E_OK)
		s->mac = mac_new(s->key);
	return e;
}

/* The newest commit is the one that LMDB takes for it, and the one before it is as it was. A copy
 * that was made compact begins to count anew. */
static void
check_head(struct txn *t)
{
	size_t newest = mdb_txn_id(t->t) - 1;
	uint8_t before[HEAD_SIZE];

	if (t->e != E_OK || (newest == 1 && t->meta.txn != 1))
		return;
	txn_head(t, newest - 1, before);
	if (t->meta.txn == newest && memcmp(before, t->meta.before, HEAD_SIZE) == 0)
		return;
	log_line(LOG_ERROR,
		"spool: the head of %s is damaged; what it shows may not be the newest "
		"state: bring back a backup",
		t->s->directory);
	txn_fail(t, E_DAMAGED);
}

static void
load_meta(struct txn *t)
{
	if (txn_record(t, T_META, text_key("meta"), &t->meta, sizeof t->meta))
		return;
	if (t->e == E_VERSION)
		return;
	log_line(LOG_ERROR, "spool: %s cannot be read, or the key beside it is that of another",
		t->s->directory);
	t->e = E_DAMAGED;
}

static enum err
open_tables(struct spool *s, bool *new)
{
	bool fresh, old, second;
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	fresh = t.e == E_OK && mdb_txn_id(t.t) == 1; /* nothing was ever committed */
	open_table(&t, T_META, fresh);
	old = upgrade_wanted(&t);
	second = upgrade_is_second(&t);
	for (int i = T_META + 1; i < TABLES; i++)
		open_table(&t, (enum table)i, fresh || old || (second && i >= T_URGENT));
	*new = fresh;
	if (t.e != E_OK)
		return txn_end(&t);
	TRY(find_key(s, fresh || old));
	if (fresh) {
		/* A spool that replaces a lost one must not begin in the past of that one's epochs;
		 * a restored copy of an old one still does, and is fenced. */
		t.meta.version = META_VERSION;
		t.meta.epoch = (uint64_t)instant_now();
		offered_begin(&t);
	} else if (old) {
		upgrade_begin(&t);
	} else {
		load_meta(&t);
		check_head(&t);
	}
	t.wrote |= fresh || old || second;
	return txn_commit(&t);
}

static enum err
open_env(struct spool *s, size_t asked)
{
	OWNED(char, parent, free_chars) = xprintf("%s/..", s->directory);
	size_t map_size = map_wanted(s->directory, asked);
	bool fresh = false;
	int dead, rc;

	TRY(lmdb_make(s->directory, map_size, LMDB_LINK));
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
	TRY(spool_allocate(s, map_size));
	TRY(open_tables(s, &fresh));
	if (fresh) /* so that falling back to the first commit of all loses nothing */
		TRY(spool_age(s));
	TRY(spool_upgrade(s));
	if (mdb_env_sync(s->env, 1) != 0)
		return E_IO;
	TRY(folder_sync(s->directory));
	return folder_sync(parent);
}

enum err
spool_open(const char *directory, size_t map_size, struct spool **out)
{
	OWNED(struct spool, s, spool_close) = xcalloc(1, sizeof *s);

	s->link = -1;
	s->owner = getpid();
	s->keep = KEEP_DEFAULT;
	spool_owe(s, OWED_OUT, OWED_IN);
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
		close_fd(&(*s)->link); /* nothing is written any more; the next who has it does that
					*/
		if ((*s)->group != NULL)
			mdb_txn_abort(TAKE((*s)->group));
		if ((*s)->env != NULL)
			mdb_env_close((*s)->env);
	}
	mac_free(&(*s)->mac);
	explicit_bzero((*s)->key, sizeof(*s)->key);
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
	offered_settle(&t);
	*epoch = t.meta.epoch;
	TRY(txn_commit(&t));
	s->link = fd;
	fd = -1;
	if (s->dropped == 0) /* what an earlier process has left there */
		s->dropped = t.meta.txn;
	return E_OK;
}

void
spool_give_link(struct spool *s)
{
	if (s->link >= 0)
		spool_offer_ends(s);
	close_fd(&s->link);
	s->link = -1;
}

/* ---- groups ---- */

enum err
spool_group(struct spool *s)
{
	TXN(t);

	assert(s->group == NULL);
	txn_write(&t, s, ROOM_FINISH);
	if (t.e == E_OK)
		s->group = TAKE(t.t);
	return t.e;
}

enum err
spool_group_end(struct spool *s)
{
	struct txn t = {.s = s, .t = TAKE(s->group)};

	assert(t.t != NULL);
	return txn_commit(&t);
}

void
spool_group_drop(struct spool *s)
{
	assert(s->group != NULL);
	mdb_txn_abort(TAKE(s->group));
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
spool_next_seq(struct spool *s, const struct party *to, int64_t now, uint64_t *seq)
{
	struct channel_record c = {.version = RECORD_VERSION};
	char name[PARTY_SIZE];
	TXN(t);

	word_pack(name, sizeof name, to->code);
	txn_write(&t, s, ROOM_FINISH); /* answers are numbered too */
	(void)!txn_record(&t, T_CHANNEL, bytes_of(name, sizeof name), &c, sizeof c);
	c.seq = now > 0 && (uint64_t)now > c.seq ? (uint64_t)now : c.seq + 1;
	*seq = c.seq;
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
