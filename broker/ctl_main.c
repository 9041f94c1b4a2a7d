/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl: the administrators' view of a running exchange. What it can do is commands.table; the
 * command line is read, and help is printed, from the same rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/control.h"
#include "lib/secrets.h"

#define usage(o, ...) ctl_fail((o), E_USAGE, "daftarctl help", __VA_ARGS__)

/* ---- the command line ---- */

static int
say_fault(const struct options *o, enum line_fault fault, const struct typed_line *l)
{
	switch (fault) {
	case LINE_UNKNOWN:
		return usage(o, "there is no option %s", l->typed);
	case LINE_NO_VALUE:
		return usage(o, "--%s takes no value", ctl_table.option[l->option].name);
	case LINE_VALUE:
		return usage(o, "%s needs a value", l->typed);
	case LINE_TOO_OFTEN:
		return usage(o, "more than %d times --where", WHERE_MOST);
	case LINE_OK:
	case LINE_MISSING:
	case LINE_NOT_HERE:
		break;
	}
	return EXIT_SUCCESS;
}

static int
read_line(char **argv, struct options *o, struct typed_line *l)
{
	enum line_fault fault = line_read(&ctl_table, argv, l);

	if (o->value[OPT_SOCKET] != NULL)
		o->socket = o->value[OPT_SOCKET];
	o->json = o->value[OPT_JSON] != NULL;
	return say_fault(o, fault, l);
}

/* ---- commands ---- */

/* The first word may be that of several commands. */
static int
no_command(const struct options *o, const char *word)
{
	OWNED(char, next, free_chars) = xprintf("daftarctl help %s", word);

	if (!command_is_beginning(&ctl_table, word))
		return usage(o, "there is no command %s", word);
	return ctl_fail(o, E_USAGE, next, "%s is the beginning of several commands", word);
}

static int
check_line(const struct options *o, const struct command *c, struct typed_line *l)
{
	OWNED(char, next, free_chars) = xprintf("daftarctl help %s", c->name);
	enum line_fault fault = line_check(&ctl_table, c, l);

	if (fault == LINE_MISSING)
		return ctl_fail(o, E_USAGE, next, "%s needs --%s %s", c->name,
			ctl_table.option[l->option].name, ctl_table.option[l->option].value);
	if (fault != LINE_OK)
		return ctl_fail(o, E_USAGE, next, "%s has no --%s", c->name,
			ctl_table.option[l->option].name);
	if (o->n_words >= c->least && o->n_words <= c->most)
		return EXIT_SUCCESS;
	return c->arguments[0] == '\0'
		       ? ctl_fail(o, E_USAGE, next, "%s takes no argument", c->name)
		       : ctl_fail(o, E_USAGE, next, "%s takes %s", c->name, c->arguments);
}

static int
run(struct options *o, struct typed_line *l)
{
	OWNED(json_t, args, json_decrefp) = NULL;
	const struct command *c;
	const char *wrong = "";
	int used, status;

	c = command_find(&ctl_table, l->word, l->words, &used);
	if (c == NULL)
		return no_command(o, l->word[0]);
	if (o->value[OPT_HELP] != NULL) {
		ctl_help_command(c);
		return EXIT_SUCCESS;
	}
	o->words = l->word + used;
	o->n_words = l->words - used;
	status = check_line(o, c, l);
	if (status != EXIT_SUCCESS)
		return status;
	args = ctl_args(o, c, &wrong);
	if (args == NULL) {
		OWNED(char, next, free_chars) = xprintf("daftarctl help %s", c->name);

		return ctl_fail(o, E_USAGE, next, "%s: %s is not what it must be", c->name, wrong);
	}
	status = c->doing->run(o, c, args);
	if (status == EXIT_SUCCESS && (fflush(stdout) != 0 || ferror(stdout)))
		return EXIT_FAILED;
	return status;
}

/* Over the network both keys are needed, and nothing is asked without them. */
static int
open_keys(struct options *o)
{
	const char *address = o->value[OPT_REMOTE], *key = o->value[OPT_KEY];
	const char *theirs = o->value[OPT_SERVER_KEY];
	enum err e;

	if (address == NULL && key == NULL && theirs == NULL)
		return EXIT_SUCCESS;
	if (address == NULL || key == NULL || theirs == NULL)
		return usage(o, "--remote, --key and --server-key go together");
	if (strncmp(address, "tcp://", 6) != 0 || o->value[OPT_SOCKET] != NULL)
		return usage(o, "--remote is tcp://HOST:PORT, and goes without --socket");
	secrets_guard();
	e = control_keys(key, theirs);
	o->socket = address;
	return e == E_OK ? EXIT_SUCCESS
			 : ctl_fail(o, e, "ls -l of --key and --server-key",
				   "the keys of --key and --server-key cannot be used");
}

static void
free_words(const char ***words)
{
	free(*words);
}

int
main(int argc, char **argv)
{
	OWNED(const char *, words, free_words) = xcalloc((size_t)argc + 1, sizeof *words);
	struct options o = {.socket = DEFAULT_SOCKET};
	struct typed_line l = {.value = o.value,
		.word = words,
		.again = OPT_WHERE,
		.list = o.where,
		.most = WHERE_MOST,
		.n = &o.n_where};
	int status;

	status = read_line(argv, &o, &l);
	if (status != EXIT_SUCCESS)
		return status;
	if (o.value[OPT_VERSION] != NULL) {
		puts("daftarctl " PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	if (l.words == 0) {
		ctl_help_first();
		return o.value[OPT_HELP] != NULL ? EXIT_SUCCESS : EXIT_USAGE;
	}
	status = open_keys(&o);
	if (status != EXIT_SUCCESS)
		return status;
	return strcmp(words[0], "help") == 0 ? ctl_help(&o, words + 1, l.words - 1) : run(&o, &l);
}
