/* SPDX-License-Identifier: EUPL-1.2
 *
 * What enrolling and renewing have in common (enrol.c). */
#ifndef DAFTAR_ENROL_H
#define DAFTAR_ENROL_H

#include "certs/join.h"
#include "certs/realm.h"

/* Does the list give exactly the keys of this request to its party? */
bool enrol_listed(const struct trust *t, const struct request *r) MUST_USE;
/* The certificates are kept in `home', for an answer that is lost. */
enum err enrol_keep(const struct request *r, const char *home, X509 *sign, X509 *encrypt) MUST_USE;
enum err enrol_answer(const struct realm *realm, const struct request *r, X509 *sign, X509 *encrypt,
	const char *file) MUST_USE;
/* Writes the answer once more; E_STATE while the list with these keys is not in force. */
enum err enrol_again(const struct realm *realm, const struct request *r, const char *home,
	const char *file) MUST_USE;
enum err enrol_answer_free(const char *file) MUST_USE;

#endif
