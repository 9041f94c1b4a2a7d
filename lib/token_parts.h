/* SPDX-License-Identifier: EUPL-1.2
 *
 * Between token.c, which speaks PKCS#11, and token_evp.c, which makes EVP_PKEYs of what it holds.
 * What goes between them is octets. */
#ifndef DAFTAR_TOKEN_PARTS_H
#define DAFTAR_TOKEN_PARTS_H

#include "lib/token.h"

#define TOKEN_VALUE_MAX 1024 /* octets of RSA of 8192 bits */

struct token_key; /* a key in a token; counted */

enum err token_open(const char *uri, struct token_key **out) MUST_USE;
void token_free(struct token_key **k); /* gives one reference back */
struct token_key *token_ref(struct token_key *k);
/* What was in the way of its last use: E_TOKEN (also when the token is there and the key is not any
 * more), E_PIN, or E_OK when nothing was. Forgotten by being told. */
enum err token_why(struct token_key *k) MUST_USE;

/* The public half, as the token tells it. */
struct token_public {
	bool is_rsa;
	/* EC: DER of the curve's name and of an octet string with the point; RSA: modulus and
	 * public exponent, big-endian. */
	uint8_t first[TOKEN_VALUE_MAX], second[TOKEN_VALUE_MAX];
	size_t first_size, second_size;
};
enum err token_public(struct token_key *k, struct token_public *out) MUST_USE;

/* What the private key can do. PKCS #11's words: CKM_ECDSA over a digest (r || s), CKM_RSA_PKCS
 * over a DigestInfo, CKM_RSA_X_509 (the padding is checked by OpenSSL, which knows OAEP with
 * SHA-256; not all tokens do), CKM_ECDH1_DERIVE with the other side's uncompressed point. */
enum token_act { TOKEN_ECDSA, TOKEN_RSA_SIGN, TOKEN_RSA_DECRYPT, TOKEN_ECDH };
/* *size is the room on entry; for TOKEN_ECDH it is the size of the secret. A token that fails is
 * opened again and asked once more. */
bool token_act(struct token_key *k, enum token_act act, struct bytes in, uint8_t *out,
	size_t *size) MUST_USE;

#endif
