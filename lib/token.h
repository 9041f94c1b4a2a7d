/* SPDX-License-Identifier: EUPL-1.2
 *
 * Private keys in a PKCS#11 token (OASIS PKCS #11 v2.40): a card, an HSM, SoftHSM. The key is named
 * by a URI (RFC 7512) and never leaves its token; what is handed out is an EVP_PKEY whose signing
 * (ECDSA, RSA PKCS#1 v1.5) and decrypting (ECDH, RSA-OAEP) happen inside. For lib/keyring.c, which
 * finds the URI in a key file, and for whoever has to tell a token that is away from a key that
 * does not fit.
 *
 *	pkcs11:token=LABEL;object=LABEL?module-path=/..so&pin-source=file:/..
 *
 * module-path and pin-source must be there. The PIN's file is a secret file like any other (0600,
 * owner, no link) and is read only when the token asks for a login; pin-value is refused. A token
 *is never asked twice with a PIN that it has refused: not in this process, and not by the next one
 * either, as long as the token itself remembers a wrong PIN (CKF_USER_PIN_COUNT_LOW and its like),
 * so that no supervisor's restarts can lock it.
 *
 * A token may go and come back: its keys then fail with E_TOKEN and work again when it is there,
 * without a new start. One thread of a process may use all this. */
#ifndef DAFTAR_TOKEN_H
#define DAFTAR_TOKEN_H

#include <openssl/evp.h>

#include "lib/base.h"
#include "lib/err.h"

/* Does this text of a key file name a key in a token? */
bool token_is_named(const char *text) MUST_USE;
/* E_NO_KEY: no URI of the form above, a module that is none, no such key or more than one, or no
 * public key beside it; E_KEY_MODE: the PIN's file or the module may be changed by others, or the
 * token would give the private key away (it is not sensitive, or extractable); E_TOKEN: the token
 * is not there; E_PIN: it refuses the PIN, or has refused one before. */
enum err token_key_load(const char *uri, EVP_PKEY **out) MUST_USE;
/* Why `key' has just failed: E_TOKEN or E_PIN when it lives in a token and that is the reason,
 * `otherwise' when not. Told once: asking again gives `otherwise'. */
enum err token_trouble(EVP_PKEY *key, enum err otherwise) MUST_USE;

#endif
