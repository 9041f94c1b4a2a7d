/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a party keeps for itself, at rest: encrypted to its own encryption certificate, as a
 * message's body is to its addressee, so that whoever finds the disk reads nothing. For texts: the
 * octets behind them that fill the size class are no part of them. */
#ifndef DAFTAR_AT_REST_H
#define DAFTAR_AT_REST_H

#include "lib/encrypt.h"

/* Into an empty buffer. E_TOO_LARGE; E_INPUT for what ends in a zero octet, which is no text. */
enum err at_rest_seal(X509 *cert, struct bytes plain, struct buf *out) MUST_USE;
/* With the key, or, where there was another before the last change of keys (NULL: none), with
 * that. E_BODY. */
enum err at_rest_open(struct bytes kept, const struct identity *who, const struct identity *before,
	struct buf *plain) MUST_USE;

#endif
