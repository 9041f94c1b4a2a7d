/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who has handled a case: a line of JSON for each time, from what the store holds of its messages.
 * Codes, ids and times only; the same lines are told to a party over the wire and to the operator,
 * who also sees which of his officers it was. */
#ifndef DAFTAR_LEDGER_H
#define DAFTAR_LEDGER_H

#include "broker/store.h"

#define LEDGER_MESSAGES_MAX 128 /* of one case; the rest is told of by a line */

/* `party' NULL: everything, with the names of officers. Otherwise what that party may be told: of
 * messages from or to it, and of the whole case if it gave the consent token. Nothing is added when
 * there is nothing. */
void ledger_lines(struct store *s, const struct party *exchange, const struct id *conversation,
	const struct party *party, struct buf *out);

#endif
