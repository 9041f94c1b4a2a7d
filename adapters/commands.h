/* SPDX-License-Identifier: EUPL-1.2
 *
 * The registrar's command line: options, commands, and what they print. */
#ifndef DAFTAR_COMMANDS_H
#define DAFTAR_COMMANDS_H

#include <stdio.h>

#include <jansson.h>

#include "lib/conf.h"

enum option_name {
	OPT_CONFIG,
	OPT_JSON,
	OPT_ALL,
	OPT_ENTRY_NUMBER,
	OPT_OFFICE,
	OPT_MEND,
	OPT_WITH,
	OPT_UNCOMPARED,
	OPT_CODE,
	OPT_EXPLANATION,
	OPT_APPEAL_BODY,
	OPT_APPEAL_BY,
	OPT_ABOUT,
	OPT_DOCUMENT,
	OPT_ANSWER_BY,
	OPT_QUESTION,
	OPT_TO,
	OPT_ANSWER,
	OPT_TEXT,
	OPT_OUTPUT,
	OPT_LANGUAGES,
	OPT_CHECK_CONFIG,
	OPT_VERBOSE,
	OPT_VERSION,
	OPT_HELP,
	OPT_N
};

struct command_line {
	const char *value[OPT_N]; /* NULL: not given; "" for a switch */
	const char *command;	  /* NULL: run the daemon */
	const char *id;		  /* of an entry, or the folder that the command takes */
	const char *file;	  /* log compare; document: the entry's ID */
	const char *more[2];	  /* document save: digest, file */
};

/* E_USAGE, said on standard error. */
enum err command_parse(int argc, char **argv, struct command_line *out) MUST_USE;
void command_help(void);
/* The exit status of a command that was told to the daemon; of `check'. */
/* `reconcile --with': the outcome, a new reference. E_BUSY when it did not come within a minute. */
enum err compare_with(
	const struct command_line *line, const struct conf *c, json_t **outcome) MUST_USE;
/* What a person may get wrong in `query' and `reply', said on standard error (E_USAGE), and the
 * text out of its file, put into `args'. */
enum err question_line(const struct command_line *line, json_t *args) MUST_USE;
int command_run(const struct command_line *line, const struct conf *c);
/* `document list ID', `document save ID DIGEST FILE'. (adapters/document.c) */
int document_run(const struct command_line *line, const struct conf *c);
/* `print ID': a form on paper. (adapters/paper.c) */
int print_run(const struct command_line *line, const struct conf *c);
int check_run(const struct command_line *line, const struct conf *c);
int takeover_run(const struct command_line *line, const struct conf *c);
int scrub_run(const struct command_line *line, const struct conf *c);
/* `log show', `log compare FILE', `log acknowledge'. */
int log_run(const struct command_line *line, const struct conf *c);
int backup_run(const struct command_line *line, const struct conf *c);

/* 0 done, 1 refused or failed, 2 usage, 3 no daemon, 4 configuration */
int exit_status(enum err e);

/* Text for a terminal: control characters, and what turns the direction of writing, are shown as
 * their number. */
void print_safe(FILE *out, const char *text);

#endif
