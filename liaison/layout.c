/* SPDX-License-Identifier: EUPL-1.2
 *
 * A line is words with gaps between them. Words that must stay together (a command with what
 * follows it, a date with its time) are glued; lines are filled with what is glued together. What
 * is longer than a line stays whole: the terminal breaks it where it must, and what is copied from
 * there is still one line. */
#include "liaison/layout.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "liaison/bidi.h"
#include "liaison/layout_words.h"

#define NARROW 2 /* indentation where there is no room for the one that was meant */

/* ---- width ---- */

size_t
layout_columns(const char *text, size_t size)
{
	mbstate_t state = {0};
	size_t columns = 0, n;
	wchar_t c;
	int width;

	for (size_t i = 0; i < size; i += n) {
		n = mbrtowc(&c, text + i, size - i, &state);
		if (n == 0 || n > size - i) { /* no character */
			memset(&state, 0, sizeof state);
			n = 1;
			columns += (unsigned char)text[i] > ' ';
			continue;
		}
		width = wcwidth(c);
		columns += width > 0 ? (size_t)width : 0;
	}
	return columns;
}

/* ---- one line of the screen ---- */

static bool
is_colour(char c)
{
	return c == MARK_GOOD || c == MARK_WARN || c == MARK_BAD || c == MARK_PLAIN;
}

static const char *
colour_of(char mark)
{
	switch (mark) {
	case MARK_GOOD:
		return "\033[32m";
	case MARK_WARN:
		return "\033[33m";
	case MARK_BAD:
		return "\033[1;31m";
	default:
		return "\033[0m";
	}
}

/* Left to right: as it is, without its marks. */
static void
put_straight(const struct layout *how, const struct buf *line, struct buf *out)
{
	for (size_t i = 0; i < line->size; i++) {
		char c = (char)line->data[i];

		if ((unsigned char)c > MARK_LAST)
			buf_add(out, &c, 1);
		else if (is_colour(c) && how->colours)
			buf_text(out, colour_of(c));
	}
}

void
layout_unmark(const void *text, size_t size, struct buf *out)
{
	const char *at = text;

	for (size_t i = 0; i < size; i++)
		if ((unsigned char)at[i] > MARK_LAST || at[i] == '\n' || at[i] == '\t')
			buf_add(out, &at[i], 1);
}

static void
drop_colours(struct buf *line)
{
	size_t kept = 0;

	for (size_t i = 0; i < line->size; i++)
		if (!is_colour((char)line->data[i]))
			line->data[kept++] = line->data[i];
	line->size = kept;
}

static void
put_line(const struct layout *how, struct buf *line, bool rtl, struct buf *out)
{
	OWNED_BUF(turned) = {0};
	size_t columns;

	if (!how->visual || !bidi_has_rtl((char *)line->data, line->size)) {
		put_straight(how, line, out);
		return;
	}
	drop_colours(line);
	bidi_visual((char *)line->data, line->size, rtl, &turned);
	columns = layout_columns((char *)turned.data, turned.size);
	if (rtl && columns < how->columns)
		buf_printf(out, "%*s", (int)(how->columns - columns), "");
	buf_add(out, turned.data, turned.size);
}

/* ---- what keeps its order in a line of the other direction ---- */

static bool
has_letter(const struct word *w)
{
	for (size_t i = 0; i < w->size; i++)
		if (isalnum((unsigned char)w->at[i]) || (unsigned char)w->at[i] >= 0x80)
			return true;
	return false;
}

static bool
is_balanced(const char *from, const char *to)
{
	int depth = 0;

	for (; from < to; from++)
		depth += (*from == '(' || *from == '[') - (*from == ')' || *from == ']');
	return depth >= 0;
}

/* The words from `at' on that are read together, against the direction of the line. */
static size_t
run_of(const struct words *w, size_t at, bool rtl)
{
	size_t end = at;

	if (w->word[at].ltr != rtl || !has_letter(&w->word[at]))
		return at;
	while (end < w->n && w->word[end].ltr == rtl && (end == at || w->word[end].gap == 1) &&
		memchr(w->word[end].at, MARK_CELL, w->word[end].size) == NULL)
		end++;
	while (end > at && !has_letter(&w->word[end - 1]))
		end--;
	return end;
}

/* Octets of a sign at the end that belongs to the sentence around: in Arabic too. */
static size_t
closing(const char *from, const char *to)
{
	static const char *const arabic[] = {"\xd8\x8c", "\xd8\x9b", "\xd8\x9f"}; /* , ; ? */

	for (size_t i = 0; i < ARRAY_LEN(arabic) && to - from >= 2; i++)
		if (memcmp(to - 2, arabic[i], 2) == 0)
			return 2;
	return to > from && (strchr(".,;:!?\"'", to[-1]) != NULL || !is_balanced(from, to));
}

