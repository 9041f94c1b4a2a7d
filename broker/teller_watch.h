/* SPDX-License-Identifier: EUPL-1.2
 *
 * The parts of the program daftar-alert: its settings (broker/teller_conf.c), its loop
 * (broker/teller_watch.c), and what it hands over (broker/teller_main.c). */
#ifndef DAFTAR_TELLER_WATCH_H
#define DAFTAR_TELLER_WATCH_H

#include <event2/event.h>

#include "broker/teller.h"
#include "broker/teller_send.h"
#include "lib/conf.h"

struct channel {
	struct route route;
	struct sending sending;
	json_t *news, *of; /* being handed over, and the list that they are of */
	int64_t first;	   /* monotonic ms: since when there is news, 0: there is none */
};

struct watcher {
	const struct conf *conf;
	struct event_base *base;
	struct channel channel[CHANNELS];
	struct teller teller[CHANNELS];
	struct webhook webhook;
	struct buf key;
	json_t *alerts; /* the last list */
	char *realm;
	json_t *away;	    /* the alert of the exchange's silence, NULL: it never was silent */
	int64_t away_since; /* ms UTC, 0: it answers */
	int64_t next_look, next_watch; /* monotonic ms */
	int watch;		       /* -1: none */
	struct event *tick, *term, *intr, *lines;
};

extern const struct setting teller_settings[];
/* Sets routes, key and webhook from w->conf. E_CONFIG: said on standard error. */
enum err watcher_settings(struct watcher *w) MUST_USE;
void watcher_close(struct watcher *w);
/* Runs until it is told to stop; the exit status. */
int watcher_serve(struct watcher *w);
/* Hands this news over by this channel; sending_look tells what comes of it. */
void watcher_hand_over(struct watcher *w, enum channel_kind k, const json_t *news);
/* The alert that the exchange does not answer, "firing" or "ended". A new reference. */
json_t *watcher_silence(int64_t since, const char *state);

#endif
