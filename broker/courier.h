/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bundles at the exchange: an operator hands in what a courier brought from a party, the verbs in
 * it are heard as if the party had said them on a line, and everything that is said to the party
 * meanwhile (receipts, refusals, notices, deliveries, the trust list) becomes the answer that the
 * courier carries back. To the exchange the courier is a connection like any other, with a number
 * of its own; the one thing that differs is that a file keeps its order, so messages of one
 * conversation may follow each other in it. One bundle at a time. Inside daftard only. */
#ifndef DAFTAR_COURIER_H
#define DAFTAR_COURIER_H

#include "lib/bundle.h"

struct daftard;

struct courier {
	struct buf in, out;
	struct party party; /* who speaks in it */
	uint8_t key[CURVE_KEY_SIZE];
	struct cursor verbs; /* what has not been heard yet */
	bool playing, signed_off;
	uint64_t heard, said;	   /* verbs in, verbs out */
	uint64_t notice, credited; /* the last notice in the answer; as the exchange was told */
};

void courier_clear(struct courier *c);
/* The exchange says this to the courier's party. False: there is no room for it. */
bool courier_say(struct courier *c, const struct wire *w) MUST_USE;

/* Ends the bundle that is being played, if this party speaks in it. */
void courier_cut(struct daftard *d, const struct party *party);

/* ---- what the operator's tool asks for, in this order ---- */
/* A new bundle; E_BUSY while another one is being answered and `force' is not said. */
enum err courier_begin(struct daftard *d, bool force) MUST_USE;
enum err courier_put(struct daftard *d, struct bytes part) MUST_USE; /* E_TOO_LARGE, E_STATE */
/* All is here: checks it and begins to hear. The codes of bundle_open. */
enum err courier_open(struct daftard *d) MUST_USE;
/* Hears as much as the examiners have room for; *done when the answer is complete and signed. */
enum err courier_step(struct daftard *d, bool *done) MUST_USE;

#endif
