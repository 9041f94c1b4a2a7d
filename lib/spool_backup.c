/* SPDX-License-Identifier: EUPL-1.2
 *
 * A copy of the whole spool, made through LMDB so that it is of one moment, and marked inside: who
 * opens it knows that later states may exist elsewhere. */
#include "lib/spool_lmdb.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/log.h"

#define SPARE ((size_t)1 << 20)

static enum err
mark(struct spool *s, bool restored)
{
	TXN(t);

	txn_write(&t, s, ROOM_FINISH);
	t.meta.restored = restored;
	t.wrote = true;
	return txn_commit(&t);
}

static enum err
copy(struct spool *s, const char *directory)
{
	OWNED(char, key, free_chars) = spool_key_file(directory);
	int rc;

	if (mkdir(directory, 0700) != 0) {
		log_line(LOG_ERROR, "spool: cannot make the folder %s: %s", directory,
			strerror(errno));
		return E_IO;
	}
	TRY(spool_key_make(key, s->key));
	rc = mdb_env_copy2(s->env, directory, MDB_CP_COMPACT);
	if (rc == 0)
		return E_OK;
	log_line(LOG_ERROR, "spool: cannot copy to %s: %s", directory, mdb_strerror(rc));
	return E_IO;
}

/* Room for the mark; the copy is as small as it can be until it is used. */
static enum err
open_copy(const char *directory, struct spool **out)
{
	OWNED(char, file, free_chars) = xprintf("%s/data.mdb", directory);
	struct stat st;

	if (chmod(file, 0600) != 0 || stat(file, &st) != 0)
		return E_IO;
	return spool_open(directory, (size_t)st.st_size + SPARE, out);
}

enum err
spool_backup(struct spool *s, const char *directory, struct spool_scrub *out)
{
	OWNED(struct spool, made, spool_close) = NULL;

	memset(out, 0, sizeof *out);
	assert(s->group == NULL);
	TRY(copy(s, directory));
	TRY(open_copy(directory, &made));
	TRY(mark(made, true));
	return spool_scrub(made, out);
}

bool
spool_is_restored(struct spool *s)
{
	TXN(t);

	txn_read(&t, s);
	return t.meta.restored != 0;
}

enum err
spool_set_reconciled(struct spool *s)
{
	return spool_is_restored(s) ? mark(s, false) : E_OK;
}

/* Epochs begin with the time at which a spool was made and go up by one with each start, so the
 * time of day is past those of every copy. */
enum err
spool_take_over(struct spool *s, int64_t now)
{
	uint64_t epoch;
	TXN(t);

	TRY(spool_take_link(s, &epoch));
	txn_write(&t, s, ROOM_FINISH);
	if (t.meta.epoch < (uint64_t)now)
		t.meta.epoch = (uint64_t)now;
	t.meta.restored = true;
	t.wrote = true;
	spool_give_link(s);
	return txn_commit(&t);
}
