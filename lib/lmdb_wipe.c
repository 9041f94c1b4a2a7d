/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which pages may be overwritten. LMDB's table 0 says for each transaction which pages it has let
 * go of. A transaction may fill those that were let go of by transactions before `oldest': the last
 * commit, or the commit that the oldest reader looks at, whichever is less. Why that is safe, also
 * when the power goes in the middle: the commit L that counts does not reach what L or one before
 * it has let go of, and the one before it, L - 1, to which a disk falls back that has lost the page
 * of L, does not reach what L - 1 or one before it has. So whoever opens the file, after whatever
 * accident, finds nothing of what is overwritten here, in whatever state it is. That is the rule by
 * which LMDB itself fills pages; here zeros are written instead.
 *
 * Nobody else fills them meanwhile: the caller holds the lock of the writer. The file is not mapped
 * for writing, and what is written to it is seen through the map at once. Pages that are zero
 * already are only read. Now and then it begins from the first: another process may have been
 * killed halfway through a commit that never counted. */
#include "lib/lmdb_wipe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "lib/base.h"
#include "lib/log.h"

#define RUN_OCTETS ((size_t)64 * 1024)
#define LAP_CALLS 4096

struct run {
	int fd;
	size_t page; /* octets of one */
	size_t end;  /* number of the first page behind the last one that is in use or free */
	size_t left; /* octets that may still be looked at */
	bool failed;
};

/* ---- octets ---- */

static bool
is_zero(const uint8_t *octets, size_t size)
{
	return octets[0] == 0 && memcmp(octets, octets + 1, size - 1) == 0;
}

static void
failed(struct run *r)
{
	if (!r->failed)
		log_line(
			LOG_WARNING, "wipe: free pages cannot be overwritten: %s", strerror(errno));
	r->failed = true;
}

/* At most RUN_OCTETS. */
static void
wipe_pages(struct run *r, size_t first, size_t n)
{
	static const uint8_t zeros[RUN_OCTETS];
	uint8_t octets[RUN_OCTETS];
	size_t size = n * r->page;
	off_t at = (off_t)(first * r->page);

	r->left = r->left > size ? r->left - size : 0;
	if (pread(r->fd, octets, size, at) != (ssize_t)size ||
		(!is_zero(octets, size) && pwrite(r->fd, zeros, size, at) != (ssize_t)size))
		failed(r);
}

/* ---- who may still look ---- */

/* Lines as mdb_reader_list writes them: process, thread, and the commit that is looked at, or "-".
 * A line of another form stops everything: it may be a reader. */
static int
note_reader(const char *line, void *context)
{
	size_t *oldest = context, txn;
	char none;

	if (strncmp(line, "    pid", 7) == 0 || strncmp(line, "(no active readers)", 19) == 0)
		return 0;
	if (sscanf(line, "%*d %*x %zu", &txn) == 1)
		*oldest = txn < *oldest ? txn : *oldest;
	else if (sscanf(line, "%*d %*x %c", &none) != 1 || none != '-')
		*oldest = 0;
	return 0;
}

static size_t
find_oldest(MDB_env *env, MDB_txn *txn)
{
	size_t oldest = mdb_txn_id(txn) - 1;

	return mdb_reader_list(env, note_reader, &oldest) < 0 ? 0 : oldest;
}

/* ---- free pages ---- */

/* Pages of one record, greatest number first, neighbours at once. How many of the n are done. */
static size_t
wipe_list(struct run *r, const MDB_val *value, size_t skip, size_t n)
{
	const uint8_t *ids = (const uint8_t *)value->mv_data + sizeof(size_t);
	size_t most = RUN_OCTETS / r->page, i = skip, first, next, run;

	while (i < n && r->left > 0 && !r->failed) {
		memcpy(&first, ids + i * sizeof first, sizeof first);
		for (run = 1; run < most && i + run < n; run++, first = next) {
			memcpy(&next, ids + (i + run) * sizeof next, sizeof next);
			if (next + 1 != first)
				break;
		}
		if (first < 2 || first + run > r->end) {
			r->failed = true; /* no list of LMDB's: nothing is touched */
			break;
		}
		wipe_pages(r, first, run);
		i += run;
	}
	return i;
}

static size_t
count_of(const MDB_val *value)
{
	size_t n;

	if (value->mv_size < sizeof n)
		return 0;
	memcpy(&n, value->mv_data, sizeof n);
	return n <= value->mv_size / sizeof n - 1 ? n : 0;
}

/* True when the record was done to its end. */
static bool
wipe_record(struct wipe *w, struct run *r, size_t txn, const MDB_val *value)
{
	size_t n = count_of(value), skip = w->record == txn && w->skip <= n ? w->skip : 0;

	w->record = txn;
	w->skip = wipe_list(r, value, skip, n);
	if (w->skip < n)
		return false;
	w->upto = txn;
	return true;
}

/* True when all that may be overwritten is. `look' sees the last commit. */
static bool
wipe_free(struct wipe *w, struct run *r, MDB_txn *look, size_t oldest)
{
	size_t id = w->upto + 1;
	MDB_val key = {sizeof id, &id}, value;
	MDB_cursor *cursor;
	bool done = true;
	int rc;

	if (mdb_cursor_open(look, 0, &cursor) != 0)
		die("wipe: no cursor");
	rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	while (rc == 0 && done && key.mv_size == sizeof id) {
		memcpy(&id, key.mv_data, sizeof id);
		if (id >= oldest)
			break;
		done = wipe_record(w, r, id, &value);
		rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	if (done && oldest > 0 && w->upto < oldest - 1)
		w->upto = oldest - 1;
	return done;
}

/* ---- behind the last page ---- */

/* What a commit that never counted has written there. Where the disk was only reserved there is
 * nothing to look at. */
static bool
wipe_tail(struct wipe *w, struct run *r)
{
	size_t most = RUN_OCTETS / r->page, end, n;
	struct stat st;
	off_t at;

	if (fstat(r->fd, &st) != 0)
		return true;
	end = (size_t)st.st_size / r->page;
	if (w->tail < r->end)
		w->tail = r->end;
	while (w->tail < end && r->left > 0 && !r->failed) {
		at = lseek(r->fd, (off_t)(w->tail * r->page), SEEK_DATA);
		if (at < 0)
			return true;
		if ((size_t)at / r->page > w->tail)
			w->tail = (size_t)at / r->page;
		n = end - w->tail < most ? end - w->tail : most;
		if (n > 0)
			wipe_pages(r, w->tail, n);
		w->tail += n;
	}
	return w->tail >= end;
}

bool
wipe_some(struct wipe *w, MDB_txn *txn, size_t most)
{
	MDB_env *env = mdb_txn_env(txn);
	struct run r = {.left = most};
	MDB_txn *look;
	MDB_envinfo info;
	MDB_stat stat;
	bool done;

	if (mdb_env_get_fd(env, &r.fd) != 0 || mdb_env_info(env, &info) != 0 ||
		mdb_env_stat(env, &stat) != 0 || info.me_last_txnid + 1 != mdb_txn_id(txn) ||
		stat.ms_psize > RUN_OCTETS)
		return false;
	if (++w->calls % LAP_CALLS == 0)
		*w = (struct wipe){.calls = w->calls};
	r.page = stat.ms_psize;
	r.end = info.me_last_pgno + 1;
	/* Table 0 is shown to readers only; while the writer's lock is held, this one sees what
	 * the transaction at hand began with. */
	if (mdb_txn_begin(env, NULL, MDB_RDONLY, &look) != 0)
		return false;
	done = wipe_free(w, &r, look, find_oldest(env, txn));
	mdb_txn_abort(look);
	if (done && !w->tail_done)
		done = w->tail_done = wipe_tail(w, &r);
	return !done && !r.failed;
}
