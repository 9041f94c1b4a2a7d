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

static enum ending
say_fault(enum line_fault fault, const struct typed_line *l)
{
	switch (fault) {
	case LINE_UNKNOWN:
		return usage("there is no option %s", l->typed);
	case LINE_NO_VALUE:
		return usage("takes no value: %s", l->typed);
	case LINE_VALUE:
		return usage("needs a value: %s", l->typed);
	case LINE_TOO_OFTEN:
		return usage("too many: %s", l->typed);
	case LINE_OK:
	case LINE_MISSING:
	case LINE_NOT_HERE:
		break;
	}
	return END_DONE;
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

static const char *
help_of(const struct command *c)
{
	OWNED(char, text, free_chars) = xprintf("daftar help %s", c->name);

	return line(text);
}

/* The first word may be that of several commands. */
static enum ending
no_command(const struct typed_line *l)
{
	OWNED(char, text, free_chars) = xprintf("daftar help %s", l->word[0]);

	if (!command_is_beginning(&daftar_table, l->word[0]))
		return usage("there is no command %s", l->word[0]);
	return fail(E_USAGE, "nothing was changed", line(text),
		"%s is the beginning of several commands", line(l->word[0]));
}

static enum ending
check_line(const struct command *c, struct typed_line *l)
{
	enum line_fault fault = line_check(&daftar_table, c, l);

	if (fault == LINE_MISSING)
		return fail(E_USAGE, "nothing was changed", help_of(c), "daftar %s needs --%s %s",
			c->name, daftar_table.option[l->option].name,
			daftar_table.option[l->option].value);
	return fault == LINE_OK
		       ? END_DONE
		       : fail(E_USAGE, "nothing was changed", help_of(c), "daftar %s has no --%s",
				 c->name, daftar_table.option[l->option].name);
}

static enum ending
run(struct typed_line *l, struct options *o)
{
	int used, left;
	const struct command *c = command_find(&daftar_table, l->word, l->words, &used);

	if (c == NULL)
		return no_command(l);
	if (o->value[OPT_HELP] != NULL) {
		help_command(c);
		return END_DONE;
	}
	left = l->words - used;
	if (left < c->least || left > c->most)
		return c->arguments[0] == '\0'
			       ? fail(E_USAGE, "nothing was changed", help_of(c),
					 "daftar %s takes no argument", c->name)
			       : fail(E_USAGE, "nothing was changed", help_of(c),
					 "daftar %s takes %s", c->name, c->arguments);
	for (int i = 0; i < left && i < (int)ARRAY_LEN(o->argument); i++)
		o->argument[i] = l->word[used + i];
	o->arguments = l->word + used;
	o->n_arguments = left;
	enum ending end = check_line(c, l);
	return end == END_DONE ? c->doing->run(o) : end;
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
			const struct option_row *r = &daftar_table.option[early[k]];
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
	struct typed_line l = {.value = o.value,
		.word = words,
		.again = OPT_DOCUMENT,
		.list = o.document,
		.most = ARRAY_LEN(o.document),
		.n = &o.n_document};
	enum ending end;

	secrets_guard();
	umask(077);
	open_mouth(argv);
	log_open("daftar", LOG_WARNING);
	end = say_fault(line_read(&daftar_table, argv, &l), &l);
	if (end == END_DONE)
		end = read_timeout(&o);
	if (end != END_DONE)
		return end;
	if (o.value[OPT_VERSION] != NULL) {
		say("daftar " PACKAGE_VERSION "\n");
		return END_DONE;
	}
	if (l.words == 0) {
		help_first();
		return o.value[OPT_HELP] != NULL ? END_DONE : END_USAGE;
	}
	return strcmp(words[0], "help") == 0 ? help(words + 1, l.words - 1) : run(&l, &o);
}
