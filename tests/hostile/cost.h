/* SPDX-License-Identifier: EUPL-1.2
 *
 * What load.c makes and cost.c weighs. */
#ifndef DAFTAR_HOSTILE_COST_H
#define DAFTAR_HOSTILE_COST_H

#include "tests/hostile/hostile.h"

/* What stands between "<e:Body>" and "</e:Body>". */
struct candidate {
	const char *name;
	void (*make)(struct buf *out);
};

extern const struct candidate candidates[], over[];
extern const size_t candidates_n, over_n;
/* The seed, not zero, of the next random_body. */
extern uint64_t random_state;

void repeat(struct buf *out, const char *piece, size_t times);
void statement(struct buf *out);
void random_body(struct buf *out);

#endif
