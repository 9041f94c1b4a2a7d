/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which parts of scans have come, as facts of the spool, "attachment/CASE/DIGEST/PART": the message
 * that brought it, and what it says of the file. The octets stay where they came, in the message's
 * body, and go with it: by the case's retention, or when its consent is withdrawn. */
#ifndef DAFTAR_ADAPTER_SCANS_H
#define DAFTAR_ADAPTER_SCANS_H

#include "lib/record.h"
#include "lib/spool.h"

#define SCANS_MAX 16 /* files of a case */

struct scan_part {
	struct id conversation;
	struct digest document;
	unsigned part, of;
	size_t size; /* of the whole file */
	char kind[32], media_type[32];
	struct party from;
	struct id message;
};
enum err scan_keep(struct spool *s, const struct scan_part *p) MUST_USE;
/* Of a case, NULL: of all; those of one file stand together, in their order. False ends it. */
typedef bool scan_visit(void *context, const struct scan_part *p);
enum err scan_each(
	struct spool *s, const struct id *conversation, scan_visit *each, void *context) MUST_USE;
enum err scan_drop(struct spool *s, const struct scan_part *p) MUST_USE;

#endif
