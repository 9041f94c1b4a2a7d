/* SPDX-License-Identifier: EUPL-1.2
 *
 * Putting files into a folder so that nothing is ever lost: a file that is there is not written
 * over. Where --force was given it is set aside first, as NAME.old-2026-11-24T08:00:00.000Z. Every
 * failure has been told to the person (refuse()) when it is returned. */
#ifndef DAFTAR_PLACE_H
#define DAFTAR_PLACE_H

#include "lib/buf.h"

/* "folder/name", living as long as the program. */
const char *path_in(const char *folder, const char *name);
bool place_exists(const char *path) MUST_USE;

/* Makes the folder (mode 0700) when it is not there. */
enum err place_folder(const char *path) MUST_USE;
/* A new file: mode 0600 for a secret, 0644 for what anybody may read. E_STATE when it exists; a
 * public file that holds the same already is fine, so that an interrupted step can be done again.
 */
enum err place_secret(const char *path, struct bytes content, bool force) MUST_USE;
enum err place_public(const char *path, struct bytes content, bool force) MUST_USE;
/* Replaces a public file in one step: readers see the old one or the new one, also after a crash.
 */
enum err place_replace(const char *path, struct bytes content) MUST_USE;
/* Renames what is at `path' out of the way; E_OK when nothing is there. */
enum err place_aside(const char *path) MUST_USE;

/* Makes the name `path' durable, whatever it is the name of. */
enum err place_sync(const char *path) MUST_USE;

/* Reads a file of at most `most' octets. */
enum err place_read(const char *path, size_t most, struct buf *out) MUST_USE;

#endif
