/* SPDX-License-Identifier: EUPL-1.2
 *
 * Other machines are let in over TLS and with client certificates, or not at all: half of the
 * settings for that is an error. */
#include "dashboard/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dashboard/tls.h"

static const struct setting of_a_user[] = {
	{"certificate", SET_TEXT, "", 0, 0, "SHA-256 of the client certificate, in hex"},
	{"role", SET_TEXT, "viewer", 0, 0,
		"viewer, operator, security, auditor; with spaces between"},
	{NULL, SET_TEXT, NULL, 0, 0, NULL},
};

const struct setting dashboard_settings[] = {
	{"control", SET_PATH, "control.sock", 0, 0, "control socket of daftard"},
	{"socket", SET_PATH, "dashboard.sock", 0, 0,
		"our own socket, asked by `daftar-dashboard link'"},
	{"port", SET_NUMBER, "0", 0, 65535, "port on 127.0.0.1; 0 takes any free one"},
	{"metrics-port", SET_NUMBER, "0", 0, 65535,
		"port on 127.0.0.1 for /metrics, /healthz and /readyz, without login; 0: none"},
	{"tls-listen", SET_TEXT, "", 0, 0,
		"address and port for other machines, 192.0.2.1:8443; nothing: none"},
	{"tls-certificate", SET_PATH, "", 0, 0, "PEM: our certificate and its chain"},
	{"tls-key", SET_PATH, "", 0, 0, "PEM: its key, mode 0600"},
	{"client-ca", SET_PATH, "", 0, 0, "PEM: who has signed the administrators' certificates"},
	{"client-crl", SET_PATH, "", 0, 0, "PEM: which of them are revoked"},
	{"hosts", SET_LIST, "", 0, 0, "names by which browsers call us over TLS"},
	{"user", SET_TITLED, "", 0, 0, "who may come in, by name of the system", SET_AT_RESTART,
		of_a_user},
	{NULL, SET_TEXT, NULL, 0, 0, NULL},
};

static enum err
say(enum err e, const char *what, const char *which, const char *next)
{
	fprintf(stderr, "daftar-dashboard: %s %s (%s); nothing was started. %s\n", what, which,
		err_word(e), next);
	return e;
}

/* "operator security" */
static bool
read_roles(const char *text, unsigned *out)
{
	static const struct {
		const char *word;
		unsigned role;
	} roles[] = {{"viewer", ROLE_VIEWER}, {"operator", ROLE_OPERATOR},
		{"security", ROLE_SECURITY}, {"auditor", ROLE_AUDITOR}};
	size_t n;

	*out = ROLE_VIEWER; /* whoever comes in may look */
	for (text += strspn(text, " ,"); *text != '\0'; text += n + strspn(text + n, " ,")) {
		size_t k = 0;

		n = strcspn(text, " ,");
		while (k < ARRAY_LEN(roles) &&
			(strlen(roles[k].word) != n || strncmp(roles[k].word, text, n) != 0))
			k++;
		if (k == ARRAY_LEN(roles))
			return false;
		*out |= roles[k].role;
	}
	return true;
}

/* With or without colons, in any case. */
static bool
read_fingerprint(const char *text, char out[DIGEST_TEXT_SIZE])
{
	struct digest d;
	size_t n = 0;

	for (; *text != '\0' && n + 1 < DIGEST_TEXT_SIZE; text++)
		if (*text != ':')
			out[n++] = *text >= 'A' && *text <= 'F' ? (char)(*text + 32) : *text;
	out[n] = '\0';
	return *text == '\0' && digest_parse(out, &d);
}

static enum err
read_user(const struct conf *c, size_t i, struct user *out)
{
	const char *name = conf_title(c, "user", i);
	const char *certificate = conf_inside(c, "user", i, "certificate");
	const char *role = conf_inside(c, "user", i, "role");

	if (name[0] == '\0' || !copy_text(out->name, sizeof out->name, name) ||
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") !=
			strlen(name))
		return say(
			E_CONFIG, "not a name of a user:", name, "Use at most 32 of a-z 0-9 . _ -");
	if (!read_roles(role == NULL ? "" : role, &out->roles))
		return say(E_CONFIG, "unknown role of user", name,
			"Use viewer, operator, security or auditor.");
	if (certificate != NULL && !read_fingerprint(certificate, out->certificate))
		return say(E_CONFIG, "not a SHA-256 fingerprint, of user", name,
			"Take it from: openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE");
	return E_OK;
}

/* Two persons with one key could not be told apart. */
static enum err
keys_differ(const struct user *users, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i && users[i].certificate[0] != '\0'; k++)
			if (strcmp(users[i].certificate, users[k].certificate) == 0)
				return say(E_CONFIG,
					"two users have one certificate:", users[i].name,
					"Give each a certificate of his own.");
	return E_OK;
}

static enum err
read_users(const struct conf *c, struct server_settings *out)
{
	size_t n = conf_titled(c, "user");
	struct user *users = xcalloc(n + 1, sizeof *users);

	out->users = users;
	out->n_users = n;
	for (size_t i = 0; i < n; i++)
		TRY(read_user(c, i, &users[i]));
	return keys_differ(users, n);
}

/* "192.0.2.1:8443", "[2001:db8::1]:8443"; the address is kept in `out'. */
static bool
read_address(const char *text, struct server_settings *out)
{
	const char *colon = strrchr(text, ':');
	bool six = text[0] == '[' && colon != NULL && colon > text && colon[-1] == ']';
	long port = colon == NULL ? 0 : strtol(colon + 1, NULL, 10);

	if (port < 1 || port > 65535)
		return false;
	out->tls_address =
		xprintf("%.*s", (int)(colon - text) - (six ? 2 : 0), text + (six ? 1 : 0));
	out->tls_port = (int)port;
	return true;
}

static enum err
read_tls(const struct conf *c, struct server_settings *out)
{
	const struct tls_files files = {conf_text(c, "tls-certificate"), conf_text(c, "tls-key"),
		conf_text(c, "client-ca"), conf_text(c, "client-crl")};
	const char *at = conf_text(c, "tls-listen");
	enum err e;

	out->n_hosts = conf_list(c, "hosts", &out->hosts);
	if (at == NULL)
		return E_OK;
	if (!read_address(at, out))
		return say(E_CONFIG, "not an address and port:", at,
			"Write tls-listen = \"192.0.2.1:8443\"");
	if (files.certificate == NULL || files.key == NULL || files.client_ca == NULL ||
		out->n_hosts == 0)
		return say(E_CONFIG, "tls-listen needs more:", at,
			"Give tls-certificate, tls-key, client-ca and hosts too.");
	e = tls_open(&files, &out->tls);
	return e == E_OK ? e
			 : say(e, "TLS cannot be set up:", err_sentence(e),
				   "Look at tls-certificate, tls-key, client-ca and client-crl.");
}

enum err
settings_read(const struct conf *c, struct server_settings *out)
{
	enum err e;

	out->control = conf_text(c, "control");
	out->port = (int)conf_number(c, "port");
	e = read_users(c, out);
	if (e == E_OK)
		e = read_tls(c, out);
	if (e != E_OK)
		settings_free(out);
	return e;
}

void
settings_free(struct server_settings *s)
{
	free((void *)(uintptr_t)s->users);
	free((void *)(uintptr_t)s->tls_address);
	if (s->tls != NULL)
		tls_free(&s->tls);
	*s = (struct server_settings){0};
}
