/* SPDX-License-Identifier: EUPL-1.2
 *
 * One step of daftar's life with the real store, spool, exchange, core and driver, in a process of
 * its own that can be killed at any system call, or have any of them fail:
 *
 *	step SCENARIO HOME BASE prepare		what the step finds
 *	step SCENARIO HOME BASE run		the step
 *	step SCENARIO HOME BASE again		the restart: whatever was acknowledged is there; the
 *						step is taken again, and all is as if it had been
 *						taken once
 *
 * HOME/acks holds what was acknowledged: a line is written where a receipt would leave the process.
 * Status 0: done. 10: refused with a code. 20: wrong. Anything else: the process ended itself. */
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "tests/crash/step.h"

static const struct scenario *
find(const struct scenario *s, const char *name)
{
	for (; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct scenario *s;

	log_open("step", LOG_ERROR);
	if (argc != 5)
		return fputs("usage: step SCENARIO HOME BASE prepare|run|again\n", stderr), 2;
	step_home = argv[2];
	step_base = argv[3];
	s = find(store_scenarios, argv[1]);
	if (s == NULL)
		s = find(party_scenarios, argv[1]);
	if (s == NULL)
		return fprintf(stderr, "no scenario %s\n", argv[1]), 2;
	if (strcmp(argv[4], "prepare") == 0) {
		if (s->prepare != NULL)
			s->prepare();
		return 0;
	}
	s->run();
	if (strcmp(argv[4], "again") == 0)
		s->judge();
	return 0;
}
