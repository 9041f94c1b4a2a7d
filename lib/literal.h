/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading canonical XML of which every octet but a few values is known beforehand, through the
 * bounded cursor: the known text must be there, a value reaches to the next tag or quote. For
 * seal_bytes.c and decrypt.c, which use no XML library. */
#ifndef DAFTAR_LITERAL_H
#define DAFTAR_LITERAL_H

#include <string.h>

#include "lib/buf.h"

static inline bool
literal_is(struct bytes v, const char *text)
{
	size_t n = strlen(text);

	return v.size == n && (n == 0 || memcmp(v.data, text, n) == 0);
}

/* Is it next? Nothing is taken when it is not. */
static inline bool
literal_take(struct cursor *c, const char *text)
{
	size_t n = strlen(text);

	if (c->bad || n > c->left || memcmp(c->at, text, n) != 0)
		return false;
	cursor_take(c, n);
	return true;
}

static inline struct bytes
literal_value(struct cursor *c)
{
	size_t n = 0;

	while (n < c->left && c->at[n] != '<' && c->at[n] != '"')
		n++;
	return cursor_take(c, n);
}

#endif
