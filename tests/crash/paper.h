/* SPDX-License-Identifier: EUPL-1.2
 *
 * An officer's case file with a birth of its own, made from the case in tests/data/cases: entry
 * NUMBER of Kenya's register for Somalia, or, `back', of Somalia's for Kenya. */
#ifndef DAFTAR_CRASH_PAPER_H
#define DAFTAR_CRASH_PAPER_H

#include "lib/buf.h"

#define PAPER_OFFICER 7100000000u /* first number of the officer's own papers */
#define PAPER_FILER 7200000000u	  /* first number of the filer's */

void paper_make(const char *template, uint64_t number, bool back, struct buf *out);
/* The whole file; dies when it cannot be read. */
void paper_load(const char *file, struct buf *out);

#endif
