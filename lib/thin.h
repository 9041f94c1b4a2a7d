/* SPDX-License-Identifier: EUPL-1.2
 *
 * One end of a thin line: 20 kbit/s, half a second away. Verbs go as parcels (lib/parcel.h), each a
 * ZMTP frame or, where it is long, several, so that something short can go between two pieces of
 * something long. Two lanes: what is short and awaited (receipts, notices, TAKEN, SETTLED, what
 *stops a case) before what carries bodies; within a lane everything keeps its order. No more is
 *handed over than the line carries in a second or two: what has been handed over can not be
 *overtaken.
 *
 *	frame = mark octets              ; of ZMTP, the only one of its message
 *	mark  = lane part                ; one octet: the lane's bit and the part
 *	lane  = %x10 / %x20              ; awaited / bodies
 *	part  = %x01 / %x02 / %x03       ; whole / more of it follows / its last piece
 *
 * Before both ends have said LINE everything is said in plain frames. No socket and no clock in
 *here: lib/transport_peer.c and lib/transport_gate.c drive it. */
#ifndef DAFTAR_THIN_H
#define DAFTAR_THIN_H

#include "lib/parcel.h"

#define THIN_PIECE 2048
#define THIN_WHOLE 4096	       /* what is not longer than that is not cut */
#define THIN_WINDOW_LEAST 4096 /* octets handed over and not yet taken by the other side */
#define THIN_WINDOW_MOST (64 * 1024)
#define THIN_AHEAD_MS 1500 /* of the line's rate are handed over */

struct thin;

struct thin *thin_new(void);
void thin_free(struct thin **t);

/* ---- LINE: both ends say it in plain frames, the peer first ---- */
#define THIN_LINE_SIZE 64
struct thin_line {
	uint8_t list[PARCEL_LIST_SIZE]; /* of whose certificates; all zero: of none */
	uint64_t window; /* octets that may be under way to whoever says so; 0: any */
};
/* The frames are loans from `text' and literals. */
void thin_line_write(
	const struct thin_line *line, char text[THIN_LINE_SIZE], struct bytes frame[3]);
/* False when it is something else, or of a later kind. */
bool thin_line_read(const struct bytes *frame, size_t n, struct thin_line *out) MUST_USE;
/* The certificates, a loan for as long as the line lives, and what may be under way at most (0:
 * whatever the line carries). */
void thin_agree(struct thin *t, const struct parcel_certs *certs, uint64_t window);

/* ---- saying ---- */
/* False: of this lane already `most' octets wait. */
bool thin_put(struct thin *t, const struct bytes *frame, size_t n, size_t most) MUST_USE;
/* The next frame to be handed over, a loan until the next call. False: nothing waits, or it has to
 * wait. `cost' octets it will be on the line. */
bool thin_next(struct thin *t, struct bytes *frame, uint64_t *cost) MUST_USE;
/* So many octets of the connection has the other side taken in all. */
void thin_look(struct thin *t, uint64_t acknowledged, int64_t tick);
uint64_t thin_waiting(const struct thin *t); /* octets that wait to be handed over */
uint64_t thin_kept(const struct thin *t);    /* with what has been heard of unfinished parcels */

/* ---- hearing ---- */
enum thin_heard {
	THIN_PART, /* of a parcel that goes on */
	THIN_VERB, /* its frames are there, loans until the next call */
	THIN_BAD   /* not as above, or no parcel: the line cannot go on */
};
enum thin_heard thin_hear(struct thin *t, struct bytes octets, struct bytes frame[WIRE_FRAMES_MAX],
	size_t *n) MUST_USE;
/* It may be one of the above: plain frames are never single. */
bool thin_is_parcel(const struct bytes *frame, size_t n);

#endif
