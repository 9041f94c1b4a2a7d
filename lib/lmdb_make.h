/* SPDX-License-Identifier: EUPL-1.2
 *
 * A new file of LMDB's, for the store and the spool, which open it afterwards in their own ways. */
#ifndef DAFTAR_LMDB_MAKE_H
#define DAFTAR_LMDB_MAKE_H

#include <stddef.h>

#include "lib/base.h"
#include "lib/err.h"

/* How the file gets its name once it is whole. */
enum lmdb_naming {
	LMDB_RENAME, /* the caller holds a lock: nobody else makes one */
	LMDB_LINK    /* others may be making one as well: the first one's stays */
};

/* Where `directory' has no data.mdb: an empty one, flushed. map_size 0: LMDB's own. */
enum err lmdb_make(const char *directory, size_t map_size, enum lmdb_naming naming) MUST_USE;

#endif
