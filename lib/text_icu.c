/* SPDX-License-Identifier: EUPL-1.2 */
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* ICU's own form: 16-bit units. *n is their number. */
static UChar *
units_of(const char *text, int32_t *n)
{
	size_t size = strlen(text);
	UErrorCode status = U_ZERO_ERROR;
	UChar *units = xcalloc(size + 1, sizeof *units);

	if (size <= INT32_MAX)
		u_strFromUTF8(units, (int32_t)size + 1, n, text, (int32_t)size, &status);
	if (size <= INT32_MAX && U_SUCCESS(status))
		return units;
	free(units);
	return NULL;
}

static void
add_units(struct buf *out, const UChar *units, int32_t n)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t size = 0;
	char *text = xcalloc((size_t)n * 3 + 1, 1);

	u_strToUTF8(text, n * 3 + 1, &size, units, n, &status);
	if (U_SUCCESS(status))
		buf_add(out, text, (size_t)size);
	free(text);
}

enum err
text_nfc(const char *text, struct buf *out)
{
	UErrorCode status = U_ZERO_ERROR;
	const UNormalizer2 *form = unorm2_getNFCInstance(&status);
	int32_t n, made, room;
	UChar *units = units_of(text, &n), *normal;

	if (units == NULL)
		return E_NOT_UTF8;
	room = n * 3 + 1; /* no character grows more than that in NFC */
	normal = xcalloc((size_t)room, sizeof *normal);
	made = unorm2_normalize(form, units, n, normal, room, &status);
	if (U_SUCCESS(status))
		add_units(out, normal, made);
	free(units);
	free(normal);
	return U_SUCCESS(status) ? E_OK : E_NOT_UTF8;
}
