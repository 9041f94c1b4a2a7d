/* SPDX-License-Identifier: EUPL-1.2
 *
 * Real deletion in LMDB. It is copy-on-write: what was deleted stays in the file, in pages that are
 * free, until something else takes them. This overwrites such pages with zeros: exactly those that
 * the transaction at hand could itself take and fill, and what lies behind the last page. For the
 * store and the spool, which own their environments; a `struct wipe' belongs to one environment of
 * one process and begins as all zero. */
#ifndef DAFTAR_LMDB_WIPE_H
#define DAFTAR_LMDB_WIPE_H

#include <stdbool.h>
#include <stddef.h>

struct MDB_txn; /* lmdb.h is met by those who have one */

struct wipe {
	size_t upto;   /* what was freed by transactions up to this one has been overwritten .. */
	size_t record; /* .. and of the pages of this one .. */
	size_t skip;   /* .. so many */
	size_t tail;   /* pages behind the last one: looked through up to here */
	bool tail_done;
	unsigned calls;
};

/* Inside a write transaction that has written nothing, and that the caller aborts afterwards: while
 * it is open nobody takes the pages. Looks at `most' octets at most; true when there is more that
 * could be overwritten now. Nothing is flushed: the next commit does that, or the caller. */
bool wipe_some(struct wipe *w, struct MDB_txn *txn, size_t most);

#endif
