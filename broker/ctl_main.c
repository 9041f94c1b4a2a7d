/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl: the operator's view of a running exchange. What it can do is the table of
 * broker/ctl_commands.c; here are its options, its errors, and the asking. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/ctl_command.h"
#include "lib/control.h"

#define WORK_POLL_MS 100

/* ---- help and errors ---- */

static void
usage(FILE *to)
{
	fputs("usage: daftarctl [--socket PATH] [--json] COMMAND\n"
	      "Asks the daftard that listens at PATH (" DEFAULT_SOCKET ").\n\n",
		to);
	for (const struct command *c = ctl_commands; c->verb != NULL; c++) {
		OWNED(char, line, free_chars) =
			xprintf("%s%s%s %s", c->words[0], c->words[1] != NULL ? " " : "",
				c->words[1] != NULL ? c->words[1] : "", c->usage);

		fprintf(to, "  %-32s%s\n", line, c->sentence);
	}
	fputs("\n  --json     the answer as one JSON object (watch: one a line)\n"
	      "  --help, --version\n"
	      "exit status: 0 done, 1 failed, 2 wrong usage, 3 a party was not reached, or a\n"
	      "  change waits for a second officer, 5 not found, 10 daftard not reached\n",
		to);
}

static int
exit_status(enum err e)
{
	switch ((int)e) {
	case E_OK:
		return EXIT_SUCCESS;
	case E_NOT_FOUND:
		return EXIT_NOT_FOUND;
	case E_UNREACHABLE:
		return EXIT_UNREACHABLE;
	case E_USAGE:
		return EXIT_USAGE;
	}
	return EXIT_FAILED;
}

/* What happened, to which item, what is still safe, what to type next, the code. */
int
ctl_complain(const struct options *o, const struct command *c, const char *item, enum err e)
{
	if (e == E_UNREACHABLE) {
		fprintf(stderr,
			"daftarctl: nobody answers at %s (%s)\n"
			"  safe: what was accepted is on the exchange's disk, parties keep the "
			"rest\n"
			"  next: start daftard, or name its control socket with --socket\n",
			o->socket, err_word(e));
		return exit_status(e);
	}
	fprintf(stderr, "daftarctl: %s%s%s: %s (%s)\n  safe: nothing was changed\n  next: %s\n",
		c->verb, item != NULL ? " " : "", item != NULL ? item : "",
		e == E_USAGE ? "an argument is not of the form that it must have" : err_sentence(e),
		err_word(e), c->next);
	return exit_status(e);
}

static int
misunderstood(const char *what)
{
	fprintf(stderr, "daftarctl: %s\n  next: daftarctl --help\n", what);
	return EXIT_USAGE;
}

/* ---- commands ---- */

static bool
is_number(const char *name)
{
	return strcmp(name, "limit") == 0 || strcmp(name, "before") == 0 ||
	       strcmp(name, "number") == 0 || strcmp(name, "days") == 0;
}

/* NULL when it is not what it must be. */
static json_t *
value_of(const char *name, const char *text)
{
	char *end;
	long n;

	if (strcmp(name, "dry_run") == 0)
		return json_true();
	if (!is_number(name))
		return json_string(text);
	errno = 0;
	n = strtol(text, &end, 10);
	return n > 0 && *end == '\0' && errno == 0 ? json_integer(n) : NULL;
}

static json_t *
args_of(const struct options *o, const struct command *c, char *const *words, size_t n)
{
	OWNED(json_t, args, json_decrefp) = json_object();

	for (size_t i = 0; i < n; i++)
		if (json_object_set_new(args, c->args[i], value_of(c->args[i], words[i])) != 0)
			return NULL;
	for (size_t i = 0; i < CTL_OPTIONS; i++)
		if (o->value[i] != NULL && json_object_set_new(args, ctl_option_names[i],
						   value_of(ctl_option_names[i], o->value[i])) != 0)
			return NULL;
	return TAKE(args);
}

static void
print_json(const json_t *data)
{
	json_dumpf(data, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
	fflush(stdout);
}

void
ctl_show(const struct options *o, const struct command *c, const json_t *data)
{
	if (o->json)
		print_json(data);
	else
		c->print(data);
}

/* As monitoring plug-ins do. */
static int
state_status(const json_t *data)
{
	const char *state = text_of(data, "state");

	return strcmp(state, "ok") == 0 ? 0 : strcmp(state, "warning") == 0 ? 1 : 2;
}

/* For how a file could not be read or written, errno has the reason. */
static int
bundle(const struct options *o, const struct command *c, char *const *words)
{
	OWNED(json_t, figures, json_decrefp) = NULL;
	enum err e;

	errno = 0;
	e = ctl_bundle(o->socket, words[0], words[1], true, &figures);
	if (e == E_IO && errno != 0)
		fprintf(stderr, "daftarctl: %s\n", strerror(errno));
	if (e != E_OK)
		return ctl_complain(o, c, words[0], e);
	ctl_show(o, c, figures);
	return EXIT_SUCCESS;
}

/* Begins it, and waits for its end. */
static int
work(const struct options *o, const struct command *c, json_t *args)
{
	const char *show = strcmp(c->verb, "scrub.run") == 0 ? "scrub.show" : "backup.show";
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = control_call(o->socket, c->verb, args, &data);

	while (e == E_OK && json_is_true(json_object_get(data, "running"))) {
		(void)poll(NULL, 0, WORK_POLL_MS);
		json_decrefp(&data);
		e = control_call(o->socket, show, args, &data);
	}
	if (e != E_OK)
		return ctl_complain(o, c, NULL, e);
	ctl_show(o, c, data);
	return strcmp(text_of(data, "code"), "OK") == 0 ? EXIT_SUCCESS : EXIT_FAILED;
}

static int
sign(const struct options *o, const struct command *c, const json_t *args)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	int status = EXIT_FAILED;
	enum err e = ctl_sign(o->socket, text_of(args, "from"), text_of(args, "to"),
		text_of(args, "period"), &data, &status);

	if (e != E_OK)
		return ctl_complain(o, c, text_of(args, "from"), e);
	ctl_show(o, c, data);
	return status;
}

