/* SPDX-License-Identifier: EUPL-1.2
 *
 * How a failure is told: what happened and to which item, what is still safe, what to type next,
 * the code; with --json as an object as well. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/control.h"

#define SAFE "nothing was changed"
#define SAFE_AWAY "what was accepted is on the exchange's disk, parties keep the rest"

/* One code, several ways: everything else is 1. */
static const struct {
	enum err e;
	int status;
} statuses[] = {
	{E_OK, EXIT_SUCCESS},
	{E_USAGE, EXIT_USAGE},
	{E_OFFICER, EXIT_REFUSED},
	{E_ROLE, EXIT_REFUSED},
	{E_NOT_FOUND, EXIT_NOT_FOUND},
	{E_UNKNOWN_PARTY, EXIT_NOT_FOUND},
	{E_UNREACHABLE, EXIT_UNREACHABLE},
};

int
exit_status(enum err e)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].e == e)
			return statuses[i].status;
	return EXIT_FAILED;
}

static int
tell(const struct options *o, enum err e, const char *what, const char *item, const char *why,
	const char *safe, const char *next)
{
	fflush(stdout);
	fputs("daftarctl: ", stderr);
	put_safely(stderr, what);
	if (why != NULL) {
		fputs(": ", stderr);
		put_safely(stderr, why);
	}
	fprintf(stderr, " (%s)\n  safe: %s\n  next: ", err_word(e), safe);
	put_safely(stderr, next);
	fputc('\n', stderr);
	if (o->json) {
		OWNED(json_t, told, json_decrefp) = json_pack("{s:b s:s s:i s:s s:s s:s s:s s:s*}",
			"ok", 0, "code", err_word(e), "exit", exit_status(e), "what", what, "why",
			why != NULL ? why : err_sentence(e), "safe", safe, "next", next, "item",
			item);

		ctl_json(told);
	}
	return exit_status(e);
}

int
ctl_complain(const struct options *o, const struct command *c, const char *item, enum err e)
{
	OWNED(char, away, free_chars) = xprintf("nobody answers at %s",
		o->value[OPT_REMOTE] != NULL ? o->value[OPT_REMOTE] : o->socket);
	OWNED(char, what, free_chars) = xprintf(
		"%s%s%s", c->doing->verb, item != NULL ? " " : "", item != NULL ? item : "");
	const char *said = e == E_UNREACHABLE ? NULL : control_said();

	/* It may name the verb itself. */
	if (said != NULL && strncmp(said, c->doing->verb, strlen(c->doing->verb)) == 0 &&
		strncmp(said + strlen(c->doing->verb), ": ", 2) == 0)
		said += strlen(c->doing->verb) + 2;
	if (e == E_UNREACHABLE)
		return tell(o, e, away, item, NULL, SAFE_AWAY,
			"start daftard, or name its control socket with --socket");
	return tell(o, e, what, item,
		said != NULL   ? said
		: e == E_USAGE ? "an argument is not of the form that it must have"
			       : err_sentence(e),
		SAFE, c->doing->next);
}

int
ctl_fail(const struct options *o, enum err e, const char *next, const char *fmt, ...)
{
	OWNED(char, what, free_chars) = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) < 0)
		die("memory");
	va_end(ap);
	return tell(o, e, what, ctl_item(o), NULL, SAFE, next);
}
