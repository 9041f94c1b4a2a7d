/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar setup': what is missing on the command line is asked at a terminal. For setup*.c alone.
 */
#ifndef DAFTAR_LIAISON_SETUP_H
#define DAFTAR_LIAISON_SETUP_H

#include "liaison/ask.h"

/* One or several addresses with commas, each tcp://HOST:PORT. */
bool setup_addresses_ok(const char *typed);
/* Fills in what is missing. END_DONE with something still missing: the person has left. What was
 * filled in lives until setup_ask_free. */
enum ending setup_ask(struct options *o) MUST_USE;
void setup_ask_free(void);

#endif
