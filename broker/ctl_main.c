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

/* ---- options ---- */

static int
option_find(const char *name, size_t length)
{
	for (int i = 0; i < OPT_N; i++)
		if (strlen(option_rows[i].name) == length &&
			strncmp(option_rows[i].name, name, length) == 0)
			return i;
	return -1;
}

static int
keep(struct options *o, int i, const char *value)
{
	o->value[i] = value;
	if (i == OPT_SOCKET)
		o->socket = value;
	if (i == OPT_JSON)
		o->json = true;
	if (i != OPT_WHERE)
		return EXIT_SUCCESS;
	if (o->n_where == WHERE_MOST)
		return usage(o, "more than %d times --where", WHERE_MOST);
	o->where[o->n_where++] = value;
	return EXIT_SUCCESS;
}

/* --name, --name VALUE or --name=VALUE; *at moves on over the value. */
static int
read_option(char **argv, int *at, struct options *o)
{
	const char *name = argv[*at] + 2, *value;
	size_t length = strcspn(name, "=");
	int i = option_find(name, length);

	if (i < 0)
		return usage(o, "there is no option %s", argv[*at]);
	if (option_rows[i].value == NULL)
		return name[length] == '\0' ? keep(o, i, "")
					    : usage(o, "--%s takes no value", option_rows[i].name);
	value = name[length] == '=' ? name + length + 1 : argv[*at + 1];
	if (value == NULL)
		return usage(o, "--%s needs a value", option_rows[i].name);
	*at += name[length] != '=';
	return keep(o, i, value);
}

/* -s PATH and -h, of old. */
static int
read_letter(char **argv, int *at, struct options *o)
{
	const char *word = argv[*at];

	if (strcmp(word, "-h") == 0)
		return keep(o, OPT_HELP, "");
	if (word[1] != 's')
		return usage(o, "there is no option %s", word);
	if (word[2] != '\0')
		return keep(o, OPT_SOCKET, word + 2);
	if (argv[*at + 1] == NULL)
		return usage(o, "-s needs a value");
	return keep(o, OPT_SOCKET, argv[++*at]);
}

/* The words of the line are left in `word'; behind `--' everything is a word. */
static int
read_line(char **argv, struct options *o, const char **word, int *n)
{
	bool plain = false;

	for (int i = 1; argv[i] != NULL; i++) {
		int status = EXIT_SUCCESS;

		if (!plain && strcmp(argv[i], "--") == 0)
			plain = true;
		else if (!plain && strncmp(argv[i], "--", 2) == 0)
			status = read_option(argv, &i, o);
		else if (!plain && argv[i][0] == '-' && argv[i][1] != '\0')
			status = read_letter(argv, &i, o);
		else
			word[(*n)++] = argv[i];
		if (status != EXIT_SUCCESS)
			return status;
	}
	return EXIT_SUCCESS;
}

/* ---- commands ---- */

static bool
is_command(const struct command *c, const char *const *word, int n, int words)
{
	const char *space = strchr(c->name, ' ');
	size_t length = space != NULL ? (size_t)(space - c->name) : strlen(c->name);

	if ((space != NULL ? 2 : 1) != words || n < words || strlen(word[0]) != length ||
		strncmp(word[0], c->name, length) != 0)
		return false;
	return space == NULL || strcmp(word[1], space + 1) == 0;
}

const struct command *
command_find(const char *const *word, int n, int *used)
{
	for (*used = 2; *used > 0; (*used)--)
		for (size_t i = 0; i < ctl_commands_n; i++)
			if (is_command(&ctl_commands[i], word, n, *used))
				return &ctl_commands[i];
	return NULL;
}

/* The first word may be that of several commands. */
static int
no_command(const struct options *o, const char *word)
{
	OWNED(char, next, free_chars) = xprintf("daftarctl help %s", word);

	if (!ctl_help_has(word))
		return usage(o, "there is no command %s", word);
	return ctl_fail(o, E_USAGE, next, "%s is the beginning of several commands", word);
}

static int
check_options(const struct options *o, const struct command *c)
{
	OWNED(char, next, free_chars) = xprintf("daftarctl help %s", c->name);

	for (int i = 0; i < OPT_N; i++) {
		if ((c->required & BIT(i)) != 0 && o->value[i] == NULL)
			return ctl_fail(o, E_USAGE, next, "%s needs --%s %s", c->name,
				option_rows[i].name, option_rows[i].value);
		if (((c->required | c->allowed | EVERYWHERE) & BIT(i)) == 0 && o->value[i] != NULL)
			return ctl_fail(
				o, E_USAGE, next, "%s has no --%s", c->name, option_rows[i].name);
	}
	if (o->n_words >= c->least && o->n_words <= c->most)
		return EXIT_SUCCESS;
	return c->arguments[0] == '\0'
		       ? ctl_fail(o, E_USAGE, next, "%s takes no argument", c->name)
		       : ctl_fail(o, E_USAGE, next, "%s takes %s", c->name, c->arguments);
}

static int
run(struct options *o, const char *const *word, int n)
{
	OWNED(json_t, args, json_decrefp) = NULL;
	const struct command *c;
	const char *wrong = "";
	int used, status;

	c = command_find(word, n, &used);
	if (c == NULL)
		return no_command(o, word[0]);
	if (o->value[OPT_HELP] != NULL) {
		ctl_help_command(c);
		return EXIT_SUCCESS;
	}
	o->words = word + used;
	o->n_words = n - used;
	status = check_options(o, c);
	if (status != EXIT_SUCCESS)
		return status;
	args = ctl_args(o, c, &wrong);
	if (args == NULL) {
		OWNED(char, next, free_chars) = xprintf("daftarctl help %s", c->name);

		return ctl_fail(o, E_USAGE, next, "%s: %s is not what it must be", c->name, wrong);
	}
	status = c->run(o, c, args);
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
	int n = 0, status;

	status = read_line(argv, &o, words, &n);
	if (status != EXIT_SUCCESS)
		return status;
	if (o.value[OPT_VERSION] != NULL) {
		puts("daftarctl " PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	if (n == 0) {
		ctl_help_first();
		return o.value[OPT_HELP] != NULL ? EXIT_SUCCESS : EXIT_USAGE;
	}
	status = open_keys(&o);
	if (status != EXIT_SUCCESS)
		return status;
	return strcmp(words[0], "help") == 0 ? ctl_help(&o, words + 1, n - 1) : run(&o, words, n);
}
