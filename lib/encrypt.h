/* SPDX-License-Identifier: EUPL-1.2
 *
 * Body encryption, author to addressee: XML Encryption 1.1 syntax with a closed profile.
 * AES-256-GCM for the content (96-bit nonce in front, 128-bit tag behind: XML Encryption 1.1
 * section 5.2.4); the key wrapped by ECDH-ES + ConcatKDF(SHA-256) + AES-256 key wrap to an EC key,
 * or by RSA-OAEP with SHA-256 and MGF1-SHA-256 to an RSA key. OpenSSL's primitives are called
 * directly, after the outer signature was checked; everything else is refused with one error. */
#ifndef DAFTAR_ENCRYPT_H
#define DAFTAR_ENCRYPT_H

#include "lib/buf.h"
#include "lib/keyring.h"

/* Size classes a plaintext is padded to, so that its length says little: 2, 4, 8, 16, 32, 64, 128
 * and 160 KiB. 0 when it is larger than that. */
size_t encrypt_class(size_t plain);

/* Appends a canonical xenc:EncryptedData element (namespaces declared in it) for every certificate
 * in `to' (1 to 4). `plain' is the complete padded plaintext. */
enum err encrypt_body(struct bytes plain, X509 *const *to, size_t n, struct buf *out) MUST_USE;
/* `element' is the EncryptedData as it stands in the verified message. E_BODY whatever is wrong;
 * E_ALGORITHM for a profile other than ours. */
enum err decrypt_body(struct bytes element, const struct identity *who, struct buf *plain) MUST_USE;

#endif
