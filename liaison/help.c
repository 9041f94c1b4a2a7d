/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rows of commands.table, and what `daftar help' prints of them. */
#include <string.h>
#include <unistd.h>

#include "liaison/commands.h"
#include "liaison/terminal.h"

#define NARROW 80 /* columns */

static const struct option_row option_rows[OPT_N] = {
#define OPTION(option, name, value, sentence) [option] = {name, value, sentence},
#include "liaison/rows.h"
};

static const struct command commands[] = {
#define COMMAND(name, arguments, least, most, required, allowed, run, group, sentence, detail)     \
	{name, arguments, least, most, required, allowed, &(const struct doing){run}, group,       \
		sentence, detail},
#include "liaison/rows.h"
};

const struct command_table daftar_table = {
	.program = "daftar",
	.option = option_rows,
	.options = OPT_N,
	.command = commands,
	.commands = ARRAY_LEN(commands),
	.everywhere = EVERYWHERE,
	.letter = {{'h', OPT_HELP}},
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

void
help_command(const struct command *c)
{
	help_usage(c);
	if (c->detail[0] != '\0') {
		say("\n");
		say_prose(_(c->detail));
	}
	help_options(c->required | c->allowed | EVERYWHERE);
}

/* ---- which there are ---- */

/* What the people of an office type every day. */
static enum ending (*const daily[])(const struct options *o) = {
	command_request_new, command_request_file, command_inbox, command_track, command_sync};

static const struct topic *
find_topic(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		if (strcmp(topics[i].name, name) == 0)
			return &topics[i];
	return NULL;
}

static void
say_command(const struct command *c)
{
	say("  %-20s %s\n", c->name, _(c->sentence));
}

static void
say_daily(void)
{
	for (size_t i = 0; i < ARRAY_LEN(daily); i++)
		for (size_t k = 0; k < ARRAY_LEN(commands); k++)
			if (commands[k].doing->run == daily[i])
				say_command(&commands[k]);
}

/* A group on one line: the first words of its commands, each once. */
static void
say_group(size_t first)
{
	OWNED_BUF(words) = {0};
	const char *before = "";
	size_t columns;

	for (size_t i = first;
		i < ARRAY_LEN(commands) && strcmp(commands[i].group, commands[first].group) == 0;
		i++) {
		size_t n = strcspn(commands[i].name, " ");

		if (strncmp(commands[i].name, before, n) != 0 || strcspn(before, " ") != n)
			buf_printf(
				&words, "%s%.*s", i > first ? " " : "", (int)n, commands[i].name);
		before = commands[i].name;
	}
	columns = terminal_columns(STDOUT_FILENO);
	if (columns > 0 && columns < NARROW)
		say("  %s: %s\n", _(commands[first].group), (char *)words.data);
	else
		say("  %s %s\n", padded(_(commands[first].group), 30), (char *)words.data);
}

/* One screen of 80x24. */
void
help_first(void)
{
	OWNED_BUF(words) = {0};

	say("%s\n\n%s\n", _("daftar: files, tracks and proves requests for birth records"),
		_("Every day"));
	say_daily();
	say("\n%s\n", _("All commands (daftar help WORD tells more, daftar help all everything)"));
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (i == 0 || strcmp(commands[i].group, commands[i - 1].group) != 0)
			say_group(i);
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		buf_printf(&words, " %s", topics[i].name);
	say("\n%s\n ", _("To read (daftar help WORD); new here: daftar help start"));
	say("%s\n", (char *)words.data);
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
		say_command(&commands[i]);
	}
	say("\n%s\n", _("More to read: daftar help COMMAND, or daftar help with one of"));
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		say("  %-20s %s\n", topics[i].name, _(topics[i].title));
	help_options(EVERYWHERE);
	say("\n%s\n", _("The program ends with 0 when all is done; daftar help errors lists the "
			"others."));
}

/* ---- daftar help WORD ---- */

static void
help_beginning(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (command_begins(&commands[i], word))
			say_command(&commands[i]);
	say("\n");
}

/* A word may be a command, the beginning of several, and a topic too. */
static void
help_word(const char *word, const struct command *c, const struct topic *t)
{
	if (c != NULL)
		help_command(c);
	if (c != NULL && (command_is_beginning(&daftar_table, word) || t != NULL))
		say("\n");
	if (command_is_beginning(&daftar_table, word))
		help_beginning(word);
	if (t != NULL) {
		say("%s\n\n", _(t->title));
		say_prose(_(t->text));
	}
}

enum ending
help(const char *const *word, int n)
{
	const struct command *c;
	int used;

	if (n < 1) {
		help_first();
		return END_DONE;
	}
	c = command_find(&daftar_table, word, n, &used);
	if (strcmp(word[0], "all") == 0)
		help_all();
	else if (c != NULL && used == 2)
		help_command(c);
	else if (c != NULL || find_topic(word[0]) != NULL ||
		 command_is_beginning(&daftar_table, word[0]))
		help_word(word[0], c, find_topic(word[0]));
	else
		return fail(E_USAGE, "nothing was changed", "daftar help",
			"there is no command or topic %s", line(word[0]));
	return END_DONE;
}
