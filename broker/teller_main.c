/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar-alert: watches the exchange over its control socket and tells people. Options, what is
 * handed over by which way, and a trial of all ways. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "broker/teller_text.h"
#include "broker/teller_watch.h"
#include "lib/lang.h"
#include "lib/log.h"

#define EXIT_USAGE 2
#define DEFAULT_FILE "/etc/daftar/daftar-alert.conf"

/* ---- handing over ---- */

static struct letter
letter_of(const struct watcher *w)
{
	struct letter l = {.exchange = w->realm != NULL ? w->realm : "?",
		.from = conf_text(w->conf, "mail-from"),
		.more = conf_text(w->conf, "dashboard")};

	l.n_to = conf_list(w->conf, "mail-to", &l.to);
	return l;
}

void
watcher_hand_over(struct watcher *w, enum channel_kind k, const json_t *news)
{
	static const char *const usual[] = {"/usr/sbin/sendmail", "-t", "-i", NULL};
	int64_t timeout = conf_number(w->conf, "timeout-seconds") * 1000, now = instant_now();
	struct sending *s = &w->channel[k].sending;
	struct letter l = letter_of(w);
	const char *const *argv = usual;
	OWNED_BUF(text) = {0};

	switch (k) {
	case CHANNEL_MAIL:
		if (conf_list(w->conf, "mail-command", &argv) == 0)
			argv = usual;
		letter_write(&text, &l, news, now);
		sending_command(s, argv, buf_bytes(&text), timeout);
		return;
	case CHANNEL_WEBHOOK:
		letter_json(&text, &l, news, now);
		sending_webhook(s, &w->webhook, buf_bytes(&text), now);
		return;
	case CHANNEL_COMMAND:
		(void)conf_list(w->conf, "command", &argv);
		letter_json(&text, &l, news, now);
		sending_command(s, argv, buf_bytes(&text), timeout);
		return;
	case CHANNELS:
		return;
	}
}

/* ---- a trial ---- */

static bool
try_channel(struct watcher *w, enum channel_kind k)
{
	const struct timespec pause = {0, 20000000};
	json_t *alert = watcher_silence(instant_now(), "ended");
	OWNED(json_t, news, json_decrefp) = json_array();
	enum sent sent;

	json_object_set_new(alert, "news", json_string("ended"));
	json_object_set_new(alert, "what", json_string(trial_sentence));
	json_object_set_new(alert, "sentence", json_string(trial_sentence));
	json_object_set_new(alert, "rule", json_string("trial"));
	json_array_append_new(news, alert);
	watcher_hand_over(w, k, news);
	while ((sent = sending_look(&w->channel[k].sending, monotonic_now())) == SENT_WAITS)
		nanosleep(&pause, NULL);
	printf("%s: %s\n", channel_word(k), sent == SENT_DONE ? "handed over" : "FAILED");
	return sent == SENT_DONE;
}

static int
try_all(struct watcher *w)
{
	bool good = true;

	for (enum channel_kind k = 0; k < CHANNELS; k++)
		if (w->channel[k].route.on)
			good = try_channel(w, k) && good;
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- options ---- */

static void
usage(FILE *to)
{
	fputs("usage: daftar-alert [--config FILE] [--check-config | --test]\n"
	      "Tells people by mail, webhook or command what an exchange's alerts are.\n"
	      "  --config FILE   settings; without it " DEFAULT_FILE "\n"
	      "  --check-config  say what is wrong with them, print them, stop\n"
	      "  --test          hand a trial over by every channel, say what came of it, stop\n"
	      "  --help, --version\n"
	      "exit status: 0 stopped as told, 1 failed, 2 wrong usage\n",
		to);
}

enum task { TASK_SERVE, TASK_CHECK, TASK_TRY };

/* -1: go on; otherwise the exit status. */
static int
read_options(int argc, char **argv, const char **file, enum task *task)
{
	static const struct option known[] = {{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, 'k'}, {"test", no_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {0}};
	int c;

	while ((c = getopt_long(argc, argv, "c:", known, NULL)) != -1) {
		if (c == 'c')
			*file = optarg;
		else if (c == 'k')
			*task = TASK_CHECK;
		else if (c == 't')
			*task = TASK_TRY;
		else if (c == 'V')
			return puts("daftar-alert " PACKAGE_VERSION) < 0;
		else {
			usage(c == 'h' ? stdout : stderr);
			return c == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "daftar-alert: `%s' is not understood; see --help\n", argv[optind]);
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	__attribute__((cleanup(watcher_close))) struct watcher w = {.watch = -1};
	OWNED(struct conf, conf, conf_free) = NULL;
	const char *file = DEFAULT_FILE;
	enum task task = TASK_SERVE;
	int status = read_options(argc, argv, &file, &task);

	if (status >= 0)
		return status;
	log_open("daftar-alert", LOG_NOTICE);
	if (conf_load(file, teller_settings, &conf) != E_OK)
		return EXIT_FAILURE;
	w.conf = conf;
	if (watcher_settings(&w) != E_OK)
		return EXIT_FAILURE;
	lang_open(conf_text(conf, "language"), NULL);
	switch (task) {
	case TASK_CHECK:
		conf_print(conf);
		return EXIT_SUCCESS;
	case TASK_TRY:
		return try_all(&w);
	case TASK_SERVE:
		return watcher_serve(&w);
	}
	return EXIT_FAILURE;
}
