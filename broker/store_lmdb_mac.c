/* SPDX-License-Identifier: EUPL-1.2
 *
 * The authentication of a record: HMAC-SHA-256 under the store's key, cut to 16 octets, over the
 * number of its table, the size of its key, its key and its content. So a record that was altered,
 * that stands in another place, or that was made by somebody without the key, does not pass. The
 * state after the key is made once; a record then costs about half a microsecond. */
#include "broker/store_lmdb.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

EVP_MAC_CTX *
mac_new(const uint8_t key[STORE_KEY_SIZE])
{
	char digest[] = "SHA256";
	OSSL_PARAM how[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end()};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);

	if (ctx == NULL || EVP_MAC_init(ctx, key, STORE_KEY_SIZE, how) != 1)
		die("store: HMAC-SHA-256 failed");
	EVP_MAC_free(hmac);
	return ctx;
}

void
table_mac(EVP_MAC_CTX *ctx, enum table table, const struct key *k, struct bytes content,
	uint8_t out[MAC_SIZE])
{
	uint8_t place[2 + sizeof k->octet] = {(uint8_t)table, (uint8_t)k->size}, octets[32];
	size_t size;

	memcpy(place + 2, k->octet, k->size);
	/* No key: the one it was made with, from its state. */
	if (EVP_MAC_init(ctx, NULL, 0, NULL) != 1 || EVP_MAC_update(ctx, place, 2 + k->size) != 1 ||
		EVP_MAC_update(ctx, content.data, content.size) != 1 ||
		EVP_MAC_final(ctx, octets, &size, sizeof octets) != 1)
		die("store: HMAC-SHA-256 failed");
	memcpy(out, octets, MAC_SIZE);
}
