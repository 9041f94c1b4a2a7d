/* SPDX-License-Identifier: EUPL-1.2 */
#include "lib/completion.h"

#include <string.h>

#include "lib/lang.h"

/* ---- what the shells are told ---- */

/* "@" stands for the program's name, "@@" for itself. */
static const struct {
	const char *shell, *script;
} scripts[] = {
	{"bash", "_@() {\n"
		 "\tlocal line words=(\"${COMP_WORDS[@@]:1:COMP_CWORD}\")\n"
		 "\tCOMPREPLY=()\n"
		 "\twhile IFS=$'\\t' read -r line _; do\n"
		 "\t\tif [[ $line == @@files ]]; then\n"
		 "\t\t\tcompopt -o default\n"
		 "\t\telse\n"
		 "\t\t\tCOMPREPLY+=(\"$line\")\n"
		 "\t\tfi\n"
		 "\tdone < <(@ completion next -- \"${words[@@]}\" 2>/dev/null)\n"
		 "}\n"
		 "complete -F _@ @\n"},
	{"zsh", "#compdef @\n"
		"_@() {\n"
		"\tlocal -a found\n"
		"\tlocal line word\n"
		"\tfor line in \"${(@@f)$(@ completion next -- \"${(@@)words[2,CURRENT]}\" "
		"2>/dev/null)}\"; do\n"
		"\t\tword=${line%%$'\\t'*}\n"
		"\t\tif [[ $word == @@files ]]; then\n"
		"\t\t\t_files\n"
		"\t\telif [[ -n $word ]]; then\n"
		"\t\t\tfound+=(\"${word//:/\\\\:}:${line#*$'\\t'}\")\n"
		"\t\tfi\n"
		"\tdone\n"
		"\t(( ${#found} )) && _describe @ found\n"
		"}\n"
		"compdef _@ @\n"},
	{"fish", "function __@_next\n"
		 "\tset -l words (commandline -opc)[2..-1] (commandline -ct)\n"
		 "\tfor line in (@ completion next -- $words 2>/dev/null)\n"
		 "\t\tif test \"$line\" = @@files\n"
		 "\t\t\t__fish_complete_path (commandline -ct)\n"
		 "\t\telse\n"
		 "\t\t\techo $line\n"
		 "\t\tend\n"
		 "\tend\n"
		 "end\n"
		 "complete -c @ -f -a '(__@_next)'\n"},
};

static void
write_script(const char *script, const char *program, struct buf *out)
{
	for (const char *p = script; *p != '\0';) {
		size_t n = strcspn(p, "@");

		buf_add(out, p, n);
		p += n;
		if (*p == '\0')
			return;
		buf_text(out, p[1] == '@' ? "@" : program);
		p += p[1] == '@' ? 2 : 1;
	}
}

bool
completion_script(const char *program, const char *shell, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (strcmp(scripts[i].shell, shell) == 0) {
			write_script(scripts[i].script, program, out);
			return true;
		}
	return false;
}

/* ---- what may come next ---- */

void
completion_offer(struct completion *t, const char *word, const char *sentence)
{
	const char *current = t->word[t->n - 1];

	if (strncmp(word, current, strlen(current)) == 0)
		buf_printf(t->out, "%s\t%s\n", word, sentence[0] != '\0' ? _(sentence) : "");
}

void
completion_offer_list(struct completion *t, const char *const *words)
{
	for (; *words != NULL; words++)
		completion_offer(t, *words, "");
}

void
completion_files(struct completion *t)
{
	buf_text(t->out, "@files\n");
}

static bool
takes_value(const struct command_table *t, int option)
{
	return option >= 0 && t->option[option].value != NULL && t->option[option].value[0] != '[';
}

/* The words before the one that is typed, without options and their values, which are kept. */
static int
plain_words(struct completion *t, const char *out[2])
{
	int n = 0;

	for (int i = 0; i < t->n - 1; i++) {
		int option = option_of_word(t->table, t->word[i]);

		if (takes_value(t->table, option) && i + 1 < t->n - 1)
			t->value[option] = t->word[i + 1];
		if (t->word[i][0] == '-')
			i += takes_value(t->table, option) ? 1 : 0;
		else {
			if (n < 2)
				out[n] = t->word[i];
			n++;
		}
	}
	return n;
}

/* First words, each once, or the second words of the first one. */
static void
offer_commands(struct completion *t, const char *first)
{
	const char *before = "";

	for (size_t i = 0; i < t->table->commands; i++) {
		const struct command *c = &t->table->command[i];
		size_t length = strcspn(c->name, " ");
		OWNED(char, word, free_chars) = xprintf("%.*s", (int)length, c->name);
		bool again = strcspn(before, " ") == length && strncmp(before, word, length) == 0;

		if (first == NULL && !again)
			completion_offer(t, word, c->name[length] == '\0' ? c->sentence : "");
		else if (first != NULL && command_begins(c, first))
			completion_offer(t, c->name + length + 1, c->sentence);
		before = c->name;
	}
	if (first == NULL)
		completion_offer(t, "help", "");
}

static void
offer_options(struct completion *t, uint64_t which)
{
	for (int i = 0; i < t->table->options; i++)
		if ((which & BIT(i)) != 0) {
			OWNED(char, word, free_chars) = xprintf("--%s", t->table->option[i].name);

			completion_offer(t, word, t->table->option[i].sentence);
		}
}

/* What was typed is the argument number `at' of "FROM TO [PERIOD]" or "NUMBER...": each choice. */
static void
offer_arguments(struct completion *t, const struct command *c, int at)
{
	OWNED(char, text, free_chars) = xstrdup(c->arguments);
	char *save = NULL, *inside = NULL, *word = strtok_r(text, " ", &save);

	while (at-- > 0 && word != NULL && strstr(word, "...") == NULL)
		word = strtok_r(NULL, " ", &save);
	if (word == NULL)
		return;
	word += word[0] == '[';
	word[strcspn(word, ".[]")] = '\0';
	for (word = strtok_r(word, "|", &inside); word != NULL; word = strtok_r(NULL, "|", &inside))
		t->offer_argument(t, c, word);
}

static void
offer_help(struct completion *t, int n, const char *first)
{
	if (n > 1) {
		offer_commands(t, first);
		return;
	}
	offer_commands(t, NULL);
	if (t->offer_help != NULL)
		t->offer_help(t);
}

void
completion_next(struct completion *t)
{
	const char *plain[2] = {"", ""}, *current = t->word[t->n - 1];
	int n = plain_words(t, plain), used = 0;
	int behind = t->n > 1 ? option_of_word(t->table, t->word[t->n - 2]) : -1;
	const struct command *c = command_find(t->table, plain, n < 2 ? n : 2, &used);

	if (takes_value(t->table, behind))
		t->offer_value(t, behind, c);
	else if (strncmp(current, "--", 2) == 0)
		offer_options(t, t->table->everywhere | (c != NULL ? c->required | c->allowed : 0));
	else if (c != NULL) {
		if (n == 1) /* `outbox' is a command, and so is `outbox retry' */
			offer_commands(t, plain[0]);
		offer_arguments(t, c, n - used);
	} else if (n == 0)
		offer_commands(t, NULL);
	else if (strcmp(plain[0], "help") == 0)
		offer_help(t, n, plain[1]);
	else
		offer_commands(t, plain[0]);
}
