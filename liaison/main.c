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
#include "liaison/consent.h"
#include "liaison/terminal.h"

static const struct option_row {
	const char *name;
	const char *value; /* NULL: a switch */
	const char *sentence;
} option_rows[OPT_N] = {
#define OPTION(option, name, value, sentence) [option] = {name, value, sentence},
#include "liaison/rows.h"
};

#define BIT(option) (UINT64_C(1) << (option))
#define EVERYWHERE                                                                                 \
	(BIT(OPT_HOME) | BIT(OPT_CONTEXT) | BIT(OPT_JSON) | BIT(OPT_QUIET) | BIT(OPT_TIMEOUT) |    \
		BIT(OPT_NO_INPUT) | BIT(OPT_LANG) | BIT(OPT_PLAIN) | BIT(OPT_HELP) |               \
		BIT(OPT_VERSION))

static const struct command {
	const char *name; /* one word or two */
	const char *arguments;
	int least, most; /* arguments */
	uint64_t required, allowed;
	enum ending (*run)(const struct options *o);
	const char *group, *sentence, *detail;
} commands[] = {
#define COMMAND(name, arguments, least, most, required, allowed, run, group, sentence, detail)     \
	{name, arguments, least, most, required, allowed, run, group, sentence, detail},
#include "liaison/rows.h"
};

static const struct topic {
	const char *name, *title, *text;
} topics[] = {
#define TOPIC(name, title, text) {name, title, text},
#include "liaison/rows.h"
};

/* ---- help ---- */

/* Between an option and its value: a value in brackets may be left out. */
static const char *
between(const struct option_row *r)
{
	return r->value == NULL || r->value[0] == '[' ? "" : " ";
}

static void
help_option(enum option i)
{
	const struct option_row *r = &option_rows[i];
	size_t width =
		strlen(r->name) + strlen(between(r)) + (r->value != NULL ? strlen(r->value) : 0);

	say("  --%s%s%s%*s%s\n", r->name, between(r), r->value != NULL ? r->value : "",
		width < 22 ? (int)(22 - width) : 1, "", _(r->sentence));
}

static void
help_usage(const struct command *c)
{
	say("  daftar %s", c->name);
	for (enum option i = 0; i < OPT_N; i++)
		if ((c->required & BIT(i)) != 0)
			say(" --%s %s", option_rows[i].name, option_rows[i].value);
	for (enum option i = 0; i < OPT_N; i++)
		if ((c->allowed & BIT(i)) != 0)
			say(" [--%s%s%s]", option_rows[i].name, between(&option_rows[i]),
				option_rows[i].value != NULL ? option_rows[i].value : "");
	say("%s%s\n      %s\n", c->arguments[0] != '\0' ? " " : "", c->arguments, _(c->sentence));
}

static void
help_options(uint64_t used)
{
	say("\n");
	for (enum option i = 0; i < OPT_N; i++)
		if ((used & BIT(i)) != 0)
			help_option(i);
}

static void
help_command(const struct command *c)
{
	help_usage(c);
	if (c->detail[0] != '\0') {
		say("\n");
		say_prose(_(c->detail));
	}
	help_options(c->required | c->allowed | EVERYWHERE);
}

static void
help_all(void)
{
	const char *group = "";

	say("%s\n", _("daftar: files, tracks and proves requests for birth records"));
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(group, commands[i].group) != 0)
			say("\n%s\n", _(commands[i].group));
		group = commands[i].group;
		say("  %-20s %s\n", commands[i].name, _(commands[i].sentence));
	}
	say("\n%s\n", _("More to read: daftar help COMMAND, or daftar help with one of"));
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		say("  %-20s %s\n", topics[i].name, _(topics[i].title));
	help_options(EVERYWHERE);
	say("\n%s\n", _("The program ends with 0 when all is done; daftar(1) lists the others."));
}

static const struct topic *
find_topic(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		if (strcmp(topics[i].name, name) == 0)
			return &topics[i];
	return NULL;
}

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
is_command(const struct command *c, const struct words *w, int first, int words)
{
	const char *space = strchr(c->name, ' ');
	size_t length = space != NULL ? (size_t)(space - c->name) : strlen(c->name);

	if ((space != NULL ? 2 : 1) != words || w->n < first + words ||
		strlen(w->word[first]) != length || strncmp(w->word[first], c->name, length) != 0)
		return false;
	return space == NULL || strcmp(w->word[first + 1], space + 1) == 0;
}

/* The command that the first two words name, or the first; *used is how many. */
static const struct command *
find_command(const struct words *w, int first, int *used)
{
	for (*used = 2; *used > 0; (*used)--)
		for (size_t i = 0; i < ARRAY_LEN(commands); i++)
			if (is_command(&commands[i], w, first, *used))
				return &commands[i];
	return NULL;
}

static enum ending
check_options(const struct command *c, const struct options *o)
{
	for (enum option i = 0; i < OPT_N; i++) {
		if ((c->required & BIT(i)) != 0 && o->value[i] == NULL)
			return fail(E_USAGE, "nothing was changed", "daftar help",
				"daftar %s needs --%s %s", c->name, option_rows[i].name,
				option_rows[i].value);
		if (((c->required | c->allowed | EVERYWHERE) & BIT(i)) == 0 && o->value[i] != NULL)
			return fail(E_USAGE, "nothing was changed", "daftar help",
				"daftar %s has no --%s", c->name, option_rows[i].name);
	}
	return END_DONE;
}

static enum ending
run(const struct words *w, struct options *o)
{
	int used, left;
	const struct command *c = find_command(w, 0, &used);

	if (c == NULL)
		return usage("there is no command %s", w->word[0]);
	if (o->value[OPT_HELP] != NULL) {
		help_command(c);
		return END_DONE;
	}
	left = w->n - used;
	if (left < c->least || left > c->most)
		return c->arguments[0] == '\0'
			       ? usage("daftar %s takes no argument", c->name)
			       : fail(E_USAGE, "nothing was changed", "daftar help",
					 "daftar %s takes %s", c->name, c->arguments);
	for (int i = 0; i < left && i < (int)ARRAY_LEN(o->argument); i++)
		o->argument[i] = w->word[used + i];
	o->arguments = w->word + used;
	o->n_arguments = left;
	enum ending end = check_options(c, o);
	return end == END_DONE ? c->run(o) : end;
}

static enum ending
run_help(const struct words *w)
{
	const struct topic *t;
	const struct command *c;
	int used;

	if (w->n < 2) {
		help_all();
		return END_DONE;
	}
	c = find_command(w, 1, &used);
	t = find_topic(w->word[1]);
	if (c == NULL && t == NULL)
		return usage("there is no command or topic %s", w->word[1]);
	if (c != NULL)
		help_command(c);
	else {
		say("%s\n\n", _(t->title));
		say_prose(_(t->text));
	}
	return END_DONE;
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
		help_all();
		return o.value[OPT_HELP] != NULL ? END_DONE : END_USAGE;
	}
	return strcmp(w.word[0], "help") == 0 ? run_help(&w) : run(&w, &o);
}
