/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who is it, in which language, and does the request come from where it should. */
#include "dashboard/visit.h"

#include <stdio.h>
#include <string.h>

#include "lib/id.h"

static const char *const languages[] = {"en", "fr", "ar"};

const char *
visit_cookie(const struct visit *v)
{
	return v->secure ? "__Host-daftar" : "daftar";
}

static const char *
known_language(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		if (strncmp(text, languages[i], 2) == 0 &&
			strchr("-,; ", text[2]) != NULL) /* "" too */
			return languages[i];
	return NULL;
}

/* The cookie's, else the first of the browser's that we speak, else English. */
static const char *
language_of(const struct http_request *r)
{
	char kept[8];
	const char *at = r->languages;

	if (cookie_find(r->cookie, "lang", kept, sizeof kept) && known_language(kept) != NULL)
		return known_language(kept);
	while (*at != '\0') {
		if (known_language(at) != NULL)
			return known_language(at);
		at += strcspn(at, ",");
		at += strspn(at, ", ");
	}
	return "en";
}

static void
fill_viewer(struct visit *v)
{
	char scheme[8] = "";

	if (!copy_text(v->viewer.lang, sizeof v->viewer.lang, language_of(v->r)))
		v->viewer.lang[0] = '\0';
	if (cookie_find(v->r->cookie, "scheme", scheme, sizeof scheme) &&
		(strcmp(scheme, "dark") == 0 || strcmp(scheme, "light") == 0))
		memcpy(v->viewer.scheme, scheme, sizeof v->viewer.scheme);
	if (v->session == NULL)
		return;
	memcpy(v->viewer.user, v->session->login.user, sizeof v->viewer.user);
	v->viewer.roles = v->session->login.roles;
	v->viewer.flash = &v->session->flash;
	v->viewer.ends = instant_now() + session_left(v->session, v->tick);
	session_token(v->session, v->viewer.csrf);
}

void
visit_take(struct visit *v, struct session *session)
{
	v->session = session;
	snprintf(v->set_cookie[0], sizeof v->set_cookie[0],
		"%s=%s; HttpOnly; SameSite=Strict; Path=/%s", visit_cookie(v), session->secret,
		v->secure ? "; Secure" : "");
}

void
visit_forget(struct visit *v)
{
	snprintf(v->set_cookie[0], sizeof v->set_cookie[0],
		"%s=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0%s", visit_cookie(v),
		v->secure ? "; Secure" : "");
	v->session = NULL;
}

/* Over TLS the certificate is the login: whoever has one that is in the configuration gets a
 * session by coming. */
static void
come_by_certificate(struct visit *v)
{
	const struct server_settings *set = v->server->set;

	for (size_t i = 0; i < set->n_users && v->r->certificate[0] != '\0'; i++) {
		struct login who;

		if (strcmp(set->users[i].certificate, v->r->certificate) != 0 ||
			!server_user(set, set->users[i].name, &who))
			continue;
		memcpy(who.certificate, v->r->certificate, sizeof who.certificate);
		visit_take(v, sessions_open(v->server->sessions, &who, v->tick));
		v->is_new = true;
		return;
	}
}

/* A live stream does not keep a session awake: an open window is nobody. */
static bool
is_use(const struct http_request *r)
{
	return strcmp(r->path, "/events") != 0;
}

void
visit_begin(struct visit *v, struct server *s, const struct http_request *r, bool secure)
{
	char secret[SECRET_TEXT_SIZE];

	*v = (struct visit){.server = s, .r = r, .secure = secure, .tick = monotonic_now()};
	if (cookie_find(r->cookie, visit_cookie(v), secret, sizeof secret))
		v->session = sessions_find(s->sessions, secret, r->certificate, v->tick, is_use(r));
	if (v->session == NULL && secure && r->method == HTTP_M_GET && is_use(r))
		come_by_certificate(v);
	fill_viewer(v);
	lang_switch(v->viewer.lang);
	broker_speak_as(s->broker,
		v->session != NULL && v->session->login.named ? v->session->login.user : NULL);
}

/* Browsers say where a request comes from (Fetch Metadata); the old ones that do not send Origin
 * with a form. Whatever sends neither is no browser, and has no cookie to be abused. */
bool
visit_is_ours(const struct visit *v)
{
	OWNED(char, origin, free_chars) =
		xprintf("%s://%s", v->secure ? "https" : "http", v->r->host);

	if (v->r->fetch_site[0] != '\0' && strcmp(v->r->fetch_site, "same-origin") != 0)
		return false;
	/* Our policy of referrers makes browsers say "null" of their own forms as well. */
	if (v->r->origin[0] == '\0' || strcmp(v->r->origin, "null") == 0)
		return v->r->fetch_site[0] != '\0';
	return strcmp(v->r->origin, origin) == 0;
}
