/* SPDX-License-Identifier: EUPL-1.2
 *
 * The loop of daftar-alert. It asks for the list of alerts whenever the exchange says that
 * something has changed, and twice a minute anyway; that the exchange does not answer is an alert
 * of its own. */
#include "broker/teller_watch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/notify.h"
#include "broker/teller_text.h"
#include "lib/control.h"
#include "lib/log.h"

#define TICK_MS 200
#define LOOK_MS 30000
#define RETRY_MS 2000

/* ---- handing over ---- */

static void
save(struct watcher *w)
{
	enum err e = tellers_save(conf_text(w->conf, "state"), w->teller);

	if (e != E_OK)
		log_line(LOG_ERROR, "what was told is not written down code=%s", err_word(e));
}

static void
handed_over(struct watcher *w, enum channel_kind k)
{
	struct channel *c = &w->channel[k];

	teller_told(&w->teller[k], c->news, c->of, instant_now());
	log_line(LOG_NOTICE, "told channel=%s alerts=%zu", channel_word(k),
		json_array_size(c->news));
	save(w);
}

static void
drop(struct channel *c)
{
	json_decref(c->news);
	json_decref(c->of);
	c->news = c->of = NULL;
	c->first = 0;
}

static void
look_at_sending(struct watcher *w, enum channel_kind k, int64_t tick)
{
	struct channel *c = &w->channel[k];
	enum sent sent = sending_look(&c->sending, tick);

	if (sent == SENT_WAITS)
		return;
	if (sent == SENT_DONE)
		handed_over(w, k);
	else
		log_line(LOG_WARNING, "not told channel=%s alerts=%zu failed=%u next=%llds",
			channel_word(k), json_array_size(c->news), c->sending.failed,
			(long long)(c->sending.next - tick) / 1000);
	drop(c);
	w->next_look = 0;
}

/* ---- news ---- */

/* The last list, and the exchange's own silence. */
static json_t *
all_alerts(const struct watcher *w)
{
	json_t *all = json_copy(w->alerts);

	if (all == NULL || (w->away != NULL && json_array_append(all, w->away) != 0))
		die("memory");
	return all;
}

static void
look_for_news(struct watcher *w, enum channel_kind k, int64_t tick)
{
	struct channel *c = &w->channel[k];
	OWNED(json_t, alerts, json_decrefp) = NULL;
	OWNED(json_t, news, json_decrefp) = NULL;

	if (!c->route.on || c->sending.pid != 0 || tick < c->sending.next || w->alerts == NULL)
		return;
	alerts = all_alerts(w);
	news = teller_news(&w->teller[k], &c->route, alerts, instant_now());
	if (json_array_size(news) == 0) {
		bool begins = !w->teller[k].begun;

		teller_told(&w->teller[k], news, alerts, instant_now());
		if (begins)
			save(w);
		c->first = 0;
		return;
	}
	if (c->first == 0)
		c->first = tick;
	if (tick - c->first < conf_number(w->conf, "digest-seconds") * 1000)
		return;
	watcher_hand_over(w, k, news);
	c->news = TAKE(news);
	c->of = TAKE(alerts);
}

/* ---- the exchange ---- */

json_t *
watcher_silence(int64_t since, const char *state)
{
	char text[INSTANT_TEXT_SIZE], now[INSTANT_TEXT_SIZE];
	json_t *o;

	instant_format(since, text);
	instant_format(instant_now(), now);
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", "0", "rule",
		"unreachable", "severity", "critical", "subject", "", "what", silence_sentence,
		"sentence", silence_sentence, "since", text, "state", state, "runbook",
		"unreachable");
	if (o == NULL || (strcmp(state, "ended") == 0 &&
				 json_object_set_new(o, "ended", json_string(now)) != 0))
		die("memory");
	return o;
}

static void
set_away(struct watcher *w, json_t *alert)
{
	json_decref(w->away);
	w->away = alert;
}

static void
look_away(struct watcher *w)
{
	int64_t now = instant_now();

	if (w->away_since == 0)
		w->away_since = now;
	if (now - w->away_since < conf_number(w->conf, "unreachable-seconds") * 1000)
		return;
	if (w->away == NULL ||
		strcmp(json_string_value(json_object_get(w->away, "state")), "firing") != 0) {
		log_line(LOG_ERROR, "the exchange does not answer");
		set_away(w, watcher_silence(w->away_since, "firing"));
	}
	if (w->alerts == NULL)
		w->alerts = json_array();
}

static void
look_back(struct watcher *w)
{
	int64_t since = 0;

	w->away_since = 0;
	if (w->away == NULL ||
		strcmp(json_string_value(json_object_get(w->away, "state")), "firing") != 0)
		return;
	if (instant_parse(json_string_value(json_object_get(w->away, "since")), &since))
		set_away(w, watcher_silence(since, "ended"));
	log_line(LOG_NOTICE, "the exchange answers again");
}

