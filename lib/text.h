/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text of people, in Unicode: normal form, letters, scripts. ICU is met in text_icu.c alone (and,
 * for calendars, in calendar_icu.c). Texts are UTF-8 that ends in NUL. */
#ifndef DAFTAR_TEXT_H
#define DAFTAR_TEXT_H

#include "lib/buf.h"

/* The text in Unicode's normal form C (UAX 15), appended to `out'. E_NOT_UTF8. */
enum err text_nfc(const char *text, struct buf *out) MUST_USE;
/* Its letters alone count: compatibility forms taken apart (NFKD) and case folded, so that marks
 * stand as characters of their own. E_NOT_UTF8. */
enum err text_apart(const char *text, struct buf *out) MUST_USE;
/* Written in another script by one of ICU's rules, "Amharic-Latin/BGN". E_NOT_FOUND: there is no
 * such rule; E_NOT_UTF8. */
enum err text_rewrite(const char *rule, const char *text, struct buf *out) MUST_USE;

/* The next character, and `at' behind it; 0 at the end, TEXT_BROKEN for what is no UTF-8, which
 * moves one octet on. */
#define TEXT_BROKEN UINT32_MAX
uint32_t text_next(const char **at);
void text_add(struct buf *out, uint32_t c);

enum text_kind {
	TEXT_LETTER,
	TEXT_MARK, /* combining */
	TEXT_DIGIT,
	TEXT_SPACE,
	TEXT_SIGN, /* punctuation and symbols */
	TEXT_CONTROL,
	TEXT_FORMAT, /* of no width: joiners, marks and overrides of direction */
	TEXT_PRIVATE,
	TEXT_UNASSIGNED /* non-characters too */
};
enum text_kind text_kind(uint32_t c);
/* A character that shows nothing where it stands (UAX 44, Default_Ignorable_Code_Point). */
bool text_is_unseen(uint32_t c);
/* What a decimal digit of any script is worth, -1 for anything else. */
int text_digit(uint32_t c);
/* ISO 15924: "Latn", "Arab", "Zyyy" for what all scripts share, "Zinh" for marks. */
const char *text_script(uint32_t c);
/* "RIGHT-TO-LEFT OVERRIDE"; "" where Unicode has no name. */
void text_called(uint32_t c, char *out, size_t size);

/* What a reader may take for something else (UTS 39). */
enum text_doubt {
	TEXT_PLAIN,
	TEXT_MIXED_SCRIPTS, /* letters of scripts that are not written together */
	TEXT_MIXED_DIGITS   /* digits of several scripts */
};
enum text_doubt text_doubt(const char *text);

/* The country's name in a language, "" when ICU has none. */
void text_country(const char *alpha2, const char *lang, char *out, size_t size);

#endif
