/* SPDX-License-Identifier: EUPL-1.2
 *
 * The order in which a request is looked at: was it refused at the door; is it meant for us (Host);
 * does a page of somebody else send it; who is it; and only then what it wants, from a closed
 * table. */
#include "dashboard/server.h"

#include <stdlib.h>
#include <string.h>

#include "dashboard/visit.h"
#include "lib/id.h"
#include "lib/log.h"

#define WITHOUT_SESSION 1
#define POST_ONLY 2

/* ---- small routes ---- */

/* A browser that another site sends here would sit in that one's name without knowing. */
static bool
is_sent_here(const struct http_request *r)
{
	return strncmp(r->fetch_site, "cross-", 6) == 0 || strcmp(r->fetch_site, "same-site") == 0;
}

static void
answer_elsewhere(struct visit *v)
{
	answer_notice(v, 403, N_("This request comes from another site"),
		N_("Only pages of the dashboard may send it. Nothing was changed."));
}

static void
go_in(struct visit *v)
{
	const char *key = query_text(&v->query, "key");
	struct session *session;

	if (is_sent_here(v->r)) {
		answer_elsewhere(v);
		return;
	}
	/* a link is for this machine; over TLS the certificate is the login */
	session =
		key == NULL || v->secure ? NULL : sessions_enter(v->server->sessions, key, v->tick);
	if (session == NULL) {
		answer_notice(v, 403, N_("This link has been used"),
			N_("A link opens the dashboard once, within an hour. Ask for a new one on "
			   "the "
			   "machine of the exchange: daftar-dashboard -c FILE link"));
		return;
	}
	log_line(LOG_NOTICE, "login user=%s by=link", session->login.user);
	if (v->session != NULL && v->session != session) /* of whoever sat here before */
		sessions_end(v->session);
	visit_take(v, session);
	answer_go(v, "/");
}

static void
go_out(struct visit *v)
{
	const char *token = query_text(&v->query, "token");

	if (token == NULL || !visit_is_ours(v) || !session_token_fits(v->session, token)) {
		answer_notice(v, 403, N_("This form is not from here"),
			N_("Go back, reload the page and try again. Nothing was changed."));
		return;
	}
	log_line(LOG_NOTICE, "logout user=%s", v->session->login.user);
	sessions_end(v->session);
	visit_forget(v);
	v->viewer.user[0] = '\0';
	answer_notice(v, 200, N_("You have left"),
		N_("The session has ended. Close the window, or come in by a new link."));
}

/* The browser says that somebody is there. */
static void
stay_awake(struct visit *v)
{
	if (!visit_is_ours(v)) {
		answer_notice(v, 403, N_("This form is not from here"),
			N_("Go back, reload the page and try again. Nothing was changed."));
		return;
	}
	answer_go(v, "/");
}

/* The first field of every page: a tracking number or id goes to its message, the rest to the list.
 */
static void
find_message(struct visit *v)
{
	const char *q = query_text(&v->query, "q");
	char number[TRACKING_SIZE];
	OWNED_BUF(to) = {0};
	struct id id;

	if (q != NULL && tracking_parse(q, number))
		buf_printf(&to, "/message?id=%s", number);
	else if (q != NULL && id_parse(q, &id))
		buf_printf(&to, "/message?id=%s", q);
	else if (q != NULL) {
		buf_text(&to, "/messages?q=");
		query_encode(q, &to);
	} else
		buf_text(&to, "/messages");
	answer_go(v, (const char *)to.data);
}

static const struct route {
	const char *path;
	int how;
	void (*answer)(struct visit *v);
} routes[] = {
	{"/enter", WITHOUT_SESSION, go_in},
	{"/find", 0, find_message},
	{"/events", 0, visit_events},
	{"/leave", POST_ONLY, go_out},
	{"/awake", POST_ONLY, stay_awake},
};

/* ---- what the browser prefers ---- */

static bool
set_preference(struct visit *v, const char *name, const char *const *values, size_t place)
{
	const char *wanted = query_text(&v->query, name);

	for (size_t i = 0; wanted != NULL && values[i] != NULL; i++) {
		if (strcmp(wanted, values[i]) != 0)
			continue;
		OWNED(char, cookie, free_chars) = xprintf(
			"%s=%s; SameSite=Strict; Path=/; Max-Age=%d%s", name, wanted,
			strcmp(wanted, "auto") == 0 ? 0 : 31536000, v->secure ? "; Secure" : "");
		if (!copy_text(v->set_cookie[place], sizeof v->set_cookie[place], cookie))
			return false;
		return query_set(&v->query, name, NULL);
	}
	return false;
}

