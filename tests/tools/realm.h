/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the tools need of a throw-away realm (daftar-pki realm): its list and its parties' keys.
 * What is not there ends the tool. */
#ifndef DAFTAR_TOOLS_REALM_H
#define DAFTAR_TOOLS_REALM_H

#include <errno.h>

#include "lib/trust.h"

static const char *realm; /* its folder */

static inline void
sure(enum err e, const char *what)
{
	if (e == E_OK)
		return;
	errno = 0;
	die("%s: %s", what, err_word(e));
}

static inline struct identity *
identity_of_party(const char *code)
{
	OWNED(char, key, free_chars) = xprintf("%s/parties/%s/sign.key", realm, code);
	OWNED(char, cert, free_chars) = xprintf("%s/parties/%s/sign.pem", realm, code);
	struct identity *who = NULL;

	sure(identity_load(key, cert, &who), key);
	return who;
}

static inline struct trust *
load_trust(void)
{
	OWNED(char, list, free_chars) = xprintf("%s/trust.xml", realm);
	OWNED(char, pem, free_chars) = xprintf("%s/operator.pem", realm);
	OWNED(X509, operator_cert, cert_free) = NULL;
	struct trust *t = NULL;

	sure(cert_load(pem, &operator_cert), pem);
	sure(trust_load_file(list, operator_cert, instant_now(), &t), list);
	return t;
}

#endif
