/* SPDX-License-Identifier: EUPL-1.2
 *
 * Options and commands as tables; --help is printed from them. A command is a verb of the control
 * protocol with the options that it takes; its answer is printed as a tree, or as it is with
 * --json. */
#include "adapters/commands.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/control.h"

static const struct {
	const char *name;
	const char *value; /* NULL: a switch */
	const char *key;   /* in the verb's arguments */
	const char *sentence;
} options[OPT_N] = {
	[OPT_CONFIG] = {"-c", "FILE", NULL, "configuration (/etc/daftar/adapter.conf)"},
	[OPT_JSON] = {"--json", NULL, NULL, "answers as JSON"},
	[OPT_ALL] = {"--all", NULL, "all", "what is done, too"},
	[OPT_ENTRY_NUMBER] = {"--entry-number", "N", "entryNumber", "number of the entry"},
	[OPT_OFFICE] = {"--office", "NAME", "office", "office that holds the entry"},
	[OPT_WITH] = {"--with", "PARTY", NULL, "compare with this party's book instead"},
	[OPT_UNCOMPARED] = {"--uncompared", NULL, NULL,
		"and says its part at once: for a registry that only a courier reaches"},
	[OPT_MEND] = {"--mend", NULL, "mend", "enter again what the register has lost"},
	[OPT_CODE] = {"--code", "CODE", "code", "reason, of the list of refusals or of questions"},
	[OPT_EXPLANATION] = {"--explanation", "TEXT", "explanation", "told with the reason"},
	[OPT_APPEAL_BODY] = {"--appeal-body", "TEXT", "appealBody", "where to appeal"},
	[OPT_APPEAL_BY] = {"--appeal-by", "DATE", "appealBy", "until when"},
	[OPT_ABOUT] = {"--about", "PATH", "about", "what is asked about, such as c:Locator"},
	[OPT_DOCUMENT] = {"--document", "KIND", "document", "or a document of the request"},
	[OPT_ANSWER_BY] = {"--answer-by", "DATE", "answerBy", "until when an answer is of use"},
	[OPT_QUESTION] = {"--question", "FILE", NULL, "the question's words, - for standard input"},
	[OPT_TO] = {"--to", "PARTY", "to", "the registry that an extract is from, not the office"},
	[OPT_ANSWER] = {"--answer", "WORD", "answer", "confirm, correct or cannot"},
	[OPT_TEXT] = {"--text", "FILE", NULL, "the answer's words, - for standard input"},
	[OPT_OUTPUT] = {"--output", "FILE", NULL, "where to write the sheet"},
	[OPT_LANGUAGES] = {"--languages", "A,B", NULL, "its headings' languages (en,fr)"},
	[OPT_CHECK_CONFIG] = {"--check-config", NULL, NULL, "read the configuration, then end"},
	[OPT_VERBOSE] = {"--verbose", NULL, NULL, "with it: print every setting"},
	[OPT_VERSION] = {"--version", NULL, NULL, "print the version"},
	[OPT_HELP] = {"--help", NULL, NULL, "this text"},
};

#define BIT(option) (1u << (option))

