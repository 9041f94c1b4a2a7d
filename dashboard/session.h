/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may look: one-time links that open a session, and sessions that end after 15 idle minutes.
 * Both are 128 random bits in hex, kept in memory only. No passwords. */
#ifndef DAFTAR_DASHBOARD_SESSION_H
#define DAFTAR_DASHBOARD_SESSION_H

#include "lib/base.h"

#define SECRET_TEXT_SIZE 33

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions **s);
/* A new one-time link's secret; at most 4 are open, the oldest gives way. Good for one hour. */
void sessions_link(struct sessions *s, int64_t tick, char out[SECRET_TEXT_SIZE]);
/* Uses the link up and opens a session. False for an unknown, used or old link. */
bool sessions_enter(struct sessions *s, const char *link, int64_t tick, char out[SECRET_TEXT_SIZE]);
/* Is there such a session? Keeps it awake. */
bool sessions_know(struct sessions *s, const char *session, int64_t tick);

#endif
