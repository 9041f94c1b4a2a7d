/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar completion SHELL' prints what bash, zsh or fish has to be told; whenever a word is to be
 * completed they ask `daftar completion next -- WORD...', which answers out of the same table that
 * reads the command line, a word and its sentence on a line. A line "@files" leaves the rest to the
 * shell. What is typed so far decides nothing and is never kept. */
#include <stdio.h>
#include <string.h>

#include "liaison/commands.h"

#define FILES "@files\n"

static const char *const topics[][2] = {
#define TOPIC(name, title, text) {name, title},
#include "liaison/rows.h"
};

/* ---- what the shells are told ---- */

static const struct {
	const char *shell, *script;
} scripts[] = {
	{"bash", "_daftar() {\n"
		 "\tlocal line words=(\"${COMP_WORDS[@]:1:COMP_CWORD}\")\n"
		 "\tCOMPREPLY=()\n"
		 "\twhile IFS=$'\\t' read -r line _; do\n"
		 "\t\tif [[ $line == @files ]]; then\n"
		 "\t\t\tcompopt -o default\n"
		 "\t\telse\n"
		 "\t\t\tCOMPREPLY+=(\"$line\")\n"
		 "\t\tfi\n"
		 "\tdone < <(daftar completion next -- \"${words[@]}\" 2>/dev/null)\n"
		 "}\n"
		 "complete -F _daftar daftar\n"},
	{"zsh", "#compdef daftar\n"
		"_daftar() {\n"
		"\tlocal -a found\n"
		"\tlocal line word\n"
		"\tfor line in \"${(@f)$(daftar completion next -- \"${(@)words[2,CURRENT]}\" "
		"2>/dev/null)}\"; do\n"
		"\t\tword=${line%%$'\\t'*}\n"
		"\t\tif [[ $word == @files ]]; then\n"
		"\t\t\t_files\n"
		"\t\telif [[ -n $word ]]; then\n"
		"\t\t\tfound+=(\"${word//:/\\\\:}:${line#*$'\\t'}\")\n"
		"\t\tfi\n"
		"\tdone\n"
		"\t(( ${#found} )) && _describe daftar found\n"
		"}\n"
		"compdef _daftar daftar\n"},
	{"fish", "function __daftar_next\n"
		 "\tset -l words (commandline -opc)[2..-1] (commandline -ct)\n"
		 "\tfor line in (daftar completion next -- $words 2>/dev/null)\n"
		 "\t\tif test \"$line\" = @files\n"
		 "\t\t\t__fish_complete_path (commandline -ct)\n"
		 "\t\telse\n"
		 "\t\t\techo $line\n"
		 "\t\tend\n"
		 "\tend\n"
		 "end\n"
		 "complete -c daftar -f -a '(__daftar_next)'\n"},
};

/* ---- what may come next ---- */

struct typed {
	const char *const *word; /* the last one is being typed */
	int n;
};

static void
offer(const struct typed *t, const char *word, const char *sentence)
{
	const char *current = t->word[t->n - 1];

	OWNED_BUF(one) = {0};

	if (strncmp(word, current, strlen(current)) != 0)
		return;
	buf_printf(&one, "%s\t%s\n", word, sentence);
	say_octets(buf_bytes(&one)); /* our own words, and a tab that say would escape */
}

static const struct option_row *
option_of(const char *word)
{
	for (size_t i = 0; i < OPT_N; i++)
		if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, option_rows[i].name) == 0)
			return &option_rows[i];
	return NULL;
}

static bool
takes_value(const struct option_row *o)
{
	return o != NULL && o->value != NULL && o->value[0] != '[';
}

/* The words before the one that is typed, without options and their values. */
static int
plain_words(const struct typed *t, const char *out[2])
{
	int n = 0;

	for (int i = 0; i < t->n - 1; i++) {
		const struct option_row *o = option_of(t->word[i]);

		if (t->word[i][0] == '-')
			i += takes_value(o) ? 1 : 0;
		else {
			if (n < 2)
				out[n] = t->word[i];
			n++;
		}
	}
	return n;
}

static const struct command *
entry_of(const char *const word[2], int n)
{
	for (size_t i = 0; i < commands_n; i++) {
		const char *space = strchr(commands[i].name, ' ');
		size_t first = space != NULL ? (size_t)(space - commands[i].name)
					     : strlen(commands[i].name);

		if (n < (space != NULL ? 2 : 1) || strlen(word[0]) != first ||
			strncmp(word[0], commands[i].name, first) != 0)
			continue;
		if (space == NULL || strcmp(word[1], space + 1) == 0)
			return &commands[i];
	}
	return NULL;
}

/* First words, or the second words of the first one. */
static void
offer_commands(const struct typed *t, const char *first)
{
	const char *last = "";

	for (size_t i = 0; i < commands_n; i++) {
		const char *name = commands[i].name, *space = strchr(name, ' ');
		size_t length = space != NULL ? (size_t)(space - name) : strlen(name);
		OWNED(char, word, free_chars) = xprintf("%.*s", (int)length, name);

		if (first == NULL && strcmp(last, word) != 0)
			offer(t, word, space == NULL ? _(commands[i].sentence) : "");
		else if (first != NULL && space != NULL && strcmp(first, word) == 0)
			offer(t, space + 1, _(commands[i].sentence));
		last = line(word);
	}
	if (first == NULL)
		offer(t, "help", "");
}

static void
offer_help(const struct typed *t)
{
	offer_commands(t, NULL);
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		offer(t, topics[i][0], _(topics[i][1]));
}

static void
offer_options(const struct typed *t, uint64_t which)
{
	for (size_t i = 0; i < OPT_N; i++)
		if ((which & BIT(i)) != 0) {
			OWNED(char, word, free_chars) = xprintf("--%s", option_rows[i].name);

			offer(t, word, _(option_rows[i].sentence));
		}
}

/* "M, F, X, U" as words to offer. */
static void
offer_codes(const struct typed *t, const char *list)
{
	OWNED_BUF(words) = {0};

	code_words(list, &words);
	for (char *save = NULL, *word = strtok_r((char *)words.data, ", ", &save); word != NULL;
		word = strtok_r(NULL, ", ", &save))
		offer(t, word, _(code_sentence(list, word)));
}

static bool
offer_number(void *context, const struct officer_case *c)
{
	offer(context, c->number, "");
	return true;
}

/* Where there is no office nobody hears of it: the shells let standard error go. */
static void
offer_numbers(const struct typed *t, const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;

	if (office_open(options, NEED_KEYS | NEED_SPOOL, &o) == END_DONE)
		(void)!case_each(o, offer_number, (void *)t);
}

static const struct {
	const char *what, *list; /* list: of codes, NULL: files */
} values[] = {
	{"--reason", "cancellation"},
	{"--channel", "withdrawal-channel"},
	{"--document", "document"},
};

static void
offer_value(const struct typed *t, const char *option)
{
	static const char *const languages[] = {"en", "fr", "ar", "am", "so", "sw", "ti"};

	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (strcmp(option, values[i].what) == 0) {
			offer_codes(t, values[i].list);
			return;
		}
	if (strcmp(option, "--lang") != 0) {
		say(FILES);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		offer(t, languages[i], "");
}

/* "NUMBER [accepted|ended]": numbers, and the words in small letters. */
static void
offer_arguments(const struct typed *t, const struct command *e, const struct options *options)
{
	OWNED(char, text, free_chars) = xstrdup(e->arguments);

	if (strstr(text, "NUMBER") != NULL)
		offer_numbers(t, options);
	if (strstr(text, "FILE") != NULL || strstr(text, "CSV") != NULL)
		say(FILES);
	for (char *save = NULL, *word = strtok_r(text, " []|", &save); word != NULL;
		word = strtok_r(NULL, " []|", &save))
		if (word[0] >= 'a' && word[0] <= 'z')
			offer(t, word, "");
}

static void
next(const struct typed *t, const struct options *options)
{
	const char *plain[2] = {"", ""}, *current = t->word[t->n - 1];
	int n = plain_words(t, plain);
	const struct command *e = entry_of(plain, n);

	if (t->n > 1 && takes_value(option_of(t->word[t->n - 2])))
		offer_value(t, t->word[t->n - 2]);
	else if (strncmp(current, "--", 2) == 0)
		offer_options(t, EVERYWHERE | (e != NULL ? e->required | e->allowed : 0));
	else if (e != NULL) {
		if (n == 1) /* `outbox' is a command, and so is `outbox retry' */
			offer_commands(t, plain[0]);
		offer_arguments(t, e, options);
	} else if (n == 0)
		offer_commands(t, NULL);
	else if (strcmp(plain[0], "help") == 0)
		offer_help(t);
	else
		offer_commands(t, plain[0]);
}

enum ending
command_completion(const struct options *options)
{
	const char *shell = options->argument[0];
	struct typed t = {options->arguments + 1, options->n_arguments - 1};

	if (strcmp(shell, "next") == 0) {
		if (t.n > 0)
			next(&t, options);
		return END_DONE;
	}
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (strcmp(shell, scripts[i].shell) == 0) {
			say_octets(bytes_of(scripts[i].script, strlen(scripts[i].script)));
			return END_DONE;
		}
	return fail(E_USAGE, "nothing was changed", "daftar completion bash",
		"completion is there for bash, zsh and fish, not for %s", line(shell));
}
