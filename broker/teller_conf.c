/* SPDX-License-Identifier: EUPL-1.2
 *
 * The settings of daftar-alert: who is told what, by which way. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/teller_watch.h"
#include "lib/file.h"

#define KEY_MOST 4096

const struct setting teller_settings[] = {
	{"control", SET_PATH, "control.sock", 0, 0, "control socket of daftard"},
	{"state", SET_PATH, "daftar-alert.state", 0, 0, "file of what has been told"},
	{"language", SET_TEXT, "", 0, 0, "of mails: en, fr or ar"},
	{"dashboard", SET_TEXT, "", 0, 0, "address that stands below mails"},
	{"digest-seconds", SET_NUMBER, "5", 0, 3600, "wait so long for more to tell at once"},
	{"repeat-hours", SET_NUMBER, "24", 0, 720,
		"what still fires and nobody has seen is told again; 0: never"},
	{"endings", SET_SWITCH, "yes", 0, 0, "tell also that something is over"},
	{"unreachable-seconds", SET_NUMBER, "60", 1, 86400,
		"an exchange that does not answer for so long is an alert"},
	{"timeout-seconds", SET_NUMBER, "60", 1, 600, "for handing over to one receiver"},
	{"mail-to", SET_LIST, "", 0, 0, "addresses; without any there is no mail"},
	{"mail-from", SET_TEXT, "", 0, 0, "address of the sender"},
	{"mail-command", SET_LIST, "", 0, 0, "that takes a mail; /usr/sbin/sendmail -t -i"},
	{"mail-severity", SET_TEXT, "warning", 0, 0, "the least that is told: warning, critical"},
	{"mail-rules", SET_LIST, "", 0, 0, "only these rules; all when there is none"},
	{"webhook-url", SET_TEXT, "", 0, 0, "http or https address that takes JSON"},
	{"webhook-key", SET_PATH, "", 0, 0, "file with the key that signs it, mode 0600"},
	{"webhook-ca", SET_PATH, "", 0, 0, "authorities to trust instead of the system's"},
	{"webhook-severity", SET_TEXT, "warning", 0, 0, "as for mail"},
	{"webhook-rules", SET_LIST, "", 0, 0, "as for mail"},
	{"command", SET_LIST, "", 0, 0, "program and arguments, given JSON; no shell"},
	{"command-severity", SET_TEXT, "warning", 0, 0, "as for mail"},
	{"command-rules", SET_LIST, "", 0, 0, "as for mail"},
	{0},
};

static enum err
complain(const char *name, const char *what)
{
	fprintf(stderr, "daftar-alert: %s %s [CONFIG]\n", name, what);
	return E_CONFIG;
}

static enum err
read_route(const struct conf *c, enum channel_kind k, struct route *r)
{
	OWNED(char, severity, free_chars) = xprintf("%s-severity", channel_word(k));
	OWNED(char, rules, free_chars) = xprintf("%s-rules", channel_word(k));
	const char *least = conf_text(c, severity);
	enum alert_rule rule;

	r->least = SEVERITY_WARNING;
	if (least != NULL && strcmp(least, "critical") == 0)
		r->least = SEVERITY_CRITICAL;
	else if (least == NULL || strcmp(least, "warning") != 0)
		return complain(severity, "is warning or critical");
	r->n_rules = conf_list(c, rules, &r->rules);
	for (size_t i = 0; i < r->n_rules; i++)
		if (!alert_parse(r->rules[i], &rule) && strcmp(r->rules[i], "unreachable") != 0)
			return complain(rules, "names a rule that there is not (daftarctl alert "
					       "rules lists them)");
	r->endings = conf_switch(c, "endings");
	r->repeat = conf_number(c, "repeat-hours") * 3600000ll;
	return E_OK;
}

static enum err
read_key(struct watcher *w)
{
	const char *file = conf_text(w->conf, "webhook-key");
	struct stat st;

	if (file == NULL)
		return E_OK;
	if (stat(file, &st) != 0 || file_read(file, KEY_MOST, &w->key) != E_OK)
		return complain("webhook-key", "cannot be read");
	if ((st.st_mode & 077) != 0)
		return complain("webhook-key", "may be read by others; give it mode 0600");
	while (w->key.size > 0 && w->key.data[w->key.size - 1] == '\n')
		w->key.size--;
	return w->key.size >= 16 ? E_OK : complain("webhook-key", "is shorter than 16 octets");
}

enum err
watcher_settings(struct watcher *w)
{
	const struct conf *c = w->conf;
	const char *const *list;
	const char *url = conf_text(c, "webhook-url");

	for (enum channel_kind k = 0; k < CHANNELS; k++)
		TRY(read_route(c, k, &w->channel[k].route));
	TRY(read_key(w));
	if (url != NULL && strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return complain("webhook-url", "begins with https:// or http://");
	w->channel[CHANNEL_MAIL].route.on = conf_list(c, "mail-to", &list) > 0;
	w->channel[CHANNEL_WEBHOOK].route.on = url != NULL;
	w->channel[CHANNEL_COMMAND].route.on = conf_list(c, "command", &list) > 0;
	if (w->channel[CHANNEL_COMMAND].route.on && list[0][0] != '/')
		return complain("command", "begins with the path of a program");
	w->webhook = (struct webhook){.url = url,
		.ca = conf_text(c, "webhook-ca"),
		.key = buf_bytes(&w->key),
		.timeout = conf_number(c, "timeout-seconds")};
	for (enum channel_kind k = 0; k < CHANNELS; k++)
		if (w->channel[k].route.on)
			return E_OK;
	return complain("mail-to, webhook-url, command", "are all empty: nobody would be told");
}
