/* SPDX-License-Identifier: EUPL-1.2
 *
 * Handing news over: each time in a process of its own, so that a receiver who is slow, or never
 * answers, holds up nobody else. One at a time for each channel; what fails is tried again after a
 * pause that doubles, at most ten minutes. */
#ifndef DAFTAR_TELLER_SEND_H
#define DAFTAR_TELLER_SEND_H

#include "broker/webhook.h"

struct sending {
	pid_t pid;	 /* 0: nobody is being told */
	int64_t overdue; /* monotonic ms: killed then */
	int64_t next;	 /* monotonic ms: not tried again before */
	unsigned failed; /* in a row */
};

/* argv[0] by its path, never by a shell; `input' becomes its standard input. */
void sending_command(
	struct sending *s, const char *const *argv, struct bytes input, int64_t timeout);
void sending_webhook(struct sending *s, const struct webhook *w, struct bytes body, int64_t now);

enum sent { SENT_WAITS, SENT_DONE, SENT_FAILED };
/* Has it been handed over? Never blocks. */
enum sent sending_look(struct sending *s, int64_t tick);
void sending_stop(struct sending *s); /* kills it */

#endif
