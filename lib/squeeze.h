/* SPDX-License-Identifier: EUPL-1.2
 *
 * Octets made small for a thin line: raw deflate (RFC 1951) with a dictionary that both sides have,
 * schemas/squeeze-1.txt, which is the skeletons of our own documents without anybody's data. Behind
 * it up to SQUEEZE_CERTS texts that both sides know anyway: certificates of the trust list.
 *
 * Each piece of octets stands for itself. Nothing of one message is ever in the window of another,
 * so how long one becomes tells nothing of any other (decision 17). */
#ifndef DAFTAR_SQUEEZE_H
#define DAFTAR_SQUEEZE_H

#include "lib/buf.h"

#define SQUEEZE_CERTS 3
/* What comes out is never more than this and SQUEEZE_RATIO times what went in. */
#define SQUEEZE_FREE 4096
#define SQUEEZE_RATIO 40

/* The dictionary, which never changes; another would have another number on the wire. */
struct bytes squeeze_dictionary(void);

/* Appends `in' squeezed. False, and nothing is appended, when that saves nothing or would be more
 * than `unsqueeze' gives back. */
bool squeeze(struct bytes in, const struct bytes *certs, size_t n_certs, struct buf *out) MUST_USE;
/* Appends what was squeezed. False, and nothing is appended, when that is more than `most' octets
 * or than the ratio allows, is not complete, or has anything behind its end. */
bool unsqueeze(struct bytes in, const struct bytes *certs, size_t n_certs, size_t most,
	struct buf *out) MUST_USE;

/* Appends `in' as a gzip file (RFC 1952) without name or time: for files that people hand on, not
 * for messages. */
void gzip_add(struct bytes in, struct buf *out);

#endif
