/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who has opened the body of a message here: the machine, for which step, or a registrar, with
 * which command. Kept in the spool, case by case, for the person concerned; no particulars. Each
 * entry names the digest of the one before it and a fact of its own that of the last, so that one
 * that is missing, wherever, is seen. */
#ifndef DAFTAR_ADAPTER_LEDGER_H
#define DAFTAR_ADAPTER_LEDGER_H

#include <jansson.h>

#include "lib/spool.h"

#define LEDGER_FACTS "ledger/"
#define LEDGER_HEADS "ledger-head/"

struct reading {
	const char *why; /* a word: "show", "certify", ..; for the machine the action */
	bool by_hand;
	uint32_t uid; /* by_hand */
};

/* In one transaction. What the machine opens again, because it tries again, is one entry. What
 * could not be kept is said in the log: work that was begun has to end. */
void ledger_note(struct spool *s, const struct header *h, const struct reading *r, int64_t now);
/* The entries of a case, in order. E_DAMAGED: one is missing or is not as it was; *list has those
 * that are there. */
enum err ledger_list(struct spool *s, const struct id *conversation, json_t *list) MUST_USE;

#endif
