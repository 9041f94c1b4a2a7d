/* SPDX-License-Identifier: EUPL-1.2
 *
 * When a helper that died is started again: at once after a good while, then ever more slowly, so
 * that one which dies at each start costs nothing. */
#ifndef DAFTAR_RESPAWN_H
#define DAFTAR_RESPAWN_H

#include <event2/event.h>

#include "lib/base.h"

#define RESPAWN_FIRST_MS 100
#define RESPAWN_MOST_MS 5000
#define RESPAWN_CALM_MS 10000

struct respawn {
	struct event *timer;
	int64_t started; /* monotonic ms */
	int delay;	 /* ms, before the next start */
};

/* `start' is called with `context' each time when it is time to start. */
void respawn_open(
	struct respawn *r, struct event_base *base, event_callback_fn start, void *context);
void respawn_close(struct respawn *r);
/* It was started just now. */
void respawn_started(struct respawn *r);
/* It died: start again, in a while. */
void respawn_died(struct respawn *r);

/* Our own helper is ended and what remains of it collected. `pid' becomes 0. The wait status: that
 * of its own end when it had ended before. */
int helper_kill(pid_t *pid);
/* Resident memory in octets, 0 when it is not known. */
size_t helper_memory(pid_t pid);

#endif
