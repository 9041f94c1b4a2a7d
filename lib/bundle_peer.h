/* SPDX-License-Identifier: EUPL-1.2
 *
 * A party's side of bundles: what it would say on a line goes into one, and what the exchange's
 * answer says is heard as if it came on a line (lib/talk.h has the rules of both). Everything that
 * counts is in the spool before it returns. */
#ifndef DAFTAR_BUNDLE_PEER_H
#define DAFTAR_BUNDLE_PEER_H

#include "lib/bundle.h"
#include "lib/examiner.h"
#include "lib/spool.h"

#define BUNDLE_MESSAGES 4096 /* at most, of each kind; the rest is for the next bundle */

struct bundle_peer {
	const char *program; /* "daftar-adapter/0.1" */
	struct party self;
	const struct trust *trust;
	const struct identity *identity; /* signs the bundle, and refusals of deliveries */
	struct spool *spool;		 /* whose link is the caller's */
	uint64_t epoch;
	struct id incarnation;
	struct examiner *examiner; /* NULL: deliveries are passed over */
};

struct bundle_counts {
	uint64_t submitted, taken, settled;		  /* exported */
	uint64_t receipts, refusals, notices, deliveries; /* imported */
	bool more; /* not everything had room: another bundle is needed */
};

/* What is filed, taken and settled, at most `most' of each (0: BUNDLE_MESSAGES). E_NO_KEY,
 * E_NO_TRUST, and the spool's errors. */
enum err bundle_export(const struct bundle_peer *p, size_t most, int64_t now, struct buf *out,
	struct bundle_counts *counts) MUST_USE;
/* A trust list in the bundle that is newer than p->trust, a loan: to be taken before the rest is
 * heard, because what follows may rest on it. E_NOT_FOUND; the codes of bundle_open. */
enum err bundle_trust(
	const struct bundle_peer *p, struct bytes file, int64_t now, struct bytes *list) MUST_USE;
/* The codes of bundle_open. A bundle that was heard before changes nothing. */
enum err bundle_import(const struct bundle_peer *p, struct bytes file, int64_t now,
	struct bundle_counts *counts) MUST_USE;

#endif
