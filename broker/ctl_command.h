/* SPDX-License-Identifier: EUPL-1.2
 *
 * A command of daftarctl: its words, the verb of the control protocol, what its arguments are
 * called there, and how its answer is printed. Help, parsing and use come from the same row. */
#ifndef DAFTAR_CTL_COMMAND_H
#define DAFTAR_CTL_COMMAND_H

#include "broker/ctl_print.h"

#define DEFAULT_SOCKET "/run/daftar/control.sock"
#define ARGS_MAX 3

enum {
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_YET = 3,
	EXIT_NOT_FOUND = 5,
	EXIT_UNREACHABLE = 10
};

/* Options that go with a command, and are arguments of its verb. */
enum ctl_option { CTL_REASON, CTL_PARTY, CTL_DAYS, CTL_DRY_RUN, CTL_OPTIONS };
extern const char *const ctl_option_names[CTL_OPTIONS]; /* "reason", ... */

struct options {
	const char *socket;
	bool json;
	const char *value[CTL_OPTIONS]; /* NULL: not given */
};

struct command {
	const char *words[2];
	const char *verb;
	const char *args[ARGS_MAX]; /* names in the protocol, in order */
	size_t needed;
	ctl_print *print;
	const char *usage, *sentence;
	const char *next;	 /* what to type when it failed */
	unsigned options, needs; /* bits of enum ctl_option: may have, must have */
	/* Instead of asking once; NULL: the usual. The exit status. */
	int (*run)(const struct options *o, const struct command *c, json_t *args);
};

extern const struct command ctl_commands[]; /* ends with a NULL verb */

/* What happened, to which item (may be NULL), what is still safe, what to type next, the code; the
 * exit status. */
int ctl_complain(const struct options *o, const struct command *c, const char *item, enum err e);
/* As JSON or in words, whichever was asked for. */
void ctl_show(const struct options *o, const struct command *c, const json_t *data);

/* ---- broker/ctl_crl.c ---- */
int ctl_crl_add(const struct options *o, const struct command *c, json_t *args);

/* ---- broker/ctl_change.c: what changes who may speak ---- */
int ctl_change(const struct options *o, const struct command *c, json_t *args);
int ctl_trust(const struct options *o, const struct command *c, json_t *args);

/* ---- broker/ctl_retain.c ---- */
int ctl_retain_report(const struct options *o, const struct command *c, json_t *args);

/* ---- broker/ctl_log.c ---- */
int ctl_log_check(const struct options *o, const struct command *c, json_t *args);

#endif
