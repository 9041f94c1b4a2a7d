/* SPDX-License-Identifier: EUPL-1.2
 *
 * Printing what came from outside on a terminal. A name must not be able to move the cursor, hide
 * what stands beside it or turn it round: such characters are shown as <U+202E>. */
#include <stdint.h>
#include <stdio.h>

#include "adapters/commands.h"

static const struct {
	uint32_t first, last;
} unsafe[] = {
	{0x00, 0x1f},	    /* C0 */
	{0x7f, 0x9f},	    /* DEL, C1 */
	{0x61c, 0x61c},	    /* Arabic letter mark */
	{0x200b, 0x200b},   /* nothing, of no width */
	{0x200e, 0x200f},   /* direction marks */
	{0x2028, 0x202e},   /* line ends, embeddings, overrides */
	{0x2060, 0x206f},   /* isolates and other invisible ones */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xfff9, 0xfffb},   /* interlinear marks */
	{0xe0000, 0xe0fff}, /* tags */
};

/* The character at `s' and its length; an octet that is no UTF-8 is a control character of its
 * own. */
static uint32_t
character(const unsigned char *s, size_t *size)
{
	size_t n = s[0] < 0x80	 ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;
	uint32_t c = n == 1 ? s[0] : s[0] & (0x7fu >> n);

	*size = 1;
	if (n == 0)
		return 0x80;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0x80;
		c = c << 6 | (s[i] & 0x3f);
	}
	*size = n;
	return c;
}

static bool
is_unsafe(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(unsafe); i++)
		if (c >= unsafe[i].first && c <= unsafe[i].last)
			return true;
	return false;
}

void
print_safe(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s != '\0') {
		size_t size;
		uint32_t c = character(s, &size);

		if (is_unsafe(c))
			fprintf(out, "<U+%04X>", (unsigned)c);
		else
			fwrite(s, 1, size, out);
		s += size;
	}
}
