/* SPDX-License-Identifier: EUPL-1.2
 *
 * What has not left this computer, for `daftar outbox' and for the full screen. */
#ifndef DAFTAR_OUTBOX_H
#define DAFTAR_OUTBOX_H

#include "liaison/daftar.h"

/* It waits, or was not taken; what was to stay here is left out, and parts of scans, which are told
 * together (liaison/scans.h). */
bool outbox_has(const struct out_entry *e);
const char *outbox_word(const struct out_entry *e); /* "waiting", "not-taken", "dropped" */
/* Why it cannot be asked for again, NULL: it can. N_("..."), whole sentences without the item. */
const char *outbox_no_retry(struct office *o, const struct out_entry *e);
/* Why it cannot be dropped, NULL: it can. */
const char *outbox_no_drop(struct office *o, const struct out_entry *e);
/* E_STATE when it has become impossible meanwhile. */
enum err outbox_drop(struct office *o, const struct out_entry *e) MUST_USE;
enum err outbox_retry(struct office *o, const struct out_entry *e) MUST_USE;
/* Sends and fetches, and tells how it went (liaison/sync.c). */
enum ending sync_office(struct office *o, int64_t timeout) MUST_USE;

#endif
