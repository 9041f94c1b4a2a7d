/* SPDX-License-Identifier: EUPL-1.2
 *
 * How the key of an encrypted body reaches its addressee, without any XML: ECDH-ES with ConcatKDF
 * (NIST SP 800-56A, XML Encryption 1.1 sections 5.4.1 and 5.6.4) and AES key wrap (RFC 3394), or
 * RSA-OAEP (RFC 8017). For encrypt.c and decrypt.c. Private keys are used by EVP_PKEY_derive and
 * EVP_PKEY_decrypt alone, so they may live in a token. */
#ifndef DAFTAR_BODYKEY_H
#define DAFTAR_BODYKEY_H

#include <openssl/evp.h>

#include "lib/buf.h"

#define BODYKEY_SIZE 32
#define BODYKEY_WRAPPED_MAX 1024 /* RSA of 8192 bits */
#define BODYKEY_POINT_MAX 97	 /* uncompressed, P-384 */

#define ALG_GCM "http://www.w3.org/2009/xmlenc11#aes256-gcm"
#define ALG_KEY_WRAP "http://www.w3.org/2001/04/xmlenc#kw-aes256"
#define ALG_ECDH_ES "http://www.w3.org/2009/xmlenc11#ECDH-ES"
#define ALG_CONCAT_KDF "http://www.w3.org/2009/xmlenc11#ConcatKDF"
#define ALG_RSA_OAEP "http://www.w3.org/2009/xmlenc11#rsa-oaep"
#define ALG_MGF1_SHA256 "http://www.w3.org/2009/xmlenc11#mgf1sha256"
#define TYPE_ELEMENT "http://www.w3.org/2001/04/xmlenc#Element"

/* ConcatKDF's parameters as the document writes them: hex, the first octet tells how many padding
 * bits there are (none), then "A256KW", "daftar-author", "daftar-addressee". */
#define KDF_ALGORITHM_ID "00413235364B57"
#define KDF_PARTY_U "006461667461722D617574686F72"
#define KDF_PARTY_V "006461667461722D616464726573736565"
#define KDF_INFO                                                                                   \
	"A256KW"                                                                                   \
	"daftar-author"                                                                            \
	"daftar-addressee"

enum curve { CURVE_P256, CURVE_P384, CURVE_N };
const char *curve_uri(enum curve c);
bool curve_of_key(const EVP_PKEY *key, enum curve *out) MUST_USE;

/* A new key pair on the curve, its public point in *point. */
EVP_PKEY *ephemeral_new(enum curve c, uint8_t point[BODYKEY_POINT_MAX], size_t *size);
/* The public key with this uncompressed point; NULL when it is none of the curve. */
EVP_PKEY *ephemeral_read(enum curve c, struct bytes point);

/* The key that wraps: both sides come to the same one. */
bool bodykey_agree(EVP_PKEY *mine, EVP_PKEY *theirs, uint8_t kek[BODYKEY_SIZE]) MUST_USE;
bool bodykey_wrap(const uint8_t kek[BODYKEY_SIZE], const uint8_t key[BODYKEY_SIZE], uint8_t *out,
	size_t *size) MUST_USE;
bool bodykey_unwrap(
	const uint8_t kek[BODYKEY_SIZE], struct bytes wrapped, uint8_t key[BODYKEY_SIZE]) MUST_USE;
/* *size is the room on entry. */
bool bodykey_rsa_wrap(
	EVP_PKEY *to, const uint8_t key[BODYKEY_SIZE], uint8_t *out, size_t *size) MUST_USE;
bool bodykey_rsa_unwrap(EVP_PKEY *mine, struct bytes wrapped, uint8_t key[BODYKEY_SIZE]) MUST_USE;

#define GCM_NONCE_SIZE 12
#define GCM_TAG_SIZE 16
/* AES-256-GCM; `sealed' is nonce, text, tag (XML Encryption 1.1 section 5.2.4). */
void gcm_seal(const uint8_t key[BODYKEY_SIZE], struct bytes plain, struct buf *sealed);
bool gcm_open(const uint8_t key[BODYKEY_SIZE], struct bytes sealed, struct buf *plain) MUST_USE;

#endif
