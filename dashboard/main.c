/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar-dashboard: reads its settings, opens the web server and its own control socket (from which
 * an administrator asks for one-time links), and runs one loop until it is told to stop. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dashboard/figures.h"
#include "dashboard/server.h"
#include "lib/conf.h"
#include "lib/control.h"
#include "lib/log.h"
#include "lib/notify.h"

static const struct setting settings[] = {
	{"control", SET_PATH, "control.sock", 0, 0, "control socket of daftard"},
	{"socket", SET_PATH, "dashboard.sock", 0, 0,
		"our own socket, asked by `daftar-dashboard link'"},
	{"port", SET_NUMBER, "0", 0, 65535, "port on 127.0.0.1; 0 takes any free one"},
	{"metrics-port", SET_NUMBER, "0", 0, 65535,
		"port on 127.0.0.1 for /metrics, /healthz and /readyz, without login; 0: none"},
	{NULL, SET_TEXT, NULL, 0, 0, NULL},
};

static const char usage[] =
	"usage: daftar-dashboard -c FILE [--check-config]     serve the dashboard\n"
	"       daftar-dashboard -c FILE link                 print a new one-time address\n"
	"       daftar-dashboard --help | --version\n"
	"\n"
	"The dashboard listens on 127.0.0.1 only. To look from another machine, forward the port\n"
	"over ssh. See daftar-dashboard(8).\n";

struct options {
	const char *file;
	bool check, link;
};

static void
on_signal(evutil_socket_t fd, short what, void *context)
{
	event_base_loopbreak(context);
}

/* The loop goes round. */
static void
on_well(evutil_socket_t fd, short what, void *context)
{
	notify_well();
}

static enum err
verb_link(void *context, const json_t *args, json_t **data)
{
	OWNED(char, address, free_chars) = server_link(context);

	*data = json_pack("{s:s}", "address", address);
	return E_OK;
}

static const struct control_verb verbs[] = {
	{"link", CONTROL_LOOKS, 0, "a new address that opens the dashboard once", verb_link, {{0}}},
	{0},
};

static int
ask_link(const struct conf *c)
{
	json_t *data = NULL;
	enum err e = control_call(conf_text(c, "socket"), "link", NULL, &data);

	if (e != E_OK) {
		fprintf(stderr,
			"daftar-dashboard: no link (%s): no dashboard runs with this "
			"configuration; start it with: daftar-dashboard -c FILE\n",
			err_word(e));
		return e == E_UNREACHABLE ? 10 : 1;
	}
	printf("%s\n", json_string_value(json_object_get(data, "address")));
	json_decref(data);
	return 0;
}

/* The door of machines, where one is wished. */
static enum err
open_figures(const struct conf *c, struct event_base *base, struct figures **out)
{
	int port = (int)conf_number(c, "metrics-port");

	if (port == 0 || figures_open(base, port, conf_text(c, "control"), out) == E_OK)
		return E_OK;
	fprintf(stderr, "daftar-dashboard: cannot listen on metrics-port %d; is it free? (IO)\n",
		port);
	return E_IO;
}

static int
serve(const struct conf *c)
{
	struct event_base *base = event_base_new();
	OWNED(struct server, server, server_close) = NULL;
	OWNED(struct control_server, control, control_close) = NULL;
	OWNED(struct figures, figures, figures_close) = NULL;
	static const struct timeval often = {5, 0};
	struct event *stop[2], *well;
	enum err e;

	if (base == NULL)
		die("event");
	signal(SIGPIPE, SIG_IGN);
	e = server_open(base, (int)conf_number(c, "port"), conf_text(c, "control"), &server);
	if (e == E_OK)
		e = control_listen(base, conf_text(c, "socket"), verbs, server, &control);
	if (e != E_OK) {
		fprintf(stderr, "daftar-dashboard: cannot listen on port %ld or at %s (%s)\n",
			conf_number(c, "port"), conf_text(c, "socket"), err_word(e));
		return 1;
	}
	if (open_figures(c, base, &figures) != E_OK)
		return 1;
	stop[0] = evsignal_new(base, SIGTERM, on_signal, base);
	stop[1] = evsignal_new(base, SIGINT, on_signal, base);
	event_add(stop[0], NULL);
	event_add(stop[1], NULL);
	OWNED(char, address, free_chars) = server_link(server);
	printf("%s\n", address);
	fflush(stdout);
	log_line(LOG_NOTICE, "ready");
	well = event_new(base, -1, EV_PERSIST, on_well, NULL);
	if (well == NULL || event_add(well, &often) != 0)
		die("event");
	notify_supervisor("READY=1");
	event_base_dispatch(base);
	notify_supervisor("STOPPING=1");
	event_free(well);
	event_free(stop[0]);
	event_free(stop[1]);
	control_close(&control);
	figures_close(&figures);
	server_close(&server);
	event_base_free(base);
	return 0;
}

static int
read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, 'k'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
		if (c == 'c')
			o->file = optarg;
		else if (c == 'k')
			o->check = true;
		else if (c == 'v')
			return printf("daftar-dashboard %s\n", PACKAGE_VERSION), 0;
		else
			return fputs(usage, c == 'h' ? stdout : stderr), c == 'h' ? 0 : 2;
	}
	if (optind < argc && strcmp(argv[optind], "link") == 0)
		o->link = true, optind++;
	if (optind < argc || o->file == NULL)
		return fputs(usage, stderr), 2;
	return -1;
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
	if (conf_load(o.file, settings, &conf) != E_OK)
		return 1;
	if (o.check)
		return conf_print(conf), 0;
	return o.link ? ask_link(conf) : serve(conf);
}
