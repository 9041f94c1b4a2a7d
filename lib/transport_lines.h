/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside the gate's transport only: the TCP connections that libzmq accepted, seen from below. A
 * message of many frames is handed over when it is complete, and libzmq bounds neither their number
 * nor what they take; so what the kernel has received on a connection is compared with what arrived
 * from it here, and a connection that keeps more is shut down, which makes libzmq throw away what
 * it has of it. Handshakes that do not come to an end are held to account as well.
 *
 * libzmq closes a connection when it likes and the number of the file comes back for another one;
 * before one is shut down it is asked whether it still has the peer that it had. */
#ifndef DAFTAR_TRANSPORT_LINES_H
#define DAFTAR_TRANSPORT_LINES_H

#include "lib/admission.h"
#include "lib/transport_zmq.h"

#define LINES_PER_KEY 4

struct lines;

struct lines_handlers {
	void *context;
	/* The connection with this file number is being shut down; its key, NULL when nothing that
	 * came from it names one. */
	void (*offence)(
		void *context, int fd, const uint8_t *key, enum gate_offence what, uint64_t octets);
	/* Every 20 ms, while there are connections. */
	void (*looked)(void *context);
};

/* Before the ROUTER is bound. E_IO. */
enum err lines_open(struct event_base *base, struct watch *router, struct admission *admission,
	const struct lines_handlers *h, struct lines **out) MUST_USE;
/* Before the ROUTER is closed. */
void lines_close(struct lines **l);

/* A key from this address (as ZAP writes it) is admitted: the handshake that is that far is its. */
void lines_admitted(struct lines *l, const char *address, const uint8_t key[CURVE_KEY_SIZE]);
/* So many octets of the connection with this file number arrived as messages, of this key; so many
 * wait for their turn or (negative) have had it; so many were given to be sent. */
void lines_heard(struct lines *l, int fd, const uint8_t key[CURVE_KEY_SIZE]);
void lines_took(struct lines *l, int fd, uint64_t octets);
void lines_waits(struct lines *l, int fd, int64_t octets);
void lines_gave(struct lines *l, int fd, uint64_t octets);

/* Shuts it down. With a key: if it is of this key. */
void lines_cut(struct lines *l, int fd, const uint8_t key[CURVE_KEY_SIZE]);
/* Shuts down whatever the admission does not hear. */
void lines_cut_unheard(struct lines *l);
/* Shuts this one down and tells that it offended. */
void lines_offended(struct lines *l, int fd, enum gate_offence what);

#endif
