/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of the tool's mouth share: escape.c, say.c, table.c, progress.c. Nobody else. */
#ifndef DAFTAR_SAY_H
#define DAFTAR_SAY_H

#include <stdio.h>

#include "liaison/terminal.h"

/* Appends the text with what a terminal would obey shown by its number; newlines stay with `lines'.
 */
void escape(struct buf *out, const char *text, bool lines);
/* What is escaped already, with the marks of liaison/layout.h: at once into a file, line by line
 * to a terminal. */
void put_text(FILE *to, const void *octets, size_t size);
/* What is left of a line. */
void put_rest(FILE *to);
/* Without the newline, drawn over the line on which the terminal stands; "" clears it. */
void put_over(FILE *to, const char *text);
bool say_is_quiet(void);
/* Ours until the end. */
const char *kept_words(const struct buf *b);

#endif
