/* SPDX-License-Identifier: EUPL-1.2
 *
 * `PROGRAM completion SHELL' prints what bash, zsh or fish has to be told; whenever a word is to be
 * completed they ask `PROGRAM completion next -- WORD...', which answers out of the table that
 * reads the command line, a word and its sentence on a line. A line "@files" leaves the rest to the
 * shell. What only the program knows (values, codes, numbers) it offers itself. */
#ifndef DAFTAR_COMPLETION_H
#define DAFTAR_COMPLETION_H

#include "lib/buf.h"
#include "lib/command_line.h"

/* False: for another shell. */
bool completion_script(const char *program, const char *shell, struct buf *out);

struct completion {
	const struct command_table *table;
	const char *const *word; /* the last one is being typed */
	int n;
	const char **value; /* of each option, as typed so far: room for them, all NULL */
	struct buf *out;
	/* What may stand behind this option; `c' is NULL before there is a command. */
	void (*offer_value)(struct completion *t, int option, const struct command *c);
	/* What may stand for this word of the command's arguments, e.g. "NUMBER". */
	void (*offer_argument)(struct completion *t, const struct command *c, const char *word);
	/* Behind `help', besides commands; may be NULL. */
	void (*offer_help)(struct completion *t);
	void *program; /* the program's own */
};

/* All that may come next. */
void completion_next(struct completion *t);
/* A word of this kind, when it begins with what is typed. The sentence is translated. */
void completion_offer(struct completion *t, const char *word, const char *sentence);
/* Each of the words, up to NULL. */
void completion_offer_list(struct completion *t, const char *const *words);
void completion_files(struct completion *t);

#endif
