/* SPDX-License-Identifier: EUPL-1.2
 *
 * A bundle: verbs of DXP/1 that one side says to the other, in order, as one signed file for a
 * courier. Importing one is hearing what it says, so everything that makes a repeated verb harmless
 * makes a bundle that is imported twice harmless too. doc/PROTOCOL.md, section "Bundles", has the
 * layout.
 *
 * A party signs with its message-signing key, whose certificate goes along and has to be one that
 * the trust list gives to that party at the time of reading; the exchange signs with its log key.
 * Nothing in a bundle is readable that is not readable on the wire: bodies are encrypted. */
#ifndef DAFTAR_BUNDLE_H
#define DAFTAR_BUNDLE_H

#include "lib/trust.h"
#include "lib/wire.h"

#define BUNDLE_MAX ((size_t)64 << 20) /* octets; more is for another bundle */

struct bundle_head {
	struct party from, to;
	char realm[REALM_SIZE];
	int64_t made;	    /* ms UTC, for people */
	struct digest cert; /* that has signed it; zero: the exchange has, or it is being written */
};

/* ---- writing ---- */
void bundle_begin(struct buf *out, const struct bundle_head *h);
/* False when there is no room left for it; then nothing is added. */
bool bundle_add(struct buf *out, const struct wire *w) MUST_USE;
/* The end and the signature: of a party, or of the exchange. Nothing can be added afterwards.
 * E_NO_KEY when the key does not sign. */
enum err bundle_sign(struct buf *out, const struct identity *who) MUST_USE;
enum err bundle_sign_as_exchange(struct buf *out, EVP_PKEY *log_key) MUST_USE;

/* ---- files ---- */
/* E_NOT_FOUND, E_IO (with errno), E_TOO_LARGE. */
enum err bundle_read(const char *path, struct buf *out) MUST_USE;
/* Under its name only when it is whole and on disk; a file that is there stays (E_STATE). E_IO,
 * with errno. */
enum err bundle_write(const char *path, struct bytes v) MUST_USE;

/* ---- reading ---- */
/* Checks form, realm, addressee and signature. *verbs then gives the verbs, loans from `file'.
 * E_TOO_LARGE, E_INPUT (no bundle, or cut off), E_WRONG_REALM, E_NOT_ADDRESSEE, E_UNKNOWN_PARTY,
 * E_UNKNOWN_CERT, E_CERT_EXPIRED, E_CERT_REVOKED, E_SIGNATURE. */
enum err bundle_open(struct bytes file, const struct trust *trust, const struct party *self,
	int64_t now, struct bundle_head *out, struct cursor *verbs) MUST_USE;
/* The next verb's frames (loans): E_OK, E_NOT_FOUND at the end, E_INPUT. */
enum err bundle_next(struct cursor *verbs, struct bytes frame[WIRE_FRAMES_MAX], size_t *n) MUST_USE;

#endif
