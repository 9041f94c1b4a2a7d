/* SPDX-License-Identifier: EUPL-1.2
 *
 * What daftar alone knows of lib/completion.h: codes, numbers of cases, languages, topics of help.
 * What is typed so far decides nothing and is never kept. */
#include <string.h>

#include "lib/completion.h"
#include "liaison/commands.h"

static const char *const topics[][2] = {
#define TOPIC(name, title, text) {name, title},
#include "liaison/rows.h"
};

static void
offer_topics(struct completion *t)
{
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		completion_offer(t, topics[i][0], topics[i][1]);
}

static const struct {
	enum option option;
	const char *list; /* of codes */
} values[] = {
	{OPT_REASON, "cancellation"},
	{OPT_CHANNEL, "withdrawal-channel"},
	{OPT_DOCUMENT, "document"},
};

/* "M, F, X, U" as words to offer. */
static void
offer_codes(struct completion *t, const char *list)
{
	OWNED_BUF(words) = {0};

	code_words(list, &words);
	for (char *save = NULL, *word = strtok_r((char *)words.data, ", ", &save); word != NULL;
		word = strtok_r(NULL, ", ", &save))
		completion_offer(t, word, code_sentence(list, word));
}

static bool
offer_number(void *context, const struct officer_case *c)
{
	completion_offer(context, c->number, "");
	return true;
}

/* Where there is no office nobody hears of it: the shells let standard error go. */
static void
offer_numbers(struct completion *t)
{
	OWNED(struct office, o, office_free) = NULL;

	if (office_open(t->program, NEED_KEYS | NEED_SPOOL, &o) == END_DONE)
		(void)!case_each(o, offer_number, t);
}

static void
offer_value(struct completion *t, int option, const struct command *c)
{
	static const char *const languages[] = {"en", "fr", "ar", "am", "so", "sw", "ti", NULL};

	(void)c;
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (option == (int)values[i].option) {
			offer_codes(t, values[i].list);
			return;
		}
	if (option == OPT_LANG)
		completion_offer_list(t, languages);
	else
		completion_files(t);
}

static void
offer_argument(struct completion *t, const struct command *c, const char *word)
{
	(void)c;
	if (strcmp(word, "NUMBER") == 0)
		offer_numbers(t);
	else if (strcmp(word, "FILE") == 0 || strcmp(word, "CSV") == 0)
		completion_files(t);
	else if (word[0] >= 'a' && word[0] <= 'z')
		completion_offer(t, word, "");
}

enum ending
command_completion(const struct options *options)
{
	const char *shell = options->argument[0], *typed[OPT_N] = {NULL};
	OWNED_BUF(out) = {0};
	struct completion t = {.table = &daftar_table,
		.word = options->arguments + 1,
		.n = options->n_arguments - 1,
		.value = typed,
		.out = &out,
		.offer_value = offer_value,
		.offer_argument = offer_argument,
		.offer_help = offer_topics,
		.program = (void *)options};

	if (strcmp(shell, "next") == 0) {
		if (t.n > 0)
			completion_next(&t);
	} else if (!completion_script("daftar", shell, &out))
		return fail(E_USAGE, "nothing was changed", "daftar completion bash",
			"completion is there for bash, zsh and fish, not for %s", line(shell));
	say_octets(buf_bytes(&out));
	return END_DONE;
}
