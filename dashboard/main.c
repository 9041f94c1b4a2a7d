/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar-dashboard: reads its settings, opens the web server and its own control socket (from which
 * an administrator asks for one-time links), locks itself in, and runs one loop until it is told to
 * stop. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dashboard/figures.h"
#include "dashboard/settings.h"
#include "lib/control.h"
#include "lib/log.h"
#include "lib/log_journal.h"
#include "lib/notify.h"
#include "lib/sandbox.h"

static const char usage[] =
	"usage: daftar-dashboard -c FILE [--check-config]     serve the dashboard\n"
	"       daftar-dashboard -c FILE link [--user NAME]   print a new one-time address\n"
	"       daftar-dashboard --help | --version\n"
	"\n"
	"Without TLS the dashboard listens on 127.0.0.1 only. To look from another machine, "
	"forward\n"
	"the port over ssh, or give it a certificate. See daftar-dashboard(8).\n";

struct options {
	const char *file, *user;
	bool check, link;
};

/* What the verbs of our own socket work with. */
struct desk {
	struct server *server;
	struct control_server *control;
	struct figures *figures; /* the door of machines, where one is wished */
	const struct server_settings *set;
};

static void
on_signal(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	event_base_loopbreak(context);
}

/* The loop goes round. */
static void
on_well(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	(void)context;
	notify_well();
}

/* ---- links ---- */

/* Without a name: whoever asks. On this machine he is root or the dashboard's own user, who may do
 * everything over the control socket anyhow; with users in the configuration he only looks. */
static bool
login_of(const struct desk *d, const char *name, struct login *out)
{
	*out = (struct login){.roles = d->set->n_users == 0 ? ROLE_ANY : ROLE_VIEWER};
	if (name != NULL)
		return server_user(d->set, name, out);
	return copy_text(out->user, sizeof out->user, "local");
}

static enum err
verb_link(void *context, const json_t *args, json_t **data)
{
	const struct desk *d = context;
	struct login who;

	if (!login_of(d, json_string_value(json_object_get(args, "user")), &who))
		return E_NOT_FOUND;
	OWNED(char, address, free_chars) = server_link(d->server, &who);
	*data = json_pack("{s:s}", "address", address);
	return E_OK;
}

static const struct control_verb verbs[] = {
	{"link", CONTROL_LOOKS, 0, "a new address that opens the dashboard once", verb_link,
		{{"user", CONTROL_TEXT, CONTROL_OPTIONAL, "for whom, of the configuration", 0,
			32}}},
	{0},
};

static int
ask_link(const struct conf *c, const char *user)
{
	OWNED(json_t, args, json_decrefp) = json_pack("{s:s*}", "user", user);
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = control_call(conf_text(c, "socket"), "link", args, &data);

	if (e == E_NOT_FOUND) {
		fprintf(stderr,
			"daftar-dashboard: no link (%s): the configuration has no user "
			"\"%s\"; nothing was changed. Add: user \"%s\" { role = \"viewer\" }\n",
			err_word(e), user, user);
		return 1;
	}
	if (e != E_OK) {
		fprintf(stderr,
			"daftar-dashboard: no link (%s): no dashboard runs with this "
			"configuration; start it with: daftar-dashboard -c FILE\n",
			err_word(e));
		return e == E_UNREACHABLE ? 10 : 1;
	}
	printf("%s\n", json_string_value(json_object_get(data, "address")));
	return 0;
}

/* ---- serving ---- */

/* Sockets and nothing else: no file by name, no other program. */
static enum err
confine(void)
{
	const struct sandbox walls = {.network = true};

	TRY(sandbox_enter(&walls));
	return sandbox_prove(&walls);
}

static enum err
open_all(struct event_base *base, const struct conf *c, struct desk *d)
{
	int port = (int)conf_number(c, "metrics-port");

	TRY(server_open(base, d->set, &d->server));
	TRY(control_listen(base, conf_text(c, "socket"), verbs, d, &d->control));
	return port == 0 ? E_OK : figures_open(base, port, conf_text(c, "control"), &d->figures);
}

/* Not into the journal, which others may read: who has the address is who it is for. */
static void
say_address(struct desk *d)
{
	struct login who;

	if (journal_is(STDOUT_FILENO, getenv("JOURNAL_STREAM")) || !login_of(d, NULL, &who))
		return;
	OWNED(char, address, free_chars) = server_link(d->server, &who);
	printf("%s\n", address);
	fflush(stdout);
}

static void
run(struct event_base *base, struct desk *d)
{
	struct event *stop[2] = {evsignal_new(base, SIGTERM, on_signal, base),
		evsignal_new(base, SIGINT, on_signal, base)};
	struct event *well = event_new(base, -1, EV_PERSIST, on_well, NULL);
	static const struct timeval often = {5, 0};

	if (well == NULL || event_add(well, &often) != 0)
		die("event");

	event_add(stop[0], NULL);
	event_add(stop[1], NULL);
	say_address(d);
	log_line(LOG_NOTICE, "ready");
	notify_supervisor("READY=1");
	event_base_dispatch(base);
	notify_supervisor("STOPPING=1");
	event_free(well);
	event_free(stop[0]);
	event_free(stop[1]);
}

static int
serve(const struct conf *c)
{
	struct server_settings set = {0};
	struct desk desk = {.set = &set};
	struct event_base *base;
	enum err e;

	signal(SIGPIPE, SIG_IGN);
	if (settings_read(c, &set) != E_OK)
		return 1;
	base = event_base_new();
	if (base == NULL)
		die("event");
	e = open_all(base, c, &desk);
	if (e != E_OK)
		fprintf(stderr,
			"daftar-dashboard: cannot listen on port %d, metrics-port %ld or at %s; "
			"are they free? (%s)\n",
			set.port, conf_number(c, "metrics-port"), conf_text(c, "socket"),
			err_word(e));
	else if ((e = confine()) != E_OK)
		fprintf(stderr, "daftar-dashboard: %s (%s)\n", err_sentence(e), err_word(e));
	else
		run(base, &desk);
	figures_close(&desk.figures);
	control_close(&desk.control);
	server_close(&desk.server);
	event_base_free(base);
	settings_free(&set);
	return e == E_OK ? 0 : 1;
}

static int
read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, 'k'}, {"user", required_argument, NULL, 'u'},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
		if (c == 'c')
			o->file = optarg;
		else if (c == 'k')
			o->check = true;
		else if (c == 'u')
			o->user = optarg;
		else if (c == 'v')
			return printf("daftar-dashboard %s\n", PACKAGE_VERSION), 0;
		else
			return fputs(usage, c == 'h' ? stdout : stderr), c == 'h' ? 0 : 2;
	}
	if (optind < argc && strcmp(argv[optind], "link") == 0)
		o->link = true, optind++;
	if (optind < argc || o->file == NULL || (o->user != NULL && !o->link))
		return fputs(usage, stderr), 2;
	return -1;
}

static int
check(const struct conf *c)
{
	struct server_settings set = {0};

	if (settings_read(c, &set) != E_OK)
		return 1;
	conf_print(c);
	settings_free(&set);
	return 0;
}

int
main(int argc, char **argv)
{
	OWNED(struct conf, conf, conf_free) = NULL;
	struct options o = {0};
	int status = read_options(argc, argv, &o);

	if (status >= 0)
		return status;
	log_open("daftar-dashboard", LOG_NOTICE);
	if (conf_load(o.file, dashboard_settings, &conf) != E_OK)
		return 1;
	if (o.check)
		return check(conf);
	return o.link ? ask_link(conf, o.user) : serve(conf);
}