static const struct {
	const char *name;
	const char *takes; /* NULL: nothing; in brackets: or nothing */
	unsigned allowed;
	const char *sentence;
} commands[] = {
	{"run", NULL, 0, "run the adapter (the default)"},
	{"inbox", NULL, BIT(OPT_ALL), "what was taken and is not done"},
	{"show", "ID", 0, "one entry with its record"},
	{"print", "ID", BIT(OPT_OUTPUT) | BIT(OPT_LANGUAGES),
		"a request or an extract as a form on paper (PDF)"},
	{"document", "WORD", 0,
		"scans of a case: list ID, those that have come; save ID DIGEST FILE, one of them"},
	{"ledger", "ID", 0, "who has opened the messages of this case, when, and what for"},
	{"certify", "ID", BIT(OPT_ENTRY_NUMBER) | BIT(OPT_OFFICE),
		"send the extract that a request asks for; the number chooses the entry"},
	{"transcribe", "ID", BIT(OPT_ENTRY_NUMBER),
		"enter an extract; the number says that it was entered by hand"},
	{"refuse", "ID",
		BIT(OPT_CODE) | BIT(OPT_EXPLANATION) | BIT(OPT_APPEAL_BODY) | BIT(OPT_APPEAL_BY),
		"refuse a request or an extract"},
	{"retry", "ID", 0, "try again what was set aside because the adapter has died of it"},
	{"returned", NULL, 0, "what was sent, and given back by the exchange"},
	{"refile", "ID",
		BIT(OPT_ENTRY_NUMBER) | BIT(OPT_OFFICE) | BIT(OPT_CODE) | BIT(OPT_EXPLANATION) |
			BIT(OPT_APPEAL_BODY) | BIT(OPT_APPEAL_BY),
		"send again what was given back, once; a refusal with its code"},
	{"query", "ID",
		BIT(OPT_CODE) | BIT(OPT_ABOUT) | BIT(OPT_DOCUMENT) | BIT(OPT_ANSWER_BY) |
			BIT(OPT_QUESTION) | BIT(OPT_TO),
		"ask the liaison office about a request or an extract; it goes on waiting"},
	{"reply", "ID", BIT(OPT_ANSWER) | BIT(OPT_TEXT), "answer a question of another registry"},
	{"reconcile", NULL, BIT(OPT_MEND) | BIT(OPT_WITH),
		"compare the register with what was settled; exit status 1 when they differ"},
	{"export", "FILE", 0, "what waits for the exchange, into a file for a courier"},
	{"import", "FILE", 0, "what the exchange has answered to such a file"},
	{"log", "WORD", 0,
		"the exchange's log: show its head, compare it with that in a FILE, acknowledge "
		"that it forked"},
	{"status", NULL, 0, "is it working, and what waits"},
	{"check", NULL, 0, "look for what is missing or wrong, without the adapter running"},
	{"takeover", NULL, BIT(OPT_UNCOMPARED),
		"this spool speaks for the party from now on; the one it was copied from is gone"},
	{"scrub", "[DIR]", 0, "read the spool, or a backup of it, and say whether it is sound"},
	{"backup", "DIR", 0, "copy the spool, with its key, into a new folder; also while it runs"},
};

#define ALWAYS                                                                                     \
	(BIT(OPT_CONFIG) | BIT(OPT_JSON) | BIT(OPT_CHECK_CONFIG) | BIT(OPT_VERBOSE) |              \
		BIT(OPT_VERSION) | BIT(OPT_HELP))

/* ---- the command line ---- */

static enum err
usage(const char *what, const char *which)
{
	fprintf(stderr, "daftar-adapter: %s %s; see --help\n", what, which);
	return E_USAGE;
}

static enum err
take_option(int argc, char **argv, int *at, struct command_line *out)
{
	for (size_t i = 0; i < OPT_N; i++) {
		if (strcmp(options[i].name, argv[*at]) != 0)
			continue;
		if (options[i].value != NULL && *at + 1 == argc)
			return usage("no value for", argv[*at]);
		out->value[i] = options[i].value != NULL ? argv[++*at] : "";
		return E_OK;
	}
	return usage("no such option", argv[*at]);
}

static enum err
check_word(const char *takes, const char *given, const char *name)
{
	if (takes == NULL)
		return given == NULL ? E_OK : usage("one word too many for", name);
	if (given != NULL || takes[0] == '[')
		return E_OK;
	if (strcmp(takes, "WORD") == 0)
		return usage("show, compare FILE or acknowledge must be given to", name);
	return usage(strcmp(takes, "ID") == 0 ? "an entry's ID must be given to"
					      : "a new folder must be given to",
		name);
}

