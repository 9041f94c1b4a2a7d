/* SPDX-License-Identifier: EUPL-1.2
 *
 * The examination of one message: the same code for broker, adapters and the officer's tool. The
 * order is fixed and cheap things come first: raw bytes, parse, canonical form, form of the
 * signature, schema, spelling, header, body, age of the trust list, parties, certificate, both
 * signature votes, the certificate's life, revocation, consent token, agreement, times.
 * The answer is a small struct of fixed size; XML never leaves the examiner. */
#ifndef DAFTAR_EXAMINE_H
#define DAFTAR_EXAMINE_H

#include "lib/message.h"
#include "lib/revocation.h"
#include "lib/trust.h"

#define VERDICT_MAGIC 0x44465456u /* "DFTV" */

struct verdict {
	uint32_t magic;
	uint32_t code; /* enum err; header below is filled as far as it was understood */
	uint32_t cpu_us;
	uint32_t size;	      /* bytes examined */
	struct digest digest; /* SHA-256 of the bytes; the parent recomputes it */
	struct digest cert; /* SHA-256 of the signer's certificate, once the form was understood */
	struct header header;
	/* Accepted (code E_OK), but what is known about revoked certificates of the signer's
	 * country is too old: not to be handed on before newer data has come. */
	uint8_t held;
	uint8_t has_receipt; /* action Receipt: stage and code of the clear body */
	uint32_t stage;
	char receipt_code[32];
};

/* `peer' is the party that the connection belongs to: the header's sender must be that party. NULL
 * where the message was relayed by the broker or read from a file: the sender is then whoever the
 * header says and the signature proves. `self', when not NULL, must be the addressee (adapters).
 * `revocations' may be NULL: nothing is known. Everything is judged as of `now': a message that was
 * stored earlier is judged as of then. */
void examine(struct bytes message, const struct trust *trust, const struct revocations *revocations,
	const struct party *peer, const struct party *self, int64_t now, struct verdict *out);

#endif
