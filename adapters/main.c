/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar-adapter: a registry's side of the exchange. Without a command it is the daemon; with one
 * it talks to the daemon that runs. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "adapters/commands.h"
#include "adapters/daemon.h"
#include "adapters/settings.h"
#include "lib/log.h"
#include "lib/secrets.h"

#define CONFIG "/etc/daftar/adapter.conf"

static int
run(const struct conf *c)
{
	log_open("daftar-adapter", LOG_NOTICE);
	return exit_status(daemon_run(c));
}

static int
check_config(const struct command_line *line, const struct conf *c)
{
	if (line->value[OPT_VERBOSE] != NULL)
		conf_print(c);
	else
		printf("the configuration is good\n");
	return 0;
}

static int
with_config(const struct command_line *line, const struct conf *c)
{
	if (line->value[OPT_CHECK_CONFIG] != NULL)
		return check_config(line, c);
	if (line->command == NULL || strcmp(line->command, "run") == 0)
		return run(c);
	if (strcmp(line->command, "check") == 0)
		return check_run(line, c);
	if (strcmp(line->command, "takeover") == 0)
		return takeover_run(line, c);
	if (strcmp(line->command, "scrub") == 0)
		return scrub_run(line, c);
	if (strcmp(line->command, "log") == 0)
		return log_run(line, c);
	if (strcmp(line->command, "backup") == 0)
		return backup_run(line, c);
	if (strcmp(line->command, "print") == 0)
		return print_run(line, c);
	if (strcmp(line->command, "document") == 0)
		return document_run(line, c);
	return command_run(line, c);
}

int
main(int argc, char **argv)
{
	OWNED(struct conf, c, conf_free) = NULL;
	struct command_line line;
	enum err e;

	secrets_guard();
	e = command_parse(argc, argv, &line);
	/* Texts of a data base pass through its driver, which may look at the locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (e != E_OK)
		return exit_status(e);
	if (line.value[OPT_HELP] != NULL) {
		command_help();
		return 0;
	}
	if (line.value[OPT_VERSION] != NULL) {
		printf("daftar-adapter %s\n", PACKAGE_VERSION);
		return 0;
	}
	e = conf_load(line.value[OPT_CONFIG] != NULL ? line.value[OPT_CONFIG] : CONFIG,
		settings_table(), &c);
	if (e == E_OK)
		e = settings_check(c);
	return e != E_OK ? exit_status(e) : with_config(&line, c);
}
