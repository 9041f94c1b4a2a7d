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

struct options {
	const char *file;
	const char *backup;  /* into this folder */
	const char *restore; /* from this one */
	bool check, verbose, scrub, restored, only_check;
};

static void
usage(FILE *to)
{
	fputs("usage: daftard [--config FILE] [--check-config [--verbose]]\n"
	      "       daftard [--config FILE] --scrub | --backup FOLDER | --restored\n"
	      "       daftard [--config FILE] --restore FOLDER [--check]\n"
	      "Runs the exchange in the foreground until it is told to stop.\n"
	      "  --config FILE    settings; without it " DEFAULT_FILE "\n"
	      "  --check-config   read settings, keys and trust list, say what is wrong, stop\n"
	      "  --verbose        with --check-config: print every setting\n"
	      "  --scrub          read all of the store, say what is damaged, stop; daftard may "
	      "run\n"
	      "  --backup FOLDER  copy the store into a new folder, scrub it, stop; daftard may "
	      "run\n"
	      "  --restore FOLDER put this copy in the store's place, where none is; --check: only "
	      "read it\n"
	      "  --restored       the store is a copy that was put back: mark it, stop\n"
	      "  --help, --version\n"
	      "signals: TERM stops, HUP reads the trust list and the configuration again\n"
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
		{"restore", required_argument, NULL, 'R'},
		{"check", no_argument, NULL, 'C'},
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
		else if (c == 'R')
			o->restore = optarg;
		else if (c == 'C')
			o->only_check = true;
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

static int
check(struct conf *conf, const struct options *o)
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
serve(struct conf *conf)
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
	if (conf_load(o.file, daftard_settings, &conf) != E_OK ||
		settings_log(conf, stderr) != E_OK)
		return EXIT_FAILURE;
	if (o.check)
		return check(conf, &o);
	if (o.scrub)
		return daftard_scrub(conf);
	if (o.backup != NULL)
		return daftard_backup(conf, o.backup);
	if (o.restore != NULL)
		return daftard_restore(conf, o.restore, o.only_check);
	return o.restored ? daftard_restored(conf) : serve(conf);
}
