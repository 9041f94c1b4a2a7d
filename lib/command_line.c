/* SPDX-License-Identifier: EUPL-1.2 */
#include "lib/command_line.h"

#include <string.h>

/* ---- options ---- */

static int
find_option(const struct command_table *t, const char *name, size_t length)
{
	for (int i = 0; i < t->options; i++)
		if (strlen(t->option[i].name) == length &&
			strncmp(t->option[i].name, name, length) == 0)
			return i;
	return -1;
}

static int
find_letter(const struct command_table *t, char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(t->letter) && t->letter[i].letter != '\0'; i++)
		if (t->letter[i].letter == letter)
			return t->letter[i].option;
	return -1;
}

int
option_of_word(const struct command_table *t, const char *word)
{
	if (strncmp(word, "--", 2) == 0)
		return find_option(t, word + 2, strlen(word + 2));
	return word[0] == '-' && word[1] != '\0' && word[2] == '\0' ? find_letter(t, word[1]) : -1;
}

static enum line_fault
wrong(struct typed_line *l, enum line_fault fault, int option, const char *typed)
{
	l->option = option;
	l->typed = typed;
	return fault;
}

/* The value stands behind the option, in the same word or in the next, over which *at moves on. */
static enum line_fault
keep(char **argv, int *at, struct typed_line *l, int option, const char *behind)
{
	const char *value = behind;

	if (value == NULL) {
		value = argv[*at + 1];
		if (value == NULL)
			return wrong(l, LINE_VALUE, option, argv[*at]);
		(*at)++;
	}
	l->value[option] = value;
	if (l->most == 0 || option != l->again)
		return LINE_OK;
	if (*l->n == l->most)
		return wrong(l, LINE_TOO_OFTEN, option, argv[*at]);
	l->list[(*l->n)++] = value;
	return LINE_OK;
}

/* --name, --name VALUE or --name=VALUE. */
static enum line_fault
read_name(const struct command_table *t, char **argv, int *at, struct typed_line *l)
{
	const char *name = argv[*at] + 2;
	size_t length = strcspn(name, "=");
	const char *behind = name[length] == '=' ? name + length + 1 : NULL;
	int i = find_option(t, name, length);

	if (i < 0)
		return wrong(l, LINE_UNKNOWN, -1, argv[*at]);
	if (t->option[i].value == NULL && behind != NULL)
		return wrong(l, LINE_NO_VALUE, i, argv[*at]);
	if (t->option[i].value == NULL || (t->option[i].value[0] == '[' && behind == NULL)) {
		l->value[i] = "";
		return LINE_OK;
	}
	return keep(argv, at, l, i, behind);
}

/* -h, -s VALUE or -sVALUE. */
static enum line_fault
read_letter(const struct command_table *t, char **argv, int *at, struct typed_line *l)
{
	const char *word = argv[*at], *behind = word[2] != '\0' ? word + 2 : NULL;
	int i = find_letter(t, word[1]);

	if (i < 0 || (t->option[i].value == NULL && behind != NULL))
		return wrong(l, LINE_UNKNOWN, -1, word);
	if (t->option[i].value != NULL)
		return keep(argv, at, l, i, behind);
	l->value[i] = "";
	return LINE_OK;
}

enum line_fault
line_read(const struct command_table *t, char **argv, struct typed_line *l)
{
	enum line_fault fault = LINE_OK;
	bool plain = false;

	for (int i = 1; argv[i] != NULL && fault == LINE_OK; i++) {
		if (!plain && strcmp(argv[i], "--") == 0)
			plain = true;
		else if (!plain && strncmp(argv[i], "--", 2) == 0)
			fault = read_name(t, argv, &i, l);
		else if (!plain && argv[i][0] == '-' && argv[i][1] != '\0')
			fault = read_letter(t, argv, &i, l);
		else
			l->word[l->words++] = argv[i];
	}
	return fault;
}

enum line_fault
line_check(const struct command_table *t, const struct command *c, struct typed_line *l)
{
	uint64_t allowed = c->required | c->allowed | t->everywhere;

	for (int i = 0; i < t->options; i++) {
		if ((c->required & BIT(i)) != 0 && l->value[i] == NULL)
			return wrong(l, LINE_MISSING, i, "");
		if ((allowed & BIT(i)) == 0 && l->value[i] != NULL)
			return wrong(l, LINE_NOT_HERE, i, "");
	}
	return LINE_OK;
}

/* ---- commands ---- */

static bool
is_command(const struct command *c, const char *const *word, int n, int words)
{
	size_t length = strcspn(c->name, " ");
	const char *second = c->name[length] == ' ' ? c->name + length + 1 : NULL;

	if ((second != NULL ? 2 : 1) != words || n < words || strlen(word[0]) != length ||
		strncmp(word[0], c->name, length) != 0)
		return false;
	return second == NULL || strcmp(word[1], second) == 0;
}

const struct command *
command_find(const struct command_table *t, const char *const *word, int n, int *used)
{
	for (*used = 2; *used > 0; (*used)--)
		for (size_t i = 0; i < t->commands; i++)
			if (is_command(&t->command[i], word, n, *used))
				return &t->command[i];
	return NULL;
}

bool
command_begins(const struct command *c, const char *word)
{
	size_t n = strlen(word);

	return strncmp(c->name, word, n) == 0 && c->name[n] == ' ';
}

bool
command_is_beginning(const struct command_table *t, const char *word)
{
	for (size_t i = 0; i < t->commands; i++)
		if (command_begins(&t->command[i], word))
			return true;
	return false;
}
