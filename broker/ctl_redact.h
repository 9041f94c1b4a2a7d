/* SPDX-License-Identifier: EUPL-1.2
 *
 * What may leave an exchange for somebody who helps: figures, words of our own lists, times. All
 * else is left out, by a list of what stays and not by one of what goes. Parties become P1, P2 ..
 * and persons O1, O2 .. , the same one everywhere in a bundle. */
#ifndef DAFTAR_CTL_REDACT_H
#define DAFTAR_CTL_REDACT_H

#include <jansson.h>

#include "lib/buf.h"

struct redactor {
	json_t *parties, *persons; /* name -> number */
};
void redactor_open(struct redactor *r);
void redactor_close(struct redactor *r);

/* A sentence of ours: party codes in it become P1 .., and whatever may be an id, a key, a
 * fingerprint, an address, a path or not ASCII becomes #. */
void redact_text(struct redactor *r, const char *text, struct buf *out);
/* A copy with numbers, switches, instants, parties, persons, and the texts of the keys in `kept'
 * ("state rule what"), which are sentences or words of ours. */
json_t *redact(struct redactor *r, const json_t *data, const char *kept);

#endif
