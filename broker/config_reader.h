/* SPDX-License-Identifier: EUPL-1.2
 *
 * A child of daftard that stays outside of its walls, to read again later what only a start could
 * read: the configuration file, the names of this system's users, and the keys of officers. It is
 * made before any key is read, may write nothing, and answers nothing else. */
#ifndef DAFTAR_CONFIG_READER_H
#define DAFTAR_CONFIG_READER_H

#include <sys/types.h>

#include "lib/buf.h"

struct config_reader;

/* Of this file, and of this folder of keys (NULL: none). E_IO. */
enum err config_reader_start(
	const char *file, const char *keys, struct config_reader **out) MUST_USE;
void config_reader_stop(struct config_reader **r);
/* The file as it stands now, a string. E_CONFIG: it cannot be read; E_UNREACHABLE: the child is
 * gone. */
enum err config_reader_text(struct config_reader *r, struct buf *out) MUST_USE;
bool config_reader_user(struct config_reader *r, const char *name, uid_t *uid);
bool config_reader_name(struct config_reader *r, uid_t uid, char *name, size_t size);
/* The contents of NAME.pub in the folder. E_NOT_FOUND. */
enum err config_reader_key(struct config_reader *r, const char *name, struct buf *out) MUST_USE;

#endif
