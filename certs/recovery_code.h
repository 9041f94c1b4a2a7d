/* SPDX-License-Identifier: EUPL-1.2
 *
 * A secret that is written on paper: seven groups of five characters (Crockford's base 32), each of
 * four that chance has chosen and one that shows a slip of the pen. 140 bits: nothing has to be
 * stretched, and nobody chooses it. */
#ifndef DAFTAR_RECOVERY_CODE_H
#define DAFTAR_RECOVERY_CODE_H

#include "lib/base.h"

#define RECOVERY_GROUPS 7
#define RECOVERY_GROUP 5
#define RECOVERY_CODE_SIZE (RECOVERY_GROUPS * (RECOVERY_GROUP + 1)) /* with dashes and a NUL */
#define RECOVERY_KEY_SIZE 32

void recovery_code_make(char out[RECOVERY_CODE_SIZE]);
/* As a person typed it: any case, spaces and dashes anywhere, O for 0, I and L for 1; written out
 * in its own form. 0: it is one. Otherwise the number of the first group that cannot be right,
 * counted from 1; RECOVERY_GROUPS + 1 when there is too much. */
int recovery_code_read(const char *typed, char out[RECOVERY_CODE_SIZE]) MUST_USE;
/* The key that the code stands for: its SHA-256 under a label. */
void recovery_code_key(const char code[RECOVERY_CODE_SIZE], uint8_t key[RECOVERY_KEY_SIZE]);

#endif
