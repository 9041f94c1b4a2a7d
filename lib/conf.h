/* SPDX-License-Identifier: EUPL-1.2
 *
 * Configuration files: `key = value' and titled sections, read with libconfuse, which is met in
 * lib/conf.c only. A program declares a table of settings; the parser, --check-config and the man
 * page's list come from the same table. Unknown keys are refused with file and line. */
#ifndef DAFTAR_CONF_H
#define DAFTAR_CONF_H

#include <stdio.h>

#include "lib/buf.h"

enum setting_type { SET_TEXT, SET_PATH, SET_NUMBER, SET_SWITCH, SET_LIST, SET_TITLED };

/* When another value comes into force. */
enum setting_effect { SET_AT_RESTART, SET_AT_RELOAD };

struct setting {
	const char *name;
	enum setting_type type;
	const char *fallback; /* default, NULL: must be given; "" allows it to be empty */
	long least, most;     /* for numbers */
	const char *sentence; /* for help and manual */
	enum setting_effect effect;
	/* SET_TITLED, `user NAME { ... }': what stands inside, SET_TEXT only; ends with a NULL name
	 */
	const struct setting *inside;
};

struct conf;

/* Settings end with a NULL name. Relative SET_PATHs are resolved against the file's folder. On
 * E_CONFIG, what is wrong was written to standard error: "daftard.conf:12: no such option 'lisen'".
 */
enum err conf_load(const char *file, const struct setting *settings, struct conf **out) MUST_USE;
/* The same of this text, as if it stood in `file'; what is wrong is written to `said'. */
enum err conf_read(const char *file, const char *text, const struct setting *settings, FILE *said,
	struct conf **out) MUST_USE;
void conf_free(struct conf **c);
const char *conf_file(const struct conf *c);
const struct setting *conf_settings(const struct conf *c);
/* The line on which it is set; 0: it is not, and has its default. */
unsigned conf_line(const struct conf *c, const char *name);
/* Gives this setting of `c' the value that it has in `from', of the same table; that one is for
 * conf_free only. Loans of the old value end with `from'. */
void conf_take(struct conf *c, struct conf *from, const char *name);
/* Loans; asking for a name that is not in the table is a bug. conf_text gives NULL for an unset "".
 */
const char *conf_text(const struct conf *c, const char *name);
long conf_number(const struct conf *c, const char *name);
bool conf_switch(const struct conf *c, const char *name);
size_t conf_list(const struct conf *c, const char *name, const char *const **items);
/* Sections of that name, their titles, and a text inside of one (NULL for an unset ""). Titles come
 * once. */
size_t conf_titled(const struct conf *c, const char *name);
const char *conf_title(const struct conf *c, const char *name, size_t i);
const char *conf_inside(const struct conf *c, const char *name, size_t i, const char *inner);
/* Prints every setting with its value and sentence (--check-config --verbose). */
void conf_print(const struct conf *c);
/* A value as it stands in a file: 25, "text", {"a", "b"}. */
void conf_value(const struct conf *c, const struct setting *s, struct buf *out);
const char *conf_type_word(enum setting_type type); /* "text", "path", ... */

#endif
