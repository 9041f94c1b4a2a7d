/* SPDX-License-Identifier: EUPL-1.2
 *
 * News as a mail and as JSON. */
#ifndef DAFTAR_TELLER_TEXT_H
#define DAFTAR_TELLER_TEXT_H

#include <jansson.h>

#include "lib/buf.h"

/* What daftar-alert says by itself; English, the keys of their translations. */
extern const char silence_sentence[], trial_sentence[];

#define NEWS_MOST 50 /* in one message; how many more there are is said */

struct letter {
	const char *exchange; /* its realm */
	const char *from;     /* "": the mail program's own */
	const char *const *to;
	size_t n_to;
	const char *more; /* address of the dashboard, or NULL */
};
/* A mail with its head (RFC 5322), in the language in force. Whatever comes from outside is made
 * one line of plain text. */
void letter_write(struct buf *out, const struct letter *l, const json_t *news, int64_t now);
/* {"exchange":..,"sent":..,"alerts":[..],"more":0} */
void letter_json(struct buf *out, const struct letter *l, const json_t *news, int64_t now);

#endif
