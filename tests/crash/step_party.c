/* SPDX-License-Identifier: EUPL-1.2
 *
 * Steps of a party: its spool is made, brought to the present layout, copied; a message is filed, a
 * delivery is taken, and an extract that was taken becomes one entry of the register, with its
 * outcomes filed and its receipt kept, or is withdrawn before. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/daemon.h"
#include "adapters/settings.h"
#include "tests/crash/step.h"

static struct spool *s;

static void
open_spool(void)
{
	OWNED(char, folder, free_chars) = in_home("spool");

	step_try(spool_open(folder, STEP_MAP, &s), "spool");
}

static struct spool_counts
count(void)
{
	struct spool_scrub found;
	struct spool_counts c;

	must(spool_scrub(s, &found) == E_OK, "the spool is damaged: %s", found.first);
	must(spool_count(s, &c) == E_OK, "the spool cannot be counted");
	return c;
}

static void
make_spool(void)
{
	open_spool();
	spool_close(&s);
}

static void
spool_judge(void)
{
	(void)count();
}

static void
old_prepare(void)
{
	OWNED(char, command, free_chars) =
		xprintf("mkdir -p '%s/spool' && cp '%s/spool-1/data.mdb' '%s/spool/'", step_home,
			step_base, step_home);

	if (system(command) != 0)
		step_try(E_IO, command);
}

/* ---- filing and taking ---- */

static void
filed_honoured(const char *what, const char *more)
{
	struct out_entry e;
	OWNED_BUF(message) = {0};
	struct id id;

	must(strcmp(what, "filed") == 0 && id_parse(more, &id), "%s", what);
	must(spool_out(s, &id, &e, &message) == E_OK && e.state == OUT_FILED,
		"filed, and not there");
}

static void
file_run(void)
{
	OWNED_BUF(message) = {0};
	char id[ID_TEXT_SIZE];
	struct header h;

	open_spool();
	each_acknowledged(filed_honoured);
	read_base("request.xml", &message);
	step_try(message_header(buf_bytes(&message), &h), "header");
	step_try(spool_file(s, buf_bytes(&message), instant_now()), "file");
	id_format(&h.id, id);
	acknowledge("filed", id);
}

static void
file_judge(void)
{
	struct spool_counts c = count();

	must(c.out[OUT_FILED] == 1, "%llu messages are filed",
		(unsigned long long)c.out[OUT_FILED]);
	each_acknowledged(filed_honoured);
}

static void
taken_honoured(const char *what, const char *more)
{
	struct in_entry e;

	(void)more;
	must(strcmp(what, "taken") == 0, "%s", what);
	must(spool_next_in(s, IN_TAKEN, 0, &e, NULL) == E_OK, "taken, and not there");
}

static void
take_run(void)
{
	OWNED_BUF(message) = {0};
	bool again;

	open_spool();
	each_acknowledged(taken_honoured);
	read_base("extract.xml", &message);
	step_try(spool_take(s, buf_bytes(&message), instant_now(), &again), "take");
	acknowledge("taken", "extract");
}

static void
take_judge(void)
{
	struct spool_counts c = count();

	must(c.in[IN_TAKEN] == 1, "%llu messages are taken", (unsigned long long)c.in[IN_TAKEN]);
	each_acknowledged(taken_honoured);
}

/* ---- no room ---- */

static void
full_honoured(const char *what, const char *more)
{
	OWNED_BUF(value) = {0};

	must(strcmp(what, "fact") == 0, "%s", what);
	must(spool_fact(s, more, &value) == E_OK, "fact %s is not there", more);
}

/* Keeps facts until there is no room; what was taken before can still be worked on. */
static void
full_run(void)
{
	static const uint8_t filler[20000];
	OWNED_BUF(message) = {0};
	struct in_entry e;
	enum err err;
	size_t n = 0;
	bool again;

	open_spool();
	each_acknowledged(full_honoured);
	read_base("extract.xml", &message);
	step_try(spool_take(s, buf_bytes(&message), instant_now(), &again), "take");
	for (;; n++) {
		OWNED(char, name, free_chars) = xprintf("filler-%zu", n);

		err = spool_set_fact(s, name, bytes_of(filler, sizeof filler));
		if (err != E_OK)
			break;
		acknowledge("fact", name);
	}
	must(err == E_SPOOL_FULL, "refused with %s", err_word(err));
	if (spool_next_in(s, IN_CLAIMED, 0, &e, NULL) != E_OK)
		must(spool_next_in(s, IN_TAKEN, 0, &e, NULL) == E_OK &&
				spool_claim(s, &e.header.from, &e.header.id) == E_OK,
			"what was taken cannot be worked on");
	printf("facts=%zu\n", n);
}

