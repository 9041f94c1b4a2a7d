/* SPDX-License-Identifier: EUPL-1.2
 *
 * A client of daftar-examiner: starts the sandboxed process, hands it one message after the other
 * and gets verdicts back. Used blocking by adapters and the officer's tool; daftard speaks the same
 * frames through a channel of its loop.
 *
 * Frames to the examiner: 'T' + trust list + operator's certificate (first, and on change; layout
 * in examiner_frame_trust); 'R' + DER of a CRL or OCSP response; 'M' + mode + party code
 * (PARTY_SIZE) + when (8 octets, ms; 0: now) + message. Back: one struct verdict per 'M', one
 * struct revocation_facts per 'R', the word OK or an error word per 'T'. What an examiner keeps of
 * 'R' frames ends with its process; a newer trust list drops what its anchors do not sign. A
 * verdict is checked with verdict_check, facts with revocation_check, before any field is used: the
 * examiner may have been taken over. */
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
/* The same as of `when' (ms; 0: now): of the time at which the message was stored. */
enum err examiner_examine_at(struct examiner *x, enum examine_mode mode, const struct party *party,
	int64_t when, struct bytes message, struct verdict *out) MUST_USE;
/* Gives it revocation data; E_OK data is remembered and given again to each new process, after the
 * trust list. The codes of revocations_take; E_QUARANTINED and errors of examiner_start as above.
 * *out always holds facts. */
enum err examiner_revocation(
	struct examiner *x, struct bytes der, struct revocation_facts *out) MUST_USE;

/* Frame layouts, shared with daftard. */
void examiner_frame_trust(struct buf *out, struct bytes trust_list, X509 *operator_cert);
void examiner_frame_message(struct buf *out, enum examine_mode mode, const struct party *party,
	int64_t when, struct bytes message);
void examiner_frame_revocation(struct buf *out, struct bytes der);
/* Re-checks everything that can be re-checked about a verdict on these bytes: size, magic, digest,
 * known code, strings terminated and of their alphabets, the certificate that it names.
 * E_QUARANTINED when it lies. */
enum err verdict_check(struct bytes frame, struct bytes message, struct verdict *out) MUST_USE;
/* The same for the facts of revocation data with these octets. */
enum err revocation_check(
	struct bytes frame, struct bytes der, struct revocation_facts *out) MUST_USE;

#endif
