/* SPDX-License-Identifier: EUPL-1.2
 *
 * Receipts, checkpoints, signed notes, statements and closings, read by expectation. Nothing but
 * what its key has signed verifies, and that key signs nothing here. */
#include "tests/fuzz/fuzz.h"

#include "lib/closing.h"
#include "lib/negentropy.h"
#include "lib/receipt.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[32] = {0x3b, 0x6a, 0x27, 0xbc, 1};
	struct bytes v = bytes_of(data, size);
	OWNED_BUF(again) = {0};
	struct statement what;
	struct receipt receipt;
	struct closing closing;
	struct checkpoint checkpoint;

	if (statement_parse(v, &what) == E_OK) {
		statement_compose(&what, &again);
		if (again.size != size || memcmp(again.data, data, size) != 0)
			broken("a statement has one spelling");
	}
	if (checkpoint_verify(v, "daftar.example/log", key, &checkpoint) == E_OK)
		broken("no checkpoint without its signature");
	if (receipt_verify(v, "daftar.example/log", key, &receipt) == E_OK)
		broken("no receipt without its signature");
	(void)!closing_parse(v, &closing);
	return 0;
}
