/* SPDX-License-Identifier: EUPL-1.2
 *
 * The broker's records as they stand on disk, behind their authentication: what unpacks packs to
 * the same octets again. */
#include "tests/fuzz/fuzz.h"

#include "broker/store_lmdb.h"

static void
try_entry(const struct entry_record *r)
{
	struct entry_record again;
	struct entry e;

	if (entry_unpack(r, 7, &e) != E_OK)
		return;
	entry_pack(&e, &again);
	if (again.stage != r->stage || memcmp(again.id, r->id, sizeof r->id) != 0 ||
		memcmp(again.digest, r->digest, sizeof r->digest) != 0)
		broken("an entry comes back as it was");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry_record r;

	memset(&r, 0, sizeof r);
	memcpy(&r, data, size < sizeof r ? size : sizeof r);
	try_entry(&r);
	if (size >= 8)
		(void)key_to_time(bytes_of(data, size));
	return 0;
}
