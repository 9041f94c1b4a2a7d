/* SPDX-License-Identifier: EUPL-1.2 */
#include "lib/lang.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base.h"
#include "lib/child.h"

static char now[16] = "en";

/* "fr_FR.UTF-8" is "fr"; C and POSIX are English. */
static void
set_now(const char *locale)
{
	size_t n = strspn(locale, "abcdefghijklmnopqrstuvwxyz");

	if (n < 2 || n > 3)
		return;
	memcpy(now, locale, n);
	now[n] = '\0';
}

static const char *
wanted(const char *asked, const char *kept)
{
	static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
	const char *value = getenv("DAFTAR_LANG");

	if (asked != NULL && asked[0] != '\0')
		return asked;
	if (value != NULL && value[0] != '\0')
		return value;
	if (kept != NULL && kept[0] != '\0')
		return kept;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		value = getenv(names[i]);
		if (value != NULL && value[0] != '\0')
			return value;
	}
	return "en";
}

/* In the C locale gettext translates nothing, whatever LANGUAGE says; in C.UTF-8 it does. */
void
lang_open(const char *asked, const char *kept)
{
	OWNED(char, folder, free_chars) = locale_find();

	set_now(wanted(asked, kept));
	setenv("LANGUAGE", now, 1);
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL || setlocale(LC_MESSAGES, "C.UTF-8") == NULL)
		return;
	if (folder == NULL)
		return;
	bindtextdomain("daftar", folder);
	bind_textdomain_codeset("daftar", "UTF-8");
	textdomain("daftar");
}

/* gettext looks at LANGUAGE again when its counter has moved (its manual, "Being a gettext grok").
 */
void
lang_switch(const char *code)
{
	extern int _nl_msg_cat_cntr;

	set_now(code);
	setenv("LANGUAGE", now, 1);
	_nl_msg_cat_cntr++;
}

const char *
lang_now(void)
{
	return now;
}

bool
lang_is_rtl(void)
{
	return strcmp(now, "ar") == 0;
}
