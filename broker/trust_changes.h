/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a trust list changes, in words, for whoever is to put it into force. */
#ifndef DAFTAR_TRUST_CHANGES_H
#define DAFTAR_TRUST_CHANGES_H

#include <jansson.h>

#include "lib/trust.h"

/* An array of sentences, a new reference; empty when the two say the same. */
json_t *trust_changes(const struct trust *before, const struct trust *after);
/* A party is in it that was not. */
bool trust_adds_party(const struct trust *before, const struct trust *after);

#endif
