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

#define KEY_FILE_MOST 4096

enum err
own_key_take(const char *named, const char *name, struct own_key *out)
{
	*out = (struct own_key){0};
	if (named && place_exists(path_in(named, name)))
		out->file = path_in(named, name);
	if (!out->file) {
		out->key = issue_key();
		return E_OK;
	}
	enum err e = key_load(out->file, &out->key);
	if (e != E_OK)
		return refuse(e, say("%s: %s", out->file, err_sentence(e)), "nothing was changed",
			"a key file of one line: pkcs11:token=..;object=..?module-path=..&"
			"pin-source=file:..");
	return E_OK;
}

enum err
own_keys_take(const char *named, struct own_keys **out)
{
	OWNED(struct own_keys, k, own_keys_free) = xcalloc(1, sizeof(*k));
	struct own_key one;

	TRY(own_key_take(named, "sign.key", &one));
	k->sign = one.key;
	k->sign_file = one.file;
	TRY(own_key_take(named, "encrypt.key", &one));
	k->encrypt = one.key;
	k->encrypt_file = one.file;
	curve_generate(&k->curve);
	*out = TAKE(k);
	return E_OK;
}

struct own_keys *
own_keys_make(void)
{
	struct own_keys *k = NULL;

	if (own_keys_take(NULL, &k) != E_OK)
		die("keys cannot be made");
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
own_key_place(const struct own_key *k, const char *path, bool force)
{
	OWNED_BUF(text) = {0};

	if (!k->file)
		return own_key_write(k->key, path, force);
	TRY(place_read(k->file, KEY_FILE_MOST, &text));
	return place_secret(path, buf_bytes(&text), force);
}

enum err
own_cert_write(X509 *cert, const char *path, bool force)
{
	OWNED_BUF(pem) = {0};

	issue_cert_pem(cert, &pem);
	return place_public(path, buf_bytes(&pem), force);
}

enum err
own_curve_write(const struct curve_pair *pair, const char *folder, bool force)
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
	const struct own_key sign = {k->sign, k->sign_file};
	const struct own_key encrypt = {k->encrypt, k->encrypt_file};

	if (!force)
		TRY(check_free(folder));
	TRY(own_key_place(&sign, path_in(folder, "sign.key"), force));
	TRY(own_key_place(&encrypt, path_in(folder, "encrypt.key"), force));
	return own_curve_write(&k->curve, folder, force);
}
