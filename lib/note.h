/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signed notes (C2SP signed-note) with one Ed25519 key, which is the log's: a text that people can
 * read, and signatures under it. For checkpoints and counter-signatures. */
#ifndef DAFTAR_NOTE_H
#define DAFTAR_NOTE_H

#include "lib/merkle.h"

#define NOTE_DASH "\xe2\x80\x94 " /* em dash, space: how a signature line begins */

/* Of the characters A-Z a-z 0-9 and .-_/: only, and shorter than ORIGIN_SIZE. */
bool note_name_is_fit(const char *name) MUST_USE;
/* Signs the text from `start' to the end of `note', which ends with a newline, and appends the
 * empty line and the signature. E_CHECKPOINT when the key is not Ed25519 or the name is not fit. */
enum err note_sign(const char *name, EVP_PKEY *key, size_t start, struct buf *note) MUST_USE;
/* The next line without its newline; false when there is no complete line left. */
bool note_line(struct cursor *c, struct bytes *line) MUST_USE;
/* `rest' is what follows the text's empty line: exactly one signature of `name' with this key, and
 * perhaps some of others. E_CHECKPOINT. */
enum err note_verify(
	struct bytes text, struct cursor *rest, const char *name, const uint8_t key[32]) MUST_USE;

#endif
