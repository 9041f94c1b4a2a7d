/* SPDX-License-Identifier: EUPL-1.2
 *
 * In which language people are spoken to. GNU gettext; the catalogues are lib/po/LANGUAGE.po,
 * English is in the source. It works where no locale but C.UTF-8 exists: then LANGUAGE chooses the
 * catalogue.
 *
 *	N_("text")  in a table: marks it, and leaves it English until it is said
 *	_("text")   its translation
 *
 * say, note and fail (liaison/say.c) translate their formats themselves: what they are given is not
 * marked. A data value is never translated. */
#ifndef DAFTAR_LANG_H
#define DAFTAR_LANG_H

#include <libintl.h>
#include <stdbool.h>

#define N_(text) text
#define _(text) gettext(text)

/* `asked' ("fr", from the command line) goes before DAFTAR_LANG, that before `kept' (of the
 * configuration), and that before LANGUAGE, LC_ALL, LC_MESSAGES and LANG; both may be NULL. Unknown
 * languages and missing catalogues leave English. Once, before the first word. */
void lang_open(const char *asked, const char *kept);
/* Another one from here on, for a sheet of paper that is in it. */
void lang_switch(const char *code);
/* "en", "fr", "ar": the language in force. */
const char *lang_now(void);
/* Is it written from right to left? */
bool lang_is_rtl(void);

#endif
