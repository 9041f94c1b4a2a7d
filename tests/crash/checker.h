/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the checker: what was found, and the faults that it proves. */
#ifndef DAFTAR_CRASH_CHECKER_H
#define DAFTAR_CRASH_CHECKER_H

#include "lib/receipt.h"

/* Each with the sentence that is promised not to come true. */
enum fault {
	LOST,	   /* filed or accepted, and its end is not everywhere where it should be */
	TWICE,	   /* one act entered more than once */
	PHANTOM,   /* entered and never filed */
	UNSTORED,  /* a receipt that was given for what the store does not hold */
	DIFFERENT, /* two receipts for one stage of one message */
	UNTOLD,	   /* a sender that does not know the end of its message, or another one */
	UNPROVED,  /* the log does not prove what a receipt says, or is not one log */
	HALF,	   /* a part of an entry without the rest, or a gap in the numbers */
	FAULTS
};
void fault(enum fault kind, const char *fmt, ...) PRINTF(2, 3);

/* ---- the registers (checker_register.c) ---- */

struct made {
	const char *reg; /* which register */
	char key[65], number[64], act[200], message[ID_TEXT_SIZE];
	uint64_t issued; /* the number of the birth where it was first entered */
};
struct made_list {
	struct made *list;
	size_t n, room;
};
void register_folder(const char *folder, const char *prefix, struct made_list *out);
void register_sqlite(const char *file, struct made_list *out);
/* Sorts them by `issued' and tells what stands twice. */
void register_judge(struct made_list *all);

/* ---- the log (checker_log.c) ---- */

/* One receipt: its leaf at its place, its checkpoint at its size. */
void log_receipt(struct bytes receipt, const struct receipt *r);
/* Every leaf there once, all checkpoints roots of this one log. */
void log_judge(uint64_t size, size_t *checkpoints);

#endif