static int
ask(const struct options *o, const struct command *c, char *const *words, size_t n)
{
	OWNED(json_t, args, json_decrefp) = args_of(o, c, words, n);
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e;

	if (args == NULL)
		return misunderstood("an argument is not a number, or not UTF-8");
	if (c->run != NULL)
		return c->run(o, c, args);
	if (c->print == print_work)
		return work(o, c, args);
	if (strcmp(c->verb, "reconcile.sign") == 0)
		return sign(o, c, args);
	e = strcmp(c->verb, "reconcile.run") == 0 ? ctl_reconcile(o->socket, args, &data)
						  : control_call(o->socket, c->verb, args, &data);
	if (e != E_OK)
		return ctl_complain(o, c, n > 0 ? words[0] : NULL, e);
	ctl_show(o, c, data);
	if (fflush(stdout) != 0 || ferror(stdout))
		return EXIT_FAILED;
	if (c->print == print_books || c->print == print_differences)
		return ctl_books(data);
	return c->print == print_status ? state_status(data) : EXIT_SUCCESS;
}

static void
free_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

static int
watch(const struct options *o, const struct command *c)
{
	OWNED(FILE, lines, free_file) = NULL;
	OWNED(char, line, free_chars) = NULL;
	size_t room = 0;
	int fd = -1;
	enum err e = control_watch(o->socket, &fd);

	if (e != E_OK)
		return ctl_complain(o, c, NULL, e);
	lines = fdopen(fd, "r");
	while (lines != NULL && getline(&line, &room, lines) > 0) {
		OWNED(json_t, event, json_decrefp) = json_loads(line, 0, NULL);

		if (event == NULL)
			continue;
		if (o->json)
			print_json(event);
		else
			c->print(event);
		if (ferror(stdout))
			return EXIT_FAILED;
	}
	return ctl_complain(o, c, NULL, E_UNREACHABLE);
}

/* The command of these words; *used of them are its name. */
static const struct command *
find_command(char *const *words, size_t n, size_t *used)
{
	for (const struct command *c = ctl_commands; c->verb != NULL; c++) {
		*used = c->words[1] != NULL ? 2 : 1;
		if (n >= *used && strcmp(words[0], c->words[0]) == 0 &&
			(*used == 1 || strcmp(words[1], c->words[1]) == 0))
			return c;
	}
	return NULL;
}

static size_t
args_most(const struct command *c)
{
	size_t n = 0;

	while (n < ARGS_MAX && c->args[n] != NULL)
		n++;
	return n;
}

/* All that were given are the command's, and what it needs is there. */
static bool
takes_options(const struct options *o, const struct command *c)
{
	for (unsigned i = 0; i < CTL_OPTIONS; i++)
		if ((o->value[i] != NULL && (c->options >> i & 1) == 0) ||
			(o->value[i] == NULL && (c->needs >> i & 1) != 0))
			return false;
	return true;
}

static int
run(const struct options *o, char *const *words, size_t n)
{
	const struct command *c;
	size_t used;

	if (n == 0)
		return misunderstood("a command is missing");
	c = find_command(words, n, &used);
	if (c == NULL)
		return misunderstood("there is no such command");
	n -= used;
	if (n < c->needed || n > args_most(c))
		return misunderstood("the command has too few or too many arguments");
	if (!takes_options(o, c))
		return misunderstood("the command does not have this option, or needs another");
	if (strcmp(c->verb, "watch") == 0)
		return watch(o, c);
	if (c->print == print_bundle)
		return bundle(o, c, words + used);
	return ask(o, c, words + used, n);
}

int
main(int argc, char **argv)
{
	static const struct option known[] = {
		{"socket", required_argument, NULL, 's'},
		{"json", no_argument, NULL, 'j'},
		{"reason", required_argument, NULL, 'r'},
		{"party", required_argument, NULL, 'p'},
		{"days", required_argument, NULL, 'd'},
		{"dry-run", no_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	struct options o = {.socket = DEFAULT_SOCKET};
	int c;

	while ((c = getopt_long(argc, argv, "s:", known, NULL)) != -1) {
		if (c == 's') {
			o.socket = optarg;
		} else if (c == 'j') {
			o.json = true;
		} else if (c == 'r') {
			o.value[CTL_REASON] = optarg;
		} else if (c == 'p') {
			o.value[CTL_PARTY] = optarg;
		} else if (c == 'd') {
			o.value[CTL_DAYS] = optarg;
		} else if (c == 'n') {
			o.value[CTL_DRY_RUN] = "yes";
		} else if (c == 'V') {
			puts("daftarctl " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		} else {
			usage(c == 'h' ? stdout : stderr);
			return c == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
		}
	}
	return run(&o, argv + optind, (size_t)(argc - optind));
}
