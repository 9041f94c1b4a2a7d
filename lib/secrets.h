/* SPDX-License-Identifier: EUPL-1.2
 *
 * A process that holds a private key, or opens what is written about a person: what it has in
 * memory stays there. For the main() of every such program, before anything else is done. */
#ifndef DAFTAR_SECRETS_H
#define DAFTAR_SECRETS_H

#include "lib/base.h"

/* No core files, neither of this process nor of those it starts; no other process of this user may
 * read its memory or attach to it (PR_SET_DUMPABLE 0; an exec ends that, so every program says it
 * for itself); private keys in OpenSSL's secure heap: locked in memory as far as the limits allow,
 * between guard pages, wiped when freed. Dies when that can't be had. */
void secrets_guard(void);

#endif
