/* SPDX-License-Identifier: EUPL-1.2
 *
 * The table of settings, and how those that can change while daftard runs come into force. */
#include <string.h>

#include "broker/contacts.h"
#include "broker/daftard.h"
#include "lib/log.h"

const struct setting daftard_settings[] = {
	{"trust-list", SET_PATH, NULL, 0, 0, "the realm's signed trust list"},
	{"operator-certificate", SET_PATH, NULL, 0, 0, "certificate of the realm's operator"},
	{"party-dir", SET_PATH, NULL, 0, 0, "folder with the exchange's log.key and curve.key"},
	{"store", SET_PATH, NULL, 0, 0, "folder of the store"},
	{"store-size", SET_NUMBER, "1024", 16, 1048576, "room of the store in MiB, taken at once"},
	{"store-key", SET_PATH, "", 0, 0,
		"key of the store's records; without it store.key in party-dir"},
	{"backup-dir", SET_PATH, "", 0, 0, "folder beneath which daftarctl backup makes copies"},
	{"listen", SET_TEXT, "tcp://127.0.0.1:7601", 0, 0,
		"where peers connect; port * takes a free one"},
	{"messages-per-minute", SET_NUMBER, "60000", 0, 6000000,
		"that one party may bring, 0: no bound; the trust list may say otherwise",
		.effect = SET_AT_RELOAD},
	{"messages-per-day", SET_NUMBER, "100000", 0, 100000000,
		"that one party may bring, 0: no bound", .effect = SET_AT_RELOAD},
	{"kib-per-minute", SET_NUMBER, "1048576", 0, 4194303, "likewise", .effect = SET_AT_RELOAD},
	{"store-share", SET_NUMBER, "25", 0, 100,
		"percent of the store that the open messages of one sender may fill, 0: no bound",
		.effect = SET_AT_RELOAD},
	{"aside-after", SET_NUMBER, "10", 0, 1000,
		"offers that a message is not taken of, until it is set aside; 0: never",
		.effect = SET_AT_RELOAD},
	{"examiners", SET_NUMBER, "2", 1, 16, "processes that examine messages side by side"},
	{"control", SET_PATH, "control.sock", 0, 0, "socket for daftarctl and the dashboard"},
	{"officers", SET_LIST, "", 0, 0,
		"users with every role; two of them change what needs two persons",
		.effect = SET_AT_RELOAD},
	{"viewers", SET_LIST, "", 0, 0, "users who may look", .effect = SET_AT_RELOAD},
	{"operators", SET_LIST, "", 0, 0, "users who keep it running: retry, hold, acknowledge",
		.effect = SET_AT_RELOAD},
	{"auditors", SET_LIST, "", 0, 0, "users who read the ledger and what was changed",
		.effect = SET_AT_RELOAD},
	{"dashboard-user", SET_TEXT, "", 0, 0,
		"user of the dashboard, which asks for those who are logged in",
		.effect = SET_AT_RELOAD},
	{"officer-keys", SET_PATH, "", 0, 0,
		"folder of NAME.pub, CURVE keys of persons who may come from afar"},
	{"control-listen", SET_TEXT, "", 0, 0,
		"where they connect, tcp://192.0.2.10:7602; nowhere by default"},
	{"alert-stuck-minutes", SET_NUMBER, "1440", 0, 525600,
		"a message that waits longer for its addressee is an alert; 0: never"},
	{"alert-deadline-hours", SET_NUMBER, "48", 0, 8760,
		"before a message expires untaken, or days to decide are over, there is an alert; "
		"0: never"},
	{"alert-silence-minutes", SET_NUMBER, "1440", 0, 525600,
		"the shortest silence of a party that can be an alert; 0: none is"},
	{"alert-store-percent", SET_NUMBER, "70", 0, 99,
		"of the store in use from which there is an alert; 0: never"},
	{"alert-forecast-days", SET_NUMBER, "14", 0, 3650,
		"before the store is full, at the rate of the last day; 0: never"},
	{"alert-backup-hours", SET_NUMBER, "48", 0, 87600,
		"a newest backup that is older is an alert; 0: never"},
	{"contacts", SET_LIST, "", 0, 0,
		"whom to call, \"CODE: desk, telephone, hours\"; of functions, never of persons",
		.effect = SET_AT_RELOAD},
	{"endpoint-file", SET_PATH, "", 0, 0, "file that gets the endpoint once it is bound"},
	{"pid-file", SET_PATH, "", 0, 0, "file that gets the process id"},
	{"log-level", SET_TEXT, "notice", 0, 0, "error, warning, notice or detail",
		.effect = SET_AT_RELOAD},
	{0},
};

