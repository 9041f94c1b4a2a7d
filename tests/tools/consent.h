/* SPDX-License-Identifier: EUPL-1.2
 *
 * For tools that make messages by themselves: the token of a consent as a liaison office would
 * grant it. What cannot be made ends the tool. */
#ifndef DAFTAR_TOOLS_CONSENT_H
#define DAFTAR_TOOLS_CONSENT_H

#include "lib/message.h"

#define CONSENT_LIFE (30 * 24 * 60 * 60 * INT64_C(1000))

/* For the case and the purpose of `h', by the office whose key this is: `holder' may tell
 * `destination'. It is put into `h'; its element goes to message_compose_with. */
static inline void
consent_give(struct header *h, const struct party *office, const struct identity *key,
	const struct party *holder, const struct party *destination, struct buf *element)
{
	int64_t now = instant_now();

	h->has_token = true;
	h->token = (struct consent_token){.id = id_new(),
		.conversation = h->conversation,
		.by = *office,
		.holder = *holder,
		.destination = *destination,
		.issued = now,
		.valid_until = now + CONSENT_LIFE};
	if (!copy_text(h->token.purpose, sizeof h->token.purpose, h->purpose) ||
		consent_token_grant(&h->token, key, element) != E_OK)
		die("a token cannot be made");
}

#endif
