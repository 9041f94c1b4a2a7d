/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rows of commands.table, and what `daftarctl help' prints of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/ctl_command.h"

#define WIDTH 80
#define TITLE "daftarctl: looks after a running exchange"

static const struct option_row options[OPT_N] = {
#define OPTION(option, name, value, sentence) [option] = {name, value, sentence},
#include "broker/ctl_rows.h"
};

static const struct command commands[] = {
#define COMMAND(name, arguments, least, most, required, allowed, run, group, sentence, detail,     \
	verb, print, names, next, example)                                                         \
	{name, arguments, least, most, required, allowed,                                          \
		&(const struct doing){run, verb, print, names, next, example}, group, sentence,    \
		detail},
#include "broker/ctl_rows.h"
};

const struct command_table ctl_table = {
	.program = "daftarctl",
	.option = options,
	.options = OPT_N,
	.command = commands,
	.commands = ARRAY_LEN(commands),
	.everywhere = EVERYWHERE,
	.letter = {{'h', OPT_HELP}, {'s', OPT_SOCKET}},
};

/* ---- one command ---- */

/* Folded between words, behind two spaces. */
static void
print_prose(const char *text)
{
	while (*text != '\0') {
		size_t line = strcspn(text, "\n"), n = line < WIDTH - 2 ? line : WIDTH - 2;

		while (n < line && n > 0 && text[n] != ' ')
			n--;
		printf("%s%.*s\n", n > 0 ? "  " : "", (int)n, text);
		text += n;
		text += *text == ' ' || *text == '\n';
	}
}

static void
print_option(int i)
{
	const struct option_row *r = &ctl_table.option[i];
	OWNED(char, name, free_chars) = xprintf(
		"--%s%s%s", r->name, r->value != NULL ? " " : "", r->value != NULL ? r->value : "");

	printf("  %-20s %s\n", name, r->sentence);
}

static void
print_options(uint64_t which)
{
	for (int i = 0; i < OPT_N; i++)
		if ((which & BIT(i)) != 0)
			print_option(i);
}

void
ctl_help_command(const struct command *c)
{
	printf("  daftarctl %s", c->name);
	for (int i = 0; i < OPT_N; i++)
		if ((c->required & BIT(i)) != 0)
			printf(" --%s %s", ctl_table.option[i].name, ctl_table.option[i].value);
	if (c->allowed != 0)
		fputs(" [OPTIONS]", stdout);
	printf("%s%s\n      %s\n\n", c->arguments[0] != '\0' ? " " : "", c->arguments, c->sentence);
	if (c->detail[0] != '\0') {
		print_prose(c->detail);
		putchar('\n');
	}
	print_options(c->required | c->allowed | EVERYWHERE);
	printf("\n  for example: %s\n", c->doing->example);
}

/* ---- all of them ---- */

static void
print_command(const struct command *c)
{
	printf("  %-18s %s\n", c->name, c->sentence);
}

static bool
same_first(const char *a, const char *b)
{
	size_t n = strcspn(a, " ");

	return strcspn(b, " ") == n && strncmp(a, b, n) == 0;
}

/* A group on one line: the first words of its commands, each once. */
static void
print_group(size_t first)
{
	const char *group = ctl_table.command[first].group;

	printf("  %-24s", group);
	for (size_t i = first;
		i < ctl_table.commands && strcmp(ctl_table.command[i].group, group) == 0; i++)
		if (i == first ||
			!same_first(ctl_table.command[i].name, ctl_table.command[i - 1].name))
			printf(" %.*s", (int)strcspn(ctl_table.command[i].name, " "),
				ctl_table.command[i].name);
	putchar('\n');
}

/* One screen of 80x24. */
void
ctl_help_first(void)
{
	static const char *const daily[] = {
		"status", "top", "check", "message find", "dead list", "alert list", "change list"};
	const struct command *c;
	int used;

	puts(TITLE "\n\nEvery day");
	for (size_t i = 0; i < ARRAY_LEN(daily); i++) {
		const char *word[2] = {daily[i], strchr(daily[i], ' ')};
		OWNED(char, first, free_chars) =
			xprintf("%.*s", (int)strcspn(daily[i], " "), daily[i]);

		word[0] = first;
		word[1] = word[1] != NULL ? word[1] + 1 : NULL;
		c = command_find(&ctl_table, word, word[1] != NULL ? 2 : 1, &used);
		if (c != NULL)
			print_command(c);
	}
	puts("\nAll commands (daftarctl help WORD tells more, daftarctl help all everything)");
	for (size_t i = 0; i < ctl_table.commands; i++)
		if (i == 0 ||
			strcmp(ctl_table.command[i].group, ctl_table.command[i - 1].group) != 0)
			print_group(i);
	puts("\n  --socket PATH or --remote ADDRESS   whom to ask\n"
	     "  --json                              for programs");
}

static void
help_all(void)
{
	const char *group = "";

	puts(TITLE);
	for (size_t i = 0; i < ctl_table.commands; i++) {
		if (strcmp(group, ctl_table.command[i].group) != 0)
			printf("\n%s\n", ctl_table.command[i].group);
		group = ctl_table.command[i].group;
		print_command(&ctl_table.command[i]);
	}
	puts("\nWith every command");
	print_options(EVERYWHERE);
	puts("\nexit status: 0 done, 1 failed, 2 wrong usage, 3 a change waits for a second "
	     "officer\n"
	     "  or a party was not reached, 4 refused: it needs another role or person, 5 not "
	     "found,\n"
	     "  10 daftard not reached; status: 0 ok, 1 warning, 2 critical");
}

static void
help_beginning(const char *word)
{
	for (size_t i = 0; i < ctl_table.commands; i++)
		if (command_begins(&ctl_table.command[i], word))
			print_command(&ctl_table.command[i]);
}

int
ctl_help(const struct options *o, const char *const *word, int n)
{
	const struct command *c;
	int used;

	if (n < 1) {
		ctl_help_first();
		return EXIT_SUCCESS;
	}
	c = command_find(&ctl_table, word, n, &used);
	if (strcmp(word[0], "all") == 0)
		help_all();
	else if (c != NULL)
		ctl_help_command(c);
	else if (!command_is_beginning(&ctl_table, word[0]))
		return ctl_fail(o, E_USAGE, "daftarctl help", "there is no command %s", word[0]);
	if (n == 1 && command_is_beginning(&ctl_table, word[0]))
		help_beginning(word[0]);
	return EXIT_SUCCESS;
}
