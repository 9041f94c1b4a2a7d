/* SPDX-License-Identifier: EUPL-1.2
 *
 * What must not reach a terminal as it is. For those who print what came from outside, each in its
 * own spelling. */
#ifndef DAFTAR_OBEYED_H
#define DAFTAR_OBEYED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does a terminal, or the bidirectional algorithm, obey it instead of showing it? */
bool char_is_obeyed(uint32_t c);
/* One character of UTF-8; *length is 0 where the octets are none. */
uint32_t char_of_utf8(const uint8_t *s, size_t left, size_t *length);

#endif
