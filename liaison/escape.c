/* SPDX-License-Identifier: EUPL-1.2
 *
 * Texts come from case files, from other countries' registers and from the broker; a terminal obeys
 * control characters, and bidirectional controls make a line read as something else than it says.
 * Both are shown by their number. */
#include <string.h>

#include "lib/obeyed.h"
#include "liaison/say.h"

void
escape(struct buf *out, const char *text, bool lines)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t left = strlen(text), n;
	uint32_t c;

	for (; left > 0; s += n, left -= n) {
		c = char_of_utf8(s, left, &n);
		if (n == 0) {
			buf_printf(out, "\\x%02x", s[0]);
			n = 1;
		} else if (char_is_obeyed(c) && !(lines && c == '\n'))
			buf_printf(out, "\\u{%x}", (unsigned)c);
		else
			buf_add(out, s, n);
	}
}
