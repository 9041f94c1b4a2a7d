/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a benchmark sends: messages and the receipts that answer them, all made and signed before
 * the clock starts, from the keys of a throw-away realm. */
#ifndef DAFTAR_BENCH_PARCEL_H
#define DAFTAR_BENCH_PARCEL_H

#include "lib/trust.h"

struct parcel {
	struct id id;
	struct digest digest;
	uint8_t *message;
	size_t size;
	uint8_t *receipt; /* the addressee's signed Receipt message */
	size_t receipt_size;
};

struct bench_realm {
	char *folder;
	struct trust *trust;
	X509 *operator_cert;
};

void bench_realm_load(struct bench_realm *r, const char *folder);
/* The party's keys: parties/CODE in the realm. */
struct identity *bench_identity(const struct bench_realm *r, const char *code);
char *bench_path(const struct bench_realm *r, const char *code, const char *file);
/* `n' messages from `from' to `to', each with its receipt. */
struct parcel *bench_parcels(
	const struct bench_realm *r, const char *from, const char *to, size_t n);
int64_t bench_ns(void); /* monotonic */

#endif
