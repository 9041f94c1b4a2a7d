/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signature values as XML-DSig writes them (XML Signature 1.1 section 6.4, RFC 4051 section 2.3.6),
 * made and checked by OpenSSL's EVP calls only, so that a key may live in a PKCS#11 token. The
 * closed list of signature methods is here: the kind of key fixes the method. For seal and evpsig.
 */
#ifndef DAFTAR_SIGNATURE_H
#define DAFTAR_SIGNATURE_H

#include <openssl/evp.h>

#include "lib/base.h"

#define SIGNATURE_MAX 1024

enum method { METHOD_ECDSA_SHA256, METHOD_ECDSA_SHA384, METHOD_RSA_SHA256, METHOD_N };

const char *method_uri(enum method m);
bool method_of_uri(struct bytes uri, enum method *out) MUST_USE;
/* The one method for this key; false for a key that is weak or of another kind. */
bool method_of_key(const EVP_PKEY *key, enum method *out) MUST_USE;

/* ECDSA values are r || s of fixed length, not DER, and s is at most half of the group's order.
 * *size is the room on entry. */
bool signature_make(
	EVP_PKEY *key, enum method m, struct bytes data, uint8_t *sig, size_t *size) MUST_USE;
bool signature_check(EVP_PKEY *key, enum method m, struct bytes data, struct bytes sig) MUST_USE;

#endif