static void
look(struct watcher *w, int64_t tick)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	OWNED(json_t, args, json_decrefp) = json_pack("{s:b}", "all", 1);
	enum err e = control_call(conf_text(w->conf, "control"), "alert.list", args, &data);
	const char *realm;

	w->next_look = tick + (e == E_OK ? LOOK_MS : RETRY_MS);
	if (e != E_OK) {
		look_away(w);
		return;
	}
	look_back(w);
	json_decref(w->alerts);
	w->alerts = json_incref(json_object_get(data, "alerts"));
	if (!json_is_array(w->alerts))
		die("the exchange gives no list of alerts");
	realm = json_string_value(json_object_get(data, "realm"));
	if (realm != NULL) {
		free(w->realm);
		w->realm = xstrdup(realm);
	}
}

static void
unwatch(struct watcher *w)
{
	if (w->lines != NULL)
		event_free(w->lines);
	w->lines = NULL;
	close_fd(&w->watch);
}

static void
on_lines(evutil_socket_t fd, short what, void *context)
{
	struct watcher *w = context;
	char sink[16384];

	(void)what;
	if (read(fd, sink, sizeof sink) <= 0)
		unwatch(w);
	w->next_look = 0;
}

static void
watch(struct watcher *w, int64_t tick)
{
	if (w->watch >= 0 || tick < w->next_watch)
		return;
	w->next_watch = tick + RETRY_MS;
	if (control_watch(conf_text(w->conf, "control"), &w->watch) != E_OK) {
		w->watch = -1;
		return;
	}
	evutil_make_socket_nonblocking(w->watch);
	w->lines = event_new(w->base, w->watch, EV_READ | EV_PERSIST, on_lines, w);
	if (w->lines == NULL || event_add(w->lines, NULL) != 0)
		die("event");
	w->next_look = 0;
}

/* ---- the loop ---- */

static void
on_tick(evutil_socket_t fd, short what, void *context)
{
	struct watcher *w = context;
	int64_t tick = monotonic_now();

	(void)fd;
	(void)what;
	watch(w, tick);
	if (tick >= w->next_look)
		look(w, tick);
	for (enum channel_kind k = 0; k < CHANNELS; k++) {
		look_at_sending(w, k, tick);
		look_for_news(w, k, tick);
	}
	notify_well();
}

static void
on_stop(evutil_socket_t fd, short what, void *context)
{
	struct watcher *w = context;

	(void)fd;
	(void)what;
	notify_supervisor("STOPPING=1");
	event_base_loopbreak(w->base);
}

static void
start_events(struct watcher *w)
{
	static const struct timeval every = {0, TICK_MS * 1000};

	w->base = event_base_new();
	if (w->base == NULL)
		die("event");
	w->tick = event_new(w->base, -1, EV_PERSIST, on_tick, w);
	w->term = evsignal_new(w->base, SIGTERM, on_stop, w);
	w->intr = evsignal_new(w->base, SIGINT, on_stop, w);
	if (w->tick == NULL || w->term == NULL || w->intr == NULL ||
		event_add(w->tick, &every) != 0 || event_add(w->term, NULL) != 0 ||
		event_add(w->intr, NULL) != 0)
		die("event");
}

/* A silence that was told, and may have ended while nobody looked. */
static void
remember_silence(struct watcher *w)
{
	int64_t since;

	for (enum channel_kind k = 0; k < CHANNELS; k++)
		for (size_t i = 0; i < w->teller[k].n; i++)
			if (w->teller[k].told[i].id == 0 && w->away == NULL &&
				instant_parse(w->teller[k].told[i].since, &since))
				w->away = watcher_silence(since, "firing");
}

void
watcher_close(struct watcher *w)
{
	unwatch(w);
	for (enum channel_kind k = 0; k < CHANNELS; k++) {
		sending_stop(&w->channel[k].sending);
		drop(&w->channel[k]);
		teller_free(&w->teller[k]);
	}
	if (w->base != NULL) {
		event_free(w->tick);
		event_free(w->term);
		event_free(w->intr);
		event_base_free(w->base);
	}
	json_decref(w->alerts);
	json_decref(w->away);
	buf_free(&w->key);
	free(w->realm);
}

/* Two that share what was told would tell it twice. Held until the process ends. */
static enum err
lock(const char *file)
{
	OWNED(char, name, free_chars) = xprintf("%s.lock", file);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return E_OK;
	fprintf(stderr, "daftar-alert: %s: %s [%s]\n", name,
		fd < 0 ? "cannot be written" : "another daftar-alert runs with this state",
		err_word(fd < 0 ? E_IO : E_LOCKED));
	close_fd(&fd);
	return E_LOCKED;
}

int
watcher_serve(struct watcher *w)
{
	const char *file = conf_text(w->conf, "state");
	enum err e;

	if (lock(file) != E_OK)
		return EXIT_FAILURE;
	e = tellers_load(file, w->teller);

	if (e != E_OK && e != E_NOT_FOUND) {
		fprintf(stderr,
			"daftar-alert: %s cannot be understood; nothing is lost: move it away, and "
			"what lasts is told once more [%s]\n",
			file, err_word(e));
		return EXIT_FAILURE;
	}
	remember_silence(w);
	(void)signal(SIGPIPE, SIG_IGN);
	start_events(w);
	log_line(LOG_NOTICE, "watching");
	notify_supervisor("READY=1");
	event_base_dispatch(w->base);
	log_line(LOG_NOTICE, "stopped");
	return EXIT_SUCCESS;
}