static void
put_run(const struct words *w, size_t at, size_t end, bool rtl, struct buf *out)
{
	const struct word *last = &w->word[end - 1];
	const char *from = w->word[at].at + word_opening(&w->word[at]), *to = last->at + last->size;

	for (size_t n = 1; n > 0; to -= n)
		n = closing(from, to);
	buf_add(out, w->word[at].at, (size_t)(from - w->word[at].at));
	buf_add(out, &(char){rtl ? MARK_LTR : MARK_CELL}, 1);
	buf_add(out, from, (size_t)(to - from));
	buf_add(out, &(char){MARK_END}, 1);
	buf_add(out, to, (size_t)(last->at + last->size - to));
}

/* The words of one line of the screen; `rtl', its direction, when its order matters. */
static void
put_words(const struct words *w, size_t first, size_t end, const bool *rtl, struct buf *out)
{
	size_t next;

	for (size_t i = first; i < end; i = next) {
		const struct word *word = &w->word[i];
		struct words shown = {w->word, end};

		if (i > first)
			buf_printf(out, "%*s", (int)word->gap, "");
		next = rtl != NULL ? run_of(&shown, i, *rtl) : i;
		if (next > i)
			put_run(w, i, next, *rtl, out);
		else
			buf_add(out, word->at, word->size);
		next = next > i ? next : i + 1;
	}
}

/* ---- lines ---- */

/* "-", "1.": what stands in front of an item of a list. */
static bool
is_bullet(const struct word *w)
{
	if (w->size == 1)
		return strchr("-*", w->at[0]) != NULL;
	return w->size <= 3 && isdigit((unsigned char)w->at[0]) && w->at[w->size - 1] == '.';
}

/* Octets from the first word to the end of the last. */
static size_t
size_of(const struct words *w)
{
	const struct word *last = &w->word[w->n - 1];

	return (size_t)(last->at + last->size - w->word[0].at);
}

/* Where the lines after the first begin: below what stands behind the first wide gap or behind a
 * bullet, if that leaves room for words, otherwise a little further in than the first. */
static size_t
hang_of(const struct layout *how, const struct words *w)
{
	size_t column = 0, lead = w->n > 0 ? w->word[0].gap : 0, most = how->columns / 2;
	bool hangs = w->n > 0 && memchr(w->word[0].at, MARK_HANG, size_of(w)) != NULL;

	for (size_t i = 0; i < w->n; i++) {
		column += w->word[i].gap;
		if (how->columns != 0 && lead > most)
			return NARROW;
		if (memchr(w->word[i].at, MARK_HANG, w->word[i].size) != NULL)
			return column;
		if (!hangs && i > 0 && (w->word[i].gap > 1 || (i == 1 && is_bullet(&w->word[0]))))
			return column <= most ? column : lead + 2;
		column += w->word[i].columns;
	}
	return lead <= most ? lead : 0;
}

static size_t
atom_end(const struct words *w, size_t at)
{
	size_t end = at + 1;

	while (end < w->n && w->word[end].glued)
		end++;
	return end;
}

static size_t
span(const struct words *w, size_t at, size_t end)
{
	size_t columns = w->word[at].columns;

	for (size_t i = at + 1; i < end; i++)
		columns += w->word[i].gap + w->word[i].columns;
	return columns;
}

/* The first word that does not fit on the line any more. */
static size_t
fill(const struct layout *how, const struct words *w, size_t first, size_t indent)
{
	size_t end = atom_end(w, first), column = indent + span(w, first, end), next, more;

	while (end < w->n) {
		next = atom_end(w, end);
		more = w->word[end].gap + span(w, end, next);
		if (how->columns != 0 && column + more > how->columns)
			break;
		column += more;
		end = next;
	}
	return end;
}

static void
flatten(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		w->word[i].gap = i == 0 ? 0 : 1;
}

void
layout_line(const struct layout *how, const char *text, size_t size, struct buf *out)
{
	__attribute__((cleanup(words_free))) struct words w = {.n = 0};
	bool rtl = how->rtl && bidi_has_rtl(text, size);
	size_t indent, hang, end;

	words_split(&w, text, size);
	words_glue(&w);
	if (how->plain)
		flatten(&w);
	hang = hang_of(how, &w);
	indent = w.n == 0						 ? 0
		 : how->columns != 0 && w.word[0].gap > how->columns / 2 ? NARROW
									 : w.word[0].gap;
	for (size_t first = 0; first < w.n; first = end) {
		OWNED_BUF(line) = {0};

		end = fill(how, &w, first, indent);
		buf_printf(&line, "%*s", (int)indent, "");
		put_words(&w, first, end, how->visual ? &rtl : NULL, &line);
		if (first > 0)
			buf_text(out, "\n");
		put_line(how, &line, rtl, out);
		indent = hang;
	}
}
