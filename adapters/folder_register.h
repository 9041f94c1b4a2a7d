/* SPDX-License-Identifier: EUPL-1.2
 *
 * The register of an office without a data base: a folder, on a disk or on a USB stick. For the
 * folder driver only.
 *
 *	.lock          whoever writes in the register holds flock(2) on it
 *	records.csv    the office's own entries, in the columns of adapters/column.def
 *	other.csv      acts from abroad that were entered by another road
 *	numbers/N      entry number N is reserved; holds the key of the act it is for
 *	tmp/           being written; never looked at
 *	new/KEY.csv    the entry for spreadsheets, one record
 *	new/KEY.xml    the sealed extract; that it is here makes the entry */
#ifndef DAFTAR_FOLDER_REGISTER_H
#define DAFTAR_FOLDER_REGISTER_H

#include "adapters/driver.h"
#include "adapters/row.h"

struct folder {
	int root, tmp, new, numbers, lock; /* file descriptors, -1: not open */
};

enum folder_lock { FOLDER_LOOK, FOLDER_READ, FOLDER_WRITE };

/* Opens the folder and, unless it is only looked at, takes its lock (shared or exclusive, never
 * waiting). Makes the folders inside when it is to be written. E_LOCKED, E_REGISTER. */
enum err folder_begin(const char *path, enum folder_lock how, struct folder *f) MUST_USE;
void folder_end(struct folder *f);

/* The whole file; an absent one is empty. E_REGISTER. */
enum err folder_read(int dir, const char *name, struct buf *out) MUST_USE;
/* E_OK with *made filled when new/KEY.xml is there, E_NOT_FOUND, E_REGISTER. */
enum err folder_made(const struct folder *f, const char *key, struct made *made) MUST_USE;
/* The same, and the message that brought it (all zero when the entry does not say). */
enum err folder_made_by(
	const struct folder *f, const char *key, struct made *made, struct id *message) MUST_USE;
/* The number that is reserved for the key: the one of an interrupted attempt, else the next. */
enum err folder_reserve(const struct folder *f, const char *key, uint64_t *number) MUST_USE;
/* Writes both files under tmp/, then moves them to new/: csv, then xml. Durable when it returns. */
enum err folder_store(
	const struct folder *f, const char *key, struct bytes csv, struct bytes xml) MUST_USE;
/* Calls `each' with the key of every new/ *.xml, until it fails; E_REGISTER. */
typedef enum err folder_visit(void *context, const char *key);
enum err folder_each_new(const struct folder *f, folder_visit *each, void *context) MUST_USE;
/* Says on the log what the disk did not do; always E_REGISTER. */
enum err folder_failed(const char *what, const char *name);

#endif
