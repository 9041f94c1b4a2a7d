/* SPDX-License-Identifier: EUPL-1.2
 *
 * Right-to-left lines for terminals that show characters in the order in which they come: put in
 * visual order (Unicode's bidirectional algorithm, UAX 9) with Arabic letters in their joined
 * forms. FriBidi is met here alone. */
#ifndef DAFTAR_BIDI_H
#define DAFTAR_BIDI_H

#include "lib/buf.h"

/* What the layout puts around a part that keeps its own order (a cell: by its own first letter; a
 * command to type: left to right), and takes out again. No text of others contains them. */
#define MARK_CELL '\001'
#define MARK_LTR '\002'
#define MARK_END '\003'

/* Is there a letter that is written from right to left? */
bool bidi_has_rtl(const char *text, size_t size);
/* Appends the line in visual order, its marks taken out; `rtl' is the direction of the line as a
 * whole. What is not UTF-8 is appended as it is. */
void bidi_visual(const char *text, size_t size, bool rtl, struct buf *out);

#endif
