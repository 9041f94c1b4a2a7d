/* SPDX-License-Identifier: EUPL-1.2
 *
 * ICU, for text. What it gives back is copied at once; it is asked for nothing that depends on the
 * machine's locale. */
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uloc.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

/* ---- to ICU's own form and back ---- */

/* 16-bit units, freed by the caller. *n is their number. NULL for what is no UTF-8. */
static UChar *
units_of(const char *text, int32_t *n)
{
	size_t size = strlen(text);
	UErrorCode status = U_ZERO_ERROR;
	UChar *units = xcalloc(size + 1, sizeof *units);

	if (size < INT32_MAX / 8)
		u_strFromUTF8(units, (int32_t)size + 1, n, text, (int32_t)size, &status);
	if (size < INT32_MAX / 8 && U_SUCCESS(status))
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

static enum err
normalise(const UNormalizer2 *form, const char *text, int32_t growth, struct buf *out)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t n, made, room;
	UChar *units = units_of(text, &n), *normal;

	if (units == NULL)
		return E_NOT_UTF8;
	room = n * growth + 1;
	normal = xcalloc((size_t)room, sizeof *normal);
	made = unorm2_normalize(form, units, n, normal, room, &status);
	if (U_SUCCESS(status))
		add_units(out, normal, made);
	free(units);
	free(normal);
	return U_SUCCESS(status) ? E_OK : E_NOT_UTF8;
}

enum err
text_nfc(const char *text, struct buf *out)
{
	UErrorCode status = U_ZERO_ERROR;

	/* no character grows more than that in NFC */
	return normalise(unorm2_getNFCInstance(&status), text, 3, out);
}

enum err
text_apart(const char *text, struct buf *out)
{
	UErrorCode status = U_ZERO_ERROR;
	OWNED_BUF(folded) = {0};

	/* NFKC with case folding first, so that what folding puts together is taken apart again;
	 * the longest of all is one Arabic phrase of 18 units. */
	TRY(normalise(unorm2_getNFKCCasefoldInstance(&status), text, 18, &folded));
	return normalise(unorm2_getNFKDInstance(&status),
		folded.data == NULL ? "" : (const char *)folded.data, 18, out);
}

enum err
text_rewrite(const char *rule, const char *text, struct buf *out)
{
	UErrorCode status = U_ZERO_ERROR;
	UChar id[64];
	int32_t n, limit, room;
	UChar *units = units_of(text, &n), *work;
	UTransliterator *t;

	if (units == NULL)
		return E_NOT_UTF8;
	u_uastrncpy(id, rule, 63);
	id[63] = 0;
	t = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
	room = n * 12 + 64;
	work = xcalloc((size_t)room, sizeof *work);
	memcpy(work, units, (size_t)n * sizeof *work);
	limit = n;
	if (U_SUCCESS(status))
		utrans_transUChars(t, work, &n, room, 0, &limit, &status);
	if (U_SUCCESS(status))
		add_units(out, work, n);
	utrans_close(t);
	free(units);
	free(work);
	return U_SUCCESS(status) ? E_OK : E_NOT_FOUND;
}

/* ---- characters ---- */

uint32_t
text_next(const char **at)
{
	const uint8_t *s = (const uint8_t *)*at;
	int32_t i = 0;
	UChar32 c;

	if (s[0] == 0)
		return 0;
	U8_NEXT(s, i, -1, c);
	*at += c < 0 ? 1 : i;
	return c < 0 ? TEXT_BROKEN : (uint32_t)c;
}

void
text_add(struct buf *out, uint32_t c)
{
	uint8_t octets[U8_MAX_LENGTH];
	int32_t n = 0;
	UBool failed = false;

	U8_APPEND(octets, n, U8_MAX_LENGTH, (UChar32)c, failed);
	if (!failed)
		buf_add(out, octets, (size_t)n);
}

