/* SPDX-License-Identifier: EUPL-1.2
 *
 * Names of things: message ids (UUIDv7, RFC 9562 section 5.7), tracking numbers that people can
 * read over a telephone, party codes, digests, and instants. */
#ifndef DAFTAR_ID_H
#define DAFTAR_ID_H

#include "lib/base.h"

#define ID_SIZE 16
#define ID_TEXT_SIZE 37 /* with the NUL */
#define DIGEST_SIZE 32
#define DIGEST_TEXT_SIZE 65
#define PARTY_SIZE 32	     /* room for a party code with its NUL: "KE.CRS", "UNHCR.NBO" */
#define TRACKING_SIZE 16     /* "DFT-7Q2K-M9XA-P" and its NUL */
#define INSTANT_TEXT_SIZE 25 /* "2026-11-24T08:00:00.000Z" and its NUL */

struct id {
	uint8_t octet[ID_SIZE];
};

struct digest {
	uint8_t octet[DIGEST_SIZE];
};

/* A party's code, zero-padded to its end so that it can be compared and stored as it is. */
struct party {
	char code[PARTY_SIZE];
};

/* A new UUIDv7: later calls in one process give greater ids. */
struct id id_new(void);
bool id_parse(const char *text, struct id *out) MUST_USE; /* lower case, with dashes, version 7 */
void id_format(const struct id *id, char out[ID_TEXT_SIZE]);
bool id_equal(const struct id *a, const struct id *b);

/* Does its check character mean nothing to a shell? Those of new cases are such: DFT-..-* would be
 * taken for the name of a file. */
bool tracking_is_plain(const char *number);
/* The tracking number of a conversation: 8 Crockford base-32 characters taken from the digest of
 * its id, and a check character (mod 37), grouped DFT-XXXX-XXXX-C. */
void tracking_of(const struct id *conversation, char out[TRACKING_SIZE]);
/* Accepts any case, with or without dashes, with or without DFT, o for 0 and i or l for 1; writes
 * the standard form. False when the check character is wrong or a character is impossible. */
bool tracking_parse(const char *text, char out[TRACKING_SIZE]) MUST_USE;

/* [A-Z]{2,8}\.[A-Z0-9]{1,16} */
bool party_parse(const char *text, struct party *out) MUST_USE;
bool party_equal(const struct party *a, const struct party *b);

void digest_of(const void *data, size_t size, struct digest *out); /* SHA-256 */
/* HMAC-SHA-256 */
void digest_hmac(struct bytes key, struct bytes data, struct digest *out);
void digest_format(const struct digest *d, char out[DIGEST_TEXT_SIZE]); /* lower-case hex */
bool digest_parse(const char *text, struct digest *out) MUST_USE;
bool digest_equal(const struct digest *a, const struct digest *b);

/* Milliseconds since 1970 UTC. Time paces and is shown; it never decides safety. */
int64_t instant_now(void);
void instant_format(int64_t ms, char out[INSTANT_TEXT_SIZE]);
bool instant_parse(const char *text, int64_t *ms) MUST_USE; /* exactly the form above */
/* Milliseconds that only go forward, for pacing (CLOCK_BOOTTIME). */
int64_t monotonic_now(void);

#endif
