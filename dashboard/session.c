/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two small tables of secrets with times. Comparison takes the same time wherever secrets differ.
 */
#include "dashboard/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/buf.h"

#define LINKS 4
#define SESSIONS 16
#define LINK_LIFE (60 * 60 * 1000)
#define SESSION_IDLE (15 * 60 * 1000)

struct secret {
	char text[SECRET_TEXT_SIZE]; /* "" when the place is free */
	int64_t since;		     /* monotonic ms; sessions: last use */
};

struct sessions {
	struct secret link[LINKS];
	struct secret session[SESSIONS];
};

struct sessions *
sessions_new(void)
{
	return xcalloc(1, sizeof(struct sessions));
}

void
sessions_free(struct sessions **s)
{
	free(*s);
	*s = NULL;
}

/* Puts a fresh secret in a free place, or in place of the oldest. */
static void
put_secret(struct secret *table, size_t n, int64_t tick, char out[SECRET_TEXT_SIZE])
{
	struct secret *place = &table[0];
	struct buf hex = {0};
	uint8_t octets[16];

	for (size_t i = 0; i < n && place->text[0] != '\0'; i++)
		if (table[i].text[0] == '\0' || table[i].since < place->since)
			place = &table[i];
	if (getrandom(octets, sizeof octets, 0) != (ssize_t)sizeof octets)
		die("no random numbers");
	buf_hex(&hex, octets, sizeof octets);
	memcpy(place->text, hex.data, SECRET_TEXT_SIZE);
	memcpy(out, hex.data, SECRET_TEXT_SIZE);
	place->since = tick;
	buf_free(&hex);
}

static struct secret *
find_secret(struct secret *table, size_t n, const char *text, int64_t tick, int64_t life)
{
	struct secret *found = NULL;

	if (strlen(text) != SECRET_TEXT_SIZE - 1)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (table[i].text[0] != '\0' && tick - table[i].since > life)
			memset(&table[i], 0, sizeof table[i]);
		if (equal_bytes(table[i].text, text, SECRET_TEXT_SIZE))
			found = &table[i];
	}
	return found;
}

void
sessions_link(struct sessions *s, int64_t tick, char out[SECRET_TEXT_SIZE])
{
	put_secret(s->link, LINKS, tick, out);
}

bool
sessions_enter(struct sessions *s, const char *link, int64_t tick, char out[SECRET_TEXT_SIZE])
{
	struct secret *found = find_secret(s->link, LINKS, link, tick, LINK_LIFE);

	if (found == NULL)
		return false;
	memset(found, 0, sizeof *found);
	put_secret(s->session, SESSIONS, tick, out);
	return true;
}

bool
sessions_know(struct sessions *s, const char *session, int64_t tick)
{
	struct secret *found = find_secret(s->session, SESSIONS, session, tick, SESSION_IDLE);

	if (found == NULL)
		return false;
	found->since = tick;
	return true;
}
