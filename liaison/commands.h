/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rows of commands.table, for those who read the command line (main.c) and who print help
 * (help.c, which holds them). */
#ifndef DAFTAR_COMMANDS_H
#define DAFTAR_COMMANDS_H

#include "lib/command_line.h"
#include "liaison/daftar.h"

#define EVERYWHERE                                                                                 \
	(BIT(OPT_HOME) | BIT(OPT_CONTEXT) | BIT(OPT_JSON) | BIT(OPT_QUIET) | BIT(OPT_TIMEOUT) |    \
		BIT(OPT_NO_INPUT) | BIT(OPT_LANG) | BIT(OPT_PLAIN) | BIT(OPT_HELP) |               \
		BIT(OPT_VERSION))

struct doing {
	enum ending (*run)(const struct options *o);
};

/* The table, in liaison/help.c. */
extern const struct command_table daftar_table;

/* `daftar help WORD..': of a command, a topic, or all commands that begin with the word. */
enum ending help(const char *const *word, int n);
void help_command(const struct command *c);
/* The first page. */
void help_first(void);
#endif
