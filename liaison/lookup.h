/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the commands that look something up share (id.c, name.c, place.c), and what an officer is
 * told to look at again (particulars.c, stray.c). */
#ifndef DAFTAR_LIAISON_LOOKUP_H
#define DAFTAR_LIAISON_LOOKUP_H

#include "liaison/daftar.h"

/* The argument, or the first line of standard input for "-": a name or a number need not stand in
 * the list of commands that a shell keeps. Lives until the next. NULL after a failure was told. */
const char *typed_text(const char *argument, enum ending *end);

/* What may stand but should be looked at again (look_again): names, places, numbers of a case that
 * is well formed. */
void look_at_request(const struct request *r);
/* Lines "path[place]: U+202E RIGHT-TO-LEFT OVERRIDE: why" for every text of a case file (JSON) that
 * holds a character that may stand in none. */
void look_for_strays(const json_t *root, struct buf *problems);
/* What may not stand, beyond the rules of the schema, a line each: hostile characters by their
 * name, codes of another country. E_INPUT. */
enum err check_texts(const struct request *r, struct buf *problems) MUST_USE;

#endif
