/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar: the liaison officer's tool. A table of options and a table of commands; the command line
 * is read, and help is printed, from the same rows. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include "lib/log.h"
#include "lib/secrets.h"
#include "liaison/consent.h"

static const struct option_row {
	const char *name;
	const char *value; /* NULL: a switch */
	const char *sentence;
} option_rows[OPT_N] = {
	[OPT_HOME] = {"home", "DIR", "the office's folder (DAFTAR_HOME; ~/.config/daftar)"},
	[OPT_JSON] = {"json", NULL, "for programs: one JSON object a line"},
	[OPT_QUIET] = {"quiet", NULL, "no words beside data and errors"},
	[OPT_TIMEOUT] = {"timeout", "S", "seconds to wait for the exchange"},
	[OPT_NO_INPUT] = {"no-input", NULL, "never ask (nothing ever does; for scripts)"},
	[OPT_HELP] = {"help", NULL, "this text, or that of a command"},
	[OPT_VERSION] = {"version", NULL, "print the version"},
	[OPT_FROM] = {"from", "FILE", "the officer's case file, - for standard input"},
	[OPT_WAIT] = {"wait", NULL, "stay on line until the case has ended"},
	[OPT_PARTY_DIR] = {"party-dir", "DIR", "the folder that daftar-pki made for this office"},
	[OPT_TRUST] = {"trust", "FILE", "the realm's trust list"},
	[OPT_OPERATOR] = {"operator", "FILE", "the operator's certificate, to be pinned"},
	[OPT_BROKER] = {"broker", "ADDRESS", "where the exchange listens, tcp://host:port"},
	[OPT_BROKER_KEY] = {"broker-key", "FILE", "its CURVE key, to be held against the list's"},
	[OPT_EVIDENCE] = {"evidence", "SCAN", "the signed form; its SHA-256 digest is recorded"},
	[OPT_CHANNEL] = {"channel", "CODE", "how the person withdrew (liaison-office)"},
	[OPT_CSV] = {"csv", NULL, "for spreadsheets: comma-separated, with a line of names"},
	[OPT_OFFICER_DIR] = {"officer-dir", "DIR", "folder with the second officer's sign.key"},
};

#define BIT(option) (UINT32_C(1) << (option))
#define EVERYWHERE                                                                                 \
	(BIT(OPT_HOME) | BIT(OPT_JSON) | BIT(OPT_QUIET) | BIT(OPT_TIMEOUT) | BIT(OPT_NO_INPUT) |   \
		BIT(OPT_HELP) | BIT(OPT_VERSION))