static const struct {
	const char *word;
	enum log_level level;
} levels[] = {
	{"error", LOG_ERROR},
	{"warning", LOG_WARNING},
	{"notice", LOG_NOTICE},
	{"detail", LOG_DETAIL},
};

enum err
settings_level(const char *word, enum log_level *out)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (word != NULL && strcmp(levels[i].word, word) == 0) {
			*out = levels[i].level;
			return E_OK;
		}
	return E_CONFIG;
}

static enum err
log_level_of(const struct conf *conf, FILE *said, enum log_level *out)
{
	const char *word = conf_text(conf, "log-level");
	enum err e = settings_level(word, out);

	if (e != E_OK)
		fprintf(said, "daftard: log-level is error, warning, notice or detail, not `%s'\n",
			word != NULL ? word : "");
	return e;
}

enum err
settings_log(const struct conf *conf, FILE *said)
{
	enum log_level level;

	TRY(log_level_of(conf, said, &level));
	TRY(contacts_check(conf, said));
	log_open("daftard", level);
	return E_OK;
}

/* ---- while it runs ---- */

void
settings_apply(struct daftard *d)
{
	struct quota *usual = &d->quotas.usual;

	exchange_share(d->exchange, (unsigned)conf_number(d->conf, "store-share"));
	exchange_aside_after(d->exchange, (unsigned)conf_number(d->conf, "aside-after"));
	usual->messages = (uint32_t)conf_number(d->conf, "messages-per-minute");
	usual->day = (uint32_t)conf_number(d->conf, "messages-per-day");
	usual->octets = (uint32_t)conf_number(d->conf, "kib-per-minute") * 1024;
}

enum err
settings_read(struct daftard *d, const char *text, FILE *said, struct next_settings *out)
{
	OWNED_BUF(file) = {0};
	enum err e = E_OK;

	*out = (struct next_settings){.conf = NULL};
	if (text == NULL)
		e = config_reader_text(d->reader, &file);
	if (e != E_OK) {
		fprintf(said, "%s: cannot be read\n", conf_file(d->conf));
		return e;
	}
	TRY(conf_read(conf_file(d->conf), text != NULL ? text : (const char *)file.data,
		daftard_settings, said, &out->conf));
	e = log_level_of(out->conf, said, &out->level);
	if (e == E_OK)
		e = contacts_check(out->conf, said);
	if (e == E_OK)
		e = officers_load(&out->officers, out->conf, d->reader, said);
	if (e != E_OK)
		settings_drop(out);
	return e;
}

void
settings_drop(struct next_settings *n)
{
	conf_free(&n->conf);
	officers_free(&n->officers);
}

/* Nothing here can fail but the socket's mode; what was read was checked before. */
enum err
settings_adopt(struct daftard *d, struct next_settings *n)
{
	const struct officers before = d->officers;

	TRY(officers_admit(&n->officers, d->control));
	d->officers = n->officers;
	n->officers = before;
	for (const struct setting *s = daftard_settings; s->name != NULL; s++)
		if (s->effect == SET_AT_RELOAD)
			conf_take(d->conf, n->conf, s->name);
	settings_apply(d);
	remote_allow(d);
	log_level_set(n->level);
	settings_drop(n);
	return E_OK;
}