/* ?lang=fr and ?scheme=dark on any page: kept in a cookie, and the same page again. */
static bool
took_preference(struct visit *v)
{
	static const char *const languages[] = {"en", "fr", "ar", NULL};
	static const char *const schemes[] = {"light", "dark", "auto", NULL};
	OWNED_BUF(to) = {0};

	/* one at a time; the second place, because the first may hold a new session */
	if (!set_preference(v, "lang", languages, 1) && !set_preference(v, "scheme", schemes, 1))
		return false;
	buf_text(&to, v->r->path);
	if (v->query.n > 0) {
		buf_text(&to, "?");
		query_write(&v->query, &to);
	}
	answer_go(v, (const char *)to.data);
	return true;
}

/* ---- guards ---- */

static bool
is_host(const char *host, const char *name, int port, int usual)
{
	OWNED(char, with, free_chars) = xprintf("%s:%d", name, port);

	return strcmp(host, with) == 0 || (port == usual && strcmp(host, name) == 0);
}

/* A name that points here from elsewhere must not open this door (DNS rebinding). */
static bool
host_is_ours(const struct server *s, const char *host, bool secure)
{
	static const char *const loopback[] = {"127.0.0.1", "localhost"};
	const struct server_settings *set = s->set;

	if (!secure) {
		for (size_t i = 0; i < ARRAY_LEN(loopback); i++)
			if (is_host(host, loopback[i], http_port(s->clear), 80))
				return true;
		return false;
	}
	for (size_t i = 0; i < set->n_hosts; i++)
		if (is_host(host, set->hosts[i], http_port(s->secure), 443))
			return true;
	return false;
}

/* What another site's page may do: follow a link to us. Its picture, script or form may not. */
static bool
is_from_elsewhere(const struct http_request *r)
{
	if (r->fetch_site[0] == '\0' || strcmp(r->fetch_site, "same-origin") == 0 ||
		strcmp(r->fetch_site, "none") == 0)
		return false;
	return r->method == HTTP_M_POST || strcmp(r->fetch_mode, "navigate") != 0;
}

static const struct {
	int status;
	const char *title, *sentence;
} refusals[] = {
	{405, N_("That is not possible here"), N_("The dashboard knows GET, HEAD and POST.")},
	{408, N_("The request came too slowly"), N_("Try again; nothing was changed.")},
	{413, N_("The form is too large"), N_("A form may have 16 KiB. Nothing was changed.")},
	{414, N_("The address is too long"), N_("Use fewer filters.")},
	{431, N_("The request's head is too large"),
		N_("It may have 8 KiB. Delete the cookies of this address.")},
	{400, N_("The request is not understood"),
		N_("It does not follow HTTP/1.1 to the letter; a proxy in between may be the "
		   "reason.")},
};

static void
refuse(struct visit *v, int status)
{
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(refusals) && refusals[i].status != status)
		i++;
	answer_notice(v, status, refusals[i].title, refusals[i].sentence);
}

static void
ask_to_come_in(struct visit *v)
{
	if (v->secure)
		answer_notice(v, 403, N_("Your certificate is not known here"),
			N_("The operator of the exchange enters its SHA-256 fingerprint at your "
			   "name in "
			   "the configuration of the dashboard."));
	else
		answer_notice(v, 403, N_("Please come in by a link"),
			N_("Ask for a one-time link on the machine of the exchange: "
			   "daftar-dashboard -c "
			   "FILE link"));
}

/* ---- what is wanted ---- */

static const struct route *
route_find(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (strcmp(routes[i].path, path) == 0)
			return &routes[i];
	return NULL;
}

