/* SPDX-License-Identifier: EUPL-1.2
 *
 * How two sides find out in what their books differ without sending them: Negentropy protocol
 * version 1 (https://github.com/hoytech/negentropy, docs/negentropy-protocol-v1.md), 32-octet ids,
 * octet for octet that of the published implementations. One side, the initiator, asks; the other,
 * the responder, keeps nothing between two questions. Equal books cost one small question and one
 * octet of answer; d differences among n elements cost about d log n.
 *
 * Neither side trusts the other: a message is read once, in time that its size and that of
 * the answer bound; what is not exactly a message of the protocol is E_WIRE. */
#ifndef DAFTAR_NEGENTROPY_H
#define DAFTAR_NEGENTROPY_H

#include "lib/book.h"
#include "lib/buf.h"

#define NEGENTROPY_VERSION 0x61
/* The least limit of a message's size; 0 stands for none. */
#define NEGENTROPY_FRAME_MIN 4096
/* An honest run of a million elements and a frame of 200 KiB needs at most some hundred rounds. A
 * responder that lies could keep an initiator busy for ever: the caller stops here. */
#define NEGENTROPY_ROUNDS_MAX 10000
/* So many elements that we lack are collected in one run; it then ends early, and what is missing
 * is found by the next. */
#define NEGENTROPY_NEED_MAX ((size_t)1 << 22)

/* A growing list of elements; zero-initialise. */
struct elements {
	struct digest *list;
	size_t n, room;
};
void elements_add(struct elements *e, const struct digest *element);
void elements_free(struct elements *e);
#define OWNED_ELEMENTS(name) __attribute__((cleanup(elements_free))) struct elements name

/* Each call replaces what is in `out'. */

/* The initiator's first message. */
void negentropy_begin(const struct book *b, size_t frame_max, struct buf *out);
/* The responder's answer. A version of the protocol that we do not know is answered with our own
 * alone, as the protocol says. E_WIRE. */
enum err negentropy_answer(
	const struct book *b, size_t frame_max, struct bytes query, struct buf *out) MUST_USE;
/* The initiator's next message; `out' empty: finished. Adds to `have' what only we hold, to `need'
 * what only they hold. E_WIRE; E_VERSION when the responder does not speak this version. */
enum err negentropy_next(const struct book *b, size_t frame_max, struct bytes answer,
	struct elements *have, struct elements *need, struct buf *out) MUST_USE;

#endif
