/* SPDX-License-Identifier: EUPL-1.2
 *
 * The keys that a party makes for itself and never gives away: one to sign, one to receive what is
 * encrypted, one for the line. */
#ifndef DAFTAR_OWN_KEYS_H
#define DAFTAR_OWN_KEYS_H

#include "lib/transport.h"

/* A key that is made here, or one in a token, named by a key file that somebody has written. */
struct own_key {
	EVP_PKEY *key;
	const char *file; /* that names it; NULL: it was made */
};

struct own_keys {
	EVP_PKEY *sign, *encrypt;
	const char *sign_file, *encrypt_file; /* as in struct own_key */
	struct curve_pair curve;
};

struct own_keys *own_keys_make(void);
/* With those of sign.key and encrypt.key that are in the folder `named' (NULL: none). */
enum err own_keys_take(const char *named, struct own_keys **out) MUST_USE;
/* `named'/`name' when it is there, otherwise a new key. */
enum err own_key_take(const char *named, const char *name, struct own_key *out) MUST_USE;
/* To its place: the new key, or a copy of the file that names it. */
enum err own_key_place(const struct own_key *k, const char *path, bool force) MUST_USE;
void own_keys_free(struct own_keys **k);
/* curve.key (0600) and curve.pub of this pair. E_IO. */
enum err own_curve_write(const struct curve_pair *pair, const char *folder, bool force) MUST_USE;
/* sign.key, encrypt.key, curve.key (0600) and curve.pub in `folder'. All or none where nothing is
 * forced: an existing one of them is refused before the first is written. */
enum err own_keys_write(const struct own_keys *k, const char *folder, bool force) MUST_USE;
/* New keys wait here, in the folder of those that are in use, until their answer is accepted. */
#define NEXT_FOLDER "next"
/* A secret file made of a private key. */
enum err own_key_write(EVP_PKEY *key, const char *path, bool force) MUST_USE;
enum err own_cert_write(X509 *cert, const char *path, bool force) MUST_USE;

#endif
