/* SPDX-License-Identifier: EUPL-1.2
 *
 * The life and death of helper processes, as far as it is the same for gates and examiners. */
#include "broker/respawn.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/id.h"

void
respawn_open(struct respawn *r, struct event_base *base, event_callback_fn start, void *context)
{
	r->timer = event_new(base, -1, 0, start, context);
	if (r->timer == NULL)
		die("a timer cannot be made");
}

void
respawn_close(struct respawn *r)
{
	if (r->timer != NULL)
		event_free(r->timer);
	r->timer = NULL;
}

void
respawn_started(struct respawn *r)
{
	r->started = monotonic_now();
}

void
respawn_died(struct respawn *r)
{
	struct timeval wait;

	if (monotonic_now() - r->started > RESPAWN_CALM_MS)
		r->delay = 0;
	wait = (struct timeval){r->delay / 1000, r->delay % 1000 * 1000};
	r->delay = r->delay == 0 ? RESPAWN_FIRST_MS : r->delay * 2;
	if (r->delay > RESPAWN_MOST_MS)
		r->delay = RESPAWN_MOST_MS;
	if (event_add(r->timer, &wait) != 0)
		die("a timer cannot be set");
}

int
helper_kill(pid_t *pid)
{
	int status = 0;

	if (*pid == 0)
		return 0;
	kill(*pid, SIGKILL);
	while (waitpid(*pid, &status, 0) < 0 && errno == EINTR)
		;
	*pid = 0;
	return status;
}

size_t
helper_memory(pid_t pid)
{
	char name[64], text[128];
	unsigned long resident = 0;
	FILE *f;

	snprintf(name, sizeof name, "/proc/%d/statm", (int)pid);
	f = fopen(name, "re");
	if (f == NULL)
		return 0;
	if (fgets(text, sizeof text, f) == NULL || sscanf(text, "%*u %lu", &resident) != 1)
		resident = 0;
	fclose(f);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}
