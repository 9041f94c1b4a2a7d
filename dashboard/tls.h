/* SPDX-License-Identifier: EUPL-1.2
 *
 * TLS for browsers of other machines, by our own policy: TLS 1.2 with forward secrecy and AEAD, or
 * 1.3; a client certificate of the administrators' own authority, always; no tickets and no
 * sessions kept, so that a certificate that was revoked is looked at on every connection. */
#ifndef DAFTAR_DASHBOARD_TLS_H
#define DAFTAR_DASHBOARD_TLS_H

#include <openssl/ssl.h>

#include "lib/base.h"

struct tls_files {
	const char *certificate; /* PEM, the server's and its chain */
	const char *key;	 /* PEM, readable by nobody else */
	const char *client_ca;	 /* PEM */
	const char *client_crl;	 /* PEM, NULL: none is looked at */
};

/* E_NO_CERT, E_NO_KEY, E_KEY_MODE, E_CONFIG (a list of revocations that cannot be read). */
enum err tls_open(const struct tls_files *files, SSL_CTX **out) MUST_USE;
void tls_free(SSL_CTX **c);

#endif
