/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the consent token (lib/consent_token*.c only): the element taken apart. */
#ifndef DAFTAR_CONSENT_TOKEN_PARTS_H
#define DAFTAR_CONSENT_TOKEN_PARTS_H

#include "lib/consent_token.h"

#define GRANT_PREFIX "daftar consent token 1\n"
#define CLEARANCE_PREFIX "daftar consent clearance 1\n"

struct token_parts {
	struct bytes tag;
	struct bytes grant, clearance; /* base64; the latter empty without one */
	size_t size;		       /* of the whole element */
};

/* False unless `octets' begin with an element that is spelled as it would be written. */
bool consent_token_parts(
	struct bytes octets, struct consent_token *t, struct token_parts *p) MUST_USE;
/* What is signed: the start tag behind one of the prefixes. */
void consent_token_signed_text(const struct consent_token *t, const char *prefix, struct buf *out);

#endif