/* Of `document list ID' and `document save ID DIGEST FILE'. */
static bool
take_word(struct command_line *l, const char *word)
{
	bool is_save = strcmp(l->id, "save") == 0;
	const char **places[] = {&l->file, &l->more[0], &l->more[1]};

	for (size_t i = 0; strcmp(l->command, "document") == 0 && i < (is_save ? 3 : 1); i++)
		if (*places[i] == NULL) {
			*places[i] = word;
			return true;
		}
	return false;
}

/* All of its words. */
static enum err
check_document(const struct command_line *l)
{
	bool list = l->id != NULL && strcmp(l->id, "list") == 0 && l->file != NULL;
	bool save = l->id != NULL && strcmp(l->id, "save") == 0 && l->more[1] != NULL;

	return list || save ? E_OK
			    : usage("list ID or save ID DIGEST FILE must be given to", "document");
}

static enum err
check_command(const struct command_line *l)
{
	const char *name = l->command != NULL ? l->command : "run";

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		for (size_t o = 0; o < OPT_N; o++)
			if (l->value[o] != NULL && ((commands[i].allowed | ALWAYS) & BIT(o)) == 0)
				return usage("not an option of this command:", options[o].name);
		if (strcmp(name, "document") == 0)
			return check_document(l);
		return check_word(commands[i].takes, l->id, name);
	}
	return usage("no such command", name);
}

enum err
command_parse(int argc, char **argv, struct command_line *out)
{
	*out = (struct command_line){0};
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			TRY(take_option(argc, argv, &i, out));
		else if (out->command == NULL)
			out->command = argv[i];
		else if (out->id == NULL)
			out->id = argv[i];
		else if (out->file == NULL && strcmp(out->command, "log") == 0)
			out->file = argv[i];
		else if (!take_word(out, argv[i]))
			return usage("one word too many:", argv[i]);
	}
	if (out->value[OPT_HELP] != NULL || out->value[OPT_VERSION] != NULL)
		return E_OK;
	return check_command(out);
}

void
command_help(void)
{
	printf("daftar-adapter [options] [command]: connects a national register to the "
	       "exchange\n\ncommands:\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		printf("  %-11s%-5s %s\n", commands[i].name,
			commands[i].takes != NULL ? commands[i].takes : "", commands[i].sentence);
	printf("\noptions:\n");
	for (size_t i = 0; i < OPT_N; i++)
		printf("  %-14s %-5s %s\n", options[i].name,
			options[i].value != NULL ? options[i].value : "", options[i].sentence);
	printf("\nexit status: 0 done, 1 refused or failed, 2 usage, 3 no adapter answers, "
	       "4 configuration\n");
}

int
exit_status(enum err e)
{
	if (e == E_OK)
		return 0;
	if (e == E_USAGE)
		return 2;
	if (e == E_UNREACHABLE)
		return 3;
	return e == E_CONFIG ? 4 : 1;
}

/* ---- printing an answer ---- */

static void
print_value(const json_t *v)
{
	if (json_is_string(v))
		print_safe(stdout, json_string_value(v));
	else if (json_is_integer(v))
		printf("%lld", (long long)json_integer_value(v));
	else
		printf("%s", json_is_true(v) ? "yes" : "no");
}

static void print_tree(const json_t *v, int depth);

static void
print_member(const char *key, const json_t *v, int depth)
{
	printf("%*s%s:", depth * 2, "", key);
	if (json_is_object(v) || json_is_array(v)) {
		putchar('\n');
		print_tree(v, depth + 1);
		return;
	}
	putchar(' ');
	print_value(v);
	putchar('\n');
}

static void
print_tree(const json_t *v, int depth)
{
	const char *key;
	const json_t *member;
	size_t i;

	json_object_foreach((json_t *)v, key, member) print_member(key, member, depth);
	json_array_foreach(v, i, member)
	{
		if (i > 0 && json_object_size(member) > 1)
			printf("%*s-\n", depth * 2, "");
		print_tree(member, depth);
	}
}

