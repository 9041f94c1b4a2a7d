/* SPDX-License-Identifier: EUPL-1.2
 *
 * A command of daftarctl is a row of commands.table: its words, what it takes, the verb of the
 * control protocol that it asks, and how the answer is printed. Parsing, help, manual and
 * completion come from the same row. */
#ifndef DAFTAR_CTL_COMMAND_H
#define DAFTAR_CTL_COMMAND_H

#include "broker/ctl_print.h"
#include "lib/command_line.h"

#define DEFAULT_SOCKET "/run/daftar/control.sock"
#define WHERE_MOST 16
#define ANSWER_VERSION 1

enum {
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_YET = 3,
	EXIT_REFUSED = 4,
	EXIT_NOT_FOUND = 5,
	EXIT_UNREACHABLE = 10
};

enum option {
#define OPTION(option, name, value, sentence) option,
#include "broker/ctl_rows.h"
	OPT_N
};
/* Go with every command. */
#define EVERYWHERE                                                                                 \
	(BIT(OPT_SOCKET) | BIT(OPT_REMOTE) | BIT(OPT_KEY) | BIT(OPT_SERVER_KEY) | BIT(OPT_JSON) |  \
		BIT(OPT_HELP) | BIT(OPT_VERSION))

/* The table, in broker/ctl_help.c. */
extern const struct command_table ctl_table;

struct options {
	const char *socket;
	bool json;
	const char *value[OPT_N]; /* NULL: not given */
	const char *where[WHERE_MOST];
	size_t n_where;
	const char *const *words; /* behind the command's name */
	int n_words;
};

struct doing {
	/* `args' are the verb's; the exit status. */
	int (*run)(const struct options *o, const struct command *c, json_t *args);
	const char *verb;
	ctl_print *print;
	const char *names; /* of the arguments, in the protocol */
	const char *next;  /* what to type when it failed */
	const char *example;
};

/* ---- broker/ctl_ask.c: the daemon is asked, the answer shown ---- */
/* Asks where the options say. *data is a new reference, NULL on an error. */
enum err ctl_call(const struct options *o, const char *verb, json_t *args, json_t **data) MUST_USE;
enum err ctl_put(const struct options *o, const char *verb, struct bytes all) MUST_USE;
/* The arguments of a command's verb. NULL and a complaint: one is not what it must be. */
json_t *ctl_args(const struct options *o, const struct command *c, const char **wrong);
/* As JSON or in words, whichever was asked for. */
void ctl_show(const struct options *o, const struct command *c, const json_t *data);
void ctl_json(const json_t *data);
/* E_OK: shows it. The exit status. */
int ctl_end(const struct options *o, const struct command *c, const char *item, const json_t *data,
	enum err e);
/* What a complaint names: the first argument, or NULL. */
const char *ctl_item(const struct options *o);

/* ---- broker/ctl_fail.c ---- */
/* What happened, to which item (may be NULL), what is still safe, what to type next, the code; the
 * exit status. */
int ctl_complain(const struct options *o, const struct command *c, const char *item, enum err e);
/* The same of what is wrong with the command line or with an answer; `next' is what to type. */
int ctl_fail(const struct options *o, enum err e, const char *next, const char *fmt, ...)
	PRINTF(4, 5);
int exit_status(enum err e);

/* ---- broker/ctl_check.c ---- */
/* The findings, a new list; *e is why there are none. */
json_t *ctl_check_lines(const struct options *o, enum err *e);

/* ---- broker/ctl_help.c ---- */
int ctl_help(const struct options *o, const char *const *word, int n);
void ctl_help_first(void);
void ctl_help_command(const struct command *c);

#define FUNCTION(run) int run(const struct options *o, const struct command *c, json_t *args);
#include "broker/ctl_rows.h"

#endif
