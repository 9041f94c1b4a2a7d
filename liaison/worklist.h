/* SPDX-License-Identifier: EUPL-1.2
 *
 * The office's cases as a list: gathered, chosen, in order. For `daftar list', several numbers of
 * `daftar track', and the full screen. */
#ifndef DAFTAR_WORKLIST_H
#define DAFTAR_WORKLIST_H

#include "liaison/daftar.h"

/* Which cases; all zero: every one. */
struct choice {
	const char *states;    /* "sent,delivered", NULL: any */
	const char *from, *to; /* of the road: a country or a party, "" or NULL: any */
	int64_t since;	       /* what has changed since then, ms; 0: whenever */
	char road[2][PARTY_SIZE];
};
/* From --state, --corridor and --since; told when one is not understood. */
enum ending choice_of(const struct options *o, struct choice *out) MUST_USE;
bool choice_has(const struct choice *c, const struct story *s);

struct worklist {
	struct story *story;
	size_t n, room;
};
void worklist_free(struct worklist *w);
/* Into {0}. Newest change first. */
enum err worklist_load(struct office *o, const struct choice *c, struct worklist *out) MUST_USE;

#endif
