/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the LMDB store: what it keeps of consents, so that messages can be stopped by their
 * tokens. A consent is named by the id of its token together with the office that took it, so that
 * nobody stops another's. */
#ifndef DAFTAR_STORE_LMDB_CONSENT_H
#define DAFTAR_STORE_LMDB_CONSENT_H

#include "broker/store_lmdb.h"

struct withdrawn_record {
	uint8_t version;
	int64_t at;
	uint64_t seq; /* of the message that said so */
} PACKED;
_Static_assert(sizeof(struct withdrawn_record) == 17, "withdrawn consents on disk");

struct frozen_record {
	uint8_t version;
	int64_t since;
	char who[32], holder[32], destination[32];
} PACKED;
_Static_assert(sizeof(struct frozen_record) == 105, "frozen cases on disk");

struct stopped_record {
	uint8_t version;
	uint8_t why; /* enum stop */
	int64_t since;
} PACKED;
_Static_assert(sizeof(struct stopped_record) == 10 && STOP_FROZEN == 1 && STOP_CONSENT == 2,
	"stopped messages on disk");

struct key key_token(const struct consent_token *k);
struct key key_case(const struct id *conversation, const struct party *by);
/* As store_stopped; damage is a failure of the transaction. */
enum stop step_stopped(struct store_txn *t, uint64_t seq);

#endif
