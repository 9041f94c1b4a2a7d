/* SPDX-License-Identifier: EUPL-1.2
 *
 * What every unit test needs: cmocka in the order it wants to be included, and the folder of the
 * test data. */
#ifndef DAFTAR_TEST_H
#define DAFTAR_TEST_H

/* clang-format off */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A new folder for what a test throws away, in TMPDIR or /tmp; false when there can be none. */
static inline bool
scratch_folder(char *out, size_t size, const char *name)
{
	const char *place = getenv("TMPDIR");

	return snprintf(out, size, "%s/daftar-%s-XXXXXX", place != NULL ? place : "/tmp", name) <
		       (int)size &&
	       mkdtemp(out) != NULL;
}

/* The folder tests/ of the source tree. */
static inline const char *
tests_folder(void)
{
	const char *set = getenv("DAFTAR_TESTS");

	return set != NULL ? set : "tests";
}

#endif
