/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files read whole, within bounds, and files and names that are still there after a power cut. For
 * every program; what may be opened, with which mode, and what is said of a failure is the
 * caller's. Secrets are read by lib/keyring.h. After E_IO errno tells why. */
#ifndef DAFTAR_FILE_H
#define DAFTAR_FILE_H

#include <sys/types.h>

#include "lib/buf.h"

/* All that is left to read, in the place of what `out' held. E_IO; E_TOO_LARGE when there are more
 * than `most' octets: `out' then holds more than that, but not all. */
enum err file_read_from(int fd, size_t most, struct buf *out) MUST_USE;
/* The same of the file with this name; waits for a pipe. E_NOT_FOUND, E_IO, E_TOO_LARGE. */
enum err file_read(const char *path, size_t most, struct buf *out) MUST_USE;

/* All of `content', flushed to the disk. E_IO. */
enum err file_write_to(int fd, struct bytes content) MUST_USE;
/* The old file or the new one, also after a crash: written as `path'.new with this mode (less the
 * umask), which must be nobody else's, and renamed. E_IO: the old one stands. */
enum err file_replace(const char *path, struct bytes content, mode_t mode) MUST_USE;
/* The same of what holds personal data: while it is written it has no name where the file system
 * can do that, so that a power cut leaves nothing of it in a folder. */
enum err file_replace_personal(const char *path, struct bytes content) MUST_USE;

/* Makes the names in a folder durable: in this one, or in the one in which `path' stands. E_IO. */
enum err folder_sync(const char *folder) MUST_USE;
enum err folder_sync_of(const char *path) MUST_USE;

#endif