static void
print_cell(const json_t *entry, const char *key, int width)
{
	const char *text = json_string_value(json_object_get(entry, key));

	printf("%-*s  ", width, text != NULL ? text : "");
}

static void
print_deadline(const json_t *entry)
{
	const char *decide = json_string_value(json_object_get(entry, "decideBy"));
	const char *silence = json_string_value(json_object_get(entry, "refusedAfter"));
	const char *question = json_string_value(json_object_get(entry, "question"));
	const char *answer = json_string_value(json_object_get(entry, "answerBy"));
	const long long deaths = json_integer_value(json_object_get(entry, "deaths"));

	if (decide != NULL)
		printf("decide by %s  ", decide);
	if (silence != NULL)
		printf("refused by silence after %s", silence);
	if (question != NULL)
		printf("  question %s", question);
	if (answer != NULL)
		printf(", answer due by %s", answer);
	if (deaths > 0)
		printf("the adapter has died of it %lld times: retry %s, or refuse it", deaths,
			json_string_value(json_object_get(entry, "id")));
}

static void
print_inbox(const json_t *list)
{
	const json_t *e;
	size_t i;

	if (json_array_size(list) == 0)
		printf("nothing waits\n");
	json_array_foreach(list, i, e)
	{
		print_cell(e, "id", 36);
		print_cell(e, "tracking", 15);
		print_cell(e, "state", 7);
		print_cell(e, "action", 20);
		print_cell(e, "from", 10);
		print_cell(e, "note", 1);
		print_deadline(e);
		putchar('\n');
	}
}

static void
print_answer(const struct command_line *line, const json_t *data)
{
	if (line->value[OPT_JSON] != NULL) {
		json_dumpf(data, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
		putchar('\n');
	} else if (json_is_array(data)) {
		print_inbox(data);
	} else {
		print_tree(data, 0);
	}
}

/* ---- asking the daemon ---- */

static bool
takes_file(const char *command)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, command) == 0)
			return commands[i].takes != NULL && strcmp(commands[i].takes, "FILE") == 0;
	return false;
}

/* The daemon stands in another folder than the registrar. */
static char *
full_path(const char *file)
{
	OWNED(char, here, free_chars) = file[0] == '/' ? NULL : getcwd(NULL, 0);

	return here == NULL ? xstrdup(file) : xprintf("%s/%s", here, file);
}

static json_t *
arguments_of(const struct command_line *line)
{
	bool is_file = takes_file(line->command);
	OWNED(char, path, free_chars) = is_file ? full_path(line->id) : NULL;
	json_t *args = json_object();

	if (line->id != NULL)
		json_object_set_new(
			args, is_file ? "file" : "id", json_string(is_file ? path : line->id));
	for (size_t i = 0; i < OPT_N; i++) {
		if (line->value[i] == NULL || options[i].key == NULL)
			continue;
		json_object_set_new(args, options[i].key,
			options[i].value != NULL ? json_string(line->value[i]) : json_true());
	}
	return args;
}

int
command_run(const struct command_line *line, const struct conf *c)
{
	json_t *args = arguments_of(line), *data = NULL;
	enum err e = question_line(line, args);

	if (e != E_OK) {
		json_decref(args);
		return exit_status(e);
	}
	e = line->value[OPT_WITH] != NULL
		    ? compare_with(line, c, &data)
		    : control_call(conf_text(c, "control"), line->command, args, &data);

	json_decref(args);
	if (e == E_OK)
		print_answer(line, data);
	else if (e == E_UNREACHABLE)
		fprintf(stderr, "daftar-adapter: no adapter answers at %s; is it running?\n",
			conf_text(c, "control"));
	else
		fprintf(stderr, "daftar-adapter: %s: %s\n", err_word(e), err_sentence(e));
	if (e == E_OK && json_is_false(json_object_get(data, "agreed")))
		e = E_STATE;
	if (e == E_OK && json_is_true(json_object_get(data, "logForked")))
		e = E_LOG_FORKED;
	json_decref(data);
	return exit_status(e);
}
