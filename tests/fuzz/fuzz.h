/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the fuzzers share. Each is a program around one function that takes hostile octets; it calls
 * `broken' when what came out is not allowed to come out of any input. libFuzzer drives it. */
#ifndef DAFTAR_FUZZ_H
#define DAFTAR_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
broken(const char *promise)
{
	fprintf(stderr, "broken: %s\n", promise);
	abort();
}

/* The next part of an input that holds several: two octets of length, then so many, or what is
 * left. False when there is none. */
static inline bool
next_part(struct cursor *c, struct bytes *out)
{
	size_t size;

	if (c->left < 2)
		return false;
	size = (size_t)cursor_u8(c) << 8;
	size |= cursor_u8(c);
	*out = cursor_take(c, size < c->left ? size : c->left);
	return true;
}

#endif
