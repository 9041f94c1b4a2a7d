/* SPDX-License-Identifier: EUPL-1.2
 *
 * The line as a state machine over octets: characters of UTF-8, the few keys that people use, and
 * the marks that a terminal puts around what is pasted. A character is erased whole, however many
 * octets it has. */
#include "liaison/edit.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ESC 0x1b
#define PASTE_BEGINS "[200~"
#define PASTE_ENDS "[201~"

void
edit_free(struct edit *e)
{
	buf_free(&e->text);
	buf_free(&e->before);
}

void
edit_clear(struct edit *e)
{
	buf_reset(&e->text);
	e->at = 0;
	e->refused = 0;
}

void
edit_set(struct edit *e, const char *text)
{
	edit_clear(e);
	buf_text(&e->text, text);
	e->at = e->text.size;
}

/* ---- characters ---- */

static bool
continues(const struct edit *e, size_t at)
{
	return at < e->text.size && (e->text.data[at] & 0xc0) == 0x80;
}

static size_t
before(const struct edit *e, size_t at)
{
	if (at > 0)
		at--;
	while (at > 0 && continues(e, at))
		at--;
	return at;
}

static size_t
after(const struct edit *e, size_t at)
{
	if (at < e->text.size)
		at++;
	while (continues(e, at))
		at++;
	return at;
}

/* The character at `s' and its octets; what is no character counts as one octet. */
static wchar_t
character(const char *s, size_t left, size_t *n)
{
	wchar_t c = L'?';
	mbstate_t state = {0};
	size_t got = mbrtowc(&c, s, left, &state);

	if (got == 0 || got > left) {
		*n = 1;
		return L'?';
	}
	*n = got;
	return c;
}

static size_t
columns_of(wchar_t c)
{
	int w = wcwidth(c);

	return w < 0 ? 1 : (size_t)w;
}

size_t
edit_width(const char *text, size_t size)
{
	size_t width = 0, n;

	for (size_t i = 0; i < size; i += n)
		width += columns_of(character(text + i, size - i, &n));
	return width;
}

/* ---- changing ---- */

static void
cut(struct edit *e, size_t from, size_t to)
{
	memmove(e->text.data + from, e->text.data + to, e->text.size - to);
	e->text.size -= to - from;
	e->text.data[e->text.size] = '\0';
	e->at = from;
}

static enum edit_event
erase(struct edit *e, size_t from, size_t to)
{
	if (from == to)
		return EDIT_NOTHING;
	cut(e, from, to);
	return EDIT_CHANGED;
}

static enum edit_event
move(struct edit *e, size_t to)
{
	if (to == e->at)
		return EDIT_NOTHING;
	e->at = to;
	return EDIT_CHANGED;
}

static enum edit_event
insert(struct edit *e, const uint8_t *octets, size_t n)
{
	size_t behind = e->text.size - e->at;

	if (e->text.size + n > EDIT_MAX)
		return EDIT_NOTHING;
	buf_add(&e->text, octets, n);
	memmove(e->text.data + e->at + n, e->text.data + e->at, behind);
	memcpy(e->text.data + e->at, octets, n);
	e->at += n;
	return EDIT_CHANGED;
}

static size_t
word_before(const struct edit *e)
{
	size_t at = e->at;

	while (at > 0 && e->text.data[at - 1] == ' ')
		at--;
	while (at > 0 && e->text.data[at - 1] != ' ')
		at--;
	return at;
}

/* ---- keys ---- */

static enum edit_event
end_paste(struct edit *e)
{
	e->in_paste = false;
	if (e->refused == 0)
		return EDIT_CHANGED;
	buf_reset(&e->text);
	buf_add_bytes(&e->text, buf_bytes(&e->before));
	e->at = e->before_at;
	return EDIT_REFUSED;
}

static enum edit_event
begin_paste(struct edit *e)
{
	e->in_paste = true;
	buf_reset(&e->before);
	buf_add_bytes(&e->before, buf_bytes(&e->text));
	e->before_at = e->at;
	return EDIT_NOTHING;
}

static enum edit_event
end_escape(struct edit *e)
{
	const char *s = e->escape;

	e->in_escape = false;
	if (strcmp(s, PASTE_BEGINS) == 0)
		return begin_paste(e);
	if (strcmp(s, PASTE_ENDS) == 0)
		return end_paste(e);
	if (strcmp(s, "[A") == 0 || strcmp(s, "OA") == 0)
		return EDIT_RECALL;
	if (strcmp(s, "[D") == 0 || strcmp(s, "OD") == 0)
		return move(e, before(e, e->at));
	if (strcmp(s, "[C") == 0 || strcmp(s, "OC") == 0)
		return move(e, after(e, e->at));
	if (strcmp(s, "[H") == 0 || strcmp(s, "OH") == 0 || strcmp(s, "[1~") == 0)
		return move(e, 0);
	if (strcmp(s, "[F") == 0 || strcmp(s, "OF") == 0 || strcmp(s, "[4~") == 0)
		return move(e, e->text.size);
	if (strcmp(s, "[3~") == 0)
		return erase(e, e->at, after(e, e->at));
	return EDIT_NOTHING;
}

