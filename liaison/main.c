/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar: the liaison officer's tool. Its options, commands and topics are commands.table; the
 * command line is read, and help is printed, from the same rows. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include "lib/lang.h"
#include "lib/log.h"
#include "lib/secrets.h"
#include "liaison/commands.h"
#include "liaison/consent.h"
#include "liaison/terminal.h"

/* ---- the command line ---- */

/* `what' is a format that takes the word. */
#define usage(what, word) fail(E_USAGE, "nothing was changed", "daftar help", what, line(word))

static int
option_find(const char *name, size_t length)
{
	for (int i = 0; i < OPT_N; i++)
		if (strlen(option_rows[i].name) == length &&
			strncmp(option_rows[i].name, name, length) == 0)
			return i;
	return -1;
}

/* --name or --name=VALUE, but never --name VALUE. */
static bool
may_be_alone(int i)
{
	return option_rows[i].value != NULL && option_rows[i].value[0] == '[';
}

/* --name, --name VALUE or --name=VALUE; *at moves on over the value. */
static enum ending
read_option(char **argv, int *at, struct options *o)
{
	const char *name = argv[*at] + 2;
	size_t length = strcspn(name, "=");
	int i = option_find(name, length);

	if (i < 0)
		return usage("there is no option %s", argv[*at]);
	if (option_rows[i].value == NULL) {
		o->value[i] = "";
		return name[length] == '\0' ? END_DONE : usage("takes no value: %s", argv[*at]);
	}
	o->value[i] = name[length] == '=' ? name + length + 1 : argv[*at + 1];
	if (may_be_alone(i)) {
		o->value[i] = name[length] == '=' ? name + length + 1 : "";
		return END_DONE;
	}
	if (o->value[i] == NULL)
		return usage("needs a value: %s", argv[*at]);
	*at += name[length] != '=';
	if (i != OPT_DOCUMENT)
		return END_DONE;
	if (o->n_document == ARRAY_LEN(o->document))
		return usage("too many: %s", argv[*at]);
	o->document[o->n_document++] = o->value[i];
	return END_DONE;
}

struct words {
	const char **word;
	int n;
};

static enum ending
read_line(char **argv, struct options *o, struct words *w)
{
	enum ending end = END_DONE;
	bool plain = false;

	for (int i = 1; argv[i] != NULL && end == END_DONE; i++) {
		if (!plain && strcmp(argv[i], "--") == 0)
			plain = true;
		else if (!plain && strcmp(argv[i], "-h") == 0)
			o->value[OPT_HELP] = "";
		else if (!plain && strncmp(argv[i], "--", 2) == 0)
			end = read_option(argv, &i, o);
		else if (!plain && argv[i][0] == '-' && argv[i][1] != '\0')
			end = usage("there is no option %s", argv[i]);
		else
			w->word[w->n++] = argv[i];
	}
	return end;
}

static enum ending
read_timeout(struct options *o)
{
	const char *text = o->value[OPT_TIMEOUT];
	char *end;
	long s;

	o->timeout = -1;
	if (text == NULL)
		return END_DONE;
	errno = 0;
	s = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || s < 0 || s > 86400 * 30)
		return usage("--timeout is a number of seconds, not %s", text);
	o->timeout = (int64_t)s * 1000;
	return END_DONE;
}

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
		for (size_t i = 0; i < commands_n; i++)
			if (is_command(&commands[i], word, n, *used))
				return &commands[i];
	return NULL;
}

static const char *
help_of(const struct command *c)
{
	OWNED(char, text, free_chars) = xprintf("daftar help %s", c->name);

	return line(text);
}

/* The first word may be that of several commands. */
static enum ending
no_command(const struct words *w)
{
	OWNED(char, text, free_chars) = xprintf("daftar help %s", w->word[0]);

	if (!help_has(w->word[0]))
		return usage("there is no command %s", w->word[0]);
	return fail(E_USAGE, "nothing was changed", line(text),
		"%s is the beginning of several commands", line(w->word[0]));
}

