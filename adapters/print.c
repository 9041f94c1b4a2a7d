/* SPDX-License-Identifier: EUPL-1.2
 *
 * Printing what came from outside on a terminal. A name must not be able to move the cursor, hide
 * what stands beside it or turn it round: such characters are shown as <U+202E>. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "adapters/commands.h"
#include "lib/obeyed.h"

void
print_safe(FILE *out, const char *text)
{
	const uint8_t *s = (const uint8_t *)text;
	size_t left = strlen(text), size;

	for (; left > 0; s += size, left -= size) {
		uint32_t c = char_of_utf8(s, left, &size);

		if (size == 0) { /* no UTF-8: a control character of its own */
			c = 0x80;
			size = 1;
		}
		if (char_is_obeyed(c))
			fprintf(out, "<U+%04X>", (unsigned)c);
		else
			fwrite(s, 1, size, out);
	}
}
