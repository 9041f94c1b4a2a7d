/* SPDX-License-Identifier: EUPL-1.2
 *
 * The two papers of an enrolment. The office that joins sends a *request*: who it is, two PKCS#10
 * requests (each proves possession of its key), its CURVE public key, and one signature over all of
 * it. The operator sends back an *answer*: the certificates and the signed trust list. Both are
 * JSON files that a person can look at, and both are compared over a telephone by fingerprint,
 * since whatever brought them may have changed them. */
#ifndef DAFTAR_JOIN_H
#define DAFTAR_JOIN_H

#include "certs/own_keys.h"
#include "lib/id.h"
#include "lib/trust.h"

#define REQUEST_FILE "request.json"

struct request {
	const char *party, *country, *role, *name;
	X509_REQ *sign, *encrypt;
	uint8_t curve[CURVE_KEY_SIZE];
	struct digest print; /* of everything that is signed */
};
void request_clear(struct request *r); /* for __attribute__((cleanup)) */

struct answer {
	const char *party;
	X509 *sign, *encrypt, *operator;
	const char *trust;
};
void answer_clear(struct answer *a);

/* Composes the request from the office's own keys; the text goes to `out', the fingerprint to
 * r->print. r's four texts are given. */
void request_compose(struct request *r, const struct own_keys *k, struct buf *out);
/* Reads and verifies. All errors have been told. */
enum err request_read(const char *file, struct request *out) MUST_USE;

void answer_compose(const struct answer *a, struct buf *out);
enum err answer_read(const char *file, struct answer *out) MUST_USE;

#endif
