/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text of people, in Unicode: normal form, letters, scripts. ICU is met in text_icu.c alone (and,
 * for calendars, in calendar_icu.c). Texts are UTF-8 that ends in NUL. */
#ifndef DAFTAR_TEXT_H
#define DAFTAR_TEXT_H

#include "lib/buf.h"

/* The text in Unicode's normal form C (UAX 15), appended to `out'. E_NOT_UTF8. */
enum err text_nfc(const char *text, struct buf *out) MUST_USE;

#endif
