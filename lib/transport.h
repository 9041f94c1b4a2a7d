/* SPDX-License-Identifier: EUPL-1.2
 *
 * ZeroMQ with CURVE, the only file that includes czmq.h: a ROUTER for the gate and a DEALER for
 * peers, both inside a libevent loop. Who speaks is the CURVE key on each message (ZAP User-Id of
 * the body frame), never the routing id; a connection that chooses its own routing id is not heard.
 */
#ifndef DAFTAR_TRANSPORT_H
#define DAFTAR_TRANSPORT_H

#include <event2/event.h>

#include "lib/keyring.h"
#include "lib/parcel.h"
#include "lib/wire.h"

/* A loop for sockets of ZeroMQ, whose events activate themselves again while there is more to read:
 * its timers run however much comes in. The caller's, NULL when the system gives none. */
struct event_base *transport_base(void);

/* A CURVE key pair. */
struct curve_pair {
	uint8_t public_key[CURVE_KEY_SIZE];
	uint8_t secret_key[CURVE_KEY_SIZE];
};
void curve_generate(struct curve_pair *out);
void curve_format(const uint8_t key[CURVE_KEY_SIZE], char out[CURVE_TEXT_SIZE]); /* Z85 */
bool curve_parse(const char *text, uint8_t key[CURVE_KEY_SIZE]) MUST_USE;
/* The secret key file holds the secret in Z85 on one line (mode 0600); the public one is computed.
 */
enum err curve_load(const char *secret_file, struct curve_pair *out) MUST_USE;

/* ---- the gate's side ---- */

/* A connection, numbered by the gate; the same key that reconnects gets a new number. */
typedef uint64_t peer_no;

/* Why the gate shut a connection down. */
enum gate_offence {
	OFFENCE_ENDLESS = 'E', /* a message without an end */
	OFFENCE_FLOOD = 'F',   /* more at once than the gate keeps for one peer */
	OFFENCE_DEAF = 'D',    /* does not read what it is sent */
	OFFENCE_ROUTE = 'R',   /* chose its own routing id */
	OFFENCE_MEMORY = 'M',  /* the most of all when there was too much together */
	OFFENCE_STRANGER = 'S' /* a key that is not admitted: there never was a connection */
};
/* "endless"; NULL when it is none. */
const char *gate_offence_word(enum gate_offence what);

struct gate_socket;
struct gate_handlers {
	void *context;
	/* Frames (loans) from an admitted peer. */
	void (*frames)(void *context, peer_no peer, const uint8_t key[CURVE_KEY_SIZE],
		const struct bytes *frame, size_t n);
	/* This number will not be heard again: a send found the peer gone or too slow, its key was
	 * taken away, it offended, or nothing came from it for a minute. Must not send. */
	void (*gone)(void *context, peer_no peer);
	/* A connection of this key (NULL: not known whose) was shut down while so many octets of it
	 * were kept. An endless message and a chosen routing id shut the key out for a while as
	 * well (lib/admission.h). NULL: not wished. Must not send. */
	void (*offence)(void *context, const uint8_t *key, enum gate_offence what, uint64_t octets);
	/* A key that is not admitted has proved that it is whose it says, and was turned away; told
	 * at most once a second. NULL: not wished. Must not send. */
	void (*knocked)(void *context, const uint8_t key[CURVE_KEY_SIZE]);
};
/* Binds `endpoint' ("tcp://127.0.0.1:*"); nobody is admitted before gate_allow. The endpoint really
 * bound is written to `bound'. One gate a process, and not to be closed from within its handlers.
 * E_IO. */
enum err gate_open(struct event_base *base, const char *endpoint, const struct curve_pair *pair,
	const struct gate_handlers *h, char *bound, size_t size, struct gate_socket **out) MUST_USE;
void gate_close(struct gate_socket **g);
/* The keys admitted from now on; the connections of those that are no longer there are shut down,
 * and their numbers forgotten. */
void gate_allow(struct gate_socket *g, const uint8_t (*keys)[CURVE_KEY_SIZE], size_t n);
/* The certificates (as they stand in messages) that thin lines which begin from now on may leave
 * out, where the peer has the same list; its first octets name it. Copied. */
void gate_certs(struct gate_socket *g, const uint8_t list[PARCEL_LIST_SIZE],
	const struct bytes *text, size_t n);
/* Stops handing over what peers say, or goes on: meanwhile it waits here, up to 18 MiB of each peer
 * and 48 MiB of all. */
void gate_pause(struct gate_socket *g, bool pause);
/* False when the peer is gone or its buffer is full; `gone' is called then as well, and the peer
 * starts again with a new number when it speaks again. */
bool gate_send(struct gate_socket *g, peer_no peer, const struct bytes *frame, size_t n) MUST_USE;

/* ---- a peer's side ---- */

struct peer_socket;
/* Frames (loans) from the broker. With n == 0: a connection was made, for the first time or again;
 * now is the moment to say HELLO. The socket may be closed from within the call. */
typedef void peer_handler(void *context, const struct bytes *frame, size_t n);
/* Connects (in the background, for ever again) to `endpoint', whose public key must be `broker'. */
enum err peer_open(struct event_base *base, const char *endpoint,
	const uint8_t broker[CURVE_KEY_SIZE], const struct curve_pair *pair, peer_handler *handler,
	void *context, struct peer_socket **out) MUST_USE;
/* Asks for a thin line (lib/thin.h) from the next connection on: the certificates of this list (a
 * loan, NULL: of none) need not travel, and no more than `window' octets are to be under way to us
 * (0: whatever the line carries). An exchange that knows of no such thing is spoken to as before.
 */
void peer_ask_thin(struct peer_socket *p, const struct parcel_certs *certs, uint64_t window);
/* What has passed since it was opened, as the kernel counts it, with 40 octets for the TCP and IP
 * headers of each packet; of a connection that ended, up to the last half second. */
struct line_octets {
	uint64_t sent, received;
};
void peer_octets(struct peer_socket *p, struct line_octets *out);
/* Something of ours waits for the line. */
bool peer_is_busy(const struct peer_socket *p);
/* When the last octets of a verb that is not yet complete were heard, monotonic ms; 0: none were.
 */
int64_t peer_heard(const struct peer_socket *p);
/* What was sent just before (BYE) still has 200 ms to leave. */
void peer_close(struct peer_socket **p);
/* False while there is no connection, and when its buffer is full: nothing is kept for a later
 * connection, what must not be lost is in the caller's spool. */
bool peer_send(struct peer_socket *p, const struct bytes *frame, size_t n) MUST_USE;

#endif
