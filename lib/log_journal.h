/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lines of the log as entries of systemd's journal, with fields that can be asked for:
 * `journalctl DAFTAR_PARTY=KE.CRS', `journalctl DAFTAR_CODE=CONFLICT'. The native protocol of
 * systemd-journald, without its library. For lib/log.c. */
#ifndef DAFTAR_LOG_JOURNAL_H
#define DAFTAR_LOG_JOURNAL_H

#include "lib/buf.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* Is this file (standard error) the stream that JOURNAL_STREAM names, "DEVICE:INODE"? */
bool journal_is(int fd, const char *stream);
/* A socket to the journal at `path'; -1: there is none. */
int journal_open(const char *path);
/* One entry: the text as its message, and each "key=value" of it whose key is known as a field of
 * its own. The text is one line. */
void journal_entry(struct buf *out, const char *program, int priority, const char *text);
/* False: it did not get there. */
bool journal_send(int fd, struct bytes entry) MUST_USE;

#endif
