/* SPDX-License-Identifier: EUPL-1.2
 *
 * Handing JSON to a web address. libcurl is met in broker/webhook.c only. */
#ifndef DAFTAR_WEBHOOK_H
#define DAFTAR_WEBHOOK_H

#include "lib/buf.h"

struct webhook {
	const char *url;  /* http or https */
	const char *ca;	  /* file of the authorities to trust, NULL: the system's */
	struct bytes key; /* for the signature; empty: none */
	long timeout;	  /* seconds for all of it */
};
/* "X-Daftar-Time: SECONDS" and "X-Daftar-Signature: sha256=HEX", an HMAC-SHA-256 under the key over
 * "SECONDS." and the body: who has the key can tell that it is ours and not an old one. */
void webhook_sign(const struct webhook *w, struct bytes body, int64_t now, struct buf *out);
/* POST; blocks. E_UNREACHABLE: nobody answered; E_STATE: the answer was not 2xx. Redirections are
 * not followed. */
enum err webhook_post(const struct webhook *w, struct bytes body, int64_t now) MUST_USE;

#endif
