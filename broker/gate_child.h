/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftard's end of the gate: starts the process, tells it what to bind and whom to admit, and
 * starts it again, at the same address, when it dies. What the process says is checked: it may have
 * been taken over by whoever it talks to. */
#ifndef DAFTAR_GATE_CHILD_H
#define DAFTAR_GATE_CHILD_H

#include "broker/gate_frames.h"

struct gate_child;

struct gate_child_handlers {
	void *context;
	/* It listens at `endpoint'; the first time, and after each restart. */
	void (*bound)(void *context, const char *endpoint);
	/* It could not bind, and never has. */
	void (*failed)(void *context, enum err why);
	void (*frames)(void *context, peer_no peer, const uint8_t key[CURVE_KEY_SIZE],
		const struct bytes *frame, size_t n);
	void (*gone)(void *context, peer_no peer);
	/* The keys told by the gate_child_allow that returned this number are in force: nobody else
	 * is heard any more. NULL: not wished. */
	void (*allowed)(void *context, uint32_t serial);
	/* A connection of this key (zeros: not known whose) was shut down for what came from it.
	 * NULL: not wished. */
	void (*offender)(void *context, const uint8_t key[CURVE_KEY_SIZE], enum gate_offence what,
		uint64_t octets);
	/* The process died, and with it every connection. */
	void (*died)(void *context);
};

/* `endpoint' may end in ":*". The pair is copied. E_NOT_FOUND without the program. */
enum err gate_child_open(struct event_base *base, const char *endpoint,
	const struct curve_pair *pair, const struct gate_child_handlers *h,
	struct gate_child **out) MUST_USE;
void gate_child_close(struct gate_child **g);
/* The trust list whose certificates need not travel on thin lines from now on. */
void gate_child_certs(struct gate_child *g, struct bytes list);
/* The keys that are admitted from now on. A number that rises with each call; `allowed' tells when
 * this one, or a later one, is in force. */
uint32_t gate_child_allow(struct gate_child *g, const uint8_t (*keys)[CURVE_KEY_SIZE], size_t n);
/* Whether it is. Without a running gate nobody is connected, and the next one starts with the
 * newest keys: true. */
bool gate_child_in_force(const struct gate_child *g, uint32_t serial);
/* Tells it the same keys again, to hear whether it still answers; one that has owed an answer for
 * longer than `patience' (ms) is replaced. */
void gate_child_ask(struct gate_child *g, int64_t patience);
/* For how long a running gate has owed an answer, ms; 0: it owes none. */
int64_t gate_child_owes(const struct gate_child *g);
/* False when this number is of an earlier process, or the gate does not keep up. */
bool gate_child_send(
	struct gate_child *g, peer_no peer, const struct bytes *frame, size_t n) MUST_USE;
pid_t gate_child_pid(const struct gate_child *g); /* 0: being started again */
unsigned gate_child_starts(const struct gate_child *g);

#endif
