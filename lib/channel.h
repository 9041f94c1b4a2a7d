/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pipe between our own processes: frames of a 4-byte big-endian length and that many bytes over
 * a Unix stream socketpair, buffered in both directions, inside a libevent loop. The other end may
 * be an attacker who took over a gate or an examiner: a frame above the agreed maximum, or garbage,
 * closes the channel. */
#ifndef DAFTAR_CHANNEL_H
#define DAFTAR_CHANNEL_H

#include <event2/event.h>

#include "lib/buf.h"

#define CHANNEL_FRAME_MAX (1024 * 1024)

struct channel;

/* One frame arrived (a loan until return), or `frame.data' is NULL: the other end is gone, and the
 * channel may be freed from within the call. */
typedef void channel_handler(void *context, struct bytes frame);

/* Takes ownership of `fd' (made non-blocking). From now on the process ignores SIGPIPE: the other
 * end may go at any moment. */
struct channel *channel_new(
	struct event_base *base, int fd, channel_handler *handler, void *context);
void channel_free(struct channel **c);
/* Queues a frame (not empty; nothing happens after the end). Frames are written when the loop runs;
 * channel_pending is what still waits, in bytes. */
void channel_send(struct channel *c, struct bytes frame);
size_t channel_pending(const struct channel *c);
/* Called, with the handler's context, each time when everything that waited has been written. The
 * channel must not be freed from within. */
typedef void channel_drained(void *context);
void channel_on_drained(struct channel *c, channel_drained *drained);

/* Blocking twins for a process that does one thing at a time (the examiner, and whoever waits for
 * one): E_IO at end of file or error. `out' is reset first. A frame
 * above `max' is E_IO too. */
enum err channel_read(int fd, struct buf *out, size_t max) MUST_USE;
enum err channel_write(int fd, struct bytes frame) MUST_USE;

#endif