static void
full_judge(void)
{
	(void)count();
	each_acknowledged(full_honoured);
}

/* ---- a copy ---- */

static void
copy_honoured(const char *what, const char *more)
{
	OWNED(char, folder, free_chars) = in_home(more);
	struct spool_scrub found;
	struct spool *copy = NULL;

	must(strcmp(what, "copy") == 0, "%s", what);
	must(spool_open(folder, 0, &copy) == E_OK, "the copy cannot be opened");
	must(spool_scrub(copy, &found) == E_OK, "the copy is damaged: %s", found.first);
	spool_close(&copy);
}

static void
backup_run(void)
{
	OWNED(char, folder, free_chars) = NULL;
	char name[16] = "copy-1";
	struct spool_scrub found;

	each_acknowledged(copy_honoured);
	for (int i = 1; i < 9; i++) {
		free(folder);
		snprintf(name, sizeof name, "copy-%d", i);
		folder = in_home(name);
		if (access(folder, F_OK) != 0)
			break;
	}
	open_spool();
	step_try(spool_backup(s, folder, &found), "backup");
	acknowledge("copy", name);
}

static void
backup_judge(void)
{
	(void)count();
	each_acknowledged(copy_honoured);
}

/* ---- entering ---- */

static struct daemon d;

/* HOME/adapter.conf belongs to the realm in BASE; spool and register are beside it. */
static void
start_adapter(void)
{
	OWNED(char, file, free_chars) = in_home("adapter.conf");
	struct conf *c = NULL;

	step_try(conf_load(file, settings_table(), &c), file);
	d.conf = c;
	step_try(start_schemas(&d), "schemas");
	step_try(start_spool(&d), "spool");
	step_try(start_trust(&d), "trust list");
	step_try(start_keys(&d), "keys");
	step_try(start_driver(&d), "driver");
	s = d.spool;
}

static void
take_base(const char *name)
{
	OWNED_BUF(message) = {0};
	bool again;

	read_base(name, &message);
	step_try(spool_take(s, buf_bytes(&message), instant_now(), &again), "take");
}

/* What it has taken; `second' may be NULL. */
static void
adapter_prepare(const char *first, const char *second)
{
	OWNED(char, command, free_chars) =
		xprintf("sed 's,@BASE@,%s,' '%s/adapter.conf' >'%s/adapter.conf' && mkdir -p "
			"'%s/register'",
			step_base, step_base, step_home, step_home);

	if (system(command) != 0)
		step_try(E_IO, command);
	start_adapter();
	take_base(first);
	if (second != NULL)
		take_base(second);
	daemon_clear(&d);
}

static void
enter_prepare(void)
{
	adapter_prepare("extract.xml", NULL);
}

/* What cannot be done now is put off, as in the adapter; here that is a refusal. */
static void
refuse_unless_done(uint64_t messages)
{
	struct spool_counts c;

	step_try(spool_count(s, &c), "count");
	if (c.in[IN_DONE] != messages)
		step_try(E_REGISTER, "put off");
}

static uint64_t
files(const char *folder, const char *end)
{
	OWNED(char, path, free_chars) = in_home(folder);
	DIR *dir = opendir(path);
	struct dirent *e;
	uint64_t n = 0;

	must(dir != NULL, "no folder %s", folder);
	while ((e = readdir(dir)) != NULL) {
		size_t size = strlen(e->d_name), tail = strlen(end);

		n += e->d_name[0] != '.' && size > tail &&
		     strcmp(e->d_name + size - tail, end) == 0;
	}
	closedir(dir);
	return n;
}

static void
entered_honoured(const char *what, const char *more)
{
	struct spool_counts c;

	(void)more;
	must(strcmp(what, "entered") == 0, "%s", what);
	must(files("register/new", ".xml") == 1, "entered, and not in the register");
	must(spool_count(s, &c) == E_OK && c.in[IN_DONE] == 1, "entered, and forgotten");
}

