/* SPDX-License-Identifier: EUPL-1.2
 *
 * A client of daftar-examiner: starts the sandboxed process, hands it one message after the other
 * and gets verdicts back. Used blocking by adapters and the officer's tool; daftard speaks the same
 * frames through a channel of its loop.
 *
 * Frames to the examiner: 'T' + trust list + operator's certificate (first, and on change; layout
 * in examiner_frame_trust); 'M' + mode + party code (PARTY_SIZE) + message. Back: one struct
 * verdict per 'M', the word OK or an error word per 'T'. A verdict is checked with verdict_check
 * before any field of it is used: the examiner may have been taken over. */
#ifndef DAFTAR_EXAMINER_H
#define DAFTAR_EXAMINER_H

#include "lib/examine.h"

enum examine_mode { EXAMINE_FROM_PEER = 'P', EXAMINE_AS_ADDRESSEE = 'A', EXAMINE_FILE = 'F' };

struct examiner;

/* Starts the process and gives it the trust list. E_IO, E_SANDBOX, E_NO_TRUST. */
enum err examiner_start(
	struct bytes trust_list, X509 *operator_cert, struct examiner **out) MUST_USE;
void examiner_free(struct examiner **x);
/* A newer trust list is in force: the next message is judged by it (in a new process). */
void examiner_trust(struct examiner *x, struct bytes trust_list, X509 *operator_cert);
/* E_QUARANTINED when the examiner died or took longer than 2 s over this message (it is replaced);
 * an error of examiner_start when there is none and none can be started: then the message was not
 * judged at all; otherwise the verdict's own code is returned. *out always holds a verdict. */
enum err examiner_examine(struct examiner *x, enum examine_mode mode, const struct party *party,
	struct bytes message, struct verdict *out) MUST_USE;

/* Frame layouts, shared with daftard. */
void examiner_frame_trust(struct buf *out, struct bytes trust_list, X509 *operator_cert);
void examiner_frame_message(
	struct buf *out, enum examine_mode mode, const struct party *party, struct bytes message);
/* Re-checks everything that can be re-checked about a verdict on these bytes: size, magic, digest,
 * known code, strings terminated and of their alphabets. E_QUARANTINED when it lies. */
enum err verdict_check(struct bytes frame, struct bytes message, struct verdict *out) MUST_USE;

#endif
