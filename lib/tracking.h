/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tracking numbers (lib/id.h) as bits, for whoever keeps them in order and looks for the beginning
 * of one. */
#ifndef DAFTAR_TRACKING_H
#define DAFTAR_TRACKING_H

#include "lib/id.h"

uint64_t tracking_bits(const struct id *conversation); /* the 40 bits that it is made of */
/* The beginning of a number, with DFT or without, or a whole one: how many of its symbols there are
 * (8 at most), and their bits from bit 39 downwards. 0: it is none. */
size_t tracking_beginning(const char *text, uint64_t *bits) MUST_USE;

#endif
