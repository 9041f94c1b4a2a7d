/* SPDX-License-Identifier: EUPL-1.2
 *
 * Sealing what stays: the same encryption as on the way, to oneself. */
#include "lib/at_rest.h"

enum err
at_rest_seal(X509 *cert, struct bytes plain, struct buf *out)
{
	X509 *const to[1] = {cert};
	size_t class = encrypt_class(plain.size);
	OWNED_BUF(padded) = {0};

	if (class == 0)
		return E_TOO_LARGE;
	if (plain.size > 0 && plain.data[plain.size - 1] == 0)
		return E_INPUT; /* it would be taken for what fills the class */
	buf_add_bytes(&padded, plain);
	while (padded.size < class)
		buf_u8(&padded, 0);
	return encrypt_body(buf_bytes(&padded), to, 1, out);
}

static enum err
open_with(struct bytes kept, const struct identity *who, struct buf *plain)
{
	buf_reset(plain);
	TRY(decrypt_body(kept, who, plain));
	while (plain->size > 0 && plain->data[plain->size - 1] == 0)
		plain->size--;
	return E_OK;
}

enum err
at_rest_open(struct bytes kept, const struct identity *who, const struct identity *before,
	struct buf *plain)
{
	enum err e = open_with(kept, who, plain);

	return e == E_OK || before == NULL ? e : open_with(kept, before, plain);
}
