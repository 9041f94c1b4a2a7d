/* SPDX-License-Identifier: EUPL-1.2
 *
 * A party's own keys. They are made where they will be used: only their public halves ever travel.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "certs/issue.h"
#include "certs/own_keys.h"
#include "certs/pki.h"
#include "certs/place.h"

struct own_keys *
own_keys_make(void)
{
	struct own_keys *k = xcalloc(1, sizeof(*k));

	k->sign = issue_key();
	k->encrypt = issue_key();
	curve_generate(&k->curve);
	return k;
}

void
own_keys_free(struct own_keys **k)
{
	struct own_keys *old = TAKE(*k);

	if (!old)
		return;
	key_free(&old->sign);
	key_free(&old->encrypt);
	OPENSSL_cleanse(old, sizeof(*old));
	free(old);
}

enum err
own_key_write(EVP_PKEY *key, const char *path, bool force)
{
	OWNED_BUF(pem) = {0};

	issue_key_pem(key, &pem);
	return place_secret(path, buf_bytes(&pem), force);
}

enum err
own_cert_write(X509 *cert, const char *path, bool force)
{
	OWNED_BUF(pem) = {0};

	issue_cert_pem(cert, &pem);
	return place_public(path, buf_bytes(&pem), force);
}

static enum err
write_curve(const struct curve_pair *pair, const char *folder, bool force)
{
	char text[CURVE_TEXT_SIZE + 1];
	enum err e;

	curve_format(pair->secret_key, text);
	text[CURVE_TEXT_SIZE - 1] = '\n';
	e = place_secret(path_in(folder, "curve.key"), bytes_of(text, CURVE_TEXT_SIZE), force);
	OPENSSL_cleanse(text, sizeof(text));
	if (e != E_OK)
		return e;
	curve_format(pair->public_key, text);
	text[CURVE_TEXT_SIZE - 1] = '\n';
	return place_public(path_in(folder, "curve.pub"), bytes_of(text, CURVE_TEXT_SIZE), force);
}

static enum err
check_free(const char *folder)
{
	static const char *const names[] = {"sign.key", "encrypt.key", "curve.key", "curve.pub"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (place_exists(path_in(folder, names[i])))
			return refuse(E_STATE, say("%s holds keys already (%s)", folder, names[i]),
				"the keys that are there are untouched and still work",
				"use another folder, or add --force: the old keys are then kept "
				"under new names");
	return E_OK;
}

enum err
own_keys_write(const struct own_keys *k, const char *folder, bool force)
{
	if (!force)
		TRY(check_free(folder));
	TRY(own_key_write(k->sign, path_in(folder, "sign.key"), force));
	TRY(own_key_write(k->encrypt, path_in(folder, "encrypt.key"), force));
	return write_curve(&k->curve, folder, force);
}
