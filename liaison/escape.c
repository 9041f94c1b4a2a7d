/* SPDX-License-Identifier: EUPL-1.2
 *
 * Texts come from case files, from other countries' registers and from the broker; a terminal obeys
 * control characters, and bidirectional controls make a line read as something else than it says.
 * Both are shown by their number. */
#include <string.h>

#include "liaison/say.h"

struct span {
	uint32_t first, last;
};

/* What a terminal or the bidirectional algorithm obeys instead of showing. */
static const struct span obeyed[] = {
	{0x00, 0x1f},
	{0x7f, 0x9f},
	{0x061c, 0x061c},
	{0x200b, 0x200b},
	{0x200e, 0x200f},
	{0x2028, 0x202e},
	{0x2060, 0x206f},
	{0xfeff, 0xfeff},
	{0xfff9, 0xfffb},
	{0xe0000, 0xe0fff},
};

bool
say_is_obeyed(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(obeyed); i++)
		if (c >= obeyed[i].first && c <= obeyed[i].last)
			return true;
	return false;
}

/* One character of UTF-8; *length is 0 where the octets are none. */
static uint32_t
decode(const uint8_t *s, size_t left, size_t *length)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] < 0x80	     ? 1
		   : s[0] >> 5 == 6  ? 2
		   : s[0] >> 4 == 14 ? 3
		   : s[0] >> 3 == 30 ? 4
				     : 0;
	uint32_t c = n == 1 ? s[0] : n == 0 ? 0 : s[0] & (0x7fu >> n);

	*length = 0;
	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*length = n;
	return c;
}

void
escape(struct buf *out, const char *text, bool lines)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t left = strlen(text), n;
	uint32_t c;

	for (; left > 0; s += n, left -= n) {
		c = decode(s, left, &n);
		if (n == 0) {
			buf_printf(out, "\\x%02x", s[0]);
			n = 1;
		} else if (say_is_obeyed(c) && !(lines && c == '\n'))
			buf_printf(out, "\\u{%x}", (unsigned)c);
		else
			buf_add(out, s, n);
	}
}
