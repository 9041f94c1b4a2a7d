/* SPDX-License-Identifier: EUPL-1.2
 *
 * A spool's records as they stand on disk, behind their authentication. */
#include "tests/fuzz/fuzz.h"

#include "lib/header.h"
#include "lib/spool_lmdb.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct header_record *r = xcalloc(1, sizeof *r); /* alone, so that a step beyond it shows */
	struct header_record again;
	struct header h;

	memcpy(r, data, size < sizeof *r ? size : sizeof *r);
	header_unpack(r, &h);
	if (h.action < ACTION_N && header_sane(&h))
		header_pack(&h, &again);
	free(r);
	if (size > 0)
		(void)key_order_of(bytes_of(data, size));
	return 0;
}
