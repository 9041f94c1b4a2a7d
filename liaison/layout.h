/* SPDX-License-Identifier: EUPL-1.2
 *
 * One line of escaped text as a terminal is to get it: folded between words, never inside a number,
 * a time or a command to type; in visual order and at the right margin where it is Arabic and the
 * terminal does nothing about that; without alignment for a screen reader. Used by liaison/say.c
 * alone; the marks (liaison/bidi.h and below) come from there and from tables. */
#ifndef DAFTAR_LAYOUT_H
#define DAFTAR_LAYOUT_H

#include "lib/buf.h"

#define MARK_HANG '\007' /* the lines that follow begin below this word */
#define MARK_GOOD '\004'
#define MARK_WARN '\005'
#define MARK_BAD '\006'
#define MARK_PLAIN '\016'
#define MARK_LAST '\016'

struct layout {
	size_t columns; /* 0: not folded */
	bool plain;	/* no alignment */
	bool visual;	/* the terminal shows what it gets in the order in which it gets it */
	bool rtl;	/* people read from right to left */
	bool colours;
};

/* Appends the line, in as many lines as it takes, without a newline behind the last. */
void layout_line(const struct layout *how, const char *text, size_t size, struct buf *out);
/* The text without marks, for what is no terminal. */
void layout_unmark(const void *text, size_t size, struct buf *out);
/* Columns on a screen; octets that are no UTF-8 count one each. */
size_t layout_columns(const char *text, size_t size);

#endif