/* /help/NAME is /help with the runbook's name. */
static const char *
path_of(struct visit *v)
{
	const char *path = v->r->path;

	if (strncmp(path, "/help/", 6) != 0 ||
		strspn(path + 6, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(path + 6))
		return path;
	return query_set(&v->query, "runbook", path + 6) ? "/help" : path;
}

static bool
take_query(struct visit *v)
{
	static const char form[] = "application/x-www-form-urlencoded";

	if (v->r->method != HTTP_M_POST)
		return query_parse(v->r->query, &v->query);
	return v->r->query.size == 0 && strncmp(v->r->type, form, sizeof form - 1) == 0 &&
	       query_parse(v->r->body, &v->query);
}

static void
serve(struct visit *v)
{
	const char *path = path_of(v);
	const struct route *route = route_find(path);
	const struct act *act = act_find(path);
	const struct screen *screen = screen_find(path);
	bool post = v->r->method == HTTP_M_POST;

	if (route == NULL && act == NULL && screen == NULL) {
		answer_notice(v, 404, N_("There is no such page"), N_("Go to the overview."));
		return;
	}
	if (v->session == NULL && (route == NULL || (route->how & WITHOUT_SESSION) == 0)) {
		ask_to_come_in(v);
		return;
	}
	if (act == NULL && post != (route != NULL && (route->how & POST_ONLY) != 0)) {
		refuse(v, 405);
		return;
	}
	if (!post && took_preference(v))
		return;
	broker_pulse(v->server->broker);
	if (act != NULL)
		visit_act(v, act);
	else if (route != NULL)
		route->answer(v);
	else
		visit_screen(v, screen);
}

static void
on_request(const struct http_request *r, struct server *s, bool secure)
{
	struct visit v;

	visit_begin(&v, s, r, secure);
	if (r->refused != 0)
		refuse(&v, r->refused);
	else if (!host_is_ours(s, r->host, secure))
		answer_notice(&v, 421, N_("Wrong address"),
			N_("Open the address that the dashboard printed, letter by letter."));
	else if (is_from_elsewhere(r))
		answer_elsewhere(&v);
	else if (!take_query(&v))
		refuse(&v, 400);
	else if (asset_is(r->path) && r->method != HTTP_M_POST)
		answer_asset(&v, r->path);
	else
		serve(&v);
}

static void
on_clear(const struct http_request *r, void *context)
{
	on_request(r, context, false);
}

static void
on_secure(const struct http_request *r, void *context)
{
	on_request(r, context, true);
}

/* ---- open and close ---- */

/* The catalogues are read now: later no file can be opened. */
static void
read_languages(void)
{
	static const char *const all[] = {"fr", "ar", "en"};

	lang_open("en", NULL);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		lang_switch(all[i]);
		(void)_("Overview");
	}
}

static void
on_change(void *context)
{
	struct server *s = context;

	if (s->live != NULL)
		live_changed(s->live);
}

enum err
server_open(struct event_base *base, const struct server_settings *set, struct server **out)
{
	OWNED(struct server, s, server_close) = xcalloc(1, sizeof *s);

	read_languages();
	s->base = base;
	s->set = set;
	s->sessions = sessions_new();
	s->broker = broker_new(base, set->control, on_change, s);
	s->live = live_new(s);
	TRY(http_open(base, "127.0.0.1", set->port, NULL, on_clear, s, &s->clear));
	if (set->tls != NULL)
		TRY(http_open(
			base, set->tls_address, set->tls_port, set->tls, on_secure, s, &s->secure));
	*out = TAKE(s);
	return E_OK;
}

void
server_close(struct server **s)
{
	if (*s == NULL)
		return;
	live_free(&(*s)->live);
	http_close(&(*s)->clear);
	http_close(&(*s)->secure);
	broker_free(&(*s)->broker);
	sessions_free(&(*s)->sessions);
	free(*s);
	*s = NULL;
}

char *
server_link(struct server *s, const struct login *who)
{
	char key[SECRET_TEXT_SIZE];

	sessions_link(s->sessions, who, monotonic_now(), key);
	return xprintf("http://127.0.0.1:%d/enter?key=%s", http_port(s->clear), key);
}

bool
server_user(const struct server_settings *set, const char *name, struct login *out)
{
	for (size_t i = 0; i < set->n_users; i++) {
		const struct user *u = &set->users[i];

		if (strcmp(u->name, name) != 0)
			continue;
		*out = (struct login){.roles = u->roles, .named = true};
		return copy_text(out->user, sizeof out->user, u->name);
	}
	return false;
}