static enum edit_event
refuse_line(struct edit *e)
{
	buf_reset(&e->text);
	e->at = 0;
	return EDIT_REFUSED;
}

static enum edit_event
control(struct edit *e, uint8_t c)
{
	switch (c) {
	case 0x01:
		return move(e, 0);
	case 0x05:
		return move(e, e->text.size);
	case 0x03:
		return EDIT_INTERRUPT;
	case 0x04:
		return e->text.size == 0 ? EDIT_END : EDIT_NOTHING;
	case 0x08:
	case 0x7f:
		return erase(e, before(e, e->at), e->at);
	case '\t':
		return EDIT_RECALL;
	case '\r':
	case '\n':
		return e->refused != 0 ? refuse_line(e) : EDIT_ENTER;
	case 0x15:
		return erase(e, 0, e->at);
	case 0x17:
		return erase(e, word_before(e), e->at);
	case 0x1a:
		return EDIT_SUSPEND;
	case 0x0c:
		return EDIT_CHANGED;
	default:
		return EDIT_NOTHING;
	}
}

/* What is wrong is remembered; it is told when the line, or the paste, is complete. */
static enum edit_event
refuse(struct edit *e, uint32_t c)
{
	if (e->refused == 0)
		e->refused = c;
	return EDIT_NOTHING;
}

/* ---- octets ---- */

static uint32_t
decode(const uint8_t *s, size_t n)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = n == 1 ? s[0] : s[0] & (0x7fu >> n);

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0xfffd : c;
}

static enum edit_event
take_character(struct edit *e)
{
	size_t n = e->n_partial;
	uint32_t c = decode(e->partial, n);

	e->n_partial = 0;
	if (c == 0xfffd || e->hostile(c))
		return refuse(e, c);
	return insert(e, e->partial, n);
}

static enum edit_event
in_escape(struct edit *e, uint8_t c)
{
	if (e->n_escape == 0 && c != '[' && c != 'O') {
		e->in_escape = false;
		return edit_octet(e, c);
	}
	if (e->n_escape + 1 == sizeof e->escape) { /* nothing that a key sends */
		e->in_escape = false;
		return refuse(e, ESC);
	}
	e->escape[e->n_escape++] = (char)c;
	e->escape[e->n_escape] = '\0';
	if (e->n_escape == 1 || (c >= 0x20 && c <= 0x3f))
		return EDIT_NOTHING;
	if (e->in_paste && strcmp(e->escape, PASTE_ENDS) != 0) {
		e->in_escape = false;
		return refuse(e, ESC);
	}
	return end_escape(e);
}

static size_t
octets_of(uint8_t first)
{
	return first < 0x80	  ? 1
	       : first >> 5 == 6  ? 2
	       : first >> 4 == 14 ? 3
	       : first >> 3 == 30 ? 4
				  : 0;
}

enum edit_event
edit_octet(struct edit *e, uint8_t c)
{
	if (e->in_escape)
		return in_escape(e, c);
	if (e->n_partial > 0 && (c & 0xc0) == 0x80) {
		e->partial[e->n_partial++] = c;
		return e->n_partial == e->need ? take_character(e) : EDIT_NOTHING;
	}
	if (e->n_partial > 0) { /* cut short */
		e->n_partial = 0;
		(void)!refuse(e, 0xfffd);
	}
	if (c == ESC) {
		e->in_escape = true;
		e->n_escape = 0;
		return EDIT_NOTHING;
	}
	if (e->in_paste && (c == '\r' || c == '\n'))
		return refuse(e, '\n');
	if (e->in_paste && (c < 0x20 || c == 0x7f))
		return refuse(e, c);
	if (c < 0x20 || c == 0x7f)
		return control(e, c);
	e->need = octets_of(c);
	if (e->need == 0)
		return refuse(e, 0xfffd);
	e->partial[0] = c;
	e->n_partial = 1;
	return e->need == 1 ? take_character(e) : EDIT_NOTHING;
}

/* ---- showing ---- */

/* From where on, so that the cursor is within: the line moves by halves. */
static size_t
first_shown(const struct edit *e, size_t columns)
{
	const char *s = (const char *)e->text.data;
	size_t from = 0;

	while (edit_width(s + from, e->at - from) >= columns) {
		size_t gone = 0, n;

		while (gone < (columns + 1) / 2 && from < e->at) {
			gone += columns_of(character(s + from, e->at - from, &n));
			from += n;
		}
	}
	return from;
}

size_t
edit_show(const struct edit *e, size_t columns, struct buf *out)
{
	const char *s = (const char *)e->text.data;
	size_t from, width = 0, n, w;

	if (e->text.size == 0 || columns == 0)
		return 0;
	from = first_shown(e, columns);
	for (size_t i = from; i < e->text.size; i += n) {
		w = columns_of(character(s + i, e->text.size - i, &n));
		if (width + w >= columns)
			break;
		buf_add(out, s + i, n);
		width += w;
	}
	return edit_width(s + from, e->at - from);
}