static enum ending
check_options(const struct command *c, const struct options *o)
{
	for (enum option i = 0; i < OPT_N; i++) {
		if ((c->required & BIT(i)) != 0 && o->value[i] == NULL)
			return fail(E_USAGE, "nothing was changed", help_of(c),
				"daftar %s needs --%s %s", c->name, option_rows[i].name,
				option_rows[i].value);
		if (((c->required | c->allowed | EVERYWHERE) & BIT(i)) == 0 && o->value[i] != NULL)
			return fail(E_USAGE, "nothing was changed", help_of(c),
				"daftar %s has no --%s", c->name, option_rows[i].name);
	}
	return END_DONE;
}

static enum ending
run(const struct words *w, struct options *o)
{
	int used, left;
	const struct command *c = command_find(w->word, w->n, &used);

	if (c == NULL)
		return no_command(w);
	if (o->value[OPT_HELP] != NULL) {
		help_command(c);
		return END_DONE;
	}
	left = w->n - used;
	if (left < c->least || left > c->most)
		return c->arguments[0] == '\0'
			       ? fail(E_USAGE, "nothing was changed", help_of(c),
					 "daftar %s takes no argument", c->name)
			       : fail(E_USAGE, "nothing was changed", help_of(c),
					 "daftar %s takes %s", c->name, c->arguments);
	for (int i = 0; i < left && i < (int)ARRAY_LEN(o->argument); i++)
		o->argument[i] = w->word[used + i];
	o->arguments = w->word + used;
	o->n_arguments = left;
	enum ending end = check_options(c, o);
	return end == END_DONE ? c->run(o) : end;
}

/* What decides how mistakes on the command line are told is read before it. */
static void
open_mouth(char **argv)
{
	static const enum option early[] = {
		OPT_HOME, OPT_CONTEXT, OPT_LANG, OPT_PLAIN, OPT_JSON, OPT_QUIET};
	OWNED(char, kept, free_chars) = NULL;
	struct options o = {.timeout = -1};

	for (int i = 1; argv[i] != NULL && strcmp(argv[i], "--") != 0; i++)
		for (size_t k = 0; k < ARRAY_LEN(early); k++) {
			const struct option_row *r = &option_rows[early[k]];
			size_t length = strcspn(argv[i], "=");

			if (strncmp(argv[i], "--", 2) != 0 || strlen(r->name) + 2 != length ||
				strncmp(argv[i] + 2, r->name, length - 2) != 0)
				continue;
			o.value[early[k]] = r->value == NULL	     ? ""
					    : argv[i][length] == '=' ? argv[i] + length + 1
								     : argv[i + 1];
		}
	kept = office_language(&o);
	/* Programs are always spoken to in the same language. */
	lang_open(o.value[OPT_JSON] != NULL ? "en" : o.value[OPT_LANG], kept);
	terminal_open(o.value[OPT_PLAIN] != NULL);
	say_open(o.value[OPT_JSON] != NULL, o.value[OPT_QUIET] != NULL);
}

static void
free_words(const char ***words)
{
	free(*words);
}

int
main(int argc, char **argv)
{
	struct options o = {.timeout = -1};
	OWNED(const char *, words, free_words) = xcalloc((size_t)argc + 1, sizeof *words);
	struct words w = {.word = words, .n = 0};
	enum ending end;

	secrets_guard();
	umask(077);
	open_mouth(argv);
	log_open("daftar", LOG_WARNING);
	end = read_line(argv, &o, &w);
	if (end == END_DONE)
		end = read_timeout(&o);
	if (end != END_DONE)
		return end;
	if (o.value[OPT_VERSION] != NULL) {
		say("daftar " PACKAGE_VERSION "\n");
		return END_DONE;
	}
	if (w.n == 0) {
		help_first();
		return o.value[OPT_HELP] != NULL ? END_DONE : END_USAGE;
	}
	return strcmp(w.word[0], "help") == 0 ? help(w.word + 1, w.n - 1) : run(&w, &o);
}
