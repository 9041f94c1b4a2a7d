/* SPDX-License-Identifier: EUPL-1.2
 *
 * Closing a period of a channel. A party states, signed (a message of action
 * ReconciliationStatement), how many messages of the channel its book holds, their fingerprint, and
 * whether the comparison agreed; the exchange that has compared its own book counter-signs with its
 * log's key. The two documents together are the proof that both sides held the same, for anyone who
 * has the party's certificate and the log's key; neither of them names a person.
 *
 * The counter-signature is a signed note (lib/note.h) whose text says again what was stated, and
 * the SHA-256 of the signed statement:
 *
 *	daftar-closing/1
 *	realm
 *	channel from
 *	channel to
 *	period from (2026-11-01T00:00:00.000Z)
 *	period to
 *	count
 *	fingerprint (32 hex digits)
 *	AGREED or DIFFERS
 *	SHA-256 of the signed statement (64 hex digits) */
#ifndef DAFTAR_CLOSING_H
#define DAFTAR_CLOSING_H

#include "lib/book.h"
#include "lib/message.h"

#define CLOSING_DIFFERENCES_MAX 200

struct closing_difference {
	struct id id;
	char word[24]; /* of lib/difference.def */
};

/* Fixed in size, 8 KiB. */
struct closing {
	struct party from, to; /* the channel */
	int64_t since, until;  /* the period of creation, ms UTC */
	uint64_t count, open;
	uint8_t fingerprint[BOOK_FINGERPRINT_SIZE];
	bool agreed; /* then n is 0, and only then */
	size_t n;    /* more differences than there is room for are left out */
	struct closing_difference difference[CLOSING_DIFFERENCES_MAX];
};

/* The signed message; the action of `h' is A_RECONCILIATION_STATEMENT. E_STATE for a closing that
 * closing_parse would refuse (agreed with differences, a period that ends before it begins). */
enum err closing_sign(const struct header *h, const struct closing *c,
	const struct identity *signer, struct buf *out) MUST_USE;
/* What a message that was examined before states; no XML library reads it here, so that the
 * exchange may. E_MALFORMED. */
enum err closing_parse(struct bytes statement, struct closing *out) MUST_USE;

/* The exchange, after it has examined the statement and found the same in its own book. `origin' is
 * the name under which its log signs now. E_MALFORMED, E_CHECKPOINT. */
enum err closing_countersign(
	struct bytes statement, const char *origin, EVP_PKEY *log_key, struct buf *out) MUST_USE;
/* That `note' counter-signs exactly this statement, under the log's name or that of a later
 * generation of it. The statement's own signature is not checked here: examine() does that.
 * E_MALFORMED, E_CHECKPOINT. */
enum err closing_verify(struct bytes statement, struct bytes note, const char *log,
	const uint8_t log_key[32], struct closing *out) MUST_USE;

#endif
