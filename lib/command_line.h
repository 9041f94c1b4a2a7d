/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reads the command line of a program whose options and commands are a commands.table, of which
 * lib/table.awk has made rows of C. It finds what is wrong and leaves the words for it to the
 * program, as it does with the commands' doing. Everything read points into argv. */
#ifndef DAFTAR_COMMAND_LINE_H
#define DAFTAR_COMMAND_LINE_H

#include <stddef.h>

#include "lib/base.h"

struct option_row {
	const char *name;
	const char *value; /* NULL: a switch; in brackets: --name or --name=VALUE */
	const char *sentence;
};

struct doing; /* what the program itself keeps of a command */

struct command {
	const char *name; /* one word or two */
	const char *arguments;
	int least, most;	    /* arguments */
	uint64_t required, allowed; /* a bit for each option */
	const struct doing *doing;
	const char *group, *sentence, *detail;
};

#define BIT(option) (UINT64_C(1) << (option))

struct command_table {
	const char *program;
	const struct option_row *option;
	int options;
	const struct command *command;
	size_t commands;
	uint64_t everywhere; /* options that go with every command */
	struct {
		char letter; /* -h; '\0': no more */
		int option;
	} letter[3];
};

enum line_fault {
	LINE_OK,
	LINE_UNKNOWN,	/* there is no such option */
	LINE_NO_VALUE,	/* the option takes none */
	LINE_VALUE,	/* the option needs one */
	LINE_TOO_OFTEN, /* more of an option's values than there is room for */
	LINE_MISSING,	/* the command needs the option */
	LINE_NOT_HERE	/* the command has no such option */
};

struct typed_line {
	const char **value; /* of each option: NULL not given, "" a switch that was */
	const char **word;  /* room for as many as argv has */
	int words;
	/* All values of one option that may come again. */
	int again;
	const char **list;
	size_t most, *n;
	/* Of a fault: */
	int option;	   /* -1: none of the table */
	const char *typed; /* the word of the line */
};

/* Options stand anywhere; behind `--' everything is a word. */
enum line_fault line_read(
	const struct command_table *t, char **argv, struct typed_line *l) MUST_USE;
/* Does the command take what was given, and was given what it needs? */
enum line_fault line_check(
	const struct command_table *t, const struct command *c, struct typed_line *l) MUST_USE;

/* The command that the first two words name, or the first; *used is how many. NULL: none. */
const struct command *command_find(
	const struct command_table *t, const char *const *word, int n, int *used);
/* Is this word the first of the command's two? */
bool command_begins(const struct command *c, const char *word);
/* Do commands begin with this word that have a second one? */
bool command_is_beginning(const struct command_table *t, const char *word);

/* The option of this row: "--socket", or "-s" where the table has the letter; otherwise -1. */
int option_of_word(const struct command_table *t, const char *word);

#endif
