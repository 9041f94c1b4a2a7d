/* SPDX-License-Identifier: EUPL-1.2
 *
 * Characters that a terminal or the bidirectional algorithm obeys: one list for all that is
 * printed. */
#include "lib/obeyed.h"

#include "lib/base.h"

struct span {
	uint32_t first, last;
};

static const struct span obeyed[] = {
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

bool
char_is_obeyed(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(obeyed); i++)
		if (c >= obeyed[i].first && c <= obeyed[i].last)
			return true;
	return false;
}

uint32_t
char_of_utf8(const uint8_t *s, size_t left, size_t *length)
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
