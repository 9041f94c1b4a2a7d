/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rows of commands.table, for those who read the command line (main.c) and who print help
 * (help.c, which holds them). */
#ifndef DAFTAR_COMMANDS_H
#define DAFTAR_COMMANDS_H

#include "liaison/daftar.h"

struct option_row {
	const char *name;
	const char *value; /* NULL: a switch */
	const char *sentence;
};
extern const struct option_row option_rows[OPT_N];

#define BIT(option) (UINT64_C(1) << (option))
#define EVERYWHERE                                                                                 \
	(BIT(OPT_HOME) | BIT(OPT_CONTEXT) | BIT(OPT_JSON) | BIT(OPT_QUIET) | BIT(OPT_TIMEOUT) |    \
		BIT(OPT_NO_INPUT) | BIT(OPT_LANG) | BIT(OPT_PLAIN) | BIT(OPT_HELP) |               \
		BIT(OPT_VERSION))

struct command {
	const char *name; /* one word or two */
	const char *arguments;
	int least, most; /* arguments */
	uint64_t required, allowed;
	enum ending (*run)(const struct options *o);
	const char *group, *sentence, *detail;
};
extern const struct command commands[];
extern const size_t commands_n;

/* The command that the first two words name, or the first; *used is how many. */
const struct command *command_find(const char *const *word, int n, int *used);

/* `daftar help WORD..': of a command, a topic, or all commands that begin with the word. */
enum ending help(const char *const *word, int n);
void help_command(const struct command *c);
/* The first page. */
void help_first(void);
/* Do commands begin with this word that have a second one? */
bool help_has(const char *word);

#endif
