/* SPDX-License-Identifier: EUPL-1.2
 *
 * The broker's receipt: a statement of what became of one message, the proof that this statement is
 * a leaf of the broker's log, and the signed checkpoint that the proof leads to. One signature
 * serves every receipt of a commit; anyone who knows the log key can check one without the broker.
 *
 *	<e:Receipt xmlns:e="urn:daftar:envelope:1">
 *	<e:Statement><e:For digest=".." from="KE.CRS" id=".." to="SO.NIRA"></e:For>
 *	<e:Stage>ACCEPTED</e:Stage><e:At>..</e:At><e:Code>..</e:Code>?
 *	<e:By>digest of the addressee's signed receipt</e:By>?</e:Statement>
 *	<e:Proof index="7" size="9"><e:Hash>base64</e:Hash>*</e:Proof>
 *	<e:Checkpoint>note</e:Checkpoint></e:Receipt>	(without these line breaks)
 *
 * The leaf is the octets from "<e:Statement" to "</e:Statement>" inclusive as they stand. */
#ifndef DAFTAR_RECEIPT_H
#define DAFTAR_RECEIPT_H

#include "lib/merkle.h"
#include "lib/message.h"

struct statement {
	struct id id;
	struct digest digest; /* of the message */
	struct party from, to;
	enum stage stage;
	int64_t at;
	char code[32]; /* "" when all is well */
	bool has_by;   /* COMMITTED and REJECTED: SHA-256 of the addressee's signed receipt */
	struct digest by;
};

struct receipt {
	struct statement what;
	uint64_t index;	      /* place in the log */
	struct checkpoint at; /* of the tree it is proved in */
	struct bytes note;    /* that checkpoint, signed; a loan from the receipt's octets */
};

/* The leaf's octets. */
void statement_compose(const struct statement *s, struct buf *out);
enum err statement_parse(struct bytes leaf, struct statement *out) MUST_USE;
void receipt_compose(struct bytes statement, uint64_t index, uint64_t size,
	const struct digest *proof, size_t n, struct bytes checkpoint, struct buf *out);
/* Parses and verifies everything against the log key; of any generation of the log `origin'
 * (lib/merkle.h). E_MALFORMED, E_PROOF, E_CHECKPOINT. */
enum err receipt_verify(struct bytes receipt, const char *origin, const uint8_t log_key[32],
	struct receipt *out) MUST_USE;

#endif
