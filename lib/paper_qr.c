/* SPDX-License-Identifier: EUPL-1.2 */
#include "lib/paper.h"

#include <qrencode.h>
#include <stdlib.h>

/* Level M stands a fold or a stamp; digits and capitals only, which take less room. */
uint8_t *
paper_squares(const char *text, int *width)
{
	QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	uint8_t *squares;
	size_t n;

	if (code == NULL)
		die("no code can be made");
	n = (size_t)code->width * (size_t)code->width;
	squares = xcalloc(n, 1);
	for (size_t i = 0; i < n; i++)
		squares[i] = code->data[i] & 1;
	*width = code->width;
	QRcode_free(code);
	return squares;
}
