/* SPDX-License-Identifier: EUPL-1.2
 *
 * One line an event to standard error, lower case, message id first, then key=value:
 *
 *	2026-11-24T08:00:00.123Z daftard[812]: 018f6c.. accepted from=KE.CRS to=SO.NIRA
 *
 * Under systemd (JOURNAL_STREAM set) the time is left out and a <N> priority put in front, or the
 * line is sent to the journal with its codes as fields (lib/log_journal.h). Never a
 * name, a date of birth or any text of a record: only codes, ids, digests, sizes and times. */
#ifndef DAFTAR_LOG_H
#define DAFTAR_LOG_H

#include "lib/id.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_DETAIL };

/* `program' is kept, not copied. Lines above `level' are dropped. */
void log_open(const char *program, enum log_level level);
/* Another level from now on. */
void log_level_set(enum log_level level);
void log_line(enum log_level level, const char *fmt, ...) PRINTF(2, 3);
/* The same with the id in front. */
void log_message(enum log_level level, const struct id *id, const char *fmt, ...) PRINTF(3, 4);

#endif
