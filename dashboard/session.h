/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who is logged in: one-time links that open a session, client certificates that do, and sessions
 * that end after 15 idle minutes or 12 hours. Secrets are 128 random bits in hex, kept in memory
 * only. No passwords; no one-time codes either: the second factor is the key in the certificate, or
 * the account on the exchange's machine that asks for a link. */
#ifndef DAFTAR_DASHBOARD_SESSION_H
#define DAFTAR_DASHBOARD_SESSION_H

#include "lib/id.h"

#define SECRET_TEXT_SIZE 33
#define USER_SIZE 33
#define TOKEN_TEXT_SIZE 65 /* mask and masked secret, in hex */
#define SESSION_IDLE_MS (15 * 60 * INT64_C(1000))
#define SESSION_LIFE_MS (12 * 3600 * INT64_C(1000))
#define LINK_LIFE_MS (60 * 60 * INT64_C(1000))

/* Who it is, as links and sessions carry it. */
struct login {
	char user[USER_SIZE];
	unsigned roles;
	bool named; /* known to daftard by this name: acts are asked for "as" it */
	char certificate[DIGEST_TEXT_SIZE]; /* "" for a link */
};

/* What came of the last act, shown once. */
struct flash {
	const char *words; /* N_() of the source, NULL: nothing to say */
	bool bad;
	enum err e;
	int64_t number; /* of the change that waits, or of what was touched; -1: none */
};

struct session {
	char secret[SECRET_TEXT_SIZE]; /* "" when the place is free */
	struct login login;
	uint8_t csrf[16];
	int64_t began, used; /* monotonic ms */
	struct flash flash;
};

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions **s);
/* A new one-time link's secret for this login; at most 4 are open, the oldest gives way. */
void sessions_link(
	struct sessions *s, const struct login *who, int64_t tick, char out[SECRET_TEXT_SIZE]);
/* Uses the link up and opens a session. NULL for an unknown, used or old link. */
struct session *sessions_enter(struct sessions *s, const char *link, int64_t tick);
/* Opens a session, for a certificate. */
struct session *sessions_open(struct sessions *s, const struct login *who, int64_t tick);
/* The session of this secret that came with this certificate ("" without TLS), or NULL. With `use'
 * it is kept awake: a page that is looked at does, a live stream does not. */
struct session *sessions_find(
	struct sessions *s, const char *secret, const char *certificate, int64_t tick, bool use);
void sessions_end(struct session *session);
/* When it ends unless it is used, in ms from now. */
int64_t session_left(const struct session *s, int64_t tick);

/* A token for a form of this session: different in every answer, so that the length of a compressed
 * page tells nothing of it (BREACH); any of them is good as long as the session. */
void session_token(const struct session *s, char out[TOKEN_TEXT_SIZE]);
bool session_token_fits(const struct session *s, const char *token) MUST_USE;

/* The value of cookie `name' in a Cookie header, or false. Two of that name are none. */
bool cookie_find(const char *header, const char *name, char *out, size_t size) MUST_USE;

#endif
