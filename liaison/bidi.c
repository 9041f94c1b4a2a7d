/* SPDX-License-Identifier: EUPL-1.2 */
#include "liaison/bidi.h"

#include <fribidi.h>
#include <stdlib.h>
#include <string.h>

#define LRI 0x2066
#define FSI 0x2068
#define PDI 0x2069

static FriBidiChar
of_mark(FriBidiChar c)
{
	switch (c) {
	case MARK_CELL:
		return FSI;
	case MARK_LTR:
		return LRI;
	case MARK_END:
		return PDI;
	default:
		return c;
	}
}

/* Takes no column, and has done its work once the line is ordered and its letters are joined. */
static bool
is_spent(FriBidiChar c)
{
	return c == LRI || c == FSI || c == PDI || c == FRIBIDI_CHAR_FILL || c == 0x200c ||
	       c == 0x200d;
}

bool
bidi_has_rtl(const char *text, size_t size)
{
	FriBidiChar *c = xcalloc(size + 1, sizeof *c);
	FriBidiStrIndex n =
		fribidi_charset_to_unicode(FRIBIDI_CHAR_SET_UTF8, text, (FriBidiStrIndex)size, c);
	bool has = false;

	for (FriBidiStrIndex i = 0; i < n && !has; i++) {
		FriBidiCharType type = fribidi_get_bidi_type(c[i]);

		has = type == FRIBIDI_TYPE_RTL || type == FRIBIDI_TYPE_AL;
	}
	free(c);
	return has;
}

struct characters {
	FriBidiChar *c;
	FriBidiCharType *type;
	FriBidiBracketType *bracket;
	FriBidiLevel *level;
	FriBidiArabicProp *form;
	FriBidiStrIndex n;
};

static void
characters_free(struct characters *s)
{
	free(s->c);
	free(s->type);
	free(s->bracket);
	free(s->level);
	free(s->form);
}

static void
read_characters(struct characters *s, const char *text, size_t size)
{
	s->c = xcalloc(size + 1, sizeof *s->c);
	s->type = xcalloc(size + 1, sizeof *s->type);
	s->bracket = xcalloc(size + 1, sizeof *s->bracket);
	s->level = xcalloc(size + 1, sizeof *s->level);
	s->form = xcalloc(size + 1, sizeof *s->form);
	s->n = fribidi_charset_to_unicode(FRIBIDI_CHAR_SET_UTF8, text, (FriBidiStrIndex)size, s->c);
	for (FriBidiStrIndex i = 0; i < s->n; i++)
		s->c[i] = of_mark(s->c[i]);
	fribidi_get_bidi_types(s->c, s->n, s->type);
	fribidi_get_bracket_types(s->c, s->n, s->type, s->bracket);
}

/* False when there is no memory, which is the only way in which FriBidi fails. */
static bool
order(struct characters *s, bool rtl)
{
	const FriBidiFlags flags = FRIBIDI_FLAGS_DEFAULT | FRIBIDI_FLAGS_ARABIC;
	FriBidiParType base = rtl ? FRIBIDI_PAR_RTL : FRIBIDI_PAR_LTR;

	if (fribidi_get_par_embedding_levels_ex(s->type, s->bracket, s->n, &base, s->level) == 0)
		return false;
	fribidi_get_joining_types(s->c, s->n, s->form);
	fribidi_join_arabic(s->type, s->n, s->level, s->form);
	fribidi_shape(flags, s->level, s->n, s->form, s->c);
	return fribidi_reorder_line(flags, s->type, s->n, 0, base, s->level, s->c, NULL) != 0;
}

void
bidi_visual(const char *text, size_t size, bool rtl, struct buf *out)
{
	__attribute__((cleanup(characters_free))) struct characters s = {.n = 0};
	FriBidiStrIndex kept = 0;
	char *octets;

	if (size == 0)
		return;
	read_characters(&s, text, size);
	if (!order(&s, rtl)) {
		buf_add(out, text, size);
		return;
	}
	for (FriBidiStrIndex i = 0; i < s.n; i++)
		if (!is_spent(s.c[i]))
			s.c[kept++] = s.c[i];
	octets = xcalloc((size_t)kept * 4 + 1, 1);
	fribidi_unicode_to_charset(FRIBIDI_CHAR_SET_UTF8, s.c, kept, octets);
	buf_text(out, octets);
	free(octets);
}
