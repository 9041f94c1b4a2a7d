/* SPDX-License-Identifier: EUPL-1.2
 *
 * The forms that a text can hide in; for tests/canary/search.c. */
#ifndef DAFTAR_CANARY_FORMS_H
#define DAFTAR_CANARY_FORMS_H

#include "lib/buf.h"

/* The text in form `i' replaces what is in `out'; the form's name, NULL behind the last. `text' is
 * UTF-8 of the basic plane. */
const char *form_make(size_t i, struct bytes text, struct buf *out);

#endif
