/* SPDX-License-Identifier: EUPL-1.2
 *
 * The key under which an office keeps its things: for liaison/seal.c alone. */
#ifndef DAFTAR_SEAL_KEY_H
#define DAFTAR_SEAL_KEY_H

#include "liaison/daftar.h"

struct data_keys *data_keys_new(void);
void data_keys_free(struct data_keys **k); /* wipes them */
/* Makes one, or another after a change of certificate. Under case_lock. E_SPOOL_FULL. */
enum err data_key_change(struct office *o) MUST_USE;
bool data_key_has_sealed(struct bytes v);
/* E_NOT_FOUND: there is none yet; E_BODY: it is for another certificate; E_TOO_LARGE. */
enum err data_key_seal(const struct office *o, struct bytes plain, struct buf *out) MUST_USE;
enum err data_key_open(const struct office *o, struct bytes kept, struct buf *plain) MUST_USE;

#endif