enum text_kind
text_kind(uint32_t c)
{
	switch (u_charType((UChar32)c)) {
	case U_UPPERCASE_LETTER:
	case U_LOWERCASE_LETTER:
	case U_TITLECASE_LETTER:
	case U_MODIFIER_LETTER:
	case U_OTHER_LETTER:
		return TEXT_LETTER;
	case U_NON_SPACING_MARK:
	case U_ENCLOSING_MARK:
	case U_COMBINING_SPACING_MARK:
		return TEXT_MARK;
	case U_DECIMAL_DIGIT_NUMBER:
	case U_LETTER_NUMBER:
	case U_OTHER_NUMBER:
		return TEXT_DIGIT;
	case U_SPACE_SEPARATOR:
		return TEXT_SPACE;
	case U_CONTROL_CHAR:
	case U_LINE_SEPARATOR:
	case U_PARAGRAPH_SEPARATOR:
		return TEXT_CONTROL;
	case U_FORMAT_CHAR:
		return TEXT_FORMAT;
	case U_PRIVATE_USE_CHAR:
		return TEXT_PRIVATE;
	case U_UNASSIGNED:
	case U_SURROGATE:
		return TEXT_UNASSIGNED;
	default:
		return TEXT_SIGN;
	}
}

bool
text_is_unseen(uint32_t c)
{
	return u_hasBinaryProperty((UChar32)c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

int
text_digit(uint32_t c)
{
	return u_charType((UChar32)c) == U_DECIMAL_DIGIT_NUMBER ? u_charDigitValue((UChar32)c) : -1;
}

const char *
text_script(uint32_t c)
{
	UErrorCode status = U_ZERO_ERROR;
	UScriptCode code = uscript_getScript((UChar32)c, &status);
	const char *name = U_SUCCESS(status) ? uscript_getShortName(code) : NULL;

	return name != NULL ? name : "Zzzz";
}

void
text_called(uint32_t c, char *out, size_t size)
{
	UErrorCode status = U_ZERO_ERROR;

	out[0] = '\0';
	u_charName((UChar32)c, U_UNICODE_CHAR_NAME, out, (int32_t)size, &status);
	if (U_FAILURE(status))
		out[0] = '\0';
}

/* ---- doubts ---- */

enum text_doubt
text_doubt(const char *text)
{
	UErrorCode status = U_ZERO_ERROR;
	USpoofChecker *checker = uspoof_open(&status);
	int32_t found = 0;

	/* What most people may write: a word of one script, or of scripts that are written
	 * together. */
	uspoof_setRestrictionLevel(checker, USPOOF_HIGHLY_RESTRICTIVE);
	uspoof_setChecks(checker, USPOOF_RESTRICTION_LEVEL | USPOOF_MIXED_NUMBERS, &status);
	if (U_SUCCESS(status))
		found = uspoof_check2UTF8(checker, text, -1, NULL, &status);
	uspoof_close(checker);
	if (U_FAILURE(status))
		return TEXT_PLAIN;
	if ((found & USPOOF_MIXED_NUMBERS) != 0)
		return TEXT_MIXED_DIGITS;
	return (found & USPOOF_RESTRICTION_LEVEL) != 0 ? TEXT_MIXED_SCRIPTS : TEXT_PLAIN;
}

void
text_country(const char *alpha2, const char *lang, char *out, size_t size)
{
	UErrorCode status = U_ZERO_ERROR;
	char locale[8] = "und-";
	UChar units[128];
	int32_t n, made = 0;

	out[0] = '\0';
	if (strlen(alpha2) != 2)
		return;
	memcpy(locale + 4, alpha2, 3);
	n = uloc_getDisplayCountry(locale, lang, units, 128, &status);
	if (U_SUCCESS(status) && status != U_USING_DEFAULT_WARNING)
		u_strToUTF8(out, (int32_t)size, &made, units, n, &status);
	if (U_FAILURE(status) || (size_t)made >= size || strcmp(out, alpha2) == 0)
		out[0] = '\0';
}