static const struct command {
	const char *name; /* one word or two */
	const char *arguments;
	int least, most; /* arguments */
	uint32_t required, allowed;
	enum ending (*run)(const struct options *o);
	const char *sentence;
} commands[] = {
	{"setup", "", 0, 0,
		BIT(OPT_PARTY_DIR) | BIT(OPT_TRUST) | BIT(OPT_OPERATOR) | BIT(OPT_BROKER),
		BIT(OPT_BROKER_KEY), command_setup,
		"make the office's folder from what daftar-pki made"},
	{"doctor", "", 0, 0, 0, 0, command_doctor,
		"check clock, keys, trust list, spool and exchange"},
	{"request new", "", 0, 0, BIT(OPT_FROM), 0, command_request_new,
		"check a case file and keep it as a draft; prints its tracking number"},
	{"request check", "FILE", 1, 1, 0, 0, command_request_check,
		"check a case file: form, consent, agreements"},
	{"request file", "FILE|NUMBER", 1, 1, 0, 0, command_request_file,
		"sign, encrypt and store the request, then send it if the exchange can be reached"},
	{"consent record", "", 0, 0, BIT(OPT_FROM), BIT(OPT_EVIDENCE), command_consent_record,
		"check consents and keep them, sealed; prints their ids, for case files to name"},
	{"consent list", "", 0, 0, 0, 0, command_consent_list,
		"every consent of this office: valid, expired or withdrawn"},
	{"consent show", "ID|NUMBER", 1, 1, 0, 0, command_consent_show,
		"one consent, or those that a case rests on"},
	{"consent clear", "NUMBER", 1, 1, BIT(OPT_OFFICER_DIR), 0, command_consent_clear,
		"a second officer signs a draft that needs it before it may be filed"},
	{"consent withdraw", "ID|NUMBER", 1, 1, 0, BIT(OPT_CHANNEL) | BIT(OPT_WAIT),
		command_consent_withdraw,
		"stop every case that rests on the consent; goes before everything else"},
	{"consent hold", "NUMBER", 1, 1, 0, BIT(OPT_WAIT), command_consent_hold,
		"freeze a case wherever it is, for the protection of a person"},
	{"consent release", "NUMBER", 1, 1, 0, BIT(OPT_WAIT), command_consent_release,
		"let a case that was held go on"},
	{"track", "NUMBER", 1, 1, 0, BIT(OPT_WAIT), command_track,
		"where a case stands: its timeline, who has it, what comes next"},
	{"list", "", 0, 0, 0, 0, command_list, "every case of this office, a line each"},
	{"show", "NUMBER", 1, 1, 0, 0, command_show,
		"the particulars of a case (shows personal data)"},
	{"outbox", "", 0, 0, 0, 0, command_outbox, "what has not left this computer"},
	{"sync", "", 0, 0, 0, 0, command_sync, "send what waits and take what has come"},
	{"takeover", "", 0, 0, 0, 0, command_takeover,
		"this copy of the office goes on; the one it was copied from is gone"},
	{"log show", "", 0, 0, 0, 0, command_log_show,
		"the newest head of the exchange's log that this office has seen"},
	{"log acknowledge", "", 0, 0, 0, 0, command_log_acknowledge,
		"somebody has looked at heads that do not fit"},
	{"bundle export", "FILE", 1, 1, 0, 0, command_bundle_export,
		"put what waits for the exchange into a file, for a courier"},
	{"bundle import", "FILE", 1, 1, 0, 0, command_bundle_import,
		"take what the exchange has answered to such a file"},
	{"ledger", "NUMBER", 1, 1, 0, BIT(OPT_CSV), command_ledger,
		"who has handled a case, when, under which mandate: for the person concerned"},
	{"receipt", "NUMBER [accepted|delivered|ended|addressee|request]", 1, 2, 0, 0,
		command_receipt, "print the evidence that is kept for a request"},
	{"verify", "FILE", 1, 1, 0, 0, command_verify,
		"check a receipt or a signed message, off line"},
	{"codes", "[LIST|CODE]", 0, 1, 0, 0, command_codes, "what a code means"},
};

/* ---- help ---- */

static void
help_option(enum option i)
{
	const struct option_row *r = &option_rows[i];

	say("  --%s%s%s%*s%s\n", r->name, r->value != NULL ? " " : "",
		r->value != NULL ? r->value : "",
		(int)(22 - strlen(r->name) - (r->value != NULL ? strlen(r->value) + 1 : 0)), "",
		r->sentence);
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
			say(" [--%s%s%s]", option_rows[i].name,
				option_rows[i].value != NULL ? " " : "",
				option_rows[i].value != NULL ? option_rows[i].value : "");
	say("%s%s\n      %s\n", c->arguments[0] != '\0' ? " " : "", c->arguments, c->sentence);
}

static void
help(const struct command *only)
{
	uint32_t used = EVERYWHERE;

	if (only == NULL)
		say("daftar: files, tracks and proves requests for birth records\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (only == NULL || only == &commands[i]) {
			help_usage(&commands[i]);
			used |= commands[i].required | commands[i].allowed;
		}
	say("\n");
	for (enum option i = 0; i < OPT_N; i++)
		if ((used & BIT(i)) != 0)
			help_option(i);
	if (only == NULL)
		say("\nThe program ends with 0 when all is done; daftar(1) lists the others.\n");
}

/* ---- the command line ---- */

static enum ending
usage(const char *what, const char *word)
{
	return fail(E_USAGE, "nothing was changed", "daftar help", "%s%s", what, line(word));
}

static int
option_find(const char *name, size_t length)
{
	for (int i = 0; i < OPT_N; i++)
		if (strlen(option_rows[i].name) == length &&
			strncmp(option_rows[i].name, name, length) == 0)
			return i;
	return -1;
}

/* --name, --name VALUE or --name=VALUE; *at moves on over the value. */
static enum ending
read_option(char **argv, int *at, struct options *o)
{
	const char *name = argv[*at] + 2;
	size_t length = strcspn(name, "=");
	int i = option_find(name, length);

	if (i < 0)
		return usage("there is no option ", argv[*at]);
	if (option_rows[i].value == NULL) {
		o->value[i] = "";
		return name[length] == '\0' ? END_DONE : usage("takes no value: ", argv[*at]);
	}
	o->value[i] = name[length] == '=' ? name + length + 1 : argv[*at + 1];
	if (o->value[i] == NULL)
		return usage("needs a value: ", argv[*at]);
	*at += name[length] != '=';
	return END_DONE;
}

