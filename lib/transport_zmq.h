/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the transport only (lib/transport*.c): the one place where ZeroMQ's headers are met, and
 * what gate and peer share. */
#ifndef DAFTAR_TRANSPORT_ZMQ_H
#define DAFTAR_TRANSPORT_ZMQ_H

#include <czmq.h>
#include <event2/event.h>

/* czmq brings syslog.h along, whose macros would silently take the place of our levels. */
#undef LOG_WARNING
#undef LOG_NOTICE

#include "lib/transport.h"

/* In libzmq 4.3.4, but its name is only in the header for drafts. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/* One frame may have 300 KiB. Not less: at 276 octets and below, the CURVE handshake itself is
 * refused (libzmq issue 4436). */
#define ZMQ_FRAME_LIMIT (300 * 1024)
/* Messages handled before other events get their turn. */
#define TURN_BUDGET 64

/* A ZeroMQ socket inside a libevent loop. Its file descriptor is edge-triggered and speaks of its
 * mailbox, not of messages: after anything that was done with the socket the loop has to look at
 * ZMQ_EVENTS again (watch_again), or messages wait for ever. */
struct watch {
	zsock_t *sock;
	struct event *edge;
	struct event *again;
};
typedef void watch_turn(evutil_socket_t fd, short what, void *context);

/* A socket that never blocks, does not touch our signals, and is not yet bound or connected. NULL
 * without resources. */
zsock_t *zmq_socket_make(int type);

struct zmq_option {
	int option;
	int value;
};
/* Sets them all and reads each back: a limit that the library silently ignores is no limit. The
 * list ends with option 0. E_IO. */
enum err zmq_set_options(zsock_t *sock, const struct zmq_option *options) MUST_USE;
enum err zmq_set_octets(zsock_t *sock, int option, const void *data, size_t size) MUST_USE;

/* Takes the socket; `turn' is called when there may be something to do, the first time at once. */
void watch_open(
	struct watch *w, struct event_base *base, zsock_t **sock, watch_turn *turn, void *context);
void watch_close(struct watch *w);
/* Calls `turn' in the loop's next round when something can be read. */
void watch_again(struct watch *w);
/* Calls `turn' in the loop's next round. */
void watch_soon(struct watch *w);

/* One received message. */
struct parts {
	zframe_t *frame[WIRE_FRAMES_MAX + 1];
	size_t n;
	bool too_large;	 /* more frames or octets than any verb has; the rest was thrown away */
	uint64_t octets; /* of the second frame and all that follow, on the wire */
	int fd;		 /* the connection's, when the second frame tells; else -1 */
};
/* Octets of a frame on the wire: ZMTP 3.1 around a CURVE MESSAGE command. */
uint64_t frame_octets(size_t frame);
/* False when nothing is there. */
bool parts_receive(zsock_t *sock, struct parts *out) MUST_USE;
void parts_free(struct parts *p);
/* Frames from number `from' on as loans. */
size_t parts_bytes(const struct parts *p, size_t from, struct bytes out[WIRE_FRAMES_MAX]);
/* Sends the frames as one message (or its rest, when the first part was sent before). */
bool frames_send(zsock_t *sock, const struct bytes *frame, size_t n) MUST_USE;

#endif
