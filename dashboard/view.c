/* SPDX-License-Identifier: EUPL-1.2
 *
 * Escaping for HTML. */
#include "dashboard/view.h"

/* Characters that would act on the page or the reader instead of being read: controls, what turns
 * the direction, and what is not seen at all. The two joiners (U+200C, U+200D) are letters'
 * business in several scripts and stay. */
static const struct {
	uint32_t first, last;
} shown[] = {{0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c},
	{0x115f, 0x1160}, {0x180e, 0x180e}, {0x200b, 0x200b}, {0x200e, 0x200f}, {0x2028, 0x202e},
	{0x2060, 0x206f}, {0x3164, 0x3164}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff9, 0xfffb},
	{0xe0000, 0xe0fff}};

static bool
must_show(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		if (c >= shown[i].first && c <= shown[i].last)
			return true;
	return false;
}

/* The code point at `s' and its length in octets; octets that are not UTF-8 count one by one as
 * U+FFFD, so that nothing is swallowed. */
static uint32_t
next_point(const unsigned char *s, size_t *n)
{
	size_t more = s[0] >= 0xf0 && s[0] < 0xf5 ? 3 : s[0] >= 0xe0 ? 2 : s[0] >= 0xc2 ? 1 : 0;
	uint32_t c = s[0];

	*n = 1;
	if (s[0] < 0x80)
		return c;
	if (more == 0 || s[0] >= 0xf5)
		return 0xfffd;
	c &= 0x3fu >> more;
	for (size_t i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (s[i] & 0x3f);
	}
	*n = more + 1;
	return c;
}

void
html_text(struct buf *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n;

	for (; *s != '\0'; s += n) {
		uint32_t c = next_point(s, &n);

		if (c == '&')
			buf_text(out, "&amp;");
		else if (c == '<')
			buf_text(out, "&lt;");
		else if (c == '>')
			buf_text(out, "&gt;");
		else if (c == '"')
			buf_text(out, "&quot;");
		else if (c == '\'')
			buf_text(out, "&#39;");
		else if (c == 0xfffd || must_show(c))
			buf_printf(out, "\\u{%x}", (unsigned)c);
		else
			buf_add(out, s, n);
	}
}
