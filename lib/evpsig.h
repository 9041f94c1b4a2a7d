/* SPDX-License-Identifier: EUPL-1.2
 *
 * xmlsec's signature methods over any EVP_PKEY. The ones that come with xmlsec 1.2.37 look inside
 * the key (for RSA's private exponent, for a curve's order) and so refuse a key in a token; these
 * only call signature_make and signature_check. For seal only. */
#ifndef DAFTAR_EVPSIG_H
#define DAFTAR_EVPSIG_H

#include <xmlsec/xmlsec.h>
#include <xmlsec/keys.h>
#include <xmlsec/transforms.h>

#include "lib/signature.h"

/* Empties xmlsec's lists of transforms and of key formats and registers only: enveloped signature,
 * exclusive canonicalisation, SHA-256, and our methods. An algorithm that is not registered does
 * not exist for xmlsec. False when xmlsec fails. */
bool evpsig_register(void) MUST_USE;
xmlSecTransformId evpsig_transform(enum method m);
/* A key for a signature context, holding its own reference on `key'. NULL when xmlsec fails. */
xmlSecKey *evpsig_key(EVP_PKEY *key, bool may_sign);

#endif
