/* SPDX-License-Identifier: EUPL-1.2
 *
 * What daftard and daftar-gate say to each other over their channel: the first octet is the kind,
 * numbers are big-endian. Both ends read with the bounded cursor: the gate may have been taken over
 * by whoever it talks to. */
#ifndef DAFTAR_GATE_FRAMES_H
#define DAFTAR_GATE_FRAMES_H

#include "lib/transport.h"

enum gate_frame {
	/* daftard to the gate */
	GATE_OPEN = 'O',  /* secret key, public key, endpoint to bind; the first frame */
	GATE_ALLOW = 'A', /* serial number, keys that are admitted from now on */
	GATE_SEND = 'S',  /* peer, frames */
	GATE_CERTS = 'C', /* name of the trust list, its certificates as text */
	/* the gate to daftard */
	GATE_BOUND = 'B',    /* the endpoint really bound */
	GATE_FAILED = 'E',   /* a word of err.def: why it does not open */
	GATE_FRAMES = 'F',   /* peer, its key, frames */
	GATE_GONE = 'G',     /* peer */
	GATE_OFFENDER = 'X', /* key (zeros: not known), why, octets kept: it was shut down */
	GATE_ALLOWED = 'K',  /* the serial number of a GATE_ALLOW that is in force */
};

#define GATE_ENDPOINT_SIZE 256

void gate_frame_open(struct buf *out, const struct curve_pair *pair, const char *endpoint);
void gate_frame_allow(
	struct buf *out, uint32_t serial, const uint8_t (*keys)[CURVE_KEY_SIZE], size_t n);
void gate_frame_certs(struct buf *out, const struct parcel_certs *certs);
void gate_frame_allowed(struct buf *out, uint32_t serial);
void gate_frame_send(struct buf *out, peer_no peer, const struct bytes *frame, size_t n);
void gate_frame_text(struct buf *out, enum gate_frame kind, const char *text);
void gate_frame_frames(struct buf *out, peer_no peer, const uint8_t key[CURVE_KEY_SIZE],
	const struct bytes *frame, size_t n);
void gate_frame_gone(struct buf *out, peer_no peer);
void gate_frame_offender(struct buf *out, const uint8_t key[CURVE_KEY_SIZE], enum gate_offence what,
	uint64_t octets);

/* One of them, read; bytes are loans from the frame. */
struct gate_said {
	enum gate_frame kind;
	peer_no peer;
	uint32_t serial;
	enum gate_offence offence;
	uint64_t octets;
	uint8_t key[CURVE_KEY_SIZE];
	struct curve_pair pair;
	struct bytes frame[WIRE_FRAMES_MAX];
	size_t n;
	struct bytes keys; /* n_keys of CURVE_KEY_SIZE */
	size_t n_keys;
	uint8_t list[PARCEL_LIST_SIZE];
	struct bytes certs; /* read by gate_frame_cert */
	char text[GATE_ENDPOINT_SIZE];
};
/* The texts of a GATE_CERTS, one after the other; false at the end. */
bool gate_frame_cert(struct bytes *certs, struct bytes *text) MUST_USE;
/* False when it is none. */
bool gate_frame_read(struct bytes frame, struct gate_said *out) MUST_USE;

#endif
