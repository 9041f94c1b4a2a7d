/* SPDX-License-Identifier: EUPL-1.2
 *
 * Dates in columns, as people and spreadsheets write them, for batch_row.c. */
#ifndef DAFTAR_BATCH_DATE_H
#define DAFTAR_BATCH_DATE_H

#include "lib/record.h"

#define BATCH_DAY_SIZE 11

/* `order' is the column date_order: "day-first", "month-first" or "".
 * A day that somebody wrote, as YYYY-MM-DD. NULL, or a sentence that says what is wrong, translated
 * and kept until the next call. */
const char *batch_day(const char *said, const char *order, char out[BATCH_DAY_SIZE]);
/* A date with authored text, and calendar, basis and value where they are told ("" otherwise):
 * what is not told is filled in, on `a'. NULL or a sentence, as above. */
const char *batch_date(const char *order, struct arena *a, struct record_date *d);

#endif
