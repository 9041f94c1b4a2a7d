/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftarctl completion SHELL' prints what bash, zsh or fish has to be told; whenever a word is to
 * be completed they ask `daftarctl completion next -- WORD...', which answers out of the table that
 * reads the command line, and for codes and ids out of the exchange that runs, if it answers at
 * once. A line "@files" leaves the rest to the shell. Nothing is said of what goes wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/ctl_command.h"

#define FILES "@files\n"
#define IDS_MOST "50"

/* ---- what the shells are told ---- */

static const struct {
	const char *shell, *script;
} scripts[] = {
	{"bash", "_daftarctl() {\n"
		 "\tlocal line words=(\"${COMP_WORDS[@]:1:COMP_CWORD}\")\n"
		 "\tCOMPREPLY=()\n"
		 "\twhile IFS=$'\\t' read -r line _; do\n"
		 "\t\tif [[ $line == @files ]]; then\n"
		 "\t\t\tcompopt -o default\n"
		 "\t\telse\n"
		 "\t\t\tCOMPREPLY+=(\"$line\")\n"
		 "\t\tfi\n"
		 "\tdone < <(daftarctl completion next -- \"${words[@]}\" 2>/dev/null)\n"
		 "}\n"
		 "complete -F _daftarctl daftarctl\n"},
	{"zsh", "#compdef daftarctl\n"
		"_daftarctl() {\n"
		"\tlocal -a found\n"
		"\tlocal line word\n"
		"\tfor line in \"${(@f)$(daftarctl completion next -- \"${(@)words[2,CURRENT]}\" "
		"2>/dev/null)}\"; do\n"
		"\t\tword=${line%%$'\\t'*}\n"
		"\t\tif [[ $word == @files ]]; then\n"
		"\t\t\t_files\n"
		"\t\telif [[ -n $word ]]; then\n"
		"\t\t\tfound+=(\"${word//:/\\\\:}:${line#*$'\\t'}\")\n"
		"\t\tfi\n"
		"\tdone\n"
		"\t(( ${#found} )) && _describe daftarctl found\n"
		"}\n"
		"compdef _daftarctl daftarctl\n"},
	{"fish", "function __daftarctl_next\n"
		 "\tset -l words (commandline -opc)[2..-1] (commandline -ct)\n"
		 "\tfor line in (daftarctl completion next -- $words 2>/dev/null)\n"
		 "\t\tif test \"$line\" = @files\n"
		 "\t\t\t__fish_complete_path (commandline -ct)\n"
		 "\t\telse\n"
		 "\t\t\techo $line\n"
		 "\t\tend\n"
		 "\tend\n"
		 "end\n"
		 "complete -c daftarctl -f -a '(__daftarctl_next)'\n"},
};

/* ---- what may come next ---- */

struct typed {
	const char *const *word; /* the last one is being typed */
	int n;
	struct options options; /* whom to ask */
};

/* A word of the exchange's that a shell or a terminal could obey is not offered. */
static bool
is_tame(const char *word)
{
	for (const char *p = word; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || strchr("\\\"'`$&;|<>(){}[]*?!#", *p) != NULL)
			return false;
	return word[0] != '\0';
}

static void
offer(const struct typed *t, const char *word, const char *sentence)
{
	const char *current = t->word[t->n - 1];

	if (strncmp(word, current, strlen(current)) == 0)
		printf("%s\t%s\n", word, sentence);
}

static int
option_of(const char *word)
{
	for (int i = 0; i < OPT_N; i++)
		if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, option_rows[i].name) == 0)
			return i;
	return strcmp(word, "-s") == 0 ? OPT_SOCKET : -1;
}

static bool
takes_value(int option)
{
	return option >= 0 && option_rows[option].value != NULL;
}

/* The words before the one that is typed, without options and their values; those say whom to ask.
 */
static int
plain_words(struct typed *t, const char *out[2])
{
	int n = 0;

	for (int i = 0; i < t->n - 1; i++) {
		int option = option_of(t->word[i]);

		if (takes_value(option) && i + 1 < t->n - 1)
			t->options.value[option] = t->word[i + 1];
		if (t->word[i][0] == '-')
			i += takes_value(option) ? 1 : 0;
		else {
			if (n < 2)
				out[n] = t->word[i];
			n++;
		}
	}
	if (t->options.value[OPT_SOCKET] != NULL)
		t->options.socket = t->options.value[OPT_SOCKET];
	return n;
}

/* First words, or the second words of the first one. */
static void
offer_commands(const struct typed *t, const char *first)
{
	const char *before = "";

	for (size_t i = 0; i < ctl_commands_n; i++) {
		const char *name = ctl_commands[i].name, *space = strchr(name, ' ');
		size_t length = strcspn(name, " ");
		OWNED(char, word, free_chars) = xprintf("%.*s", (int)length, name);

		if (first == NULL && (strncmp(before, name, length) != 0 || before[length] != ' '))
			offer(t, word, space == NULL ? ctl_commands[i].sentence : "");
		else if (first != NULL && space != NULL && strcmp(first, word) == 0)
			offer(t, space + 1, ctl_commands[i].sentence);
		before = name;
	}
	if (first == NULL)
		offer(t, "help", "");
}

static void
offer_options(const struct typed *t, uint64_t which)
{
	for (int i = 0; i < OPT_N; i++)
		if ((which & BIT(i)) != 0) {
			OWNED(char, word, free_chars) = xprintf("--%s", option_rows[i].name);

			offer(t, word, option_rows[i].sentence);
		}
}

/* ---- out of the exchange ---- */

