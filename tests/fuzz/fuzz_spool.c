/* SPDX-License-Identifier: EUPL-1.2
 *
 * A spool's records as they stand on disk, behind their authentication. */
#include "tests/fuzz/fuzz.h"

#include "lib/header.h"
#include "lib/spool_lmdb.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* each alone, so that a step beyond it shows */
	struct header_record *r = xcalloc(1, sizeof *r), again;
	struct token_record *token = xcalloc(1, sizeof *token), token_again;
	size_t first = size < sizeof *r ? size : sizeof *r, rest = size - first;
	struct header h;

	memcpy(r, data, first);
	memcpy(token, data + first, rest < sizeof *token ? rest : sizeof *token);
	header_unpack(r, token, &h);
	if (h.action < ACTION_N && header_sane(&h))
		header_pack(&h, &again, &token_again);
	free(r);
	free(token);
	if (size > 0)
		(void)key_order_of(bytes_of(data, size));
	return 0;
}
