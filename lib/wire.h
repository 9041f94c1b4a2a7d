/* SPDX-License-Identifier: EUPL-1.2
 *
 * DXP/1, the protocol between a peer and the broker: verbs as lists of frames. This file knows
 * nothing of sockets. Frame 0 is "DXP1", frame 1 the verb, then the verb's fields, each a frame of
 * its own: numbers are 8 octets big-endian, ids 16 octets, digests 32, words ASCII. doc/PROTOCOL.md
 * has the ABNF; the table of verbs is lib/verb.def. */
#ifndef DAFTAR_WIRE_H
#define DAFTAR_WIRE_H

#include "lib/buf.h"
#include "lib/id.h"
#include "lib/message.h"

#define WIRE_VERSION "DXP1"
#define WIRE_FRAMES_MAX 8
#define WIRE_FRAME_MAX (280 * 1024)
#define WIRE_TOTAL_MAX (600 * 1024) /* all frames of one verb together */

enum verb {
#define VERB(name, word, direction, fields) name,
#include "lib/verb.def"
#undef VERB
	VERB_N
};
const char *verb_word(enum verb v);
/* 'p' when a peer says it, 'b' when the broker says it, '*' both. */
char verb_direction(enum verb v);

/* One verb with its fields; which fields count is told by lib/verb.def. Bytes are loans from the
 * frames it was parsed from, or from whoever fills it to be sent. */
struct wire {
	enum verb verb;
	uint64_t number;      /* N: credit, attempt, notice number, trust-list version */
	uint64_t epoch;	      /* E */
	uint64_t resume;      /* R: the last notice (CONFIRM) that is durable in the peer's spool */
	struct id id;	      /* I: of a message; HELLO: the incarnation */
	struct digest digest; /* D */
	enum err code;	      /* C: a word of err.def */
	bool retry;	      /* C carries it: "1" or "0" in a frame of its own */
	struct bytes text;    /* S: for people: printable ASCII, at most 255 octets */
	struct bytes body;    /* B: a message, receipt or trust list */
	struct bytes extra; /* X: a second body, or a receipt that proves a refusal; may be empty */
};

struct frames {
	struct bytes frame[WIRE_FRAMES_MAX];
	size_t n;
	uint8_t scratch[128]; /* where encoded numbers live */
};

/* Fills `out' with loans from `w' and out->scratch. */
void wire_encode(const struct wire *w, struct frames *out);
/* E_VERSION for another version, E_WIRE for anything that is not exactly one verb of `direction'
 * ('p' or 'b'). */
enum err wire_decode(
	const struct bytes *frame, size_t n, char direction, struct wire *out) MUST_USE;

#endif
