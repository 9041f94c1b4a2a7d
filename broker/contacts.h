/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whom to call at a party: what the operator has written into `contacts' of daftard.conf, a desk
 * with its number, address and hours, as the office gives them for everybody. Of functions, never
 * of persons: whoever may look at the exchange sees them, and alerts carry them. */
#ifndef DAFTAR_CONTACTS_H
#define DAFTAR_CONTACTS_H

#include <jansson.h>
#include <stdio.h>

#include "lib/conf.h"
#include "lib/id.h"

/* Are they all "CODE: text"? E_CONFIG, and `said' names the first that is not. */
enum err contacts_check(const struct conf *conf, FILE *said) MUST_USE;
/* The texts of this party's, in their order; an empty list when there is none. */
json_t *contacts_json(const struct conf *conf, const char *party);

#endif
