/* SPDX-License-Identifier: EUPL-1.2
 *
 * By when a registry is to have decided on an extract that it has taken. The exchange reads no
 * record: it knows the day on which the extract was taken, and the days that the registry has given
 * of itself in the trust list (lib/trust.h, struct trust_profile). It counts in days of UTC; the
 * registry counts in its own, may have frozen the case, and its count is the one that is law. */
#ifndef DAFTAR_UNDECIDED_H
#define DAFTAR_UNDECIDED_H

#include "broker/store_look.h"
#include "lib/trust.h"

#define UNDECIDED_MOST 256 /* that one look gives, of those that wait the longest */

struct undecided {
	struct entry entry;
	int64_t due; /* the last of its days is over then, ms UTC */
	bool tacit;  /* silence is a refusal then; else the registry means to have decided */
};

/* Does this entry wait for a decision of a registry that has given days? The day by which it means
 * to decide while that lasts, the one on which its law decides after it. */
bool undecided_of(
	const struct trust_profile *p, const struct entry *e, int64_t now, struct undecided *out);
/* What waits for a decision, soonest first. Of very many only those that were accepted first; reads
 * the taken messages of corridors to registries that have given days, and nothing else. */
size_t undecided_look(
	struct store *s, const struct trust *t, int64_t now, struct undecided *out, size_t max);
const char *undecided_word(const struct undecided *d); /* "decision", "tacit" */

#endif
