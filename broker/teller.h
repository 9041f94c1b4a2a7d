/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar-alert: what is news to whom. The exchange lists its alerts; each channel (mail, webhook,
 * command) remembers what it has told, and the difference is news. What was handed over is noted
 * only then, in a file: a restart loses nothing, and repeats at most what was being handed over
 * when the machine died. No clock, no process and no socket here. */
#ifndef DAFTAR_TELLER_H
#define DAFTAR_TELLER_H

#include <jansson.h>

#include "broker/alert.h"

enum channel_kind { CHANNEL_MAIL, CHANNEL_WEBHOOK, CHANNEL_COMMAND, CHANNELS };
const char *channel_word(enum channel_kind k); /* "mail", "webhook", "command" */

/* Who is told what. */
struct route {
	bool on;
	enum severity least;
	const char *const *rules; /* only these; none: all */
	size_t n_rules;
	bool endings;	/* also that something has ended */
	int64_t repeat; /* ms after which what still fires and nobody has seen is told again, 0:
			 * never
			 */
};

/* An alert that this channel has told of. */
struct told {
	uint64_t id;
	char since[INSTANT_TEXT_SIZE]; /* a store that was restored gives numbers anew */
	enum severity severity;
	int64_t at; /* ms UTC */
};
struct teller {
	struct told *told;
	size_t n;
	uint64_t last; /* the newest alert that it knows of */
	bool begun;    /* before, what has ended already is no news */
};
void teller_free(struct teller *t);

/* News for this channel: objects {"news":"firing"|"worse"|"reminder"|"ended", ...the alert}. A new
 * reference; empty: there is none. `alerts' is the list of alert.list with those that have ended.
 */
json_t *teller_news(
	const struct teller *t, const struct route *r, const json_t *alerts, int64_t now);
/* These news have been handed over; or there were none, of that list. */
void teller_told(struct teller *t, const json_t *news, const json_t *alerts, int64_t now);

/* What all channels have told, as a file. E_NOT_FOUND (there is none: a new beginning), E_IO,
 * E_INPUT (it is not one of ours). */
enum err tellers_load(const char *file, struct teller all[CHANNELS]) MUST_USE;
enum err tellers_save(const char *file, const struct teller all[CHANNELS]) MUST_USE;

#endif
