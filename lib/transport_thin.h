/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the gate's transport only: which of its peers have asked for a thin line (lib/thin.h), and
 * the certificates that they may leave out. A line keeps the certificates that it began with. */
#ifndef DAFTAR_TRANSPORT_THIN_H
#define DAFTAR_TRANSPORT_THIN_H

#include "lib/thin.h"
#include "lib/transport_crowd.h"

struct thins;

struct thins *thins_new(void);
void thins_free(struct thins **a); /* after all peers */
/* See gate_certs. */
void thins_certs(
	struct thins *a, const uint8_t list[PARCEL_LIST_SIZE], const struct bytes *text, size_t n);

/* The frames ask for a thin line: the peer has one, and is to be told `answer' in plain frames.
 * False: they are something else. */
bool thins_ask(struct thins *a, struct peer *p, const struct bytes *frame, size_t n,
	char text[THIN_LINE_SIZE], struct bytes answer[3]) MUST_USE;
/* See thin_hear; of a peer with a thin line. */
enum thin_heard thins_hear(struct peer *p, struct bytes octets, struct bytes frame[WIRE_FRAMES_MAX],
	size_t *n) MUST_USE;
/* Queues it. False: too much waits for this one, or for all and this one has its share. */
bool thins_put(struct thins *a, struct peer *p, const struct bytes *frame, size_t n) MUST_USE;
/* The next frame that the line has room for. */
bool thins_next(struct peer *p, struct bytes *frame) MUST_USE;
/* How many octets more (or less) than at the last call are kept of this peer. */
int64_t thins_kept(struct thins *a, struct peer *p);
void thins_forget(struct thins *a, struct peer *p);

#endif