struct words {
	const char *word[4];
	int n;
};

static enum ending
read_line(char **argv, struct options *o, struct words *w)
{
	enum ending end = END_DONE;
	bool plain = false;

	for (int i = 1; argv[i] != NULL && end == END_DONE; i++) {
		if (!plain && strcmp(argv[i], "--") == 0)
			plain = true;
		else if (!plain && strcmp(argv[i], "-h") == 0)
			o->value[OPT_HELP] = "";
		else if (!plain && strncmp(argv[i], "--", 2) == 0)
			end = read_option(argv, &i, o);
		else if (!plain && argv[i][0] == '-' && argv[i][1] != '\0')
			end = usage("there is no option ", argv[i]);
		else if (w->n == (int)ARRAY_LEN(w->word))
			end = usage("too many words: ", argv[i]);
		else
			w->word[w->n++] = argv[i];
	}
	return end;
}

static enum ending
read_timeout(struct options *o)
{
	const char *text = o->value[OPT_TIMEOUT];
	char *end;
	long s;

	o->timeout = -1;
	if (text == NULL)
		return END_DONE;
	errno = 0;
	s = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || s < 0 || s > 86400 * 30)
		return usage("--timeout is a number of seconds, not ", text);
	o->timeout = (int64_t)s * 1000;
	return END_DONE;
}

/* The command that the first word or two name; *used is how many. */
static const struct command *
find_command(const struct words *w, int first, int *used)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		const char *space = strchr(commands[i].name, ' ');
		size_t length = space != NULL ? (size_t)(space - commands[i].name)
					      : strlen(commands[i].name);

		*used = space != NULL ? 2 : 1;
		if (w->n < first + *used || strlen(w->word[first]) != length ||
			strncmp(w->word[first], commands[i].name, length) != 0)
			continue;
		if (space == NULL || strcmp(w->word[first + 1], space + 1) == 0)
			return &commands[i];
	}
	return NULL;
}

static enum ending
check_options(const struct command *c, const struct options *o)
{
	for (enum option i = 0; i < OPT_N; i++) {
		if ((c->required & BIT(i)) != 0 && o->value[i] == NULL)
			return fail(E_USAGE, "nothing was changed", "daftar help",
				"daftar %s needs --%s %s", c->name, option_rows[i].name,
				option_rows[i].value);
		if (((c->required | c->allowed | EVERYWHERE) & BIT(i)) == 0 && o->value[i] != NULL)
			return fail(E_USAGE, "nothing was changed", "daftar help",
				"daftar %s has no --%s", c->name, option_rows[i].name);
	}
	return END_DONE;
}

static enum ending
run(const struct words *w, struct options *o)
{
	int used, left;
	const struct command *c = find_command(w, 0, &used);

	if (c == NULL)
		return usage("there is no command ", w->word[0]);
	if (o->value[OPT_HELP] != NULL) {
		help(c);
		return END_DONE;
	}
	left = w->n - used;
	if (left < c->least || left > c->most)
		return fail(E_USAGE, "nothing was changed", "daftar help", "daftar %s takes %s",
			c->name, c->arguments[0] != '\0' ? c->arguments : "no argument");
	for (int i = 0; i < left; i++)
		o->argument[i] = w->word[used + i];
	enum ending end = check_options(c, o);
	return end == END_DONE ? c->run(o) : end;
}

static enum ending
run_help(const struct words *w)
{
	int used;

	if (w->n < 2) {
		help(NULL);
		return END_DONE;
	}
	const struct command *c = find_command(w, 1, &used);
	if (c == NULL)
		return usage("there is no command ", w->word[1]);
	help(c);
	return END_DONE;
}

int
main(int argc, char **argv)
{
	struct options o = {.timeout = -1};
	struct words w = {.n = 0};
	enum ending end;

	(void)argc;
	secrets_guard();
	umask(077);
	end = read_line(argv, &o, &w);
	say_open(o.value[OPT_JSON] != NULL, o.value[OPT_QUIET] != NULL);
	log_open("daftar", LOG_WARNING);
	if (end == END_DONE)
		end = read_timeout(&o);
	if (end != END_DONE)
		return end;
	if (o.value[OPT_VERSION] != NULL) {
		say("daftar " PACKAGE_VERSION "\n");
		return END_DONE;
	}
	if (w.n == 0) {
		help(NULL);
		return o.value[OPT_HELP] != NULL ? END_DONE : END_USAGE;
	}
	return strcmp(w.word[0], "help") == 0 ? run_help(&w) : run(&w, &o);
}
