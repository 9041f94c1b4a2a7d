/* SPDX-License-Identifier: EUPL-1.2
 *
 * Cases of this office that may be about one child (alike.c). */
#ifndef DAFTAR_LIAISON_ALIKE_H
#define DAFTAR_LIAISON_ALIKE_H

#include "liaison/lookup.h"

/* Notes a case that is made, under case_lock: no name, digests under a sealed secret. */
enum err alike_note(struct office *o, const struct request *r, const char *number) MUST_USE;
/* A look at each other case that it may double; `own' is the case's own number, "" without one. */
void alike_look(struct office *o, const struct request *r, const char *own);
/* With the consent goes what was noted. */
enum err alike_forget(struct office *o, const char *number) MUST_USE;

#endif