/* Everything that was taken, to its end. */
static void
work(void)
{
	struct core_options o = {.profile = {.register_name = "Register",
					 .office = "Office",
					 .place = "Place",
					 .certifier = "Registrar",
					 .legal_provision = "Law",
					 .appeal_body = "Court",
					 .name_rule = "as-authored",
					 .appeal_days = 30,
					 .expires_days = 30,
					 .retain_days = 90},
		.pair_secret = daemon_pair_secret,
		.context = &d};
	struct core *core;

	o.self = d.self;
	o.trust = d.trust;
	o.sign = d.sign;
	o.encrypt = d.encrypt;
	o.spool = d.spool;
	o.kind = d.kind;
	o.driver = d.driver;
	if (!party_parse("UNHCR.NBO", &o.profile.liaison))
		step_try(E_CONFIG, "liaison");
	core = core_new(&o);
	/* In the past for an hour at most: whoever put something off is asked again. */
	for (int64_t now = instant_now() - 3600000; now < instant_now(); now += 31000)
		if (core_work(core, now) == CORE_IDLE)
			break;
	core_free(&core);
}

static void
enter_run(void)
{
	start_adapter();
	each_acknowledged(entered_honoured);
	work();
	refuse_unless_done(1);
	acknowledge("entered", "extract");
}

static void
enter_judge(void)
{
	struct spool_counts c = count();
	OWNED(char, first, free_chars) = in_home("register/numbers/000001");

	must(files("register/new", ".xml") == 1, "not one entry");
	must(files("register/new", ".csv") == 1, "not one line");
	must(files("register/numbers", "") == 1 && access(first, F_OK) == 0,
		"not the number 1 alone was given");
	must(c.in[IN_DONE] == 1, "the extract is not done");
	must(c.out[OUT_FILED] == 2, "%llu outcomes are filed",
		(unsigned long long)c.out[OUT_FILED]);
}

/* ---- withdrawing ---- */

static void
withdraw_prepare(void)
{
	adapter_prepare("extract.xml", "withdrawal.xml");
}

/* Its end is what the withdrawal makes of it, and stays so. */
static void
withdrawn_honoured(const char *what, const char *more)
{
	struct in_entry e = {.order = 0};

	(void)more;
	must(strcmp(what, "withdrawn") == 0, "%s", what);
	while (spool_next_in(s, IN_DONE, e.order, &e, NULL) == E_OK)
		must(e.header.action == A_CANCELLATION ||
				(e.code == E_CONSENT_WITHDRAWN && e.stage == ST_REJECTED &&
					!e.body),
			"withdrawn, and not ended");
	must(e.order > 0, "withdrawn, and forgotten");
}

static void
withdraw_run(void)
{
	start_adapter();
	each_acknowledged(withdrawn_honoured);
	work();
	refuse_unless_done(2);
	acknowledge("withdrawn", "extract");
}

static void
withdraw_judge(void)
{
	struct spool_counts c = count();

	must(files("register", ".xml") == 0 && files("register", ".csv") == 0,
		"the register was touched");
	must(c.in[IN_DONE] == 2, "extract and withdrawal are not done");
	must(c.out[OUT_FILED] == 0, "%llu outcomes are filed",
		(unsigned long long)c.out[OUT_FILED]);
	each_acknowledged(withdrawn_honoured);
}

/* ---- the officer's tool, which is run as it is ---- */

static void
office_open(void)
{
	OWNED(char, folder, free_chars) = in_home("officer/spool");

	step_try(spool_open(folder, 0, &s), "spool");
}

static void
office_judge(void)
{
	struct spool_counts c = count();

	must(c.out[OUT_FILED] == 1, "%llu requests are filed",
		(unsigned long long)c.out[OUT_FILED]);
}

const struct scenario party_scenarios[] = {
	{"spool-first", NULL, open_spool, spool_judge},
	{"spool-old", old_prepare, open_spool, spool_judge},
	{"file", make_spool, file_run, file_judge},
	{"take", make_spool, take_run, take_judge},
	{"spool-backup", make_spool, backup_run, backup_judge},
	{"spool-full", NULL, full_run, full_judge},
	{"enter", enter_prepare, enter_run, enter_judge},
	{"withdraw", withdraw_prepare, withdraw_run, withdraw_judge},
	{"officer", NULL, office_open, office_judge},
	{0},
};
