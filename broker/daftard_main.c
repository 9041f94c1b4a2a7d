/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftard: the exchange's daemon. Options, the table of settings, and nothing else. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/daftard.h"
#include "lib/log.h"
#include "lib/secrets.h"

#define EXIT_USAGE 2
#define DEFAULT_FILE "/etc/daftar/daftard.conf"

static const struct setting settings[] = {
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
		"that one party may bring, 0: no bound; the trust list may say otherwise"},
	{"messages-per-day", SET_NUMBER, "100000", 0, 100000000,
		"that one party may bring, 0: no bound"},
	{"kib-per-minute", SET_NUMBER, "1048576", 0, 4194303, "likewise"},
	{"store-share", SET_NUMBER, "25", 0, 100,
		"percent of the store that the open messages of one sender may fill, 0: no bound"},
	{"examiners", SET_NUMBER, "2", 1, 16, "processes that examine messages side by side"},
	{"control", SET_PATH, "control.sock", 0, 0, "socket for daftarctl and the dashboard"},
	{"officers", SET_LIST, "", 0, 0,
		"users who may use the socket; two of them change what needs two persons"},
	{"alert-stuck-minutes", SET_NUMBER, "1440", 0, 525600,
		"a message that waits longer for its addressee is an alert; 0: never"},
	{"alert-deadline-hours", SET_NUMBER, "48", 0, 8760,
		"before a message expires untaken there is an alert; 0: never"},
	{"alert-silence-minutes", SET_NUMBER, "1440", 0, 525600,
		"the shortest silence of a party that can be an alert; 0: none is"},
	{"alert-store-percent", SET_NUMBER, "70", 0, 99,
		"of the store in use from which there is an alert; 0: never"},
	{"alert-forecast-days", SET_NUMBER, "14", 0, 3650,
		"before the store is full, at the rate of the last day; 0: never"},
	{"alert-backup-hours", SET_NUMBER, "48", 0, 87600,
		"a newest backup that is older is an alert; 0: never"},
	{"endpoint-file", SET_PATH, "", 0, 0, "file that gets the endpoint once it is bound"},
	{"pid-file", SET_PATH, "", 0, 0, "file that gets the process id"},
	{"log-level", SET_TEXT, "notice", 0, 0, "error, warning, notice or detail"},
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

struct options {
	const char *file;
	const char *backup; /* into this folder */
	bool check, verbose, scrub, restored;
};

static void
usage(FILE *to)
{
	fputs("usage: daftard [--config FILE] [--check-config [--verbose]]\n"
	      "       daftard [--config FILE] --scrub | --backup FOLDER | --restored\n"
	      "Runs the exchange in the foreground until it is told to stop.\n"
	      "  --config FILE    settings; without it " DEFAULT_FILE "\n"
	      "  --check-config   read settings, keys and trust list, say what is wrong, stop\n"
	      "  --verbose        with --check-config: print every setting\n"
	      "  --scrub          read all of the store, say what is damaged, stop; daftard may "
	      "run\n"
	      "  --backup FOLDER  copy the store into a new folder, scrub it, stop; daftard may "
	      "run\n"
	      "  --restored       the store is a copy that was put back: mark it, stop\n"
	      "  --help, --version\n"
	      "signals: TERM stops, HUP reads the trust list again\n"
	      "exit status: 0 stopped as told, 1 failed, 2 wrong usage\n",
		to);
}

/* -1: go on; otherwise the exit status. */
static int
read_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, 'k'},
		{"verbose", no_argument, NULL, 'v'},
		{"scrub", no_argument, NULL, 's'},
		{"backup", required_argument, NULL, 'b'},
		{"restored", no_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:", known, NULL)) != -1) {
		if (c == 'c')
			o->file = optarg;
		else if (c == 'k')
			o->check = true;
		else if (c == 'v')
			o->verbose = true;
		else if (c == 's')
			o->scrub = true;
		else if (c == 'b')
			o->backup = optarg;
		else if (c == 'r')
			o->restored = true;
		else if (c == 'V')
			return puts("daftard " PACKAGE_VERSION) < 0;
		else {
			usage(c == 'h' ? stdout : stderr);
			return c == 'h' ? EXIT_SUCCESS : EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "daftard: `%s' is not understood; see --help\n", argv[optind]);
	return EXIT_USAGE;
}

static bool
set_log(const struct conf *conf)
{
	const char *word = conf_text(conf, "log-level");

	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (word != NULL && strcmp(levels[i].word, word) == 0) {
			log_open("daftard", levels[i].level);
			return true;
		}
	fprintf(stderr, "daftard: log-level is error, warning, notice or detail, not `%s'\n",
		word != NULL ? word : "");
	return false;
}

static int
check(const struct conf *conf, const struct options *o)
{
	struct daftard d = {.conf = conf, .endpoint_fd = -1};
	enum err e = daftard_load(&d);

	if (o->verbose)
		conf_print(conf);
	if (e == E_OK)
		printf("%s: good; realm %s, trust list version %llu\n", o->file,
			trust_realm(d.trust), (unsigned long long)trust_version(d.trust));
	trust_free(&d.trust);
	cert_free(&d.operator_cert);
	key_free(&d.log_key);
	explicit_bzero(&d, sizeof d);
	return e == E_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
serve(const struct conf *conf)
{
	OWNED(struct daftard, d, daftard_close) = NULL;

	if (daftard_open(conf, &d) != E_OK)
		return EXIT_FAILURE;
	return daftard_run(d);
}

int
main(int argc, char **argv)
{
	struct options o = {.file = DEFAULT_FILE};
	OWNED(struct conf, conf, conf_free) = NULL;
	int status;

	secrets_guard();
	status = read_options(argc, argv, &o);
	if (status >= 0)
		return status;
	if (conf_load(o.file, settings, &conf) != E_OK || !set_log(conf))
		return EXIT_FAILURE;
	if (o.check)
		return check(conf, &o);
	if (o.scrub)
		return daftard_scrub(conf);
	if (o.backup != NULL)
		return daftard_backup(conf, o.backup);
	return o.restored ? daftard_restored(conf) : serve(conf);
}
