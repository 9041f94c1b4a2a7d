/* SPDX-License-Identifier: EUPL-1.2
 *
 * A client of ZMTP 3.1 with CURVE (ZeroMQ RFCs 23, 25 and 26) that does what libzmq would not: it
 * sends messages without an end, keys and routing ids as it likes, octets as it likes. Blocking, on
 * one TCP connection. */
#ifndef DAFTAR_TESTS_RAW_H
#define DAFTAR_TESTS_RAW_H

#include <netinet/in.h>

#include "lib/transport.h"

#define RAW_MORE 1
#define RAW_COMMAND 2

struct raw {
	int fd; /* -1: not connected */
	uint8_t short_public[32], short_secret[32];
	uint8_t shared[32]; /* of both short-term keys */
	uint64_t nonce;
};

/* Reads "tcp://ADDRESS:PORT". */
struct sockaddr_in raw_target(const char *endpoint);
/* From the address 127.x.y.z that `from' numbers (0: any). False when it cannot, within 5 s. */
bool raw_connect(struct raw *r, const struct sockaddr_in *to, uint32_t from);
void raw_close(struct raw *r);
bool raw_write(struct raw *r, const void *data, size_t size);
bool raw_read(struct raw *r, void *data, size_t size);
/* The greeting, HELLO and INITIATE with this key and routing id; true when READY came. */
bool raw_handshake(struct raw *r, const uint8_t broker[CURVE_KEY_SIZE],
	const struct curve_pair *pair, const char *route);
/* The same up to and without INITIATE. */
bool raw_hello(struct raw *r, const uint8_t broker[CURVE_KEY_SIZE], uint8_t server[32],
	uint8_t cookie[96]);
/* One frame; RAW_MORE: the message goes on. `size' at most 300 KiB. */
bool raw_send(struct raw *r, int flags, const void *data, size_t size);

#endif
