/* SPDX-License-Identifier: EUPL-1.2
 *
 * Families of spellings of one name, for name_key.c and name_roman.c alone. Words come as
 * name_key() leaves them. */
#ifndef DAFTAR_NAME_FAMILY_H
#define DAFTAR_NAME_FAMILY_H

#include "lib/base.h"

/* The usual Latin spelling of the family that the word belongs to, NULL: of none. */
const char *name_family(const char *word, size_t size);

/* How a word of Latin letters is heard; other letters stay. */
#define NAME_SOUND_SIZE 128
void name_sound(const char *word, size_t size, char out[NAME_SOUND_SIZE]);

#endif
