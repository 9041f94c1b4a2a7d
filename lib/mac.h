/* SPDX-License-Identifier: EUPL-1.2
 *
 * What every record of the store and of the spool carries: HMAC-SHA-256 (RFC 2104) cut to 16
 * octets, under a key that lies in a file outside of the folder. So a record that was altered, that
 * stands in another place, or that was made by somebody without the key, does not pass: who can
 * write to the folder alone, or a disk that lies, makes none that does. What a record's octets are
 * is said by broker/store_lmdb_table.c and lib/spool_mac.c. */
#ifndef DAFTAR_MAC_H
#define DAFTAR_MAC_H

#include "lib/base.h"
#include "lib/err.h"

#define MAC_SIZE 16
#define MAC_KEY_SIZE 32

/* The state after the key is made once; a record then costs less than a microsecond. */
struct mac;
struct mac *mac_new(const uint8_t key[MAC_KEY_SIZE]);
void mac_free(struct mac **m);
/* Over all the parts, one behind the other. */
void mac_over(struct mac *m, const struct bytes *part, size_t n, uint8_t out[MAC_SIZE]);

/* A regular file, this user's, and closed to all others. E_NO_KEY: there is none (errno is ENOENT)
 * or it is no key; E_KEY_MODE. Nothing is logged. */
enum err mac_key_load(const char *file, uint8_t out[MAC_KEY_SIZE]) MUST_USE;
/* Makes the file, durably, with that key or (NULL) a new one; never in the place of another. E_IO.
 */
enum err mac_key_make(const char *file, const uint8_t *key) MUST_USE;

#endif
