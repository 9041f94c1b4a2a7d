/* SPDX-License-Identifier: EUPL-1.2
 *
 * The command line of `query' and `reply': what can be seen to be wrong is said here, in a
 * sentence, before the daemon is asked. The words of a question come from a file or standard input
 * and never from the command line, which everybody on the machine can read. */
#include <string.h>
#include <unistd.h>

#include "adapters/commands.h"
#include "lib/file.h"
#include "lib/record_rule.h"

#define TEXT_MAX (16 * 1024)

static enum err
wrong(const char *what, const char *problem)
{
	fprintf(stderr, "daftar-adapter: %s %s\n", what, problem);
	return E_USAGE;
}

static enum err
read_input(struct buf *out)
{
	uint8_t piece[4096];
	ssize_t n;

	while ((n = read(STDIN_FILENO, piece, sizeof piece)) > 0) {
		buf_add(out, piece, (size_t)n);
		if (out->size > TEXT_MAX)
			return E_TOO_LARGE;
	}
	return n == 0 ? E_OK : E_IO;
}

/* Line ends at the end are the editor's. */
static enum err
put_text(const char *file, json_t *args)
{
	OWNED_BUF(text) = {0};
	const char *problem;
	enum err e = strcmp(file, "-") == 0 ? read_input(&text) : file_read(file, TEXT_MAX, &text);

	if (e != E_OK)
		return wrong("the text cannot be read:", err_sentence(e));
	while (text.size > 0 && strchr("\r\n", text.data[text.size - 1]) != NULL)
		text.size--;
	buf_u8(&text, '\0');
	problem = strlen((char *)text.data) + 1 != text.size
			  ? "must not hold a NUL"
			  : rule_problem(RULE_TEXT, (char *)text.data);
	if (problem != NULL)
		return wrong("the text", problem);
	return json_object_set_new(args, "text", json_string((char *)text.data)) == 0
		       ? E_OK
		       : wrong("the text", "must be UTF-8");
}

static enum err
check_word(const char *option, const char *list, const char *given)
{
	OWNED_BUF(words) = {0};

	if (given != NULL && code_known(list, given))
		return E_OK;
	buf_printf(&words, "must be one of ");
	code_words(list, &words);
	return wrong(option, (char *)words.data);
}

static enum err
check_query(const struct command_line *l)
{
	const char *about = l->value[OPT_ABOUT], *by = l->value[OPT_ANSWER_BY];

	TRY(check_word("--code", "query", l->value[OPT_CODE]));
	if (rule_problem(RULE_DAY, by) != NULL)
		return wrong("--answer-by", rule_problem(RULE_DAY, by));
	if (about != NULL && l->value[OPT_DOCUMENT] != NULL)
		return wrong("--about", "and --document do not go together");
	if (about != NULL && rule_problem(RULE_PATH, about) != NULL)
		return wrong("--about", rule_problem(RULE_PATH, about));
	if (l->value[OPT_DOCUMENT] != NULL)
		return check_word("--document", "document", l->value[OPT_DOCUMENT]);
	return E_OK;
}

enum err
question_line(const struct command_line *l, json_t *args)
{
	const char *file =
		l->value[OPT_QUESTION] != NULL ? l->value[OPT_QUESTION] : l->value[OPT_TEXT];

	if (strcmp(l->command, "query") == 0)
		TRY(check_query(l));
	if (strcmp(l->command, "reply") == 0)
		TRY(check_word("--answer", "answer", l->value[OPT_ANSWER]));
	return file == NULL ? E_OK : put_text(file, args);
}
