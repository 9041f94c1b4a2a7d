/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the LMDB store: what is set aside, and what became of the last try with it. */
#ifndef DAFTAR_STORE_LMDB_ASIDE_H
#define DAFTAR_STORE_LMDB_ASIDE_H

#include "broker/store_lmdb.h"

struct aside_record {
	uint8_t version;
	int64_t since;
	char code[32];
	uint32_t uid;
	char by[33], reason[201];
} PACKED;
_Static_assert(sizeof(struct aside_record) == 279, "set-aside messages on disk");

/* Under 'c' and a code: the last try with it. */
struct retried_record {
	uint8_t version;
	int64_t at;
	uint64_t n, taken, again;
} PACKED;
_Static_assert(sizeof(struct retried_record) == 33, "tries on disk");

/* Under 'm' and a number: the message is part of a try that is under way. */
struct trying_record {
	uint8_t version;
	int64_t at;
	char code[32];
} PACKED;
_Static_assert(sizeof(struct trying_record) == 41, "messages that are tried again on disk");

bool step_aside(struct store_txn *t, uint64_t seq) MUST_USE;
/* It is not set aside any more; its queue is the caller's. */
void aside_leave(struct store_txn *t, uint64_t seq, const struct entry_record *r);
/* It has reached this stage: so ends what was tried with it. */
void retried_end(struct store_txn *t, uint64_t seq, enum stage stage);
/* Neither held nor stopped nor set aside: its place is in its queue. */
bool is_free(struct store_txn *t, uint64_t seq) MUST_USE;

#endif
