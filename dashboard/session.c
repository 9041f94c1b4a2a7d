/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two small tables. Comparison takes the same time wherever secrets differ, and every place is
 * looked at. */
#include "dashboard/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/buf.h"

#define LINKS 4
#define SESSIONS 32

struct link {
	char secret[SECRET_TEXT_SIZE]; /* "" when the place is free */
	struct login login;
	int64_t since;
};

struct sessions {
	struct link link[LINKS];
	struct session session[SESSIONS];
};

struct sessions *
sessions_new(void)
{
	return xcalloc(1, sizeof(struct sessions));
}

void
sessions_free(struct sessions **s)
{
	if (*s != NULL)
		explicit_bzero(*s, sizeof **s);
	free(*s);
	*s = NULL;
}

static void
random_octets(uint8_t *out, size_t size)
{
	if (getrandom(out, size, 0) != (ssize_t)size)
		die("no random numbers");
}

static void
new_secret(char out[SECRET_TEXT_SIZE])
{
	OWNED_BUF(hex) = {0};
	uint8_t octets[16];

	random_octets(octets, sizeof octets);
	buf_hex(&hex, octets, sizeof octets);
	memcpy(out, hex.data, SECRET_TEXT_SIZE);
}

void
sessions_link(struct sessions *s, const struct login *who, int64_t tick, char out[SECRET_TEXT_SIZE])
{
	struct link *place = &s->link[0];

	for (size_t i = 0; i < LINKS && place->secret[0] != '\0'; i++)
		if (s->link[i].secret[0] == '\0' || s->link[i].since < place->since)
			place = &s->link[i];
	*place = (struct link){.login = *who, .since = tick};
	new_secret(place->secret);
	memcpy(out, place->secret, SECRET_TEXT_SIZE);
}

static bool
is_it(const char *secret, const char *text)
{
	return secret[0] != '\0' && strlen(text) == SECRET_TEXT_SIZE - 1 &&
	       equal_bytes(secret, text, SECRET_TEXT_SIZE);
}

struct session *
sessions_enter(struct sessions *s, const char *link, int64_t tick)
{
	struct link *found = NULL;
	struct login who;

	for (size_t i = 0; i < LINKS; i++) {
		if (tick - s->link[i].since > LINK_LIFE_MS)
			s->link[i].secret[0] = '\0';
		if (is_it(s->link[i].secret, link))
			found = &s->link[i];
	}
	if (found == NULL)
		return NULL;
	who = found->login;
	explicit_bzero(found, sizeof *found);
	return sessions_open(s, &who, tick);
}

static size_t
sessions_of(const struct sessions *s, const struct login *who)
{
	size_t n = 0;

	for (size_t i = 0; i < SESSIONS; i++)
		n += s->session[i].secret[0] != '\0' &&
		     strcmp(s->session[i].login.user, who->user) == 0;
	return n;
}

/* A free one; else that of the person who has most, and of hers the one that was used least lately:
 * who comes again and again without a cookie puts nobody out but herself. */
static struct session *
place_for_session(struct sessions *s)
{
	struct session *place = NULL;
	size_t most = 0;

	for (size_t i = 0; i < SESSIONS; i++) {
		struct session *one = &s->session[i];
		size_t n = sessions_of(s, &one->login);

		if (one->secret[0] == '\0')
			return one;
		if (n > most || (n == most && one->used < place->used)) {
			place = one;
			most = n;
		}
	}
	return place;
}

struct session *
sessions_open(struct sessions *s, const struct login *who, int64_t tick)
{
	struct session *place = place_for_session(s);

	*place = (struct session){.login = *who, .began = tick, .used = tick};
	new_secret(place->secret);
	random_octets(place->csrf, sizeof place->csrf);
	return place;
}

int64_t
session_left(const struct session *s, int64_t tick)
{
	int64_t idle = s->used + SESSION_IDLE_MS, life = s->began + SESSION_LIFE_MS;

	return (idle < life ? idle : life) - tick;
}

struct session *
sessions_find(
	struct sessions *s, const char *secret, const char *certificate, int64_t tick, bool use)
{
	struct session *found = NULL;

	for (size_t i = 0; i < SESSIONS; i++) {
		if (s->session[i].secret[0] != '\0' && session_left(&s->session[i], tick) < 0)
			sessions_end(&s->session[i]);
		if (is_it(s->session[i].secret, secret))
			found = &s->session[i];
	}
	if (found == NULL || strcmp(found->login.certificate, certificate) != 0)
		return NULL;
	if (use)
		found->used = tick;
	return found;
}

void
sessions_end(struct session *session)
{
	explicit_bzero(session, sizeof *session);
}

void
session_token(const struct session *s, char out[TOKEN_TEXT_SIZE])
{
	OWNED_BUF(hex) = {0};
	uint8_t mask[16];

	random_octets(mask, sizeof mask);
	buf_hex(&hex, mask, sizeof mask);
	for (size_t i = 0; i < sizeof mask; i++)
		mask[i] ^= s->csrf[i];
	buf_hex(&hex, mask, sizeof mask);
	memcpy(out, hex.data, TOKEN_TEXT_SIZE);
}

bool
session_token_fits(const struct session *s, const char *token)
{
	uint8_t both[32];

	if (strlen(token) != TOKEN_TEXT_SIZE - 1 ||
		!hex_decode(token, TOKEN_TEXT_SIZE - 1, both, sizeof both))
		return false;
	for (size_t i = 0; i < 16; i++)
		both[i] ^= both[16 + i];
	return equal_bytes(both, s->csrf, sizeof s->csrf);
}

bool
cookie_find(const char *header, const char *name, char *out, size_t size)
{
	size_t n = strlen(name), found = 0;

	out[0] = '\0';
	while (*header != '\0') {
		size_t length = strcspn(header, ";");

		if (length > n && header[n] == '=' && strncmp(header, name, n) == 0) {
			if (++found > 1 || length - n - 1 >= size)
				return out[0] = '\0', false;
			memcpy(out, header + n + 1, length - n - 1);
			out[length - n - 1] = '\0';
		}
		header += length;
		header += strspn(header, "; ");
	}
	return found == 1;
}
