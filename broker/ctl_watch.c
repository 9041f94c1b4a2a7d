/* SPDX-License-Identifier: EUPL-1.2
 *
 * What goes on longer than one question: watching, and work on the whole store, whose end is waited
 * for. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "lib/control.h"

#define WORK_POLL_MS 100

static void
free_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

int
ctl_watch(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(FILE, lines, free_file) = NULL;
	OWNED(char, line, free_chars) = NULL;
	size_t room = 0;
	int fd = -1;
	enum err e;

	(void)args;
	if (o->value[OPT_REMOTE] != NULL)
		return ctl_fail(o, E_USAGE, "daftarctl top",
			"watch is for the exchange's own machine; top looks from afar");
	e = control_watch(o->socket, &fd);
	if (e != E_OK)
		return ctl_complain(o, c, NULL, e);
	lines = fdopen(fd, "r");
	while (lines != NULL && getline(&line, &room, lines) > 0) {
		OWNED(json_t, event, json_decrefp) = json_loads(line, 0, NULL);

		if (event != NULL)
			ctl_show(o, c, event);
		if (ferror(stdout))
			return EXIT_FAILED;
	}
	return ctl_complain(o, c, NULL, E_UNREACHABLE);
}

/* Begins it, and waits for its end. */
int
ctl_work(const struct options *o, const struct command *c, json_t *args)
{
	const char *show = strcmp(c->doing->verb, "scrub.run") == 0 ? "scrub.show" : "backup.show";
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = ctl_call(o, c->doing->verb, args, &data);

	while (e == E_OK && json_is_true(json_object_get(data, "running"))) {
		(void)poll(NULL, 0, WORK_POLL_MS);
		json_decrefp(&data);
		e = ctl_call(o, show, NULL, &data);
	}
	if (e != E_OK)
		return ctl_complain(o, c, ctl_item(o), e);
	ctl_show(o, c, data);
	return strcmp(text_of(data, "code"), "OK") == 0 ? EXIT_SUCCESS : EXIT_FAILED;
}