static void
offer_rows(const struct typed *t, const char *verb, const char *list, const char *key,
	const char *sentence)
{
	OWNED(json_t, args, json_decrefp) = json_object();
	OWNED(json_t, data, json_decrefp) = NULL;
	const json_t *row;
	size_t i;

	if (ctl_call(&t->options, verb, args, &data) != E_OK)
		return;
	json_array_foreach(json_object_get(data, list), i, row)
	{
		OWNED(char, number, free_chars) =
			xprintf("%lld", (long long)json_integer_value(json_object_get(row, key)));
		const char *word =
			json_is_integer(json_object_get(row, key)) ? number : text_of(row, key);

		if (is_tame(word))
			offer(t, word,
				is_tame(text_of(row, sentence)) ? text_of(row, sentence) : "");
	}
}

static void
offer_parties(const struct typed *t)
{
	offer_rows(t, "party.list", "parties", "code", "country");
}

static void
offer_messages(const struct typed *t)
{
	offer_rows(t, "message.list", "messages", "tracking", "stage");
}

static void
offer_changes(const struct typed *t)
{
	offer_rows(t, "change.list", "changes", "number", "kind");
}

static void
offer_rules(const struct typed *t)
{
	offer_rows(t, "alert.list", "rules", "name", "");
}

static void
offer_alerts(const struct typed *t)
{
	offer_rows(t, "alert.list", "alerts", "id", "rule");
}

static void
offer_settings(const struct typed *t)
{
	offer_rows(t, "config.show", "settings", "name", "");
}

static void
offer_files(const struct typed *t)
{
	(void)t;
	fputs(FILES, stdout);
}

static const struct {
	const char *what; /* a word of a row's arguments, or the name of an option's value */
	void (*offer)(const struct typed *t);
} sources[] = {
	{"FILE", offer_files},
	{"PATH", offer_files},
	{"IN", offer_files},
	{"OUT", offer_files},
	{"CODE", offer_parties},
	{"PARTY", offer_parties},
	{"FROM", offer_parties},
	{"TO", offer_parties},
	{"NUMBER", offer_changes},
	{"RULE", offer_rules},
	{"NAME", offer_settings},
};

/* An ID is that of an alert or of a message. */
static void
offer_word(const struct typed *t, const struct command *c, const char *word)
{
	if (strcmp(word, "ID") == 0)
		(strncmp(c->name, "alert", 5) == 0 ? offer_alerts : offer_messages)(t);
	else if (strcmp(c->name, "backup") == 0)
		return; /* a name that nobody has yet */
	else if (word[0] >= 'a' && word[0] <= 'z')
		offer(t, word, "");
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (strcmp(sources[i].what, word) == 0)
			sources[i].offer(t);
}

/* The argument number `at' of "FROM TO [PERIOD]", each of its choices. */
static void
offer_argument(const struct typed *t, const struct command *c, int at)
{
	OWNED(char, text, free_chars) = xstrdup(c->arguments);
	char *save = NULL, *word = strtok_r(text, " []", &save), *inside = NULL;

	while (at-- > 0 && word != NULL)
		word = strtok_r(NULL, " []", &save);
	for (word = word != NULL ? strtok_r(word, "|", &inside) : NULL; word != NULL;
		word = strtok_r(NULL, "|", &inside))
		offer_word(t, c, word);
}

static const struct {
	enum option option;
	const char *words;
} closed[] = {
	{OPT_STATE, "open ended held aside stopped"},
	{OPT_STAGE, "ACCEPTED DELIVERED COMMITTED REJECTED WITHDRAWN EXPIRED"},
	{OPT_WHERE, "code= from= to= since="},
	{OPT_HOURS, "24 168 720"},
};

static void
offer_value(const struct typed *t, int option, const struct command *c)
{
	for (size_t i = 0; i < ARRAY_LEN(closed); i++) {
		OWNED(char, words, free_chars) = xstrdup(closed[i].words);

		if ((int)closed[i].option != option)
			continue;
		for (char *save = NULL, *word = strtok_r(words, " ", &save); word != NULL;
			word = strtok_r(NULL, " ", &save))
			offer(t, word, "");
		return;
	}
	for (size_t i = 0; c != NULL && i < ARRAY_LEN(sources); i++)
		if (strcmp(sources[i].what, option_rows[option].value) == 0)
			sources[i].offer(t);
	if (c == NULL && strcmp(option_rows[option].value, "PATH") == 0)
		offer_files(t);
}

static void
offer_next(struct typed *t)
{
	const char *plain[2] = {"", ""}, *current = t->word[t->n - 1];
	int n = plain_words(t, plain), used = 0;
	const struct command *c = n > 0 ? command_find(plain, n < 2 ? n : 2, &used) : NULL;

	if (t->n > 1 && takes_value(option_of(t->word[t->n - 2])))
		offer_value(t, option_of(t->word[t->n - 2]), c);
	else if (strncmp(current, "--", 2) == 0)
		offer_options(t, EVERYWHERE | (c != NULL ? c->required | c->allowed : 0));
	else if (c != NULL)
		offer_argument(t, c, n - used);
	else if (n == 0 || (n == 1 && strcmp(plain[0], "help") == 0))
		offer_commands(t, NULL);
	else
		offer_commands(t, n == 2 && strcmp(plain[0], "help") == 0 ? plain[1] : plain[0]);
}

int
ctl_completion(const struct options *o, const struct command *c, json_t *args)
{
	struct typed t = {o->words + 1, o->n_words - 1, {.socket = o->socket}};

	(void)c;
	(void)args;
	if (strcmp(o->words[0], "next") == 0) {
		if (t.n > 0)
			offer_next(&t);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (strcmp(o->words[0], scripts[i].shell) == 0) {
			fputs(scripts[i].script, stdout);
			return EXIT_SUCCESS;
		}
	return ctl_fail(o, E_USAGE, "daftarctl completion bash",
		"completion is there for bash, zsh and fish, not for %s", o->words[0]);
}
