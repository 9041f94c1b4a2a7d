/* SPDX-License-Identifier: EUPL-1.2
 *
 * Escaping for HTML. */
#include "dashboard/view.h"

/* Characters that would act on the page or the reader instead of being read. */
static bool
must_show(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0xfeff;
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
