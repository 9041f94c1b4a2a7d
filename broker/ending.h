/* SPDX-License-Identifier: EUPL-1.2
 *
 * When an operator is warned of what ends: 90, 30 and 7 days before, and after. */
#ifndef DAFTAR_ENDING_H
#define DAFTAR_ENDING_H

#include "lib/trust.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define ENDING_TEXT_SIZE 160

/* The least of 7, 30 and 90 days that it is within; 0: it has ended; -1: it is not near its end. A
 * list is signed anew often, so for one only those count that are at most half of its `life' (ms).
 */
int64_t ending_threshold(const struct trust_expiry *x, int64_t list_life, int64_t now);
/* A sentence for log and status. */
void ending_describe(const struct trust_expiry *x, int64_t threshold, char out[ENDING_TEXT_SIZE]);

#endif
