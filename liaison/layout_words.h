/* SPDX-License-Identifier: EUPL-1.2
 *
 * The words of a line, and which of them must stay together on a screen. For liaison/layout.c. */
#ifndef DAFTAR_LAYOUT_WORDS_H
#define DAFTAR_LAYOUT_WORDS_H

#include "liaison/layout.h"

struct word {
	const char *at;
	size_t size, gap; /* octets; spaces in front */
	size_t columns;
	bool glued; /* to the word before */
	bool ltr;   /* of Latin letters, digits and signs only */
};

struct words {
	struct word *word;
	size_t n;
};

/* They lie in the text, which has to outlive them. */
void words_split(struct words *w, const char *text, size_t size);
void words_free(struct words *w);
/* Commands with what follows them, dates with their times, signs that French sets apart. */
void words_glue(struct words *w);
/* Octets in front of a word that do not belong to it: brackets, quotes, marks. */
size_t word_opening(const struct word *w);

#endif
